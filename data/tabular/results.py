"""What the parser does not tell: cells that show an error, and formulas whose result was never saved."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO, BinaryIO

from defusedxml import ElementTree

from data.tabular.refusal import Refusal

_CHUNK = 1 << 20

#: Both become an empty cell in the parser, silently.
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c(?=[\s/>])(?=[^>]*\st=["\']e["\'])([^>]*)>')
_FORMULA_WITHOUT_RESULT = re.compile(
    rb'<(?:\w+:)?c(?=[\s>])(?![^>]*\st=["\']str["\'])([^>]*)>\s*'
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_REFERENCE = re.compile(rb'\sr=["\']([A-Z]{1,3}\d{1,7})["\']')


def check_results(opened: BinaryIO, sheet_index: int) -> None:
    """Refuse cells that show an error, and formulas whose result was never saved: both would read as empty."""
    with zipfile.ZipFile(opened) as archive, archive.open(_part_of(archive, sheet_index)) as content:
        for text in _whole_cells(content):
            if found := _found(_ERROR_CELL, text, b'"e"', b"'e'"):
                raise Refusal("the cell shows an error", "Correct its formula or clear it", _reference(found[1]))
            if found := _found(_FORMULA_WITHOUT_RESULT, text, b"<f", b":f"):
                cure = "Open the file in Excel or LibreOffice and save it, or type the value instead"
                raise Refusal("the formula's result is not in the file", cure, _reference(found[1]))


def _found(pattern: re.Pattern[bytes], text: bytes, *marks: bytes) -> re.Match[bytes] | None:
    """Search only where a mark stands: most sheets have none, and looking for one is 50 times as fast."""
    return pattern.search(text) if any(mark in text for mark in marks) else None


def _part_of(archive: zipfile.ZipFile, sheet_index: int) -> str:
    sheets = ElementTree.fromstring(archive.read("xl/workbook.xml")).findall("{*}sheets/{*}sheet")
    wanted = next(value for name, value in sheets[sheet_index].items() if name.endswith("}id"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = next(link.attrib["Target"] for link in links if link.attrib["Id"] == wanted)
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _whole_cells(content: IO[bytes]) -> Iterator[bytes]:
    """The sheet in pieces that never cut a cell in two."""
    rest = b""
    while chunk := content.read(_CHUNK):
        text = rest + chunk
        cut = max(text.rfind(b"</row>"), text.rfind(b":row>"))
        if cut < 0:
            rest = text
            continue
        yield text[:cut]
        rest = text[cut:]
    yield rest


def _reference(attributes: bytes) -> str | None:
    found = _REFERENCE.search(attributes)
    return f"cell {found[1].decode()}" if found else None
