"""Tickets from before the portal are worked on like any other, whatever their file did not say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from data.ticketing import NotifyReceipt
from pages.portal.ticket.moves import deeds_of
from rules.errors import Conflict
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


LONG_AGO = {"opened_at": later(-100).isoformat(), "first_answered_at": later(-99).isoformat()}


@pytest.mark.parametrize("how", [("stored",), ("delivered",), ("returned",), ("notified", "stored")], ids="-".join)
def test_a_shipment_that_was_here_before_the_portal_was_is_promised_nothing_by_its_next_move(
    desk: Desk, imports: Callable[..., str], how: tuple[str, ...]
) -> None:
    """Neither when it came nor when its owner heard of it is known: it can neither be kept nor missed."""
    number = imports(f"HERE-{'-'.join(how)}", kind="shipment", status="received", **LONG_AGO)
    before = clocks(desk, number)
    assert len(before) == 1, "the first answer"
    assert "notify" in {deed.key for deed in deeds_of(desk.person("dee"), desk.sees("dee", number))}
    for step in how:
        desk.does("dee", NotifyReceipt(number)) if step == "notified" else desk.moves("dee", number, step)
    assert clocks(desk, number) == before
    assert desk.sees("ana", number).details["notified_at"] is not None, "its owner was told by it at the latest"
    assert "notify" not in {deed.key for deed in deeds_of(desk.person("dee"), desk.sees("dee", number))}
    told = desk.rows(
        "select count(*) from portal.mail m join portal.ticket t on t.id = m.ticket_id "
        "where t.number = :n and m.kind = 'shipment_received'",
        n=number,
    )
    assert told == [(0,)], "nobody of the account follows what was imported"


def test_what_arrives_now_is_promised_though_it_was_announced_before_the_portal_was(
    desk: Desk, imports: Callable[..., str]
) -> None:
    number = imports("COMES-1", kind="shipment", status="expected", **LONG_AGO)
    desk.moves("dee", number, "received", packages=1, notify=False)
    _answer, (_started, target, is_over) = clocks(desk, number)
    assert (target, is_over) == (12 * 3600, False)
    desk.does("dee", NotifyReceipt(number))
    assert clocks(desk, number)[1][2]
    with pytest.raises(Conflict):
        desk.does("dee", NotifyReceipt(number))


def test_imported_clocks_have_what_was_agreed_when_they_began(desk: Desk, imports: Callable[..., str]) -> None:
    with desk.database.as_owner() as connection:
        connection.execute(
            text("insert into portal.sla_target (kind, clock, minutes, since) values ('fault', 'second', 5, :since)"),
            {"since": later(-10)},
        )
    times = {"kind": "fault", "status": "acknowledged", "severity": "P2"}
    before = imports("AGREED-1", **times, opened_at=later(-11).isoformat(), first_answered_at=later(-10.9).isoformat())
    after = imports("AGREED-2", **times, opened_at=later(-9).isoformat(), first_answered_at=later(-8.9).isoformat())
    assert [clocks(desk, number)[1][1] for number in (before, after)] == [4 * 3600, 5 * 60]
    due = "select extract(epoch from next_deadline - opened_at)::int from portal.ticket where number = :n"
    assert [desk.rows(due, n=number) for number in (before, after)] == [[(4 * 3600,)], [(5 * 60,)]]
