"""Lines of the bank that wait for a person: whose money it is, or why it is nobody's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from data.engines import app_engine
from data.invoicing.bank_lines import MOST, BankLineRow, list_bank_lines
from pages.staff.bank.importing import import_asked_for, import_button
from pages.staff.bank.line import LINE, line_asked_for
from rules.principal import Principal
from ui import look, table, wall
from ui.asking import choose_one, page_turner, rows_on_page
from ui.news import show_news
from ui.text import _, date_text, money_text, n_, number_text

SIZE = 25
PLACE = "bank"
WAITING, ASIDE = "waiting", "aside"


def show(principal: Principal) -> None:
    look.title(_("Bank lines"), actions=import_button)
    show_news(PLACE, good_stays=True)
    import_asked_for(principal, PLACE)
    which = choose_one("show", _("Show"), {WAITING: _("Waiting"), ASIDE: _("Set aside")})
    found = list_bank_lines(app_engine(), principal, set_aside=which == ASIDE)
    line_asked_for(principal, found, PLACE)
    if not found:
        said = _("No line of the bank waits for a person.") if which == WAITING else _("Nothing was set aside.")
        with look.card(key="bank-nothing"):
            st.markdown(f":material/task_alt: {said}")
        return
    with wall.cards(1).cell():
        st.markdown(_counted(found))
        _table(found, is_aside=which == ASIDE)


def _counted(found: tuple[BankLineRow, ...]) -> str:
    if len(found) == MOST:
        return _("The first **{n}**", n=number_text(MOST))
    return n_("**{n}** line", "**{n}** lines", len(found))


def _table(found: tuple[BankLineRow, ...], *, is_aside: bool) -> None:
    rows, pages = rows_on_page(found, SIZE)
    texts = [row.reference or row.payer or date_text(row.booked_on) for row in rows]
    amounts = [money_text(row.amount, row.currency) for row in rows]
    rests = [money_text(row.rest, row.currency) for row in rows]
    last = [row.reason or "" for row in rows] if is_aside else [row.file for row in rows]
    table.show(
        {
            "said": table.link(_("Text"), texts, partial(_open, rows), width=200),
            "rest": table.amounts(_("Not assigned"), rests, 120),  # on a phone this much stands beside the text
            "day": table.words(_("Date"), [date_text(row.booked_on) for row in rows], 120),
            "payer": table.words(_("Payer"), [row.payer for row in rows], 220),
            "amount": table.amounts(_("Amount"), amounts, 140),
            "last": table.words(_("Reason") if is_aside else _("File"), last, 200),
        },
        key="bank",
        label=_("Bank lines"),
    )
    page_turner(pages)


def _open(rows: Sequence[BankLineRow], at: int) -> None:
    st.query_params[LINE] = str(rows[at].uuid)
