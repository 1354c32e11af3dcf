"""By month: the share of promises kept, month × kind × site, and every figure leads to its tickets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import streamlit as st

from data.engines import app_engine
from data.ticketing import Figure, Kept, list_attainment
from data.ticketing.service import ServiceAsked, resolved
from rules.principal import Principal
from rules.sla import Clock
from ui import links, table, wall
from ui.asking import page_turner, rows_on_page
from ui.charts import BarChart, Click, Series, show_chart
from ui.text import _, month_text, n_, number_text, percent_text, plain, term
from ui.tones import Tone, tone

#: Rows of the table on one page.
SIZE = 25
FEW = 5


def show_months(principal: Principal, asked: ServiceAsked) -> None:
    wanted, by_account = resolved(app_engine(), principal, asked), _keeps_accounts_apart(principal, asked)
    figures = list_attainment(app_engine(), principal, wanted, by_account=by_account)
    if not figures:
        st.info(_("In these months no promise was judged yet."), icon=":material/hourglass_empty:")
        return
    _tiles(asked, figures)
    cards = wall.cards(key="service")
    with cards.cell():
        _chart(asked, figures)
    with cards.cell(column_span=2):
        _table(asked, figures)
    st.caption(_("A promise counts in the month (UTC) in which it began. What still runs in time is not counted yet."))


def _keeps_accounts_apart(principal: Principal, asked: ServiceAsked) -> bool:
    """Where there are a few; over many the table sums up, and the report has each."""
    in_view = principal.chosen or tuple(account.id for account in principal.accounts)
    return asked.account is None and 1 < len(in_view) <= FEW


def kept(figures: Sequence[Figure]) -> Kept:
    return Kept(sum(one.met for one in figures), sum(one.breached for one in figures))


def _by_month(figures: Sequence[Figure]) -> dict[date, Kept]:
    """The newest first."""
    found: dict[date, list[Figure]] = defaultdict(list)
    for figure in figures:
        found[figure.month].append(figure)
    return {month: kept(found[month]) for month in sorted(found, reverse=True)}


def _to(asked: ServiceAsked) -> wall.Link:
    return wall.Link(links.page_at("service"), asked.parameters())


def _tiles(asked: ServiceAsked, figures: Sequence[Figure]) -> None:
    total, (month, newest) = kept(figures), next(iter(_by_month(figures).items()))
    with wall.figures(4):
        note = n_("of {n} promise", "of {n} promises", total.n)
        wall.figure(_("Attainment"), percent_text(total.share), link=_to(asked.behind()), note=note)
        note = n_("of {n} promise", "of {n} promises", newest.n)
        link = _to(asked.behind(month=month))
        wall.figure(month_text(month), percent_text(newest.share), link=link, note=note)
        link = _to(asked.behind(outcome="met"))
        wall.figure(term("clock.outcome", "met"), number_text(total.met), link=link, note=_("in time"), tone=Tone.GOOD)
        link, how = _to(asked.behind(outcome="breached")), Tone.BAD if total.breached else Tone.GOOD
        note = _("past what we promised") if total.breached else _("all in time")
        wall.figure(term("clock.outcome", "breached"), number_text(total.breached), link=link, note=note, tone=how)


def _chart(asked: ServiceAsked, figures: Sequence[Figure]) -> None:
    months = _by_month(figures)
    names = {f"{month:%Y-%m}": f"{month_text(month)} · {percent_text(one.share)}" for month, one in months.items()}
    series = [
        Series("met", term("clock.outcome", "met"), [one.met for one in months.values()], Tone.GOOD),
        Series("breached", term("clock.outcome", "breached"), [one.breached for one in months.values()], Tone.BAD),
    ]
    title = _("Promises by month")
    st.header(title, anchor=False)
    chart = BarChart(title, names, series, horizontal=True, height=90 + 34 * len(names))

    def picked(click: Click | None) -> None:
        if click is not None:
            month = date.fromisoformat(f"{click.category}-01")
            _go(asked.behind(month=month, outcome=click.series))

    show_chart(chart, key="service.chart", on_pick=picked)


def _go(asked: ServiceAsked) -> None:
    """From a click on the page itself: the address says what the run that follows shows."""
    st.query_params.from_dict(asked.parameters())


def _table(asked: ServiceAsked, figures: Sequence[Figure]) -> None:
    rows, pages = rows_on_page(figures, SIZE)
    several = any(one.account_id is not None for one in figures)
    accounts = {"account": table.words(_("Account"), [one.account for one in rows], 125)} if several else {}
    table.show(
        {
            "month": table.link(
                _("Month"), [month_text(one.month) for one in rows], lambda at: _go(asked.behind(rows[at])), width=95
            ),
            "kind": table.words(_("Type"), [term("ticket.kind", one.kind) for one in rows], 105),
            "site": table.words(_("Site"), [one.site or _("no site") for one in rows], 95),
            **accounts,
            "promise": table.words(_("Promise"), [promise_text(one.clock, one.kind) for one in rows], 125),
            "met": _leads(asked, rows, "met", [one.met for one in rows]),
            "breached": _leads(asked, rows, "breached", [one.breached for one in rows]),
            "share": table.amounts(_("Attainment"), [percent_text(one.share) for one in rows], 95),
        },
        key="service",
        label=_("Service levels"),
    )
    page_turner(pages)


def _leads(asked: ServiceAsked, rows: Sequence[Figure], outcome: str, counted: Sequence[int]) -> table.Shown:
    """A column whose cells lead to the tickets they count."""
    return table.link(
        term("clock.outcome", outcome),
        [number_text(n) for n in counted],
        lambda at: _go(asked.behind(rows[at], outcome=outcome)),
        width=68,
        pinned=False,
        alignment="right",
    )


def promise_text(clock: str, kind: str) -> str:
    return term("clock.promise", kind if clock == Clock.SECOND else clock)


def month_line(month: Kept) -> str:
    """This month in a line, for the dashboard."""
    # a letter right behind "%**", as Korean has it, would not end the bold; a joiner without width does
    share = f"**{percent_text(month.share)}\u2060**"
    words = _("This month {share} of our promises were kept.", share=share)
    if not month.breached:
        return words
    color = tone("clock.outcome", "breached").badge
    return f"{words} :{color}[{plain(n_('{n} missed', '{n} missed', month.breached))}]"
