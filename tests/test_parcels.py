"""Unclaimed parcels on the desk's page, claimed by a customer, and how long what arrived is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from data.models.rows import Hat
from data.ticketing import ParcelsAsked, RegisterParcel, list_parcels
from data.ticketing.storage import tell_of_storage
from jobs.worker import JOBS
from rules.errors import Forbidden
from rules.principal import Principal
from rules.request_types import Carrier
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.standing import page_of, words_of
from tests.ticket_scene import Desk, desk_in
from web import reports
from web.errors import exception_handlers

SignIn = Callable[[str], Principal]
PAGE = "pages.staff.parcels"


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: SignIn) -> Desk:
    desk = desk_in(database, sign_in)
    for site, tracking, addressee, days_ago in (
        ("SEL1", "FRESH 1", "ACME, server team", 0),
        ("SEL1", "OLD 1", "nobody knows", 9),
        ("BIN1", "ELSEWHERE 1", "Bolt NOC", 1),
    ):
        desk.does("dee", RegisterParcel(desk.sites[site], Carrier.DHL, tracking, addressee))
        with database.as_owner() as connection:
            connection.execute(
                text("update portal.parcel set arrived_at = arrived_at - :ago where tracking_number = :number"),
                {"ago": timedelta(days=days_ago), "number": tracking},
            )
    return desk


pytestmark = pytest.mark.usefixtures("desk", "configured")


@pytest.fixture(autouse=True)
def _nothing_typed(database: Database) -> None:
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.draft"))
        connection.execute(text("delete from auth.throttle"))


def fetched(principal: Principal, query: str = "") -> Answer:
    app = Starlette(routes=reports.routes, exception_handlers=exception_handlers)
    cookie = {"cookie": f"portal_session={principal.token}"}
    return ask(app, "/reports/parcels.xlsx", query=query, headers=cookie)


def numbers(desk: Desk) -> list[str]:
    return [row.tracking_number for row in list_parcels(desk.database.app, desk.person("dee"))]


# --- the desk's page


def test_the_desk_sees_what_waits_the_longest_first_and_what_waits_too_long(desk: Desk) -> None:
    app = page_of(desk.person("dee"), PAGE)
    assert not app.exception
    frame = app.dataframe[0].value
    assert [n for n in frame["number"] if n.endswith(" 1")] == ["OLD 1", "ELSEWHERE 1", "FRESH 1"]
    assert [bool(len(late)) for late in frame["late"]] == [number == "OLD 1" for number in frame["number"]]
    assert "1** longer than we keep them" in words_of(app)
    waiting = dict(zip(frame["number"], frame["waiting"], strict=True))
    assert waiting["OLD 1"] == "9 d", "how long it waits, not when it came"
    rows = {row.tracking_number: row for row in list_parcels(desk.database.app, desk.person("dee"))}
    assert (rows["FRESH 1"].storage_until - datetime.now(UTC).date()).days in (5, 6)  # by the calendar of Seoul


def test_it_is_narrowed_by_words_and_site_and_its_report_holds_the_same(desk: Desk) -> None:
    engine, dee = desk.database.app, desk.person("dee")
    for asked, query in (
        (ParcelsAsked(), ""),
        (ParcelsAsked("acme"), "q=acme"),
        (ParcelsAsked(site="BIN1"), "site=BIN1"),
        (ParcelsAsked("%"), "q=%25"),
    ):
        expected = [row.tracking_number for row in list_parcels(engine, dee, asked)]
        answer = fetched(dee, query)
        assert answer.status == 200
        header, *rows = load_workbook(BytesIO(answer.body)).worksheets[0].values
        assert [dict(zip(header, row, strict=True))["Tracking number"] for row in rows] == expected
    assert [row.tracking_number for row in list_parcels(engine, dee, ParcelsAsked("acme"))] == ["FRESH 1"]
    assert list_parcels(engine, dee, ParcelsAsked("%")) == ()
    app = page_of(dee, PAGE, q="nothing like it")
    assert "No parcel matches." in words_of(app) and not app.dataframe


@pytest.mark.parametrize("name", ["ana", "abel", "vic", "bea", "mia", "fin", "ada"])
def test_nobody_else_sees_a_parcel(name: str, desk: Desk) -> None:
    with pytest.raises(Forbidden):
        list_parcels(desk.database.app, desk.person(name))
    answer = fetched(desk.person(name))
    assert answer.status in (403, 404)
    assert b"OLD 1" not in answer.body
    app = page_of(desk.person(name), PAGE)
    assert not app.dataframe and "OLD 1" not in words_of(app)


# --- the forms


def _body(principal: object, which: str, number: str = "") -> None:
    import streamlit as st

    from data.engines import app_engine
    from data.ticketing import list_parcels
    from pages.portal.ticket import claim
    from pages.staff import parcel_forms

    if which == "register":
        said = parcel_forms._register(principal)
    elif which == "assign":
        waiting = {str(parcel.uuid): parcel for parcel in list_parcels(app_engine(), principal)}
        said = parcel_forms.assigned(principal, number)
        if number in waiting:
            parcel_forms._assign(principal, waiting[number])
    else:
        said = claim._form(principal, claim._accounts(principal))
    if said is not None:
        st.text(f"done {said}")


def form(principal: Principal, which: str, number: str = "") -> AppTest:
    app = AppTest.from_function(_body, args=(principal, which, number), default_timeout=30).run()
    assert not app.exception
    return app


def field(app: AppTest, label: str) -> Any:
    fields = [*app.text_input, *app.text_area, *app.selectbox, *app.number_input, *app.get("button_group")]
    return next(each for each in fields if each.label.startswith(label))


def send(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def test_a_parcel_is_registered_once_and_all_that_is_missing_is_said(desk: Desk) -> None:
    app = send(form(desk.person("dee"), "register"), "Register")
    assert app.error[0].value.count("Please fill this in.") == 4
    assert not any("NEW 1" in number for number in numbers(desk))
    field(app, "Site").set_value(desk.sites["SEL1"])
    field(app, "Carrier").set_value("dhl")
    field(app, "Tracking number").set_value("NEW 1")
    field(app, "Addressee").set_value("somebody")
    app = send(app.run(), "Register")
    assert "registered" in app.text[0].value
    assert numbers(desk).count("NEW 1") == 1


def test_the_desk_says_whose_it_is_and_a_ticket_begins_as_received(desk: Desk) -> None:
    waiting = list_parcels(desk.database.app, desk.person("dee"))
    app = form(desk.person("dee"), "assign", next(str(p.uuid) for p in waiting if p.tracking_number == "ELSEWHERE 1"))
    assert not [each for each in app.selectbox if each.label == "Who is told"], "only once the account is known"
    field(app, "Account").set_value(desk.accounts["bolt"]).run()
    people = field(app, "Who is told").options
    assert "Bea Bolt" in people and "Ana Acme" not in people
    field(app, "Who is told").set_value(desk.id_of("bea"))
    app = send(app.run(), "Assign")
    assert "was opened" in app.text[0].value
    assert "ELSEWHERE 1" not in numbers(desk)
    ((status, requester),) = desk.rows(
        "select t.status, p.email from portal.ticket t join portal.person p on p.id = t.requested_by "
        "join portal.tracking_number n on n.ticket_id = t.id where n.number = 'ELSEWHERE 1'"
    )
    assert (status, requester) == ("received", "paa@bolt.example")


def test_a_customer_claims_by_the_exact_number_and_learns_nothing_from_a_wrong_one(desk: Desk) -> None:
    seoul = desk.person("ana").looking_at((desk.accounts["seoul"],))
    app = form(seoul, "claim")
    if [each for each in app.selectbox if each.label == "Account"]:
        field(app, "Account").set_value(desk.accounts["seoul"]).run()
    answers = []
    for wrong in ("FRESH", "NEVER THERE", "OLD 2"):
        field(app, "Tracking number").set_value(wrong)
        app = send(app.run(), "Claim it")
        answers.append(app.error[0].value)
    assert len(set(answers)) == 1 and "No parcel with this tracking number" in answers[0]
    assert "FRESH 1" in numbers(desk)
    field(app, "Tracking number").set_value("FRESH 1")
    app = send(app.run(), "Claim it")
    assert app.text[0].value.startswith("done SH-")
    assert "FRESH 1" not in numbers(desk)


@pytest.mark.parametrize(("name", "offered"), [("ana", True), ("bea", True), ("abel", False), ("vic", False)])
def test_only_who_may_ask_for_shipments_is_offered_to_claim(name: str, offered: bool, desk: Desk) -> None:
    app = page_of(desk.person(name), "pages.portal.tickets")
    assert ("Claim a parcel" in {button.label for button in app.button}) is offered
    if not offered:
        app = page_of(desk.person(name), "pages.portal.tickets", claim="parcel")
        assert any("not available to you" in box.value for box in app.info)


# --- how long it is kept


def _arrived(desk: Desk, days_left: int) -> str:
    number = desk.opens("ana", "shipment")
    desk.moves("dee", number, "acknowledged")
    desk.moves("dee", number, "expected")
    desk.moves("dee", number, "received", packages=2)
    with desk.database.as_owner() as connection:
        connection.execute(
            text(
                "update portal.shipment s set storage_until = (now() at time zone 'Asia/Seoul')::date + :left "
                "from portal.ticket t where t.id = s.ticket_id and t.number = :number"
            ),
            {"left": days_left, "number": number},
        )
    return number


def _watched(desk: Desk) -> None:
    with desk.database.jobs.begin() as connection:
        connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
        tell_of_storage(connection)


def _told(desk: Desk, number: str) -> int:
    ((n,),) = desk.rows(
        "select count(*) from portal.mail m join portal.ticket t on t.id = m.ticket_id "
        "where t.number = :number and m.kind = 'storage_ends'",
        number=number,
    )
    return int(n)


@pytest.mark.parametrize(("days_left", "mails"), [(3, 0), (1, 1), (0, 1), (-1, 1), (-30, 0)])
def test_who_waits_hears_once_before_the_storage_ends(days_left: int, mails: int, desk: Desk) -> None:
    number = _arrived(desk, days_left)
    for _ in range(3):
        _watched(desk)
    assert _told(desk, number) == mails


def test_what_was_collected_is_no_news(desk: Desk) -> None:
    number = _arrived(desk, 1)
    desk.moves("dee", number, "delivered")
    _watched(desk)
    assert _told(desk, number) == 0


def _drawer(principal: object, number: str) -> None:
    from pages.portal.ticket.drawer import ticket_drawer

    ticket_drawer(principal)({"number": number})


@pytest.mark.parametrize(
    ("days_left", "where", "words"),
    [(4, "markdown", "We keep it for you until"), (1, "warning", "ends on"), (-2, "error", "2 days ago")],
)
def test_the_drawer_says_how_long_it_is_kept(days_left: int, where: str, words: str, desk: Desk) -> None:
    number = _arrived(desk, days_left)
    app = AppTest.from_function(_drawer, args=(desk.person("ana"), number), default_timeout=30).run()
    assert not app.exception
    assert any(words in box.value for box in app.get(where))
    desk.moves("dee", number, "delivered")
    app = AppTest.from_function(_drawer, args=(desk.person("ana"), number), default_timeout=30).run()
    assert not any(words in box.value for box in app.get(where))


# --- keys of old clicks


def test_keys_of_old_clicks_go_after_thirty_days_and_the_worker_reads_nothing_of_them(desk: Desk) -> None:
    kept = desk.rows("select count(*) from portal.command_key")
    with desk.database.as_owner() as connection:
        connection.execute(
            text(
                "insert into portal.command_key (person_id, key, command, fingerprint, done_at) "
                "select 1, gen_random_uuid(), age, '', now() - cast(age as interval) "
                "from unnest(array['29 days', '31 days', '90 days']) age"
            )
        )
    job = next(job for job in JOBS if job.name == "forget_command_keys")
    with desk.database.jobs.begin() as connection:
        connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
        job.run(connection)
    assert desk.rows("select command from portal.command_key where command like '%days'") == [("29 days",)]
    assert desk.rows("select count(*) - 1 from portal.command_key") == kept
    with desk.database.jobs.connect() as connection:
        connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
        with pytest.raises(Exception, match="permission denied"):
            connection.execute(text("select result from portal.command_key"))
