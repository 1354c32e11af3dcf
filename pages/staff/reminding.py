"""The pop-up that sends a reminder, to one account or to all that are looked for: first what it says, then how far."""

from __future__ import annotations

from collections.abc import Mapping
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
#: So many of those who were not reminded are named.
MOST_NAMED = 8


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
    title = _title(state.accounts)

    @st.dialog(title, width="medium", on_dismiss=state.end)
    def opened() -> None:
        with telling():
            _dialog(principal, state)

    opened()


def _title(accounts: tuple[tuple[int, str], ...]) -> str:
    if len(accounts) == 1:
        return _("Remind {account}", account=plain(accounts[0][1]))
    return n_("Remind {n} account", "Remind {n} accounts", len(accounts))


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
    # of one alone it is known beforehand that nothing would be sent
    vain = len(state.accounts) == 1 and (not preview.to or (lately and not anyway))
    if st.button(label, type="primary", icon=":material/send:", key=f"remind.send.{state.key}", disabled=vain):
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
    """One after the other, each a deed of its own: who stops it half-way has reminded those before, and is told how
    many they were."""
    assert state.key is not None, "a pop-up that is open has one"
    accounts, key, bar = state.accounts, state.key, st.progress(0.0)
    refused: dict[str, list[str]] = {}
    gone_through = 0
    try:
        for place, (account, name) in enumerate(accounts, start=1):
            bar.progress(place / len(accounts), _so_far(place, len(accounts), name))
            try:
                execute(app_engine(), principal, RemindAccount(account, anyway), key=uuid5(key, f"{account}/{anyway}"))
            except Conflict as conflict:
                refused.setdefault(sentence(conflict), []).append(name)
            gone_through = place
    finally:
        _tell(gone_through, len(accounts), refused)
        state.end()
    st.rerun()


def _so_far(place: int, of: int, name: str) -> str:
    return _("{place} of {n}: {name}", place=number_text(place), n=number_text(of), name=plain(name))


def _tell(gone_through: int, of: int, refused: Mapping[str, list[str]]) -> None:
    sent = gone_through - sum(map(len, refused.values()))
    good = n_("{n} account is reminded.", "{n} accounts are reminded.", sent) if sent else ""
    bad = [f"{reason} ({_names(names)})" for reason, names in refused.items()]
    if left := of - gone_through:
        bad.insert(0, n_("Stopped: {n} account was left out.", "Stopped: {n} accounts were left out.", left))
    tell(PLACE, good, bad="  \n".join(bad))


def _names(names: list[str]) -> str:
    said = ", ".join(map(plain, names[:MOST_NAMED]))
    more = len(names) - MOST_NAMED
    return said if more <= 0 else n_("{names} and {n} more", "{names} and {n} more", more, names=said)
