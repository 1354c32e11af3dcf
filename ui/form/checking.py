"""What is wrong with a form: shown once it was tried to send it, and no longer once it is corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from rules.errors import Invalid
from rules.fields import problems, tidy
from ui.form.filled import Filled
from ui.form.sending import Sending


def checked(filled: Filled, sending: Sending) -> Filled:
    """By what its fields declare."""
    fields = filled.fields
    return checked_by(filled, sending, lambda: problems(fields, tidy(fields, filled.values()), datetime.now(UTC)))


def checked_by(filled: Filled, sending: Sending, find: Callable[[], Iterable[Invalid]]) -> Filled:
    """With the problems of `find` and those that only the database could say; with any of them it is not sent."""
    if not sending.turns:
        return filled
    found = [*find(), *sending.refused]
    if found and sending.is_asked:
        sending.is_asked = False
        st.rerun()  # what was drawn so far said that it is on its way
    return replace(filled, problems=filled.placed(found))
