"""Somebody's own second factor, once they are signed in: how it stands, setting it up, recovery codes, its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, text

from auth import codes
from auth.change_password import WRONG_PASSWORD, what_was_done
from auth.directory import Directory
from auth.half_way import Asker
from auth.sessions import hashed
from data.outbox import new_message_id
from data.settings import settings
from rules.errors import Invalid, NotProven, SignedOut
from rules.principal import Principal
from rules.words import N_

_HASHED = "cast(:says as jsonb), :message_id)"
WRONG = N_("The code is not correct, or it was used already. Wait until your app shows a new one.")
WAIT = N_("There were too many tries. Wait a little and try again.")


@dataclass(frozen=True)
class Factor:
    """How somebody stands with it. `is_proved`: they proved within ten minutes that it is they."""

    person_id: int
    email: str
    secret: bytes | None = field(repr=False)
    since: datetime | None
    recovery_left: int
    is_required: bool
    has_password: bool
    is_proved: bool

    @property
    def is_set_up(self) -> bool:
        return self.secret is not None


class Switched(StrEnum):
    OFF = "off"
    REQUIRED = "required"


def factor_of(engine: Engine, principal: Principal) -> Factor:
    statement = text("select * from signin.factor_of(:token, :staff_must)")
    values = {"token": hashed(principal.token), "staff_must": settings().staff_second_factor}
    with engine.begin() as connection:
        row = connection.execute(statement, values).one_or_none()
    if row is None:
        raise SignedOut
    return Factor(*row)


def begin(engine: Engine, principal: Principal) -> str:
    """The secret that is being set up in this browser; the same when the page is loaded again. NotProven first."""
    proposed = codes.sealed(codes.new_secret(), principal.person_id)
    kept = _call(engine, principal, "select signin.begin_factor(:token, :proposed)", proposed=proposed)
    secret = None if kept is None else codes.opened(kept, principal.person_id)
    if secret is None:
        raise NotProven
    return secret


def set_up(engine: Engine, principal: Principal, typed: str, *, asker: Asker) -> tuple[str, ...]:
    """Keeps what `begin` began, once a code of it is typed; the recovery codes, which nobody can read again."""
    proposed = codes.sealed(codes.new_secret(), principal.person_id)  # there is one already, which stays
    pending = _call(engine, principal, "select signin.begin_factor(:token, :proposed)", proposed=proposed)
    if pending is None:
        raise NotProven
    step = codes.read(typed, pending, principal.person_id).step
    if step is None:
        raise Invalid(WRONG, "code")
    recovery = codes.new_recovery_codes()
    done = _call(
        engine,
        principal,
        f"select signin.set_up_factor(:token, :secret, :step, :hashes, {_HASHED}",
        secret=pending,
        step=step,
        hashes=codes.recovery_hashes(principal.person_id, recovery),
        **_told(asker),
    )
    if not done:
        raise NotProven
    return recovery


def replace_recovery_codes(engine: Engine, principal: Principal, *, asker: Asker) -> tuple[str, ...]:
    """Ten others; those from before are worth nothing."""
    recovery = codes.new_recovery_codes()
    hashes = codes.recovery_hashes(principal.person_id, recovery)
    statement = f"select signin.new_recovery_codes(:token, :hashes, {_HASHED}"
    if not _call(engine, principal, statement, hashes=hashes, **_told(asker)):
        raise NotProven
    return recovery


def switch_off(engine: Engine, principal: Principal, password: str, typed: str, *, asker: Asker) -> None:
    """By the password and a code. Invalid where either is wrong, and where it is required."""
    factor = factor_of(engine, principal)
    if factor.secret is None:
        return
    if factor.has_password and not right_password(engine, principal, password, asker):
        raise Invalid(WRONG_PASSWORD, "password")
    given = codes.read(typed, factor.secret, principal.person_id)
    answer = _call(
        engine,
        principal,
        f"select signin.switch_factor_off(:token, :staff_must, :step, :recovery, :email_key, :address_key, {_HASHED}",
        staff_must=settings().staff_second_factor,
        step=given.step,
        recovery=given.recovery_hash,
        **asker.counted_as(factor.email),
    )
    if answer == Switched.REQUIRED:
        raise Invalid(N_("You need a second factor here, so it cannot be switched off."), "code")
    if answer != Switched.OFF:
        raise Invalid(WAIT if answer == "wait" else WRONG, "code")


def right_password(engine: Engine, principal: Principal, password: str, asker: Asker) -> bool:
    """Their own; a wrong one counts as a failed try to sign in."""
    directory = Directory(engine, asker.address)
    proven = directory.proves(principal.email, password) and directory.proven
    return bool(proven) and proven.person_id == principal.person_id


def prove(engine: Engine, principal: Principal, typed: str, *, asker: Asker) -> None:
    """It is they: a code where they have a second factor, else their password. For ten minutes."""
    factor = factor_of(engine, principal)
    given, is_right = codes.Typed(), False
    if factor.secret is not None:
        given = codes.read(typed, factor.secret, principal.person_id)
    else:
        is_right = right_password(engine, principal, typed, asker)
    answer = _call(
        engine,
        principal,
        f"select signin.step_up(:token, :is_right, :step, :recovery, :email_key, :address_key, {_HASHED}",
        is_right=is_right,
        step=given.step,
        recovery=given.recovery_hash,
        **asker.counted_as(factor.email),
    )
    if answer != "proved":
        wrong = WRONG if factor.is_set_up else WRONG_PASSWORD
        raise Invalid(WAIT if answer == "wait" else wrong, "proof")


def is_proved(engine: Engine, token: str) -> bool:
    """Within the last ten minutes."""
    with engine.begin() as connection:
        return bool(connection.scalar(text("select signin.is_proved(:token)"), {"token": hashed(token)}))


def _told(asker: Asker) -> dict[str, Any]:
    return {"says": what_was_done(asker.device, asker.address), "message_id": new_message_id()}


def _call(engine: Engine, principal: Principal, statement: str, **values: Any) -> Any:
    with engine.begin() as connection:
        return connection.execute(text(statement), {"token": hashed(principal.token), **values}).scalar()
