"""Collections: which accounts are late with what, for how long, when they were last reminded, and reminding them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil
from typing import Any, ClassVar

from sqlalchemy import Engine, Select, Text, cast, func, not_, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.billing import BILLING
from data.commands import Work
from data.database import reading
from data.invoicing.holding import ByFinance
from data.listing.kept import rows_of
from data.listing.opened import opened
from data.listing.search import in_texts
from data.models import Account, InvoiceTally, PaymentReminder, Person
from data.open_balances import COUNT, IS_OWED, ISSUERS_DAY, OVERDUE, with_issuer
from data.outbox import mail_domain
from rules.errors import Conflict
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

PERMISSION = Permission.INVOICE_MANAGE
ON_A_PAGE = 10
_tally = InvoiceTally.__table__

#: What authz.remind() says where it sends nothing.
_REFUSED = {
    "early": N_("This account was reminded a few days ago."),
    "nothing": N_("Nothing of this account's is overdue any more."),
    "nobody": N_("Nobody in this account deals with invoices: there is no one to write to."),
}


@dataclass(frozen=True)
class CollectionsAsked:
    """Words to look for in names and codes, and the page."""

    words: str = ""
    page: int = 1


@dataclass(frozen=True)
class Overdue:
    """What is overdue and not disputed in one currency."""

    currency: str
    n: int
    amount: Decimal


@dataclass(frozen=True)
class LastContact:
    """When the account was reminded by mail, by whom, and how many people got it."""

    at: datetime
    by: str
    recipients: int


@dataclass(frozen=True)
class Late:
    """An account that is late. `days`: how long the oldest has been due."""

    account_id: int
    code: str
    name: str
    days: int
    overdue: tuple[Overdue, ...]
    last: LastContact | None

    @property
    def n(self) -> int:
        return sum(one.n for one in self.overdue)


@dataclass(frozen=True)
class CollectionsPage:
    """One page of late accounts, the longest overdue first, and how many there are of all that are looked for."""

    rows: tuple[Late, ...]
    n: int

    @property
    def pages(self) -> int:
        return ceil(self.n / ON_A_PAGE)


def list_late(engine: Engine, principal: Principal, asked: CollectionsAsked) -> CollectionsPage:
    with opened(engine, principal, BILLING) as its:
        question = "collections", asked
        rows = rows_of(its.connection, question, its.scope, lambda _scope: _page(asked))
    late = tuple(_late(*row[1:]) for row in rows)
    return CollectionsPage(late, rows[0][0] if rows else 0)


def all_late(engine: Engine, principal: Principal, words: str) -> tuple[tuple[int, str], ...]:
    """Id and name of every account that is looked for, whatever page it stands on."""
    with opened(engine, principal, BILLING) as its:
        rows = its.connection.execute(_late_accounts(words)).all()
    return tuple((row.id, row.name) for row in rows)


def _late(account: int, code: str, name: str, days: int, overdue: Any, at: Any, by: str | None, people: int) -> Late:
    amounts = tuple(Overdue(currency, n, Decimal(amount)) for currency, n, amount in overdue)
    last = LastContact(at, by or "", people) if at else None
    return Late(account, code, name, days, amounts, last)


def _of_currency() -> Any:
    """The tally is added to and taken away from: only a day whose sum is left has something overdue."""
    days = (ISSUERS_DAY - _tally.c.due).label("days")
    n, amount = COUNT.label("n"), func.sum(_tally.c.balance).label("amount")
    of_day = (
        select(_tally.c.account_id, _tally.c.currency, days, n, amount)
        .select_from(with_issuer())
        .where(IS_OWED, OVERDUE, not_(_tally.c.disputed))
        .group_by(_tally.c.account_id, _tally.c.currency, days)
        .having(COUNT != 0)
        .subquery("of_day")
    )
    c = of_day.c
    sums = func.max(c.days).label("days"), func.sum(c.n).label("n"), func.sum(c.amount).label("amount")
    return select(c.account_id, c.currency, *sums).group_by(c.account_id, c.currency).subquery("of_currency")


def _late_accounts(words: str) -> Select[Any]:
    of_currency = _of_currency()
    c = of_currency.c
    said = func.jsonb_build_array(c.currency, c.n, cast(c.amount, Text))
    overdue = func.jsonb_agg(aggregate_order_by(said, c.currency)).label("overdue")
    days = func.max(c.days).label("days")
    query = select(Account.id, Account.code, Account.name, days, overdue)
    query = query.join(of_currency, c.account_id == Account.id).group_by(Account.id, Account.code, Account.name)
    if words:
        query = query.where(in_texts(words, Account.name, Account.code))
    return query.order_by(days.desc(), Account.name, Account.id)


def _page(asked: CollectionsAsked) -> Select[Any]:
    late = _late_accounts(asked.words).order_by(None).subquery("late")
    r = PaymentReminder
    last = (
        select(r.sent_at, Person.name.label("by"), r.recipients)
        .outerjoin(Person, Person.id == r.sent_by)
        .where(r.account_id == late.c.id)
        .order_by(r.sent_at.desc())
        .limit(1)
        .lateral("last")
    )
    query = select(func.count().over(), late, last.c.sent_at, last.c.by, func.coalesce(last.c.recipients, 0))
    query = query.select_from(late.outerjoin(last, text("true")))
    query = query.order_by(late.c.days.desc(), late.c.name, late.c.id)
    return query.offset((asked.page - 1) * ON_A_PAGE).limit(ON_A_PAGE)


@dataclass(frozen=True)
class ReminderPreview:
    """What a reminder would say now, in which language the account reads, and to whom it would go."""

    account: str
    language: str
    to: tuple[str, ...]
    says: Mapping[str, Any]
    last: datetime | None


def preview_reminder(engine: Engine, principal: Principal, account_id: int) -> ReminderPreview:
    principal.require(PERMISSION)
    with reading(engine, principal, PERMISSION) as connection:
        asked = text("select authz.preview_reminder(:account)")
        said = connection.execute(asked, {"account": account_id}).scalar_one()
    last = datetime.fromisoformat(said["last"]) if said.get("last") else None
    return ReminderPreview(said["account"] or "", said["language"] or "", tuple(said["to"]), said, last)


@dataclass(frozen=True)
class RemindAccount(ByFinance):
    """A mail to all who deal with the account's invoices; once within some days, unless somebody insists."""

    name: ClassVar = "invoice.remind"
    creates: ClassVar = True

    account_id: int
    anyway: bool = False

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        said = work.connection.execute(
            text("select authz.remind(:account, :anyway, :address, :domain)"),
            {
                "account": self.account_id,
                "anyway": self.anyway,
                "address": work.principal.address or "",
                "domain": mail_domain(),
            },
        ).scalar_one()
        if said in _REFUSED:
            raise Conflict(_REFUSED[said])
        return {"said": said}
