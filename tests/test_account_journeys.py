"""In a real browser: an administrator makes a customer with a part and says who looks after it, who then sees it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import select

from data.accounts import CreateAccount, MoveAccount
from data.commands import execute
from data.models import Account
from data.people import Role, add_person
from rules.principal import Principal
from tests.cluster import Database
from tests.portal_server import PHONE, Portal, Tab, open_tab
from ui.text import Reader, _, reading_as

SignIn = Callable[[str], Principal]


def made(tab: Tab, name: str, code: str, *, part_of: str | None = None) -> Locator:
    """The drawer of the new account, which opens by itself."""
    tab.go("/accounts")
    tab.page.get_by_role("button", name=_("New account")).click()
    form = tab.page.get_by_role("dialog")
    form.get_by_label(_("Name"), exact=True).fill(name)
    form.get_by_label(_("Code"), exact=True).fill(code)
    if part_of is not None:
        tab.choose(form.get_by_role("combobox", name=_("Part of")), part_of)
    form.get_by_role("button", name=_("Create")).click()
    drawer = tab.page.get_by_role("dialog")
    expect(drawer.get_by_role("heading", name=name)).to_be_visible()
    expect(drawer.get_by_text(code, exact=True)).to_be_visible()
    return drawer


def assign(tab: Tab, drawer: Locator, name: str) -> None:
    chosen = drawer.get_by_role("combobox", name=_("Assign an account manager"))
    chosen.fill(name)
    expect(tab.page.get_by_role("option", name=name).first).to_be_visible()
    chosen.press("Enter")
    drawer.get_by_role("button", name=_("Assign")).click()
    expect(drawer.get_by_text(_("{name} looks after it from now on.", name=name))).to_be_visible()


@pytest.mark.parametrize(
    ("viewport", "language", "name"), [(None, "en", "Nova"), (PHONE, "ko", "Stella")], ids=["wide", "phone"]
)
def test_a_new_customer_with_a_part_is_seen_by_whoever_looks_after_it(
    viewport: dict[str, int] | None, language: str, name: str, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    how = {"viewport": viewport, "language": language}
    with (
        open_tab(portal, browser, token=sign_in("ada").token, **how) as ada,
        open_tab(portal, browser, token=sign_in("mia").token) as mia,
        reading_as(Reader(language, "Asia/Seoul")),
    ):
        mia.go("/customers")
        expect(mia.page.get_by_role("heading", name="Customers", exact=True)).to_be_visible()
        made(ada, f"{name} Group", name.upper())
        drawer = made(ada, f"{name} Seoul", f"{name.upper()}-SEOUL", part_of=f"{name} Group")
        expect(drawer.get_by_text(_("Nobody looks after it yet."))).to_be_visible()
        assert ada.fits()
        assign(ada, drawer, "Mia Manager")
        assert ada.troubles == []
        mia.go(f"/customers?customer={name.upper()}-SEOUL")
        expect(mia.page.get_by_role("heading", name=f"{name} Seoul")).to_be_visible()
        mia.go(f"/customers?customer={name.upper()}")
        expect(mia.page.get_by_text("not available to you")).to_be_visible()
        expect(mia.page.get_by_role("heading", name=f"{name} Group")).to_be_hidden()
        assert mia.troubles == []


def test_what_attaching_means_is_said_before_it_is_done(portal: Portal, browser: Browser, sign_in: SignIn) -> None:
    with open_tab(portal, browser, token=sign_in("ada").token) as ada:
        drawer = made(ada, "Loner", "LONER")
        drawer.get_by_role("button", name="Attach to an account").click()
        ada.choose(drawer.get_by_role("combobox", name="Part of"), "Bolt")
        expect(drawer.get_by_text("administrator of Bolt, becomes administrator of Loner")).to_be_visible()
        expect(drawer.get_by_role("link", name="Bolt · BOLT")).to_be_hidden()
        drawer.get_by_role("button", name="Attach", exact=True).click()
        expect(drawer.get_by_text("Attached. It holds from now on.")).to_be_visible()
        expect(drawer.get_by_role("link", name="Bolt · BOLT")).to_be_visible()
        assert ada.troubles == []
    with open_tab(portal, browser, token=sign_in("bea").token) as bea:
        bea.go("/access")
        expect(bea.page.get_by_role("heading", name="Access rights")).to_be_visible()
        bea.go("/accounts")
        expect(bea.page.get_by_role("heading", name="Page not found")).to_be_visible()


def test_a_move_reaches_the_open_tabs_of_whoever_runs_the_account(
    portal: Portal, browser: Browser, sign_in: SignIn, database: Database
) -> None:
    """Nobody touches these tabs: in Bea's another switch comes and goes, in Ana's of another company nothing does."""
    ada = sign_in("ada")

    def makes(name: str, above: UUID | None) -> UUID:
        done = execute(database.app, ada, CreateAccount(name.upper(), name, above), key=uuid4())
        return UUID(done["uuid"])

    bolt = account(database, "BOLT")
    makes("Shore", bolt)
    tide = makes("Tide", None)
    with database.as_owner() as connection:  # who stays with it when it leaves
        add_person(connection, "tea@tide.example", Role.PAA, account_code="TIDE", name="Tea Tide")
    with (
        open_tab(portal, browser, token=sign_in("bea").token) as bea,
        open_tab(portal, browser, token=sign_in("bea").token) as other,
        open_tab(portal, browser, token=sign_in("ana").token) as ana,
    ):
        other.go("/orders")
        other.page.locator("#portal-account").click()
        other.page.evaluate("window.before = document.getElementById('portal-account')")
        for tab, theirs in ((bea, "Shore"), (ana, "Acme Seoul")):
            tab.go("/orders")
            tab.page.locator("#portal-company").click()
            expect(tab.page.get_by_role("switch", name=theirs)).to_be_visible()
            expect(tab.page.get_by_role("switch", name="Tide")).to_be_hidden()
        execute(database.app, ada, MoveAccount(tide, 1, bolt))
        expect(bea.page.get_by_role("switch", name="Tide")).to_be_visible()
        assert other.comes_true("!window.before.isConnected"), "its header is drawn anew, and the menu still open"
        expect(other.page.get_by_role("menuitem", name="Sign out", exact=True)).to_be_visible()
        execute(database.app, ada, MoveAccount(tide, 2, None))
        expect(bea.page.get_by_role("switch", name="Tide")).to_be_hidden()
        expect(bea.page.get_by_role("switch", name="Shore")).to_be_visible()
        expect(ana.page.get_by_role("switch", name="Tide")).to_be_hidden()
        assert bea.troubles + other.troubles + ana.troubles == []


def account(database: Database, code: str) -> UUID:
    with database.as_owner() as connection:
        return connection.execute(select(Account.uuid).where(Account.code == code)).scalar_one()
