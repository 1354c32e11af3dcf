"""What people see before they are in: one card with the logo, the languages, and whom to call."""

from __future__ import annotations

import mimetypes
from base64 import b64encode
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote, urlencode

import streamlit as st

from auth.service_desks import Desk, service_desks
from data.settings import CHECKOUT, settings
from ui.text import _, country_text, languages, plain, tag_of

#: Answers that can be read without signing in (web/sign_in_help.py).
SIGN_IN_HELP = "/help/sign-in"
WIDTH = 440  # pixels; less on a phone


@contextmanager
def front_door(next_path: str, language: str) -> Generator[None]:
    """The card; what is drawn inside the `with` stands in it."""
    st.html(_css())
    with st.container(key="front-door", horizontal_alignment="center", gap="medium"):
        with st.container(key="card-front-door", border=True, width=WIDTH, gap="medium"):
            st.html(_brand(_("Customer portal")))
            yield
        _language_links(next_path, language)


def trouble(said: str = "", *, title: str = "") -> None:
    """Whom to call, for somebody who cannot sign in (SPEC R16, R47)."""
    with st.expander(title or _("Trouble signing in?"), icon=":material/support_agent:"):
        st.write(said or _("The service desk opens accounts and helps whoever cannot sign in."))
        own = [(settings().brand_support_phone, "tel:"), (settings().brand_support_email, "mailto:")]
        if any(contact for contact, _scheme in own):
            st.markdown(" · ".join(_link(contact, scheme) for contact, scheme in own if contact))
        st.html(f'<a href="{SIGN_IN_HELP}" target="_self">{escape(_("Questions and answers about signing in"))}</a>')
        for country, desks in groupby(service_desks(), key=lambda desk: desk.country):
            st.markdown("  \n".join([f"**{plain(country_text(country))}**", *map(_desk, desks)]))


def _desk(desk: Desk) -> str:
    ways = [(desk.phone, "tel:"), (desk.email, "mailto:")]
    phone_and_mail = [_link(contact, scheme) for contact, scheme in ways if contact]
    return f"{plain(desk.city)} · " + "  \n".join(phone_and_mail)


def _link(contact: str, scheme: str) -> str:
    address = "".join(contact.split()) if scheme == "tel:" else contact
    return f"[{plain(contact)}]({scheme}{quote(address, safe='+@')})"


def _language_links(next_path: str, language: str) -> None:
    """Plain links: choosing loads the page anew, so that its own language changes too."""
    links = "".join(
        f"<strong>{escape(name)}</strong>" if code == language else _language_link(code, name, next_path)
        for code, name in languages().items()
    )
    st.html(f'<nav class="languages" aria-label="{escape(_("Language"))}">{links}</nav>')


def _language_link(code: str, name: str, next_path: str) -> str:
    address = f"/auth/language?{urlencode({'to': code, 'next': next_path})}"
    return f'<a href="{escape(address)}" target="_self" lang="{tag_of(code)}">{escape(name)}</a>'


def _brand(product: str) -> str:
    """The operator's logo, or their icon and name."""
    brand, name = settings(), escape(settings().brand_name)
    if brand.brand_logo is not None:
        return f'<div class="brand"><img src="{_inside(brand.brand_logo)}" alt="{name}" class="logo"></div>'
    icon = _inside(brand.brand_icon or CHECKOUT / "static" / "icon.svg")
    return f'<div class="brand"><img src="{icon}" alt=""><div><b>{name}</b><span>{escape(product)}</span></div></div>'


@cache
def _inside(picture: Path) -> str:
    """Within the page itself: files that Streamlit serves are for signed-in people only."""
    kind = mimetypes.guess_type(picture.name)[0] or "image/png"
    return f"data:{kind};base64,{b64encode(picture.read_bytes()).decode()}"


@cache
def _css() -> str:
    """The form is the library's, which offers no choice of how it looks."""
    primary = f"light-dark({st.get_option('theme.light.primaryColor')}, {st.get_option('theme.dark.primaryColor')})"
    link = f"light-dark({st.get_option('theme.light.linkColor')}, {st.get_option('theme.dark.linkColor')})"
    border = "light-dark(rgb(16 24 40 / 30%), rgb(255 255 255 / 35%))"
    return f"""<style>
[data-testid="stHeader"] {{ display: none; }}
.st-key-front-door {{ padding-top: min(10vh, 6rem); }}
.st-key-card-front-door {{ padding: 2.25rem; box-shadow: 0 12px 40px rgb(16 24 40 / 8%); }}
.st-key-front-door .brand {{ display: flex; align-items: center; gap: 0.75rem; min-height: 2.75rem; }}
.st-key-front-door .brand img {{ height: 2.75rem; max-width: 100%; }}
.st-key-front-door .brand div {{ display: flex; flex-direction: column; line-height: 1.3; }}
.st-key-front-door .brand b {{ font-size: 1.25rem; font-weight: 650; }}
.st-key-front-door .brand span {{ opacity: 0.75; }}
.st-key-front-door [data-testid="stForm"] {{ border: 0; padding: 0; }}
.st-key-front-door [data-testid="InputInstructions"] {{ display: none; }}
.st-key-front-door [class*="st-key-FormSubmitter"], .st-key-front-door [class*="st-key-FormSubmitter"] > div {{
  width: 100%;
}}
.st-key-front-door [data-testid="stFormSubmitButton"] {{ width: 100%; padding-top: 0.5rem; }}
.st-key-front-door [data-testid="stFormSubmitButton"] button {{
  width: 100%; min-height: 2.75rem; background: {primary}; border-color: {primary}; color: #fff;
}}
.st-key-front-door .or {{
  display: flex; align-items: center; gap: 0.75rem; margin-bottom: 0.75rem; font-size: 0.875rem;
}}
.st-key-front-door .or::before, .st-key-front-door .or::after {{
  content: ""; flex: 1; border-top: 1px solid; opacity: 0.2;
}}
.st-key-front-door .or span {{ opacity: 0.75; }}
.st-key-front-door a.sign-on {{
  display: flex; align-items: center; justify-content: center; box-sizing: border-box; min-height: 2.75rem;
  padding: 0.25rem 1rem; border: 1px solid {border}; border-radius: 8px; color: inherit; text-align: center;
}}
.st-key-front-door a.sign-on:hover {{ border-color: {link}; color: {link}; text-decoration: none; }}
.st-key-front-door a.sign-on:focus-visible {{ outline: 2px solid {link}; outline-offset: 2px; }}
.languages {{ display: flex; flex-wrap: wrap; justify-content: center; gap: 0.25rem 1.25rem; }}
.st-key-front-door a {{ color: {link}; text-decoration: none; }}
.st-key-front-door a:hover {{ text-decoration: underline; }}
@media (max-width: 600px) {{
  .st-key-front-door {{ padding-top: 0; }}
  .st-key-card-front-door {{ padding: 1.5rem; }}
}}
</style>"""
