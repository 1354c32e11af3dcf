"""Does the web process keep growing while people click? Without a full collection after every run it must not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle
from statistics import linear_regression

from bench.browser import Tab
from bench.measured import Result, Spread
from bench.plan import Bench
from bench.served import Served, served
from bench.shell import ANA, FILTERS

SAMPLES = 60
MEGABYTE = 1e6


def measure(bench: Bench) -> Iterator[Result]:
    """Tabs come and go, lists are filtered, pages are opened; memory is read as it goes."""
    runs, sizes = [0], []
    with served(bench.stage, "portal", bench.demo) as server:
        cookie = server.cookie(bench.demo.token_of(ANA))
        pages = cycle(["", *FILTERS])
        while runs[-1] < bench.plan.soak:
            done = _visit(server, cookie, next(pages), bench.plan.soak // SAMPLES)
            sizes.append(server.memory() / MEGABYTE)
            runs.append(runs[-1] + done)
    at_first, warm, at_last = sizes[0], sizes[len(sizes) // 3], sizes[-1]
    note = f"{at_first:.0f} MB at first, {warm:.0f} MB when warm, {at_last:.0f} MB after {runs[-1]:,} runs"
    yield Result("soak.growth", growth(runs[1:], sizes), "", note)


def growth(runs: Sequence[int], sizes: Sequence[float]) -> Spread:
    """MB per 1,000 runs once warm: over the last two thirds, and over each of those."""
    third = len(runs) // 3
    whole, *parts = (
        linear_regression(runs[part], sizes[part]).slope * 1000
        for part in (slice(third, None), slice(third, 2 * third), slice(2 * third, None))
    )
    return Spread.around(whole, parts)


def _visit(server: Served, cookie: str, page: str, times: int) -> int:
    with ExitStack() as stack:
        tab = stack.enter_context(Tab(f"{server.url}/{page}", cookie=cookie))
        tab.load()
        for turn in range(times):
            if page in FILTERS and turn % 4:
                key, words = FILTERS[page]
                tab.click(tab.key(f"{page}.{key}."), [words[turn % len(words)]])
            else:
                tab.load()
    return times + 1
