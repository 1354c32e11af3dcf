"""The four kinds of ticket a customer can open: fields, rules, promise, icon, number and function (SPEC §4).

Another kind is another entry here, and a table for what only it stores (data/models/tickets/kinds.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from rules.errors import Problems
from rules.fields import Field, FieldKind, Only, Together, Values, When, problems, tidy
from rules.money import CURRENCIES
from rules.permissions import Permission
from rules.together import ends_after_it_starts, value_with_currency, visitors_can_be_reached
from rules.words import N_


class TicketKind(StrEnum):
    REMOTE_HANDS = "remote_hands"
    FAULT = "fault"
    SHIPMENT = "shipment"
    SITE_VISIT = "site_visit"


class Severity(StrEnum):
    """How bad a fault is; P1 is worst."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class Schedule(StrEnum):
    ROUTINE = "routine"
    SCHEDULED = "scheduled"


class TaskType(StrEnum):
    EQUIPMENT_INSTALL = "equipment_install"
    RESTART = "restart"
    CABLE_INSTALL = "cable_install"
    CABLE_MOVE = "cable_move"
    CABLE_REMOVAL = "cable_removal"
    UNPACK_SHIPMENT = "unpack_shipment"
    LOCATE_PACKAGE = "locate_package"
    PICTURES = "pictures"
    CAGE_CLEANUP = "cage_cleanup"
    ESCORT = "escort"
    OTHER = "other"


class FaultCategory(StrEnum):
    POWER = "power"
    COOLING = "cooling"
    CROSS_CONNECT = "cross_connect"
    NETWORK = "network"
    PHYSICAL_SECURITY = "physical_security"
    OTHER = "other"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Carrier(StrEnum):
    DHL = "dhl"
    FEDEX = "fedex"
    UPS = "ups"
    OTHER = "other"
    HAND_CARRY = "hand_carry"


@dataclass(frozen=True)
class RequestType:
    """One kind of ticket, as every page, form and number needs it."""

    kind: TicketKind
    prefix: str
    icon: str
    create: Permission
    #: What we promise, as the form says it; how long `answer` and `second` are, rules/sla.py knows.
    promise: str
    #: What only this kind asks; the fields that all share are COMMON.
    fields: tuple[Field, ...]
    #: What must be true of several fields together.
    together: tuple[Together, ...] = ()
    #: What we promise instead where something leaves us, and where it is known how bad it is.
    promise_outbound: str = ""
    promise_by_severity: str = ""

    def promise_for(self, direction: str | None, severity: str | None = None) -> str:
        if severity is not None and self.promise_by_severity:
            return self.promise_by_severity
        return self.promise_outbound if direction == Direction.OUTBOUND and self.promise_outbound else self.promise

    def all_fields(self) -> tuple[Field, ...]:
        """In the order of the form."""
        return (*COMMON_FIRST, *self.fields, *COMMON_LAST)


F, K = Field, FieldKind

COMMON_FIRST = (
    F("subject", N_("Subject"), required=True, longest=200),
    F("description", N_("Description"), K.LONG_TEXT, required=True, longest=4000,
      hint=N_("The more we know, the faster we are: where, what, and what to be careful about.")),
)  # fmt: skip
COMMON_LAST = (
    F("space_id", N_("Cage or cabinet"), K.SPACE),
    F("customer_reference", N_("Your reference"), longest=50),
    F("contacts", N_("Contacts on site"), K.ROWS, most=5, columns=(
        F("name", N_("Name"), required=True, longest=100),
        F("phone", N_("Phone"), longest=40),
        F("email", N_("E-mail"), longest=254),
    )),
)  # fmt: skip

_REMOTE_HANDS = (
    F("task_type", N_("Task"), K.CHOICE, required=True, choices=tuple(TaskType), vocabulary="remote_hands.task_type",
      default=TaskType.OTHER),
    F("schedule", N_("When"), K.CHOICE, required=True, choices=tuple(Schedule), vocabulary="remote_hands.schedule",
      default=Schedule.ROUTINE),
    F("starts_at", N_("Start"), K.MOMENT, required=True, when=When.FUTURE,
      only=Only("schedule", (Schedule.SCHEDULED,))),
    F("items", N_("Affected items"), K.ITEMS, most=50),
)  # fmt: skip
_FAULT = (
    F("occurred_at", N_("Occurred at"), K.MOMENT, required=True, when=When.PAST),
    F("fault_category", N_("Category"), K.CHOICE, required=True, choices=tuple(FaultCategory),
      vocabulary="fault.category", default=FaultCategory.OTHER),
    F("service_down", N_("Service is down"), K.TICK, default=False),
    F("redundancy_lost", N_("Redundancy is lost"), K.TICK, default=False),
    F("severity", N_("Severity"), K.CHOICE, required=True, choices=tuple(Severity), vocabulary="ticket.severity"),
    F("items", N_("Affected items"), K.ITEMS, most=50),
)  # fmt: skip
_OUTBOUND = Only("direction", (Direction.OUTBOUND,))
_SHIPMENT = (
    F("direction", N_("Direction"), K.CHOICE, required=True, choices=tuple(Direction), vocabulary="shipment.direction",
      default=Direction.INBOUND),
    F("expected_on", N_("Expected on"), K.DAY, required=True, when=When.FUTURE,
      elsewhere=(_OUTBOUND, N_("Pickup on"))),
    F("carrier", N_("Carrier"), K.CHOICE, required=True, choices=tuple(Carrier), vocabulary="shipment.carrier",
      default=Carrier.DHL),
    F("carrier_name", N_("Name of the carrier"), required=True, longest=100, only=Only("carrier", (Carrier.OTHER,))),
    F("tracking_numbers", N_("Tracking numbers"), K.LINES, required=True, longest=50, most=10,
      only=Only("carrier", tuple(c for c in Carrier if c is not Carrier.HAND_CARRY)), hint=N_("One per line.")),
    F("packages", N_("Packages"), K.NUMBER, required=True, default=1, least=1, most=999),
    F("oversized", N_("Oversized or heavy"), K.TICK, default=False),
    F("dimensions", N_("Dimensions"), required=True, longest=200, only=Only("oversized", (True,))),
    F("weight_kg", N_("Weight (kg)"), K.AMOUNT, required=True, least=0, most=100_000, only=Only("oversized", (True,))),
    F("loading_dock", N_("Needs the loading dock"), K.TICK, default=False),
    F("cage_delivery", N_("Deliver to the cage"), K.TICK, default=False,
      elsewhere=(_OUTBOUND, N_("Fetch it from the cage"))),
    F("ship_to", N_("Ship to"), K.LONG_TEXT, required=True, longest=1000, only=_OUTBOUND),
    F("declared_value", N_("Declared value"), K.AMOUNT, least=0, most=10**12, only=_OUTBOUND),
    F("currency", N_("Currency"), K.CHOICE, choices=tuple(sorted(CURRENCIES)), only=_OUTBOUND),
    F("insured", N_("Insured"), K.TICK, default=False, only=_OUTBOUND),
)  # fmt: skip
_SITE_VISIT = (
    F("starts_at", N_("Start"), K.MOMENT, required=True, when=When.FUTURE),
    F("ends_at", N_("End"), K.MOMENT, required=True),
    F("purpose", N_("Purpose"), required=True, longest=500),
    F("items", N_("Cages to enter"), K.ITEMS, most=50),
    F("visitors", N_("Visitors"), K.ROWS, required=True, most=30, columns=(
        F("name", N_("Name"), required=True, longest=100),
        F("company", N_("Company"), required=True, longest=100),
        F("email", N_("E-mail"), longest=254, either=True, hint=N_("Or a mobile number.")),
        F("mobile", N_("Mobile"), longest=40, either=True),
        F("id_last_four", N_("Last four characters of the ID"), longest=64,
          hint=N_("Whatever is typed here, only the last four characters are stored.")),
    )),
    F("escort", N_("Escort needed"), K.TICK, default=False),
    F("equipment_removal", N_("Equipment is taken away"), K.TICK, default=False),
)  # fmt: skip

REQUEST_TYPES: dict[TicketKind, RequestType] = {
    t.kind: t
    for t in (
        RequestType(
            TicketKind.REMOTE_HANDS, "RH", "back_hand", Permission.REMOTE_HANDS_CREATE,
            N_("We answer within {answer}, day and night."), _REMOTE_HANDS,
        ),
        RequestType(
            TicketKind.FAULT, "FR", "report", Permission.FAULT_CREATE,
            N_("We answer within {answer} and resolve it within {second}, by severity."), _FAULT,
            promise_by_severity=N_("{severity}: we answer within {answer} and resolve it within {second}."),
        ),
        RequestType(
            TicketKind.SHIPMENT, "SH", "local_shipping", Permission.SHIPMENT_CREATE,
            N_("We tell you within {second} of receipt."), _SHIPMENT, (value_with_currency,),
            promise_outbound=N_("We answer within {answer} and tell you when it was handed over."),
        ),
        RequestType(
            TicketKind.SITE_VISIT, "SV", "badge", Permission.SITE_VISIT_CREATE,
            N_("We answer within {answer} and before the visit begins."), _SITE_VISIT,
            (ends_after_it_starts, visitors_can_be_reached),
        ),
    )
}  # fmt: skip


def proposed_severity(*, service_down: bool, redundancy_lost: bool) -> Severity:
    """What the form proposes; the customer may choose otherwise, and the desk may change it."""
    if service_down:
        return Severity.P1 if redundancy_lost else Severity.P2
    return Severity.P3 if redundancy_lost else Severity.P4


def check_request(kind: TicketKind, typed: Values, now: datetime) -> dict[str, Any]:
    """What was typed, tidied; Problems with all that cannot be accepted."""
    request = REQUEST_TYPES[kind]
    values = tidy(request.all_fields(), typed)
    found = problems(request.all_fields(), values, now)
    wrong = {problem.field for problem in found}
    for rule in request.together:
        found += [problem for problem in rule(values) if problem.field not in wrong]
    if found:
        raise Problems(found)
    return values
