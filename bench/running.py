"""Runs the measurements that are asked for, one after the other, and says what was found."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from bench.limits import LIMITS, MEASUREMENTS
from bench.measured import Result, Verdict, verdicts
from bench.plan import Bench, Plan
from bench.stage import stage
from data.server import Say


def run(plan: Plan, *, only: tuple[str, ...], keep: bool, say: Say) -> list[Verdict]:
    """A verdict for every limit of these measurements (all, if none is named)."""
    wanted = only or MEASUREMENTS
    with stage(keep=keep, say=say) as opened:
        bench = Bench(opened, plan, say)
        results = [result for name in wanted for result in _measured(bench, name)]
    return verdicts((limit for limit in LIMITS if limit.measurement in wanted), results)


def _measured(bench: Bench, name: str) -> Iterator[Result]:
    bench.say(f"measuring {name} …")
    yield from import_module(f"bench.{name}").measure(bench)
