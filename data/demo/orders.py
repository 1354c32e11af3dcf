"""The demo's orders: two years of what customers asked us to deliver, and the last thirty days in every status."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from data.demo.draft import Draft
from data.demo.prices import PRODUCTS, price
from data.demo.world import Company, Place, World
from data.models import OrderLine, ServiceOrder
from rules.orders import OrderRequest, OrderStatus

S = OrderStatus

_REQUESTS = (*(OrderRequest.NEW,) * 5, *(OrderRequest.CHANGE,) * 3, OrderRequest.RENEWAL, OrderRequest.TERMINATION)
#: While a part of the order is at work, the rest may be further or not begun.
_BESIDES = {
    S.IN_PROGRESS: (S.IN_PROGRESS, S.IN_PROGRESS, S.INSTALLED, S.RECEIVED),
    S.ON_HOLD: (S.ON_HOLD, S.RECEIVED),
}


@dataclass
class Orders:
    """Writes orders one after another, numbered within their account."""

    draft: Draft
    world: World
    rng: Random
    _numbers: dict[int, int] = field(default_factory=dict)

    def take(self) -> None:
        for company in self.world.companies:
            for age, status in sorted(self._wanted(company), reverse=True):
                self._order(company, age, status)

    def _wanted(self, company: Company) -> list[tuple[float, OrderStatus]]:
        """(age in days, where it stands) of each order."""
        found = []
        for _ in range(company.size * 3):
            age = self.rng.uniform(0.2, 729)
            found.append((age, self._usual_status(age)))
        if company.is_featured or company.size > 8:
            found += [(self.rng.uniform(1, 28), status) for status in OrderStatus]
            found += [(self.rng.uniform(12, 29), S.INSTALLED), (self.rng.uniform(0.1, 3), S.RECEIVED)]
            # asked for long ago and only now installed: it counts among the last thirty days too
            found.append((self.rng.uniform(45, 80), S.INSTALLED))
        return found

    def _usual_status(self, age: float) -> OrderStatus:
        luck = self.rng.random()
        if luck < 0.05:
            return S.CANCELLED
        if age < 4:
            return S.RECEIVED if luck < 0.6 else S.IN_PROGRESS
        if age < 35:
            return S.ON_HOLD if luck < 0.15 else (S.IN_PROGRESS if luck < 0.65 else S.INSTALLED)
        if age < 70:
            return S.IN_PROGRESS if luck < 0.15 else (S.INSTALLED if luck < 0.7 else S.CLOSED)
        return S.CLOSED

    def _order(self, company: Company, age: float, status: OrderStatus) -> None:
        number = self._numbers[company.id] = self._numbers.get(company.id, 1000) + 1
        place = self.rng.choice(company.places)
        requested_at = (self.world.now - timedelta(days=age)).replace(microsecond=0)
        order_id = self.draft.add(
            ServiceOrder,
            account_id=company.id,
            number=f"SO-{number:06}",
            site_id=place.id,
            request_type=self.rng.choice(_REQUESTS),
            status=status,
            customer_reference=f"PO-{self.rng.randint(10000, 99999)}" if self.rng.random() < 0.6 else None,
            requested_at=requested_at,
            installed_at=self._installed_at(requested_at, age, status),
            version=1,
        )
        self._lines(company, place, order_id, status)

    def _installed_at(self, requested_at: datetime, age: float, status: OrderStatus) -> datetime | None:
        """Some weeks later; what is installed and not yet closed was installed lately."""
        if status not in (S.INSTALLED, S.CLOSED):
            return None
        days = self.rng.uniform(4, 60)
        if status is S.INSTALLED:
            days = max(days, age - self.rng.uniform(1, 28))
        return (requested_at + timedelta(days=min(days, age * 0.95))).replace(microsecond=0)

    def _lines(self, company: Company, place: Place, order_id: int, status: OrderStatus) -> None:
        currency = place.issuer.currency
        products = self.rng.sample(PRODUCTS, self.rng.choice((1, 1, 2, 3, 4)))
        for line, product in enumerate(products, start=1):
            self.draft.add(
                OrderLine,
                account_id=company.id,
                order_id=order_id,
                line=line,
                product=product.name,
                quantity=self.rng.randint(1, product.most),
                site_id=place.id,
                cabinet=f"{self.rng.randint(2, 6)}F-{self.rng.randint(1, 60):03}" if self.rng.random() < 0.7 else None,
                one_time_charge=price(product.one_time, currency) if product.one_time else 0,
                monthly_charge=price(product.monthly, currency),
                currency=currency,
                status=status if line == 1 else self.rng.choice(_BESIDES.get(status, (status,))),
            )
