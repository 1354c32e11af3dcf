"""Service targets: what is promised to everybody, and what is agreed otherwise from a day on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import streamlit as st

from data.commands import Done, execute
from data.engines import app_engine
from data.locations import AddTarget, Target, list_targets
from pages.staff.locations.choices import NEW, asked_for_new, new_button
from rules.fields import Field, FieldKind, Only, Values
from rules.locations import LONGEST_TARGET, promises
from rules.principal import Principal
from rules.request_types import Severity, TicketKind
from rules.sla import Clock, target_of
from rules.words import N_
from ui import look, table
from ui.errors import telling
from ui.form.short import ShortForm, show_short_form
from ui.text import _, duration_text, term, time_text

K = FieldKind
_FIELDS = (
    Field("kind", N_("Type"), K.CHOICE, required=True, choices=tuple(TicketKind), vocabulary="ticket.kind"),
    Field("severity", N_("Severity"), K.CHOICE, choices=tuple(Severity), vocabulary="ticket.severity",
          only=Only("kind", (TicketKind.FAULT,)), hint=N_("Empty: each severity that has no target of its own.")),
    Field("clock", N_("Promise"), K.CHOICE, required=True, choices=tuple(Clock), vocabulary="clock"),
    Field("minutes", N_("Minutes"), K.NUMBER, least=1, most=LONGEST_TARGET,
          hint=N_("Empty: the general target again.")),
    Field("since", N_("From"), K.MOMENT,
          hint=N_("Empty: in a minute. Clocks that run keep what was promised to them.")),
)  # fmt: skip


def show(principal: Principal) -> None:
    look.title(_("Service targets"), actions=lambda: new_button(_("Agree a target")))
    if asked_for_new():
        _form(principal)
    agreed = list_targets(app_engine(), principal)
    with look.card(_("What is promised now"), key="targets-general"):
        _general(agreed)
    with look.card(_("What was agreed"), key="targets-agreed"):
        _agreed(agreed)


def _general(agreed: tuple[Target, ...]) -> None:
    """Of each promise the general target, and beside it the one that holds where it is another."""
    rows = [(kind, clock, severity) for kind, clock in promises() for severity in _severities(kind)]
    now, told = datetime.now(UTC), [each.agreed() for each in agreed]
    general = [target_of(kind, clock, severity, now) for kind, clock, severity in rows]
    holds = [target_of(kind, clock, severity, now, told) for kind, clock, severity in rows]
    table.show(
        {
            "kind": table.words(_("Type"), [term("ticket.kind", kind) for kind, _c, _s in rows], 170),
            "severity": _severity_column([severity for _k, _c, severity in rows]),
            "clock": table.words(_("Promise"), [term("clock", clock) for _k, clock, _s in rows], 150),
            "general": table.words(_("In general"), [_length(each) for each in general], 130),
            "now": table.words(_("Holds now"), [_length(each) for each in holds], 130),
        },
        key="targets.general",
        label=_("What is promised now"),
    )


def _severities(kind: TicketKind) -> tuple[Severity | None, ...]:
    return tuple(Severity) if kind is TicketKind.FAULT else (None,)


def _length(length: timedelta | None) -> str:
    return duration_text(length) if length is not None else _("general")


def _severity_column(cells: Sequence[str | None]) -> table.Shown:
    title = _("Severity")
    return table.words(title, [cell or "" for cell in cells], table.fitting(title, ()))


def _agreed(agreed: tuple[Target, ...]) -> None:
    if not agreed:
        st.caption(_("Nothing was agreed otherwise yet."))
        return
    table.show(
        {
            "since": table.words(_("From"), [time_text(each.since) for each in agreed], 210),
            "kind": table.words(_("Type"), [term("ticket.kind", each.kind) for each in agreed], 170),
            "severity": _severity_column([each.severity for each in agreed]),
            "clock": table.words(_("Promise"), [term("clock", each.clock) for each in agreed], 150),
            "target": table.words(_("Target"), [_length(each.target) for each in agreed], 130),
        },
        key="targets.agreed",
        label=_("What was agreed"),
    )


def _form(principal: Principal) -> None:
    def closed() -> None:
        st.query_params.pop(NEW, None)

    @st.dialog(_("Agree a target"), width="medium", icon=":material/handshake:", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            if _add(principal) is not None:
                closed()
                st.rerun()

    dialog()


def _add(principal: Principal) -> Mapping[str, Any] | None:
    def deed(values: Values, key: UUID) -> Done:
        return execute(app_engine(), principal, AddTarget(**values), key=key)

    form = ShortForm("target.new", N_("What is promised"), "handshake", _FIELDS, N_("Agree"), deed)
    return show_short_form(principal, form)
