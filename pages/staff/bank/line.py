"""One line of the bank in its drawer: which invoice it pays, or the reason why none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from data.commands import Done, execute
from data.engines import app_engine
from data.invoicing.bank_lines import AssignBankLine, BankLineRow, SetAside, TakeUpAgain
from data.invoicing.holding import LONGEST_REASON
from data.invoicing.payable import Payable, payable_by
from data.invoicing.payments import Paying
from rules.bank_file import numbers_in
from rules.errors import Conflict
from rules.fields import Field, FieldKind, Values
from rules.money import amount_within
from rules.principal import Principal
from rules.words import N_
from ui.asking import choose_one
from ui.errors import sentence, telling
from ui.form.short import ShortForm, outcome_of, show_short_form
from ui.news import tell
from ui.text import _, date_text, money_text, plain

K = FieldKind
#: `/bank?line=<uuid>`
LINE = "line"
ASSIGN, PUT_ASIDE = "assign", "aside"
_INVOICE = Field("invoice", N_("Invoice"), K.SPACE, required=True)
_AMOUNT = Field("amount", N_("Amount"), K.AMOUNT, hint=N_("Empty: as much as goes."))
_REASON = Field(
    "reason", N_("Reason"), K.LONG_TEXT, required=True, longest=LONGEST_REASON,
    hint=N_("A refund, interest, money of somebody else …"),
)  # fmt: skip


def line_asked_for(principal: Principal, found: tuple[BankLineRow, ...], place: str) -> None:
    wanted = st.query_params.get(LINE)
    if wanted is None:
        return
    for what in (ASSIGN, PUT_ASIDE):  # by the time it is told the line may not wait here any more
        if (said := _told(outcome_of(principal, f"bank.{what}.{wanted}"))) is not None:
            _end(place, said)
    row = next((row for row in found if str(row.uuid) == wanted), None)
    if row is None:
        st.info(_("This line does not wait here any more."), icon=":material/task_alt:")
        return

    def closed() -> None:
        st.query_params.pop(LINE, None)
        st.query_params.pop("do", None)

    @st.dialog(_("Bank line"), width="medium", position="right", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            said = _body(principal, row)
            if said is not None:
                _end(place, said)

    dialog()


def _end(place: str, said: str) -> None:
    tell(place, said)
    for name in (LINE, "do"):
        st.query_params.pop(name, None)
    st.rerun()


def _body(principal: Principal, row: BankLineRow) -> str | None:
    for what in (ASSIGN, PUT_ASIDE):
        if (said := _told(outcome_of(principal, f"bank.{what}.{row.uuid}"))) is not None:
            return said
    _facts(row)
    if row.reason is not None:
        return _take_up(principal, row)
    what = choose_one("do", _("What is it?"), {ASSIGN: _("It pays an invoice"), PUT_ASIDE: _("Set aside")})
    (_assign if what == ASSIGN else _aside)(principal, row)
    return None


def _facts(row: BankLineRow) -> None:
    st.subheader(money_text(row.rest, row.currency), anchor=False)
    words = [date_text(row.booked_on, weekday=True), plain(row.payer), plain(row.reference)]
    st.markdown(" · ".join(filter(None, words)))
    if row.rest != row.amount:
        st.caption(_("The rest of {amount}", amount=money_text(row.amount, row.currency)))


def _assign(principal: Principal, row: BankLineRow) -> None:
    offered = {str(one.uuid): one for one in payable_by(app_engine(), principal, row)}
    if not offered:
        st.info(_("No invoice in {currency} is open.", currency=row.currency))
        return
    named = {
        key: f"{one.number} · {one.account} · {money_text(one.balance, row.currency)}" for key, one in offered.items()
    }

    def deed(values: Values, key: UUID) -> Done:
        one = offered[values["invoice"]]
        amount = Decimal(values["amount"]) if values["amount"] else None
        command = AssignBankLine(row.uuid, row.version, (Paying(one.uuid, one.version, amount),))
        return execute(app_engine(), principal, command, key=key)

    first, one = next(iter(offered.items()))
    is_named = one.number.upper() in numbers_in(f"{row.reference} {row.payer}")
    invoice = replace(_INVOICE, default=first if is_named else None)
    form = ShortForm(
        f"bank.{ASSIGN}.{row.uuid}", N_("Which invoice it pays"), "receipt_long", (invoice, _AMOUNT), N_("Assign"),
        deed, lambda _values: {"invoice": named}, partial(_means, row, offered),
    )  # fmt: skip
    show_short_form(principal, form)


def _means(row: BankLineRow, offered: Mapping[str, Payable], values: Values) -> None:
    """What the invoice owes then, and what of the line still waits; nothing is said of an amount that does not go."""
    one = offered.get(values["invoice"] or "")
    if one is None:
        return
    most = min(row.rest, one.balance)
    amount = amount_within(values["amount"] or most, most)
    if amount is None:
        return
    left, rest = one.balance - amount, row.rest - amount
    words = [_("Then {amount} is still open.", amount=money_text(left, row.currency)) if left else
             _("Then it is paid in full.")]  # fmt: skip
    if rest:
        words.append(_("{amount} of the line still waits.", amount=money_text(rest, row.currency)))
    st.markdown(f":small[:gray[{' '.join(words)}]]")


def _aside(principal: Principal, row: BankLineRow) -> None:
    def deed(values: Values, key: UUID) -> Done:
        return execute(app_engine(), principal, SetAside(row.uuid, row.version, values["reason"]), key=key)

    form = ShortForm(
        f"bank.{PUT_ASIDE}.{row.uuid}", N_("Why it is for no invoice"), "block", (_REASON,), N_("Set aside"), deed
    )
    show_short_form(principal, form)


def _take_up(principal: Principal, row: BankLineRow) -> str | None:
    st.markdown(f":material/block: {plain(row.reason)}")
    if not st.button(_("Take up again"), icon=":material/undo:", key=f"bank.up.{row.uuid}"):
        return None
    try:
        execute(app_engine(), principal, TakeUpAgain(row.uuid, row.version))
    except Conflict as conflict:
        return sentence(conflict)
    return _("It waits again.")


def _told(done: Mapping[str, Any] | None) -> str | None:
    if done is None:
        return None
    if "numbers" in done:
        return _("{numbers}: the payment is recorded.", numbers=", ".join(map(plain, done["numbers"])))
    return _("The line is set aside.")
