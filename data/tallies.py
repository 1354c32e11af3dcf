"""Tallies: small tables of sums, kept by triggers with the change itself, so that totals and charts need no scan.

Rows are only ever added (a change adds −1 to the old group and +1 to the new one), so nobody waits for anybody; a total
is the sum over the rows of a group, and the worker folds groups together. Because they are sums, folding changes no
answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from data.models.base import quoted
from rules.money import OPEN_STATES

_IN_FORCE = f"r.state in ({quoted(sorted(OPEN_STATES))})"


@dataclass(frozen=True)
class Tally:
    """One table of sums: the groups (column → expression over a source row `r`) and what is summed."""

    name: str
    source: str
    groups: dict[str, str]
    measures: dict[str, str]

    @property
    def columns(self) -> str:
        return ", ".join((*self.groups, *self.measures))

    def rows_of(self, relation: str, sign: str = "") -> str:
        """The tally rows that the rows of a relation stand for."""
        groups = ", ".join(f"{expression} as {column}" for column, expression in self.groups.items())
        measures = ", ".join(f"{sign}({expression}) as {column}" for column, expression in self.measures.items())
        return f"select {groups}, {measures} from {relation} r"

    def summed(self, rows: str) -> str:
        """The same rows, one per group; groups that sum to nothing fall away."""
        groups = ", ".join(self.groups)
        measures = ", ".join(f"sum({column}) as {column}" for column in self.measures)
        left = " or ".join(f"sum({column}) <> 0" for column in self.measures)
        return f"select {groups}, {measures} from ({rows}) one group by {groups} having {left}"

    def adding(self, rows: str) -> str:
        return f"insert into portal.{self.name} ({self.columns}) {self.summed(rows)}"


TALLIES: tuple[Tally, ...] = (
    Tally(
        name="ticket_tally",
        source="ticket",
        groups={
            "account_id": "r.account_id",
            "site_id": "r.site_id",
            "kind": "r.kind",
            "status": "r.status",
            "category": "r.category",
            "opened_month": "date_trunc('month', r.opened_at at time zone 'UTC')::date",
        },
        measures={"n": "1"},
    ),
    Tally(
        name="clock_tally",
        source="ticket_clock",
        groups={
            "account_id": "r.account_id",
            "site_id": "r.site_id",
            "kind": "r.kind",
            "clock": "r.clock",
            "month": "date_trunc('month', r.started_at at time zone 'UTC')::date",
        },
        # what is not judged yet counts for neither
        measures={
            "met": "coalesce(r.outcome = 'met', false)::int",
            "breached": "coalesce(r.outcome = 'breached', false)::int",
        },
    ),
    Tally(
        name="invoice_tally",
        source="invoice",
        groups={
            "account_id": "r.account_id",
            "issuer_id": "r.issuer_id",
            "currency": "r.currency",
            "type": "r.type",
            "state": "r.state",
            # of what is settled nobody asks it
            "disputed": f"r.disputed and {_IN_FORCE}",
            # an open balance is asked for by the day, the rest by the month: far fewer rows
            "due": (f"case when {_IN_FORCE} then r.due_date else date_trunc('month', r.due_date)::date end"),
        },
        measures={"n": "1", "total": "r.total", "balance": "r.balance"},
    ),
)


def fold(connection: Connection) -> None:
    """Add up the rows of each group into one. Runs in one transaction, so a reader sees all before or all after."""
    for tally in TALLIES:
        gone = f"delete from portal.{tally.name} returning {tally.columns}"
        connection.execute(text(f"with gone as ({gone}) {tally.adding(f'select {tally.columns} from gone')}"))


def rebuild(connection: Connection) -> None:
    """Throw the tallies away and count again; only the owner may read all rows."""
    for tally in TALLIES:
        connection.execute(text(f"lock table portal.{tally.source} in share mode"))
        # a fold that is under way has sums which the deletion would not see
        connection.execute(text(f"lock table portal.{tally.name} in exclusive mode"))
        connection.execute(text(f"delete from portal.{tally.name}"))
        connection.execute(text(tally.adding(tally.rows_of(f"portal.{tally.source}"))))


def drift(connection: Connection) -> dict[str, int]:
    """How many groups of each tally differ from the truth: all zeros, or something is broken."""
    found = {}
    for tally in TALLIES:
        truth = tally.summed(tally.rows_of(f"portal.{tally.source}"))
        kept = tally.summed(f"select {tally.columns} from portal.{tally.name}")
        differing = f"(({truth}) except ({kept})) union all (({kept}) except ({truth}))"
        found[tally.name] = connection.scalar(text(f"select count(*) from ({differing}) d"))
    return found
