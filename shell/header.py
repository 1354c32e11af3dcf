"""The top right of every page: company, notices, messages, language, and the person's own menu."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

import streamlit as st

from auth import visitor
from auth.presence import leave
from auth.sessions import Signed
from data import live
from data.engines import app_engine
from data.news import Unread, unread
from rules.principal import Principal
from ui import links
from ui.state import Remembered
from ui.text import Reader, _, languages, n_, term


@dataclass
class View(Remembered):
    """Which of several accounts is looked at; None: all of them."""

    account_id: int | None = None


#: Pages on which things are read, after the badges were drawn.
READ_HERE = frozenset({"notices", "messages"})
PATIENCE = 15.0  # seconds; by then staff, whom no account's news reaches, see what is new as well


@dataclass
class Badges(Remembered):
    """What bell and envelope said last, and what that was counted for: counting costs more than all else here."""

    counts: Unread = field(default_factory=lambda: Unread(0, 0))
    counted_for: object = None
    counted_at: float = 0.0

    def now(self, principal: Principal, page: str) -> Unread:
        accounts = [account.uuid for account in principal.accounts]
        heard = live.news.version("N", ""), live.news.version("M", *accounts)
        wanted = principal, heard, page in READ_HERE  # a page that was left is another one: counted anew as well
        is_late = time.monotonic() - self.counted_at > PATIENCE
        if wanted != self.counted_for or is_late or page in READ_HERE:
            self.counts = unread(app_engine(), principal)
            self.counted_for, self.counted_at = wanted, time.monotonic()
        return self.counts


def in_view(principal: Principal) -> Principal:
    """The person, looking at the account they chose under the company icon."""
    if principal.is_staff or not principal.accounts:
        return principal
    chosen = View.of("accounts").account_id
    if chosen is None and not _runs_all(principal):
        chosen = principal.accounts[0].id
    return principal if chosen is None else principal.looking_at((chosen,))


def _runs_all(principal: Principal) -> bool:
    """Functions and sites of a general user differ from account to account: they look at one at a time."""
    return all(account.is_paa for account in principal.accounts)


def reader_of(principal: Principal) -> Reader:
    """Their own language and clock where they set them, else the browser's."""
    seen = visitor.reader()
    chosen_here = st.context.cookies.get("portal_language") in languages()
    language = seen.language if chosen_here else (principal.language or seen.language)
    return Reader(language, principal.time_zone or seen.time_zone)


def header(signed: Signed, page: str) -> None:
    principal = in_view(signed.principal)
    with st.container(key="header", horizontal=True, horizontal_alignment="right", gap="xsmall", wrap=False):
        _company(signed.principal)
        _news(principal, page)
        _language()
        _account(principal)


def _company(principal: Principal) -> None:
    if principal.is_staff or len(principal.accounts) < 2:
        return
    names: dict[int | None, str] = {a.id: a.name for a in principal.accounts}
    if _runs_all(principal):
        names = {None: _("All accounts")} | names
    looked_at = in_view(principal).chosen
    st.menu_button(
        names[looked_at[0] if len(looked_at) == 1 else None],
        list(names),
        format_func=lambda account: names[account],
        icon=":material/apartment:",
        type="tertiary",
        key="header.company",
        on_click=_choose_account,
    )


def _choose_account() -> None:
    View.of("accounts").account_id = st.session_state["header.company"]


def _news(principal: Principal, page_in_view: str) -> None:
    """Bell and envelope: the icon and, if there is something new, how much; the words are for screen readers."""
    counts = Badges.of("news").now(principal, page_in_view)
    for path, icon, label, n in (
        ("notices", "notifications", _("Notices"), counts.notices),
        ("messages", "mail", _("Messages"), counts.messages),
    ):
        page = links.page_at(path)
        if page is None:
            continue
        words = n_("{name}, {n} unread", "{name}, {n} unread", n, name=label) if n else label
        badge = f":red-badge[{n}] " if n else ""
        if st.button(f"{badge}{words}", icon=f":material/{icon}:", type="tertiary", key=f"news-{path}", help=label):
            st.switch_page(page)


def _language() -> None:
    names = languages()
    chosen = st.menu_button(
        st.session_state["portal.reader"].language.upper(),
        list(names),
        format_func=lambda code: names[code],
        icon=":material/language:",
        type="tertiary",
        key="header.language",
        help=_("Language"),
    )
    if chosen:
        visitor.go(f"/auth/language?{urlencode({'to': chosen, 'next': visitor.here()})}")


def _account(principal: Principal) -> None:
    options = {"out": _("Sign out"), "everywhere": _("Sign out everywhere")}
    role = f" · {term('staff.role', principal.role)}" if principal.role else ""
    chosen = st.menu_button(
        f"{principal.name}{role}",
        list(options),
        format_func=lambda option: options[option],
        icon=":material/account_circle:",
        type="tertiary",
        key="header.account",
        help=principal.email,
    )
    if chosen:
        leave(everywhere=chosen == "everywhere")
