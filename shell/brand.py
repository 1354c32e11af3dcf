"""The operator's logo, read once."""

from __future__ import annotations

from functools import cache

from data.settings import settings
from web.assets import asset_url
from web.index_page import as_data_uri


@cache
def logo() -> str:
    """Where the header finds it."""
    return as_data_uri(settings().brand_logo) if settings().brand_logo else asset_url("logo.svg")
