"""What stands at the top left of every page: the operator's logo, or their icon and name."""

from __future__ import annotations

from functools import cache

from data.settings import settings
from ui.text import _
from web.assets import asset_url
from web.index_page import as_data_uri


def brand() -> dict[str, str]:
    """A logo says the name itself; beside an icon it is written, and what this is in the reader's language."""
    product = "" if settings().brand_logo else _("Customer portal")
    return {"logo": _picture(), "name": settings().brand_name, "product": product}


@cache
def _picture() -> str:
    """Where the header finds it; read once."""
    own = settings().brand_logo or settings().brand_icon
    return as_data_uri(own) if own else asset_url("icon.svg")
