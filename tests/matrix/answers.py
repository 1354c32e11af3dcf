"""What the sign-in is told (answers.yaml): by each function that its login may call, for whatever somebody can show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.matrix.people import Identity, identities, read
from tests.matrix.phrases import Row, fits


@cache
def written() -> Mapping[str, Any]:
    """answers.yaml as it stands."""
    return read("answers.yaml")


def answers() -> Mapping[str, Any]:
    return written()["answers"]


def shown(answer: str) -> tuple[Row, ...]:
    """What somebody shows to get this answer, as it can be."""
    kind = answers()[answer]["shown"]
    return tuple(
        Row(
            kind,
            label,
            account=said.get("account"),
            of=said.get("of"),
            kind=said.get("kind", ""),
            flags=frozenset(said.get("is", ())),
        )
        for label, said in written()["shown"][kind].items()
    )


def is_told(identity: Identity, answer: str, row: Row) -> bool:
    return any(fits(identity, who, row) for who in answers()[answer]["who"])


def lines() -> Iterator[tuple[str, str, str, dict[str, bool]]]:
    """As the tables are expanded: which answer, to what is shown, and who gets it."""
    for answer in answers():
        for row in shown(answer):
            theirs = {name: row.of_identity(identity) for name, identity in identities().items()}
            told = {n: of is not None and is_told(identities()[n], answer, of) for n, of in theirs.items()}
            yield f"answer of {answer}", "ask", row.label, told
