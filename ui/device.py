"""A browser in words, from what it says of itself: "Chrome on Windows". It may say anything: this proves nothing."""

from __future__ import annotations

import re

from ui.words import _

#: The first that fits: most browsers also name those they descend from.
_BROWSERS = (
    (r"SamsungBrowser/", "Samsung Internet"), (r"Whale/", "Whale"), (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"), (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrom(?:e|ium)/|CriOS/", "Chrome"), (r"Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    (r"iPhone", "iPhone"), (r"iPad", "iPad"), (r"Android", "Android"), (r"Windows", "Windows"), (r"CrOS", "ChromeOS"),
    (r"Mac OS X|Macintosh", "macOS"), (r"Linux|X11", "Linux"),
)  # fmt: skip


def device_text(agent: str) -> str:
    """Names that are the same in every language; what is not known is left out."""
    browser, system = _first(_BROWSERS, agent), _first(_SYSTEMS, agent)
    if browser and system:
        return _("{browser} on {system}", browser=browser, system=system)
    return browser or system or _("Unknown device")


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, agent)), "")
