"""A bank's file: read, matched and shown before anything is done; then what is sure or ticked is recorded at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert

from data.audit import Deed, record
from data.commands import Work
from data.database import reading
from data.invoicing.holding import ByFinance, hold
from data.invoicing.matching import Match, digest, matched
from data.invoicing.payments import pay
from data.models import BankLine
from data.tabular import Limits, Refused
from data.tabular.statements import read_statement
from rules.bank_file import (
    COLUMNS,
    LONGEST,
    REQUIRED,
    BankRow,
    Verdict,
    amount_of,
    day_of,
    is_month_first,
    is_receivable,
)
from rules.errors import Conflict, Invalid
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

P = Permission
_b = BankLine.__table__
LIMITS = Limits(file_bytes=5_000_000, rows=5_000, cell_characters=5_000)
LONGEST_NAME = 120


@dataclass(frozen=True)
class Statement:
    """What a file says: money that came in, how many lines are of other money, and which could not be read."""

    rows: tuple[BankRow, ...]
    outgoing: int
    unreadable: tuple[int, ...]


@dataclass(frozen=True)
class Preview:
    """What would happen: the lines that are new with what they pay, and how many were imported before."""

    matches: tuple[Match, ...]
    known: int
    outgoing: int
    unreadable: tuple[int, ...]

    @property
    def digest(self) -> str:
        return digest(self.matches)


def read_bank_file(name: str, content: bytes, currency: str) -> Statement:
    """`currency` is that of lines which name none; Refused where it cannot be read as a whole."""
    found = list(read_statement(name, content, columns=COLUMNS, required=REQUIRED, limits=LIMITS))
    month_first = is_month_first(row.values["date"] for row in found)
    if month_first is None:
        problem = N_("days such as 3/4/2026 can be read in two ways")
        raise Refused(name, problem, N_("Let the bank, or Excel, write them as 2026-04-03"))
    rows, outgoing, unreadable = [], 0, []
    for row in found:
        day, amount = day_of(row.values["date"], month_first=month_first), amount_of(row.values["amount"])
        own = row.values["currency"].upper() or currency
        if day is not None and amount is not None and amount <= 0:
            outgoing += 1
        elif day is None or amount is None or not is_receivable(amount, own):
            unreadable.append(row.number)
        else:
            words = (_clean(row.values[column]) for column in ("reference", "payer"))
            rows.append(BankRow(row.number, day, amount, own, *words))
    return Statement(tuple(_told_apart(rows)), outgoing, tuple(unreadable))


def _clean(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST])


def _told_apart(rows: Sequence[BankRow]) -> list[BankRow]:
    times: Counter[bytes] = Counter()
    told = []
    for row in rows:
        times[row.fingerprint] += 1
        told.append(replace(row, nth=times[row.fingerprint]))
    return told


def preview_of(engine: Engine, principal: Principal, name: str, content: bytes, currency: str) -> Preview:
    """Nothing is done yet."""
    principal.require(P.INVOICE_MANAGE)
    statement = read_bank_file(name, content, currency)
    with reading(engine, principal, P.INVOICE_MANAGE) as connection:
        return _preview(connection, statement)


def _preview(connection: Connection, statement: Statement) -> Preview:
    prints = [row.fingerprint for row in statement.rows]
    known = set(connection.scalars(select(_b.c.fingerprint).where(_b.c.fingerprint.in_(prints))))
    new = [row for row in statement.rows if row.fingerprint not in known]
    return Preview(matched(connection, new), len(known), statement.outgoing, statement.unreadable)


@dataclass(frozen=True)
class ImportBankFile(ByFinance):
    """Every new line is kept; what is certain or was ticked is paid, all in one transaction. The rest waits."""

    name: ClassVar = "bank.import"
    creates: ClassVar = True

    file: str
    content: bytes
    currency: str
    #: Which proposals were ticked, by the keys of their lines, and what the preview said (`Preview.digest`).
    ticked: tuple[str, ...]
    seen: str

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        preview = _preview(work.connection, read_bank_file(self.file, self.content, self.currency))
        if preview.digest != self.seen:
            raise Conflict(N_("Invoices or bank lines changed meanwhile. Nothing was recorded: look at it again."))
        wanted = [match for match in preview.matches if self._is_wanted(match)]
        if not {*self.ticked} <= {match.key for match in wanted}:
            raise Invalid(N_("Only proposals can be ticked."))
        ids = self._keep(work, preview.matches)
        if len(ids) < len(preview.matches):  # somebody imports the same file at this moment
            raise Conflict(N_("Invoices or bank lines changed meanwhile. Nothing was recorded: look at it again."))
        paid = self._pay(work, wanted, ids)
        waiting = len(preview.matches) - sum(_is_used_up(match) for match in wanted)
        said = {"file": self.file[:LONGEST_NAME], "rows": len(preview.matches), "paid": paid, "waiting": waiting}
        record(work.connection, work.principal, Deed(self.name, "bank_line", object_label=said["file"], after=said))
        return said

    def _is_wanted(self, match: Match) -> bool:
        return match.verdict is Verdict.CERTAIN or (match.verdict is not Verdict.NONE and match.key in self.ticked)

    def _keep(self, work: Work, matches: Sequence[Match]) -> dict[bytes, int]:
        if not matches:
            return {}
        adding = insert(_b).on_conflict_do_nothing(index_elements=[_b.c.fingerprint])
        rows = [
            {
                "fingerprint": row.fingerprint, "booked_on": row.booked_on, "amount": row.amount,
                "currency": row.currency, "reference": row.reference, "payer": row.payer,
                "file": self.file[:LONGEST_NAME], "imported_by": work.principal.person_id,
            }
            for row in (match.row for match in matches)
        ]  # fmt: skip
        kept = work.connection.execute(adding.returning(_b.c.fingerprint, _b.c.id), rows)
        return {bytes(fingerprint): line for fingerprint, line in kept}

    def _pay(self, work: Work, wanted: Sequence[Match], ids: Mapping[bytes, int]) -> int:
        shares = [(match, share) for match in wanted for share in match.shares]
        held = hold(work, {share.invoice.uuid: share.invoice.version for _match, share in shares})
        for match, share in shares:
            uuid = share.invoice.uuid
            day = min(match.row.booked_on, held[uuid].today)
            line = ids[match.row.fingerprint]
            _new, now = pay(work, held[uuid], share.amount, day, match.row.text[:200], bank_line_id=line)
            held[uuid] = now
        return len(shares)


def _is_used_up(match: Match) -> bool:
    return sum(share.amount for share in match.shares) == match.row.amount
