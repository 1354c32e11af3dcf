"""Watchers: who else gets mail about a ticket. Mail, not access; somebody from outside only where the PAA allows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, ClassVar

from sqlalchemy import Engine, delete, func, insert, select

from data import outbox
from data.account_rules import AccountRule
from data.commands import Command, Work
from data.models import Account, TicketWatcher
from data.ticketing.reach import Found, locked, people_of, working_on
from data.ticketing.standing import moment
from data.ticketing.telling import note
from rules.errors import Invalid, NotFound
from rules.mail import MailKind
from rules.permissions import Permission
from rules.principal import Principal
from rules.together import looks_like_email
from rules.words import N_

MOST_FROM_OUTSIDE = 5
MOST = 30


@dataclass(frozen=True)
class AddWatcher(Command):
    """A member by their id, or an outside address, which gets nothing but the question until it says yes."""

    name: ClassVar = "ticket.watch"

    number: str
    person_id: int | None = None
    email: str | None = None

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return working_on(engine, principal, self.number)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        ticket = locked(work.connection, self.number)
        if self.person_id is not None:
            added = watch_as_member(work, ticket, self.person_id)
        else:
            added = _invite(work, ticket, (self.email or "").strip())
        return {"added": added}


@dataclass(frozen=True)
class RemoveWatcher(Command):
    """By the id that `get_ticket` shows."""

    name: ClassVar = "ticket.unwatch"

    number: str
    watcher_id: int

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return working_on(engine, principal, self.number)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        ticket = locked(work.connection, self.number)
        mine = (*_of(ticket), TicketWatcher.id == self.watcher_id)
        if not work.connection.execute(delete(TicketWatcher).where(*mine)).rowcount:
            raise NotFound(str(self.watcher_id))
        note(work, ticket, self.name)
        return {}


@dataclass(frozen=True)
class AllowOutsideWatchers(AccountRule):
    """The PAA's word for the whole account: may addresses from outside watch its tickets?"""

    name: ClassVar = "account.outside_watchers"
    rule: ClassVar = Account.outside_watchers

    allowed: bool

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        self.set_to(work, self.allowed)
        return {"allowed": self.allowed}


def watch_as_member(work: Work, ticket: Found, person_id: int) -> bool:
    """False if they watch already."""
    names = dict(people_of(work.connection, ticket.account_id))
    if person_id not in names:
        raise Invalid(N_("Choose somebody of the account."), "watchers")
    _refuse_more(work, ticket, TicketWatcher.person_id.is_not(None), MOST, "watchers")
    return _add(work, ticket, names[person_id], person_id=person_id)


def _invite(work: Work, ticket: Found, email: str) -> bool:
    if not looks_like_email(email):
        raise Invalid(N_("This is no e-mail address."), "email")
    allowed = select(Account.outside_watchers).where(Account.id == ticket.account_id)
    if not work.connection.scalar(allowed):
        raise Invalid(N_("Only colleagues may watch: your administrator has not allowed outside addresses."), "email")
    _refuse_more(work, ticket, TicketWatcher.email.is_not(None), MOST_FROM_OUTSIDE, "email")
    added = _add(work, ticket, email, email=email)
    if added and not _ask(work, ticket, email):
        raise Invalid(N_("This address was asked today already. Add it again tomorrow."), "email")
    return added


def _ask(work: Work, ticket: Found, email: str) -> bool:
    """Whether it may be asked: once a day for each ticket, however often it is added and removed."""
    today = moment(work.connection).astimezone(UTC).date()
    return outbox.tell(
        work.connection,
        kind=MailKind.WATCH_CONFIRM,
        account_id=ticket.account_id,
        address=email,
        ticket_id=ticket.id,
        dedupe_key=f"{MailKind.WATCH_CONFIRM}/{ticket.id}/{email.lower()}/{today}",
    )


def _add(work: Work, ticket: Found, label: str, **who: Any) -> bool:
    """The ticket is locked: nobody adds the same one meanwhile."""
    same = (
        TicketWatcher.person_id == who["person_id"]
        if "person_id" in who
        else func.lower(TicketWatcher.email) == who["email"].lower()
    )
    if work.connection.scalar(select(TicketWatcher.id).where(*_of(ticket), same)) is not None:
        return False
    new = {"account_id": ticket.account_id, "ticket_id": ticket.id, **who}
    work.connection.execute(insert(TicketWatcher).inline().values(new))
    note(work, ticket, "ticket.watch", after={"watcher": label})
    return True


def _refuse_more(work: Work, ticket: Found, kind: Any, most: int, field: str) -> None:
    count = select(func.count(TicketWatcher.id)).where(*_of(ticket), kind)
    if (work.connection.scalar(count) or 0) >= most:
        raise Invalid(N_("At most {most} watchers of this kind."), field, most=most)


def _of(ticket: Found) -> tuple[Any, ...]:
    return TicketWatcher.account_id == ticket.account_id, TicketWatcher.ticket_id == ticket.id
