"""Messages to several customers: to whom, what, as they will read it; then to each in a conversation of its own."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import streamlit as st

from data.commands import Done, execute
from data.engines import app_engine
from data.messaging import (
    BeginBroadcast,
    Begun,
    Candidate,
    SendBroadcastTo,
    Wanted,
    audience,
    begun_by,
    count_recipients,
    get_broadcast,
)
from rules.errors import Forbidden, NotFound
from rules.fields import Field, FieldKind, Only, Values
from rules.files import clean_name
from rules.messages import LONGEST, LONGEST_SUBJECT, Recipients
from rules.principal import Principal
from rules.words import N_
from ui import look
from ui.bubbles import Bubble, show_bubble
from ui.form.short import FILES, ShortForm, show_short_form
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _, country_text, n_, number_text, plain, term, time_text

K = FieldKind
ALL, SOME, PICKED = "all", "some", "picked"
_FORM = "broadcast.messages"
_SOME, _PICKED = Only("who", (SOME,)), Only("who", (PICKED,))
FIELDS = (
    Field("who", N_("To whom"), K.CHOICE, required=True, choices=(ALL, SOME, PICKED), default=ALL,
          vocabulary="broadcast.audience"),
    Field("countries", N_("With something in"), K.ITEMS, only=_SOME),
    Field("open", N_("With open tickets"), K.TICK, only=_SOME),
    Field("overdue", N_("With overdue invoices"), K.TICK, only=_SOME),
    Field("accounts", N_("Customers"), K.ITEMS, required=True, only=_PICKED),
    Field("recipients", N_("Who gets it there"), K.CHOICE, required=True, choices=tuple(Recipients),
          default=Recipients.ADMINISTRATORS, vocabulary="broadcast.recipients"),
    Field("subject", N_("Subject"), K.TEXT, required=True, longest=LONGEST_SUBJECT),
    Field("body", N_("Message"), K.LONG_TEXT, required=True, longest=LONGEST),
)  # fmt: skip


@dataclass
class Running(Remembered):
    """What is being sent in this tab."""

    broadcast: UUID | None = None

    def begin(self, broadcast: UUID) -> None:
        self.broadcast = broadcast


def show(principal: Principal) -> None:
    running = Running.of(_FORM)
    if running.broadcast is not None:
        _send(principal, running, running.broadcast)
    show_news(_FORM, good_stays=True)
    with look.card(key="broadcast-messages"):
        _form(principal, running)
    _begun(principal, running)


def _form(principal: Principal, running: Running) -> None:
    everybody = audience(app_engine(), principal)
    if not everybody:
        st.markdown(f":material/group_off: {_('You look after no customer yet. An administrator assigns them.')}")
        return
    countries = sorted({country for one in everybody for country in one.countries})
    options = {
        "countries": {country: country_text(country) for country in countries},
        "accounts": {str(one.uuid): f"{one.name} · {one.code}" for one in everybody},
    }

    def deed(values: Values, key: UUID) -> Done:
        return execute(app_engine(), principal, _command(everybody, values), key=key)

    form = ShortForm(
        name=_FORM,
        title=N_("Write to several customers"),
        icon="forward_to_inbox",
        fields=FIELDS,
        button=N_("Send"),
        attaches=True,
        deed=deed,
        options=lambda _values: options,
        says=lambda values: _preview(principal, everybody, values),
    )
    done = show_short_form(principal, form)
    if done is not None:
        running.begin(UUID(done["broadcast"]))
        st.rerun()


def chosen(everybody: tuple[Candidate, ...], values: Values) -> tuple[Candidate, ...]:
    """Whom the form names."""
    match values.get("who"):
        case "picked":
            picked = set(values.get("accounts") or ())
            return tuple(one for one in everybody if str(one.uuid) in picked)
        case "some":
            wanted = Wanted(
                frozenset(values.get("countries") or ()), bool(values.get("open")), bool(values.get("overdue"))
            )
            return tuple(one for one in everybody if wanted.takes(one))
    return everybody


def _command(everybody: tuple[Candidate, ...], values: Values) -> BeginBroadcast:
    return BeginBroadcast(
        values.get("subject") or "",
        values.get("body") or "",
        tuple(one.uuid for one in chosen(everybody, values)),
        str(values["recipients"]),
        files=tuple(values.get(FILES) or ()),
    )


def _preview(principal: Principal, everybody: tuple[Candidate, ...], values: Values) -> None:
    """How many get it, and what each of them reads."""
    to = chosen(everybody, values)
    recipients = Recipients(str(values.get("recipients") or Recipients.ADMINISTRATORS))
    counts = count_recipients(app_engine(), principal, tuple(one.uuid for one in to), recipients)
    people = sum(counts.values())
    reached = f"**{_customers(len(to))} · {_people(people)}**"
    st.markdown(f":material/group: {reached}")
    nobody = [plain(one.name) for one in to if not counts.get(one.uuid)]
    if nobody:
        named = ", ".join(nobody[:5]) + (" …" if len(nobody) > 5 else "")
        words = _("Nobody there uses messages: {names}", names=named)
        st.caption(f":material/info: {words}")
    subject, body = str(values.get("subject") or "").strip(), str(values.get("body") or "").strip()
    if subject or body:
        st.markdown(f":small[:gray[{_('As each customer reads it; nobody sees who else got it')}]]")
        with st.container(border=True, key="broadcast-preview", gap="small"):
            st.markdown(f"**{plain(subject) or '…'}**")
            head = f"**{plain(principal.name)}** :blue-badge[{term('message.desk', 'account_manager')}]"
            show_bubble(Bubble("theirs", "preview", head, body or "…"))
            for file in values.get(FILES) or ():
                st.markdown(f":small[:material/attach_file: {plain(clean_name(file.name))}]")


def _customers(n: int) -> str:
    return n_("{n} customer", "{n} customers", n)


def _people(n: int) -> str:
    return n_("{n} person", "{n} people", n)


# --- sending


def _send(principal: Principal, running: Running, broadcast: UUID) -> None:
    """One after the other. A click in between, or a lost connection, ends this run; the next goes on where it was."""
    begun, to = get_broadcast(app_engine(), principal, broadcast)
    waiting, refused = [one for one in to if one.sent_at is None], 0
    bar = st.progress(begun.sent / begun.accounts, _said(begun.sent, begun.accounts))
    for number, one in enumerate(waiting, start=begun.sent + 1):
        try:
            execute(app_engine(), principal, SendBroadcastTo(broadcast, one.uuid))
        except (Forbidden, NotFound):  # somebody else looks after them by now
            refused += 1
        bar.progress(number / begun.accounts, _said(number, begun.accounts))
    running.broadcast = None
    begun, _to = get_broadcast(app_engine(), principal, broadcast)
    words = _("Sent: {customers}, {people}.", customers=_customers(begun.sent), people=_people(begun.people))
    bad = n_("{n} customer could not be reached.", "{n} customers could not be reached.", refused) if refused else ""
    tell(_FORM, words, bad=bad)
    st.rerun()


def _said(n: int, of: int) -> str:
    return _("Sending: {n} of {of}", n=number_text(n), of=number_text(of))


def _begun(principal: Principal, running: Running) -> None:
    """What was written before, and what is not over: a run that was cut short is taken up again."""
    rows = begun_by(app_engine(), principal)
    if not rows:
        return
    with look.card(_("Sent to several"), key="broadcast-begun"):
        for one in rows:
            _line(one, running)


def _line(one: Begun, running: Running) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        facts = f"{_customers(one.sent)} · {_people(one.people)} · {time_text(one.begun_at)}"
        st.markdown(f"**{plain(one.subject)}**  \n:small[:gray[{facts}]]", width="stretch")
        if not one.is_over:
            left = n_("{n} customer is waiting", "{n} customers are waiting", one.accounts - one.sent)
            st.markdown(f":orange-badge[:material/hourglass_top: {left}]", width="content")
            st.button(_("Go on sending"), icon=":material/play_arrow:", key=f"go-on.{one.uuid}",
                      on_click=running.begin, args=(one.uuid,))  # fmt: skip
