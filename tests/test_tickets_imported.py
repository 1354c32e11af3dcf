"""Tickets from before the portal are worked on like any other, whatever their file did not say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from data.ticketing import NotifyReceipt
from rules.principal import Principal
from tests.cluster import Database
from tests.import_files import importing
from tests.ticket_scene import Desk, desk_in, later

NO_TIMES = {"first_answered_at": "", "resolved_at": "", "closed_at": ""}


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    return desk_in(database, sign_in)


@pytest.fixture(scope="module")
def imports(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    def one(number: str, **cells: str) -> str:
        with importing(database, tmp_path_factory.mktemp("files")) as importer:
            where = {"account": "ACME-SEOUL", "site": "SEL1", "severity": ""}
            importer.rows("tickets", {"number": number, **where, **NO_TIMES, **cells})
        return number

    return one


def clocks(desk: Desk, number: str) -> list[tuple[Any, ...]]:
    of = "from portal.ticket_clock c join portal.ticket t on t.id = c.ticket_id where t.number = :n order by c.id"
    return desk.rows(f"select c.started_at, c.target_seconds, c.stopped_at is not null {of}", n=number)


def otherwise(desk: Desk, number: str) -> None:
    """Its clocks do not say what its log says."""
    with desk.database.as_owner() as connection:
        connection.execute(
            text(
                "update portal.ticket_clock set started_at = started_at - interval '1 minute', target_seconds = 60, "
                "deadline = deadline - interval '1 hour' where ticket_id = (select id from portal.ticket "
                "where number = :n)"
            ),
            {"n": number},
        )


@pytest.mark.parametrize("kind", ["fault", "remote_hands", "shipment", "site_visit"])
def test_a_customer_cancels_what_was_asked_before_the_portal(
    desk: Desk, imports: Callable[..., str], kind: str
) -> None:
    """Also where the stored clocks differ from the log; how long we may take is still not theirs to write."""
    severity = "P2" if kind == "fault" else ""
    opened_at = later(-0.01).isoformat()
    number = imports(f"OLD-{kind}", kind=kind, status="submitted", severity=severity, opened_at=opened_at)
    otherwise(desk, number)
    before = clocks(desk, number)
    assert desk.moves("ana", number, "cancelled")["status"] == "cancelled"
    assert [row[:2] for row in clocks(desk, number)] == [row[:2] for row in before]
    assert all(stopped for *_rest, stopped in clocks(desk, number))
    assert desk.sees("ana", number).ticket.next_deadline is None


def test_the_desk_puts_right_what_the_log_says_otherwise(desk: Desk, imports: Callable[..., str]) -> None:
    number = imports("OLD-7", kind="fault", severity="P2", status="submitted", opened_at=later(-0.01).isoformat())
    right = clocks(desk, number)
    otherwise(desk, number)
    desk.moves("dee", number, "acknowledged")
    assert [row[:2] for row in clocks(desk, number)] == [row[:2] for row in right]


def test_a_shipment_without_its_carrier_arrives(desk: Desk, imports: Callable[..., str]) -> None:
    number = imports("OLD-8", kind="shipment", status="submitted")
    for to in ("acknowledged", "expected"):
        desk.moves("dee", number, to)
    desk.moves("dee", number, "received", packages=2, notify=False)
    desk.does("dee", NotifyReceipt(number))
    desk.moves("dee", number, "stored")
    details = desk.sees("ana", number).details
    assert (details["received_packages"], details["carrier"]) == (2, "other")
    assert details["notified_at"] is not None and details["storage_until"] is not None


def test_a_visit_without_its_hours_is_approved(desk: Desk, imports: Callable[..., str]) -> None:
    number = imports("OLD-9", kind="site_visit", status="submitted")
    assert desk.moves("dee", number, "approved")["status"] == "approved"
    assert desk.sees("ana", number).details == {}
