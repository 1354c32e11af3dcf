"""Charts and totals of all that is filtered, in a fragment of their own: the table never waits for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import streamlit as st

from data.engines import app_engine
from data.listing import Asked, Counted, ListSpec, Summary, TooMany, summary_of
from data.listing.summary import Dimension
from rules.principal import Principal
from ui.background import Work
from ui.charts import BarChart, Click, Series, show_chart
from ui.look import card
from ui.text import NOTHING, _, money_text, month_text, n_, number_text, reader, term
from ui.tones import TONES, Tone, tone
from ui.words import translated

Picked = Callable[[Dimension, Click], None]


def show_summary(spec: ListSpec, principal: Principal, asked: Asked, *, on_pick: Picked) -> None:
    if spec.charts or spec.totals:
        st.fragment(_summary, key=_fragment(spec))(spec, principal, asked, on_pick)


def _fragment(spec: ListSpec) -> str:
    return f"summary-{spec.name}"


def _summary(spec: ListSpec, principal: Principal, asked: Asked, on_pick: Picked) -> None:
    """Drawn at once where a tally answers or few rows match; else counted in the background, and it can be stopped."""
    zone = reader().time_zone
    found = summary_of(app_engine(), principal, spec, asked, time_zone=zone)
    if isinstance(found, TooMany):
        found = _in_background(spec, principal, asked, zone, found)
    if found is None:
        return
    if found.sums:
        _totals(found.sums)
    if not found.charts:
        return
    columns = st.columns(len(found.charts), gap="small") if len(found.charts) > 1 else [nullcontext()]
    for counted, column in zip(found.charts, columns, strict=True):
        with column, card(translated(counted.chart.title), key=f"{spec.name}-{counted.chart.key}", fill=True):
            _chart(spec, counted, on_pick)


def _in_background(spec: ListSpec, principal: Principal, asked: Asked, zone: str, many: TooMany) -> Summary | None:
    work = Work.of(
        f"{spec.name}.summary",
        asked.query(spec, with_place=False),
        lambda cancel: summary_of(app_engine(), principal, spec, asked, time_zone=zone, limit=None, begun=cancel.watch),
    )
    if work.is_done:
        result = work.result()
        return result if isinstance(result, Summary) else None
    with card(key=f"{spec.name}-calculating"), st.container(horizontal=True, vertical_alignment="center"):
        if work.is_stopped:
            st.text(_("Charts were not calculated."))
            if st.button(_("Calculate"), key=f"{spec.name}.calculate"):
                work.start()
                st.rerun(scope="fragment")
            return None
        st.text(_("Calculating over more than {n} rows…", n=number_text(many.more_than)))
        if st.button(_("Stop"), key=f"{spec.name}.stop"):
            work.stop()
            st.rerun(scope="fragment")
    st.fragment(_look_again, run_every="1s")(spec)
    return None


def _look_again(spec: ListSpec) -> None:
    """Wakes the summary when the background is done."""
    if Work.any_finished():
        st.rerun(scope=_fragment(spec))


def _totals(totals: tuple[dict[str, Any], ...]) -> None:
    """One line per currency: how many, how much, how much of it is open. Currencies are never added up."""
    with st.container(horizontal=True, gap="medium"):
        for row in totals:
            currency = row["currency"]
            with st.container(border=True, key=f"card-total-{currency}", width="content", gap=None):
                st.markdown(
                    f":small[:gray[{n_('{n} invoice', '{n} invoices', int(row['n']))}]]  \n"
                    f"**{money_text(row['total'], currency)}**  \n"
                    f":small[{_('open: {amount}', amount=money_text(row['balance'], currency))}]"
                )


def _chart(spec: ListSpec, counted: Counted, on_pick: Picked) -> None:
    chart = counted.chart
    found = {(cell[0], cell[1] if chart.stack else ""): int(cell[-1]) for cell in counted.cells}
    groups = _in_order(chart.group, {group for group, _stack in found})
    series = [
        Series(
            _key(stack),
            _label(chart.stack, stack) if chart.stack else translated(spec.title),
            [found.get((group, stack), 0) for group in groups],
            _tone(chart.stack, stack) if chart.stack else None,
        )
        for stack in (_in_order(chart.stack, {stack for _group, stack in found}) if chart.stack else [""])
    ]
    drawn = BarChart(translated(chart.title), {_key(g): _label(chart.group, g) for g in groups}, series, height=210)

    def picked(click: Click | None) -> None:
        if click is not None and click.category:
            on_pick(chart.group, click)

    show_chart(drawn, key=f"{spec.name}.chart.{chart.key}", on_pick=picked)


def _in_order(dimension: Dimension, values: set[object]) -> list[object]:
    """As the words are listed, or by size; what has none comes last."""
    present = sorted(value for value in values if value is not None)
    if dimension.vocabulary in TONES:
        order = list(TONES[dimension.vocabulary])
        present.sort(key=lambda value: order.index(value) if value in order else len(order))
    return [*present, None] if None in values else present


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
