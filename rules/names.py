"""A person's name, as somebody typed it: one line of visible signs, that reads in the direction it is written in."""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 100
#: Control signs, halves of pairs, and marks that say which way to read on: with one of them a name looks like another.
_UNSEEN = {"Cc", "Cs", "Co", "Cn"}
_TURNS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F}


def as_name(typed: str | None) -> str:
    """Empty where there is nothing to see."""
    line = " ".join((typed or "").split())
    seen = (sign for sign in line if unicodedata.category(sign) not in _UNSEEN and ord(sign) not in _TURNS)
    name = " ".join("".join(seen).split())
    return name if any(unicodedata.category(sign)[0] in "LN" for sign in name) else ""
