"""What administrators do with documents: upload an edition, publish it, withdraw it, throw a draft away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.guides import GuideKind, guides_of
from data.models import Account, Document, DocumentAcceptance
from rules.documents import LONGEST_EDITION, LONGEST_TITLE, OF_ACCOUNT, DocumentKind
from rules.errors import Conflict, Invalid, NotFound, Problems
from rules.files import Upload, accept_document
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

P = Permission
_d = Document.__table__
_UNIQUE = "uq_document_account_id_series_language_edition"
#: The policies that come with the portal are one document, whatever edition and language.
POLICIES = uuid5(UUID(int=0), "customer policies")


@dataclass(frozen=True)
class Earlier:
    """A document of which a new edition or translation can be uploaded."""

    series: UUID
    kind: DocumentKind
    title: str
    edition: str
    language: str
    account: UUID | None


class _Keeping(Command):
    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        principal.require(P.DOCUMENT_MANAGE)
        return principal, P.DOCUMENT_MANAGE


@dataclass(frozen=True)
class AddDocument(_Keeping):
    """A new edition as a draft: nobody but administrators sees it before it is published."""

    name: ClassVar = "document.add"
    creates: ClassVar = True

    kind: DocumentKind
    title: str
    language: str
    edition: str
    file: Upload
    #: Whose it is, for a contract, order form or certificate.
    account: UUID | None = None
    effective_on: date | None = None
    must_accept: bool = False
    #: It is another edition or language of this one.
    follows: UUID | None = None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        kind, title, edition = DocumentKind(self.kind), self.title.strip(), self.edition.strip()
        _check(kind, title, edition, self.account)
        accepted = accept_document(self.file)
        values = {
            "account_id": _account_id(work.connection, self.account),
            "kind": kind,
            "title": title,
            "language": self.language,
            "edition": edition,
            "effective_on": self.effective_on,
            "must_accept": self.must_accept and kind is DocumentKind.POLICY,
        }
        if accepted.text is not None:
            values["markdown"] = accepted.text
        else:
            values |= {"file_name": accepted.name, "media_type": accepted.media_type, "content": accepted.content}
        if self.follows is not None:
            values["series"] = _series(work.connection, self.follows, kind, values["account_id"])
        uuid = _insert(work.connection, values)
        after = {"kind": str(kind), "edition": edition, "language": self.language}
        record(work.connection, work.principal, Deed(self.name, "document", str(uuid), title, after=after))
        return {"uuid": str(uuid)}


def _check(kind: DocumentKind, title: str, edition: str, account: UUID | None) -> None:
    wrong = []
    if not 1 <= len(title) <= LONGEST_TITLE:
        wrong.append(Invalid(N_("Please fill this in."), "title"))
    if not 1 <= len(edition) <= LONGEST_EDITION:
        wrong.append(Invalid(N_("Please fill this in."), "edition"))
    if (kind in OF_ACCOUNT) != (account is not None):
        wrong.append(Invalid(N_("Please fill this in."), "account"))
    if wrong:
        raise Problems(wrong)


def _account_id(connection: Connection, account: UUID | None) -> int | None:
    if account is None:
        return None
    found = connection.scalar(select(Account.id).where(Account.uuid == account))
    if found is None:
        raise NotFound(str(account))
    return int(found)


def _series(connection: Connection, follows: UUID, kind: DocumentKind, account_id: int | None) -> UUID:
    """Only of the same kind and the same account: an edition does not move from one customer to another."""
    its = _d.c.series == follows, _d.c.kind == kind, _d.c.account_id.is_not_distinct_from(account_id)
    found = connection.scalar(select(_d.c.series).where(*its).limit(1))
    if found is None:
        raise NotFound(str(follows))
    return UUID(str(found))


def _insert(connection: Connection, values: Mapping[str, Any]) -> UUID:
    try:
        uuid = connection.execute(insert(_d).values(values).returning(_d.c.uuid)).scalar_one()
    except IntegrityError as error:
        if _UNIQUE in str(error.orig):
            raise Invalid(
                N_("This edition is there already in this language. Give it another number."), "edition"
            ) from None
        raise
    return UUID(str(uuid))


@dataclass(frozen=True)
class _OfDocument(_Keeping):
    """What is done to one that is there, as it was seen."""

    document: UUID
    version: int

    def _found(self, connection: Connection) -> Any:
        columns = _d.c.id, _d.c.title, _d.c.edition, _d.c.account_id, _d.c.published_at, _d.c.version
        found = connection.execute(select(*columns).where(_d.c.uuid == self.document).with_for_update()).one_or_none()
        if found is None:
            raise NotFound(str(self.document))
        if found.version != self.version:
            raise Conflict(N_("Somebody else changed this meanwhile. Load it again and repeat your change."))
        return found

    def _note(self, work: Work, found: Any, *, to_customer: bool) -> None:
        """The customer's log tells of what they could see, never of a draft."""
        account, after = found.account_id if to_customer else None, {"edition": found.edition}
        deed = Deed(
            self.name, "document", str(self.document), found.title, account, P.DOCUMENT_VIEW if account else None,
            after=after,
        )  # fmt: skip
        record(work.connection, work.principal, deed)


@dataclass(frozen=True)
class PublishDocument(_OfDocument):
    """From now on whoever may read it finds it; from its effective date on it stands in the place of the one before."""

    name: ClassVar = "document.publish"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        found = self._found(work.connection)
        if found.published_at is None:
            _change(work.connection, found, published_at=func.now())
            self._note(work, found, to_customer=True)
        return {}


@dataclass(frozen=True)
class WithdrawDocument(_OfDocument):
    """Nobody finds it any more; the edition before it holds again. Who accepted it stays written."""

    name: ClassVar = "document.withdraw"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        found = self._found(work.connection)
        if found.published_at is not None:
            _change(work.connection, found, published_at=None)
            self._note(work, found, to_customer=True)
        return {}


def _change(connection: Connection, found: Any, **values: Any) -> None:
    connection.execute(update(_d).where(_d.c.id == found.id).values(version=found.version + 1, **values))


@dataclass(frozen=True)
class RemoveDocument(_OfDocument):
    """A draft that nobody needs; what somebody accepted is never removed."""

    name: ClassVar = "document.remove"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        found = self._found(work.connection)
        if found.published_at is not None:
            raise Conflict(N_("Withdraw it first: what is published is not removed."))
        accepted = select(DocumentAcceptance.person_id).where(DocumentAcceptance.document_id == found.id).limit(1)
        if work.connection.scalar(accepted) is not None:
            raise Conflict(N_("Somebody accepted it, so it stays."))
        work.connection.execute(delete(_d).where(_d.c.id == found.id))
        self._note(work, found, to_customer=False)
        return {}


@dataclass(frozen=True)
class TakeOverPolicies(_Keeping):
    """The policies that come with the portal, as drafts of the operator, in all languages they are written in."""

    name: ClassVar = "document.take_over"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        there = {tuple(each) for each in work.connection.execute(
            select(_d.c.language, _d.c.edition).where(_d.c.series == POLICIES)
        )}  # fmt: skip
        new = [g for g in guides_of(GuideKind.POLICIES) if (g.language, g.edition) not in there]
        for guide in new:
            _insert(work.connection, policy_values(guide))
        deed = Deed(self.name, "document", str(POLICIES), after={"documents": len(new)})
        record(work.connection, work.principal, deed)
        return {"documents": len(new)}


def policy_values(guide: Any) -> dict[str, Any]:
    """A file of docs/help as a row."""
    return {
        "series": POLICIES,
        "kind": DocumentKind.POLICY,
        "title": guide.title,
        "language": guide.language,
        "edition": guide.edition,
        "effective_on": guide.effective_on,
        "must_accept": guide.must_accept,
        "markdown": guide.text,
    }


def documents_to_follow(engine: Engine, principal: Principal) -> tuple[Earlier, ...]:
    """The newest edition of each document, for whoever uploads the next one."""
    latest = (
        select(_d.c.series, _d.c.kind, _d.c.title, _d.c.edition, _d.c.language, Account.uuid)
        .select_from(_d.outerjoin(Account, Account.id == _d.c.account_id))
        .distinct(_d.c.series)
        .order_by(_d.c.series, _d.c.effective_on.desc().nulls_last(), _d.c.id.desc())
    )
    with reading(engine, principal, P.DOCUMENT_MANAGE) as connection:
        return tuple(Earlier(s, DocumentKind(k), *rest) for s, k, *rest in connection.execute(latest))


def accounts_to_choose(engine: Engine, principal: Principal) -> dict[str, str]:
    """Whose a paper can be: UUID → name and code."""
    query = select(Account.uuid, Account.name, Account.code).order_by(Account.name, Account.id)
    with reading(engine, principal, P.DOCUMENT_MANAGE) as connection:
        return {str(uuid): f"{name} · {code}" for uuid, name, code in connection.execute(query)}
