"""A delegated session: it reads for somebody who is not there what it was made for, and writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from auth.sessions import end_all, hashed, new_token, principal_of, who
from data.database import reading, writing
from data.models.rows import PEOPLE_HATS, Hat
from rules.errors import Forbidden, SignedOut
from rules.permissions import Permission
from rules.principal import Principal
from tests.attacks.stage import Stage, rows, stage_on
from tests.cluster import Database

P = Permission
TICKETS = "select number from portal.ticket"
INVOICES = "select number from portal.invoice"


@pytest.fixture(scope="module")
def stage(database: Database) -> Stage:
    return stage_on(database)


class Desk:
    """What a test does with reports: plants one, begins it as a worker would, and looks at its row."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.database = stage, stage.database

    def plant(self, name: str = "bea", **more: Any) -> tuple[int, datetime]:
        """A report of this person that is due; its id and slot."""
        values = {
            "person_id": self.stage.scene.people[name], "role": None, "page": "invoices", "query": "status=overdue",
            "functions": ["invoice.view", "report.export"], "every": "week", "on_day": 1, "at_hour": 8,
            "time_zone": "UTC", "delivery": "file", "next_at": datetime.now(UTC) - timedelta(minutes=1), **more,
        }  # fmt: skip
        names = ", ".join(values)
        with self.database.as_owner() as connection:
            made = connection.execute(
                text(
                    f"insert into portal.scheduled_report ({names}) "
                    f"values ({', '.join(f':{name}' for name in values)}) returning id, next_at"
                ),
                values,
            ).one()
        return made.id, made.next_at

    def begin(self, report: int, slot: datetime) -> Principal | None:
        token = new_token()
        facts = self.as_worker(
            "select authz.begin_report(:report, :slot, :hash, :message)",
            report=report, slot=slot, hash=hashed(token), message=f"<{token}@portal.example>",
        )  # fmt: skip
        return None if facts is None else principal_of(facts, token)

    def finish(self, report: int, principal: Principal, outcome: str = "empty", **more: Any) -> bool:
        values = {
            "n": 0, "then_at": datetime.now(UTC) + timedelta(days=7), "covered": list(principal.chosen), "name": None,
            "file": None, **more,
        }  # fmt: skip
        return self.as_worker(
            "select authz.finish_report(:report, :hash, :outcome, :n, :then_at, :covered, :name, :file, :message)",
            report=report, hash=hashed(principal.token), outcome=outcome, message=f"<{new_token()}@x>", **values,
        )  # fmt: skip

    def as_worker(self, statement: str, **values: Any) -> Any:
        with self.database.jobs.begin() as connection:
            connection.execute(text("select set_config('role', 'portal_worker', true)"))
            return connection.scalar(text(statement), values)

    def owner(self, statement: str, **values: Any) -> Any:
        with self.database.as_owner() as connection:
            found = connection.execute(text(statement), values)
            return found.one_or_none() if found.returns_rows else None

    def row(self, report: int) -> Any:
        return self.owner("select * from portal.scheduled_report where id = :id", id=report)


@pytest.fixture
def desk(stage: Stage) -> Iterator[Desk]:
    yield Desk(stage)
    with stage.database.as_owner() as connection:
        for table in ("portal.mail", "portal.scheduled_report", "portal.feed_token", "auth.throttle"):
            connection.execute(text(f"delete from {table}"))
        connection.execute(text("delete from auth.session where kind <> 'web'"))


def _begun(desk: Desk, name: str = "bea", **more: Any) -> Principal:
    begun = desk.begin(*desk.plant(name, **more))
    assert begun is not None
    return begun


# --- it reads what it was made for


def test_the_worker_reads_a_due_report_in_its_readers_name_and_nothing_beside_it(desk: Desk) -> None:
    bea = _begun(desk)
    assert bea.functions == {P.INVOICE_VIEW, P.REPORT_EXPORT}
    assert bea.may(P.INVOICE_VIEW) and not bea.may(P.TICKET_VIEW_COMPANY)
    with reading(desk.database.app, bea, P.INVOICE_VIEW) as connection:
        assert rows(connection, INVOICES) == {"PH-BOLT", "PH-BOLT-CREDIT"}
        for table in ("ticket", "inventory_item", "service_order", "thread", "notice", "audit_entry"):
            assert rows(connection, f"select id from portal.{table}") == set(), table
    with pytest.raises(Forbidden), reading(desk.database.app, bea, P.TICKET_VIEW_COMPANY):
        pass


def test_staff_are_read_for_in_the_role_they_asked_in(desk: Desk) -> None:
    fin = _begun(desk, "fin", role="finance")
    with reading(desk.database.app, fin, P.INVOICE_VIEW) as connection:
        assert "PH-BOLT" in rows(connection, INVOICES)
        assert rows(connection, TICKETS) == set()
    assert not fin.may(P.INVOICE_MANAGE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "service_desk"},  # a customer who says they are staff
        {"name": "fin", "role": None},
        {"name": "fin", "role": "administrator"},
    ],
)
def test_nobody_is_read_for_in_a_role_that_is_not_theirs(desk: Desk, wrong: dict[str, Any]) -> None:
    report, slot = desk.plant(**wrong)
    assert desk.begin(report, slot) is None
    assert desk.row(report).stopped_why == "rights"


# --- whom the worker may be, and when


def test_a_worker_names_a_report_and_never_a_person_or_a_function(desk: Desk) -> None:
    for attempt in (
        "select authz.delegate(1, 'job', null, array['invoice.view'], 'x', null)",
        "select authz.rights_of(1)",
        "select signin.open_feed('x', 'y', 'z', null)",
        "insert into auth.session (token_hash, person_id, expires_at) values ('x', 1, now() + interval '1 hour')",
        "update portal.scheduled_report set person_id = 1",
        "update portal.scheduled_report set functions = array['user.manage'], next_at = now()",
        "insert into portal.scheduled_report (person_id, page) values (1, 'invoices')",
        "select query from portal.scheduled_report",
        "select lease_hash from portal.scheduled_report",
        "insert into portal.mail (dedupe_key, kind, person_id, message_id) values ('x', 'scheduled_report', 1, 'x')",
    ):
        with pytest.raises(DBAPIError, match=r"permission denied|row-level security"):
            desk.as_worker(attempt)


def test_a_report_that_is_not_due_is_not_begun(desk: Desk) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    assert desk.begin(*desk.plant(next_at=soon)) is None
    report, slot = desk.plant()
    assert desk.begin(report, slot - timedelta(seconds=1)) is None, "for a slot it is not due in"
    assert desk.begin(report + 1, slot) is None, "another one"
    assert desk.begin(report, slot) is not None


def test_a_stopped_report_is_not_begun_and_what_was_begun_counts_for_nothing(desk: Desk) -> None:
    report, slot = desk.plant(stopped_at=datetime.now(UTC), stopped_why="reader")
    assert desk.begin(report, slot) is None
    report, slot = desk.plant()
    bea = desk.begin(report, slot)
    assert bea is not None
    desk.owner("update portal.scheduled_report set stopped_at = now() where id = :id", id=report)
    assert desk.finish(report, bea, "sent", name="x.xlsx", file=b"x") is False
    assert desk.owner("select count(*) as n from portal.mail").n == 0
    assert who(desk.database.auth, bea.token) is None


def test_of_several_workers_one_begins_a_slot_and_once_it_is_done_nobody_does(desk: Desk) -> None:
    report, slot = desk.plant()
    with ThreadPoolExecutor(4) as workers:
        begun = [p for p in workers.map(lambda _n: desk.begin(report, slot), range(8)) if p is not None]
    assert len(begun) == 1
    assert desk.finish(report, begun[0]) is True
    assert desk.begin(report, slot) is None
    assert desk.finish(report, begun[0]) is False, "nor is it done twice"
    assert desk.owner("select count(*) as n from portal.mail").n == 1


def test_a_worker_that_was_killed_is_followed_by_another_whose_word_counts(desk: Desk) -> None:
    report, slot = desk.plant()
    first = desk.begin(report, slot)
    desk.owner("update portal.scheduled_report set lease_until = now() where id = :id", id=report)
    second = desk.begin(report, slot)
    assert first is not None and second is not None
    assert desk.finish(report, first) is False, "it comes back too late"
    assert desk.finish(report, second) is True
    assert desk.owner("select count(*) as n from portal.mail").n == 1


def test_what_fails_three_times_is_stopped_and_its_reader_hears(desk: Desk) -> None:
    report, slot = desk.plant()
    for attempt in range(3):
        bea = desk.begin(report, slot)
        assert bea is not None, attempt
        assert desk.finish(report, bea, "failed")
        assert desk.begin(report, slot) is None, "not at once again"
        desk.owner("update portal.scheduled_report set lease_until = null where id = :id", id=report)
    assert desk.row(report).stopped_why == "failed"
    assert desk.owner("select context ->> 'why' as why from portal.mail").why == "failed"
    assert desk.begin(report, slot) is None


def test_a_worker_that_dies_of_a_report_each_time_does_not_for_ever(desk: Desk) -> None:
    report, slot = desk.plant(failures=3)
    assert desk.begin(report, slot) is None
    assert desk.row(report).stopped_why == "failed"


def test_another_readers_session_does_not_finish_a_report(desk: Desk) -> None:
    report, slot = desk.plant()
    bea = desk.begin(report, slot)
    ana = _begun(desk, "ana")
    assert bea is not None
    assert desk.finish(report, ana, "sent", name="x.xlsx", file=b"hers") is False
    assert desk.as_worker("select authz.note_reading(:r, :h, '{}')", r=report, h=hashed(ana.token)) is False
    assert desk.finish(report, bea) is True


# --- it is no session of a browser


def test_a_delegated_token_is_no_cookie_and_prolongs_nothing(desk: Desk, stage: Stage) -> None:
    bea = _begun(desk)
    browser = stage.token("bea")
    assert who(desk.database.auth, bea.token) is None
    assert end_all(desk.database.auth, bea.token) == 0, "nor does it sign anybody out"
    assert who(desk.database.auth, browser) is not None
    with desk.database.auth.begin() as connection:
        hash_ = hashed(bea.token)
        for asked, answer in (
            ("select signin.is_proved(:h)", False),
            ("select signin.work_as(:h, 'administrator', 'new')", False),
            ("select count(*) from signin.sessions_of(:h)", 0),
        ):
            assert connection.scalar(text(asked), {"h": hash_}) in (answer, None), asked
    lasts = desk.owner(
        "select expires_at - created_at <= interval '15 minutes' as short from auth.session where token_hash = :h",
        h=hashed(bea.token),
    )
    assert lasts.short


@pytest.mark.parametrize(
    "columns",
    [
        "kind = 'job', functions = null, expires_at = created_at + interval '1 minute'",
        "kind = 'feed', functions = '{}', expires_at = created_at + interval '1 minute'",
        "kind = 'api', functions = array['any'], expires_at = created_at + interval '16 minutes'",
    ],
)
def test_no_table_keeps_a_delegated_session_that_is_wide_or_long(desk: Desk, stage: Stage, columns: str) -> None:
    token = stage.session("bea")
    with pytest.raises(IntegrityError, match="delegated"):
        desk.owner(f"update auth.session set {columns} where token_hash = :h", h=hashed(token))


# --- it writes nothing

WRITES = (
    "insert into portal.draft (person_id, form, fields) values (:me, 'x', '{}')",
    "update portal.person set language = 'ko' where id = :me",
    "insert into portal.account_choice (person_id, account_ids) values (:me, array[:bolt])",
    "insert into portal.feed_token (person_id, token_hash, time_zone) values (:me, 'x', 'UTC')",
    "delete from portal.scheduled_report",
    "insert into portal.audit_entry (actor_id, audience, action, object_kind) values (:me, 'customer', 'x', 'x')",
    "select authz.ask_administrators('invoice.view', 'x')",
)


@pytest.mark.parametrize("statement", WRITES)
def test_a_delegated_session_writes_nothing_in_any_hat(desk: Desk, stage: Stage, statement: str) -> None:
    """Not where it may read; not where it may write, for there it is nobody; and not by saying in the middle of one
    statement that it only reads."""
    everything = [str(p) for p in Permission]
    token = stage.session("bea", kind="job", functions=everything)
    values = {"me": stage.scene.people["bea"], "bolt": stage.id_of("bolt")}
    words = text(statement)
    values = {name: value for name, value in values.items() if name in words._bindparams}
    for hat in (Hat.CUSTOMER, Hat.MANY, Hat.OWN):
        for read_only in (True, False):
            with stage.wearing(hat, token=token, account="bolt", read_only=read_only) as connection:
                assert _changed_by(connection, words, values) == 0, (hat, read_only)
    sly = text(f"with it as (select set_config('transaction_read_only', 'on', true)) {_slyly(statement)}")
    with stage.wearing(Hat.CUSTOMER, token=token, account="bolt") as connection:
        assert _changed_by(connection, sly, values) == 0


def _slyly(statement: str) -> str:
    """The same with the setting said while it runs."""
    said = "(select set_config from it) is not null"
    if " values (" in statement:
        head, _values, tail = statement.partition(" values (")
        return f"{head} select {tail.removesuffix(')')} where {said}"
    glue = "and" if " where " in statement else "where"
    return f"{statement} {glue} {said}"


def _changed_by(connection: Any, statement: Any, values: dict[str, Any]) -> int:
    try:
        with connection.begin_nested():
            done = connection.execute(statement, values)
            return 0 if done.returns_rows else done.rowcount
    except DBAPIError:
        return 0


def test_the_same_statements_change_something_for_who_is_there(stage: Stage) -> None:
    """Or the test above would refuse what is nonsense."""
    values = {"me": stage.scene.people["bea"], "bolt": stage.id_of("bolt")}
    changed = set()
    for statement in WRITES[:4]:
        words = text(statement)
        asked = {name: value for name, value in values.items() if name in words._bindparams}
        with stage.signed_in("bea") as connection:
            changed.add(connection.execute(words, asked).rowcount)
    assert changed == {1}


def test_a_transaction_that_reads_cannot_be_made_to_write(stage: Stage) -> None:
    token = stage.session("bea", kind="job")
    with stage.wearing(Hat.CUSTOMER, token=token, account="bolt", read_only=True) as connection:
        assert rows(connection, "select code from portal.account") == {"BOLT"}
        with pytest.raises(DBAPIError, match="read-write mode"):
            connection.execute(text("select set_config('transaction_read_only', 'off', true)"))


def test_writing_in_somebodys_name_is_refused_before_anything_is_written(desk: Desk) -> None:
    bea = _begun(desk)
    with pytest.raises(SignedOut), writing(desk.database.app, bea, P.INVOICE_VIEW):
        pass


# --- it dies with what it stands on


_GRANT = "update portal.access_grant set function = '{}' where person_id = :gus and function = '{}'"
_PERSON = "update portal.person set disabled_at = {} where id = :gus"
_MEMBERSHIP = "update portal.membership set ended_at = {} where person_id = :gus"
_SESSION = "update auth.session set expires_at = now() + interval '{} minute' where kind = 'job' and person_id = :gus"


@pytest.mark.parametrize(
    ("change", "undo"),
    [
        (_PERSON.format("now()"), _PERSON.format("null")),
        (_MEMBERSHIP.format("now()"), _MEMBERSHIP.format("null")),
        (_GRANT.format("message.use", "inventory.view"), _GRANT.format("inventory.view", "message.use")),
        (_SESSION.format(0), _SESSION.format(1)),
    ],
    ids=["the person is disabled", "the membership ended", "the grant was taken", "a quarter of an hour is over"],
)
def test_what_is_taken_away_is_gone_in_the_middle_of_a_run(desk: Desk, stage: Stage, change: str, undo: str) -> None:
    gus = _begun(desk, "gus", page="inventory", functions=["inventory.view", "report.export"])
    items, us = "select asset_number from portal.inventory_item", {"gus": stage.scene.people["gus"]}
    gus = gus.looking_at((stage.id_of("seoul"),))
    token = {"token": gus.token, "account": "seoul", "read_only": True}
    with stage.wearing(Hat.CUSTOMER, **token) as connection:
        assert rows(connection, items) == {"SEOUL-CABINET"}
    with stage.changed(change, undo, **us), stage.wearing(Hat.CUSTOMER, **token) as connection:
        assert rows(connection, items) == set()


def test_a_dead_delegated_session_shows_nothing_in_any_table_in_any_hat(desk: Desk, stage: Stage) -> None:
    report, slot = desk.plant()
    bea = desk.begin(report, slot)
    assert bea is not None and desk.finish(report, bea)
    for hat in PEOPLE_HATS:
        with stage.wearing(hat, token=bea.token, account="bolt", read_only=True) as connection:
            assert stage.everything(connection, hat) == {}


# --- a calendar's token


def _open(desk: Desk, token: str, address: bytes = b"there") -> Any:
    new = new_token()
    with desk.database.auth.begin() as connection:
        facts = connection.scalar(
            text("select signin.open_feed(:token, :new, :key, '203.0.113.9')"),
            {"token": hashed(token), "new": hashed(new), "key": address},
        )
    return facts if facts is None or "too_often" in facts else principal_of(facts, new)


def _feed(desk: Desk, name: str = "bea", role: str | None = None) -> str:
    token = new_token()
    desk.owner(
        "insert into portal.feed_token (person_id, role, token_hash, time_zone) values (:person, :role, :hash, 'UTC')",
        person=desk.stage.scene.people[name], role=role, hash=hashed(token),
    )  # fmt: skip
    return token


def test_a_calendar_is_opened_by_its_token_for_notices_and_tickets_alone(desk: Desk) -> None:
    bea = _open(desk, _feed(desk))
    assert bea.functions == {P.NOTICE_VIEW, P.TICKET_VIEW_COMPANY, P.TICKET_VIEW_OWN}
    with reading(desk.database.app, bea, P.TICKET_VIEW_COMPANY) as connection:
        assert rows(connection, TICKETS)
        assert rows(connection, INVOICES) == set()
    assert who(desk.database.auth, bea.token) is None


def test_a_token_that_is_none_or_was_taken_back_opens_nothing(desk: Desk, stage: Stage) -> None:
    token = _feed(desk)
    for wrong in ("", "guess", token.swapcase(), hashed(token).hex(), stage.token("bea")):
        assert _open(desk, wrong) is None, wrong
    desk.owner("update portal.feed_token set revoked_at = now()")
    assert _open(desk, token) is None
    with stage.changed(
        "update portal.person set disabled_at = now() where id = :bea",
        "update portal.person set disabled_at = null where id = :bea",
        bea=stage.scene.people["bea"],
    ):
        assert _open(desk, _feed(desk)) is None


def test_guessing_at_calendars_is_slow_and_says_nothing(desk: Desk) -> None:
    token = _feed(desk)
    assert _open(desk, "a guess") is None
    desk.owner("update auth.throttle set failures = 300 where key = 'there'")
    assert _open(desk, "another guess") is None
    assert _open(desk, "one more") == {"too_often": True}
    assert _open(desk, token) == {"too_often": True}, "the same for one that is right"
    assert _open(desk, token, b"elsewhere") is not None


def test_reading_a_calendar_leaves_a_line_a_day_and_no_session(desk: Desk) -> None:
    token, lines = _feed(desk), "select count(*) as n from portal.audit_entry where action = 'calendar.read'"
    before = desk.owner(lines).n
    for _n in range(3):
        bea = _open(desk, token)
        with desk.database.auth.begin() as connection:
            connection.execute(text("select signin.close_feed(:h)"), {"h": hashed(bea.token)})
        with pytest.raises(SignedOut), reading(desk.database.app, bea, P.NOTICE_VIEW):
            pass
    assert desk.owner(lines).n == before + 1
    assert (
        desk.owner(
            "select count(*) as n from auth.session where kind = 'feed' and token_hash = :h", h=hashed(bea.token)
        ).n
        == 0
    )


def test_closing_a_calendar_ends_no_other_session(desk: Desk, stage: Stage) -> None:
    browser = stage.token("bea")
    with desk.database.auth.begin() as connection:
        connection.execute(text("select signin.close_feed(:h)"), {"h": hashed(browser)})
    assert who(desk.database.auth, browser) is not None


def test_the_facts_of_a_delegated_session_are_those_of_the_browser_narrowed(desk: Desk, stage: Stage) -> None:
    browser = who(desk.database.auth, stage.token("gus"))
    assert browser is not None
    delegated = _begun(desk, "gus", functions=["inventory.view"])
    assert delegated.grants == {g for g in browser.principal.grants if g.permission is P.INVENTORY_VIEW}
    assert (delegated.accounts, delegated.person_id) == (browser.principal.accounts, browser.principal.person_id)
    assert json.dumps(str(delegated.token)) not in repr(delegated)
