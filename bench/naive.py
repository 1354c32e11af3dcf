"""How much faster a click on our ticket list is than on the page one would write first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle
from statistics import median

from bench.browser import Tab
from bench.measured import Result, Spread, ratios, rounds
from bench.plan import Bench
from bench.served import Served, served

KINDS = ("fault", "remote_hands", "shipment", "site_visit")
CLICKS = 4  # in a round: each of the naive page takes a second


def measure(bench: Bench) -> Iterator[Result]:
    """Staff over all accounts: the hardest case for us, and the only one that page has."""
    with ExitStack() as stack:
        ours, naive = (stack.enter_context(served(bench.stage, what, bench.large)) for what in ("portal", "naive"))
        cookie = ours.cookie(bench.large.token_of("desk@portal.example"))
        tabs = (
            stack.enter_context(Tab(f"{ours.url}/tickets", cookie=cookie)),
            stack.enter_context(Tab(f"{naive.url}/")),
        )
        clicks = _clicking(tabs[0], "tickets.kind.", [[kind] for kind in KINDS]), _clicking(tabs[1], "kind", [*KINDS])
        at_ours, at_naive = rounds(max(3, bench.plan.rounds // 3), *clicks)
        yield Result("naive.faster", Spread.of(ratios(at_naive, at_ours)), "", _note(at_ours, at_naive, ours, naive))


def _clicking(tab: Tab, key: str, words: Sequence[object]) -> Callable[[], float]:
    turns = cycle(words)
    tab.load()

    def click() -> float:
        rerun = tab.click(tab.key(key), next(turns))
        return rerun.seconds

    for _ in words:
        click()
    return lambda: median(click() for _ in range(CLICKS))


def _note(at_ours: list[float], at_naive: list[float], ours: Served, naive: Served) -> str:
    times = f"{median(at_ours) * 1e3:.0f} ms against {median(at_naive) * 1e3:.0f} ms"
    return f"{times}, memory {ours.memory() / 1e6:.0f} against {naive.memory() / 1e6:.0f} MB"
