"""One guide, a section at a time: its contents at the left, and the ways on below."""

from __future__ import annotations

import streamlit as st

from data.guides import Guide, GuideKind
from pages import PAGES
from rules.documents import DocumentRow
from ui import look
from ui.guides import Section, Written
from ui.guides.library import guide_in
from ui.guides.pictures import picture
from ui.guides.pieces import around, article, contents, papers_list
from ui.links import page_at
from ui.reader import languages, reader
from ui.text import _, date_text, translated


def show(kind: GuideKind, asked: str, *, also: tuple[DocumentRow, ...]) -> None:
    guide, text = guide_in(kind, reader().language)
    section = text.section(asked) or text.sections[0]
    left, right = st.columns([1, 3], gap="medium")
    with left, look.card(key="help-contents"):
        st.html(contents(f"/help?part={kind}", text, chosen=section.name, label=_("Contents")))
        if also:
            st.html(papers_list(also, heading=_("From our team")))
    with right, look.card(key="help-text"):
        tell_language(guide.language)
        st.html(article(section, picture=picture(section, guide.language)))
        _page_of(section)
        st.html(around(f"/help?part={kind}", *_neighbours(text, section)))
        st.caption(_edition(guide))


def tell_language(written_in: str) -> None:
    """Where there is no text in the reader's own language."""
    if written_in != reader().language:
        name = languages().get(written_in, written_in)
        st.info(_("This is not written in your language yet: it is shown in {language}.", language=name))


def _page_of(section: Section) -> None:
    """To the page that the section is about, for whoever has it."""
    for spec in PAGES:
        page = page_at(spec.path) if spec.help == section.name else None
        if page is not None and spec.path != "help":
            words = _("Open the page “{name}”", name=translated(spec.title))
            st.page_link(page, label=words, icon=f":material/{spec.icon}:")


def _neighbours(text: Written, section: Section) -> tuple[Section | None, Section | None]:
    at = text.sections.index(section)
    before = text.sections[at - 1] if at else None
    after = text.sections[at + 1] if at + 1 < len(text.sections) else None
    return before, after


def _edition(guide: Guide) -> str:
    said = _("Edition {edition}, {date}", edition=guide.edition, date=date_text(guide.effective_on))
    return f"{guide.title} · {said}"
