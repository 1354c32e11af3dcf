"""How much is measured: enough to believe it, or a quick look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bench.stage import Data, Stage
from data.server import Say


@dataclass(frozen=True)
class Plan:
    """Sizes and repetitions."""

    large: int = 1_000_000
    small: int = 10_000
    rounds: int = 15
    #: Runs of a page in one round.
    runs: int = 5
    report_rows: int = 100_000
    import_rows: int = 100_000
    tries: int = 200
    starts: int = 3
    soak: int = 6_000
    #: Seconds for which tabs stand open while something changes.
    live: int = 60


QUICK = Plan(
    large=100_000, rounds=5, runs=3, report_rows=20_000, import_rows=10_000, tries=20, starts=1, soak=1_200, live=24
)


@dataclass(frozen=True)
class Bench:
    """What every measurement is given."""

    stage: Stage
    plan: Plan
    say: Say

    @cached_property
    def demo(self) -> Data:
        """What a demo instance shows, with everything the pages have."""
        from auth.passwords import hash_password  # noqa: PLC0415 - slow, and not every measurement needs people
        from data.demo import load  # noqa: PLC0415

        return self.stage.data("demo", lambda url: load(url, self.say, password_hash=hash_password("not used")))

    @cached_property
    def small(self) -> Data:
        return self._bulk(self.plan.small)

    @cached_property
    def large(self) -> Data:
        return self._bulk(self.plan.large)

    def _bulk(self, rows: int) -> Data:
        """So many tickets and invoices, half as many items, in accounts of very different size."""
        from data.demo.bulk import generate  # noqa: PLC0415 - see above

        def fill(url: str) -> None:
            generate(url, tickets=rows, invoices=rows, items=rows // 2, say=self.say)

        return self.stage.data(f"bulk_{rows}", fill)
