"""What reading a table file gives — rows — or why the file as a whole is refused."""

from __future__ import annotations

from dataclasses import dataclass

from rules.errors import Invalid

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
    """The file as a whole cannot be used: where in it, what is wrong, and the cure."""

    def __init__(self, file: str, problem: str, cure: str, *, where: str | None = None) -> None:
        self.file, self.where, self.problem, self.cure = shown(file, 200), where, problem, cure
        place = f"{self.file}, {where}" if where else self.file
        super().__init__(f"{place}: {problem}. {cure}.")


def shown(text: str, longest: int = 60) -> str:
    """Text from a file, fit for a message: no line breaks or terminal codes, not endless."""
    clean = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[: longest + 1])
    return clean if len(clean) <= longest else f"{clean[:longest]}…"
