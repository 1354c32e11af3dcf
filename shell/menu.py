"""The pages of one person as Streamlit knows them, kept from run to run of their tab."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import streamlit as st

from auth import visitor
from auth.forgotten import forgotten_page
from auth.invitation_links import INVITATION
from auth.invitation_page import invitation_page
from auth.password_links import FORGOTTEN, SET_PASSWORD
from auth.set_password import set_password_page
from pages import PAGES, PageSpec, pages_for
from pages.portal.unavailable import show_unavailable
from rules.principal import AccountRef, Principal
from ui import links, look
from ui.errors import tell_not_there
from ui.state import Remembered, Visit
from ui.text import _, translated


class OwnPage(st.Page):
    """Streamlit hashes the address of each page three times at every run; it is the same in all of them."""

    @cached_property
    def _script_hash(self) -> str:
        return super()._script_hash


@dataclass
class Menu(Remembered):
    """Made anew when the person, what they may, what they look at, or their language changed."""

    made_for: object = None
    theirs: list[st.Page] = field(default_factory=list)
    others: dict[str, st.Page] = field(default_factory=dict)

    def for_whom(self, principal: Principal, language: str) -> list[st.Page]:
        """Theirs, and the one of the others that the address names: Streamlit walks over all of them at each run."""
        if self.made_for != (principal, language):
            specs = pages_for(principal)
            theirs = {spec.path: _page(spec, principal) for spec in specs}
            links.remember(theirs)
            self.theirs = list(theirs.values())
            self.others = {spec.path: _unavailable(spec, principal) for spec in PAGES if spec not in specs}
            self.others |= {page.url_path: page for page in way_in()}
            self.made_for = principal, language
        path = visitor.path()
        if path is None:
            return [*self.theirs, *self.others.values()]
        return [*self.theirs, self.others[path]] if path in self.others else self.theirs


def _page(spec: PageSpec, principal: Principal) -> st.Page:
    return OwnPage(
        lambda: _show(spec, principal),
        title=translated(spec.title),
        icon=f":material/{spec.icon}:",
        url_path=spec.path or None,
        default=not spec.path,
        visibility="visible" if _is_in_menu(spec, principal) else "hidden",
    )


def _show(spec: PageSpec, principal: Principal) -> None:
    Visit.of("page").to(spec.path)
    spec.show(principal)


def _is_in_menu(spec: PageSpec, principal: Principal) -> bool:
    """Staff have no dashboard of their own: Home leads them to where their role begins."""
    if principal.is_staff:
        return spec.in_menu and bool(spec.path)
    return spec.in_menu and not spec.of_account


def way_in() -> tuple[st.Page, ...]:
    """Where the link in a mail leads, and where one is asked for, whoever is signed in here."""
    return (
        OwnPage(_set_password, title=_("Set your password"), url_path=SET_PASSWORD.strip("/"), visibility="hidden"),
        OwnPage(forgotten_page, title=_("Forgot your password?"), url_path=FORGOTTEN.strip("/"), visibility="hidden"),
        OwnPage(invitation_page, title=_("Invitation"), url_path=INVITATION.strip("/"), visibility="hidden"),
    )


def _set_password() -> None:
    set_password_page(st.query_params.get("link", ""))


def _unavailable(spec: PageSpec, principal: Principal) -> st.Page:
    """A colleague's link to a page this person does not have says so, instead of pretending there is no such page.

    A page that nobody of their kind has does not exist for them, like an address of no page (web/missing_page.py)."""
    for_their_kind = spec.for_customers if principal.role is None else spec.roles != frozenset()
    if not for_their_kind:
        return OwnPage(_nowhere, title=_("Page not found"), url_path=spec.path, visibility="hidden")

    def show() -> None:
        others = [a for a in principal.accounts if a.id not in principal.chosen and _opens_in(spec, principal, a)]
        show_unavailable(principal, translated(spec.title), spec.permissions, opens_in=others)

    return OwnPage(show, title=translated(spec.title), url_path=spec.path, visibility="hidden")


def _opens_in(spec: PageSpec, principal: Principal, account: AccountRef) -> bool:
    return principal.role is None and spec.opens_for(principal.looking_at((account.id,)))


def _nowhere() -> None:
    look.title(_("Page not found"))
    tell_not_there()
    home = links.page_at("")
    if home is not None:
        st.page_link(home, label=_("Go to the start page"), icon=":material/home:")
