"""One field as an input, by its kind, with its hint below it and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import streamlit as st

from rules.fields import Field, FieldKind
from ui.form.filled import Filled
from ui.form.problems import beside
from ui.text import _, date_text, term, translated, zone_text

#: So many choices are shown at once; more are in a list.
_AT_ONCE = 5
_WIDE = (FieldKind.LONG_TEXT, FieldKind.LINES, FieldKind.ITEMS)
#: A title is as long as a line.
_LONG_LINE = 200


def takes_the_width(field: Field) -> bool:
    many_at_once = field.kind is FieldKind.CHOICE and 3 < len(field.choices) <= _AT_ONCE
    return field.kind in _WIDE or many_at_once or (field.kind is FieldKind.TEXT and (field.longest or 0) >= _LONG_LINE)


def show_input(field: Field, name: str, filled: Filled) -> None:
    """`name` is what the draft and its problem call it; a cell of a row has one of its own."""
    width: Any = "content" if field.kind is FieldKind.TICK else "stretch"
    with st.container(gap="xxsmall", width=width):  # hint and problem belong to this field, not to the next
        INPUTS[field.kind](field, name, label_of(field, filled), filled)
        if field.hint:
            st.caption(translated(field.hint))
        beside(filled.problems.get(name))


def label_of(field: Field, filled: Filled) -> str:
    """With the zone's name where a moment is meant; what may be left empty says so."""
    label = translated(field.called(filled.values()) if field.elsewhere else field.label)
    if field.kind is FieldKind.MOMENT:
        label = f"{label} · {zone_text(datetime.now(filled.clock))}"
    return label if field.required or field.either or field.kind is FieldKind.TICK else f"{label} · {_('optional')}"


def _text(field: Field, name: str, label: str, filled: Filled) -> None:
    kept = filled.draft.field(name)
    st.text_input(label, max_chars=field.longest, live="1s", **kept)


def _long_text(field: Field, name: str, label: str, filled: Filled) -> None:
    kept = filled.draft.field(name)
    st.text_area(label, max_chars=field.longest, height=120, **kept)


def _lines(_field: Field, name: str, label: str, filled: Filled) -> None:
    st.text_area(label, height=80, **filled.draft.field(name))


def _choice(field: Field, name: str, label: str, filled: Filled) -> None:
    values = [str(choice) for choice in field.choices]
    is_proposed = name in filled.proposed
    if is_proposed:
        filled.draft.follow(name)
        label = f"{label} :gray[· {_('proposed: {choice}', choice=_word(field, filled.proposed[name]))}]"
    kept = filled.draft.field(name, among=[*values, None])
    said: Any = {"format_func": lambda value: _word(field, value), **kept}
    if 1 < len(values) <= _AT_ONCE:
        st.segmented_control(
            label,
            values,
            required=field.required and (is_proposed or field.default is not None),
            width="stretch",
            wrap=True,
            **said,
        )
    else:
        st.selectbox(label, values, index=None, placeholder=_("Choose"), **said)


def _word(field: Field, value: str) -> str:
    return term(field.vocabulary, value) if field.vocabulary else value


def _tick(_field: Field, name: str, label: str, filled: Filled) -> None:
    st.checkbox(label, **filled.draft.field(name))


def _moment(_field: Field, name: str, label: str, filled: Filled) -> None:
    kept = filled.draft.field(name)
    st.datetime_input(label, value=None, format="YYYY-MM-DD", **kept)


def _day(_field: Field, name: str, label: str, filled: Filled) -> None:
    st.date_input(label, value=None, format="YYYY-MM-DD", **filled.draft.field(name))
    if (day := filled.draft.value(name)) is not None:
        st.caption(date_text(day, weekday=True))


def _number(field: Field, name: str, label: str, filled: Filled) -> None:
    kept = filled.draft.field(name)
    least, most = field.least, field.most
    st.number_input(label, value=None, min_value=least, max_value=most, step=1, **kept)


def _amount(_field: Field, name: str, label: str, filled: Filled) -> None:
    """As text: money is exact, and a number input knows only floats."""
    st.text_input(label, max_chars=30, live="1s", **filled.draft.field(name))


def _space(field: Field, name: str, label: str, filled: Filled) -> None:
    options = filled.options.get(field.name, {})
    kept = filled.draft.field(name, among=[*options, None])
    st.selectbox(
        label,
        list(options),
        index=None,
        format_func=options.__getitem__,
        placeholder=_("Choose"),
        **kept,
    )


def _items(field: Field, name: str, label: str, filled: Filled) -> None:
    options = filled.options.get(field.name, {})
    kept = filled.draft.field(name, among=list(options))
    st.multiselect(
        label,
        list(options),
        format_func=options.__getitem__,
        placeholder=_("Choose"),
        **kept,
    )


INPUTS: dict[FieldKind, Callable[[Field, str, str, Filled], None]] = {
    FieldKind.TEXT: _text,
    FieldKind.LONG_TEXT: _long_text,
    FieldKind.CHOICE: _choice,
    FieldKind.TICK: _tick,
    FieldKind.MOMENT: _moment,
    FieldKind.DAY: _day,
    FieldKind.NUMBER: _number,
    FieldKind.AMOUNT: _amount,
    FieldKind.LINES: _lines,
    FieldKind.SPACE: _space,
    FieldKind.ITEMS: _items,
}
