"""The buttons of a drawer: what can be done now, the likeliest first; what needs a word asks for it below them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.ticketing import TicketDetail, get_ticket, list_colleagues
from pages.portal.ticket.meanwhile import Seen, changed_since, listed
from pages.portal.ticket.moves import Deed, Options, awaits_answer, deeds_of
from rules.errors import Conflict
from rules.fields import tidy
from rules.lifecycle import Category
from rules.principal import Principal
from ui.drafts import Draft
from ui.errors import sentence, telling
from ui.form import Filled, Section, Sending, begins, checked, send, send_button, show_sections, summary
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _, plain, time_text, translated

#: So many stand side by side; the others are one click away.
AT_ONCE = 3
#: Characters of a question that stand above the buttons.
LONGEST_QUOTE = 300


@dataclass
class Doing(Remembered):
    """Which deed of a ticket is being filled in, and the version of it that its reader saw when they decided."""

    deed: Deed | None = None
    version: int | None = None
    #: What they saw beside, and what of it others changed before their own change came.
    seen: Seen | None = None
    changed: tuple[str, ...] = ()


def show_deeds(principal: Principal, detail: TicketDetail) -> None:
    show_news(detail.ticket.number)
    _waiting(principal, detail)
    deeds = deeds_of(principal, detail)
    doing = Doing.of(detail.ticket.number)
    if doing.deed is not None:
        _finish(principal, detail.ticket.number, doing)
    if doing.deed is not None:
        possible = next((deed for deed in deeds if deed.key == doing.deed.key), None)
        if possible is None:
            _gone(principal, detail, doing.deed, doing)
        else:
            _panel(principal, detail, possible, doing)
        return
    if deeds:
        _buttons(principal, detail, deeds, doing)
    doing.version, doing.seen = detail.ticket.version, Seen.of(detail)


def _waiting(principal: Principal, detail: TicketDetail) -> None:
    """What the customer should know before everything else."""
    if principal.is_staff:
        return
    rests = detail.ticket.status == "on_hold" and detail.ticket.category is Category.PAUSED
    if detail.waiting_for == "customer":
        st.warning(_asked(detail, rests=rests), icon=":material/contact_support:")
    elif rests:
        words = _("You have written to us. The service desk reads it and takes the work up again; until then the clock "
                  "stays paused.")  # fmt: skip
        st.info(words, icon=":material/mark_email_read:")


def _asked(detail: TicketDetail, *, rests: bool) -> str:
    proposes = awaits_answer(detail)
    if proposes:
        proposed = detail.details["proposed_starts_at"]
        words = _("We could begin {time}.", time=f"**{time_text(proposed, zone=detail.site_zone)}**")
    elif rests:
        words = _("This is on hold until you have done your part. Write to us then: the service desk reads it and "
                  "takes the work up again.")  # fmt: skip
    else:
        words = _("We need your answer to go on.")
    if detail.ticket.respond_by is not None:
        words += f" {_by_when(detail.ticket.respond_by)}"
    if detail.open_question is not None and (proposes or detail.ticket.status == "waiting_customer"):
        words += f"\n\n“{_quoted(detail.open_question.body)}”"
    return words


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
        doing.deed = deed
        st.rerun()
    number, version = detail.ticket.number, doing.version or detail.ticket.version
    with telling():
        try:
            execute(app_engine(), principal, deed.command(number, version, {}))
        except Conflict as conflict:
            now = get_ticket(app_engine(), principal, number)
            changed = changed_since(doing.seen, now, for_staff=principal.is_staff)
            tell(number, bad=_meanwhile(number, changed) if changed else sentence(conflict))
        else:
            tell(number, _("{what}: done.", what=translated(deed.label)))
        st.rerun()


# --- what a deed asks for


def _form(number: str, deed: Deed) -> str:
    return f"deed.{number}.{deed.key}"


def _finish(principal: Principal, number: str, doing: Doing) -> None:
    """What was filled in and done; by then the ticket may offer something else."""
    assert doing.deed is not None
    form = _form(number, doing.deed)
    sending = Sending.of(form)
    if sending.done is None:
        return
    Draft(principal, form, {}).discard()
    sending.begin_anew()
    tell(number, _("{what}: done.", what=translated(doing.deed.label)))
    doing.deed, doing.changed = None, ()
    st.rerun()


def _gone(principal: Principal, detail: TicketDetail, deed: Deed, doing: Doing) -> None:
    """Others were faster, and what this reader was about to do is not possible any more. The panel stays where it is,
    with the same fields in it: also what is still being typed can be copied."""
    number = detail.ticket.number
    form = _form(number, deed)
    sending = Sending.of(form)
    sending.begin_anew()  # a click that was on its way does nothing
    draft = Draft.of(principal, form, **begins(deed.fields))
    with st.container(border=True, key="deed-panel"):
        what = _("“{what}” is not possible any more: {number} was changed meanwhile.", what=translated(deed.label),
                 number=number)  # fmt: skip
        kept = _("Nothing was sent. What you typed still stands here, so that you can copy it.")
        changed = changed_since(doing.seen, detail, for_staff=principal.is_staff)
        _say(listed(what, changed, kept if deed.fields else _("Nothing was sent.")))
        show_sections(Filled(draft, deed.fields, detail.site_zone, _options(principal, deed)), [_section(deed)])
        label = _("Discard") if deed.fields else _("Close")
        st.button(label, key=f"{form}.back", type="tertiary", on_click=_let_go, args=(doing, draft))


def _let_go(doing: Doing, draft: Draft) -> None:
    draft.discard()
    doing.deed = None


def _section(deed: Deed) -> Section:
    return Section(deed.label, deed.icon, tuple(field.name for field in deed.fields))


def _say(words: str) -> None:
    """In a place of its own that is always there: what stands below stays the same element, with what is in it."""
    place = st.empty()
    if words:
        place.warning(words, icon=":material/sync_problem:")


def _meanwhile(number: str, changed: tuple[str, ...]) -> str:
    head = _("{number} was changed meanwhile:", number=number)
    return listed(head, changed, _("Nothing was sent. Look at it again and repeat your change."))


def _panel(principal: Principal, detail: TicketDetail, deed: Deed, doing: Doing) -> None:
    number = detail.ticket.number
    form = _form(number, deed)
    sending = Sending.of(form)
    draft = Draft.of(principal, form, **begins(deed.fields))
    filled = checked(Filled(draft, deed.fields, detail.site_zone, _options(principal, deed)), sending)
    said = sending.said
    if said and doing.version != detail.ticket.version:
        doing.changed = changed_since(doing.seen, detail, for_staff=principal.is_staff)
        doing.version = detail.ticket.version  # seen now: who sends it again means it
    with st.container(border=True, key="deed-panel"):
        _say(_meanwhile(number, doing.changed) if said and doing.changed else said)
        summary(filled.problems, {field.name: translated(field.label) for field in deed.fields}, turn=sending.turns)
        show_sections(filled, [_section(deed)])
        if deed.question:
            st.markdown(translated(deed.question))
        with st.container(horizontal=True, gap="small"):
            send_button(sending, translated(deed.label), key=f"{form}.send", icon=deed.icon)
            st.button(_("Back"), key=f"{form}.back", type="tertiary", on_click=_back, args=(doing, sending))
    if sending.is_asked:
        doing.changed = ()
        seen = doing.version or detail.ticket.version
        command = deed.command(number, seen, tidy(deed.fields, filled.values()))
        send(sending, draft, lambda key: execute(app_engine(), principal, command, key=key))


def _back(doing: Doing, sending: Sending) -> None:
    doing.deed, doing.changed = None, ()
    sending.begin_anew()


def _options(principal: Principal, deed: Deed) -> Options:
    if any(field.name == "person_id" for field in deed.fields):
        return {"person_id": dict(list_colleagues(app_engine(), principal))}
    return {}
