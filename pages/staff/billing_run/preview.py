"""What a billing run would change, or which of its rows are not as they should be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from data.invoicing.billing_run import Preview, Unfit
from ui import table
from ui.errors import said
from ui.terms import term
from ui.text import NOTHING, Word, _, date_text, money_text, n_, number_text, p_

#: What of an invoice may change, and how it is written.
_FIELDS = {
    "issue_date": Word("Issue date"), "due_date": Word("Due date"), "subtotal": Word("Subtotal"), "tax": Word("Tax"),
    "total": Word("Total"), "purchase_order": Word("Purchase order"), "paid": Word("Paid", "amount"),
}  # fmt: skip
_DAYS = ("issue_date", "due_date")
_WORDS = ("purchase_order",)
Rows = Sequence[Mapping[str, Any]]
MOST_SHOWN = 200


def show_preview(preview: Preview) -> None:
    if preview.is_nothing:
        st.info(
            _("All of this is in the portal already: importing it would change nothing."), icon=":material/task_alt:"
        )
        return
    st.markdown(_counted(preview))
    _sums(preview)
    if preview.new_invoices:
        with st.expander(_("New invoices ({n})", n=number_text(preview.added)), expanded=preview.added <= 10):
            _new(preview.new_invoices)
            _not_shown(preview.added, preview.new_invoices)
    if preview.changes:
        with st.expander(_("Changed invoices ({n})", n=number_text(preview.changed)), expanded=True):
            _changes(preview.changes)
            _not_shown(preview.changed, preview.changes)
    if preview.new_payments:
        with st.expander(_("Payments ({n})", n=number_text(preview.payments))):
            _payments(preview.new_payments)
            _not_shown(preview.payments, preview.new_payments)
    if preview.originals or preview.replaced:
        n = len(preview.originals) + len(preview.replaced)
        with st.expander(_("Originals ({n})", n=number_text(n)), expanded=bool(preview.replaced)):
            _originals(preview)


def show_problems(unfit: Unfit) -> None:
    n = len(unfit.problems)
    counted = n_(
        "Nothing can be imported: {n} cell is not as it should be.",
        "Nothing can be imported: {n} cells are not as they should be.",
        n,
    )
    st.warning(counted, icon=":material/error:")
    columns = {
        "file": table.words(_("File"), [problem.source.name for problem in unfit.problems], 110),
        "row": table.counts(_("Line"), [problem.row for problem in unfit.problems], 70),
        "column": table.words(_("Column"), [problem.column for problem in unfit.problems], 120),
        "value": table.words(_("Value"), [problem.value for problem in unfit.problems], 140),
        "expected": table.words(_("What was expected"), [said(problem.says, str) for problem in unfit.problems]),
    }
    table.show(columns, key="run.problems", label=_("What is not as it should be"))
    if unfit.there_may_be_more:
        st.caption(_("There may be more: correct these first."))


# --- the preview


def _counted(preview: Preview) -> str:
    words = []
    if preview.added:
        words.append(n_("**{n}** new invoice", "**{n}** new invoices", preview.added))
    if preview.changed:
        words.append(n_("**{n}** changed", "**{n}** changed", preview.changed))
    if preview.payments:
        words.append(n_("**{n}** payment", "**{n}** payments", preview.payments))
    if preview.originals:
        words.append(n_("**{n}** original", "**{n}** originals", len(preview.originals)))
    if preview.replaced:
        words.append(n_("**{n}** original is replaced", "**{n}** originals are replaced", len(preview.replaced)))
    if unchanged := preview.rows - preview.added - preview.changed:
        words.append(n_("{n} as it is", "{n} as they are", unchanged))
    return " · ".join(words)


def _sums(preview: Preview) -> None:
    """Currencies are never added up."""
    sums = preview.sums
    if not sums:
        return
    columns = {
        "currency": table.words(_("Currency"), [one.currency for one in sums], 90),
        "added": table.counts(p_("order", "New"), [one.added for one in sums], 80),
        "total": table.amounts(_("Total of these"), [_or_none(one.total, one.currency) for one in sums], 130),
        "paid": table.amounts(_("Paid by it"), [_or_none(one.paid, one.currency) for one in sums], 130),
    }
    if any(one.changed for one in sums):
        columns |= {
            "changed": table.counts(_("Changed"), [one.changed for one in sums], 90),
            "was": table.amounts(_("Before"), [_or_none(one.was, one.currency) for one in sums], 130),
            "becomes": table.amounts(_("After"), [_or_none(one.becomes, one.currency) for one in sums], 130),
        }
    table.show(columns, key="run.sums", label=_("What the run comes to in each currency"))


def _new(rows: Rows) -> None:
    columns = {
        "number": table.words(_("Number"), [row["number"] for row in rows], 170),
        "account": table.words(_("Account"), [row["account"] for row in rows], 180),
        "total": table.amounts(_("Total"), [_money(row["total"], row) for row in rows], 130),
        "due": table.words(_("Due date"), [_day(row["due"]) for row in rows], 110),
        "paid": table.amounts(
            p_("amount", "Paid"), [_or_none(Decimal(row["paid"]), row["currency"]) for row in rows], 120
        ),
        "type": table.words(_("Type"), [term("invoice.type", row["type"]) for row in rows], 110),
    }
    table.show(columns, key="run.new", label=_("New invoices"))


def _changes(rows: Rows) -> None:
    columns = {
        "number": table.words(_("Number"), [row["number"] for row in rows], 170),
        "what": table.words(_("What changes"), [_changed(row) for row in rows]),
        "account": table.words(_("Account"), [row["account"] for row in rows], 180),
    }
    table.show(columns, key="run.changes", label=_("Changed invoices"))


def _changed(row: Mapping[str, Any]) -> str:
    """Field by field, before → after; lines are not told one by one."""
    told = []
    for name, title in _FIELDS.items():
        was, now = row[name]
        if was != now:
            told.append(f"{title}: {_field(name, was, row)} → {_field(name, now, row)}")
    return " · ".join(told) or _("Its lines")


def _field(name: str, value: str | None, row: Mapping[str, Any]) -> str:
    if not value:
        return NOTHING
    if name in _WORDS:
        return value
    return _day(value) if name in _DAYS else _money(value, row)


def _payments(rows: Rows) -> None:
    columns = {
        "day": table.words(_("Date"), [_day(row["day"]) for row in rows], 110),
        "amount": table.amounts(_("Amount"), [_money(row["amount"], row) for row in rows], 130),
        "number": table.words(_("Invoice"), [row["number"] for row in rows], 170),
        "account": table.words(_("Account"), [row["account"] for row in rows], 180),
        "reference": table.words(_("Reference"), [row["reference"] for row in rows], 180),
    }
    table.show(columns, key="run.payments", label=_("Payments"))


def _originals(preview: Preview) -> None:
    replaced, new = preview.replaced[:MOST_SHOWN], preview.originals[:MOST_SHOWN]
    columns = {
        "number": table.words(_("Invoice"), [*replaced, *new], 200),
        "what": table.words(
            _("What changes"), [*([_("Replaces another")] * len(replaced)), *([_("The first")] * len(new))], 200
        ),
    }
    table.show(columns, key="run.originals", label=_("Originals"))
    for all_of_them, some in ((preview.replaced, replaced), (preview.originals, new)):
        _not_shown(len(all_of_them), some)


def _not_shown(n: int, shown: Sequence[object]) -> None:
    if (more := n - len(shown)) > 0:
        st.caption(n_("{n} more is not shown.", "{n} more are not shown.", more))


def _or_none(amount: Decimal, currency: str) -> str:
    """A zero in a table of sums says nothing."""
    return money_text(amount, currency) if amount else ""


def _money(value: str, row: Mapping[str, Any]) -> str:
    return money_text(Decimal(value), row["currency"])


def _day(value: str) -> str:
    return date_text(date.fromisoformat(value))
