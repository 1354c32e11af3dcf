"""Billing runs made to order: a zip of tables in which a few cells differ from good ones, and PDFs."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO

from sqlalchemy import text

from tests.import_files import GOOD, LINES
from tests.money_scene import Books

PDF = b"%PDF-1.7\n%made up\n"
PAYMENT = {"number": "R-1", "paid_on": "2025-04-20", "amount": "600", "reference": "Bank 1"}
Cells = Mapping[str, str]
_INVOICE = {
    **GOOD["invoices"], "number": "R-1", "issuer": "EX-KR", "account": "ACME-SEOUL", "currency": "KRW",
    "subtotal": "1000", "tax": "100", "total": "1100",
}  # fmt: skip
_LINE = {**GOOD[LINES], "number": "R-1", "site": "SEL1", "unit_price": "1000", "tax": "100", "amount": "1000"}


def table(good: Cells, rows: Sequence[Cells]) -> str:
    out = StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(good))
    writer.writeheader()
    writer.writerows({**good, **row} for row in rows)
    return out.getvalue()


def run_of(
    *invoices: Cells,
    lines: Sequence[Cells] | None = None,
    payments: Sequence[Cells] = (),
    documents: Mapping[str, bytes] | None = None,
    more: Mapping[str, bytes] | None = None,
) -> BytesIO:
    """A good zip, but for what is said; without `lines`, each invoice has its one."""
    rows = invoices or ({},)
    of_each = [{"number": row.get("number", "R-1")} for row in rows] if lines is None else lines
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("invoices.csv", table(_INVOICE, rows))
        archive.writestr("lines.csv", table(_LINE, of_each))
        if payments:
            archive.writestr("payments.csv", table(PAYMENT, payments))
        for number, pdf in (documents or {}).items():
            archive.writestr(f"{number}.pdf", pdf)
        for name, other in (more or {}).items():
            archive.writestr(name, other)
    content.seek(0)
    return content


def forget_runs(books: Books) -> None:
    """What runs of these numbers brought is taken away, so that each test begins without."""
    mine = "select id from portal.invoice where number like 'R-%'"
    with books.database.as_owner() as connection:
        for name in ("invoice_document", "payment", "invoice_line"):
            connection.execute(text(f"delete from portal.{name} where invoice_id in ({mine})"))
        connection.execute(text("delete from portal.invoice where number like 'R-%'"))
