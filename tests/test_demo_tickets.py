"""The demo's tickets: true to lifecycles and clocks, and every state of both can be seen."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection, text

from rules.lifecycle import STATES, Actor, Category, category_of, moves_of
from rules.request_types import REQUEST_TYPES, Direction, Severity, TicketKind
from rules.sla import Clock, ClockState, first_answer_target, read_clock, second_target
from tests.cluster import Database
from tests.demo_rows import FEATURED, NOW, rows


@pytest.fixture(scope="module")
def tickets(demo: Database) -> list[dict[str, Any]]:
    with demo.as_owner() as connection:
        return rows(
            connection,
            "select t.*, a.code as account, a.locale, h.starts_at as work_starts_at, v.starts_at as visit_starts_at, "
            "s.notified_at from portal.ticket t join portal.account a on a.id = t.account_id "
            "left join portal.remote_hands h on h.ticket_id = t.id left join portal.site_visit v on v.ticket_id = t.id "
            "left join portal.shipment s on s.ticket_id = t.id",
        )


@pytest.fixture(scope="module")
def logs(demo: Database) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    with demo.as_owner() as connection:
        for change in rows(connection, "select * from portal.status_change order by id"):
            found[change["ticket_id"]].append(change)
    return found


@pytest.fixture(scope="module")
def clocks(demo: Database) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    with demo.as_owner() as connection:
        for clock in rows(connection, "select * from portal.ticket_clock order by id"):
            found[clock["ticket_id"]].append(clock)
    return found


Tickets = list[dict[str, Any]]
ByTicket = dict[int, list[dict[str, Any]]]


def test_every_ticket_came_the_way_its_kind_may_go(tickets: Tickets, logs: ByTicket) -> None:
    for ticket in tickets:
        direction = Direction(ticket["direction"]) if ticket["direction"] else None
        moves, log = moves_of(TicketKind(ticket["kind"]), direction), logs[ticket["id"]]
        assert (log[0]["from_status"], log[0]["to_status"]) == (None, "submitted")
        for before, change in pairwise(log):
            assert change["from_status"] == before["to_status"]
            assert change["changed_at"] > before["changed_at"]
            if change["to_status"] == change["from_status"]:
                assert change["severity"] != before["severity"], ticket["number"]
                continue
            who = moves[change["from_status"]].get(change["to_status"], frozenset())
            assert Actor(change["by_actor"]) in who, (ticket["number"], change)
        assert log[-1]["to_status"] == ticket["status"]
        assert log[-1]["category"] == ticket["category"]
        assert log[-1]["changed_at"] <= ticket["updated_at"] <= NOW


def test_the_category_is_what_the_state_means(tickets: Tickets, logs: ByTicket) -> None:
    for row in (*tickets, *(change for log in logs.values() for change in log)):
        state = row.get("status") or row["to_status"]
        either = {category_of(state, customer_must_act=must) for must in (True, False)}
        assert row["category"] in either, row
    held = {ticket["category"] for ticket in tickets if ticket["status"] == "on_hold"}
    assert held == {Category.OPEN, Category.PAUSED}  # ours and the customer's reasons


def test_an_exit_a_pause_and_a_change_of_severity_name_their_reason(logs: ByTicket) -> None:
    for log in logs.values():
        for change in log:
            exits = change["to_status"] in {"cancelled", "rejected", "refused", "returned", "no_show"}
            if exits or change["category"] == Category.PAUSED or change["to_status"] == change["from_status"]:
                assert change["reason"], change
    assert not any(change["reason"] for log in logs.values() for change in log if change["to_status"] == "acknowledged")


def test_the_first_answer_is_the_desks_first_move(tickets: Tickets, logs: ByTicket) -> None:
    for ticket in tickets:
        answers = [change["changed_at"] for change in logs[ticket["id"]] if change["by_actor"] == Actor.DESK]
        assert ticket["first_answered_at"] == (answers[0] if answers else None)
        assert bool(ticket["assignee_id"]) == bool(answers)
    assert any(ticket["first_answered_at"] is None for ticket in tickets)


def paused_between(log: list[dict[str, Any]], start: datetime, end: datetime) -> timedelta:
    """Counted minute by minute of the log, another way than the demo does it."""
    total = timedelta(0)
    for change, following in zip(log, [*log[1:], {"changed_at": NOW}], strict=True):
        if change["category"] == Category.PAUSED:
            total += max(timedelta(0), min(end, following["changed_at"]) - max(start, change["changed_at"]))
    return total


def test_a_clock_gives_the_promise_and_what_was_paused(tickets: Tickets, logs: ByTicket, clocks: ByTicket) -> None:
    for ticket in tickets:
        for clock in clocks[ticket["id"]]:
            target = timedelta(seconds=clock["target_seconds"])
            is_paused = clock["paused_since"] is not None
            end = clock["stopped_at"] or clock["paused_since"] or NOW
            paused = paused_between(logs[ticket["id"]], clock["started_at"], end)
            counted = (
                paused if clock["clock"] == Clock.SECOND and ticket["kind"] != TicketKind.SHIPMENT else timedelta(0)
            )
            assert timedelta(seconds=clock["paused_seconds"]) == counted, ticket["number"]
            if clock["deadline"] is not None:
                assert clock["deadline"] == clock["started_at"] + target + counted, ticket["number"]
            withdrawn = clock["stopped_at"] is not None and clock["outcome"] is None
            assert (clock["deadline"] is None) == (is_paused or withdrawn)
            if withdrawn:
                assert ticket["category"] == Category.DONE
                assert clock["stopped_at"] <= clock["started_at"] + target + counted
            elif clock["stopped_at"] is not None:
                assert clock["outcome"] == ("met" if clock["stopped_at"] <= clock["deadline"] else "breached")
            else:
                assert clock["outcome"] is None


def test_a_clock_has_the_target_of_the_rules(tickets: Tickets, logs: ByTicket, clocks: ByTicket) -> None:
    for ticket in tickets:
        kind, log = TicketKind(ticket["kind"]), logs[ticket["id"]]
        at_first = Severity(log[0]["severity"]) if log[0]["severity"] else None
        severity = Severity(ticket["severity"]) if ticket["severity"] else None
        first = first_answer_target(kind, at_first)
        if ticket["visit_starts_at"]:
            first = min(first, ticket["visit_starts_at"] - ticket["opened_at"])
        second = second_target(kind, severity)
        if ticket["work_starts_at"]:
            second = ticket["work_starts_at"] - ticket["opened_at"]
        for clock in clocks[ticket["id"]]:
            expected = first if clock["clock"] == Clock.FIRST_ANSWER else second
            assert expected is not None
            assert clock["target_seconds"] == expected.total_seconds(), ticket["number"]


def test_a_kind_has_the_clocks_it_is_promised_and_no_others(tickets: Tickets, logs: ByTicket, clocks: ByTicket) -> None:
    for ticket in tickets:
        states = [change["to_status"] for change in logs[ticket["id"]]]
        wanted = {(Clock.FIRST_ANSWER, 1)}
        if ticket["kind"] == TicketKind.FAULT:
            wanted |= {(Clock.SECOND, 1 + again) for again in range(1 + states.count("reopened"))}
        if ticket["work_starts_at"] or "received" in states:
            wanted |= {(Clock.SECOND, 1)}
        assert {(clock["clock"], clock["round"]) for clock in clocks[ticket["id"]]} == wanted, ticket["number"]


def test_the_next_deadline_is_that_of_the_clock_that_runs_out_first(tickets: Tickets, clocks: ByTicket) -> None:
    for ticket in tickets:
        running = [c["deadline"] for c in clocks[ticket["id"]] if c["deadline"] and c["stopped_at"] is None]
        assert ticket["next_deadline"] == (min(running) if running else None), ticket["number"]
        assert (ticket["paused_since"] is not None) == (ticket["category"] == Category.PAUSED)
        if ticket["category"] != Category.OPEN:
            assert ticket["next_deadline"] is None


def test_what_is_over_says_when(tickets: Tickets) -> None:
    for ticket in tickets:
        ends = [ticket["resolved_at"], ticket["closed_at"]]
        assert any(ends) == (ticket["category"] == Category.DONE), ticket["number"]
        assert ticket["rating"] is None or ticket["resolved_at"], ticket["number"]


def test_numbers_are_unique_and_the_portal_goes_on_after_them(owner: Connection, tickets: Tickets) -> None:
    assert len({ticket["number"] for ticket in tickets}) == len(tickets)
    for kind, request in REQUEST_TYPES.items():
        used = [t["number"] for t in tickets if t["kind"] == kind]
        assert all(re.fullmatch(rf"{request.prefix}-20\d\d-\d{{6}}", number) for number in used)
        following = owner.scalar(text(f"select nextval('portal.ticket_number_{request.prefix.lower()}')"))
        assert following == max(int(number[-6:]) for number in used) + 1
    for ticket in tickets:
        assert ticket["number"].split("-")[1] == str(ticket["opened_at"].year)


def test_the_next_row_gets_an_id_of_its_own(owner: Connection) -> None:
    highest = owner.scalar(text("select max(id) from portal.ticket"))
    new = owner.scalar(
        text("insert into portal.ticket (account_id, number, kind, subject) "
             "select id, 'RH-2026-999999', 'remote_hands', 'One more' from portal.account limit 1 returning id")
    )  # fmt: skip
    assert new > highest


@pytest.mark.parametrize(
    "column",
    ["ticket.opened_at", "ticket.closed_at", "ticket_message.written_at", "payment.recorded_at", "invoice.created_at",
     "thread_message.written_at", "notice_read.read_at", "service_order.installed_at", "dispute.opened_at",
     "dispute_message.written_at", "person.created_at", "notice.published_at"],
)  # fmt: skip
def test_nothing_has_happened_that_lies_ahead(owner: Connection, column: str) -> None:
    table, name = column.split(".")
    assert owner.scalar(text(f"select max({name}) from portal.{table}")) <= NOW
    assert owner.scalar(text("select max(starts_at) from portal.site_visit")) > NOW  # plans do lie ahead


def state_of(clock: dict[str, Any]) -> ClockState | None:
    reading = read_clock(
        deadline=clock["deadline"], stopped_at=clock["stopped_at"], paused_since=clock["paused_since"], now=NOW
    )
    return reading.state if reading else None


@pytest.mark.parametrize("account", FEATURED)
def test_a_featured_company_has_open_tickets_with_clocks_in_every_state(
    account: str, tickets: Tickets, clocks: ByTicket
) -> None:
    going_on = [t for t in tickets if t["account"] == account and t["category"] != Category.DONE]
    assert len(going_on) >= 20
    states = {(t["kind"], clock["clock"], state_of(clock)) for t in going_on for clock in clocks[t["id"]]}
    for kind in (TicketKind.FAULT, TicketKind.REMOTE_HANDS):
        for state in (ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED):
            assert (kind, Clock.SECOND, state) in states
    for state in (ClockState.RUNNING, ClockState.BREACHED):
        assert (TicketKind.SHIPMENT, Clock.SECOND, state) in states
        assert (TicketKind.SITE_VISIT, Clock.FIRST_ANSWER, state) in states
        assert (TicketKind.REMOTE_HANDS, Clock.FIRST_ANSWER, state) in states
    assert any(state is ClockState.MET for _kind, _clock, state in states)


def test_every_state_of_a_ticket_can_be_seen_somewhere(tickets: Tickets, logs: ByTicket) -> None:
    passed = {change["to_status"] for log in logs.values() for change in log}
    assert passed == set(STATES)
    assert {ticket["status"] for ticket in tickets} == set(STATES)


def test_acme_seoul_is_rich_and_abel_has_tickets_of_his_own(owner: Connection, tickets: Tickets) -> None:
    seoul = [ticket for ticket in tickets if ticket["account"] == "ACME-SEOUL"]
    assert 130 <= len(seoul) <= 190
    abel, vic = (
        owner.scalar(text("select id from portal.person where email = :email"), {"email": email})
        for email in ("hands@acme.example", "viewer@acme.example")
    )
    sel1 = owner.scalar(text("select id from portal.site where code = 'SEL1'"))
    his = [ticket for ticket in tickets if ticket["requested_by"] == abel]
    assert len(his) >= 15
    assert sum(ticket["category"] != Category.DONE for ticket in his) >= 3
    assert {(ticket["kind"], ticket["site_id"]) for ticket in his} == {(TicketKind.REMOTE_HANDS, sel1)}
    assert not [ticket for ticket in tickets if ticket["requested_by"] == vic]


def test_the_desk_talks_in_the_customers_language_and_keeps_notes_to_itself(owner: Connection) -> None:
    scripts = {
        "ko": r"[\uac00-\ud7a3]", "ja": r"[\u3040-\u30ff]",
        "zh_Hans": r"^[^\u3040-\u30ff]*[\u4e00-\u9fff][^\u3040-\u30ff]*$",
        "id": r"(?i)\b(di|dan|ke|kami|yang|untuk|ada)\b",
    }  # fmt: skip
    for row in rows(
        owner,
        "select a.locale, t.subject, t.description from portal.ticket t join portal.account a on a.id = t.account_id",
    ):
        written = row["subject"] + row["description"]
        for language, script in scripts.items():
            assert bool(re.search(script, written)) == (row["locale"] == language), written
        assert "{" not in written
    kinds = dict(owner.execute(text("select kind, count(*) from portal.ticket_message group by 1")).all())
    assert min(kinds["customer_note"], kinds["staff_reply"], kinds["internal_note"]) > 300
    by_customers = owner.scalar(
        text("select count(*) from portal.ticket_message m join portal.person p on p.id = m.author_id "
             "where (p.kind = 'customer') <> (m.kind = 'customer_note')")
    )  # fmt: skip
    assert by_customers == 0


def test_details_stand_beside_every_ticket_and_only_its_own_kind(owner: Connection, tickets: Tickets) -> None:
    for table in ("remote_hands", "fault", "shipment", "site_visit"):
        beside = set(owner.scalars(text(f"select ticket_id from portal.{table}")))
        assert beside == {ticket["id"] for ticket in tickets if ticket["kind"] == table}
    untracked = owner.scalar(
        text("select count(*) from portal.shipment s where (carrier = 'hand_carry') = exists "
             "(select from portal.tracking_number n where n.ticket_id = s.ticket_id)")
    )  # fmt: skip
    assert untracked == 0
    unvisited = owner.scalar(
        text("select count(*) from portal.site_visit v where not exists "
             "(select from portal.visitor p where p.ticket_id = v.ticket_id)")
    )  # fmt: skip
    assert unvisited == 0
