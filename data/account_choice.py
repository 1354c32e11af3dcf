"""Accounts by their names, for staff: one that an address names, and as many as a list to search in can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, select

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
    is_closed: bool


@dataclass(frozen=True)
class Accounts:
    """The first of them by name, and whether there are more."""

    accounts: tuple[NamedAccount, ...]
    has_more: bool


def all_accounts(engine: Engine, principal: Principal) -> Accounts:
    """Those that this member of staff may see; closed ones too, because what they owe does not go away."""
    with reading(engine, principal, Permission.ACCOUNT_VIEW) as connection:
        query = _named().order_by(Account.name, Account.id).limit(MOST + 1)
        found = [NamedAccount(*row) for row in connection.execute(query)]
    return Accounts(tuple(found[:MOST]), len(found) > MOST)


def account_named(engine: Engine, principal: Principal, code: str) -> NamedAccount | None:
    """By its code, as an address names it; none that is not theirs to see."""
    with reading(engine, principal, Permission.ACCOUNT_VIEW) as connection:
        row = connection.execute(_named().where(Account.code == code)).one_or_none()
    return None if row is None else NamedAccount(*row)


def _named() -> Select[Any]:
    return select(Account.id, Account.code, Account.name, Account.closed_at.is_not(None))
