"""How long somebody waits for a page of a list, at a million rows against ten thousand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle
from statistics import median
from urllib.parse import parse_qs

from bench.browser import Tab
from bench.measured import Result, Spread, rounds
from bench.plan import Bench
from bench.served import served
from bench.stage import Data
from data.listing import ListSpec, page_of, read_asked
from data.lists import LISTS

#: Of each list: what is asked, as its address says it. None of it is in a person's first page by chance.
ASKED = {
    "tickets": ("", "kind=fault", "kind=fault&sort=deadline", "stage=any&site=TYO1", "stage=any&severity=P2"),
    "invoices": (
        "", "status=overdue", "status=unpaid&sort=largest", "status=paid&sort=due_last", "due_in=next_30",
        "due_in=last_quarter", "ageing=over_90", "disputed=yes", "issuer=EX-JP", "site=TYO1", "po=PO-12",
        "total_from=500000&total_to=600000", "total_from=8000000",
    ),
    "inventory": ("", "kind=cabinet", "kind=cabinet&sort=contract_end", "status=planned&sort=contract_end"),
}  # fmt: skip
CUSTOMERS = {
    "small": "paa@bulk-small.example",
    "middle": "paa@bulk-middle.example",
    "largest": "paa@bulk-largest.example",
}
#: What is typed into the search field: rare, common and in between, by number and by word.
SEARCHED = {"tickets": ("000123", "power", "power cycle"), "invoices": ("INV", "000123"), "inventory": ("cab",)}
#: Somebody who searches waits no longer than this, in seconds, at a million rows.
FOUND_AFTER = 0.2
STAFF = {"tickets": "desk@portal.example", "invoices": "finance@portal.example", "inventory": "desk@portal.example"}

#: Clicks: the address to begin with, a filter, and the words it takes in turn.
CLICKS = {
    "tickets": ("tickets?stage=any", "kind", ("fault", "remote_hands")),
    "invoices": ("invoices", "status", ("paid", "unpaid")),
    "inventory": ("inventory", "kind", ("cabinet", "power_circuit")),
}
#: Small and large take turns after each, so that they share whatever else the machine does.
TURNS = 4  # to a round
#: Near the limit chance would decide: from here on a case is looked at four times as long, and all of it counts.
CLOSE = 1.2


def measure(bench: Bench) -> Iterator[Result]:
    yield from _rows(bench)
    yield from _clicks(bench)
    yield from _searches(bench)


def people(name: str) -> dict[str, str]:
    """Who looks at a list: accounts of every size, and staff over all of them."""
    return {**CUSTOMERS, "staff": STAFF[name]}


def _rows(bench: Bench) -> Iterator[Result]:
    """`page_of`, through the person's own login, hat and policies."""
    for name, asked in ASKED.items():
        for who, email in people(name).items():
            for query in asked:
                small, large = (_reading(data, LISTS[name], email, query) for data in (bench.small, bench.large))
                yield compared(bench, "lists.rows", f"{name} of {who}, {query or 'as it opens'}", small, large)


def _reading(data: Data, spec: ListSpec, email: str, query: str) -> Callable[[], float]:
    principal, engine, asked = data.principal(email), data.app, read_asked(spec, parse_qs(query))
    return seconds_of(lambda: page_of(engine, principal, spec, asked))


def seconds_of(do: Callable[[], object]) -> Callable[[], float]:
    """How long each call takes, once it was done for the first time."""

    def timed() -> float:
        started = time.perf_counter()
        do()
        return time.perf_counter() - started

    timed()
    return timed


def _clicks(bench: Bench) -> Iterator[Result]:
    with ExitStack() as stack:
        sizes = bench.small, bench.large
        servers = [(data, stack.enter_context(served(bench.stage, "portal", data))) for data in sizes]
        for name in ASKED:
            for who, email in people(name).items():
                tabs = [
                    stack.enter_context(
                        Tab(f"{server.url}/{CLICKS[name][0]}", cookie=server.cookie(data.token_of(email)))
                    )
                    for data, server in servers
                ]
                small, large = (_clicking(tab, name) for tab in tabs)
                yield compared(bench, "lists.click", f"{name} of {who}", small, large)


def _clicking(tab: Tab, name: str) -> Callable[[], float]:
    _address, key, words = CLICKS[name]
    turns = cycle(words)
    tab.load()

    def click() -> float:
        rerun = tab.click(tab.key(f"{name}.{key}."), [next(turns)])
        return rerun.table_seconds or rerun.seconds  # where nothing matches, there is no table to wait for

    for _ in range(4):
        click()
    return click


def _searches(bench: Bench) -> Iterator[Result]:
    for name, searched in SEARCHED.items():
        for who, email in people(name).items():
            for words in searched:
                query = f"stage=any&q={words}" if name == "tickets" else f"q={words}"
                (times,) = rounds(bench.plan.rounds, _reading(bench.large, LISTS[name], email, query))
                of = f"{words!r} in {name} of {who}"
                note = f"{median(times) * 1e3:.0f} ms"
                bench.say(f"lists.search {of}: {note}")
                yield Result("lists.search", Spread.of([each / FOUND_AFTER for each in times]), of, note)


def compared(bench: Bench, limit: str, of: str, small: Callable[[], float], large: Callable[[], float]) -> Result:
    at_small, at_large = rounds(bench.plan.rounds * TURNS, small, large)
    if median(at_large) / median(at_small) > CLOSE:
        more_small, more_large = rounds(3 * bench.plan.rounds * TURNS, small, large)
        at_small, at_large = at_small + more_small, at_large + more_large
    parts = [slice(turn, None, TURNS) for turn in range(TURNS)]
    of_parts = [median(at_large[part]) / median(at_small[part]) for part in parts]
    spread = Spread.around(median(at_large) / median(at_small), of_parts)
    note = f"{median(at_small) * 1e3:.1f} → {median(at_large) * 1e3:.1f} ms"
    bench.say(f"{limit} {of}: {spread.middle:.2f} ×, {note}")
    return Result(limit, spread, of, note)
