"""Charts and totals of all that is filtered; they come after the table, which never waits for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.engines import app_engine
from data.listing import Asked, Counted, ListSpec, Opened, Summary, TooMany, summary_in, summary_of
from data.listing.summary import LIMIT, Chart, Dimension, tallied_in
from rules.principal import Principal
from ui.as_table import show_tables
from ui.background import Cancel, Work
from ui.charts import BarChart, Click, Series, show_chart
from ui.errors import telling
from ui.list_view import parts
from ui.state import ListState
from ui.text import NOTHING, _, money_text, month_text, n_, number_text, plain, reader, term
from ui.tones import TONES, Tone, tone
from ui.words import translated

#: In place of a chart: the numbers of all of them.
TABLES = "tables"
LONGEST_AXIS = 60  # months; an axis any longer shows only those that have something
Picked = Callable[[Dimension, Click], None]


def choose_chart(spec: ListSpec, state: ListState) -> None:
    """One chart is drawn at a time, and counted: the others cost a click nothing until somebody wants them. Whoever
    wants numbers has those of all of them."""
    charts = {chart.key: chart for chart in spec.charts}
    key = f"{spec.name}.chart"

    def chose() -> None:
        state.chart = st.session_state[key]
        st.rerun(parts.found(spec.name))

    st.segmented_control(
        _("Chart"),
        [*charts, TABLES],
        format_func=lambda key: _("As a table") if key == TABLES else translated(charts[key].title),
        default=state.chart or next(iter(charts)),
        required=True,
        label_visibility="collapsed",
        key=key,
        on_change=chose,
    )


def at_hand(its: Opened, asked: Asked) -> Summary | None:
    """What may be drawn before the rows, because it is known as soon as they are. Of all accounts together even the
    tallies are many to add up."""
    return None if its.scope.accounts is None else tallied_in(its, asked, _chosen(its.spec))


def show_summary(
    place: DeltaGenerator,
    its: Opened,
    principal: Principal,
    asked: Asked,
    known: Summary | None,
    *,
    are_few: bool,
    on_pick: Picked,
) -> None:
    """Drawn at once where it is known, or few rows match; else counted in the background, and it can be stopped.
    `are_few`: whoever counted the rows knows it already. A bar that is clicked narrows the list around it, so `on_pick`
    must run that."""
    with place, telling():
        charts = _chosen(its.spec)
        found = known or summary_in(its, asked, charts=charts, limit=None if are_few else LIMIT)
        if isinstance(found, TooMany):
            _apart(its.spec.name)(its.spec, principal, asked, charts, found, on_pick)
        else:
            _show(its.spec, found, on_pick)


def _show(spec: ListSpec, found: Summary, on_pick: Picked) -> None:
    if found.sums:
        _totals(found.sums)
    if ListState.of(spec.name).chart == TABLES:
        show_tables(_drawn(spec, counted) for counted in found.charts)
    else:
        _chart(spec, found.charts[0], on_pick)


def _chosen(spec: ListSpec) -> tuple[Chart, ...]:
    chosen = ListState.of(spec.name).chart or spec.charts[0].key
    return tuple(chart for chart in spec.charts if chosen in (chart.key, TABLES))


@cache  # wrapping a function inspects it, which takes as long as drawing a button
def _apart(name: str) -> Callable[..., None]:
    return st.fragment(_count_apart, key=parts.charts(name))


def _count_apart(
    spec: ListSpec, principal: Principal, asked: Asked, charts: tuple[Chart, ...], many: TooMany, on_pick: Picked
) -> None:
    """A fragment of its own: whoever stops counting, or counts again, leaves the rows as they are."""
    zone = reader().time_zone

    def count(cancel: Cancel) -> Summary | TooMany:
        return summary_of(
            app_engine(), principal, spec, asked, time_zone=zone, charts=charts, limit=None, begun=cancel.watch
        )

    work = Work.of(
        f"{spec.name}.summary",
        f"{[chart.key for chart in charts]} {asked.pairs(spec, with_place=False)} {principal.chosen}",
        count,
    )
    if work.is_done:
        with telling():
            _show(spec, work.result(), on_pick)
    elif work.is_stopped:
        with _waiting():
            st.text(_("Charts were not calculated."))
            st.button(_("Calculate"), key=f"{spec.name}.calculate", on_click=work.start)
    else:
        _calculating(spec.name)(spec, work, many)


@cache
def _calculating(name: str) -> Callable[..., None]:
    return st.fragment(_look_again, key=f"summary-{name}", run_every="1s")


def _look_again(spec: ListSpec, work: Work, many: TooMany) -> None:
    """Every second, in a fragment of its own, so that nothing else runs while the background counts."""
    if work.is_done:
        st.rerun()  # all of the page: a fragment that runs by itself may not run another one
    with _waiting():
        st.text(_("Calculating over more than {n} rows…", n=number_text(many.more_than)))
        st.button(_("Stop"), key=f"{spec.name}.stop", on_click=_stop, args=(spec, work))


def _stop(spec: ListSpec, work: Work) -> None:
    work.stop()
    st.rerun(parts.charts(spec.name))


def _waiting() -> AbstractContextManager[Any]:
    return st.container(horizontal=True, vertical_alignment="center")


def _totals(totals: tuple[dict[str, Any], ...]) -> None:
    """A block per currency (ui/look.py): how many, how much, how much of it is open. Currencies are never added up."""
    language = reader().language
    blocks = [_total(int(row["n"]), row["total"], row["balance"], row["currency"], language) for row in totals]
    st.markdown("\n\n".join(blocks))


@lru_cache(maxsize=2_000)  # people go back to filters they had
def _total(n: int, total: Decimal, balance: Decimal, currency: str, _language: str) -> str:
    billed, left = (plain(money_text(amount, currency)) for amount in (total, balance))
    how_many = n_("{n} invoice", "{n} invoices", n)
    return f":small[:gray[{how_many}]]  \n**{billed}**  \n:small[{_('open: {amount}', amount=left)}]"


def _chart(spec: ListSpec, counted: Counted, on_pick: Picked) -> None:
    def picked(click: Click | None) -> None:
        if click is not None and click.category:
            on_pick(counted.chart.group, click)

    show_chart(_drawn(spec, counted), key=f"{spec.name}.chart.{counted.chart.key}", on_pick=picked, switch=False)


def _drawn(spec: ListSpec, counted: Counted) -> BarChart:
    chart = counted.chart
    found = {(cell[0], cell[1] if chart.stack else ""): int(cell[-1]) for cell in counted.cells}
    groups = _in_order(chart.group, {group for group, _stack in found})
    if chart.group.is_month:
        groups = _every_month(groups)
    series = [
        Series(
            _key(stack),
            _label(chart.stack, stack) if chart.stack else translated(spec.title),
            [found.get((group, stack), 0) for group in groups],
            _tone(chart.stack, stack) if chart.stack else None,
        )
        for stack in (_in_order(chart.stack, {stack for _group, stack in found}) if chart.stack else [""])
    ]
    categories = {_key(group): _label(chart.group, group) for group in groups}
    tones = {} if chart.stack else {_key(group): _tone(chart.group, group) for group in groups}
    return BarChart(
        translated(chart.title),
        categories,
        series,
        height=210,
        over_time=chart.group.is_month,
        tones={key: tone for key, tone in tones.items() if tone is not None},
    )


def _in_order(dimension: Dimension, values: set[object]) -> list[object]:
    """As the words are listed, or by size; what has none comes last."""
    present = sorted(value for value in values if value is not None)
    if dimension.vocabulary in TONES:
        order = list(TONES[dimension.vocabulary])
        present.sort(key=lambda value: order.index(value) if value in order else len(order))
    return [*present, None] if None in values else present


def _every_month(months: list[Any]) -> list[Any]:
    """From the first to the last, so that a month without anything leaves its gap; the one without a date last."""
    dated = [month for month in months if month is not None]
    if not dated or _after(dated[0], LONGEST_AXIS) < dated[-1]:
        return months
    every = [dated[0]]
    while every[-1] < dated[-1]:
        every.append(_after(every[-1], 1))
    return every + months[len(dated) :]


def _after(month: date, months: int) -> date:
    years, zero_based = divmod(month.month - 1 + months, 12)
    return date(month.year + years, zero_based + 1, 1)


def _key(group: object) -> str:
    if group is None:
        return ""
    return group.isoformat() if hasattr(group, "isoformat") else str(group)


def _label(dimension: Dimension, value: object) -> str:
    if value is None:
        return NOTHING
    if dimension.is_month:
        return month_text(value)
    return term(dimension.vocabulary, str(value)) if dimension.vocabulary else str(value)


def _tone(dimension: Dimension, value: object) -> Tone | None:
    return tone(dimension.vocabulary, str(value)) if dimension.vocabulary in TONES else None
