"""Workbooks as the tests of reading them need them: good ones, and the parts to make bad ones of."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl

from data.tabular import Limits, read_rows

COLUMNS = ("number", "account", "total")
SHEET = "xl/worksheets/sheet1.xml"
SCHEMA = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

Parts = dict[str, bytes]


def book(*rows: Sequence[object]) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    for row in (COLUMNS, *rows):
        made.worksheets[0].append(row)
    return made


def saved(made: openpyxl.Workbook, path: Path) -> Path:
    made.save(path)
    return path


def good_parts() -> Parts:
    content = io.BytesIO()
    book(["A-1", "Acme", 9.9]).save(content)
    with zipfile.ZipFile(content) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Parts, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def with_part(name: str, part: bytes) -> bytes:
    return zipped(good_parts() | {name: part})


def with_cells(body: str) -> bytes:
    """Write a sheet that has our header and then whatever is in the body."""
    header = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in COLUMNS)
    sheet = f'<worksheet xmlns="{SCHEMA}"><sheetData><row r="1">{header}</row>{body}</sheetData></worksheet>'
    return with_part(SHEET, sheet.encode())


def values_of(path: Path, limits: Limits = Limits()) -> list[tuple[int, tuple[str, ...]]]:
    rows = read_rows(path, columns=COLUMNS, limits=limits)
    return [(row.number, tuple(row.values[name] for name in COLUMNS)) for row in rows]
