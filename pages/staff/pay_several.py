"""Several invoices of the list are paid in full at once: what will be recorded is shown first; all of it or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

import streamlit as st

from data.commands import Done, execute
from data.engines import app_engine
from data.invoicing.holding import LONGEST_REFERENCE
from data.invoicing.payments import Paying, RecordPayments, ToPay, to_be_paid
from rules.fields import Field, FieldKind, Values
from rules.principal import Principal
from rules.words import N_
from ui import table
from ui.errors import telling
from ui.form.short import ShortForm, outcome_of, show_short_form
from ui.list_view import Selection
from ui.news import tell
from ui.state import ListState, Remembered
from ui.text import _, money_text, n_, p_, plain

_PAID_ON = Field("paid_on", N_("Paid on"), FieldKind.DAY, required=True)
_REFERENCE = Field("reference", N_("Reference"), longest=LONGEST_REFERENCE)


@dataclass
class PayingSeveral(Remembered):
    """Which invoices were ticked when it was asked for, with the versions that were on the screen."""

    seen: dict[str, int | None] = field(default_factory=dict)


def several_of(name: str) -> Selection:
    """What can be done to the ticked rows of that list."""

    def act(versions: Mapping[str, int | None]) -> bool:
        st.markdown(f"**{n_('{n} selected', '{n} selected', len(versions))}**", width="content")
        if st.button(_("Record payments"), icon=":material/payments:", type="primary", key=f"{name}.pay"):
            PayingSeveral.of(name).seen = dict(versions)
            st.rerun()
        return False

    return Selection(act)


def paying_asked_for(principal: Principal, name: str) -> None:
    """The dialog over the page; what came of it is told in the list's place, and nothing is ticked any more."""
    paying = PayingSeveral.of(name)
    if not paying.seen:
        return

    def closed() -> None:
        paying.seen = {}

    @st.dialog(_("Record payments"), width="large", icon=":material/payments:", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            done = _body(principal, name, paying.seen)
            if done is not None:
                tell(name, n_("{n} payment recorded.", "{n} payments recorded.", done))
                closed()
                state = ListState.of(name)
                state.selected, state.turn = (), state.turn + 1
                st.rerun()

    dialog()


def _body(principal: Principal, name: str, seen: Mapping[str, int | None]) -> int | None:
    form = f"{name}.pay.{'.'.join(sorted(f'{key[:8]}.{version}' for key, version in seen.items()))[:200]}"
    if (done := outcome_of(principal, form)) is not None:  # by now none of them can be paid any more
        return len(done["numbers"])
    found = to_be_paid(app_engine(), principal, [UUID(key) for key in seen])
    payable = [one for one in found if one.is_open]
    if left_out := [plain(one.number) for one in found if not one.is_open]:
        st.info(_("Not to be paid, and left out: {numbers}", numbers=", ".join(left_out)), icon=":material/info:")
    if not payable:
        return None
    _shown(payable)

    def deed(values: Values, key: UUID) -> Done:
        each = tuple(Paying(one.uuid, seen[str(one.uuid)]) for one in payable)
        command = RecordPayments(each, values["paid_on"], values["reference"])
        return execute(app_engine(), principal, command, key=key)

    fields = (replace(_PAID_ON, default=min(one.today for one in payable)), _REFERENCE)
    label = n_("Record {n} payment", "Record {n} payments", len(payable))
    show_short_form(principal, ShortForm(form, N_("All in full"), "payments", fields, label, deed))
    return None


def _shown(payable: list[ToPay]) -> None:
    """Each, and what it comes to in each currency."""
    sums: dict[str, Decimal] = {}
    for one in payable:
        sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.balance
    table.show(
        {
            "number": table.words(_("Number"), [one.number for one in payable], 180),
            "account": table.words(_("Account"), [one.account for one in payable], 260),
            "amount": table.amounts(
                p_("amount", "Open"), [money_text(one.balance, one.currency) for one in payable], 160
            ),
        },
        key="pay-several",
        label=_("What is recorded"),
    )
    st.markdown(" · ".join(f"**{money_text(amount, currency)}**" for currency, amount in sorted(sums.items())))
