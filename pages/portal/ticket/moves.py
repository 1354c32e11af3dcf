"""What can be done to a ticket besides talking: what each deed is called, what it asks for, and its command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from data.commands import Command
from data.ticketing import (
    AnswerProposal,
    Assign,
    Estimate,
    MoveTicket,
    NotifyReceipt,
    ProposeStart,
    RateTicket,
    SetSeverity,
)
from rules.fields import Field, FieldKind, Values, When
from rules.lifecycle import Category, can_agree_on_start
from rules.principal import Principal
from rules.request_types import Severity, TicketKind
from rules.words import N_

K = FieldKind
Options = Mapping[str, Mapping[Any, str]]


@dataclass(frozen=True)
class Deed:
    """One button of the drawer. Without fields and question it is done by the click itself."""

    key: str
    label: str
    icon: str
    command: Callable[[str, int, Values], Command]
    fields: tuple[Field, ...] = ()
    #: Asked before it is done, where there is nothing to fill in.
    question: str = ""
    #: The one thing that most likely comes next.
    is_next: bool = False
    is_final: bool = False
    #: For those who do it all day.
    shortcut: str | None = None

    @property
    def is_asked(self) -> bool:
        return bool(self.fields or self.question)


_REASON = Field("reason", N_("Reason"), K.LONG_TEXT, required=True, longest=1000, hint=N_("The customer reads it."))
_WHY = Field("reason", N_("Reason"), K.LONG_TEXT, required=True, longest=1000)
_DONE = Field("message", N_("What was done"), K.LONG_TEXT, longest=4000, hint=N_("It goes to the customer as a reply."))
_START = Field("starts_at", N_("Start"), K.MOMENT, when=When.FUTURE, hint=N_("Empty: the time that was asked for."))
_PACKAGES = Field("packages", N_("Packages received"), K.NUMBER, least=1, most=999)
_QUESTION = Field("message", N_("Your question to the customer"), K.LONG_TEXT, required=True, longest=4000)
_RESPOND_BY = Field("respond_by", N_("Answer needed by"), K.MOMENT, when=When.FUTURE)
_WHOSE = Field("customer_must_act", N_("The customer must act first: the clock is paused"), K.TICK, default=False)


def _move(to: str) -> Callable[[str, int, Values], Command]:
    def command(number: str, version: int, values: Values) -> Command:
        return MoveTicket(number, to, version, **{name: value for name, value in values.items() if value is not None})

    return command


def _to(to: str, label: str, icon: str, *fields: Field, **more: Any) -> Deed:
    return Deed(to, label, icon, _move(to), fields, **more)


#: By the state it leads to: what the desk calls it.
DESK_MOVES: dict[str, Deed] = {
    deed.key: deed
    for deed in (
        _to("acknowledged", N_("Acknowledge"), "done", is_next=True, shortcut="Alt+A"),
        _to("scheduled", N_("Schedule"), "event", _START),
        _to("in_progress", N_("Start work"), "play_arrow", is_next=True, shortcut="Alt+S"),
        _to("waiting_customer", N_("Ask the customer"), "contact_support", _QUESTION, _RESPOND_BY),
        _to("on_hold", N_("Put on hold"), "pause", _REASON, _WHOSE),
        _to("resolved", N_("Resolve"), "task_alt", _DONE, is_next=True),
        _to("rejected", N_("Reject"), "block", _REASON, is_final=True),
        _to("expected", N_("Expect it"), "event_available", is_next=True),
        _to("partially_received", N_("Some packages arrived"), "package", _PACKAGES),
        _to("received", N_("It arrived"), "package_2", _PACKAGES, is_next=True),
        _to("stored", N_("Put in storage"), "warehouse"),
        _to("delivered", N_("Delivered"), "where_to_vote", is_next=True),
        _to("refused", N_("Refuse"), "block", _REASON, is_final=True),
        _to("returned", N_("Return to sender"), "undo", _REASON, is_final=True),
        _to("packed", N_("Packed"), "inventory_2", is_next=True),
        _to("awaiting_pickup", N_("Ready for pickup"), "hourglass_top", is_next=True),
        _to("handed_over", N_("Handed over"), "local_shipping", is_next=True),
        _to("pending_approval", N_("Needs approval"), "rule"),
        _to("approved", N_("Approve"), "verified", is_next=True),
        _to("checked_out", N_("Everybody has left"), "logout", question=N_("Have all visitors left?")),
        _to("closed", N_("Close"), "inventory", question=N_("Close this ticket for good?"), is_final=True),
    )
}
CUSTOMER_MOVES: dict[str, Deed] = {
    deed.key: deed
    for deed in (
        _to("closed", N_("Confirm that it is done"), "task_alt", question=N_("Is everything as it should be?"),
            is_next=True),
        _to("reopened", N_("Open it again"), "replay",
            Field("reason", N_("What is still wrong"), K.LONG_TEXT, required=True, longest=1000)),
        _to("cancelled", N_("Cancel the request"), "cancel", _WHY, is_final=True),
    )
}  # fmt: skip

_TIME = Field("at", N_("Estimated completion"), K.MOMENT, when=When.FUTURE, hint=N_("Empty takes it back."))
ESTIMATE = Deed("estimate", N_("Estimated completion"), "more_time",
                lambda number, version, values: Estimate(number, values.get("at"), version), (_TIME,))  # fmt: skip
ASSIGN = Deed("assign", N_("Assign"), "person_add",
              lambda number, version, values: Assign(number, values.get("person_id"), version),
              (Field("person_id", N_("Who works on it"), K.SPACE, hint=N_("Empty: nobody.")),))  # fmt: skip
SEVERITY = Deed("severity", N_("Change severity"), "priority_high",
                lambda number, version, values: SetSeverity(
                    number, Severity(values["severity"]), values["reason"], version),
                (Field("severity", N_("Severity"), K.CHOICE, required=True, choices=tuple(Severity),
                       vocabulary="ticket.severity"), _REASON))  # fmt: skip
PROPOSE = Deed("propose", N_("Propose a time"), "edit_calendar",
               lambda number, version, values: ProposeStart(number, values["starts_at"], values["message"], version),
               (Field("starts_at", N_("Start"), K.MOMENT, required=True, when=When.FUTURE), _QUESTION))  # fmt: skip
NOTIFY = Deed("notify", N_("Tell the customer that it is here"), "outgoing_mail",
              lambda number, version, _values: NotifyReceipt(number, version), is_next=True)  # fmt: skip
ACCEPT = Deed("accept", N_("Accept this time"), "event_available",
              lambda number, _version, _values: AnswerProposal(number, accept=True), is_next=True)  # fmt: skip
DECLINE = Deed("decline", N_("Propose another"), "event_busy",
               lambda number, _version, values: AnswerProposal(number, accept=False, body=values["body"]),
               (Field("body", N_("When would suit you"), K.LONG_TEXT, required=True, longest=4000),))  # fmt: skip
RATE = Deed("rate", N_("Rate our work"), "star",
            lambda number, _version, values: RateTicket(
                number, int(values["rating"]), values.get("comment") or ""),
            (Field("rating", N_("How did we do"), K.CHOICE, required=True, choices=("1", "2", "3", "4", "5"),
                   hint=N_("From 1, not well, to 5, very well.")),
             Field("comment", N_("Comment"), K.LONG_TEXT, longest=1000)))  # fmt: skip


def assign_to(person_id: int) -> Deed:
    """By one click to the one who clicks."""
    return Deed("mine", N_("Assign to me"), "person_check",
                lambda number, version, _values: Assign(number, person_id, version))  # fmt: skip


def deeds_of(principal: Principal, detail: Any) -> tuple[Deed, ...]:
    """What this reader can do to the ticket now, the likeliest first."""
    if not detail.may_work:
        return ()
    return _of_the_desk(principal, detail) if principal.is_staff else _of_the_customer(detail)


def awaits_answer(detail: Any) -> bool:
    """Is there a proposed start that the customer can say yes or no to?"""
    proposed, answer = (detail.details.get(name) for name in ("proposed_starts_at", "proposal_answer"))
    return proposed is not None and answer is None and can_agree_on_start(detail.ticket.standing)


def _of_the_customer(detail: Any) -> tuple[Deed, ...]:
    deeds = []
    if awaits_answer(detail):
        deeds += [ACCEPT, DECLINE]
    deeds += [CUSTOMER_MOVES[to] for to in detail.next_states if to in CUSTOMER_MOVES]
    return (*deeds, RATE) if detail.may_rate else tuple(deeds)


def _of_the_desk(principal: Principal, detail: Any) -> tuple[Deed, ...]:
    ticket = detail.ticket
    # somebody is checked in at the door, by name
    deeds = [DESK_MOVES[to] for to in detail.next_states if to in DESK_MOVES]
    if (
        ticket.kind is TicketKind.SHIPMENT
        # of what was in store before the portal was there nobody knows whether its owner was told
        and (ticket.status == "received" or (ticket.status == "stored" and detail.details.get("received_at")))
        and not detail.details.get("notified_at")
    ):
        deeds.insert(0, NOTIFY)
    if ticket.category is Category.DONE:
        return tuple(deeds)
    if ticket.assignee_id != principal.person_id:
        deeds.append(assign_to(principal.person_id))
    deeds += [ASSIGN, ESTIMATE]
    if ticket.kind is TicketKind.FAULT:
        deeds.append(SEVERITY)
    if ticket.kind is TicketKind.REMOTE_HANDS and ticket.status in ("submitted", "acknowledged", "scheduled"):
        deeds.append(PROPOSE)
    return tuple(deeds)
