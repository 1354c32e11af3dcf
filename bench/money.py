"""How long finance waits for what is owed over all accounts, and a customer for a statement, at a million invoices."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any
from urllib.parse import parse_qs

from bench.lists import CUSTOMERS, people
from bench.measured import Result, Spread, rounds
from bench.plan import Bench
from data.billing import AccountsAsked, billing_of
from data.invoices import INVOICES
from data.invoicing.collections import CollectionsAsked, list_late
from data.invoicing.statement import StatementAsked, statement_of
from data.listing import read_asked, summary_of

FINANCE = "finance@portal.example"
#: Seconds that somebody waits for each, at most.
SUMS_AFTER, AGEING_AFTER, STATEMENT_AFTER = 0.2, 0.2, 1.0
#: What a tally knows, and so is counted from it however many match.
SUMMED = ("", "status=unpaid", "ageing=over_90&ageing=disputed", "due_in=this_month", "issuer=EX-JP", "disputed=yes")
#: Days back: now, and days for which what came since is taken back.
BACK = (0, 30, 365)


def measure(bench: Bench) -> Iterator[Result]:
    yield from _sums(bench)
    yield from _ageing(bench)
    yield from _statements(bench)


def _sums(bench: Bench) -> Iterator[Result]:
    data = bench.large
    for who, email in people("invoices").items():
        principal = data.principal(email)
        for query in SUMMED:
            asked = read_asked(INVOICES, parse_qs(query))
            of = f"invoices of {who}, {query or 'as it opens'}"
            yield _timed(bench, "money.sums", of, SUMS_AFTER, partial(summary_of, data.app, principal, INVOICES, asked))


def _ageing(bench: Bench) -> Iterator[Result]:
    data, today = bench.large, datetime.now(UTC).date()
    finance = data.principal(FINANCE)
    asked: dict[str, Callable[[], Any]] = {
        "by currency": lambda: billing_of(data.app, finance, accounts=None, months=False),
        "by account": lambda: billing_of(data.app, finance, accounts=AccountsAsked(), months=False),
        "by account, searched": lambda: billing_of(data.app, finance, accounts=AccountsAsked("large"), months=False),
        "by month": lambda: billing_of(data.app, finance, accounts=None),
        "by day": lambda: billing_of(data.app, finance, accounts=None, months=False, calendar=today),
        "collections": lambda: list_late(data.app, finance, CollectionsAsked()),
    }
    for of, ask in asked.items():
        yield _timed(bench, "money.ageing", of, AGEING_AFTER, ask)


def _statements(bench: Bench) -> Iterator[Result]:
    data, today = bench.large, datetime.now(UTC).date()
    for who, email in CUSTOMERS.items():
        principal = data.principal(email)
        for back in BACK:
            asked = StatementAsked(day=today - timedelta(days=back))
            of = f"of {who}, {back} days back"
            yield _timed(
                bench, "money.statement", of, STATEMENT_AFTER, partial(statement_of, data.app, principal, asked)
            )


def _timed(bench: Bench, limit: str, of: str, after: float, ask: Callable[[], Any]) -> Result:
    def once() -> float:
        started = time.perf_counter()
        ask()
        return time.perf_counter() - started

    once()
    (times,) = rounds(bench.plan.rounds, once)
    note = f"{median(times) * 1e3:.0f} ms"
    bench.say(f"{limit} {of}: {note}")
    return Result(limit, Spread.of([each / after for each in times]), of, note)
