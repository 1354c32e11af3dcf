"""Writing a notice, publishing it, adding to it and taking a draft back. Who may is asked by the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Engine, and_, exists, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.models import Account, Notice, NoticeAccount, Site
from data.ticketing.saying import refuse_too_long
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.notices import (
    LONGEST_BODY,
    LONGEST_TITLE,
    OTHER_LANGUAGES,
    WRITTEN,
    NoticeCategory,
    refuse_reach,
    refuse_window,
)
from rules.permissions import Permission, StaffRole
from rules.principal import Principal
from rules.words import N_

P = Permission


@dataclass(frozen=True)
class Words:
    """What a notice says in one language."""

    title: str
    body: str = ""


@dataclass(frozen=True)
class Announcement:
    """All that a notice says, to whom, and about where: ids of sites and accounts, or everyone."""

    category: str
    title: str
    body: str = ""
    everyone: bool = False
    sites: tuple[int, ...] = ()
    accounts: tuple[int, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    service_impacting: bool = False
    respond_by: datetime | None = None
    #: In other languages, by their names; where one is missing, English stands.
    texts: Mapping[str, Words] = field(default_factory=dict)

    def check(self, principal: Principal) -> None:
        if self.category not in WRITTEN:
            raise Invalid(N_("Choose one of the list."), "category")
        if not self.title.strip():
            raise Invalid(N_("Please fill this in."), "title")
        _refuse_long(Words(self.title, self.body), "")
        for language, words in self.texts.items():
            self._check_text(language, words)
        refuse_reach(self.category, everyone=self.everyone, sites=self.sites, accounts=self.accounts)
        refuse_window(self.category, self.starts_at, self.ends_at)
        if self.everyone and principal.role is StaffRole.ACCOUNT_MANAGER:
            raise Forbidden(P.BROADCAST_SEND)

    def _check_text(self, language: str, words: Words) -> None:
        if language not in OTHER_LANGUAGES:
            raise Invalid(N_("Choose one of the list."), "language")
        if not words.title.strip():
            raise Invalid(N_("A translation needs its title as well."), f"title_{language}")
        _refuse_long(words, f"_{language}")

    def said(self) -> dict[str, Any]:
        """As the function takes it; the sites and accounts travel beside it."""
        moments = {name: getattr(self, name) for name in ("starts_at", "ends_at", "respond_by")}
        return {
            "category": self.category,
            "title": self.title.strip(),
            "body": self.body.strip(),
            "everyone": self.everyone,
            "service_impacting": self.service_impacting,
            "texts": {
                language: {"title": words.title.strip(), "body": words.body.strip()}
                for language, words in self.texts.items()
            },
            **{name: moment.isoformat() for name, moment in moments.items() if moment is not None},
        }


def is_theirs(principal: Principal) -> ColumnElement[bool]:
    """The desk changes what any of the staff wrote, a manager what they wrote for accounts they look after."""
    if principal.role is not StaffRole.ACCOUNT_MANAGER:
        return Notice.written_by.is_not(None)
    known = [account.id for account in principal.accounts]
    strangers = exists().where(NoticeAccount.notice_id == Notice.id, NoticeAccount.account_id.not_in(known))
    return and_(Notice.written_by == principal.person_id, Notice.everyone.is_(False), ~strangers)


@dataclass(frozen=True)
class SaveNotice(Command):
    """A draft: a new one, or (`uuid`) one that is there. `publishes`: it is out at once."""

    name: ClassVar = "notice.save"
    creates: ClassVar = True

    notice: Announcement
    uuid: UUID | None = None
    version: int | None = None
    publishes: bool = False

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        if not principal.is_staff:
            raise Forbidden(P.BROADCAST_SEND)
        if self.uuid is not None:
            _refuse_others(engine, principal, self.uuid)
        return principal, P.BROADCAST_SEND

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        self.notice.check(work.principal)
        _refuse_strangers(work, self.notice)
        saved = work.connection.execute(
            select("*").select_from(
                func.authz.write_notice(
                    self.uuid, self.version, literal(self.notice.said(), JSONB), _ids(self.notice.sites),
                    _ids(self.notice.accounts),
                )
            )
        ).one_or_none()  # fmt: skip
        if saved is None:
            raise _moved_on()
        uuid, version = saved
        _note(work, self.name, uuid, self.notice.title, after=self._noted())
        if self.publishes:
            version = PublishNotice(uuid, version).carry_out(work)["version"]
        return {"uuid": str(uuid), "version": version, "published": self.publishes}

    def _noted(self) -> dict[str, Any]:
        said = self.notice
        reach = "everyone" if said.everyone else len(said.accounts)
        return {
            "category": said.category,
            "accounts": reach,
            "sites": len(said.sites),
            "languages": len(said.texts) + 1,
        }


@dataclass(frozen=True)
class _OfANotice(Command):
    """Something done to a notice that is there."""

    uuid: UUID
    version: int

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        if not principal.is_staff:
            raise Forbidden(P.BROADCAST_SEND)
        _refuse_others(engine, principal, self.uuid)
        return principal, P.BROADCAST_SEND

    def _title(self, work: Work) -> str:
        return str(work.connection.scalar(select(Notice.title).where(Notice.uuid == self.uuid)))


@dataclass(frozen=True)
class PublishNotice(_OfANotice):
    """From now on customers are told."""

    name: ClassVar = "notice.publish"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        title = self._title(work)
        found = work.connection.execute(
            select(Notice.published_at, Notice.ends_at <= func.now()).where(Notice.uuid == self.uuid)
        ).one()
        if found.published_at is not None:
            raise Conflict(N_("This notice is published already."))
        if found[1]:
            raise Conflict(N_("Its time is over. Change the window first."))
        version = work.connection.scalar(select(func.authz.publish_notice(self.uuid, self.version)))
        if version is None:
            raise _moved_on()
        _note(work, self.name, self.uuid, title)
        return {"uuid": str(self.uuid), "version": version}


@dataclass(frozen=True)
class AddToNotice(_OfANotice):
    """What became known later: words, perhaps with another window, or the last ones (`resolves`)."""

    name: ClassVar = "notice.add"
    creates: ClassVar = True

    body: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    resolves: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        title = self._title(work)
        self._check(work)
        texts = {language: words.strip() for language, words in self.texts.items() if words.strip()}
        version = work.connection.scalar(
            select(
                func.authz.add_to_notice(
                    self.uuid, self.version, self.body.strip(), literal(texts, JSONB), self.resolves,
                    self.starts_at, self.ends_at,
                )
            )
        )  # fmt: skip
        if version is None:
            raise _moved_on()
        moved = {name: at.isoformat() for name in ("starts_at", "ends_at") if (at := getattr(self, name)) is not None}
        _note(
            work, self.name, self.uuid, title, after={"message": self.body.strip(), "resolved": self.resolves, **moved}
        )
        return {"uuid": str(self.uuid), "version": version}

    def _check(self, work: Work) -> None:
        if not self.body.strip():
            raise Invalid(N_("Please fill this in."), "body")
        for language, words in {"": self.body, **self.texts}.items():
            refuse_too_long(words, LONGEST_BODY, f"body_{language}".rstrip("_"))
        of_it = (Notice.category, Notice.published_at, Notice.resolved_at, Notice.starts_at, Notice.ends_at)
        known = work.connection.execute(select(*of_it).where(Notice.uuid == self.uuid)).one()
        if known.published_at is None:
            raise Conflict(N_("This notice is a draft. Change the draft instead."))
        if known.resolved_at is not None:
            raise Conflict(N_("This is over. Publish another notice if something happens again."))
        if (self.resolves or self.starts_at or self.ends_at) and known.category == NoticeCategory.ADVISORY:
            raise Conflict(N_("An advisory neither begins nor ends."))
        if self.resolves and (self.starts_at or self.ends_at):
            raise Invalid(N_("What is over has no other window."), "starts_at")
        refuse_window(known.category, self.starts_at or known.starts_at, self.ends_at or known.ends_at)


@dataclass(frozen=True)
class WithdrawNotice(_OfANotice):
    """A draft that nobody needs. What was published stays: it is answered by an update."""

    name: ClassVar = "notice.withdraw"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        title = self._title(work)
        is_out = select(Notice.published_at).where(Notice.uuid == self.uuid)
        if work.connection.scalar(is_out) is not None:
            raise Conflict(N_("This notice is published already."))
        if work.connection.scalar(select(func.authz.withdraw_notice(self.uuid, self.version))) is None:
            raise _moved_on()
        _note(work, self.name, self.uuid, title)
        return {"uuid": str(self.uuid)}


def _refuse_others(engine: Engine, principal: Principal, uuid: UUID) -> None:
    """NotFound for one that whoever asks does not see or that the portal wrote, Forbidden for a colleague's."""
    by_people = Notice.uuid == uuid, Notice.says.is_(None), Notice.person_id.is_(None)
    with reading(engine, principal, P.BROADCAST_SEND) as connection:
        found = connection.scalar(select(is_theirs(principal)).where(*by_people))
    if found is None:
        raise NotFound(str(uuid))
    if not found:
        raise Forbidden(P.BROADCAST_SEND)


def _refuse_strangers(work: Work, notice: Announcement) -> None:
    """Only accounts and sites that whoever asks sees; of a manager those they look after."""
    for ids, column, name in ((notice.accounts, Account.id, "accounts"), (notice.sites, Site.id, "sites")):
        found = {*work.connection.scalars(select(column).where(column.in_(ids)))} if ids else set()
        if found != {*ids}:
            raise Invalid(N_("Choose one of the list."), name)


def _refuse_long(words: Words, ending: str) -> None:
    refuse_too_long(words.title, LONGEST_TITLE, f"title{ending}")
    refuse_too_long(words.body, LONGEST_BODY, f"body{ending}")


def _ids(ids: tuple[int, ...]) -> Any:
    return literal(list(dict.fromkeys(ids)), ARRAY(BigInteger))


def _moved_on() -> Conflict:
    return Conflict(N_("Somebody changed this notice meanwhile. Look at it again and repeat your change."))


def _note(work: Work, action: str, uuid: UUID, title: str, *, after: Mapping[str, Any] | None = None) -> None:
    deed = Deed(action, "notice", object_id=str(uuid), object_label=title, after=dict(after) if after else None)
    record(work.connection, work.principal, deed)
