"""What reading a table file gives — rows — or why the file as a whole is refused."""

from __future__ import annotations

from dataclasses import dataclass

from rules.errors import Invalid
from rules.words import N_, Phrase

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file, as text; `number` is the line (CSV) or row (workbook) a person sees, the header's is 1."""

    file: str
    number: int
    values: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one file may cost us; the defaults are for uploads, by anybody."""

    file_bytes: int = 10 * _MB
    rows: int = 100_000
    cell_characters: int = 32_767  # what Excel itself allows
    parts: int = 200
    unpacked_bytes: int = 50 * _MB
    memory_bytes: int = 512 * _MB
    cpu_seconds: int = 10
    wait_seconds: float = 30


#: For `./portal import`: whoever runs it owns the machine, but may still have been handed a bad file.
COMMAND_LINE = Limits(
    file_bytes=1_000 * _MB,
    rows=5_000_000,
    unpacked_bytes=600 * _MB,
    memory_bytes=3_000 * _MB,
    cpu_seconds=180,
    wait_seconds=600,
)


class Refused(Invalid):
    """The file as a whole cannot be used: where in it, what is wrong, and the cure, each marked with N_; `values` fill
    their placeholders."""

    def __init__(
        self, file: str, problem: str, cure: str | Phrase, *, where: str | Phrase | None = None, **values: object
    ) -> None:
        wrong, right = Phrase(problem, values), cure if isinstance(cure, Phrase) else Phrase(cure, values)
        self.file, self.where = shown(file, 200), None if where is None else str(where)
        self.problem, self.cure = str(wrong), str(right)
        if where is None:
            super().__init__(N_("{file}: {problem}. {cure}."), file=self.file, problem=wrong, cure=right)
        else:
            message = N_("{file}, {where}: {problem}. {cure}.")
            super().__init__(message, file=self.file, where=where, problem=wrong, cure=right)


def shown(text: str, longest: int = 60) -> str:
    """Text from a file, fit for a message: no line breaks or terminal codes, not endless."""
    clean = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[: longest + 1])
    return clean if len(clean) <= longest else f"{clean[:longest]}…"


def in_line(number: object, unit: str = "line") -> Phrase:
    """Where in a file, as its program counts."""
    return Phrase(N_("row {number}") if unit == "row" else N_("line {number}"), {"number": number})
