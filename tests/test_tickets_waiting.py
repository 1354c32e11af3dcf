"""What a ticket waits for: a question or a proposed start stays until it is answered or nobody needs the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from data.ticketing import AnswerProposal, Assign, MoveTicket, NotifyReceipt, ProposeStart
from pages.portal.ticket.moves import deeds_of
from rules.errors import Conflict, Invalid
from rules.principal import Principal
from tests.cluster import Database
from tests.ticket_scene import Desk, desk_in, later


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    return desk_in(database, sign_in)


def waits(desk: Desk, number: str) -> bool:
    return number in desk.waiting_for("ana")


def offered(desk: Desk, who: str, number: str) -> set[str]:
    return {deed.key for deed in deeds_of(desk.person(who), desk.sees(who, number))}


def proposed(desk: Desk) -> str:
    number = desk.opens("ana")
    desk.does("dee", ProposeStart(number, later(30), "Tomorrow at nine?"))
    return number


def test_a_proposal_waits_through_an_acknowledgement_until_it_is_answered(desk: Desk) -> None:
    number = proposed(desk)
    answer_by = desk.sees("ana", number).ticket.respond_by
    desk.moves("dee", number, "acknowledged")
    seen = desk.sees("ana", number)
    assert (seen.waiting_for, seen.ticket.respond_by) == ("customer", answer_by) and waits(desk, number)
    desk.does("ana", AnswerProposal(number, accept=True))
    answered = desk.sees("ana", number)
    assert (answered.waiting_for, answered.ticket.respond_by) == (None, None) and not waits(desk, number)
    again = proposed(desk)
    desk.moves("dee", again, "scheduled", starts_at=later(20))
    assert not waits(desk, again), "another time was agreed on"


def test_an_answered_proposal_leaves_another_question_open(desk: Desk) -> None:
    number = proposed(desk)
    desk.moves("dee", number, "acknowledged")
    desk.moves("dee", number, "waiting_customer", message="Which port?", respond_by=later(9))
    asked = desk.sees("ana", number).ticket.respond_by
    assert {"accept", "decline"} <= offered(desk, "ana", number)
    desk.does("ana", AnswerProposal(number, accept=True))
    seen = desk.sees("ana", number)
    assert (seen.ticket.status, seen.waiting_for, seen.ticket.respond_by) == ("waiting_customer", "customer", asked)
    assert waits(desk, number)


@pytest.mark.parametrize(
    ("who", "way"), [("dee", ("in_progress",)), ("dee", ("rejected",)), ("ana", ("cancelled",)), ("dee", ("resolved",))]
)
def test_nobody_answers_a_proposal_once_work_began_or_the_ticket_is_over(
    desk: Desk, who: str, way: tuple[str, ...]
) -> None:
    number = proposed(desk)
    assert {"accept", "decline"} <= offered(desk, "ana", number)
    for to in way:
        desk.moves(who, number, to)
    assert not {"accept", "decline"} & offered(desk, "ana", number)
    assert not waits(desk, number)
    with pytest.raises(Conflict, match="No time waits"):
        desk.does("ana", AnswerProposal(number, accept=True))
    assert desk.sees("ana", number).details["proposal_answer"] is None


def test_a_proposal_does_not_come_back_with_a_question_during_the_work(desk: Desk) -> None:
    number = proposed(desk)
    for to in ("in_progress", "waiting_customer"):
        desk.moves("dee", number, to)
    assert not {"accept", "decline"} & offered(desk, "ana", number)
    with pytest.raises(Conflict):
        desk.does("ana", AnswerProposal(number, accept=True))


@pytest.mark.parametrize("field", ["respond_by", "estimated_completion"])
def test_no_move_promises_a_time_that_has_passed(desk: Desk, field: str) -> None:
    number = desk.opens("ana")
    desk.moves("dee", number, "acknowledged")
    with pytest.raises(Invalid) as refused:
        desk.does("dee", MoveTicket(number, "waiting_customer", message="Which port?", **{field: later(-1)}))  # type: ignore[arg-type]
    assert refused.value.field == field
    assert desk.sees("ana", number).ticket.status == "acknowledged"


def expected(desk: Desk) -> str:
    number = desk.opens("ana", "shipment", packages=3)
    for to in ("acknowledged", "expected"):
        desk.moves("dee", number, to)
    return number


def test_word_of_the_first_packages_is_not_the_word_that_was_promised(desk: Desk) -> None:
    number = expected(desk)
    desk.moves("dee", number, "partially_received", packages=1)
    assert "notify" not in offered(desk, "dee", number), "they were told of these"
    with pytest.raises(Conflict):
        desk.does("dee", NotifyReceipt(number))
    desk.moves("dee", number, "received", packages=3, notify=False)
    clock = desk.sees("dee", number).clocks[1]
    assert clock.reading is not None and clock.reading.state == "running"
    assert clock.deadline == clock.started_at + timedelta(hours=12)
    assert "notify" in offered(desk, "dee", number)
    desk.does("dee", NotifyReceipt(number))
    clock = desk.sees("dee", number).clocks[1]
    assert clock.reading is not None and clock.reading.state == "met"
    assert "notify" not in offered(desk, "dee", number)


def test_a_word_before_everything_was_here_stops_no_clock_that_has_not_begun(desk: Desk) -> None:
    """As it was written down before: told of the first packages."""
    number = expected(desk)
    desk.moves("dee", number, "partially_received", packages=1)
    with desk.database.as_owner() as connection:
        connection.exec_driver_sql(
            "update portal.shipment set notified_at = now() where ticket_id = "
            "(select id from portal.ticket where number = %(n)s)", {"n": number},
        )  # fmt: skip
    desk.moves("dee", number, "received", notify=False)
    second = desk.sees("dee", number).clocks[1]
    assert second.reading is not None and second.reading.state == "running"


def test_an_answer_is_one_mail_for_whoever_works_on_it(desk: Desk) -> None:
    number = desk.opens("ana")
    desk.does("dee", Assign(number, desk.id_of("dee")))
    for to in ("acknowledged", "waiting_customer"):
        desk.moves("dee", number, to)
    desk.says("ana", number, "Port 7")
    told = (
        "select m.kind from portal.mail m join portal.ticket t on t.id = m.ticket_id "
        "where t.number = :n and m.person_id = :dee order by m.id"
    )
    assert desk.rows(told, n=number, dee=desk.id_of("dee")) == [("ticket_note",)]
    desk.moves("dee", number, "waiting_customer")
    desk.moves("ana", number, "in_progress")  # without a word: the move itself is told
    assert [kind for (kind,) in desk.rows(told, n=number, dee=desk.id_of("dee"))] == ["ticket_note", "ticket_status"]
