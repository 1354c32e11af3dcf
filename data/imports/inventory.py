"""Inventory: what accounts have with us; what only one kind of item has comes as a JSON object."""

from __future__ import annotations

import json
import math
import re
from typing import Annotated, Any, NoReturn, Self

from psycopg.types.json import Jsonb
from pydantic import PlainValidator, model_validator

from data.imports.fields import (
    AmountFromZero,
    AtSite,
    Currency,
    Day,
    Line,
    Number,
    OfAccount,
    Unexpected,
    Word,
    check_decimals,
)
from data.imports.kinds import FileKind, FileRow, Target
from data.models import InventoryItem
from rules.inventory import ATTRIBUTES, ItemKind, ItemStatus

_MOST_ATTRIBUTES, _LONGEST = 50, 8_000
_EXPECTED = f'a flat JSON object like {{"height_u": 42}} of at most {_MOST_ATTRIBUTES} names, each there once'
_SPELLED_OUT = {"voltage": "voltage_v", "amperage": "amperage_a"}
_NUMERIC = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?")
_TEXTS = frozenset({"feed", "phase", "media", "connector", "a_side", "z_side", "maker", "model", "serial"})
#: Attributes whose name carries a unit are numbers, however the file writes them.
_NUMBERS = frozenset(name for names in ATTRIBUTES.values() for name in names) - _TEXTS

Scalar = str | int | float | bool | None


def _attributes(value: str | None) -> dict[str, Scalar]:
    if value is None:
        return {}
    found = _parsed(value) if len(value) <= _LONGEST and "\\u0000" not in value else None
    if not isinstance(found, dict) or len(found) > _MOST_ATTRIBUTES or not all(map(_is_plain, found.values())):
        raise Unexpected(_EXPECTED)
    return {name: _as_number(name, each) for name, each in _named_as_ours(found).items()}


def _parsed(value: str) -> Any:
    """None where it is no JSON, or holds half a letter that the database would not take."""
    try:
        found = json.loads(value, object_pairs_hook=_once_each, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found


def _is_plain(value: Any) -> bool:
    """1e999 is read as infinity."""
    return not isinstance(value, dict | list) and (not isinstance(value, float) or math.isfinite(value))


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity, which JSON does not have


def _named_as_ours(found: dict[str, Scalar]) -> dict[str, Scalar]:
    ours = {_SPELLED_OUT.get(name, name): each for name, each in found.items()}
    if len(ours) != len(found):
        raise Unexpected("one of voltage and voltage_v, one of amperage and amperage_a")
    return ours


def _as_number(name: str, value: Scalar) -> Scalar:
    if name not in _NUMBERS or not isinstance(value, str) or not _NUMERIC.fullmatch(value):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number


Attributes = Annotated[dict[str, Scalar], PlainValidator(_attributes)]


class ItemRow(FileRow):
    asset_number: Number
    account: OfAccount
    site: AtSite | None
    kind: ItemKind
    label: Line
    customer_label: Line | None
    location: Word | None
    cabinet: Word | None
    status: ItemStatus
    installed_on: Day | None
    contract_end: Day | None
    monthly_charge: AmountFromZero | None
    currency: Currency | None
    attributes: Attributes

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.installed_on and self.contract_end and self.contract_end < self.installed_on:
            raise Unexpected("a date not before installed_on", column="contract_end")
        if self.monthly_charge is not None and self.currency is None:
            raise Unexpected("the currency of monthly_charge", column="currency")
        if self.monthly_charge is not None and self.currency is not None:
            check_decimals("monthly_charge", self.monthly_charge, self.currency)
        return self

    def stored(self) -> dict[str, Any]:
        return {
            "account_id": self.account.id,
            "asset_number": self.asset_number,
            "kind": self.kind,
            "label": self.label,
            "customer_label": self.customer_label,
            "site_id": self.site and self.site.id,
            "location": self.location,
            "cabinet": self.cabinet,
            "status": self.status,
            "installed_on": self.installed_on,
            "contract_end": self.contract_end,
            "monthly_charge": self.monthly_charge,
            "currency": self.currency,
            "attributes": Jsonb(self.attributes),
        }


INVENTORY = FileKind(
    name="inventory",
    row=ItemRow,
    number=("asset_number", "asset_number"),
    target=Target(
        model=InventoryItem,
        key=("account_id", "asset_number"),
        columns=(
            "kind", "label", "customer_label", "site_id", "location", "cabinet", "status", "installed_on",
            "contract_end", "monthly_charge", "currency", "attributes",
        ),
    ),
)  # fmt: skip
