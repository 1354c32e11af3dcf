"""What a mail says, and to whom: rights count at the moment of delivery, and what people wrote stays in its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import Connection, text

from auth.watching import WatchStep, take_step, watch_link
from data.models.rows import Hat
from data.outbox import tell, tell_followers
from data.settings import settings
from jobs.letters import Letter, Unwanted, written
from jobs.letters.clean import one_line
from rules.mail import (
    OF_ACCESS,
    OF_ACCOUNTS,
    OF_DISPUTES,
    OF_ISSUERS,
    OF_MESSAGES,
    OF_MONEY,
    OF_NEWS,
    OF_NOTICES,
    OF_REPORTS,
    OF_SIGNING_IN,
    MailKind,
)
from tests.cluster import Database
from tests.scene import Scene, set_the_scene
from ui.reader import languages

HOSTILE = 'Rack <b>7</b>\r\nBcc: evil@example.com\u202egpj.exe <script>alert("x")</script>'
CONTEXT: dict[MailKind, dict[str, object]] = {
    MailKind.TICKET_ANSWERED: {"message": "We are on it.\nSecond line.", "by": "Dee Desk"},
    MailKind.TICKET_NOTE: {"message": "Any news?", "by": "Ana"},
    MailKind.TICKET_STATUS: {"status": "in_progress", "reason": "A technician is at the rack."},
    MailKind.TICKET_WAITING: {"message": "Which port?", "respond_by": "2026-11-25T06:00:00+00:00"},
    MailKind.TICKET_RESOLVED: {"message": "Cable replaced."},
    MailKind.SHIPMENT_RECEIVED: {"packages": 2, "storage_until": "2026-11-27", "partial": True},
    MailKind.STORAGE_ENDS: {"until": "2026-11-27"},
    MailKind.VISIT_APPROVED: {
        "starts_at": "2026-12-01T01:00:00+00:00",
        "ends_at": "2026-12-01T05:00:00+00:00",
        "visitors": ["Kim Minji", "<i>Lee</i>"],
    },
    MailKind.SLA_WARNING: {"clock": "first_answer", "deadline": "2026-11-22T13:00:00+00:00"},
    MailKind.SLA_BREACH: {"clock": "second", "deadline": "2026-11-22T13:00:00+00:00"},
}
FOR_STAFF = (MailKind.TICKET_NOTE, MailKind.SLA_WARNING, MailKind.SLA_BREACH)
NOT_OF_TICKETS = (
    *OF_SIGNING_IN, *OF_ACCESS, *OF_ACCOUNTS, *OF_DISPUTES, *OF_MONEY, *OF_REPORTS, *OF_NEWS, *OF_ISSUERS, *OF_NOTICES,
    *OF_MESSAGES,
)  # fmt: skip
TO_MEMBERS = tuple(kind for kind in MailKind if kind not in (*FOR_STAFF, *NOT_OF_TICKETS, MailKind.WATCH_CONFIRM))


@pytest.fixture(scope="module")
def scene(database: Database) -> Scene:
    with database.as_owner() as connection:
        return set_the_scene(connection)


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("PORTAL_HOME", str(tmp_path))
    monkeypatch.setenv("PORTAL_SECRET", "s" * 40)
    monkeypatch.setenv("PORTAL_BASE_URL", "https://portal.example.com")
    monkeypatch.setenv("PORTAL_MAIL_FROM", "portal@example.com")
    monkeypatch.setenv("PORTAL_BRAND_SUPPORT_EMAIL", "help@example.com")
    settings.cache_clear()
    yield
    settings.cache_clear()


@contextmanager
def changed(database: Database, *statements: str, **values: object) -> Iterator[Connection]:
    """As the owner, undone afterwards: what else happened to the rights and the rows."""
    with database.as_owner() as connection:
        for statement in statements:
            connection.execute(text(statement), values)
        yield connection
        connection.rollback()


def letter(
    connection: Connection, scene: Scene, kind: MailKind, ticket: str, *, to: str | None = None,
    address: str | None = None, context: dict[str, Any] | None = None,
) -> Letter:  # fmt: skip
    """Written by a command, read by the worker when its turn comes."""
    account = scene.accounts[ticket.partition(":")[0]]
    tell(
        connection, kind=kind, account_id=account, person_id=scene.people[to] if to else None, address=address,
        ticket_id=scene.tickets[ticket], context=context if context is not None else CONTEXT.get(kind),
    )  # fmt: skip
    asked = "select id, kind, context, message_id from portal.mail order by id desc limit 1"
    row = connection.execute(text(asked)).one()
    connection.execute(text("set local role portal_worker"))
    try:
        return written(connection, *row)
    finally:
        connection.execute(text("set local role portal_owner"))


def parts(message: EmailMessage) -> dict[str, str]:
    """What a reader's program makes of the bytes: every text in it."""
    parsed = message_from_bytes(message.as_bytes(), policy=policy.default)
    walked = [part for part in parsed.walk() if part.get_content_maintype() == "text"]
    return {part.get_content_subtype(): part.get_content() for part in walked}


# --- every kind, in every language


@pytest.mark.parametrize("kind", [*TO_MEMBERS, *FOR_STAFF])
@pytest.mark.parametrize("language", sorted(languages()))
def test_every_mail_says_the_same_in_text_and_html_and_loads_nothing(
    database: Database, scene: Scene, kind: MailKind, language: str
) -> None:
    to, ticket = ("dee", "seoul: vic's fault") if kind in FOR_STAFF else ("ana", "osaka: ana's visit")
    with changed(database, "update portal.person set language = :l, name = 'N'", l=language) as connection:
        message = letter(connection, scene, kind, ticket, to=to).message
    read = parts(message)
    assert message["Content-Language"] == language.replace("_", "-")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] and message["Message-ID"] and message["References"]
    for words in (read["plain"], read["html"]):
        assert "2025-0000" in words
        page = "queue" if kind in FOR_STAFF else "tickets"
        assert f"https://portal.example.com/{page}?ticket=" in words
        for said in ("We are on it.", "Which port?", "Cable replaced."):
            assert (said in words) == (said == CONTEXT.get(kind, {}).get("message", "").partition("\n")[0])
    assert "{" not in read["plain"], "a placeholder was left"
    for outside in ('src="http', "url(", "<script", "<link"):
        assert outside not in read["html"]
    if language == "ko" and kind is not MailKind.TICKET_STATUS:
        english = parts(_in_english(database, scene, kind, to, ticket))
        assert english["plain"].splitlines()[2] != read["plain"].splitlines()[2], "the heading is translated"


def _in_english(database: Database, scene: Scene, kind: MailKind, to: str, ticket: str) -> EmailMessage:
    with changed(database, "update portal.person set language = 'en'") as connection:
        return letter(connection, scene, kind, ticket, to=to).message


@pytest.mark.parametrize("ticket", ["group: ana's hands", "osaka: ana's visit", "osaka: ana's shipment"])
def test_a_confirmation_names_number_site_and_promise(database: Database, scene: Scene, ticket: str) -> None:
    with changed(
        database, "update portal.ticket_clock set deadline = '2026-11-22 13:00+00'",
        "update portal.person set language = 'en', time_zone = 'Asia/Seoul'",
    ) as connection:  # fmt: skip
        read = parts(letter(connection, scene, MailKind.TICKET_SUBMITTED, ticket, to="ana").message)["plain"]
    assert "We answer by Nov 22, 2026, 22:00 KST" in read
    assert ("Osaka" in read) == ticket.startswith("osaka")


def test_an_approved_visit_brings_its_code_and_its_calendar_entry(database: Database, scene: Scene) -> None:
    with changed(database) as connection:
        message = letter(connection, scene, MailKind.VISIT_APPROVED, "osaka: ana's visit", to="ana").message
    parsed = message_from_bytes(message.as_bytes(), policy=policy.default)
    picture = next(part for part in parsed.walk() if part.get_content_type() == "image/png")
    assert picture.get_content().startswith(b"\x89PNG")
    assert f"cid:{picture['Content-ID'][1:-1]}" in parts(message)["html"]
    entry = Calendar.from_ical(parts(message)["calendar"]).walk("VEVENT")[0]
    assert entry.start.isoformat() == "2026-12-01T01:00:00+00:00"
    assert str(entry["uid"]).endswith("@portal.example.com")
    assert "&lt;i&gt;Lee&lt;/i&gt;" in parts(message)["html"]


# --- rights of the moment


def test_who_may_no_longer_look_gets_no_mail(database: Database, scene: Scene) -> None:
    taken = "delete from portal.access_grant where function = 'ticket.view_own' and person_id = :abel"
    abel = scene.people["abel"]
    with changed(database) as connection:
        assert letter(connection, scene, MailKind.TICKET_ANSWERED, "seoul: abel's hands", to="abel").to
    with changed(database, taken, abel=abel) as connection:
        for kind in (MailKind.TICKET_ANSWERED, MailKind.TICKET_STATUS, MailKind.TICKET_WAITING):
            with pytest.raises(Unwanted):
                letter(connection, scene, kind, "seoul: abel's hands", to="abel")
        # what they asked for themselves is confirmed, in the words they wrote (R33)
        assert letter(connection, scene, MailKind.TICKET_SUBMITTED, "seoul: abel's hands", to="abel").to
        with pytest.raises(Unwanted):
            letter(connection, scene, MailKind.TICKET_SUBMITTED, "seoul: vic's fault", to="abel")


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("left the company", "update portal.membership set ended_at = now() where person_id = :abel"),
        ("was disabled", "update portal.person set disabled_at = now() where id = :abel"),
    ],
)
def test_who_is_gone_gets_not_even_a_confirmation(database: Database, scene: Scene, what: str, change: str) -> None:
    with changed(database, change, abel=scene.people["abel"]) as connection, pytest.raises(Unwanted):
        letter(connection, scene, MailKind.TICKET_SUBMITTED, "seoul: abel's hands", to="abel")


def test_nobody_gets_mail_about_another_companys_or_a_colleagues_ticket(database: Database, scene: Scene) -> None:
    with changed(database) as connection:
        strangers = ("bea", "seoul: abel's hands"), ("ana", "bolt: bea's hands"), ("abel", "seoul: vic's fault")
        for to, ticket in strangers:
            for kind in TO_MEMBERS:
                with pytest.raises(Unwanted):
                    letter(connection, scene, kind, ticket, to=to)


def test_of_staff_the_desk_and_the_accounts_manager_hear_and_finance_does_not(database: Database, scene: Scene) -> None:
    with changed(database) as connection:
        for to in ("dee", "mia"):
            assert letter(connection, scene, MailKind.SLA_BREACH, "seoul: vic's fault", to=to).to
        for to, ticket in (("mia", "bolt: bea's hands"), ("fin", "seoul: vic's fault"), ("ada", "seoul: vic's fault")):
            with pytest.raises(Unwanted):
                letter(connection, scene, MailKind.SLA_BREACH, ticket, to=to)


def test_news_can_be_turned_off_but_questions_cannot(database: Database, scene: Scene) -> None:
    off = "insert into portal.notification_preference (person_id, topic, channel) values (:ana, 'ticket', 'portal')"
    with changed(database, off, ana=scene.people["ana"]) as connection:
        for kind in (MailKind.TICKET_ANSWERED, MailKind.TICKET_STATUS):
            with pytest.raises(Unwanted):
                letter(connection, scene, kind, "group: ana's hands", to="ana")
        for kind in (MailKind.TICKET_SUBMITTED, MailKind.TICKET_WAITING, MailKind.TICKET_RESOLVED):
            assert letter(connection, scene, kind, "group: ana's hands", to="ana").to


def test_a_customer_without_a_language_reads_their_companys_and_staff_do_not(database: Database, scene: Scene) -> None:
    changes = "update portal.person set language = null", "update portal.account set locale = 'ko'"
    with changed(database, *changes) as connection:
        for to, language in (("ana", "ko"), ("dee", "en")):
            found = letter(connection, scene, MailKind.TICKET_STATUS, "group: ana's hands", to=to).message
            assert found["Content-Language"] == language


# --- watchers: mail, not access

ALLOWED = "update portal.account set outside_watchers = true, locale = 'en' where code = 'ACME-SEOUL'"
CONFIRMED = "update portal.ticket_watcher set confirmed_at = now()"
OUTSIDE = "watcher@acme.example"


def test_an_outside_watcher_is_told_number_kind_status_and_site_only(database: Database, scene: Scene) -> None:
    said = {"message": "the words of the reply", "by": "Dee", "reason": "the reason", "status": "in_progress"}
    with changed(database, ALLOWED, CONFIRMED) as connection:
        for kind in TO_MEMBERS:
            message = letter(connection, scene, kind, "seoul: abel's hands", address=OUTSIDE, context=said).message
            seen = message.as_string() + "".join(parts(message).values())
            assert "RH-2025-000002" in seen
            assert "In progress" in seen
            for hidden in ("abel", "the words", "the reason", "Dee", "Acme Seoul", "tickets?ticket"):
                assert hidden not in seen
            assert message["List-Unsubscribe"].startswith("<https://portal.example.com/watch/leave?w=")
            assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_member_who_watches_without_access_is_told_no_more(database: Database, scene: Scene) -> None:
    watch = (
        "insert into portal.ticket_watcher (account_id, ticket_id, person_id, confirmed_at) "
        "values (:account, :ticket, :abel, now())"
    )
    values = {
        "account": scene.accounts["seoul"], "ticket": scene.tickets["seoul: vic's fault"], "abel": scene.people["abel"]
    }  # fmt: skip
    said = {"message": "the words of the reply"}
    with changed(database, watch, **values) as connection:
        message = letter(connection, scene, MailKind.TICKET_ANSWERED, "seoul: vic's fault", to="abel", context=said)
        assert "the words" not in "".join(parts(message.message).values())
        assert "vic" not in message.message.as_string()
        with pytest.raises(Unwanted):
            letter(connection, scene, MailKind.TICKET_ANSWERED, "bolt: bea's fault in Seoul", to="abel")


@pytest.mark.parametrize("changes", [(CONFIRMED,), (ALLOWED,), ()], ids=["not allowed", "not confirmed", "neither"])
def test_an_outside_address_gets_nothing_before_both_sides_agreed(
    database: Database, scene: Scene, changes: tuple[str, ...]
) -> None:
    with changed(database, *changes) as connection, pytest.raises(Unwanted):
        letter(connection, scene, MailKind.TICKET_STATUS, "seoul: abel's hands", address=OUTSIDE)


def test_an_outside_address_is_asked_once_and_leaves_with_one_step(database: Database, scene: Scene) -> None:
    with changed(database, ALLOWED) as connection:
        message = letter(connection, scene, MailKind.WATCH_CONFIRM, "seoul: abel's hands", address=OUTSIDE).message
        assert "/watch/confirm?w=" in parts(message)["plain"]
        assert "abel" not in message.as_string()
        connection.execute(text(CONFIRMED))
        with pytest.raises(Unwanted):
            letter(connection, scene, MailKind.WATCH_CONFIRM, "seoul: abel's hands", address=OUTSIDE)
        connection.execute(text("delete from portal.ticket_watcher"))
        with pytest.raises(Unwanted):
            letter(connection, scene, MailKind.TICKET_STATUS, "seoul: abel's hands", address=OUTSIDE)


def test_followers_are_the_requester_and_confirmed_watchers_whoever_asks(database: Database, scene: Scene) -> None:
    def told(hat: str) -> set[tuple[int | None, str | None]]:
        with changed(database, ALLOWED, CONFIRMED) as connection:
            connection.execute(text(f"set local role {hat}"))
            for _again in range(2):
                tell_followers(
                    connection, kind=MailKind.TICKET_STATUS, account_id=scene.accounts["seoul"],
                    ticket_id=scene.tickets["seoul: abel's hands"], context={"status": "closed"}, dedupe_key="closed",
                )  # fmt: skip
            connection.execute(text("set local role portal_owner"))
            written_down = "select person_id, address from portal.mail where dedupe_key like 'closed/%'"
            return set(map(tuple, connection.execute(text(written_down)).all()))

    expected = {(scene.people["abel"], None), (None, OUTSIDE)}
    assert told("portal_owner") == expected
    assert told(Hat.WORKER) == expected


# --- hostile words


def test_what_people_wrote_stays_where_it_belongs(database: Database, scene: Scene) -> None:
    long = "x" * 5000
    said = {"message": f"{HOSTILE}\n{long}\n한글 {'가' * 900}", "by": HOSTILE}
    with changed(
        database, "update portal.ticket set subject = left(:hostile, 200)",
        "update portal.person set name = :hostile", hostile=HOSTILE,
    ) as connection:  # fmt: skip
        kind = MailKind.TICKET_ANSWERED
        message = letter(connection, scene, kind, "group: ana's hands", to="ana", context=said).message
    raw = message.as_bytes()
    parsed = message_from_bytes(raw, policy=policy.default)
    assert parsed["Bcc"] is None
    assert sum(1 for name in parsed if name == "Subject") == 1
    assert parsed["To"].addresses[0].addr_spec == "paa@acme.example"
    assert len(parsed["To"].addresses) == 1
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    for words in (parsed["Subject"], parsed["To"], *parts(message).values()):
        assert "\u202e" not in words
    html = parts(message)["html"]
    assert "<script>alert" not in html
    assert "Rack <b>7</b>" not in html
    assert "&lt;script&gt;" in html
    assert long in parts(message)["plain"], "nothing is cut off"


@pytest.mark.parametrize("length", range(40, 60))
def test_words_of_a_long_subject_stay_apart(database: Database, scene: Scene, length: int) -> None:
    words = f"{'가' * length} 나다 라마바 사아자차 카타파하 거너더러"[:120]
    change = "update portal.ticket set subject = :words"
    with changed(database, change, "update portal.person set name = :words", words=words) as connection:
        message = letter(connection, scene, MailKind.TICKET_ANSWERED, "group: ana's hands", to="ana").message
    parsed = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert parsed["Subject"].endswith(f"· {words}")
    raw = message_from_bytes(message.as_bytes(), policy=policy.compat32)["To"]  # the newer reader adds spaces itself
    assert str(make_header(decode_header(raw))).startswith(f"{one_line(words, 80)} <paa@")
    assert all(len(line) <= 78 for line in message.as_bytes().partition(b"\r\n\r\n")[0].split(b"\r\n"))


def test_the_workers_hat_reads_no_conversation(database: Database, scene: Scene) -> None:
    from sqlalchemy.exc import ProgrammingError

    with database.jobs.begin() as connection:
        connection.execute(text("set local role portal_worker"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("select body from portal.ticket_message"))


# --- the links


def test_a_link_works_for_its_watcher_and_its_step_only(database: Database, scene: Scene) -> None:
    from auth.watching import watcher_in

    token = watch_link(WatchStep.LEAVE, 7).partition("w=")[2]
    assert watcher_in(WatchStep.LEAVE, token) == 7
    assert watcher_in(WatchStep.CONFIRM, token) is None
    assert watcher_in(WatchStep.LEAVE, token.replace("7.", "8.")) is None
    for broken in ("", "7", "7.", ".", "x.y", "9" * 30 + ".z", "७.x"):
        assert watcher_in(WatchStep.LEAVE, broken) is None


def test_confirming_and_leaving_change_that_watcher_alone(database: Database, scene: Scene) -> None:
    with database.as_owner() as connection:
        connection.execute(text(ALLOWED))
        mine, other = connection.scalars(text(
            "select w.id from portal.ticket_watcher w join portal.account a on a.id = w.account_id "
            "where a.code = 'ACME-SEOUL' order by 1 limit 2"
        )).all()  # fmt: skip
        bolts = connection.scalar(text(
            "select w.id from portal.ticket_watcher w join portal.account a on a.id = w.account_id "
            "where a.code = 'BOLT' order by 1 limit 1"
        ))  # fmt: skip
    assert take_step(database.auth, WatchStep.CONFIRM, mine)
    assert not take_step(database.auth, WatchStep.CONFIRM, bolts), "Bolt allows no outside watchers"
    assert take_step(database.auth, WatchStep.LEAVE, mine)
    assert take_step(database.auth, WatchStep.LEAVE, mine), "once more changes nothing"
    assert not take_step(database.auth, WatchStep.CONFIRM, mine), "what it was for is over"
    with database.as_owner() as connection:
        left = set(connection.scalars(text("select id from portal.ticket_watcher where id in (:a, :b, :c)"),
                                      {"a": mine, "b": other, "c": bolts}))  # fmt: skip
        noted = connection.scalars(text("select action from portal.audit_entry where action = 'watcher.left'")).all()
    assert left == {other, bolts}
    assert noted == ["watcher.left"]
