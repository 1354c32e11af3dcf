"""What an address says that leads nowhere: the same sentence for everybody, in their language, with the way home."""

from __future__ import annotations

from rules.looks import Theme
from ui.text import Reader, _, languages, reading_as
from web.plain_page import plain_page


def missing_pages(*, title: str, icon: str) -> dict[tuple[str, Theme | None], str]:
    """In every language we speak; light, dark, and as the device says."""
    return {
        (language, theme): _for(Reader(language, theme=theme), title, icon)
        for language in languages()
        for theme in (*Theme, None)
    }


def _for(reader: Reader, title: str, icon: str) -> str:
    with reading_as(reader):
        heading, said = _("Page not found"), _("It does not exist, or it is not available to you.")
        return plain_page(heading, said, {_("Go to the start page"): "/"}, title=title, icon=icon)
