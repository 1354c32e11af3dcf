"""What is said about a ticket: who hears it and who never does; its files, watchers, visitors and parcels."""

# ruff: noqa: E501 - a statement stands on one line

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text

from data.listing import page_of, read_asked
from data.ticketing import (
    AddWatcher,
    AllowOutsideWatchers,
    Assign,
    AssignParcel,
    CheckIn,
    CheckOut,
    RegisterParcel,
    RemoveWatcher,
    Say,
    claim_parcel,
    list_parcels,
    people_at,
    read_attachment,
)
from data.tickets import TICKETS
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.files import LARGEST, Upload, clean_name
from rules.principal import Principal
from rules.request_types import Carrier
from tests.cluster import Database
from tests.patience import PATIENCE
from tests.ticket_scene import Desk, desk_in, later


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    return desk_in(database, sign_in)


def office(part: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr(part, "<x/>")
    return out.getvalue()


PDF, PNG, JPG = b"%PDF-1.7 x", b"\x89PNG\r\n\x1a\nx", b"\xff\xd8\xff\xe0x"
XLSX, DOCX = office("xl/workbook.xml"), office("word/document.xml")


def mails_of(desk: Desk, number: str, kind: str) -> list[tuple[str, str]]:
    """Who is told, and what."""
    statement = (
        "select coalesce(p.email, m.address), m.context::text from portal.mail m join portal.ticket t on t.id = m.ticket_id "
        "left join portal.person p on p.id = m.person_id where t.number = :n and m.kind = :kind order by m.id"
    )
    return [(row[0], row[1]) for row in desk.rows(statement, n=number, kind=kind)]


def test_the_first_reply_stops_the_clock_and_is_told_to_the_requester(desk: Desk) -> None:
    number = desk.opens("abel")
    desk.says("dee", number, "an aside", internal=True)
    assert desk.sees("dee", number).ticket.first_answered_at is None, "an internal note is no answer"
    desk.says("abel", number, "Are you there?")
    assert desk.sees("abel", number).ticket.first_answered_at is None
    desk.says("dee", number, "Yes")
    first = desk.sees("abel", number)
    assert first.clocks[0].reading is not None and first.clocks[0].reading.state == "met"
    desk.says("dee", number, "Still here")
    assert desk.sees("abel", number).ticket.first_answered_at == first.ticket.first_answered_at
    assert [who for who, _what in mails_of(desk, number, "ticket_answered")] == ["hands@acme.example"] * 2
    assert mails_of(desk, number, "ticket_note") == [], "nobody works on it yet, and Abel knows what he wrote"


def test_an_internal_note_is_in_nothing_that_a_customer_reads(desk: Desk) -> None:
    number, secret = desk.opens("ana"), f"gossip{uuid4().hex[:8]}"
    before = desk.rows("select version, updated_at from portal.ticket where number = :n", n=number)
    desk.says("dee", number, secret, internal=True, files=(Upload(f"{secret}.txt", b"x"),))
    for who in ("ana", "vic"):
        seen = desk.sees(who, number)
        assert seen.conversation == () and secret not in repr(seen)
    shown = desk.sees("dee", number).conversation
    assert [entry.body for entry in shown] == [secret] and shown[0].files
    with pytest.raises(NotFound):
        read_attachment(desk.database.app, desk.person("ana"), shown[0].files[0].uuid)
    assert read_attachment(desk.database.app, desk.person("dee"), shown[0].files[0].uuid).content == b"x"
    assert desk.rows("select version, updated_at from portal.ticket where number = :n", n=number) == before
    assert not desk.rows("select 1 from portal.mail where context::text like :s", s=f"%{secret}%")
    assert not desk.rows("select 1 from portal.audit_entry where audience = 'customer' and a::text like :s".replace(
        "portal.audit_entry where", "portal.audit_entry a where"), s=f"%{secret}%")  # fmt: skip
    for who in ("ana", "dee"):
        page = page_of(desk.database.app, desk.person(who), TICKETS, read_asked(TICKETS, {"q": [secret]}))
        assert page.count.n == 0, "search finds it for nobody"


@pytest.mark.parametrize("who", ["vic", "mia", "fin", "ada", "bea"])
def test_who_only_looks_says_nothing(desk: Desk, who: str) -> None:
    number = desk.opens("ana")
    with pytest.raises((Forbidden, NotFound)):
        desk.says(who, number, "me too")
    assert desk.sees("dee", number).conversation == ()


def test_a_customer_writes_no_internal_note_and_an_empty_note_is_none(desk: Desk) -> None:
    number = desk.opens("ana")
    with pytest.raises(Forbidden):
        desk.says("ana", number, "psst", internal=True)
    for body in ("  ", "x" * 10_001, "a\x00b"):
        with pytest.raises(Invalid):
            desk.says("ana", number, body)
    desk.says("ana", number, "", files=(Upload("a.pdf", PDF),))
    assert [entry.body for entry in desk.sees("ana", number).conversation] == [""]


def test_the_same_note_sent_twice_stands_once(desk: Desk) -> None:
    number, key = desk.opens("ana"), uuid4()
    for _ in range(3):
        desk.does("ana", Say(number, "once"), key=key)
    assert len(desk.sees("ana", number).conversation) == 1


def test_whoever_works_on_it_hears_of_the_customers_note(desk: Desk) -> None:
    number = desk.opens("ana")
    desk.does("dee", Assign(number, desk.id_of("dee")))
    desk.says("ana", number, "It is urgent")
    assert [who for who, _what in mails_of(desk, number, "ticket_note")] == ["desk@portal.example"]


GOOD = (
    ("a.pdf", PDF), ("a.png", PNG), ("a.jpg", JPG), ("A.JPEG", JPG), ("a.zip", XLSX), ("a.xlsx", XLSX), ("a.docx", DOCX),
    ("a.txt", "한국어".encode()), ("a.log", b"x"), ("a.csv", b"a,b"),
)  # fmt: skip
BAD = (
    ("a.exe", b"MZ"), ("a.html", b"<script>"), ("a.svg", b"<svg/>"), ("a", PDF), ("a.pdf", PNG), ("a.png", b"<html>"),
    ("a.txt", b"a\x00b"), ("a.txt", "é".encode("latin-1")), ("a.xlsx", DOCX), ("a.docx", b"PK\x03\x04 broken"), ("a.pdf", b""),
    ("a.pdf.exe", PDF), ("a.zip", PDF), ("a.txt", b"x" * (LARGEST + 1)),
)  # fmt: skip


def test_files_are_kept_as_they_are_and_given_back_under_a_clean_name(desk: Desk) -> None:
    for half in (GOOD[:5], GOOD[5:]):
        number = desk.opens("abel", files=tuple(Upload(name, content) for name, content in half))
        files = desk.sees("abel", number).conversation[0].files
        given = [read_attachment(desk.database.app, desk.person("abel"), file.uuid) for file in files]
        assert [(file.name, file.content) for file in given] == list(half)
    assert {file.media_type for file in given} >= {"text/plain", "text/csv"}


@pytest.mark.parametrize(("name", "content"), BAD)
def test_a_file_is_what_its_name_says_or_stays_outside(desk: Desk, name: str, content: bytes) -> None:
    before = desk.rows("select count(*) from portal.attachment")
    with pytest.raises(Invalid) as refused:
        desk.opens("ana", files=(Upload(name, content),))
    assert refused.value.field == "files"
    assert desk.rows("select count(*) from portal.attachment") == before


def test_at_most_five_files_of_ten_megabytes_at_once(desk: Desk) -> None:
    with pytest.raises(Invalid, match="At most 5"):
        desk.opens("ana", files=tuple(Upload(f"{n}.txt", b"x") for n in range(6)))
    number = desk.opens("ana", files=(Upload("big.txt", b"x" * LARGEST),))
    (file,) = desk.sees("ana", number).conversation[0].files
    assert file.size == LARGEST
    assert len(read_attachment(desk.database.app, desk.person("ana"), file.uuid).content) == LARGEST


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\report.pdf", "report.pdf"),
        ('a"b\r\nX: y.pdf', "abX y.pdf"),
        ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
        ("   ", "file"),
        ("보고서.pdf", "보고서.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_of_files_are_cleaned(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


def test_a_file_is_read_by_whom_its_message_is_read_by_and_each_time_is_noted(desk: Desk) -> None:
    number = desk.opens("ana", files=(Upload("plan.pdf", PDF),))
    uuid = desk.sees("ana", number).conversation[0].files[0].uuid
    for who in ("ana", "vic", "dee", "mia"):
        assert read_attachment(desk.database.app, desk.person(who), uuid).content == PDF, who
    for who in ("bea", "abel", "fin", "ada"):
        with pytest.raises(NotFound):
            read_attachment(desk.database.app, desk.person(who), uuid)
    with pytest.raises(NotFound):
        read_attachment(desk.database.app, desk.person("ana"), UUID(int=7))
    noted = (
        "select actor_name from portal.audit_entry where object_label = :n and action = 'attachment.read' order by id"
    )
    assert [row[0] for row in desk.rows(noted, n=number)] == ["Ana Acme", "Vic Acme", "Dee Desk", "Mia Manager"]


def test_colleagues_watch_and_strangers_do_not(desk: Desk) -> None:
    number = desk.opens("abel", watchers=())
    people = dict(people_at(desk.database.app, desk.person("ana"), desk.accounts["seoul"]))
    assert {"Abel Acme", "Vic Acme"} <= set(people.values())
    assert "Bea Bolt" not in people.values()
    desk.does("abel", AddWatcher(number, person_id=desk.id_of("vic")))
    assert desk.does("abel", AddWatcher(number, person_id=desk.id_of("vic")))["added"] is False
    with pytest.raises(Invalid):
        desk.does("abel", AddWatcher(number, person_id=desk.id_of("bea")))
    with pytest.raises(Forbidden):
        desk.does("vic", AddWatcher(desk.opens("ana"), person_id=desk.id_of("vic")))
    desk.says("dee", number, "Done soon")
    assert {who for who, _what in mails_of(desk, number, "ticket_answered")} == {
        "hands@acme.example",
        "viewer@acme.example",
    }
    (watcher,) = desk.sees("abel", number).watchers
    desk.does("abel", RemoveWatcher(number, watcher.id))
    assert desk.sees("abel", number).watchers == ()
    with pytest.raises(NotFound):
        desk.does("abel", RemoveWatcher(number, watcher.id))


def test_outside_addresses_watch_only_where_the_paa_allows_it_and_once_they_confirmed(desk: Desk) -> None:
    number, outside = desk.opens("ana"), "helper@else.example"
    with pytest.raises(Invalid, match="not allowed outside addresses"):
        desk.does("ana", AddWatcher(number, email=outside))
    with pytest.raises(Forbidden):
        desk.does("vic", AllowOutsideWatchers(desk.accounts["seoul"], allowed=True))
    with pytest.raises(NotFound):
        desk.does("bea", AllowOutsideWatchers(desk.accounts["seoul"], allowed=True))
    desk.does("ana", AllowOutsideWatchers(desk.accounts["seoul"], allowed=True))
    desk.does("ana", AddWatcher(number, email=outside))
    assert desk.does("ana", AddWatcher(number, email=outside.upper()))["added"] is False
    for wrong in ("nobody", "a@b", "a b@c.example", ""):
        with pytest.raises(Invalid):
            desk.does("ana", AddWatcher(number, email=wrong))
    assert mails_of(desk, number, "watch_confirm") == [(outside, "{}")]
    desk.says("dee", number, "before")
    assert outside not in [who for who, _what in mails_of(desk, number, "ticket_answered")]
    with desk.database.as_owner() as connection:
        connection.execute(
            text("update portal.ticket_watcher set confirmed_at = now() where email = :e"), {"e": outside}
        )
    desk.says("dee", number, "after")
    assert outside in [who for who, _what in mails_of(desk, number, "ticket_answered")]
    for n in range(4):
        desk.does("ana", AddWatcher(number, email=f"{n}@else.example"))
    with pytest.raises(Invalid, match="At most 5"):
        desk.does("ana", AddWatcher(number, email="sixth@else.example"))
    desk.does("ana", AllowOutsideWatchers(desk.accounts["seoul"], allowed=False))
    with pytest.raises(Invalid):
        desk.does("ana", AddWatcher(desk.opens("ana"), email=outside))


def test_visitors_come_and_go_one_by_one_and_the_visit_with_them(desk: Desk) -> None:
    visitors = tuple({"name": name, "company": "Acme", "mobile": "1"} for name in ("Vera", "Viktor", "Late"))
    number = desk.opens("ana", "site_visit", visitors=visitors)
    vera, viktor, _late = (visitor["id"] for visitor in desk.sees("dee", number).visitors)
    with pytest.raises(Conflict, match="Nobody is let in"):
        desk.does("dee", CheckIn(number, vera))
    desk.moves("dee", number, "approved")
    with pytest.raises(Forbidden):
        desk.does("ana", CheckIn(number, vera))
    assert desk.does("dee", CheckIn(number, vera))["status"] == "checked_in"
    assert desk.does("dee", CheckIn(number, viktor))["status"] == "checked_in"
    with pytest.raises(Conflict, match="already"):
        desk.does("dee", CheckIn(number, vera))
    assert desk.does("dee", CheckOut(number, vera))["status"] == "checked_in"
    with pytest.raises(Conflict, match="not inside"):
        desk.does("dee", CheckOut(number, vera))
    assert desk.does("dee", CheckOut(number, viktor))["status"] == "checked_out"
    with pytest.raises(NotFound):
        desk.does("dee", CheckOut(number, 0))
    names = "select context -> 'visitors' from portal.mail m join portal.ticket t on t.id = m.ticket_id where t.number = :n and m.kind = 'visit_approved'"
    assert desk.rows(names, n=number) == [(["Vera", "Viktor", "Late"],)]


def _parcel(desk: Desk, tracking: str, site: str = "SEL1") -> UUID:
    command = RegisterParcel(desk.sites[site], Carrier.DHL, tracking, "ACME, somebody", packages=2)
    return UUID(desk.does("dee", command)["uuid"])


def test_a_parcel_is_claimed_by_its_exact_number_and_starts_as_received(desk: Desk) -> None:
    _parcel(desk, "JD014 CLAIM")
    engine, ana = desk.database.app, desk.person("ana")
    for wrong in ("JD014", "jd014 claim", "JD014 CLAI_", "%"):
        with pytest.raises(Invalid, match="No parcel"):
            claim_parcel(engine, ana, desk.accounts["seoul"], wrong, key=uuid4())
    done = claim_parcel(engine, ana, desk.accounts["seoul"], " JD014 CLAIM ", key=uuid4())
    seen = desk.sees("ana", done["number"])
    assert (seen.ticket.status, seen.requester, seen.tracking_numbers) == ("received", "Ana Acme", ("JD014 CLAIM",))
    assert [clock.reading.state for clock in seen.clocks if clock.reading] == ["met", "met"]
    assert "JD014 CLAIM" not in [parcel.tracking_number for parcel in list_parcels(engine, desk.person("dee"))]
    with pytest.raises(Invalid, match="No parcel"):
        claim_parcel(engine, desk.person("bea"), desk.accounts["bolt"], "JD014 CLAIM", key=uuid4())
    desk.moves("dee", done["number"], "delivered")


def test_a_parcel_elsewhere_or_of_others_answers_like_none(desk: Desk) -> None:
    _parcel(desk, "FAR AWAY", site="BIN1")
    with desk.database.as_owner() as connection:
        insert = "insert into portal.access_grant (account_id, person_id, function, site_ids) values (%s, %s, 'shipment.create', %s)"
        connection.exec_driver_sql(insert, (desk.accounts["seoul"], desk.id_of("abel"), [desk.sites["SEL1"]]))
    abel, engine = desk.sign_in("abel"), desk.database.app
    answers = set()
    for tracking in ("FAR AWAY", "NEVER THERE"):
        with pytest.raises(Invalid) as refused:
            claim_parcel(engine, abel, desk.accounts["seoul"], tracking, key=uuid4())
        answers.add(str(refused.value))
    assert len(answers) == 1
    for _ in range(8):
        with pytest.raises(Invalid):
            claim_parcel(engine, abel, desk.accounts["seoul"], "NEVER THERE", key=uuid4())
    with pytest.raises(Conflict, match="Too many tries"):
        claim_parcel(engine, abel, desk.accounts["seoul"], "FAR AWAY", key=uuid4())
    with pytest.raises(Forbidden):
        claim_parcel(engine, desk.person("vic"), desk.accounts["seoul"], "FAR AWAY", key=uuid4())
    with pytest.raises(Forbidden):
        list_parcels(engine, desk.person("ana"))


def test_the_desk_assigns_a_parcel_once_and_its_owner_hears_of_it(desk: Desk) -> None:
    parcel = _parcel(desk, "ASSIGN ME")
    with pytest.raises(Invalid):
        desk.does("dee", AssignParcel(parcel, desk.accounts["bolt"], desk.id_of("ana")))
    done = desk.does("dee", AssignParcel(parcel, desk.accounts["bolt"], desk.id_of("bea")))
    assert desk.sees("bea", done["number"]).ticket.status == "received"
    assert [who for who, _what in mails_of(desk, done["number"], "shipment_received")] == ["paa@bolt.example"]
    with pytest.raises(NotFound):
        desk.sees("ana", done["number"])
    with pytest.raises(Conflict):
        desk.does("dee", AssignParcel(parcel, desk.accounts["seoul"], desk.id_of("abel")))
    for who in ("ana", "fin", "mia"):
        with pytest.raises(Forbidden):
            desk.does(who, AssignParcel(parcel, desk.accounts["seoul"], desk.id_of("abel")))


def test_a_scheduled_start_is_a_promise_of_its_own(desk: Desk) -> None:
    start = later(2)
    number = desk.opens("ana", schedule="scheduled", starts_at=start)
    assert [clock.deadline for clock in desk.sees("ana", number).clocks][1] == start
    desk.moves("dee", number, "in_progress")
    assert desk.sees("ana", number).ticket.next_deadline is None
    assert start - later(0) > timedelta(minutes=100)


def test_news_of_a_ticket_names_the_account_and_nothing_else(desk: Desk) -> None:
    number = desk.opens("ana")
    (account,) = desk.rows("select uuid::text from portal.account where id = :a", a=desk.accounts["seoul"])[0]
    with psycopg.connect(desk.database.login("portal_app").replace("+psycopg", ""), autocommit=True) as listener:
        listener.execute("listen portal")
        desk.says("dee", number, "aside", internal=True)
        aside = {news.payload for news in listener.notifies(timeout=PATIENCE, stop_after=1)}
        desk.moves("dee", number, "acknowledged")
        moved = {news.payload for news in listener.notifies(timeout=PATIENCE, stop_after=2)}
    assert aside == {f"E{account}"}, "an aside leaves the ticket as it is, and only the desk hears of it"
    assert moved == {f"T{account}", f"N{account}"}, "and the bell of who asked for it"
