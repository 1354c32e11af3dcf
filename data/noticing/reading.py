"""What staff wrote: the drafts and the published, how far each is, and whom it would reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Engine, Select, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.database import reading
from data.listing.search import in_texts
from data.models import Account, Notice, NoticeAccount, NoticeSite, NoticeText, NoticeUpdate, Person, Site
from data.notices import IS_OPEN, PAGE_SIZE, news_at
from data.noticing.publishing import Announcement, Words, is_theirs
from rules.errors import Invalid, NotFound
from rules.notices import WRITTEN, NoticeState, state_of
from rules.permissions import Permission
from rules.principal import Principal

P = Permission


@dataclass(frozen=True)
class WrittenAsked:
    """Which of them somebody wants to see, as the address says it."""

    state: str = ""  # "draft", "open" or all
    categories: tuple[str, ...] = ()
    words: str = ""
    page: int = 1


@dataclass(frozen=True)
class Written:
    """One notice as its writers see it; `accounts` is how many it names, none: everyone."""

    uuid: UUID
    category: str
    title: str
    accounts: tuple[str, ...]
    sites: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    resolved_at: datetime | None
    published_at: datetime | None
    updated_at: datetime | None
    service_impacting: bool
    respond_by: datetime | None
    written_by: str | None
    updates: int
    languages: tuple[str, ...]
    version: int
    #: May whoever reads this change it?
    is_mine: bool

    @property
    def state(self) -> NoticeState:
        times = self.published_at, self.starts_at, self.ends_at, self.resolved_at
        return state_of(self.category, *times, datetime.now(UTC))


@dataclass(frozen=True)
class Editable:
    """A draft or what was published, with everything a form needs."""

    row: Written
    notice: Announcement
    #: The clock that its window is read on: that of its first site; None, where it names none: its reader's.
    zone: str | None


@dataclass(frozen=True)
class Reached:
    """How many accounts a notice concerns, and how many people of them read notices."""

    accounts: int
    people: int


def list_written(engine: Engine, principal: Principal, asked: WrittenAsked) -> tuple[tuple[Written, ...], int]:
    """Drafts first, then the latest news; and how many pages there are."""
    wanted = [Notice.says.is_(None), Notice.person_id.is_(None), Notice.about_account_id.is_(None)]
    wanted.append(Notice.category.in_(asked.categories or WRITTEN))
    if asked.state == "draft":
        wanted.append(Notice.published_at.is_(None))
    if asked.state == "open":
        wanted += [Notice.published_at.is_not(None), IS_OPEN]
    if asked.words:
        wanted.append(in_texts(asked.words, Notice.title, Notice.body))
    order = news_at.desc().nulls_first(), Notice.id.desc()
    query = _written(principal).where(*wanted).order_by(*order)
    query = query.offset((asked.page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    some = select(Notice.id).where(*wanted).limit(PAGE_SIZE * 40).subquery()
    with reading(engine, principal, P.BROADCAST_SEND) as connection:
        rows = tuple(_row(row) for row in connection.execute(query))
        n = connection.scalar(select(func.count()).select_from(some)) or 0
    return rows, max(1, -(-n // PAGE_SIZE))


def editable(engine: Engine, principal: Principal, uuid: UUID) -> Editable:
    """NotFound for one that they do not see, and for the portal's own."""
    wanted = Notice.uuid == uuid, Notice.says.is_(None), Notice.person_id.is_(None)
    texts = select(NoticeText.language, NoticeText.title, NoticeText.body).join(
        Notice, Notice.id == NoticeText.notice_id
    )
    sites = select(Site.id, Site.time_zone).join(NoticeSite, NoticeSite.site_id == Site.id)
    sites = sites.join(Notice, Notice.id == NoticeSite.notice_id)
    accounts = select(NoticeAccount.account_id).join(Notice, Notice.id == NoticeAccount.notice_id)
    with reading(engine, principal, P.BROADCAST_SEND) as connection:
        found = connection.execute(_written(principal, Notice.body, Notice.everyone).where(*wanted)).one_or_none()
        if found is None:
            raise NotFound(str(uuid))
        *values, body, everyone = found
        row = _row(values)
        places = connection.execute(sites.where(*wanted).order_by(Site.name)).all()
        notice = Announcement(
            category=row.category,
            title=row.title,
            body=body,
            everyone=everyone,
            sites=tuple(place.id for place in places),
            accounts=tuple(connection.scalars(accounts.where(*wanted))),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            service_impacting=row.service_impacting,
            respond_by=row.respond_by,
            texts={language: Words(title, body) for language, title, body in connection.execute(texts.where(*wanted))},
        )
    return Editable(row, notice, places[0].time_zone if places else None)


def reach(engine: Engine, principal: Principal, notice: Announcement) -> Reached:
    """Whom it would reach if it were published now; Invalid where it says neither everyone nor anybody."""
    if notice.everyone == bool(notice.accounts):
        raise Invalid("", "accounts")
    asked = (literal(list(ids), ARRAY(BigInteger)) for ids in (notice.sites, notice.accounts))
    query = select("*").select_from(func.authz.reach_of_notice(notice.everyone, *asked))
    with reading(engine, principal, P.BROADCAST_SEND) as connection:
        return Reached(*connection.execute(query).one())


def accounts_to_tell(engine: Engine, principal: Principal) -> tuple[tuple[int, str], ...]:
    """The accounts that whoever asks may tell, by name: all for the desk, a manager's own."""
    query = select(Account.id, Account.name).where(Account.closed_at.is_(None)).order_by(Account.name)
    with reading(engine, principal, P.BROADCAST_SEND) as connection:
        return tuple((row.id, row.name) for row in connection.execute(query))


def _written(principal: Principal, *more: ColumnElement[Any]) -> Select[Any]:
    def named(column: Any, *joined: Any) -> Any:
        return select(func.array_agg(aggregate_order_by(column, column))).where(*joined).scalar_subquery()

    accounts = named(Account.name, NoticeAccount.account_id == Account.id, NoticeAccount.notice_id == Notice.id)
    sites = named(Site.name, NoticeSite.site_id == Site.id, NoticeSite.notice_id == Notice.id)
    of_it = NoticeUpdate.notice_id == Notice.id
    updates = select(func.count()).select_from(NoticeUpdate).where(of_it).scalar_subquery()
    writer = select(Person.name).where(Person.id == Notice.written_by).scalar_subquery()
    languages = named(NoticeText.language, NoticeText.notice_id == Notice.id)
    return select(
        Notice.uuid, Notice.category, Notice.title, accounts, sites, Notice.starts_at, Notice.ends_at,
        Notice.resolved_at, Notice.published_at, Notice.updated_at, Notice.service_impacting, Notice.respond_by,
        writer, updates, languages, Notice.version, is_theirs(principal), *more,
    )  # fmt: skip


def _row(values: Any) -> Written:
    uuid, category, title, accounts, sites, *rest = values
    *between, languages, version, is_mine = rest
    return Written(
        uuid, category, title, tuple(accounts or ()), tuple(sites or ()), *between, tuple(languages or ()), version,
        bool(is_mine),
    )  # fmt: skip
