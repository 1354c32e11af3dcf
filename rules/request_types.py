"""The four kinds of ticket a customer can open: number prefix, function, icon and what we promise (SPEC §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from rules.permissions import Permission


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
    first_answer: timedelta


REQUEST_TYPES: dict[TicketKind, RequestType] = {
    t.kind: t
    for t in (
        RequestType(TicketKind.REMOTE_HANDS, "RH", "back_hand", Permission.REMOTE_HANDS_CREATE, timedelta(minutes=15)),
        RequestType(TicketKind.FAULT, "FR", "report", Permission.FAULT_CREATE, timedelta(hours=2)),
        RequestType(TicketKind.SHIPMENT, "SH", "local_shipping", Permission.SHIPMENT_CREATE, timedelta(hours=12)),
        RequestType(TicketKind.SITE_VISIT, "SV", "badge", Permission.SITE_VISIT_CREATE, timedelta(hours=4)),
    )
}
