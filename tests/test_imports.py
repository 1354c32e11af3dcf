"""Importing real files into an empty portal: all of it arrives, everybody sees their own, and twice is as once."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import openpyxl
import pytest
from sqlalchemy import text

from data.database import reading
from data.imports import KINDS, LOCK, Unfit, Watch, import_files
from data.inventory import INVENTORY
from data.invoices import INVOICES
from data.listing import Asked, Summary, page_of, summary_of
from data.people import Role, add_person
from data.tallies import drift
from rules.errors import Forbidden
from rules.permissions import Permission
from tests.cluster import Cluster, Database
from tests.import_files import DATA, Importer, importing, signed_in, write

REAL = ("entities", "accounts", "sites", "inventory", "orders", "invoices")
NORA, FIN = "nora@ncsu.example", "fin@portal.example"
EVERYTHING = "select count(*), sum(version), max(xmin::text::bigint) from portal."


@pytest.fixture(scope="module")
def portal(empty_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Importer]:
    """The real files are here; Nora looks on for NC State, Fin is finance."""
    with importing(empty_database, tmp_path_factory.mktemp("files")) as importer:
        for kind in REAL:
            importer.real(kind)
        with empty_database.as_owner() as connection:
            add_person(connection, NORA, Role.GENERAL, account_code="NC-STATE-UNIVERSITY")
            add_person(connection, FIN, Role.FINANCE)
        yield importer


def stored(portal: Importer) -> dict[str, list[tuple[object, ...]]]:
    """Of every table that an import writes: how many rows, their versions, and the last transaction that wrote one."""
    versioned = ("legal_entity", "account", "site", "inventory_item", "service_order", "invoice")
    others = ("invoice_line", "payment", "audit_entry", "assignment")
    return {table: portal.ask(f"{EVERYTHING}{table}") for table in versioned} | {
        table: portal.ask(f"{EVERYTHING.replace('version', '1')}{table}") for table in others
    }


def cells_of(kind: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / f"{kind}.csv").read_text(encoding="utf-8").splitlines()))


def test_every_row_of_the_real_files_arrives(portal: Importer) -> None:
    assert portal.ask("select count(*), sum(total), min(currency), max(currency) from portal.invoice") == [
        (412, Decimal("2328.60"), "USD", "USD")
    ]
    assert portal.ask("select count(*) from portal.invoice_line") == [(2240,)]
    assert portal.ask("select count(*) from portal.service_order") == [(830,)]
    assert portal.ask(
        "select a.code, count(*) from portal.inventory_item i join portal.account a on a.id = i.account_id "
        "group by 1 order by 1"
    ) == [("DUNDER-MIFFLIN--INC", 78), ("NC-STATE-UNIVERSITY", 99)]


def test_the_lines_of_every_invoice_sum_to_it_and_what_was_paid_is_one_payment(portal: Importer) -> None:
    assert portal.ask(
        "select i.number from portal.invoice i where total <> "
        "(select sum(l.amount + l.tax) from portal.invoice_line l where l.invoice_id = i.id)"
    ) == []  # fmt: skip
    assert portal.ask(
        "select i.number from portal.invoice i where i.paid <> "
        "(select coalesce(sum(p.amount), 0) from portal.payment p where p.invoice_id = i.id)"
    ) == []  # fmt: skip
    assert portal.ask("select distinct reference, count(*) from portal.payment group by 1") == [
        ("opening balance", 371)
    ]
    with portal.database.as_owner() as connection:
        assert set(drift(connection).values()) == {0}


def test_a_member_of_nc_state_sees_its_99_items_and_nothing_else(portal: Importer) -> None:
    database, nora = portal.database, signed_in(portal.database, NORA)
    page = page_of(database.app, nora, INVENTORY, Asked(), size=200)
    assert page.count.n == len(page.rows) == 99
    theirs = {row["asset_number"] for row in cells_of("inventory") if row["account"] == "NC-STATE-UNIVERSITY"}
    assert set(page.rows["asset_number"]) == theirs
    with reading(database.app, nora, Permission.INVENTORY_VIEW) as connection:
        # a query that forgets every filter
        assert connection.execute(text("select count(*) from portal.inventory_item")).scalar() == 99
        for table in ("invoice", "invoice_line", "payment", "service_order"):
            assert connection.execute(text(f"select count(*) from portal.{table}")).scalar() == 0
        assert connection.execute(text("select code from portal.account")).scalars().all() == ["NC-STATE-UNIVERSITY"]


def test_finance_sees_412_invoices_over_2328_60_usd(portal: Importer) -> None:
    database, fin = portal.database, signed_in(portal.database, FIN)
    assert page_of(database.app, fin, INVOICES, Asked()).count.n == 412
    summary = summary_of(database.app, fin, INVOICES, Asked())
    assert isinstance(summary, Summary)
    assert summary.totals is not None
    (total,) = summary.totals[["currency", "n", "total"]].itertuples(index=False, name=None)
    assert total == ("USD", 412, Decimal("2328.60"))
    with pytest.raises(Forbidden):
        page_of(database.app, fin, INVENTORY, Asked())


@pytest.mark.parametrize("kind", REAL)
def test_importing_a_file_again_changes_nothing(portal: Importer, kind: str) -> None:
    before = stored(portal)
    again = portal.real(kind)
    assert (again.added, again.changed) == (0, 0)
    assert again.rows == again.unchanged > 0
    assert stored(portal) == before


def typed(text: str) -> object:
    """As somebody would have it in a spreadsheet: numbers and dates, not their spelling."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text)
    if re.fullmatch(r"-?\d+\.\d+", text):
        return float(text)
    return int(text) if re.fullmatch(r"[1-9]\d{0,5}", text) else text or None


def as_workbook(csv_file: Path, folder: Path) -> Path:
    workbook = openpyxl.Workbook()
    with csv_file.open(newline="", encoding="utf-8") as opened:
        for row in csv.reader(opened):
            workbook.worksheets[0].append([typed(cell) for cell in row])
    path = folder / csv_file.with_suffix(".xlsx").name
    workbook.save(path)
    return path


@pytest.mark.parametrize("kind", ["inventory", "orders", "invoices"])
def test_a_workbook_says_the_same_as_the_csv_file(portal: Importer, tmp_path: Path, kind: str) -> None:
    before = stored(portal)
    lines = as_workbook(DATA / "invoice_lines.csv", tmp_path) if kind == "invoices" else None
    same = portal.file(kind, as_workbook(DATA / f"{kind}.csv", tmp_path), lines=lines)
    assert (same.added, same.changed) == (0, 0)
    assert same.rows == len(cells_of(kind))
    assert stored(portal) == before


def test_a_dry_run_counts_what_would_happen_and_keeps_nothing(cluster: Cluster, tmp_path: Path) -> None:
    with importing(Database(cluster.new_database("empty")), tmp_path) as importer:
        assert importer.real("entities", dry_run=True).added == 1
        assert importer.ask("select count(*) from portal.legal_entity") == [(0,)]
        assert importer.ask("select count(*) from portal.audit_entry") == [(0,)]


def test_one_changed_cell_changes_that_row_alone(portal: Importer) -> None:
    row = {"account": "INITECH", "name": "Initech Ltd", "country": "US", "currency": "USD", "locale": "en"}
    before = portal.ask("select sum(version) from portal.account")[0][0]
    changed = portal.rows("accounts", {**row, "time_zone": "America/New_York"})
    assert (changed.added, changed.changed) == (0, 1)
    assert portal.ask("select name, version from portal.account where code = 'INITECH'") == [("Initech Ltd", 2)]
    assert portal.ask("select sum(version) from portal.account") == [(before + 1,)]
    portal.real("accounts")
    assert portal.ask("select name, version from portal.account where code = 'INITECH'") == [("Initech", 3)]


def test_rows_that_a_file_does_not_have_any_more_stay(portal: Importer) -> None:
    before = portal.ask("select code from portal.site where code <> 'TYO1' order by 1")
    portal.rows("sites", {})
    assert portal.ask("select code from portal.site where code <> 'TYO1' order by 1") == before
    assert len(before) >= len(cells_of("sites"))


def test_a_column_that_a_file_lacks_is_left_alone(portal: Importer) -> None:
    """The real file has no time zone for the entity, and so cannot take one away."""
    (ours,) = cells_of("entities")
    portal.file("entities", write(portal.folder / "zone.csv", "entities", [{**ours, "time_zone": "America/Chicago"}]))
    assert portal.real("entities").changed == 0
    assert portal.ask("select time_zone from portal.legal_entity where code = 'EX-US'") == [("America/Chicago",)]


def test_where_to_pay_an_issuer_is_the_operator_s_to_say(portal: Importer) -> None:
    """No hat writes it; a file that does not speak of it leaves it alone."""
    (ours,) = cells_of("entities")
    details = "Example Bank\nAccount 000-000-001"
    told = write(portal.folder / "bank.csv", "entities", [{**ours, "bank_details": details}])
    portal.file("entities", told)
    asked = "select bank_details from portal.legal_entity where code = 'EX-US'"
    assert portal.ask(asked) == [(details,)]
    assert portal.real("entities").changed == 0
    assert portal.ask(asked) == [(details,)]


def test_an_entity_without_time_zone_has_its_countrys_only_one_or_a_note_says_so(portal: Importer) -> None:
    imported = portal.rows("entities", {"entity": "EX-KR", "country": "KR"}, {"entity": "EX-ID", "country": "ID"})
    assert dict(portal.ask("select code, time_zone from portal.legal_entity")) | {"EX-US": ""} == {
        "EX-US": "", "EX-KR": "Asia/Seoul", "EX-ID": "UTC",
    }  # fmt: skip
    (note,) = imported.notes
    assert "EX-ID" in note
    assert "EX-KR" not in note


def test_each_import_is_told_to_the_staffs_audit_log_once(portal: Importer) -> None:
    before = portal.ask("select count(*) from portal.audit_entry")[0][0]
    portal.rows("sites", {"site": "OSA1"}, {"site": "OSA2"})
    portal.rows("sites", {"site": "OSA1"}, {"site": "OSA2"})
    assert portal.ask("select count(*) from portal.audit_entry") == [(before + 1,)]
    ((actor, audience, action, after),) = portal.ask(
        "select actor_kind, audience, action, after from portal.audit_entry order by id desc limit 1"
    )
    assert (actor, audience, action) == ("operator", "staff", "sites.import")
    assert after["added"] == 2
    assert [file["name"] for file in after["files"]] == ["sites.csv"]


def test_every_kind_of_file_says_where_each_of_its_columns_goes() -> None:
    """A column that is read and then forgotten would be lost without a word."""
    for kind in (kind for each in KINDS.values() for kind in (each, each.lines) if kind):
        listed = {*kind.target.filled, *kind.beside}
        assert {kind.number[0]} <= listed
        assert {*kind.may_lack} == {*kind.row.optional()}
        assert {*kind.may_lack.values()} <= {*kind.target.columns}
        assert {*kind.target.filled} <= {*kind.target.table.columns.keys()}


def test_a_parent_may_stand_below_its_parts(portal: Importer) -> None:
    below, above = {"account": "P-PART", "parent": "P-WHOLE"}, {"account": "P-WHOLE"}
    assert portal.rows("accounts", below, above).added == 2
    parent = (
        "select p.code, a.version from portal.account a left join portal.account p on p.id = a.parent_id "
        "where a.code = 'P-PART'"
    )
    assert portal.ask(parent) == [("P-WHOLE", 1)]
    assert portal.rows("accounts", below, above).changed == 0
    assert portal.rows("accounts", {"account": "P-PART"}, above).changed == 1
    assert portal.ask(parent) == [(None, 2)]


def test_an_account_gets_its_manager_and_keeps_those_it_has(portal: Importer) -> None:
    managers = (
        "select p.email from portal.assignment g join portal.account a on a.id = g.account_id "
        "join portal.person p on p.id = g.person_id where a.code = 'MANAGED' order by 1"
    )
    with portal.database.as_owner() as connection:
        for email in ("mia@portal.example", "max@portal.example"):
            add_person(connection, email, Role.MANAGER)
    mias = {"account": "MANAGED", "account_manager": "Mia@Portal.example"}
    portal.rows("accounts", mias)
    assert portal.ask(managers) == [("mia@portal.example",)]
    assert portal.rows("accounts", mias).changed == 0
    assert portal.rows("accounts", {**mias, "account_manager": "max@portal.example"}).changed == 1
    assert portal.rows("accounts", {**mias, "account_manager": ""}).changed == 0
    assert portal.ask(managers) == [("max@portal.example",), ("mia@portal.example",)]
    with pytest.raises(Unfit, match="--role manager"):
        portal.rows("accounts", {**mias, "account_manager": FIN})


def test_attributes_get_our_names_and_become_numbers_where_their_name_has_a_unit(portal: Importer) -> None:
    portal.rows("accounts", {})
    portal.rows("sites", {})
    said = '{"voltage": "230", "amperage": "16.5", "feed": "1", "height_u": "tall", "colour": "7"}'
    portal.rows("inventory", {"kind": "power_circuit", "attributes": said})
    ((kept, charge),) = portal.ask(
        "select attributes, monthly_charge from portal.inventory_item where asset_number = 'A-1'"
    )
    assert kept == {"voltage_v": 230, "amperage_a": 16.5, "feed": "1", "height_u": "tall", "colour": "7"}
    assert charge == Decimal("1200.50")


@pytest.mark.parametrize(
    ("site", "said", "utc"),
    [
        ("TYO1", "2025-03-09", "2025-03-08 15:00"),
        ("TYO1", "2025-03-09T17:30", "2025-03-09 08:30"),
        ("TYO1", "2025-03-09T17:30+01:00", "2025-03-09 16:30"),
        ("TYO1", "2025-03-09T17:30:00Z", "2025-03-09 17:30"),
        ("", "2025-03-09 17:30", "2025-03-09 11:45"),
    ],
)
def test_a_time_without_zone_is_on_the_clock_of_its_site_else_of_its_account(
    portal: Importer, site: str, said: str, utc: str
) -> None:
    portal.rows("accounts", {"time_zone": "Asia/Kathmandu"})
    portal.rows("sites", {})
    portal.rows("orders", {"site": site, "installed_at": said})
    installed = "to_char(installed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')"
    assert portal.ask(f"select {installed} from portal.service_order where number = 'O-1'") == [(utc,)]


def test_a_second_import_waits_until_the_first_has_ended(portal: Importer) -> None:
    class Impatient(Watch):
        told: ClassVar[list[str]] = []

        def step(self, words: str) -> None:
            self.told.append(words)
            if words.startswith("waiting"):
                first.rollback()

    with portal.engine.connect() as first:
        first.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        import_files(portal.engine, KINDS["sites"], [DATA / "sites.csv"], watch=Impatient())
    assert Impatient.told[0] == "waiting for another import to end"
    assert Impatient.told[1] == "checking"
