"""In a real browser: a list is scheduled where its report is, comes by mail, and is stopped in the settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from rules.principal import Principal
from tests.cluster import Database
from tests.mail_room import Worker, until
from tests.portal_server import SECRET, Portal, open_tab
from tests.scene import set_the_scene

SignIn = Callable[[str], Principal]


def test_a_list_comes_by_mail_until_it_is_stopped(
    database: Database, portal: Portal, browser: Browser, sign_in: SignIn, tmp_path: Path
) -> None:
    with database.as_owner() as connection:
        set_the_scene(connection)
        connection.execute(text("delete from portal.scheduled_report"))
    bea = sign_in("bea")
    with open_tab(portal, browser, token=bea.token) as tab:
        tab.go("/tickets")
        tab.page.get_by_role("button", name="Send regularly").click()
        dialog = tab.page.get_by_test_id("stDialog")
        expect(dialog.get_by_text("First on", exact=False)).to_be_visible()
        dialog.get_by_role("button", name="Send it to me").click()
        expect(dialog).not_to_be_attached()
        _comes_by_mail(database, portal, tmp_path)
        tab.go("/settings")
        card = tab.page.locator(".st-key-card-scheduled")
        expect(card.get_by_role("link", name="Tickets")).to_have_attribute("href", "/tickets")
        expect(card).to_contain_text(re.compile("last .*: sent"))
        card.get_by_role("button", name="Stop").click()
        expect(card).to_contain_text("Stopped by you")
        expect(card.get_by_role("button", name="Stop")).to_have_count(0)
        assert tab.troubles == []


def _comes_by_mail(database: Database, portal: Portal, folder: Path) -> None:
    """By the real worker, once, however long it waits for more."""
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.mail"))
        connection.execute(text("update portal.scheduled_report set next_at = now()"))
    ours = {
        "PORTAL_SECRET": SECRET, "PORTAL_BASE_URL": portal.address, "PORTAL_APP_URL": database.login("portal_app"),
        "PORTAL_AUTH_URL": database.login("portal_auth"),
    }  # fmt: skip
    worker = Worker(database, folder, None, **ours)
    worker.start()
    try:
        until(lambda: list((folder / "mail").glob("*-scheduled_report.eml")))
    finally:
        worker.stop()
    (mail,) = (folder / "mail").glob("*-scheduled_report.eml")
    message = message_from_bytes(mail.read_bytes(), policy=policy.default)
    assert message["To"].addresses[0].addr_spec == "paa@bolt.example"
    (file,) = message.iter_attachments()
    header, *rows = load_workbook(BytesIO(file.get_payload(decode=True))).worksheets[0].values
    assert header[0] == "Number"
    assert len(rows) == 4
