"""Pieces of SQL that the million rows share: all about row n follows from n and the seed, nothing from chance."""

from __future__ import annotations

from rules.lifecycle import STATES, Category, category_of
from rules.request_types import Severity, TicketKind
from rules.sla import first_answer_target, second_target

#: Who gets a row: its hash names a slot, the slot an account (accounts.py).
SLOT = """
slot as materialized (
    select * from json_to_recordset(cast(:slots as json)) as s(
        slot int, account_id bigint, code text, main_site bigint, other_site bigint, issuer_id bigint, currency text,
        tax_rate numeric, paa bigint, full_user bigint, hands bigint)
)"""
HIS_SLOT = "slot.slot = owner % 10000"
#: Every fourth row is at the account's other site.
SITE = "case when owner / 10000 % 4 = 0 then slot.other_site else slot.main_site end"

DONE = ", ".join(f"'{state}'" for state in STATES if category_of(state) is Category.DONE)


def drawn(turn: int, n: str = "n") -> str:
    """A large whole number that follows from the row and the seed, another one for each turn."""
    return f"(hashint8extended({n}, cast(:seed as bigint) * 100 + {turn}) & 9223372036854775807)"


def uuid_of(table: str) -> str:
    return f"md5(cast(:seed as bigint) || ':{table}:' || n)::uuid"


def one_of(words: str, draw: str) -> str:
    """One of twenty words, drawn: "closed*18 cancelled refused" says how often each comes."""
    found: list[str] = []
    for word in words.split():
        name, _, times = word.partition("*")
        found += [f"'{name}'"] * int(times or 1)
    return f"(array[{', '.join(found)}])[1 + {draw} % {len(found)}]"


def when(moment: str, seconds: str) -> str:
    return f"{moment} + make_interval(secs => {seconds})"


FIRST_SECONDS_OF_FAULT = " ".join(
    f"when '{severity}' then {first_answer_target(TicketKind.FAULT, severity).total_seconds():.0f}"
    for severity in Severity
)
FIRST_SECONDS = (
    "case kind "
    + " ".join(
        f"when '{kind}' then {first_answer_target(kind).total_seconds():.0f}"
        for kind in TicketKind
        if kind is not TicketKind.FAULT
    )
    + f" else case severity {FIRST_SECONDS_OF_FAULT} end end"
)


def _second_seconds(severity: Severity) -> float:
    target = second_target(TicketKind.FAULT, severity)
    assert target is not None
    return target.total_seconds()


SECOND_SECONDS = (
    "case severity "
    + " ".join(f"when '{severity}' then {_second_seconds(severity):.0f}" for severity in Severity)
    + " end"
)
