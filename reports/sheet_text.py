"""Text in a sheet: what may stand in a cell, never a formula, never longer than a cell holds.

Texts travel joined by NUL, so that one pass of each replacement does for a whole column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_TEXT = 32_767  # UTF-16 units in one cell
LONGEST_TITLE = 31
JOINT = "\0"
ELLIPSIS = "…"

# Control characters, halves of surrogate pairs and two code points that XML forbids; tab and line break stay.
UNWANTED = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Readers turn _x0041_ into A; an underscore written as _x005F_ stays an underscore.
LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
FORMULA_STARTS = frozenset("=+-@\t\n\uff1d\uff0b\uff0d\uff20")  # the last four are the full-width = + - @
FORMULA_START = re.compile(f"{JOINT}[{re.escape(''.join(FORMULA_STARTS))}]")
FORBIDDEN_IN_TITLE = re.compile(r"[\\/?*\[\]:\t\n]")


def sheet_text(text: str) -> str:
    """The one text as a cell can hold it, not yet escaped for XML."""
    return joined_for_sheet([text])


def joined_for_sheet(texts: Sequence[str]) -> str:
    """All texts as cells can hold them, joined; not yet escaped for XML."""
    joined = JOINT.join(texts)
    if joined.count(JOINT) != len(texts) - 1:
        joined = JOINT.join([text.replace(JOINT, "") for text in texts])
    if "\r" in joined:
        joined = joined.replace("\r\n", "\n").replace("\r", "\n")
    if UNWANTED.search(joined):
        joined = UNWANTED.sub("", joined)
    if max(map(len, texts)) > LONGEST_TEXT // 2:
        joined = JOINT.join(map(shortened, split(joined)))
    if "_x" in joined:
        joined = LOOKS_ESCAPED.sub("_x005F_", joined)
    return joined


def split(joined: str) -> list[str]:
    return joined.split(JOINT)


def shortened(text: str, longest: int = LONGEST_TEXT) -> str:
    """At most this many UTF-16 units, cut between characters, the cut marked by an ellipsis."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * longest:
        return text
    return units[: 2 * (longest - 1)].decode("utf-16-le", "ignore") + ELLIPSIS


def xml_escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def needs_space_kept(joined: str) -> bool:
    """Whether some text begins or ends with a blank, or has more than one line."""
    framed = f"{JOINT}{joined}{JOINT}"
    return f"{JOINT} " in framed or f" {JOINT}" in framed or "\n" in joined or "\t" in joined


def looks_like_formula(joined: str, texts: Sequence[str]) -> list[bool]:
    """For each text, whether typing it in would start a formula; empty if none would."""
    if not FORMULA_START.search(JOINT + joined):
        return []
    return [text[:1] in FORMULA_STARTS for text in texts]


def sheet_title(wanted: str, taken: Sequence[str] = ()) -> str:
    """A title that sheets accept and none of the others has, as close to the wanted one as can be."""
    allowed = FORBIDDEN_IN_TITLE.sub(" ", UNWANTED.sub("", wanted.replace(JOINT, "")))
    plain = " ".join(allowed.split()).strip("' ") or "Sheet"
    others = {title.casefold() for title in taken} | {"history"}  # Excel keeps that name for itself
    title, count = shortened(plain, LONGEST_TITLE), 1
    while title.casefold() in others:
        count += 1
        suffix = f" ({count})"
        title = shortened(plain, LONGEST_TITLE - len(suffix)) + suffix
    return title
