"""Finding and not finding, in a real browser: a search, an address that leads nowhere, Streamlit's words in Korean."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import insert, text

from data.demo.cast import account_id
from data.models import Ticket
from rules.principal import Principal
from tests.cluster import Database
from tests.patience import PATIENCE
from tests.portal_server import Portal, open_tab

SignIn = Callable[[str], Principal]
#: A subject that Streamlit says as well: what somebody wrote stays as it was written.
SUBJECT = "Close"
#: As Streamlit draws an icon among words: in English, and only for those who hear the page.
PICTURE = '<span role="img" aria-label="web icon" translate="no">web</span>'


@pytest.fixture(scope="module", autouse=True)
def tickets(database: Database) -> None:
    with database.as_owner() as connection:
        for number, subject, code in (
            ("RH-2026-000123", SUBJECT, "ACME-SEOUL"),
            ("RH-2026-004567", "Power cycle", "ACME-SEOUL"),
            ("RH-2026-000124", "Power for Bolt", "BOLT"),
        ):
            values = {"kind": "remote_hands", "status": "submitted", "category": "open", "opened_at": datetime.now(UTC)}
            of = account_id(connection, code)
            connection.execute(insert(Ticket).values(account_id=of, number=number, subject=subject, **values))


@pytest.fixture
def vic(sign_in: SignIn) -> Principal:
    return sign_in("vic")


def _status(portal: Portal, path: str) -> int:
    with closing(http.client.HTTPConnection(urlsplit(portal.address).netloc, timeout=PATIENCE)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def test_a_part_of_a_number_finds_the_ticket_and_signs_alone_find_nothing(
    portal: Portal, browser: Browser, vic: Principal
) -> None:
    with open_tab(portal, browser, token=vic.token) as tab:
        tab.go("/tickets?q=000123")
        expect(tab.page.get_by_text("1–1 of 1")).to_be_visible()
        tab.go("/tickets?q=pow")
        expect(tab.page.get_by_text("1–1 of 1")).to_be_visible()
        for nothing in ("%25", "%27", "000124"):
            tab.go(f"/tickets?q={nothing}")
            expect(tab.page.get_by_text("Nothing matches this choice.")).to_be_visible()
            expect(tab.page.get_by_text("Search finds tickets by their number or a part of it")).to_be_visible()
            expect(tab.page.get_by_test_id("stDataFrame")).to_have_count(0)
        assert tab.troubles == []


def test_a_filter_is_kept_under_a_name_and_its_page_begins_with_it(
    portal: Portal, browser: Browser, vic: Principal, sign_in: SignIn, database: Database
) -> None:
    """Until it is left; who has the link of something else gets that; a colleague finds it among theirs."""
    with open_tab(portal, browser, token=vic.token) as tab:
        page = tab.page
        tab.go("/tickets?q=pow")
        page.get_by_role("button", name="Views").click()
        page.get_by_label("Keep what is chosen now as").fill("All *power*")
        page.get_by_text("Share with everybody of Acme Seoul").click()
        page.get_by_text("Begin with it when I open this page").click()
        page.get_by_role("button", name="Save view").click()
        expect(page.get_by_role("button", name="All *power*")).to_be_visible()
        tab.go("/tickets")
        expect(page.get_by_text("1–1 of 1")).to_be_visible()
        expect(page).to_have_url(re.compile("q=pow"))
        page.get_by_role("button", name="Leave this view").click()
        expect(page.get_by_text("1–2 of 2")).to_be_visible()
        expect(page).not_to_have_url(re.compile("q=pow"))
        tab.go("/tickets?q=000123")
        expect(page.get_by_label("Search", exact=True)).to_have_value("000123")
        assert tab.troubles == []
    with open_tab(portal, browser, token=sign_in("ana").token) as tab:
        tab.go("/tickets?accounts=ACME-SEOUL")
        expect(tab.page.get_by_text("1–2 of 2")).to_be_visible()
        tab.page.get_by_role("button", name="Views").click()
        tab.page.get_by_role("button", name="All *power*").click()
        expect(tab.page.get_by_text("1–1 of 1")).to_be_visible()
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.saved_view"))


def test_what_a_filter_hides_from_a_search_is_one_click_away(portal: Portal, browser: Browser, vic: Principal) -> None:
    with open_tab(portal, browser, token=vic.token) as tab:
        tab.go("/tickets?q=pow&kind=fault")
        tab.page.get_by_role("button", name="Search without filters").click()
        expect(tab.page.get_by_text("1–1 of 1")).to_be_visible()
        expect(tab.page.get_by_role("searchbox", name="Search")).to_have_value("pow")
        tab.go("/tickets?q=zebra&stage=any")
        expect(tab.page.get_by_role("button", name="Show everything")).to_be_visible()
        expect(tab.page.get_by_role("button", name="Search without filters")).to_have_count(0)
        assert tab.troubles == []


@pytest.mark.parametrize("path", ["/nothing", "/tickets/abc", "/index.html"])
def test_an_address_that_leads_nowhere_leads_home(path: str, portal: Portal, browser: Browser, vic: Principal) -> None:
    assert _status(portal, path) == http.client.NOT_FOUND
    with open_tab(portal, browser, token=vic.token, language="ko") as tab:
        tab.page.goto(f"{portal.address}{path}")
        expect(tab.page.get_by_role("heading", name="페이지를 찾을 수 없습니다")).to_be_visible()
        expect(tab.page.get_by_role("button", name="Vic Acme")).to_be_visible()  # the header stands there as well
        tab.page.get_by_role("link", name="시작 페이지로 이동").click()
        expect(tab.page.get_by_role("heading", name="대시보드")).to_be_visible()
        expect(tab.page.get_by_role("dialog")).to_have_count(0)
    with open_tab(portal, browser) as tab:
        tab.page.goto(f"{portal.address}{path}")
        expect(tab.page.get_by_role("heading", name="Page not found")).to_be_visible()
        tab.page.get_by_role("link", name="Go to the start page").click()
        expect(tab.page.get_by_label("Password", exact=True)).to_be_visible()


def test_every_page_of_the_map_is_still_answered(portal: Portal) -> None:
    for path in ("/", "/tickets", "/invoices", "/queue", "/password?link=x", "/tickets?ticket=RH-2026-000123"):
        assert _status(portal, path) == http.client.OK
    assert _status(portal, "/_stcore/health") == http.client.OK


def test_streamlits_words_are_in_the_readers_language_and_peoples_own_are_left_alone(
    portal: Portal, browser: Browser, vic: Principal
) -> None:
    with open_tab(portal, browser, language="ko") as tab:
        tab.go("/")
        expect(tab.page.locator("#portal-skip")).to_have_text("본문으로 건너뛰기")
        expect(tab.page.get_by_role("button", name="비밀번호 표시")).to_be_visible()
        assert tab.troubles == []
    with open_tab(portal, browser, token=vic.token, language="ko") as tab:
        tab.go("/tickets")
        tab.page.get_by_test_id("stMultiSelect").first.get_by_role("combobox").fill("zzz")
        expect(tab.page.get_by_text("검색 결과가 없습니다")).to_be_visible()
        expect(tab.page.get_by_text("No results")).to_have_count(0)
        tab.page.evaluate("(html) => document.getElementById('stMain').insertAdjacentHTML('beforeend', html)", PICTURE)
        expect(tab.page.locator('[aria-label="web icon"]')).to_have_attribute("aria-hidden", "true")
        tab.go("/tickets?ticket=RH-2026-000123")
        drawer = tab.page.get_by_role("dialog")
        expect(drawer.get_by_role("button", name="닫기", exact=True)).to_be_visible()
        expect(drawer.get_by_text(SUBJECT, exact=True).first).to_be_visible()
        assert tab.troubles == []


def test_an_english_reader_sees_streamlit_as_it_is(portal: Portal, browser: Browser) -> None:
    with open_tab(portal, browser) as tab:
        tab.go("/")
        expect(tab.page.locator("#portal-skip")).to_have_text("Skip to main content")
        assert "words.js" not in tab.page.content()
