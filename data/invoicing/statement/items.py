"""What was open at the end of a day, item by item: as the list shows it now, or reckoned backwards from there."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, Select, and_, case, exists, func, literal, null, or_, select, true, union_all

from data.invoice_states import age_by, day_of, in_force
from data.listing.scope import Scope
from data.listing.spec import Column, Kind
from data.models import Account, CreditApplication, Dispute, Invoice, LegalEntity, Payment
from rules.money import InvoiceState, InvoiceType
from rules.words import N_

#: Written off and void: nobody asks for it any more, on no statement. A draft was never sent.
_NEVER = (InvoiceState.DRAFT, InvoiceState.VOID, InvoiceState.WRITTEN_OFF)

#: The workbook's columns, in the order of `_columns`, which has their values; the account where there are several.
REPORT: tuple[Column, ...] = tuple(
    Column(key, title, null(), kind, vocabulary)
    for key, title, kind, vocabulary in (
        ("account", N_("Account"), Kind.TEXT, None),
        ("number", N_("Number"), Kind.TEXT, None),
        ("type", N_("Type"), Kind.TERM, "invoice.type"),
        ("issuer", N_("Issued by"), Kind.TEXT, None),
        ("purchase_order", N_("Purchase order"), Kind.TEXT, None),
        ("issue_date", N_("Issued"), Kind.DATE, None),
        ("due_date", N_("Due date"), Kind.DATE, None),
        ("days_late", N_("Days late"), Kind.INTEGER, None),
        ("ageing", N_("Age"), Kind.TERM, "invoice.ageing"),
        ("currency", N_("Currency"), Kind.TEXT, None),
        ("total", N_("Total"), Kind.MONEY, None),
        ("open", N_("Open amount"), Kind.MONEY, None),
    )
)


def now_open(scope: Scope, day: date) -> Select[Any]:
    """What the list shows as open, whatever its dates; a day to come makes it older and nothing else."""
    i = Invoice.__table__
    query = select(*_columns(i.c, i.c.balance, i.c.disputed, day)).select_from(_named(i, i.c))
    return query.where(*scope.condition(i), in_force(i))


def then_open(scope: Scope, day: date) -> Select[Any]:
    """Backwards from today: the balance, and again all that came after that day."""
    i, later = Invoice.__table__, _later(scope, day)
    amount = func.sum(later.c.amount).label("amount")
    since = select(later.c.invoice_id, amount).group_by(later.c.invoice_id).cte("since").prefix_with("materialized")
    # found in the index of issue dates, which carries the state: most of what was paid since was not issued yet
    candidate = (
        select(i.c.id, func.coalesce(since.c.amount, 0).label("since"))
        .outerjoin(since, since.c.invoice_id == i.c.id)
        .where(*scope.condition(i), i.c.state.not_in(_NEVER), i.c.issue_date <= day)
        .where(or_(in_force(i), since.c.invoice_id.is_not(None)))
        .cte("candidate")
        .prefix_with("materialized")
    )
    # one by one by their key: the planner, who does not know how few they are, would read all invoices of the account
    row = select(i).where(i.c.id == candidate.c.id, *scope.condition(i)).limit(1).lateral("row")
    left = row.c.balance + candidate.c.since
    source = _named(candidate.join(row, true()), row.c)
    return select(*_columns(row.c, left, _was_disputed(row.c, day), day)).select_from(source).where(left > 0)


def _named(rows: Any, i: Any) -> Any:
    return rows.join(LegalEntity, LegalEntity.id == i.issuer_id).join(Account, Account.id == i.account_id)


def _later(scope: Scope, day: date) -> Any:
    """Payments and credits after that day, of the invoices they settled; and uses, of the credit notes."""
    p, c, i = Payment, CreditApplication, Invoice
    paid = select(p.invoice_id, p.amount).where(*scope.condition(Payment.__table__), p.paid_on > day)
    applied = [
        select(note, c.amount)
        .join(i, and_(i.account_id == c.account_id, i.id == c.invoice_id))
        .join(LegalEntity, LegalEntity.id == i.issuer_id)
        .where(*scope.condition(CreditApplication.__table__), day_of(c.applied_at) > day)
        for note in (c.invoice_id.label("invoice_id"), c.credit_note_id.label("invoice_id"))
    ]
    return union_all(paid, *applied).subquery("later")


def _was_disputed(i: Any, day: date) -> Any:
    d = Dispute
    since, until = day_of(d.opened_at), day_of(d.closed_at)
    running = or_(d.closed_at.is_(None), until > day)
    return exists().where(d.account_id == i.account_id, d.invoice_id == i.id, since <= day, running)


def _columns(i: Any, left: Any, disputed: Any, day: date) -> list[Any]:
    """In the order of REPORT."""
    late = literal(day, Date) - i.due_date
    is_credit = i.type == InvoiceType.CREDIT_NOTE
    return [
        Account.name.label("account"),
        i.number,
        i.type,
        LegalEntity.name.label("issuer"),
        i.purchase_order,
        i.issue_date,
        i.due_date,
        case((is_credit, 0), else_=func.greatest(late, 0)).label("days_late"),
        case((is_credit, None), else_=age_by(late, disputed)).label("ageing"),
        i.currency,
        case((is_credit, -i.total), else_=i.total).label("total"),
        case((is_credit, -left), else_=left).label("open"),
    ]
