"""What the forms about sites and legal entities choose from, and how a new one is begun."""

from __future__ import annotations

import streamlit as st

from data.imports.fields import COUNTRIES, ZONES
from ui.text import country_text, language_text, languages, tag_of

#: `/sites?new=1`, `/entities?new=1` open the form.
NEW = "new"


def new_button(label: str) -> None:
    if st.button(label, icon=":material/add:", type="primary", key="locations.new"):
        st.query_params.from_dict({NEW: "1"})
        st.rerun()


def asked_for_new() -> bool:
    return st.query_params.get(NEW) == "1"


def countries() -> dict[str, str]:
    """By their names in the reader's language."""
    named = sorted(((code, country_text(code)) for code in COUNTRIES), key=lambda each: each[1])
    return {code: f"{name} ({code})" for code, name in named}


def zones(current: str | None = None) -> dict[str, str]:
    """What holds now can be kept, also where it would not be offered any more."""
    return {zone: zone for zone in sorted(ZONES | ({current} if current else set()))}


#: What is spoken at a service desk; the portal's own come first.
_SPOKEN = ["en", "ko", "ja", "zh-Hans", "zh-Hant", "id", "ms", "th", "vi", "tl", "hi", "ta", "mr", "de", "fr", "es"]


def spoken(current: tuple[str, ...] = ()) -> dict[str, str]:
    """Languages by their names in the reader's own."""
    tags = dict.fromkeys((*map(tag_of, languages()), *_SPOKEN, *current))
    return {tag: language_text(tag) for tag in tags}
