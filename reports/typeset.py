"""Documents as PDF: a template beside this file and what it is filled with; the same data gives the same bytes.

A template is Typst; whatever stands in its data is text to it, never markup. All letters come from fonts that are
installed with the portal: a document looks the same wherever it is made."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import category

import fontpkg_noto_sans
import fontpkg_noto_sans_thai
import manimgx_fonts_cjk
import typst

from reports.glyphs import drawn_by

TEMPLATES = Path(__file__).parent
#: For archives: fonts inside, no reference to anything outside, every letter of a known font.
STANDARD = "a-2b"
#: What stands for a character that none of our fonts has.
UNKNOWN = "\N{WHITE SQUARE}"

_FONTS = (
    Path(fontpkg_noto_sans.__file__).parent / "files" / "NotoSans[wdth,wght].ttf",
    Path(fontpkg_noto_sans_thai.__file__).parent / "files" / "NotoSansThai[wdth,wght].ttf",
    Path(manimgx_fonts_cjk.__file__).parent / "NotoSansCJK-VF.otf.ttc",
)
#: The same character is written differently in Korea, Japan and China: by language, else by country.
_CJK = {
    "ko": "KR", "ja": "JP", "zh": "SC", "zh_Hans": "SC", "zh_CN": "SC", "zh_SG": "SC",
    "zh_Hant": "TC", "zh_TW": "TC", "zh_HK": "HK",
}  # fmt: skip
_CJK_OF_COUNTRY = {"KR": "KR", "JP": "JP", "CN": "SC", "SG": "SC", "TW": "TC", "HK": "HK"}
_TYPST_LANGUAGE = {"zh_Hans": ("zh", "cn"), "zh_Hant": ("zh", "tw")}
#: Layout alone: no font needs to have them.
_UNSEEN = frozenset("\n\t")


class Unwritable(ValueError):
    """A character that none of our fonts can draw."""


def typeset(
    template: str, data: Mapping[str, Any], *, language: str, country: str = "", letters: str = "", made_at: datetime
) -> bytes:
    """`typeset("invoice", {…}, language="ko", made_at=…)`. `data` holds words, lists and yes or no, never a float.
    Unwritable where a letter is missing; give what people wrote to `writable` first.

    `letters`: the language of whom it is for, where the words are in another; `country`: where it comes from.
    `made_at` is what the document says about itself, and must come from the data."""
    language_, region = _TYPST_LANGUAGE.get(language.replace("-", "_"), (language, country.lower() or None))
    told = {"language": language_, "region": region, "fonts": families(letters or language, country), **data}
    _refuse_floats(told)
    inputs = {"data": json.dumps(told, ensure_ascii=False, sort_keys=True)}
    compiler = typst.Compiler(
        TEMPLATES / f"{template}.typ", root=TEMPLATES, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs
    )
    try:
        made, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=[STANDARD], timestamp=made_at.astimezone(UTC)
        )
    except typst.TypstError as error:
        if "could not be displayed" in str(error):
            raise Unwritable(str(error)) from error
        raise
    if warnings:  # of a font that is not there, for instance
        raise RuntimeError(f"{template}: {warnings[0].message}")
    assert isinstance(made, bytes), "one file"
    return made


def _refuse_floats(value: Any) -> None:
    """Money and quantities come as they are written for their reader; a float may be off by a cent."""
    if isinstance(value, float):
        raise TypeError("a document holds no float: write the number out")
    if isinstance(value, Mapping):
        value = value.values()
    elif isinstance(value, str) or not isinstance(value, Sequence):
        return
    for part in value:
        _refuse_floats(part)


def families(language: str, country: str = "") -> list[str]:
    """Of the fonts, in the order in which they are looked through."""
    script = _CJK.get(language.replace("-", "_")) or _CJK_OF_COUNTRY.get(country, "KR")
    return ["Noto Sans", f"Noto Sans CJK {script}", "Noto Sans Thai"]


def writable(data: Any) -> Any:
    """The same data, with a square for each character that none of our fonts has, such as an emoji in somebody's name:
    an invoice must come all the same."""
    if isinstance(data, str):
        return "".join(letter if _is_drawn(letter) else _instead(letter) for letter in data)
    if isinstance(data, Mapping):
        return {name: writable(value) for name, value in data.items()}
    if isinstance(data, Sequence):
        return [writable(value) for value in data]
    return data


def _instead(letter: str) -> str:
    """What has no shape of its own, such as a joiner or a control character, leaves no trace."""
    return UNKNOWN if letter.isprintable() and letter not in _VARIANTS else ""


_VARIANTS = frozenset(map(chr, range(0xFE00, 0xFE10)))


@cache
def _is_drawn(letter: str) -> bool:
    if letter in _UNSEEN or letter.isspace():
        return letter in _UNSEEN or category(letter) == "Zs"
    if not letter.isprintable():
        return False
    point = ord(letter)
    at = bisect_right(_drawn(), (point, 0x110000)) - 1
    return at >= 0 and point <= _drawn()[at][1]


@cache
def _drawn() -> tuple[tuple[int, int], ...]:
    """All runs of all fonts, none touching another."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(run for path in _FONTS for run in drawn_by(path)):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


@cache
def _fonts() -> typst.Fonts:
    folders = [path.parent for path in _FONTS]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
