"""What an address says that leads nowhere: the same sentence for everybody, in their language, with the way home."""

from __future__ import annotations

from ui.text import Reader, _, languages, reading_as
from web.plain_page import plain_page


def missing_pages(*, title: str, icon: str) -> dict[str, str]:
    """In every language we speak."""
    return {language: _in_language(language, title, icon) for language in languages()}


def _in_language(language: str, title: str, icon: str) -> str:
    with reading_as(Reader(language)):
        heading, said = _("Page not found"), _("It does not exist, or it is not available to you.")
        return plain_page(heading, said, {_("Go to the start page"): "/"}, title=title, icon=icon)
