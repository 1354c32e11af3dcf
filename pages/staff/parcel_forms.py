"""The two forms about unclaimed parcels: one arrived, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import streamlit as st

from data.commands import Done, execute
from data.engines import app_engine
from data.sites import list_sites
from data.ticketing import AssignParcel, ParcelRow, RegisterParcel, people_at
from data.ticketing.customers import accounts_of_the_desk
from data.ticketing.parcels import LONGEST
from rules.fields import Field, FieldKind, Values
from rules.principal import Principal
from rules.request_types import Carrier
from rules.words import N_
from ui.errors import telling
from ui.form.short import Options, ShortForm, outcome_of, show_short_form
from ui.news import tell
from ui.text import _, date_text, plain, term

K = FieldKind
#: `/parcels?new=parcel` registers one, `/parcels?parcel=<uuid>` says whose one is.
NEW, REGISTER, ASSIGN = "new", "parcel", "parcel"

_ARRIVED = (
    Field("site_id", N_("Site"), K.SPACE, required=True),
    Field("carrier", N_("Carrier"), K.CHOICE, required=True, choices=tuple(Carrier), vocabulary="shipment.carrier"),
    Field("tracking_number", N_("Tracking number"), required=True, longest=LONGEST),
    Field("packages", N_("Number of packages"), K.NUMBER, required=True, least=1, most=999, default=1),
    Field("addressee", N_("Addressee"), required=True, longest=200, hint=N_("As it is written on the parcel.")),
    Field("remark", N_("Note"), K.LONG_TEXT, longest=1000),
)
_WHOSE = (
    Field("account_id", N_("Account"), K.SPACE, required=True),
    Field("requested_by", N_("Who is told"), K.SPACE, required=True, hint=N_("They get the ticket and its mail.")),
)


def parcel_form_asked_for(principal: Principal, found: tuple[ParcelRow, ...]) -> None:
    """Opens the form that the address names; a parcel that somebody claimed meanwhile has none."""
    if st.query_params.get(NEW) == REGISTER:
        _dialog(_("Register a parcel"), NEW, lambda: _register(principal))
        return
    wanted = st.query_params.get(ASSIGN)
    parcel = next((row for row in found if str(row.uuid) == wanted), None)
    if wanted is not None and (said := assigned(principal, wanted)) is not None:
        tell("parcels", said)
        st.query_params.pop(ASSIGN)
        st.rerun()
    if parcel is not None:
        _dialog(_("Whose parcel is it?"), ASSIGN, lambda: _assign(principal, parcel))
    elif wanted is not None:
        st.info(_("This parcel does not wait here any more."), icon=":material/task_alt:")


def _dialog(title: str, name: str, body: Callable[[], str | None]) -> None:
    def closed() -> None:
        st.query_params.pop(name, None)

    @st.dialog(title, width="medium", icon=":material/package_2:", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            said = body()
            if said is not None:
                tell("parcels", said)
                closed()
                st.rerun()

    dialog()


def _register(principal: Principal) -> str | None:
    def options(_values: Values) -> Options:
        sites = [site for site in list_sites(app_engine(), principal) if site.status == "active"]
        return {"site_id": {site.id: f"{site.name} · {site.city}" for site in sites}}

    def deed(values: Values, key: UUID) -> Done:
        values = {**values, "carrier": Carrier(values["carrier"])}
        return execute(app_engine(), principal, RegisterParcel(**values), key=key)

    form = ShortForm("parcel.register", N_("What arrived"), "package_2", _ARRIVED, N_("Register"), deed, options)
    return _("The parcel is registered.") if show_short_form(principal, form) else None


def _assign(principal: Principal, parcel: ParcelRow) -> str | None:
    st.markdown(_facts(parcel))

    def options(values: Values) -> Options:
        accounts = {one.id: f"{one.name} · {one.code}" for one in accounts_of_the_desk(app_engine(), principal)}
        chosen = values["account_id"]
        people = dict(people_at(app_engine(), principal, chosen)) if chosen in accounts else {}
        return {"account_id": accounts, "requested_by": people}

    def deed(values: Values, key: UUID) -> Done:
        return execute(app_engine(), principal, AssignParcel(parcel.uuid, **values), key=key)

    form = ShortForm(
        _assigning(str(parcel.uuid)), N_("Its owner"), "person_search", _WHOSE, N_("Assign"), deed, options
    )
    return _told(show_short_form(principal, form))


def assigned(principal: Principal, parcel: str) -> str | None:
    """What is said once it was sent; by then the parcel waits no more."""
    return _told(outcome_of(principal, _assigning(parcel)))


def _told(done: Mapping[str, Any] | None) -> str | None:
    return _("{number} was opened, and the customer is told.", number=f"**{done['number']}**") if done else None


def _assigning(parcel: str) -> str:
    return f"parcel.assign.{parcel}"


def _facts(parcel: ParcelRow) -> str:
    words = [
        f"**{plain(parcel.tracking_number)}**",
        term("shipment.carrier", parcel.carrier),
        plain(parcel.site),
        plain(parcel.addressee),
    ]
    until = _("kept until {date}", date=date_text(parcel.storage_until, weekday=True))
    tail = f":red[:material/schedule: {until}]" if parcel.is_late else f":gray[{until}]"
    return " · ".join(words) + f"  \n:small[{tail}]"
