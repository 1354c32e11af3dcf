"""What can be told of an address by looking at it."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Does only this machine reach it? A name other than localhost may point anywhere."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
