"""Fills a new demo instance: the cast first, then two years of everything up to now."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

from sqlalchemy import Connection, text

from data.demo.audit import note_moves
from data.demo.cast import load_cast
from data.demo.companies import populate
from data.demo.draft import Draft, last_ids
from data.demo.inventory import stock
from data.demo.invoices import Invoices
from data.demo.news import News
from data.demo.orders import Orders
from data.demo.tickets import Tickets
from data.demo.unhindered import without_triggers
from data.migrate import bootstrap_engine
from data.models import Base
from data.security.roles import OWNER
from data.tallies import rebuild
from rules.request_types import REQUEST_TYPES, TicketKind

SEED = 20_260_101
#: Tables whose triggers would only repeat, row by row, what is counted once at the end.
_WITH_TRIGGERS = (
    "ticket",
    "invoice",
    "service_order",
    "inventory_item",
    "payment",
    "credit_application",
    "notice",
    "thread_message",
    "dispute",
)


def load(url: str, say: Callable[[str], None], *, password_hash: str, today: datetime | None = None) -> None:
    """Everything or nothing, in one transaction; the same `today` gives the same rows. Everybody gets the password."""
    now = (today or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    engine = bootstrap_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"set local role {OWNER}"))
            began = time.monotonic()
            _fill(connection, say, password_hash, now)
            say(f"the demo is ready after {time.monotonic() - began:.0f} s")
    finally:
        engine.dispose()


def _fill(connection: Connection, say: Callable[[str], None], password_hash: str, now: datetime) -> None:
    say("inventing companies and people …")
    load_cast(connection, password_hash)
    draft = Draft(_random("ids"), last_ids(connection))
    world = populate(connection, draft, _random("people"), now, password_hash)
    say("writing two years of tickets, invoices and orders …")
    assets = stock(draft, world, _random("inventory"))
    Orders(draft, world, _random("orders")).take()
    Invoices(draft, world, _random("invoices")).issue()
    numbers = Tickets(draft, world, assets, _random("tickets")).open()
    News(draft, world, _random("news")).spread()
    say(f"storing {draft.count:,} rows …")
    with without_triggers(connection, [f"portal.{table}" for table in _WITH_TRIGGERS]):
        draft.write(connection)
    note_moves(connection, now)
    advance_numbers(connection, numbers)
    rebuild(connection)
    _analyze(connection)


def _random(subject: str) -> Random:
    """One for each subject, so that more of one changes nothing of another."""
    return Random(f"{SEED}:{subject}")


def advance_numbers(connection: Connection, used: dict[TicketKind, int]) -> None:
    """The portal's next ticket continues after ours."""
    for kind, last in used.items():
        sequence = f"portal.ticket_number_{REQUEST_TYPES[kind].prefix.lower()}"
        connection.execute(
            text("select setval(cast(:sequence as regclass), :last)"), {"sequence": sequence, "last": last}
        )


def _analyze(connection: Connection) -> None:
    """So that the first pages are planned for what is there."""
    for table in Base.metadata.sorted_tables:
        if table.schema == "portal":
            connection.execute(text(f"analyze {table}"))
