"""The desk's day in a browser: the bell, the queue on a phone, a parcel somebody else claimed, visitors at the door."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import insert, text

from auth.sessions import hashed, new_token, who
from data.commands import execute
from data.models import Person, SignInSession, StaffMember
from data.models.rows import Hat
from data.ticketing import Assign, MoveTicket, ProposeStart, RegisterParcel, claim_parcel
from data.ticketing.queue import QUEUE
from jobs.clocks import watch_clocks
from rules.errors import Conflict
from rules.principal import Principal
from rules.request_types import Carrier
from tests.cluster import Database
from tests.patience import PATIENCE
from tests.portal_server import PHONE, Portal, Tab, open_tab
from tests.ticket_scene import Desk, desk_in

SignIn = Callable[[str], Principal]
LIVE = re.compile("/live[?]")


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: SignIn) -> Desk:
    return desk_in(database, sign_in)


@pytest.fixture(scope="module")
def jin(database: Database) -> Principal:
    """Dee's colleague."""
    token = new_token()
    with database.as_owner() as connection:
        new = insert(Person).values(kind="staff", email="jin@portal.example", name="Jin Desk").returning(Person.id)
        person = connection.execute(new).scalar_one()
        connection.execute(insert(StaffMember).values(person_id=person, role="service_desk"))
        session = {"token_hash": hashed(token), "person_id": person, "role": "service_desk"}
        connection.execute(insert(SignInSession).values(**session, expires_at=text("now() + interval '1 hour'")))
    signed = who(database.auth, token)
    assert signed is not None
    return signed.principal


def listed(tab: Tab) -> str:
    """What the first table holds; it is drawn on a canvas, with its cells beside it for who cannot see."""
    return " ".join(tab.page.get_by_test_id("stDataFrame").first.locator("[role=row]").all_text_contents())


def until(tab: Tab, holds: Callable[[], bool], what: str) -> None:
    for _wait in range(PATIENCE * 10):
        if holds():
            return
        tab.page.wait_for_timeout(100)
    raise AssertionError(what)


def told_by_the_worker(database: Database) -> None:
    with database.jobs.begin() as connection:
        connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
        watch_clocks(connection)


# --- who changed what


def conflict(desk: Desk, person: Principal, command: Any) -> tuple[str, dict[str, Any]]:
    with pytest.raises(Conflict) as refused:
        execute(desk.database.app, person, command)
    return refused.value.message, dict(refused.value.values)


def test_who_was_slower_is_told_who_moved_it_and_where_to(desk: Desk, jin: Principal) -> None:
    number = desk.opens("abel")
    seen = desk.sees("dee", number).ticket.version
    execute(desk.database.app, jin, MoveTicket(number, "acknowledged", seen))
    said, values = conflict(desk, desk.person("dee"), MoveTicket(number, "resolved", seen))
    assert "last “{status}” by {who}" in said
    assert (values["who"], values["status"].value) == ("Jin Desk", "acknowledged")
    assert desk.sees("dee", number).ticket.status == "acknowledged"


def test_who_was_slower_is_told_who_works_on_it_now_and_no_move_is_blamed_on_who_made_none(
    desk: Desk, jin: Principal
) -> None:
    number = desk.opens("abel")
    desk.moves("dee", number, "acknowledged")
    seen = desk.sees("dee", number).ticket.version
    execute(desk.database.app, jin, Assign(number, jin.person_id, seen))
    said, values = conflict(desk, desk.person("dee"), MoveTicket(number, "in_progress", seen))
    assert "{who} works on it" in said
    assert values["who"] == "Jin Desk"
    _said, values = conflict(desk, desk.person("abel"), MoveTicket(number, "cancelled", seen, reason="x"))
    assert "who" not in values, "customers are not told who works on it"


# --- the bell


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("ko", True)])
def test_the_bell_rings_by_itself_and_leads_to_the_ticket(
    language: str, dark: bool, database: Database, portal: Portal, browser: Browser, desk: Desk, sign_in: SignIn
) -> None:
    words = {"en": ("First answer missed", "Open the ticket"), "ko": ("최초 응답 기한 초과", "지원요청 열기")}[language]
    with (
        open_tab(portal, browser, token=sign_in("dee").token, language=language, dark=dark) as tab,
        open_tab(portal, browser, token=sign_in("ana").token, language=language) as customer,
    ):
        tab.go("/notices")
        customer.go("/notices")
        number = desk.opens("abel", subject="Nobody looks at it")
        desk.some_time_ago(number, timedelta(hours=1))
        told_by_the_worker(database)
        until(tab, lambda: f"{number} · {words[0]} · Acme Seoul" in listed(tab), "the list shows it without a click")
        bell = tab.page.locator("#portal-header .entry", has=tab.page.locator(".badge:not([hidden])"))
        expect(bell).to_be_visible()
        assert number not in customer.page.content()
        tab.page.get_by_test_id("stDataFrame").first.click(position={"x": 120, "y": 54})
        drawer = tab.page.get_by_role("dialog")
        expect(drawer).to_contain_text(number)
        expect(drawer).to_contain_text("Acme Seoul")
        drawer.get_by_role("link", name=words[1]).click()
        expect(tab.page).to_have_url(re.compile(f"/queue\\?ticket={number}"))
        expect(tab.page.get_by_role("dialog")).to_contain_text("Nobody looks at it")
        assert tab.troubles == customer.troubles == []


# --- the queue


def test_a_phone_shows_which_ticket_how_long_yet_and_where_it_stands() -> None:
    """390 pixels, less the page's margins, the tick and the frame."""
    first = [column for column in QUEUE.columns if column.width is not None][:3]
    assert [column.key for column in first] == ["number", "next_deadline", "status"]
    number, clock, _status = (column.width or 0 for column in first)
    assert 33 + number + clock + 80 <= 390 - 2 * 14 - 2 * 3, "a state of usual length is read to its end"


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["wide", "phone"])
def test_several_are_taken_by_a_key_and_each_is_named(
    viewport: dict[str, int] | None, portal: Portal, browser: Browser, desk: Desk, sign_in: SignIn
) -> None:
    with desk.database.as_owner() as connection:
        connection.execute(text("update portal.ticket set category = 'done', status = 'closed'"))
    numbers = [desk.opens("abel", subject=f"Optic {n}") for n in range(2)]
    with open_tab(portal, browser, token=sign_in("dee").token, viewport=viewport) as tab:
        tab.go("/queue")
        until(tab, lambda: all(number in listed(tab) for number in numbers), "a table takes clicks once it is filled")
        table = tab.page.get_by_test_id("stDataFrame").first
        table.scroll_into_view_if_needed()
        for row in range(2):
            table.click(position={"x": 14, "y": 54 + 36 * row})
            tab.settle()
        expect(tab.page.get_by_text("2 selected")).to_be_visible()
        # nothing lies over the buttons while the pointer is on the table
        tab.page.get_by_role("button", name="Assign to me").click(trial=True)
        tab.page.keyboard.press("Alt+a")
        toast = tab.page.get_by_test_id("stToast")
        expect(toast).to_contain_text("2 tickets done.")
        for number in numbers:
            expect(toast).to_contain_text(number)
        assert tab.troubles == []
    assert {desk.sees("dee", number).ticket.status for number in numbers} == {"acknowledged"}


# --- parcels


def test_a_parcel_that_was_claimed_elsewhere_is_gone_from_the_open_list(
    portal: Portal, browser: Browser, desk: Desk, sign_in: SignIn
) -> None:
    for number in ("STAYS 1", "GOES 1"):
        desk.does("dee", RegisterParcel(desk.sites["SEL1"], Carrier.UPS, number, "somebody"))
    heard: list[dict[str, Any]] = []
    with (
        open_tab(portal, browser, token=sign_in("dee").token) as tab,
        open_tab(portal, browser, token=sign_in("bea").token) as bea,
    ):
        bea.page.on("response", lambda answer: heard.append(answer.json()["lists"]) if "/live" in answer.url else None)
        with bea.page.expect_response(LIVE):
            bea.go("/tickets")
        tab.go("/parcels")
        until(tab, lambda: "GOES 1" in listed(tab), "it is there first")
        claim_parcel(desk.database.app, desk.person("ana"), desk.accounts["seoul"], "GOES 1", key=uuid4())
        until(tab, lambda: "STAYS 1" in (now := listed(tab)) and "GOES 1" not in now, "one is gone without a click")
        with bea.page.expect_response(LIVE):  # asked for the last time before, answered after it
            pass
        assert tab.troubles == bea.troubles == []
    assert heard
    assert all(lists == heard[0] for lists in heard), "another company hears nothing of it"
    assert "parcels" not in heard[0]


# --- visits


def test_visitors_are_let_in_and_out_by_name_on_a_phone(
    portal: Portal, browser: Browser, desk: Desk, sign_in: SignIn
) -> None:
    visitors = tuple(
        {"name": name, "company": "Acme", "email": "v@acme.example", "id_last_four": "AB123456"}
        for name in ("Vera Visitor", "Viktor Visitor")
    )
    number = desk.opens("ana", "site_visit", visitors=visitors)
    with open_tab(portal, browser, token=sign_in("dee").token, viewport=PHONE) as tab:
        tab.go(f"/queue?ticket={number}")
        drawer = tab.page.get_by_role("dialog")
        expect(drawer.get_by_role("button", name="Check in")).to_have_count(0)
        drawer.get_by_role("button", name="Approve", exact=True).click()
        expect(drawer.get_by_role("button", name="Check in")).to_have_count(2)
        expect(drawer).to_contain_text("ID …3456")
        expect(drawer).not_to_contain_text("AB12")
        for left, deed in ((1, "Check in"), (0, "Check in"), (1, "Check out"), (0, "Check out")):
            drawer.get_by_role("button", name=deed).first.click()
            expect(drawer.get_by_role("button", name=deed)).to_have_count(left)
            tab.settle()
        expect(drawer).to_contain_text("Checked out")
        assert tab.troubles == []
    assert desk.sees("ana", number).ticket.status == "checked_out"
    assert datetime.now(UTC) - timedelta(minutes=5) < max(
        visitor["checked_out_at"] for visitor in desk.sees("dee", number).visitors
    )


# --- mail


def test_mail_that_was_given_up_is_sent_again_and_the_drawer_stays_where_it_was(
    portal: Portal, browser: Browser, desk: Desk, sign_in: SignIn
) -> None:
    number = desk.opens("ana", "shipment", direction="inbound")
    for to in ("acknowledged", "expected"):
        desk.moves("dee", number, to)
    states = (
        "select m.state from portal.mail m join portal.ticket t on t.id = m.ticket_id where t.number = :n order by m.id"
    )
    with desk.database.as_owner() as connection:
        fresh = "select max(id) from portal.mail where state = 'ready' and attempts = 0"
        newest = f"update portal.mail set {{}} where id = ({fresh})"
        connection.execute(text(newest.format("state = 'dead', attempts = 10")))
        connection.execute(text(newest.format("attempts = 2, next_at = now() + interval '10 minutes'")))
    with open_tab(portal, browser, token=sign_in("dee").token) as tab:
        tab.go(f"/queue?ticket={number}")
        drawer = tab.page.get_by_role("dialog")
        drawer.get_by_role("tab", name="Mail").click()
        expect(drawer).to_contain_text("Could not be sent")
        expect(drawer).to_contain_text("Retrying")
        drawer.get_by_role("button", name="Send again").click()
        expect(drawer.get_by_role("button", name="Send again")).to_have_count(0)
        expect(drawer.get_by_role("tab", name="Mail")).to_have_attribute("aria-selected", "true")
        desk.says("ana", number, "Is it here?")
        expect(drawer.get_by_role("tab", name="Conversation (1)")).to_be_visible()
        expect(drawer.get_by_role("tab", name="Mail")).to_have_attribute("aria-selected", "true")
        assert tab.troubles == []
    assert {state for (state,) in desk.rows(states, n=number)} == {"ready"}


# --- a time is proposed


@pytest.mark.parametrize(("answer", "then"), [("accept", "accepted"), ("decline", "declined")])
def test_a_proposed_time_is_answered_on_a_phone_and_the_desk_sees_it_by_itself(
    answer: str, then: str, portal: Portal, browser: Browser, desk: Desk, sign_in: SignIn
) -> None:
    number = desk.opens("abel")
    desk.moves("dee", number, "acknowledged")
    start = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=2)
    desk.does("dee", ProposeStart(number, start, "Would this suit you?"))
    with (
        open_tab(portal, browser, token=sign_in("dee").token) as tab,
        open_tab(portal, browser, token=sign_in("abel").token, viewport=PHONE, language="ko", dark=True) as customer,
    ):
        tab.go(f"/queue?ticket={number}")
        customer.go(f"/tickets?ticket={number}")
        drawer = customer.page.get_by_role("dialog")
        expect(drawer).to_contain_text("Would this suit you?")
        deed = {"accept": "이 시간으로 확정", "decline": "다른 시간 요청"}[answer]
        drawer.get_by_role("button", name=deed).click()
        if answer == "decline":
            drawer.get_by_label("원하시는 시간").fill("Better in the evening")
            drawer.get_by_label("원하시는 시간").press("Tab")
            customer.settle()
            drawer.get_by_role("button", name=deed).click()
        expect(drawer.get_by_role("button", name="이 시간으로 확정")).to_have_count(0)
        seen = tab.page.get_by_role("dialog")
        if answer == "decline":
            expect(seen).to_contain_text("Better in the evening")
        seen.get_by_role("tab", name="Details").click()
        expect(seen).to_contain_text("Answer to it")
        expect(seen.get_by_role("table")).to_contain_text(then, ignore_case=True)
        assert tab.troubles == customer.troubles == []
    assert desk.sees("dee", number).details["proposal_answer"] == then
    assert desk.sees("abel", number).waiting_for is None


# --- for a customer


def test_the_desk_files_a_ticket_for_a_customer_who_finds_it_in_their_list(
    portal: Portal, browser: Browser, desk: Desk, sign_in: SignIn
) -> None:
    with open_tab(portal, browser, token=sign_in("dee").token, viewport=PHONE) as tab:
        tab.go("/queue")
        tab.choose(tab.page.get_by_role("button", name="File for a customer"), "Request remote hands")
        form = tab.page.get_by_role("dialog")
        for label, option in (("Account", "Acme Seoul"), ("Site", "Seoul 1"), ("In the name of", "Abel Acme")):
            tab.choose(form.get_by_role("combobox", name=re.compile(label)), option)
            tab.settle()
        form.get_by_label("Subject").fill("Filed by phone call")
        form.get_by_label("Description").fill("He called at ten")
        form.get_by_label("Description").press("Tab")
        tab.settle()
        form.get_by_role("button", name="Submit").click()
        expect(form).to_be_hidden()
        expect(tab.page.get_by_test_id("stToast")).to_contain_text("was sent")
        assert tab.troubles == []
    ((number, opener),) = desk.rows(
        "select t.number, p.name from portal.ticket t join portal.person p on p.id = t.requested_by "
        "where t.subject = 'Filed by phone call'"
    )
    assert opener == "Abel Acme"
    seen = desk.sees("abel", number)
    assert (seen.ticket.status, [clock.reading and str(clock.reading.state) for clock in seen.clocks]) == (
        "submitted", ["running"],
    )  # fmt: skip
