"""Messages in the reader's language, and what people wrote made safe to show among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from babel import numbers

from ui.catalog import translations
from ui.reader import locale_of, reader

NOTHING = "–"  # what stands where a field is empty


def _(message: str, **values: object) -> str:
    """The message in the reader's language; `{name}` takes a value."""
    return _filled(translations(reader().language).gettext(message), values)


def n_(singular: str, plural: str, n: int, **values: object) -> str:
    """One or many: `n_("{n} ticket", "{n} tickets", n)`; `{n}` is written as the reader writes numbers."""
    found = translations(reader().language).ngettext(singular, plural, n)
    return _filled(found, {"n": _counted(n, reader().language)} | values)


@lru_cache(maxsize=2_000)  # Babel takes 10 µs for each
def _counted(n: int, language: str) -> str:
    return str(numbers.format_decimal(n, locale=locale_of(language)))


def p_(context: str, message: str, **values: object) -> str:
    """A word that means two things in English: `p_("state", "Open")`, `p_("verb", "Open")`."""
    return _filled(translations(reader().language).pgettext(context, message), values)


def translated(message: str, **values: object) -> str:
    """A message that was marked with `N_` where it was written, such as an error's, now that somebody reads it."""
    return _(message, **values)


@dataclass(frozen=True)
class Word:
    """A message written in a table now, read later: `str(Word("Tickets"))` is in the reader's language."""

    message: str
    context: str | None = None

    def __str__(self) -> str:
        return p_(self.context, self.message) if self.context else _(self.message)


def _filled(text: str, values: dict[str, object]) -> str:
    return text.format(**values) if values else text


# --- what people wrote

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_SHORTCODE = re.compile(r":(?=(?!\d{1,2}:)[\w+-]+:)")
_ARROW = re.compile(r"(?<!\S)([<>~-])(->|-|>|=)(?!\S)")
JOINER = "\u2060"  # invisible and without width


def plain(text: str | None) -> str:
    """What a person wrote, where only a Markdown API is to be had: shown letter by letter, never as markup.

    Backslashes stop Markdown; Streamlit finds icons, emoji and arrows after those are gone, so a joiner parts them.
    """
    parted = _ARROW.sub(rf"\1{JOINER}\2", _SHORTCODE.sub(f":{JOINER}", text or ""))
    escaped = _PUNCTUATION.sub(r"\\\1", parted)
    return "  \n".join(line.strip() for line in escaped.splitlines())


def mail_link(address: str) -> str:
    """Writes to it when clicked; whatever stands in an address, it stays one."""
    return f"[{plain(address)}](mailto:{quote(address, safe='@')})"


def shortened(words: str, most: int = 160) -> str:
    """One line of what people wrote, where all of it stands elsewhere."""
    line = " ".join(words.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
