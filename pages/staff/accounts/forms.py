"""The forms about accounts: a new one, its name and what is usual there, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from data.accounts import Account, ChangeAccount, CreateAccount, MoveAccount, places_to_choose, what_moves
from data.commands import Done, execute
from data.engines import app_engine
from data.imports.fields import ZONES
from pages.staff.accounts.meaning import show_meaning
from pages.staff.locations.choices import countries
from rules.accounts import LONGEST_NAME
from rules.fields import Field, FieldKind, Values
from rules.money import CURRENCIES
from rules.principal import Principal
from rules.words import N_
from ui.form.short import Options, ShortForm, show_short_form
from ui.text import language_text, languages

K = FieldKind
_CODE = Field("code", N_("Code"), required=True, longest=50,
              hint=N_("Used in addresses and files, permanent: letters, digits, “-”, “_” and “.”."))  # fmt: skip
_ABOVE = Field("above", N_("Part of"), K.SPACE, hint=N_("Whoever administers that account administers this one too."))
_FACTS = (
    Field("called", N_("Name"), required=True, longest=LONGEST_NAME),
    Field("country", N_("Country"), K.SPACE),
    Field("currency", N_("Currency"), K.SPACE),
    Field("locale", N_("Language"), K.SPACE, required=True, default="en"),
    Field("time_zone", N_("Time zone"), K.SPACE, required=True, default="UTC",
          hint=N_("For pages and mails of people who have not chosen their own.")),
)  # fmt: skip


def create(principal: Principal) -> Mapping[str, Any] | None:
    """What came of it, once it was sent."""

    def deed(values: Values, key: UUID) -> Done:
        above = values["above"]
        said = {**values, "above": above and UUID(above)}
        return execute(app_engine(), principal, CreateAccount(**said), key=key)

    def options(_values: Values) -> Options:
        return {**_choices(), "above": _places(principal)}

    name, *others = _FACTS
    form = ShortForm(
        "account.new", N_("The account"), "domain", (name, _CODE, _ABOVE, *others), N_("Create"), deed, options
    )
    return show_short_form(principal, form)


def change(principal: Principal, account: Account, version: int) -> Mapping[str, Any] | None:
    def deed(values: Values, key: UUID) -> Done:
        return execute(app_engine(), principal, ChangeAccount(account.uuid, version, **values), key=key)

    facts = (account.name, account.country, account.currency, account.locale, account.time_zone)
    fields = tuple(replace(field, default=fact) for field, fact in zip(_FACTS, facts, strict=True))
    name = f"account.change.{account.uuid}.{version}"
    form = ShortForm(name, N_("Name and facts"), "edit", fields, N_("Save"), deed, lambda _values: _choices(account))
    return show_short_form(principal, form)


def attach(principal: Principal, account: Account, version: int) -> Mapping[str, Any] | None:
    """What it means for whom is said as soon as a place is chosen."""

    def deed(values: Values, key: UUID) -> Done:
        command = MoveAccount(account.uuid, version, UUID(values["above"]))
        return execute(app_engine(), principal, command, key=key)

    def says(values: Values) -> None:
        if values["above"] is not None:
            show_meaning(what_moves(app_engine(), principal, account.uuid, UUID(values["above"])))

    name = f"account.attach.{account.uuid}.{version}"
    form = ShortForm(
        name, N_("Put it below another account"), "account_tree", (replace(_ABOVE, required=True, hint=""),),
        N_("Attach"), deed, lambda _values: {"above": _places(principal, account)}, says,
    )  # fmt: skip
    return show_short_form(principal, form)


def _places(principal: Principal, account: Account | None = None) -> dict[str, str]:
    found = places_to_choose(app_engine(), principal, account)
    return {str(place.uuid): f"{place.name} · {place.code}" for place in found}


def _choices(account: Account | None = None) -> Options:
    """What holds now can be kept, also where it would not be offered any more."""
    zones = ZONES if account is None else ZONES | {account.time_zone}
    spoken = dict(languages())
    if account is not None and account.locale not in spoken:
        spoken[account.locale] = language_text(account.locale)
    return {
        "country": countries(),
        "currency": {currency: currency for currency in CURRENCIES},
        "locale": spoken,
        "time_zone": {zone: zone for zone in sorted(zones)},
    }
