"""Markdown, ours or the staff's, as HTML that can do no harm: no HTML of its own, no pictures, no strange links.

A text is cut into sections at its second-level headings. `## Tickets {#tickets}` names one, so that addresses and
other texts can lead there in every language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

#: Ids of ours stand in a page of which others are scripts' (static/header.js): none can be taken for one of those.
PREFIX = "help-"
#: Kept parsed: all guides in all languages, and what staff uploaded.
MOST_TEXTS = 128
_NAMED = re.compile(r"\s*\{#([a-z0-9-]+)\}\s*$")
_SCHEMES = frozenset({"https", "http", "mailto", "tel"})


@dataclass(frozen=True)
class Section:
    """From one second-level heading to the next. `words` is its text alone, for whoever looks for some; `inner` are the
    names of the headings in it."""

    name: str
    title: str
    html: str = field(repr=False)
    words: str = field(repr=False)
    inner: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """A text in its sections; what stands before the first heading is one without a title."""

    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        """The one of this name, else the one in which something has it."""
        own = (section for section in self.sections if section.name == name)
        holds = (section for section in self.sections if name in section.inner)
        return next(own, None) or next(holds, None)


def is_safe(address: str) -> bool:
    """A place on the page, a page of ours, or an address that a browser opens without running anything."""
    if re.search(r"[\x00-\x20\x7f\\]|%5c", address, re.IGNORECASE):
        return False
    if address.startswith("#"):
        return True
    if address.startswith("/"):
        return not address.startswith("//")
    return urlsplit(address).scheme.lower() in _SCHEMES


class _Html(RendererHTML):
    """What a text may become; `rules` of markdown-it are methods here, by the names of tokens."""

    def image(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: dict[str, object]) -> str:
        """Its description: a picture would be asked for at another host."""
        return escape(tokens[idx].content)

    def link_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: dict[str, object]) -> str:
        address = str(tokens[idx].attrGet("href") or "")
        if address.startswith("#"):
            return f'<a href="#{PREFIX}{escape(address[1:])}" target="_self">'
        if address.startswith("/"):
            return f'<a href="{escape(address)}" class="inside" target="_self">'
        return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">'

    def heading_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: dict[str, object]) -> str:
        named = tokens[idx].attrGet("id")
        return f'<{tokens[idx].tag} id="{PREFIX}{escape(str(named))}">' if named else f"<{tokens[idx].tag}>"

    def table_open(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: dict[str, object]) -> str:
        return '<div class="table" tabindex="0"><table>'

    def table_close(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: dict[str, object]) -> str:
        return "</table></div>"


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Html).enable(["table", "strikethrough"])
    reader.validateLink = is_safe  # type: ignore[method-assign]
    return reader


_MARKDOWN = _reader()


@lru_cache(MOST_TEXTS)
def written(markdown: str) -> Written:
    """The whole of a text; parsed once per process."""
    tokens = _MARKDOWN.parse(markdown)
    starts = [at for at, token in enumerate(tokens) if token.type == "heading_open" and token.tag in ("h1", "h2")]
    parts = [tokens[start:end] for start, end in zip([0, *starts], [*starts, len(tokens)], strict=True)]
    sections = [_section(part, number) for number, part in enumerate(parts) if part]
    return Written(tuple(section for section in sections if section is not None))


def _section(tokens: list[Token], number: int) -> Section | None:
    title, name, inner = "", f"part-{number}", list[str]()
    if tokens[0].type == "heading_open" and tokens[0].tag in ("h1", "h2"):
        title, named = _heading(tokens[1])
        name = named or name
        tokens = tokens[3:]
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            _said, named = _heading(tokens[at + 1])
            if named:
                token.attrSet("id", named)
                inner.append(named)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    words = " ".join(filter(None, map(_words, tokens)))
    return Section(name, title, html, words, tuple(inner)) if title or words else None


def _heading(inline: Token) -> tuple[str, str]:
    """Its text and its name; the name is taken out of what is shown."""
    last = inline.children[-1] if inline.children else None
    found = _NAMED.search(last.content) if last is not None and last.type == "text" else None
    if found is not None and last is not None:
        last.content = last.content[: found.start()]
    return _words(inline), found.group(1) if found else ""


def _words(token: Token) -> str:
    if token.type in ("fence", "code_block"):
        return token.content
    if token.type != "inline":
        return ""
    return "".join(" " if c.type in ("softbreak", "hardbreak") else c.content for c in token.children or ())
