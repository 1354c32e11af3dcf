"""Marks an English text for the catalogs where it is written, so that it can be translated where it is read."""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    return message
