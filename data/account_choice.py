"""Accounts to choose among, for staff: by name, as many as a list to search in can hold."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from data.database import reading
from data.models import Account
from rules.permissions import Permission
from rules.principal import Principal

#: A browser searches in so many at once; whoever looks for another one knows its code.
MOST = 2_000


@dataclass(frozen=True)
class NamedAccount:
    """An account as people call it."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class Accounts:
    """The first of them by name, and whether there are more."""

    accounts: tuple[NamedAccount, ...]
    has_more: bool


def all_accounts(engine: Engine, principal: Principal) -> Accounts:
    """Those that this member of staff may see; closed ones too, because what they owe does not go away."""
    query = select(Account.id, Account.code, Account.name).order_by(Account.name, Account.id).limit(MOST + 1)
    with reading(engine, principal, Permission.ACCOUNT_VIEW) as connection:
        found = [NamedAccount(*row) for row in connection.execute(query)]
    return Accounts(tuple(found[:MOST]), len(found) > MOST)
