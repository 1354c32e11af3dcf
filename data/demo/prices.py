"""What the demo's products cost: one list in US dollars, turned into round sums of each currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rules.inventory import ItemKind

#: Currency → (units for a dollar, the step prices are rounded to); close enough to look right.
_MONEY: dict[str, tuple[int, Decimal]] = {
    "USD": (1, Decimal(1)),
    "KRW": (1350, Decimal(1000)),
    "JPY": (150, Decimal(100)),
    "PHP": (57, Decimal(10)),
    "IDR": (16000, Decimal(1000)),
    "INR": (84, Decimal(10)),
}


@dataclass(frozen=True)
class Product:
    """Something that is ordered, installed and invoiced."""

    name: str
    monthly: int
    one_time: int
    most: int
    kind: ItemKind | None = None


PRODUCTS: tuple[Product, ...] = (
    Product("Private cage, 20 m²", 4200, 6000, 1, ItemKind.CAGE),
    Product("Cabinet 47U, 6 kW", 1150, 900, 8, ItemKind.CABINET),
    Product("Cabinet 42U, 4 kW", 860, 700, 6, ItemKind.CABINET),
    Product("Power circuit 230 V 32 A, feed A", 310, 450, 8, ItemKind.POWER_CIRCUIT),
    Product("Power circuit 230 V 32 A, feed B", 310, 450, 8, ItemKind.POWER_CIRCUIT),
    Product("Cross connect, single-mode fibre", 95, 150, 12, ItemKind.CROSS_CONNECT),
    Product("Cross connect, copper", 60, 120, 6, ItemKind.CROSS_CONNECT),
    Product("Internet port 10 Gbps", 780, 500, 2, ItemKind.IP_PORT),
    Product("Internet port 1 Gbps", 240, 250, 3, ItemKind.IP_PORT),
    Product("Smart hands package, 10 hours", 700, 0, 2),
)

#: What an extra invoice may be about: (text, dollars).
EXTRAS: tuple[tuple[str, int], ...] = (
    ("Remote hands outside the package, hours", 95),
    ("Structured cabling, work hours", 110),
    ("Escort for visitors, hours", 60),
    ("Storage beyond five days, parcels", 15),
    ("Metered power above commitment, kWh", 1),
    ("Removal of packaging, pallets", 40),
)


def price(dollars: int, currency: str) -> Decimal:
    """A round sum; never nothing."""
    rate, step = _MONEY[currency]
    return max(step, (Decimal(dollars * rate) / step).quantize(Decimal(1)) * step)


def product_of(kind: ItemKind, turn: int = 0) -> Product | None:
    """The product behind an item of this kind, the variants in turn."""
    fitting = [product for product in PRODUCTS if product.kind is kind]
    return fitting[turn % len(fitting)] if fitting else None
