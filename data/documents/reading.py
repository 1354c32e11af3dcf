"""Documents as their readers find them: what is published, its text, and the file that is taken along."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Select, func, select

from data.audit import Deed, record
from data.database import reading, writing
from data.models import Account, Document, DocumentAcceptance
from rules.documents import DocumentKind, DocumentRow
from rules.errors import NotFound
from rules.permissions import Permission
from rules.principal import Principal

P = Permission
#: Guides and policies are for whoever is signed in and holds anything at all.
ANY = tuple(Permission)
MARKDOWN = "text/markdown"
#: So many papers are listed at once; the contracts of an account manager's customers are fewer.
MOST = 1_000
_d = Document.__table__
_other = _d.alias("other")
_IS_OUT = _d.c.published_at.is_not(None)
_CALLED = (
    _d.c.uuid, _d.c.series, _d.c.kind, _d.c.title, _d.c.language, _d.c.edition, _d.c.effective_on, _d.c.published_at,
    _d.c.must_accept, _d.c.content.is_not(None),
)  # fmt: skip


@dataclass(frozen=True)
class Text:
    """A document as it is written: `markdown`, or nothing where it is a file."""

    row: DocumentRow
    markdown: str | None = field(repr=False)


@dataclass(frozen=True)
class Taken:
    """A document that somebody takes along."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def accepted_by(person_id: int) -> ColumnElement[Any]:
    """When this person accepted this edition, in whatever language they read it."""
    same = _other.c.series == _d.c.series, _other.c.edition == _d.c.edition
    mine = DocumentAcceptance.document_id == _other.c.id, DocumentAcceptance.person_id == person_id
    return select(func.min(DocumentAcceptance.accepted_at)).where(*same, *mine).scalar_subquery()


def rows_of(principal: Principal) -> Select[Any]:
    """What is published, as this person may see it."""
    query = select(*_CALLED, Account.name, accepted_by(principal.person_id))
    return query.select_from(_d.outerjoin(Account, Account.id == _d.c.account_id)).where(_IS_OUT)


def general_documents(engine: Engine, principal: Principal) -> tuple[DocumentRow, ...]:
    """What staff published for everybody, all editions and languages."""
    if not any(map(principal.may, ANY)):
        return ()
    with reading(engine, principal, *ANY) as connection:
        found = connection.execute(rows_of(principal).where(_d.c.account_id.is_(None)).order_by(_d.c.title, _d.c.id))
        return tuple(map(row_of, found))


def account_documents(engine: Engine, principal: Principal) -> tuple[DocumentRow, ...]:
    """The papers of the accounts in view, as far as their reader may see them; the newest first."""
    if not principal.may(P.DOCUMENT_VIEW):
        return ()
    newest_first = _d.c.effective_on.desc().nulls_last(), _d.c.id.desc()
    theirs = principal.covering(P.DOCUMENT_VIEW).chosen
    query = rows_of(principal).where(_d.c.account_id.is_not(None))
    query = query if principal.is_staff else query.where(_d.c.account_id.in_(theirs))
    with reading(engine, principal, P.DOCUMENT_VIEW) as connection:
        return tuple(map(row_of, connection.execute(query.order_by(*newest_first).limit(MOST))))


def row_of(values: Any) -> DocumentRow:
    uuid, series, kind, *rest = values
    return DocumentRow(uuid, series, DocumentKind(kind), *rest)


def get_text(engine: Engine, principal: Principal, uuid: UUID) -> Text:
    """To be read on a page; NotFound for a stranger's and for a draft as for one that never was."""
    principal.require(*ANY)
    for permission in _ways(principal):
        with reading(engine, principal, *permission) as connection:
            found = connection.execute(rows_of(principal).add_columns(_d.c.markdown).where(_d.c.uuid == uuid)).first()
        if found is not None:
            return Text(row_of(found[:-1]), found[-1])
    raise NotFound(str(uuid))


def take_document(engine: Engine, principal: Principal, uuid: UUID) -> Taken:
    """To be saved. An account's own paper is noted for who runs the account, before its first byte leaves."""
    principal.require(*ANY)
    who = principal.anywhere()
    for permissions in _ways(who):
        with writing(engine, who, *permissions) as connection:
            taken = _taken(connection, who, uuid)
        if taken is not None:
            return taken
    raise NotFound(str(uuid))


def _ways(principal: Principal) -> tuple[tuple[Permission, ...], ...]:
    """By what documents are seen: the hat for one's own tickets alone does not see an account's papers."""
    return ((P.DOCUMENT_VIEW,), ANY) if principal.may(P.DOCUMENT_VIEW) else (ANY,)


def _taken(connection: Connection, principal: Principal, uuid: UUID) -> Taken | None:
    columns = (
        _d.c.account_id, _d.c.title, _d.c.edition, _d.c.file_name, _d.c.media_type, _d.c.content, _d.c.markdown,
    )  # fmt: skip
    found = connection.execute(select(*columns).where(_d.c.uuid == uuid)).first()  # a draft is none for customers
    if found is None:
        return None
    if found.account_id is not None:
        _note(connection, principal, uuid, found)
    if found.content is not None:
        return Taken(found.file_name, found.media_type, found.content)
    return Taken(f"{found.title} ({found.edition}).md", MARKDOWN, found.markdown.encode())


def _note(connection: Connection, principal: Principal, uuid: UUID, found: Any) -> None:
    account = None if principal.is_staff else found.account_id
    deed = Deed(
        "document.download", "document", str(uuid), found.title, account, P.DOCUMENT_VIEW,
        after={"edition": found.edition},
    )  # fmt: skip
    record(connection, principal, deed)
