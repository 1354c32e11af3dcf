"""Hostile and broken workbooks: each is refused with the cure, and costs nobody but the child that read it."""

from __future__ import annotations

import io
import resource
import struct
import subprocess
import tempfile
import time
import tracemalloc
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

from data.tabular import Limits, Refused, workbook
from tests.xlsx_files import COLUMNS, SCHEMA, SHEET, book, good_parts, saved, values_of, with_cells, with_part, zipped


def lying_about_its_size(times: float) -> bytes:
    """Declare another size of the sheet than it unpacks to, everywhere, with a checksum that fits the lie."""
    parts = good_parts()
    whole = parts[SHEET] + b" " * 100_000
    content = zipped(parts | {SHEET: whole})
    lie = int(len(whole) * times)
    for true, false in ((len(whole), lie), (zlib.crc32(whole), zlib.crc32(whole[:lie]))):
        assert content.count(struct.pack("<L", true)) == 2
        content = content.replace(struct.pack("<L", true), struct.pack("<L", false))
    return content


def encrypted() -> bytes:
    """Set the bit that says so, in each local header and in the directory."""
    content = bytearray(zipped(good_parts()))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(signature)
        while start >= 0:
            content[start + offset] |= 1
            start = content.find(signature, start + 4)
    return bytes(content)


def twice_the_same_part() -> bytes:
    content = io.BytesIO(zipped(good_parts()))
    with warnings.catch_warnings(), zipfile.ZipFile(content, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(SHEET, good_parts()[SHEET])
    return content.getvalue()


def billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    sheet = good_parts()[SHEET].replace(b"Acme", b"&l9;")
    return with_part(SHEET, f'<!DOCTYPE w [<!ENTITY l0 "ha">{entities}]>'.encode() + sheet)


def late_entities() -> bytes:
    return with_part("xl/late.xml", b"<!--" + b" " * (1 << 20) + b"--><!DOCTYPE w><w/>")


def one_long_text_in_every_cell(rows: int = 100_000) -> bytes:
    cells = '<row><c t="s"><v>0</v></c></row>' * rows
    shared = f'<sst xmlns="{SCHEMA}"><si><t>{"x" * 32_000}</t></si></sst>'.encode()
    links = good_parts()["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="rId99" Target="sharedStrings.xml" Type="http://schemas.openxmlformats.org/'
        b'officeDocument/2006/relationships/sharedStrings"/></Relationships>',
    )
    sheet = f'<worksheet xmlns="{SCHEMA}"><sheetData>{cells}</sheetData></worksheet>'.encode()
    changed = {SHEET: sheet, "xl/sharedStrings.xml": shared, "xl/_rels/workbook.xml.rels": links}
    return zipped(good_parts() | changed)


def two_sheets_that_fit() -> bytes:
    made, content = book(["A-1", "Acme", 1]), io.BytesIO()
    made.create_sheet("October").append([*COLUMNS])
    made.save(content)
    return content.getvalue()


def no_row_that_anybody_sees() -> bytes:
    made, content = book(), io.BytesIO()
    made.create_sheet("Empty")
    made.worksheets[0].sheet_state = "hidden"
    made.active = 1
    made.save(content)
    return content.getvalue()


def macros_by_content_type() -> bytes:
    types = good_parts()["[Content_Types].xml"]
    kind = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    return with_part("[Content_Types].xml", types.replace(b"</Types>", b"<!-- " + kind + b" --></Types>"))


HOSTILE: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "billion laughs": (billion_laughs, "defines entities", "save it as .xlsx"),
    "late entities": (late_entities, "defines entities", "save it as .xlsx"),
    "entities in UTF-16": (
        lambda: with_part(SHEET, "<!DOCTYPE w [<!ENTITY a 'b'>]><w/>".encode("utf-16")),
        "not UTF-8",
        "save it as .xlsx",
    ),
    "zip bomb": (lambda: with_part("xl/media/image1.png", bytes(60_000_000)), "more than 50 MB", "Split it"),
    "smaller than declared": (
        lambda: lying_about_its_size(2),
        "larger or smaller than it declares",
        "save it as .xlsx",
    ),
    "larger than declared": (
        lambda: lying_about_its_size(0.1),
        "larger or smaller than it declares",
        "save it as .xlsx",
    ),
    "300 parts": (
        lambda: zipped(good_parts() | {f"xl/p{n}.xml": b"<p/>" for n in range(300)}),
        "309 parts; 200 are",
        "save it",
    ),
    "macros": (lambda: with_part("xl/vbaProject.bin", b"Sub"), "contains macros", "without macros"),
    "old macros": (lambda: with_part("xl/macrosheets/sheet1.xml", b"<m/>"), "contains macros", "without macros"),
    "macros by content type": (macros_by_content_type, "may contain macros", "without macros"),
    "name that climbs": (lambda: with_part("xl/../../etc/cron.d/x", b"x"), "points outside", "save it as .xlsx"),
    "absolute name": (lambda: with_part("/etc/cron.d/x", b"x"), "points outside", "save it as .xlsx"),
    "name with backslashes": (lambda: with_part("xl\\..\\x", b"x"), "points outside", "save it as .xlsx"),
    "part twice": (twice_the_same_part, "two parts of the same name", "save it as .xlsx"),
    "part twice in another case": (
        lambda: with_part(SHEET.upper(), b"<w/>"),
        "two parts of the same name",
        "save it as .xlsx",
    ),
    "encrypted": (encrypted, "encrypted", "without a password"),
    "odd packing": (lambda: zipped(good_parts(), zipfile.ZIP_LZMA), "no spreadsheet program", "save it as .xlsx"),
    "cut off": (lambda: zipped(good_parts())[:-900], "damaged or cut off", "save it as .xlsx"),
    "damaged in the middle": (
        lambda: zipped(good_parts())[:40] + bytes(9) + zipped(good_parts())[49:],
        "damaged",
        "save it as .xlsx",
    ),
    "sheet cut off": (lambda: with_part(SHEET, good_parts()[SHEET][:-90]), "damaged", "save it as .xlsx"),
    "no sheets": (lambda: with_part("xl/workbook.xml", b"<workbook/>"), "no row", "first row"),
    "another zip": (lambda: zipped({"word/document.xml": b"<w/>"}), "not an Excel workbook", "as .xlsx or CSV"),
    "binary workbook": (lambda: with_part("xl/workbook.bin", b"x"), "binary workbook", "as .xlsx"),
    "cell far away": (
        lambda: with_cells('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "too much memory; .* stray",
        "CSV",
    ),
    "one long text in every cell": (one_long_text_in_every_cell, "too much memory", "split it"),
    "two sheets that fit": (two_sheets_that_fit, "2 sheets have these columns", "Keep one"),
    "no visible row": (no_row_that_anybody_sees, "no row in any visible sheet", "first row"),
    "error cell with a long tag": (
        lambda: with_cells(f'<row r="2"><c r="B2" {" " * 2_000_000} t="e"><v>#N/A</v></c></row>'),
        "cell B2: the cell shows an error",
        "Correct",
    ),
    "NUL in a cell": (
        lambda: with_cells('<row r="2"><c r="B2" t="inlineStr"><is><t>a_x0000_b</t></is></c></row>'),
        "cell B2: .* NUL",
        "Type it again",
    ),
    "error cell": (
        lambda: with_cells('<row r="2"><c r="B2" t="e"><v>#N/A</v></c></row>'),
        "cell B2: the cell shows an error",
        "Correct",
    ),
    "formula without result": (
        lambda: with_cells('<row r="2"><c r="B2"><f>A1*2</f><v></v></c></row>'),
        "cell B2: the formula's result",
        "save it",
    ),
    "number too long": (
        lambda: with_cells('<row r="2"><c r="C2"><v>12345678901234567</v></c></row>'),
        "cell C2: .* 15 digits",
        "text cell",
    ),
    "not a number": (
        lambda: with_cells('<row r="2"><c r="C2"><v>NaN</v></c></row>'),
        "cell C2: .* number",
        "text cell",
    ),
    "column without a name": (
        lambda: with_cells('<row r="2"><c r="E2"><v>5</v></c></row>'),
        "row 2: a cell .* without a name",
        "name its column",
    ),
}


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen]]:
    """The processes started to read a workbook; none may be left when the refusal is out."""
    started: list[subprocess.Popen] = []

    class Noted(subprocess.Popen):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # ty: ignore[no-matching-overload]
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    yield started
    assert all(child.returncode is not None for child in started)


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_workbook_is_refused_with_the_cure_and_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, children: list[subprocess.Popen], case: str
) -> None:
    make, problem, cure = HOSTILE[case]
    path = tmp_path / "invoices.xlsx"
    path.write_bytes(make())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match=problem) as caught:
            values_of(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert cure in caught.value.cure
    assert str(path) in str(caught.value)
    assert len(children) == 1
    assert peak < 1_000_000
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_workbook_without_the_hostile_part_is_read(tmp_path: Path) -> None:
    path = tmp_path / "invoices.xlsx"
    path.write_bytes(zipped(good_parts()))
    assert values_of(path) == [(2, ("A-1", "Acme", "9.9"))]


def many_cells(path: Path) -> Path:
    path.write_bytes(with_cells("<row><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c></row>" * 700_000))
    return path


def test_a_workbook_that_burns_time_costs_the_child_its_life_and_the_parent_nothing(
    tmp_path: Path, children: list[subprocess.Popen]
) -> None:
    path = many_cells(tmp_path / "invoices.xlsx")
    burnt_before, ours_before = resource.getrusage(resource.RUSAGE_CHILDREN), time.process_time()
    with pytest.raises(Refused, match=r"too long to read\. Save the sheet as CSV"):
        values_of(path, limits=Limits(cpu_seconds=1, rows=1_000_000))
    burnt = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - burnt_before.ru_utime
    assert children[0].returncode < 0
    assert time.process_time() - ours_before < burnt / 4


def test_a_child_that_does_not_end_is_killed(tmp_path: Path, children: list[subprocess.Popen]) -> None:
    path = many_cells(tmp_path / "invoices.xlsx")
    with pytest.raises(Refused, match="too long to read"):
        values_of(path, limits=Limits(wait_seconds=0.01))
    assert children[0].returncode < 0


def test_a_workbook_that_is_small_until_it_is_written_out_does_not_fill_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "invoices.xlsx"
    path.write_bytes(one_long_text_in_every_cell(rows=100))
    with pytest.raises(Refused, match=r"too much space\. Split it"):
        values_of(path, limits=Limits(unpacked_bytes=60_000))
    with pytest.raises(Refused, match="is missing"):
        values_of(path, limits=Limits(unpacked_bytes=6_000_000))


def test_a_parser_that_panics_does_not_hide_the_refusal(tmp_path: Path) -> None:
    path = saved(book(["A-1", "Acme", 1]), tmp_path / "invoices.xlsx")
    with pytest.raises(Refused, match=r"too much memory|damaged"):
        values_of(path, limits=Limits(memory_bytes=1_000_000))


def test_a_refusal_names_the_cell_wherever_the_table_starts(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    for column, name in enumerate(COLUMNS):
        made.worksheets[0].cell(3, 27 + column, name)
    made.worksheets[0].cell(5, 28, 1e99)
    with pytest.raises(Refused, match="cell AB5"):
        values_of(saved(made, tmp_path / "invoices.xlsx"))


def test_the_child_knows_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:secret@db/portal")
    told, reader = tmp_path / "told", tmp_path / "reader.py"
    reader.write_text(f"import os; open({str(told)!r}, 'w').write(str(os.environ))")
    monkeypatch.setattr(workbook, "_READER", (str(reader),))
    with pytest.raises(Refused, match="nothing in it"):
        values_of(saved(book(["A-1", "Acme", 1]), tmp_path / "invoices.xlsx"))
    assert told.read_text().startswith("environ(")
    assert "secret" not in told.read_text()


def test_a_bug_in_the_reader_is_not_blamed_on_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(book(["A-1", "Acme", 1]), tmp_path / "invoices.xlsx")
    broken = tmp_path / "reader.py"
    broken.write_text("import no_such_parser")
    monkeypatch.setattr(workbook, "_READER", (str(broken),))
    with pytest.raises(RuntimeError, match="no_such_parser"):
        values_of(path)
