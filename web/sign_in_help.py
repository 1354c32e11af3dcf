"""`/help/sign-in`: the answers about signing in and whom to call, for whoever is not in; nothing about any customer."""

from __future__ import annotations

from html import escape
from itertools import groupby
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from auth.service_desks import Desk, service_desks
from data.guides import GuideKind
from data.settings import CHECKOUT, settings
from ui.guides.library import guide_in
from ui.guides.pieces import languages_links
from ui.text import Reader, _, country_text, reader, reading_as
from web.index_page import as_data_uri
from web.language import language_of
from web.plain_page import long_page
from web.theme import theme_of

#: The section of the FAQ that is about signing in.
SECTION = "sign-in"


async def sign_in_help(request: Request) -> Response:
    desks = await run_in_threadpool(service_desks)
    with reading_as(Reader(language_of(request.scope), theme=theme_of(request.scope))):
        page = _page(desks)
    headers = {"cache-control": "private, no-cache", "vary": "Accept-Language, Cookie"}
    return HTMLResponse(page, headers=headers)


def _page(desks: tuple[Desk, ...]) -> str:
    guide, text = guide_in(GuideKind.FAQ, reader().language)
    section = text.section(SECTION)
    assert section is not None, "docs/help/*/faq.md has a section about signing in; a test says so"
    other = ""
    if guide.language != reader().language:
        other = f"<p>{escape(_('This is not written in your language yet.'))}</p>"
    heading = _("Help with signing in")
    answers = f'<article class="help-article" lang="{guide.language.replace("_", "-")}">{section.html}</article>'
    body = f"{other}{answers}{_whom_to_call(desks)}{languages_links('/help/sign-in')}"
    icon = as_data_uri(settings().brand_icon or CHECKOUT / "static" / "icon.svg")
    return long_page(heading, body, {_("To the sign-in page"): "/"}, title=settings().brand_name, icon=icon)


def _whom_to_call(desks: tuple[Desk, ...]) -> str:
    """The operator's own contact, and the service desk of each data center, by country."""
    own = [(settings().brand_support_phone, "tel:"), (settings().brand_support_email, "mailto:")]
    lines = [f"<p>{' · '.join(_link(c, scheme) for c, scheme in own if c)}</p>"] if any(c for c, _s in own) else []
    for name, of_country in groupby(sorted(desks, key=_country), key=_country):
        lines.append(f"<h3>{escape(name)}</h3><ul>{''.join(map(_desk, of_country))}</ul>")
    title = escape(_("Whom to call"))
    return f'<section id="desks"><h2>{title}</h2>{"".join(lines)}</section>'


def _country(desk: Desk) -> str:
    """As its reader calls it: that is the order in which they look for it."""
    return country_text(desk.country)


def _desk(desk: Desk) -> str:
    ways = " · ".join(_link(c, scheme) for c, scheme in ((desk.phone, "tel:"), (desk.email, "mailto:")) if c)
    hours = f" <small>{escape(desk.hours)}</small>" if desk.hours else ""
    return f"<li><b>{escape(desk.city)}</b> {ways}{hours}</li>"


def _link(contact: str | None, scheme: str) -> str:
    said = contact or ""
    address = "".join(said.split()) if scheme == "tel:" else said
    return f'<a href="{scheme}{escape(quote(address, safe="+@"))}">{escape(said)}</a>'


routes = [Route("/help/sign-in", sign_in_help)]
