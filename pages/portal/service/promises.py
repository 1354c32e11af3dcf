"""The tickets behind a figure, with the clock that was counted: what was promised, until when, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from data.engines import app_engine
from data.ticketing import Promise, list_attainment, page_behind
from data.ticketing.service import ServiceAsked, resolved
from pages.portal.service.months import kept, promise_text
from rules.principal import Principal
from ui import table, wall
from ui.asking import page_number, page_turner
from ui.state import Remembered
from ui.text import _, duration_text, n_, number_text, percent_text, term, terms, time_text
from ui.tones import tone

SIZE = 25
#: Further back the report is the better list.
MOST_PAGES = 400


@dataclass
class Opened(Remembered):
    """The ticket that was clicked: named before the rows are read again, which may move them."""

    ticket: str | None = None


def show_promises(principal: Principal, asked: ServiceAsked) -> None:
    opened = Opened.of("service")
    if opened.ticket is not None:
        number, opened.ticket = opened.ticket, None
        wall.to_page("tickets", ticket=number).follow()
    wanted = resolved(app_engine(), principal, asked)
    total = kept(list_attainment(app_engine(), principal, wanted, by_account=False))
    if not total.n:
        st.info(_("In these months no promise was judged yet."), icon=":material/hourglass_empty:")
        return
    pages = min(MOST_PAGES, -(-total.n // SIZE))
    rows = page_behind(app_engine(), principal, wanted, page=min(page_number(), pages), size=SIZE)
    with wall.cards(1).cell():
        st.markdown(_said(total.met, total.breached, asked))
        several = len({row.account for row in rows}) if principal.is_staff else len(principal.chosen)
        _table(rows, opened, several=several > 1 and asked.account is None)
        page_turner(pages)


def _said(met: int, breached: int, asked: ServiceAsked) -> str:
    n = met + breached
    words = f"**{n_('{n} promise', '{n} promises', n)}**"
    if asked.outcome:
        return f"{words} · {term('clock.outcome', asked.outcome)}"
    kept_, missed = (term("clock.outcome", outcome) for outcome in ("met", "breached"))
    share = percent_text(met / n)
    return f"{words} · {kept_} {number_text(met)} · {missed} {number_text(breached)} · {_('Attainment')} **{share}**"


def _table(rows: tuple[Promise, ...], opened: Opened, *, several: bool) -> None:
    def clicked(at: int) -> None:
        opened.ticket = rows[at].number

    outcomes = terms("clock.outcome")
    colors = {word: tone("clock.outcome", outcome).badge for outcome, word in outcomes.items()}
    table.show(
        {
            "number": table.link(_("Number"), [row.number for row in rows], clicked, width=130),
            "outcome": table.badges(_("Outcome"), [outcomes[row.outcome] for row in rows], colors, 90),
            "late": table.amounts(_("Late by"), [_late(row) for row in rows], 100),
            "promise": table.words(_("Promise"), [_promise(row) for row in rows], 140),
            "subject": table.words(_("Subject"), [row.subject for row in rows], 230),
            "site": table.words(_("Site"), [row.site or _("no site") for row in rows], 100),
            **({"account": table.words(_("Account"), [row.account for row in rows], 140)} if several else {}),
            "began": table.words(_("Began"), [time_text(row.started_at) for row in rows], 170),
            "due": table.words(_("Due"), [time_text(row.deadline) for row in rows], 170),
            "taken": table.amounts(_("Taken"), [_taken(row) for row in rows], 100),
        },
        key="promises",
        label=_("Tickets behind it"),
    )


def _promise(row: Promise) -> str:
    words = promise_text(row.clock, row.kind)
    return _("{clock}, round {n}", clock=words, n=number_text(row.round)) if row.round > 1 else words


def _late(row: Promise) -> str:
    if row.outcome != "breached" or row.deadline is None:
        return ""
    return duration_text((row.stopped_at or datetime.now(UTC)) - row.deadline)


def _taken(row: Promise) -> str:
    return duration_text(row.stopped_at - row.started_at) if row.stopped_at else _("not yet")
