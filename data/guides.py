"""The guides in docs/help/<language>/, read once."""

from __future__ import annotations

from functools import cache

from data.settings import CHECKOUT
from rules.documents import SOURCE_LANGUAGE
from rules.guides import Guide, GuideKind, read_guide

FOLDER = CHECKOUT / "docs" / "help"

__all__ = ["Guide", "GuideKind", "guide", "guides_of"]


@cache
def guides_of(kind: GuideKind) -> tuple[Guide, ...]:
    """In every language it is written in, English first."""
    files = sorted(FOLDER.glob(f"*/{kind}.md"), key=lambda f: (f.parent.name != SOURCE_LANGUAGE, f.parent.name))
    return tuple(read_guide(kind, file.parent.name, file.read_text(encoding="utf-8")) for file in files)


def guide(kind: GuideKind, language: str) -> Guide:
    """In this language, else in English: `.language` says which it became."""
    written = {each.language: each for each in guides_of(kind)}
    return written.get(language) or written[SOURCE_LANGUAGE]
