"""The Chromium that the browser tests drive: the one that is there, or one that can be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from operate.screen import say
from rules.errors import SetupError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Debian's package; without the fonts Korean, Japanese and Chinese are boxes, in our screenshots and to the tests.
DEBIAN_PACKAGES = ("chromium", "fonts-noto-cjk")


def find_chromium() -> Path | None:
    """CHROMIUM names another one; then the system's; then the one playwright fetched for itself."""
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return Path(found) if found else _playwrights_own()


def chromium() -> Path:
    """What tests start; `./portal test` has made sure that there is one."""
    found = find_chromium()
    if found is None or not found.exists():
        raise SetupError(
            "the browser tests need Chromium and none could be had: install it (Debian: apt-get install chromium "
            "fonts-noto-cjk), run .venv/bin/playwright install chromium, or set CHROMIUM=/path/to/it"
        )
    return found


def ensure_chromium() -> Path:
    if find_chromium() is None:
        _install()
    return chromium()


def _install() -> None:
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        say(f"installing {' and '.join(DEBIAN_PACKAGES)}")
        quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update"], ["install", "--yes", "--no-install-recommends", *DEBIAN_PACKAGES]):
            subprocess.run([apt, "-qq", *step], env=quietly, check=False)
    if find_chromium() is None:
        say("fetching playwright's own Chromium")
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def _playwrights_own() -> Path | None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow, and rarely needed

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None
