"""For whom the desk can file a ticket: every account, by name."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from data.database import reading
from data.models import Account
from rules.permissions import Permission
from rules.principal import Principal


@dataclass(frozen=True)
class Customer:
    """An account as a picker shows it."""

    id: int
    code: str
    name: str


def accounts_of_the_desk(engine: Engine, principal: Principal) -> tuple[Customer, ...]:
    """A few hundred at most: the picker searches among them as somebody types."""
    query = select(Account.id, Account.code, Account.name).order_by(Account.name, Account.id)
    with reading(engine, principal, Permission.TICKET_WORK) as connection:
        return tuple(Customer(*row) for row in connection.execute(query))
