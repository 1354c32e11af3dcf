"""Policies that people accept: each for themselves, each edition once, and a report of who did."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Engine, Select, and_, case, func, literal, null, select
from sqlalchemy.dialects.postgresql import insert

from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.documents.reading import ANY, general_documents, row_of, rows_of
from data.listing.spec import Column, Kind
from data.models import Account, Document, DocumentAcceptance, Membership, Person
from data.streams import Batch, batches
from rules.documents import DocumentKind, DocumentRow, current
from rules.errors import Forbidden, NotFound
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

P = Permission
_d = Document.__table__

TITLE = N_("Acceptance of policies")
#: In the order of `stream_acceptances`.
REPORT: tuple[Column, ...] = tuple(
    Column(key, title, null(), kind, vocabulary)
    for key, title, kind, vocabulary in (
        ("account", N_("Account"), Kind.TEXT, None),
        ("person", N_("Name"), Kind.TEXT, None),
        ("email", N_("E-mail"), Kind.TEXT, None),
        ("policy", N_("Policy"), Kind.TEXT, None),
        ("edition", N_("Edition"), Kind.TEXT, None),
        ("state", N_("Status"), Kind.TERM, "document.acceptance"),
        ("accepted_at", N_("Accepted"), Kind.MOMENT, None),
    )
)


def policies_to_accept(engine: Engine, principal: Principal, *, language: str) -> tuple[DocumentRow, ...]:
    """What a customer is asked to accept and has not yet, in this edition; staff are not asked."""
    if principal.is_staff:
        return ()
    rows = (row for row in general_documents(engine, principal) if row.kind is DocumentKind.POLICY)
    holds = current(rows, language=language, today=_today())
    return tuple(row for row in holds if row.must_accept and row.accepted_at is None)


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class AcceptPolicy(Command):
    """I have read it and agree. Only for oneself, only the edition that holds; a second time changes nothing."""

    name: ClassVar = "policy.accept"

    document: UUID

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        if principal.is_staff:
            raise Forbidden(self.name)
        held = next((permission for permission in ANY if principal.may(permission)), None)
        if held is None:
            raise Forbidden(self.name)
        return principal, held

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        policies = (_d.c.account_id.is_(None), _d.c.kind == DocumentKind.POLICY)
        found = work.connection.execute(rows_of(work.principal).add_columns(_d.c.id).where(*policies)).all()
        rows = {row_of(each[:-1]): each[-1] for each in found}
        asked = next((row for row in rows if row.uuid == self.document), None)
        holds = current(rows, language=asked.language, today=_today()) if asked is not None else ()
        if asked is None or not asked.must_accept or asked not in holds:
            raise NotFound(str(self.document))
        if asked.accepted_at is not None:
            return {}
        mine = insert(DocumentAcceptance).values(document_id=rows[asked], person_id=work.principal.person_id)
        work.connection.execute(mine.on_conflict_do_nothing())
        after = {"edition": asked.edition, "language": asked.language}
        deed = Deed(self.name, "document", str(asked.uuid), asked.title, after=after)
        record(work.connection, work.principal, deed)
        return {}


def may_read_acceptances(principal: Principal) -> bool:
    """Who runs the account in view, and the staff who see its documents."""
    return principal.may(P.DOCUMENT_VIEW) if principal.is_staff else principal.may(P.USER_MANAGE)


def stream_acceptances(engine: Engine, principal: Principal, *, language: str, time_zone: str) -> Generator[Batch]:
    """Everybody of the accounts in view beside every policy that must be accepted, and when they did.

    `time_zone` is where moments are shown: the cell of a workbook has no zone."""
    who = principal if principal.is_staff else principal.covering(P.USER_MANAGE)
    permission = P.DOCUMENT_VIEW if who.is_staff else P.USER_MANAGE
    rows = (row for row in general_documents(engine, who) if row.kind is DocumentKind.POLICY and row.must_accept)
    holds = current(rows, language=language, today=_today())
    with reading(engine, who, permission) as connection:
        for policy in holds:
            yield from batches(connection, _of_policy(who, policy, time_zone))


def _of_policy(who: Principal, policy: DocumentRow, time_zone: str) -> Select[Any]:
    same = _d.c.series == policy.series, _d.c.edition == policy.edition
    its = DocumentAcceptance.document_id == _d.c.id, DocumentAcceptance.person_id == Person.id
    accepted = select(func.min(DocumentAcceptance.accepted_at)).where(*same, *its).scalar_subquery()
    state = case((accepted.is_(None), "missing"), else_="accepted")
    query = (
        select(
            Account.name, Person.name, Person.email, literal(policy.title), literal(policy.edition), state,
            func.timezone(time_zone, accepted),
        )
        .join(Membership, and_(Membership.account_id == Account.id, Membership.ended_at.is_(None)))
        .join(Person, and_(Person.id == Membership.person_id, Person.disabled_at.is_(None)))
        .order_by(Account.name, Person.name, Person.id)
    )  # fmt: skip
    return query if who.is_staff else query.where(Account.id.in_(who.chosen))
