"""What people of the demo write in tickets, in the three languages spoken there."""

from __future__ import annotations

from data.demo.phrases.form import Phrases, Request
from data.demo.phrases.in_english import ENGLISH
from data.demo.phrases.in_japanese import JAPANESE
from data.demo.phrases.in_korean import KOREAN

BY_LANGUAGE: dict[str, Phrases] = {"en": ENGLISH, "ko": KOREAN, "ja": JAPANESE}

__all__ = ["BY_LANGUAGE", "ENGLISH", "JAPANESE", "KOREAN", "Phrases", "Request", "phrases_for"]


def phrases_for(language: str) -> Phrases:
    """Korean and Japanese companies write in their language, all others in English."""
    return BY_LANGUAGE.get(language, ENGLISH)
