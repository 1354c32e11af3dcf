"""Pieces of HTML that help is put together from: contents, sections, what was found, papers to take along.

A link with the class `inside` is followed without loading the page anew (static/inside.js)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from urllib.parse import urlencode

from rules.documents import DocumentRow
from ui.guides.finding import Hit
from ui.guides.markdown import PREFIX, Section, Written
from ui.reader import languages, reader
from ui.text import _, date_text, term


def part_links(parts: Mapping[str, str], *, chosen: str) -> str:
    """The parts of the help beside each other, as links."""
    links = "".join(_link(f"/help?part={part}", words, is_here=part == chosen) for part, words in parts.items())
    return f'<nav class="help-parts" aria-label="{escape(_("Parts of the help"))}">{links}</nav>'


def _link(address: str, words: str, *, is_here: bool = False) -> str:
    here = ' aria-current="page"' if is_here else ""
    return f'<a href="{escape(address)}" class="inside" target="_self"{here}>{escape(words)}</a>'


def contents(address: str, text: Written, *, chosen: str, label: str) -> str:
    """Its sections; without an address they all stand on this page."""
    items = "".join(f"<li>{_to(address, section, is_here=section.name == chosen)}</li>" for section in _titled(text))
    return f'<nav class="help-contents" aria-label="{escape(label)}"><ol>{items}</ol></nav>'


def _to(address: str, section: Section, *, is_here: bool) -> str:
    if not address:
        return f'<a href="#{PREFIX}{escape(section.name)}" target="_self">{escape(section.title)}</a>'
    return _link(f"{address}&section={section.name}", section.title, is_here=is_here)


def _titled(text: Written) -> Iterable[Section]:
    return (section for section in text.sections if section.title)


def article(section: Section, *, picture: str = "") -> str:
    title = f'<h2 id="{PREFIX}{escape(section.name)}">{escape(section.title)}</h2>' if section.title else ""
    return f'<article class="help-article">{title}{section.html}{picture}</article>'


def around(address: str, before: Section | None, after: Section | None) -> str:
    """To the section before and the one after."""
    left = _link(f"{address}&section={before.name}", f"← {before.title}") if before else "<span></span>"
    right = _link(f"{address}&section={after.name}", f"{after.title} →") if after else ""
    return f'<nav class="help-around" aria-label="{escape(_("Other sections"))}">{left}{right}</nav>'


def found_list(hits: Sequence[tuple[str, str, Hit]]) -> str:
    """Address, where it stands, and what was found there."""
    return f'<ol class="help-found">{"".join(_hit(*each) for each in hits)}</ol>'


def _hit(address: str, where: str, hit: Hit) -> str:
    pieces = (f"<mark>{escape(p)}</mark>" if at % 2 else escape(p) for at, p in enumerate(hit.found))
    title = hit.section.title or where
    return f"<li>{_link(address, title)}<small>{escape(where)}</small><p>{''.join(pieces)}</p></li>"


def papers_list(rows: Sequence[DocumentRow], *, with_account: bool = False, heading: str = "") -> str:
    """Documents to take along, each with what it is."""
    items = "".join(
        f"<li>{paper_link(row)}<small>{escape(_facts(row, with_account=with_account))}</small></li>" for row in rows
    )
    title = f"<h3>{escape(heading)}</h3>" if heading else ""
    return f'{title}<ul class="help-papers">{items}</ul>'


def paper_link(row: DocumentRow) -> str:
    """A text is read on the page; a file is saved."""
    if row.is_file:
        return file_link(row, row.title)
    address = f"/help?part=documents&document={row.uuid}"
    return f'<a href="{escape(address)}" class="help-file inside" target="_self"><span>{escape(row.title)}</span></a>'


def file_link(row: DocumentRow, words: str) -> str:
    """Saved, never shown (web/documents.py)."""
    kind = "PDF" if row.is_file else "Markdown"
    name = f"<span>{escape(words)}</span> <b>{kind}</b>"
    return f'<a href="/documents/{row.uuid}" class="help-file" target="_self">{name}</a>'


def facts_of(row: DocumentRow) -> str:
    return f'<p class="help-facts">{escape(_facts(row, with_account=True))}</p>'


def back_to(address: str, words: str) -> str:
    return f'<nav class="help-around" aria-label="{escape(words)}">{_link(address, f"← {words}")}</nav>'


def _facts(row: DocumentRow, *, with_account: bool) -> str:
    facts = [
        term("document.kind", row.kind),
        row.account if with_account else None,
        _("Edition {edition}", edition=row.edition),
        date_text(row.effective_on) if row.effective_on else None,
        languages().get(row.language, row.language),
    ]
    return " · ".join(fact for fact in facts if fact)


def languages_links(next_path: str) -> str:
    """The same page in another language, for whoever is not signed in (web/session.py)."""
    links = "".join(
        f"<strong>{escape(name)}</strong>" if code == reader().language else _other_language(code, name, next_path)
        for code, name in languages().items()
    )
    return f'<nav class="languages" aria-label="{escape(_("Language"))}">{links}</nav>'


def _other_language(code: str, name: str, next_path: str) -> str:
    address = f"/auth/language?{urlencode({'to': code, 'next': next_path})}"
    return f'<a href="{escape(address)}" lang="{code.replace("_", "-")}">{escape(name)}</a>'
