"""Keys made with the portal's secret: under which tries are counted, and with which second factors are kept."""

from __future__ import annotations

import hmac
import unicodedata
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from data.instance import portal_secret
from data.settings import settings

LONGEST_EMAIL = 254
NETWORK_OF_ONE_CLIENT = 64  # bits: whoever has one IPv6 address has all of these


def normalised(email: str) -> str:
    """One spelling for counting and for looking up, or another spelling would begin with a fresh count."""
    visible = "".join(letter for letter in unicodedata.normalize("NFC", email) if letter.isprintable())
    return visible.strip().lower()[:LONGEST_EMAIL]


def email_key(email: str) -> bytes:
    return _keyed("email", normalised(email))


def address_key(address: str | None) -> bytes:
    """Streamlit names no address for loopback."""
    return _keyed("address", _client(address))


def asking_keys(email: str, address: str | None) -> tuple[bytes, bytes]:
    """Asking for a new password has counts of its own: it locks nobody out of signing in."""
    return _keyed("forgotten email", normalised(email)), _keyed("forgotten address", _client(address))


def feed_key(address: str | None) -> bytes:
    """Under which a client's guesses at calendars are counted."""
    return _keyed("feed address", _client(address))


def _client(address: str | None) -> str:
    if not address:
        return "loopback"
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, NETWORK_OF_ONE_CLIENT), strict=False))
    return str(parsed)


def _keyed(kind: str, value: str) -> bytes:
    return hmac.digest(_secret(), f"{kind}:{value}".encode(), "sha256")


def recovery_hash(person_id: int, code: str) -> str:
    """What is kept of a recovery code: without our secret nobody can try which code it is of."""
    return _keyed("recovery code", f"{person_id}:{code}").hex()


def sealing_key() -> bytes:
    """For what is kept readable by us alone: second factors (auth/codes.py)."""
    return _keyed("sealing", "second factor")


@lru_cache
def _secret() -> bytes:
    return portal_secret(settings()).encode()
