"""One dispute: how it stands, what was said, the box to say more, and finance's decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from uuid import UUID

import streamlit as st

from data.commands import Command, Done, execute
from data.engines import app_engine
from data.invoicing import (
    AcceptDispute,
    CloseDispute,
    DisputeDetail,
    DisputesOf,
    RejectDispute,
    SayInDispute,
)
from data.invoicing.disputing import LONGEST, Said
from rules.disputes import DisputeState, Side
from rules.fields import Field, FieldKind, Values
from rules.money import CURRENCIES
from rules.principal import Principal
from rules.words import N_
from ui.bubbles import Bubble, show_bubble
from ui.form import Sending
from ui.form.replying import reply_box
from ui.form.short import ShortForm, outcome_of, show_short_form
from ui.look import status_badge
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _, date_text, money_text, n_, plain, term, time_text, translated
from ui.tones import tone

D = DisputeState
K = FieldKind
FILES_AT = "/attachments/disputes"


@dataclass
class Deciding(Remembered):
    """Which decision is being filled in, and the version of the dispute that its reader saw when they began."""

    target: DisputeState | None = None
    version: int = 0

    def begin(self, target: DisputeState, version: int) -> None:
        self.target, self.version = target, version

    def end(self) -> None:
        self.target = None


def show_dispute(principal: Principal, its: DisputesOf, dispute: DisputeDetail, *, is_titled: bool = False) -> None:
    """`is_titled`: its state stands above already."""
    principal = principal.anywhere()
    with st.container(gap="small", key=f"dispute-{dispute.uuid}"):
        show_news(f"dispute.{dispute.uuid}")
        _head(its, dispute, is_titled=is_titled)
        for said in dispute.thread:
            show_bubble(_bubble(said))
        deciding = Deciding.of(str(dispute.uuid))
        _finish(principal, dispute, deciding)
        if deciding.target is not None and deciding.target in dispute.next_states:
            _decision(principal, dispute, deciding)
        else:
            _buttons(dispute, deciding)
            if dispute.may_speak:
                _reply(principal, its, dispute)


def _head(its: DisputesOf, dispute: DisputeDetail, *, is_titled: bool) -> None:
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if not is_titled:
                status_badge("dispute.state", dispute.state)
            amount, reason = money_text(dispute.amount, dispute.currency), term("dispute.reason", dispute.reason)
            st.markdown(f"**{amount}** · {reason}", width="content")
        st.markdown(f":small[:gray[{_what(dispute)} · {_since(dispute)}]]")
    if dispute.agreed is not None:
        st.success(_credited(dispute), icon=":material/task_alt:")
    elif dispute.state is D.OPEN and not its.finance_email:
        st.caption(_("This issuer has no finance address: nobody was told by mail."))


def _what(dispute: DisputeDetail) -> str:
    if not dispute.lines:
        return _("The whole invoice")
    numbers = ", ".join(str(line) for line, _name in dispute.lines)
    of = n_("Line {lines}", "Lines {lines}", len(dispute.lines), lines=numbers)
    return f"{of}: {plain(dispute.lines[0][1])}" if len(dispute.lines) == 1 else of


def _since(dispute: DisputeDetail) -> str:
    day = date_text(dispute.opened_at.date())
    if dispute.opened_by:
        return _("opened {date} by {who}", date=day, who=plain(dispute.opened_by))
    return _("opened {date}", date=day)


def _credited(dispute: DisputeDetail) -> str:
    assert dispute.agreed is not None
    amount = money_text(dispute.agreed, dispute.currency)
    if dispute.credit_note is None:
        return _("{amount} is credited.", amount=amount)
    uuid, number = dispute.credit_note
    link = f"[{plain(number)}](/invoices?invoice={uuid})"
    return _("{amount} is credited with {number}.", amount=amount, number=link)


def _bubble(said: Said) -> Bubble:
    who = _("You") if said.is_mine else plain(said.author)
    head = f"**{who}** :small[:gray[{time_text(said.written_at)}]]"
    if said.side is Side.FINANCE:
        head += f" :blue-badge[{_('Finance')}]"
    if said.brought is not None and said.brought is not D.OPEN:
        head += f" :{tone('dispute.state', said.brought).badge}-badge[{term('dispute.state', said.brought)}]"
    return Bubble("mine" if said.is_mine else "theirs", str(said.uuid), head, said.body, said.files, FILES_AT)


# --- the box


def _reply(principal: Principal, its: DisputesOf, dispute: DisputeDetail) -> None:
    reply_box(
        principal, f"dispute.say.{dispute.uuid}", dispute.uuid, partial(SayInDispute, dispute.uuid),
        place=f"dispute.{dispute.uuid}", hint=_hint(principal, its, dispute), longest=LONGEST,
    )  # fmt: skip


def _hint(principal: Principal, its: DisputesOf, dispute: DisputeDetail) -> str:
    if principal.is_staff:
        return _("Whoever took part gets this by mail")
    if dispute.state is D.ANSWERED:
        return _("If you do not agree, write it here: the dispute is open again")
    return _("Write to {issuer}", issuer=its.issuer)


# --- what is decided

_LABELS = {D.ACCEPTED: N_("Accept the dispute"), D.REJECTED: N_("Reject the dispute"), D.CLOSED: N_("Close")}
_ICONS = {D.ACCEPTED: "task_alt", D.REJECTED: "block", D.CLOSED: "inventory"}
_WORDS = {
    D.ACCEPTED: Field("body", N_("Your answer"), K.LONG_TEXT, required=True, longest=LONGEST),
    D.REJECTED: Field("body", N_("Reason"), K.LONG_TEXT, required=True, longest=LONGEST,
                      hint=N_("The customer reads it.")),
    D.CLOSED: Field("body", N_("A last word"), K.LONG_TEXT, longest=LONGEST),
}  # fmt: skip
_TAKE_BACK = N_("Take the dispute back")


def _label(target: DisputeState, dispute: DisputeDetail) -> str:
    return _TAKE_BACK if target is D.CLOSED and dispute.goes_on else _LABELS[target]


def _buttons(dispute: DisputeDetail, deciding: Deciding) -> None:
    if not dispute.next_states:
        return
    with st.container(horizontal=True, gap="small", key=f"deeds-{dispute.uuid}"):
        for target in dispute.next_states:
            st.button(
                translated(_label(target, dispute)),
                icon=f":material/{_ICONS[target]}:",
                key=f"{dispute.uuid}.{target}",
                on_click=deciding.begin,
                args=(target, dispute.version),
            )


def _form(dispute: DisputeDetail, target: DisputeState) -> str:
    return f"dispute.{target}.{dispute.uuid}"


def _finish(principal: Principal, dispute: DisputeDetail, deciding: Deciding) -> None:
    """What was decided and done; by then the dispute offers something else."""
    if deciding.target is None or (done := outcome_of(principal, _form(dispute, deciding.target))) is None:
        return
    deciding.end()
    tell(f"dispute.{dispute.uuid}", _("The dispute is now: {state}", state=term("dispute.state", done["state"])))
    st.rerun()


def _decision(principal: Principal, dispute: DisputeDetail, deciding: Deciding) -> None:
    target = deciding.target
    assert target is not None
    name, label = _form(dispute, target), _label(target, dispute)
    if Sending.of(name).said:
        deciding.version = dispute.version  # what was said meanwhile stands above: who sends it again means it
    form = ShortForm(
        name=name,
        title=label,
        icon=_ICONS[target],
        fields=_asked(target, dispute),
        button=label,
        deed=_deed(principal, dispute, deciding, target),
        says=_says(target, dispute),
    )
    with st.container(border=True, key=f"decide-{dispute.uuid}"):
        show_short_form(principal, form)
        st.button(_("Back"), key=f"{name}.back", type="tertiary", on_click=deciding.end)


def _says(target: DisputeState, dispute: DisputeDetail) -> Callable[[Values], None]:
    words = {
        D.ACCEPTED: _("A credit note is issued at once, and used for the invoice as far as it is open."),
        D.CLOSED: _("Nothing can be written here afterwards."),
    }
    if target is D.CLOSED and dispute.goes_on:
        words[D.CLOSED] = _("Finance does not look into it any further.")

    def say(_values: Values) -> None:
        if target in words:
            st.caption(words[target])

    return say


def _asked(target: DisputeState, dispute: DisputeDetail) -> tuple[Field, ...]:
    if target is not D.ACCEPTED:
        return (_WORDS[target],)
    most = f"{dispute.amount:.{CURRENCIES[dispute.currency]}f}"
    hint = _("In {currency}, at most {amount}", currency=dispute.currency,
             amount=money_text(dispute.amount, dispute.currency))  # fmt: skip
    agreed = Field("amount", N_("Credit"), K.AMOUNT, required=True, default=most, hint=hint)
    return agreed, _WORDS[target]


def _deed(
    principal: Principal, dispute: DisputeDetail, deciding: Deciding, target: DisputeState
) -> Callable[[Values, UUID], Done]:
    def command(values: Values) -> Command:
        body = values.get("body") or ""
        match target:
            case D.ACCEPTED:
                return AcceptDispute(dispute.uuid, Decimal(str(values["amount"])), body, deciding.version)
            case D.REJECTED:
                return RejectDispute(dispute.uuid, body, deciding.version)
        return CloseDispute(dispute.uuid, body, deciding.version)

    return lambda values, key: execute(app_engine(), principal, command(values), key=key)
