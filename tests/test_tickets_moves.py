"""Moving a ticket: what the tables of SPEC §4 allow is done, logged, told and audited; everything else is refused."""

# ruff: noqa: E501 - a statement stands on one line

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from data.database import writing
from data.listing import page_of, read_asked
from data.models.rows import Hat
from data.ticketing import (
    AnswerProposal,
    Assign,
    Estimate,
    MoveTicket,
    NotifyReceipt,
    ProposeStart,
    RateTicket,
    Say,
    SetSeverity,
    close_resolved,
    list_colleagues,
    mark_no_shows,
)
from data.ticketing.queue import QUEUE, REPLIED, count_queue
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.lifecycle import Actor, moves_of
from rules.permissions import Permission
from rules.principal import Principal
from rules.request_types import Direction, Severity, TicketKind
from tests.cluster import Database
from tests.ticket_scene import Desk, desk_in, later

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    return desk_in(database, sign_in)


def as_worker(desk: Desk, job: Callable[[Any], int]) -> int:
    with desk.database.jobs.begin() as connection:
        connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
        return job(connection)


#: kind, direction, and ways through its table that together make every move of customer and desk.
WAYS: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("fault", {}, ("acknowledged", "in_progress", "waiting_customer", "in_progress", "on_hold", "resolved", "closed")),
    ("fault", {}, ("in_progress", "resolved", "reopened", "waiting_customer", "resolved", "closed", "reopened", "in_progress")),
    ("fault", {}, ("acknowledged", "waiting_customer", "cancelled")),
    ("fault", {}, ("rejected",)),
    ("fault", {}, ("resolved", "reopened", "resolved")),
    ("remote_hands", {}, ("scheduled", "on_hold", "in_progress", "resolved")),
    ("remote_hands", {}, ("acknowledged", "scheduled", "waiting_customer", "in_progress", "resolved")),
    ("remote_hands", {}, ("acknowledged", "on_hold", "resolved")),
    ("remote_hands", {}, ("scheduled", "cancelled")),
    ("remote_hands", {}, ("cancelled",)),
    ("shipment", {}, ("acknowledged", "expected", "partially_received", "received", "stored", "delivered", "closed")),
    ("shipment", {}, ("acknowledged", "expected", "received", "delivered", "closed")),
    ("shipment", {}, ("acknowledged", "expected", "received", "stored", "returned")),
    ("shipment", {}, ("acknowledged", "expected", "refused")),
    ("shipment", {"direction": "outbound", "ship_to": "Busan"},
     ("acknowledged", "packed", "awaiting_pickup", "handed_over", "closed")),
    ("shipment", {"direction": "outbound", "ship_to": "Busan"}, ("acknowledged", "cancelled")),
    ("site_visit", {}, ("pending_approval", "approved", "checked_in", "checked_out", "closed")),
    ("site_visit", {}, ("approved", "cancelled")),
    ("site_visit", {}, ("rejected",)),
)  # fmt: skip


def _mover(kind: str, changes: dict[str, Any], state: str, to: str) -> str:
    actors = moves_of(TicketKind(kind), Direction(changes.get("direction", "inbound")))[state][to]
    return "ana" if Actor.CUSTOMER in actors and to != "in_progress" else "dee"


@pytest.mark.parametrize(("kind", "changes", "way"), WAYS)
def test_each_way_is_logged_step_by_step_and_told(
    desk: Desk, kind: str, changes: dict[str, Any], way: tuple[str, ...]
) -> None:
    number = desk.opens("ana", kind, **changes)
    state, told = "submitted", 1  # the confirmation
    for to in way:
        who = _mover(kind, changes, state, to)
        assert to in desk.sees(who, number).next_states
        done = desk.moves(who, number, to, version=desk.sees(who, number).ticket.version)
        assert done["status"] == to
        state, told = to, told + (who == "dee")
    seen = desk.sees("ana", number)
    assert [step.to_status for step in seen.timeline] == ["submitted", *way]
    assert [step.from_status for step in seen.timeline] == [None, "submitted", *way[:-1]]
    audited = "select after ->> 'status' from portal.audit_entry where object_label = :n and action = 'ticket.move' order by id"
    assert [row[0] for row in desk.rows(audited, n=number)] == list(way)
    mails = "select count(*) from portal.mail m join portal.ticket t on t.id = m.ticket_id where t.number = :n"
    assert desk.rows(mails, n=number) == [(told,)]


@pytest.mark.parametrize("kind", list(TicketKind))
def test_a_move_that_is_not_in_the_table_is_refused_and_changes_nothing(desk: Desk, kind: TicketKind) -> None:
    number = desk.opens("ana", kind)
    allowed = moves_of(kind, Direction.INBOUND)["submitted"]
    for to in ("closed", "reopened", "submitted", "checked_out", "stored", "no_show", "nonsense"):
        assert to not in allowed
        for who in ("ana", "dee"):
            with pytest.raises(Conflict):
                desk.moves(who, number, to)
    for to, actors in allowed.items():
        stranger = "dee" if Actor.DESK not in actors else "ana"
        if actors != {Actor.CUSTOMER, Actor.DESK}:
            with pytest.raises(Conflict, match="others"):
                desk.moves(stranger, number, to)
    assert [step.to_status for step in desk.sees("ana", number).timeline] == ["submitted"]


@pytest.mark.parametrize("who", ["fin", "mia", "ada", "vic", "bea"])
def test_who_is_not_concerned_moves_nothing(desk: Desk, who: str) -> None:
    number = desk.opens("ana")
    with pytest.raises((Forbidden, NotFound)) as refused:
        desk.moves(who, number, "acknowledged")
    assert isinstance(refused.value, NotFound) == (who == "bea")
    assert desk.sees("ana", number).ticket.status == "submitted"


def test_every_exit_needs_a_reason_and_a_question_needs_its_words(desk: Desk) -> None:
    number = desk.opens("ana", "fault")
    for who, to, field in (
        ("ana", "cancelled", "reason"),
        ("dee", "rejected", "reason"),
    ):
        with pytest.raises(Invalid) as refused:
            desk.does(who, MoveTicket(number, to, reason="  "))
        assert refused.value.field == field
    desk.moves("dee", number, "acknowledged")
    with pytest.raises(Invalid) as refused:
        desk.does("dee", MoveTicket(number, "waiting_customer"))
    assert refused.value.field == "message"
    assert desk.sees("ana", number).conversation == ()


def test_a_question_waits_until_it_is_answered_and_the_answer_starts_the_work_again(desk: Desk) -> None:
    number = desk.opens("abel")
    desk.moves("dee", number, "acknowledged")
    desk.moves("dee", number, "waiting_customer", message="Which port?", respond_by=later(24))
    waiting = desk.sees("abel", number)
    assert (waiting.ticket.category, waiting.waiting_for) == ("paused", "customer")
    assert waiting.ticket.paused_since is not None and waiting.ticket.next_deadline is None
    assert number in desk.waiting_for("ana")
    assert number not in desk.waiting_for("bea")
    desk.says("abel", number, "Port 7")
    seen = desk.sees("abel", number)
    assert (seen.ticket.status, seen.ticket.paused_since, seen.ticket.respond_by) == ("in_progress", None, None)
    assert [step.actor for step in seen.timeline] == ["customer", "desk", "desk", "customer"]
    with pytest.raises(Conflict, match="for others"):
        desk.moves("abel", number, "resolved")


def test_work_that_had_begun_is_not_cancelled_out_of_a_question(desk: Desk) -> None:
    begun, fresh = desk.opens("ana"), desk.opens("ana")
    for number, before in ((begun, "in_progress"), (fresh, "acknowledged")):
        desk.moves("dee", number, before)
        desk.moves("dee", number, "waiting_customer")
    assert "cancelled" not in desk.sees("ana", begun).next_states
    with pytest.raises(Conflict, match="Work has begun"):
        desk.moves("ana", begun, "cancelled")
    assert desk.moves("ana", fresh, "cancelled")["status"] == "cancelled"


def test_on_hold_pauses_the_clock_only_for_the_customers_reason(desk: Desk) -> None:
    ours, theirs = desk.opens("ana", "fault"), desk.opens("ana", "fault")
    for number, customer_must_act in ((ours, False), (theirs, True)):
        desk.moves("dee", number, "in_progress")
        desk.moves("dee", number, "on_hold", customer_must_act=customer_must_act)
    running, paused = desk.sees("ana", ours).ticket, desk.sees("ana", theirs).ticket
    assert (running.category, running.paused_since) == ("open", None) and running.next_deadline is not None
    assert (paused.category, paused.next_deadline) == ("paused", None) and paused.paused_since is not None


def test_a_reply_does_not_end_a_rest_but_the_desk_sees_it_and_whose_turn_it_is(desk: Desk) -> None:
    theirs, ours, silent = (desk.opens("ana", "fault") for _ in range(3))
    for number in (theirs, ours, silent):
        desk.moves("dee", number, "in_progress")
        desk.moves("dee", number, "on_hold", customer_must_act=number != ours)
    before = count_queue(desk.database.app, desk.person("dee"))["replied"]
    assert theirs in desk.waiting_for("ana")
    for number in (theirs, ours):
        desk.does("ana", Say(number, "The cabinet is open now"))
    seen = desk.sees("ana", theirs)
    assert (seen.ticket.status, seen.ticket.category, seen.waiting_for) == ("on_hold", "paused", None)
    assert seen.ticket.paused_since is not None, "the clock goes on when the desk takes it up"
    assert theirs not in desk.waiting_for("ana")
    assert count_queue(desk.database.app, desk.person("dee"))["replied"] == before + 1
    shown = page_of(desk.database.app, desk.person("dee"), QUEUE, read_asked(QUEUE, {"show": [REPLIED]}))
    assert theirs in list(shown.rows["number"])
    assert not {ours, silent} & set(shown.rows["number"]), "one runs on, of the other nobody wrote"
    desk.does("dee", Say(theirs, "A colleague's note", internal=True))
    assert theirs not in desk.waiting_for("ana"), "a note for the desk asks nobody"
    desk.does("dee", Say(theirs, "It is still locked"))
    assert theirs in desk.waiting_for("ana")
    assert desk.sees("ana", theirs).ticket.respond_by is not None
    desk.moves("dee", theirs, "in_progress")
    assert count_queue(desk.database.app, desk.person("dee"))["replied"] == before


def test_a_ticket_is_taken_up_again_for_seven_days_and_no_longer(desk: Desk) -> None:
    soon, late = desk.opens("ana"), desk.opens("ana")
    for number, ago in ((soon, 6.9 * DAY), (late, 7.1 * DAY)):
        desk.moves("dee", number, "resolved")
        desk.moves("ana", number, "closed")
        desk.some_time_ago(number, ago)
    desk.moves("ana", soon, "reopened")
    seen = desk.sees("ana", soon)
    assert (seen.ticket.status, seen.ticket.resolved_at, seen.ticket.closed_at) == ("reopened", None, None)
    assert "reopened" not in desk.sees("ana", late).next_states
    with pytest.raises(Conflict, match="more than 7 days"):
        desk.moves("ana", late, "reopened")


def test_done_work_is_rated_once_by_the_customer(desk: Desk) -> None:
    number = desk.opens("ana")
    with pytest.raises(Conflict, match="once it is resolved"):
        desk.does("ana", RateTicket(number, 5))
    desk.moves("dee", number, "resolved", message="Restarted")
    assert desk.sees("ana", number).may_rate
    with pytest.raises(Forbidden):
        desk.does("dee", RateTicket(number, 5))
    with pytest.raises(Invalid):
        desk.does("ana", RateTicket(number, 6))
    desk.does("ana", RateTicket(number, 4, "Fast"))
    seen = desk.sees("ana", number)
    assert (seen.rating, seen.rating_comment, seen.may_rate) == (4, "Fast", False)
    with pytest.raises(Conflict, match="already"):
        desk.does("ana", RateTicket(number, 1))


def test_what_is_resolved_closes_by_itself_after_five_days_and_not_before(desk: Desk) -> None:
    due, early = desk.opens("ana"), desk.opens("ana")
    for number, ago in ((due, 5.1 * DAY), (early, 4.9 * DAY)):
        desk.moves("dee", number, "resolved")
        desk.some_time_ago(number, ago)
    assert as_worker(desk, close_resolved) >= 1
    closed, waiting = desk.sees("ana", due), desk.sees("ana", early)
    assert (closed.ticket.status, closed.timeline[-1].actor, waiting.ticket.status) == ("closed", "system", "resolved")
    assert closed.ticket.closed_at is not None
    audit = (
        "select actor_id, audience from portal.audit_entry where object_label = :n and after ->> 'status' = 'closed'"
    )
    assert desk.rows(audit, n=due) == [(None, "customer")]
    told = "select count(*) from portal.mail m join portal.ticket t on t.id = m.ticket_id where t.number = :n and context ->> 'status' = 'closed'"
    assert desk.rows(told, n=due) == [(1,)]
    assert as_worker(desk, close_resolved) == 0


def test_who_did_not_come_is_a_no_show_once_the_visit_is_over(desk: Desk) -> None:
    missed, coming, inside = (desk.opens("ana", "site_visit") for _ in range(3))
    for number in (missed, coming, inside):
        desk.moves("dee", number, "approved")
    desk.moves("dee", inside, "checked_in")
    with desk.database.as_owner() as connection:
        for number in (missed, inside):
            change = (
                "update portal.site_visit set starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour' "
                "where ticket_id = (select id from portal.ticket where number = :n)"
            )
            connection.execute(text(change), {"n": number})
    assert as_worker(desk, mark_no_shows) == 1
    assert [desk.sees("ana", n).ticket.status for n in (missed, coming, inside)] == [
        "no_show",
        "approved",
        "checked_in",
    ]


def test_a_stale_version_says_who_changed_what(desk: Desk) -> None:
    number = desk.opens("ana", "fault")
    seen = desk.sees("dee", number).ticket.version
    desk.moves("dee", number, "acknowledged", version=seen)
    with pytest.raises(Conflict) as refused:
        desk.moves("dee", number, "in_progress", version=seen)
    assert refused.value.values["who"] == "Dee Desk" and str(refused.value.values["status"]) == "acknowledged"
    with pytest.raises(Conflict):
        desk.does("dee", SetSeverity(number, Severity.P1, "worse", version=seen))
    assert desk.sees("dee", number).ticket.severity == "P2"


def test_of_two_desks_at_once_one_has_its_way_and_the_other_hears_of_it(desk: Desk) -> None:
    outcomes: list[str] = []

    def move(number: str, to: str, version: int) -> str:
        try:
            desk.moves("dee", number, to, version=version)
        except Conflict:
            return "conflict"
        return to

    desk.person("dee")
    for _ in range(10):
        number = desk.opens("ana", "fault")
        version = desk.sees("dee", number).ticket.version
        with ThreadPoolExecutor(2) as both:
            results = list(both.map(lambda to, n=number, v=version: move(n, to, v), ("acknowledged", "in_progress")))
        assert sorted(result == "conflict" for result in results) == [False, True]
        (winner,) = [result for result in results if result != "conflict"]
        assert [step.to_status for step in desk.sees("dee", number).timeline] == ["submitted", winner]
        outcomes.append(winner)
    assert len(outcomes) == 10


def test_notes_and_moves_at_once_lose_nothing(desk: Desk) -> None:
    number = desk.opens("ana")
    desk.person("dee")

    def work(n: int) -> None:
        if n % 3 == 0:
            desk.says("ana", number, f"note {n}")
        elif n % 3 == 1:
            desk.says("dee", number, f"reply {n}")
        else:
            desk.says("dee", number, f"aside {n}", internal=True)

    with ThreadPoolExecutor(6) as several:
        list(several.map(work, range(24)))
    assert len(desk.sees("dee", number).conversation) == 24
    assert len(desk.sees("ana", number).conversation) == 16


def test_a_ticket_is_handed_to_a_colleague_and_the_customer_is_not_told_to_whom(desk: Desk) -> None:
    number = desk.opens("ana")
    assert [name for _id, name in list_colleagues(desk.database.app, desk.person("dee"))] == ["Dee Desk"]
    desk.does("dee", Assign(number, desk.id_of("dee"), version=1))
    assert desk.sees("dee", number).assignee == "Dee Desk"
    assert desk.sees("ana", number).assignee is None
    assert desk.sees("ana", number).ticket.first_answered_at is None, "handing it over is no answer"
    audience = "select audience from portal.audit_entry where object_label = :n and action = 'ticket.assign'"
    assert desk.rows(audience, n=number) == [("staff",)]
    for person in ("fin", "ana"):
        with pytest.raises(Invalid):
            desk.does("dee", Assign(number, desk.id_of(person)))
    with pytest.raises(Forbidden):
        desk.does("ana", Assign(number, desk.id_of("dee")))


def test_another_severity_keeps_the_answer_and_is_no_answer_itself(desk: Desk) -> None:
    number = desk.opens("ana", "fault", severity="P4")
    desk.does("dee", SetSeverity(number, Severity.P1, "Worse than it looked"))
    seen = desk.sees("ana", number)
    first, second = seen.clocks
    assert (seen.ticket.severity, seen.ticket.first_answered_at) == ("P1", None)
    assert first.deadline == first.started_at + timedelta(minutes=15)
    assert second.deadline == second.started_at + timedelta(hours=2)
    assert seen.timeline[-1].reason == "Worse than it looked"
    desk.says("dee", number, "We are on it")
    desk.does("dee", SetSeverity(number, Severity.P3, "Half of it is back"))
    again = desk.sees("ana", number).clocks
    assert again[0].deadline == first.deadline, "the answer was given under P1"
    assert again[1].deadline == second.started_at + timedelta(hours=8)
    with pytest.raises(Conflict):
        desk.does("dee", SetSeverity(desk.opens("ana"), Severity.P1, "no fault"))


def test_the_desk_says_when_it_will_be_done(desk: Desk) -> None:
    number, when = desk.opens("ana"), later(7)
    desk.does("dee", Estimate(number, when))
    assert desk.sees("ana", number).estimated_completion == when
    with pytest.raises(Invalid):
        desk.does("dee", Estimate(number, later(-1)))
    with pytest.raises(Forbidden):
        desk.does("ana", Estimate(number, later(1)))


def test_a_proposed_time_is_accepted_or_declined_by_the_customer(desk: Desk) -> None:
    accepted, declined = desk.opens("abel"), desk.opens("abel")
    when = later(30)
    for number in (accepted, declined):
        desk.does("dee", ProposeStart(number, when, "Tomorrow at nine?"))
        assert number in desk.waiting_for("abel")
    desk.does("abel", AnswerProposal(accepted, accept=True))
    desk.does("abel", AnswerProposal(declined, accept=False, body="Not before Friday"))
    desk.does("dee", MoveTicket(accepted, "scheduled"))
    assert desk.sees("abel", accepted).details["starts_at"] == when
    with pytest.raises(Invalid, match="When will work begin"):
        desk.does("dee", MoveTicket(declined, "scheduled"))
    with pytest.raises(Conflict):
        desk.does("abel", AnswerProposal(declined, accept=True))
    with pytest.raises(Forbidden):
        desk.does("dee", AnswerProposal(accepted, accept=True))


def test_a_shipment_is_received_in_parts_told_and_stored_for_five_days(desk: Desk) -> None:
    number = desk.opens("ana", "shipment", packages=3)
    for to in ("acknowledged", "expected"):
        desk.moves("dee", number, to)
    desk.moves("dee", number, "partially_received", packages=1)
    assert desk.sees("ana", number).details["notified_at"] is None
    desk.moves("dee", number, "received", packages=3, notify=False)
    waiting = desk.sees("ana", number)
    assert waiting.clocks[1].deadline == waiting.clocks[1].started_at + timedelta(hours=12)
    assert waiting.clocks[1].reading is not None and waiting.clocks[1].reading.state == "running"
    desk.does("dee", NotifyReceipt(number))
    told = desk.sees("ana", number)
    assert told.clocks[1].reading is not None and told.clocks[1].reading.state == "met"
    with pytest.raises(Conflict, match="told already"):
        desk.does("dee", NotifyReceipt(number))
    desk.moves("dee", number, "stored")
    details = desk.sees("ana", number).details
    assert (details["received_packages"], (details["storage_until"] - later(0).date()).days) == (3, 5)
    mails = (
        "select m.context ->> 'packages', m.context ->> 'partial' from portal.mail m join portal.ticket t on t.id = m.ticket_id "
        "where t.number = :n and m.kind = 'shipment_received' order by m.id"
    )
    assert desk.rows(mails, n=number) == [("1", "true"), ("3", "false")]


def test_a_parcel_is_not_put_away_without_a_word(desk: Desk) -> None:
    number = desk.opens("ana", "shipment")
    for to in ("acknowledged", "expected"):
        desk.moves("dee", number, to)
    desk.moves("dee", number, "received", notify=False)
    assert desk.sees("ana", number).ticket.next_deadline is not None
    desk.moves("dee", number, "stored")
    second = desk.sees("ana", number).clocks[1].reading
    assert second is not None and second.state == "met"
    told = desk.sees("ana", number).details["notified_at"]
    desk.moves("dee", number, "delivered")
    assert desk.sees("ana", number).details["notified_at"] == told


def test_the_database_refuses_what_the_portal_would_never_send(desk: Desk) -> None:
    """As somebody who can run any statement in their own hat: moves, versions, outcomes, the log."""
    number = desk.opens("ana", "fault")
    desk.says("dee", number, "seen")  # the first answer is met
    statements = {
        "ana": (
            "update portal.ticket set status = 'resolved', category = 'done', version = version + 1 where number = :n",
            "update portal.ticket set status = 'cancelled', category = 'done' where number = :n",
            "update portal.ticket set status = 'cancelled', category = 'open', version = version + 1 where number = :n",
            "update portal.ticket set rating = 5 where number = :n",
            "update portal.ticket set severity = 'P1' where number = :n",
            "update portal.ticket set first_answered_at = null where number = :n",
            "update portal.ticket_clock set target_seconds = 1",
            "update portal.ticket_clock set outcome = 'breached' where outcome = 'met'",
        ),
        "dee": (
            "update portal.ticket set status = 'closed', category = 'done', version = version + 1 where number = :n",
            "update portal.ticket set status = 'acknowledged' where number = :n",
            "update portal.ticket set requested_by = null where number = :n",
            "update portal.ticket_clock set outcome = 'met', stopped_at = now() - interval '1 year' where outcome = 'met'",
            "delete from portal.status_change",
            "update portal.status_change set changed_at = now() - interval '1 day'",
            (
                "insert into portal.status_change (account_id, ticket_id, to_status, category, by_actor, by_person_id) "
                "select account_id, id, 'closed', 'done', 'desk', authz.me() from portal.ticket where number = :n"
            ),
            (
                "insert into portal.status_change (account_id, ticket_id, to_status, category, by_actor, by_person_id) "
                "select account_id, id, status, category, 'system', null from portal.ticket where number = :n"
            ),
        ),
    }
    before = desk.rows("select status, version, rating, severity from portal.ticket where number = :n", n=number)
    for who, attempts in statements.items():
        principal = desk.person(who)
        principal = principal.looking_at((desk.accounts["seoul"],)) if who == "ana" else principal
        for statement in attempts:
            with (
                pytest.raises(Exception, match=r"permission denied|row-level security"),
                writing(desk.database.app, principal, Permission.TICKET_VIEW_COMPANY) as connection,
            ):
                connection.execute(text(statement), {"n": number} if ":n" in statement else {})
    assert (
        desk.rows("select status, version, rating, severity from portal.ticket where number = :n", n=number) == before
    )
