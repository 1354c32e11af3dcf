"""In a real browser: from an invitation to the first ticket, to a second account, and handing the account over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import PASSWORD, Door
from tests.invitation_scene import PASSWORD as HERS
from tests.mail_room import Worker
from tests.portal_server import PHONE, SECRET, Portal, Tab, open_tab
from tests.test_access_journeys import rights_of
from tests.test_settings_journeys import mailed
from ui.text import Reader, _, reading_as, term

SignIn = Callable[[str], Principal]


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    door = Door(database)
    yield door
    bea, vic = door.person("bea"), door.person("vic")
    door.owner("delete from portal.access_grant where person_id = :bea", bea=bea)
    elsewhere = (
        "(select id from portal.account where code = case when person_id = :bea then 'ACME-SEOUL' else 'BOLT' end)"
    )
    joined = "delete from portal.membership where person_id in (:bea, :vic) and account_id = "
    door.owner(joined + elsewhere, bea=bea, vic=vic)


@pytest.fixture
def post(database: Database, portal: Portal, tmp_path: Path) -> Iterator[Path]:
    """Where the worker leaves the mails; it shares the portal's secret and address."""
    worker = Worker(database, tmp_path, None, PORTAL_SECRET=SECRET, PORTAL_BASE_URL=portal.address)
    worker.start()
    yield tmp_path / "mail"
    worker.stop()


def link_in(mail: str) -> str:
    found = re.search(r"http://\S+(/invitation\?link=\S+)", mail)
    assert found
    return found[1]


def invites(tab: Tab, email: str, name: str, *, preset: str = "remote_hands_only") -> None:
    tab.go("/access?accounts=ACME-SEOUL")
    tab.page.get_by_role("button", name=_("Invite"), exact=True).click()
    form = tab.page.get_by_role("dialog")
    form.get_by_label(_("E-mail")).fill(email)
    form.get_by_label(_("Name"), exact=True).fill(name)
    form.get_by_label(_("Name"), exact=True).press("Tab")
    form.get_by_role("radio", name=term("preset", preset)).click()
    form.get_by_role("button", name=_("Send the invitation")).click()
    expect(form).to_be_hidden()
    waiting = tab.page.locator(".st-key-card-invitations")
    expect(waiting).to_contain_text(name)
    expect(waiting).to_contain_text(term("invitation.state", "invited"))


def signs_in(page: Page, email: str, password: str) -> None:
    page.get_by_label(_("E-mail")).fill(email)
    page.get_by_label(_("Password"), exact=True).fill(password)
    page.get_by_role("button", name=_("Sign in"), exact=True).click()


def fits(tab: Tab) -> bool:
    return bool(tab.page.evaluate("document.body.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize(
    ("language", "viewport"),
    [pytest.param("en", None, id="wide", marks=pytest.mark.slow), pytest.param("ko", PHONE, id="phone")],
)
def test_from_an_invitation_to_the_first_ticket_as_a_new_person(
    language: str,
    viewport: dict[str, int] | None,
    door: Door,
    portal: Portal,
    browser: Browser,
    sign_in: SignIn,
    post: Path,
) -> None:
    eve = f"eve-{language}@elsewhere.example"
    how = {"language": language, "viewport": viewport}
    with (
        reading_as(Reader(language, "Asia/Seoul")),
        open_tab(portal, browser, token=sign_in("ana").token, **how) as ana,
        open_tab(portal, browser, **how) as tab,
    ):
        invites(ana, eve, "Eve Elsewhere")
        assert fits(ana)
        link, page = link_in(mailed(post, "invitation")), tab.page
        tab.go(link)
        expect(page.get_by_text(re.compile("^Acme Seoul · "))).to_be_visible()
        assert fits(tab)
        page.get_by_label(_("New password"), exact=True).fill(HERS)
        page.get_by_label(_("New password again")).fill("something else")
        page.get_by_role("button", name=_("Accept the invitation")).click()
        expect(page.get_by_text(_("The two passwords are not the same."))).to_be_visible()
        page.get_by_label(_("New password again")).fill(HERS)
        page.get_by_role("button", name=_("Accept the invitation")).click()
        expect(page.get_by_text(_("Your new password is set. Sign in with it."))).to_be_visible()
        signs_in(page, eve, HERS)
        expect(page.get_by_role("heading", name=re.compile("Eve Elsewhere"), level=1)).to_be_visible()
        tab.go("/tickets?new=remote_hands")
        form = page.get_by_role("dialog")
        tab.choose(form.get_by_role("combobox", name=_("Site")).first, "Seoul 1")
        form.get_by_label(_("Subject"), exact=True).fill("Eve's first ticket")
        form.get_by_label(_("Description"), exact=True).fill("Please restart the switch")
        form.get_by_label(_("Description"), exact=True).press("Tab")
        form.get_by_role("button", name=_("Submit")).click()
        expect(form).to_be_hidden()
        expect(page.get_by_test_id("stDataFrame").first).to_contain_text("RH-")
        tab.go("/invoices")
        expect(
            page.get_by_text(_("This page is not available to you. Ask the administrator of your account."))
        ).to_be_visible()
        tab.go(link)
        over = _("This invitation has expired, was used or taken back already, or a later letter has another link.")
        expect(page.get_by_text(over)).to_be_visible()
        expect(page.get_by_label(_("New password"), exact=True)).to_be_hidden()
        ana.go("/access?accounts=ACME-SEOUL")
        expect(ana.page.get_by_role("heading", name=_("Access rights"), level=1)).to_be_visible()
        expect(ana.page.locator(".st-key-card-invitations")).to_be_hidden()
        assert tab.troubles + ana.troubles == []
    asked = "select count(*) from portal.ticket t join portal.person p on p.id = t.requested_by where p.email = :eve"
    assert door.owner(asked, eve=eve) == 1


def test_who_signs_in_already_joins_a_second_account_and_strangers_do_not(
    door: Door, portal: Portal, browser: Browser, sign_in: SignIn, post: Path
) -> None:
    door.give_password("bea")
    with (
        reading_as(Reader("en", "Asia/Seoul")),
        open_tab(portal, browser, token=sign_in("ana").token) as ana,
        open_tab(portal, browser) as tab,
    ):
        invites(ana, CAST["bea"], "Bea", preset="viewer")
        link, page = link_in(mailed(post, "invitation")), tab.page
        ana.go(link)
        expect(ana.page.get_by_text("and the invitation is for")).to_be_visible()
        expect(ana.page.get_by_role("button", name="Accept the invitation")).to_be_hidden()
        tab.go(link)
        expect(page.get_by_text("Sign in to accept.")).to_be_visible()
        expect(page.get_by_label("New password", exact=True)).to_be_hidden()
        signs_in(page, CAST["bea"], PASSWORD)
        expect(page.get_by_text(f"You are signed in as {CAST['bea']}.")).to_be_visible()
        before = cookie_of(tab)
        page.get_by_role("button", name="Accept the invitation").click()
        expect(page.locator("#portal-company")).to_be_visible()
        assert cookie_of(tab) != before, "who holds more from now on has another token"
        expect(page).not_to_have_url(re.compile("link="))
        assert tab.troubles == []


def cookie_of(tab: Tab) -> str:
    return next(cookie["value"] for cookie in tab.context.cookies() if cookie["name"] == "portal_session")


def test_what_was_typed_into_an_invitation_is_there_after_loading_anew(
    door: Door, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    with reading_as(Reader("en", "Asia/Seoul")), open_tab(portal, browser, token=sign_in("ana").token) as ana:
        ana.go("/access?accounts=ACME-SEOUL")
        ana.page.get_by_role("button", name="Invite", exact=True).click()
        form = ana.page.get_by_role("dialog")
        form.get_by_label("Name", exact=True).fill("Half A. Person")
        form.get_by_label("Name", exact=True).press("Tab")
        form.get_by_role("radio", name=term("preset", "remote_hands_only")).click()
        hands = form.get_by_role("checkbox", name=term("permission", "remote_hands.create"))
        expect(hands).to_be_checked()
        ana.settle()
        ana.page.reload()
        expect(form.get_by_label("Name", exact=True)).to_have_value("Half A. Person")
        expect(hands).to_be_checked()
        expect(form.get_by_role("checkbox", name=term("permission", "invoice.view"))).not_to_be_checked()
        form.get_by_role("button", name="Start over").click()
        expect(form.get_by_label("Name", exact=True)).to_have_value("")
        expect(hands).not_to_be_checked()
        form.get_by_role("button", name="Send the invitation").click()
        expect(form.get_by_text("3 things to correct")).to_be_visible()
        expect(form.get_by_label("E-mail")).to_be_focused()
        ana.page.keyboard.press("Escape")
        expect(form).to_be_hidden()
        expect(ana.page).not_to_have_url(re.compile("invite="))
        ana.page.get_by_role("button", name="Invite", exact=True).click()
        expect(form.get_by_label("E-mail")).to_be_visible()
        expect(form.get_by_text("things to correct")).to_be_hidden()
        assert ana.troubles == []
    assert door.owner("select count(*) from portal.invitation where name like 'Half%'") == 0
    assert door.owner("select count(*) from portal.draft where form = 'invite'") == 0


def test_an_invitation_is_sent_again_and_taken_back(
    door: Door, portal: Portal, browser: Browser, sign_in: SignIn, post: Path
) -> None:
    with reading_as(Reader("en", "Asia/Seoul")), open_tab(portal, browser, token=sign_in("ana").token) as ana:
        invites(ana, "bob@elsewhere.example", "Bob Elsewhere")
        first = link_in(mailed(post, "invitation"))
        waiting = ana.page.locator(".st-key-card-invitations")
        waiting.get_by_role("button", name="Resend").click()
        expect(waiting.get_by_text("The letter was sent a moment ago.")).to_be_visible()
        door.owner("update portal.invitation set sent_at = now() - interval '1 hour'")
        waiting.get_by_role("button", name="Resend").click()
        expect(waiting.get_by_text("Another letter is on its way to")).to_be_visible()
        ana.go(first)
        expect(ana.page.get_by_text("This invitation has expired")).to_be_visible()
        expect(ana.page.get_by_text("Trouble with the invitation?")).to_be_visible()
        expect(ana.page.get_by_text("Trouble signing in?")).to_be_hidden()
        ana.go("/access?accounts=ACME-SEOUL")
        waiting.get_by_role("button", name="Revoke").click()
        expect(waiting.get_by_text("is taken back")).to_be_visible()
        expect(waiting.get_by_text("Bob Elsewhere")).to_be_hidden()
        assert ana.troubles == []


def test_the_administration_is_handed_over_and_the_page_of_access_rights_is_gone(
    door: Door, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    door.owner("insert into portal.membership (account_id, person_id, role) select id, :vic, 'general' "
               "from portal.account where code = 'BOLT'", vic=door.person("vic"))  # fmt: skip
    with reading_as(Reader("en", "Asia/Seoul")), open_tab(portal, browser, token=sign_in("bea").token) as bea:
        account = bea.page.locator("#portal-account")
        drawer = rights_of(bea, "Vic Acme")
        before = cookie_of(bea)
        drawer.get_by_text("Hand over the administration").click()
        drawer.get_by_role("radio", name="Finance").last.click()
        held: list[tuple[Route, APIResponse]] = []
        bea.page.route("**/live/hand-over?**", lambda route: held.append((route, route.fetch(max_redirects=0))))
        with bea.page.expect_response(re.compile("/live[?]")):  # her tab hears of it before it has the answer
            drawer.get_by_role("button", name="Hand over now").click(no_wait_after=True)
        ((route, answer),) = held
        route.fulfill(response=answer)
        expect(bea.page.get_by_text("The administration is handed over.")).to_be_visible()
        assert cookie_of(bea) != before
        expect(bea.page.get_by_role("link", name="Invoices")).to_be_visible()
        expect(bea.page.get_by_role("link", name="Inventory")).to_be_hidden()
        account.click()
        expect(bea.page.get_by_role("menuitem", name="Settings")).to_be_visible()
        expect(bea.page.get_by_role("menuitem", name="Access rights")).to_be_hidden()
        assert bea.troubles == []
    assert door.owner("select role from portal.membership m join portal.account a on a.id = m.account_id "
                      "where code = 'BOLT' and person_id = :vic", vic=door.person("vic")) == "paa"  # fmt: skip
