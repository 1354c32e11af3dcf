"""What interrupts people, in a browser: a session that ends, a server that dies, a slip of the hand, a long count."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import text

from auth.sessions import end
from data.people import Role, add_role
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import PASSWORD, Door, settings_for
from tests.patience import PATIENCE
from tests.portal_server import Portal, Tab, open_tab, running_portal
from tests.scene import set_the_scene

SignIn = Callable[[str], Principal]
Start = Callable[[], AbstractContextManager[Portal]]
#: More rows than the strained portal counts at once, by a filter that no tally answers.
COUNTED = "/tickets?stage=any&opened_from=2020-01-01"


@pytest.fixture(scope="module")
def slowly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """While it exists, counting takes a minute."""
    return tmp_path_factory.mktemp("strain") / "slowly"


@pytest.fixture(scope="module")
def start(database: Database, slowly: Path, tmp_path_factory: pytest.TempPathFactory) -> Start:
    with database.as_owner() as connection:
        set_the_scene(connection)
        add_role(connection, CAST["dee"], Role.FINANCE)

    def started() -> AbstractContextManager[Portal]:
        more = {"PORTAL_TEST_SLOWLY": str(slowly)}
        home = tmp_path_factory.mktemp("portal")
        return running_portal(database, home, app="tests.strained_portal:app", more=more)

    return started


@pytest.fixture(scope="module")
def portal(start: Start) -> Iterator[Portal]:
    with start() as running:
        yield running


@pytest.fixture
def tab_of(portal: Portal, browser: Browser, sign_in: SignIn) -> Iterator[Callable[..., Tab]]:
    """`tab_of("ana")` → a tab in which Ana is signed in."""
    with ExitStack() as opened:
        yield lambda name: opened.enter_context(open_tab(portal, browser, token=sign_in(name).token if name else None))


@pytest.fixture(autouse=True)
def _nothing_typed(database: Database, slowly: Path) -> Iterator[None]:
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.draft"))
    yield
    slowly.unlink(missing_ok=True)


def form_of(tab: Tab) -> Locator:
    tab.page.get_by_role("button", name="Open the form").click()
    dialog = tab.page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox", name="Subject")).to_be_visible()
    return dialog


def typed(dialog: Locator, subject: str, description: str = "") -> None:
    if description:
        dialog.get_by_label("Description").fill(description)
    dialog.get_by_role("textbox", name="Subject").fill(subject)


def kept(database: Database, words: str) -> None:
    """Until the draft says so."""
    statement = text("select count(*) from portal.draft where fields::text like :words")
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with database.as_owner() as connection:
            if connection.scalar(statement, {"words": f"%{words}%"}):
                return
        time.sleep(0.1)
    raise AssertionError(f"not kept: {words}")


# --- what was typed


def test_what_was_typed_is_there_after_signing_in_again(
    database: Database, tab_of: Callable[..., Tab], tmp_path: Path
) -> None:
    with settings_for(database, tmp_path):
        Door(database).give_password("vic")
    tab = tab_of("vic")
    tab.go("/form")
    typed(form_of(tab), "Restart two servers", "The one at the top, then the one below.")
    kept(database, "Restart two servers")
    token = next(c["value"] for c in tab.context.cookies() if c["name"] == "portal_session")
    end(database.auth, token)  # as another tab does that signs out
    expect(tab.page.get_by_label("Password", exact=True)).to_be_visible()
    assert "Restart two servers" not in tab.page.content()

    tab.page.get_by_label("E-mail").fill(CAST["vic"])
    tab.page.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.page.get_by_role("button", name="Sign in").click()
    expect(tab.page.get_by_role("button", name="Open the form")).to_be_visible()
    dialog = form_of(tab)
    expect(dialog.get_by_role("textbox", name="Subject")).to_have_value("Restart two servers")
    expect(dialog.get_by_label("Description")).to_have_value("The one at the top, then the one below.")
    expect(dialog).to_contain_text("filled in again")

    somebody_else = tab_of("ana")
    somebody_else.go("/form")
    expect(form_of(somebody_else).get_by_role("textbox", name="Subject")).to_have_value("")


def test_a_long_text_is_kept_while_its_field_is_never_left(database: Database, tab_of: Callable[..., Tab]) -> None:
    tab = tab_of("ana")
    tab.go("/form")
    field = form_of(tab).get_by_label("Description")
    field.click()
    tab.page.keyboard.type("One, two, three")
    kept(database, "One, two, three")
    tab.page.keyboard.type(", four.")
    expect(field).to_have_value("One, two, three, four.")
    kept(database, "three, four.")
    expect(field).to_be_focused()
    expect(field).to_have_value("One, two, three, four.")


def test_a_dialog_closed_by_a_slip_of_the_hand_loses_nothing_and_a_sent_one_keeps_nothing(
    database: Database, tab_of: Callable[..., Tab]
) -> None:
    tab = tab_of("ana")
    tab.go("/form")
    typed(form_of(tab), "Move a cable", "From port 1 to port 2.")
    kept(database, "Move a cable")
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("dialog")).to_be_hidden()
    dialog = form_of(tab)
    expect(dialog.get_by_label("Description")).to_have_value("From port 1 to port 2.")
    dialog.get_by_role("button", name="Submit").click()
    expect(tab.page.get_by_role("dialog")).to_be_hidden()
    expect(form_of(tab).get_by_role("textbox", name="Subject")).to_have_value("")


def test_what_was_typed_outlives_the_server(
    database: Database, start: Start, browser: Browser, sign_in: SignIn
) -> None:
    abel = sign_in("abel")
    with start() as portal, open_tab(portal, browser, token=abel.token) as tab:
        tab.go("/form")
        typed(form_of(tab), "Unpack a shipment")
        kept(database, "Unpack a shipment")
        os.kill(portal.pid, signal.SIGKILL)
    with start() as portal, open_tab(portal, browser, token=abel.token) as tab:
        tab.go("/form")
        expect(form_of(tab).get_by_role("textbox", name="Subject")).to_have_value("Unpack a shipment")


# --- a count that takes long


def counting(database: Database) -> int:
    """How many such counts the database works on."""
    others = "from pg_stat_activity where pid <> pg_backend_pid()"
    statement = f"select count(*) {others} and query ~ 'pg_sleep' and state = 'active'"
    with database.as_owner() as connection:
        connection.execute(text("reset role"))  # only a superuser sees what others ask
        return connection.scalars(text(statement)).one()


def test_a_long_count_is_announced_and_can_be_stopped_and_begun_again(
    database: Database, tab_of: Callable[..., Tab], slowly: Path
) -> None:
    slowly.touch()
    tab = tab_of("ana")
    tab.go(COUNTED)
    expect(tab.page.get_by_text("Calculating over more than 2 rows")).to_be_visible()
    expect(tab.page.get_by_test_id("stDataFrame").first).to_be_visible()
    expect(tab.page.get_by_test_id("stPlotlyChart")).to_have_count(0)
    assert counting(database) == 1

    tab.page.get_by_role("button", name="Stop").click()
    expect(tab.page.get_by_text("Charts were not calculated.")).to_be_visible()
    deadline = time.monotonic() + PATIENCE
    while counting(database) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert counting(database) == 0, "it has ended in the database as well"
    expect(tab.page.get_by_test_id("stPlotlyChart")).to_have_count(0)

    slowly.unlink()
    tab.page.get_by_role("button", name="Calculate").click()
    expect(tab.page.get_by_test_id("stPlotlyChart").first).to_be_visible()
    expect(tab.page.get_by_text("Calculating over")).to_be_hidden()


# --- another role


def test_somebody_with_two_roles_chooses_one_at_the_top_right(tab_of: Callable[..., Tab]) -> None:
    tab = tab_of("dee")
    tab.go("/tickets")
    header = tab.page.locator("#portal-header")
    expect(header).to_contain_text("Service desk")
    header.get_by_text("Dee").first.click()
    tab.page.get_by_text("Finance", exact=True).click()
    expect(tab.page.get_by_role("heading", name="Billing")).to_be_visible()
    expect(header).to_contain_text("Finance")
    expect(header.get_by_role("button", name=re.compile("Service desk"))).to_be_hidden()
    tab.go("/tickets")
    expect(tab.page.get_by_text("for another role")).to_be_visible()
