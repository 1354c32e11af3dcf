"""An invoice as data for accounting software: UBL 2.1 in the words of EN 16931, whose terms are the keys here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from data.invoicing.documents import Paper
from data.invoicing.reading import InvoiceDetail, LineRow
from rules.errors import Invalid
from rules.money import CURRENCIES, InvoiceState, quantize
from rules.words import N_

#: EN 16931 itself, without what a country adds to it.
PROFILE = "urn:cen.eu:en16931:2017"
_INVOICE, _CREDIT_NOTE = "380", "381"
_STANDARD, _ZERO = "S", "Z"
_ONE = "C62"
#: Of nothing in these states is anything owed, so software must not book it.
_NO_CLAIM = frozenset({InvoiceState.DRAFT, InvoiceState.VOID})
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Terms = dict[str, Any]


def e_invoice(paper: Paper) -> bytes:
    """As it was issued, whatever was paid since; Invalid where nothing is claimed."""
    from facturx import generate_xml  # noqa: PLC0415 - takes half a second, and few ask for it

    if paper.detail.invoice.state in _NO_CLAIM:
        raise Invalid(N_("There is no e-invoice of what is not issued or void."))
    if not paper.detail.lines:
        raise Invalid(N_("There is no e-invoice of an invoice without lines."))
    terms = _clean(terms_of(paper))
    xml = generate_xml(terms, flavor="ubl-2.1", level="en16931", check_xsd=False, check_schematron=False)
    assert isinstance(xml, bytes), "with its declaration"
    return xml


def _clean(value: Any) -> Any:
    """Without characters that XML does not have."""
    if isinstance(value, str):
        return _NOT_IN_XML.sub("", value)
    if isinstance(value, dict):
        return {name: _clean(part) for name, part in value.items()}
    return [_clean(part) for part in value] if isinstance(value, list) else value


def terms_of(paper: Paper) -> Terms:
    """Amounts as they are stored, written out; the library takes them as they are."""
    detail = paper.detail
    invoice, currency = detail.invoice, detail.invoice.currency

    def amount(value: Decimal) -> str:
        return _written(value, currency)

    rates = _rates(detail)
    terms: Terms = {
        "BT-24": PROFILE,
        "BT-1": invoice.number,
        "BT-2": invoice.issue_date,
        "BT-3": _CREDIT_NOTE if invoice.is_credit_note else _INVOICE,
        "BT-5": currency,
        "BT-9": invoice.due_date,
        "BT-10": detail.account.code,
        "BT-13": invoice.purchase_order,
        "BT-20": invoice.terms,
        "BT-73": invoice.period_start,
        "BT-74": invoice.period_end,
        "BT-106": amount(invoice.subtotal),
        "BT-109": amount(invoice.subtotal),
        "BT-110": amount(invoice.tax),
        "BT-112": amount(invoice.total),
        "BT-115": amount(invoice.total),
        "BG-1": [{"BT-22": paper.bank_details}] if paper.bank_details and not invoice.is_credit_note else None,
        "BG-3": [{"BT-25": used.number} for used in detail.credits] if invoice.is_credit_note else None,
        "BG-4": _seller(detail),
        "BG-7": _buyer(detail),
        "BG-23": _breakdown(detail, rates),
        "BG-25": [_line(line, rates[line.line], currency) for line in detail.lines],
    }
    return {name: value for name, value in terms.items() if value}


def _written(value: Decimal, currency: str) -> str:
    """In the decimals of the currency, unless more are stored."""
    rounded = quantize(value, currency)
    return f"{rounded if rounded == value else value:f}"


def _seller(detail: InvoiceDetail) -> Terms:
    issuer = detail.issuer
    seller: Terms = {"name": issuer.name, "country_code": issuer.country, **_address(issuer.address)}
    if issuer.tax_id:
        seller["tax_identifier"] = issuer.tax_id
    if issuer.finance_email:
        seller["einvoicing_addr"], seller["einvoicing_addr_schemeid"] = issuer.finance_email, "EM"
        seller["contacts"] = [{"email": issuer.finance_email}]
    return seller


def _buyer(detail: InvoiceDetail) -> Terms:
    account = detail.account
    written = (detail.invoice.bill_to or "").removeprefix(account.name)
    return {
        "name": account.name,
        "country_code": account.country or detail.issuer.country,
        "identifiers": {None: account.code},
        **_address(written),
    }


def _address(written: str | None) -> Terms:
    """Three lines at most: what is more stands in the third."""
    lines = [line.strip() for line in (written or "").splitlines() if line.strip()]
    lines = [*lines[:2], ", ".join(lines[2:])] if len(lines) > 3 else lines
    return {f"addr_l{at}": line for at, line in enumerate(lines, start=1)}


def _line(line: LineRow, rate: Decimal, currency: str) -> Terms:
    """A price is never below zero there: what is given back has a negative quantity."""
    sign = -1 if line.unit_price < 0 else 1
    return {
        "BT-126": str(line.line),
        "BT-129": _plain(line.quantity * sign),
        "BT-130": _ONE,
        "BT-131": _written(line.amount, currency),
        "BT-146": _plain(line.unit_price * sign),
        "BT-151": _STANDARD if rate else _ZERO,
        "BT-152": _plain(rate),
        "BT-153": line.product or line.description,
        **({"BT-154": line.description} if line.product and line.product != line.description else {}),
    }


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


# --- tax: its rate is not stored, only what it came to


def _rates(detail: InvoiceDetail) -> dict[int, Decimal]:
    """Line → per cent of tax. Where lines name their tax it is theirs; where only the invoice does, it is on all."""
    lines, tax = detail.lines, detail.invoice.tax
    if sum((line.tax for line in lines), Decimal(0)) == tax:
        return {line.line: _rate(line.tax, line.amount, detail) for line in lines}
    taxed = [line for line in lines if line.tax] or list(lines)
    rate = _rate(tax, sum((line.amount for line in taxed), Decimal(0)), detail)
    return {line.line: rate if line in taxed else Decimal(0) for line in lines}


def _rate(tax: Decimal, amount: Decimal, detail: InvoiceDetail) -> Decimal:
    """To a whole per cent where that gives this tax in the decimals of the currency, else to two decimals."""
    if not tax or not amount:
        return Decimal(0)
    exact = tax / amount * 100
    whole = exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    smallest = Decimal(1).scaleb(-CURRENCIES[detail.invoice.currency])  # by which rounding may have moved it
    if abs(amount * whole / 100 - tax) < smallest:
        return whole
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _breakdown(detail: InvoiceDetail, rates: dict[int, Decimal]) -> list[Terms]:
    """What each rate came to; together they are the tax of the invoice."""
    by_rate: dict[Decimal, list[LineRow]] = defaultdict(list)
    for line in detail.lines:
        by_rate[rates[line.line]].append(line)
    named = _sum(line.tax for line in detail.lines) == detail.invoice.tax
    currency = detail.invoice.currency
    return [
        {
            "BT-116": _written(_sum(line.amount for line in lines), currency),
            "BT-117": _written(
                (_sum(line.tax for line in lines) if named else detail.invoice.tax) if rate else Decimal(0), currency
            ),
            "BT-118": _STANDARD if rate else _ZERO,
            "BT-119": _plain(rate),
        }
        for rate, lines in sorted(by_rate.items())
    ]


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
