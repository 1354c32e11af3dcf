"""Notices behind the bell: what a person should know, and what of it they have read (SPEC §7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert

from data.database import reading, writing
from data.listing.kept import rows_of
from data.listing.scope import Scope
from data.listing.search import in_texts
from data.models import (
    Account,
    InventoryItem,
    Notice,
    NoticeAccount,
    NoticeRead,
    NoticeSite,
    NoticeText,
    NoticeUpdate,
    NotificationPreference,
    Site,
)
from rules.errors import NotFound
from rules.inventory import ItemStatus
from rules.notices import ONGOING, NoticeCategory, Says
from rules.permissions import Permission
from rules.principal import Principal
from rules.topics import Channel

P = Permission
#: What is older counts as read, so that the badge asks about a bounded number of rows at every click.
FRESH = timedelta(days=90)
PAGE_SIZE = 15
#: So many pages can be turned; what is older is found by its category.
MOST_PAGES = 40
MOST_OPEN = 5
#: Nobody looks further ahead.
WEEK, MONTH = timedelta(days=7), timedelta(days=30)


class Within(StrEnum):
    """When what a notice announces goes on."""

    WEEK = "week"
    MONTH = "month"
    OVER = "over"


@dataclass(frozen=True)
class NoticesAsked:
    """Which notices somebody wants to see, as the address says it."""

    categories: tuple[str, ...] = ()
    only_open: bool = False
    only_unread: bool = False
    words: str = ""
    #: The code of a site it touches.
    site: str = ""
    within: Within | None = None
    page: int = 1


@dataclass(frozen=True)
class NoticeRow:
    """A notice as a list shows it, in the reader's language where it was written in it."""

    uuid: UUID
    category: str
    title: str
    sites: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    service_impacting: bool
    resolved_at: datetime | None
    published_at: datetime
    is_unread: bool
    #: Where it is about something of the portal: the address of that.
    link: str | None = None
    #: What the portal itself says, to be put into words: of which promise, function, state or day.
    says: str | None = None
    promise: str | None = None
    #: Until when an answer is asked for, or the promise holds.
    due_at: datetime | None = None
    account: str | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class OpenNotice:
    """What goes on now, and what became known of it last."""

    row: NoticeRow
    updates: int
    latest: str | None
    latest_at: datetime | None


@dataclass(frozen=True)
class NoticePage:
    """One page of notices, how many pages there are, and how many of all are unread."""

    rows: tuple[NoticeRow, ...]
    pages: int
    unread: int


@dataclass(frozen=True)
class Update:
    """What became known later."""

    body: str
    written_at: datetime


@dataclass(frozen=True)
class NoticeDetail:
    """All of one notice, the newest update first."""

    row: NoticeRow
    body: str
    updates: tuple[Update, ...]


#: When it was news last.
news_at = func.coalesce(Notice.updated_at, Notice.published_at)
#: Whose mark it is, the policy says: the reader's own.
_mark = exists().where(NoticeRead.notice_id == Notice.id, NoticeRead.read_at >= news_at)
IS_UNREAD = and_(news_at > func.now() - FRESH, ~_mark)
#: Its reader turned that kind off: the bell does not count it, the list has it. Whose wish it is, the policy says.
IS_TURNED_OFF = exists().where(
    NotificationPreference.topic == Notice.category, NotificationPreference.channel == Channel.OFF
)
#: An incident or maintenance that is neither resolved nor past its window.
IS_OPEN = and_(
    Notice.category.in_(ONGOING),
    Notice.resolved_at.is_(None),
    or_(Notice.ends_at.is_(None), Notice.ends_at > func.now()),
)
_IS_OUT = Notice.published_at.is_not(None)
_account = select(Account.name).where(Account.id == Notice.about_account_id).scalar_subquery()
_SAID = Notice.link, Notice.says, Notice.promise, Notice.respond_by, _account, Notice.updated_at
#: Of the updates: how many, the words of the last, and when.
_OF_UPDATES = 3
_sites = (
    select(func.array_agg(aggregate_order_by(Site.name, Site.name)))
    .join(NoticeSite, NoticeSite.site_id == Site.id)
    .where(NoticeSite.notice_id == Notice.id)
    .scalar_subquery()
)


def open_notices(connection: Connection, scope: Scope, language: str, *, knows_where: bool) -> tuple[OpenNotice, ...]:
    """What goes on now for the accounts in view: the latest incident first, then the maintenance that begins next.

    `knows_where`: the reader sees the items of these accounts, and so at which sites they are."""
    question = "notices.open", language, knows_where

    def build(scope: Scope) -> Select[Any]:
        query = _open(language)
        return query if scope.accounts is None else query.where(_concerns(scope, knows_where=knows_where))

    found = rows_of(connection, question, scope, build)
    return tuple(OpenNotice(_row(row[:-_OF_UPDATES]), *row[-_OF_UPDATES:]) for row in found)


def _concerns(scope: Scope, *, knows_where: bool) -> ColumnElement[bool]:
    """For one of these accounts by name; or for everyone, and about no site or one where these accounts are."""
    addressed, items = NoticeAccount.__table__, InventoryItem.__table__
    for_them = exists().where(addressed.c.notice_id == Notice.id, *scope.condition(addressed))
    if not knows_where:
        return or_(Notice.everyone, for_them)
    about_sites = exists().where(NoticeSite.notice_id == Notice.id)
    in_use = items.c.status != ItemStatus.DECOMMISSIONED
    theirs = exists().where(items.c.site_id == NoticeSite.site_id, in_use, *scope.condition(items))
    where_they_are = exists().where(NoticeSite.notice_id == Notice.id, theirs)
    return or_(and_(Notice.everyone, or_(~about_sites, where_they_are)), for_them)


def _open(language: str) -> Select[Any]:
    is_incident = Notice.category == NoticeCategory.INCIDENT
    latest, next_ = case((is_incident, Notice.starts_at)), case((~is_incident, Notice.starts_at))
    urgent_first = latest.desc().nulls_last(), next_.asc(), Notice.id
    of_it = NoticeUpdate.notice_id == Notice.id
    n = select(func.count()).select_from(NoticeUpdate).where(of_it).scalar_subquery()
    last = select(in_their_language(language)).where(of_it).order_by(NoticeUpdate.id.desc()).limit(1).scalar_subquery()
    at = select(func.max(NoticeUpdate.written_at)).where(of_it).scalar_subquery()
    going_on = Notice.about_account_id.is_(None), IS_OPEN
    return (
        _notices(language, *_SAID, n, last, at)
        .where(*going_on)
        .order_by(is_incident.desc(), *urgent_first)
        .limit(MOST_OPEN)
    )


def list_notices(engine: Engine, principal: Principal, asked: NoticesAsked, *, language: str = "en") -> NoticePage:
    """The latest news first."""
    wanted = _wanted(asked, language)
    some = told(principal, *wanted, most=PAGE_SIZE * MOST_PAGES)
    query = (
        _notices(language, *_SAID).where(Notice.id.in_(select(some.c.id))).order_by(news_at.desc(), Notice.id.desc())
    )
    query = query.offset((asked.page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    found, unread = select(some.c.id).limit(PAGE_SIZE * MOST_PAGES).subquery(), count_unread(principal, 99)
    counts = select(select(func.count()).select_from(found).scalar_subquery(), unread.scalar_subquery())
    with reading(engine, principal, P.NOTICE_VIEW) as connection:
        rows = tuple(_for(principal, _row(row)) for row in connection.execute(query))
        n, n_unread = connection.execute(counts).one()
    return NoticePage(rows, max(1, -(-n // PAGE_SIZE)), n_unread)


def _for(principal: Principal, row: NoticeRow) -> NoticeRow:
    """Whoever has one account alone knows whose it is."""
    is_needed = principal.is_staff or len(principal.accounts) > 1
    return row if is_needed else replace(row, account=None)


def told(principal: Principal, *wanted: ColumnElement[bool], most: int | None = None) -> Subquery:
    """The ids of what somebody is told, the latest `most` of each kind. Which kinds there are is said here for the
    planner: policies alone would make it walk over what is for everybody else."""
    kinds: list[tuple[ColumnElement[bool], ...]] = [(Notice.about_account_id.is_(None),)]
    if principal.is_staff:
        kinds.append((Notice.for_staff,))
    else:
        kinds.append((~Notice.for_staff, Notice.person_id.is_(None), Notice.about_account_id.in_(principal.chosen)))
        kinds.append((Notice.person_id == principal.person_id, Notice.about_account_id.is_not(None)))
    latest = news_at.desc(), Notice.id.desc()
    each = (select(Notice.id).where(_IS_OUT, *kind, *wanted).order_by(*latest).limit(most) for kind in kinds)
    return union_all(*(select(ids.subquery().c.id) for ids in each)).subquery()


def count_unread(principal: Principal, most: int) -> Select[tuple[int]]:
    """What the bell shows, counted no further; without what its reader turned off."""
    ids = told(principal, IS_UNREAD, ~IS_TURNED_OFF, most=most)
    return select(func.count()).select_from(select(ids.c.id).limit(most).subquery())


def get_notice(engine: Engine, principal: Principal, uuid: UUID, *, language: str = "en") -> NoticeDetail:
    """All of one notice; NotFound for a stranger's as for one that never was."""
    body = func.coalesce(func.nullif(NoticeText.body, ""), Notice.body)
    news = select(in_their_language(language), NoticeUpdate.written_at).join(
        Notice, Notice.id == NoticeUpdate.notice_id
    )
    with reading(engine, principal, P.NOTICE_VIEW) as connection:
        found = connection.execute(_notices(language, *_SAID, body).where(Notice.uuid == uuid)).one_or_none()
        if found is None:
            raise NotFound(str(uuid))
        updates = connection.execute(news.where(Notice.uuid == uuid).order_by(NoticeUpdate.id.desc())).all()
    return NoticeDetail(_for(principal, _row(found[:-1])), found[-1], tuple(Update(*row) for row in updates))


def in_their_language(language: str) -> ColumnElement[str]:
    """An update in this language, or as it was written."""
    return func.coalesce(func.nullif(NoticeUpdate.texts[language].astext, ""), NoticeUpdate.body)


def mark_read(engine: Engine, principal: Principal, uuid: UUID | None = None) -> None:
    """This notice was read, or (None) all that the badge counts."""
    these = (
        Notice.id.in_(select(told(principal, IS_UNREAD).c.id)) if uuid is None else and_(Notice.uuid == uuid, ~_mark)
    )
    unread = select(func.authz.me(), Notice.id).where(_IS_OUT, these)
    marks = insert(NoticeRead).from_select(["person_id", "notice_id"], unread)
    again = marks.on_conflict_do_update(index_elements=["person_id", "notice_id"], set_={"read_at": func.now()})
    with writing(engine, principal, P.NOTICE_VIEW) as connection:
        connection.execute(again)


def warn_staff(
    connection: Connection,
    *,
    says: Says,
    account_id: int,
    site_id: int | None,
    number: str,
    promise: str,
    due_at: datetime,
) -> None:
    """As the worker: for the desk, and once the promise was missed also for who looks after the account (SPEC §4)."""
    guard = P.TICKET_VIEW_COMPANY if says is Says.SLA_BREACH else P.TICKET_WORK
    new = insert(Notice).values(
        category=NoticeCategory.TICKET,
        title=number,
        for_staff=True,
        about_account_id=account_id,
        says=says,
        promise=promise,
        function=guard,
        respond_by=due_at,
        link=f"/tickets?{urlencode({'ticket': number})}",
        published_at=func.now(),
    )
    notice_id = connection.execute(new.returning(Notice.id)).scalar_one()
    if site_id is not None:
        connection.execute(insert(NoticeSite).values(notice_id=notice_id, site_id=site_id))


def _wanted(asked: NoticesAsked, language: str) -> list[ColumnElement[bool]]:
    conditions = (
        (Notice.category.in_(asked.categories), asked.categories),
        (IS_OPEN, asked.only_open),
        (IS_UNREAD, asked.only_unread),
        (_touches(asked.site), asked.site),
        (_found(asked.words, language), asked.words),
    )
    return [condition for condition, is_asked in conditions if is_asked] + _goes_on(asked.within)


def _touches(site: str) -> ColumnElement[bool]:
    at = exists().where(NoticeSite.notice_id == Notice.id, NoticeSite.site_id == Site.id, Site.code == site)
    return or_(at, Notice.about_site_id == select(Site.id).where(Site.code == site).scalar_subquery())


def _found(words: str, language: str) -> ColumnElement[bool]:
    """In what it says, in their language or as it was written."""
    in_other = NoticeText.notice_id == Notice.id, NoticeText.language == language
    translated = exists().where(*in_other, in_texts(words, NoticeText.title, NoticeText.body))
    return or_(in_texts(words, Notice.title, Notice.body), translated)


def _goes_on(within: Within | None) -> list[ColumnElement[bool]]:
    if within is None:
        return []
    ends = func.coalesce(Notice.resolved_at, Notice.ends_at)
    if within is Within.OVER:
        return [ends <= func.now()]
    ahead = {Within.WEEK: WEEK, Within.MONTH: MONTH}[within]
    return [Notice.starts_at <= func.now() + ahead, or_(ends.is_(None), ends > func.now())]


def _notices(language: str, *more: ColumnElement[Any]) -> Select[Any]:
    """Published ones, with their words in this language where there are such."""
    in_language = and_(NoticeText.notice_id == Notice.id, NoticeText.language == language)
    title = func.coalesce(func.nullif(NoticeText.title, ""), Notice.title)
    columns = (
        Notice.uuid, Notice.category, title, _sites, Notice.starts_at, Notice.ends_at, Notice.service_impacting,
        Notice.resolved_at, Notice.published_at, IS_UNREAD,
    )  # fmt: skip
    return select(*columns, *more).select_from(Notice).outerjoin(NoticeText, in_language).where(_IS_OUT)


def _row(values: Row[Any] | Iterable[Any]) -> NoticeRow:
    uuid, category, title, sites, *rest = values
    return NoticeRow(uuid, category, title, tuple(sites or ()), *rest)
