"""What a mail about overdue invoices says: the same words are shown before it is sent, in the account's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ui.formats import date_text, money_text
from ui.words import _, n_


@dataclass(frozen=True)
class ReminderWords:
    """Subject, paragraphs, and label and value of each line."""

    subject: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


def reminder_words(account: str, says: Mapping[str, Any]) -> ReminderWords:
    """`says` is what the database wrote down (authz.reminder_says); `account` is clean already."""
    n, invoices, sums = int(says.get("n") or 0), says.get("invoices") or (), says.get("sums") or ()
    amounts = ", ".join(money_text(Decimal(amount), currency) for currency, _n, amount in sums)
    more = n - len(invoices)
    subject = n_("{n} invoice of {account} is overdue", "{n} invoices of {account} are overdue", n, account=account)
    return ReminderWords(
        subject,
        (
            _("Our books show the following as overdue: {amounts}.", amounts=amounts),
            *_asking(says.get("ask")),
            *([_("The oldest of them are:")] if more else []),  # they stand right below it
        ),
        tuple((number, _line(due, currency, balance)) for number, due, currency, balance in invoices),
    )


def _asking(ask: Any) -> tuple[str, ...]:
    paid = _("If you have paid in the last few days, please disregard this mail.")
    if not ask:
        return (paid,)
    return paid, _("Questions about these invoices: {addresses}", addresses=str(ask))


def _line(due: str, currency: str, balance: str) -> str:
    return _("{amount}, due on {day}", amount=money_text(Decimal(balance), currency),
             day=date_text(date.fromisoformat(due)))  # fmt: skip
