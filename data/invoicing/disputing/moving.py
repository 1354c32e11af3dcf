"""What is said in a dispute, and where that brings it: both sides talk, local finance decides, either ends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Connection, Engine, func, select

from data.attached import named
from data.commands import Command, Work
from data.database import reading
from data.invoicing.credits import ApplyCredit
from data.invoicing.disputing.known import LONGEST, Known, keep, known_in, note, side_of, speaking
from data.invoicing.holding import Held, hold_one
from data.invoicing.steps import IssueInvoice
from data.models import DisputeMessage
from data.outbox import new_message_id
from data.ticketing.saying import checked_body, refuse_too_long
from rules.disputes import DISPUTABLE, DisputeState, Side, next_states, refuse_amount
from rules.errors import Conflict, Forbidden, Invalid
from rules.files import Accepted, Upload, accept
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_, Price, Stored

P = Permission
D = DisputeState


@dataclass(frozen=True)
class _OfADispute(Command):
    """Something done to a dispute that is there."""

    dispute: UUID

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        with reading(engine, principal.covering(P.INVOICE_VIEW), P.INVOICE_VIEW) as connection:
            known = known_in(connection, self.dispute)
        self._refuse_side(principal)
        return speaking(principal, known.account_id)

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
        known = known_in(work.connection, self.dispute)
        _refuse_move(known, side_of(work.principal), becomes)
        said = work.connection.execute(
            select("*").select_from(
                func.authz.say_in_dispute(self.dispute, body, becomes, version, agreed, new_message_id())
            )
        ).one_or_none()
        if said is None:
            raise _moved_on(work.connection, known)
        message, state, credit_note = said
        keep(work, known.account_id, message, files)
        after: dict[str, Any] = named(files)
        if agreed is not None:
            after["credit"] = f"{agreed} {known.currency}"
        before = {}
        if state != known.state:
            before, after = {"dispute_state": known.state}, {**after, "dispute_state": state}
        note(work, self.name, known, before=before, after=after, reason=body or None if becomes else None)
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
        known = known_in(work.connection, self.dispute)
        refuse_amount(self.agreed, known.currency, known.amount)
        body = checked_body(self.body)
        _refuse_second_gift(work, hold_one(work, known.invoice, None), self.agreed)
        done = self._say(work, body, becomes=D.ACCEPTED, version=self.version, agreed=self.agreed)
        note = UUID(done["credit_note"])
        IssueInvoice(note, version=1).carry_out(work)
        if hold_one(work, known.invoice, None).money.is_open:
            ApplyCredit(note, known.invoice).carry_out(work)
        return done


def _refuse_second_gift(work: Work, held: Held, agreed: Decimal) -> None:
    """Of what need not be paid any more no more is credited than was paid or credited before; and nothing is credited
    twice, as for a line that was disputed again."""
    money = held.money
    if money.state not in DISPUTABLE and agreed > money.paid + money.credited:
        raise Conflict(
            N_("{number} is “{state}”: what was never paid is not credited. Reject the dispute, and say why."),
            number=held.number,
            state=Stored("invoice.state", money.state),
        )
    left = work.connection.scalar(select(func.authz.left_to_credit(held.account_id, held.id)))
    if agreed > left:
        raise Invalid(
            N_("{number}: at most {most} can be credited. The rest of it was credited before."),
            "amount",
            number=held.number,
            most=Price(max(left, Decimal(0)), held.currency),
        )


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
