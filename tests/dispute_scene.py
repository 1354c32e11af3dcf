"""For tests of disputes: invoices with lines to question, and the cast at work on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select, text

from data.commands import Command, Done, execute
from data.demo.cast import account_id
from data.invoicing import DisputeDetail, DisputesOf, OpenDispute, disputes_of
from data.models import Invoice, InvoiceLine, LegalEntity, Payment
from rules.principal import Principal
from tests.cluster import Database

ACCOUNTS = {"seoul": "ACME-SEOUL", "osaka": "ACME-OSAKA", "bolt": "BOLT"}
#: Account → (issuer, currency)
_ISSUED = {"seoul": ("EX-KR", "KRW"), "osaka": ("EX-JP", "JPY"), "bolt": ("EX-PH", "PHP")}
_turn = count(1)


@dataclass(frozen=True)
class Ledger:
    """The portal as the cast uses it; everybody signs in once."""

    database: Database
    sign_in: Callable[[str], Principal]
    accounts: Mapping[str, int]
    _people: dict[str, Principal]

    def person(self, who: str) -> Principal:
        if who not in self._people:
            self._people[who] = self.sign_in(who)
        return self._people[who]

    def does(self, who: str, command: Command, *, key: UUID | None = None) -> Done:
        key = uuid4() if command.creates and key is None else key
        return execute(self.database.app, self.person(who), command, key=key)

    def invoice(
        self, account: str = "seoul", *, lines: tuple[int, ...] = (600, 400), tax: int = 0, paid: int = 0,
        state: str = "issued", of_type: str = "invoice",
    ) -> UUID:  # fmt: skip
        """Issued over these lines, and as much of it paid."""
        code, currency = _ISSUED[account]
        number, total = f"D-{next(_turn):05}", sum(lines) + tax * len(lines)
        of = self.accounts[account]
        with self.database.as_owner() as connection:
            issuer = connection.execute(select(LegalEntity.id).where(LegalEntity.code == code)).scalar_one()
            row = {
                "account_id": of, "issuer_id": issuer, "number": number, "type": of_type, "state": state,
                "issue_date": date(2025, 9, 1), "due_date": date(2025, 9, 30), "currency": currency,
                "subtotal": sum(lines), "tax": tax * len(lines), "total": total,
            }  # fmt: skip
            made = connection.execute(insert(Invoice).values(row).returning(Invoice.id, Invoice.uuid)).one()
            for at, amount in enumerate(lines, start=1):
                line = {"line": at, "description": f"{number} line {at}", "quantity": 1, "unit_price": amount}
                line |= {"charge": "recurring", "amount": amount, "tax": tax}
                connection.execute(insert(InvoiceLine).values(account_id=of, invoice_id=made.id, **line))
            if paid:
                money = {"amount": paid, "currency": currency, "paid_on": date(2025, 9, 20)}
                connection.execute(insert(Payment).values(account_id=of, invoice_id=made.id, **money))
        return made.uuid

    def opens(self, who: str, invoice: UUID, amount: Any = 100, *, key: UUID | None = None, **more: Any) -> UUID:
        said = {"reason": "price", "body": "Not what was agreed", **more}
        return UUID(self.does(who, OpenDispute(invoice, amount=Decimal(amount), **said), key=key)["dispute"])

    def sees(self, who: str, invoice: UUID) -> DisputesOf:
        return disputes_of(self.database.app, self.person(who), invoice)

    def one(self, who: str, invoice: UUID) -> DisputeDetail:
        (dispute,) = self.sees(who, invoice).disputes
        return dispute

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """What stands in the database, whoever may see it."""
        with self.database.as_owner() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def run(self, statement: str, **values: Any) -> None:
        with self.database.as_owner() as connection:
            connection.execute(text(statement), values)

    def mails(self, dispute: UUID) -> list[tuple[str, str]]:
        """(kind, to whom) of every mail about it, in the order they were written."""
        return self.rows(
            "select m.kind, coalesce(m.address, p.email) from portal.mail m "
            "left join portal.person p on p.id = m.person_id where (m.context ->> 'dispute')::bigint = "
            "(select id from portal.dispute where uuid = :d) order by m.id",
            d=dispute,
        )


def ledger_in(database: Database, sign_in: Callable[[str], Principal]) -> Ledger:
    with database.as_owner() as connection:
        ids = {name: account_id(connection, code) for name, code in ACCOUNTS.items()}
    return Ledger(database, sign_in, ids, {})
