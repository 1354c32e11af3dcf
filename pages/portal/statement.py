"""Statement of account: what is open in each currency on any day, how old it is, and what is credited and not used."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import streamlit as st

from data.account_choice import all_accounts
from data.engines import app_engine
from data.invoices import INVOICES
from data.invoicing.statement import PERMISSION, TITLE, Item, Section, Statement, StatementAsked, read_statement
from data.invoicing.statement import statement_of as read
from data.listing import read_asked
from rules.money import AgeingBucket
from rules.principal import Principal
from ui import look, table, wall
from ui.asking import choose_among
from ui.errors import telling
from ui.in_view import ACCOUNT, report_facts, the_one_account
from ui.reader import languages
from ui.statement import LANGUAGE, as_of
from ui.taking_along import DAY, report_buttons
from ui.text import _, date_text, money_text, n_, number_text, p_, plain, reader, term, translated


def show(principal: Principal) -> None:
    asked = read_statement({name: st.query_params.get_all(name) for name in st.query_params})
    look.title(translated(TITLE), actions=lambda: _downloads(principal, asked))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="filters-statement"):
        _day()
        whose = _whose(principal)
    if whose is None:
        return
    with telling():
        _statement(read(app_engine(), whose, asked, time_zone=reader().time_zone))


def _whose(principal: Principal) -> Principal | None:
    """Looking at one account; who has to choose one first is told so."""
    if not principal.is_staff:
        return the_one_account(principal, PERMISSION)
    named = principal.accounts or all_accounts(app_engine(), principal).accounts
    names = {account.code: account.name for account in named}
    if not choose_among(ACCOUNT, _("Account"), names, placeholder=_("Choose an account")):
        st.info(_("A statement is about one account: please choose it."), icon=":material/apartment:")
        return None
    return principal


def _day() -> None:
    """The end of which day; empty is now."""
    asked = read_statement({DAY: st.query_params.get_all(DAY)}).day
    today = datetime.now(ZoneInfo(reader().time_zone)).date()
    key = f"{DAY}={asked}"

    def change() -> None:
        chosen: date | None = st.session_state[key]
        if chosen is None or chosen == today:
            st.query_params.pop(DAY, None)
        else:
            st.query_params[DAY] = chosen.isoformat()

    st.date_input(_("As of"), asked or today, format="YYYY-MM-DD", key=key, on_change=change, width=150)


def _downloads(principal: Principal, asked: StatementAsked) -> None:
    if not asked.account and (principal.is_staff or len(principal.covering(PERMISSION).chosen) > 1):
        return  # of which one, is to be chosen first
    query = urlencode({**asked.parameters(), **report_facts(principal)})
    with st.container(horizontal=True, gap="small", width="content"):
        if principal.is_staff:
            with st.popover(_("PDF"), icon=":material/picture_as_pdf:"):
                _in_every_language(query)
        else:
            st.link_button(_("PDF"), f"/statement.pdf?{query}", icon=":material/picture_as_pdf:")
        report_buttons(principal, "statement", list(asked.parameters().items()), of_now=True)


def _in_every_language(query: str) -> None:
    """The reader's own first: whom it is for may read another."""
    names = languages()
    for code in sorted(names, key=lambda code: code != reader().language):
        st.link_button(names[code], f"/statement.pdf?{query}&{LANGUAGE}={code}", type="tertiary")


def _statement(statement: Statement) -> None:
    st.markdown(f"**{plain(statement.name)}** :gray[· {plain(statement.code)} · {as_of(statement)}]")
    if not statement.sections:
        with look.card(key="nothing-owed"):
            st.markdown(f":material/task_alt: {_('Nothing is open.')}")
    for section in statement.sections:
        with look.card(key=f"statement-{section.currency}"):
            _section(statement, section)


def _section(statement: Statement, section: Section) -> None:
    st.header(f"{section.currency} · {plain(money_text(section.total, section.currency))}", anchor=False)
    _ages(section)
    _items(statement, section)
    hidden = section.n - len(section.items)
    if hidden:
        words = n_("{n} more item stands in the report.", "{n} more items stand in the report.", hidden)
        st.caption(words)


def _ages(section: Section) -> None:
    """What is owed by age, then what is credited: they add up to the amount above."""
    shown = [
        (term("invoice.ageing", bucket), section.amounts.get(bucket), section.counts.get(bucket, 0))
        for bucket in AgeingBucket
    ]
    if section.credits:
        shown.append((_("Unused credits"), section.credit, section.credits))
    with st.grid(len(shown), min_column_width=104, gap="small", key=f"ages-{section.currency}"):
        for label, amount, n in shown:
            with st.container(gap=None):
                said = plain(money_text(amount or Decimal(0), section.currency))
                count = f":small[:gray[{n_('{n} item', '{n} items', n)}]]" if n else ""
                st.markdown(f":small[:gray[{label}]]  \n{f'**{said}**' if amount else f':gray[{said}]'}  \n{count}")


def _items(statement: Statement, section: Section) -> None:
    items = section.items
    numbers = [item.number for item in items]

    def opened(at: int) -> None:
        _to_list(statement, items[at])

    table.show(
        {
            "number": table.link(_("Number"), numbers, opened, width=160),
            "age": table.words(_("Age"), [_age(item) for item in items], 120),
            "issued": table.words(_("Issued"), [date_text(item.issue_date) for item in items], 120),
            "due": table.words(_("Due date"), [date_text(item.due_date) for item in items], 120),
            "late": table.amounts(_("Days late"), [_late(item) for item in items], 90),
            "total": table.amounts(_("Total"), [money_text(item.total, item.currency) for item in items], 140),
            "open": table.amounts(p_("amount", "Open"), [money_text(item.open, item.currency) for item in items], 140),
            "order": table.words(_("Purchase order"), [item.purchase_order or "" for item in items], 130),
        },
        key=f"statement.{section.currency}",
        label=_("Open items in {currency}", currency=section.currency),
    )


def _age(item: Item) -> str:
    return term("invoice.ageing", item.ageing) if item.ageing else term("invoice.type", item.type)


def _late(item: Item) -> str:
    return number_text(item.days_late) if item.days_late else ""


def _to_list(statement: Statement, item: Item) -> None:
    """To the invoice, where the reader has the list."""
    asked = read_asked(INVOICES, {"q": (item.number,), "account": (statement.code,)})
    wall.to_list(INVOICES, asked).follow()
