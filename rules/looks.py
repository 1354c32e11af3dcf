"""Light or dark: what somebody can choose for themselves; where they choose nothing, their device says."""

from __future__ import annotations

from enum import StrEnum


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"
