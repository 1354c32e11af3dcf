"""A billing run: invoices, their lines, what was paid since, and the documents, in one transaction, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator
from sqlalchemy import Engine, text

from data.imports import Imported, import_files
from data.imports.bundle import INVOICES as TABLE
from data.imports.bundle import LINES, PAYMENTS, Bundle, Handed, unpacked
from data.imports.fields import AmountFromZero, Day, Number, Unexpected, Word
from data.imports.invoices import INVOICES, check_invoices, finish_invoices
from data.imports.kinds import FileKind, FileRow, Target
from data.imports.merge import differing
from data.imports.originals import keep_documents
from data.imports.problems import Source
from data.imports.run import Run, Steps, Watch
from data.imports.staging import same_key, stage
from data.models import Payment
from rules.money import WHOLE
from rules.words import N_

#: Of what would change, so many invoices are named.
NAMED = 20
PREVIEWED = ("issue_date", "due_date", "subtotal", "tax", "total", "purchase_order")


class PaymentRow(FileRow):
    """Recognised by invoice and reference: the same one twice is one payment."""

    number: Number
    paid_on: Day
    amount: AmountFromZero
    reference: Word

    @model_validator(mode="after")
    def _is_something(self) -> Self:
        if not self.amount:
            raise Unexpected(N_("an amount above 0"), column="amount")
        return self

    def stored(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).model_fields}


PAID = FileKind(
    name="payments",
    row=PaymentRow,
    number=("number", "number"),
    target=Target(
        model=Payment,
        key=("account_id", "invoice_id", "reference"),
        columns=("amount", "currency", "paid_on"),
    ),
    once=("number", "reference"),
    beside={"number": "text"},
)


def import_billing(engine: Engine, path: Path, *, dry_run: bool = False, watch: Watch = Watch()) -> Imported:
    """`engine` is the bootstrap login's. A dry run says what would change, and keeps nothing."""
    with unpacked(Handed(path, str(path))) as bundle:
        kind = replace(INVOICES, check=partial(_check, bundle), finish=partial(_finish, bundle))
        tables = bundle.tables
        return import_files(engine, kind, [tables[TABLE]], lines=tables.get(LINES), dry_run=dry_run, watch=watch)


def _check(bundle: Bundle, run: Run) -> None:
    check_invoices(run)
    bundle.refuse_strangers({number for (number,) in run.ask("select number from staged_invoice")})
    _preview(run)


def _preview(run: Run) -> None:
    """What the file says otherwise than the portal, before it is written."""
    target = run.target
    columns = [column for column in PREVIEWED if column in target.columns]
    pairs = ", ".join(f"t.{column}::text, s.{column}::text" for column in columns)
    found = run.ask(
        f"select s.number, {pairs} from {target.staged} s join {target.table} t on {same_key(target)} "
        f"where {differing(target)} order by s.file, s.row limit {NAMED + 1}"
    )
    for number, *values in found[:NAMED]:
        changes = zip(columns, values[::2], values[1::2], strict=True)
        said = ", ".join(f"{name} {was or 'none'} → {now or 'none'}" for name, was, now in changes if was != now)
        run.notes.append(f"{number}: {said}")
    if len(found) > NAMED:
        run.notes.append("… and more")


def _finish(bundle: Bundle, run: Run) -> None:
    finish_invoices(run)
    run.end_if_any()
    if PAYMENTS in bundle.tables:
        _stage_payments(run, bundle.tables[PAYMENTS])
        write_payments(run)
    _keep_documents(run, bundle)


# --- payments


def _stage_payments(run: Run, source: Source) -> None:
    run.sources = (*run.sources, source)
    at = len(run.sources) - 1
    stage(run, PAID, range(at, at + 1))


def write_payments(run: Steps) -> None:
    """Those that are new. One that is here never changes."""
    run.do(
        "update staged_payment p set account_id = s.account_id, invoice_id = s.invoice_id, currency = s.currency "
        "from staged_invoice s where s.number = p.number"
    )
    _check_payments(run)
    run.end_if_any()
    columns = "account_id, invoice_id, amount, currency, paid_on, reference"
    run.do(
        f"with added as (insert into portal.payment ({columns}) select {columns} from staged_payment p "
        f"where not exists (select from portal.payment t where {_SAME}) order by file, row returning invoice_id) "
        "insert into touched_invoice select distinct invoice_id, false from added on conflict do nothing"
    )
    run.look_for(
        "amount",
        N_("no more than is open: {much} too much"),
        "select p.file, p.row, p.amount, -t.balance from staged_payment p join portal.invoice t on t.id = p.invoice_id "
        "where t.balance < 0",
    )


_SAME = (
    "t.account_id = p.account_id and t.invoice_id = p.invoice_id and t.reference = p.reference "
    "and t.recorded_by is null"
)


def _check_payments(run: Steps) -> None:
    whole = ", ".join(f"'{currency}'" for currency in WHOLE)
    run.look_for(
        "number",
        N_("the number of an invoice in invoices.csv"),
        "select file, row, number from staged_payment where invoice_id is null",
    )
    run.look_for(
        "number",
        N_("an invoice that is in force: this one is a credit note, or {state} in the portal"),
        "select p.file, p.row, p.number, t.state from staged_payment p "
        "join portal.invoice t on t.id = p.invoice_id "
        "where t.type <> 'invoice' or t.state in ('draft', 'void', 'written_off')",
    )
    run.look_for(
        "paid_on",
        N_("a day that has come where the invoice was issued"),
        "select p.file, p.row, p.paid_on from staged_payment p join portal.invoice t on t.id = p.invoice_id "
        "join portal.legal_entity e on e.id = t.issuer_id where p.paid_on > (now() at time zone e.time_zone)::date",
    )
    run.look_for(
        "amount",
        N_("no decimals in {currency}"),
        "select file, row, amount, currency from staged_payment "
        f"where currency in ({whole}) and amount <> trunc(amount)",
    )
    run.look_for(
        "amount",
        N_("{amount} on {day}, as it is in the portal: a payment never changes"),
        "select p.file, p.row, p.amount, t.amount, t.paid_on from staged_payment p "
        f"join portal.payment t on {_SAME} where (t.amount, t.paid_on) <> (p.amount, p.paid_on)",
    )


# --- documents


def _keep_documents(run: Run, bundle: Bundle) -> None:
    if not bundle.documents:
        return
    run.watch.step("keeping documents")
    rows = run.ask("select issuer_id, number from staged_invoice")
    added = changed = 0
    for kept in keep_documents(run.connection, bundle, {number: issuer for issuer, number in rows}):
        added, changed = added + kept.is_new, changed + (not kept.is_new)
        touched = text("insert into touched_invoice values (:invoice, false) on conflict do nothing")
        run.connection.execute(touched, {"invoice": kept.invoice.invoice_id})
    run.notes.append(f"{len(bundle.documents):,} documents: {added:,} new, {changed:,} replaced")
