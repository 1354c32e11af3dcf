"""What people wrote, made fit for a mail: no control characters, no marks that turn the reading direction."""

from __future__ import annotations

import re
import unicodedata

#: Marks and overrides of direction: with one of them the end of a word is read before its beginning.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST_LINE = 160


def one_line(text: object, longest: int = _LONGEST_LINE) -> str:
    """For a header or a heading: a line break in it would begin a header of the writer's own."""
    spaced = "".join(" " if unicodedata.category(sign) in {"Cc", "Zl", "Zp"} else sign for sign in str(text or ""))
    line = " ".join(_encodable(_TURNS.sub("", spaced)).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def several_lines(text: object) -> str:
    """For a quotation: line breaks stay."""
    lines = re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", str(text or "").replace("\t", "    "))
    return "\n".join(_visible(line) for line in lines).strip()


def _visible(line: str) -> str:
    kept = "".join(sign for sign in line if unicodedata.category(sign) != "Cc")
    return _encodable(_TURNS.sub("", kept)).rstrip()


def _encodable(text: str) -> str:
    """Half of a surrogate pair cannot be written in any mail."""
    return text.encode("utf-8", "replace").decode("utf-8")
