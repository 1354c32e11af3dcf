"""`./portal import`: customers, sites, inventory, orders, invoices and tickets from CSV files and workbooks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import Engine

from data.imports import KINDS, FileKind, Imported, Source, Unfit, Watch, import_files
from data.imports.billing import PAID, import_billing
from data.tabular import Refused, Row
from operate.owner import bootstrap, into_demo
from operate.screen import say

#: A zip with invoices.csv, lines.csv, payments.csv and a PDF for each invoice.
BILLING = "billing"
_MOVES = 500  # of the progress bar: more often than this and drawing it takes longer than reading


class Screen(Watch):
    """A bar on a terminal, a line for each step elsewhere."""

    def rows(self, source: Source, rows: Iterator[Row]) -> Iterator[Row]:
        words = f"reading {source.path.name}"
        if not sys.stderr.isatty():
            say(words)
            yield from rows
            return
        length = source.rows_roughly()
        moves = max(1, (length or 0) // _MOVES)
        with click.progressbar(
            rows, length=length, label=f"portal: {words}", file=sys.stderr, update_min_steps=moves
        ) as bar:
            yield from bar

    def step(self, words: str) -> None:
        say(words)


def _columns() -> str:
    """The end of the help: what each kind of file has."""
    kinds = [*(kind for each in KINDS.values() for kind in (each, each.lines) if kind), PAID]
    return "\n\n".join(f"{kind.name}: {', '.join(kind.row.required() + _may_lack(kind))}" for kind in kinds)


def _may_lack(kind: FileKind) -> tuple[str, ...]:
    return tuple(f"[{name}]" for name in kind.row.optional())


@click.command("import", epilog=f"Columns, in any order; those in [brackets] may be missing:\n\n{_columns()}")
@click.argument("kind", type=click.Choice([*KINDS, BILLING]))
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--lines", metavar="FILE", type=click.Path(path_type=Path), help="With invoices: the file of their lines."
)
@click.option("--dry-run", is_flag=True, help="Check and count, but keep nothing.")
@into_demo
def import_rows(kind: str, files: tuple[Path, ...], lines: Path | None, *, dry_run: bool, into_demo: bool) -> None:
    """Bring in rows from CSV or .xlsx files, an empty portal in the order above.

    All of a file or nothing of it: each problem is named with its row and column. Importing a file again changes
    only what differs; what it does not have any more stays. Invoice files that share a file of lines are one.

    billing: one zip of at most 200 MB with invoices.csv, lines.csv, payments.csv and PDFs named by the numbers of their
    invoices, all of it or nothing; with --dry-run it says what would change."""
    if kind == BILLING:
        _import_billing(files, lines, dry_run=dry_run, into_demo=into_demo)
        return
    wanted = KINDS[kind]
    if lines and not wanted.lines:
        raise click.UsageError(f"--lines belongs to invoices, not to {kind}")
    batches = [files] if lines else [(file,) for file in files]
    with bootstrap(purpose="./portal import", into_demo=into_demo) as engine:
        kept = [_import(engine, wanted, batch, lines, dry_run=dry_run) for batch in batches]
    if not all(kept):
        sys.exit(1)


def _import(engine: Engine, kind: FileKind, batch: tuple[Path, ...], lines: Path | None, *, dry_run: bool) -> bool:
    named = ", ".join(map(str, batch))
    try:
        imported = import_files(engine, kind, batch, lines=lines, dry_run=dry_run, watch=Screen())
    except (Unfit, Refused) as error:
        click.echo(str(error), err=True)
        say(f"nothing of {named} was kept")
        return False
    _tell(named, imported, dry_run=dry_run)
    return True


def _import_billing(files: tuple[Path, ...], lines: Path | None, *, dry_run: bool, into_demo: bool) -> None:
    if lines:
        raise click.UsageError("--lines belongs to invoices: a billing run has its lines in the zip")
    with bootstrap(purpose="./portal import", into_demo=into_demo) as engine:
        for file in files:
            try:
                imported = import_billing(engine, file, dry_run=dry_run, watch=Screen())
            except (Unfit, Refused) as error:
                click.echo(str(error), err=True)
                say(f"nothing of {file} was kept")
                sys.exit(1)
            _tell(str(file), imported, dry_run=dry_run)


def _tell(named: str, imported: Imported, *, dry_run: bool) -> None:
    for note in imported.notes:
        say(note)
    counts = f"{imported.added:,} new, {imported.changed:,} changed, {imported.unchanged:,} as they were"
    click.echo(f"{named}: {imported.rows:,} rows: {counts}{' – dry run, nothing was kept' if dry_run else ''}")
