"""Somebody new among the staff: they get a link by mail with which they choose their first password."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Engine

from auth.password_links import token_of
from auth.sessions import hashed
from data.commands import Done, execute
from data.staff import AddStaff
from rules.permissions import StaffRole
from rules.principal import Principal


def add_staff(engine: Engine, principal: Principal, email: str, name: str, role: StaffRole, *, key: UUID) -> Done:
    """The link is made of the key of the form, so that the same click twice makes the same one."""
    nonce = f"staff:{key.hex}"
    command = AddStaff(email, name, role, nonce, hashed(token_of(nonce)))
    return execute(engine, principal, command, key=key)
