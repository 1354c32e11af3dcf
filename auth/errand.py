"""One way to the provider of single sign-on and back: what the browser keeps meanwhile, and all that is made of it."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256

from itsdangerous import BadData, URLSafeTimedSerializer

from auth.next_page import safe_next
from data.instance import portal_secret
from data.settings import settings

MINUTES = 10


@dataclass(frozen=True)
class Errand:
    """A secret that only this browser holds, and the page that was asked for.

    The provider is told the state, the nonce and what the verifier hashes to; none of them leads back to the secret,
    so an answer that was made for another browser, or meant for another errand, fits nowhere."""

    secret: str = field(repr=False)
    then_to: str

    @classmethod
    def begin(cls, then_to: str | None) -> Errand:
        return cls(secrets.token_urlsafe(32), safe_next(then_to))

    @classmethod
    def resume(cls, kept: str | None) -> Errand | None:
        """What the browser kept, if it is ours and not too old."""
        try:
            secret, then_to = _seal().loads(kept or "", max_age=MINUTES * 60)
        except (BadData, ValueError, TypeError):
            return None
        return cls(str(secret), str(then_to))

    def kept(self) -> str:
        """For the browser's cookie."""
        return str(_seal().dumps([self.secret, self.then_to]))

    @property
    def state(self) -> str:
        return self._made("state")

    @property
    def nonce(self) -> str:
        return self._made("nonce")

    @property
    def verifier(self) -> str:
        return self._made("verifier")

    @property
    def code(self) -> str:
        """Under which the proof is kept: the same errand opens one session, whatever the provider answers twice."""
        return self._made("code")

    def fits(self, state: str | None) -> bool:
        return hmac.compare_digest((state or "").encode(), self.state.encode())

    def _made(self, what: str) -> str:
        made = hmac.digest(self.secret.encode(), f"single sign-on {what}".encode(), sha256)
        return urlsafe_b64encode(made).decode().rstrip("=")


def _seal() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(portal_secret(settings()), "single sign-on", signer_kwargs={"digest_method": sha256})
