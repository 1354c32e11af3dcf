"""What the demo's customers have with us: cabinets, in cages where they are large, and what stands and ends in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from data.demo.draft import Draft
from data.demo.prices import price, product_of
from data.demo.world import Company, Place, World
from data.models import InventoryItem
from rules.inventory import ItemKind, ItemStatus


@dataclass(frozen=True)
class Asset:
    """An item as a ticket names it."""

    id: int
    kind: ItemKind
    label: str
    cabinet: str


#: (company, site) → what is there.
Assets = dict[tuple[int, int], list[Asset]]

_STATUSES = (ItemStatus.ACTIVE,) * 84 + (
    *(ItemStatus.RESERVED,) * 4,
    *(ItemStatus.PLANNED,) * 4,
    *(ItemStatus.DECOMMISSIONING,) * 3,
    *(ItemStatus.DECOMMISSIONED,) * 5,
)
_MACHINES = (
    ("Ostrava", "R240", 1, "srv"),
    ("Ostrava", "R480", 2, "db"),
    ("Belleforge", "X10", 2, "gpu"),
    ("Tesselune", "48XG", 1, "sw"),
    ("Tesselune", "FW-900", 1, "fw"),
    ("Cobaltine", "Array 24", 4, "stor"),
)
_PURPOSES = ("web", "api", "db", "batch", "cache", "log", "mail", "edge", "auth", "pay")
_ABBREVIATIONS = {
    ItemKind.CAGE: "CAG",
    ItemKind.CABINET: "CAB",
    ItemKind.POWER_CIRCUIT: "PWR",
    ItemKind.CROSS_CONNECT: "XCO",
    ItemKind.IP_PORT: "PRT",
    ItemKind.HARDWARE: "HW",
}


def stock(draft: Draft, world: World, rng: Random) -> Assets:
    """Everybody's items; the featured companies have every kind in every status."""
    found: Assets = defaultdict(list)
    for company in world.companies:
        for place in dict.fromkeys(company.places):
            share = company.places.count(place) / len(company.places)
            wanted = max(8, round(company.size * 15 * share))
            found[company.id, place.id] = _Room(draft, company, place, rng, world.now.date()).filled(wanted)
    return found


@dataclass
class _Room:
    """A customer's part of one site, filled cabinet by cabinet."""

    draft: Draft
    company: Company
    place: Place
    rng: Random
    today: date
    assets: list[Asset] = field(default_factory=list)
    numbers: dict[ItemKind, int] = field(default_factory=lambda: defaultdict(int))

    def filled(self, wanted: int) -> list[Asset]:
        things = self._things(has_cage=wanted > 30)
        while len(self.assets) < wanted:
            next(things)
        return self.assets

    def _things(self, *, has_cage: bool) -> Iterator[None]:
        floor = self.rng.randint(2, 6)
        cage = f"{floor}F-C{self.rng.randint(1, 30):02}" if has_cage else None
        if cage:
            yield self._add(ItemKind.CAGE, f"Cage {cage}", cage, {"area_m2": self.rng.choice((12, 20, 35, 60))})
        number = self.rng.randint(1, 40)
        while True:
            number += 1
            cabinet = f"{floor}F-{number:03}"
            yield self._add(
                ItemKind.CABINET,
                f"Cabinet {cabinet}",
                cage,
                {"height_u": self.rng.choice((42, 47)), "limit_kw": self.rng.choice((4, 6, 8))},
                cabinet,
            )
            yield from self._inside(cage, cabinet)

    def _inside(self, cage: str | None, cabinet: str) -> Iterator[None]:
        for feed in "AB":
            yield self._add(ItemKind.POWER_CIRCUIT, f"Feed {feed} of {cabinet}", cage, self._circuit(feed), cabinet)
        height = 2
        for _ in range(self.rng.randint(1, 4)):
            maker, model, units, role = self.rng.choice(_MACHINES)
            name = f"{role}-{self.rng.choice(_PURPOSES)}-{self.rng.randint(1, 60):02}"
            serial = f"{maker[:2].upper()}{self.rng.randint(10**7, 10**8 - 1)}"
            machine = {"maker": maker, "model": model, "serial": serial, "height_u": units}
            yield self._add(ItemKind.HARDWARE, f"{name} ({maker} {model})", f"U{height}", machine, cabinet)
            height += units + 1
        for _ in range(self.rng.randint(0, 3)):
            far = f"MMR-{self.rng.randint(1, 4)} port {self.rng.randint(1, 96)}"
            media, connector = self.rng.choice(
                (("single-mode fibre", "LC"), ("multi-mode fibre", "MPO"), ("copper", "RJ45"))
            )
            link = {"media": media, "connector": connector, "a_side": f"{cabinet} panel 1", "z_side": far}
            yield self._add(ItemKind.CROSS_CONNECT, f"{cabinet} to {far}", cage, link, cabinet)
        if self.rng.random() < 0.4:
            speed = self.rng.choice((1000, 10000))
            port = {"speed_mbps": speed, "commit_mbps": speed // 10, "vlan": self.rng.randint(100, 3900)}
            yield self._add(ItemKind.IP_PORT, f"Internet port {speed // 1000} Gbps, {cabinet}", cage, port, cabinet)

    def _circuit(self, feed: str) -> dict[str, Any]:
        amperage = self.rng.choice((16, 32))
        kva = round(230 * amperage / 1000, 1)
        measured = round(kva * self.rng.uniform(0.15, 0.78), 2)
        return {
            "feed": feed,
            "voltage_v": 230,
            "amperage_a": amperage,
            "phase": "single",
            "contracted_kva": kva,
            "measured_kw": measured,
        }

    def _add(
        self, kind: ItemKind, label: str, where: str | None, attributes: dict[str, Any], cabinet: str | None = None
    ) -> None:
        self.numbers[kind] += 1
        status = self._status()
        installed, end = self._contract(status)
        product, currency = product_of(kind, self.numbers[kind]), self.place.issuer.currency
        item_id = self.draft.add(
            InventoryItem,
            account_id=self.company.id,
            asset_number=f"{self.place.code}-{_ABBREVIATIONS[kind]}-{self.numbers[kind]:04}",
            kind=kind,
            label=label,
            customer_label=self._own_label(kind),
            site_id=self.place.id,
            location=where,
            cabinet=cabinet,
            status=status,
            installed_on=installed,
            contract_end=end,
            monthly_charge=price(product.monthly, currency) if product else None,
            currency=currency if product else None,
            attributes=attributes,
            created_at=self.place.at(installed or self.today - timedelta(days=self.rng.randint(1, 20)), 9),
            version=1,
        )
        if status in (ItemStatus.ACTIVE, ItemStatus.DECOMMISSIONING):
            self.assets.append(Asset(item_id, kind, label, cabinet or where or ""))

    def _status(self) -> ItemStatus:
        """Each status comes early in a large room, so that filters find something."""
        turn = sum(self.numbers.values())
        if self.company.is_featured and turn in (7, 11, 13, 17):
            return list(ItemStatus)[(7, 11, 13, 17).index(turn) + 1]
        return ItemStatus.ACTIVE if turn < 4 else self.rng.choice(_STATUSES)

    def _contract(self, status: ItemStatus) -> tuple[date | None, date | None]:
        """Terms of one to three years, renewed: ends lie ahead, some within weeks; what is gone has ended."""
        if status in (ItemStatus.PLANNED, ItemStatus.RESERVED):
            return None, None
        installed = self.today - timedelta(days=self.rng.randint(15, 730))
        if status is ItemStatus.DECOMMISSIONED:
            return installed, installed + (self.today - installed) * self.rng.random()
        end = installed + timedelta(days=365 * self.rng.choice((1, 1, 2, 3)))
        while end < self.today:
            end += timedelta(days=365)
        return installed, end

    def _own_label(self, kind: ItemKind) -> str | None:
        if kind not in (ItemKind.CABINET, ItemKind.HARDWARE, ItemKind.CROSS_CONNECT) or self.rng.random() < 0.4:
            return None
        word = {"ko": "랙", "ja": "ラック", "zh_Hans": "机柜"}.get(self.company.language, "rack")
        return f"{self.rng.choice(_PURPOSES)} {word} {self.rng.randint(1, 40)}"
