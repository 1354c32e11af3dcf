"""The words of an invoice's document, in the language of its account: what was issued, whatever was paid since."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from data.invoicing import Paper
from data.invoicing.reading import InvoiceDetail, LineRow
from reports.typeset import typeset, writable
from rules.money import InvoiceState
from ui.formats import days_text, decimals_of
from ui.text import Reader, _, date_text, exact_text, language_for, p_, reading_as, term

#: Neither is a claim: it stands across every page.
MARKED = frozenset({InvoiceState.DRAFT, InvoiceState.VOID})


def pdf_of(paper: Paper) -> bytes:
    """The same invoice gives the same bytes; takes some 20 ms of a core, so not on the event loop."""
    detail = paper.detail
    language = language_for(detail.account.locale)
    with reading_as(Reader(language)):
        sheet = sheet_of(paper)
    issued = datetime.combine(detail.invoice.issue_date, time(), UTC)
    return typeset(
        "invoice",
        writable(sheet),
        language=language,
        country=detail.issuer.country,
        letters=detail.account.locale,
        made_at=issued,
    )


def sheet_of(paper: Paper) -> dict[str, Any]:
    """What reports/invoice.typ is filled with."""
    detail = paper.detail
    invoice, issuer = detail.invoice, detail.issuer
    has_tax = any(line.tax for line in detail.lines)
    is_claimed = not (invoice.is_credit_note or invoice.state is InvoiceState.VOID)
    bank = (paper.bank_details or "").splitlines() if is_claimed else []
    return {
        "title": term("invoice.type", invoice.type),
        "number": invoice.number,
        "mark": term("invoice.state", invoice.state) if invoice.state in MARKED else "",
        "author": issuer.name,
        "footer": f"{invoice.number} · {issuer.name}",
        "page": _("Page {page} of {pages}", page="{page}", pages="{pages}"),
        "issuer": {"name": issuer.name, "lines": _issuer(detail)},
        "to": {
            "label": _("Bill to"),
            "name": p_("addressee", "{name}", name=detail.account.name),
            "lines": _bill_to(detail),
        },
        "facts": _facts(detail),
        "due": {"words": _due(detail), "amount": _with_currency(detail, invoice.total)},
        "columns": _columns(invoice.currency, has_tax=has_tax),
        "has_tax": has_tax,
        "lines": [_line(line, invoice.currency) for line in detail.lines],
        "sums": _sums(detail),
        "bank": {"label": _("Payment to"), "lines": bank},
        "notes": _notes(detail),
    }


def _issuer(detail: InvoiceDetail) -> list[str]:
    issuer = detail.issuer
    tax_id = [_("Tax ID: {number}", number=issuer.tax_id)] if issuer.tax_id else []
    return [*(issuer.address or "").splitlines(), *tax_id]


def _bill_to(detail: InvoiceDetail) -> list[str]:
    """Without the name, which stands above it."""
    lines = [line.strip() for line in (detail.invoice.bill_to or "").splitlines()]
    return [line for line in lines if line and line != detail.account.name]


def _facts(detail: InvoiceDetail) -> list[list[str]]:
    invoice = detail.invoice
    facts = [[_("Issued"), date_text(invoice.issue_date)]]
    if not invoice.is_credit_note:
        facts.append([_("Due date"), date_text(invoice.due_date)])
    if invoice.period_start and invoice.period_end:
        facts.append([_("Period"), days_text(invoice.period_start, invoice.period_end)])
    terms = None if invoice.is_credit_note else invoice.terms  # nothing is to be paid
    known = ((_("Terms"), terms), (_("Purchase order"), invoice.purchase_order))
    facts += [[label, value] for label, value in known if value]
    return [*facts, [_("Customer"), detail.account.code]]


def _due(detail: InvoiceDetail) -> str:
    invoice = detail.invoice
    if invoice.state is InvoiceState.VOID:
        return _("Void: it need not be paid.")
    if invoice.is_credit_note:
        return _("Credit in your favor")
    return _("To be paid by {date}", date=date_text(invoice.due_date))


def _columns(currency: str, *, has_tax: bool) -> list[str]:
    columns = ["", _("Description"), _("Quantity"), _("Unit price")]
    columns.append(_("Amount ({currency})", currency=currency))
    return [*columns, _("Tax")] if has_tax else columns


def _line(line: LineRow, currency: str) -> dict[str, str]:
    least = decimals_of(currency)
    is_said = (line.product or "") in line.description
    about = (None if is_said else line.product, line.site, term("invoice.charge", line.charge))
    return {
        "number": str(line.line),
        "description": line.description,
        "note": " · ".join(filter(None, about)),
        "quantity": exact_text(line.quantity),
        "price": exact_text(line.unit_price, least),
        "amount": exact_text(line.amount, least),
        "tax": exact_text(line.tax, least),
    }


def _sums(detail: InvoiceDetail) -> list[dict[str, Any]]:
    invoice = detail.invoice
    least = decimals_of(invoice.currency)
    sums = [(_("Subtotal"), exact_text(invoice.subtotal, least)), (_("Tax"), exact_text(invoice.tax, least))]
    total = {"label": _("Total"), "value": _with_currency(detail, invoice.total), "strong": True}
    return [*({"label": label, "value": value, "strong": False} for label, value in sums), total]


def _with_currency(detail: InvoiceDetail, amount: Decimal) -> str:
    """By its code: a sign such as $ stands for several."""
    currency = detail.invoice.currency
    return f"{currency} {exact_text(amount, decimals_of(currency))}"


def _notes(detail: InvoiceDetail) -> list[str]:
    email = detail.issuer.finance_email
    if not email:
        return []
    if detail.invoice.is_credit_note:
        return [_("Questions about this credit note: {email}", email=email)]
    return [_("Questions about this invoice: {email}", email=email)]
