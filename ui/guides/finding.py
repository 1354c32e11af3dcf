"""Looks for words in guides: parts of words count, in any script, and all of them must be there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ui.guides.markdown import Section

Where = TypeVar("Where")
#: So much of a section is shown around what was found, and so many sections are.
AROUND = 90  # characters
MOST_HITS = 20
LONGEST = 100


@dataclass(frozen=True)
class Hit(Generic[Where]):
    """A section that has all the words; `found` are the pieces of its excerpt, every second one is what was sought."""

    where: Where
    section: Section
    found: tuple[str, ...]


def find(asked: str, places: Iterable[tuple[Where, Section]]) -> tuple[Hit[Where], ...]:
    """The sections that say these words, those first that have them in their title."""
    words = [_folded(word) for word in asked[:LONGEST].split()]
    if not words:
        return ()
    found = [(_rank(words, section), at, where, section) for at, (where, section) in enumerate(places)]
    best = sorted((each for each in found if each[0] is not None), key=lambda each: (each[0], each[1]))
    return tuple(Hit(where, section, _excerpt(words, section.words)) for _, _, where, section in best[:MOST_HITS])


def _folded(text: str) -> str:
    """Letter by letter as long as what it was made of, so that a place in one is a place in the other."""
    return "".join(f if len(f := unicodedata.normalize("NFKC", c).casefold()) == 1 else c for c in text)


def _rank(words: list[str], section: Section) -> int | None:
    """How many of the words its title lacks; None where the section lacks one altogether."""
    title, text = _folded(section.title), _folded(section.words)
    if not all(word in title or word in text for word in words):
        return None
    return sum(word not in title for word in words)


def _excerpt(words: list[str], text: str) -> tuple[str, ...]:
    folded = _folded(text)
    first = min((at for word in words if (at := folded.find(word)) >= 0), default=0)
    start = max(0, first - AROUND // 3)
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = first + AROUND
    end = max(text.rfind(" ", first, end), first + AROUND // 2) if end < len(text) else len(text)
    return _parted(text[start:end], words, before="…" if start else "", after="…" if end < len(text) else "")


def _parted(text: str, words: list[str], *, before: str, after: str) -> tuple[str, ...]:
    """At each word that was sought: what stands before it, the word, what comes then."""
    pieces, folded, at = [before], _folded(text), 0
    while at < len(text):
        nearest = min(((i, w) for w in words if (i := folded.find(w, at)) >= 0), default=None)
        if nearest is None:
            break
        start, word = nearest
        pieces[-1] += text[at:start]
        pieces += [text[start : start + len(word)], ""]
        at = start + len(word)
    pieces[-1] += text[at:] + after
    return tuple(pieces)
