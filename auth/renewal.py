"""A session that is worth more or less goes on under another token: the page leads to a plain answer, which sets it."""

from __future__ import annotations

import hmac
from enum import StrEnum
from urllib.parse import urlencode

from sqlalchemy import Engine, text

from auth.sessions import hashed, new_token
from data.instance import portal_secret
from data.settings import settings


class Told(StrEnum):
    """What the settings say of it."""

    OFF = "off"
    ON = "on"


#: The route (shell/entitled.py), and what its address says: for which session, and what the page tells afterwards.
RENEW, TICKET, FACTOR_TOLD = "/live/renew", "for", "factor"


def renewal(token: str, told: Told) -> str:
    """Where this very browser gets its new token. Nobody else can write the address, so it may be a plain link."""
    return f"{RENEW}?{urlencode({TICKET: _ticket(token), FACTOR_TOLD: told})}"


def renew(engine: Engine, token: str, ticket: str) -> str | None:
    """The token under which the session goes on; None, and nothing has changed, if the address is not for it."""
    if not (token and hmac.compare_digest(ticket.encode(), _ticket(token).encode())):
        return None
    fresh = new_token()
    with engine.begin() as connection:
        renewing = text("select signin.renew_session(:token, :fresh)")
        return fresh if connection.scalar(renewing, {"token": hashed(token), "fresh": hashed(fresh)}) else None


def _ticket(token: str) -> str:
    return hmac.new(portal_secret(settings()).encode(), b"renew:" + hashed(token), "sha256").hexdigest()
