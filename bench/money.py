"""How long finance waits for what is owed, paid and disputed over all accounts, and a customer for a statement and what
they dispute, at a million invoices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import text

from bench.lists import CUSTOMERS, FOUND_AFTER, compared, people, seconds_of
from bench.measured import Result, Spread, rounds
from bench.plan import Bench
from bench.stage import Data
from data.billing import AccountsAsked, billing_of
from data.disputes import DISPUTES
from data.invoices import INVOICES
from data.invoicing.bank_file import preview_of
from data.invoicing.bank_lines import list_bank_lines
from data.invoicing.collections import CollectionsAsked, list_late
from data.invoicing.payable import payable_by
from data.invoicing.statement import StatementAsked, statement_of
from data.listing import page_of, read_asked, summary_of

FINANCE = "finance@portal.example"
#: Seconds that somebody waits for each, at most.
SUMS_AFTER, AGEING_AFTER, STATEMENT_AFTER, DISPUTES_AFTER = 0.2, 0.2, 1.0, 0.05
#: What a tally knows, and so is counted from it however many match.
SUMMED = ("", "status=unpaid", "ageing=over_90&ageing=disputed", "due_in=this_month", "issuer=EX-JP", "disputed=yes")
#: Days back: now, and days for which what came since is taken back.
BACK = (0, 30, 365)
#: Of disputes: those that go on, all that ever were, and those that need another table or order.
DISPUTED = ("", "status=closed", "status=closed&sort=largest", "reason=price", "currency=JPY", "opened_from=2020-01-01")
SEARCHED = ("INV", "cross connects", "BULK-0042", "nowhere to be found")
#: A bank's file of a day: a third names what it pays, a third is only an amount, a third is nobody's.
LINES = 300
OPEN = "select number, balance, currency from portal.invoice where state = 'issued' order by id desc limit :n"


def measure(bench: Bench) -> Iterator[Result]:
    yield from _disputes(bench)
    yield from _bank(bench)
    yield from _sums(bench)
    yield from _ageing(bench)
    yield from _statements(bench)


def _disputes(bench: Bench) -> Iterator[Result]:
    """Pages of disputes, and what is searched in them."""
    for who, email in people("invoices").items():
        for query in DISPUTED:
            page = _page(bench.large, email, query)
            yield _timed(bench, "money.disputes", f"of {who}, {query or 'as they open'}", DISPUTES_AFTER, page)
        for words in SEARCHED:
            found = _page(bench.large, email, f"q={words}")
            yield _timed(bench, "money.search", f"{words!r} in disputes of {who}", FOUND_AFTER, found)


def _page(data: Data, email: str, query: str) -> Callable[[], Any]:
    return partial(page_of, data.app, data.principal(email), DISPUTES, read_asked(DISPUTES, parse_qs(query)))


def _bank(bench: Bench) -> Iterator[Result]:
    """What finance does about money that came in, over all accounts."""
    sizes = [_bank_work(data) for data in (bench.small, bench.large)]
    for of in sizes[0]:
        yield compared(bench, "money.rows", of, *(seconds_of(work[of]) for work in sizes))


def _bank_work(data: Data) -> dict[str, Callable[[], Any]]:
    finance, app = data.principal(FINANCE), data.app
    content = _bank_file(data)
    line = list_bank_lines(app, finance)[0]
    return {
        "lines of the bank that wait": lambda: list_bank_lines(app, finance),
        "what a line may pay": lambda: payable_by(app, finance, line),
        "a bank's file, matched": lambda: preview_of(app, finance, "bank.csv", content, "USD"),
    }


def _bank_file(data: Data) -> bytes:
    with data.as_owner() as connection:
        invoices = connection.execute(text(OPEN), {"n": LINES}).all()
    said = (f"Invoice {number}" if n % 3 == 0 else "transfer" for n, (number, *_money) in enumerate(invoices))
    day = datetime.now(UTC).date() - timedelta(days=2)
    rows = (
        f"{day},{balance + (n % 3 == 2)},{currency},{words},"
        for n, ((_number, balance, currency), words) in enumerate(zip(invoices, said, strict=True))
    )
    return "\n".join(("Date,Amount,Currency,Reference,Payer", *rows)).encode()


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
    (times,) = rounds(bench.plan.rounds, seconds_of(ask))
    note = f"{median(times) * 1e3:.0f} ms"
    bench.say(f"{limit} {of}: {note}")
    return Result(limit, Spread.of([each / after for each in times]), of, note)
