"""Which invoices the lines of a bank pay: by the numbers in their text and what is open, else by the amount alone."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Connection, Text, any_, cast, func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from data.invoice_states import is_open
from data.models import Account, Invoice
from rules.bank_file import BankRow, Verdict, numbers_in

_i = Invoice.__table__
_IS_OPEN = is_open(_i)
#: So many numbers are asked for in one statement.
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Open:
    """An invoice with something open."""

    uuid: UUID
    number: str
    account: str
    currency: str
    version: int
    balance: Decimal


@dataclass(frozen=True)
class Share:
    """What a line pays of one invoice."""

    invoice: Open
    amount: Decimal


@dataclass(frozen=True)
class Match:
    """A line, how sure it is what it pays, and that."""

    row: BankRow
    verdict: Verdict
    shares: tuple[Share, ...] = ()

    @property
    def key(self) -> str:
        return self.row.fingerprint.hex()


def matched(connection: Connection, rows: Sequence[BankRow]) -> tuple[Match, ...]:
    """Certain ones first have what is open; what is left is proposed to the others, in the order of the file."""
    numbers = {row.fingerprint: numbers_in(row.text) for row in rows}
    books = _Books(_by_number(connection, frozenset().union(*numbers.values())), _by_amount(connection, rows))
    certain = {row.fingerprint: books.certain(row, numbers[row.fingerprint]) for row in rows}
    found = (certain[row.fingerprint] or books.proposed(row, numbers[row.fingerprint]) for row in rows)
    return tuple(found)


def digest(matches: Iterable[Match]) -> str:
    """What a preview says, so that nothing else is done than what was seen."""
    said = [
        [match.key, match.verdict, [[str(s.invoice.uuid), s.invoice.version, str(s.amount)] for s in match.shares]]
        for match in matches
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass
class _Books:
    """What is open of each invoice, and still is after the lines before."""

    numbered: dict[str, list[Open]]
    amounts: dict[tuple[str, Decimal], Open]
    left: dict[UUID, Decimal] = field(default_factory=dict)

    def certain(self, row: BankRow, numbers: Collection[str]) -> Match | None:
        named = self._named(row, numbers)
        if not named or sum(map(self._left, named)) != row.amount or not all(map(self._left, named)):
            return None
        return self._matched(row, Verdict.CERTAIN, named)

    def proposed(self, row: BankRow, numbers: Collection[str]) -> Match:
        named = self._named(row, numbers)
        if len(named) == 1 and (left := self._left(named[0])):
            return self._matched(row, Verdict.PART if row.amount < left else Verdict.OVER, named)
        one = None if named else self.amounts.get((row.currency, row.amount))
        if one is not None and self._left(one) == row.amount:
            return self._matched(row, Verdict.AMOUNT, [one])
        return Match(row, Verdict.NONE)

    def _named(self, row: BankRow, numbers: Collection[str]) -> list[Open]:
        """Of numbers within one another the longest is meant, whatever its currency; only then is it ours to pay."""
        found = {one.uuid: one for number in sorted(numbers) for one in self.numbered.get(number, ())}.values()
        meant = [one for one in found if not any(_is_within(one.number, other.number) for other in found)]
        return [one for one in meant if one.currency == row.currency]

    def _left(self, invoice: Open) -> Decimal:
        return self.left.get(invoice.uuid, invoice.balance)

    def _matched(self, row: BankRow, verdict: Verdict, invoices: Sequence[Open]) -> Match:
        shares = tuple(Share(one, min(self._left(one), row.amount)) for one in invoices)
        for share in shares:
            self.left[share.invoice.uuid] = self._left(share.invoice) - share.amount
        return Match(row, verdict, shares)


def _is_within(number: str, other: str) -> bool:
    bare, longer = (re.sub(r"[\W_]", "", each) for each in (number, other))
    return bare != longer and bare in longer


def _by_number(connection: Connection, numbers: Collection[str]) -> dict[str, list[Open]]:
    found: dict[str, list[Open]] = {}
    wanted = sorted(numbers)
    for first in range(0, len(wanted), _AT_ONCE):
        part = cast(wanted[first : first + _AT_ONCE], ARRAY(Text))
        for one in _open(connection, _i.c.number == any_(part)):
            found.setdefault(one.number.upper(), []).append(one)
    return found


def _by_amount(connection: Connection, rows: Sequence[BankRow]) -> dict[tuple[str, Decimal], Open]:
    """Of each amount the one invoice that has exactly this open; of several none is meant."""
    wanted = sorted({(row.currency, int(row.amount * 100)) for row in rows})
    if not wanted:
        return {}
    currencies, cents = zip(*wanted, strict=True)
    asked = func.unnest(literal(list(currencies), ARRAY(Text)), literal(list(cents), ARRAY(BigInteger)))
    asked = asked.table_valued("currency", "cents").render_derived(name="asked")
    # of a monthly fee there are thousands: whoever found two of them knows that it is not alone
    two = select(_i.c.id).where(_IS_OPEN, _i.c.currency == asked.c.currency, _i.c.balance_cents == asked.c.cents)
    two = two.limit(2).lateral("two")
    alone = select(func.min(two.c.id)).select_from(asked.join(two, true()))
    alone = alone.group_by(asked.c.currency, asked.c.cents).having(func.count() == 1)
    ids = literal(list(connection.scalars(alone)), ARRAY(BigInteger))
    return {(one.currency, one.balance): one for one in _open(connection, _i.c.id == any_(ids))}


def _open(connection: Connection, which: ColumnElement[bool]) -> list[Open]:
    columns = _i.c.uuid, _i.c.number, Account.name, _i.c.currency, _i.c.version, _i.c.balance
    query = select(*columns).join(Account, Account.id == _i.c.account_id).where(_IS_OPEN, which)
    return [Open(*row) for row in connection.execute(query.order_by(_i.c.id))]
