"""What stands in somebody's calendar: maintenance and incidents they are told of, visits and work at a set time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Row, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.database import reading
from data.listing.opened import ways_in
from data.models import Notice, NoticeSite, NoticeText, NoticeUpdate, RemoteHands, Site, SiteVisit, Ticket
from data.notices import ONGOING
from data.tickets import TICKETS
from rules.errors import Forbidden
from rules.permissions import Permission
from rules.principal import Principal
from rules.request_types import Schedule, TicketKind

P = Permission
#: How far it looks back and ahead; no calendar shows more than so many of a kind.
PAST, AHEAD, MOST = timedelta(days=60), timedelta(days=400), 500


class EventKind(StrEnum):
    """What an entry is about; the words are those of notices and tickets."""

    MAINTENANCE = "maintenance"
    INCIDENT = "incident"
    VISIT = "site_visit"
    WORK = "remote_hands"


@dataclass(frozen=True)
class CalendarEvent:
    """One entry: the same as long as its `uuid` is, and a later state of it as `changed_at` says."""

    uuid: UUID
    kind: EventKind
    title: str
    place: str
    begins: datetime
    ends: datetime | None
    made_at: datetime
    changed_at: datetime
    #: Of a ticket.
    number: str | None = None
    status: str | None = None
    account: int | None = None
    service_impacting: bool = False


def events_of(engine: Engine, principal: Principal, language: str) -> tuple[CalendarEvent, ...]:
    """All that this person may see of it now, in the order of time."""
    found = {event.uuid: event for event in (*_notices(engine, principal, language), *_tickets(engine, principal))}
    return tuple(sorted(found.values(), key=lambda event: (event.begins, event.uuid)))


def _notices(engine: Engine, principal: Principal, language: str) -> Iterator[CalendarEvent]:
    if not principal.may(P.NOTICE_VIEW):
        return
    with reading(engine, principal, P.NOTICE_VIEW) as connection:
        rows = connection.execute(_query_of_notices(language)).all()
    for row in rows:
        yield CalendarEvent(
            row.uuid,
            EventKind(row.category),
            row.title,
            ", ".join(row.sites or ()),
            row.starts_at,
            row.resolved_at or row.ends_at,
            row.published_at,
            max(moment for moment in (row.published_at, row.resolved_at, row.told_at) if moment is not None),
            service_impacting=row.service_impacting,
        )


def _query_of_notices(language: str) -> Select[Any]:
    in_language = and_(NoticeText.notice_id == Notice.id, NoticeText.language == language)
    sites = (
        select(func.array_agg(aggregate_order_by(Site.name, Site.name)))
        .join(NoticeSite, NoticeSite.site_id == Site.id)
        .where(NoticeSite.notice_id == Notice.id)
        .scalar_subquery()
    )
    told = select(func.max(NoticeUpdate.written_at)).where(NoticeUpdate.notice_id == Notice.id).scalar_subquery()
    over = func.coalesce(Notice.resolved_at, Notice.ends_at)
    return (
        select(
            Notice.uuid, Notice.category, func.coalesce(func.nullif(NoticeText.title, ""), Notice.title).label("title"),
            sites.label("sites"), Notice.starts_at, Notice.ends_at, Notice.resolved_at, Notice.published_at,
            Notice.service_impacting, told.label("told_at"),
        )
        .outerjoin(NoticeText, in_language)
        .where(
            Notice.published_at.is_not(None),
            Notice.category.in_(ONGOING),
            Notice.starts_at < func.now() + AHEAD,
            or_(over.is_(None), over > func.now() - PAST),
        )
        .order_by(Notice.starts_at.desc(), Notice.id.desc())
        .limit(MOST)
    )  # fmt: skip


def _tickets(engine: Engine, principal: Principal) -> Iterator[CalendarEvent]:
    """By every way in which they see tickets: all of an account's, or their own of it."""
    try:
        ways = tuple(ways_in(principal, TICKETS))
    except Forbidden:
        return
    for who, function in ways:
        with reading(engine, who.covering(function), function) as connection:
            rows = [*connection.execute(_visits()), *connection.execute(_work())]
        yield from map(_event, rows)


def _event(row: Row[Any]) -> CalendarEvent:
    return CalendarEvent(
        row.uuid, EventKind(row.kind), row.subject, row.place or "", row.starts_at, row.ends_at, row.opened_at,
        row.updated_at, row.number, row.status, row.account_id,
    )  # fmt: skip


_OF_TICKET = (
    Ticket.uuid, Ticket.kind, Ticket.subject, Site.name.label("place"), Ticket.opened_at, Ticket.updated_at,
    Ticket.number, Ticket.status, Ticket.account_id,
)  # fmt: skip


def _visits() -> Select[Any]:
    mine = and_(SiteVisit.account_id == Ticket.account_id, SiteVisit.ticket_id == Ticket.id)
    return (
        select(*_OF_TICKET, SiteVisit.starts_at, SiteVisit.ends_at)
        .join(SiteVisit, mine)
        .outerjoin(Site, Site.id == Ticket.site_id)
        .where(Ticket.kind == TicketKind.SITE_VISIT, SiteVisit.ends_at > func.now() - PAST)
        .where(SiteVisit.starts_at < func.now() + AHEAD)
        .order_by(SiteVisit.starts_at.desc(), Ticket.id.desc())
        .limit(MOST)
    )


def _work() -> Select[Any]:
    mine = and_(RemoteHands.account_id == Ticket.account_id, RemoteHands.ticket_id == Ticket.id)
    return (
        select(*_OF_TICKET, RemoteHands.starts_at, Ticket.resolved_at.label("ends_at"))
        .join(RemoteHands, mine)
        .outerjoin(Site, Site.id == Ticket.site_id)
        .where(Ticket.kind == TicketKind.REMOTE_HANDS, RemoteHands.schedule == Schedule.SCHEDULED)
        .where(RemoteHands.starts_at > func.now() - PAST, RemoteHands.starts_at < func.now() + AHEAD)
        .order_by(RemoteHands.starts_at.desc(), Ticket.id.desc())
        .limit(MOST)
    )
