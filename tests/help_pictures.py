"""Takes the pictures of the guides from a demo: `python -m tests.help_pictures http://127.0.0.1:8501 PASSWORD`."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from operate.browser import chromium
from tests.conftest import CAST
from ui.catalog import LOCALES
from ui.guides.pictures import FOLDER, HEIGHT, WIDTH

#: Large enough for the wide layout.
VIEW = {"width": 1440, "height": 900}
COLORS = 256
READY = (
    "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
    ":not(:has([data-testid=stSkeleton], [data-testid=stSpinner]))"
)
#: Whose rows are written in the language of the guide: Seoul's in Korean, Osaka's in Japanese, Bolt's in English.
CUSTOMER = {"ko": ("ana", "ACME-SEOUL"), "ja": ("ana", "ACME-OSAKA")}


@dataclass(frozen=True)
class Shot:
    """A section of a guide, and the address that shows what it is about."""

    section: str
    address: str
    who: str = ""


SHOTS = (
    Shot("dashboard", ""),
    Shot("tickets", "tickets"),
    Shot("invoices", "invoices"),
    Shot("access", "access?invite=1"),
    Shot("notices", "notices"),
    Shot("contact", "contact"),
    Shot("staff-queue", "queue", "dee"),
    Shot("staff-customers", "customers", "mia"),
    Shot("staff-billing", "billing", "fin"),
)


def main(portal: str, password: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=["--no-sandbox"])
        for language in sorted(path.name for path in LOCALES.iterdir() if path.is_dir()):
            (FOLDER / language).mkdir(parents=True, exist_ok=True)
            for who in ("", "dee", "mia", "fin"):
                _take(browser, portal, password, language, who)
        browser.close()


def _take(browser: Browser, portal: str, password: str, language: str, who: str) -> None:
    name, account = (who, "") if who else CUSTOMER.get(language, ("bea", ""))
    context = browser.new_context(
        viewport=VIEW, locale=language.replace("_", "-"), timezone_id="Asia/Tokyo", color_scheme="light"
    )
    page = context.new_page()
    page.goto(portal)
    page.locator("input[type=text], input[type=email]").first.fill(CAST[name])
    page.locator("input[type=password]").first.fill(password)
    page.locator("input[type=password]").first.press("Enter")
    page.wait_for_selector("#portal-header > *", timeout=120_000)
    for shot in SHOTS:
        if shot.who == who:
            joined = "&" if "?" in shot.address else "?"
            page.goto(f"{portal}/{shot.address}{f'{joined}accounts={account}' if account else ''}")
            _keep(page, f"{language}/{shot.section}.png")
    context.close()


def _keep(page: Page, name: str) -> None:
    page.wait_for_selector("h1", timeout=120_000)
    page.wait_for_selector(READY, timeout=120_000)
    page.wait_for_timeout(2500)  # charts grow
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = taken.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    small.quantize(COLORS, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE).save(
        FOLDER / name, optimize=True
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
