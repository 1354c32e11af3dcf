"""A button that is a form of the page itself: what it asks for is answered by a plain route, which can set a cookie."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

import streamlit as st


def post_button(label: str, address: str, asked: Mapping[str, object], *, is_primary: bool = True) -> None:
    """Only a page of ours can send it (web/origin.py); how it looks stands in ui/look.css."""
    action = escape(f"{address}?{urlencode({name: str(value) for name, value in asked.items()})}")
    kind = "primary" if is_primary else "secondary"
    st.html(
        f'<form method="post" action="{action}" class="plain-form">'
        f'<button type="submit" class="{kind}">{escape(label)}</button></form>'
    )
