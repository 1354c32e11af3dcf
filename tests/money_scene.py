"""Fin's desk: invoices and credit notes made to order, what finance does to them, and whether the books add up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DBAPIError

from data.commands import Command, Done, execute
from data.database import context_of
from data.demo.cast import account_id
from data.models import Invoice, InvoiceLine, LegalEntity
from data.models.rows import Hat
from data.tallies import drift
from rules.errors import PortalError
from rules.principal import Principal
from tests.cluster import Database
from tests.demo_rows import NO_DRIFT
from tests.patience import PATIENCE
from tests.standing import today_at

ISSUERS = {"KRW": "EX-KR", "JPY": "EX-JP", "PHP": "EX-PH"}
_numbers = count(1)

#: Invoices whose amounts are not what their rows say: there must be none, ever.
ASTRAY = """
select i.number from portal.invoice i
where i.paid <> coalesce((select sum(amount) from portal.payment p where p.invoice_id = i.id), 0)
   or i.credited <> coalesce((
       select sum(amount) from portal.credit_application c where i.id in (c.invoice_id, c.credit_note_id)), 0)
   or i.total <> i.paid + i.credited + i.written_off + i.balance
   or i.balance < 0 or i.paid < 0 or i.credited < 0
   or i.state <> case
       when i.state in ('draft', 'void', 'written_off') then i.state
       when i.balance <= 0 then 'paid'
       when i.paid + i.credited > 0 then 'partially_paid'
       else 'issued' end
"""


@dataclass
class Books:
    """The database with Fin and everybody else who might try."""

    database: Database
    sign_in: Callable[[str], Principal]

    def __post_init__(self) -> None:
        self.fin = self.sign_in("fin")

    def invoice(self, total: str = "1000", currency: str = "KRW", *, account: str = "ACME-SEOUL", **more: Any) -> UUID:
        """One in force over this much, due in ten days."""
        issuer = more.pop("issuer", ISSUERS.get(currency, "EX-KR"))
        today = today_at(issuer)
        values = {"state": "issued", "type": "invoice", "number": f"INV-M-2026-{next(_numbers):06}", **more}
        with self.database.as_owner() as connection:
            of = connection.execute(select(LegalEntity.id).where(LegalEntity.code == issuer)).scalar_one()
            adding = insert(Invoice).values(
                account_id=account_id(connection, account), issuer_id=of, currency=currency, subtotal=Decimal(total),
                tax=0, total=Decimal(total), **{"issue_date": today, "due_date": today + timedelta(days=10), **values},
            )  # fmt: skip
            return connection.execute(adding.returning(Invoice.uuid)).scalar_one()

    def credit_note(self, total: str = "300", currency: str = "KRW", **more: Any) -> UUID:
        return self.invoice(total, currency, type="credit_note", **more)

    def lines(self, invoice: UUID, *amounts: int) -> None:
        """What it is about; together its total."""
        with self.database.as_owner() as connection:
            of = connection.execute(select(Invoice.id, Invoice.account_id).where(Invoice.uuid == invoice)).one()
            for at, amount in enumerate(amounts, start=1):
                line = {"line": at, "description": f"Cabinet {at}", "quantity": 1, "unit_price": amount, "tax": 0}
                line |= {"charge": "recurring", "amount": amount, "account_id": of.account_id, "invoice_id": of.id}
                connection.execute(insert(InvoiceLine).values(line))

    def do(self, command: Command, *, by: str | Principal = "fin", key: UUID | None = None) -> Done:
        who = self.fin if by == "fin" else self.sign_in(by) if isinstance(by, str) else by
        return execute(self.database.app, who, command, key=key or (uuid4() if command.creates else None))

    def standing(self, uuid: UUID) -> tuple[str, Decimal, Decimal, Decimal, Decimal]:
        """State, paid, credited, written off, balance."""
        query = "select state, paid, credited, written_off, balance from portal.invoice where uuid = :uuid"
        return tuple(self.rows(query, uuid=uuid)[0])  # type: ignore[return-value]

    def number(self, uuid: UUID) -> str:
        return str(self.rows("select number from portal.invoice where uuid = :uuid", uuid=uuid)[0][0])

    def balance(self, uuid: UUID) -> Decimal:
        return self.standing(uuid)[4]

    def version(self, uuid: UUID) -> int:
        return int(self.rows("select version from portal.invoice where uuid = :uuid", uuid=uuid)[0][0])

    def today(self, currency: str = "KRW") -> date:
        return today_at(ISSUERS[currency])

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.database.as_owner() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def add_up(self) -> None:
        """Whatever happened: every amount is the sum of its rows, every state follows, and so does the tally."""
        with self.database.as_owner() as connection:
            assert list(connection.scalars(text(ASTRAY))) == []
            assert drift(connection) == NO_DRIFT


@contextmanager
def wearing(books: Books, who: str, hat: Hat = Hat.STAFF, account: str | None = None) -> Iterator[Connection]:
    """Their session's connection, on which any SQL can be said; of which nothing stays."""
    principal = books.sign_in(who)
    if account is not None:
        principal = principal.looking_at(tuple(a.id for a in principal.accounts if a.code == account))
    settings = {**context_of(principal, hat), "hat": hat}
    wear = ", ".join(
        f"set_config('{name}', :{key}, true)"
        for name, key in (
            ("role", "hat"),
            ("portal.session", "token"),
            ("portal.account", "account"),
            ("portal.accounts", "accounts"),
        )
    )
    with books.database.app.connect() as connection, connection.begin() as transaction:
        connection.execute(text(f"select {wear}"), settings)
        yield connection
        transaction.rollback()


def refused(connection: Connection, sql: str, **values: Any) -> str:
    with pytest.raises(DBAPIError) as error, connection.begin_nested():
        connection.execute(text(sql), values)
    return str(error.value.orig)


def at_once(*commands: Callable[[], Any]) -> list[Any]:
    """What became of each, done by threads that start together."""
    start, results = threading.Barrier(len(commands)), [None] * len(commands)

    def run(at: int, command: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[at] = command()
        except PortalError as error:
            results[at] = error

    threads = [threading.Thread(target=run, args=(at, command)) for at, command in enumerate(commands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    return results
