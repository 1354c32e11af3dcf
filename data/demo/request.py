"""What a ticket of the demo is about, and the words it is opened with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from data.demo.course import Course
from data.demo.inventory import Asset
from data.demo.phrases import Phrases, Request
from data.demo.world import Place
from rules.inventory import ItemKind
from rules.request_types import Direction, FaultCategory, TaskType, TicketKind

_DEVICES = ("srv-web-07", "sw-core-02", "db-pay-11", "fw-edge-01", "stor-log-03")


@dataclass(frozen=True)
class Told:
    """The cabinet, the device and the small numbers that all texts of one ticket share."""

    phrases: Phrases
    cabinet: Asset | None
    device: Asset | None
    words: Mapping[str, str]

    def filled(self, text: str) -> str:
        return text.format_map(self.words)


def told_about(phrases: Phrases, place: Place, here: list[Asset], rng: Random) -> Told:
    """A cabinet of those the customer has at that site, and something in it."""
    cabinets = [asset for asset in here if asset.kind is ItemKind.CABINET]
    cabinet = rng.choice(cabinets) if cabinets else None
    inside = [
        asset for asset in here if asset.kind is ItemKind.HARDWARE and cabinet and asset.cabinet == cabinet.cabinet
    ]
    device = rng.choice(inside) if inside else None
    words = {
        "cabinet": cabinet.cabinet if cabinet else "3F-012",
        "device": device.label.split(" ")[0] if device else rng.choice(_DEVICES),
        "port": str(rng.randint(1, 48)),
        "count": str(rng.randint(2, 6)),
        "site": place.city,
    }
    return Told(phrases, cabinet, device, words)


@dataclass(frozen=True)
class Opening:
    """The words a ticket is opened with, and what they are about."""

    subject: str
    description: str
    task: TaskType = TaskType.OTHER
    category: FaultCategory = FaultCategory.OTHER


_TASKS = (
    *(TaskType.RESTART, TaskType.EQUIPMENT_INSTALL, TaskType.CABLE_INSTALL) * 3,
    *(TaskType.CABLE_MOVE, TaskType.CABLE_REMOVAL, TaskType.UNPACK_SHIPMENT, TaskType.OTHER) * 2,
    *(TaskType.LOCATE_PACKAGE, TaskType.PICTURES, TaskType.CAGE_CLEANUP, TaskType.ESCORT),
)
_CATEGORIES = (
    *(FaultCategory.POWER, FaultCategory.NETWORK, FaultCategory.CROSS_CONNECT) * 3,
    *(FaultCategory.COOLING,) * 2,
    FaultCategory.PHYSICAL_SECURITY,
    FaultCategory.OTHER,
)


def wording(told: Told, course: Course, rng: Random) -> Opening:
    phrases = told.phrases
    task, category = rng.choice(_TASKS), rng.choice(_CATEGORIES)
    texts: dict[TicketKind, tuple[Request, ...]] = {
        TicketKind.REMOTE_HANDS: phrases.remote_hands[task],
        TicketKind.FAULT: phrases.faults[category],
        TicketKind.SHIPMENT: phrases.outbound if course.direction is Direction.OUTBOUND else phrases.inbound,
        TicketKind.SITE_VISIT: phrases.visits,
    }
    request = rng.choice(texts[course.kind])
    return Opening(told.filled(request.subject), told.filled(request.description), task, category)
