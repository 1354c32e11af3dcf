"""What rows of a file may name, because it is here already: accounts, sites, issuing entities, account managers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from data.models import Account, LegalEntity, Person, Site, StaffMember
from rules.permissions import StaffRole


@dataclass(frozen=True, slots=True)
class Known:
    """One of them, and the clock it lives by."""

    id: int
    name: str
    zone: ZoneInfo


@dataclass(frozen=True)
class Directory:
    """Code → what is known by it. Read before the rows are: the connection is taken while they are copied."""

    accounts: dict[str, Known]
    sites: dict[str, Known]
    entities: dict[str, Known]
    #: E-mail in lower case → the person, if they may look after accounts.
    managers: dict[str, int]

    @classmethod
    def read(cls, connection: Connection) -> Self:
        return cls(
            _by_code(connection, Account),
            _by_code(connection, Site),
            _by_code(connection, LegalEntity),
            _managers(connection),
        )

    @classmethod
    def for_billing(cls, connection: Connection) -> Self:
        """What an invoice may name; finance does not read who may look after accounts."""
        return cls(
            _by_code(connection, Account), _by_code(connection, Site), _by_code(connection, LegalEntity), managers={}
        )


def _by_code(connection: Connection, model: type[Account | Site | LegalEntity]) -> dict[str, Known]:
    rows = connection.execute(select(model.id, model.code, model.name, model.time_zone))
    return {row.code: Known(row.id, row.name, ZoneInfo(row.time_zone)) for row in rows}


def _managers(connection: Connection) -> dict[str, int]:
    query = (
        select(func.lower(Person.email), Person.id)
        .join(StaffMember, StaffMember.person_id == Person.id)
        .where(StaffMember.role == StaffRole.ACCOUNT_MANAGER, Person.disabled_at.is_(None))
    )
    return {email: person for email, person in connection.execute(query)}  # noqa: C416 - a row is more than a tuple
