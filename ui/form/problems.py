"""What is wrong with a form: all of it in one box that is read out first, each thing again beside its field."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from rules.errors import Invalid
from ui.errors import sentence
from ui.text import n_
from ui.words import JOINER

#: When a box of this name appears, static/forms.js moves the focus to the first field that is marked by `beside`.
BOX = "form-problems"


def beside(problem: Invalid | None) -> None:
    """Under its field, where the reader looks. The two share a container, by which static/forms.js finds the field."""
    if problem is not None:
        st.markdown(f":small[:red[:material/error: {_words(problem)}]]")


def _words(problem: Invalid) -> str:
    """An address in it, such as an example, is no link: the keyboard would stop there on its way to the next field,
    and be nowhere once the problem is gone."""
    return sentence(problem).replace("@", f"@{JOINER}")


def summary(problems: Mapping[str | None, Invalid], labels: Mapping[str, str], *, turn: int) -> None:
    """`turn` counts the attempts: each one draws the box anew, so that it is read out again."""
    if not problems:
        return
    lines = [n_("{n} thing to correct:", "{n} things to correct:", len(problems))]
    for field, problem in problems.items():
        label = labels.get((field or "").partition(".")[0])
        lines.append(f"- **{label}** · {_words(problem)}" if label else f"- {_words(problem)}")
    with st.container(key=f"{BOX}-{turn}"):
        st.error("\n".join(lines), icon=":material/error:")
