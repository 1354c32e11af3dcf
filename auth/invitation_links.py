"""The link in an invitation: made of the invitation itself when its letter is written, so that nothing waits for it."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from urllib.parse import urlencode

from data.instance import portal_secret
from data.settings import settings

#: The page where an invitation is answered, and what its address is told: the link's token, or which invitation.
INVITATION, TOKEN, WHICH = "/invitation", "link", "of"
#: The route that takes the answer of whoever is signed in (shell/entitled.py).
JOIN = "/live/join"


def token_of(invitation: str, edition: int) -> str:
    """The same however often the letter is written; the database keeps its hash once it was."""
    made = hmac.digest(portal_secret(settings()).encode(), f"invitation:{invitation}:{edition}".encode(), "sha256")
    return urlsafe_b64encode(made).decode().rstrip("=")


def invitation_link(token: str) -> str:
    """The address that the letter names."""
    return f"{settings().base_url}{INVITATION}?{urlencode({TOKEN: token})}"
