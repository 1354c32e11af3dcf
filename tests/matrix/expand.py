"""`python -m tests.matrix.expand` writes what the rules come to, cell by cell, into files that are committed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.matrix import answers, doors
from tests.matrix.people import identities
from tests.matrix.phrases import OPERATIONS, may, rows_of, tables

EXPANDED = Path(__file__).parent / "expanded.csv"
YES, NO = "x", "-"


def lines() -> Iterator[tuple[str, str, str, dict[str, bool]]]:
    """Table, operation, row, and who may."""
    for table in tables():
        for operation in OPERATIONS:
            for row in rows_of(table):
                if operation in row.operations:
                    who = {name: row.of_identity(identity) for name, identity in identities().items()}
                    yield (
                        table,
                        operation,
                        row.label,
                        {
                            name: theirs is not None and may(identities()[name], operation, theirs)
                            for name, theirs in who.items()
                        },
                    )


@cache
def expanded() -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["what", "operation", "row", *identities()])
    for what, operation, row, who in (*lines(), *doors.lines(), *answers.lines()):
        table.writerow([what, operation, row, *(YES if allowed else NO for allowed in who.values())])
    return out.getvalue()


if __name__ == "__main__":
    EXPANDED.write_text(expanded(), "utf-8")
