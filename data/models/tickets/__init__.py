"""Tickets: what an account asked us to do, and how far we are; with conversation, files, log and clocks."""

from data.models.tickets.clocks import ClockTally, StatusChange, TicketClock, TicketTally
from data.models.tickets.kinds import Fault, RemoteHands, Shipment, SiteVisit, TicketItem, TrackingNumber, Visitor
from data.models.tickets.parts import of_a_ticket_worked_on
from data.models.tickets.talk import Attachment, TicketContact, TicketMessage, TicketWatcher
from data.models.tickets.ticket import Ticket

__all__ = [
    "Attachment",
    "ClockTally",
    "Fault",
    "RemoteHands",
    "Shipment",
    "SiteVisit",
    "StatusChange",
    "Ticket",
    "TicketClock",
    "TicketContact",
    "TicketItem",
    "TicketMessage",
    "TicketTally",
    "TicketWatcher",
    "TrackingNumber",
    "Visitor",
    "of_a_ticket_worked_on",
]
