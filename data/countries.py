"""Countries, found by their names in every language of the portal; rows keep their codes."""

from __future__ import annotations

from functools import cache

from babel import Locale

from data.settings import CHECKOUT

LOCALES = CHECKOUT / "locales"


def countries_called(part: str) -> tuple[str, ...]:
    """The codes of those in whose name this stands, in whatever language: "korea" and "한국" are KR (and KP)."""
    sought = part.casefold()
    return tuple(code for code, names in _names().items() if any(sought in name for name in names))


@cache
def _names() -> dict[str, frozenset[str]]:
    """Code → its names. Codes of three digits are parts of the world."""
    spoken = [Locale.parse(folder.name).territories for folder in LOCALES.iterdir() if folder.is_dir()]
    codes = sorted({code for names in spoken for code in names if code.isalpha()})
    return {code: frozenset(names.get(code, code).casefold() for names in spoken) for code in codes}
