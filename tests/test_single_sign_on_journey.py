"""Single sign-on in a real browser, against a real provider in a process of its own: to the queue, and out again."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from data.sign_on import link_person
from tests.cluster import Database
from tests.conftest import CAST
from tests.patience import PATIENCE
from tests.portal_server import PHONE, Portal, Tab, open_tab, running_portal
from ui.text import Reader, _, reading_as

DEE = {"sub": "dee-1", "email": CAST["dee"], "email_verified": True}
STRANGER = {"sub": "stranger-1", "email": "new@portal.example", "email_verified": True}
WORKFORCE = "Example Workforce"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the provider, who knows Dee and somebody else."""
    with _running_provider(tmp_path_factory.mktemp("company")) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def portal(database: Database, company: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with database.as_owner() as connection:
        link_person(connection, CAST["dee"], company, "dee-1")
    more = {
        "PORTAL_OIDC_ISSUER": company,
        "PORTAL_OIDC_CLIENT_ID": "portal",
        "PORTAL_OIDC_CLIENT_SECRET": "a secret of the provider's",
        "PORTAL_OIDC_LABEL": WORKFORCE,
    }
    with running_portal(database, tmp_path_factory.mktemp("portal"), more=more) as running:
        yield running


@contextmanager
def _running_provider(folder: Path) -> Iterator[str]:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    users = [part for user in (DEE, STRANGER) for part in ("--user-claims", json.dumps(user))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *users]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            command, env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"}, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _until_it_answers(server, port, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def _until_it_answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
                connection.request("GET", "/.well-known/openid-configuration")
                connection.getresponse()
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The provider did not start:\n{log.read_text()[-2000:]}")


def _only_this_machine(tab: Tab) -> None:
    """The provider's own pages ask others for their looks."""

    def decide(route: Route) -> None:
        (route.continue_ if route.request.url.startswith("http://127.0.0.1:") else route.abort)()

    tab.context.route("**/*", decide)


@pytest.mark.parametrize(("language", "viewport"), [("en", None), ("ko", PHONE)])
def test_dee_comes_from_her_company_to_the_page_she_asked_for_and_leaves_both(
    portal: Portal, browser: Browser, company: str, language: str, viewport: dict[str, int] | None
) -> None:
    tab_of_dee = open_tab(portal, browser, language=language, viewport=viewport)
    with reading_as(Reader(language, "Asia/Seoul")), tab_of_dee as tab:
        _only_this_machine(tab)
        page = tab.page
        tab.go("/queue?status=submitted")
        assert tab.troubles == []
        page.get_by_role("link", name=_("Sign in with {name}").format(name=WORKFORCE)).click()
        page.wait_for_url(f"{company}/**")
        page.get_by_role("button", name="dee-1").first.click()
        expect(page.get_by_role("heading", name=_("Queue"), level=1)).to_be_visible()
        expect(page).to_have_url(re.compile("/queue[?]status=submitted$"))
        names = {cookie["name"] for cookie in tab.context.cookies(portal.address)}
        assert "portal_session" in names and "portal_errand" not in names

        page.locator("#portal-account").click()
        page.get_by_role("menuitem", name=_("Sign out"), exact=True).click()
        expect(page.get_by_text(_("You are signed out of the portal."))).to_be_visible()
        page.get_by_role("link", name=_("Sign out of {name} as well").format(name=WORKFORCE)).click()
        page.wait_for_url(f"{company}/oauth2/end_session?**")
        page.goto(f"{portal.address}/queue")
        expect(page.get_by_label(_("Password"), exact=True)).to_be_visible()


def test_somebody_whom_only_the_company_knows_reads_what_to_do(portal: Portal, browser: Browser, company: str) -> None:
    with reading_as(Reader("en")), open_tab(portal, browser) as tab:
        _only_this_machine(tab)
        page = tab.page
        tab.go("/queue")
        page.get_by_role("link", name=f"Sign in with {WORKFORCE}").click()
        page.get_by_role("button", name="stranger-1").first.click()
        expect(page.get_by_role("heading", name="You are not registered here")).to_be_visible()
        page.get_by_role("link", name="To the sign-in page").click()
        expect(page.get_by_label("Password", exact=True)).to_be_visible()
        assert page.url == f"{portal.address}/queue"
        assert "portal_session" not in {cookie["name"] for cookie in tab.context.cookies(portal.address)}
