"""The pop-up that sends a reminder, to one account or to all that are looked for: first what it says, then how far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4, uuid5

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.invoicing.collections import RemindAccount, ReminderPreview, preview_reminder
from rules.errors import Conflict
from rules.money import REMINDED_EVERY
from rules.principal import Principal
from ui.errors import sentence, telling
from ui.news import tell
from ui.reader import Reader, language_for, reader, reading_as
from ui.reminder import reminder_words
from ui.state import Remembered
from ui.text import _, ago_text, n_, number_text, plain

PLACE = "collections"


@dataclass
class Reminding(Remembered):
    """Whom the open pop-up is about, and what makes a second click of its button the same deed."""

    accounts: tuple[tuple[int, str], ...] = ()
    key: UUID | None = None

    def begin(self, accounts: tuple[tuple[int, str], ...]) -> None:
        self.accounts, self.key = accounts, uuid4()

    def end(self) -> None:
        self.accounts, self.key = (), None


def reminder_asked_for(principal: Principal) -> None:
    state = Reminding.of(PLACE)
    if not state.accounts or state.key is None:
        return
    title = n_("Remind {n} account", "Remind {n} accounts", len(state.accounts))

    @st.dialog(title, width="medium", on_dismiss=state.end)
    def opened() -> None:
        with telling():
            _dialog(principal, state)

    opened()


def _dialog(principal: Principal, state: Reminding) -> None:
    place = 0
    if len(state.accounts) > 1:
        names = [name for _account, name in state.accounts]
        place = st.selectbox(_("Preview for"), range(len(names)), format_func=names.__getitem__, key="remind.preview")
    preview = preview_reminder(app_engine(), principal, state.accounts[place][0])
    _preview(preview)
    days = REMINDED_EVERY.days
    lately = preview.last is not None and datetime.now(UTC) - preview.last < REMINDED_EVERY
    anyway = False
    if lately or len(state.accounts) > 1:
        words = _("Also where a reminder was sent in the last {n} days", n=number_text(days))
        anyway = st.checkbox(words, key=f"remind.anyway.{state.key}")
    label = n_("Send {n} reminder", "Send {n} reminders", len(state.accounts))
    if st.button(label, type="primary", icon=":material/send:", key=f"remind.send.{state.key}"):
        _send(principal, state, anyway=anyway)


def _preview(preview: ReminderPreview) -> None:
    """In the language in which the account reads; each person's own mail is in their own."""
    with reading_as(Reader(language_for(preview.language), reader().time_zone)):
        words = reminder_words(preview.account, preview.says)
    if preview.to:
        st.markdown(f":small[:gray[{_('To')}]] {plain(', '.join(preview.to))}")
    else:
        st.warning(_("Nobody in this account deals with invoices: there is no one to write to."))
    if preview.last is not None:
        said = _("Last reminded {when}.", when=ago_text(preview.last))
        st.markdown(f":small[:gray[{said}]]")
    with st.container(border=True, height="content"):
        st.markdown(f"**{plain(words.subject)}**")
        for paragraph in words.paragraphs:
            st.text(paragraph)
        st.table({plain(number): plain(line) for number, line in words.facts}, border="horizontal")


def _send(principal: Principal, state: Reminding, *, anyway: bool) -> None:
    """One after the other, each a deed of its own: who stops it half-way has reminded those before."""
    assert state.key is not None, "a pop-up that is open has one"
    bar = st.progress(0.0)
    refused: Counter[str] = Counter()
    for place, (account, name) in enumerate(state.accounts, start=1):
        bar.progress(place / len(state.accounts), plain(name))
        command = RemindAccount(account, anyway)
        try:
            execute(app_engine(), principal, command, key=uuid5(state.key, f"{account}/{anyway}"))
        except Conflict as conflict:
            refused[sentence(conflict)] += 1
    sent = len(state.accounts) - refused.total()
    good = n_("{n} account is reminded.", "{n} accounts are reminded.", sent) if sent else ""
    bad = " ".join(f"{reason} ({number_text(n)})" for reason, n in refused.items())
    tell(PLACE, good, bad=bad)
    state.end()
    st.rerun()
