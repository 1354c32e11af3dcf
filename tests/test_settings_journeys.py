"""In a real browser: a forgotten password from the sign-in page to the mail and back, and the settings on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from auth.sessions import hashed, new_token
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import PASSWORD, Door
from tests.mail_room import Worker, until
from tests.portal_server import PHONE, SECRET, Portal, Tab, open_tab
from ui.text import Reader, _, reading_as

SignIn = Callable[[str], Principal]
Viewport = dict[str, int] | None
NEW, ANOTHER = "seven herons over the river", "a boat that nobody rows home"


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    door = Door(database)
    for name in ("ana", "vic"):
        door.give_password(name)
    yield door
    door.owner("update portal.person set language = null")


@pytest.fixture
def post(database: Database, portal: Portal, tmp_path: Path) -> Iterator[Path]:
    """Where the worker leaves the mails; it shares the portal's secret and address."""
    ours = {"PORTAL_SECRET": SECRET, "PORTAL_BASE_URL": portal.address}
    worker = Worker(database, tmp_path, None, **ours)
    worker.start()
    yield tmp_path / "mail"
    worker.stop()


def mailed(post: Path, kind: str) -> str:
    """The words of the last mail of this kind, once it is there."""
    until(lambda: list(post.glob(f"*-{kind}.eml")))
    last = max(post.glob(f"*-{kind}.eml"))
    body = message_from_bytes(last.read_bytes(), policy=policy.default).get_body(("plain",))
    assert body is not None
    return body.get_content()


def link_in(mail: str) -> str:
    found = re.search(r"http://\S+(/password\?link=\S+)", mail)
    assert found
    return found[1]


def way_in(page: Page) -> None:
    expect(page.get_by_label(_("Password"), exact=True)).to_be_visible()


@pytest.mark.parametrize(("language", "viewport"), [("en", None), ("ko", PHONE)])
def test_a_forgotten_password_is_set_anew_by_mail_and_other_tabs_are_signed_out(
    door: Door, portal: Portal, browser: Browser, sign_in: SignIn, post: Path, language: str, viewport: Viewport
) -> None:
    door.owner("update portal.person set language = :language where email = :ana", language=language, ana=CAST["ana"])
    reading = reading_as(Reader(language, "Asia/Seoul"))
    elsewhere = open_tab(portal, browser, token=sign_in("ana").token, language=language)
    with reading, elsewhere as other, open_tab(portal, browser, language=language, viewport=viewport) as tab:
        other.go("/orders")
        expect(other.page.get_by_role("heading", name=_("Orders"), level=1)).to_be_visible()
        page = tab.page
        tab.go("/")
        page.get_by_role("link", name=_("Forgot your password?")).click()
        page.get_by_label(_("E-mail")).fill(CAST["ana"])
        page.get_by_role("button", name=_("Send the link")).click()
        said = _("If somebody signs in here with this address, a mail with a link is on its way to it.")
        expect(page.get_by_text(said)).to_be_visible()
        assert tab.fits()
        link = link_in(mailed(post, "password_link"))
        tab.go(link)
        expect(other.page.get_by_role("heading", name=_("Orders"), level=1)).to_be_visible()  # looking changes nothing
        _set(page, "short")
        expect(page.get_by_text(_("The password is too short: use at least 12 characters."))).to_be_visible()
        assert tab.fits()
        _set(page, NEW)
        expect(page.get_by_text(_("Your new password is set. Sign in with it."))).to_be_visible()
        way_in(other.page)
        page.get_by_label(_("E-mail")).fill(CAST["ana"])
        page.get_by_label(_("Password"), exact=True).fill(NEW)
        page.get_by_role("button", name=_("Sign in"), exact=True).click()
        expect(page.get_by_role("button", name="Ana Acme")).to_be_visible()
        tab.go(link)  # a second time
        over = _("This link has expired or was used already, or another one was asked for after it.")
        expect(page.get_by_text(over)).to_be_visible()
        expect(page.get_by_label(_("New password"), exact=True)).to_be_hidden()
        assert _("Your password was changed") in mailed(post, "password_changed")
        assert tab.troubles + other.troubles == []


def _set(page: Page, password: str) -> None:
    page.get_by_label(_("New password"), exact=True).fill(password)
    page.get_by_label(_("New password again")).fill(password)
    page.get_by_role("button", name=_("Set password")).click()


@pytest.mark.parametrize(("language", "viewport"), [("en", None), ("ko", PHONE)])
def test_from_the_account_menu_another_browser_is_signed_out_and_the_password_changed(
    door: Door, portal: Portal, browser: Browser, language: str, viewport: Viewport
) -> None:
    door.owner("update portal.person set language = :language where email = :vic", language=language, vic=CAST["vic"])
    door.owner("delete from auth.session")
    here, there, third = (_signed_in(door, portal, browser, language, viewport) for _each in range(3))
    with reading_as(Reader(language, "Asia/Seoul")), here as tab, there as other, third as late:
        for one in (tab, other, late):
            one.go("/tickets")
            expect(one.page.get_by_role("heading", name=_("Tickets"), level=1)).to_be_visible()
        page = tab.page
        page.locator("#portal-account").click()
        page.get_by_role("menuitem", name=_("Settings")).click()
        expect(page.get_by_role("heading", name=_("Settings"), level=1)).to_be_visible()
        expect(page.get_by_text(_("This one"), exact=True)).to_have_count(1)
        ends = page.locator('[class*="st-key-end-"]').get_by_role("button", name=_("Sign out"), exact=True)
        expect(ends).to_have_count(2)
        assert tab.fits()
        ends.first.click()
        expect(page.get_by_text(_("That browser is signed out."))).to_be_visible()
        expect(ends).to_have_count(1)
        page.get_by_label(_("Current password")).fill(PASSWORD)
        page.get_by_label(_("New password"), exact=True).fill(ANOTHER)
        page.get_by_label(_("New password again")).fill(ANOTHER)
        page.get_by_role("button", name=_("Change password"), exact=True).click()
        done = _("Your password is changed, and all your other browsers are signed out.")
        expect(page.get_by_text(done)).to_be_visible()
        for one in (other, late):
            way_in(one.page)
        expect(page.get_by_role("heading", name=_("Settings"), level=1)).to_be_visible()
        assert ANOTHER not in page.content()
        assert tab.troubles + other.troubles + late.troubles == []


def _signed_in(
    door: Door, portal: Portal, browser: Browser, language: str, viewport: Viewport
) -> AbstractContextManager[Tab]:
    token = new_token()
    begun = (
        "insert into auth.session (token_hash, person_id, expires_at, device, address) values "
        "(:token, :person, now() + interval '12 hours', 'Mozilla/5.0 (Windows NT 10.0) Firefox/140', '192.0.2.1')"
    )
    door.owner(begun, token=hashed(token), person=door.person("vic"))
    return open_tab(portal, browser, token=token, language=language, viewport=viewport)


def test_the_dark_is_worn_from_the_first_moment_of_every_page_until_it_is_put_off(
    door: Door, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    with open_tab(portal, browser, token=sign_in("vic").token) as tab:
        page = tab.page
        wearing = "window.worn = document.documentElement.style.colorScheme"
        page.add_init_script(f"addEventListener('DOMContentLoaded', () => {wearing})")
        tab.go("/settings")
        for choice, worn, scheme in (("Dark", "dark", "dark"), ("Same as the browser", "", "light")):
            tab.choose(page.get_by_role("combobox", name="Light or dark"), choice, exact=True)
            page.get_by_role("button", name="Save", exact=True).click()
            expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
            tab.go("/tickets")
            expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
            assert page.evaluate("window.worn") == worn
            tab.go("/settings")
            with open_tab(portal, browser, token=sign_in("vic").token) as other:  # another browser of his
                other.go("/")
                expect(other.page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
                for address in ("/help/sign-in", "/unsubscribe?t=unknown", "/no-such-page"):
                    other.page.goto(f"{portal.address}{address}")
                    expect(other.page.locator("html")).to_have_css("color-scheme", worn or "light dark")
        assert tab.troubles == []
    door.owner("update portal.person set theme = null")
