"""The operator's logo and icon, read once: the entry script begins anew at every run."""

from __future__ import annotations

from functools import cache

from data.settings import CHECKOUT, settings
from web.assets import asset_url
from web.index_page import as_data_uri


@cache
def icon() -> str:
    return as_data_uri(settings().brand_icon or CHECKOUT / "static" / "icon.svg")


@cache
def logo() -> str:
    """Where the header finds it."""
    return as_data_uri(settings().brand_logo) if settings().brand_logo else asset_url("logo.svg")
