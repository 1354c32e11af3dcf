"""A billing run that a page was handed: read and checked row by row, without a transaction that would wait for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from data.imports.billing import PAID
from data.imports.bundle import INVOICES as TABLE
from data.imports.bundle import LINES as LINES_TABLE
from data.imports.bundle import PAYMENTS, Bundle, Handed, unpacked
from data.imports.invoice_lines import LINES
from data.imports.invoices import INVOICES
from data.imports.kinds import FileKind
from data.imports.known import Directory
from data.imports.problems import Problems, Source
from data.imports.run import Watch
from data.imports.staging import read, staged_columns, staged_values
from data.tabular import Limits
from rules.words import N_

_MB = 1_000_000
#: What a page takes; more than this is for `./portal import billing`.
LARGEST = 50 * _MB
LARGEST_UNPACKED = 150 * _MB
TABLES = Limits(file_bytes=60 * _MB, rows=100_000, cell_characters=5_000)
_KINDS: dict[str, FileKind] = {TABLE: INVOICES, LINES_TABLE: LINES, PAYMENTS: PAID}


@dataclass(frozen=True)
class HandedIn:
    """A run whose rows are as they should be, each by itself. The zip is kept for its documents' sake."""

    name: str
    sha256: str
    #: Table → its rows as JSON, in the columns that they are staged in; lines may be missing as a whole.
    rows: Mapping[str, bytes] = field(repr=False)
    #: Number → who issued it.
    issuers: Mapping[str, int] = field(repr=False, compare=False)
    #: Number of an invoice → the hash of its document.
    documents: Mapping[str, bytes] = field(repr=False, compare=False)
    content: BytesIO = field(repr=False, compare=False)

    def of(self, table: str) -> str | None:
        rows = self.rows.get(table)
        return None if rows is None else rows.decode()


def sources() -> tuple[Source, ...]:
    """In the order in which staged rows count their files."""
    return tuple(Source(Path(name), called=name) for name in _KINDS)


def handed(name: str, content: BytesIO) -> Handed:
    return Handed(content, name, LARGEST, LARGEST_UNPACKED)


def read_handed_in(name: str, content: BytesIO, directory: Directory, watch: Watch = Watch()) -> HandedIn:
    """Refused as a whole, Unfit with every row that is not as it should be, or ready for the database to look at."""
    with unpacked(handed(name, content)) as bundle:
        rows, issuers = _rows(bundle, directory, watch)
        bundle.refuse_strangers(set(issuers))
        watch.step(N_("Reading the documents"))
        with closing(bundle.read()) as found:
            documents = {number: sha256(document).digest() for number, _name, document in found}
    content.seek(0)
    return HandedIn(name, sha256(content.getbuffer()).hexdigest(), rows, issuers, documents, content)


def _rows(bundle: Bundle, directory: Directory, watch: Watch) -> tuple[dict[str, bytes], dict[str, int]]:
    problems, issuers = Problems(), dict[str, int]()
    rows: dict[str, bytes] = {}
    for at, (table, kind) in enumerate(_KINDS.items()):
        if table not in bundle.tables:
            continue
        columns = ("file", "row", *staged_columns(kind))
        found: list[str] = []
        for number, row in read(kind, bundle.tables[table], directory, problems, watch, TABLES):
            values = dict(zip(columns, (at, number, *staged_values(kind, row)), strict=True))
            if table == TABLE:
                issuers[str(values["number"])] = int(values["issuer_id"])
            found.append(json.dumps(values, default=str, ensure_ascii=False))  # all at once would let nobody else run
        rows[table] = f"[{','.join(found)}]".encode()
    problems.end_if_any()
    return rows, issuers
