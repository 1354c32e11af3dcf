"""What a browser test sits before: cookies, storage and history of its own, as in a browser nobody has used yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as BrowserError

#: Browser → how a context was made → those that nobody sits before now.
_free: WeakKeyDictionary[Browser, dict[str, list[BrowserContext]]] = WeakKeyDictionary()


@contextmanager
def page_in_a_context(
    browser: Browser, address: str, made: Callable[[BrowserContext], None], **how: Any
) -> Iterator[Page]:
    """A page in a context that is `made` once, and emptied and used again: half of what a tab costs is that Chromium
    reads and compiles Streamlit's scripts, which it does once for a process. Where a test fails, its context goes too.
    """
    free = _free.setdefault(browser, defaultdict(list))[repr(sorted(how.items()))]
    if free:
        context = free.pop()
    else:
        context = browser.new_context(**how)
        made(context)
        context.new_page()
    try:
        yield context.pages[0]
    except BaseException:
        context.close()
        raise
    try:
        _empty(context, address)
    except BrowserError:  # as where the portal was stopped
        context.close()
    else:
        free.append(context)


def _empty(context: BrowserContext, address: str) -> None:
    """One page is left, a new one: on an address of the portal's, which keeps the process, where nothing is drawn."""
    left = context.pages
    context.unroute_all(behavior="ignoreErrors")
    page = context.new_page()
    page.goto(f"{address}/healthz")
    for one in left:
        one.close()
    context.clear_cookies()
    context.clear_permissions()
    session = context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": address, "storageTypes": "all"})
    session.send("Page.resetNavigationHistory")
    session.detach()
