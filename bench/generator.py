"""How long the million-row database takes to make."""

from __future__ import annotations

from collections.abc import Iterator

from bench.measured import Result, Spread
from bench.plan import Bench

PROMISED = 300.0


def measure(bench: Bench) -> Iterator[Result]:
    """The time it took whenever it was made: a kept database is not made again for this."""
    seconds = bench.stage.seconds_to_fill(bench.large)
    note = f"{seconds:.0f} s for {bench.plan.large:,} tickets, as many invoices and half as many items"
    yield Result("generator.time", Spread.of([seconds / PROMISED]), "", note)
