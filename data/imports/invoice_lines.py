"""The lines of invoices: they come in a file beside the invoices' own, and each invoice's lines sum to it."""

from __future__ import annotations

from typing import Any, Literal

from data.imports.fields import Amount, AtSite, LineNumber, Number, Paragraph, Quantity, UnitPrice, Word
from data.imports.kinds import FileKind, FileRow, Target
from data.imports.merge import merge
from data.imports.run import Steps
from data.models import InvoiceLine
from rules.money import CURRENCIES
from rules.words import N_


class InvoiceLineRow(FileRow):
    number: Number
    line: LineNumber
    description: Paragraph
    site: AtSite | None
    product: Word | None
    quantity: Quantity
    unit_price: UnitPrice
    charge: Literal["recurring", "one_time", "adjustment"]
    tax: Amount
    amount: Amount

    def stored(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "line": self.line,
            "description": self.description,
            "site_id": self.site and self.site.id,
            "product": self.product,
            "quantity": self.quantity,
            "unit_price": self.unit_price,
            "charge": self.charge,
            "tax": self.tax,
            "amount": self.amount,
        }


LINES = FileKind(
    name="invoice lines",
    row=InvoiceLineRow,
    number=("line", "line"),
    once=("number", "line"),
    target=Target(
        model=InvoiceLine,
        key=("account_id", "invoice_id", "line"),  # the ids are known when the invoices are written
        columns=("description", "site_id", "product", "quantity", "unit_price", "charge", "tax", "amount"),
    ),
    beside={"number": "text"},
)

_ODD = " ".join(f"when '{name}' then {10.0**-decimals:g}" for name, decimals in CURRENCIES.items() if decimals != 2)
#: The smallest amount of an invoice's currency.
_UNIT = f"case i.currency {_ODD} else 0.01 end"

#: Lines' taxes that are rounded one by one need not sum to a tax that was rounded once.
_TAX_FITS = (
    f"case when e.tax_rounding = 'invoice' and l.taxes <> 0 then abs(l.taxes - i.tax) <= l.n * {_UNIT} / 2 "
    "else l.taxes = i.tax end"
)


def check_lines(run: Steps) -> None:
    """Every line has its invoice, every invoice its lines, and they sum."""
    run.look_for(
        "number",
        N_("numbers that differ: a line says the number, and not which entity issued the invoice"),
        "select i.file, i.row, i.number from staged_invoice i "
        "where exists (select from staged_invoice o where o.number = i.number and o.issuer_id <> i.issuer_id)",
    )
    run.look_for(
        "number",
        N_("the number of an invoice that is imported with these lines"),
        "select l.file, l.row, l.number from staged_invoice_line l "
        "where not exists (select from staged_invoice i where i.number = l.number)",
    )
    run.look_for(
        "number",
        N_("an invoice with lines: there are none for it"),
        "select i.file, i.row, i.number from staged_invoice i "
        "where not exists (select from staged_invoice_line l where l.number = i.number)",
    )
    run.look_for(
        "amount",
        N_("{amount}, quantity times unit_price"),
        "select l.file, l.row, l.amount, trim_scale(round(l.quantity * l.unit_price, 6)) from staged_invoice_line l "
        f"join staged_invoice i on i.number = l.number where abs(l.quantity * l.unit_price - l.amount) >= {_UNIT}",
    )
    sums = (
        "(select number, sum(amount) as amounts, sum(tax) as taxes, count(*) as n from staged_invoice_line group by 1)"
    )
    _check_sums(run, f"staged_invoice i join {sums} l on l.number = i.number")


def check_stored_lines(run: Steps) -> None:
    """An invoice that changes without its lines still has to fit those that are here."""
    sums = (
        "(select invoice_id, sum(amount) as amounts, sum(tax) as taxes, count(*) as n from portal.invoice_line x "
        "where exists (select from touched_invoice c where c.id = x.invoice_id and not c.added) group by 1)"
    )
    _check_sums(run, f"staged_invoice i join {sums} l on l.invoice_id = i.invoice_id")


def _check_sums(run: Steps, rows: str) -> None:
    run.look_for(
        "subtotal",
        N_("{sum}, the sum of its lines"),
        f"select i.file, i.row, i.subtotal, l.amounts from {rows} where l.amounts <> i.subtotal",
    )
    run.look_for(
        "tax",
        N_("{sum}, the sum of its lines' taxes"),
        f"select i.file, i.row, i.tax, l.taxes from {rows} join portal.legal_entity e on e.id = i.issuer_id "
        f"where l.amounts = i.subtotal and not {_TAX_FITS}",
    )


def write_lines(run: Steps) -> None:
    run.say("writing invoice lines")
    run.do(
        "update staged_invoice_line l set account_id = i.account_id, invoice_id = i.invoice_id "
        "from staged_invoice i where i.number = l.number"
    )
    run.do("analyze staged_invoice_line")
    _keep_disputed(run)
    merge(run, LINES.target)
    _count_changed_invoices(run)


#: Stored lines that the file does not have any more. Invoices that were made just now have none.
_GONE = """
    portal.invoice_line l
    join staged_invoice i on i.account_id = l.account_id and i.invoice_id = l.invoice_id
    where not exists (select from touched_invoice c where c.id = l.invoice_id and c.added)
      and not exists (select from staged_invoice_line s where s.invoice_id = l.invoice_id and s.line = l.line)
"""


def _keep_disputed(run: Steps) -> None:
    run.look_for(
        "number",
        N_("line {line} among its lines: it is disputed"),
        f"select i.file, i.row, i.number, l.line from {_GONE} "
        "and exists (select from portal.dispute_line d where d.line_id = l.id)",
    )
    run.end_if_any()


def _count_changed_invoices(run: Steps) -> None:
    """An invoice whose lines change is changed."""
    run.do(
        "create temporary table relined on commit drop as "
        "select l.invoice_id from touched_invoice_line t join portal.invoice_line l on l.id = t.id "
        "where not exists (select from touched_invoice c where c.id = l.invoice_id and c.added)"
    )
    run.do(
        f"with gone as (delete from portal.invoice_line where id in (select l.id from {_GONE}) returning invoice_id) "
        "insert into relined select invoice_id from gone"
    )
    run.do(
        "with changed as ("
        "update portal.invoice t set version = t.version + 1, updated_at = now() "
        "where t.id in (select invoice_id from relined) "
        "and not exists (select from touched_invoice c where c.id = t.id) returning t.id) "
        "insert into touched_invoice select id, false from changed"
    )
