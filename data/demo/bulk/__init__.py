"""The million-row database for benchmarks: the same SQL makes ten thousand rows or a million, in unequal accounts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, text

from data.demo.bulk.accounts import LARGEST, MANAGER, MIDDLE, SMALL, BulkAccount, has_places, make_accounts, slots_for
from data.demo.bulk.holdings import ITEMS, ORDER_LINES, ORDERS
from data.demo.bulk.invoices import INVOICES, LINES
from data.demo.bulk.settling import BANK_LINES, DISPUTES, PAYMENTS, THREADS
from data.demo.bulk.ticket_rows import CLOCKS, FAULTS, LOG, REMOTE_HANDS, SHIPMENTS, VISITS
from data.demo.bulk.tickets import REQUESTS, TICKETS
from data.demo.cast import load_cast
from data.demo.draft import advance_ids
from data.demo.unhindered import without_indexes, without_references, without_triggers
from data.migrate import bootstrap_engine
from data.models import Base
from data.security.roles import OWNER
from data.tallies import rebuild
from rules.request_types import REQUEST_TYPES

__all__ = ["LARGEST", "MANAGER", "MIDDLE", "SMALL", "generate"]

Say = Callable[[str], None]
SPAN = timedelta(days=730)


def generate(
    url: str,
    *,
    tickets: int = 1_000_000,
    invoices: int = 1_000_000,
    items: int = 500_000,
    orders: int | None = None,
    accounts: int = 500,
    seed: int = 1,
    say: Say,
    password_hash: str | None = None,
    today: datetime | None = None,
) -> None:
    """All or nothing, in one transaction that also takes indexes away and brings them back; afterwards a vacuum.
    Unless said otherwise there is an order for every ten tickets.

    The largest account is BULK-LARGEST, a middle one BULK-MIDDLE, a small one BULK-SMALL (accounts.py says more).
    With a password hash their people can sign in, and so can the cast if it was not there before."""
    now = (today or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    engine = bootstrap_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"set local role {OWNER}"))
            for setting in ("maintenance_work_mem = '512MB'", "work_mem = '64MB'", "synchronous_commit = off"):
                connection.execute(text(f"set local {setting}"))
            making = _Making(connection, seed, now, say, password_hash)
            making.accounts(accounts)
            making.tickets(tickets)
            making.invoices(invoices)
            making.items(items)
            making.orders(tickets // 10 if orders is None else orders)
            with making.step("tallies"):
                rebuild(connection)
        _vacuum(engine, say)
    finally:
        engine.dispose()


@dataclass
class _Making:
    connection: Connection
    seed: int
    now: datetime
    say: Say
    password_hash: str | None
    all_accounts: list[BulkAccount] | None = None

    @contextmanager
    def step(self, what: str) -> Generator[None]:
        began = time.monotonic()
        yield
        self.say(f"{what}: {time.monotonic() - began:.1f} s")

    def accounts(self, count: int) -> None:
        if not has_places(self.connection):
            load_cast(self.connection, self.password_hash)
        rng = Random(f"{self.seed}:bulk")
        self.all_accounts = make_accounts(self.connection, count, rng, self.now, self.password_hash)

    def tickets(self, rows: int) -> None:
        used = max(self._last_number(prefix) for prefix in _PREFIXES)
        details = {"remote_hands": REMOTE_HANDS, "fault": FAULTS, "shipment": SHIPMENTS, "site_visit": VISITS}
        with self._quickly("ticket", rows, *details, "ticket_clock", "status_change") as values:
            self._run("tickets", TICKETS, values | {"used": used, **_texts()})
            with self.step("rows beside tickets"):
                for statement in (*details.values(), LOG, CLOCKS):
                    self.connection.execute(text(statement), values)
        for prefix in _PREFIXES:
            self.connection.execute(
                text("select setval(cast(:sequence as regclass), :last)"),
                {"sequence": _sequence(prefix), "last": used + rows},
            )

    def invoices(self, rows: int) -> None:
        followers = "invoice_line", "payment", "dispute", "dispute_message", "bank_line"
        with self._quickly("invoice", rows, *followers) as values:
            self._run("invoices", INVOICES, values)
            self._run("invoice lines", LINES, values)
            self._run("lines of the bank", BANK_LINES, values)
            self._run("payments", PAYMENTS, values)
            self._run("disputes", DISPUTES, values)
            self._run("what is said in them", THREADS, values)

    def items(self, rows: int) -> None:
        with self._quickly("inventory_item", rows) as values:
            self._run("inventory", ITEMS, values)

    def orders(self, rows: int) -> None:
        with self._quickly("service_order", rows, "order_line") as values:
            self._run("orders", ORDERS, values)
            self._run("order lines", ORDER_LINES, values)

    @contextmanager
    def _quickly(self, table: str, rows: int, *followers: str) -> Generator[dict[str, Any]]:
        """Triggers and indexes away, and what every statement needs to know."""
        tables = [f"portal.{name}" for name in (table, *followers)]
        values = {
            "seed": self.seed,
            "rows": rows,
            "base": self.connection.scalar(text(f"select coalesce(max(id), 0) from portal.{table}")),
            "now": self.now,
            "today": self.now.date(),
            "began": self.now - SPAN,
            "step": SPAN.total_seconds() / (rows + 1),
            "slots": json.dumps(slots_for(rows, self.all_accounts or []), default=str),
        }
        with (
            without_triggers(self.connection, tables),
            without_references(self.connection, tables),
            without_indexes(self.connection, tables),
        ):
            yield values
            began = time.monotonic()
        self.say(f"indexes and references of {table}: {time.monotonic() - began:.1f} s")
        advance_ids(self.connection, Base.metadata.tables[tables[0]])

    def _run(self, what: str, statement: str, values: dict[str, Any]) -> None:
        with self.step(what):
            self.connection.execute(text(statement), values)

    def _last_number(self, prefix: str) -> int:
        query = text(f"select case when is_called then last_value else 0 end from {_sequence(prefix)}")
        return int(self.connection.scalar(query))


_PREFIXES = tuple(request.prefix for request in REQUEST_TYPES.values())


def _sequence(prefix: str) -> str:
    return f"portal.ticket_number_{prefix.lower()}"


def _texts() -> dict[str, list[str]]:
    """The English texts, with places for cabinet, device and port that SQL's format() fills."""
    return {
        "subjects": [_for_format(request.subject) for request in REQUESTS],
        "descriptions": [_for_format(request.description) for request in REQUESTS],
    }


def _for_format(words: str) -> str:
    places = {"cabinet": "%1$s", "device": "%2$s", "port": "%3$s", "count": "3", "site": "Tokyo"}
    return words.replace("%", "%%").format_map(places)


def _vacuum(engine: Engine, say: Say) -> None:
    """So that the first query is planned and answered as the thousandth; it cannot be part of a transaction."""
    began = time.monotonic()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"set role {OWNER}"))
        for table in Base.metadata.sorted_tables:
            if table.schema == "portal":
                connection.execute(text(f"vacuum (analyze) {table}"))
        connection.execute(text("reset role"))
    say(f"vacuum: {time.monotonic() - began:.1f} s")
