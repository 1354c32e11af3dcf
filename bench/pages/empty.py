"""Nothing: what is measured is the shell around it."""

from __future__ import annotations

from rules.principal import Principal


def show(principal: Principal) -> None:
    """Draws nothing."""
