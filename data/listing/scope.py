"""For which accounts a list is asked: one, several, or (staff) all. The policies decide; this is for the planner."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from data.models import Account
from data.models.rows import Hat
from rules.principal import Principal


@dataclass(frozen=True)
class Scope:
    """The accounts (None: all, for staff), the hat worn, and whose language and clock the list is read in."""

    accounts: tuple[int, ...] | None
    hat: Hat
    person_id: int
    time_zone: str = "UTC"

    @property
    def one(self) -> int | None:
        return self.accounts[0] if self.accounts is not None and len(self.accounts) == 1 else None

    @property
    def shows_account(self) -> bool:
        return self.one is None

    def condition(self, table: Table) -> list[ColumnElement[bool]]:
        """The accounts as a condition, so that an index by account is used."""
        if self.accounts is None or "account_id" not in table.c:  # people, for one, belong to no account
            return []
        if self.one is not None:
            return [table.c.account_id == self.one]
        return [table.c.account_id == any_(self.several)]

    @property
    def several(self) -> ColumnElement[list[int]]:
        """All of them as one value: with a hundred accounts as short a statement as with two."""
        return literal(list(self.accounts or ()), ARRAY(BigInteger))


def scope_of(connection: Connection, principal: Principal, hat: Hat, account: str | None, time_zone: str) -> Scope:
    """What this person looks at: the accounts in view, narrowed to the one the address names (by its code)."""
    if principal.is_staff:
        in_view = principal.chosen or (tuple(a.id for a in principal.accounts) if hat is Hat.MANAGER else None)
    else:
        in_view = principal.chosen
    if account is not None:
        named = connection.execute(select(Account.id).where(Account.code == account)).scalar()
        in_view = () if named is None or (in_view is not None and named not in in_view) else (named,)
    return Scope(in_view, hat, principal.person_id, time_zone)
