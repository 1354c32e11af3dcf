"""Settings, the lists that come by mail: when next, what came of the last one, and a way to stop each."""

from __future__ import annotations

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.scheduled_reports import ForgetReport, ResumeReport, Scheduled, StopReport, list_scheduled
from pages.portal.settings.telling import say
from rules.principal import Principal
from rules.schedules import Every
from ui import look
from ui.scheduling import month_day
from ui.text import _, ago_text, hour_text, n_, plain, term, time_text, weekday_text


def reports(principal: Principal) -> None:
    mine = list_scheduled(app_engine(), principal)
    with look.card(_("Scheduled reports"), key="scheduled"):
        if not mine:
            st.caption(_("Every list with a report can come by mail: choose Send regularly above its rows."))
        for report in mine:
            _report(principal, report)


def _report(principal: Principal, report: Scheduled) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"scheduled-{report.uuid}"):
        st.markdown("  \n".join(_lines(report)), width="stretch")
        name = _name(report)
        if report.stopped_at is None:
            if st.button(_("Stop"), key=f"stop-{report.uuid}", help=_("Stop {list}", list=name)):
                execute(app_engine(), principal, StopReport(report.uuid))
                say(_("It is stopped. You can resume it at any time."))
            return
        if st.button(_("Resume"), key=f"resume-{report.uuid}", help=_("Resume {list}", list=name)):
            execute(app_engine(), principal, ResumeReport(report.uuid))
            say(_("It comes again."))
        if st.button(_("Delete"), key=f"forget-{report.uuid}", help=_("Delete {list}", list=name)):
            execute(app_engine(), principal, ForgetReport(report.uuid))
            say(_("It is deleted."))


def _name(report: Scheduled) -> str:
    return term("audit.label", report.page)


def _lines(report: Scheduled) -> tuple[str, ...]:
    link = f"/{report.page}{'?' if report.query else ''}{report.query}"
    return (
        f"**[{plain(_name(report))}]({link})** · {_when(report)}",
        f":small[:gray[{_state(report)}]]",
        f":small[:gray[{_last(report)}]]",
    )


def _when(report: Scheduled) -> str:
    schedule, zone = report.schedule, report.schedule.time_zone
    hour = hour_text(report.next_at, zone=zone)
    if schedule.every is Every.WEEK:
        when = _("every week, {day}, {hour}", day=weekday_text(schedule.on_day), hour=hour)
    else:
        when = _("every month, {day}, {hour}", day=month_day(schedule.on_day), hour=hour)
    return when


def _state(report: Scheduled) -> str:
    if report.stopped_why is not None:
        return f":orange-badge[{term('report.stopped', report.stopped_why)}]"
    kind = term("report.delivery", report.delivery)
    return _("next {time} · {what}", time=time_text(report.next_at), what=kind)


def _last(report: Scheduled) -> str:
    if report.last_at is None or report.last_outcome is None:
        return _("has not been sent yet")
    said = term("report.outcome", report.last_outcome)
    rows = "" if report.last_rows is None else f", {n_('{n} row', '{n} rows', report.last_rows)}"
    return _("last {ago}: {what}", ago=ago_text(report.last_at), what=f"{said}{rows}")
