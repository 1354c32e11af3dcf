"""Billing: what all customers owe, how old it is, by whom, when it falls due, and the invoices themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import streamlit as st

from data.billing import BILLING, AccountAgeing, AccountsAsked, Billing, CurrencyAgeing, billing_of
from data.engines import app_engine
from data.listing import Asked, read_asked
from data.listing.search import MAX_WORDS, tidy
from pages.portal.invoice.drawer import invoice_drawer
from pages.staff.bank.importing import import_asked_for, import_button
from pages.staff.billing_run.importing import run_asked_for, run_button
from pages.staff.collecting import show_collections
from pages.staff.due_calendar import MONTH, asked_month, show_calendar
from pages.staff.pay_several import paying_asked_for, several_of
from rules.money import AgeingBucket, PaymentStatus
from rules.principal import Principal
from ui import look, table, wall
from ui.asking import choose_one, page_number, page_turner
from ui.charts import BarChart, Click, Series, show_chart
from ui.formats import decimals_of
from ui.links import page_at
from ui.list_view import list_view
from ui.news import show_news
from ui.text import _, money_text, month_text, n_, number_text, p_, term
from ui.tones import TONES

MOST_MONTHS = 12
#: What the address calls the account that is looked for.
WHO = "who"


def show(principal: Principal) -> None:
    look.title(_("Billing"), actions=_imports)
    show_news(BILLING.name, good_stays=True)
    import_asked_for(principal, BILLING.name)
    run_asked_for(principal, BILLING.name)
    asked = st.query_params
    by, chart = asked.get("by"), asked.get("chart")
    billing = billing_of(
        app_engine(),
        principal,
        asked.get("currency"),
        accounts=AccountsAsked(_words(), page_number()) if by == "customer" else None,
        months=chart == "month",
        calendar=asked_month(datetime.now(UTC).date()) if chart == "calendar" else None,
    )
    if billing.chosen is None:
        with look.card(key="nothing-owed"):
            st.markdown(f":material/task_alt: {_('Nothing is owed.')}")
    else:
        _overview(principal, billing, billing.chosen)
    _bank_lines(billing.bank_lines)
    paying_asked_for(principal, BILLING.name)
    several = several_of(BILLING.name)
    list_view(BILLING, principal, more=invoice_drawer(principal), fields=False, selection=several)


def _imports() -> None:
    """Beside each other also where the title leaves room for one alone."""
    with st.container(horizontal=True, width="content", gap="small"):
        run_button()
        import_button()


def _bank_lines(waiting: int) -> None:
    """Money that came in and is nobody's yet."""
    page = page_at("bank")
    if page is not None and waiting:
        words = n_("{n} bank line waits for a person", "{n} bank lines wait for a person", waiting)
        st.page_link(page, label=words, icon=":material/account_balance_wallet:")


def _overview(principal: Principal, billing: Billing, chosen: CurrencyAgeing) -> None:
    cards = wall.cards()
    with cards.cell(column_span=2):
        views = {"currency": _("By currency"), "customer": _("By customer"), "late": _("Collections")}
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            by = choose_one("by", _("Show"), views)
            if by == "customer":
                _choose_currency(billing, chosen)
            if by != "currency":
                _look_for()
        if by == "currency":
            _by_currency(billing)
        elif by == "customer":
            _by_customer(billing, chosen)
        else:
            show_collections(principal, _words(), lambda code: _ask(replace(_late(), account=code)))
    with cards.cell():
        views = {"age": _("By age"), "month": _("By due month"), "calendar": _("Calendar")}
        shown = choose_one("chart", _("Show"), views)
        if shown == "age":
            _by_age(chosen)
        elif shown == "month":
            _by_month(billing, chosen)
        else:
            show_calendar(billing, chosen, lambda day: _ask(_unpaid(chosen.currency, day, day)))


def _words() -> str:
    return tidy(st.query_params.get(WHO, ""))[:MAX_WORDS]


def _look_for() -> None:
    """The list below has a search of its own, for invoices; this one is for accounts."""
    label = _("Name or code of an account")
    st.text_input(
        label, "", key=WHO, max_chars=MAX_WORDS, type="search", placeholder=label, icon=":material/search:",
        label_visibility="collapsed", bind="query-params", on_change=lambda: st.query_params.pop("page", None),
        width=260,
    )  # fmt: skip


def _choose_currency(billing: Billing, chosen: CurrencyAgeing) -> None:
    """Balances of several currencies stand on no page together; the list below follows."""
    codes = [one.currency for one in billing.currencies]
    key = f"matrix.{chosen.currency}"

    def change() -> None:
        st.query_params.pop("page", None)
        _ask(_unpaid(st.session_state[key]))

    st.selectbox(
        _("Balances in"), codes, codes.index(chosen.currency), key=key, on_change=change,
        label_visibility="collapsed", width=100,
    )  # fmt: skip


def _by_currency(billing: Billing) -> None:
    """One row for each currency, with the number of its invoices; they are never added up."""
    _matrix(
        _("Currency"),
        [f"{one.currency} ({number_text(one.n)})" for one in billing.currencies],
        [[_amount(one.amounts.get(bucket), one.currency) for bucket in AgeingBucket] for one in billing.currencies],
        [_amount(one.amount, one.currency) for one in billing.currencies],
        lambda at: _ask(_unpaid(billing.currencies[at].currency)),
    )


def _by_customer(billing: Billing, chosen: CurrencyAgeing) -> None:
    """Who owes most of what is overdue, in the chosen currency."""
    accounts = billing.accounts
    _matrix(
        _("Customer"),
        _called(accounts),
        [[_amount(one.amounts.get(bucket), chosen.currency) for bucket in AgeingBucket] for one in accounts],
        [_amount(one.amount, chosen.currency) for one in accounts],
        lambda at: _ask(replace(_unpaid(chosen.currency), account=accounts[at].code)),
    )
    st.caption(_("Whoever owes most of what is overdue comes first.") if accounts else _("No account matches."))
    page_turner(billing.pages)


def _called(accounts: Sequence[AccountAgeing]) -> list[str]:
    """With the code where two are called the same."""
    names = [one.name for one in accounts]
    return [one.name if names.count(one.name) == 1 else f"{one.name} ({one.code})" for one in accounts]


def _amount(amount: Decimal | None, currency: str) -> str:
    """Without the currency, which stands beside it or above."""
    return number_text(amount, decimals_of(currency)) if amount else ""


def _matrix(
    what: str,
    names: list[str],
    amounts: list[list[str]],
    totals: list[str],
    on_open: Callable[[int], None],
) -> None:
    """Names × ages of what is owed; a click on a name narrows the list below."""
    ages = zip(AgeingBucket, zip(*amounts, strict=True), strict=True)
    table.show(
        {
            "name": table.link(what, names, on_open),
            "total": _column(p_("amount", "Open"), totals),
            **{bucket: _column(term("invoice.ageing", bucket), cells) for bucket, cells in ages},
        },
        key="billing",
        label=_("Open balances by age"),
    )


def _column(title: str, cells: Sequence[str]) -> table.Shown:
    return table.amounts(title, cells, table.fitting(title, cells))


def _by_age(chosen: CurrencyAgeing) -> None:
    def picked(click: Click | None) -> None:
        if click is not None:
            _ask(_unpaid(chosen.currency).choosing("ageing", click.category))

    buckets = {bucket: term("invoice.ageing", bucket) for bucket in AgeingBucket}
    values = [chosen.amounts.get(bucket, Decimal(0)) for bucket in AgeingBucket]
    title = _("Open in {currency}", currency=chosen.currency)
    chart = BarChart(
        title,
        buckets,
        [Series("amount", title, values)],
        horizontal=True,
        currency=chosen.currency,
        tones={bucket: TONES["invoice.ageing"][bucket] for bucket in AgeingBucket},
    )
    show_chart(chart, key="billing.age", on_pick=picked)
    _said(chosen)


def _by_month(billing: Billing, chosen: CurrencyAgeing) -> None:
    """The calendar of what falls due, and of what did and is still open."""

    def picked(click: Click | None) -> None:
        if click is not None:
            first = date.fromisoformat(click.category)
            _ask(_unpaid(chosen.currency, first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)))

    months = billing.months[-MOST_MONTHS:]
    title = _("Open in {currency}", currency=chosen.currency)
    names = {one.month.isoformat(): month_text(one.month) for one in months}
    chart = BarChart(
        title,
        names,
        [Series("amount", title, [one.amount for one in months])],
        currency=chosen.currency,
        over_time=True,
    )
    show_chart(chart, key="billing.month", on_pick=picked)
    _said(chosen)


def _said(chosen: CurrencyAgeing) -> None:
    open_ = n_("{n} open invoice in {currency}", "{n} open invoices in {currency}", chosen.n, currency=chosen.currency)
    late = _(
        "{amount} overdue ({n})",
        amount=money_text(chosen.overdue_amount, chosen.currency),
        n=number_text(chosen.overdue),
    )
    disputed = _("{amount} disputed", amount=money_text(chosen.disputed_amount, chosen.currency))
    said = [open_, *([f":red[{late}]"] if chosen.overdue else []), *([disputed] if chosen.disputed_amount else [])]
    st.markdown(f":small[{' · '.join(said)}]")


def _late() -> Asked:
    """What collections are about: overdue, and not disputed."""
    return read_asked(BILLING, {"status": (PaymentStatus.OVERDUE,), "disputed": ("no",)})


def _unpaid(currency: str, first: date | None = None, last: date | None = None) -> Asked:
    asked = read_asked(BILLING, {"status": (PaymentStatus.UNPAID,), "currency": (currency,)})
    return asked.within("due", first, last)


def _ask(asked: Asked) -> None:
    """The list below follows the address; how the overview is shown stays."""
    keep = {name: st.query_params[name] for name in ("by", "chart", "page", WHO, MONTH) if name in st.query_params}
    st.query_params.from_dict(keep | asked.parameters(BILLING))
