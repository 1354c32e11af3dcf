"""Key team members: who looks after an account, and who runs it on the customer's side (SPEC R25)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine

from data.database import look_at, reading
from rules.permissions import Permission
from rules.principal import Principal

#: A team is read account by account; whoever looks at more of them at once is asked to choose one.
MOST_ACCOUNTS = 6

_TEAM = "select role, name, email, phone from authz.key_team()"


@dataclass(frozen=True)
class TeamMember:
    """Somebody to talk to, and for which of the accounts in view."""

    role: str
    name: str
    email: str
    phone: str | None
    accounts: tuple[int, ...]


def key_team(engine: Engine, principal: Principal) -> tuple[TeamMember, ...] | None:
    """The people of the accounts in view, each once; None where that would be too many accounts to show."""
    if not principal.chosen or len(principal.chosen) > MOST_ACCOUNTS:
        return None
    found: dict[TeamMember, tuple[int, ...]] = {}
    # whoever may do anything for an account may know whom to call; the database answers for one chosen account
    each = [principal.looking_at((account,)) for account in principal.chosen]
    with reading(engine, each[0], *Permission) as connection:
        for account, looking in zip(principal.chosen, each, strict=True):
            if looking is not each[0]:
                look_at(connection, looking, *Permission)
            for member in team_of(connection, account):
                someone = replace(member, accounts=())
                found[someone] = (*found.get(someone, ()), account)
    members = (replace(someone, accounts=accounts) for someone, accounts in found.items())
    return tuple(sorted(members, key=lambda member: (member.role != "account_manager", member.name)))


def team_of(connection: Connection, account: int) -> tuple[TeamMember, ...]:
    """The team of the one account that this transaction has chosen."""
    return tuple(TeamMember(*row, (account,)) for row in connection.exec_driver_sql(_TEAM))
