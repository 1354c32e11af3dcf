"""A whole portal for browser tests: the real app over a test's own database, and Chromium in front of it."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as TooLate

from operate.browser import chromium
from tests.browser_contexts import page_in_a_context
from tests.cluster import Database
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--process-per-site",  # a page follows another of its context in the same process: see browser_contexts.py
]  # fmt: skip
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
#: A page that is being drawn has old and new parts side by side, and moves what is clicked from under the hand. It is
#: still a moment after the last word between it and its server, and once what it said was answered.
STILLNESS = """
let saidAt = 0, isAnswered = true;
const tell = (isStill) => document.documentElement?.toggleAttribute("data-moves", !isStill);
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", () => { saidAt = performance.now(); isAnswered = true; });
  }
  send(...given) { saidAt = performance.now(); isAnswered = false; tell(false); super.send(...given); }
};
setInterval(() => {
  const app = document.querySelector("[data-testid=stApp]");
  const isDrawn = app?.dataset.testScriptState !== "running" && !document.querySelector("[data-stale=true]");
  tell(isAnswered && isDrawn && performance.now() - saidAt > 150);
}, 25);
"""
SECRET = "only-for-tests-only-for-tests-only-for-tests"
expect.set_options(timeout=PATIENCE * 1000)
#: Milliseconds for what is in a list that stands open; then it is looked whether it still does.
A_LOOK = 5000
MOVES = "html[data-moves] [data-testid=stApp]"
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
#: What browsers of these readers ask for.
LOCALES = {"en": "en-US", "ko": "ko-KR", "ja": "ja-JP", "zh_Hans": "zh-CN", "id": "id-ID"}


@dataclass
class Portal:
    """Where it is, and what its operator could look at."""

    address: str
    log: Path
    pid: int


@contextmanager
def running_portal(
    database: Database, home: Path, *, app: str = "app:app", more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Portal]:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "DATABASE_"))}
    given = {
        "DATABASE_URL": database.owner_url,
        "PORTAL_APP_URL": database.login("portal_app"),
        "PORTAL_AUTH_URL": database.login("portal_auth"),
        "PORTAL_JOBS_URL": database.login("portal_jobs"),
        "PORTAL_HOME": str(home / "instance"),
        "PORTAL_PORT": str(port),
        "PORTAL_SECRET": SECRET,
        "PORTAL_STAFF_SECOND_FACTOR": "0",
    }
    log = home / "web.log"
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(ROOT), "--port", str(port), app]
    with log.open("w") as written:
        server = subprocess.Popen(
            command, cwd=home, env={**kept, **given, **more}, stdout=written, stderr=subprocess.STDOUT
        )
    try:
        _until_it_answers(server, port, log)
        yield Portal(f"http://127.0.0.1:{port}", log, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def _until_it_answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
                connection.request("GET", "/healthz")
                if connection.getresponse().status == http.client.OK:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"The portal did not start:\n{log.read_text()[-3000:]}")


@contextmanager
def running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=FLAGS, timeout=PATIENCE * 1000)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Tab:
    """A page of the portal in a browser of its own, and everything that went wrong in it."""

    portal: Portal
    context: BrowserContext
    page: Page
    troubles: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.portal.address}{path}")
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_selector(f"html:not([data-moves]) {SETTLED}")

    def choose(self, box: Locator, option: str | re.Pattern[str], *, exact: bool = False) -> None:
        """From a list that opens with a click. A page that is just drawn again shuts it: then it is opened once more,
        as whoever sits before it would.
        """
        self._in_list(box, option, lambda wanted: wanted.click(timeout=A_LOOK), exact=exact)

    def opens(self, box: Locator, option: str) -> None:
        """The list, for as long as nothing shuts it, with this in it."""
        self._in_list(box, option, lambda wanted: wanted.wait_for(timeout=A_LOOK), exact=False)

    def _in_list(
        self, box: Locator, option: str | re.Pattern[str], do: Callable[[Locator], None], *, exact: bool
    ) -> None:
        of_list, of_menu = (self.page.get_by_role(role, name=option, exact=exact) for role in ("option", "menuitem"))
        deadline = time.monotonic() + PATIENCE
        while True:
            if box.get_attribute("aria-expanded") != "true":  # a click would shut what is slow to come
                box.click()
            try:
                do(of_list.or_(of_menu).first)
                break
            except TooLate:
                if time.monotonic() > deadline:
                    raise

    def fits(self) -> bool:
        """Nothing stands over the edge, once everything has found its width."""
        return self.comes_true("document.body.scrollWidth <= window.innerWidth")

    def comes_true(self, condition: str) -> bool:
        """As a function: the portal's pages evaluate no text, which is what waiting for an expression would do."""
        try:
            self.page.wait_for_function(f"() => {condition}")
        except TooLate:
            return False
        return True

    def is_told_nothing(self) -> None:
        """From now on nobody else's change comes into the page by itself, as where it comes a moment after a click. A
        page that is there asks again in place of the question that waits, and gets no answer."""
        self.context.route("**/live?**", lambda _question: None)
        if self.page.locator("#portal-header").count():
            with self.page.expect_request("**/live?**"):
                self.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")

    def note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(f"console: {message.text}")

    def note_request(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        if host and host != urlsplit(self.portal.address).netloc:
            self.troubles.append(f"another host: {request.url}")

    def note_response(self, response: Response) -> None:
        if response.status >= http.client.BAD_REQUEST:
            self.troubles.append(f"{response.status}: {response.url}")


@contextmanager
def open_tab(
    portal: Portal,
    browser: Browser,
    *,
    token: str | None = None,
    language: str = "en",
    viewport: dict[str, int] | None = None,
    dark: bool = False,
    waits: bool = True,
) -> Iterator[Tab]:
    """`waits`: nothing is clicked or looked at while the page is being drawn; else whoever tests says when."""
    how = {
        "viewport": viewport or WIDE,
        "color_scheme": "dark" if dark else "light",
        "locale": LOCALES[language],
        "timezone_id": "Asia/Seoul",
    }
    with page_in_a_context(browser, portal.address, _made, **how) as page:
        if token is not None:
            page.context.add_cookies([{"name": "portal_session", "value": token, "url": portal.address}])
        tab = Tab(portal, page.context, page)
        if waits:
            page.add_locator_handler(page.locator(MOVES), lambda: None)
        page.on("console", tab.note_message)
        page.on("request", tab.note_request)
        page.on("response", tab.note_response)
        page.on("pageerror", lambda error: tab.troubles.append(f"script: {error}"))
        yield tab


def _made(context: BrowserContext) -> None:
    context.set_default_timeout(PATIENCE * 1000)
    context.add_init_script(STILLNESS)
