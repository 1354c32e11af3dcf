"""The arithmetic of the benchmark: how figures spread, what is compared with what, and which limit was kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """Figures of several rounds: the least, the middle and the most of them."""

    least: float
    middle: float
    most: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        return cls(min(figures), median(figures), max(figures))

    @classmethod
    def around(cls, whole: float, parts: Sequence[float]) -> Spread:
        """A figure over everything that was measured, between those over parts of it."""
        return cls(min(whole, *parts), whole, max(whole, *parts))


def ratios(measured: Sequence[float], base: Sequence[float]) -> list[float]:
    """Round by round: what disturbed a round disturbed both of its figures."""
    return [figure / its_base for figure, its_base in zip(measured, base, strict=True)]


def rounds(count: int, *takes: Callable[[], float]) -> list[list[float]]:
    """Take turns, A B A B …: the figures of each, in the order of the rounds."""
    figures: list[list[float]] = [[] for _ in takes]
    for _ in range(count):
        for kept, take in zip(figures, takes, strict=True):
            kept.append(take())
    return figures


@dataclass(frozen=True)
class Limit:
    """What has to hold. `key` is "<measurement>.<what>"; the middle of the figures counts."""

    key: str
    words: str
    figure: float
    at_least: bool = False
    unit: str = "×"

    @property
    def measurement(self) -> str:
        return self.key.partition(".")[0]

    def holds(self, spread: Spread) -> bool:
        return spread.middle >= self.figure if self.at_least else spread.middle <= self.figure

    def text(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {_figure(self.figure)} {self.unit}"


@dataclass(frozen=True)
class Result:
    """A figure for a limit, of what exactly, and what else is worth knowing about it."""

    limit: str
    spread: Spread
    of: str = ""
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """A limit and what was measured for it; no result is no success."""

    limit: Limit
    result: Result | None

    @property
    def is_kept(self) -> bool:
        return self.result is not None and self.limit.holds(self.result.spread)

    def cells(self) -> tuple[str, ...]:
        words, answer = self.limit.words, "yes" if self.is_kept else "NO"
        if self.result is None:
            return words, "not measured", self.limit.text(), answer, ""
        spread, of = self.result.spread, self.result.of
        figures = f"**{_figure(spread.middle)}** ({_figure(spread.least)} to {_figure(spread.most)})"
        return (f"{words}: {of}" if of else words), figures, self.limit.text(), answer, self.result.note


def worst(limit: Limit, results: Iterable[Result]) -> Result:
    """Of several that share a limit, the one nearest to it or furthest beyond."""
    return (min if limit.at_least else max)(results, key=lambda result: result.spread.middle)


def verdicts(limits: Iterable[Limit], results: Iterable[Result]) -> list[Verdict]:
    """One for every limit; of several results the worst. A result nobody set a limit for is a mistake of ours."""
    limits = tuple(limits)
    by_key: dict[str, list[Result]] = {limit.key: [] for limit in limits}
    for result in results:
        by_key[result.limit].append(result)
    return [Verdict(limit, worst(limit, by_key[limit.key]) if by_key[limit.key] else None) for limit in limits]


def table(found: Iterable[Verdict]) -> str:
    """As Markdown."""
    heading = ("what", "measured (least to most)", "limit", "kept", "")
    lines = [heading, ("---",) * len(heading), *(verdict.cells() for verdict in found)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _figure(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
