"""Half signed in: the password was right, and the second factor is still to come. Until then nothing is open.

It stands in the database, for minutes, bound to the browser; there is no token of it, so no page and no route takes it
for a session."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, text

from auth import codes
from auth.change_password import what_was_done
from auth.directory import Candidate
from auth.keys import address_key, email_key
from auth.sessions import hashed, new_token
from data.outbox import new_message_id
from data.settings import settings


@dataclass(frozen=True)
class Half:
    """Who is half signed in in a browser. Without `secret` they have no second factor yet, and have to set one up."""

    person_id: int
    email: str
    name: str
    browser: str = field(repr=False)
    secret: bytes | None = field(repr=False)


class Answer(StrEnum):
    """What became of a code."""

    IN = "in"
    WRONG = "wrong"
    WAIT = "wait"
    #: It took too long, or somebody else began to sign in here.
    OVER = "over"


@dataclass(frozen=True)
class Asker:
    """From where somebody asks, for the count, the mail and the audit log."""

    device: str
    address: str | None

    def counted_as(self, email: str) -> dict[str, Any]:
        return {
            "email_key": email_key(email),
            "address_key": address_key(self.address),
            "says": what_was_done(self.device, self.address),
            "message_id": new_message_id(),
        }


def password_proven(engine: Engine, person: Candidate, *, browser: str, then_to: str) -> str | None:
    """A code that opens a session, where a password is enough; None: this browser is half signed in now."""
    code = new_token()
    statement = "select signin.password_proven(:person, :code, :browser, :role, :next, :staff_must)"
    values = {
        "person": person.person_id,
        "code": hashed(code),
        "browser": hashed(browser),
        "role": person.role,
        "next": then_to,
        "staff_must": settings().staff_second_factor,
    }
    return code if _call(engine, statement, **values) else None


def half_of(engine: Engine, browser: str) -> Half | None:
    statement = text("select person_id, email, name, secret from signin.half(:browser)")
    with engine.begin() as connection:
        row = connection.execute(statement, {"browser": hashed(browser)}).one_or_none()
    return None if row is None else Half(row.person_id, row.email, row.name, browser, row.secret)


def leave_half(engine: Engine, browser: str) -> None:
    """Somebody else wants to sign in here."""
    _call(engine, "select signin.leave_half(:browser)", browser=hashed(browser))


def pass_half(engine: Engine, half: Half, typed: str, *, then_to: str, asker: Asker) -> tuple[Answer, str]:
    """With the code that opens a session, if they are in. A wrong one counts like a wrong password."""
    assert half.secret is not None, "who has no second factor yet sets one up"
    code, given = new_token(), codes.read(typed, half.secret, half.person_id)
    statement = (
        "select signin.pass_half(:browser, :person, :step, :recovery, :code, :next, :email_key, :address_key, "
        "cast(:says as jsonb), :message_id)"
    )
    values = {
        "browser": hashed(half.browser),
        "person": half.person_id,
        "step": given.step,
        "recovery": given.recovery_hash,
        "code": hashed(code),
        "next": then_to,
    }
    return Answer(_call(engine, statement, **values, **asker.counted_as(half.email))), code


def begin_in_half(engine: Engine, half: Half) -> str | None:
    """The secret that is being set up; the same when the page is loaded again. None if it is over meanwhile."""
    statement = "select signin.begin_factor_in_half(:browser, :person, :proposed)"
    kept = _call(engine, statement, browser=hashed(half.browser), person=half.person_id, proposed=_proposed(half))
    return None if kept is None else codes.opened(kept, half.person_id)


def _proposed(half: Half) -> bytes:
    return codes.sealed(codes.new_secret(), half.person_id)


def set_up_in_half(
    engine: Engine, half: Half, typed: str, *, then_to: str, asker: Asker
) -> tuple[Answer, str, tuple[str, ...]]:
    """With the code that opens a session, once its person has kept the recovery codes."""
    pending = _call(engine, "select pending_secret from signin.half(:browser)", browser=hashed(half.browser))
    if pending is None:
        return Answer.OVER, "", ()
    step = codes.read(typed, pending, half.person_id).step
    if step is None:
        return Answer.WRONG, "", ()
    code, recovery = new_token(), codes.new_recovery_codes()
    statement = (
        "select signin.set_up_in_half("
        ":browser, :secret, :step, :hashes, :code, :next, cast(:says as jsonb), :message_id)"
    )
    values = {
        "browser": hashed(half.browser),
        "secret": pending,
        "step": step,
        "hashes": codes.recovery_hashes(half.person_id, recovery),
        "code": hashed(code),
        "next": then_to,
        "says": what_was_done(asker.device, asker.address),
        "message_id": new_message_id(),
    }
    return (Answer.IN, code, recovery) if _call(engine, statement, **values) else (Answer.OVER, "", ())


def _call(engine: Engine, statement: str, **values: Any) -> Any:
    with engine.begin() as connection:
        return connection.execute(text(statement), values).scalar()
