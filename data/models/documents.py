"""Documents to read, for everybody or for one account, and who accepted which edition."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Moment, PublicId, Version, one_of, quoted, table_info
from data.models.rows import IS_MANAGER, IS_STAFF, ME, SIGNED_IN, Hat, Rows, Write, account, managed, several, staff
from rules.documents import GENERAL, LONGEST_MARKDOWN, DocumentKind
from rules.files import LARGEST
from rules.permissions import Permission

P = Permission
_MINE = f"person_id = {ME}"

#: A customer never sees a draft; guides and policies are for whoever is signed in.
_OUT = "published_at is not null"
_GENERAL = f"(account_id is null and {SIGNED_IN})"
_MANAGES = staff(P.DOCUMENT_MANAGE)
#: What a document says is never changed: what somebody accepted stays what they read. Another text is another edition.
_DOCUMENT = (
    "account_id", "series", "kind", "title", "language", "edition", "effective_on", "markdown", "file_name",
    "media_type", "content", "must_accept",
)  # fmt: skip


class Document(Base):
    """A guide, policy, FAQ or an account's own contract; Markdown or a file, versioned, per language."""

    __tablename__ = "document"
    id: Mapped[Id]
    uuid: Mapped[PublicId]
    #: The same for all editions and languages of one document.
    series: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str]
    title: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="en")
    edition: Mapped[str] = mapped_column(server_default="1")
    effective_on: Mapped[date | None]
    markdown: Mapped[str | None]
    file_name: Mapped[str | None]
    media_type: Mapped[str | None]
    content: Mapped[bytes | None]
    must_accept: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
    #: Empty while it is a draft, and after it was withdrawn.
    published_at: Mapped[Moment | None]
    version: Mapped[Version]
    __table_args__ = (
        one_of("kind", DocumentKind),
        UniqueConstraint("account_id", "series", "language", "edition", postgresql_nulls_not_distinct=True),
        CheckConstraint("(markdown is null) <> (content is null)", name="one_of_two"),
        CheckConstraint(
            "num_nulls(content, file_name, media_type) in (0, 3) and (media_type is null or media_type = "
            "'application/pdf')",
            name="file",
        ),
        CheckConstraint(
            f"octet_length(content) <= {LARGEST} and length(markdown) <= {LONGEST_MARKDOWN} "
            "and length(title) between 1 and 200 and length(edition) between 1 and 30",
            name="size",
        ),
        CheckConstraint(f"(account_id is null) = (kind in ({quoted(GENERAL)}))", name="whose"),
        CheckConstraint("not must_accept or kind = 'policy'", name="must_accept"),
        table_info(
            Rows(
                see={
                    Hat.CUSTOMER: f"{_OUT} and ({_GENERAL} or account_id = {account(P.DOCUMENT_VIEW)})",
                    Hat.OWN: f"{_OUT} and {_GENERAL}",
                    Hat.MANY: (
                        f"{_OUT} and ({_GENERAL} or "
                        f"account_id = any((select authz.accounts('{P.DOCUMENT_VIEW}'))::bigint[]))"
                    ),
                    Hat.STAFF: f"(account_id is null and {IS_STAFF}) or {staff(P.DOCUMENT_VIEW)}",
                    Hat.MANAGER: f"(account_id is null and {IS_MANAGER}) or {managed(P.DOCUMENT_VIEW)}",
                },
                insert={Hat.STAFF: Write(_DOCUMENT, f"{_MANAGES} and published_at is null")},
                update={Hat.STAFF: Write(("published_at", "version"), _MANAGES)},
                delete={Hat.STAFF: f"{_MANAGES} and published_at is null"},
            )
        ),
    )


#: Staff may put on these hats as well, and are asked for nothing.
_AS_CUSTOMER = {
    Hat.CUSTOMER: f"{account('any')} is not null",
    Hat.OWN: f"{account('any')} is not null",
    Hat.MANY: "cardinality((select authz.accounts('any'))::bigint[]) > 0",
}


def _of_members(accounts: str) -> str:
    """Whose acceptance it is, they belong to one of these accounts."""
    return (
        "exists (select from portal.membership m where m.person_id = {table}.person_id and m.ended_at is null "
        f"and m.account_id {accounts})"
    )


class DocumentAcceptance(Base):
    """Somebody accepted an edition of a policy. Nobody does it for another, and nothing takes it back."""

    __tablename__ = "document_acceptance"
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    accepted_at: Mapped[Created]
    __table_args__ = (
        table_info(
            Rows(
                see={
                    Hat.CUSTOMER: f"{_MINE} or {_of_members(f'= {account(P.USER_MANAGE)}')}",
                    Hat.OWN: _MINE,
                    Hat.MANY: f"{_MINE} or {_of_members(f'= {several(P.USER_MANAGE)}')}",
                    Hat.STAFF: f"{_MINE} or {staff(P.DOCUMENT_VIEW)}",
                    Hat.MANAGER: f"{_MINE} or " + _of_members(managed(P.DOCUMENT_VIEW, column="").strip()),
                },
                insert={
                    hat: Write(
                        ("document_id", "person_id"),
                        f"{_MINE} and {is_customer} and exists (select from portal.document d where d.id = document_id "
                        "and d.account_id is null and d.must_accept)",
                    )
                    for hat, is_customer in _AS_CUSTOMER.items()
                },
            )
        ),
    )
