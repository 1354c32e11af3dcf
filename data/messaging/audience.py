"""Whom an account manager could write to: their customers, by where these are and how they stand."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine, func, select

from data.customers import how_they_stand
from data.database import reading
from data.models import Account, InventoryItem, Site
from rules.errors import Forbidden
from rules.permissions import Permission, StaffRole
from rules.principal import Principal

P = Permission


@dataclass(frozen=True)
class Candidate:
    """One account, the countries where it has something, and what is open there."""

    uuid: UUID
    code: str
    name: str
    countries: frozenset[str]
    open_tickets: int
    overdue_invoices: int


@dataclass(frozen=True)
class Wanted:
    """Which of them; without a word about it all."""

    countries: frozenset[str] = frozenset()
    with_open_tickets: bool = False
    with_overdue_invoices: bool = False

    def takes(self, one: Candidate) -> bool:
        return (
            (not self.countries or bool(self.countries & one.countries))
            and (not self.with_open_tickets or one.open_tickets > 0)
            and (not self.with_overdue_invoices or one.overdue_invoices > 0)
        )


def audience(engine: Engine, principal: Principal) -> tuple[Candidate, ...]:
    """All whom this manager looks after and whose account is open, by name."""
    if principal.role is not StaffRole.ACCOUNT_MANAGER:
        raise Forbidden(P.BROADCAST_SEND)
    how = how_they_stand("")
    there = (
        select(InventoryItem.account_id, func.array_agg(Site.country.distinct()).label("countries"))
        .join(Site, Site.id == InventoryItem.site_id)
        .group_by(InventoryItem.account_id)
        .subquery("there")
    )
    query = (
        select(Account.uuid, Account.code, Account.name, there.c.countries, how.c.open, how.c.overdue)
        .join(how, how.c.id == Account.id)
        .outerjoin(there, there.c.account_id == Account.id)
        .where(Account.closed_at.is_(None))
        .order_by(Account.name, Account.id)
    )
    with reading(engine, principal, P.BROADCAST_SEND) as connection:
        rows = connection.execute(query).all()
    return tuple(
        Candidate(uuid, code, name, frozenset(there or ()), n_open, overdue)
        for uuid, code, name, there, n_open, overdue in rows
    )
