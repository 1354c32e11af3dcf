"""Another password for whoever is signed in: they prove the one they have, and their other browsers are signed out."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import Engine, text

from auth.directory import Directory
from auth.passwords import check_rules, hash_password, same
from auth.sessions import hashed
from data.outbox import new_message_id
from rules.errors import Invalid, Problems, SignedOut
from rules.principal import Principal
from rules.words import N_

WRONG_PASSWORD = N_("This is not your current password, or there were too many tries. Wait a little.")


def what_was_done(device: str, address: str | None) -> str:
    """What the mail about it says: from where, and when."""
    said = {"at": datetime.now(UTC).isoformat(), "device": device[:200], "address": address}
    return json.dumps(said)


def change_password(
    engine: Engine,
    principal: Principal,
    current: str,
    password: str,
    repeated: str,
    *,
    device: str,
    address: str | None,
) -> None:
    """Problems, each with its field, unless it was done. A wrong current password counts as a failed try to sign in."""
    problems = []
    if not current.strip():
        problems.append(Invalid(N_("Enter the password you have now."), "current"))
    problems += password_problems(password, repeated, principal.email, principal.name)
    if problems:
        raise Problems(problems)
    directory = Directory(engine, address)
    proven = directory.proves(principal.email, current) and directory.proven
    if not proven or proven.person_id != principal.person_id:
        raise Problems([Invalid(WRONG_PASSWORD, "current")])
    if same(password, current):
        raise Problems([Invalid(N_("This is the password you have now: choose another one."), "password")])
    values = {
        "token": hashed(principal.token),
        "person": principal.person_id,
        "hash": hash_password(password),
        "says": what_was_done(device, address),
        "message_id": new_message_id(),
    }
    statement = text("select signin.change_password(:token, :person, :hash, cast(:says as jsonb), :message_id)")
    with engine.begin() as connection:
        if not connection.scalar(statement, values):
            raise SignedOut


def password_problems(password: str, repeated: str, email: str, name: str) -> list[Invalid]:
    """All that is wrong with a password and its repetition, for the fields of these names."""
    found = []
    try:
        check_rules(password, email, name)
    except Invalid as problem:
        found.append(problem)
    if password.strip() != repeated.strip():
        found.append(Invalid(N_("The two passwords are not the same."), "repeated"))
    return found
