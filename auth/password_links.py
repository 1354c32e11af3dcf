"""The link with which a new password is set: what the mail keeps, what the database keeps, and where it leads."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from urllib.parse import urlencode

from data.instance import portal_secret
from data.settings import settings

#: The pages: where one sets a password by a link, and where one asks for a link.
SET_PASSWORD, FORGOTTEN = "/password", "/forgot"


def token_of(nonce: str) -> str:
    """The waiting mail keeps the nonce, the database a hash of the token: neither opens anything without our secret."""
    made = hmac.digest(portal_secret(settings()).encode(), f"password link:{nonce}".encode(), "sha256")
    return urlsafe_b64encode(made).decode().rstrip("=")


def link_for(nonce: str) -> str:
    """The address that the mail names."""
    return f"{settings().base_url}{SET_PASSWORD}?{urlencode({'link': token_of(nonce)})}"
