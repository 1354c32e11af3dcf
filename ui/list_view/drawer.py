"""The drawer at the right: everything about one row that its reader may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from data.listing import Column, Kind, ListSpec
from data.listing.spec import DRAWER
from rules.errors import NotFound
from rules.inventory import ATTRIBUTES, ItemKind
from ui.codes import NAMED
from ui.errors import telling
from ui.look import status_badge
from ui.text import NOTHING, date_text, money_text, number_text, plain, term, time_text
from ui.tones import TONES
from ui.words import translated

More = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class Drawer:
    """What stands in it: `more(row)` draws what only this list has, and without `fields` the fields as well."""

    more: More | None = None
    fields: bool = True


def show_drawer(
    spec: ListSpec, fetch: Callable[[], Mapping[str, Any]], *, on_close: Callable[[], None], drawer: Drawer
) -> None:
    """Opens beside the list, under the row's own number; closing it calls `on_close`. `fetch` reads the row."""
    first = _found(fetch)
    title = plain(_text(_number(spec), first)) if first else translated(spec.title)
    known = [first] if first else []

    @st.dialog(title, width="medium", position="right", on_dismiss=on_close)
    def opened() -> None:
        with telling():  # a link to a row that is gone says so here, not on the page behind
            row = known.pop() if known else fetch()  # a click in it reads the row again
            _states(spec, row)
            if drawer.fields:
                _fields(spec, row)
            if drawer.more is not None:
                drawer.more(row)

    opened()


def _found(fetch: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any] | None:
    try:
        return fetch()
    except NotFound:
        return None


def _number(spec: ListSpec) -> Column:
    return next(column for column in spec.columns if column.kind is Kind.NUMBER)


def _states(spec: ListSpec, row: Mapping[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for column in spec.columns:
            if column.kind is Kind.TERM and column.vocabulary in TONES and DRAWER in column.shown and row[column.key]:
                status_badge(column.vocabulary or "", row[column.key])


def _fields(spec: ListSpec, row: Mapping[str, Any]) -> None:
    shown = {}
    for column in spec.shown_in(DRAWER, several_accounts=True):
        if column.kind is Kind.ATTRIBUTES:
            shown |= _attributes(row)
        elif column.kind not in (Kind.NUMBER, Kind.CLOCK, Kind.CHANGE) and column.vocabulary not in TONES:
            text = _text(column, row)
            if text != NOTHING:
                shown[translated(column.title)] = plain(text)
    st.table(shown, border="horizontal")


def _attributes(row: Mapping[str, Any]) -> dict[str, str]:
    """The attributes of the item's kind by their names, then whatever else was imported."""
    values = row["attributes"] or {}
    known = [name for name in ATTRIBUTES[ItemKind(row["kind"])] if name in values]
    named = {term("inventory.attribute", name): plain(str(values[name])) for name in known}
    return named | {plain(name): plain(str(value)) for name, value in values.items() if name not in known}


def _text(column: Column, row: Mapping[str, Any]) -> str:
    value = row[column.key]
    if value is None or value == "":
        return NOTHING
    match column.kind:
        case Kind.TERM | Kind.NUMBER if column.vocabulary:
            return term(column.vocabulary, value)
        case Kind.DATE:
            return date_text(value)
        case Kind.MOMENT:
            return time_text(value)
        case Kind.MONEY:
            return money_text(value, row["currency"]) if row["currency"] else number_text(value)
        case Kind.INTEGER:
            return number_text(value)
        case coded if name := NAMED.get(coded):
            return name(value)
        case _:
            return str(value)
