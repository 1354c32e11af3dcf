"""The pages of one person as Streamlit knows them, kept from run to run of their tab."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from pages import PAGES, PageSpec, pages_for
from rules.principal import Principal
from ui import links, look
from ui.state import Remembered
from ui.text import _, translated


@dataclass
class Menu(Remembered):
    """Made anew when the person, what they may, what they look at, or their language changed."""

    made_for: object = None
    pages: list[st.Page] = field(default_factory=list)

    def for_whom(self, principal: Principal, language: str) -> list[st.Page]:
        if self.made_for != (principal, language):
            specs = pages_for(principal)
            theirs = {spec.path: _page(spec, principal) for spec in specs}
            links.remember(theirs)
            self.pages = [*theirs.values(), *(_unavailable(spec) for spec in PAGES if spec not in specs)]
            self.made_for = principal, language
        return self.pages


def _page(spec: PageSpec, principal: Principal) -> st.Page:
    return st.Page(
        lambda: spec.show(principal),
        title=translated(spec.title),
        icon=f":material/{spec.icon}:",
        url_path=spec.path or None,
        default=not spec.path,
        # staff have no dashboard of their own: Home leads them to where their role begins
        visibility="visible" if spec.in_menu and (spec.path or not principal.is_staff) else "hidden",
    )


def _unavailable(spec: PageSpec) -> st.Page:
    """A colleague's link to a page this person does not have says so, instead of pretending there is no such page."""

    def show() -> None:
        look.title(translated(spec.title))
        st.info(_("This page is not available to you. Ask the administrator of your account."), icon=":material/lock:")

    return st.Page(show, title=translated(spec.title), url_path=spec.path, visibility="hidden")
