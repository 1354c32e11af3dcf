"""Disputes as people work on them: opened by the customer, answered and decided by the local finance team."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Connection, Engine, func, insert, literal, select

from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.invoicing.credits import ApplyCredit
from data.invoicing.disputable import Disputable, disputable_in
from data.invoicing.holding import hold_one
from data.invoicing.steps import IssueInvoice
from data.models import Dispute, DisputeFile, DisputeMessage, Invoice
from data.outbox import new_message_id
from data.ticketing.saying import checked_body, refuse_too_long
from rules.disputes import DisputeReason, DisputeState, Side, next_states, refuse_amount
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.files import Accepted, Upload, accept
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_, Stored

P = Permission
D = DisputeState
MOST_FILES_OF_A_DISPUTE = 50
LONGEST = 4000


@dataclass(frozen=True)
class Known:
    """A dispute that somebody sees, as far as commands need it."""

    uuid: UUID
    account_id: int
    dispute_id: int
    invoice: UUID
    number: str
    currency: str
    state: DisputeState
    amount: Decimal
    version: int


def side_of(principal: Principal) -> Side:
    return Side.FINANCE if principal.is_staff else Side.CUSTOMER


def may_speak(principal: Principal, account_id: int) -> bool:
    """May this person, who sees the invoice, say something about a dispute of it?"""
    if principal.is_staff:
        return principal.may(P.INVOICE_MANAGE)
    return principal.may(P.INVOICE_DISPUTE, account_id)


def _speaking(principal: Principal, account_id: int) -> tuple[Principal, Permission]:
    """For a change: the person looking at that account alone."""
    if not may_speak(principal, account_id):
        raise Forbidden(P.INVOICE_MANAGE if principal.is_staff else P.INVOICE_DISPUTE)
    if principal.is_staff:
        return principal, P.INVOICE_MANAGE
    return principal.looking_at((account_id,)), P.INVOICE_DISPUTE


def _known(connection: Connection, uuid: UUID) -> Known:
    query = (
        select(
            Dispute.uuid, Dispute.account_id, Dispute.id, Invoice.uuid, Invoice.number, Invoice.currency,
            Dispute.state, Dispute.amount, Dispute.version,
        )
        .join(Invoice, (Invoice.account_id == Dispute.account_id) & (Invoice.id == Dispute.invoice_id))
        .where(Dispute.uuid == uuid)
    )  # fmt: skip
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(str(uuid))
    known = Known(*row)
    return Known(**{**vars(known), "state": DisputeState(known.state)})


@dataclass(frozen=True)
class OpenDispute(Command):
    """Of a whole invoice, or of `lines` of it by their numbers. The first contribution says why."""

    name: ClassVar = "dispute.open"
    creates: ClassVar = True

    invoice: UUID
    reason: str
    body: str
    amount: Decimal
    lines: tuple[int, ...] = ()
    files: tuple[Upload, ...] = ()

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        with reading(engine, principal.covering(P.INVOICE_VIEW), P.INVOICE_VIEW) as connection:
            account = connection.scalar(select(Invoice.account_id).where(Invoice.uuid == self.invoice))
        if account is None:
            raise NotFound(str(self.invoice))
        if principal.is_staff:
            raise Forbidden(P.INVOICE_DISPUTE)
        return _speaking(principal, account)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        about = disputable_in(work.connection, self.invoice)
        lines = tuple(dict.fromkeys(self.lines))
        body, files = self._checked(about, lines)
        opened = work.connection.execute(
            select("*").select_from(
                func.authz.open_dispute(
                    self.invoice, literal(list(lines), ARRAY(BigInteger)), self.reason, self.amount, body,
                    new_message_id(),
                )
            )
        ).one_or_none()  # fmt: skip
        if opened is None:
            raise Conflict(N_("This is disputed already. Write to finance there."))
        uuid, message = opened
        _keep_files(work, about.account_id, message, files)
        after = {"dispute_reason": self.reason, "disputed": f"{self.amount} {about.currency}", **_named(files)}
        if lines:
            after["lines"] = list(lines)
        _note(work, self.name, about, after=after)
        return {"dispute": str(uuid), "number": about.number}

    def _checked(self, about: Disputable, lines: tuple[int, ...]) -> tuple[str, tuple[Accepted, ...]]:
        if self.reason not in tuple(DisputeReason):
            raise Invalid(N_("Choose one of the list."), "reason")
        if not about.is_disputable:
            raise Conflict(N_("Only an invoice that was issued and still counts can be disputed."))
        if not {*lines} <= {line.line for line in about.lines}:
            raise Invalid(N_("Choose lines of this invoice."), "lines")
        refuse_amount(self.amount, about.currency, about.most(lines))
        body = checked_body(self.body)
        refuse_too_long(body, LONGEST, "body")
        return body, accept(self.files)


@dataclass(frozen=True)
class _OfADispute(Command):
    """Something done to a dispute that is there."""

    dispute: UUID

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        with reading(engine, principal.covering(P.INVOICE_VIEW), P.INVOICE_VIEW) as connection:
            known = _known(connection, self.dispute)
        self._refuse_side(principal)
        return _speaking(principal, known.account_id)

    def _refuse_side(self, principal: Principal) -> None:
        """Some deeds are for one side alone."""

    def _say(
        self,
        work: Work,
        body: str,
        *,
        becomes: DisputeState | None = None,
        version: int | None = None,
        agreed: Decimal | None = None,
        files: tuple[Accepted, ...] = (),
    ) -> Mapping[str, Any]:
        known = _known(work.connection, self.dispute)
        _refuse_move(known, side_of(work.principal), becomes)
        said = work.connection.execute(
            select("*").select_from(
                func.authz.say_in_dispute(self.dispute, body, becomes, version, agreed, new_message_id())
            )
        ).one_or_none()
        if said is None:
            raise _moved_on(work.connection, known)
        message, state, credit_note = said
        _keep_files(work, known.account_id, message, files)
        after: dict[str, Any] = _named(files)
        if agreed is not None:
            after["credit"] = f"{agreed} {known.currency}"
        before = {}
        if state != known.state:
            before, after = {"dispute_state": known.state}, {**after, "dispute_state": state}
        _note(work, self.name, known, before=before, after=after, reason=body or None if becomes else None)
        return {"state": state, "credit_note": str(credit_note) if credit_note else None}


@dataclass(frozen=True)
class SayInDispute(_OfADispute):
    """The customer asks again or adds something, finance answers. Who answers an answer opens it again."""

    name: ClassVar = "dispute.say"
    creates: ClassVar = True

    body: str
    files: tuple[Upload, ...] = ()

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        return self._say(work, checked_body(self.body), files=accept(self.files))


@dataclass(frozen=True)
class _Decision(_OfADispute):
    """For finance alone."""

    def _refuse_side(self, principal: Principal) -> None:
        if not principal.is_staff:
            raise Forbidden(P.INVOICE_MANAGE)


@dataclass(frozen=True)
class AcceptDispute(_Decision):
    """All of it or a part: a credit note over what was agreed is issued, and used for the invoice if that is open."""

    name: ClassVar = "dispute.accept"

    agreed: Decimal
    body: str
    version: int | None = None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        known = _known(work.connection, self.dispute)
        refuse_amount(self.agreed, known.currency, known.amount)
        body = checked_body(self.body)
        done = self._say(work, body, becomes=D.ACCEPTED, version=self.version, agreed=self.agreed)
        note = UUID(done["credit_note"])
        IssueInvoice(note, version=1).carry_out(work)
        if hold_one(work, known.invoice, None).money.is_open:
            ApplyCredit(note, known.invoice).carry_out(work)
        return done


@dataclass(frozen=True)
class RejectDispute(_Decision):
    """Never without a reason."""

    name: ClassVar = "dispute.reject"

    body: str
    version: int | None = None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        return self._say(work, checked_body(self.body), becomes=D.REJECTED, version=self.version)


@dataclass(frozen=True)
class CloseDispute(_OfADispute):
    """Nothing more is to be said: it was decided, or the customer takes it back."""

    name: ClassVar = "dispute.close"

    body: str = ""
    version: int | None = None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        body = self.body.strip()
        refuse_too_long(body, LONGEST, "body")
        return self._say(work, body, becomes=D.CLOSED, version=self.version)


def _refuse_move(known: Known, side: Side, becomes: DisputeState | None) -> None:
    if known.state is D.CLOSED:
        raise Conflict(N_("This dispute is closed. Open another one if something is still wrong."))
    if becomes is not None and becomes not in next_states(known.state, side):
        raise Conflict(
            N_("A dispute that is “{state}” cannot become “{target}”."),
            state=Stored("dispute.state", known.state),
            target=Stored("dispute.state", becomes),
        )


def _moved_on(connection: Connection, known: Known) -> Conflict:
    mine = DisputeMessage.account_id == known.account_id, DisputeMessage.dispute_id == known.dispute_id
    latest = select(DisputeMessage.author_name).where(*mine).order_by(DisputeMessage.id.desc()).limit(1)
    return Conflict(
        N_("The dispute of {number} was changed meanwhile, last by {who}. Look at it again and repeat your change."),
        number=known.number,
        who=connection.scalar(latest) or "–",
    )


def _keep_files(work: Work, account_id: int, message: int, files: tuple[Accepted, ...]) -> None:
    """With one's own contribution, in its transaction."""
    if not files:
        return
    of = select(DisputeMessage.dispute_id).where(DisputeMessage.account_id == account_id, DisputeMessage.id == message)
    kept = work.connection.scalar(
        select(func.count())
        .select_from(DisputeFile)
        .join(DisputeMessage, DisputeMessage.id == DisputeFile.message_id)
        .where(DisputeFile.account_id == account_id, DisputeMessage.dispute_id == of.scalar_subquery())
    )
    if (kept or 0) + len(files) > MOST_FILES_OF_A_DISPUTE:
        raise Invalid(N_("A dispute holds at most {most} files."), "files", most=MOST_FILES_OF_A_DISPUTE)
    for file in files:
        work.connection.execute(
            insert(DisputeFile)
            .inline()
            .values(
                account_id=account_id,
                message_id=message,
                name=file.name,
                media_type=file.media_type,
                sha256=hashlib.sha256(file.content).digest(),
                content=file.content,
            )
        )


def _named(files: tuple[Accepted, ...]) -> dict[str, Any]:
    return {"files": [file.name for file in files]} if files else {}


def _note(
    work: Work,
    action: str,
    about: Disputable | Known,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """For the audit log, behind the function that opens the invoice."""
    deed = Deed(
        action,
        "invoice",
        object_id=str(about.invoice),
        object_label=about.number,
        account_id=about.account_id,
        function=P.INVOICE_VIEW,
        before=dict(before) if before else None,
        after=dict(after) if after else None,
        reason=reason,
    )
    record(work.connection, work.principal, deed)
