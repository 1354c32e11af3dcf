"""The role somebody works in who has two: one at a time, kept in the session, answered for by the database alone."""

from __future__ import annotations

from sqlalchemy import Engine, text

from auth.sessions import Signed, hashed, new_token
from rules.permissions import StaffRole


def other_roles(signed: Signed) -> tuple[StaffRole, ...]:
    """What a menu may offer; none to customers and to staff with one role."""
    return tuple(role for role in signed.roles if role is not signed.principal.role)


def change_role(engine: Engine, token: str, role: StaffRole | str, *, address: str | None = None) -> str | None:
    """From now on, in every tab of this browser: the token under which the session goes on. The one before is dead.

    None for a role the person does not have and for a session that is over: nothing has changed then."""
    fresh = new_token()
    with engine.begin() as connection:
        statement = text("select signin.work_as(:token, :role, :fresh, :address)")
        values = {"token": hashed(token), "role": str(role), "fresh": hashed(fresh), "address": address}
        return fresh if connection.scalar(statement, values) else None
