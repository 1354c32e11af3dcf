"""The SLA clocks of one ticket in words: time left, paused since and for whom, met in, late by."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from data.ticketing import TicketDetail
from data.ticketing.reading import ClockFace
from rules.lifecycle import Category
from rules.sla import Clock, ClockState
from ui.text import _, duration_text, number_text, term, time_text
from ui.tones import tone


def show_clocks(detail: TicketDetail, *, for_staff: bool) -> None:
    faces = [face for face in detail.clocks if face.reading is not None]
    if not faces:
        return
    # side by side, so that a reopened ticket's new clock leaves no hole beside it
    grid = st.grid(min(max(len(faces), 2), 3), min_column_width=190, gap="small", border=True, key="clocks")
    with grid:
        for face in faces:
            st.markdown(clock_words(face, detail, for_staff=for_staff))


def clock_words(face: ClockFace, detail: TicketDetail, *, for_staff: bool) -> str:
    """What it promises, how it stands, and until when; colour only says again what the words say."""
    assert face.reading is not None
    name = term("clock", face.clock)
    if face.clock == Clock.SECOND:
        name = term("clock.second", detail.ticket.kind)
    if face.round > 1:
        name = _("{clock}, round {n}", clock=name, n=number_text(face.round))
    color = tone("clock.state", face.reading.state).badge
    return f":small[:gray[{name}]]  \n**:{color}[{_stands(face)}]**  \n:small[:gray[{_below(face, detail, for_staff)}]]"


def _stands(face: ClockFace) -> str:
    reading = face.reading
    assert reading is not None
    match reading.state:
        case ClockState.RUNNING:
            return _("{time} left", time=duration_text(reading.left))
        case ClockState.PAUSED:
            since = reading.since or datetime.now(UTC)
            return _("Paused for {time}", time=duration_text(datetime.now(UTC) - since))
        case ClockState.MET:
            return term("clock.state", ClockState.MET)
        case _:
            return _("Late by {time}", time=duration_text(reading.left))


def _below(face: ClockFace, detail: TicketDetail, for_staff: bool) -> str:
    reading = face.reading
    assert reading is not None
    if reading.state is ClockState.PAUSED:
        since = time_text(reading.since)
        if detail.waiting_for != "customer":
            return _("since {time}", time=since)
        if for_staff:
            return _("since {time}, it waits for the customer", time=since)
        return _("since {time}, it waits for you", time=since)
    over = detail.ticket.category is Category.DONE
    if reading.state is ClockState.MET and face.deadline is not None and reading.left is not None:
        taken = face.deadline - reading.left - face.started_at
        return _("taken {time}", time=duration_text(taken))
    return (
        _("was due {time}", time=time_text(face.deadline)) if over else _("due {time}", time=time_text(face.deadline))
    )
