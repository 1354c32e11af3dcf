"""The disputes of an invoice in its drawer: what is questioned and what was said, and the way to question it."""

from __future__ import annotations

import streamlit as st

from data.engines import app_engine
from data.invoicing import DisputeDetail, DisputesOf, InvoiceDetail, disputes_of
from pages.portal.invoice.dispute_card import show_dispute
from pages.portal.invoice.dispute_form import Opening, show_dispute_form
from rules.principal import Principal
from ui.news import show_news
from ui.text import _, mail_link, money_text, plain, term


def show_disputes(principal: Principal, detail: InvoiceDetail) -> None:
    its = disputes_of(app_engine(), principal.anywhere(), detail.invoice.uuid)
    place = f"disputes.{its.about.invoice}"
    show_news(place)
    opening = Opening.of(place)
    if opening.is_open and its.may_open:
        show_dispute_form(principal, its, opening)
    else:
        _way_in(its, opening)
    # what goes on, or else what was decided last; the others are one click away
    shown = [dispute for dispute in its.disputes if dispute.goes_on] or list(its.disputes[:1])
    for dispute in shown:
        show_dispute(principal, its, dispute)
    for dispute in its.disputes:
        if dispute not in shown:
            with st.expander(_title(dispute)):
                show_dispute(principal, its, dispute)


def _way_in(its: DisputesOf, opening: Opening) -> None:
    with st.container(gap="small"):
        if its.may_open:
            if not its.disputes:
                st.markdown(
                    _("Is something wrong with this invoice? {issuer} looks into it.", issuer=plain(its.issuer))
                )
            st.button(
                _("Dispute this invoice") if not its.disputes else _("Dispute something else"),
                icon=":material/gavel:",
                key=f"dispute.{its.about.invoice}.begin",
                on_click=opening.begin,
            )
        elif not its.disputes:
            st.markdown(f":material/task_alt: {_('Nothing of this invoice is disputed.')}")
        if its.finance_email:
            st.markdown(f":small[{_('Local finance team: {address}', address=mail_link(its.finance_email))}]")


def _title(dispute: DisputeDetail) -> str:
    amount = money_text(dispute.amount, dispute.currency)
    return f"{term('dispute.state', dispute.state)} · {term('dispute.reason', dispute.reason)} · {amount}"
