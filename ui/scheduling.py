"""Beside the filters of a list: what they find by mail, every week or month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID, uuid4

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.scheduled_reports import ScheduleReport
from rules.looking import PARAMETER, said_of
from rules.permissions import Permission
from rules.principal import Principal
from rules.schedules import LAST_DAY, MONDAY, SUNDAY, Delivery, Every, Schedule
from ui.errors import telling
from ui.news import show_news, tell
from ui.reports_by_name import KINDS
from ui.state import Remembered
from ui.text import _, date_text, hour_text, number_text, reader, terms, weekday_text

#: When most people want it: the first morning of the week.
MORNING = 8


@dataclass
class Asking(Remembered):
    """Is the pop-up of a list open, and the key of what it makes."""

    is_open: bool = False
    key: UUID = field(default_factory=uuid4)


def may_schedule(principal: Principal, name: str) -> bool:
    """Not where it is asked each time whether it is they."""
    return principal.may(Permission.REPORT_EXPORT) and not KINDS[name].needs_proof


def offer_schedule(principal: Principal, name: str, pairs: Sequence[tuple[str, str]], *, note: str = "") -> None:
    """A button, and the pop-up behind it; `pairs` is what the page's address says of the list, `note` what is to be
    known of this one."""
    asking = Asking.of(name)
    place = f"schedule-{name}"
    show_news(place)
    label = _("Send regularly")
    if st.button(label, icon=":material/schedule_send:", type="tertiary", key=f"{place}-button"):
        asking.is_open, asking.key = True, uuid4()
    if not asking.is_open:
        return

    @st.dialog(_("Send me this list regularly"), on_dismiss=lambda: _close(name))
    def opened() -> None:
        with telling():
            form(principal, name, pairs, note=note)

    opened()


def form(principal: Principal, name: str, pairs: Sequence[tuple[str, str]], *, note: str = "") -> None:
    """What is asked before a list comes by mail."""
    asking = Asking.of(name)
    said = _("You get the rows that match the present filters at that time, as far as you may see them then.")
    st.caption(f"{said} {note}".rstrip())
    every = st.segmented_control(
        _("How often"), list(Every), default=Every.WEEK, required=True, format_func=terms("report.every").__getitem__,
        key=f"schedule-every-{asking.key}",
    )  # fmt: skip
    with st.container(horizontal=True):
        on_day = _day(Every(every), asking.key)
        at_hour = st.selectbox(
            _("Time of day"), range(24), MORNING, format_func=_hour, key=f"schedule-hour-{asking.key}", width=130
        )
    delivery = st.radio(
        _("What comes"), list(Delivery), format_func=terms("report.delivery").__getitem__,
        key=f"schedule-delivery-{asking.key}",
    )  # fmt: skip
    zone = principal.time_zone or reader().time_zone
    schedule = Schedule(Every(every), on_day, at_hour, zone)
    first = schedule.next_after(datetime.now(UTC))
    when = {"date": date_text(first, weekday=True), "time": hour_text(first, zone=zone)}
    st.caption(_("First on {date}, {time}.", **when))
    if st.button(_("Send it to me"), type="primary", key=f"schedule-save-{asking.key}"):
        _save(principal, name, pairs, schedule, Delivery(delivery))


def _day(every: Every, key: UUID) -> int:
    if every is Every.WEEK:
        days = range(MONDAY, SUNDAY + 1)
        return st.selectbox(
            _("Day of the week"), days, format_func=weekday_text, key=f"schedule-weekday-{key}", width=200
        )
    days = range(1, LAST_DAY + 1)
    return st.selectbox(_("Day of the month"), days, format_func=month_day, key=f"schedule-day-{key}", width=200)


def month_day(day: int) -> str:
    return _("the last day of the month") if day == LAST_DAY else _("day {n} of the month", n=number_text(day))


def _hour(hour: int) -> str:
    return f"{hour:02}:00"


def _save(
    principal: Principal, name: str, pairs: Sequence[tuple[str, str]], schedule: Schedule, delivery: Delivery
) -> None:
    asking = Asking.of(name)
    query = urlencode((*pairs, *_in_view(principal)))
    command = ScheduleReport(name, query, KINDS[name].functions(principal), schedule, delivery, reader().language)
    execute(app_engine(), principal, command, key=asking.key)
    asking.is_open = False
    tell(f"schedule-{name}", _("It comes by mail from now on. Your settings show it, and stop it."))
    st.rerun()


def _in_view(principal: Principal) -> tuple[tuple[str, str], ...]:
    """Whoever has several accounts gets those that are in view now."""
    several = not principal.is_staff and len(principal.accounts) > 1
    return ((PARAMETER, said_of(principal)),) if several else ()


def _close(name: str) -> None:
    Asking.of(name).is_open = False
