"""Generate report: how long it takes against writing the same rows from memory, and what it needs meanwhile."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from statistics import median
from urllib.parse import urlsplit

from sqlalchemy import text

from bench.floor import Batch, write_floor
from bench.measured import Result, Spread, ratios
from bench.plan import Bench
from bench.served import Served, served
from data.invoices import INVOICES
from data.listing import Asked, stream_of
from ui.report import report_columns, sheet_columns

WHO = "finance@portal.example"
MEGABYTE = 1e6


@dataclass(frozen=True)
class Download:
    """One report as a browser sees it, and what it cost the server."""

    rows: int
    seconds: float
    first_byte: float
    growth: int
    cpu: float


def measure(bench: Bench) -> Iterator[Result]:
    largest = bench.plan.large
    fewest, some = largest // 100, bench.plan.report_rows
    single = {rows: _in_a_fresh_server(bench, rows) for rows in (fewest, some, largest)}
    for rows, download in single.items():
        bench.say(f"report of {rows:,}: {download}")
        yield Result("report.memory", Spread.of([download.growth / MEGABYTE]), f"{rows:,} rows")
        yield Result("report.first_byte", Spread.of([download.first_byte]), f"{rows:,} rows")
    more = single[largest].growth - single[fewest].growth
    yield Result("report.flat", Spread.of([more / MEGABYTE]), f"{largest:,} rows against {fewest:,}")
    yield _against_floor(bench, some)


def _in_a_fresh_server(bench: Bench, rows: int) -> Download:
    """In its own, because memory that an earlier report left behind would hide what this one takes."""
    with served(bench.stage, "portal", bench.large) as server:
        cookie = server.cookie(bench.large.token_of(WHO))
        _download(server, cookie, "issued_from=2100-01-01", 0)  # imports, the first connection, an empty workbook
        return _download(server, cookie, f"issued_from={_since(bench, rows)}", rows)


def _against_floor(bench: Bench, rows: int) -> Result:
    since = _since(bench, rows)
    columns = report_columns(INVOICES, several_accounts=True)
    kept = _in_memory(bench, since)
    floor, ours = [], []
    with ExitStack() as stack:
        server = stack.enter_context(served(bench.stage, "portal", bench.large))
        cookie = server.cookie(bench.large.token_of(WHO))
        _download(server, cookie, f"issued_from={since}", rows)
        for _ in range(max(3, bench.plan.rounds // 3)):
            started = time.perf_counter()
            write_floor(bench.stage.folder / "floor.zip", sheet_columns(columns), kept)
            floor.append(time.perf_counter() - started)
            ours.append(_download(server, cookie, f"issued_from={since}", rows))
    note = f"{median(floor):.2f} s from memory, {median(each.seconds for each in ours):.2f} s with the database, "
    note += f"{median(each.cpu for each in ours):.2f} s CPU of the web process"
    count = sum(len(batch) for batch in kept)
    return Result("report.time", Spread.of(ratios([each.seconds for each in ours], floor)), f"{count:,} rows", note)


def _in_memory(bench: Bench, since: date) -> list[Batch]:
    """The rows of the report as its writer gets them."""
    columns = report_columns(INVOICES, several_accounts=True)
    asked = Asked().within("issued", since, None)
    principal = bench.large.principal(WHO)
    rows = stream_of(bench.large.app, principal, INVOICES, asked, columns, time_zone="UTC")
    return [[tuple(row) for row in batch] for batch in rows]


def _since(bench: Bench, rows: int) -> date:
    """From which day on about so many invoices were issued."""
    query = text("select issue_date from portal.invoice order by issue_date desc offset :rows limit 1")
    with bench.large.as_owner() as connection:
        day = connection.scalar(query, {"rows": rows - 1})
        return day or connection.scalar(text("select min(issue_date) from portal.invoice"))


def _download(server: Served, cookie: str, query: str, rows: int) -> Download:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=600)
    before, cpu = server.memory(), server.cpu()
    server.forget_peak()
    started = time.perf_counter()
    connection.request("GET", f"/reports/invoices.xlsx?{query}", headers={"Cookie": cookie})
    answer = connection.getresponse()
    if answer.status != http.client.OK:
        raise RuntimeError(f"the report answers {answer.status}: {answer.read()[:200]!r}")
    answer.read(1)
    first = time.perf_counter() - started
    while answer.read(1 << 20):
        pass
    seconds = time.perf_counter() - started
    connection.close()
    return Download(rows, seconds, first, server.peak() - before, server.cpu() - cpu)
