"""The header in a real browser: badges without a click, one account at a time, menus by keyboard, and staying."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import delete, insert

from data.models import AccountChoice, Notice
from rules.principal import Principal
from tests.cluster import Database
from tests.door import Door
from tests.portal_server import PHONE, Portal, Tab, open_tab
from tests.ticket_scene import desk_in

#: Streamlit says on its page when it runs.
COUNT_RUNS = """() => {
  window.runs = 0;
  const app = document.querySelector("[data-testid=stApp]");
  const seen = () => app.dataset.testScriptState === "running" && window.runs++;
  new MutationObserver(seen).observe(app, { attributeFilter: ["data-test-script-state"] });
}"""

TEN_FRAMES = """() => new Promise((done) => {
  const next = (left) => (left ? requestAnimationFrame(() => next(left - 1)) : done());
  next(10);
})"""
#: Every page that is drawn in the menu ends within it.
WHOLE = """(() => {
  const menu = document.querySelector("[data-testid=stTopNav]");
  const drawn = [...menu.querySelectorAll("a")].filter((page) => page.checkVisibility({ checkOpacity: true }));
  return drawn.length > 1 && drawn.every((page) =>
    page.getBoundingClientRect().right <= menu.getBoundingClientRect().right);
})()"""

SignIn = Callable[[str], Principal]
OpenTab = Callable[..., Tab]


@pytest.fixture
def tab_of(portal: Portal, browser: Browser, sign_in: SignIn) -> Iterator[OpenTab]:
    """`tab_of("ana")`; nothing may go wrong in any of them."""
    with ExitStack() as opened:
        tabs: list[Tab] = []

        def tab(name: str | None, **how: object) -> Tab:
            token = sign_in(name).token if name else None
            tabs.append(opened.enter_context(open_tab(portal, browser, token=token, **how)))
            return tabs[-1]

        yield tab
        assert [trouble for tab in tabs for trouble in tab.troubles] == []


def test_a_badge_comes_without_a_click_and_leads_to_the_list(database: Database, tab_of: OpenTab) -> None:
    tab = tab_of("ana")
    tab.go("/orders")
    expect(tab.page.get_by_role("link", name="Notices", exact=True)).to_be_visible()
    with database.as_owner() as connection:
        connection.execute(
            insert(Notice).values(category="advisory", title="Hello", everyone=True, published_at=datetime.now(UTC))
        )
    bell = tab.page.get_by_role("link", name="Notices, 1 unread")
    expect(bell).to_be_visible()
    expect(tab.page.get_by_role("link", name="Messages", exact=True)).to_be_visible()
    tab.page.evaluate("window.isStillHere = true")
    bell.click()
    expect(tab.page.get_by_role("heading", name="Notices", level=1)).to_be_visible()
    assert tab.page.evaluate("window.isStillHere"), "inside the portal nothing is loaded anew"
    expect(bell).to_have_attribute("aria-current", "page")


def test_an_open_list_follows_what_others_do(database: Database, sign_in: SignIn, tab_of: OpenTab) -> None:
    """Abel asks for hands in Seoul: Ana's list counts it without a click, Bea's page does not even run again."""
    ana, bea = tab_of("ana"), tab_of("bea")
    for tab in (ana, bea):
        tab.go("/tickets")
        expect(tab.page.locator("#portal-account")).to_be_visible()  # it has been told for the first time
        tab.settle()
        tab.page.evaluate(COUNT_RUNS)
        expect(tab.page.get_by_text("Nothing matches this choice.")).to_be_visible()
    desk_in(database, sign_in).opens("abel", "remote_hands")
    expect(ana.page.get_by_text("1–1 of 1")).to_be_visible()
    assert bea.page.evaluate("window.runs") == 0


#: The header lets Streamlit run the page as if its reader had gone back.
COUNT_FOLLOWED = "window.followed = 0; addEventListener('popstate', () => window.followed++)"
WAITS = re.compile(r"/live[?].*seen=")  # a question that knows all there is to know


def test_what_was_drawn_since_is_not_drawn_again(
    database: Database, sign_in: SignIn, portal: Portal, tab_of: OpenTab
) -> None:
    """A run shuts what its reader opened since. Ana sees by a run of her own what the header hears a moment later."""
    ana, held = tab_of("ana"), []
    ana.page.route(WAITS, lambda question: held.append(question))  # noqa: PLW0108 - playwright takes no builtin
    with ana.page.expect_request(WAITS):
        ana.go("/tickets?stage=any")

    def version() -> int:
        asked = ana.context.request.get(f"{portal.address}/live", params={"page": "tickets", "accounts": "all"})
        return asked.json()["lists"]["tickets"]

    before, desk = version(), desk_in(database, sign_in)
    desk.opens("abel", "remote_hands")
    ana.page.evaluate(COUNT_FOLLOWED)
    while not before < version() == version():  # all of it is heard
        ana.page.wait_for_timeout(50)
    ana.page.keyboard.press("r")  # all of the page runs, as after what is done in a drawer
    count = len(desk.rows("select from portal.ticket"))
    expect(ana.page.get_by_text(f"1–{count} of {count}")).to_be_visible()
    with ana.page.expect_request(WAITS):
        held.pop().continue_()
    assert ana.page.evaluate("window.followed") == 0
    ana.page.unroute(WAITS)  # and what it held goes on
    desk.opens("abel", "remote_hands")
    expect(ana.page.get_by_text(f"1–{count + 1} of {count + 1}")).to_be_visible()


def test_a_tab_does_not_go_on_showing_whoever_was_here_before(sign_in: SignIn, portal: Portal, tab_of: OpenTab) -> None:
    """Bea signs in in Ana's browser while a tab of Ana's is open: the tab begins anew, as Bea's."""
    tab = tab_of("ana")
    tab.go("/tickets")
    expect(tab.page.get_by_role("button", name="Ana Acme")).to_be_visible()
    tab.page.evaluate("window.isAnas = true")
    bea = {"name": "portal_session", "value": sign_in("bea").token, "url": portal.address}
    tab.page.context.add_cookies([bea])
    expect(tab.page.get_by_role("button", name="Bea Bolt")).to_be_visible()
    assert tab.page.evaluate("window.isAnas") is None


def test_accounts_are_switched_on_and_stay_in_the_address(database: Database, tab_of: OpenTab) -> None:
    """Ana leaves Seoul alone, adds Osaka: the address says it, on every page, after F5, and where she begins next."""
    tab = tab_of("ana")
    tab.go("/tickets?kind=fault")
    tab.page.get_by_role("button", name="Accounts: All accounts").click()
    seoul, osaka = (tab.page.get_by_role("switch", name=f"Acme {city}") for city in ("Seoul", "Osaka"))
    expect(osaka).to_be_checked()
    seoul.hover()
    tab.page.get_by_role("button", name="Only this: Acme Seoul").click()
    expect(osaka).not_to_be_checked()
    seoul.focus()
    tab.page.keyboard.press("Space")
    expect(seoul).to_be_checked()
    expect(seoul).to_be_disabled()  # one at least stays on
    osaka.click()
    chosen = tab.page.get_by_role("button", name="Accounts: 2 of 3 accounts")
    expect(chosen).to_be_visible()
    both = re.compile(r"accounts=ACME-OSAKA,ACME-SEOUL")
    expect(tab.page).to_have_url(both)
    expect(tab.page.locator("html")).to_have_css("--portal-view", "")  # the address says it
    tab.page.keyboard.press("Escape")
    expect(seoul).to_be_hidden()
    tab.page.get_by_role("link", name="Orders").first.click()
    expect(tab.page.get_by_role("heading", name="Orders", level=1)).to_be_visible()
    expect(tab.page).to_have_url(re.compile(r"/orders\?accounts=ACME-OSAKA,ACME-SEOUL$"))
    tab.page.reload()
    expect(chosen).to_be_visible()
    expect(tab.page).to_have_url(both)
    other = tab.context.new_page()
    other.goto(f"{tab.portal.address}/tickets?accounts=ACME-SEOUL,BOLT")
    expect(other.get_by_role("button", name="Accounts: Acme Seoul")).to_be_visible()
    other.goto(f"{tab.portal.address}/tickets?accounts=BOLT")  # nothing of theirs: as if nothing were said
    expect(other.get_by_role("button", name="Accounts: 2 of 3 accounts")).to_be_visible()
    expect(other.get_by_role("button", name="0 of 3")).to_have_count(0)
    other.goto(f"{tab.portal.address}/tickets")
    expect(other.get_by_role("button", name="Accounts: 2 of 3 accounts")).to_be_visible()
    with database.as_owner() as connection:
        connection.execute(delete(AccountChoice))


def test_the_accounts_are_switched_by_keyboard_on_a_phone(database: Database, tab_of: OpenTab) -> None:
    tab = tab_of("ana", viewport=PHONE)
    tab.go("/orders")
    button = tab.page.get_by_role("button", name="Accounts: All accounts")
    button.focus()
    for key in ("Enter", "ArrowDown", "Space"):
        tab.page.keyboard.press(key)
    group = tab.page.get_by_role("switch", name="Acme Group")
    expect(group).to_be_focused()
    expect(group).not_to_be_checked()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        tab.page.keyboard.press(key)
    expect(tab.page).to_have_url(re.compile(r"accounts=ACME-OSAKA$"))
    assert tab.fits()
    tab.page.keyboard.press("Escape")
    expect(group).to_be_hidden()
    expect(tab.page.get_by_role("button", name="Accounts: Acme Osaka")).to_be_focused()
    with database.as_owner() as connection:
        connection.execute(delete(AccountChoice))


def test_menus_open_move_and_close_by_keyboard(tab_of: OpenTab) -> None:
    tab = tab_of("vic", viewport=PHONE)
    tab.go("/orders")
    button = tab.page.get_by_role("button", name="Language: English")
    button.focus()
    tab.page.keyboard.press("Enter")
    english, indonesian, korean = (
        tab.page.get_by_role("menuitemradio", name=name) for name in ("English", "Bahasa Indonesia", "한국어")
    )
    expect(english).to_be_focused()
    expect(english).to_have_attribute("aria-checked", "true")
    tab.page.keyboard.press("ArrowDown")
    expect(indonesian).to_be_focused()
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("ArrowDown")
    expect(korean).to_be_focused()
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("ArrowDown")
    expect(english).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(english).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    assert tab.fits()


def test_the_first_key_leads_past_the_header(tab_of: OpenTab) -> None:
    tab = tab_of("bea")
    tab.go("/orders")
    skip = tab.page.get_by_role("link", name="Skip to main content")
    expect(skip).to_have_count(1)  # Streamlit has one of its own, behind our header
    expect(skip).not_to_be_in_viewport()
    tab.page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#stMain")).to_be_focused()
    assert tab.page.url.endswith("/orders")
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.closest('#stMain') !== null")


def test_nobody_has_a_header_before_signing_in(tab_of: OpenTab) -> None:
    tab = tab_of(None)
    tab.go("/tickets")
    expect(tab.page.get_by_label("Password", exact=True)).to_be_visible()
    expect(tab.page.locator("#portal-header > *")).to_have_count(0)


def test_who_was_away_is_asked_and_stays(database: Database, tab_of: OpenTab, sign_in: SignIn) -> None:
    tab = tab_of("bea")
    tab.go("/orders")
    token = next(cookie["value"] for cookie in tab.context.cookies() if cookie["name"] == "portal_session")
    Door(database).move(token, last_seen="now() - interval '27 minutes'")
    reminder = tab.page.get_by_role("alert").filter(has_text="you will be signed out in")
    expect(reminder).to_be_visible()  # the tab asks the database every half minute
    reminder.get_by_role("button", name="Stay signed in").click()
    expect(reminder).to_be_hidden()
    expect(tab.page.get_by_role("heading", name="Orders", level=1)).to_be_visible()


def test_no_page_of_the_menu_is_cut_off_at_any_width(tab_of: OpenTab) -> None:
    """Those that have no room stand behind "more"; Ana's menu is long, and so are Indonesian words."""
    tab = tab_of("ana", language="id")
    tab.go("/contact?accounts=all")
    for width in range(1300, 1500, 20):
        tab.page.set_viewport_size({"width": width, "height": 800})
        tab.page.evaluate(TEN_FRAMES)  # until then it stands as it did
        assert tab.comes_true(WHOLE), f"cut off at {width}"
