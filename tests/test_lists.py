"""Every list, for every kind of person: what it shows, what it never shows, and that its figures agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, insert, select

from data.demo.cast import account_id, site_id
from data.disputes import DISPUTES
from data.invoices import INVOICES
from data.listing import ListSpec, Summary, everything, get_row, page_of, read_asked, stream_of, summary_of
from data.listing.spec import OFFERING, TABLE
from data.lists import LISTS
from data.models import (
    Dispute,
    InventoryItem,
    Invoice,
    LegalEntity,
    Payment,
    Person,
    ServiceOrder,
    Thread,
    ThreadMember,
    Ticket,
)
from data.roster import PEOPLE
from data.tickets import TICKETS
from rules.errors import Forbidden, Invalid, NotFound, SignedOut
from rules.lifecycle import category_of
from rules.money import InvoiceState, PaymentStatus, payment_status
from rules.principal import Principal
from tests.cluster import Database
from ui.list_view import view
from ui.text import Reader, reading_as

SignIn = Callable[[str], Principal]
NOW = datetime.now(UTC)
STATES = ("submitted", "in_progress", "waiting_customer", "resolved", "closed")


@pytest.fixture(scope="module", autouse=True)
def rows(database: Database) -> None:
    """Thirty rows of each list for Acme Seoul, ten for Acme Osaka and ten for Bolt."""
    with database.as_owner() as connection:
        for code, n in (("ACME-SEOUL", 30), ("ACME-OSAKA", 10), ("BOLT", 10)):
            for place in range(n):
                _add_one_of_each(connection, code, place)


def _add_one_of_each(connection: Connection, code: str, place: int) -> None:
    account = account_id(connection, code)
    site = [site_id(connection, "SEL1"), site_id(connection, "OSA1"), None][place % 3]
    requester = connection.scalar(
        Person.__table__.select().with_only_columns(Person.id).where(Person.email == "hands@acme.example")
    )
    status = STATES[place % len(STATES)]
    connection.execute(
        insert(Ticket).values(
            account_id=account,
            number=f"RH-2026-{account:02}{place:04}",
            kind="remote_hands",
            site_id=site,
            subject=f"Cable {place} of {code} 케이블 교체",
            status=status,
            category=category_of(status),
            requested_by=requester if code == "ACME-SEOUL" and place % 2 else None,
            opened_at=NOW - timedelta(hours=place),
        )
    )
    issuer = connection.scalar(LegalEntity.__table__.select().with_only_columns(LegalEntity.id).limit(1))
    total = Decimal(1000 + place)
    state = [InvoiceState.ISSUED, InvoiceState.DRAFT, InvoiceState.VOID][place % 3]
    invoice = connection.scalar(
        insert(Invoice)
        .values(
            account_id=account,
            issuer_id=issuer,
            number=f"INV-{code}-{place:03}",
            issue_date=date.today() - timedelta(days=60 + place),
            due_date=date.today() + timedelta(days=15 - place),
            currency=["KRW", "JPY"][place % 2],
            subtotal=total,
            tax=0,
            total=total,
            state=state,
            disputed=place % 4 == 0,
            purchase_order=f"PO-{place:03}",
        )
        .returning(Invoice.id)
    )
    going_on = ["open", "answered"][place % 2]
    connection.execute(
        insert(Dispute).values(
            account_id=account,
            invoice_id=invoice,
            reason="price",
            amount=place + 1,
            state=going_on,
            opened_at=NOW - timedelta(days=place),
        )
    )
    company = "bolt" if code == "BOLT" else "acme"
    reader = select(Person.id).where(Person.email == f"paa@{company}.example").scalar_subquery()
    begun = {"account_id": account, "subject": f"Talk {code} {place:03}", "last_at": NOW - timedelta(days=place)}
    thread = connection.scalar(insert(Thread).values(begun).returning(Thread.id))
    connection.execute(insert(ThreadMember).values(account_id=account, thread_id=thread, person_id=reader))
    connection.execute(
        insert(ServiceOrder).values(
            account_id=account,
            number=f"ORD-{place:03}",
            site_id=site,
            request_type="new",
            status="received",
            requested_at=NOW - timedelta(days=place),
        )
    )
    connection.execute(
        insert(InventoryItem).values(
            account_id=account,
            asset_number=f"A-{place:03}",
            kind="cabinet",
            label=f"Rack {place}",
            site_id=site,
            status="active",
        )
    )


@pytest.fixture(params=LISTS.values(), ids=LISTS.keys())
def spec(request: pytest.FixtureRequest) -> ListSpec:
    return request.param


def _everything(spec: ListSpec) -> dict[str, list[str]]:
    """Parameters that take every default filter away."""
    return {f.key: ["any"] for f in spec.filters if isinstance(f, OFFERING)}


def _numbers(database: Database, principal: Principal, spec: ListSpec, **asked: list[str]) -> list[str]:
    """All numbers of a list, turning its pages to the end."""
    return [number for page in _pages(database, principal, spec, asked) for number in page]


def _pages(
    database: Database, principal: Principal, spec: ListSpec, asked: dict[str, list[str]]
) -> Iterator[list[str]]:
    at: list[str] = []
    while True:
        parameters = _everything(spec) | asked | ({"at": at} if at else {})
        page = page_of(database.app, principal, spec, read_asked(spec, parameters), size=7)
        yield list(page.rows[spec.number.key])
        if page.next is None:
            return
        at = [page.next]


def _of(principal: Principal, code: str) -> Principal:
    return principal.looking_at(tuple(a.id for a in principal.accounts if a.code == code))


def test_a_list_shows_the_rows_of_the_account_in_view_and_of_no_other(
    database: Database, sign_in: SignIn, spec: ListSpec
) -> None:
    ana = _of(sign_in("ana"), "ACME-SEOUL")
    page = page_of(database.app, ana, spec, read_asked(spec, _everything(spec)))
    assert page.count.n == (20 if spec in (INVOICES, DISPUTES) else 30)  # a third are drafts
    assert set(page.rows["account"]) == {"Acme Seoul"}


def test_several_accounts_are_shown_together(database: Database, sign_in: SignIn, spec: ListSpec) -> None:
    ana = sign_in("ana")
    page = page_of(database.app, ana, spec, read_asked(spec, _everything(spec)), size=100)
    assert set(page.rows["account"]) == {"Acme Seoul", "Acme Osaka"}
    assert "Bolt" not in set(page.rows["account"])


def test_turning_the_pages_shows_every_row_once(database: Database, sign_in: SignIn, spec: ListSpec) -> None:
    ana = sign_in("ana")
    for principal in (ana, _of(ana, "ACME-SEOUL"), sign_in("mia")):
        for sort in spec.sorts:
            numbers = _numbers(database, principal, spec, sort=[sort.key])
            everything = page_of(
                database.app, principal, spec, read_asked(spec, _everything(spec) | {"sort": [sort.key]}), size=100
            )
            assert numbers == list(everything.rows[spec.number.key])
            assert len(numbers) == everything.count.n


def test_turning_back_shows_the_page_before(database: Database, sign_in: SignIn, spec: ListSpec) -> None:
    ana = _of(sign_in("ana"), "ACME-SEOUL")
    for sort in spec.sorts:
        asked = _everything(spec) | {"sort": [sort.key]}
        first = page_of(database.app, ana, spec, read_asked(spec, asked), size=7)
        second = page_of(database.app, ana, spec, read_asked(spec, asked | {"at": [first.next or ""]}), size=7)
        third = page_of(database.app, ana, spec, read_asked(spec, asked | {"at": [second.next or ""]}), size=7)
        again = page_of(database.app, ana, spec, read_asked(spec, asked | {"at": [third.previous or ""]}), size=7)
        assert list(again.rows[spec.number.key]) == list(second.rows[spec.number.key])
        assert again.first == second.first == 8
        assert list(again.rows[spec.number.key]) != list(first.rows[spec.number.key])


def test_the_report_holds_exactly_what_is_filtered(database: Database, sign_in: SignIn, spec: ListSpec) -> None:
    ana = sign_in("ana")
    asked = read_asked(spec, _everything(spec) | {"q": ["3"]})
    shown = page_of(database.app, ana, spec, asked, size=100)
    columns = tuple(c for c in spec.columns if c.key == spec.number.key)
    streamed = [
        row[0] for batch in stream_of(database.app, ana, spec, asked, columns, time_zone="UTC") for row in batch
    ]
    assert streamed == list(shown.rows[spec.number.key])
    assert len(streamed) < page_of(database.app, ana, spec, read_asked(spec, _everything(spec))).count.n


def test_charts_count_what_the_list_counts(database: Database, sign_in: SignIn, spec: ListSpec) -> None:
    for name in ("ana", "vic", "mia", "dee", "fin"):
        principal = sign_in(name)
        if not any(principal.may(p) for p in spec.permissions):
            continue
        for parameters in (_everything(spec), _everything(spec) | {"q": ["1"]}, {}):
            asked = read_asked(spec, parameters)
            counted = page_of(database.app, principal, spec, asked).count.n
            summary = summary_of(database.app, principal, spec, asked)
            assert isinstance(summary, Summary)
            whole = [chart for chart in summary.charts if chart.chart.only is None]
            assert [int(chart.rows["n"].sum()) for chart in whole] == [counted] * len(whole)


def test_the_tally_answers_as_the_rows_themselves(database: Database, sign_in: SignIn) -> None:
    fin = sign_in("fin")
    for parameters in (
        {}, {"status": ["overdue"]}, {"status": ["due_soon", "void"]}, {"currency": ["KRW"]}, {"due_in": ["overdue"]},
        {"due_in": ["this_month"]}, {"due_in": ["next_30"], "status": ["unpaid"]}, {"issuer": ["EX-KR"]},
        {"ageing": ["1_30", "over_90"]}, {"ageing": ["disputed"]}, {"disputed": ["no"], "status": ["unpaid"]},
        {"ageing": ["not_due"], "disputed": ["yes"]}, {"due_in": ["last_quarter"], "disputed": ["yes"]},
    ):  # fmt: skip
        asked = read_asked(INVOICES, parameters)
        tallied = summary_of(database.app, fin, INVOICES, asked)
        counted = summary_of(database.app, fin, INVOICES, read_asked(INVOICES, {**parameters, "q": ["INV"]}))
        assert isinstance(tallied, Summary) and isinstance(counted, Summary)
        assert tallied.from_tally and not counted.from_tally
        assert tallied.sums == counted.sums, parameters
        for of_tally, of_rows in zip(tallied.charts, counted.charts, strict=True):
            assert of_tally.rows.to_dict() == of_rows.rows.to_dict(), parameters


def test_the_tally_is_right_at_once_after_a_change(database: Database, sign_in: SignIn) -> None:
    """Before the worker folds it, a change stands there as a row that takes away and one that adds."""
    fin = sign_in("fin")
    with database.as_owner() as connection:
        open_ones = Invoice.__table__.select().where(Invoice.state == InvoiceState.ISSUED).order_by(Invoice.id).limit(3)
        for place, invoice in enumerate(connection.execute(open_ones).all()):
            amount = invoice.total if place == 0 else Decimal(1)
            connection.execute(
                insert(Payment).values(
                    account_id=invoice.account_id,
                    invoice_id=invoice.id,
                    amount=amount,
                    currency=invoice.currency,
                    paid_on=date(2026, 1, 1),
                )
            )
    for parameters in ({"status": ["unpaid"]}, {"status": ["paid"]}, {}):
        tallied = summary_of(database.app, fin, INVOICES, read_asked(INVOICES, parameters))
        counted = summary_of(database.app, fin, INVOICES, read_asked(INVOICES, {**parameters, "q": ["INV"]}))
        assert isinstance(tallied, Summary)
        assert isinstance(counted, Summary)
        assert tallied.from_tally
        assert not counted.from_tally
        assert tallied.totals.to_dict() == counted.totals.to_dict()
        assert tallied.charts[0].rows.to_dict() == counted.charts[0].rows.to_dict()


def test_a_page_carries_what_its_table_shows_and_a_row_everything(
    database: Database, sign_in: SignIn, spec: ListSpec
) -> None:
    """A page of tickets has no use for the descriptions, of thousands of letters each."""
    ana = sign_in("ana")
    page = page_of(database.app, ana, spec, read_asked(spec, _everything(spec)))
    shown = {column.key for column in spec.columns if TABLE in column.shown}
    elsewhere = {column.key for column in spec.columns if column.shown} - shown
    assert shown <= set(page.values)
    assert not elsewhere & set(page.values)
    key = str(page.values["uuid" if spec.row_key is not spec.number else "number"][0])
    assert elsewhere <= set(get_row(database.app, ana, spec, key))


def test_a_row_is_read_by_its_key_and_a_strangers_does_not_exist(
    database: Database, sign_in: SignIn, spec: ListSpec
) -> None:
    ana, bea = sign_in("ana"), sign_in("bea")
    page = page_of(database.app, ana, spec, read_asked(spec, _everything(spec)))
    key = str(page.rows["uuid" if spec.row_key is not spec.number else "number"].iloc[0])
    assert get_row(database.app, ana, spec, key)[spec.number.key] == page.rows[spec.number.key].iloc[0]
    with pytest.raises(NotFound):
        get_row(database.app, bea, spec, key)
    for nothing in ("no-such-row", "\0", f"{key}\0"):  # the sign comes as %00 in an address
        with pytest.raises(NotFound):
            get_row(database.app, ana, spec, nothing)


def test_who_lacks_the_function_is_refused(database: Database, sign_in: SignIn, spec: ListSpec) -> None:
    abel = sign_in("abel")  # may only request remote hands
    if spec is TICKETS:
        assert set(_numbers(database, abel, spec)), "his own tickets in Seoul"
        return
    with pytest.raises(Forbidden):
        page_of(database.app, abel, spec, read_asked(spec, {}))


def test_abel_sees_his_own_tickets_in_seoul_only(database: Database, sign_in: SignIn) -> None:
    abel, ana = sign_in("abel"), _of(sign_in("ana"), "ACME-SEOUL")
    his = set(_numbers(database, abel, TICKETS))
    at_seoul = set(_numbers(database, ana, TICKETS, site=["SEL1"]))
    assert his and his < at_seoul
    summary = summary_of(database.app, abel, TICKETS, read_asked(TICKETS, _everything(TICKETS)))
    assert isinstance(summary, Summary) and not summary.from_tally
    assert int(summary.charts[0].rows["n"].sum()) == len(his)


def test_words_are_found_in_any_script_and_only_in_view(database: Database, sign_in: SignIn) -> None:
    ana, bea = sign_in("ana"), sign_in("bea")
    for words, found in (("케이블", 40), ("이블 교", 40), ("cable osaka", 10), ("rh-2026", 40), ("nothing at all", 0)):
        asked = read_asked(TICKETS, _everything(TICKETS) | {"q": [words]})
        assert page_of(database.app, ana, TICKETS, asked).count.n == found, words
    asked = read_asked(TICKETS, _everything(TICKETS) | {"q": ["seoul"]})
    assert page_of(database.app, bea, TICKETS, asked).count.n == 0


def test_drafts_are_seen_by_finance_only(database: Database, sign_in: SignIn) -> None:
    asked = read_asked(INVOICES, {"status": ["draft"]})
    assert page_of(database.app, sign_in("fin"), INVOICES, asked).count.n > 0
    for name in ("ana", "mia"):
        assert page_of(database.app, sign_in(name), INVOICES, asked).count.n == 0


def test_the_word_on_an_invoice_is_the_rules_word(database: Database, sign_in: SignIn) -> None:
    fin = sign_in("fin")
    page = page_of(database.app, fin, INVOICES, read_asked(INVOICES, {}), size=100)
    for number, word in zip(page.rows["uuid"], page.rows["payment_status"], strict=True):
        row = get_row(database.app, fin, INVOICES, str(number))
        with database.as_owner() as connection:
            state = connection.scalar(
                Invoice.__table__.select().with_only_columns(Invoice.state).where(Invoice.uuid == number)
            )
        today = datetime.now(UTC).astimezone().date()
        expected = payment_status(InvoiceState(state), row["balance"], row["due_date"], today)
        near_a_border = abs((row["due_date"] - today).days) in (0, 1, 7, 8)
        assert word == expected or near_a_border
    assert set(page.rows["payment_status"]) >= {PaymentStatus.OVERDUE, PaymentStatus.DUE_SOON, PaymentStatus.DRAFT}


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"status": ["nonsense"]}, "status"),
        ({"due_from": ["tomorrow"]}, "due_from"),
        ({"due_from": ["2026-12-31"], "due_to": ["2026-01-01"]}, "due"),
        ({"sort": ["price"]}, "sort"),
        ({"account": ["'; drop table"]}, "account"),
        ({"q": ["x" * 101]}, "q"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused_by_name(parameters: dict[str, list[str]], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_asked(INVOICES, parameters)
    assert refused.value.field == field


def test_an_address_says_what_was_asked_and_nothing_of_a_default(spec: ListSpec) -> None:
    asked = read_asked(spec, {})
    assert asked.query(spec) == ""
    narrowed = asked.choosing(spec.filters[0].key, spec.filters[0].values[-1])
    assert read_asked(spec, {spec.filters[0].key: [spec.filters[0].values[-1]]}) == narrowed
    assert spec.filters[0].values[-1] in narrowed.query(spec)


def test_a_place_that_is_no_place_is_refused(database: Database, sign_in: SignIn, spec: ListSpec) -> None:
    for token in ("x", "W10=", "WzEsMiwzLDQsNV0="):
        with pytest.raises(Invalid):
            page_of(database.app, sign_in("ana"), spec, read_asked(spec, {"at": [token]}))


def test_an_ended_session_reads_nothing_more(database: Database, sign_in: SignIn, spec: ListSpec) -> None:
    from auth.sessions import end

    ana = sign_in("ana")
    assert page_of(database.app, ana, spec, read_asked(spec, {})).count.n > 0
    end(database.auth, ana.token)
    with pytest.raises(SignedOut):
        page_of(database.app, ana, spec, read_asked(spec, {}))


@pytest.mark.parametrize(("name", "spec", "tells"), [("ana", TICKETS, True), ("ada", PEOPLE, False)])
def test_a_list_says_on_whose_clock_its_times_are_where_it_shows_any(
    name: str, spec: ListSpec, tells: bool, database: Database, sign_in: SignIn
) -> None:
    page = page_of(database.app, sign_in(name), spec, everything(spec))
    with reading_as(Reader("en", "Asia/Seoul")):
        counted = view._counted(spec, page)
    assert counted.startswith("**1–")
    assert ("Korean Standard Time" in counted) == tells
