"""A form of a few fields in a dialog, from its first look to what came of it; kept and sent like every other form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import streamlit as st

from data.commands import Done
from rules.errors import Invalid
from rules.fields import Field, Values, tidy
from rules.principal import Principal
from ui.drafts import Draft
from ui.form.checking import checked
from ui.form.files import attached
from ui.form.filled import Filled, begins
from ui.form.layout import Section, show_sections
from ui.form.problems import summary
from ui.form.sending import Sending, send, send_button
from ui.text import translated

#: Under which name they stand among the values.
FILES = "files"
Options = Mapping[str, Mapping[Any, str]]


@dataclass(frozen=True)
class ShortForm:
    """`deed` does what was filled in, under the key of the form; `options` says what is picked from, by what is
    filled in so far."""

    name: str
    title: str
    icon: str
    fields: tuple[Field, ...]
    button: str
    deed: Callable[[Values, UUID], Done]
    options: Callable[[Values], Options] = field(default=lambda _values: {})
    #: Says above the button what it would mean to send what is filled in.
    says: Callable[[Values], None] = field(default=lambda _values: None)
    #: Files can be attached: `deed` and `says` find them among the values as "files".
    attaches: bool = False
    #: The clock that moments are entered in.
    zone: str = "UTC"


def show_short_form(principal: Principal, form: ShortForm) -> Mapping[str, Any] | None:
    """What came of it, once it was sent."""
    sending = Sending.of(form.name)
    draft = Draft.of(principal, form.name, **begins(form.fields))
    if sending.done is not None:
        return outcome_of(principal, form.name)
    filled = Filled(
        draft,
        form.fields,
        form.zone,
        options=form.options({each.name: draft.value(each.name) for each in form.fields}),
    )
    filled = checked(filled, sending)
    labels = {each.name: translated(each.label) for each in form.fields}
    summary(filled.problems, labels, turn=sending.turns)
    if sending.said:
        st.warning(sending.said, icon=":material/error:")
    show_sections(filled, [Section(form.title, form.icon, tuple(labels))])
    files = {FILES: attached(draft, filled.problems.get(FILES))} if form.attaches else {}
    form.says({**filled.values(), **files})
    send_button(sending, translated(form.button), key=f"{form.name}.send")
    if sending.is_asked:
        values = {**tidy(form.fields, filled.values()), **files}
        send(sending, draft, lambda key: _do(form, draft, values, key))
    return None


def outcome_of(principal: Principal, name: str) -> Mapping[str, Any] | None:
    """What came of the form of this name, told once; also where what it was about is gone by now."""
    sending = Sending.of(name)
    done = sending.done
    if done is not None:
        Draft(principal, name, {}).discard()
        sending.begin_anew()
    return done


def _do(form: ShortForm, draft: Draft, values: Values, key: UUID) -> Done:
    """What was refused may be answered otherwise the next time, so that is another deed."""
    try:
        return form.deed(values, key)
    except Invalid:
        draft.forget_key()
        raise
