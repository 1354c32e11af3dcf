"""The list of documents, for the administrator: all that is there, drafts and earlier editions too."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select

from data.listing.search import in_texts
from data.listing.spec import HIDDEN, NOT_IN_TABLE, Choice, Column, Kind, ListSpec, Sort
from data.models import Account, Document, DocumentAcceptance
from rules.documents import DocumentKind
from rules.permissions import Permission
from rules.words import N_

_d = Document.__table__
_newer = _d.alias("newer")
_its = _d.alias("its")

_begins = func.coalesce(_d.c.effective_on, func.date(_d.c.published_at))
_newer_begins = func.coalesce(_newer.c.effective_on, func.date(_newer.c.published_at))
_is_superseded = exists().where(
    _newer.c.series == _d.c.series,
    _newer.c.edition != _d.c.edition,
    _newer.c.published_at.is_not(None),
    _newer_begins <= func.current_date(),
    or_(_newer_begins > _begins, and_(_newer_begins == _begins, _newer.c.published_at > _d.c.published_at)),
)
_state = case(
    (_d.c.published_at.is_(None), "draft"),
    (_begins > func.current_date(), "upcoming"),
    (_is_superseded, "superseded"),
    else_="published",
)
_accepted = (
    select(func.count(DocumentAcceptance.person_id.distinct()))
    .join(_its, _its.c.id == DocumentAcceptance.document_id)
    .where(_its.c.series == _d.c.series, _its.c.edition == _d.c.edition)
    .scalar_subquery()
)


def _found(_connection: Connection, words: str) -> ColumnElement[bool]:
    return in_texts(words, _d.c.title, Account.name, Account.code)


DOCUMENTS = ListSpec(
    name="documents",
    title=N_("Documents"),
    permissions=(Permission.DOCUMENT_MANAGE,),
    table=_d,
    source=_d.outerjoin(Account.__table__, Account.id == _d.c.account_id),
    columns=(
        Column("title", N_("Title"), _d.c.title, Kind.NUMBER, width=225),  # a phone shows this and the next
        Column("state", N_("Status"), _state, Kind.TERM, "document.state", width=110),
        Column("kind", N_("Type"), _d.c.kind, Kind.TERM, "document.kind", width=150),
        Column("account", N_("Account"), Account.name, width=180),
        Column("language", N_("Language"), _d.c.language, Kind.LANGUAGE, width=130),
        Column("edition", N_("Edition"), _d.c.edition, width=100),
        Column("effective_on", N_("Effective from"), _d.c.effective_on, Kind.DATE, width=120),
        Column("accepted", N_("Accepted by"), case((_d.c.must_accept, _accepted)), Kind.INTEGER, width=100),
        Column("file_name", N_("File"), _d.c.file_name, shown=NOT_IN_TABLE),
        Column("created_at", N_("Uploaded"), _d.c.created_at, Kind.MOMENT, shown=NOT_IN_TABLE),
        Column("published_at", N_("Published on"), _d.c.published_at, Kind.MOMENT, shown=NOT_IN_TABLE),
        Column("must_accept", "", _d.c.must_accept, shown=HIDDEN),
        Column("version", "", _d.c.version, shown=HIDDEN),
        Column("uuid", "", _d.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("status", N_("Status"), "document.state", ("draft", "published", "upcoming", "superseded"),
               lambda _c, values: _state.in_(values)),
        Choice("kind", N_("Type"), "document.kind", tuple(DocumentKind), lambda _c, values: _d.c.kind.in_(values)),
        Choice("whose", N_("Whose"), "document.whose", ("everybody", "account"),
               lambda _c, values: or_(*(_d.c.account_id.is_(None) if each == "everybody"
                                        else _d.c.account_id.is_not(None) for each in values))),
    ),
    sorts=(
        Sort("newest", N_("Newest first"), _d.c.created_at, descending=True),
        Sort("title", N_("By title"), _d.c.title),
    ),
    bar=("status", "kind", "whose"),
    row_key=_d.c.uuid,
    row_parameter="document",
    number=_d.c.title,
    finder=_found,
    searched=N_("Search finds documents by a part of their title, or of the name or code of their account."),
    hint=N_("Title or account"),
    nothing=N_("There is no document yet."),
    is_small=True,
)  # fmt: skip
