"""The buttons of a drawer: what can be done now, the likeliest first; what needs a word asks for it below them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from data.engines import app_engine
from data.ticketing import TicketDetail, execute, list_colleagues
from pages.portal.ticket.moves import Deed, Options, awaits_answer, deeds_of
from pages.portal.ticket.news import show_news, tell
from rules.errors import Conflict
from rules.fields import tidy
from rules.principal import Principal
from ui.drafts import Draft
from ui.errors import sentence, telling
from ui.form import Filled, Section, Sending, begins, checked, send, send_button, show_sections, summary
from ui.state import Remembered
from ui.text import _, plain, time_text, translated

#: So many stand side by side; the others are one click away.
AT_ONCE = 3
#: Characters of a question that stand above the buttons.
LONGEST_QUOTE = 300


@dataclass
class Doing(Remembered):
    """Which deed of a ticket is being filled in, and the version of it that its reader saw when they decided."""

    key: str | None = None
    version: int | None = None


def show_deeds(principal: Principal, detail: TicketDetail) -> None:
    show_news(detail.ticket.number)
    _waiting(principal, detail)
    deeds = deeds_of(principal, detail)
    doing = Doing.of(detail.ticket.number)
    chosen = next((deed for deed in deeds if deed.key == doing.key), None)
    if chosen is not None:
        _panel(principal, detail, chosen, doing)
        return
    if deeds:
        _buttons(principal, detail, deeds, doing)
    doing.version = detail.ticket.version


def _waiting(principal: Principal, detail: TicketDetail) -> None:
    """What the customer should know before everything else."""
    if principal.is_staff or detail.waiting_for != "customer":
        return
    proposes = awaits_answer(detail)
    if proposes:
        proposed = detail.details["proposed_starts_at"]
        words = _("We could begin {time}.", time=f"**{time_text(proposed, zone=detail.site_zone)}**")
    else:
        words = _("We need your answer to go on.")
    if detail.ticket.respond_by is not None:
        words += f" {_by_when(detail.ticket.respond_by)}"
    if detail.open_question is not None and (proposes or detail.ticket.status == "waiting_customer"):
        words += f"\n\n“{_quoted(detail.open_question.body)}”"
    st.warning(words, icon=":material/contact_support:")


def _by_when(respond_by: datetime) -> str:
    if respond_by < datetime.now(UTC):
        return f":red[**{_('Your answer was due {time}.', time=time_text(respond_by))}**]"
    return _("Please answer by {time}.", time=time_text(respond_by))


def _quoted(question: str) -> str:
    """The beginning of it; all of it stands in the conversation."""
    said = " ".join(question.split())
    return plain(said if len(said) <= LONGEST_QUOTE else f"{said[:LONGEST_QUOTE]}…")


def _buttons(principal: Principal, detail: TicketDetail, deeds: tuple[Deed, ...], doing: Doing) -> None:
    deeds = tuple(sorted(deeds, key=lambda deed: (not deed.is_next, deed.is_final)))
    with st.container(horizontal=True, gap="small", key="deeds"):
        for deed in deeds[:AT_ONCE]:
            _button(principal, detail, deed, doing, is_first=deed is deeds[0])
        if deeds[AT_ONCE:]:
            more = {translated(deed.label): deed for deed in deeds[AT_ONCE:]}
            picked = st.menu_button(_("More"), list(more), key=f"{detail.ticket.number}.more")
            if picked is not None:
                _begin(principal, detail, more[picked], doing)


def _button(principal: Principal, detail: TicketDetail, deed: Deed, doing: Doing, *, is_first: bool) -> None:
    clicked = st.button(
        translated(deed.label),
        icon=f":material/{deed.icon}:",
        key=f"{detail.ticket.number}.{deed.key}",
        type="primary" if is_first and deed.is_next else "secondary",
        shortcut=deed.shortcut,
    )
    if clicked:
        _begin(principal, detail, deed, doing)


def _begin(principal: Principal, detail: TicketDetail, deed: Deed, doing: Doing) -> None:
    """Ask for what it needs, or do it at once; done already it is not offered again."""
    if deed.is_asked:
        doing.key = deed.key
        st.rerun()
    number, version = detail.ticket.number, doing.version or detail.ticket.version
    with telling():
        try:
            execute(app_engine(), principal, deed.command(number, version, {}))
        except Conflict as conflict:
            tell(number, bad=sentence(conflict))
        else:
            tell(number, _("{what}: done.", what=translated(deed.label)))
        st.rerun()


# --- what a deed asks for


def _panel(principal: Principal, detail: TicketDetail, deed: Deed, doing: Doing) -> None:
    number = detail.ticket.number
    form = f"deed.{number}.{deed.key}"
    sending = Sending.of(form)
    draft = Draft.of(principal, form, **begins(deed.fields))
    if sending.done is not None:
        draft.discard()
        sending.begin_anew()
        doing.key = None
        tell(number, _("{what}: done.", what=translated(deed.label)))
        st.rerun()
    filled = checked(Filled(draft, deed.fields, detail.site_zone, _options(principal, deed)), sending)
    with st.container(border=True, key="deed-panel"):
        labels = {field.name: translated(field.label) for field in deed.fields}
        summary(filled.problems, labels, turn=sending.turns)
        if sending.said:
            st.warning(sending.said, icon=":material/sync_problem:")
            doing.version = detail.ticket.version  # seen now: who sends it again means it
        show_sections(filled, [Section(deed.label, deed.icon, tuple(labels))])
        if deed.question:
            st.markdown(translated(deed.question))
        with st.container(horizontal=True, gap="small"):
            send_button(sending, translated(deed.label), key=f"{form}.send", icon=deed.icon)
            st.button(_("Back"), key=f"{form}.back", type="tertiary", on_click=_back, args=(doing, sending))
    if sending.is_asked:
        seen = doing.version or detail.ticket.version
        command = deed.command(number, seen, tidy(deed.fields, filled.values()))
        send(sending, draft, lambda key: execute(app_engine(), principal, command, key=key))


def _back(doing: Doing, sending: Sending) -> None:
    doing.key = None
    sending.begin_anew()


def _options(principal: Principal, deed: Deed) -> Options:
    if any(field.name == "person_id" for field in deed.fields):
        return {"person_id": dict(list_colleagues(app_engine(), principal))}
    return {}
