"""Claiming a parcel that arrived without a request, by the exact number on it."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from data.commands import Done
from data.engines import app_engine
from data.ticketing import accounts_for, claim_parcel
from data.ticketing.parcels import LONGEST
from rules.fields import Field, FieldKind, Values
from rules.principal import Principal
from rules.request_types import TicketKind
from rules.words import N_
from ui.errors import telling
from ui.form.short import Options, ShortForm, show_short_form
from ui.news import show_news, tell
from ui.text import _

#: `/tickets?claim=parcel` opens the form.
CLAIM, PARCEL = "claim", "parcel"
_NUMBER = Field(
    "tracking_number", N_("Tracking number"), required=True, longest=LONGEST,
    hint=N_("Exactly as the carrier wrote it, digit by digit."),
)  # fmt: skip
_ACCOUNT = Field("account_id", N_("Account"), FieldKind.SPACE, required=True)


def _accounts(principal: Principal) -> dict[int, str]:
    if principal.is_staff:
        return {}
    wanted = accounts_for(principal, TicketKind.SHIPMENT)
    return {account.id: account.name for account in principal.accounts if account.id in wanted}


def claim_button(principal: Principal) -> None:
    """For those who may ask for shipments; the desk says whose a parcel is on its own page."""
    if _accounts(principal) and st.button(
        _("Claim a parcel"), icon=":material/package_2:", key="claim", type="tertiary"
    ):
        for other in ("ticket", "new"):  # one dialog at a time
            st.query_params.pop(other, None)
        st.query_params[CLAIM] = PARCEL
        st.rerun()


def claim_asked_for(principal: Principal) -> None:
    show_news(CLAIM)
    accounts = _accounts(principal)
    if st.query_params.get(CLAIM) != PARCEL:
        return
    if accounts:
        _dialog(principal, accounts)
    else:
        words = _("This form is not available to you. Ask the administrator of your account.")
        st.info(words, icon=":material/lock:")


def _dialog(principal: Principal, accounts: dict[int, str]) -> None:
    st.query_params.pop("ticket", None)

    def closed() -> None:
        st.query_params.pop(CLAIM, None)

    @st.dialog(_("Claim a parcel"), width="medium", icon=":material/package_2:", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            number = _form(principal, accounts)
            if number is not None:
                tell(CLAIM, _("The parcel is yours: {number}.", number=f"**{number}**"))
                closed()
                st.query_params["ticket"] = number
                st.rerun()

    dialog()


def _form(principal: Principal, accounts: dict[int, str]) -> str | None:
    st.markdown(_("Something arrived for you that nobody announced? Type its tracking number, and it is yours."))

    def options(_values: Values) -> Options:
        return {"account_id": accounts}

    def deed(values: Values, key: UUID) -> Done:
        account = values["account_id"] if "account_id" in values else next(iter(accounts))
        return claim_parcel(app_engine(), principal, account, values["tracking_number"], key=key)

    fields = (_NUMBER,) if len(accounts) == 1 else (_ACCOUNT, _NUMBER)
    form = ShortForm("parcel.claim", N_("Your parcel"), "barcode", fields, N_("Claim it"), deed, options)
    done = show_short_form(principal, form)
    return str(done["number"]) if done else None
