"""Rows that somebody brings: files → checked rows → one transaction, or a list of what is wrong and nothing kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, text

from data.imports.accounts import ACCOUNTS
from data.imports.entities import ENTITIES
from data.imports.inventory import INVENTORY
from data.imports.invoices import INVOICES
from data.imports.kinds import FileKind
from data.imports.merge import merge
from data.imports.orders import ORDERS
from data.imports.problems import Problem, Source, Unfit
from data.imports.run import Run, Watch
from data.imports.sites import SITES
from data.imports.staging import check_lasting, stage
from data.imports.tickets import TICKETS
from data.models import AuditEntry
from data.security.roles import OWNER
from data.tabular import shown
from rules.audit import ActorKind

__all__ = ["KINDS", "LOCK", "FileKind", "Imported", "Problem", "Source", "Unfit", "Watch", "import_files"]

#: In the order in which an empty portal needs them.
KINDS: dict[str, FileKind] = {
    kind.name: kind for kind in (ENTITIES, ACCOUNTS, SITES, INVENTORY, ORDERS, INVOICES, TICKETS)
}
#: One import at a time: two of them would wait for each other's rows.
LOCK = 7301002


@dataclass(frozen=True)
class Imported:
    """What became of the rows of one import."""

    rows: int
    added: int
    changed: int
    notes: tuple[str, ...] = ()

    @property
    def unchanged(self) -> int:
        return self.rows - self.added - self.changed


def import_files(
    engine: Engine,
    kind: FileKind,
    paths: Sequence[Path | Source],
    *,
    lines: Path | Source | None = None,
    dry_run: bool = False,
    watch: Watch = Watch(),
) -> Imported:
    """All of these files or, with Unfit or Refused, nothing; a dry run keeps nothing either way.

    `engine` is the bootstrap login's, which may act for the tables' owner."""
    files = (*paths, *([lines] if lines else []))
    sources = tuple(file if isinstance(file, Source) else Source(file) for file in files)
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text(f"set local role {OWNER}"))
        _wait_for_turn(connection, watch)
        imported = _import(
            Run(connection, kind, sources, kind.target, with_lines=lines is not None, dry_run=dry_run, watch=watch)
        )
        if dry_run:
            transaction.rollback()
    return imported


def _wait_for_turn(connection: Connection, watch: Watch) -> None:
    if not connection.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
        watch.step("waiting for another import to end")
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    connection.execute(text("set local work_mem = '64MB'"))


def _import(run: Run) -> Imported:
    _stage(run)
    run.problems.end_if_any()
    ((rows,),) = run.ask(f"select count(*) from {run.target.staged}")
    run.watch.step("checking")
    check_lasting(run, run.target)
    run.kind.check(run)
    run.problems.end_if_any()
    run.watch.step(f"writing {run.kind.name}")
    merge(run, run.target)
    run.kind.finish(run)
    run.problems.end_if_any()
    ((added, changed),) = run.ask(
        f"select count(*) filter (where added), count(*) filter (where not added) from {run.target.touched}"
    )
    imported = Imported(rows, added, changed, tuple(run.notes))
    if added or changed:
        _note(run, imported)
        _refresh_statistics(run)
    return imported


def _stage(run: Run) -> None:
    of_rows = len(run.sources) - run.with_lines
    run.target = stage(run, run.kind, range(of_rows))
    if run.with_lines and run.kind.lines:
        stage(run, run.kind.lines, range(of_rows, len(run.sources)))


def _note(run: Run, imported: Imported) -> None:
    """In the audit log of the staff. An import that changed nothing did not happen."""
    files = [{"name": shown(source.path.name, 200), "sha256": source.sha256} for source in run.sources]
    run.connection.execute(
        insert(AuditEntry).values(
            actor_kind=ActorKind.OPERATOR,
            audience="staff",
            action=f"{run.kind.name}.import",
            object_kind="file",
            object_label=", ".join(file["name"] for file in files),
            after={"files": files, "added": imported.added, "changed": imported.changed},
        )
    )


def _refresh_statistics(run: Run) -> None:
    """The next page is planned for the rows that are here now."""
    for kind in filter(None, (run.kind, run.kind.lines)):
        run.do(f"analyze {kind.target.table}")
