"""The portal with a form on it, and with little patience: what is counted in the background is more than two rows.

`uvicorn tests.strained_portal:app`. While the file named by PORTAL_TEST_SLOWLY is there, counting takes a minute."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection, text

import pages
from data.listing import query
from pages import PageSpec
from ui.background import Cancel
from ui.list_view import summary as charts

SLOWLY = Path(os.environ.get("PORTAL_TEST_SLOWLY", "/nonexistent"))

pages.PAGES = (*pages.PAGES, PageSpec("form", "A form", "edit", "tests.strained_form"))
query.CAP = charts.LIMIT = 2
watch = Cancel.watch


def watch_and_dawdle(self: Cancel, connection: Connection) -> None:
    watch(self, connection)
    if SLOWLY.exists():
        connection.execute(text("select pg_sleep(60)"))


Cancel.watch = watch_and_dawdle

from app import app  # noqa: E402, F401 - it reads what was changed above
