"""What happens to tickets when nobody does anything: they close, a visit nobody came to is a no-show, storage ends."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from data.ticketing.by_itself import AT_ONCE, close_resolved, mark_no_shows
from data.ticketing.storage import tell_of_storage

#: In one slot; what is left, after a long absence of the worker, follows in the next ones.
MOST_ROUNDS = 10


def close_tickets(connection: Connection) -> None:
    _until_done(connection, close_resolved)


def note_no_shows(connection: Connection) -> None:
    _until_done(connection, mark_no_shows)


def watch_storage(connection: Connection) -> None:
    tell_of_storage(connection)


def _until_done(connection: Connection, some: Callable[[Connection], int]) -> None:
    for _round in range(MOST_ROUNDS):
        if some(connection) < AT_ONCE:
            return
