"""How the child that reads a workbook tells the parent what it would not read."""

from __future__ import annotations

from enum import IntEnum


class Ending(IntEnum):
    """Exit statuses with a meaning; any other is a signal or a bug."""

    REFUSED = 3
    OUT_OF_MEMORY = 4


class Refusal(Exception):
    """Problem, cure and where; the parent makes a `Refused` of them."""

    def __init__(
        self,
        problem: str,
        cure: str = "Open it in Excel or LibreOffice, save it as .xlsx, and try again",
        where: str | None = None,
    ) -> None:
        super().__init__(problem)
        self.problem, self.cure, self.where = problem, cure, where
