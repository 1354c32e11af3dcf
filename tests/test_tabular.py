"""Reading a CSV file that somebody gives us: every flavour that is clear, and a plain refusal of what is not."""

from __future__ import annotations

import os
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from data.tabular import COMMAND_LINE, Limits, Refused, Row, read_rows

COLUMNS = ("number", "account", "total")
HEADER = b"number,account,total\n"

Write = Callable[..., Path]


def rows_of(path: Path, **options: object) -> list[Row]:
    return list(read_rows(path, columns=COLUMNS, **options))  # ty: ignore[invalid-argument-type]


def refusal(path: Path, **options: object) -> Refused:
    """Why the file is refused; every refusal names the file and tells what to do."""
    with pytest.raises(Refused) as caught:
        rows_of(path, **options)
    assert str(path) in str(caught.value)
    assert caught.value.cure in str(caught.value)
    return caught.value


@pytest.fixture
def invoices(tmp_path: Path) -> Write:
    """Write what Fin would upload."""

    def write(content: bytes, name: str = "invoices.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("number,account,total\nA-1,김포,9.90\nA-2,Bolt,1\n".encode(), id="plain"),
        pytest.param("number,account,total\nA-1,김포,9.90\nA-2,Bolt,1\n".encode("utf-8-sig"), id="marked utf-8"),
        pytest.param("number;account;total\r\nA-1;김포;9.90\r\nA-2;Bolt;1\r\n".encode("utf-16"), id="excel unicode"),
        pytest.param(
            "\ufeffnumber\taccount\ttotal\nA-1\t김포\t9.90\nA-2\tBolt\t1".encode("utf-16-be"), id="big endian"
        ),
        pytest.param("number;account;total\nA-1;김포;9.90\nA-2;Bolt;1\n".encode(), id="semicolons"),
        pytest.param("number\taccount\ttotal\nA-1\t김포\t9.90\nA-2\tBolt\t1\n".encode(), id="tabs"),
        pytest.param("number,account,total\rA-1,김포,9.90\rA-2,Bolt,1\r".encode(), id="old mac lines"),
        pytest.param('"Total", number , ACCOUNT\n9.90,A-1,"김포"\n1,A-2, Bolt \n'.encode(), id="any order and case"),
        pytest.param('"number";"account";"total"\nA-1;"김포";9.90\nA-2;Bolt;1\n'.encode(), id="quoted"),
        pytest.param("number,account,total,,\nA-1,김포,9.90,,\nA-2,Bolt,1,,\n".encode(), id="empty columns at the end"),
    ],
)
def test_every_flavour_of_csv_gives_the_same_rows(invoices: Write, content: bytes) -> None:
    path = invoices(content)
    assert rows_of(path) == [
        Row(str(path), 2, {"number": "A-1", "account": "김포", "total": "9.90"}),
        Row(str(path), 3, {"number": "A-2", "account": "Bolt", "total": "1"}),
    ]


def test_a_row_is_numbered_by_the_line_it_starts_on(invoices: Write) -> None:
    path = invoices(HEADER + b'A-1,"Acme\nSeoul, ""Main""",1\n\n , ,\nA-2,Bolt,2\n')
    assert [(row.number, row.values["account"]) for row in rows_of(path)] == [(2, 'Acme\nSeoul, "Main"'), (6, "Bolt")]


def test_blank_lines_above_the_header_do_not_hide_its_delimiter(invoices: Write) -> None:
    assert [row.number for row in rows_of(invoices(b"\n\nnumber;account;total\nA-1;Acme, Inc.;1\n"))] == [4]


def test_optional_columns_may_be_there_and_empty_cells_are_empty_text(invoices: Write) -> None:
    path = invoices(b"number,account,total,paid\nA-1,,1,\n")
    assert [row.values for row in rows_of(path, optional=("paid", "terms"))] == [
        {"number": "A-1", "account": "", "total": "1", "paid": ""}
    ]


def test_text_is_never_taken_for_anything_else(invoices: Write) -> None:
    path = invoices(HEADER + b"00123,=1+1,1e3\n")
    assert rows_of(path)[0].values == {"number": "00123", "account": "=1+1", "total": "1e3"}


def test_a_header_alone_is_a_file_of_no_rows(invoices: Write) -> None:
    assert rows_of(invoices(HEADER)) == []


def test_rows_stream_and_a_long_file_is_never_held_whole(invoices: Write) -> None:
    path = invoices(HEADER + b"A-1,Acme Seoul,12.50\n" * 100_000)
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_rows(path, columns=COLUMNS))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 100_000
    assert peak < path.stat().st_size / 4


@pytest.mark.parametrize(
    ("content", "where", "problem", "cure"),
    [
        (b"", None, "empty", "right file"),
        (b"number,account,total\rA-1,Bi\xf1an,1\r", "line 2", "not UTF-8", "CSV UTF-8"),
        (b"number,account,total\r\nA-1,Acme,1\r\nA-2,Bi\xf1an,1\r\n", "line 3", "not UTF-8", "CSV UTF-8"),
        (b"\n \n,,\n", None, "nothing in it", "Expected columns: number, account, total"),
        (HEADER + b"A-1,Acme,1\nA-2,Ac\0me,1\n", "line 3", "NUL", "UTF-8"),
        ("number,account,total\nA-1,a,1\n".encode("utf-16-le"), "line 1", "NUL", "UTF-8"),
        (HEADER + b"A-1,Acme,1\n" * 5_000 + "A-2,Biñan,1\n".encode("latin-1"), "line 5002", "not UTF-8", "CSV UTF-8"),
        (HEADER + b'A-1,"Ac\r\nme",1\r\n' + "A-2,서울,1\n".encode("cp949"), "line 4", "not UTF-8", "CSV UTF-8"),
        ("number,account,total\nA-1,a,1\n".encode("utf-16")[:-1], "line 2", "not UTF-16", "CSV UTF-8"),
        (HEADER + b"A-1,Acme,1\nA-2,Acme, Inc.,1\n", "line 3", "it has 4 columns", "quotes"),
        (HEADER + b"A-1,Acme,1\nA-2,Acme\n", "line 3", "it has 2 columns, the header in line 1 has 3", "quotes"),
        (HEADER + b'A-1,"Acme,1\nA-2,Bolt,1\n', "line 2", "not closed", "quote"),
        (HEADER + b'A-1,"Acme" Seoul,1\n', "line 2", "between a closing quote", "quote"),
        (HEADER + b'A-1,"' + b"x\n" * 100_000, "line 2", "never ends", "quote"),
        (HEADER + b"A-1," + b"x" * 40_000 + b",1\n", "line 2", "more than 32,767 characters", "Shorten"),
        (HEADER + b"A-1" + b"," * 3_000_000, "line 2", "endless", "CSV"),
        (b"number,account,total,\nA-1,Acme,1,\nA-2,Bolt,1,x\n", "line 3", "column without a name", "name its column"),
        (b"number,account,total,Account\n", "line 1", "'account' is there twice", "Expected columns: number"),
        (b"number,total\n", "line 1", "column 'account' is missing", "Expected columns: number, account, total"),
        (b"number,acount,total\n", "line 1", r"'acount' is unknown \(is it 'account'\?\)", "Expected columns"),
        (b"\n\nnumber|account|total\n", "line 3", "'number.account.total' is unknown", "Expected columns"),
        (HEADER[:-1] + b",\x1b[2Jpay\n", "line 1", "'\N{REPLACEMENT CHARACTER}\\[2jpay' is unknown", "Expected"),
        (HEADER[:-1] + b"".join(b",x%d" % n for n in range(900)) + b"\n", "line 1", "and 895 more", "Expected"),
        (b"<html><table><tr><td>number</td></tr></table></html>", "line 1", "is unknown", "Expected columns"),
    ],
)
def test_a_broken_csv_is_refused_with_its_line_and_the_cure(
    invoices: Write, content: bytes, where: str | None, problem: str, cure: str
) -> None:
    refused = refusal(invoices(content))
    assert refused.where == where
    assert re.search(problem, refused.problem)
    assert cure in refused.cure
    assert "\x1b" not in str(refused)
    assert len(str(refused)) < 700


def test_a_file_over_the_limits_is_refused_and_the_command_line_has_wider_ones(invoices: Write) -> None:
    path = invoices(HEADER + b"A-1,Acme,1\n" * 4)
    assert "allowed" in refusal(path, limits=Limits(file_bytes=20)).problem
    assert "more than 3 rows" in refusal(path, limits=Limits(rows=3)).problem
    assert len(rows_of(path, limits=Limits(rows=4))) == 4
    assert COMMAND_LINE.file_bytes > Limits().file_bytes


def test_a_folder_a_missing_file_and_a_pipe_are_refused_each_in_its_own_words(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert "folder" in refusal(tmp_path).problem
    assert "no such file" in refusal(tmp_path / "gone.csv").problem
    assert "not a regular file" in refusal(pipe).problem


@pytest.mark.parametrize(
    ("name", "content", "problem", "cure"),
    [
        ("invoices.xls", HEADER, "old Excel file", "xlsx"),
        (
            "invoices",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
            "old Excel file .* password",
            "without a password",
        ),
        ("invoices.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "password", "without a password"),
        ("invoices.xlsx", HEADER, "named .xlsx but is no workbook", "rename it to .csv"),
        ("invoices.csv", b"PK\x03\x04" + bytes(512), "named .csv but is a workbook", "Rename it to .xlsx"),
        ("invoices.pdf", b"%PDF-1.7\n", "named .pdf is not read", "CSV"),
        ("invoices.xlsm", b"PK\x03\x04" + bytes(512), "named .xlsm is not read", "xlsx"),
    ],
)
def test_what_a_file_is_its_content_says_and_a_name_that_lies_is_refused(
    invoices: Write, name: str, content: bytes, problem: str, cure: str
) -> None:
    refused = refusal(invoices(content, name))
    assert re.search(problem, refused.problem)
    assert cure in refused.cure


def test_an_upload_is_called_by_the_name_its_owner_gave_it(invoices: Write) -> None:
    stored = invoices(HEADER + b"A-1,Acme,1\n", "3f9c")
    assert [row.file for row in read_rows(stored, columns=COLUMNS, name="Q3.csv")] == ["Q3.csv"]
    with pytest.raises(Refused, match=r"^Q3\.csv, line 1: ") as caught:
        list(read_rows(stored, columns=(*COLUMNS, "paid"), name="Q3.csv"))
    assert str(stored) not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "rows", "first", "last"),
    [
        ("entities", 1, "EX-US", "EX-US"),
        ("sites", 24, "DM-NYC", "BUTLER-COMMUNICATIONS"),
        ("inventory", 177, "NB-00001", "NB-00177"),
        ("invoices", 412, "CHINOOK-0001", "CHINOOK-0412"),
        ("invoice_lines", 2240, "CHINOOK-0001", "CHINOOK-0412"),
        ("orders", 830, "NW-10248", "NW-11077"),
    ],
)
def test_real_files_are_read_to_the_last_row(name: str, rows: int, first: str, last: str) -> None:
    path = Path(__file__).with_name("data") / f"{name}.csv"
    columns = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    read = [row.values[columns[0]] for row in read_rows(path, columns=columns)]
    assert len(read) == rows
    assert (read[0], read[-1]) == (first, last)
