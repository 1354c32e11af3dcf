"""One site in its drawer: what can be changed about it, and whom to call there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.locations import RemoveContact, Site, SiteContactRow, get_site
from data.sites import sites_changed
from pages.staff.locations.site_forms import add_contact, change, change_contact
from rules.errors import Conflict
from rules.principal import Principal
from ui.errors import sentence, telling
from ui.links import page_at
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _, plain, term


@dataclass
class Acting(Remembered):
    """What somebody is about to do to one site ("change", "add", or a contact's uuid), and the version they saw."""

    deed: str = ""
    version: int = 0

    def begin(self, deed: str, version: int = 0) -> None:
        self.deed, self.version = deed, version


def site_drawer(principal: Principal) -> Callable[[Mapping[str, Any]], None]:
    """What `list_view` calls with the row whose drawer is open."""

    def show(row: Mapping[str, Any]) -> None:
        with telling():
            _site(principal, get_site(app_engine(), principal, UUID(str(row["uuid"]))))

    return show


def _site(principal: Principal, site: Site) -> None:
    acting = Acting.of(str(site.uuid))
    show_news(_place(site), good_stays=True)
    if acting.deed:
        _form(principal, site, acting)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="site-deeds"):
        if st.button(_("Change"), icon=":material/edit:", key="site.change"):
            acting.begin("change", site.version)
            st.rerun()
        page = page_at("contact")
        if page is not None and site.status != "closed":
            st.page_link(page, label=_("As customers see it"), icon=":material/call:", query_params={"site": site.code})
    st.subheader(_("Contacts"), anchor=False)
    for contact in site.contacts:
        _contact(principal, site, contact, acting)
    if not site.contacts:
        st.caption(_("Nobody can be called there yet."))
    if st.button(_("Add contact"), icon=":material/add_call:", key="site.add"):
        acting.begin("add")
        st.rerun()


def _place(site: Site) -> str:
    return f"site.{site.uuid}"


def _form(principal: Principal, site: Site, acting: Acting) -> None:
    with st.container(border=True, key="site-deed"):
        _filling(principal, site, acting)
        if st.button(_("Back"), type="tertiary", key="site.back"):
            acting.begin("")
            st.rerun()


def _filling(principal: Principal, site: Site, acting: Acting) -> None:
    if acting.deed == "change":
        done = change(principal, site, acting.version)
    elif acting.deed == "add":
        done = add_contact(principal, site)
    else:
        contact = next((each for each in site.contacts if str(each.uuid) == acting.deed), None)
        if contact is None:
            st.info(_("This contact was removed meanwhile."), icon=":material/person_off:")
            return
        done = change_contact(principal, contact, acting.version)
    if done is not None:
        _said(site, acting, _("Saved."))


def _said(site: Site, acting: Acting, said: str) -> None:
    sites_changed(app_engine())
    acting.begin("")
    tell(_place(site), said)
    st.rerun()


def _contact(principal: Principal, site: Site, contact: SiteContactRow, acting: Acting) -> None:
    reach = " · ".join(plain(each) for each in (contact.phone, contact.email, contact.hours) if each)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badge = f":gray-badge[{term('site.contact', contact.kind)}]"
        st.markdown(f"**{plain(contact.name)}** {badge}  \n:small[{reach}]", width="stretch")
        if st.button(_("Change"), type="tertiary", icon=":material/edit:", key=f"site.contact.{contact.uuid}"):
            acting.begin(str(contact.uuid), contact.version)
            st.rerun()
        if st.button(_("Remove"), type="tertiary", icon=":material/delete:", key=f"site.remove.{contact.uuid}"):
            _remove(principal, site, contact, acting)


def _remove(principal: Principal, site: Site, contact: SiteContactRow, acting: Acting) -> None:
    try:
        execute(app_engine(), principal, RemoveContact(contact.uuid, contact.version))
    except Conflict as refused:
        tell(_place(site), bad=sentence(refused))
        st.rerun()
    _said(site, acting, _("{name} is removed.", name=plain(contact.name)))
