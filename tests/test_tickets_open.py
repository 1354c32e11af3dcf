"""Opening a ticket: who may, where, what a form must hold, and that one click is one ticket."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from data.commands import execute
from data.ticketing import SubmitTicket, accounts_for, items_at, open_incidents, sites_for
from rules.errors import Conflict, Forbidden, Invalid, NotFound, Problems
from rules.files import Upload
from rules.principal import Principal
from rules.request_types import REQUEST_TYPES, Severity, TicketKind, proposed_severity
from tests.cluster import Database
from tests.ticket_scene import Desk, desk_in, filled, later


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    return desk_in(database, sign_in)


@pytest.mark.parametrize("kind", list(TicketKind))
def test_ana_opens_each_kind_and_finds_all_she_wrote(desk: Desk, kind: TicketKind) -> None:
    number = desk.opens("ana", kind, customer_reference="PO-7", contacts=({"name": "Cho", "phone": "+82 2 555"},))
    seen = desk.sees("ana", number)
    assert number.startswith(f"{REQUEST_TYPES[kind].prefix}-")
    assert (seen.subject, seen.customer_reference, seen.contacts[0]["name"]) == (f"{kind} please", "PO-7", "Cho")
    assert [(step.from_status, step.to_status, step.actor) for step in seen.timeline] == [
        (None, "submitted", "customer")
    ]
    assert seen.clocks[0].clock == "first_answer" and seen.ticket.next_deadline == min(
        clock.deadline for clock in seen.clocks if clock.deadline
    )
    wanted = {key: value for key, value in filled(kind).items() if key in seen.details and key != "starts_at"}
    for name, value in wanted.items():
        if not hasattr(value, "tzinfo"):
            assert seen.details[name] == value
    with pytest.raises(NotFound):
        desk.sees("bea", number)


def test_abel_asks_for_hands_in_seoul_and_for_nothing_else(desk: Desk) -> None:
    number = desk.opens("abel")
    assert desk.sees("abel", number).requester == "Abel Acme"
    for kind, site in (("fault", "SEL1"), ("remote_hands", "ICN1"), ("site_visit", "SEL1")):
        with pytest.raises(Forbidden):
            desk.opens("abel", kind, site=site)
    for account in ("bolt", "group", "osaka"):
        with pytest.raises(NotFound):
            desk.opens("abel", account=account)
    assert [site.code for site in sites_for(desk.database.app, desk.person("abel"), TicketKind.REMOTE_HANDS)] == [
        "SEL1"
    ]
    assert sites_for(desk.database.app, desk.person("abel"), TicketKind.FAULT) == ()
    assert accounts_for(desk.person("abel"), TicketKind.FAULT) == ()


def test_a_viewer_and_staff_without_the_desk_open_nothing(desk: Desk) -> None:
    for who in ("vic", "fin", "mia", "ada"):
        with pytest.raises(Forbidden):
            desk.opens(who)
        assert sites_for(desk.database.app, desk.person(who), TicketKind.REMOTE_HANDS, desk.accounts["seoul"]) == ()


def test_a_site_where_one_could_not_see_the_ticket_afterwards_is_not_offered(desk: Desk) -> None:
    """Abel may ask at Incheon from now on, but his own tickets he sees in Seoul only."""
    with desk.database.as_owner() as connection:
        sites = [desk.sites["SEL1"], desk.sites["ICN1"]]
        change = (
            "update portal.access_grant set site_ids = %s where person_id = %s and function = 'remote_hands.create'"
        )
        connection.exec_driver_sql(change, (sites, desk.id_of("abel")))
    abel = desk.sign_in("abel")
    assert [site.code for site in sites_for(desk.database.app, abel, TicketKind.REMOTE_HANDS)] == ["SEL1"]
    command = SubmitTicket(TicketKind.REMOTE_HANDS, desk.accounts["seoul"], desk.sites["ICN1"], filled("remote_hands"))
    with pytest.raises(Forbidden):
        execute(desk.database.app, abel, command, key=uuid4())


def test_nobody_asks_in_anothers_name_but_the_desk_files_for_a_customer(desk: Desk) -> None:
    with pytest.raises(Invalid, match="one's own name"):
        desk.opens("ana", requested_by=desk.id_of("abel"))
    number = desk.opens("dee", requested_by=desk.id_of("abel"))
    assert desk.sees("abel", number).requester == "Abel Acme"
    assert desk.sees("dee", number).ticket.first_answered_at is None, "filing it is no answer"
    with pytest.raises(Problems) as refused:
        desk.opens("dee", requested_by=desk.id_of("bea"))
    assert set(refused.value.by_field) == {"requested_by"}


def test_all_problems_are_said_at_once_each_beside_its_field(desk: Desk) -> None:
    with pytest.raises(Problems) as refused:
        desk.opens("ana", "site_visit", subject=" ", starts_at=later(-1), ends_at=later(-2), visitors=({"name": "V"},))
    assert set(refused.value.by_field) == {"subject", "starts_at", "ends_at", "visitors.0.company", "visitors.0.email"}
    assert desk.rows("select 1 from portal.ticket where kind = 'site_visit' and subject = ''") == []


WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("remote_hands", {"subject": "x" * 201}, "subject"),
    ("remote_hands", {"description": ""}, "description"),
    ("remote_hands", {"description": "x" * 4001}, "description"),
    ("remote_hands", {"customer_reference": "x" * 51}, "customer_reference"),
    ("remote_hands", {"schedule": "scheduled"}, "starts_at"),
    ("remote_hands", {"schedule": "scheduled", "starts_at": later(-0.1)}, "starts_at"),
    ("remote_hands", {"schedule": "whenever"}, "schedule"),
    ("remote_hands", {"task_type": "juggle"}, "task_type"),
    ("remote_hands", {"subject": "a\x00b"}, "subject"),
    ("fault", {"occurred_at": later(24)}, "occurred_at"),
    ("fault", {"fault_category": "mood"}, "fault_category"),
    ("fault", {"severity": "P5"}, "severity"),
    ("shipment", {"tracking_numbers": ()}, "tracking_numbers"),
    ("shipment", {"tracking_numbers": tuple(map(str, range(11)))}, "tracking_numbers"),
    ("shipment", {"carrier": "other"}, "carrier_name"),
    ("shipment", {"packages": 0}, "packages"),
    ("shipment", {"packages": "many"}, "packages"),
    ("shipment", {"oversized": True, "weight_kg": 80}, "dimensions"),
    ("shipment", {"direction": "outbound"}, "ship_to"),
    (
        "shipment",
        {"direction": "outbound", "ship_to": "Busan", "declared_value": "10.5", "currency": "KRW"},
        "declared_value",
    ),
    ("shipment", {"direction": "outbound", "ship_to": "Busan", "declared_value": "10"}, "currency"),
    ("shipment", {"direction": "outbound", "ship_to": "Busan", "insured": True}, "declared_value"),
    ("shipment", {"expected_on": later(-72).date()}, "expected_on"),
    ("site_visit", {"ends_at": later(23)}, "ends_at"),
    ("site_visit", {"ends_at": later(24 * 16)}, "ends_at"),
    ("site_visit", {"visitors": ()}, "visitors"),
    ("site_visit", {"visitors": ({"name": "V", "company": "A", "email": "nobody"},)}, "visitors.0.email"),
)


@pytest.mark.parametrize(("kind", "change", "field"), WRONG)
def test_what_cannot_be_accepted_is_said_beside_its_field(
    desk: Desk, kind: str, change: dict[str, Any], field: str
) -> None:
    before = desk.rows("select count(*) from portal.ticket")
    with pytest.raises(Problems) as refused:
        desk.opens("ana", kind, **change)
    assert list(refused.value.by_field) == [field]
    assert desk.rows("select count(*) from portal.ticket") == before


RIGHT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("remote_hands", {"schedule": "scheduled", "starts_at": later(3)}),
    ("shipment", {"carrier": "hand_carry", "tracking_numbers": ()}),
    (
        "shipment",
        {"direction": "outbound", "ship_to": "Busan", "declared_value": "10", "currency": "KRW", "insured": True},
    ),
    (
        "shipment",
        {"carrier": "other", "carrier_name": "Kim & Sons", "oversized": True, "dimensions": "2 m", "weight_kg": "80.5"},
    ),
    ("site_visit", {"ends_at": later(24 + 14 * 24 - 1)}),
    ("site_visit", {"visitors": ({"name": "V", "company": "A", "mobile": "+82 10"},)}),
    # what is no longer asked is not kept, whatever it says
    ("remote_hands", {"schedule": "routine", "starts_at": later(-9)}),
)


@pytest.mark.parametrize(("kind", "change"), RIGHT)
def test_the_edges_of_what_is_accepted(desk: Desk, kind: str, change: dict[str, Any]) -> None:
    details = desk.sees("ana", desk.opens("ana", kind, **change)).details
    assert (details.get("schedule") == "scheduled") == (details.get("starts_at") is not None) or kind != "remote_hands"


def test_of_an_id_only_the_last_four_characters_are_ever_stored(desk: Desk) -> None:
    visitor = {"name": "V", "company": "A", "mobile": "1", "id_last_four": " 900101-1234 567 "}
    number = desk.opens("ana", "site_visit", visitors=(visitor,))
    assert desk.sees("ana", number).visitors[0]["id_last_four"] == "4567"
    everything = desk.rows(
        "select v::text from portal.visitor v union all select a::text from portal.audit_entry a "
        "union all select m::text from portal.mail m union all select c::text from portal.command_key c"
    )
    assert not [row for row in everything if "900101" in str(row)]


def test_severity_is_proposed_and_the_customer_may_choose_otherwise(desk: Desk) -> None:
    proposals = {
        (down, lost): proposed_severity(service_down=down, redundancy_lost=lost)
        for down in (True, False)
        for lost in (True, False)
    }
    assert proposals == {
        (True, True): Severity.P1, (True, False): Severity.P2, (False, True): Severity.P3, (False, False): Severity.P4,
    }  # fmt: skip
    unsaid = desk.opens("ana", "fault", severity=None, service_down=True)
    said = desk.opens("ana", "fault", severity="P4", service_down=True)
    assert [desk.sees("ana", number).ticket.severity for number in (unsaid, said)] == ["P2", "P4"]


def test_items_are_the_accounts_own_at_that_site(desk: Desk) -> None:
    with desk.database.as_owner() as connection:
        ids = {}
        for account, site, kind in (
            ("seoul", "SEL1", "cabinet"),
            ("seoul", "ICN1", "cage"),
            ("bolt", "SEL1", "cabinet"),
        ):
            insert = (
                "insert into portal.inventory_item (account_id, asset_number, kind, label, site_id, status) "
                "values (%s, %s, %s, 'x', %s, 'active') returning id"
            )
            values = (desk.accounts[account], f"{account}-{site}", kind, desk.sites[site])
            ids[account, site] = connection.exec_driver_sql(insert, values).scalar_one()
    here = ids["seoul", "SEL1"]
    engine, ana = desk.database.app, desk.person("ana")
    assert [item.id for item in items_at(engine, ana, desk.accounts["seoul"], desk.sites["SEL1"])] == [here]
    assert [item.kind for item in items_at(engine, ana, desk.accounts["seoul"], desk.sites["ICN1"])] == ["cage"]
    assert items_at(engine, desk.person("abel"), desk.accounts["seoul"], desk.sites["SEL1"]) == ()
    seen = desk.sees("ana", desk.opens("ana", space_id=here, items=(here,)))
    assert (seen.space, seen.items) == ("x", ("x",))
    for who, wrong in (("ana", ids["seoul", "ICN1"]), ("ana", ids["bolt", "SEL1"]), ("abel", here)):
        with pytest.raises(Problems) as refused:
            desk.opens(who, items=(wrong,))
        assert set(refused.value.by_field) == {"items"}


def test_known_incidents_at_the_site_are_shown_and_no_others(desk: Desk) -> None:
    with desk.database.as_owner() as connection:
        for title, category, site, resolved, everyone in (
            ("cooling fails", "incident", "SEL1", None, True),
            ("is over", "incident", "SEL1", "now()", True),
            ("elsewhere", "incident", "ICN1", None, True),
            ("planned work", "maintenance", "SEL1", None, True),
            ("for nobody here", "incident", "SEL1", None, False),
        ):
            insert = (
                "insert into portal.notice (category, title, everyone, published_at, resolved_at, starts_at) "
                f"values (%s, %s, %s, now(), {resolved or 'null'}, now()) returning id"
            )
            notice = connection.exec_driver_sql(insert, (category, title, everyone)).scalar_one()
            connection.exec_driver_sql("insert into portal.notice_site values (%s, %s)", (notice, desk.sites[site]))
            if title == "cooling fails":
                words = "insert into portal.notice_text (notice_id, language, title, body) values (%s, 'ko', %s, '')"
                connection.exec_driver_sql(words, (notice, "냉방 장애"))
    for who in ("ana", "abel", "bea"):
        shown = open_incidents(desk.database.app, desk.person(who), desk.sites["SEL1"])
        assert [incident.title for incident in shown] == ["cooling fails"], who
        in_korean = open_incidents(desk.database.app, desk.person(who), desk.sites["SEL1"], language="ko")
        assert [incident.title for incident in in_korean] == ["냉방 장애"], who


def test_the_same_click_twice_is_one_ticket_and_other_content_a_conflict(desk: Desk) -> None:
    key = uuid4()
    command = SubmitTicket(TicketKind.REMOTE_HANDS, desk.accounts["seoul"], desk.sites["SEL1"], filled("remote_hands"))
    first, second = desk.does("ana", command, key=key), desk.does("ana", command, key=key)
    assert (first["number"], first.again) == (second["number"], False) and second.again
    other = SubmitTicket(
        TicketKind.REMOTE_HANDS, desk.accounts["seoul"], desk.sites["SEL1"], filled("remote_hands", subject="Another")
    )
    with pytest.raises(Conflict, match="other content"):
        desk.does("ana", other, key=key)
    assert desk.does("bea", _bolts(desk), key=key)["number"] != first["number"], "a key is its person's own"


def _bolts(desk: Desk) -> SubmitTicket:
    return SubmitTicket(TicketKind.REMOTE_HANDS, desk.accounts["bolt"], desk.sites["BIN1"], filled("remote_hands"))


def test_fifty_keys_sent_by_eight_at_once_are_fifty_tickets_with_one_mail_each(desk: Desk) -> None:
    keys = [uuid4() for _ in range(50)]
    subject = f"fifty {uuid4()}"
    command = SubmitTicket(
        TicketKind.REMOTE_HANDS, desk.accounts["seoul"], desk.sites["SEL1"], filled("remote_hands", subject=subject)
    )
    ana = desk.person("ana")

    def send(key: Any) -> str:
        return str(execute(desk.database.app, ana, command, key=key)["number"])

    with ThreadPoolExecutor(8) as eight:
        numbers = list(eight.map(send, [key for key in keys for _ in range(8)]))
    assert len(numbers) == 400 and len(set(numbers)) == 50
    assert desk.rows("select count(*) from portal.ticket where subject = :subject", subject=subject) == [(50,)]
    mails = "select count(*) from portal.mail m join portal.ticket t on t.id = m.ticket_id where t.subject = :subject"
    assert desk.rows(mails, subject=subject) == [(50,)]


def test_a_refused_form_leaves_its_key_free(desk: Desk) -> None:
    key = uuid4()
    wrong = SubmitTicket(
        TicketKind.REMOTE_HANDS, desk.accounts["seoul"], desk.sites["SEL1"], filled("remote_hands", subject="")
    )
    right = SubmitTicket(TicketKind.REMOTE_HANDS, desk.accounts["seoul"], desk.sites["SEL1"], filled("remote_hands"))
    with pytest.raises(Problems):
        desk.does("ana", wrong, key=key)
    assert not desk.does("ana", right, key=key).again


def test_everything_of_a_ticket_is_written_or_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.ticketing import submit

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(submit, "tell_followers", fails)
    tables = ("ticket", "remote_hands", "status_change", "ticket_clock", "audit_entry", "command_key", "ticket_tally")
    counts = {table: desk.rows(f"select count(*) from portal.{table}") for table in tables}
    with pytest.raises(RuntimeError):
        desk.opens("ana", files=(Upload("note.txt", b"hello"),))
    assert {table: desk.rows(f"select count(*) from portal.{table}") for table in tables} == counts
