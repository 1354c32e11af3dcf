"""Lines of the bank that wait for a person: assigned by hand, set aside with a reason, or taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, Row, Select, func, select, update

from data.audit import Deed, record
from data.commands import Work
from data.database import reading
from data.invoicing.holding import ByFinance, checked_reason, hold
from data.invoicing.payments import Paying, pay
from data.models import BankLine
from rules.errors import Conflict, Invalid, NotFound
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_, Price

P = Permission
_b = BankLine.__table__
MOST = 500
_WAITS = (_b.c.rest > 0) & _b.c.set_aside_at.is_(None)


@dataclass(frozen=True)
class BankLineRow:
    """A line as it stands; `rest` is what no payment has made use of."""

    uuid: UUID
    booked_on: date
    amount: Decimal
    rest: Decimal
    currency: str
    reference: str
    payer: str
    file: str
    reason: str | None
    version: int


def list_bank_lines(engine: Engine, principal: Principal, *, set_aside: bool = False) -> tuple[BankLineRow, ...]:
    """Those that wait, the oldest first; or those that were set aside, the latest first."""
    principal.require(P.INVOICE_MANAGE)
    columns = [_b.c[name] for name in BankLineRow.__dataclass_fields__]
    query = select(*columns).where(_b.c.set_aside_at.is_not(None) if set_aside else _WAITS)
    order: list[ColumnElement[Any]] = [_b.c.set_aside_at.desc()] if set_aside else [_b.c.booked_on, _b.c.id]
    with reading(engine, principal, P.INVOICE_MANAGE) as connection:
        return tuple(BankLineRow(*row) for row in connection.execute(query.order_by(*order).limit(MOST)))


def how_many_wait() -> Select[tuple[int]]:
    """For a page that reads something else with it."""
    return select(func.count()).select_from(_b).where(_WAITS)


@dataclass(frozen=True)
class _OfLine(ByFinance):
    """What is done to one line, as whoever does it saw it."""

    line: UUID
    version: int

    def _seen(self, work: Work) -> Row[Any]:
        found = work.connection.execute(select(_b).where(_b.c.uuid == self.line).with_for_update()).one_or_none()
        if found is None:
            raise NotFound(str(self.line))
        if found.version != self.version:
            raise Conflict(N_("This bank line was changed meanwhile. Look at it again, then repeat it."))
        return found

    def _note(self, work: Work, line: Row[Any], after: dict[str, Any], reason: str | None = None) -> None:
        label = f"{line.booked_on.isoformat()} {line.amount} {line.currency}"
        deed = Deed(self.name, "bank_line", str(line.uuid), label, after=after, reason=reason)
        record(work.connection, work.principal, deed)


@dataclass(frozen=True)
class AssignBankLine(_OfLine):
    """It pays these invoices, each so much; what is left of it waits on."""

    name: ClassVar = "bank.assign"
    creates: ClassVar = True

    payments: tuple[Paying, ...]

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        line = self._seen(work)
        if line.set_aside_at is not None:
            raise Conflict(N_("This bank line was set aside. Take it up again first."))
        if not self.payments or len({paying.invoice for paying in self.payments}) < len(self.payments):
            raise Invalid(N_("Please fill this in."), "invoice")
        held = hold(work, {paying.invoice: paying.version for paying in self.payments})
        rest: Decimal = line.rest
        for paying in self.payments:
            invoice = held[paying.invoice]
            if invoice.currency != line.currency:
                raise Conflict(N_("{number} is in another currency."), number=invoice.number)
            amount = min(rest, invoice.money.balance) if paying.amount is None else paying.amount
            if amount > rest:
                raise Invalid(N_("Only {rest} of this line is left."), "amount", rest=Price(rest, line.currency))
            words = f"{line.reference} {line.payer}".strip()[:200]
            pay(work, invoice, amount, min(line.booked_on, invoice.today), words, bank_line_id=line.id)
            rest -= amount
        numbers = [held[paying.invoice].number for paying in self.payments]
        self._note(work, line, {"numbers": numbers, "balance": f"{rest} {line.currency}"})
        return {"numbers": numbers, "rest": str(rest)}


@dataclass(frozen=True)
class SetAside(_OfLine):
    """It is for no invoice: a refund, interest, somebody else's money. The reason says what became of it."""

    name: ClassVar = "bank.set_aside"

    reason: str

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        reason, line = checked_reason(self.reason), self._seen(work)
        if line.set_aside_at is not None:
            raise Conflict(N_("This bank line was set aside already."))
        changes = {"set_aside_at": func.now(), "set_aside_by": work.principal.person_id, "reason": reason}
        work.connection.execute(update(_b).where(_b.c.id == line.id).values(version=line.version + 1, **changes))
        self._note(work, line, {}, reason)
        return {}


@dataclass(frozen=True)
class TakeUpAgain(_OfLine):
    """It waits again."""

    name: ClassVar = "bank.take_up"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        line = self._seen(work)
        changes = {"set_aside_at": None, "set_aside_by": None, "reason": None}
        work.connection.execute(update(_b).where(_b.c.id == line.id).values(version=line.version + 1, **changes))
        self._note(work, line, {}, line.reason)
        return {}
