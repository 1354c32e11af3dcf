"""What the desk fills in by hand in a browser: times, refusals, severities, and what two of them do at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import text

from data.models.rows import Hat
from data.ticketing import MoveTicket
from data.ticketing.by_itself import mark_no_shows
from rules.principal import Principal
from rules.request_types import Severity
from tests.cluster import Database
from tests.portal_server import PHONE, Portal, Tab, open_tab
from tests.ticket_scene import Desk, desk_in

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    return desk_in(database, sign_in)


@pytest.fixture
def at_work(portal: Portal, browser: Browser, desk: Desk) -> Callable[..., Any]:
    """`with at_work(number) as tab:` → Dee has the ticket's drawer open; what went wrong there fails the test."""

    @contextmanager
    def opened(number: str, who: str = "dee", **how: Any) -> Iterator[Tab]:
        with open_tab(portal, browser, token=desk.person(who).token, **how) as tab:
            tab.go(f"/queue?ticket={number}" if who == "dee" else f"/tickets?ticket={number}")
            expect(drawer(tab)).to_contain_text(number)
            yield tab
            assert tab.troubles == []

    return opened


def drawer(tab: Tab) -> Locator:
    return tab.page.get_by_role("dialog")


def begin(tab: Tab, deed: str) -> Locator:
    """Click it, beside the others or in their menu: what it asks for."""
    expect(drawer(tab).locator(".st-key-deeds")).to_be_visible()
    tab.settle()
    shown = drawer(tab).get_by_role("button", name=deed)
    if shown.count():
        shown.click()
    else:
        tab.choose(drawer(tab).get_by_role("button", name="More"), deed, exact=True)
    panel = drawer(tab).locator(".st-key-deed-panel")
    expect(panel).to_be_visible()
    tab.settle()
    return panel


def send(tab: Tab, panel: Locator, deed: str) -> None:
    panel.get_by_role("button", name=deed).click()
    expect(panel).to_be_hidden()
    tab.settle()


def type_time(tab: Tab, panel: Locator, at: datetime) -> None:
    """Digit by digit, as people do: each part leads to the next."""
    panel.get_by_role("spinbutton", name="year").click()
    tab.page.keyboard.type(f"{at:%Y%m%d%H%M}", delay=20)
    panel.get_by_role("heading").click()  # the calendar lies over what stands below
    tab.settle()


def fill(tab: Tab, panel: Locator, label: str, words: str) -> None:
    panel.get_by_label(label).fill(words)
    panel.get_by_label(label).press("Tab")
    tab.settle()


def in_three_days(hour: int) -> datetime:
    return (datetime.now(SEOUL) + timedelta(days=3)).replace(hour=hour, minute=30, second=0, microsecond=0)


# --- times


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["wide", "phone"])
def test_a_start_is_typed_on_the_clock_of_the_site(
    viewport: dict[str, int] | None, desk: Desk, at_work: Callable[..., Any]
) -> None:
    number, at = desk.opens("abel"), in_three_days(10)
    with at_work(number, viewport=viewport) as tab:
        panel = begin(tab, "Schedule")
        type_time(tab, panel, at)
        send(tab, panel, "Schedule")
        expect(drawer(tab)).to_contain_text("Started on time")
    seen = desk.sees("abel", number)
    assert (seen.ticket.status, seen.details["starts_at"]) == ("scheduled", at)


def test_a_time_that_has_passed_is_not_proposed_and_the_question_stays(desk: Desk, at_work: Callable[..., Any]) -> None:
    number, at = desk.opens("abel"), in_three_days(22)
    with at_work(number) as tab:
        panel = begin(tab, "Propose a time")
        type_time(tab, panel, at - timedelta(days=30))
        fill(tab, panel, "Your question to the customer", "In the evening?")
        panel.get_by_role("button", name="Propose a time").click()
        expect(panel.locator('[class*="st-key-form-problems"]')).to_contain_text("This time has passed.")
        assert desk.sees("abel", number).details["proposed_starts_at"] is None
        type_time(tab, panel, at)
        expect(panel.get_by_label("Your question to the customer")).to_have_value("In the evening?")
        send(tab, panel, "Propose a time")
        expect(drawer(tab)).to_contain_text("In the evening?")
    seen = desk.sees("abel", number)
    assert (seen.details["proposed_starts_at"], seen.waiting_for) == (at, "customer")
    assert number in desk.waiting_for("abel")


def test_half_a_time_stays_while_others_change_the_ticket(desk: Desk, at_work: Callable[..., Any]) -> None:
    number, at = desk.opens("abel"), in_three_days(10)
    with at_work(number) as tab:
        panel = begin(tab, "Schedule")
        panel.get_by_role("spinbutton", name="year").click()
        tab.page.keyboard.type(f"{at:%Y%m}", delay=20)
        desk.says("abel", number, "Is it soon?")
        for _again in range(2):  # the header knows of it, and asks until its reader has finished
            tab.page.wait_for_event("request", lambda asked: "/live?" in asked.url and "seen=" not in asked.url)
        tab.page.keyboard.type(f"{at:%d%H%M}", delay=20)
        panel.get_by_role("heading").click()
        tab.settle()
        send(tab, panel, "Schedule")
    assert desk.sees("abel", number).details["starts_at"] == at


# --- refusals and severities


@pytest.mark.parametrize(
    ("kind", "way", "deed", "then"),
    [
        ("remote_hands", (), "Reject", "rejected"),
        ("shipment", ("acknowledged", "expected"), "Refuse", "refused"),
        ("shipment", ("acknowledged", "expected", "received"), "Return to sender", "returned"),
    ],
)
def test_what_is_turned_away_says_why_and_the_customer_reads_it_at_once(
    kind: str, way: tuple[str, ...], deed: str, then: str, desk: Desk, at_work: Callable[..., Any]
) -> None:
    number = desk.opens("ana", kind, **({"direction": "inbound"} if kind == "shipment" else {}))
    for state in way:
        desk.moves("dee", number, state)
    with at_work(number) as tab, at_work(number, "ana") as customer:
        panel = begin(tab, deed)
        panel.get_by_role("button", name=deed).click()
        expect(panel.locator('[class*="st-key-form-problems"]')).to_contain_text("Please fill this in.")
        assert desk.sees("ana", number).ticket.status != then, "not without a reason"
        fill(tab, panel, "Reason", "The box is open")
        send(tab, panel, deed)
        expect(drawer(customer)).to_contain_text("The box is open")
        expect(drawer(customer).get_by_role("button", name="Cancel the request")).to_have_count(0)
    assert desk.sees("ana", number).ticket.status == then


def test_a_severity_is_changed_with_a_reason_and_the_clock_with_it(desk: Desk, at_work: Callable[..., Any]) -> None:
    number = desk.opens("ana", "fault", severity="P3")
    with at_work(number) as tab:
        panel = begin(tab, "Change severity")
        panel.get_by_role("combobox").or_(panel.get_by_role("radio", name="P1")).first.click()
        tab.settle()
        fill(tab, panel, "Reason", "Both feeds are down")
        send(tab, panel, "Change severity")
        expect(drawer(tab)).to_contain_text("P1")
        expect(drawer(tab)).not_to_contain_text("P3")
    assert desk.sees("ana", number).ticket.severity is Severity.P1


# --- two at once


def test_who_was_slower_reads_what_changed_keeps_what_was_typed_and_sends_it_again(
    desk: Desk, at_work: Callable[..., Any]
) -> None:
    number = desk.opens("ana", "fault", severity="P3")
    desk.moves("dee", number, "acknowledged")
    with at_work(number) as tab:
        panel = begin(tab, "Ask the customer")
        fill(tab, panel, "Your question to the customer", "Which feed?")
        desk.does("dee", MoveTicket(number, "in_progress"))
        panel.get_by_role("button", name="Ask the customer").click()
        expect(panel.get_by_test_id("stAlert")).to_contain_text("Dee Desk · Acknowledged → In progress")
        expect(panel.get_by_label("Your question to the customer")).to_have_value("Which feed?")
        assert desk.sees("ana", number).ticket.status == "in_progress", "nothing was sent over the other's change"
        send(tab, panel, "Ask the customer")
        expect(drawer(tab)).to_contain_text("Which feed?")
    assert desk.sees("ana", number).ticket.status == "waiting_customer"


def test_what_is_being_typed_stays_when_others_make_it_impossible(desk: Desk, at_work: Callable[..., Any]) -> None:
    """Nobody clicks: the drawer hears of it by itself, in the middle of a word."""
    number = desk.opens("ana", "fault", severity="P3")
    with at_work(number) as tab:
        panel = begin(tab, "Reject")
        panel.get_by_label("Reason").press_sequentially("Not our feed, and")
        desk.does("dee", MoveTicket(number, "acknowledged"))
        expect(panel.get_by_test_id("stAlert")).to_contain_text("“Reject” is not possible any more")
        expect(panel.get_by_test_id("stAlert")).to_contain_text("Dee Desk · Submitted → Acknowledged")
        expect(panel.get_by_label("Reason")).to_have_value("Not our feed, and")
        expect(panel.get_by_role("button", name="Reject")).to_have_count(0)
        panel.get_by_role("button", name="Discard").click()
        expect(panel).to_be_hidden()
        expect(drawer(tab).get_by_role("button", name="Start work")).to_be_visible()
    assert desk.sees("ana", number).ticket.status == "acknowledged"


# --- nobody came


def test_a_visit_to_which_nobody_came_leaves_the_door_by_itself(
    desk: Desk, at_work: Callable[..., Any], database: Database
) -> None:
    number = desk.opens("ana", "site_visit")
    desk.moves("dee", number, "approved")
    with at_work(number) as tab:
        expect(drawer(tab).get_by_role("button", name="Check in")).to_be_visible()
        with database.as_owner() as connection:
            ago = "update portal.site_visit set starts_at = now() - interval '3 h', ends_at = now() - interval '1 h'"
            which = " where ticket_id = (select id from portal.ticket where number = :number)"
            connection.execute(text(ago + which), {"number": number})
        with database.jobs.begin() as connection:
            connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
            mark_no_shows(connection)
        expect(drawer(tab).get_by_role("button", name="Check in")).to_have_count(0)
        expect(drawer(tab)).to_contain_text("No show")
    assert desk.sees("ana", number).ticket.status == "no_show"
