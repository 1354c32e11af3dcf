"""Exact money, for whatever amounts and days: rounding once and half-up, states and ages at the borders of days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.invoice_moves import BY_MONEY, STEPS, InvoiceDeed, Money, Step, all_steps, by_money, deeds, refusal
from rules.money import (
    BUCKET_DAYS,
    CURRENCIES,
    DUE_SOON,
    OPEN_STATES,
    WHOLE,
    AgeingBucket,
    InvoiceState,
    InvoiceType,
    PaymentStatus,
    TaxRounding,
    ageing_bucket,
    amount_within,
    day_at,
    is_exact,
    payment_status,
    quantize,
    taxes_of,
)

currencies = st.sampled_from([*CURRENCIES])
amounts = st.decimals(min_value=0, max_value=10**12, places=6)
rates = st.decimals(min_value=0, max_value=1, places=4)
ZONES = ("Asia/Seoul", "Asia/Tokyo", "Asia/Manila", "Asia/Jakarta", "Asia/Kolkata", "Pacific/Kiritimati",
         "Pacific/Pago_Pago", "America/New_York", "UTC")  # fmt: skip
zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
days = st.dates(date(2020, 1, 1), date(2035, 1, 1))


def unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-CURRENCIES[currency])


# --- rounding


@given(amount=amounts, currency=currencies)
def test_rounding_is_half_up_to_the_decimals_of_the_currency(amount: Decimal, currency: str) -> None:
    rounded = quantize(amount, currency)
    assert rounded % unit(currency) == 0
    assert -unit(currency) / 2 < rounded - amount <= unit(currency) / 2
    assert quantize(rounded, currency) == rounded


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [("0.5", "JPY", "1"), ("1.5", "KRW", "2"), ("2.5", "JPY", "3"), ("0.005", "USD", "0.01"), ("1.005", "PHP", "1.01"),
     ("2.675", "INR", "2.68"), ("0.4999999", "KRW", "0"), ("1.0049999", "USD", "1.00")],
)  # fmt: skip
def test_a_half_goes_up_where_a_float_or_the_even_one_would_go_down(amount: str, currency: str, rounded: str) -> None:
    assert str(quantize(Decimal(amount), currency)) == rounded


@given(lines=st.lists(amounts, min_size=1, max_size=30), rate=rates, currency=currencies)
def test_tax_is_rounded_once_and_its_lines_add_up(lines: list[Decimal], rate: Decimal, currency: str) -> None:
    net = [quantize(line, currency) for line in lines]
    each = taxes_of(net, rate, currency, TaxRounding.LINE)
    whole = taxes_of(net, rate, currency, TaxRounding.INVOICE)
    assert each == [quantize(line * rate, currency) for line in net]
    assert sum(whole) == quantize(sum(net) * rate, currency)
    assert abs(sum(whole) - sum(each)) <= len(net) * unit(currency)
    changed = [at for at, (one, other) in enumerate(zip(each, whole, strict=True)) if one != other]
    assert changed in ([], [net.index(max(net))])
    assert all(isinstance(tax, Decimal) and tax % unit(currency) == 0 for tax in (*each, *whole))


def test_both_ways_of_rounding_differ_where_they_must() -> None:
    lines = [Decimal("10.05")] * 3
    assert sum(taxes_of(lines, Decimal("0.1"), "USD", TaxRounding.LINE)) == Decimal("3.03")
    assert sum(taxes_of(lines, Decimal("0.1"), "USD", TaxRounding.INVOICE)) == Decimal("3.02")
    assert taxes_of([], Decimal("0.1"), "USD", TaxRounding.INVOICE) == []


@given(amount=st.decimals(allow_nan=True, allow_infinity=True), currency=currencies)
def test_what_is_exact_is_a_number_of_whole_units(amount: Decimal, currency: str) -> None:
    if is_exact(amount, currency):
        assert amount.is_finite()
        assert amount > 0
        assert amount % unit(currency) == 0


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "0", "-1", "1e15", "1E+999999", "0.001"])
@pytest.mark.parametrize("currency", ["USD", "KRW"])
def test_what_nobody_can_pay_is_not_exact(amount: str, currency: str) -> None:
    assert not is_exact(Decimal(amount), currency)
    assert is_exact(Decimal(1), currency)
    assert is_exact(Decimal("0.01"), currency) == (currency not in WHOLE)


# --- days


@given(now=moments, zone=zones)
def test_a_day_begins_and_ends_where_the_issuer_is(now: datetime, zone: str) -> None:
    today = day_at(zone, now)
    begins = datetime.combine(today, time(), ZoneInfo(zone))
    ends = datetime.combine(today + timedelta(days=1), time(), ZoneInfo(zone))
    assert begins.astimezone(UTC) <= now < ends.astimezone(UTC)
    assert day_at(zone, ends) == today + timedelta(days=1)
    assert day_at(zone, ends.astimezone(UTC) - timedelta(seconds=1)) == today


def test_the_same_moment_is_overdue_in_seoul_and_not_yet_in_manila() -> None:
    now, due = datetime(2026, 3, 31, 15, 30, tzinfo=UTC), date(2026, 3, 31)
    word = {zone: payment_status(InvoiceState.ISSUED, Decimal(1), due, day_at(zone, now)) for zone in ZONES}
    assert word["Asia/Seoul"] == word["Asia/Tokyo"] == PaymentStatus.OVERDUE
    assert word["Asia/Manila"] == word["UTC"] == PaymentStatus.DUE_SOON


@given(now=moments, zone=zones, away=st.integers(-400, 400), state=st.sampled_from(sorted(OPEN_STATES)))
def test_an_open_balance_has_one_word_for_each_day(now: datetime, zone: str, away: int, state: InvoiceState) -> None:
    today = day_at(zone, now)
    word = payment_status(state, Decimal("0.01"), today + timedelta(days=away), today)
    assert (word is PaymentStatus.OVERDUE) == (away < 0)
    assert (word is PaymentStatus.DUE_SOON) == (0 <= away <= DUE_SOON.days)
    assert (ageing_bucket(today + timedelta(days=away), today) is AgeingBucket.NOT_DUE) == (away >= 0)


@given(due=days, late=st.integers(-500, 500))
def test_every_day_is_in_exactly_one_age(due: date, late: int) -> None:
    inside = [
        bucket for bucket, (first, last) in BUCKET_DAYS.items()
        if (first is None or late >= first) and (last is None or late <= last)
    ]  # fmt: skip
    assert inside == [ageing_bucket(due, due + timedelta(days=late))]


@given(state=st.sampled_from(InvoiceState), balance=amounts, due=days, today=days)
def test_nothing_is_overdue_that_need_not_be_paid(
    state: InvoiceState, balance: Decimal, due: date, today: date
) -> None:
    late = {PaymentStatus.OVERDUE, PaymentStatus.DUE_SOON, PaymentStatus.UNPAID}
    if state not in OPEN_STATES or balance == 0:
        assert payment_status(state, balance, due, today) not in late
    assert payment_status(state, balance, due, today, InvoiceType.CREDIT_NOTE) not in late


# --- moves


@given(total=amounts, parts=st.lists(amounts, max_size=5), state=st.sampled_from(InvoiceState))
def test_money_moves_an_invoice_there_and_back(total: Decimal, parts: list[Decimal], state: InvoiceState) -> None:
    settled = Decimal(0)
    went = [state]
    for part in parts:
        settled += min(part, total - settled)
        went.append(by_money(went[-1], total, settled))
    if state not in BY_MONEY:
        assert set(went) == {state}
        return
    assert (went[-1] is InvoiceState.PAID) == (settled == total) or len(went) == 1
    back = by_money(went[-1], total, Decimal(0))
    assert back is (InvoiceState.ISSUED if total > 0 else InvoiceState.PAID)


@given(
    type_=st.sampled_from(InvoiceType), state=st.sampled_from(InvoiceState), paid=amounts, credited=amounts,
    balance=amounts,
)  # fmt: skip
def test_only_steps_of_the_table_are_offered(
    type_: InvoiceType, state: InvoiceState, paid: Decimal, credited: Decimal, balance: Decimal
) -> None:
    money = Money(type_, state, paid, credited, balance)
    for step in Step:
        if refusal(money, step) is None:
            assert f"{type_} {state} {step}" in all_steps()
    offered = deeds(money)
    if state in (InvoiceState.PAID, InvoiceState.VOID, InvoiceState.WRITTEN_OFF):
        assert offered == ()
    if state is InvoiceState.DRAFT:
        assert offered == (InvoiceDeed.ISSUE, InvoiceDeed.VOID)
    if paid or credited:
        assert InvoiceDeed.VOID not in offered or state is InvoiceState.DRAFT
    if type_ is InvoiceType.CREDIT_NOTE:
        assert not {InvoiceDeed.PAY, InvoiceDeed.WRITE_OFF} & {*offered}


def test_the_table_says_what_the_specification_says() -> None:
    assert {state: tuple(steps) for state, steps in STEPS[InvoiceType.INVOICE].items() if steps} == {
        "draft": ("issued", "void"),
        "issued": ("void", "written_off"),
        "partially_paid": ("written_off",),
    }
    assert STEPS[InvoiceType.INVOICE].keys() == {*InvoiceState}


@pytest.mark.parametrize("typed", ["", "x", None, "0", "-1", "NaN", "Infinity", "100.01", "1e9"])
def test_of_what_is_no_amount_that_goes_nothing_is_said(typed: str | None) -> None:
    assert amount_within(typed, Decimal(100)) is None
    assert [amount_within(goes, Decimal(100)) for goes in ("0.01", Decimal(100))] == [Decimal("0.01"), Decimal(100)]
