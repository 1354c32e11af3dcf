"""The registry of request types: one entry is all a kind needs, and a test names what was forgotten."""

from __future__ import annotations

import pytest

from data.models import TicketContact, TicketItem, TrackingNumber, Visitor
from data.ticketing.submit import DETAILS
from rules.fields import Field, FieldKind
from rules.lifecycle import DONE, OVER, RESOLVED, STATES, Actor, Standing, all_moves, moves_of, next_states
from rules.request_types import REQUEST_TYPES, Direction, TicketKind, check_request
from tests.ticket_scene import filled, later
from ui.terms import TERMS

#: Fields that are rows of their own, and where those are kept.
CHILDREN = {"items": TicketItem, "tracking_numbers": TrackingNumber, "contacts": TicketContact, "visitors": Visitor}
SHARED = {"subject", "description", "customer_reference", "space_id", "severity", "direction"}


@pytest.mark.parametrize("kind", list(TicketKind))
def test_every_field_of_a_form_has_a_place_to_be_kept(kind: TicketKind) -> None:
    columns = DETAILS[kind].__table__.columns
    for field in REQUEST_TYPES[kind].all_fields():
        assert field.name in SHARED | set(CHILDREN) or field.name in columns, field.name
        if field.kind is FieldKind.ROWS:
            assert {column.name for column in field.columns} <= set(CHILDREN[field.name].__table__.columns.keys())


@pytest.mark.parametrize("kind", list(TicketKind))
def test_every_choice_has_its_word(kind: TicketKind) -> None:
    def choices(fields: tuple[Field, ...]) -> list[Field]:
        return [field for field in fields if field.kind is FieldKind.CHOICE and field.name != "currency"]

    for field in choices(REQUEST_TYPES[kind].all_fields()):
        assert set(field.choices) == set(TERMS[field.vocabulary]), field.name


@pytest.mark.parametrize("kind", list(TicketKind))
def test_what_a_form_does_not_ask_is_not_taken(kind: TicketKind) -> None:
    values = check_request(
        kind, filled(kind, status="closed", account_id=1, requested_by=1, id=1, number="RH-1"), later(0)
    )
    assert not {"status", "account_id", "requested_by", "id", "number"} & set(values)


def test_the_database_is_told_of_every_move_there_is_and_of_no_other() -> None:
    told = {tuple(move.split()) for move in all_moves()}
    assert ("fault", "submitted", "acknowledged", "desk") in told
    assert ("shipment", "inbound", "expected", "received", "desk") in told
    assert ("fault", "resolved", "closed", "desk") not in told
    assert len(told) == len(all_moves())
    for kind in TicketKind:
        for direction in Direction:
            for state, steps in moves_of(kind, direction).items():
                for to, actors in steps.items():
                    where = (kind, direction) if kind is TicketKind.SHIPMENT else (kind,)
                    assert all((*where, state, to, actor) in told for actor in actors)


def test_states_that_end_are_done_and_lead_nowhere_but_back() -> None:
    assert RESOLVED | OVER == DONE <= set(STATES)
    for state in OVER - {"closed"}:
        for kind in TicketKind:
            assert moves_of(kind).get(state, {}) == {}


def test_a_shipment_that_is_being_packed_is_not_cancelled_and_a_visit_inside_neither() -> None:
    for kind, state, direction in (
        (TicketKind.SHIPMENT, "packed", Direction.OUTBOUND),
        (TicketKind.SHIPMENT, "received", Direction.INBOUND),
        (TicketKind.SITE_VISIT, "checked_in", None),
        (TicketKind.FAULT, "in_progress", None),
    ):
        assert "cancelled" not in next_states(Standing(kind, state, direction), Actor.CUSTOMER, later(0)), state
    assert "cancelled" in next_states(Standing(TicketKind.SITE_VISIT, "approved"), Actor.CUSTOMER, later(0))
