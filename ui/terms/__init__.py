"""The word for every value the portal stores or derives, one table for all languages."""

from __future__ import annotations

from collections.abc import Iterable

from ui.terms.company import INVOICE_TERMS, NEWS_TERMS, PEOPLE_TERMS
from ui.terms.service import HOLDING_TERMS, TICKET_TERMS
from ui.words import NOTHING, Word

TERMS: dict[str, dict[str, Word]] = {**TICKET_TERMS, **HOLDING_TERMS, **INVOICE_TERMS, **PEOPLE_TERMS, **NEWS_TERMS}


def term(vocabulary: str, value: str | None) -> str:
    """The reader's word for a stored value: `term("ticket.status", "waiting_customer")`; a dash where there is none."""
    return NOTHING if value is None else str(TERMS[vocabulary][value])


def terms(vocabulary: str, values: Iterable[str] | None = None) -> dict[str, str]:
    """Value → word, in the order of the table, for choices and chart labels."""
    wanted = TERMS[vocabulary] if values is None else values
    return {value: term(vocabulary, value) for value in wanted}
