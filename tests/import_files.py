"""Files to import, as the tests need them: the real ones, and small ones in which a few cells differ from good ones."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select, text

from auth.sessions import hashed, new_token, who
from data.imports import KINDS, Imported, import_files
from data.migrate import bootstrap_engine
from data.models import Person, SignInSession, StaffMember
from rules.principal import Principal
from tests.cluster import Database

DATA = Path(__file__).with_name("data")
LINES = "invoice lines"

Cells = Mapping[str, str]

#: One good row of each kind; `EX-JP`, `EX-US`, `ACME`, `BOLT` and `TYO1` are made by `Importer.set_the_scene`.
GOOD: dict[str, dict[str, str]] = {
    "entities": {
        "entity": "EX-JP", "name": "Example Japan K.K.", "country": "JP", "currency": "JPY", "tax_id": "",
        "address": "", "finance_email": "finance@portal.example", "tax_rounding": "invoice",
    },
    "accounts": {
        "account": "ACME", "name": "Acme", "parent": "", "country": "JP", "currency": "JPY", "locale": "ja",
        "time_zone": "Asia/Seoul", "account_manager": "",
    },
    "sites": {
        "site": "TYO1", "name": "Tokyo 1", "country": "JP", "city": "Tokyo", "time_zone": "Asia/Tokyo",
        "latitude": "35.6895", "longitude": "139.6917", "status": "active",
    },
    "inventory": {
        "asset_number": "A-1", "account": "ACME", "site": "TYO1", "kind": "cabinet", "label": "Cabinet 1",
        "customer_label": "", "location": "", "cabinet": "", "status": "active", "installed_on": "2025-01-01",
        "contract_end": "2027-01-01", "monthly_charge": "1200.50", "currency": "USD",
        "attributes": '{"height_u": "42"}',
    },
    "orders": {
        "number": "O-1", "account": "ACME", "site": "TYO1", "request_type": "new", "status": "installed",
        "customer_reference": "", "requested_at": "2025-03-01", "installed_at": "2025-03-09T17:30",
    },
    "invoices": {
        "number": "I-1", "type": "invoice", "issuer": "EX-US", "account": "ACME", "issue_date": "2025-04-01",
        "due_date": "2025-05-01", "currency": "USD", "subtotal": "100.00", "tax": "10.00", "total": "110.00",
        "paid": "0", "purchase_order": "",
    },
    LINES: {
        "number": "I-1", "line": "1", "description": "Cabinet rental", "site": "TYO1", "product": "CAB",
        "quantity": "1", "unit_price": "100", "charge": "recurring", "tax": "10.00", "amount": "100.00",
    },
    "tickets": {
        "number": "LEGACY-1", "account": "ACME", "site": "TYO1", "kind": "fault", "subject": "No power",
        "description": "Both feeds are down.", "status": "closed", "severity": "P2", "opened_at": "2025-06-01T09:00",
        "first_answered_at": "2025-06-01T09:10", "resolved_at": "2025-06-01T12:00", "closed_at": "2025-06-02T09:00",
    },
}  # fmt: skip


def write(path: Path, kind: str, rows: Iterable[Cells]) -> Path:
    """Rows that say what is different from a good one. A column that only one of them has is in the file."""
    whole = [{**GOOD[kind], **row} for row in rows]
    with path.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(
            opened, fieldnames=list(dict.fromkeys(name for row in (GOOD[kind], *whole) for name in row))
        )
        writer.writeheader()
        writer.writerows(whole)
    return path


@dataclass(frozen=True)
class Importer:
    """Imports into one database, from files in one folder."""

    database: Database
    engine: Engine
    folder: Path

    def set_the_scene(self) -> Importer:
        self.rows("entities", {}, {"entity": "EX-US", "country": "US", "currency": "USD", "tax_rounding": "line"})
        self.rows("accounts", {}, {"account": "BOLT", "name": "Bolt"})
        self.rows("sites", {})
        return self

    def rows(self, kind: str, *rows: Cells, lines: Iterable[Cells] | None = None, dry_run: bool = False) -> Imported:
        path = write(self.folder / f"{kind}.csv", kind, rows)
        beside = None if lines is None else write(self.folder / "lines.csv", LINES, lines)
        return self.file(kind, path, lines=beside, dry_run=dry_run)

    def file(self, kind: str, *paths: Path, lines: Path | None = None, dry_run: bool = False) -> Imported:
        return import_files(self.engine, KINDS[kind], paths, lines=lines, dry_run=dry_run)

    def real(self, kind: str, *, dry_run: bool = False) -> Imported:
        lines = DATA / "invoice_lines.csv" if kind == "invoices" else None
        return self.file(kind, DATA / f"{kind}.csv", lines=lines, dry_run=dry_run)

    def ask(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        with self.database.as_owner() as connection:
            return [tuple(row) for row in connection.execute(text(sql), values)]

    def do(self, sql: str, **values: object) -> None:
        """What people do in the portal meanwhile."""
        with self.database.as_owner() as connection:
            connection.execute(text(sql), values)


@contextmanager
def importing(database: Database, folder: Path) -> Iterator[Importer]:
    engine = bootstrap_engine(database.owner_url)
    try:
        yield Importer(database, engine, folder)
    finally:
        engine.dispose()


def signed_in(database: Database, email: str) -> Principal:
    """Somebody with a live session, as a page would get them."""
    token = new_token()
    with database.as_owner() as connection:
        person = connection.execute(select(Person.id).where(Person.email == email)).scalar_one()
        role = connection.execute(select(StaffMember.role).where(StaffMember.person_id == person)).scalar()
        connection.execute(
            insert(SignInSession).values(
                token_hash=hashed(token), person_id=person, role=role, expires_at=text("now() + interval '1 hour'")
            )
        )
    signed = who(database.auth, token)
    assert signed is not None
    return signed.principal
