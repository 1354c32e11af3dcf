"""Who may do what to which ticket: the way from a ticket's number to the one account and function it is done by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, and_, exists, or_, select

from data.database import reading
from data.models import Account, Membership, Person, Site, StatusChange, Ticket
from data.sites import SiteRef, list_sites
from rules.errors import Conflict, Forbidden, NotFound
from rules.lifecycle import Actor, Category, Standing
from rules.permissions import Permission
from rules.principal import Principal
from rules.request_types import REQUEST_TYPES, Direction, Severity, TicketKind
from rules.words import N_, Stored

P = Permission
VIEWS = (P.TICKET_VIEW_COMPANY, P.TICKET_VIEW_OWN)


@dataclass(frozen=True)
class Found:
    """A ticket that somebody sees, as far as commands need it."""

    id: int
    uuid: UUID
    account_id: int
    number: str
    kind: TicketKind
    direction: Direction | None
    site_id: int | None
    status: str
    category: Category
    severity: Severity | None
    requested_by: int | None
    assignee_id: int | None
    opened_at: datetime
    first_answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    next_deadline: datetime | None
    paused_since: datetime | None
    respond_by: datetime | None
    version: int
    #: Was work begun on it, ever?
    has_begun: bool = False

    @property
    def standing(self) -> Standing:
        return Standing(self.kind, self.status, self.direction, self.resolved_at, self.has_begun)

    @property
    def create(self) -> Permission:
        return REQUEST_TYPES[self.kind].create


COLUMNS = tuple(Ticket.__table__.c[name] for name in Found.__dataclass_fields__ if name != "has_begun")
_BEGUN = exists().where(
    StatusChange.account_id == Ticket.account_id,
    StatusChange.ticket_id == Ticket.id,
    StatusChange.to_status == "in_progress",
)


def find(engine: Engine, principal: Principal, number: str) -> tuple[Found, Permission]:
    """The ticket, and the function by which this person sees it; NotFound for a stranger's as for none at all."""
    principal.require(*VIEWS)
    for view in VIEWS:
        for who in looking(principal, view):
            with reading(engine, who, view) as connection:
                row = connection.execute(select(*COLUMNS, _BEGUN).where(Ticket.number == number)).one_or_none()
            if row is not None:
                return found(row), view
    raise NotFound(number)


def looking(principal: Principal, view: Permission) -> tuple[Principal, ...]:
    """One's own tickets are seen in one account at a time."""
    if principal.is_staff or view is P.TICKET_VIEW_COMPANY:
        return (principal,) if principal.may(view) else ()
    return tuple(principal.looking_at((a,)) for a in principal.chosen if principal.may(view, a))


def locked(connection: Connection, number: str) -> Found:
    """As it stands now, and stays until this transaction ends. The row is locked first, its log is read afterwards."""
    mine = Ticket.number == number
    if connection.execute(select(Ticket.id).where(mine).with_for_update(key_share=True)).one_or_none() is None:
        raise Forbidden(number)
    return found(connection.execute(select(*COLUMNS, _BEGUN).where(mine)).one())


def found(row: Row[Any] | tuple[Any, ...]) -> Found:
    """From COLUMNS, and whether work was ever begun."""
    values = dict(zip(Found.__dataclass_fields__, row, strict=True))
    values["kind"], values["category"] = TicketKind(values["kind"]), Category(values["category"])
    values["direction"] = values["direction"] and Direction(values["direction"])
    values["severity"] = values["severity"] and Severity(values["severity"])
    return Found(**values)


def may_work(principal: Principal, ticket: Found) -> bool:
    """May this person say or do something about a ticket they see?"""
    if principal.is_staff:
        return principal.may(P.TICKET_WORK)
    sites = principal.sites(ticket.create, ticket.account_id)
    return principal.may(ticket.create, ticket.account_id) and (sites is None or ticket.site_id in sites)


def actor_of(principal: Principal) -> Actor:
    return Actor.DESK if principal.is_staff else Actor.CUSTOMER


def working_on(
    engine: Engine, principal: Principal, number: str, *, only: Actor | None = None
) -> tuple[Principal, Permission]:
    """For a change: the person looking at the ticket's account alone. Forbidden for who only looks, and where it is
    `only` for the other side."""
    ticket, view = find(engine, principal, number)
    if not may_work(principal, ticket):
        raise Forbidden(P.TICKET_WORK if principal.is_staff else ticket.create)
    if only is not None and actor_of(principal) is not only:
        raise Forbidden(P.TICKET_WORK if only is Actor.DESK else ticket.create)
    if principal.is_staff:
        return principal, P.TICKET_WORK
    return principal.looking_at((ticket.account_id,)), view


def expect(connection: Connection, ticket: Found, version: int | None) -> None:
    """The version somebody saw when they decided; if it moved on, who changed what since."""
    if version is None or version == ticket.version:
        return
    last = connection.execute(
        select(StatusChange.to_status, Person.name, StatusChange.changed_at >= Ticket.updated_at)
        .join(Ticket, and_(Ticket.account_id == StatusChange.account_id, Ticket.id == StatusChange.ticket_id))
        .outerjoin(Person, Person.id == StatusChange.by_person_id)
        .where(StatusChange.account_id == ticket.account_id, StatusChange.ticket_id == ticket.id)
        .order_by(StatusChange.id.desc())
        .limit(1)
    ).one()
    _status, who, was_a_move = last
    said = {"number": ticket.number, "status": Stored("ticket.status", ticket.status)}
    if who is not None and was_a_move:
        words = N_("{number} was changed meanwhile, last “{status}” by {who}. Look at it again and repeat your change.")
        raise Conflict(words, **said, who=who)
    works = connection.scalar(select(Person.name).where(Person.id == ticket.assignee_id))
    if works is not None and not was_a_move:
        words = N_(
            "{number} was changed meanwhile; it is “{status}” now, and {who} works on it. Look at it again and repeat "
            "your change."
        )
        raise Conflict(words, **said, who=works)
    words = N_("{number} was changed meanwhile; it is “{status}” now. Look at it again and repeat your change.")
    raise Conflict(words, **said)


def sites_for(
    engine: Engine, principal: Principal, kind: TicketKind, account_id: int | None = None
) -> tuple[SiteRef, ...]:
    """Where this person may open such a ticket and see it afterwards: for one account, or any of those chosen."""
    wanted = principal.chosen if account_id is None and not principal.is_staff else (account_id or 0,)
    reached = [_reached(principal, kind, account) for account in wanted]
    everywhere = any(sites is None for sites in reached)
    ids = frozenset().union(*(sites or () for sites in reached))
    return tuple(site for site in list_sites(engine, principal) if everywhere or site.id in ids)


def view_for(principal: Principal, kind: TicketKind, account_id: int, site_id: int) -> Permission | None:
    """By which function this person would see a ticket they open there; None if they may not open it."""
    if principal.is_staff:
        return P.TICKET_WORK if principal.may(P.TICKET_WORK) else None
    if not _holds(principal, REQUEST_TYPES[kind].create, account_id, site_id):
        return None
    return next((view for view in VIEWS if _holds(principal, view, account_id, site_id)), None)


def accounts_for(principal: Principal, kind: TicketKind) -> tuple[int, ...]:
    """Of the chosen accounts, those for which this person may open a ticket of this kind somewhere."""
    return tuple(account for account in principal.chosen if _reached(principal, kind, account) != frozenset())


def _holds(principal: Principal, permission: Permission, account_id: int, site_id: int) -> bool:
    sites = principal.sites(permission, account_id)
    return principal.may(permission, account_id) and (sites is None or site_id in sites)


def _reached(principal: Principal, kind: TicketKind, account_id: int) -> frozenset[int] | None:
    """Sites at which a ticket can be opened and then be seen; None means all."""
    if principal.is_staff:
        return None if principal.may(P.TICKET_WORK) else frozenset()
    if not principal.may(REQUEST_TYPES[kind].create, account_id):
        return frozenset()
    seen = [principal.sites(view, account_id) for view in VIEWS if principal.may(view, account_id)]
    if not seen:
        return frozenset()
    views = None if None in seen else frozenset().union(*(sites or () for sites in seen))
    opened = principal.sites(REQUEST_TYPES[kind].create, account_id)
    if opened is None or views is None:
        return views if opened is None else opened
    return opened & views


def people_of(connection: Connection, account_id: int) -> tuple[tuple[int, str], ...]:
    """Who belongs to the account: its members, and the PAAs of the accounts above it (as far as the hat sees them)."""
    line = select(Account.id, Account.parent_id).where(Account.id == account_id).cte("line", recursive=True)
    line = line.union(select(Account.id, Account.parent_id).join(line, Account.id == line.c.parent_id))
    query = (
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .join(line, line.c.id == Membership.account_id)
        .where(Membership.ended_at.is_(None), Person.disabled_at.is_(None))
        .where(or_(Membership.account_id == account_id, Membership.role == "paa"))
        .distinct()
        .order_by(Person.name, Person.id)
    )
    return tuple((row.id, row.name) for row in connection.execute(query))


def site_zone(connection: Connection, site_id: int | None) -> str:
    """The zone in which the site's people read a clock."""
    return connection.scalar(select(Site.time_zone).where(Site.id == site_id)) or "UTC"
