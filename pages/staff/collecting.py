"""Collections: who is late, since when, and when they were last reminded; a click on one opens the reminder."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from data.engines import app_engine
from data.invoicing.collections import CollectionsAsked, Late, all_late, list_late
from pages.staff.reminding import PLACE, Reminding, reminder_asked_for
from rules.principal import Principal
from ui import table
from ui.asking import page_number, page_turner
from ui.news import show_news
from ui.text import NOTHING, _, ago_text, compact_money_text, money_text, n_

#: What amounts have room in beside each other; of more only how much it is about.
ROOM = 245


def show_collections(principal: Principal, words: str, on_open: Callable[[str], None]) -> None:
    """The longest overdue first; a click on a name narrows the list below to what is overdue there."""
    show_news(PLACE, good_stays=True)
    page = list_late(app_engine(), principal, CollectionsAsked(words, page_number()))
    if not page.rows:
        st.markdown(f":material/task_alt: {_('No account matches.') if words else _('Nobody is late.')}")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(n_("**{n}** account is late", "**{n}** accounts are late", page.n), width="stretch")
        if st.button(_("Remind all"), icon=":material/forward_to_inbox:", key="remind.all"):
            Reminding.of(PLACE).begin(all_late(app_engine(), principal, words))
    _table(page.rows, on_open)
    page_turner(page.pages)
    reminder_asked_for(principal)


def _table(rows: tuple[Late, ...], on_open: Callable[[str], None]) -> None:
    def remind(at: int) -> None:
        Reminding.of(PLACE).begin(((rows[at].account_id, rows[at].name),))

    amounts = [_amounts(row) for row in rows]
    table.show(
        {
            "name": table.link(_("Customer"), [row.name for row in rows], lambda at: on_open(rows[at].code), width=165),
            "remind": table.link("", [_("Remind")] * len(rows), remind, width=85, pinned=False),
            "overdue": table.words(_("Overdue"), amounts, max(ROOM, table.fitting("", amounts))),
            "n": table.counts(_("Invoices"), [row.n for row in rows], 80),
            "days": table.counts(_("Oldest, days"), [row.days for row in rows], 100),
            "last": table.words(_("Last contact"), [_last(row) for row in rows], 180),
        },
        key="collections",
        label=_("Accounts that are late"),
    )


def _amounts(row: Late) -> str:
    """Beside each other, never added up: in full where they have room whole, since half a number is another one."""
    in_full, in_short = (
        " · ".join(written(one.amount, one.currency) for one in row.overdue)
        for written in (money_text, compact_money_text)
    )
    return in_full if table.fitting("", [in_full]) <= ROOM else in_short


def _last(row: Late) -> str:
    if row.last is None:
        return NOTHING
    when = ago_text(row.last.at)
    return _("{when}, by {name}", when=when, name=row.last.by) if row.last.by else when
