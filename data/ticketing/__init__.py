"""Tickets as people work on them: opening, talking, moving, watching, and how well our promises are kept.

Pages call `execute(engine, principal, command, key=…)` with a command of this package, and the readers below."""

from data.ticketing.attainment import (
    AttainmentAsked,
    Figure,
    Kept,
    Promise,
    behind,
    list_attainment,
    page_behind,
    stream_behind,
)
from data.ticketing.by_itself import close_resolved, mark_no_shows
from data.ticketing.converse import Say
from data.ticketing.desk import (
    AnswerProposal,
    Assign,
    Estimate,
    NotifyReceipt,
    ProposeStart,
    SetSeverity,
    list_colleagues,
)
from data.ticketing.files import File, read_attachment
from data.ticketing.move import MoveTicket
from data.ticketing.parcels import (
    AssignParcel,
    ParcelRow,
    ParcelsAsked,
    RegisterParcel,
    claim_parcel,
    list_parcels,
)
from data.ticketing.pickers import Incident, Item, items_at, open_incidents, people_at
from data.ticketing.rate import RateTicket
from data.ticketing.reach import Found, accounts_for, may_work, sites_for
from data.ticketing.reading import TicketDetail, get_ticket
from data.ticketing.submit import SubmitTicket
from data.ticketing.visits import CheckIn, CheckOut
from data.ticketing.watch import AddWatcher, AllowOutsideWatchers, RemoveWatcher

__all__ = [
    "AddWatcher", "AllowOutsideWatchers", "AnswerProposal", "Assign", "AssignParcel", "AttainmentAsked", "CheckIn",
    "CheckOut", "Estimate", "Figure", "File", "Found", "Incident", "Item", "Kept", "MoveTicket",
    "NotifyReceipt", "ParcelRow", "ParcelsAsked", "Promise", "ProposeStart", "RateTicket", "RegisterParcel",
    "RemoveWatcher", "Say", "SetSeverity", "SubmitTicket", "TicketDetail", "accounts_for", "behind", "claim_parcel",
    "close_resolved", "get_ticket", "items_at", "list_attainment", "list_colleagues", "list_parcels",
    "mark_no_shows", "may_work", "open_incidents", "page_behind", "people_at", "read_attachment", "sites_for",
    "stream_behind",
]  # fmt: skip
