"""The demo's tickets: two years of them, each on one of its ways, and those that are open right now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from data.demo.course import Journey
from data.demo.draft import Draft
from data.demo.inventory import Assets
from data.demo.now_open import JOURNEYS, OPEN_TICKETS
from data.demo.plan import Plan
from data.demo.ticket_rows import TicketRows
from data.demo.world import Company, Place, Someone, World
from rules.permissions import Permission
from rules.request_types import REQUEST_TYPES, TicketKind

_SHARES = {
    TicketKind.REMOTE_HANDS: 55,
    TicketKind.FAULT: 17,
    TicketKind.SHIPMENT: 16,
    TicketKind.SITE_VISIT: 12,
}


@dataclass
class Tickets:
    """Plans all tickets, then writes them in the order in which they were opened."""

    draft: Draft
    world: World
    assets: Assets
    rng: Random
    numbers: dict[TicketKind, int] = field(default_factory=dict)

    def open(self) -> dict[TicketKind, int]:
        """All of them; how many numbers of each kind were used."""
        plans = [plan for company in self.world.companies for plan in self._plans(company)]
        for plan in sorted(plans, key=lambda plan: plan.opened_at):
            self._write(plan)
        return self.numbers

    def _write(self, plan: Plan) -> None:
        number = self._next_number(plan.course.kind, plan.opened_at)
        here = self.assets[plan.company.id, plan.place.id]
        TicketRows(self.draft, self.world, self.rng, plan, number, here).write()

    def _next_number(self, kind: TicketKind, opened_at: datetime) -> str:
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return f"{REQUEST_TYPES[kind].prefix}-{opened_at.year}-{self.numbers[kind]:06}"

    def _plans(self, company: Company) -> Iterator[Plan]:
        for _ in range(company.size * 15):
            yield self._past(company)
        some = len(OPEN_TICKETS) if company.is_featured else min(len(OPEN_TICKETS), company.size)
        for index in sorted(self.rng.sample(range(len(OPEN_TICKETS)), some)):
            wanted = OPEN_TICKETS[index]
            course, age = wanted.course(self.rng)
            place = company.places[index % len(company.places)]
            by_hands = index % 2 == 0
            requester = self._requester(company, place, course.kind, by_hands=by_hands)
            yield Plan(self.world.now - age, company, place, requester, course)

    def _past(self, company: Company) -> Plan:
        """Some day of the last two years; what would lie ahead of now has not happened yet."""
        journey, place = self._journey(), self.rng.choice(company.places)
        course, opened_at = journey.course(self.rng), self._some_time(place)
        age = self.world.now - opened_at
        course.moves = [move for move in course.moves if move.after <= age]
        if course.notified is not None and course.notified > age:
            course.notified = None
        by_hands = self.rng.random() < 0.4
        return Plan(opened_at, company, place, self._requester(company, place, course.kind, by_hands=by_hands), course)

    def _journey(self) -> Journey:
        kind = self.rng.choices(list(_SHARES), weights=list(_SHARES.values()))[0]
        fitting = [journey for journey in JOURNEYS.values() if journey.kind is kind]
        return self.rng.choices(fitting, weights=[journey.often for journey in fitting])[0]

    def _some_time(self, place: Place) -> datetime:
        """More and more over the years, mostly in the working day of the site, less at weekends."""
        while True:
            day = (self.world.now - timedelta(days=1 + 728 * self.rng.random() ** 1.3)).date()
            if day.weekday() < 5 or self.rng.random() < 0.35:
                break
        hour = self.rng.randint(8, 19) if self.rng.random() < 0.75 else self.rng.randint(0, 23)
        moment = place.at(day, hour, self.rng.randint(0, 59)) + timedelta(seconds=self.rng.randint(0, 59))
        return min(moment, self.world.now - timedelta(minutes=self.rng.randint(1, 600)))

    def _requester(self, company: Company, place: Place, kind: TicketKind, *, by_hands: bool) -> Someone:
        """Anybody who may; or, where there are such people, one of those who may do little else."""
        able = company.who_may(REQUEST_TYPES[kind].create, place)
        hands = [person for person in able if Permission.TICKET_VIEW_COMPANY not in person.functions]
        return self.rng.choice(hands if hands and by_hands else able)
