"""Whoever sits before a browser finds nothing of who sat there before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser_contexts import page_in_a_context

WHAT_IS_KEPT = "() => [document.cookie, localStorage.length, sessionStorage.length, history.length, window.of_before]"
NOTHING = ["", 0, 0, 2, None]


class Blank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><p>Blank</p>")

    def log_message(self, *said: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Blank) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def made(context: BrowserContext) -> None:
    context.add_init_script("window.is_made = (window.is_made || 0) + 1")


def use_it(page: Page, address: str) -> None:
    for path in ("/one", "/two", "/three"):
        page.goto(address + path)
    page.evaluate(
        "() => { document.cookie = 'a=b'; localStorage.a = 'b'; sessionStorage.a = 'b'; window.of_before = 1 }"
    )
    page.context.add_cookies([{"name": "c", "value": "d", "url": "http://elsewhere.example"}])
    page.context.route("**/*", lambda route: route.abort())
    page.context.new_page()


def test_a_context_is_used_again_and_nothing_is_left_in_it(browser: Browser, address: str) -> None:
    with page_in_a_context(browser, address, made, locale="ko-KR") as page:
        first = page.context
        page.goto(address)
        fresh = page.evaluate(WHAT_IS_KEPT)
        use_it(page, address)
        assert page.evaluate(WHAT_IS_KEPT) != fresh
    with page_in_a_context(browser, address, made, locale="ko-KR") as page:
        assert page.context is first
        assert page.context.pages == [page] and page.context.cookies() == []
        page.goto(address)
        assert page.evaluate(WHAT_IS_KEPT) == fresh == NOTHING
        assert page.evaluate("() => [window.is_made, navigator.language]") == [1, "ko-KR"]


def test_two_at_once_and_those_made_otherwise_sit_apart(browser: Browser, address: str) -> None:
    with page_in_a_context(browser, address, made) as one, page_in_a_context(browser, address, made) as other:
        assert one.context is not other.context
    with page_in_a_context(browser, address, made, color_scheme="dark") as page:
        assert page.context not in (one.context, other.context)


def test_where_a_test_failed_nobody_sits_again(browser: Browser, address: str) -> None:
    before = list(browser.contexts)
    with pytest.raises(ZeroDivisionError), page_in_a_context(browser, address, made, locale="ja-JP"):
        raise ZeroDivisionError
    assert browser.contexts == before
