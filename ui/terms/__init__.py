"""The word for every value the portal stores or derives, one table for all languages."""

from __future__ import annotations

from collections.abc import Iterable

from ui.terms.company import INVOICE_TERMS, NEWS_TERMS, PEOPLE_TERMS
from ui.terms.log import LOG_TERMS
from ui.terms.service import HOLDING_TERMS, TICKET_TERMS
from ui.words import NOTHING, Word

TERMS: dict[str, dict[str, Word]] = {
    **TICKET_TERMS, **HOLDING_TERMS, **INVOICE_TERMS, **PEOPLE_TERMS, **NEWS_TERMS, **LOG_TERMS,
}  # fmt: skip
#: Vocabularies of which not every value is known beforehand: one without a word stands as it is stored.
OPEN = frozenset({*LOG_TERMS, "feedback.page"})


def term(vocabulary: str, value: str | None) -> str:
    """The reader's word for a stored value: `term("ticket.status", "waiting_customer")`; a dash where there is none."""
    if value is None:
        return NOTHING
    words = TERMS[vocabulary]
    return value if vocabulary in OPEN and value not in words else str(words[value])


def terms(vocabulary: str, values: Iterable[str] | None = None) -> dict[str, str]:
    """Value → word, in the order of the table, for choices and chart labels."""
    wanted = TERMS[vocabulary] if values is None else values
    return {value: term(vocabulary, value) for value in wanted}
