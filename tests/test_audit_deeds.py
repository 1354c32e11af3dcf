"""What stands in the audit log: commands, signing in and failing to, reports, files, and from where it was done."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from starlette.applications import Starlette

from auth import sessions
from auth.roles import change_role
from auth.sessions import hashed, new_token
from auth.set_password import use_link
from data import ticketing
from data.commands import Command, execute
from data.engines import auth_engine
from data.streams import Batch
from data.ticketing.parcels import RegisterParcel
from data.tickets import TICKETS
from reports.spool import Unfinished
from reports.workbook import Cover
from rules.audit import ACTIONS
from rules.files import Upload
from rules.principal import Principal
from rules.request_types import Carrier
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import AN_ADDRESS, PASSWORD, Door, tries
from tests.spool_scene import eventually
from tests.ticket_scene import Desk, desk_in
from ui.reports_by_name import Kind, Report
from web import attachments, reports
from web.errors import exception_handlers

SignIn = Callable[[str], Principal]
Entry = dict[str, Any]
COLUMNS = (
    "actor_kind", "actor_name", "audience", "code", "function", "action", "object_kind", "object_label", "address",
    "before", "after", "reason",
)  # fmt: skip


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: SignIn) -> Desk:
    return desk_in(database, sign_in)


@pytest.fixture
def door(database: Database) -> Door:
    door = Door(database)
    door.owner("delete from auth.throttle")
    for name in ("ana", "abel", "dee"):
        door.give_password(name)
    return door


@pytest.fixture
def since(desk: Desk) -> Callable[[], list[Entry]]:
    """What was noted since the test began."""
    ((start,),) = desk.rows("select coalesce(max(id), 0) from portal.audit_entry")
    query = (
        f"select {', '.join(COLUMNS)} from portal.audit_entry e left join portal.account a on a.id = e.account_id "
        "where e.id > :start order by e.id"
    )
    return lambda: [dict(zip(COLUMNS, row, strict=True)) for row in desk.rows(query, start=start)]


def told(entries: list[Entry], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(entry[column] for column in columns) for entry in entries]


# --- signing in


def test_signing_in_and_out_is_told_to_who_runs_the_account(door: Door, since: Callable[[], list[Entry]]) -> None:
    token = door.signed_in("abel")
    sessions.end(auth_engine(), token, address="198.51.100.9")
    assert told(since(), "action", "actor_name", "audience", "code", "function", "address") == [
        ("session.start", "Abel Acme", "customer", "ACME-SEOUL", "user.manage", AN_ADDRESS),
        ("session.end", "Abel Acme", "customer", "ACME-SEOUL", "user.manage", "198.51.100.9"),
    ]


def test_where_staff_sign_in_is_for_staff_alone(door: Door, since: Callable[[], list[Entry]]) -> None:
    token = door.signed_in("dee")
    change_role(auth_engine(), token, "service_desk", address=AN_ADDRESS)
    sessions.end_all(auth_engine(), token)
    entries = since()
    assert entries[0]["action"] == "session.start"
    assert {(entry["audience"], entry["code"]) for entry in entries} == {("staff", None)}


def test_a_try_that_fails_names_the_person_but_not_what_was_typed(door: Door, since: Callable[[], list[Entry]]) -> None:
    assert not tries(CAST["abel"], "a guess that is wrong")
    assert not tries("my secret password", "hunter2 hunter2")
    assert told(since(), "action", "actor_kind", "actor_name", "audience", "code", "object_label", "address") == [
        ("session.refused", "nobody", None, "customer", "ACME-SEOUL", "Abel Acme", AN_ADDRESS),
        ("session.refused", "nobody", None, "staff", None, None, AN_ADDRESS),
    ]
    assert not [e for e in since() if "secret" in str(e) or "hunter2" in str(e)]


def test_a_try_that_succeeds_is_no_failure(door: Door, since: Callable[[], list[Entry]]) -> None:
    assert tries(CAST["ana"], PASSWORD)
    assert since() == []


def test_whoever_must_wait_does_not_fill_the_log(door: Door, since: Callable[[], list[Entry]]) -> None:
    for _try in range(9):
        assert not tries(CAST["ana"], "wrong again and again")
    assert 5 <= len(since()) < 9, "from the sixth on one waits a second, then two, which a slow machine takes to hash"


def test_a_password_that_is_set_is_told_with_the_address(door: Door, since: Callable[[], list[Entry]]) -> None:
    token = new_token()
    door.owner(
        "insert into auth.link (token_hash, person_id, purpose, password_from, expires_at) select :token, p.id, "
        "'set_password', c.changed_at, now() + interval '1 hour' from portal.person p "
        "left join auth.credential c on c.person_id = p.id where p.id = :person",
        token=hashed(token),
        person=door.person("abel"),
    )
    new = "an unusual lighthouse keeper"
    assert use_link(token, CAST["abel"], new, new, address=AN_ADDRESS)
    told_of = [entry for entry in since() if entry["action"] == "password.set"]
    assert told(told_of, "actor_name", "code", "address") == [("Abel Acme", "ACME-SEOUL", AN_ADDRESS)]
    assert not [entry for entry in since() if new in str(entry)]


# --- commands


def test_a_command_is_noted_with_the_address_it_came_from(desk: Desk, since: Callable[[], list[Entry]]) -> None:
    dee = replace(desk.person("dee"), address="203.0.113.4")
    number = desk.opens("bea", account="bolt", site="BIN1")
    execute(desk.database.app, dee, ticketing.MoveTicket(number, "acknowledged"))
    moved = [entry for entry in since() if entry["action"] == "ticket.move"]
    assert told(moved, "actor_kind", "actor_name", "address", "before", "after") == [
        ("staff", "Dee Desk", "203.0.113.4", {"status": "submitted"}, {"status": "acknowledged"})
    ]
    assert {entry["actor_kind"] for entry in since() if entry["action"] == "ticket.submit"} == {"customer"}


def test_a_parcel_that_is_registered_is_noted_for_staff(desk: Desk, since: Callable[[], list[Entry]]) -> None:
    parcel = RegisterParcel(desk.sites["SEL1"], Carrier.DHL, "JD-0815", "Bolt, row 4", 2)
    desk.does("dee", parcel, key=uuid4())
    assert told(since(), "action", "audience", "object_label", "after") == [
        ("parcel.register", "staff", "JD-0815", {"carrier": "dhl", "packages": 2})
    ]


def test_an_entry_says_what_a_person_is_whatever_the_writer_claims(desk: Desk) -> None:
    write = (
        "insert into portal.audit_entry (actor_id, actor_kind, audience, action, object_kind) "
        "values (:person, 'staff', 'staff', 'claimed', 'person') returning actor_kind"
    )
    assert desk.rows(write, person=desk.id_of("ana")) == [("customer",)]
    without = (
        "insert into portal.audit_entry (audience, action, object_kind) values ('staff', 'x', 'y') returning actor_kind"
    )
    assert desk.rows(without) == [("system",)]


def _commands(of: type[Command] = Command) -> Iterator[type[Command]]:
    for each in of.__subclasses__():
        yield from _commands(each)
        if "name" in vars(each):
            yield each


#: Commands whose entries are called by what came of them.
_CALLED = {
    "ticket.say": {"ticket.customer_note", "ticket.staff_reply", "ticket.internal_note"},
    "payment.record_several": {"payment.record"},
}


def test_every_command_has_its_words_in_the_log() -> None:
    names = {each.name for each in _commands() if each.__module__.startswith("data.")}
    assert {"ticket.move", "ticket.say", "parcel.register"} <= names
    wanted = set().union(*(_CALLED.get(name, {name}) for name in names))
    assert wanted - set(ACTIONS) == set(), "name them in rules/audit.py, and their words in ui/terms/log.py"


# --- what people take with them


def fetch(routes: Any, principal: Principal, address: str) -> Answer:
    path, _, query = address.partition("?")
    headers = {"cookie": f"portal_session={principal.token}"}
    app = Starlette(routes=routes, exception_handlers=exception_handlers)
    return ask(app, path, query=query, headers=headers, client=(AN_ADDRESS, 50000))


def test_a_report_is_noted_with_filter_and_address_and_at_its_end_with_the_rows(
    desk: Desk, sign_in: SignIn, since: Callable[[], list[Entry]]
) -> None:
    desk.opens("bea", account="bolt", site="BIN1")
    wanted = "select count(*) from portal.ticket t join portal.account a on a.id = t.account_id "
    ((rows,),) = desk.rows(wanted + "where a.code = 'BOLT' and kind = 'remote_hands' and category <> 'done'")
    assert fetch(reports.routes, sign_in("bea"), "/reports/tickets.xlsx?kind=remote_hands").status == 200
    assert eventually(lambda: len([e for e in since() if e["object_kind"] == "list"]) == 2)
    noted = [entry for entry in since() if entry["object_kind"] == "list"]
    assert told(noted, "action", "actor_name", "code", "function", "object_label", "address", "after") == [
        ("report.export", "Bea Bolt", "BOLT", "ticket.view_company", "tickets", AN_ADDRESS,
         {"query": "kind=remote_hands"}),
        ("report.written", "Bea Bolt", "BOLT", "ticket.view_company", "tickets", AN_ADDRESS,
         {"query": "kind=remote_hands", "rows": rows}),
    ]  # fmt: skip
    assert rows > 0


def test_of_several_accounts_each_is_told_and_none_how_many_rows_there_were(
    sign_in: SignIn, since: Callable[[], list[Entry]]
) -> None:
    assert fetch(reports.routes, sign_in("ana"), "/reports/orders.xlsx").status == 200
    assert eventually(lambda: [e["action"] for e in since()][-1:] == ["report.written"])
    asked, written = [e for e in since() if e["action"] == "report.export"], since()[-1]
    assert {entry["code"] for entry in asked} == {"ACME", "ACME-SEOUL", "ACME-OSAKA"}
    assert written["code"] is None
    assert not [entry for entry in asked if "rows" in entry["after"]]


def test_a_report_of_one_account_is_told_to_that_one(sign_in: SignIn, since: Callable[[], list[Entry]]) -> None:
    fetch(reports.routes, sign_in("ana"), "/reports/orders.xlsx?account=ACME-OSAKA")
    assert eventually(lambda: len(since()) == 2)
    assert {entry["code"] for entry in since()} == {"ACME-OSAKA"}


def test_what_staff_take_with_them_is_for_the_administrator(sign_in: SignIn, since: Callable[[], list[Entry]]) -> None:
    fetch(reports.routes, sign_in("mia"), "/reports/invoices.xlsx?account=ACME-OSAKA")
    assert eventually(lambda: len(since()) == 2)
    assert {(entry["audience"], entry["code"]) for entry in since()} == {("staff", None)}


def test_a_report_that_breaks_off_is_noted_with_the_rows_until_then(
    sign_in: SignIn, since: Callable[[], list[Entry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows(_zone: str) -> Generator[Batch]:
        yield [("RH-1",)] * 3_000
        raise ConnectionError("the database went away")

    broken = Report("Tickets", [TICKETS.columns[0]], rows, lambda: Cover("Tickets", ()), "")
    monkeypatch.setitem(reports.KINDS, "tickets", Kind(TICKETS.permissions, lambda *_asked: broken))
    with pytest.raises(Unfinished):
        fetch(reports.routes, sign_in("bea"), "/reports/tickets.xlsx")
    assert eventually(lambda: len(since()) == 2)
    assert told(since(), "action", "after") == [
        ("report.export", {"query": ""}),
        ("report.broken", {"query": "", "rows": 3_000}),
    ]


def test_a_report_that_is_refused_leaves_no_entry_of_a_report(
    sign_in: SignIn, since: Callable[[], list[Entry]]
) -> None:
    assert fetch(reports.routes, sign_in("vic"), "/reports/tickets.xlsx").status == 403
    assert since() == []


def test_a_file_is_noted_by_its_name_with_the_address(desk: Desk, since: Callable[[], list[Entry]]) -> None:
    number = desk.opens("bea", account="bolt", site="BIN1", files=(Upload("plan.pdf", b"%PDF-1.7 x"),))
    (file,) = desk.sees("bea", number).conversation[0].files
    assert fetch(attachments.routes, desk.person("ana"), f"/attachments/{file.uuid}").status == 404
    assert fetch(attachments.routes, desk.person("dee"), f"/attachments/{file.uuid}").status == 200
    read = [entry for entry in since() if entry["action"] == "attachment.read"]
    assert told(read, "actor_name", "audience", "code", "address", "after") == [
        ("Dee Desk", "customer", "BOLT", AN_ADDRESS, {"file": "plan.pdf"})
    ]
