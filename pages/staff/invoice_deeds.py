"""What finance does to an invoice in its drawer: the likeliest first, each with a short form below the buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import streamlit as st

from data.commands import Command, Done, execute
from data.engines import app_engine
from data.invoicing import (
    ApplyCredit,
    InvoiceDetail,
    IssueInvoice,
    RecordPayment,
    TakeBackCredit,
    TakeBackPayment,
    VoidInvoice,
    WriteOff,
)
from data.invoicing.credits import Usable, usable_with
from data.invoicing.entries import Entry, entries_of
from data.invoicing.holding import LONGEST_REASON, LONGEST_REFERENCE
from data.invoicing.reading import InvoiceHead
from rules.fields import Field, FieldKind, Values
from rules.invoice_moves import InvoiceDeed, Money, deeds
from rules.money import amount_within, quantize
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_
from ui.form.sending import Sending
from ui.form.short import Options, ShortForm, outcome_of, show_short_form
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _, date_text, money_text, plain, translated

K = FieldKind
TAKE_BACK = "take_back"
#: So many stand side by side; the others are one click away.
AT_ONCE = 2

_AMOUNT = Field("amount", N_("Amount"), K.AMOUNT, required=True)
_PAID_ON = Field("paid_on", N_("Paid on"), K.DAY, required=True)
_REFERENCE = Field("reference", N_("Reference"), longest=LONGEST_REFERENCE)
_OTHER = Field("other", N_("Credit note"), K.SPACE, required=True)
_ENTRY = Field("entry", N_("What was wrong"), K.SPACE, required=True)
_REASON = Field("reason", N_("Reason"), K.LONG_TEXT, required=True, longest=LONGEST_REASON)
_FOR_ALL = N_("The customer can read it.")
_FOR_US = N_("Only finance reads it.")


@dataclass(frozen=True)
class Deed:
    """A button, and what its form asks for; without fields only whether it is meant."""

    key: str
    label: str
    icon: str
    button: str
    done: str


_DEEDS = {
    deed.key: deed
    for deed in (
        Deed(InvoiceDeed.ISSUE, N_("Issue"), "send", N_("Issue"), N_("{number} is issued.")),
        Deed(InvoiceDeed.PAY, N_("Record payment"), "payments", N_("Record"), N_("The payment is recorded.")),
        Deed(InvoiceDeed.CREDIT, N_("Use credit note"), "receipt_long", N_("Use it"), N_("The credit is used.")),
        Deed(InvoiceDeed.VOID, N_("Void"), "block", N_("Void"), N_("{number} is void.")),
        Deed(InvoiceDeed.WRITE_OFF, N_("Write off"), "money_off", N_("Write off"), N_("{number} is written off.")),
        Deed(TAKE_BACK, N_("Take an entry back"), "undo", N_("Take back"), N_("It is taken back.")),
    )
}


@dataclass
class Doing(Remembered):
    """Which deed of an invoice is being filled in, and the version that its reader saw when they began."""

    key: str = ""
    version: int = 0


def show_deeds(principal: Principal, detail: InvoiceDetail) -> None:
    """Nothing for whoever is not finance: the commands refuse them, and so does the database."""
    if not principal.may(Permission.INVOICE_MANAGE):
        return
    doing = Doing.of(str(detail.invoice.uuid))
    show_news(_place(detail), good_stays=True)
    if doing.key:
        _panel(principal, detail, _DEEDS[doing.key], doing)
    else:
        _buttons(detail, doing)


def _place(detail: InvoiceDetail) -> str:
    return f"invoice.{detail.invoice.uuid}"


def _possible(detail: InvoiceDetail) -> tuple[Deed, ...]:
    invoice = detail.invoice
    money = Money(invoice.type, invoice.state, invoice.paid, invoice.credited, invoice.balance)
    can = [str(deed) for deed in deeds(money)]
    if (invoice.paid or invoice.credited) and invoice.state not in ("void", "written_off"):
        can.append(TAKE_BACK)
    return tuple(_DEEDS[key] for key in can)


def _buttons(detail: InvoiceDetail, doing: Doing) -> None:
    possible = _possible(detail)
    if not possible:
        return
    with st.container(horizontal=True, gap="small", key="invoice-deeds"):
        for deed in possible[:AT_ONCE]:
            kind: Any = "primary" if deed is possible[0] and deed.key != TAKE_BACK else "secondary"
            key = f"{detail.invoice.uuid}.{deed.key}"
            if st.button(translated(deed.label), icon=f":material/{deed.icon}:", type=kind, key=key):
                _begin(detail, deed, doing)
        if possible[AT_ONCE:]:
            more = {translated(deed.label): deed for deed in possible[AT_ONCE:]}
            picked = st.menu_button(_("More"), list(more), key=f"{detail.invoice.uuid}.more")
            if picked is not None:
                _begin(detail, more[picked], doing)


def _begin(detail: InvoiceDetail, deed: Deed, doing: Doing) -> None:
    doing.key, doing.version = deed.key, detail.invoice.version
    st.rerun()


def _panel(principal: Principal, detail: InvoiceDetail, deed: Deed, doing: Doing) -> None:
    form = _form(principal, detail, deed, doing.version)
    with st.container(border=True, key="deed-panel"):
        done = outcome_of(principal, form.name)  # what it leads to may leave nothing to fill in
        if done is None and detail.invoice.version != doing.version:
            _changed(detail, doing)
            return
        if done is None and form.options({}).get("other") == {}:
            st.info(_("There is none of this account, currency and issuer with anything open."))
        elif done is None:
            show_short_form(principal, form)
        st.button(_("Back"), key=f"{form.name}.back", type="tertiary", on_click=_back, args=(doing, form.name))
    if done is not None:
        tell(_place(detail), translated(deed.done, number=plain(detail.invoice.number)))
        doing.key = ""
        st.rerun()


def _changed(detail: InvoiceDetail, doing: Doing) -> None:
    """What stands around is new already; who goes on decides by that."""
    number = plain(detail.invoice.number)
    st.warning(
        _("{number} was changed meanwhile. Nothing was recorded. Look at it again, then repeat it.", number=number),
        icon=":material/sync_problem:",
    )
    st.button(_("Back"), key=f"{doing.key}.changed", on_click=_back, args=(doing, None))


def _back(doing: Doing, form: str | None) -> None:
    doing.key = ""
    if form is not None:
        Sending.of(form).begin_anew()


# --- what each asks for

#: What is filled in → the command.
Makes = Callable[[Values], Command]


def _form(principal: Principal, detail: InvoiceDetail, deed: Deed, version: int) -> ShortForm:
    fields, makes, options, says = _FORMS[deed.key](principal, detail, version)

    def do(values: Values, key: UUID) -> Done:
        return execute(app_engine(), principal, makes(values), key=key)

    name = f"invoice.{deed.key}.{detail.invoice.uuid}.{version}"
    return ShortForm(name, deed.label, deed.icon, fields, deed.button, do, lambda _values: options, says)


Asked = tuple[tuple[Field, ...], Makes, Options, Callable[[Values], None]]


def _nothing(_values: Values) -> None:
    return None


def _pay(_principal: Principal, detail: InvoiceDetail, version: int) -> Asked:
    invoice = detail.invoice
    fields = (
        replace(_AMOUNT, label=f"{translated(_AMOUNT.label)} ({invoice.currency})", default=_written(detail)),
        replace(_PAID_ON, default=invoice.today, hint=plain(detail.issuer.time_zone)),
        _REFERENCE,
    )

    def makes(values: Values) -> Command:
        amount = Decimal(values["amount"])
        return RecordPayment(invoice.uuid, amount, values["paid_on"], values["reference"], version)

    return fields, makes, {}, lambda values: _left(detail, values["amount"])


def _left(detail: InvoiceDetail, typed: Any) -> None:
    """What will be open then; nothing is said of what is no amount yet."""
    amount = amount_within(typed, detail.invoice.balance)
    if amount is None:
        return
    left = detail.invoice.balance - amount
    words = _("Then {amount} is still open.", amount=money_text(left, detail.invoice.currency))
    st.markdown(f":small[:gray[{words if left else _('Then it is paid in full.')}]]")


def _credit(principal: Principal, detail: InvoiceDetail, version: int) -> Asked:
    """From either side: an invoice is offered credit notes, a credit note invoices."""
    invoice = detail.invoice
    others = {str(one.uuid): one for one in usable_with(app_engine(), principal, invoice.uuid)}
    named = {key: f"{one.number} · {money_text(one.balance, invoice.currency)}" for key, one in others.items()}
    label = N_("Invoice") if invoice.is_credit_note else _OTHER.label
    in_currency = f"{translated(_AMOUNT.label)} ({invoice.currency})"
    amount = replace(_AMOUNT, label=in_currency, required=False, hint=N_("Empty: as much as goes."))
    fields = (replace(_OTHER, label=label), amount)

    def makes(values: Values) -> Command:
        other = others[values["other"]]
        amount = Decimal(values["amount"]) if values["amount"] else None
        if invoice.is_credit_note:
            return ApplyCredit(invoice.uuid, other.uuid, amount, other.version, version)
        return ApplyCredit(other.uuid, invoice.uuid, amount, version, other.version)

    def says(values: Values) -> None:
        if (other := others.get(values["other"] or "")) is not None:
            _used(invoice, other, values["amount"])

    return fields, makes, {"other": named}, says


def _used(invoice: InvoiceHead, other: Usable, typed: Any) -> None:
    """What either side has left then; nothing is said of an amount that does not go."""
    most = min(invoice.balance, other.balance)
    amount = amount_within(typed or most, most)
    if amount is None:
        return
    owed, credit = (other, invoice) if invoice.is_credit_note else (invoice, other)
    words = _(
        "{amount} is used. Then {open} of {invoice} is open, and {left} of {credit_note} is left.",
        amount=money_text(amount, invoice.currency),
        open=money_text(owed.balance - amount, invoice.currency),
        invoice=plain(owed.number),
        left=money_text(credit.balance - amount, invoice.currency),
        credit_note=plain(credit.number),
    )
    st.markdown(f":small[:gray[{words}]]")


def _issue(_principal: Principal, detail: InvoiceDetail, version: int) -> Asked:
    def says(_values: Values) -> None:
        invoice = detail.invoice
        amount, name = money_text(invoice.total, invoice.currency), plain(detail.account.name)
        due = date_text(invoice.due_date)
        if invoice.is_credit_note:
            st.markdown(_("From then on {name} sees it: a credit of {amount}.", name=name, amount=amount))
        else:
            st.markdown(_("From then on {name} sees it: {amount}, due {due}.", name=name, amount=amount, due=due))

    return (), lambda _values: IssueInvoice(detail.invoice.uuid, version), {}, says


def _void(_principal: Principal, detail: InvoiceDetail, version: int) -> Asked:
    def says(_values: Values) -> None:
        st.markdown(_("It need not be paid then. This cannot be undone."))
        _say_disputed(detail)

    fields = (replace(_REASON, hint=_FOR_ALL),)
    return fields, lambda values: VoidInvoice(detail.invoice.uuid, version, values["reason"]), {}, says


def _say_disputed(detail: InvoiceDetail) -> None:
    if detail.invoice.disputed:
        words = _("It is disputed: whoever asked still waits for an answer.")
        st.markdown(f":material/gavel: :orange[{words}]")


def _write_off(_principal: Principal, detail: InvoiceDetail, version: int) -> Asked:
    def says(_values: Values) -> None:
        amount = money_text(detail.invoice.balance, detail.invoice.currency)
        st.markdown(_("{amount} is given up. This cannot be undone.", amount=amount))
        _say_disputed(detail)

    fields = (replace(_REASON, hint=_FOR_US),)
    return fields, lambda values: WriteOff(detail.invoice.uuid, version, values["reason"]), {}, says


def _take_back(principal: Principal, detail: InvoiceDetail, _version: int) -> Asked:
    entries = {str(one.uuid): one for one in entries_of(app_engine(), principal, detail.invoice.uuid)}
    named = {key: _entry(one, detail.invoice.currency) for key, one in entries.items()}

    def makes(values: Values) -> Command:
        kind = TakeBackCredit if entries[values["entry"]].is_credit else TakeBackPayment
        return kind(UUID(values["entry"]), values["reason"])

    def says(_values: Values) -> None:
        st.markdown(_("An entry against it is added; what it settled is open again."))

    return (_ENTRY, replace(_REASON, hint=_FOR_ALL)), makes, {"entry": named}, says


def _entry(one: Entry, currency: str) -> str:
    words = (money_text(one.amount, currency), date_text(one.day), one.said or "")
    return " · ".join(filter(None, words))


def _written(detail: InvoiceDetail) -> str:
    return str(quantize(detail.invoice.balance, detail.invoice.currency))


_FORMS: Mapping[str, Callable[[Principal, InvoiceDetail, int], Asked]] = {
    InvoiceDeed.ISSUE: _issue,
    InvoiceDeed.PAY: _pay,
    InvoiceDeed.CREDIT: _credit,
    InvoiceDeed.VOID: _void,
    InvoiceDeed.WRITE_OFF: _write_off,
    TAKE_BACK: _take_back,
}
