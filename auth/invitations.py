"""Answering an invitation: somebody new sets a password by the link in the letter, whoever signs in already accepts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Engine, TextClause, text

from auth.change_password import password_problems
from auth.keys import email_key
from auth.passwords import hash_password
from auth.sessions import hashed, new_token
from data.engines import auth_engine
from rules.errors import Invalid, Problems
from rules.names import LONGEST_NAME, as_name
from rules.words import N_


class Answer(StrEnum):
    """How an invitation stands for whoever looks at it, or what became of accepting it."""

    NEW = "new"  # nobody signs in with this address yet
    KNOWN = "known"  # somebody does: they sign in to accept
    JOINED = "joined"
    MEMBER = "member"  # they belong to the account already
    OVER = "over"  # used, expired, taken back, sent again, or never made
    REFUSED = "refused"  # whoever invited may not any more, or the account is closed


@dataclass(frozen=True)
class Seen:
    """What the page of an invitation may say; all but the state is empty where there is nothing to answer."""

    state: Answer
    uuid: UUID | None = None
    account: str = ""
    email: str = ""
    name: str = ""
    invited_by: str = ""
    role: str = ""


_LOOK = text("select * from signin.look_at_invitation(:token)")
_LOOK_AT_OWN = text("select * from signin.look_at_own_invitation(:session, :invitation)")
_ACCEPT = text("select signin.accept_invitation(:token, :hash, :name, :language, :key, :address)")
_ACCEPT_OWN = text("select signin.accept_own_invitation(:session, :invitation, :fresh, :address)")


def look_at(token: str) -> Seen:
    """By the link: it changes nothing, because programs that look through mail open links too."""
    return _seen(_LOOK, token=hashed(token))


def look_at_own(session_token: str, invitation: UUID) -> Seen:
    """The same for whoever is signed in under the address that was invited; for everybody else there is none."""
    return _seen(_LOOK_AT_OWN, session=hashed(session_token), invitation=invitation)


def _seen(statement: TextClause, **values: object) -> Seen:
    with auth_engine().begin() as connection:
        row = connection.execute(statement, values).mappings().one()
    state = Answer(row["state"])
    known = {name: value or "" for name, value in row.items() if name not in ("state", "uuid")}
    return Seen(state, row["uuid"], **known)


def accept(
    token: str, name: str, password: str, repeated: str, *, language: str = "en", address: str | None = None
) -> Answer:
    """Somebody new joins, once, with this name and password. Problems, each with its field, if they will not do."""
    seen = look_at(token)
    if seen.state is not Answer.NEW:
        return seen.state
    problems = _name_problems(name) + password_problems(password, repeated, seen.email, name)
    if problems:
        raise Problems(problems)
    values = {
        "token": hashed(token),
        "hash": hash_password(password),
        "name": as_name(name),
        "language": language,
        "key": email_key(seen.email),
        "address": address,
    }
    with auth_engine().begin() as connection:
        return Answer(connection.scalar(_ACCEPT, values))


def _name_problems(name: str) -> list[Invalid]:
    if not as_name(name):
        return [Invalid(N_("Enter your name."), "name")]
    if len(as_name(name)) > LONGEST_NAME:
        return [Invalid(N_("The name is too long: use at most 100 characters."), "name")]
    return []


def accept_own(
    engine: Engine, session_token: str, invitation: UUID, *, address: str | None = None
) -> tuple[Answer, str | None]:
    """Whoever is signed in joins; and the token under which their session goes on, because they hold more from now on.

    None: nothing has changed."""
    fresh = new_token()
    values = {
        "session": hashed(session_token),
        "invitation": invitation,
        "fresh": hashed(fresh),
        "address": address,
    }
    with engine.begin() as connection:
        answer = Answer(connection.scalar(_ACCEPT_OWN, values))
    return answer, fresh if answer is Answer.JOINED else None
