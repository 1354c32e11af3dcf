"""Writes: check → change → audit → outbox in one transaction, and the same click twice is one deed."""

from __future__ import annotations

import hashlib
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, OperationalError

from data.database import belonging, writing
from data.models import CommandKey
from rules.errors import Busy, Conflict, Forbidden, NotProven
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

#: A database that restarts is waited for, where the key makes sure that the second try is no second deed.
PATIENCE = 8.0  # seconds
#: What PostgreSQL calls a policy, a grant or a function that refuses, and what others hold for longer than we wait.
REFUSED, HELD = "42501", "55P03"
log = structlog.get_logger("portal.commands")
_BREATH = 0.3


@dataclass(frozen=True)
class Work:
    """What a command works with: the one transaction, in the hat of the person who asked."""

    connection: Connection
    principal: Principal


@dataclass(frozen=True)
class Done:
    """What became of it, as JSON can say it. `again`: it had been done before, under the same key."""

    result: Mapping[str, Any]
    again: bool = False

    def __getitem__(self, name: str) -> Any:
        return self.result[name]


class Command(ABC):
    """Something that somebody wants done, in the imperative. A frozen dataclass: what it says is all that counts."""

    #: What the audit log and the key call it.
    name: ClassVar[str]
    #: Makes something new, so that a double click would make two: it needs a key.
    creates: ClassVar[bool] = False
    #: Matters so much that whoever does it must have proved within ten minutes that it is they (auth/step_up.py).
    needs_proof: ClassVar[bool] = False

    @abstractmethod
    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission | None]:
        """Who does it, looking at which account, by which function (None: they belong to it, which is enough for next
        to nothing); NotFound or Forbidden where that is nobody."""

    @abstractmethod
    def carry_out(self, work: Work) -> Mapping[str, Any]:
        """Check, change, note it in the audit log and write the mail; what is raised undoes all of it."""


def execute(engine: Engine, principal: Principal, command: Command, *, key: UUID | None = None) -> Done:
    """Do it, all or nothing. `key` is made when the form opens: the same key with the same content gives the same
    result, with other content a Conflict."""
    assert key is not None or not command.creates, f"{command.name} makes something new and needs a key"
    if key is None:
        return _once(engine, principal, command, None)
    return _patiently(lambda: _once(engine, principal, command, key))


def _once(engine: Engine, principal: Principal, command: Command, key: UUID | None) -> Done:
    who, permission = command.reach(engine, principal)
    begun = belonging(engine, who) if permission is None else writing(engine, who, permission)
    with _refusing(command), begun as connection:
        if key is not None and (earlier := _claimed(connection, who, command, key)) is not None:
            return earlier
        if command.needs_proof and not connection.scalar(text("select authz.proved()")):
            raise NotProven(command.name)
        result = dict(command.carry_out(Work(connection, who)))
        if key is not None:
            mine = CommandKey.person_id == who.person_id, CommandKey.key == key
            connection.execute(update(CommandKey).where(*mine).values(result=result))
    return Done(result)


@contextmanager
def _refusing(command: Command) -> Iterator[None]:
    """What the page still offered and the database refuses: a right was taken away meanwhile."""
    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state == HELD:  # by an import, say, that changes a thousand invoices at once; the database is well
            raise Busy(N_("It is being changed by somebody else right now. Try it again in a moment.")) from error
        if state != REFUSED:
            raise
        log.warning("command.refused", command=command.name, reason=str(error.orig).splitlines()[0])
        raise Forbidden(command.name) from error


def _claimed(connection: Connection, principal: Principal, command: Command, key: UUID) -> Done | None:
    """Take the key, or tell what was done under it. Whoever comes second waits here until the first is through."""
    print_of_it = fingerprint(command)
    row = {"person_id": principal.person_id, "key": key, "command": command.name, "fingerprint": print_of_it}
    taking = insert(CommandKey).values(row).on_conflict_do_nothing().returning(CommandKey.key)
    if connection.execute(taking).scalar() is not None:
        return None
    earlier = connection.execute(
        select(CommandKey.command, CommandKey.fingerprint, CommandKey.result).where(
            CommandKey.person_id == principal.person_id, CommandKey.key == key
        )
    ).one()
    if (earlier.command, earlier.fingerprint) != (command.name, print_of_it):
        raise Conflict(N_("This was sent before with other content. Open the form again to send something new."))
    return Done(earlier.result or {}, again=True)


T = TypeVar("T")


def _patiently(attempt: Callable[[], T]) -> T:
    """Again while the database is away; a statement that is wrong fails at once."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return attempt()
        except OperationalError as error:
            away = error.connection_invalidated or error.statement is None or _is_away(error)
            if not away or time.monotonic() + _BREATH > until:
                raise
            time.sleep(_BREATH)


def _is_away(error: OperationalError) -> bool:
    """Shutting down, starting up, or gone: classes 08 and 57P of SQLSTATE, or no answer at all."""
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))


def fingerprint(command: Command) -> bytes:
    """Of all that the command says and is compared by; of a file, what it is and not how it is spelled."""
    return hashlib.sha256(json.dumps([command.name, _plain(command)], sort_keys=True).encode()).digest()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.compare}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date | Decimal | UUID):
        return str(value)
    return value
