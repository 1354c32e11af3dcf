"""A customer's day in a real browser, in English and in Korean: what waits for them, every form, and the ways back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import text

from data.drafts import discard, keep
from data.ticketing import ProposeStart
from rules.principal import Principal
from rules.request_types import REQUEST_TYPES, TicketKind
from tests.cluster import Database
from tests.portal_server import PHONE, Portal, Tab, open_tab
from tests.ticket_scene import Desk, desk_in, later
from ui.drafts import _encoded as encoded
from ui.text import Reader, _, reading_as, term, translated

KIM = Reader("ko", "Asia/Seoul")
SOON = (datetime.now(UTC) + timedelta(days=2)).replace(tzinfo=None, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    return desk_in(database, sign_in)


@pytest.fixture
def tab_of(portal: Portal, browser: Browser, desk: Desk) -> Callable[..., Any]:
    """`with tab_of("ana") as tab:` → a tab in which Ana is signed in; what went wrong in it fails the test."""

    @contextmanager
    def opened(who: str, **how: Any) -> Iterator[Tab]:
        with open_tab(portal, browser, token=desk.person(who).token, **how) as tab:
            yield tab
            assert tab.troubles == []

    return opened


def drawer(tab: Tab) -> Locator:
    return tab.page.get_by_role("dialog")


def asked(desk: Desk, who: str = "abel") -> str:
    number = desk.opens(who)
    desk.moves("dee", number, "acknowledged")
    desk.moves("dee", number, "waiting_customer", message="Which port?")
    return number


# --- what waits


def test_a_question_comes_into_an_open_list_and_goes_with_its_answer(desk: Desk, tab_of: Callable[..., Any]) -> None:
    with tab_of("abel") as tab, tab_of("bea") as stranger:
        for each in (tab, stranger):
            each.go("/waiting")
            expect(each.page.get_by_text("Nothing waits for you.")).to_be_visible()
        number = asked(desk)
        rows = tab.page.get_by_test_id("stDataFrame")
        expect(rows).to_contain_text(number)
        expect(rows).to_contain_text("Answer our question")
        tab.go(f"/waiting?ticket={number}")
        expect(drawer(tab)).to_contain_text("Which port?")
        drawer(tab).get_by_role("textbox", name=re.compile("Your reply")).fill("Port 7")
        drawer(tab).get_by_role("button", name="Send reply").click()
        expect(drawer(tab)).to_contain_text("In progress")
        tab.page.go_back()
        tab.go("/waiting")
        expect(tab.page.get_by_text("Nothing waits for you.")).to_be_visible()
        expect(stranger.page.get_by_text("Nothing waits for you.")).to_be_visible()


def test_home_leads_to_what_waits(desk: Desk, tab_of: Callable[..., Any]) -> None:
    number = asked(desk)
    with tab_of("abel", viewport=PHONE, language="ko") as tab, reading_as(KIM):
        tab.go("/")
        tab.page.get_by_test_id("stMain").get_by_role("link", name=re.compile(_("Action required"))).click()
        expect(tab.page.get_by_role("heading", name=_("Action required"))).to_be_visible()
        expect(tab.page.get_by_test_id("stDataFrame")).to_contain_text(number)
        assert tab.fits()
    desk.says("abel", number, "Port 7")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_proposed_time_is_accepted_or_another_is_proposed(
    language: str, desk: Desk, tab_of: Callable[..., Any]
) -> None:
    accepted, declined, other = (desk.opens("abel") for _each in range(3))
    for number in (accepted, declined, other):
        desk.does("dee", ProposeStart(number, later(30), "Tomorrow?"))
    with tab_of("abel", language=language) as tab, reading_as(Reader(language, "Asia/Seoul")):
        tab.go(f"/waiting?ticket={accepted}")
        drawer(tab).get_by_role("button", name=_("Accept this time")).dblclick()
        expect(drawer(tab).get_by_role("button", name=_("Accept this time"))).to_be_hidden()
        tab.go(f"/waiting?ticket={declined}")
        another = drawer(tab).get_by_role("button", name=_("Propose another"))
        another.click()
        another.last.click()
        expect(drawer(tab).locator('[class*="st-key-form-problems"]')).to_be_visible()
        drawer(tab).get_by_label(_("When would suit you")).fill("Not before Friday")
        another.last.click()
        expect(another).to_be_hidden()
        expect(drawer(tab).get_by_text("Not before Friday").first).to_be_visible()
    answers = {number: desk.sees("abel", number).details["proposal_answer"] for number in (accepted, declined, other)}
    assert answers == {accepted: "accepted", declined: "declined", other: None}
    waiting = set(desk.waiting_for("abel"))
    assert other in waiting
    assert not {accepted, declined} & waiting


# --- forms

#: What is typed by hand, by the name of its field; moments and days were typed before and are kept.
TYPED: dict[TicketKind, dict[str, str]] = {
    TicketKind.REMOTE_HANDS: {},
    TicketKind.FAULT: {},
    TicketKind.SHIPMENT: {"tracking_numbers": "1Z 999 AA1"},
    TicketKind.SITE_VISIT: {"purpose": "점검"},
}
KEPT: dict[TicketKind, dict[str, Any]] = {
    TicketKind.REMOTE_HANDS: {},
    TicketKind.FAULT: {"occurred_at": SOON - timedelta(days=5)},
    TicketKind.SHIPMENT: {"expected_on": SOON.date()},
    TicketKind.SITE_VISIT: {
        "starts_at": SOON, "ends_at": SOON + timedelta(hours=2), "visitors.0.name": "김민수",
        "visitors.0.company": "Acme", "visitors.0.mobile": "010-0000-0000",
    },
}  # fmt: skip


def label(kind: TicketKind, name: str) -> str:
    return translated(next(field.label for field in REQUEST_TYPES[kind].all_fields() if field.name == name))


@pytest.mark.parametrize("kind", TicketKind)
def test_every_form_is_sent_once_in_korean(
    kind: TicketKind, desk: Desk, database: Database, tab_of: Callable[..., Any]
) -> None:
    """Sent with nothing in it, corrected, sent by a double click; then it is the first row."""
    subject = f"{kind} 요청"
    bea = desk.person("bea")
    kept = {"site_id": desk.sites["BIN1"], **KEPT[kind]}
    keep(database.app, bea, f"request.{kind}.{desk.accounts['bolt']}", {name: encoded(at) for name, at in kept.items()})
    with tab_of("bea", language="ko") as tab, reading_as(KIM):
        tab.go(f"/tickets?new={kind}")
        form = drawer(tab)
        form.get_by_role("button", name=_("Submit")).click()
        box = form.locator('[class*="st-key-form-problems"]')
        expect(box).to_contain_text(_("Please fill this in."))
        first = form.locator("input:focus, textarea:focus")
        expect(first).to_be_in_viewport()
        expect(first).to_have_value("")
        for name, value in {"subject": subject, "description": "4열 세 번째 캐비닛", **TYPED[kind]}.items():
            form.get_by_label(label(kind, name), exact=True).first.fill(value)
            form.get_by_label(label(kind, name), exact=True).first.press("Tab")
        expect(box).to_be_hidden()
        form.get_by_role("button", name=_("Submit")).dblclick()
        expect(form).to_be_hidden()
        expect(tab.page.get_by_test_id("stDataFrame").first).to_contain_text(subject)
    found = "select count(*) from portal.ticket where subject = :subject and kind = :kind"
    assert desk.rows(found, subject=subject, kind=str(kind)) == [(1,)]


def test_of_a_moment_that_is_missing_its_year_is_where_the_keyboard_goes_on(
    desk: Desk, database: Database, tab_of: Callable[..., Any]
) -> None:
    """Not an input that nobody sees: a moment is made of parts."""
    bea, form_of_bolt = desk.person("bea"), f"request.site_visit.{desk.accounts['bolt']}"
    keep(database.app, bea, form_of_bolt, {"site_id": desk.sites["BIN1"]})
    with tab_of("bea", viewport=PHONE) as tab:
        tab.go("/tickets?new=site_visit")
        drawer(tab).get_by_role("button", name="Submit").click()
        year = drawer(tab).get_by_role("spinbutton", name=re.compile("^year, Start"))
        expect(year).to_be_focused()
        expect(year).to_be_in_viewport()
    discard(database.app, bea, form_of_bolt)


def test_a_press_that_takes_its_time_sends_what_was_corrected_last(desk: Desk, tab_of: Callable[..., Any]) -> None:
    """Leaving a field takes away what was wrong with it, and with that the button moves: not from under the finger."""
    with tab_of("abel") as tab:
        tab.go("/tickets?new=remote_hands")
        form = drawer(tab)
        form.get_by_role("button", name="Submit").click()
        box = form.locator('[class*="st-key-form-problems"]')
        expect(box).to_be_visible()
        form.get_by_role("textbox", name="Subject").fill("A slow finger")
        form.get_by_role("textbox", name="Description").fill("The last word")
        form.get_by_role("button", name="Submit").click(delay=900)
        expect(form).to_be_hidden()
    assert desk.rows("select description from portal.ticket where subject = 'A slow finger'") == [("The last word",)]


def test_switching_the_account_shows_its_own_draft(desk: Desk, tab_of: Callable[..., Any]) -> None:
    def choose(tab: Tab, name: str, option: str) -> None:
        tab.choose(drawer(tab).get_by_role("combobox", name=name).first, option)
        tab.settle()

    with tab_of("ana") as tab:
        tab.go("/tickets?new=remote_hands")
        subject = drawer(tab).get_by_role("textbox", name="Subject")  # not what is hidden while a form changes
        choose(tab, "Account", "Acme Seoul")
        choose(tab, "Site", "Seoul 1")
        subject.fill("For Seoul")
        subject.press("Tab")
        tab.settle()
        choose(tab, "Account", "Acme Osaka")
        expect(subject).to_be_hidden()  # no site yet: the one of Seoul is none of Osaka's
        choose(tab, "Site", "Osaka 1")
        expect(subject).to_have_value("")
        choose(tab, "Account", "Acme Seoul")
        expect(subject).to_have_value("For Seoul")
        expect(drawer(tab)).to_contain_text("filled in again")
        tab.page.keyboard.press("Escape")  # still in the list of accounts: it closes the form and takes nothing back
        expect(drawer(tab)).to_be_hidden()
        tab.page.get_by_role("button", name="Request remote hands").click()
        expect(subject).to_have_value("For Seoul")
        drawer(tab).get_by_role("button", name="Start over").click()
        expect(subject).to_be_hidden()


def test_back_closes_a_form_and_a_drawer(desk: Desk, tab_of: Callable[..., Any]) -> None:
    number = desk.opens("abel")
    with tab_of("abel") as tab:
        tab.go("/tickets")
        tab.page.get_by_role("button", name="Request remote hands").click()
        expect(drawer(tab)).to_be_visible()
        tab.settle()
        tab.page.go_back()
        expect(drawer(tab)).to_be_hidden()
        expect(tab.page.get_by_role("heading", name="Tickets")).to_be_visible()
        tab.go(f"/tickets?ticket={number}")
        expect(drawer(tab).get_by_role("heading", name=number)).to_be_visible()
        tab.page.go_back()
        expect(drawer(tab)).to_be_hidden()


# --- afterwards


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_is_done_is_opened_again_within_seven_days_only(
    language: str, desk: Desk, tab_of: Callable[..., Any]
) -> None:
    lately, long_ago = desk.opens("abel"), desk.opens("abel")
    for number in (lately, long_ago):
        desk.moves("dee", number, "resolved", message="Done")
    desk.some_time_ago(long_ago, timedelta(days=8))
    with tab_of("abel", language=language) as tab, reading_as(Reader(language, "Asia/Seoul")):
        again = drawer(tab).get_by_role("button", name=_("Open it again"))
        tab.go(f"/tickets?ticket={long_ago}")
        expect(drawer(tab).get_by_role("button", name=_("Confirm that it is done"))).to_be_visible()
        expect(again).to_be_hidden()
        tab.go(f"/waiting?show=confirm&ticket={lately}")
        again.click()
        expect(drawer(tab).get_by_label(_("What is still wrong"))).to_be_visible()
        tab.settle()
        drawer(tab).get_by_label(_("What is still wrong")).fill("여전히 소리가 납니다")
        again.last.click()
        expect(drawer(tab)).to_contain_text(term("ticket.status", "reopened"))
        expect(drawer(tab).get_by_text("여전히 소리가 납니다").first).to_be_visible()
    assert desk.sees("abel", lately).ticket.status == "reopened"
    assert desk.sees("abel", long_ago).ticket.status == "resolved"


def test_a_watcher_comes_and_leaves(desk: Desk, tab_of: Callable[..., Any]) -> None:
    number = desk.opens("abel")
    with tab_of("abel") as tab:
        tab.go(f"/tickets?ticket={number}")
        drawer(tab).get_by_role("tab", name="Watchers").click()
        expect(drawer(tab)).to_contain_text("Nobody watches this ticket yet.")
        colleagues = drawer(tab).get_by_role("combobox", name="Add a colleague")
        tab.opens(colleagues, "Abel Acme")
        expect(tab.page.get_by_role("option", name="Bea Bolt")).to_be_hidden()
        tab.choose(colleagues, "Abel Acme")
        tab.settle()
        drawer(tab).get_by_role("button", name="Add", exact=True).click()
        leave = drawer(tab).get_by_role("button", name="Leave")
        expect(leave).to_be_visible()
        leave.click()
        expect(drawer(tab)).to_contain_text("Nobody watches this ticket yet.")
    assert desk.sees("abel", number).watchers == ()


def test_the_words_of_an_outbound_shipment(desk: Desk, database: Database, tab_of: Callable[..., Any]) -> None:
    number = desk.opens(
        "bea", "shipment", account="bolt", site="BIN1", direction="outbound", ship_to="1 Main Street", subject="Disks"
    )
    with database.as_owner() as connection:
        assert connection.scalar(text("select direction from portal.ticket where number = :n"), {"n": number})
    with tab_of("bea") as tab:
        tab.go(f"/tickets?q={number}&ticket={number}")
        drawer(tab).get_by_role("tab", name="Details").click()
        facts = drawer(tab).get_by_test_id("stTable")
        for words in ("Outbound", "Pickup on", "Ship to"):
            expect(facts).to_contain_text(words)
        expect(facts).not_to_contain_text("Expected on")
        tab.page.keyboard.press("Escape")
        expect(tab.page.get_by_test_id("stDataFrame").first).to_contain_text("Outbound shipment")
