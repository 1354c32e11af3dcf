"""Help: guides section by section, policies to read and accept, one's own papers, and a search over all of it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from data.documents import general_documents
from data.engines import app_engine
from data.guides import GuideKind
from pages.portal.help import guides, papers, policies
from rules.documents import DocumentKind, DocumentRow, current
from rules.permissions import StaffRole
from rules.principal import Principal
from ui import links, look
from ui.errors import tell_not_there
from ui.guides import find
from ui.guides.library import FOR_EVERYBODY, FOR_STAFF, place_of, sections_in
from ui.guides.pieces import found_list, part_links
from ui.reader import reader
from ui.state import Remembered
from ui.text import _, n_, plain, term

#: In the address: which part, and which words are looked for; the section is `links.SECTION`.
PART, WORDS = "part", "q"
POLICIES, DOCUMENTS = "policies", "documents"


@dataclass
class Searching(Remembered):
    """Raised when the field must be drawn anew, because the address says other words than it does."""

    turn: int = 0


def show(principal: Principal) -> None:
    look.title(_("Help"))
    uploaded = general_documents(app_engine(), principal)
    words = _search()
    parts, (asked, section) = _parts(principal), _asked()
    text = papers.asked_for(principal) if asked == DOCUMENTS and not words else None
    part = asked if asked in parts or text is not None else next(iter(parts))
    st.html(part_links(parts, chosen="" if words else part))
    if words:
        _show_found(principal, words, uploaded)
        return
    if text is not None:
        papers.read(text)
        return
    if papers.WHICH in st.query_params and part != POLICIES:
        tell_not_there()
    match part:
        case "policies":
            policies.show(principal, uploaded)
        case "documents":
            papers.show(principal)
        case _:
            kind = GuideKind(part)
            guides.show(kind, section, also=_of_kind(uploaded, kind))


def _parts(principal: Principal) -> dict[str, str]:
    kinds = (*(FOR_STAFF if principal.is_staff else ()), *FOR_EVERYBODY)
    parts = {str(kind): term("guide", kind) for kind in kinds}
    parts[POLICIES] = term("guide", POLICIES)
    if principal.role is None:
        parts[DOCUMENTS] = _("My documents")
    elif principal.role is StaffRole.ACCOUNT_MANAGER:
        parts[DOCUMENTS] = _("Documents of my customers")
    return parts


def _asked() -> tuple[str, str]:
    """Part and section that the address names; a section or a document alone is enough."""
    section = st.query_params.get(links.SECTION, "")
    place = place_of(section)
    alone = place.part if place else DOCUMENTS if papers.WHICH in st.query_params else ""
    return st.query_params.get(PART) or alone, section


#: What staff upload beside a guide of ours.
_BESIDE = {
    GuideKind.USER_GUIDE: DocumentKind.USER_GUIDE,
    GuideKind.ONBOARDING: DocumentKind.ONBOARDING_GUIDE,
    GuideKind.FAQ: DocumentKind.FAQ,
}


def _of_kind(uploaded: tuple[DocumentRow, ...], kind: GuideKind) -> tuple[DocumentRow, ...]:
    rows = (row for row in uploaded if row.kind is _BESIDE.get(kind))
    return current(rows, language=reader().language, today=policies.today())


def _search() -> str:
    """The words in the address are what is looked for; the field follows them, and they follow the field."""
    state, said = Searching.of("help"), st.query_params.get(WORDS, "")
    key = f"help.search.{state.turn}"
    if key in st.session_state and st.session_state[key] != said:
        state.turn += 1
        key = f"help.search.{state.turn}"

    def look_for() -> None:
        words = st.session_state[key].strip()
        st.session_state[key] = words
        if words:
            st.query_params[WORDS] = words
        else:
            st.query_params.pop(WORDS, None)

    with st.container(key="asking-help"):
        st.text_input(
            _("Search the help"), said, key=key, on_change=look_for, placeholder=_("Search the help"), max_chars=100,
            label_visibility="collapsed", icon=":material/search:",
        )  # fmt: skip
    return said.strip()


def _show_found(principal: Principal, words: str, uploaded: tuple[DocumentRow, ...]) -> None:
    guides_found = find(words, sections_in(reader().language, for_staff=principal.is_staff))
    hits = [(f"/help?part={hit.where.part}&section={hit.where.section}", term("guide", hit.where.part), hit)
            for hit in guides_found]  # fmt: skip
    hits += policies.found(principal, words, uploaded)
    with look.card(key="help-found"):
        if not hits:
            st.markdown(f":material/search_off: {_('Nothing in the help says “{words}”.', words=plain(words))}")
            st.caption(_("Try fewer or other words, or a part of a word."))
            return
        st.markdown(f"**{n_('{n} section', '{n} sections', len(hits))}**")
        st.html(found_list(hits))
