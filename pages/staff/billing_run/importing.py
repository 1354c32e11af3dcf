"""Importing a billing run: what it would change is shown first; one click does all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from data.commands import execute
from data.engines import app_engine
from data.invoicing.billing_run import (
    LARGEST,
    HandedIn,
    ImportBillingRun,
    Preview,
    Source,
    Unfit,
    Watch,
    hand_in,
    preview_of,
)
from data.tabular import Row
from pages.staff.billing_run.preview import show_preview, show_problems
from pages.staff.handing_in import hand_in_button, hand_in_dialog
from rules.errors import Conflict, Invalid
from rules.principal import Principal
from rules.words import N_
from ui.errors import sentence
from ui.state import Remembered
from ui.text import _, n_, translated

#: `/billing?run=file` opens it.
ASKED, ICON = "run", ":material/folder_zip:"
_MEGABYTE = 1_000_000
_MOVES = 200  # of the bar while a table is read


@dataclass
class HandingIn(Remembered):
    """The file this tab handed in, what reading it gave, and what was said of it. Reading it again at every click would
    take as long again."""

    file: str | None = None
    run: HandedIn | None = None
    preview: Preview | None = None
    error: Invalid | Conflict | None = None

    def begin(self, file: str | None) -> None:
        self.file, self.run, self.preview, self.error = file, None, None, None


class Bar(Watch):
    """How far it is, as long as it takes."""

    def __init__(self) -> None:
        self._bar, self._steps = st.progress(0.0), 0

    def rows(self, source: Source, rows: Iterator[Row]) -> Iterator[Row]:
        words, length = _("Reading {file}", file=source.name), max(1, source.rows_roughly() or 1)
        every = max(1, length // _MOVES)
        for at, row in enumerate(rows):
            if at % every == 0:
                self._bar.progress(min(1.0, at / length), words)
            yield row

    def step(self, words: str) -> None:
        """How long one takes nobody knows: each is half of the way that was left."""
        self._steps += 1
        self._bar.progress(1 - 0.5**self._steps, translated(words))

    def end(self) -> None:
        self._bar.empty()


def run_button() -> None:
    hand_in_button(ASKED, _("Import billing run"), icon=ICON)


def run_asked_for(principal: Principal, place: str) -> None:
    state = HandingIn.of("run")
    hand_in_dialog(
        ASKED,
        _("Import billing run"),
        lambda: _body(principal, state),
        icon=ICON,
        place=place,
        on_close=lambda: state.begin(None),
    )


def _body(principal: Principal, state: HandingIn) -> str | None:
    st.markdown(
        _(
            "One zip of at most {n} MB with invoices.csv, lines.csv, payments.csv and a PDF for each invoice, named by "
            "its number. First you see what it would change; then all of it is imported, or nothing.",
            n=LARGEST // _MEGABYTE,
        )
    )
    uploaded = st.file_uploader(_("Billing run"), type="zip", max_upload_size=LARGEST // _MEGABYTE, key="run.file")
    if uploaded is None:
        state.begin(None)
        return None
    if state.file != uploaded.file_id:
        state.begin(uploaded.file_id)
        _look_at(principal, state, uploaded)
    if isinstance(state.error, Unfit):
        show_problems(state.error)
        return None
    if state.error is not None:
        st.warning(sentence(state.error), icon=":material/error:")
    if state.preview is None:
        _again(state)
        return None
    show_preview(state.preview)
    return _do(principal, state, state.preview)


def _look_at(principal: Principal, state: HandingIn, uploaded: UploadedFile) -> None:
    bar = Bar()
    try:
        state.run = hand_in(app_engine(), principal, uploaded.name, uploaded, bar)
        _preview(principal, state, bar)
    except (Conflict, Invalid) as error:
        state.error = error
    bar.end()


def _preview(principal: Principal, state: HandingIn, bar: Bar) -> None:
    if state.run is not None:
        bar.step(N_("Comparing with the portal"))
        state.preview = preview_of(app_engine(), principal, state.run)


def _again(state: HandingIn) -> None:
    """Where something else was in the way, and not what is in the file."""
    if isinstance(state.error, Conflict) and st.button(_("Try again"), icon=":material/refresh:", key="run.again"):
        state.begin(None)
        st.rerun(scope="fragment")


def _do(principal: Principal, state: HandingIn, preview: Preview) -> str | None:
    """The same file after the same preview is the same deed, however often it is clicked."""
    run = state.run
    if run is None or preview.is_nothing:
        return None
    if not st.button(_("Import"), type="primary", icon=":material/check:", key="run.do"):
        return None
    bar = Bar()
    command = ImportBillingRun(run, preview.seen, bar)
    try:
        done = execute(app_engine(), principal, command, key=uuid5(NAMESPACE_OID, f"{run.sha256} {preview.seen}"))
    except (Conflict, Invalid) as error:
        _look_again(principal, state, error, bar)
        st.rerun(scope="fragment")
    new = n_("{n} new invoice", "{n} new invoices", done["added"])
    changed = n_("{n} changed", "{n} changed", done["changed"])
    return _("The billing run is imported: {new}, {changed}.", new=new, changed=changed)


def _look_again(principal: Principal, state: HandingIn, error: Conflict | Invalid, bar: Bar) -> None:
    """Nothing was kept; what it would change now is another thing than was shown."""
    state.preview, state.error = None, error
    try:
        _preview(principal, state, bar)
    except (Conflict, Invalid) as other:
        state.error = other
    bar.end()
