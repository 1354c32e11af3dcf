"""The front door as it really stands: a server started as an operator would start it, and Chromium in front of it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright
from streamlit.web.server.app_discovery import discover_asgi_app
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.patience import PATIENCE
from tests.tiny import ANAS_TOKEN

ROOT = Path(__file__).resolve().parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
SPOOFED = {"x-forwarded-for": "203.0.113.9"}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address. Started in a foreign folder: what it needs must not depend on where it was started."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(ROOT), "--port", str(port), "tests.tiny.portal:app"]
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "DATABASE_"))}
    log = elsewhere / "log"
    with log.open("w") as written:
        server = subprocess.Popen(
            command,
            cwd=elsewhere,
            env=settings | {"PORTAL_HOME": str(elsewhere), "PYTHONUNBUFFERED": "1"},
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        _until_it_answers(server, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def _until_it_answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if get(f"http://127.0.0.1:{port}", "/healthz")[0] == http.client.OK:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The portal did not start:\n{log.read_text()[-3000:]}")


def get(portal: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection(urlsplit(portal).netloc, timeout=PATIENCE)) as connection:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()


# --- without a browser


def test_streamlit_run_finds_the_app() -> None:
    assert discover_asgi_app(ROOT / "app.py").import_string == "app:app"


def test_our_streamlit_settings_count_wherever_the_app_is_started(tmp_path: Path) -> None:
    wanted = {
        "runner.postScriptGC": False,
        "browser.gatherUsageStats": False,
        "server.maxUploadSize": 50,
        "server.enableAgentApi": False,
        "server.enableStaticServing": False,
        "client.showErrorDetails": "none",
    }
    code = f"import sys, json; sys.path.insert(0, {str(ROOT)!r}); import app; import streamlit as st; "
    code += f"print(json.dumps({{name: st.get_option(name) for name in {list(wanted)!r}}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == wanted


def test_what_lives_with_the_process_has_begun_before_the_first_request(portal: str) -> None:
    said = json.loads(get(portal, "/process")[1])
    assert said["listening"] is True
    assert said["frozen"] > 10_000  # everything imported at start, out of the collector's way
    assert said["collects"] is True


def test_a_client_cannot_name_the_address_it_is_counted_under(portal: str) -> None:
    """uvicorn believes X-Forwarded-For from loopback unless told otherwise; nobody told it here."""
    _, said = get(portal, "/client", SPOOFED)
    assert json.loads(said) == {"client": "127.0.0.1", "claimed": "203.0.113.9"}
    url = f"{portal.replace('http', 'ws')}/client-of-socket"
    with connect(url, additional_headers=SPOOFED, origin=portal, proxy=None) as channel:  # ty: ignore[invalid-argument-type]
        assert channel.recv() == "127.0.0.1"


@pytest.mark.parametrize("origin", [None, "https://evil.example", "http://localhost:1", "null"])
def test_streamlits_own_socket_refuses_a_foreign_page(portal: str, origin: str | None) -> None:
    url = f"{portal.replace('http', 'ws')}/_stcore/stream"
    with pytest.raises(InvalidStatus, match="403"), connect(url, origin=origin, proxy=None):  # ty: ignore[invalid-argument-type]
        pass
    with connect(url, origin=portal, proxy=None) as channel:  # ty: ignore[invalid-argument-type]
        assert channel.response
        assert channel.response.status_code == http.client.SWITCHING_PROTOCOLS


# --- in Chromium


@dataclass
class Watch:
    """What a page asked for, and what it complained about."""

    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda channel: self._asked(channel.url))
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _answered(self, response: Response) -> None:
        if response.status >= http.client.BAD_REQUEST:
            self.refused.append(response.url)

    def _asked(self, url: str) -> None:
        if not url.startswith(("data:", "blob:")):
            self.hosts.add(urlsplit(url).netloc)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS, timeout=PATIENCE * 1000
        )
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="ko-KR")
    context.set_default_timeout(PATIENCE * 1000)
    yield context
    context.close()


def opened(context: BrowserContext, url: str, watch: Watch) -> Page:
    page = context.new_page()
    watch.over(page)
    page.goto(url)
    page.locator(SETTLED).wait_for()
    expect(page.get_by_role("heading", name="Tiny page")).to_be_visible()
    expect(page.locator(".js-plotly-plot .bars")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()
    return page


def hand_in(page: Page) -> None:
    chooser = page.get_by_test_id("stFileUploader").locator("input[type=file]")
    chooser.set_input_files({"name": "note.txt", "mimeType": "text/plain", "buffer": b"hello"})


def test_everything_works_for_ana_with_no_complaint_and_no_other_host(portal: str, context: BrowserContext) -> None:
    context.add_cookies([{"name": "portal_session", "value": ANAS_TOKEN, "url": portal}])
    watch = Watch()
    page = opened(context, f"{portal}/tickets?status=open", watch)
    page.get_by_role("button", name="More").click()
    expect(page.get_by_text("Inside the popover")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="New request").click()
    expect(page.get_by_text("Inside the dialog")).to_be_visible()
    page.get_by_role("button", name="닫기").click()
    hand_in(page)
    expect(page.get_by_text("Received note.txt, 5 bytes")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take away").click()
    assert taken.value.path().read_text() == "taken"
    assert page.evaluate("document.documentElement.lang") == "ko"
    assert watch.errors == []
    assert watch.refused == []
    assert watch.hosts == {urlsplit(portal).netloc}


def test_somebody_who_is_not_signed_in_moves_no_file(portal: str, context: BrowserContext) -> None:
    watch = Watch()
    page = opened(context, portal, watch)
    hand_in(page)
    expect(page.get_by_text("403")).to_be_visible()
    assert any("/_stcore/upload_file/" in url for url in watch.refused)
    assert not page.get_by_text("Received").count()


def test_a_script_written_into_the_page_does_not_run(portal: str, context: BrowserContext) -> None:
    page = opened(context, portal, Watch())
    blocked = page.evaluate(
        """() => new Promise(resolve => {
            document.addEventListener("securitypolicyviolation", event => resolve(event.effectiveDirective))
            const script = document.createElement("script")
            script.textContent = "window.ran = true"
            document.body.append(script)
            setTimeout(() => resolve("nothing"), 600000)
        })"""
    )
    assert blocked == "script-src-elem"
    assert page.evaluate("window.ran") is None
    assert page.evaluate("window.__streamlit.BACKEND_BASE_URL") == f"{portal}/"  # the one script that may


def test_a_bug_in_a_page_shows_a_reference_and_nothing_of_what_it_was_about(
    portal: str, context: BrowserContext
) -> None:
    page = opened(context, portal, Watch())
    page.get_by_role("button", name="Break").click()
    expect(page.get_by_text("Something went wrong on our side. Reference:")).to_be_visible()
    assert "1200" not in page.content()
    assert "ValueError" not in page.content()


def test_the_first_visit_brings_the_pre_login_cookie_and_scripts_cannot_read_it(
    portal: str, context: BrowserContext
) -> None:
    page = opened(context, portal, Watch())
    before = {cookie["name"]: cookie for cookie in context.cookies()}["portal_pre"]
    assert (before["httpOnly"], before["sameSite"]) == (True, "Lax")
    assert "portal_pre" not in page.evaluate("document.cookie")
    page.reload()
    page.locator(SETTLED).wait_for()
    assert {cookie["name"]: cookie for cookie in context.cookies()}["portal_pre"]["value"] == before["value"]
