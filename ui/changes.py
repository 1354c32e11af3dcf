"""What an entry of the audit log says of before and after, field by field in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

from ui.terms import TERMS, term
from ui.text import NOTHING, _, country_text, money_text, number_text, time_text

#: Field → whose words its values are.
_VOCABULARIES = {
    "answer": "remote_hands.proposal",
    "carrier": "shipment.carrier",
    "channel": "preference.channel",
    "clock": "clock",
    "contact_kind": "site.contact",
    "dispute_reason": "dispute.reason",
    "dispute_state": "dispute.state",
    "function": "permission",
    "kind": "ticket.kind",
    "role": "person.role",
    "severity": "ticket.severity",
    "site_status": "site.status",
    "status": "ticket.status",
    "topic": "news.topic",
    "topics": "news.topic",
    "tax_rounding": "entity.tax_rounding",
    "invoice_state": "invoice.state",
    "every": "report.every",
    "why": "report.stopped",
}


@dataclass(frozen=True)
class FieldChange:
    """One field: its name, what it was and what it is; None where the entry does not say."""

    field: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.field}: {self.after}"
        return f"{self.field}: {self.before} → {NOTHING if self.after is None else self.after}"


Pair = Sequence[Mapping[str, Any] | None]


def changes_of(pair: Pair | None) -> tuple[FieldChange, ...]:
    """The fields in the order in which they are told, those of before first."""
    before, after = ((said or {}) for said in (pair or (None, None)))
    fields = dict.fromkeys((*before, *after))
    return tuple(FieldChange(term("audit.field", name), _said(name, before), _said(name, after)) for name in fields)


def change_text(pair: Pair | None) -> str:
    """All of it in one line."""
    return "; ".join(map(str, changes_of(pair)))


def _said(field: str, values: Mapping[str, Any]) -> str | None:
    return _value(field, values[field]) if field in values else None


def _value(field: str, value: Any) -> str:
    match value:
        case None | "" | []:
            return NOTHING
        case bool():
            return _("Yes") if value else _("No")
        case int() | float():
            return number_text(value)
        case list():
            return ", ".join(_value(field, each) for each in value)
        case dict() if field == "rights":
            return _rights(value) or NOTHING
        case dict():
            return _named(value)
        case _:
            return _TOLD.get(field, _word)(field, str(value))


def _named(value: Mapping[str, Any]) -> str:
    """A file by its name; of anything else all that is known."""
    if "name" in value:
        return str(value["name"])
    return ", ".join(f"{term('audit.field', name)}: {_value(name, held)}" for name, held in value.items())


def _rights(value: Mapping[str, Any]) -> str:
    """Functions by their names, with the codes of the sites to which they are limited."""
    return ", ".join(
        term("permission", function) + ("" if sites == "all" else f" ({', '.join(sites)})")
        for function, sites in value.items()
    )


def _word(field: str, value: str) -> str:
    words = TERMS.get(_VOCABULARIES.get(field, ""), {})
    return str(words[value]) if value in words else value


def _moment(_field: str, value: str) -> str:
    try:
        return time_text(datetime.fromisoformat(value))
    except ValueError:
        return value


def _filters(_field: str, value: str) -> str:
    """The filters of an address, as far as they can be read without the list."""
    return ", ".join(f"{name} = {held}" for name, held in parse_qsl(value)) or value


def _money(_field: str, value: str) -> str:
    amount, _space, currency = value.partition(" ")
    try:
        return money_text(Decimal(amount), currency) if currency else amount
    except InvalidOperation:
        return value


def _country(_field: str, value: str) -> str:
    return country_text(value)


_TOLD: dict[str, Callable[[str, str], str]] = {
    **dict.fromkeys(("at", "starts_at", "ends_at", "respond_by", "expires_at", "since"), _moment),
    **dict.fromkeys(("balance", "payment", "credit"), _money),
    "country": _country,
    "query": _filters,
}
