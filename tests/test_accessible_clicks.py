"""What opens by clicks alone, with what is chosen and handed in there: no rule of WCAG 2.2 A or AA is broken, and keys
are enough to open, fill, send and leave it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.axe import faults_of
from tests.billing_scene import PDF, run_of
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import PASSWORD, Door, code_of, settings_for
from tests.everywhere import come_in
from tests.invitation_scene import EVE, Letterbox
from tests.portal_server import PHONE, WIDE, Portal, Tab, open_tab, running_portal

expect.set_options(timeout=60_000)  # a busy machine is slow, not wrong
#: Light on a wide screen at every run, the others when there is time.
LOOKS = [
    pytest.param(False, WIDE, id="light"),
    pytest.param(True, WIDE, id="dark", marks=pytest.mark.slow),
    pytest.param(True, PHONE, id="dark phone", marks=pytest.mark.slow),
    pytest.param(False, PHONE, id="phone", marks=pytest.mark.slow),
]
Steps = Iterator[str]
BANK = b"date,amount,reference\n2026-11-02,1200000,no invoice of ours\n2026-11-03,77,ACME\n"


@pytest.fixture(scope="module")
def portal(demo: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with running_portal(demo, tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def configured(demo: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with settings_for(demo, tmp_path_factory.mktemp("home") / "instance"):
        yield


@pytest.fixture
def door(demo: Database) -> Iterator[Door]:
    door = Door(demo)
    for name in ("vic", "ana"):
        door.give_password(name)
    yield door
    door.owner("delete from auth.second_factor")
    door.owner("delete from auth.half_sign_in")
    door.owner("update portal.account set second_factor_for_paa = false")
    door.owner("delete from portal.saved_view")
    door.owner("delete from auth.link where invitation_id is not null")
    door.owner("delete from portal.invitation")


def _go(tab: Tab, address: str) -> None:
    tab.page.goto(f"{tab.portal.address}{address}")
    tab.settle()


def _click(tab: Tab, name: str, *, within: Locator | None = None) -> None:
    (within or tab.page).get_by_role("button", name=name).first.click()
    tab.settle()


def _colleagues(tab: Tab, _demo: Database) -> Steps:
    _go(tab, "/messages?accounts=ACME-SEOUL")
    tab.page.get_by_test_id("stDataFrame").last.click(position={"x": 60, "y": 54})
    tab.page.get_by_text("Add colleagues").click()
    box = tab.page.get_by_role("combobox", name="Colleagues")
    expect(box).to_be_visible()
    yield "nobody chosen"
    box.click()
    expect(tab.page.get_by_role("option").first).to_be_visible()
    yield "choosing"
    tab.page.get_by_role("option").first.click()
    tab.settle()
    yield "somebody chosen"


def _views(tab: Tab, _demo: Database) -> Steps:
    _go(tab, "/tickets?accounts=ACME-SEOUL&kind=fault")
    _click(tab, "Views")
    expect(tab.page.get_by_label("Keep what is chosen now as")).to_be_visible()
    yield "none yet"
    tab.page.get_by_label("Keep what is chosen now as").fill("Faults")
    _click(tab, "Save view")
    expect(tab.page.get_by_role("button", name="Leave this view")).to_be_visible()
    _click(tab, "Faults")
    expect(tab.page.get_by_role("button", name="Change").first).to_be_visible()
    yield "one"
    tab.page.get_by_role("button", name="Change").first.click()
    tab.page.get_by_role("menuitem", name="Rename").click()
    expect(tab.page.get_by_role("button", name="Cancel")).to_be_visible()
    tab.settle()
    yield "another name"


def _regularly(tab: Tab, _demo: Database) -> Steps:
    _go(tab, "/tickets")
    _click(tab, "Send regularly")
    dialog = tab.page.get_by_role("dialog")
    expect(dialog.get_by_text("First on", exact=False)).to_be_visible()
    yield "weekly"
    dialog.get_by_role("radio", name="Monthly").or_(dialog.get_by_text("Every month")).first.click()
    tab.settle()
    yield "monthly"


def _theme(tab: Tab, _demo: Database) -> Steps:
    _go(tab, "/settings")
    box = tab.page.get_by_role("combobox", name="Light or dark")
    box.click()
    expect(tab.page.get_by_role("option", name="Dark")).to_be_visible()
    yield "choosing"
    tab.page.get_by_role("option", name="Dark").click()
    tab.settle()
    yield "chosen"


def _several(tab: Tab, _demo: Database) -> Steps:
    _go(tab, "/broadcast?as=messages")
    tab.page.get_by_text("Attach files").first.click()
    tab.page.locator("input[type=file]").first.set_input_files(
        [{"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"},
         {"name": "plan.exe", "mimeType": "application/octet-stream", "buffer": b"x"}]
    )  # fmt: skip
    expect(tab.page.get_by_text("plan.pdf").first).to_be_visible()
    tab.page.get_by_label("Subject").fill("Works")
    tab.page.get_by_label("Subject").press("Tab")
    expect(tab.page.locator(".st-key-broadcast-preview")).to_contain_text("Works")
    tab.settle()
    yield "with files"
    _click(tab, "Send")
    yield "refused"


def _bank(tab: Tab, _demo: Database) -> Steps:
    _go(tab, "/bank?bank=file")
    dialog = tab.page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files({"name": "bank.csv", "mimeType": "text/csv", "buffer": BANK})
    expect(dialog.get_by_role("button", name=re.compile("Keep the lines|Record"))).to_be_visible()
    tab.settle()
    yield "lines"


def _run(tab: Tab, _demo: Database) -> Steps:
    _go(tab, "/billing?run=file")
    dialog = tab.page.get_by_role("dialog")
    for name, zipped, said in (
        ("good.zip", run_of({}, payments=[{}], documents={"R-1": PDF}), "new invoice"),
        ("wrong.zip", run_of({"total": "1200"}), "not as it should be"),
    ):
        file = {"name": name, "mimeType": "application/zip", "buffer": zipped.getvalue()}
        dialog.locator("input[type=file]").set_input_files(file)
        expect(dialog.get_by_text(re.compile(said)).first).to_be_visible()
        tab.settle()
        yield name


#: What it is → who opens it, and how.
CLICKS: dict[str, tuple[str, Callable[[Tab, Database], Steps]]] = {
    "colleagues join a conversation": ("ana", _colleagues),
    "saved views": ("ana", _views),
    "a list regularly": ("ana", _regularly),
    "light or dark": ("ana", _theme),
    "a message to several": ("mia", _several),
    "a bank's file": ("fin", _bank),
    "a billing run": ("fin", _run),
}


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize(("dark", "viewport"), LOOKS)
def test_what_opens_by_clicks_breaks_no_rule(
    dark: bool, viewport: dict[str, int], demo: Database, portal: Portal, browser: Browser
) -> None:
    faults: dict[str, list[str]] = {}
    for what, (name, opened) in CLICKS.items():
        token = come_in(demo, name).token
        with open_tab(portal, browser, token=token, dark=dark, viewport=viewport) as tab:
            for step in opened(tab, demo):
                _note(faults, tab, f"{what}: {step}")
    assert faults == {}


def _note(faults: dict[str, list[str]], tab: Tab, where: str) -> None:
    for fault in faults_of(tab.page):
        faults.setdefault(str(fault), []).append(where)
    if not tab.page.evaluate("document.body.scrollWidth <= window.innerWidth"):
        faults.setdefault("too wide", []).append(where)


#: By Tab alone to what begins with these words, in a dialog if one is open; icons stand beside them.
FOCUSED = """() => {
  const it = document.activeElement;
  const said = it.getAttribute("aria-label") ?? it.labels?.[0]?.innerText ?? it.innerText;
  return [it.matches("button, a, input, textarea, summary") ? said.split("\\n") : [], !!it.closest("[role=dialog]")];
}"""


def _reach(tab: Tab, name: str, *, inside: bool = False) -> None:
    for _ in range(80):
        tab.page.keyboard.press("Tab")
        said, is_inside = tab.page.evaluate(FOCUSED)
        assert is_inside or not inside, f"out of the dialog, to {said}"
        if name in said:
            return
    raise AssertionError(f"Tab never came to {name}")


@pytest.mark.parametrize(
    ("name", "page", "button", "inside"),
    [
        ("ana", "/tickets", "Send regularly", "Send it to me"),
        ("fin", "/bank", "Import bank file", "Upload"),
        ("fin", "/billing", "Import billing run", "Upload"),
    ],
)
def test_a_dialog_is_opened_and_left_by_keys_and_gives_the_focus_back(
    name: str, page: str, button: str, inside: str, demo: Database, portal: Portal, browser: Browser
) -> None:
    with open_tab(portal, browser, token=come_in(demo, name).token) as tab:
        dialog = tab.page.get_by_role("dialog")
        _go(tab, page)
        _reach(tab, button)
        tab.page.keyboard.press("Enter")
        expect(dialog).to_be_visible()
        tab.settle()
        _reach(tab, inside, inside=True)
        tab.page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(tab.page.get_by_role("button", name=button)).to_be_focused()


def test_a_list_is_sent_regularly_by_keys_alone(demo: Database, portal: Portal, browser: Browser) -> None:
    with open_tab(portal, browser, token=come_in(demo, "ana").token) as tab:
        _go(tab, "/tickets")
        _reach(tab, "Send regularly")
        tab.page.keyboard.press("Enter")
        expect(tab.page.get_by_role("dialog").get_by_text("First on", exact=False)).to_be_visible()
        tab.settle()
        _reach(tab, "Send it to me", inside=True)
        tab.page.keyboard.press("Enter")
        expect(tab.page.get_by_role("dialog")).to_be_hidden()
        expect(tab.page.get_by_role("button", name="Send regularly")).to_be_focused()


@pytest.mark.usefixtures("door")
def test_a_view_is_saved_by_keys_alone(demo: Database, portal: Portal, browser: Browser) -> None:
    with open_tab(portal, browser, token=come_in(demo, "ana").token) as tab:
        field = tab.page.get_by_label("Keep what is chosen now as")
        _go(tab, "/orders?accounts=ACME-SEOUL")
        _reach(tab, "Views")
        tab.page.keyboard.press("Enter")
        expect(field).to_be_visible()
        tab.page.keyboard.press("Escape")
        expect(field).to_be_hidden()
        expect(tab.page.get_by_role("button", name="Views")).to_be_focused()
        tab.page.keyboard.press("Enter")
        expect(field).to_be_visible()
        tab.settle()
        _reach(tab, "Keep what is chosen now as")
        tab.page.keyboard.type("By keys")
        _reach(tab, "Save view")
        tab.page.keyboard.press("Enter")
        expect(tab.page.get_by_role("button", name="By keys").first).to_be_visible()


def test_colleagues_are_let_into_a_conversation_by_keys_alone(demo: Database, portal: Portal, browser: Browser) -> None:
    with open_tab(portal, browser, token=come_in(demo, "ana").token) as tab:
        _go(tab, "/messages?accounts=ACME-SEOUL")
        tab.page.get_by_test_id("stDataFrame").last.click(position={"x": 60, "y": 54})
        expect(tab.page.get_by_text("Add colleagues")).to_be_visible()
        tab.settle()
        _reach(tab, "Add colleagues", inside=True)
        tab.page.keyboard.press("Enter")
        expect(tab.page.get_by_role("combobox", name="Colleagues")).to_be_visible()
        _reach(tab, "Colleagues", inside=True)
        box, option = tab.page.get_by_role("combobox", name="Colleagues"), tab.page.get_by_role("option").first
        while not option.is_visible():  # Streamlit hears no key that comes as soon as the field is come to
            tab.page.keyboard.press("ArrowDown")
            tab.page.wait_for_timeout(200)
        said = option.inner_text()
        tab.page.keyboard.press("Enter")
        expect(tab.page.get_by_role("dialog").get_by_text(said).first).to_be_visible()
        if box.get_attribute("aria-expanded") == "true":
            tab.page.keyboard.press("Escape")  # the list, not the drawer
        expect(box).to_have_attribute("aria-expanded", "false")
        tab.settle()
        _reach(tab, "Add", inside=True)
        tab.page.keyboard.press("Enter")
        expect(tab.page.get_by_text("They take part now")).to_be_visible()
        tab.page.keyboard.press("Escape")
        expect(tab.page.get_by_role("dialog")).to_be_hidden()


def _second_factor(tab: Tab, door: Door) -> Steps:
    """Set up in the settings, then asked for at the door."""
    page = tab.page
    _go(tab, "/settings")
    _click(tab, "Set up a second factor")
    expect(page.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    yield "scanning"
    secret = re.sub(r"[^A-Z2-7]", "", page.get_by_test_id("stCode").inner_text())
    page.get_by_label("Code", exact=True).fill("000000")
    _click(tab, "Finish")
    yield "a wrong code"
    page.get_by_label("Code", exact=True).fill(code_of(secret, -1))
    _click(tab, "Finish")
    expect(page.get_by_text("Your recovery codes", exact=True)).to_be_visible()
    yield "recovery codes"
    _click(tab, "I have kept them")
    expect(page.get_by_role("button", name="Move to another phone")).to_be_visible()
    yield "there"
    for button in ("Move to another phone", "New recovery codes", "Switch off"):
        if page.get_by_role("button", name=button).count():
            _click(tab, button)
            yield button
            _go(tab, "/settings")
    tab.context.clear_cookies(name="portal_session")
    _go(tab, "/settings")
    page.get_by_label("E-mail").fill(CAST["vic"])
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    _click(tab, "Sign in")
    expect(page.get_by_label("Code", exact=True)).to_be_visible()
    yield "at the door"
    page.get_by_label("Code", exact=True).fill("000000")
    _click(tab, "Sign in")
    yield "a wrong code at the door"


def _required(tab: Tab, door: Door) -> Steps:
    door.owner("update portal.account set second_factor_for_paa = true where code = 'ACME'")
    _go(tab, "/invoices")
    tab.page.get_by_label("E-mail").fill(CAST["ana"])
    tab.page.get_by_label("Password", exact=True).fill(PASSWORD)
    _click(tab, "Sign in")
    expect(tab.page.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    yield "before anything else"


@pytest.mark.parametrize(("dark", "viewport"), LOOKS)
def test_no_part_of_a_second_factor_breaks_a_rule(
    dark: bool, viewport: dict[str, int], demo: Database, door: Door, portal: Portal, browser: Browser
) -> None:
    faults: dict[str, list[str]] = {}
    with open_tab(portal, browser, token=come_in(demo, "vic").token, dark=dark, viewport=viewport) as tab:
        for step in _second_factor(tab, door):
            _note(faults, tab, step)
    with open_tab(portal, browser, dark=dark, viewport=viewport) as tab:
        for step in _required(tab, door):
            _note(faults, tab, step)
    assert faults == {}


@pytest.mark.parametrize(("dark", "viewport"), LOOKS)
def test_an_invitation_breaks_no_rule(
    dark: bool, viewport: dict[str, int], demo: Database, door: Door, portal: Portal, browser: Browser, tmp_path: Path
) -> None:
    faults: dict[str, list[str]] = {}
    letters = Letterbox(door, lambda name: come_in(demo, name), tmp_path)
    letters.invites("ana", EVE)
    with open_tab(portal, browser, dark=dark, viewport=viewport) as tab:
        _go(tab, f"/invitation?link={letters.token()}")
        expect(tab.page.get_by_role("button", name="Accept the invitation")).to_be_visible()
        _note(faults, tab, "for somebody new")
        _click(tab, "Accept the invitation")
        _note(faults, tab, "refused")
        letters.invites("ana", CAST["bea"])
        link = f"/invitation?link={letters.token()}"
        _go(tab, link)
        expect(tab.page.get_by_text("Sign in to accept.")).to_be_visible()
        _note(faults, tab, "for somebody known")
    for name, said in (("vic", "and the invitation is for"), ("bea", "You are signed in as")):
        with open_tab(portal, browser, token=come_in(demo, name).token, dark=dark, viewport=viewport) as tab:
            _go(tab, link)
            expect(tab.page.get_by_text(said)).to_be_visible()
            _note(faults, tab, f"opened by {name}")
    assert faults == {}
