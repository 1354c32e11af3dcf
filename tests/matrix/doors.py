"""The ways in that are no tables (doors.yaml): who may open which page and list, and call which function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.matrix.people import Identity, identities, read
from tests.matrix.phrases import Row, fits, rows_of

NOWHERE = Row("", "")


@cache
def doors() -> Mapping[str, Any]:
    """doors.yaml as it stands."""
    return read("doors.yaml")


def opens(identity: Identity, kind: str, name: str) -> bool:
    """May they open this page, or this list?"""
    return any(fits(identity, who, NOWHERE) for who in doors()[kind][name]["open"])


def takes_along(identity: Identity, name: str) -> bool:
    """May they have it as a report?"""
    proved = identity.has_proved or not doors()["lists"][name].get("proof")
    return proved and _exports(identity, name)


def proves_first(identity: Identity, name: str) -> bool:
    """They may, and are asked for proof before."""
    return _exports(identity, name) and not takes_along(identity, name)


def _exports(identity: Identity, name: str) -> bool:
    return opens(identity, "lists", name) and any(fits(identity, who, NOWHERE) for who in doors()["taken along by"])


def knows(identity: Identity, page: str) -> bool:
    """Is there such a page for their kind?"""
    known_to = doors()["pages"][page]["known to"]
    return known_to in ("everybody", "customers" if identity.is_customer else "staff")


def does(identity: Identity, command: str, row: Row) -> bool:
    about = doors()["commands"][command]
    proved = identity.has_proved or not about.get("proof")
    return proved and any(fits(identity, who, row) for who in about["who"])


def rows_for(command: str) -> tuple[Row, ...]:
    """The rows that a command is tried on."""
    about = doors()["commands"][command]
    rows = (row for row in rows_of(about["to"]) if row.is_planted() and "taken up" not in row.flags)
    if about["to"] != "ticket":
        return tuple(rows)
    if about.get("each kind"):
        return tuple(row for row in rows if row.site)
    return tuple(row for row in rows if row.kind == "remote_hands")


def deed_rows(function: str) -> tuple[Row, ...]:
    """The rows that a function is tried on."""
    return tuple(row for row in rows_of(doors()["deeds"][function]["to"]) if row.is_planted())


def works(identity: Identity, function: str, row: Row) -> bool:
    return any(fits(identity, who, row) for who in doors()["deeds"][function]["who"])


def lines() -> Iterator[tuple[str, str, str, dict[str, bool]]]:
    """As the tables are expanded: what, operation, row, and who may."""
    everybody = identities()
    for page in doors()["pages"]:
        yield f"page /{page}", "open", "", {name: opens(i, "pages", page) for name, i in everybody.items()}
    for name in doors()["lists"]:
        yield f"list {name}", "show", "", {who: opens(i, "lists", name) for who, i in everybody.items()}
        yield f"list {name}", "report", "", {who: takes_along(i, name) for who, i in everybody.items()}
    for command in doors()["commands"]:
        for row in rows_for(command):
            theirs = {name: row.of_identity(i) for name, i in everybody.items()}
            done = {n: of is not None and does(everybody[n], command, of) for n, of in theirs.items()}
            yield f"command {command}", "do", row.label, done
    for function in doors()["deeds"]:
        for row in deed_rows(function):
            theirs = {name: row.of_identity(i) for name, i in everybody.items()}
            done = {n: of is not None and works(everybody[n], function, of) for n, of in theirs.items()}
            yield f"function {function}", "do", row.label, done
    for kind in doors()["imports"]:
        yield f"import {kind}", "do", "", dict.fromkeys(everybody, False)
