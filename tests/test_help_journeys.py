"""In a real browser: from a question mark to the guide, a policy from Home to its acceptance, and help at the door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, expect

from data.commands import execute
from data.documents import AddDocument, PublishDocument
from rules.documents import DocumentKind
from rules.files import Upload
from rules.principal import Principal
from tests.cluster import Database
from tests.portal_server import PHONE, Portal, open_tab

SignIn = Callable[[str], Principal]
POLICY = b"## Rules {#rules}\n\nBe kind.\n\n![seen](https://evil.example/pixel.png) <b onclick=alert(1)>bold</b>\n"


@pytest.fixture
def policy(database: Database, sign_in: SignIn) -> None:
    """Ada published one that must be accepted."""
    ada, file = sign_in("ada"), Upload("rules.md", POLICY)
    today = datetime.now(UTC).date()
    add = AddDocument(DocumentKind.POLICY, "House rules", "en", "1", file, effective_on=today, must_accept=True)
    uuid = UUID(execute(database.app, ada, add, key=uuid4())["uuid"])
    execute(database.app, ada, PublishDocument(uuid, 1))


@pytest.mark.usefixtures("policy")
def test_vic_finds_his_way_in_the_help_and_accepts_the_policy_once(
    portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    with open_tab(portal, browser, token=sign_in("vic").token, viewport=PHONE) as tab:
        page = tab.page
        tab.go("/invoices")
        page.get_by_role("link", name="Help with this page").click()
        expect(page.get_by_role("heading", name="Invoices", level=2)).to_be_in_viewport()
        expect(page).to_have_url(f"{portal.address}/help?section=invoices")
        page.evaluate("window.stays = true")
        page.get_by_role("link", name="Statement of account →").click()
        expect(page.get_by_role("heading", name="Statement of account", level=2)).to_be_visible()
        page.get_by_label("Search the help").fill("tracking number")
        page.get_by_label("Search the help").press("Enter")
        page.get_by_role("link", name="Unclaimed parcels").click()
        expect(page.get_by_role("heading", name="Unclaimed parcels", level=2)).to_be_visible()
        expect(page.get_by_label("Search the help")).to_have_value("")
        assert page.evaluate("window.stays"), "none of it loaded the page anew"

        tab.go("/")
        page.get_by_role("link", name="House rules").click()
        expect(page.get_by_text("Be kind.")).to_be_visible()
        assert page.locator(".help-article img, .help-article b").count() == 0
        page.get_by_role("button", name="I have read it and accept it").click()
        expect(page.get_by_text("Thank you. It is noted")).to_be_visible()
        tab.go("/")
        expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
        expect(page.get_by_text("House rules")).to_have_count(0)
        assert tab.troubles == []


def test_who_cannot_sign_in_is_led_to_answers_and_to_the_service_desk(
    portal: Portal, browser: Browser, database: Database
) -> None:
    with open_tab(portal, browser, language="ko", viewport=PHONE, dark=True) as tab:
        page = tab.page
        tab.go("/tickets")
        page.get_by_text("로그인에 문제가 있습니까?").click()
        page.get_by_role("link", name="로그인에 관해 자주 묻는 질문").click()
        expect(page.get_by_role("heading", name="로그인 도움말", level=1)).to_be_visible()
        expect(page.get_by_role("link", name="+82 2 555 0100")).to_have_attribute("href", "tel:+8225550100")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], "nothing is wider than the phone"
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", name="Help with signing in", level=1)).to_be_visible()
        assert "Acme" not in page.content()
        page.get_by_role("link", name="To the sign-in page").click()
        expect(page.get_by_label("Password", exact=True)).to_be_visible()
        assert tab.troubles == []
