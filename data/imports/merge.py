"""Staged rows → our table: what is new is added, what differs is changed, everything else is left alone."""

from __future__ import annotations

from data.imports.kinds import Target
from data.imports.run import Steps
from data.imports.staging import same_key


def merge(run: Steps, target: Target) -> None:
    """Ids of what was added or changed are in the target's `touched` afterwards."""
    run.do(f"create temporary table {target.touched} (id bigint primary key, added boolean not null) on commit drop")
    if target.columns:
        _change(run, target)
    _add(run, target)


def _change(run: Steps, target: Target) -> None:
    also = dict(target.on_change)
    if "version" in target.table.columns:
        also["version"] = "t.version + 1"
    sets = {column: f"s.{column}" for column in target.columns} | also
    run.do(
        f"with changed as (update {target.table} t set {', '.join(f'{c} = {value}' for c, value in sets.items())} "
        f"from {target.staged} s where {same_key(target)} and {differing(target)} returning t.id) "
        f"insert into {target.touched} select id, false from changed"
    )


def _add(run: Steps, target: Target) -> None:
    """`on conflict do nothing` would use up an id for every row that is here already."""
    columns = ", ".join(target.filled)
    values = ", ".join(target.at_first.get(column, f"s.{column}") for column in target.filled)
    run.do(
        f"with added as (insert into {target.table} ({columns}) "
        f"select {values} from {target.staged} s "
        f"where not exists (select from {target.table} t where {same_key(target)}) "
        f"order by s.file, s.row returning id) "
        f"insert into {target.touched} select id, true from added"
    )


def differing(target: Target) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in target.columns) for row in ("t", "s"))
    return f"row({old}) is distinct from row({new})"
