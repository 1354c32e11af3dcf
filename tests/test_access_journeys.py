"""Access rights in a browser: one is taken away while its holder has the page open, and given back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import Connection, text

from data.access import ChangeAccess
from data.commands import execute
from data.models import Invoice
from rules.access import MemberRole
from rules.permissions import PRESETS
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.portal_server import PHONE, Portal, Tab, open_tab
from tests.standing import add
from ui.text import Reader, _, reading_as, term

SignIn = Callable[[str], Principal]


def rights_of(tab: Tab, name: str) -> Locator:
    """The drawer of somebody, found as people find them."""
    tab.go("/access?accounts=ACME-SEOUL")
    tab.page.get_by_role("searchbox", name=_("Search")).fill(name)
    tab.page.get_by_role("searchbox", name=_("Search")).press("Enter")
    expect(tab.page.get_by_text(_("{first}–{last} of {n}", first=1, last=1, n=1))).to_be_visible()
    tab.page.get_by_test_id("stDataFrame").click(position={"x": 60, "y": 54})
    drawer = tab.page.get_by_role("dialog")
    expect(drawer.get_by_role("heading", name=name)).to_be_visible()
    return drawer


def save(drawer: Locator) -> None:
    drawer.get_by_role("button", name=_("Save")).click()
    expect(drawer.get_by_text(_("Saved. It holds from now on, also where they have the portal open."))).to_be_visible()


@pytest.mark.parametrize(("viewport", "language"), [(None, "en"), (PHONE, "ko")], ids=["wide", "phone"])
def test_a_right_that_is_taken_away_is_gone_from_the_open_page(
    viewport: dict[str, int] | None, language: str, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    how = {"viewport": viewport, "language": language}
    with (
        open_tab(portal, browser, token=sign_in("ana").token, **how) as ana,
        open_tab(portal, browser, token=sign_in("vic").token) as vic,
        reading_as(Reader(language, "Asia/Seoul")),
    ):
        vic.go("/invoices")
        expect(vic.page.get_by_role("heading", name="Invoices")).to_be_visible()
        drawer = rights_of(ana, "Vic Acme")
        drawer.get_by_text(term("permission", "invoice.view"), exact=True).click()
        drawer.get_by_role("radio", name=term("membership.role", "general")).scroll_into_view_if_needed()
        expect(drawer.get_by_text(_("What changes"))).to_be_in_viewport()  # wherever the grid is scrolled to
        expect(drawer.get_by_role("button", name=_("Save"))).to_be_in_viewport()
        expect(drawer.get_by_role("button", name=_("End membership"))).not_to_be_in_viewport()
        save(drawer)
        vic.page.get_by_role("link", name="Inventory").click()
        expect(vic.page.get_by_role("heading", name="Inventory")).to_be_visible()
        expect(vic.page.get_by_role("link", name="Invoices")).to_be_hidden()
        vic.go("/invoices")
        expect(vic.page.get_by_text("not available to you")).to_be_visible()
        drawer.get_by_role("radio", name=term("preset", "viewer")).click()
        save(drawer)
        vic.go("/invoices")
        expect(vic.page.get_by_role("heading", name="Invoices")).to_be_visible()
        assert ana.fits()
        assert ana.troubles == []


def gives(database: Database, who: Principal, email: str, preset: str, *, without: str = "") -> None:
    """As the page of access rights does it."""
    with database.as_owner() as connection:
        asked = """select m.uuid, m.version from portal.membership m join portal.person p on p.id = m.person_id
            where p.email = :email and m.ended_at is null order by m.id limit 1"""
        member, version = connection.execute(text(asked), {"email": email}).one()
    rights = dict.fromkeys(function for function in PRESETS[preset] if function != without)
    execute(database.app, who, ChangeAccess(member, version, MemberRole.GENERAL, rights))


def test_an_open_page_shows_no_more_rows_by_itself_and_at_its_next_act(
    portal: Portal, browser: Browser, sign_in: SignIn, database: Database
) -> None:
    """Nobody touches the first tab; in the second, the same person goes on at once."""
    ana, vic = sign_in("ana"), sign_in("vic")
    with database.as_owner() as connection:
        invoice(connection)
    with (
        open_tab(portal, browser, token=vic.token) as tab,
        open_tab(portal, browser, token=vic.token) as busy,
    ):
        for each in (tab, busy):
            each.go("/invoices")
            expect(each.page.get_by_test_id("stDataFrame").first).to_contain_text("KR-77")
        gives(database, ana, CAST["vic"], "viewer", without="invoice.view")
        busy.page.get_by_role("searchbox", name="Search").fill("KR")
        busy.page.get_by_role("searchbox", name="Search").press("Enter")
        expect(busy.page.get_by_text("Nothing matches this choice.")).to_be_visible()
        busy.page.get_by_role("heading", name="Invoices").click()  # nobody's page changes while they type
        for each in (busy, tab):
            expect(each.page.get_by_text("not available to you")).to_be_visible()
            expect(each.page.get_by_role("link", name="Invoices")).to_be_hidden()
            assert "KR-77" not in each.page.content()
        assert tab.troubles + busy.troubles == []
    gives(database, ana, CAST["vic"], "viewer")


def test_a_form_that_was_open_when_the_right_went_files_nothing(
    portal: Portal, browser: Browser, sign_in: SignIn, database: Database
) -> None:
    ana, abel = sign_in("ana"), sign_in("abel")
    gives(database, ana, CAST["abel"], "remote_hands_only")
    with open_tab(portal, browser, token=abel.token) as tab:
        tab.go("/tickets?new=remote_hands")
        form = tab.page.get_by_role("dialog")
        tab.choose(form.get_by_role("combobox", name="Site").first, "Seoul 1")
        form.get_by_label("Subject", exact=True).fill("Too late")
        form.get_by_label("Description", exact=True).fill("The right is gone")
        gives(database, ana, CAST["abel"], "remote_hands_only", without="remote_hands.create")
        form.get_by_role("button", name="Submit").click()
        refused = tab.page.get_by_text(re.compile("do not have access|not available to you"))
        expect(refused.first).to_be_visible()
        tab.go("/tickets")
        expect(tab.page.get_by_role("heading", name="Tickets")).to_be_visible()
        expect(tab.page.get_by_role("button", name="Request remote hands")).to_be_hidden()
    with database.as_owner() as connection:
        assert connection.scalar(text("select count(*) from portal.ticket where subject = 'Too late'")) == 0


def invoice(connection: Connection) -> None:
    """One for Acme Seoul."""
    account = connection.scalar(text("select id from portal.account where code = 'ACME-SEOUL'"))
    issuer = connection.scalar(text("select id from portal.legal_entity where code = 'EX-KR'"))
    money = {"currency": "KRW", "subtotal": 1000, "tax": 0, "total": 1000}
    add(connection, Invoice, account_id=account, issuer_id=issuer, number="KR-77", type="invoice", state="issued",
        issue_date=date(2026, 1, 1), due_date=date(2026, 1, 31), **money)  # fmt: skip


def account_menu(tab: Tab, path: str) -> list[str]:
    tab.go(path)
    header = tab.page.locator("#portal-header")
    header.locator("#portal-account").click()
    expect(header.get_by_role("menuitem", name="Sign out", exact=True)).to_be_visible()
    return header.get_by_role("menuitem").all_inner_texts()


def test_access_rights_stand_in_the_menu_at_the_top_right_of_whoever_has_them(
    portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    with open_tab(portal, browser, token=sign_in("bea").token) as bea:
        assert account_menu(bea, "/tickets")[:3] == ["Settings", "Access rights", "Audit log"]
        bea.page.get_by_role("menuitem", name="Access rights").click()
        expect(bea.page.get_by_role("heading", name="Access rights")).to_be_visible()
        assert bea.troubles == []
    for who, path in (("vic", "/tickets"), ("ada", "/people")):
        with open_tab(portal, browser, token=sign_in(who).token) as other:
            offered = account_menu(other, path)
            assert offered[0] == "Settings" and "Sign out" in offered and "Access rights" not in offered


def test_nobody_is_offered_to_change_their_own_rights(
    portal: Portal, browser: Browser, sign_in: SignIn, database: Database
) -> None:
    with open_tab(portal, browser, token=sign_in("bea").token) as bea, reading_as(Reader("en", "Asia/Seoul")):
        drawer = rights_of(bea, "Bea Bolt")
        expect(drawer.get_by_text("Nobody changes their own rights.")).to_be_visible()
        for offered in ("Save", "End membership"):
            expect(drawer.get_by_role("button", name=offered)).to_be_hidden()
    with open_tab(portal, browser, token=sign_in("abel").token) as abel:
        abel.go("/access")
        expect(abel.page.get_by_text("not available to you")).to_be_visible()
