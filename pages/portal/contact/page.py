"""Contact us: every data center on one map, and below it in words (SPEC R11, R12, R23, R48)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from data.contacts import Incident, SiteCard, incidents_now, list_contacts
from data.engines import app_engine
from data.team import TeamMember, key_team
from pages.portal.contact.card import reach_html, show_site
from rules.permissions import CUSTOMER_FUNCTIONS
from rules.principal import Principal
from ui import look, wall
from ui.asking import choose_several, words_to_look_for
from ui.site_map import Pin, show_map
from ui.text import _, country_text, n_, plain, reader, term

#: `/contact?site=SEL1` opens that card.
SITE = "site"


def show(principal: Principal) -> None:
    look.title(_("Contact us"))
    sites = sorted(list_contacts(app_engine(), principal), key=lambda site: (country_text(site.country), site.name))
    incidents = incidents_now(app_engine(), principal, language=reader().language)
    if not sites:
        st.info(_("No data center is in the portal yet."), icon=":material/location_off:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="filters-contact"):
        words = words_to_look_for(_("Site, city or name"))
        countries = choose_several("country", _("Country"), _countries(sites))
    found = [site for site in sites if _fits(site, words, countries)]
    if not found:
        st.info(_("No data center is found by that."), icon=":material/search_off:")
        return
    chosen = [site for site in found if site.code in st.query_params.get(SITE, "").split(",")]
    left, right = st.columns([8, 5], gap="small")
    with left:
        _map(found, chosen, incidents)
    with right:
        if chosen:
            _chosen(chosen, incidents)
        else:
            _regional(principal, found)
    _all(found, incidents)


def _countries(sites: Sequence[SiteCard]) -> dict[str, str]:
    names = {site.country: country_text(site.country) for site in sites}
    return dict(sorted(names.items(), key=lambda each: each[1]))


def _fits(site: SiteCard, words: str, countries: Sequence[str]) -> bool:
    if countries and site.country not in countries:
        return False
    about = [site.code, site.name, site.city, site.country, country_text(site.country), site.address or ""]
    about += [text for contact in site.contacts for text in (contact.name, contact.email or "", contact.phone or "")]
    text = _folded(" ".join(about))
    return all(word in text for word in _folded(words).split())


def _folded(text: str) -> str:
    """Biñan is found by "binan" too."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(sign))


# --- the map


def _map(sites: Sequence[SiteCard], chosen: Sequence[SiteCard], incidents: Mapping[int, Sequence[Incident]]) -> None:
    placed = [site for site in sites if site.latitude is not None and site.longitude is not None]
    with look.card(key="map", fill=True):
        if not placed:
            st.caption(_("None of these data centers has a place on the map yet."))
            return
        pins = [_pin(site, incidents) for site in placed]
        show_map(pins, key=f"contact.map.{len(pins)}", alt=_alt(placed, incidents),
                 chosen=[site.code for site in chosen], on_pick=_pick)  # fmt: skip
        st.caption(_legend(placed, incidents))


def _pin(site: SiteCard, incidents: Mapping[int, Sequence[Incident]]) -> Pin:
    at = site.latitude or 0.0, site.longitude or 0.0
    return Pin(site.code, site.name, site.code, *at, bool(incidents.get(site.id)), site.status == "planned")


def _pick(codes: tuple[str, ...]) -> None:
    st.query_params[SITE] = ",".join(codes)


def _alt(sites: Sequence[SiteCard], incidents: Mapping[int, Sequence[Incident]]) -> str:
    """The map in a sentence, for those who do not see it; all it shows stands below it in words."""
    troubled = _("incident")
    named = [f"{site.name} ({troubled})" if incidents.get(site.id) else site.name for site in sites]
    return _("Map of the data centers: {names}. The list below says the same.", names=", ".join(named))


def _legend(sites: Sequence[SiteCard], incidents: Mapping[int, Sequence[Incident]]) -> str:
    said = [_("Choose a point to see whom to call there.")]
    if any(incidents.get(site.id) for site in sites):
        said.append(f":red[◆] {_('open incident')}")
    if any(site.status == "planned" for site in sites):
        said.append(f":blue[○] {term('site.status', 'planned')}")
    return " · ".join(said)


# --- beside it


def _chosen(chosen: Sequence[SiteCard], incidents: Mapping[int, Sequence[Incident]]) -> None:
    with look.card(key="site", fill=True):
        for site in chosen:
            show_site(site, incidents.get(site.id, ()), key=f"chosen-{site.code}")
        if st.button(_("Back to regional contacts"), type="tertiary", icon=":material/arrow_back:", key="contact.back"):
            st.query_params.pop(SITE, None)
            st.rerun()


def _regional(principal: Principal, sites: Sequence[SiteCard]) -> None:
    with look.card(key="regional", fill=True):
        managers = _managers(principal)
        if managers:
            st.header(_("Your account managers"), anchor=False)
            st.html("".join(_manager(member) for member in managers))
        st.header(_("Regional contacts"), anchor=False)
        st.html("".join(_region(country, name, sites) for country, name in _countries(sites).items()))


def _managers(principal: Principal) -> tuple[TeamMember, ...]:
    """Who looks after the accounts in view; staff look after theirs themselves."""
    if principal.is_staff or not any(map(principal.may, CUSTOMER_FUNCTIONS)):
        return ()
    return tuple(each for each in key_team(app_engine(), principal) or () if each.role == "account_manager")


def _manager(member: TeamMember) -> str:
    reach = " · ".join(reach_html(member.phone, member.email))
    return f'<p class="reach"><strong>{escape(member.name)}</strong><br>{reach}</p>'


def _region(country: str, name: str, sites: Sequence[SiteCard]) -> str:
    """Who invoices in a country and whom to ask about it; a country without a company has the sites' desks."""
    there = [site for site in sites if site.country == country]
    issuers = {site.issuer.code: site.issuer for site in there if site.issuer is not None}
    said = [f"<strong>{escape(name)}</strong>"]
    for issuer in issuers.values():
        said.append(escape(issuer.name))
        if issuer.address:
            said.append(f'<span class="quiet">{escape(issuer.address)}</span>')
        if issuer.finance_email:
            said.append(f"{escape(_('Local finance'))}: {reach_html(None, issuer.finance_email)[0]}")
    for site in there if not issuers else ():
        desk = next((each for each in site.contacts if each.kind == "service_desk"), None)
        said += [" · ".join((escape(site.name), *reach_html(desk.phone, desk.email)))] if desk else []
    return f'<p class="reach">{"<br>".join(said)}</p>'


# --- below it


def _all(sites: Sequence[SiteCard], incidents: Mapping[int, Sequence[Incident]]) -> None:
    st.header(n_("{n} data center", "{n} data centers", len(sites)), anchor=False)
    cards = wall.cards(key="sites")
    for site in sites:
        with cards.cell():
            show_site(site, incidents.get(site.id, ()), key=plain(site.code))
