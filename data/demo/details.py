"""What only one kind of ticket has: the task, the fault, the parcel with its numbers, the visit with its visitors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random

from data.demo.draft import Draft
from data.demo.names import naming
from data.demo.plan import Plan
from data.demo.prices import price
from data.demo.request import Opening
from data.demo.world import World
from data.models import (
    Fault,
    RemoteHands,
    Shipment,
    SiteVisit,
    TicketContact,
    TicketWatcher,
    TrackingNumber,
    Visitor,
)
from rules.permissions import Permission
from rules.request_types import Carrier, Direction, Schedule, Severity, TicketKind

_CARRIERS = (*(Carrier.DHL, Carrier.FEDEX, Carrier.UPS) * 3, Carrier.OTHER, Carrier.HAND_CARRY)
_OTHER_CARRIERS = {"KR": "Bareunson Express", "JP": "Hayate Takuhai"}


@dataclass
class Details:
    """Writes the rows beside a ticket."""

    draft: Draft
    world: World
    rng: Random

    def write(self, ticket_id: int, plan: Plan, opening: Opening) -> None:
        kinds: dict[TicketKind, Callable[[int, Plan, Opening], None]] = {
            TicketKind.REMOTE_HANDS: self._remote_hands,
            TicketKind.FAULT: self._fault,
            TicketKind.SHIPMENT: self._shipment,
            TicketKind.SITE_VISIT: self._visit,
        }
        kinds[plan.course.kind](ticket_id, plan, opening)
        if self.rng.random() < 0.2:
            self._contact(ticket_id, plan)
        if self.rng.random() < 0.15:
            self._watcher(ticket_id, plan)

    def _remote_hands(self, ticket_id: int, plan: Plan, opening: Opening) -> None:
        starts = plan.course.starts
        self.draft.add(
            RemoteHands,
            ticket_id=ticket_id,
            account_id=plan.company.id,
            schedule=Schedule.ROUTINE if starts is None else Schedule.SCHEDULED,
            starts_at=None if starts is None else plan.opened_at + starts,
            task_type=opening.task,
        )

    def _fault(self, ticket_id: int, plan: Plan, opening: Opening) -> None:
        self.draft.add(
            Fault,
            ticket_id=ticket_id,
            account_id=plan.company.id,
            occurred_at=plan.opened_at - timedelta(minutes=self.rng.randint(2, 90)),
            fault_category=opening.category,
            service_down=plan.course.severity is Severity.P1,
            redundancy_lost=plan.course.severity in (Severity.P1, Severity.P2),
        )

    def _shipment(self, ticket_id: int, plan: Plan, _opening: Opening) -> None:
        rng, course = self.rng, plan.course
        carrier, outbound = rng.choice(_CARRIERS), course.direction is Direction.OUTBOUND
        received = next((plan.opened_at + m.after for m in course.moves if m.status == "received"), None)
        oversized = rng.random() < 0.15
        self.draft.add(
            Shipment,
            ticket_id=ticket_id,
            account_id=plan.company.id,
            expected_on=(received or plan.opened_at + timedelta(days=rng.randint(2, 5))).date(),
            carrier=carrier,
            carrier_name=_OTHER_CARRIERS.get(plan.place.country, "Layang Cargo") if carrier is Carrier.OTHER else None,
            packages=rng.randint(1, 6),
            oversized=oversized,
            dimensions="120 × 80 × 160 cm" if oversized else None,
            weight_kg=Decimal(rng.randint(60, 900)) if oversized else None,
            loading_dock=oversized,
            cage_delivery=rng.random() < 0.3,
            ship_to=f"{plan.company.name}, 1 Example Street, {plan.company.country}" if outbound else None,
            declared_value=price(rng.randint(200, 9000), plan.place.issuer.currency) if outbound else None,
            currency=plan.place.issuer.currency if outbound else None,
            insured=outbound and rng.random() < 0.6,
            received_at=received,
            notified_at=None if course.notified is None else plan.opened_at + course.notified,
            storage_until=(received + timedelta(days=5)).date() if received else None,
        )
        for _ in range(0 if carrier is Carrier.HAND_CARRY else rng.choice((1, 1, 1, 2, 3))):
            self._tracking(ticket_id, plan, carrier)

    def _tracking(self, ticket_id: int, plan: Plan, carrier: Carrier) -> None:
        prefix = {Carrier.DHL: "JD", Carrier.FEDEX: "77", Carrier.UPS: "1Z"}.get(carrier, "EX")
        number = f"{prefix}{self.rng.randint(10**11, 10**12 - 1)}"
        self.draft.add(TrackingNumber, account_id=plan.company.id, ticket_id=ticket_id, number=number)

    def _visit(self, ticket_id: int, plan: Plan, opening: Opening) -> None:
        course = plan.course
        assert course.starts is not None and course.ends is not None  # noqa: PT018 - every visit is planned
        self.draft.add(
            SiteVisit,
            ticket_id=ticket_id,
            account_id=plan.company.id,
            starts_at=plan.opened_at + course.starts,
            ends_at=plan.opened_at + course.ends,
            purpose=opening.subject,
            escort=self.rng.random() < 0.3,
            equipment_removal=self.rng.random() < 0.15,
        )
        came = {move.status: plan.opened_at + move.after for move in course.moves}
        for _ in range(self.rng.choice((1, 1, 2, 3))):
            name, spelling = naming(plan.company.country).draw(self.rng)
            by_mail = self.rng.random() < 0.7
            self.draft.add(
                Visitor,
                account_id=plan.company.id,
                ticket_id=ticket_id,
                name=name,
                company=plan.company.name,
                email=f"{spelling}@{plan.company.code.lower()}.example" if by_mail else None,
                mobile=None if by_mail else f"+00 555 {self.rng.randint(1000, 9999)}",
                id_last_four=f"{self.rng.randint(0, 9999):04}",
                checked_in_at=came.get("checked_in"),
                checked_out_at=came.get("checked_out"),
            )

    def _contact(self, ticket_id: int, plan: Plan) -> None:
        name, spelling = naming(plan.company.country).draw(self.rng)
        self.draft.add(
            TicketContact,
            account_id=plan.company.id,
            ticket_id=ticket_id,
            name=name,
            phone=f"+00 555 {self.rng.randint(1000, 9999)}",
            email=f"{spelling}@{plan.company.code.lower()}.example",
        )

    def _watcher(self, ticket_id: int, plan: Plan) -> None:
        others = [p for p in plan.company.who_may(Permission.TICKET_VIEW_COMPANY, plan.place) if p != plan.requester]
        if others:
            watcher = self.rng.choice(others)
            self.draft.add(
                TicketWatcher,
                account_id=plan.company.id,
                ticket_id=ticket_id,
                person_id=watcher.id,
                email=None,
                confirmed_at=plan.opened_at,
            )
