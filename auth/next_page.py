"""Where somebody goes after signing in: only ever to a page of this portal."""

from __future__ import annotations

import posixpath
import re
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlencode

HOME = "/"
LONGEST = 2000
#: What the sign-in page is told in its address (`/?login=expired`); never part of the page that was asked for.
NOTICE = "login"


class Notice(StrEnum):
    """Why somebody finds the sign-in page in front of them."""

    ENDED = "ended"
    OUT = "out"
    OUT_HERE = "out-here"  # and still signed in at the provider of single sign-on
    EXPIRED = "expired"
    READY = "ready"


# Browsers read a backslash as a slash and drop tabs and line ends: "/\evil" and "/<tab>/evil" would leave the portal.
_DECEPTIVE = re.compile(r"[\\\x00-\x1f\x7f-\x9f\u2028\u2029]")


def safe_next(address: str | None) -> str:
    """This address, without notices to the sign-in page, if it is a page of ours; else Home."""
    if not address or len(address) > LONGEST or not address.startswith("/"):
        return HOME
    path, _, query = address.partition("#")[0].partition("?")
    # as the browser would ask for it, and as our routes would read it
    if _leads_away(path) or _leads_away(unquote(path)):
        return HOME
    asked = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != NOTICE]
    return f"{path}?{urlencode(asked)}" if asked else path


def with_notice(address: str | None, notice: Notice) -> str:
    """The same page, with a word for whoever signs in there."""
    safe = safe_next(address)
    return f"{safe}{'&' if '?' in safe else '?'}{NOTICE}={notice}"


def _leads_away(path: str) -> bool:
    """To another host, or back into signing in and out."""
    shortest = posixpath.normpath(path)
    own_route = shortest == "/auth" or shortest.startswith("/auth/")
    return own_route or "//" in path or bool(_DECEPTIVE.search(path))
