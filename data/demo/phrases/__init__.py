"""What people of the demo write in tickets, in the languages spoken there."""

from __future__ import annotations

from data.demo.phrases.form import Phrases, Request
from data.demo.phrases.in_chinese import CHINESE
from data.demo.phrases.in_english import ENGLISH
from data.demo.phrases.in_indonesian import INDONESIAN
from data.demo.phrases.in_japanese import JAPANESE
from data.demo.phrases.in_korean import KOREAN

BY_LANGUAGE: dict[str, Phrases] = {
    "en": ENGLISH, "id": INDONESIAN, "ja": JAPANESE, "ko": KOREAN, "zh_Hans": CHINESE,
}  # fmt: skip

__all__ = ["BY_LANGUAGE", "ENGLISH", "Phrases", "Request", "phrases_for"]


def phrases_for(language: str) -> Phrases:
    """Each company writes in its language; where the portal has none of theirs, in English."""
    return BY_LANGUAGE.get(language, ENGLISH)
