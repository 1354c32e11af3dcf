"""In a real browser: a second factor is set up, asked for, replaced by paper, required, and proved again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from auth.sessions import hashed
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import PASSWORD, Door, code_of
from tests.portal_server import PHONE, Portal, Tab, open_tab
from ui.text import Reader, _, reading_as, term

SignIn = Callable[[str], Principal]
Viewport = dict[str, int] | None
pytestmark = pytest.mark.usefixtures("configured")  # the portal's secret, to seal with as it does
LONG_AGO = "update auth.session set proved_at = now() - interval '11 minutes'"


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    door = Door(database)
    for name in ("ana", "vic"):
        door.give_password(name)
    door.owner("update auth.credential set changed_at = now() - interval '1 day'")
    yield door
    door.owner("delete from auth.second_factor")
    door.owner("delete from auth.half_sign_in")
    door.owner("update portal.account set second_factor_for_paa = false")
    door.owner("update portal.person set language = null")


def give_password(page: Page, name: str) -> None:
    page.get_by_label(_("E-mail")).fill(CAST[name])
    page.get_by_label(_("Password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=_("Sign in"), exact=True).click()


def give_code(page: Page, code: str, button: str) -> None:
    page.get_by_label(_("Code"), exact=True).fill(code)
    page.get_by_role("button", name=button, exact=True).click()


def secret_shown(page: Page) -> str:
    """What somebody types who cannot scan the picture."""
    picture = page.get_by_role("img", name=_("QR code for your authenticator app"))
    expect(picture).to_be_visible()
    page.wait_for_function("picture => picture.naturalWidth > 100", arg=picture.element_handle())
    shown = page.get_by_test_id("stCode").inner_text()
    return re.sub(r"[^A-Z2-7]", "", shown)


def sign_out(tab: Tab) -> None:
    tab.page.locator("#portal-account").click()
    tab.page.get_by_role("menuitem", name=_("Sign out"), exact=True).click()
    expect(tab.page.get_by_label(_("Password"), exact=True)).to_be_visible()


def has_kept_them(page: Page) -> None:
    """They stay signed in, under another token."""
    before = token_in(page)
    page.get_by_role("button", name=_("I have kept them")).click()
    expect(page.get_by_text(_("Your second factor and your recovery codes are ready."))).to_be_visible()
    assert token_in(page) != before


def token_in(page: Page) -> str:
    (token,) = (cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "portal_session")
    return token


@pytest.mark.parametrize(("language", "viewport"), [("en", None), ("ko", PHONE)], ids=["wide", "phone"])
def test_a_second_factor_is_set_up_and_then_asked_for(
    door: Door, portal: Portal, browser: Browser, sign_in: SignIn, language: str, viewport: Viewport
) -> None:
    door.owner("update portal.person set language = :language where email = :vic", language=language, vic=CAST["vic"])
    how = {"language": language, "viewport": viewport}
    with (
        reading_as(Reader(language, "Asia/Seoul")),
        open_tab(portal, browser, token=sign_in("vic").token, **how) as tab,
    ):
        page = tab.page
        tab.go("/settings")
        page.get_by_role("button", name=_("Set up a second factor")).click()
        secret = secret_shown(page)
        assert tab.fits()
        give_code(page, "000000", _("Finish"))
        wrong = _("The code is not correct, or it was used already. Wait until your app shows a new one.")
        expect(page.get_by_text(wrong)).to_be_visible()
        used = code_of(secret, 1)  # good for a minute at least, however slowly it is typed
        give_code(page, used, _("Finish"))
        expect(page.get_by_text(_("Your recovery codes"), exact=True)).to_be_visible()
        tab.settle()  # the secret stood there before
        paper = page.get_by_test_id("stCode").inner_text().split()
        assert len(paper) == 10
        with page.expect_download() as kept:
            page.get_by_role("button", name=_("Download"), exact=True).click()
        assert kept.value.path().read_text().split() == paper
        has_kept_them(page)
        expect(page.get_by_role("button", name=_("Move to another phone"))).to_be_visible()
        assert paper[0] not in page.content()
        assert tab.fits()
        sign_out(tab)

        tab.go("/tickets?q=RH")
        give_password(page, "vic")
        expect(page.get_by_label(_("Code"), exact=True)).to_be_visible()
        assert tab.fits()
        tab.go("/settings")  # nothing is open yet, under any address
        expect(page.get_by_label(_("Code"), exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name=_("Settings"), level=1)).to_be_hidden()
        tab.go("/tickets?q=RH")
        give_code(page, used, _("Sign in"))
        expect(page.get_by_text(wrong)).to_be_visible()
        door.owner("update auth.second_factor set last_step = 0")  # nobody waits for the next one
        give_code(page, code_of(secret, 1), _("Sign in"))
        expect(page.get_by_role("heading", name=_("Tickets"), level=1)).to_be_visible()
        expect(page).to_have_url(re.compile("/tickets[?]q=RH$"))
        sign_out(tab)

        give_password(page, "vic")
        give_code(page, paper[3], _("Sign in"))
        expect(page.locator("#portal-account")).to_be_visible()
        sign_out(tab)
        give_password(page, "vic")
        give_code(page, paper[3], _("Sign in"))
        expect(page.get_by_text(wrong)).to_be_visible()
        page.get_by_role("button", name=_("Sign in as somebody else")).click()
        expect(page.get_by_label(_("Password"), exact=True)).to_be_visible()
        assert tab.troubles == []


def test_whoever_must_have_one_sets_it_up_before_anything_else(door: Door, portal: Portal, browser: Browser) -> None:
    door.owner("update portal.account set second_factor_for_paa = true where code = 'ACME'")
    with reading_as(Reader("en", "Asia/Seoul")), open_tab(portal, browser) as tab:
        page = tab.page
        tab.go("/invoices")
        give_password(page, "ana")
        secret = secret_shown(page)
        tab.go("/access?accounts=ACME-SEOUL")
        assert secret_shown(page) == secret, "loading the page again shows the same"
        assert tab.context.request.get(f"{portal.address}/reports/tickets.xlsx", max_redirects=0).status == 303
        give_code(page, code_of(secret, 1), "Go on")
        expect(page.get_by_text("Your recovery codes", exact=True)).to_be_visible()
        page.get_by_role("button", name="I have kept them: sign in").click()
        expect(page.get_by_role("heading", name="Access rights", level=1)).to_be_visible()
        tab.go("/settings")
        expect(page.get_by_text("You need a second factor here, so it cannot be switched off.")).to_be_visible()
        expect(page.get_by_role("button", name="Switch off")).to_be_hidden()
        assert tab.troubles == []


def rights_of_vic(tab: Tab) -> Locator:
    tab.go("/access?accounts=ACME-SEOUL")
    tab.page.get_by_role("searchbox", name=_("Search")).fill("Vic Acme")
    tab.page.get_by_role("searchbox", name=_("Search")).press("Enter")
    expect(tab.page.get_by_text(_("{first}–{last} of {n}", first=1, last=1, n=1))).to_be_visible()
    tab.page.get_by_test_id("stDataFrame").click(position={"x": 60, "y": 54})
    drawer = tab.page.get_by_role("dialog")
    expect(drawer.get_by_role("heading", name="Vic Acme")).to_be_visible()
    return drawer


@pytest.mark.parametrize(("language", "viewport"), [("en", None), ("ko", PHONE)], ids=["wide", "phone"])
def test_before_rights_are_changed_the_browser_asks_again_and_loses_nothing(
    door: Door, portal: Portal, browser: Browser, sign_in: SignIn, language: str, viewport: Viewport
) -> None:
    token = sign_in("ana").token
    door.owner(f"{LONG_AGO} where token_hash = :token", token=hashed(token))
    with (
        reading_as(Reader(language, "Asia/Seoul")),
        open_tab(portal, browser, token=token, language=language, viewport=viewport) as tab,
    ):
        drawer = rights_of_vic(tab)
        drawer.get_by_text(term("permission", "order.view"), exact=True).click()
        drawer.get_by_role("button", name=_("Save")).click()
        expect(drawer.get_by_text(_("Confirm that it is you"))).to_be_visible()
        drawer.get_by_label(_("Password"), exact=True).fill("not my password")
        drawer.get_by_role("button", name=_("Confirm"), exact=True).click()
        expect(drawer.get_by_text(_("What changes"))).to_be_visible()
        wrong = _("This is not your current password, or there were too many tries. Wait a little.")
        expect(drawer.get_by_text(wrong)).to_be_visible()
        held = "select count(*) from portal.access_grant where function = 'order.view' and person_id = :vic"
        before = door.owner(held, vic=door.person("vic"))
        drawer.get_by_label(_("Password"), exact=True).fill(PASSWORD)
        drawer.get_by_role("button", name=_("Confirm"), exact=True).click()
        saved = _("Saved. It holds from now on, also where they have the portal open.")
        expect(drawer.get_by_text(saved)).to_be_visible()
        assert door.owner(held, vic=door.person("vic")) != before
        drawer.get_by_text(term("permission", "order.view"), exact=True).click()
        drawer.get_by_role("button", name=_("Save")).click()
        expect(drawer.get_by_text(_("What changes"))).to_be_hidden()
        expect(drawer.get_by_text(saved)).to_be_visible()
        assert door.owner(held, vic=door.person("vic")) == before
        assert tab.troubles == []


def test_a_report_of_people_comes_after_it_was_proved(
    door: Door, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    token = sign_in("ana").token
    secret = door.give_factor("ana")
    door.owner(f"{LONG_AGO}, proved_by = 'code' where token_hash = :token", token=hashed(token))
    with reading_as(Reader("en", "Asia/Seoul")), open_tab(portal, browser, token=token) as tab:
        tab.go("/access?accounts=ACME-SEOUL&rights=viewer")
        report = tab.page.get_by_role("link", name="Generate report")
        tab.go(str(report.get_attribute("href")))
        asking = tab.page.get_by_role("dialog")
        expect(asking.get_by_text("Confirm that it is you")).to_be_visible()
        asking.get_by_label("Code from your authenticator app").fill(code_of(secret, 1))
        with tab.page.expect_download() as came:
            asking.get_by_role("button", name="Confirm", exact=True).click()
        assert "rights=viewer" in came.value.url
        assert came.value.path().read_bytes().startswith(b"PK")
        expect(asking.get_by_text("Thank you. The report is on its way.")).to_be_visible()
        tab.page.keyboard.press("Escape")
        expect(tab.page.get_by_role("heading", name="Access rights", level=1)).to_be_visible()
        with tab.page.expect_download():
            report.click()
        assert tab.troubles == []
