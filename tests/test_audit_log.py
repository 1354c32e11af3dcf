"""`/audit`: who runs an account reads what concerns it, the administrator reads all, and nobody else any of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from data.audit_log import ACCOUNT_LOG, AUDIT, audit_for
from data.database import reading
from data.listing import ListSpec, get_row, page_of, read_asked
from data.listing.spec import TABLE
from pages.portal import audit
from rules.errors import Forbidden, NotFound
from rules.permissions import Permission
from rules.principal import Principal
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.ticket_scene import Desk, desk_in
from ui.changes import change_text, changes_of
from ui.text import Reader, reading_as, term
from web import reports
from web.errors import exception_handlers

SignIn = Callable[[str], Principal]
SECRET = "a word for the desk alone"


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: SignIn) -> Desk:
    return desk_in(database, sign_in)


@pytest.fixture(scope="module")
def of_seoul(desk: Desk) -> str:
    """Abel's ticket in Seoul, on which the desk worked: seen, assigned, noted among themselves and answered."""
    number = desk.opens("abel", subject="Restart the router")
    desk.moves("dee", number, "acknowledged")
    desk.says("dee", number, SECRET, internal=True)
    desk.says("dee", number, "We are on our way")
    return number


@pytest.fixture(scope="module")
def of_bolt(desk: Desk) -> str:
    number = desk.opens("bea", account="bolt", site="BIN1")
    desk.moves("dee", number, "rejected", reason="Not ours")
    return number


@pytest.fixture(scope="module")
def invoice_paid(database: Database, desk: Desk) -> str:
    """Something about money of Seoul, guarded by the function that shows invoices."""
    paid = (
        "insert into portal.audit_entry (actor_kind, audience, account_id, function, action, object_kind, object_id, "
        "object_label, before, after, address) values ('operator', 'customer', :account, 'invoice.view', "
        "'invoice.paid', 'invoice', gen_random_uuid()::text, 'INV-7', :before, :after, '192.0.2.7')"
    )
    sides = {"before": '{"balance": 500}', "after": '{"balance": 0}'}
    with database.as_owner() as connection:
        connection.execute(text(paid), {"account": desk.accounts["seoul"], **sides})
    return "INV-7"


def shown(
    database: Database, principal: Principal, *, spec: ListSpec | None = None, **asked: list[str]
) -> list[dict[str, object]]:
    """All rows of this person's log."""
    spec = spec or audit_for(principal)
    every = tuple(replace(column, shown=frozenset({TABLE})) for column in spec.columns)
    spec = replace(spec, name=f"{spec.name}, every column", columns=every)  # statements are kept by this name
    page = page_of(database.app, principal, spec, read_asked(spec, asked), size=1000)
    return [dict(zip(page.values, row, strict=True)) for row in zip(*page.values.values(), strict=True)]


def labels(rows: list[dict[str, object]]) -> set[object]:
    return {row["object_label"] for row in rows}


def of(principal: Principal, code: str) -> Principal:
    return principal.looking_at(tuple(a.id for a in principal.accounts if a.code == code))


# --- who reads what


def test_who_runs_an_account_reads_what_concerns_it_and_nothing_of_another(
    database: Database, sign_in: SignIn, of_seoul: str, of_bolt: str
) -> None:
    ana, bea = shown(database, sign_in("ana")), shown(database, sign_in("bea"))
    assert of_seoul in labels(ana) and of_bolt not in labels(ana)
    assert of_bolt in labels(bea) and of_seoul not in labels(bea)
    assert {row["account"] for row in bea} == {"Bolt"}


def test_several_accounts_are_shown_together_and_one_alone_is_that_one(
    database: Database, sign_in: SignIn, desk: Desk, of_seoul: str
) -> None:
    of_osaka = desk.opens("ana", account="osaka", site="OSA1")
    ana = sign_in("ana")
    assert {of_seoul, of_osaka} <= labels(shown(database, ana))
    alone = labels(shown(database, of(ana, "ACME-OSAKA")))
    assert of_osaka in alone
    assert of_seoul not in alone


@pytest.mark.parametrize("name", ["abel", "vic", "dee", "fin", "mia"])
def test_nobody_else_opens_it(database: Database, sign_in: SignIn, name: str, of_seoul: str) -> None:
    for spec in (AUDIT, ACCOUNT_LOG):
        with pytest.raises(Forbidden):
            shown(database, sign_in(name), spec=spec)


@pytest.mark.parametrize("name", ["vic", "dee", "fin"])
def test_nobody_else_reads_any_of_it_below_the_page(
    database: Database, sign_in: SignIn, name: str, of_seoul: str
) -> None:
    with reading(database.app, sign_in(name), Permission.NOTICE_VIEW) as connection:
        assert connection.execute(text("select action from portal.audit_entry")).all() == []


@pytest.mark.parametrize(("name", "function"), [("abel", "ticket.view_own"), ("mia", "notice.view")])
def test_some_hats_have_no_grant_at_all(database: Database, sign_in: SignIn, name: str, function: str) -> None:
    denied = pytest.raises(ProgrammingError, match="permission denied")
    with reading(database.app, sign_in(name), Permission(function)) as connection, denied:
        connection.execute(text("select action from portal.audit_entry"))


def test_neither_reads_the_list_of_the_other(database: Database, sign_in: SignIn, of_seoul: str) -> None:
    for name, spec in (("ana", AUDIT), ("bea", AUDIT), ("ada", ACCOUNT_LOG)):
        with pytest.raises(Forbidden):
            shown(database, sign_in(name), spec=spec)


def test_the_administrator_reads_all_with_the_address(
    database: Database, sign_in: SignIn, of_seoul: str, of_bolt: str, invoice_paid: str
) -> None:
    rows = shown(database, sign_in("ada"))
    assert {of_seoul, of_bolt, invoice_paid} <= labels(rows)
    assert {"Acme Seoul", "Bolt"} <= {row["account"] for row in rows}
    assert "192.0.2.7" in {row["address"] for row in rows}
    assert "ticket.internal_note" in {row["action"] for row in rows}


def test_no_customer_reads_an_address(database: Database, sign_in: SignIn, invoice_paid: str) -> None:
    ana = sign_in("ana")
    assert invoice_paid in labels(rows := shown(database, ana))
    assert all("address" not in row for row in rows)
    for looking in (ana, of(ana, "ACME-SEOUL")):
        with (
            reading(database.app, looking, Permission.USER_MANAGE) as connection,
            pytest.raises(ProgrammingError, match="permission denied"),
        ):
            connection.execute(text("select address from portal.audit_entry"))


def test_what_the_desk_says_among_itself_is_not_for_customers(
    database: Database, sign_in: SignIn, desk: Desk, of_seoul: str
) -> None:
    for_ana = [row for row in shown(database, sign_in("ana")) if row["object_label"] == of_seoul]
    assert {"ticket.submit", "ticket.move", "ticket.staff_reply"} <= {row["action"] for row in for_ana}
    assert not {"ticket.internal_note", "ticket.assign"} & {row["action"] for row in for_ana}
    everything = desk.rows("select a::text from portal.audit_entry a")
    assert not [row for row in everything if SECRET in row[0]], "its words stand nowhere in the log"


def test_money_is_hidden_from_a_session_that_may_not_see_it(
    database: Database, sign_in: SignIn, of_seoul: str, invoice_paid: str
) -> None:
    ana = of(sign_in("ana"), "ACME-SEOUL")
    assert invoice_paid in labels(shown(database, ana))
    narrowed = "update auth.session set functions = :held where token_hash = sha256(convert_to(:token, 'UTF8'))"
    with database.as_owner() as connection:
        connection.execute(text(narrowed), {"token": ana.token, "held": ["user.manage", "ticket.view_company"]})
    rows = shown(database, ana)
    assert invoice_paid not in labels(rows)
    assert of_seoul in labels(rows), "the rest is still there"


# --- the list


def test_filters_are_in_the_address_and_each_narrows(
    database: Database, sign_in: SignIn, of_seoul: str, invoice_paid: str
) -> None:
    ana = of(sign_in("ana"), "ACME-SEOUL")
    everything = shown(database, ana)
    for key, column, value in (
        ("who", "actor_kind", "staff"),
        ("who", "actor_kind", "operator"),
        ("action", "action", "ticket.move"),
        ("object", "object_kind", "invoice"),
    ):
        rows = shown(database, ana, **{key: [value]})
        assert rows == [row for row in everything if row[column] == value]
        assert 0 < len(rows) < len(everything)
    today = datetime.now(UTC).date()
    assert shown(database, ana, at_from=[str(today - timedelta(days=1))]) == everything
    assert shown(database, ana, at_from=[str(today + timedelta(days=2))]) == []


@pytest.mark.parametrize("name", ["ana", "ada"])
def test_search_finds_who_and_which_one(
    database: Database, sign_in: SignIn, name: str, of_seoul: str, of_bolt: str
) -> None:
    principal = sign_in(name)
    assert labels(shown(database, principal, q=[of_seoul])) == {of_seoul}
    by_abel = shown(database, principal, q=["abel"])
    assert {row["who"] for row in by_abel} == {"Abel Acme"}
    assert bool(shown(database, principal, q=[of_bolt])) is (name == "ada")
    assert bool(shown(database, principal, q=["not ours"])) is (name == "ada"), "the reason given to another company"


def test_the_newest_stands_first_and_pages_turn_without_losing_one(
    database: Database, sign_in: SignIn, of_seoul: str, of_bolt: str
) -> None:
    for principal in (sign_in("ana"), of(sign_in("ana"), "ACME-SEOUL"), sign_in("ada")):
        spec = audit_for(principal)
        turned: list[object] = []
        at: str | None = None
        while True:
            asked = read_asked(spec, {"at": [at]} if at else {})
            page = page_of(database.app, principal, spec, asked, size=3)
            turned += page.values["uuid"]
            if (at := page.next) is None:
                break
        rows = shown(database, principal)
        assert turned == [row["uuid"] for row in rows]
        assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)


def test_one_entry_is_opened_by_its_own_address_and_by_no_stranger(
    database: Database, sign_in: SignIn, of_bolt: str
) -> None:
    bea = sign_in("bea")
    entry = next(row for row in shown(database, bea) if row["action"] == "ticket.move")
    opened = get_row(database.app, bea, ACCOUNT_LOG, str(entry["uuid"]))
    assert opened["change"] == [{"status": "submitted"}, {"status": "rejected"}]
    assert opened["reason"] == "Not ours"
    with pytest.raises(NotFound):
        get_row(database.app, sign_in("ana"), ACCOUNT_LOG, str(entry["uuid"]))


# --- its words


def test_before_and_after_are_said_in_the_readers_words() -> None:
    pair = [
        {"status": "submitted", "severity": "P2"},
        {"status": "waiting_customer", "severity": "P1", "files": ["a.pdf"]},
    ]
    with reading_as(Reader("en", "UTC")):
        assert [(c.field, c.before, c.after) for c in changes_of(pair)] == [
            ("Status", "Submitted", "Waiting for customer"),
            ("Severity", term("ticket.severity", "P2"), term("ticket.severity", "P1")),
            ("Files", None, "a.pdf"),
        ]
        assert change_text([None, {"allowed": True}]) == "Allowed: Yes"
        assert (
            change_text([None, {"at": "2026-11-22T12:00:00+00:00"}]) == "Estimated completion: Nov 22, 2026, 12:00 UTC"
        )
        assert change_text([None, {"query": "status=overdue&q=a%20b"}]) == "Filters: status = overdue, q = a b"
        assert change_text([{"assignee": "Dee"}, {"assignee": None}]) == "Assigned to: Dee → –"
        assert change_text([None, {"never_heard_of": {"x": 1}}]) == "never_heard_of: x: 1"
        assert change_text([None, None]) == change_text(None) == ""
    with reading_as(Reader("ko", "Asia/Seoul")):
        assert "Submitted" not in change_text(pair)


# --- page and report


def _page(principal: Principal, **query: str) -> AppTest:
    def page() -> None:
        import streamlit as st

        st.session_state["show"]()

    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["show"] = lambda: audit.show(principal)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_the_page_says_it_in_words_and_the_drawer_shows_before_beside_after(
    database: Database, sign_in: SignIn, of_bolt: str
) -> None:
    bea = sign_in("bea")
    entry = next(row for row in shown(database, bea) if row["action"] == "ticket.move")
    app = _page(bea, entry=str(entry["uuid"]))
    assert not app.exception and not app.error
    table = app.dataframe[0].value
    moved = table[table["object_label"] == of_bolt].iloc[0]
    assert (moved["action"], moved["who"], moved["object_kind"]) == ("Changed the status", "Dee Desk", "Ticket")
    assert moved["change"] == "Status: Submitted → Rejected"
    assert "address" not in table and "account" not in table
    sides = next(each.value for each in app.table if "Before" in each.value)
    assert (list(sides["Before"]), list(sides["After"])) == (["Submitted"], ["Rejected"])


def test_the_administrator_sees_account_and_address_on_the_page(sign_in: SignIn, of_bolt: str) -> None:
    app = _page(sign_in("ada"))
    assert not app.exception
    assert {"account", "address"} <= set(app.dataframe[0].value)


def test_where_nothing_matches_it_says_so(sign_in: SignIn) -> None:
    app = _page(sign_in("bea"), q="nobody-ever-did-this")
    assert not app.exception
    assert not app.dataframe
    assert any("Nothing matches" in said.value for said in app.markdown)


def fetch(principal: Principal, address: str) -> Answer:
    path, _, query = address.partition("?")
    app = Starlette(routes=reports.routes, exception_handlers=exception_handlers)
    return ask(app, path, query=query, headers={"cookie": f"portal_session={principal.token}"})


def test_the_report_holds_what_is_filtered_and_no_address_for_customers(
    sign_in: SignIn, of_seoul: str, of_bolt: str
) -> None:
    answers = {name: fetch(sign_in(name), "/reports/audit.xlsx?action=ticket.move") for name in ("bea", "ada")}
    sheets = {name: list(load_workbook(BytesIO(a.body)).worksheets[0].values) for name, a in answers.items()}
    for name, (header, *rows) in sheets.items():
        assert ("From where" in header) is (name == "ada")
        assert {row[header.index("What was done")] for row in rows} == {"Changed the status"}
        which = {row[header.index("Which one")] for row in rows}
        assert of_bolt in which
        assert (of_seoul in which) is (name == "ada")
        assert "Status: Submitted → Rejected" in {row[header.index("Before → after")] for row in rows}


@pytest.mark.parametrize("name", ["abel", "vic", "dee", "fin", "mia"])
def test_nobody_else_gets_the_report(sign_in: SignIn, name: str) -> None:
    answer = fetch(sign_in(name), "/reports/audit.xlsx")
    assert answer.status == 403
    assert b"PK" not in answer.body


@pytest.mark.parametrize("spec", [AUDIT, ACCOUNT_LOG])
def test_a_phone_shows_what_was_done_and_by_whom(spec: ListSpec) -> None:
    """390 pixels, less the margins of page and sheet; what was done last is on top, so when can wait."""
    action, who, at = spec.shown_in(TABLE, several_accounts=True)[:3]
    assert [action.key, who.key, at.key] == ["action", "who", "at"]
    assert (action.width or 0) + (who.width or 0) <= 390 - 2 * 14 - 2 * 16
