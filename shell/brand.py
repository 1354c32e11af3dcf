"""The operator's logo and icon, read once: the entry script begins anew at every run."""

from __future__ import annotations

from functools import cache

from data.settings import CHECKOUT, settings
from web.index_page import as_data_uri


@cache
def icon() -> str:
    return as_data_uri(settings().brand_icon or CHECKOUT / "static" / "icon.svg")


@cache
def logo() -> str:
    return as_data_uri(settings().brand_logo or CHECKOUT / "static" / "logo.svg")
