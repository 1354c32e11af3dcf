"""A billing run in one zip: invoices, lines, payments and documents, all or nothing; hostile zips are refused."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from data.imports import Imported, Unfit, Watch
from data.imports import bundle as bundles
from data.imports.billing import import_billing
from data.tabular import Refused
from tests.cluster import Database
from tests.import_files import LINES, Importer, importing, write

PDF = b"%PDF-1.7\n%made up\n"
PAYMENT = {"number": "I-1", "paid_on": "2025-04-20", "amount": "60.00", "reference": "Bank 1"}
Zip = Callable[..., Path]
STANDS = """select i.number, i.total, i.paid, i.balance, i.state,
    (select count(*) from portal.payment p where p.invoice_id = i.id),
    (select d.content from portal.invoice_document d where d.invoice_id = i.id)
    from portal.invoice i order by i.number"""


@pytest.fixture(scope="module")
def importer(empty_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Importer]:
    with importing(empty_database, tmp_path_factory.mktemp("files")) as made:
        yield made.set_the_scene()


@pytest.fixture(autouse=True)
def nothing_yet(importer: Importer) -> None:
    for table in ("invoice_document", "payment", "invoice_line", "invoice"):
        importer.do(f"delete from portal.{table}")


@pytest.fixture
def packed(tmp_path: Path) -> Zip:
    """A run of two invoices as it should be; `tables` are rows of another kind, `more` entries beside."""

    def pack(
        *,
        invoices: tuple[Mapping[str, str], ...] = ({}, {"number": "I-2"}),
        payments: tuple[Mapping[str, str], ...] = (PAYMENT,),
        more: Mapping[str, bytes] | None = None,
    ) -> Path:
        path = tmp_path / "run.zip"
        head = ",".join(PAYMENT)
        rows = [",".join({**PAYMENT, **payment}.values()) for payment in payments]
        write(tmp_path / "i.csv", "invoices", invoices)
        write(tmp_path / "l.csv", LINES, [{"number": row.get("number", "I-1")} for row in invoices])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(tmp_path / "i.csv", "invoices.csv")
            archive.write(tmp_path / "l.csv", "lines.csv")
            archive.writestr("payments.csv", "\n".join([head, *rows]))
            for name, content in (more if more is not None else {"I-1.pdf": PDF, "pdf/I-2.pdf": PDF}).items():
                archive.writestr(name, content)
        return path

    return pack


def brought(importer: Importer, path: Path, *, dry_run: bool = False) -> Imported:
    return import_billing(importer.engine, path, dry_run=dry_run)


def test_all_of_it_is_there_and_again_changes_nothing(importer: Importer, packed: Zip) -> None:
    imported = brought(importer, packed())
    assert (imported.rows, imported.added, imported.changed) == (2, 2, 0)
    stands = importer.ask(STANDS)
    assert [row[:6] for row in stands] == [
        ("I-1", 110, 60, 50, "partially_paid", 1),
        ("I-2", 110, 0, 110, "issued", 0),
    ]
    assert [bytes(row[6]) for row in stands] == [PDF, PDF]
    again = brought(importer, packed())
    assert (again.added, again.changed) == (0, 0)
    assert importer.ask(STANDS) == stands


class Meanwhile(Watch):
    """Does something when the import has come so far; PostgreSQL refuses to let it wait for the import."""

    def __init__(self, importer: Importer, step: str, *statements: str) -> None:
        self.importer, self.at, self.statements = importer, step, statements
        self.refused: list[str] = []

    def step(self, words: str) -> None:
        if words == self.at:
            for statement in self.statements:
                try:
                    self.importer.do(f"set local lock_timeout = '100ms'; {statement}")
                except DBAPIError as error:
                    self.refused.append(str(error.orig).splitlines()[0])


PAY = """insert into portal.payment (account_id, invoice_id, amount, currency, paid_on, reference)
    select account_id, id, 10, currency, issue_date, 'meanwhile' from portal.invoice where number = '{}'"""
HOLD = "select from portal.invoice where number = '{}' for no key update"


@pytest.mark.parametrize("step", ["writing invoices", "writing payments", "keeping documents"])
def test_invoices_that_an_import_does_not_touch_are_paid_meanwhile(importer: Importer, packed: Zip, step: str) -> None:
    importer.rows("invoices", {"number": "I-8"}, {"number": "I-9", "account": "BOLT"})
    watch = Meanwhile(importer, step, PAY.format("I-8"), PAY.format("I-9"))
    import_billing(importer.engine, packed(invoices=({"paid": "50"}, {"number": "I-2", "paid": "110"})), watch=watch)
    assert watch.refused == []
    stands = {row[0]: row[1:5] for row in importer.ask(STANDS)}
    assert stands["I-8"] == stands["I-9"] == (110, 10, 100, "partially_paid")
    assert (stands["I-1"], stands["I-2"]) == ((110, 110, 0, "paid"), (110, 110, 0, "paid")), "once each"


def test_what_an_import_may_change_is_held_before_it_touches_any(importer: Importer, packed: Zip) -> None:
    """Else whoever holds one of two waits for the other, which the import has, and the import for theirs."""
    importer.rows("invoices", {}, {"number": "I-9"})
    watch = Meanwhile(importer, "writing invoices", HOLD.format("I-1"), HOLD.format("I-9"))
    import_billing(importer.engine, packed(invoices=({"due_date": "2025-06-01"}, {"number": "I-2"})), watch=watch)
    assert watch.refused == ["canceling statement due to lock timeout"]


def test_a_dry_run_says_what_would_change_and_keeps_nothing(importer: Importer, packed: Zip) -> None:
    brought(importer, packed())
    stands = importer.ask(STANDS)
    other = packed(
        invoices=({"due_date": "2025-06-01"}, {"number": "I-2"}, {"number": "I-3"}),
        payments=(PAYMENT, {"reference": "Bank 2", "amount": "50.00"}),
        more={"I-1.pdf": PDF + b"corrected", "I-3.pdf": PDF},
    )
    would = brought(importer, other, dry_run=True)
    assert (would.added, would.changed) == (1, 1)
    assert would.notes == ("I-1: due_date 2025-05-01 → 2025-06-01", "2 documents: 1 new, 1 replaced")
    assert importer.ask(STANDS) == stands
    assert brought(importer, other).notes == would.notes
    assert importer.ask(STANDS)[0][3:5] == (0, "paid")
    versions = importer.ask(
        "select d.version from portal.invoice_document d join portal.invoice i on i.id = d.invoice_id order by i.number"
    )
    assert [version for (version,) in versions] == [2, 1, 1], "whoever had the page open is told that it was replaced"


@pytest.mark.parametrize(
    ("payment", "expected"),
    [
        ({"number": "I-9"}, "the number of an invoice in invoices.csv"),
        ({"amount": "110.01"}, "no more than is open"),
        ({"amount": "0"}, "above 0"),
        ({"amount": "-5"}, "an amount of 0 or more"),
        ({"amount": "NaN"}, "an amount of 0 or more"),
        ({"paid_on": "tomorrow"}, "a date"),
        ({"reference": ""}, "column reference"),
    ],
)
def test_one_wrong_payment_keeps_all_of_it_out(
    importer: Importer, packed: Zip, payment: dict[str, str], expected: str
) -> None:
    with pytest.raises(Unfit) as refused:
        brought(importer, packed(payments=(payment,)))
    assert expected in str(refused.value)
    assert str(refused.value).startswith("payments.csv, line 2, column"), "as it is called inside of the zip"
    assert importer.ask(STANDS) == []


def test_a_table_that_cannot_be_read_is_named_as_it_is_inside_of_the_zip(importer: Importer, tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("invoices.csv", "number,what\nI-1,x\n")
    with pytest.raises(Refused, match=r"^invoices\.csv, line 1: column 'type' is missing") as refused:
        brought(importer, path)
    assert str(tmp_path) not in str(refused.value) and "portal-billing" not in str(refused.value)


def test_a_payment_that_is_here_never_changes(importer: Importer, packed: Zip) -> None:
    brought(importer, packed())
    stands = importer.ask(STANDS)
    with pytest.raises(Unfit, match=r"60\.00 on 2025-04-20"):
        brought(importer, packed(payments=({"amount": "61.00"},)))
    assert importer.ask(STANDS) == stands


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"I-1.pdf": b"<html>"}, "no PDF"),
        ({"I-1.pdf": b"MZ%PDF-"}, "no PDF"),
        ({"I-9.pdf": PDF}, "no invoice of invoices.csv"),
        ({"../I-1.pdf": PDF}, "points outside"),
        ({"/etc/I-1.pdf": PDF}, "points outside"),
        ({"a\\..\\I-1.pdf": PDF}, "points outside"),
        ({"C:I-1.pdf": PDF}, "points outside"),
        ({"a/I-1.pdf": PDF, "b/I-1.pdf": PDF}, "two entries"),
        ({"run.sh": b"#!/bin/sh"}, "does not belong"),
        ({"nested.zip": b"PK"}, "does not belong"),
        ({"deep/invoices.csv": b"x"}, "does not belong"),
    ],
)
def test_a_hostile_zip_is_refused_and_leaves_nothing(
    importer: Importer, packed: Zip, more: dict[str, bytes], problem: str
) -> None:
    with pytest.raises(Refused, match=problem):
        brought(importer, packed(more=more))
    assert importer.ask(STANDS) == []


def test_a_link_is_refused(importer: Importer, packed: Zip) -> None:
    path = packed(more={})
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("I-1.pdf")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(Refused, match="link"):
        brought(importer, path)


def test_a_bomb_is_refused_by_its_size_and_by_what_it_really_is(
    importer: Importer, packed: Zip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "LARGEST_UNPACKED", 100_000)
    with pytest.raises(Refused, match="unpacked it has more"):
        brought(importer, packed(more={"I-1.pdf": PDF + b"0" * 200_000}))
    path = packed(more={"I-1.pdf": PDF + b"0" * 90_000})
    blob = path.read_bytes()
    size = (len(PDF) + 90_000).to_bytes(4, "little")
    assert blob.count(size) == 2
    path.write_bytes(blob.replace(size, (50).to_bytes(4, "little")))
    with pytest.raises(Refused, match=r"damaged|larger"):
        brought(importer, path)
    assert importer.ask(STANDS) == []


def test_too_many_and_too_much_is_refused(importer: Importer, packed: Zip, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as few:
        few.setattr(bundles, "MOST_ENTRIES", 4)
        with pytest.raises(Refused, match="entries"):
            brought(importer, packed())
    with monkeypatch.context() as large:
        large.setattr(bundles, "LARGEST_DOCUMENT", 10)
        with pytest.raises(Refused, match="larger"):
            brought(importer, packed())
    with monkeypatch.context() as small:
        small.setattr(bundles, "LARGEST", 10)
        with pytest.raises(Refused, match="MB"):
            brought(importer, packed())
    assert importer.ask(STANDS) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"not a zip at all"])
def test_what_is_no_billing_run_is_refused(importer: Importer, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.zip"
    path.write_bytes(content)
    with pytest.raises(Refused):
        brought(importer, path)
