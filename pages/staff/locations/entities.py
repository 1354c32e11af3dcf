"""Legal entities: the companies that issue invoices; an administrator makes new ones and changes what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import streamlit as st

from auth.step_up import confirmed
from data.commands import Done, execute
from data.engines import app_engine
from data.locations import ENTITIES, ChangeEntity, CreateEntity, Entity, WriteBankDetails, get_entity
from data.sites import sites_changed
from pages.staff.locations.choices import NEW, asked_for_new, countries, new_button, zones
from rules.errors import Conflict, Problems
from rules.fields import Field, FieldKind, Values
from rules.locations import LONGEST_BANK_DETAILS, LONGEST_LINE, LONGEST_TEXT, TaxRounding
from rules.money import CURRENCIES
from rules.principal import Principal
from rules.words import N_
from ui import look
from ui.errors import sentence, telling
from ui.form.short import Options, ShortForm, show_short_form
from ui.list_view import list_view
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _, plain

K = FieldKind
_CODE = Field("code", N_("Code"), required=True, longest=50,
              hint=N_("It stands in files and filters, and stays: letters, digits, “-”, “_” and “.”."))  # fmt: skip
_FACTS = (
    Field("called", N_("Name"), required=True, longest=LONGEST_LINE, hint=N_("As it stands on its invoices.")),
    Field("country", N_("Country"), K.SPACE, required=True),
    Field("currency", N_("Currency"), K.SPACE, required=True),
    Field("time_zone", N_("Time zone"), K.SPACE, required=True, hint=N_("Invoices fall due by its calendar.")),
    Field("tax_id", N_("Tax ID"), longest=100),
    Field("tax_rounding", N_("Tax is rounded"), K.CHOICE, required=True, choices=tuple(TaxRounding),
          vocabulary="entity.tax_rounding", default=TaxRounding.INVOICE),
    Field("address", N_("Address"), K.LONG_TEXT, longest=LONGEST_TEXT),
    Field("finance_email", N_("E-mail of the local finance team"), longest=254,
          hint=N_("Questions about invoices and disputes go there.")),
)  # fmt: skip


@dataclass
class Acting(Remembered):
    """What somebody is about to do to one entity, and which version of it they look at."""

    deed: str = ""
    version: int = 0

    def begin(self, deed: str, version: int = 0) -> None:
        self.deed, self.version = deed, version


def show(principal: Principal) -> None:
    look.title(_("Legal entities"), actions=lambda: new_button(_("New legal entity")))
    if asked_for_new():
        _new(principal)
    list_view(ENTITIES, principal, more=_drawer(principal))


def _new(principal: Principal) -> None:
    def closed() -> None:
        st.query_params.pop(NEW, None)

    @st.dialog(_("New legal entity"), width="medium", icon=":material/domain_add:", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            if not confirmed(principal, key="entity.new", scope="fragment"):
                return
            made = _create(principal)
            if made is not None:
                sites_changed(app_engine())
                st.query_params.from_dict({ENTITIES.row_parameter: made["uuid"]})
                st.rerun()

    dialog()


def _create(principal: Principal) -> Mapping[str, Any] | None:
    def deed(values: Values, key: UUID) -> Done:
        return execute(app_engine(), principal, CreateEntity(**values), key=key)

    name, *others = _FACTS
    form = ShortForm(
        "entity.new", N_("The legal entity"), "gavel", (name, _CODE, *others), N_("Create"), deed,
        lambda _values: _choices(),
    )  # fmt: skip
    return show_short_form(principal, form)


def _choices(entity: Entity | None = None) -> Options:
    currencies = {currency: currency for currency in CURRENCIES}
    return {"country": countries(), "currency": currencies, "time_zone": zones(entity.time_zone if entity else None)}


# --- one of them


def _drawer(principal: Principal) -> Callable[[Mapping[str, Any]], None]:
    """What `list_view` calls with the row whose drawer is open."""

    def show_row(row: Mapping[str, Any]) -> None:
        with telling():
            _entity(principal, get_entity(app_engine(), principal, UUID(str(row["uuid"]))))

    return show_row


def _entity(principal: Principal, entity: Entity) -> None:
    acting = Acting.of(str(entity.uuid))
    show_news(_place(entity), good_stays=True)
    if acting.deed:
        with st.container(border=True, key="entity-deed"):
            if confirmed(principal, key="entity", scope="fragment"):
                (_bank if acting.deed == "bank" else _change)(principal, entity, acting)
            if st.button(_("Back"), type="tertiary", key="entity.back"):
                acting.begin("")
                st.rerun()
        return
    with st.container(horizontal=True, gap="small", key="entity-deeds"):
        if st.button(_("Change"), icon=":material/edit:", key="entity.change"):
            acting.begin("change", entity.version)
            st.rerun()
        if st.button(_("Write bank details"), icon=":material/account_balance:", key="entity.bank"):
            acting.begin("bank", entity.version)
            st.rerun()
    if entity.sites:
        st.subheader(_("Sites"), anchor=False)
        st.markdown("  \n".join(f":material/location_on: {plain(site)}" for site in entity.sites))


def _place(entity: Entity) -> str:
    return f"entity.{entity.uuid}"


def _done(entity: Entity, acting: Acting, said: str) -> None:
    sites_changed(app_engine())
    acting.begin("")
    tell(_place(entity), said)
    st.rerun()


def _change(principal: Principal, entity: Entity, acting: Acting) -> None:
    def deed(values: Values, key: UUID) -> Done:
        command = ChangeEntity(entity=entity.uuid, version=acting.version, **values)
        return execute(app_engine(), principal, command, key=key)

    facts = {
        "called": entity.name, "country": entity.country, "currency": entity.currency, "time_zone": entity.time_zone,
        "tax_id": entity.tax_id, "tax_rounding": entity.tax_rounding, "address": entity.address,
        "finance_email": entity.finance_email,
    }  # fmt: skip
    fields = tuple(replace(field, default=facts[field.name]) for field in _FACTS)
    name = f"entity.change.{entity.uuid}.{acting.version}"
    form = ShortForm(name, N_("The legal entity"), "edit", fields, N_("Save"), deed, lambda _values: _choices(entity))
    if show_short_form(principal, form) is not None:
        _done(entity, acting, _("Saved."))


def _bank(principal: Principal, entity: Entity, acting: Acting) -> None:
    """No draft is kept of what is typed here, and what is written is not shown again."""
    st.markdown(f"**{_('Where invoices of {name} are paid to', name=plain(entity.name))}**")
    st.caption(
        _("They replace what stands there, at once and on all invoices. Everybody in finance and every other "
          "administrator is told by mail. What stands there now is shown on invoices alone.")
    )  # fmt: skip
    with st.form("entity.bank.form", border=False, enter_to_submit=False):
        details = st.text_area(
            _("Bank details"), max_chars=LONGEST_BANK_DETAILS, height=120, placeholder=_("Bank, account, IBAN, BIC")
        )
        is_sent = st.form_submit_button(_("Write"), type="primary", icon=":material/account_balance:")
    if is_sent:
        _write(principal, entity, acting, details)


def _write(principal: Principal, entity: Entity, acting: Acting, details: str) -> None:
    if not details.strip():
        st.warning(_("Please fill this in."), icon=":material/error:")
        return
    try:
        execute(app_engine(), principal, WriteBankDetails(entity.uuid, acting.version, details))
    except (Conflict, Problems) as refused:
        st.warning(sentence(refused), icon=":material/error:")
        return
    _done(entity, acting, _("The bank details are written; finance and the other administrators get a mail."))
