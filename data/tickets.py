"""Tickets: what an account asked us to do, and how far we are."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Date, cast, func, or_, select

from data.listing.asked import Asked
from data.listing.scope import Scope
from data.listing.spec import HIDDEN, NOT_IN_TABLE, Choice, Column, Kind, ListSpec, Period, Place, Sort, TallySource
from data.listing.summary import Chart, Dimension
from data.models import Account, Person, Site, Ticket, TicketTally
from data.models.rows import Hat
from rules.lifecycle import STATES, Category
from rules.permissions import Permission
from rules.request_types import Severity, TicketKind
from rules.words import N_

P = Permission
_t = Ticket.__table__
_requester = Person.__table__.alias("requester")
_assignee = Person.__table__.alias("assignee")

#: "In progress" of R35: work goes on, or waits for somebody.
IN_PROGRESS = (Category.OPEN, Category.PAUSED)


def _in_stages(_connection: Connection, values: tuple[str, ...]) -> ColumnElement[bool]:
    if set(values) == set(IN_PROGRESS):
        return _t.c.category != Category.DONE  # the words of the partial indexes
    return _t.c.category.in_(values)


#: How the clocks of what goes on stand: past their time, within it, or stopped until the customer answers.
CLOCKS = ("late", "running", "paused")


def _clock_stands(_connection: Connection, values: tuple[str, ...]) -> ColumnElement[bool]:
    stands = {
        "late": _t.c.next_deadline < func.now(),
        "running": _t.c.next_deadline >= func.now(),
        "paused": _t.c.category == Category.PAUSED,
    }
    return or_(*(stands[value] for value in values))


def _from_tally(connection: Connection, asked: Asked, scope: Scope) -> Sequence[ColumnElement[bool]] | None:
    """The tally knows account, site, kind, status and month; own tickets, clocks, words and days it does not."""
    unknown = asked.chosen("severity") or asked.chosen("clock") or any(asked.period("opened"))
    if scope.hat is Hat.OWN or asked.words or unknown:
        return None
    tally = TicketTally.__table__
    conditions = [
        tally.c[column].in_(values)
        for key, column in (("stage", "category"), ("status", "status"), ("kind", "kind"))
        if (values := asked.chosen(key))
    ]
    if codes := asked.chosen("site"):
        conditions.append(tally.c.site_id.in_(connection.scalars(select(Site.id).where(Site.code.in_(codes))).all()))
    return conditions


TICKETS = ListSpec(
    name="tickets",
    title=N_("Tickets"),
    permissions=(P.TICKET_VIEW_COMPANY, P.TICKET_VIEW_OWN),
    table=_t,
    source=_t.outerjoin(Site.__table__, Site.id == _t.c.site_id)
    .join(Account.__table__, Account.id == _t.c.account_id)
    .outerjoin(_requester, _requester.c.id == _t.c.requested_by)
    .outerjoin(_assignee, _assignee.c.id == _t.c.assignee_id),
    columns=(
        Column("number", N_("Number"), _t.c.number, Kind.NUMBER, width=130),
        # a phone shows the first three
        Column("status", N_("Status"), _t.c.status, Kind.TERM, "ticket.status", width=140),
        Column("next_deadline", N_("Clock"), _t.c.next_deadline, Kind.CLOCK, width=150),
        Column("account", N_("Account"), Account.name, names_account=True),
        # which way a shipment goes says more than that it is one
        Column("kind", N_("Type"), func.coalesce(_t.c.direction, _t.c.kind), Kind.TERM, "ticket.type", width=135),
        Column("subject", N_("Subject"), _t.c.subject, width=320),
        Column("site", N_("Site"), Site.name, width=110),
        Column("opened_at", N_("Opened"), _t.c.opened_at, Kind.MOMENT, width=150),
        Column("severity", N_("Severity"), _t.c.severity, Kind.TERM, "ticket.severity", shown=NOT_IN_TABLE),
        Column("description", N_("Description"), _t.c.description, shown=NOT_IN_TABLE),
        Column("customer_reference", N_("Your reference"), _t.c.customer_reference, shown=NOT_IN_TABLE),
        Column("requested_by", N_("Requested by"), _requester.c.name, shown=NOT_IN_TABLE),
        Column("assignee", N_("Assigned to"), _assignee.c.name, shown=HIDDEN),
        Column("estimated_completion", N_("Estimated completion"), _t.c.estimated_completion, Kind.MOMENT,
               shown=NOT_IN_TABLE),
        Column("first_answered_at", N_("First answered"), _t.c.first_answered_at, Kind.MOMENT, shown=NOT_IN_TABLE),
        Column("resolved_at", N_("Resolved"), _t.c.resolved_at, Kind.MOMENT, shown=NOT_IN_TABLE),
        Column("closed_at", N_("Closed"), _t.c.closed_at, Kind.MOMENT, shown=NOT_IN_TABLE),
        Column("category", N_("Stage"), _t.c.category, Kind.TERM, "ticket.category", shown=HIDDEN),
        Column("paused_since", N_("Paused since"), _t.c.paused_since, Kind.MOMENT, shown=HIDDEN),
        Column("uuid", "", _t.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("stage", N_("Stage"), "ticket.category", tuple(Category), _in_stages, default=IN_PROGRESS),
        Choice("kind", N_("Type"), "ticket.kind", tuple(TicketKind), lambda _c, values: _t.c.kind.in_(values)),
        Choice("status", N_("Status"), "ticket.status", STATES, lambda _c, values: _t.c.status.in_(values)),
        Place(_t.c.site_id),
        Choice("severity", N_("Severity"), "ticket.severity", tuple(Severity),
               lambda _c, values: _t.c.severity.in_(values)),
        Choice("clock", N_("Clock"), "ticket.clock", CLOCKS, _clock_stands),
        Period("opened", N_("Opened"), _t.c.opened_at, of_moment=True),
    ),
    sorts=(
        Sort("newest", N_("Newest first"), _t.c.opened_at, descending=True),
        Sort("deadline", N_("Clock that runs out first"), _t.c.next_deadline),
        Sort("oldest", N_("Oldest first"), _t.c.opened_at),
    ),
    bar=("stage", "kind", "site"),
    row_key=_t.c.number,
    row_parameter="ticket",
    number=_t.c.number,
    finder="find_ticket",
    searched=N_("Search finds tickets by their number or a part of it, and by words of subject, description and your "
                "reference or how they begin."),
    charts=(
        Chart(
            "site",
            N_("By site and type"),
            Dimension("site", Site.code, Site.code),
            Dimension("kind", _t.c.kind, TicketTally.kind, "ticket.kind"),
        ),
        Chart(
            "opened",
            N_("By month opened"),
            Dimension(
                "opened",
                cast(func.date_trunc("month", func.timezone("UTC", _t.c.opened_at)), Date),
                TicketTally.opened_month,
                is_month=True,
            ),
            Dimension("kind", _t.c.kind, TicketTally.kind, "ticket.kind"),
        ),
    ),
    tally=TallySource(
        TicketTally.__table__,
        TicketTally.__table__.outerjoin(Site.__table__, Site.id == TicketTally.site_id),
        _from_tally,
    ),
    mine=_t.c.requested_by,
)  # fmt: skip
