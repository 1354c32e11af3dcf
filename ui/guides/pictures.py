"""What a page looks like, below what a guide says about it: a picture of its section in each language.

They lie in static/help/<language>/<section>.png; `python -m tests.help_pictures` takes them anew."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path

from ui.guides.markdown import Section
from ui.text import _

FOLDER = Path(__file__).resolve().parents[2] / "static" / "help"
WIDTH, HEIGHT = 1120, 700
#: Whatever stands for the version is answered (web/assets.py).
ADDRESS = "/assets/1/help/"


def picture(section: Section, language: str) -> str:
    """In this language, else in English, else none."""
    address = _address(section.name, language)
    if address is None:
        return ""
    alt = escape(_("Screenshot: {title}", title=section.title))
    shown = f'<img src="{address}" alt="{alt}" width="{WIDTH}" height="{HEIGHT}" loading="lazy">'
    return f'<figure><a href="{address}" target="_blank" rel="noopener">{shown}</a></figure>'


@cache
def _address(name: str, language: str) -> str | None:
    for folder in (language, "en"):
        if f"{name}.png" in _names(folder):
            return f"{ADDRESS}{folder}/{name}.png"
    return None


@cache
def _names(language: str) -> frozenset[str]:
    """What lies there: a name that staff chose leads nowhere else."""
    return frozenset(path.name for path in (FOLDER / language).glob("*.png"))
