"""The portal in a language nobody speaks, for a browser: `uvicorn tests.pseudo_portal:app`."""

from __future__ import annotations

import ui.words
from tests.pseudo import Pseudo

CATALOG = Pseudo()
ui.words.translations = lambda _language: CATALOG

from app import app  # noqa: E402, F401 - it reads what was changed above
