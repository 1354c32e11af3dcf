"""Opening a ticket: one command for all four kinds, whose fields stand in rules/request_types.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import Engine, insert, select

from data.commands import Command, Work
from data.models import (
    Base,
    Fault,
    RemoteHands,
    Shipment,
    Site,
    SiteVisit,
    Ticket,
    TicketContact,
    TicketItem,
    TrackingNumber,
    Visitor,
)
from data.ticketing.pickers import items_at
from data.ticketing.reach import COLUMNS, Found, found, people_of, view_for
from data.ticketing.saying import say
from data.ticketing.standing import Line, log, moment, restand
from data.ticketing.telling import note, tell_followers
from data.ticketing.watch import watch_as_member
from rules.errors import Forbidden, Invalid, NotFound, Problems
from rules.fields import Values
from rules.files import Accepted, Upload, accept
from rules.lifecycle import Actor, Category
from rules.mail import MailKind
from rules.permissions import Permission
from rules.principal import Principal
from rules.request_types import REQUEST_TYPES, TicketKind, check_request, proposed_severity
from rules.words import N_

#: Where what only one kind has is kept; a field goes into the column of its name.
DETAILS: dict[TicketKind, type[Base]] = {
    TicketKind.REMOTE_HANDS: RemoteHands,
    TicketKind.FAULT: Fault,
    TicketKind.SHIPMENT: Shipment,
    TicketKind.SITE_VISIT: SiteVisit,
}
_SHARED = ("subject", "description", "customer_reference", "space_id", "severity", "direction")


@dataclass(frozen=True)
class SubmitTicket(Command):
    """`values`: field name → what was typed (rules/request_types.py). The desk files one for a customer, whom it names
    in `requested_by`; for everybody else that is themselves."""

    name: ClassVar = "ticket.submit"
    creates: ClassVar = True

    kind: TicketKind
    account_id: int
    site_id: int | None
    values: Mapping[str, Any]
    files: tuple[Upload, ...] = ()
    #: Colleagues who get mail about it.
    watchers: tuple[int, ...] = ()
    requested_by: int | None = field(default=None, kw_only=True)

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        if self.site_id is None:
            raise Invalid(N_("Choose a site."), "site_id")
        if not principal.is_staff and self.account_id not in principal.chosen:
            raise NotFound(str(self.account_id))
        view = view_for(principal, self.kind, self.account_id, self.site_id)
        if view is None:
            raise Forbidden(REQUEST_TYPES[self.kind].create)
        who = principal if principal.is_staff else principal.looking_at((self.account_id,))
        self._check_items(engine, who)
        return who, view

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        values, files = self._checked(work)
        ticket = self._insert(work, values)
        self._details(work, ticket, values)
        line = Line("submitted", Category.OPEN, Actor.CUSTOMER, work.principal.person_id, severity=ticket.severity)
        log(work.connection, ticket, line)
        restand(work.connection, ticket, by=Actor.CUSTOMER)
        if files:
            say(work, ticket, "", files)
        for person in self.watchers:
            watch_as_member(work, ticket, person)
        note(
            work,
            ticket,
            self.name,
            after={"kind": self.kind, "subject": values["subject"], "severity": ticket.severity},
        )
        self._confirm(work, ticket)
        return {"number": ticket.number, "uuid": str(ticket.uuid), "status": ticket.status}

    def _checked(self, work: Work) -> tuple[dict[str, Any], tuple[Accepted, ...]]:
        """Everything that cannot be accepted, said at once."""
        wrong: list[Invalid] = []
        typed, values, files = dict(self.values), {}, ()
        if self.kind is TicketKind.FAULT and not typed.get("severity"):
            down, lost = bool(typed.get("service_down")), bool(typed.get("redundancy_lost"))
            typed["severity"] = proposed_severity(service_down=down, redundancy_lost=lost)
        try:
            values = check_request(self.kind, typed, moment(work.connection))
        except Problems as problems:
            wrong += problems.all
        try:
            files = accept(self.files)
        except Invalid as problem:
            wrong.append(problem)
        wrong += self._places(work)
        if wrong:
            raise Problems(wrong)
        return values, files

    def _places(self, work: Work) -> list[Invalid]:
        """An open site, and a requester of the account."""
        wrong = []
        status = work.connection.scalar(select(Site.status).where(Site.id == self.site_id))
        if status != "active":
            wrong.append(Invalid(N_("Choose a site."), "site_id"))
        if self.requested_by is not None and work.principal.is_staff:
            members = {person for person, _name in people_of(work.connection, self.account_id)}
            if self.requested_by not in members:
                wrong.append(Invalid(N_("Choose somebody of the account."), "requested_by"))
        elif self.requested_by not in (None, work.principal.person_id):
            wrong.append(Invalid(N_("A request is made in one's own name."), "requested_by"))
        return wrong

    def _check_items(self, engine: Engine, principal: Principal) -> None:
        """Cage and items are of this account, at this site, and seen by this person."""
        space = self.values.get("space_id")
        chosen = {"space_id": {space} if space else set(), "items": set(self.values.get("items") or ())}
        if not any(chosen.values()):
            return
        here = {item.id for item in items_at(engine, principal, self.account_id, self.site_id or 0)}
        if wrong := [name for name, ids in chosen.items() if not here >= ids]:
            raise Problems([Invalid(N_("This is not at the site. Choose again."), name) for name in wrong])

    def _insert(self, work: Work, values: Values) -> Found:
        by = self.requested_by if work.principal.is_staff else work.principal.person_id
        new = {
            "account_id": self.account_id,
            "kind": self.kind,
            "site_id": self.site_id,
            "requested_by": by,
            **{name: values[name] for name in _SHARED if values.get(name) is not None},
        }
        return found((*work.connection.execute(insert(Ticket).values(new).returning(*COLUMNS)).one(), False))

    def _details(self, work: Work, ticket: Found, values: Values) -> None:
        mine = {"account_id": ticket.account_id, "ticket_id": ticket.id}
        model = DETAILS[self.kind]
        columns = model.__table__.columns
        own = {name: value for name, value in values.items() if name in columns and value is not None}
        work.connection.execute(insert(model).inline().values(**mine, **own))
        rows: list[tuple[type[Base], list[dict[str, Any]]]] = [
            (TicketItem, [{"item_id": item} for item in values.get("items") or ()]),
            (TrackingNumber, [{"number": number} for number in values.get("tracking_numbers") or ()]),
            (TicketContact, [dict(contact) for contact in values.get("contacts") or ()]),
            (Visitor, [_visitor(visitor) for visitor in values.get("visitors") or ()]),
        ]
        for model, children in rows:
            for child in children:
                work.connection.execute(insert(model).inline().values(**mine, **child))

    def _confirm(self, work: Work, ticket: Found) -> None:
        """The requester is told as well: it is the confirmation of what they sent."""
        tell_followers(work, ticket, MailKind.TICKET_SUBMITTED, "opened", to_myself=True)


def _visitor(typed: Values) -> dict[str, Any]:
    """Of an ID number only the last four characters ever reach the database."""
    last_four = "".join((typed.get("id_last_four") or "").split())[-4:]
    return {**typed, "id_last_four": last_four or None}
