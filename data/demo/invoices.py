"""The demo's invoices: two years of monthly ones and extras, in every state and of every age."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from data.demo.bill import Bill, Item
from data.demo.disputes import Disputes
from data.demo.draft import Draft
from data.demo.prices import EXTRAS, PRODUCTS, price
from data.demo.world import Company, Issuer, Place, World
from rules.money import InvoiceState, InvoiceType

S = InvoiceState

#: For the featured companies: days until due (negative: overdue) and the state, so that each state and age is there.
_ONE_OF_EACH: tuple[tuple[int, InvoiceState], ...] = (
    (27, S.ISSUED), (12, S.PARTIALLY_PAID), (5, S.ISSUED), (2, S.PARTIALLY_PAID), (0, S.ISSUED),
    (-4, S.ISSUED), (-22, S.PARTIALLY_PAID), (-38, S.ISSUED), (-55, S.PARTIALLY_PAID), (-70, S.ISSUED),
    (-88, S.PARTIALLY_PAID), (-120, S.ISSUED), (-260, S.PARTIALLY_PAID),
    (-300, S.WRITTEN_OFF), (-45, S.VOID), (-15, S.PAID), (20, S.PAID), (30, S.DRAFT),
)  # fmt: skip


@dataclass
class Invoices:
    """Writes invoices in the order of their issue, numbered per issuing entity."""

    draft: Draft
    world: World
    rng: Random
    _numbers: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))

    def issue(self) -> None:
        """All of them; the older ones first, so that numbers rise with time."""
        planned = [bill for company in self.world.companies for bill in _Bills(self, company).all()]
        for bill in sorted(planned, key=lambda bill: bill.issued_on):
            bill.write()
        Disputes(self.draft, self.world, self.rng).open()

    def number(self, issuer: Issuer, kind: InvoiceType, issued_on: date) -> str:
        prefix = "CN" if kind is InvoiceType.CREDIT_NOTE else "INV"
        self._numbers[issuer.id, prefix] += 1
        return f"{prefix}-{issuer.country}-{issued_on.year}-{self._numbers[issuer.id, prefix]:06}"


@dataclass
class _Bills:
    """What one company is invoiced for."""

    to: Invoices
    company: Company

    def all(self) -> list[Bill]:
        rng = self.to.rng
        found = []
        for issuer, places in self._by_issuer().items():
            standing = self._standing_items(places, issuer.currency)
            found += [self._monthly(issuer, standing, months) for months in range(24, -1, -1)]
            for _ in range(rng.randint(0, self.company.size)):
                due_in = rng.randint(-700, 25)
                found.append(self._extra(issuer, places, due_in, self._state(due_in)))
        if self.company.is_featured or self.company.size > 9:
            places = [place for place in self.company.places if place.issuer == self.company.places[0].issuer]
            examples = [self._extra(places[0].issuer, places, due_in, state) for due_in, state in _ONE_OF_EACH]
            examples[0].has_open_credit = True
            found += examples
        return found

    def _by_issuer(self) -> dict[Issuer, list[Place]]:
        found: dict[Issuer, list[Place]] = defaultdict(list)
        for place in dict.fromkeys(self.company.places):
            found[place.issuer].append(place)
        return found

    def _standing_items(self, places: list[Place], currency: str) -> list[Item]:
        rng = self.to.rng
        chosen = sorted(rng.sample(range(len(PRODUCTS)), min(len(PRODUCTS), 1 + self.company.size // 2)))
        items = []
        for index in chosen:
            product, place = PRODUCTS[index], rng.choice(places)
            quantity = Decimal(rng.randint(1, product.most))
            text = f"{product.name}, {place.code}"
            items.append(Item(text, product.name, quantity, price(product.monthly, currency), "recurring", place.id))
        return items

    def _monthly(self, issuer: Issuer, standing: list[Item], months: int) -> Bill:
        today = issuer.today(self.to.world.now)
        month = (today.year * 12 + today.month - 1) - months
        start = date(month // 12, month % 12 + 1, 1)
        end = date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
        due_on = start + timedelta(days=30)
        state = self._state((due_on - today).days)
        return Bill(self.to, self.company, issuer, standing, start, due_on, state, period=(start, end))

    def _extra(self, issuer: Issuer, places: list[Place], due_in: int, state: InvoiceState) -> Bill:
        rng = self.to.rng
        today = issuer.today(self.to.world.now)
        due_on = today + timedelta(days=due_in)
        issued_on = min(today, due_on - timedelta(days=30)) if state is not S.DRAFT else today
        items = []
        for description, dollars in rng.sample(EXTRAS, rng.randint(1, 3)):
            place, quantity = rng.choice(places), Decimal(rng.randint(2, 60)) / 2
            text = f"{description}, {place.code}"
            items.append(
                Item(text, description.split(",")[0], quantity, price(dollars, issuer.currency), "one_time", place.id)
            )
        return Bill(self.to, self.company, issuer, items, issued_on, due_on, state)

    def _state(self, due_in: int) -> InvoiceState:
        """What usually becomes of an invoice that many days before (or, negative, after) it is due."""
        luck = self.to.rng.random()
        if luck < 0.012:
            return S.VOID
        if due_in >= 0:
            return S.PAID if luck < 0.2 else (S.PARTIALLY_PAID if luck < 0.25 else S.ISSUED)
        late = -due_in
        still_open = 0.4 if late <= 30 else (0.1 if late <= 60 else (0.05 if late <= 120 else 0.012))
        if luck > 1 - still_open:
            return S.PARTIALLY_PAID if luck > 1 - still_open / 3 else S.ISSUED
        return S.WRITTEN_OFF if late > 180 and luck < 0.02 else S.PAID
