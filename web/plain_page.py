"""A page that is no page of Streamlit's: one sentence under the operator's name, and the ways on."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ui import look
from ui.text import _, reader
from web.assets import asset_url

LOOK = """
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
main a { display: inline-block; margin: 0 .5rem .5rem 0; padding: .5rem 1.1rem; border-radius: 8px;
  border: 1px solid transparent; background: var(--action); color: #FFFFFF;
  font-size: 1rem; font-weight: 600; text-decoration: none; }
main a + a { border-color: var(--line); background: none; color: inherit; }
main a:focus-visible { outline: 2px solid var(--text); outline-offset: 2px; }
"""


#: A page of more than a sentence begins at the top, and is as wide as one reads well.
LONG = """
body { place-items: start center; padding: min(6vh, 3rem) 0; }
main { width: min(46rem, calc(100vw - 2rem)); }
main p { opacity: 1; margin: 0 0 .75rem; }
main :is(li, .languages) { font-size: 1rem; }
h2 { margin: 2rem 0 .5rem; font-size: 1.3rem; } h3 { margin: 1.5rem 0 .35rem; font-size: 1.05rem; }
ul { margin: 0; padding-left: 1.2rem; } li { margin: .25rem 0; } small { opacity: .8; }
.ways { margin-top: 2rem; }
.languages { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 2rem; }
main :is(article, section, .languages) a { display: inline; margin: 0; padding: 0; border: 0; background: none;
  color: var(--accent); font-weight: 400; text-decoration: underline; }
@media (max-width: 600px) { main { padding: 1.25rem; } }
"""


def plain_page(heading: str, said: str, ways: Mapping[str, str], *, title: str, icon: str) -> str:
    """In the reader's language. Whoever is signed in finds their header above it (static/header.js); for everybody else
    that stays empty."""
    return _page(heading, f"<p>{escape(said)}</p>", ways, LOOK, title=title, icon=icon)


def long_page(heading: str, body: str, ways: Mapping[str, str], *, title: str, icon: str) -> str:
    """The same with a text, which is HTML of ours already."""
    return _page(heading, body, ways, LOOK + LONG, title=title, icon=icon)


def scheme() -> str:
    """Light or dark: as the reader has chosen, else as their device says."""
    return f":root {{ color-scheme: {reader().theme or 'light dark'}; }}\n"


def _page(heading: str, body: str, ways: Mapping[str, str], style: str, *, title: str, icon: str) -> str:
    links = "".join(f'<a href="{escape(address)}">{escape(words)}</a>' for words, address in ways.items())
    return (
        f'<!DOCTYPE html>\n<html lang="{reader().tag}"><head><meta charset="UTF-8" />'
        '<meta name="viewport" content="width=device-width, initial-scale=1" /><meta name="robots" content="noindex" />'
        f'<title>{escape(heading)} · {escape(title)}</title><link rel="icon" href="{escape(icon)}" />'
        f'<link rel="stylesheet" href="{asset_url("header.css")}" />'
        f"<style>{look.font()}{look.colors()}{scheme()}{style}</style>"
        f'<script type="module" src="{asset_url("header.js")}"></script></head><body><main>'
        f'<div class="brand"><img src="{escape(icon)}" alt="" /><div><strong>{escape(title)}</strong>'
        f"<span>{escape(_('Customer portal'))}</span></div></div><h1>{escape(heading)}</h1>{body}"
        f'<div class="ways">{links}</div></main></body></html>\n'
    )
