"""What an address says that leads nowhere: the same sentence for everybody, in their language, with the way home."""

from __future__ import annotations

from html import escape

from ui import look
from ui.text import Reader, _, languages, reading_as
from web.assets import asset_url

LOOK = """
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--page); color: var(--text);
  font: 16px/1.6 "Source Sans", Pretendard, -apple-system, BlinkMacSystemFont, "Segoe UI", sans-serif; }
main { box-sizing: border-box; width: min(30rem, calc(100vw - 2rem)); padding: 2.5rem 2rem; text-align: center;
  border: 1px solid var(--line); border-radius: 12px; background: var(--sheet); }
main img { width: 40px; height: 40px; }
h1 { margin: .75rem 0 .25rem; font-size: 1.5rem; line-height: 1.3; }
p { margin: 0 0 1.5rem; opacity: .75; word-break: keep-all; }
main a { display: inline-block; padding: .5rem 1.1rem; border-radius: 8px; background: var(--action); color: #FFFFFF;
  font-weight: 600; text-decoration: none; }
main a:focus-visible { outline: 2px solid var(--text); outline-offset: 2px; }
"""


def missing_pages(*, title: str, icon: str) -> dict[str, str]:
    """In every language we speak."""
    return {language: _in_language(language, title, icon) for language in languages()}


def _in_language(language: str, title: str, icon: str) -> str:
    """Whoever is signed in finds their header above it (static/header.js); for everybody else that stays empty."""
    with reading_as(Reader(language)):
        heading, said = _("Page not found"), _("It does not exist, or it is not available to you.")
        home = _("Go to the start page")
    return (
        f'<!DOCTYPE html>\n<html lang="{language.replace("_", "-")}"><head><meta charset="UTF-8" />'
        '<meta name="viewport" content="width=device-width, initial-scale=1" /><meta name="robots" content="noindex" />'
        f'<title>{escape(heading)} · {escape(title)}</title><link rel="icon" href="{escape(icon)}" />'
        f'<link rel="stylesheet" href="{asset_url("header.css")}" /><style>{look.colors()}{LOOK}</style>'
        f'<script type="module" src="{asset_url("header.js")}"></script></head><body><main>'
        f'<img src="{escape(icon)}" alt="" /><h1>{escape(heading)}</h1><p>{escape(said)}</p>'
        f'<a href="/">{escape(home)}</a></main></body></html>\n'
    )
