"""The fragments of a list, by the keys that run them again: what is asked, what is found, and charts that are counted
apart from that."""

from __future__ import annotations


def asking(name: str) -> str:
    return f"asking-{name}"


def found(name: str) -> str:
    return f"found-{name}"


def charts(name: str) -> str:
    return f"charts-{name}"


def both(name: str) -> list[str]:
    """First what is asked, which writes the address; then what is found, which reads it."""
    return [asking(name), found(name)]
