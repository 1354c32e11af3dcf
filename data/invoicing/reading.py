"""One invoice with everything that hangs on it, as this person may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, Select, and_, func, select

from data.database import reading
from data.invoice_states import TODAY
from data.models import (
    Account,
    CreditApplication,
    Dispute,
    Invoice,
    InvoiceDocument,
    InvoiceLine,
    InvoiceStep,
    LegalEntity,
    Payment,
    Person,
    Site,
)
from rules.errors import NotFound
from rules.invoice_moves import Step
from rules.money import InvoiceState, InvoiceType, PaymentStatus, payment_status
from rules.permissions import Permission
from rules.principal import Principal

P = Permission
T = TypeVar("T")


@dataclass(frozen=True)
class InvoiceHead:
    """The invoice itself. `today` is the day at its issuer, by which it is due or overdue."""

    id: int
    uuid: UUID
    account_id: int
    version: int
    number: str
    type: InvoiceType
    state: InvoiceState
    currency: str
    bill_to: str | None
    issue_date: date
    due_date: date
    terms: str | None
    period_start: date | None
    period_end: date | None
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    paid: Decimal
    credited: Decimal
    written_off: Decimal
    balance: Decimal
    disputed: bool
    purchase_order: str | None
    created_at: datetime
    updated_at: datetime
    today: date

    @property
    def status(self) -> PaymentStatus:
        return payment_status(self.state, self.balance, self.due_date, self.today, self.type)

    @property
    def days_left(self) -> int:
        """Until it is due; negative: so many days late."""
        return (self.due_date - self.today).days

    @property
    def is_credit_note(self) -> bool:
        return self.type is InvoiceType.CREDIT_NOTE


@dataclass(frozen=True)
class AccountRow:
    """Whose invoice it is; `locale` is the language of its documents."""

    id: int
    code: str
    name: str
    locale: str
    country: str | None


@dataclass(frozen=True)
class IssuerRow:
    """The legal entity that issued it, and where its local finance team is reached."""

    id: int
    code: str
    name: str
    country: str
    currency: str
    time_zone: str
    tax_id: str | None
    address: str | None
    finance_email: str | None
    tax_rounding: str


@dataclass(frozen=True)
class LineRow:
    """One line; `site` is the data centre's name."""

    id: int
    line: int
    description: str
    site_id: int | None
    site: str | None
    product: str | None
    quantity: Decimal
    unit_price: Decimal
    charge: str
    amount: Decimal
    tax: Decimal


@dataclass(frozen=True)
class PaymentRow:
    """Money that came in. `recorded_by` is empty where the reader may not know their name."""

    uuid: UUID
    amount: Decimal
    paid_on: date
    reference: str | None
    #: Why it takes another back, where it does.
    reason: str | None
    recorded_at: datetime
    recorded_by: str | None


@dataclass(frozen=True)
class CreditRow:
    """A credit note used for an invoice, seen from either: `number` and `uuid` are the other one's."""

    id: int
    uuid: UUID
    number: str
    amount: Decimal
    applied_at: datetime
    #: Why it takes another back, where it does.
    reason: str | None


@dataclass(frozen=True)
class StepRow:
    """Somebody of finance issued, voided or gave it up; `reason` as far as the reader is told it."""

    step: Step
    amount: Decimal
    taken_at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class DisputeRow:
    """That it was questioned, and what became of it."""

    uuid: UUID
    state: str
    amount: Decimal
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class DocumentRow:
    """The uploaded original, which downloads in place of ours."""

    name: str
    size: int
    uploaded_at: datetime
    version: int


@dataclass(frozen=True)
class InvoiceDetail:
    """Everything a drawer shows. `lines` are those that were asked for, `line_count` how many there are."""

    invoice: InvoiceHead
    account: AccountRow
    issuer: IssuerRow
    lines: tuple[LineRow, ...]
    line_count: int
    payments: tuple[PaymentRow, ...]
    #: Of an invoice: the credit notes used for it. Of a credit note: the invoices it was used for.
    credits: tuple[CreditRow, ...]
    steps: tuple[StepRow, ...]
    disputes: tuple[DisputeRow, ...]
    document: DocumentRow | None

    @property
    def why_void(self) -> str | None:
        """As finance wrote it for all who read the invoice; of an imported one nobody wrote anything."""
        return next((one.reason for one in self.steps if one.step == Step.VOID), None)


def get_invoice(
    engine: Engine, principal: Principal, uuid: UUID | str, *, first_line: int = 0, most_lines: int | None = None
) -> InvoiceDetail:
    """By its UUID; NotFound for a stranger's as for one that never was. Without `most_lines` it has all its lines."""
    principal.require(P.INVOICE_VIEW)
    with reading(engine, principal.covering(P.INVOICE_VIEW), P.INVOICE_VIEW) as connection:
        is_finance = principal.may(P.INVOICE_MANAGE)
        return read_invoice(
            connection, uuid_of(uuid), first_line=first_line, most_lines=most_lines, is_finance=is_finance
        )


def uuid_of(value: UUID | str) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except ValueError:
        raise NotFound(str(value)) from None


def read_invoice(
    connection: Connection,
    uuid: UUID,
    *,
    first_line: int = 0,
    most_lines: int | None = None,
    is_finance: bool = False,
) -> InvoiceDetail:
    """In a transaction of somebody: NotFound where their policies show no such row."""
    invoice, account, issuer = _head(connection, uuid)
    mine = InvoiceLine.account_id == invoice.account_id, InvoiceLine.invoice_id == invoice.id
    count = connection.scalar(select(func.count()).select_from(InvoiceLine).where(*mine)) or 0
    lines = _of(LineRow, connection, _lines(invoice).offset(first_line).limit(most_lines))
    return InvoiceDetail(
        invoice=invoice,
        account=account,
        issuer=issuer,
        lines=lines,
        line_count=count,
        payments=_of(PaymentRow, connection, _payments(invoice)),
        credits=_of(CreditRow, connection, _credits(invoice)),
        steps=_of(StepRow, connection, _steps(invoice, is_finance=is_finance)),
        disputes=_of(DisputeRow, connection, _disputes(invoice)),
        document=next(iter(_of(DocumentRow, connection, _document(invoice))), None),
    )


def _of(kind: type[T], connection: Connection, query: Select[Any]) -> tuple[T, ...]:
    return tuple(kind(*row) for row in connection.execute(query))


def _head(connection: Connection, uuid: UUID) -> tuple[InvoiceHead, AccountRow, IssuerRow]:
    columns: list[Any] = [Invoice.__table__.c[name] for name in InvoiceHead.__dataclass_fields__ if name != "today"]
    columns.append(TODAY)
    columns += [Account.__table__.c[name] for name in AccountRow.__dataclass_fields__]
    columns += [LegalEntity.__table__.c[name] for name in IssuerRow.__dataclass_fields__]
    query = (
        select(*(column.label(f"c{at}") for at, column in enumerate(columns)))
        .select_from(Invoice)
        .join(Account, Account.id == Invoice.account_id)
        .join(LegalEntity, LegalEntity.id == Invoice.issuer_id)
        .where(Invoice.uuid == uuid)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(str(uuid))
    return _parts(tuple(row))


def _parts(values: Sequence[Any]) -> tuple[InvoiceHead, AccountRow, IssuerRow]:
    of_head, of_account = len(InvoiceHead.__dataclass_fields__), len(AccountRow.__dataclass_fields__)
    head = dict(zip(InvoiceHead.__dataclass_fields__, values[:of_head], strict=True))
    head["type"], head["state"] = InvoiceType(head["type"]), InvoiceState(head["state"])
    rest = values[of_head:]
    return InvoiceHead(**head), AccountRow(*rest[:of_account]), IssuerRow(*rest[of_account:])


def _lines(invoice: InvoiceHead) -> Select[Any]:
    line = InvoiceLine
    return (
        select(
            *(line.id, line.line, line.description, line.site_id, Site.name, line.product, line.quantity),
            *(line.unit_price, line.charge, line.amount, line.tax),
        )
        .outerjoin(Site, Site.id == line.site_id)
        .where(line.account_id == invoice.account_id, line.invoice_id == invoice.id)
        .order_by(line.line)
    )


def _payments(invoice: InvoiceHead) -> Select[Any]:
    return (
        select(
            *(Payment.uuid, Payment.amount, Payment.paid_on, Payment.reference, Payment.reason, Payment.recorded_at),
            Person.name,
        )
        .outerjoin(Person, Person.id == Payment.recorded_by)
        .where(Payment.account_id == invoice.account_id, Payment.invoice_id == invoice.id)
        .order_by(Payment.paid_on, Payment.id)
    )


def _credits(invoice: InvoiceHead) -> Select[Any]:
    """The other side of each application; one that the reader may not see (a draft) is not told."""
    used = CreditApplication
    ours, theirs = (used.credit_note_id, used.invoice_id)
    if not invoice.is_credit_note:
        ours, theirs = theirs, ours
    return (
        select(used.id, Invoice.uuid, Invoice.number, used.amount, used.applied_at, used.reason)
        .join(Invoice, and_(Invoice.account_id == used.account_id, Invoice.id == theirs))
        .where(used.account_id == invoice.account_id, ours == invoice.id)
        .order_by(used.applied_at, used.id)
    )


def _steps(invoice: InvoiceHead, *, is_finance: bool) -> Select[Any]:
    """Why it was given up, no hat but finance's may read."""
    reason = InvoiceStep.reason if is_finance else InvoiceStep.told
    return (
        select(InvoiceStep.step, InvoiceStep.amount, InvoiceStep.taken_at, reason)
        .where(InvoiceStep.account_id == invoice.account_id, InvoiceStep.invoice_id == invoice.id)
        .order_by(InvoiceStep.taken_at, InvoiceStep.id)
    )


def _disputes(invoice: InvoiceHead) -> Select[Any]:
    return (
        select(Dispute.uuid, Dispute.state, Dispute.amount, Dispute.opened_at, Dispute.closed_at)
        .where(Dispute.account_id == invoice.account_id, Dispute.invoice_id == invoice.id)
        .order_by(Dispute.opened_at, Dispute.id)
    )


def _document(invoice: InvoiceHead) -> Select[Any]:
    document = InvoiceDocument
    columns = document.name, func.octet_length(document.content), document.uploaded_at, document.version
    return select(*columns).where(document.account_id == invoice.account_id, document.invoice_id == invoice.id)
