"""The address bar and the filters say the same: whoever changed last is followed."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from data.listing import Asked, ListSpec, read_asked
from rules.errors import Invalid
from ui.errors import sentence
from ui.state import ListState


def asked_by_address(spec: ListSpec, state: ListState) -> Asked:
    """What the address asks. Where it says something new (a link, a click in a chart, Back), the widgets start anew."""
    try:
        asked = read_asked(spec, _parameters())
    except Invalid as error:
        st.warning(sentence(error), icon=":material/link_off:")
        asked = read_asked(spec, {})
    address = asked.pairs(spec, with_place=False)
    if state.address != address:
        state.address = address
        state.edition += 1
    return asked


def go(spec: ListSpec, state: ListState, asked: Asked, *, redraw: bool = False) -> None:
    """Write what is asked now into the address. `redraw`: the widgets do not know it yet."""
    keep = {key: st.query_params.get_all(key) for key in st.query_params if not is_ours(spec, key)}
    st.query_params.from_dict({**keep, **asked.parameters(spec)})
    if not redraw:
        state.address = asked.pairs(spec, with_place=False)


def asked_now(spec: ListSpec) -> Asked:
    """What the address asks, for whoever draws no filters: what cannot be read counts as nothing."""
    try:
        return read_asked(spec, _parameters())
    except Invalid:
        return read_asked(spec, {})


def turn_page(spec: ListSpec, state: ListState, at: str | None) -> None:
    """Another page of the same list."""
    go(spec, state, replace(asked_now(spec), at=at))


def open_row(spec: ListSpec, key: str | None) -> None:
    """The row whose drawer is open stands in the address, so it can be sent to a colleague."""
    if key is None:
        st.query_params.pop(spec.row_parameter, None)
    else:
        st.query_params[spec.row_parameter] = key


def _parameters() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params}


def is_ours(spec: ListSpec, key: str) -> bool:
    """Does this name in the address say what is asked of the list?"""
    names = {f.key for f in spec.filters} | {"q", "sort", "at", "account"}
    return key in names or key.removesuffix("_from") in names or key.removesuffix("_to") in names
