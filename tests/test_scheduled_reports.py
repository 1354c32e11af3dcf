"""Scheduled reports: the list as its reader would see it at that moment, by mail, once, until they stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from data.commands import execute
from data.engines import app_engine
from data.scheduled_reports import ForgetReport, ResumeReport, ScheduleReport, StopReport, list_scheduled
from jobs import reports as jobs_reports
from jobs.deliver import forget_sent_files
from jobs.letters import Letter, written
from jobs.reports import write_next
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.permissions import Permission
from rules.principal import Principal
from rules.schedules import MOST_REPORTS, Delivery, Every, Outcome, Schedule, Why
from tests.asgi import ask
from tests.cluster import Database
from tests.door import settings_for
from tests.scene import Scene, set_the_scene
from tests.standing import page_of, words_of
from ui.reports_by_name import KINDS
from web import reports as web_reports
from web import stopping_reports
from web.errors import exception_handlers

FUNCTIONS = (Permission.INVOICE_VIEW, Permission.REPORT_EXPORT)
SignIn = Callable[[str], Principal]
MONDAY_AT_EIGHT = Schedule(Every.WEEK, 1, 8, "Asia/Seoul")


@dataclass
class Room:
    """People who schedule, a worker who writes, and the outbox."""

    database: Database
    scene: Scene
    sign_in: SignIn

    def wants(self, name: str, page: str, query: str = "", delivery: Delivery = Delivery.FILE) -> UUID:
        who = self.sign_in(name)
        command = ScheduleReport(page, query, KINDS[page].functions(who), MONDAY_AT_EIGHT, delivery, "en")
        return UUID(execute(app_engine(), who, command, key=uuid4())["uuid"])

    def due(self, report: UUID) -> None:
        self.owner("update portal.scheduled_report set next_at = now() - interval '1 second', lease_until = null "
                   "where uuid = :r", r=report)  # fmt: skip

    def written(self, name: str, page: str, query: str = "", delivery: Delivery = Delivery.FILE) -> UUID:
        report = self.wants(name, page, query, delivery)
        self.due(report)
        assert self.works()
        return report

    def works(self) -> bool:
        return write_next(self.database.jobs, threading.Event())

    def owner(self, statement: str, **values: Any) -> Any:
        with self.database.as_owner() as connection:
            done = connection.execute(text(statement), values)
            return done.all() if done.returns_rows else None

    def row(self, report: UUID) -> Any:
        return self.owner("select * from portal.scheduled_report where uuid = :r", r=report)[0]

    def mails(self) -> list[Any]:
        return self.owner(
            "select m.*, f.content from portal.mail m left join portal.mail_file f on f.mail_id = m.id order by m.id"
        )

    def letter(self) -> Letter:
        """The last mail, as the worker would hand it over now."""
        mail = self.mails()[-1]
        with self.database.jobs.begin() as connection:
            connection.execute(text("select set_config('role', 'portal_worker', true)"))
            return written(connection, mail.id, mail.kind, mail.context, mail.message_id)

    def rows(self) -> list[tuple[Any, ...]]:
        """What stands in the workbook of the last mail."""
        return _rows(bytes(self.mails()[-1].content))


def _rows(workbook: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(BytesIO(workbook)).worksheets[0].values)


def _said(letter: Letter) -> str:
    body = letter.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture(scope="module")
def _portal(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with database.as_owner() as connection:
        scene = set_the_scene(connection)
        connection.execute(text("delete from portal.scheduled_report"))
    with settings_for(database, tmp_path_factory.mktemp("home") / "instance"):
        yield scene


@pytest.fixture
def room(database: Database, _portal: Scene, sign_in: SignIn) -> Iterator[Room]:
    with database.as_owner() as connection:
        connection.execute(text("update portal.person set language = 'en'"))
    yield Room(database, _portal, sign_in)
    with database.as_owner() as connection:
        connection.execute(text("update portal.person set language = null"))
        connection.execute(text("delete from portal.mail"))
        connection.execute(text("delete from portal.scheduled_report"))


#: Who may have which lists; a list that tells of the portal's own deeds differs from minute to minute.
READERS = {
    "ana": (
        "tickets",
        "waiting",
        "orders",
        "invoices",
        "inventory",
        "disputes",
        "service",
        "statement",
        "messages",
    ),
    "mia": (
        "tickets",
        "orders",
        "invoices",
        "inventory",
        "disputes",
        "service",
        "statement",
        "accounts",
        "customers",
        "messages",
        "feedback",
    ),
    "fin": ("invoices", "billing", "disputes", "statement", "accounts", "customers", "messages"),
    "dee": (
        "tickets",
        "queue",
        "waiting",
        "inventory",
        "service",
        "parcels",
        "accounts",
        "customers",
        "messages",
        "feedback",
    ),
    "ada": ("accounts", "customers", "sites", "entities", "documents"),
}


@pytest.mark.parametrize("name", READERS)
def test_the_mail_brings_exactly_what_the_page_gives(name: str, room: Room) -> None:
    app = Starlette(routes=web_reports.routes, exception_handlers=exception_handlers)
    cookie = {"cookie": f"portal_session={room.sign_in(name).token}"}
    differing = []
    for page in READERS[name]:
        by_hand = ask(app, f"/reports/{page}.xlsx", query="zone=Asia/Seoul", headers=cookie)
        assert by_hand.status == 200, page
        room.written(name, page)
        room.owner("update portal.scheduled_report set stopped_at = now()")
        rows = _rows(by_hand.body)
        if len(rows) == 1:
            assert room.mails()[-1].context["outcome"] == Outcome.EMPTY, page
        elif room.mails()[-1].content is None or rows != room.rows():
            differing.append(page)
    assert not differing, "say in `reads` of ui/reports_by_name.py what else it is read by"


def test_every_list_with_a_report_is_in_the_test_above_or_cannot_be_scheduled() -> None:
    assert {page for pages in READERS.values() for page in pages} == {
        name for name, kind in KINDS.items() if not kind.needs_proof and name != "audit"
    }


def test_the_audit_log_comes_too_and_only_to_who_may_read_it(room: Room) -> None:
    room.written("ada", "audit")
    assert len(room.rows()) > 1
    with pytest.raises(Forbidden):
        room.wants("vic", "audit")


def test_a_list_of_people_is_never_sent_because_whoever_is_not_there_proves_nothing(room: Room) -> None:
    for name, page in (("ana", "access"), ("ana", "acceptances"), ("ada", "people")):
        report = room.written(name, page)
        assert room.row(report).stopped_why == Why.RIGHTS, page
        assert room.mails()[-1].content is None


def test_the_filters_are_asked_anew_each_time(room: Room) -> None:
    """`status=overdue` is kept as it was said, and so is a period that moves with the days."""
    report = room.written("ana", "invoices", "status=overdue&due_in=last_quarter&account=ACME-SEOUL")
    assert room.row(report).query == "status=overdue&due_in=last_quarter&account=ACME-SEOUL"
    assert str(room.mails()[-1].context["query"]) == room.row(report).query


def test_it_comes_to_nobody_else_and_holds_nobody_elses_rows(room: Room) -> None:
    room.written("bea", "tickets")
    letter = room.letter()
    assert letter.to == "paa@bolt.example"
    theirs = {row[0] for row in room.rows()[1:]}
    everybodys = room.owner("select t.number, a.code from portal.ticket t join portal.account a on a.id = t.account_id")
    assert theirs == {number for number, code in everybodys if code == "BOLT"} - {None}


def test_the_workbook_is_attached_and_gone_from_the_outbox_once_it_was_sent(room: Room) -> None:
    room.written("ana", "invoices")
    message = room.letter().message
    (file,) = [part for part in message.iter_attachments() if part.get_filename()]
    assert str(file.get_filename()).endswith(".xlsx")
    assert _rows(file.get_payload(decode=True)) == room.rows()
    assert "The workbook is attached." in _said(room.letter())
    assert "/reports/stop?r=" in str(message["List-Unsubscribe"])

    def forget() -> int:
        with room.database.jobs.begin() as connection:
            connection.execute(text("select set_config('role', 'portal_worker', true)"))
            forget_sent_files(connection)
        return len(room.owner("select * from portal.mail_file"))

    assert forget() == 1, "as long as it waits"
    room.owner("update portal.mail set state = 'sent'")
    assert forget() == 0


def test_a_link_brings_no_workbook_and_says_how_many_there_are(room: Room) -> None:
    room.written("ana", "invoices", "status=overdue", Delivery.LINK)
    assert room.mails()[-1].content is None
    said = _said(room.letter())
    assert "/invoices?status=overdue" in said
    assert "match" in said


def test_nothing_that_matches_is_said_without_a_workbook(room: Room) -> None:
    room.written("ana", "invoices", "q=nosuchinvoice")
    assert room.mails()[-1].content is None
    assert "Nothing matches this time" in _said(room.letter())


def test_what_is_too_large_for_a_mail_is_sent_as_a_link(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_reports, "MOST_BYTES", 2_000)
    report = room.written("ana", "invoices")
    assert room.row(report).last_outcome == Outcome.LARGE
    assert room.mails()[-1].content is None
    assert "too large for a mail" in _said(room.letter())


# --- rights


GRANTED = "insert into portal.access_grant (person_id, account_id, function) values (:v, :a, :f)"
TAKEN = "delete from portal.access_grant where person_id = :v and function = :f"


@pytest.fixture
def vics_export(room: Room) -> Iterator[int]:
    """Vic may take lists along for this test."""
    vic, seoul = room.scene.people["vic"], room.scene.accounts["seoul"]
    room.owner(
        "insert into portal.access_grant (person_id, account_id, function) values (:v, :s, 'report.export')",
        v=vic,
        s=seoul,
    )
    yield vic
    room.owner(TAKEN, v=vic, f="report.export")


@pytest.mark.parametrize("function", ["invoice.view", "report.export"])
def test_a_right_that_was_taken_away_stops_it_and_says_so(room: Room, vics_export: int, function: str) -> None:
    report = room.wants("vic", "invoices")
    taken = room.owner(
        "delete from portal.access_grant where person_id = :v and function = :f returning account_id",
        v=vics_export,
        f=function,
    )
    room.due(report)
    assert room.works()
    assert (room.row(report).stopped_why, len(room.mails())) == (Why.RIGHTS, 1)
    assert room.mails()[0].content is None
    assert "not among your rights any more" in _said(room.letter())
    assert not room.works()
    for (account,) in taken:
        room.owner(
            "insert into portal.access_grant (person_id, account_id, function) values (:v, :a, :f)",
            v=vics_export,
            a=account,
            f=function,
        )


def test_an_account_that_is_not_theirs_any_more_is_missing_and_none_takes_its_place(room: Room) -> None:
    both = room.wants("ana", "invoices", "accounts=ACME-SEOUL,ACME-OSAKA")
    one = room.wants("ana", "invoices", "accounts=ACME-OSAKA")
    osaka = {"o": room.scene.accounts["osaka"]}
    parent = room.owner("select parent_id from portal.account where id = :o", **osaka)[0][0]
    room.owner("update portal.account set parent_id = null where id = :o", **osaka)
    try:
        for report in (both, one):
            room.due(report)
            assert room.works()
        assert room.row(one).stopped_why == Why.RIGHTS
        assert room.row(both).last_outcome == Outcome.SENT
        workbook = next(mail.content for mail in room.mails() if mail.content)
        assert "OSAKA" not in str(_rows(bytes(workbook))).upper()
    finally:
        room.owner("update portal.account set parent_id = :p where id = :o", p=parent, **osaka)


def test_a_workbook_that_waited_while_rights_changed_is_not_sent(room: Room, vics_export: int) -> None:
    room.written("vic", "invoices")
    assert room.mails()[-1].content is not None
    (taken,) = room.owner(f"{TAKEN} returning account_id", v=vics_export, f="order.view")
    try:
        letter = room.letter()
        assert not list(letter.message.iter_attachments())
        assert "Your rights have changed" in _said(letter)
    finally:
        room.owner(GRANTED, v=vics_export, a=taken.account_id, f="order.view")


# --- once


def test_of_several_workers_one_writes_it(room: Room) -> None:
    room.due(room.wants("ana", "invoices"))
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _n: room.works(), range(6)))
    assert len(room.mails()) == 1


def test_the_next_time_is_in_its_readers_week_and_what_was_missed_is_not_sent(room: Room) -> None:
    report = room.wants("ana", "invoices")
    room.owner("update portal.scheduled_report set next_at = now() - interval '40 days' where uuid = :r", r=report)
    assert room.works()
    assert not room.works(), "not once for each week that passed"
    after = room.row(report).next_at
    assert timedelta() < after - datetime.now(UTC) <= timedelta(days=7)
    assert (after.astimezone(UTC).hour, after.astimezone(UTC).isoweekday()) == (23, 7), "Monday at eight in Seoul"


def test_a_worker_that_is_killed_has_sent_nothing_and_the_next_one_sends_it(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = room.wants("ana", "invoices")
    room.due(report)
    with monkeypatch.context() as patch:
        patch.setattr(jobs_reports, "_finish", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            room.works()
    assert room.mails() == []
    assert not room.works(), "it may still be writing"
    room.owner("update portal.scheduled_report set lease_until = now() where uuid = :r", r=report)
    assert room.works()
    assert len(room.mails()) == 1


def test_what_fails_is_tried_thrice_and_then_its_reader_hears(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    report = room.wants("ana", "invoices")

    def broken(*_asked: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(jobs_reports, "taking", broken)
    for attempt in range(3):
        assert room.row(report).stopped_at is None, attempt
        room.due(report)
        assert room.works()
        assert len(room.mails()) == (1 if attempt == 2 else 0)
    assert room.row(report).stopped_why == Why.FAILED
    assert "three times in a row" in _said(room.letter())


def test_a_worker_that_is_told_to_stop_leaves_it_to_another_one(room: Room) -> None:
    report = room.wants("ana", "invoices")
    room.due(report)
    stopping = threading.Event()
    stopping.set()
    assert write_next(room.database.jobs, stopping)
    assert room.mails() == []
    assert (room.row(report).failures, room.row(report).stopped_at) == (0, None), "and it counts as no failure"


def test_each_run_stands_in_the_log_of_the_accounts_it_covers(room: Room) -> None:
    asked = (
        "select action, after ->> 'rows' as n, account_id from portal.audit_entry "
        "where object_label = 'invoices' and action in ('report.export', 'report.sent') order by id desc limit 2"
    )
    room.written("ana", "invoices", "accounts=ACME-SEOUL")
    n = len(room.rows()) - 1
    seoul = room.scene.accounts["seoul"]
    assert [tuple(row) for row in room.owner(asked)] == [("report.sent", str(n), seoul), ("report.export", None, seoul)]
    room.written("ana", "invoices")
    assert {row.n for row in room.owner(asked)} == {None}, "of several accounts nobody learns how many in all"
    room.written("fin", "invoices")
    assert {row.account_id for row in room.owner(asked)} == {None}


# --- what people do with them


def test_it_is_seen_stopped_resumed_and_deleted_by_its_reader_alone(room: Room) -> None:
    report, ana = room.wants("ana", "invoices"), room.sign_in("ana")
    for stranger in ("bea", "vic", "ada"):
        who = room.sign_in(stranger)
        assert list_scheduled(app_engine(), who) == ()
        for command in (StopReport(report), ResumeReport(report), ForgetReport(report)):
            with pytest.raises(NotFound):
                execute(app_engine(), who, command)
    (mine,) = list_scheduled(app_engine(), ana)
    assert (mine.uuid, mine.stopped_at, mine.last_at) == (report, None, None)
    execute(app_engine(), ana, StopReport(report))
    room.due(report)
    assert not room.works()
    execute(app_engine(), ana, ResumeReport(report))
    assert room.row(report).next_at > datetime.now(UTC), "not what was due meanwhile"
    execute(app_engine(), ana, ForgetReport(report))
    assert list_scheduled(app_engine(), ana) == ()


def test_the_settings_show_ones_own_with_the_next_time_and_stop_it(room: Room) -> None:
    report, of_bea = room.wants("ana", "invoices", "status=overdue"), room.wants("bea", "tickets")
    page = page_of(room.sign_in("ana"), "pages.portal.settings.page")
    said = words_of(page)
    assert "[Invoices](/invoices?status=overdue)" in said
    assert "every week, Monday, 08:00 KST" in said
    assert "has not been sent yet" in said
    assert str(of_bea) not in str([button.key for button in page.button])
    page.button(key=f"stop-{report}").click().run()
    assert room.row(report).stopped_why == Why.READER
    assert "Stopped by you" in words_of(page)
    page.button(key=f"forget-{report}").click().run()
    assert [row.uuid for row in room.owner("select uuid from portal.scheduled_report")] == [of_bea]


def _pop_up(principal):  # a script of its own, which knows no names of this one
    from ui.scheduling import form

    form(principal, "invoices", (("status", "overdue"),))


def test_what_is_chosen_in_the_pop_up_is_what_comes(room: Room) -> None:
    app = AppTest.from_function(_pop_up, kwargs={"principal": room.sign_in("ana")}, default_timeout=30).run()
    app.segmented_control[0].set_value(Every.MONTH).run()
    app.selectbox[0].set_value(31)
    app.selectbox[1].set_value(17)
    app.radio[0].set_value(Delivery.LINK)
    app.button[0].click().run()
    assert not app.exception
    (row,) = room.owner("select * from portal.scheduled_report")
    assert (row.page, row.query, row.every, row.on_day, row.at_hour) == (
        "invoices", "status=overdue&accounts=all", "month", 31, 17,
    )  # fmt: skip
    assert (row.delivery, set(row.functions)) == ("link", {"invoice.view", "report.export"})


#: Pages that draw their report themselves: whose, and what their address asks of the rows.
BY_HAND = (
    ("customers", "mia", "pages.staff.customers", {"sort": "name"}, "sort=name"),
    ("parcels", "dee", "pages.staff.parcels", {"q": "1Z"}, "q=1Z"),
    ("service", "mia", "pages.portal.service.page", {"kind": ["fault", "shipment"]}, "kind=fault&kind=shipment"),
    ("statement", "bea", "pages.portal.statement", {"day": "2026-05-31"}, ""),
    ("statement", "fin", "pages.portal.statement", {"account": "BOLT"}, "account=BOLT"),
)


@pytest.mark.parametrize(("name", "who", "module", "asked", "query"), BY_HAND)
def test_a_page_that_is_no_list_sends_what_it_shows_regularly_too(
    room: Room, name: str, who: str, module: str, asked: dict[str, Any], query: str
) -> None:
    page = page_of(room.sign_in(who), module, **asked)
    page.button(key=f"schedule-{name}-button").click().run()
    (save,) = (button for button in page.button if button.label == "Send it to me")
    of_its_day = [caption.value for caption in page.caption if "of the day on which it comes" in caption.value]
    assert len(of_its_day) == ("day" in asked)
    save.click().run()
    assert not page.exception
    (row,) = room.owner("select page, query from portal.scheduled_report")
    assert (row.page, row.query) == (name, query), "a day is for the report by hand alone"


@pytest.mark.parametrize(("name", "who", "module"), sorted({(name, who, module) for name, who, module, *_ in BY_HAND}))
def test_who_may_take_nothing_along_is_offered_neither(room: Room, name: str, who: str, module: str) -> None:
    principal = room.sign_in(who)
    less = replace(principal, functions=frozenset(Permission) - {Permission.REPORT_EXPORT})
    page = page_of(less, module, **({"account": "BOLT"} if who == "fin" else {}))
    assert not page.exception
    assert f"schedule-{name}-button" not in [button.key for button in page.button]
    assert "Generate report" not in [link.label for link in page.get("link_button")]


@pytest.mark.parametrize(
    "wrong",
    [
        Schedule(Every.WEEK, 8, 8, "UTC"),
        Schedule(Every.MONTH, 32, 8, "UTC"),
        Schedule(Every.WEEK, 0, 8, "UTC"),
        Schedule(Every.WEEK, 1, 24, "UTC"),
        Schedule(Every.WEEK, 1, 8, "Mars/Phobos"),
    ],
)
def test_a_time_that_does_not_exist_is_refused(room: Room, wrong: Schedule) -> None:
    command = ScheduleReport("invoices", "", FUNCTIONS, wrong, Delivery.FILE)
    with pytest.raises(Invalid):
        execute(app_engine(), room.sign_in("ana"), command, key=uuid4())


def test_nobody_has_more_than_so_many_and_the_same_click_makes_one(room: Room) -> None:
    ana, key = room.sign_in("ana"), uuid4()
    command = ScheduleReport("invoices", "", FUNCTIONS, MONDAY_AT_EIGHT, Delivery.FILE)
    for _click in range(2):
        execute(app_engine(), ana, command, key=key)
    assert len(list_scheduled(app_engine(), ana)) == 1
    for _n in range(MOST_REPORTS - 1):
        execute(app_engine(), ana, command, key=uuid4())
    with pytest.raises(Conflict):
        execute(app_engine(), ana, command, key=uuid4())


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_link_in_the_mail_stops_it_by_its_button_and_no_other_one(room: Room, method: str) -> None:
    app = Starlette(routes=stopping_reports.routes)
    report = room.written("ana", "invoices")
    other = room.row(room.wants("bea", "invoices")).id
    link = str(room.letter().message["List-Unsubscribe"]).strip("<>").partition("?")[2]
    signature = link.partition(".")[2]
    for wrong in ("", "r=", f"r={other}.{signature}", f"{link}x", f"r=-{link[2:]}", "r=1.x"):
        assert ask(app, "/reports/stop", query=wrong, method=method).status == 404, wrong
    for _again in range(2):
        answer = ask(app, "/reports/stop", query=link, method=method)
        assert answer.status == 200
    assert (room.row(report).stopped_why == Why.READER) == (method == "POST"), "opening a link stops nothing"
    assert {row.stopped_why for row in room.owner("select * from portal.scheduled_report")} <= {None, Why.READER}
    assert room.owner("select stopped_at from portal.scheduled_report where id = :i", i=other)[0].stopped_at is None


# --- when


def _next(schedule: Schedule, moment: str) -> str:
    return schedule.next_after(datetime.fromisoformat(moment)).isoformat()


def test_weeks_and_months_are_those_of_the_readers_clock() -> None:
    seoul = Schedule(Every.WEEK, 1, 8, "Asia/Seoul")
    assert _next(seoul, "2026-11-20T00:00:00+00:00") == "2026-11-22T23:00:00+00:00"
    assert _next(seoul, "2026-11-22T23:00:00+00:00") == "2026-11-29T23:00:00+00:00", "and not the same moment again"
    last = Schedule(Every.MONTH, 31, 0, "Asia/Seoul")
    assert _next(last, "2026-02-01T00:00:00+00:00") == "2026-02-27T15:00:00+00:00"
    assert _next(last, "2026-02-28T15:00:00+00:00") == "2026-03-30T15:00:00+00:00"
    assert _next(last, "2026-12-31T00:00:00+00:00") == "2027-01-30T15:00:00+00:00"
    assert _next(Schedule(Every.MONTH, 1, 8, "UTC"), "2026-12-01T08:00:00+00:00") == "2027-01-01T08:00:00+00:00"


def test_when_clocks_change_it_still_comes_once() -> None:
    """In Berlin the hour from two to three is left out on 29 March 2026, and there twice on 25 October."""
    sunday = Schedule(Every.WEEK, 7, 2, "Europe/Berlin")
    assert _next(sunday, "2026-03-22T02:00:00+00:00") == "2026-03-29T01:00:00+00:00", "at three, as the clocks say"
    assert _next(sunday, "2026-03-29T01:00:00+00:00") == "2026-04-05T00:00:00+00:00"
    assert _next(sunday, "2026-10-24T00:00:00+00:00") == "2026-10-25T00:00:00+00:00", "the first of the two"
    assert _next(sunday, "2026-10-25T00:00:00+00:00") == "2026-11-01T01:00:00+00:00", "and not the second"
    at_eight = Schedule(Every.WEEK, 1, 8, "Europe/Berlin")
    assert _next(at_eight, "2026-10-20T00:00:00+00:00") == "2026-10-26T07:00:00+00:00"
    assert _next(at_eight, "2026-10-19T00:00:00+00:00") == "2026-10-19T06:00:00+00:00"
