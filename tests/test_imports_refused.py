"""A file with something wrong in it: every problem is named with file, row, column and value, and nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.imports import KINDS, Problem, Unfit
from data.imports.problems import MOST
from data.tabular import Refused
from tests.cluster import Database
from tests.import_files import GOOD, LINES, Cells, Importer, importing, write

TABLES = {
    "entities": "legal_entity", "accounts": "account", "sites": "site", "inventory": "inventory_item",
    "orders": "service_order", "invoices": "invoice", "tickets": "ticket",
}  # fmt: skip


@pytest.fixture(scope="module")
def portal(empty_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Importer]:
    with importing(empty_database, tmp_path_factory.mktemp("files")) as importer:
        importer.set_the_scene()
        yield importer


def everything(portal: Importer) -> list[tuple[object, ...]]:
    counts = ", ".join(
        f"(select count(*) from portal.{table})" for table in (*TABLES.values(), "audit_entry", "payment")
    )
    return portal.ask(f"select {counts}")


def problems(portal: Importer, kind: str, *rows: Cells, lines: list[Cells] | None = None) -> list[Problem]:
    """What is wrong with these; and nothing of them was kept."""
    before = everything(portal)
    with pytest.raises(Unfit) as refused:
        portal.rows(kind, *rows, lines=lines)
    assert everything(portal) == before
    return list(refused.value.problems)


#: Kind, the cells that are wrong, the column that is named, and what was expected there.
BROKEN: list[tuple[str, Cells, str, str]] = [
    ("entities", {"entity": "EX JP"}, "entity", "a code of at most 50 letters"),
    ("entities", {"country": "Japan"}, "country", "two letters"),
    ("entities", {"country": "ZZ"}, "country", "two letters"),
    ("entities", {"currency": "yen"}, "currency", "one of USD"),
    ("entities", {"finance_email": "finance"}, "finance_email", "an e-mail address"),
    ("entities", {"tax_rounding": "up"}, "tax_rounding", "'line' or 'invoice'"),
    ("entities", {"time_zone": "JST"}, "time_zone", "like Asia/Seoul"),
    ("accounts", {"account": "ACME/1"}, "account", "a code of"),
    ("accounts", {"name": ""}, "name", "one line of text"),
    ("accounts", {"name": "Ac\tme"}, "name", "one line of text"),
    ("accounts", {"locale": "korean!"}, "locale", "like en, ko"),
    ("accounts", {"time_zone": "Asia/Soul"}, "time_zone", "like Asia/Seoul"),
    ("accounts", {"parent": "NOBODY"}, "parent", "in this file or in the portal"),
    ("accounts", {"account": "ACME", "parent": "ACME"}, "parent", "not a part of this one"),
    (
        "accounts",
        {"account_manager": "mia@portal.example"},
        "account_manager",
        "./portal user add EMAIL --role manager",
    ),
    ("sites", {"latitude": "91", "longitude": "0"}, "latitude", "from -90 to 90"),
    ("sites", {"longitude": ""}, "longitude", "both latitude and longitude"),
    ("sites", {"status": "open"}, "status", "'active', 'planned' or 'closed'"),
    ("sites", {"issuer": "EX-FR"}, "issuer", "./portal import entities FILE first"),
    ("inventory", {"account": "NOBODY"}, "account", "./portal import accounts FILE"),
    ("inventory", {"account": "acme"}, "account", "./portal import accounts FILE"),
    ("inventory", {"site": "NOWHERE"}, "site", "./portal import sites FILE"),
    ("inventory", {"kind": "rack"}, "kind", "'cage', 'cabinet'"),
    ("inventory", {"asset_number": ""}, "asset_number", "one line of text of at most 50"),
    ("inventory", {"installed_on": "31.12.2025"}, "installed_on", "a date like 2026-10-31"),
    ("inventory", {"installed_on": "2025-02-29"}, "installed_on", "a date like 2026-10-31"),
    ("inventory", {"installed_on": "0225-01-01"}, "installed_on", "a date like 2026-10-31"),
    ("inventory", {"installed_on": "1704067200"}, "installed_on", "a date like 2026-10-31"),
    ("inventory", {"contract_end": "2024-12-31"}, "contract_end", "not before installed_on"),
    ("inventory", {"monthly_charge": "-1"}, "monthly_charge", "0 or more"),
    ("inventory", {"monthly_charge": "1,200.50"}, "monthly_charge", "nothing between thousands"),
    ("inventory", {"monthly_charge": "1200,50"}, "monthly_charge", "'.' before the decimals"),
    ("inventory", {"monthly_charge": "1e3"}, "monthly_charge", "0 or more"),
    ("inventory", {"monthly_charge": "１２"}, "monthly_charge", "0 or more"),
    ("inventory", {"currency": ""}, "currency", "the currency of monthly_charge"),
    ("inventory", {"currency": "KRW"}, "monthly_charge", "at most 0 decimals in KRW"),
    ("inventory", {"attributes": "{'height_u': 42}"}, "attributes", "a flat JSON object"),
    ("inventory", {"attributes": "[42]"}, "attributes", "a flat JSON object"),
    ("inventory", {"attributes": '{"size": {"u": 42}}'}, "attributes", "a flat JSON object"),
    ("inventory", {"attributes": '{"height_u": NaN}'}, "attributes", "a flat JSON object"),
    ("inventory", {"attributes": '{"height_u": 1e999}'}, "attributes", "a flat JSON object"),
    ("inventory", {"attributes": '{"model": "\\u0000"}'}, "attributes", "a flat JSON object"),
    ("inventory", {"attributes": '{"model": "\\ud800"}'}, "attributes", "a flat JSON object"),
    ("inventory", {"attributes": '{"height_u": 42, "height_u": 47}'}, "attributes", "each there once"),
    ("inventory", {"attributes": '{"voltage": 230, "voltage_v": 400}'}, "attributes", "one of voltage and voltage_v"),
    ("inventory", {"attributes": "[" * 5_000}, "attributes", "a flat JSON object"),
    ("orders", {"request_type": "move"}, "request_type", "'new', 'change'"),
    ("orders", {"requested_at": "yesterday"}, "requested_at", "a time like 2026-10-31T14:30"),
    ("orders", {"installed_at": "2025-02-28"}, "installed_at", "after requested_at"),
    ("orders", {"status": "in_progress"}, "installed_at", "nothing: the order is in_progress"),
    ("tickets", {"kind": "question"}, "kind", "'remote_hands', 'fault'"),
    ("tickets", {"number": "RH-2025-000007"}, "number", "a number like FR-2026-000123"),
    ("tickets", {"status": "delivered"}, "status", "one of submitted, acknowledged"),
    ("tickets", {"status": "reopened"}, "status", "one of submitted, acknowledged"),
    ("tickets", {"status": "done"}, "status", "a state like"),
    ("tickets", {"kind": "remote_hands"}, "severity", "nothing: only faults have one"),
    ("tickets", {"subject": "x" * 201}, "subject", "at most 200 characters"),
    ("tickets", {"description": "x" * 4_001}, "description", "at most 4000 characters"),
    ("tickets", {"resolved_at": "2025-06-01T09:05"}, "resolved_at", "not before first_answered_at"),
    ("tickets", {"closed_at": ""}, "closed_at", "when that was: it is closed"),
    ("tickets", {"resolved_at": ""}, "resolved_at", "when it was resolved"),
    ("tickets", {"status": "resolved"}, "closed_at", "nothing: it is resolved"),
    ("tickets", {"status": "cancelled"}, "resolved_at", "nothing: it is cancelled"),
    ("tickets", {"closed_at": "2199-01-01"}, "closed_at", "a time that has passed"),
    ("invoices", {"issuer": "EX-FR"}, "issuer", "run ./portal import entities FILE first"),
    ("invoices", {"account": "NOBODY"}, "account", "./portal import accounts FILE"),
    ("invoices", {"type": "bill"}, "type", "'invoice' or 'credit_note'"),
    ("invoices", {"issue_date": "2025-13-01"}, "issue_date", "a date like 2026-10-31"),
    ("invoices", {"due_date": "2025-03-31"}, "due_date", "not before issue_date"),
    ("invoices", {"total": "110.01"}, "total", "110.00, the sum of subtotal and tax"),
    ("invoices", {"subtotal": "-110.00", "tax": "0", "total": "-110.00"}, "total", "a credit note has the type"),
    ("invoices", {"paid": "110.01"}, "paid", "not more than total"),
    ("invoices", {"paid": "-1"}, "paid", "0 or more"),
    ("invoices", {"tax": "10.001", "total": "110.001"}, "tax", "an amount like"),
    ("invoices", {"currency": "JPY", "subtotal": "99.50", "tax": "10.50"}, "subtotal", "at most 0 decimals in JPY"),
]


@pytest.mark.parametrize(("kind", "cells", "column", "expected"), BROKEN)
def test_a_cell_that_is_wrong_is_named_and_nothing_is_kept(
    portal: Importer, kind: str, cells: Cells, column: str, expected: str
) -> None:
    key = KINDS[kind].number[1]
    wrong = {**GOOD[kind], key: "NEW-2", **cells}
    found = [each for each in problems(portal, kind, {key: "NEW-1"}, wrong) if each.row == 3]
    assert [each.column for each in found] in ([column], [column, "total"])
    message = str(found[0])
    assert message.startswith(f"{portal.folder / kind}.csv, line 3, column {column}: ")
    said = wrong[column][:60].replace("\t", "\N{REPLACEMENT CHARACTER}")
    assert (f": '{said}" if said else ": (empty)") in message
    assert expected in message


#: The same for what an invoice's lines may say.
BROKEN_LINES: list[tuple[Cells, str, str]] = [
    ({"quantity": "-1"}, "quantity", "a quantity above 0"),
    ({"quantity": "0"}, "quantity", "a quantity above 0"),
    ({"line": "one"}, "line", "1, 2, 3"),
    ({"charge": "monthly"}, "charge", "'recurring', 'one_time' or 'adjustment'"),
    ({"site": "NOWHERE"}, "site", "./portal import sites FILE"),
    ({"description": ""}, "description", "text of at most"),
    ({"unit_price": "99.98"}, "amount", "99.98, quantity times unit_price"),
    ({"number": "I-2"}, "number", "the number of an invoice that is imported with these lines"),
]


@pytest.mark.parametrize(("cells", "column", "expected"), BROKEN_LINES)
def test_a_line_that_is_wrong_is_named_in_its_own_file(
    portal: Importer, cells: Cells, column: str, expected: str
) -> None:
    found = problems(
        portal, "invoices", {}, lines=[{}, {"line": "2", "amount": "0", "unit_price": "0", "tax": "0", **cells}]
    )
    (wrong,) = (each for each in found if each.source.path.name == "lines.csv")
    assert (wrong.row, wrong.column) == (3, column)
    assert expected in wrong.expected


@pytest.mark.parametrize(
    ("invoice", "column", "expected"),
    [
        ({"subtotal": "100.01", "total": "110.01"}, "subtotal", "100.00, the sum of its lines"),
        ({"tax": "10.01", "total": "110.01"}, "tax", "10.00, the sum of its lines' taxes"),
        ({"number": "I-2"}, "number", "an invoice with lines: there are none for it"),
    ],
)
def test_an_invoice_whose_lines_do_not_sum_to_it_is_refused(
    portal: Importer, invoice: Cells, column: str, expected: str
) -> None:
    good, lines = {"number": "I-0"}, [{"number": "I-0"}, {}]
    found = problems(portal, "invoices", good, invoice, lines=lines)
    wrong = next(each for each in found if each.source.path.name == "invoices.csv")
    assert (wrong.row, wrong.column, wrong.expected) == (3, column, expected)


@pytest.mark.parametrize(
    ("kind", "same", "other"),
    [
        ("accounts", {"account": "TWIN"}, {"account": "TWINS"}),
        ("orders", {"number": "T-1"}, {"number": "T-1", "account": "BOLT"}),
        ("inventory", {"asset_number": "T-1"}, {"asset_number": "T-1", "account": "BOLT"}),
        ("invoices", {"number": "T-1"}, {"number": "T-1", "issuer": "EX-JP"}),
        ("tickets", {"number": "T-1"}, {"number": "T-2"}),
    ],
)
def test_a_number_that_is_there_twice_is_refused_with_the_row_that_had_it_first(
    portal: Importer, kind: str, same: Cells, other: Cells
) -> None:
    (wrong,) = problems(portal, kind, same, other, same)
    assert (wrong.row, wrong.column) == (4, KINDS[kind].number[1])
    assert "line 2 has it already" in wrong.expected


def test_a_circle_of_accounts_is_refused_at_each_of_them(portal: Importer) -> None:
    circle = [("A", "B"), ("B", "C"), ("C", "A"), ("D", "A"), ("E", "")]
    found = problems(portal, "accounts", *({"account": name, "parent": parent} for name, parent in circle))
    assert [(each.row, each.column) for each in found] == [(2, "parent"), (3, "parent"), (4, "parent")]


def test_every_wrong_cell_of_a_row_is_named_at_once(portal: Importer) -> None:
    found = problems(portal, "orders", {"number": "", "account": "X", "status": "y", "requested_at": "z"})
    assert [each.column for each in found] == ["number", "account", "status", "requested_at"]


def test_of_very_many_problems_the_first_are_named(portal: Importer) -> None:
    rows = [{"number": f"M-{n}", "account": "NOBODY"} for n in range(MOST + 1)]
    with pytest.raises(Unfit) as refused:
        portal.rows("orders", *rows)
    assert len(refused.value.problems) == MOST
    assert refused.value.lines[-1].startswith("… and more")
    assert len(problems(portal, "orders", *rows[:MOST])) == MOST


def test_rows_of_a_workbook_are_called_rows(portal: Importer, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.Workbook()
    for row in (("site", "name", "country", "city", "time_zone", "latitude", "longitude", "status"),
                ("TYO2", "Tokyo 2", "JP", "Tokyo", "Asia/Tokyo", None, None, "shut")):  # fmt: skip
        workbook.worksheets[0].append(row)
    workbook.save(tmp_path / "sites.xlsx")
    with pytest.raises(Unfit, match=r"sites\.xlsx, row 2, column status: 'shut'"):
        portal.file("sites", tmp_path / "sites.xlsx")


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("sites.csv", b"site,name\nA,B\n", "column 'country' is missing"),
        ("sites.csv", b"site,name,country,city,time_zone,latitude,longitude,status,rating\n", "'rating' is unknown"),
        ("sites.csv", b"", "the file is empty"),
        ("sites.xls", b"\xd0\xcf\x11\xe0", "old Excel file"),
        ("sites.xlsx", b"PK\x03\x04 and no zip", "damaged"),
        ("gone.csv", None, "there is no such file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    portal: Importer, tmp_path: Path, name: str, content: bytes | None, problem: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused, match=problem):
        portal.file("sites", tmp_path / name)


def test_a_file_that_breaks_off_after_good_rows_keeps_none_of_them(portal: Importer) -> None:
    before = everything(portal)
    path = write(portal.folder / "broken.csv", "sites", [{"site": f"S-{n}"} for n in range(5_000)])
    with path.open("ab") as opened:
        opened.write(b'S-9,"never ends')
    with pytest.raises(Refused, match="line 5002"):
        portal.file("sites", path)
    assert everything(portal) == before


def test_values_from_a_file_cannot_play_with_the_terminal(portal: Importer) -> None:
    (wrong,) = problems(portal, "sites", {"site": "S-1", "status": "\x1b[2Jgone"})
    assert "\x1b" not in str(wrong)


def test_a_line_number_that_is_there_twice_is_refused(portal: Importer) -> None:
    found = problems(portal, "invoices", {}, lines=[{}, {"amount": "0", "unit_price": "0", "tax": "0"}])
    assert [(each.row, each.column) for each in found] == [(3, "line")]
    assert LINES not in KINDS, "lines are no kind of their own: without their invoices nobody could check them"
