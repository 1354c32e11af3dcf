"""How somebody who is signed in proved who they are, and what can become of their second factor."""

from __future__ import annotations

from enum import StrEnum


class Proof(StrEnum):
    """It stands in their session. Whoever came by single sign-on was asked for all factors there."""

    PASSWORD = "password"  # noqa: S105 - the word, of nobody
    OIDC = "oidc"
    CODE = "code"
    RECOVERY_CODE = "recovery_code"


class FactorNews(StrEnum):
    """What happened to somebody's second factor: they are told by mail, and the audit log keeps it as `factor.…`."""

    SET_UP = "set_up"
    MOVED = "moved"
    OFF = "off"
    CODES = "codes"
    RECOVERY = "recovery"
    RESET = "reset"
