"""The calendar of what falls due: a month of days, the more the darker; a click narrows the list to that day."""

from __future__ import annotations

from calendar import monthcalendar
from collections.abc import Callable
from datetime import date, timedelta

import streamlit as st
from babel import dates

from data.billing import Billing, CurrencyAgeing, DueDay
from ui.text import _, compact_text, date_text, money_text, month_text, n_, p_, plain, reader

MONTH = "month"
#: Shares of the largest day from which on a day is darker.
HEATS = (0.0, 0.25, 0.6)


def asked_month(today: date) -> date:
    """The first day of the month that the address names, or of this one."""
    try:
        return date.fromisoformat(f"{st.query_params.get(MONTH, '')}-01")
    except ValueError:
        return today.replace(day=1)


def show_calendar(billing: Billing, chosen: CurrencyAgeing, on_pick: Callable[[date], None]) -> None:
    month = asked_month(chosen.today)
    _turn(month)
    due = {day.day: day for day in billing.days}
    most = max((day.amount for day in billing.days), default=None)
    with st.container(key="due-days"):
        for name in _weekdays():
            st.markdown(f":gray[{name}]")
        for week in monthcalendar(month.year, month.month):
            for number in week:
                _day(month.replace(day=number) if number else None, due, most, chosen, on_pick)
    total = sum(day.n for day in billing.days)
    words = n_("{n} open invoice in {currency} due in {month}", "{n} open invoices in {currency} due in {month}", total,
               currency=chosen.currency, month=month_text(month))  # fmt: skip
    st.markdown(f":small[{words}]")


def _turn(month: date) -> None:
    before, after = month - timedelta(days=1), month + timedelta(days=32)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(_("Previous month"), icon=":material/chevron_left:", key="due.before", on_click=_go, args=(before,))
        st.markdown(f"**{month_text(month)}**", width="stretch", text_alignment="center")
        st.button(_("Next month"), icon=":material/chevron_right:", key="due.after", on_click=_go, args=(after,))


def _go(day: date) -> None:
    st.query_params[MONTH] = f"{day:%Y-%m}"


def _weekdays() -> list[str]:
    names = dates.get_day_names("abbreviated", locale=reader().locale)
    return [str(names[day]) for day in range(7)]


def _day(
    day: date | None, due: dict[date, DueDay], most: object, chosen: CurrencyAgeing, on_pick: Callable[[date], None]
) -> None:
    if day is None:
        st.markdown("")
        return
    found = due.get(day)
    today = "-today" if day == chosen.today else ""
    if found is None:
        st.button(f":gray[{day.day}]", key=f"due-{day:%d}{today}", disabled=True)
        return
    heat = sum(float(found.amount) >= share * float(most or 1) for share in HEATS)  # type: ignore[arg-type]
    label = f"**{day.day}**  \n{plain(compact_text(found.amount))}"
    invoices = n_("{n} invoice", "{n} invoices", found.n)
    said = p_("calendar", "{day}: {amount}, {invoices}", day=date_text(day, weekday=True),
              amount=money_text(found.amount, chosen.currency), invoices=invoices)  # fmt: skip
    st.button(label, key=f"due-{day:%d}{today}-heat{heat}", help=plain(said), on_click=on_pick, args=(day,))
