"""One data center in words: where it is, what time it is there, and whom to call for what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote
from zoneinfo import ZoneInfo

import streamlit as st
from babel import Locale, UnknownLocaleError, dates

from data.contacts import Contact, Incident, SiteCard
from ui import wall
from ui.text import _, country_text, long_zone_name, plain, reader, term, zone_text


def show_site(site: SiteCard, incidents: Iterable[Incident], *, key: str) -> None:
    """What is wrong there stands on top, and leads to the notice."""
    wall.strips([_told(incident) for incident in incidents], key=key)
    st.html(site_html(site))


def _told(incident: Incident) -> wall.Strip:
    text = f":red-badge[{term('notice.category', 'incident')}] {plain(incident.title)}"
    return wall.Strip(text, ":material/warning:", wall.to_page("notices", notice=str(incident.uuid)))


def site_html(site: SiteCard) -> str:
    status = (
        f' <span class="quiet">{escape(term("site.status", site.status))}</span>' if site.status != "active" else ""
    )
    where = [escape(part) for part in (site.address, f"{site.city}, {country_text(site.country)}") if part]
    if site.latitude is not None and site.longitude is not None:
        where.append(
            f'<span class="quiet">{_degrees(site.latitude, "N", "S")}, {_degrees(site.longitude, "E", "W")}</span>'
        )
    parts = [
        f"<h3>{escape(site.name)} {_quiet(site.code)} {status}</h3>",
        f"<address>{'<br>'.join(where)}</address>",
        f"<p>{escape(_('Local time'))}: {clock_html(site.time_zone)}</p>",
        *(_contact(contact) for contact in site.contacts),
        _billing(site),
    ]
    return f'<article class="site">{"".join(parts)}</article>'


def _quiet(text: str) -> str:
    return f'<span class="quiet">{escape(text)}</span>'


def clock_html(zone: str) -> str:
    """The time there now; static/clocks.js goes on with it."""
    now = datetime.now(UTC).astimezone(ZoneInfo(zone))
    said = f"{dates.format_date(now, 'EEE', locale=reader().locale)} {now:%H:%M}"
    language = str(reader().locale).replace("_", "-")
    clock = f'<time class="clock" data-zone="{escape(zone)}" data-language="{language}">{escape(said)}</time>'
    return f"<strong>{clock}</strong> {escape(zone_text(now))} {_quiet(long_zone_name(now))}"


def _contact(contact: Contact) -> str:
    notes = " · ".join(escape(note) for note in (contact.hours, ", ".join(_spoken(contact.languages))) if note)
    reach = " · ".join(reach_html(contact.phone, contact.email))
    lines = [f"<h4>{escape(term('site.contact', contact.kind))}</h4>", f"<p>{escape(contact.name)}"]
    lines += [f"<br>{reach}" if reach else "", f'<br><span class="quiet">{notes}</span>' if notes else "", "</p>"]
    return "".join(lines)


def _billing(site: SiteCard) -> str:
    issuer = site.issuer
    if issuer is None:
        return ""
    reach = " · ".join(reach_html(None, issuer.finance_email))
    return f"<h4>{escape(_('Invoices of this site'))}</h4><p>{escape(issuer.name)}{f'<br>{reach}' if reach else ''}</p>"


def reach_html(phone: str | None, email: str | None) -> list[str]:
    """Links that call and write."""
    found = []
    if phone:
        dialled = "".join(sign for sign in phone if sign.isdigit() or sign == "+")
        found.append(f'<a href="tel:{escape(dialled)}">{escape(phone)}</a>')
    if email:
        found.append(f'<a href="mailto:{escape(quote(email, safe="@"))}">{escape(email)}</a>')
    return found


def _spoken(languages: Iterable[str]) -> list[str]:
    return [_language(code) for code in languages]


def _language(code: str) -> str:
    try:
        return Locale.parse(code, sep="-").get_display_name(reader().locale) or code
    except (UnknownLocaleError, ValueError):
        return code


def _degrees(value: float, plus: str, minus: str) -> str:
    return f"{abs(value):.4f}° {plus if value >= 0 else minus}"
