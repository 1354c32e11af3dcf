"""A customer questions an invoice, or lines of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Connection, Engine, Row, func, literal, select
from sqlalchemy.exc import DBAPIError

from data.attached import named
from data.commands import Command, Work
from data.database import reading
from data.invoicing.disputing.disputable import Disputable, disputable_in
from data.invoicing.disputing.known import LONGEST, keep, note, speaking
from data.models import Invoice
from data.outbox import new_message_id
from data.ticketing.saying import checked_body, refuse_too_long
from rules.disputes import DisputeReason, refuse_amount
from rules.errors import Conflict, Forbidden, Invalid, NotFound, Problems, refused
from rules.files import Accepted, Upload, accept
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

P = Permission


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
        return speaking(principal, account)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        lines = tuple(dict.fromkeys(self.lines))
        about = disputable_in(work.connection, self.invoice, lines=lines)
        body, files = self._checked(about, lines)
        opened = self._opened(work.connection, lines, body)
        if opened is None:
            raise Conflict(N_("This is disputed already. Write to finance there."))
        uuid, message = opened
        keep(work, about.account_id, message, files)
        after = {"dispute_reason": self.reason, "disputed": f"{self.amount} {about.currency}", **named(files)}
        if lines:
            after["lines"] = list(lines)
        note(work, self.name, about, after=after)
        return {"dispute": str(uuid), "number": about.number}

    def _opened(self, connection: Connection, lines: tuple[int, ...], body: str) -> Row[Any] | None:
        """What finance did since it was checked (a payment, voiding it) is said as it would have been before."""
        asked = literal(list(lines), ARRAY(BigInteger))
        opening = func.authz.open_dispute(self.invoice, asked, self.reason, self.amount, body, new_message_id())
        try:
            with connection.begin_nested():
                return connection.execute(select("*").select_from(opening)).one_or_none()
        except DBAPIError:
            self._checked(disputable_in(connection, self.invoice), lines)
            raise

    def _checked(self, about: Disputable, lines: tuple[int, ...]) -> tuple[str, tuple[Accepted, ...]]:
        """Everything that cannot be accepted, said at once, in the order of the form."""
        if not about.is_disputable:
            raise Conflict(N_("Only an invoice that was issued and still counts can be disputed."))
        said: dict[str, Any] = {}

        def check_body() -> None:
            said["body"] = checked_body(self.body)
            refuse_too_long(said["body"], LONGEST, "body")

        def check_files() -> None:
            said["files"] = accept(self.files)

        wrong = refused(lambda: self._check_lines(about, lines), self._check_reason)
        if not any(one.field == "lines" for one in wrong):  # else nobody knows of how much
            wrong += refused(lambda: refuse_amount(self.amount, about.currency, about.most(lines)))
        wrong += refused(check_body, check_files)
        if wrong:
            raise Problems(wrong)
        return said["body"], said["files"]

    def _check_lines(self, about: Disputable, lines: tuple[int, ...]) -> None:
        if not {*lines} <= {line.line for line in about.lines}:
            raise Invalid(N_("Choose lines of this invoice."), "lines")

    def _check_reason(self) -> None:
        if self.reason not in tuple(DisputeReason):
            raise Invalid(N_("Choose one of the list."), "reason")
