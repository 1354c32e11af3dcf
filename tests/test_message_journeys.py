"""In a real browser: a customer writes about an invoice, their manager's open page says so, the answer comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.message_scene import Post, post_in
from tests.portal_server import PHONE, Portal, open_tab
from tests.scene import set_the_scene
from ui.text import Reader, _, n_, reading_as


@pytest.fixture(scope="module")
def post(database: Database, sign_in: Callable[[str], Principal]) -> Post:
    with database.as_owner() as connection:
        set_the_scene(connection)
        connection.exec_driver_sql("update portal.thread_member set read_until = now()")
    post = post_in(database, sign_in)
    post.may("abel", "seoul", Permission.MESSAGE_USE, Permission.INVOICE_VIEW)
    return post


def test_a_customer_writes_about_an_invoice_and_reads_the_answer(portal: Portal, browser: Browser, post: Post) -> None:
    ((invoice,),) = post.rows("select uuid from portal.invoice where number = 'KR-SEOUL'")
    with (
        reading_as(Reader("ko", "Asia/Seoul")),
        open_tab(portal, browser, token=post.again("abel").token, viewport=PHONE, language="ko") as abel,
        open_tab(portal, browser, token=post.again("mia").token, language="ko") as mia,
    ):
        mia.go("/notices")
        before = post.unread("mia")
        abel.go(f"/messages?write=invoice.{invoice}")
        form = abel.page.get_by_role("dialog")
        expect(form.get_by_text("KR-SEOUL")).to_be_visible()
        form.get_by_label(_("Subject")).fill("Line 2")
        form.get_by_label(_("Message"), exact=True).fill("What is **this**?")
        form.get_by_role("button", name=_("Send message")).click()
        drawer = abel.page.get_by_role("dialog")
        expect(drawer.get_by_role("heading", name="Line 2")).to_be_visible()
        expect(drawer.get_by_text("What is **this**?")).to_be_visible()

        words = n_("{name}, {n} unread", "{name}, {n} unread", before + 1, name=_("Messages"))
        expect(mia.page.get_by_role("link", name=words)).to_be_visible()  # without a click of hers
        ((thread,),) = post.rows("select uuid from portal.thread where subject = 'Line 2'")
        mia.go(f"/messages?thread={thread}")
        theirs = mia.page.get_by_role("dialog")
        expect(theirs.get_by_role("link", name="KR-SEOUL")).to_be_visible()
        theirs.get_by_label(_("Your answer")).fill("A cabinet")
        theirs.get_by_role("button", name=_("Send answer")).click()
        expect(theirs.get_by_text("A cabinet")).to_be_visible()

        expect(drawer.get_by_text("A cabinet")).to_be_visible()  # without a click of Abel's
        assert post.unread("mia") == before
        assert abel.fits()
        assert abel.troubles == mia.troubles == []
    assert post.unread("abel") == 0


def test_what_somebody_thinks_is_about_the_page_they_come_from(portal: Portal, browser: Browser, post: Post) -> None:
    with open_tab(portal, browser, token=post.again("vic").token) as vic:
        vic.go("/notices")
        vic.page.get_by_role("button", name="Vic Acme").click()
        vic.page.get_by_role("menuitem", name="Feedback").click()
        expect(vic.page.get_by_text("About the page Notices")).to_be_visible()
        vic.page.get_by_role("button", name="Send feedback").click()
        expect(vic.page.get_by_text("Please choose a number of stars.")).to_be_visible()
        vic.page.get_by_test_id("stFeedbackButton").nth(3).click()
        vic.page.get_by_role("button", name="Send feedback").click()
        expect(vic.page.get_by_text("Thank you. Your account manager")).to_be_visible()
        expect(vic.page.get_by_role("paragraph").filter(has_text="Notices").filter(has_text="4 stars")).to_be_visible()
        assert vic.troubles == []
    assert post.rows("select rating, page from portal.feedback where body = ''") == [(4, "/notices")]
