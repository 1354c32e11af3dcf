"""What an address says that leads nowhere: the same sentence for everybody, in their language, with the way home."""

from __future__ import annotations

from html import escape

from ui import look
from ui.text import Reader, _, languages, reading_as
from web.assets import asset_url

LOOK = """
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--page); color: var(--text);
  font: 14px/1.6 "Source Sans", Pretendard, -apple-system, BlinkMacSystemFont, "Segoe UI", sans-serif; }
main { box-sizing: border-box; width: min(30rem, calc(100vw - 2rem)); padding: 2.25rem; border-radius: 12px;
  border: 1px solid var(--line); background: var(--sheet); box-shadow: 0 12px 40px rgb(16 24 40 / 8%); }
.brand { display: flex; align-items: center; gap: .75rem; line-height: 1.3; }
.brand img { height: 2.75rem; max-width: 40%; }
.brand strong { display: block; font-size: 1.25rem; font-weight: 650; }
.brand span, p { opacity: .75; }
h1 { margin: 1.75rem 0 .25rem; font-size: 1.6rem; font-weight: 650; line-height: 1.3; }
p { margin: 0 0 1.5rem; font-size: 1rem; }
:lang(ko) { word-break: keep-all; }
main a { display: inline-block; padding: .5rem 1.1rem; border-radius: 8px; background: var(--action); color: #FFFFFF;
  font-size: 1rem; font-weight: 600; text-decoration: none; }
main a:focus-visible { outline: 2px solid var(--text); outline-offset: 2px; }
"""


def missing_pages(*, title: str, icon: str) -> dict[str, str]:
    """In every language we speak."""
    return {language: _in_language(language, title, icon) for language in languages()}


def _in_language(language: str, title: str, icon: str) -> str:
    """Whoever is signed in finds their header above it (static/header.js); for everybody else that stays empty."""
    with reading_as(Reader(language)):
        heading, said = _("Page not found"), _("It does not exist, or it is not available to you.")
        home, product = _("Go to the start page"), _("Customer portal")
    return (
        f'<!DOCTYPE html>\n<html lang="{language.replace("_", "-")}"><head><meta charset="UTF-8" />'
        '<meta name="viewport" content="width=device-width, initial-scale=1" /><meta name="robots" content="noindex" />'
        f'<title>{escape(heading)} · {escape(title)}</title><link rel="icon" href="{escape(icon)}" />'
        f'<link rel="stylesheet" href="{asset_url("header.css")}" /><style>{look.font()}{look.colors()}{LOOK}</style>'
        f'<script type="module" src="{asset_url("header.js")}"></script></head><body><main>'
        f'<div class="brand"><img src="{escape(icon)}" alt="" /><div><strong>{escape(title)}</strong>'
        f"<span>{escape(product)}</span></div></div><h1>{escape(heading)}</h1><p>{escape(said)}</p>"
        f'<a href="/">{escape(home)}</a></main></body></html>\n'
    )
