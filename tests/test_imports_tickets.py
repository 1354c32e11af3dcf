"""Importing tickets from before the portal: their log and clocks say what the file's four times tell, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from data.imports import Unfit
from data.tallies import drift
from tests.cluster import Database
from tests.import_files import Cells, Importer, importing

NO_TIMES = {"first_answered_at": "", "resolved_at": "", "closed_at": ""}


@pytest.fixture(scope="module")
def portal(empty_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Importer]:
    with importing(empty_database, tmp_path_factory.mktemp("files")) as importer:
        importer.set_the_scene()
        yield importer
        with empty_database.as_owner() as connection:
            assert set(drift(connection).values()) == {0}


def log(portal: Importer, number: str) -> list[tuple[object, ...]]:
    """From, to, who, and when in hours and minutes of UTC."""
    return portal.ask(
        "select from_status, to_status, by_actor, to_char(changed_at at time zone 'UTC', 'DD HH24:MI') "
        "from portal.status_change c join portal.ticket t on t.id = c.ticket_id where t.number = :number order by c.id",
        number=number,
    )


def clocks(portal: Importer, number: str) -> list[tuple[object, ...]]:
    return portal.ask(
        "select clock, outcome, to_char(c.deadline at time zone 'UTC', 'DD HH24:MI') from portal.ticket_clock c "
        "join portal.ticket t on t.id = c.ticket_id where t.number = :number order by c.id",
        number=number,
    )


def ticket(portal: Importer, number: str) -> dict[str, object]:
    ((row,),) = portal.ask("select to_jsonb(t) from portal.ticket t where number = :number", number=number)
    return row


def test_the_times_of_a_file_become_log_and_clocks(portal: Importer) -> None:
    """09:00 in Tokyo is midnight in UTC: a time without a zone is on the clock of its site."""
    portal.rows("tickets", {"number": "K-1"})
    assert log(portal, "K-1") == [
        (None, "submitted", "customer", "01 00:00"),
        ("submitted", "acknowledged", "desk", "01 00:10"),
        ("acknowledged", "resolved", "desk", "01 03:00"),
        ("resolved", "closed", "system", "02 00:00"),
    ]
    assert clocks(portal, "K-1") == [("first_answer", "met", "01 00:30"), ("second", "met", "01 04:00")]
    found = ticket(portal, "K-1")
    assert (found["category"], found["next_deadline"], found["version"]) == ("done", None, 1)


def test_a_promise_that_was_broken_stays_broken(portal: Importer) -> None:
    times = {"first_answered_at": "2025-06-01T09:31", "resolved_at": "2025-06-01T13:01"}
    portal.rows("tickets", {"number": "K-2", **times})
    assert [outcome for _, outcome, _ in clocks(portal, "K-2")] == ["breached", "breached"]


@pytest.mark.parametrize(
    ("number", "cells", "states"),
    [
        ("W-1", {"status": "submitted", **NO_TIMES}, ["submitted"]),
        ("W-2", {"status": "in_progress", "resolved_at": "", "closed_at": ""},
         ["submitted", "acknowledged", "in_progress"]),
        ("W-3", {"status": "acknowledged", "resolved_at": "", "closed_at": ""}, ["submitted", "acknowledged"]),
        ("W-4", {"first_answered_at": ""}, ["submitted", "resolved", "closed"]),
        ("W-5", {"status": "cancelled", **NO_TIMES, "closed_at": "2025-06-01T10:00"}, ["submitted", "cancelled"]),
        ("W-6", {"status": "rejected", **NO_TIMES, "closed_at": "2025-06-01T10:00"}, ["submitted", "rejected"]),
        ("W-7", {"kind": "shipment", "severity": ""}, ["submitted", "acknowledged", "delivered", "closed"]),
        ("W-8", {"kind": "shipment", "severity": "", "status": "handed_over", "closed_at": ""},
         ["submitted", "acknowledged", "handed_over"]),
        ("W-9", {"kind": "site_visit", "severity": ""}, ["submitted", "approved", "checked_out", "closed"]),
        ("W-10", {"kind": "site_visit", "severity": "", "status": "no_show", "resolved_at": ""},
         ["submitted", "approved", "no_show"]),
        ("W-11", {"kind": "remote_hands", "severity": "", "status": "resolved", "closed_at": ""},
         ["submitted", "acknowledged", "resolved"]),
    ],
)  # fmt: skip
def test_each_kind_goes_its_own_way(portal: Importer, number: str, cells: Cells, states: list[str]) -> None:
    portal.rows("tickets", {"number": number, **cells})
    assert [state for _, state, _, _ in log(portal, number)] == states
    found = ticket(portal, number)
    assert found["status"] == states[-1]
    assert (found["direction"] is not None) == (found["kind"] == "shipment")
    again = portal.rows("tickets", {"number": number, **cells})
    assert (again.added, again.changed) == (0, 0)
    assert ticket(portal, number) == found


def test_what_is_still_open_has_its_deadline_and_nobody_is_warned_of_the_past(portal: Importer) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    portal.rows(
        "tickets",
        {"number": "O-1", "status": "submitted", **NO_TIMES, "opened_at": now},
        {"number": "O-2", "status": "submitted", **NO_TIMES},
        {"number": "O-3", "status": "waiting_customer", "resolved_at": "", "closed_at": ""},
        {"number": "O-4", "status": "on_hold", "resolved_at": "", "closed_at": ""},
    )
    deadlines = {number: ticket(portal, number)["next_deadline"] for number in ("O-1", "O-2", "O-3", "O-4")}
    assert [number for number, deadline in deadlines.items() if deadline is None] == ["O-3"]
    paused = ticket(portal, "O-3")
    assert (paused["category"], paused["waiting_for"], paused["paused_since"]) == (
        "paused", "customer", paused["first_answered_at"],
    )  # fmt: skip
    assert ticket(portal, "O-4")["category"] == "open", "a file does not say that the customer is the reason"
    told = portal.ask(
        "select t.number, bool_and(breach_told_at is not null) from portal.ticket_clock c "
        "join portal.ticket t on t.id = c.ticket_id where t.number in ('O-1', 'O-2') and clock = 'first_answer' "
        "group by 1 order by 1"
    )
    assert told == [("O-1", False), ("O-2", True)]
    assert portal.ask("select count(*) from portal.mail") == [(0,)]


def test_the_promise_about_a_parcel_is_not_judged_without_knowing_when_it_came(portal: Importer) -> None:
    portal.rows("tickets", {"number": "P-1", "kind": "shipment", "severity": "", "status": "received",
                            "resolved_at": "", "closed_at": ""})  # fmt: skip
    assert [clock for clock, _, _ in clocks(portal, "P-1")] == ["first_answer"]


def test_a_file_that_knows_more_later_rewrites_log_and_clocks(portal: Importer) -> None:
    portal.rows("tickets", {"number": "L-1", "status": "in_progress", "resolved_at": "", "closed_at": ""})
    assert portal.rows("tickets", {"number": "L-1"}).changed == 1
    assert [state for _, state, _, _ in log(portal, "L-1")] == ["submitted", "acknowledged", "resolved", "closed"]
    assert [outcome for _, outcome, _ in clocks(portal, "L-1")] == ["met", "met"]
    assert ticket(portal, "L-1")["version"] == 2
    assert portal.ask("select count(*) from portal.fault f join portal.ticket t on t.id = f.ticket_id "
                      "where t.number = 'L-1' and f.occurred_at = t.opened_at") == [(1,)]  # fmt: skip


def test_a_ticket_that_was_worked_on_since_is_left_to_the_portal(portal: Importer) -> None:
    open_now = {"status": "in_progress", "resolved_at": "", "closed_at": ""}
    portal.rows("tickets", *({"number": number, **open_now} for number in ("D-1", "D-2", "D-3")))
    portal.do(
        "insert into portal.status_change (account_id, ticket_id, from_status, to_status, category, by_actor) "
        "select account_id, id, status, 'resolved', 'done', 'desk' from portal.ticket where number = 'D-1'"
    )
    portal.do("update portal.ticket set status = 'resolved', category = 'done' where number = 'D-1'")
    portal.do(
        "insert into portal.ticket_message (account_id, ticket_id, kind, author_name, body) "
        "select account_id, id, 'staff_reply', 'Dee', 'We are on it' from portal.ticket where number = 'D-2'"
    )
    before = [ticket(portal, number) for number in ("D-1", "D-2")]
    imported = portal.rows("tickets", *({"number": number} for number in ("D-1", "D-2", "D-3")))
    assert (imported.rows, imported.changed, imported.unchanged) == (3, 1, 2)
    assert [note.rpartition(": ")[2] for note in imported.notes] == ["D-1, D-2"]
    assert [ticket(portal, number) for number in ("D-1", "D-2")] == before
    assert ticket(portal, "D-3")["status"] == "closed"


def test_a_number_that_the_portal_gave_is_not_taken_over(portal: Importer) -> None:
    portal.do(
        "insert into portal.ticket (account_id, number, kind, subject, severity) "
        "select id, 'FR-2025-000900', 'fault', 'Ours', 'P2' from portal.account where code = 'ACME'"
    )
    with pytest.raises(Unfit, match="another number: a ticket of the portal has it"):
        portal.rows("tickets", {"number": "FR-2025-000900"})
    assert ticket(portal, "FR-2025-000900")["subject"] == "Ours"


def test_a_ticket_never_becomes_somebody_elses(portal: Importer) -> None:
    portal.rows("tickets", {"number": "M-1"})
    with pytest.raises(Unfit, match="column account: 'BOLT' – expected ACME"):
        portal.rows("tickets", {"number": "M-1", "account": "BOLT"})
    with pytest.raises(Unfit, match="column kind: 'site_visit' – expected fault"):
        portal.rows("tickets", {"number": "M-1", "kind": "site_visit", "severity": ""})


def test_the_portals_next_number_comes_after_the_imported_ones(portal: Importer) -> None:
    portal.rows("tickets", {"number": "FR-2025-004711"}, {"number": "FR-X-9999999"}, dry_run=True)
    portal.do(
        "insert into portal.ticket (account_id, kind, subject) select id, 'fault', 'Before' from portal.account limit 1"
    )
    ((before,),) = portal.ask("select right(number, 6)::int from portal.ticket where subject = 'Before'")
    assert before < 4711, "a dry run moves nothing"
    portal.rows("tickets", {"number": "FR-2025-004711"}, {"number": "FR-X-9999999"})
    portal.do(
        "insert into portal.ticket (account_id, kind, subject) select id, 'fault', 'Next' from portal.account limit 1"
    )
    assert portal.ask("select right(number, 6) from portal.ticket where subject = 'Next'") == [("004712",)]
    portal.rows("tickets", {"number": "FR-2024-000005"})
    portal.do(
        "insert into portal.ticket (account_id, kind, subject) select id, 'fault', 'Last' from portal.account limit 1"
    )
    assert portal.ask("select right(number, 6) from portal.ticket where subject = 'Last'") == [("004713",)]
