"""The lines of an order: whoever sees the order sees them, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from data.models import OrderLine, ServiceOrder
from data.orders import lines_of
from rules.errors import Forbidden
from rules.principal import Principal
from tests.cluster import Database
from tests.door import settings_for
from tests.scene import Scene, set_the_scene
from tests.standing import add

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module")
def scene(database: Database) -> Scene:
    """To Seoul's order of the scene comes a line with charges, above the one that it has."""
    with database.as_owner() as connection:
        found = set_the_scene(connection)
        add(
            connection, OrderLine, account_id=found.accounts["seoul"], order_id=found.orders["SEOUL-ORDER"], line=2,
            product="Cabinet 47U", quantity=Decimal("1.5"), cabinet="4F-023", site_id=found.sites["SEL1"],
            one_time_charge=500_000, monthly_charge=1_250_000, currency="KRW", status="installed",
        )  # fmt: skip
        return found


@pytest.fixture(scope="module", autouse=True)
def _settings(database: Database, scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with settings_for(database, tmp_path_factory.mktemp("instance")):
        yield


@pytest.fixture(scope="module")
def uuid_of(database: Database, scene: Scene) -> Callable[[str], UUID]:
    """`uuid_of("SEOUL-ORDER")` → the UUID in its address."""

    def found(number: str) -> UUID:
        with database.as_owner() as connection:
            query = select(ServiceOrder.uuid).where(ServiceOrder.id == scene.orders[number])
            return connection.execute(query).scalar_one()

    return found


def products(database: Database, principal: Principal, order: UUID) -> list[str]:
    return [line.product for line in lines_of(database.app, principal, order)]


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("ana", {"GROUP-ORDER", "SEOUL-ORDER", "SEOUL-ORDER-ICN", "SEOUL-ORDER-ANY", "OSAKA-ORDER"}),
        ("vic", {"SEOUL-ORDER", "SEOUL-ORDER-ICN", "SEOUL-ORDER-ANY"}),
        ("bea", {"BOLT-ORDER", "BOLT-ORDER-SEL"}),
        ("mia", {"GROUP-ORDER", "SEOUL-ORDER", "SEOUL-ORDER-ICN", "SEOUL-ORDER-ANY", "OSAKA-ORDER"}),
    ],
)
def test_the_lines_of_an_order_are_for_whoever_sees_it(
    name: str, seen: set[str], scene: Scene, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID]
) -> None:
    principal = sign_in(name)
    for number in scene.orders:
        shown = products(database, principal, uuid_of(number))
        assert shown[:1] == ([f"{number}: line"] if number in seen else []), number
    assert products(database, principal, uuid4()) == []


@pytest.mark.parametrize("name", ["abel", "fin", "dee", "ada"])
def test_who_sees_no_orders_sees_no_line(
    name: str, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID]
) -> None:
    with pytest.raises(Forbidden):
        lines_of(database.app, sign_in(name), uuid_of("SEOUL-ORDER"))


def test_the_drawer_shows_them_with_what_they_cost(sign_in: SignIn, uuid_of: Callable[[str], UUID]) -> None:
    app = drawer_of(sign_in("vic"), uuid_of("SEOUL-ORDER"))
    (table,) = app.get("html")
    heads, first, second = (
        re.findall(r"<t[hd](?: [^>]*)?>(.*?)</t[hd]>", row) for row in table.proto.body.split("</tr>")[:3]
    )
    assert heads == ["Product", "Quantity", "Monthly charge", "One-time", "Status", "Cage or cabinet", "Site"]
    assert (first[0].split("<")[0], first[1:3]) == ("SEOUL-ORDER: line", ["1", ""])
    assert (second[0].split("<")[0], second[1:3]) == ("Cabinet 47U", ["1.5", "₩1,250,000"])
    assert not drawer_of(sign_in("vic"), uuid_of("BOLT-ORDER")).get("html")


def drawer_of(principal: Principal, order: UUID) -> AppTest:
    app = AppTest.from_function(_drawer, args=(principal, order), default_timeout=30).run()
    assert not app.exception
    return app


def _drawer(principal, order):
    from pages.portal.orders import more_of

    more_of(principal, {"uuid": order, "site": "Seoul 1"})
