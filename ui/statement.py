"""The statement of account as a document: the words and amounts that its template puts in their places."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from data.invoicing.statement import TITLE, Item, Section, Statement
from data.settings import settings
from reports.typeset import typeset, writable
from rules.money import AgeingBucket
from ui.formats import decimals_of
from ui.text import _, date_text, exact_text, n_, number_text, p_, reader, term, time_text, translated

#: What the document's address calls the language that it is wanted in.
LANGUAGE = "language"


def statement_pdf(statement: Statement, *, made_at: datetime) -> bytes:
    """In the reader's language, with the letters of the account's country."""
    data = writable(_document(statement, made_at))
    return typeset("statement", data, language=reader().language, country=statement.country or "", made_at=made_at)


def as_of(statement: Statement) -> str:
    if statement.is_today:
        return _("As it stands on {day}", day=date_text(statement.day))
    return _("At the end of {day}", day=date_text(statement.day))


def _document(statement: Statement, made_at: datetime) -> dict[str, Any]:
    title = translated(TITLE)
    return {
        "title": title,
        "author": settings().brand_name,
        "footer": f"{title} · {statement.name} · {time_text(made_at)}",
        "page": _("Page {page} of {pages}", page="{page}", pages="{pages}"),
        "as_of": as_of(statement),
        "from": settings().brand_name,
        "to": {"name": statement.name, "code": statement.code},
        "nothing": _("Nothing is open."),
        "columns": [
            _("Number"), _("Issued"), _("Due date"), _("Age"), _("Days late"), _("Total"), p_("amount", "Open"),
        ],
        "sections": [_section(section) for section in statement.sections],
        "notes": [
            _("Amounts of different currencies are never added up."),
            _("Payments and credits after this day are not counted; what is disputed stands apart from the ages."),
        ],
    }  # fmt: skip


def _section(section: Section) -> dict[str, Any]:
    hidden = section.n - len(section.items)
    ages = [(term("invoice.ageing", bucket), section.amounts.get(bucket, Decimal(0))) for bucket in AgeingBucket]
    ages += [(_("Unused credits"), section.credit)] if section.credits else []
    more = n_("{n} more item stands in the report.", "{n} more items stand in the report.", hidden) if hidden else ""
    return {
        "currency": section.currency,
        "total": _amount(section.total, section.currency),
        "ages": [[label, _amount(amount, section.currency)] for label, amount in ages],
        "items": [_item(item) for item in section.items],
        "more": more,
    }


def _item(item: Item) -> list[str]:
    return [
        item.number,
        date_text(item.issue_date),
        date_text(item.due_date),
        term("invoice.ageing", item.ageing) if item.ageing else term("invoice.type", item.type),
        number_text(item.days_late) if item.days_late else "",
        _amount(item.total, item.currency),
        _amount(item.open, item.currency),
    ]


def _amount(amount: Decimal, currency: str) -> str:
    """Without the currency, which stands above them all."""
    return exact_text(amount, decimals_of(currency))
