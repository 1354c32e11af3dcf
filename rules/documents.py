"""Documents to read: their kinds, and which edition of several counts today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

SOURCE_LANGUAGE = "en"
LONGEST_MARKDOWN = 500_000  # characters
LONGEST_TITLE, LONGEST_EDITION = 200, 30


class DocumentKind(StrEnum):
    """What a document is: for everybody who signs in, or of one account."""

    USER_GUIDE = "user_guide"
    ONBOARDING_GUIDE = "onboarding_guide"
    POLICY = "policy"
    FAQ = "faq"
    CONTRACT = "contract"
    ORDER_FORM = "order_form"
    CERTIFICATE = "certificate"


K = DocumentKind
#: For everybody who signs in.
GENERAL = (K.USER_GUIDE, K.ONBOARDING_GUIDE, K.POLICY, K.FAQ)
OF_ACCOUNT = tuple(kind for kind in K if kind not in GENERAL)


@dataclass(frozen=True)
class DocumentRow:
    """A document without its text or file, as lists name it; all editions and languages of one share its series."""

    uuid: UUID
    series: UUID
    kind: DocumentKind
    title: str
    language: str
    edition: str
    effective_on: date | None
    published_at: datetime
    must_accept: bool
    is_file: bool
    #: The account that it belongs to, by name; None: it is for everybody.
    account: str | None = None
    #: When whoever reads accepted this edition, in whatever language.
    accepted_at: datetime | None = None


def current(rows: Iterable[DocumentRow], *, language: str, today: date) -> tuple[DocumentRow, ...]:
    """The edition of each document that holds today, in the reader's language, else in English, else in any."""
    by_series: dict[UUID, list[DocumentRow]] = {}
    for row in rows:
        if row.effective_on is None or row.effective_on <= today:
            by_series.setdefault(row.series, []).append(row)
    return tuple(_in_language(_latest(editions), language) for editions in by_series.values())


def _latest(editions: list[DocumentRow]) -> list[DocumentRow]:
    """All languages of the newest edition."""
    newest = max(editions, key=_age)
    return [row for row in editions if row.edition == newest.edition]


def _age(row: DocumentRow) -> tuple[date, datetime]:
    return row.effective_on or row.published_at.date(), row.published_at


def _in_language(rows: list[DocumentRow], language: str) -> DocumentRow:
    order = {language: 0, SOURCE_LANGUAGE: 1}
    return min(rows, key=lambda row: (order.get(row.language, 2), row.language))
