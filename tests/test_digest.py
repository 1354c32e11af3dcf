"""News come by the way each person chose: at once, once a day together, by no mail; nothing lost, nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import text

from data.outbox import tell
from data.settings import settings
from jobs.deliver import deliver_one, elected
from jobs.digests import make_digests
from jobs.letters import digest
from jobs.post import Dropped, Refused
from jobs.worker import Job, do
from rules.mail import MailKind
from rules.topics import Channel, Topic
from tests.cluster import Database
from tests.scene import Scene, set_the_scene

HANDS, VISIT = "group: ana's hands", "osaka: ana's visit"
OFTEN = 20


@dataclass
class Letterbox:
    """Takes every mail, unless it is told to refuse or to be cut off."""

    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    breaks: Exception | None = None

    def hand_over(self, message: EmailMessage, to: str, name: str) -> None:
        self.mails.append((to, message))
        if self.breaks is not None:
            raise self.breaks

    def rest(self) -> None: ...

    def read(self) -> str:
        """The words of the only mail that came."""
        ((_to, message),) = self.mails
        part = message.get_body(("plain",))
        assert part is not None
        return part.get_content()


@dataclass
class Post:
    """The outbox of a scene, and the letterbox of everybody in it."""

    database: Database
    scene: Scene
    box: Letterbox = field(default_factory=Letterbox)

    def owner(self, statement: str, **values: object) -> object:
        with self.database.as_owner() as connection:
            done = connection.execute(text(statement), values)
            return done.scalar() if done.returns_rows else done.rowcount

    def wants(self, who: str, channel: Channel, topic: Topic = Topic.TICKET) -> None:
        keep = (
            "insert into portal.notification_preference (person_id, topic, channel) values (:who, :topic, :channel) "
            "on conflict (person_id, topic) do update set channel = excluded.channel"
        )
        self.owner(keep, who=self.scene.people[who], topic=topic, channel=channel)

    def tell(self, who: str, said: str = "We are on it.", ticket: str = HANDS, kind=MailKind.TICKET_ANSWERED) -> None:
        account = self.scene.accounts[ticket.partition(":")[0]]
        with self.database.as_owner() as connection:
            tell(
                connection, kind=kind, account_id=account, person_id=self.scene.people[who],
                ticket_id=self.scene.tickets[ticket],
                context={"message": said, "by": "Dee Desk", "status": "in_progress", "packages": 1},
            )  # fmt: skip

    def deliver(self) -> None:
        with elected(self.database.jobs) as connection:
            assert connection is not None
            for _time in range(OFTEN):
                if not deliver_one(connection, self.box):
                    return

    def end_the_day(self) -> None:
        """Whatever was gathered is due now."""
        self.owner("update portal.mail set next_at = now() where state = 'gathered'")
        self.make_digests()
        self.deliver()

    def make_digests(self, now: datetime | None = None) -> None:
        with self.database.jobs.begin() as connection:
            connection.execute(text("select set_config('role', 'portal_worker', true)"))
            make_digests(connection, now)

    def states(self) -> list[str]:
        with self.database.as_owner() as connection:
            asked = "select kind || ' ' || state from portal.mail order by id"
            return list(connection.scalars(text(asked)))


@pytest.fixture(scope="module")
def scene(database: Database) -> Scene:
    with database.as_owner() as connection:
        return set_the_scene(connection)


@pytest.fixture
def post(database: Database, scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Post]:
    for name, value in (
        ("HOME", str(tmp_path)), ("SECRET", "s" * 40), ("BASE_URL", "https://portal.example.com"),
        ("MAIL_FROM", "portal@example.com"),
    ):  # fmt: skip
        monkeypatch.setenv(f"PORTAL_{name}", value)
    settings.cache_clear()
    post = Post(database, scene)
    clean = (
        "delete from portal.mail", "delete from portal.notification_preference",
        "delete from portal.job_run where name <> 'mail'", "update portal.person set language = 'en', time_zone = null",
    )  # fmt: skip
    for statement in clean:
        post.owner(statement)
    yield post
    for statement in clean:
        post.owner(statement)
    settings.cache_clear()


# --- the way each chose


def test_each_topic_comes_by_the_way_its_reader_chose(post: Post) -> None:
    post.wants("ana", Channel.PORTAL, Topic.SHIPMENT)
    post.wants("abel", Channel.OFF)
    post.tell("ana")
    post.tell("ana", kind=MailKind.SHIPMENT_RECEIVED, ticket="osaka: ana's shipment")
    post.tell("abel", ticket="seoul: abel's hands")
    post.tell("abel", ticket="seoul: abel's hands", kind=MailKind.TICKET_WAITING)
    post.deliver()
    assert post.states() == [
        "ticket_answered sent", "shipment_received withheld", "ticket_answered withheld", "ticket_waiting sent",
    ]  # fmt: skip
    assert [to for to, _mail in post.box.mails] == ["paa@acme.example", "hands@acme.example"]


def test_a_days_news_are_one_mail_by_topic_and_none_comes_before_its_time(post: Post) -> None:
    post.wants("ana", Channel.DIGEST)
    post.wants("ana", Channel.DIGEST, Topic.SHIPMENT)
    post.tell("ana", kind=MailKind.SHIPMENT_RECEIVED, ticket="osaka: ana's shipment")
    post.tell("ana", "The cable is <b>in</b>.")
    post.tell("ana", "And the port is up.", VISIT)
    post.deliver()
    post.make_digests()
    post.deliver()
    assert post.box.mails == []
    post.end_the_day()
    ((to, message),) = post.box.mails
    assert (to, message["Subject"]) == ("paa@acme.example", "Daily digest: 3 updates")
    assert "/unsubscribe?t=" in message["List-Unsubscribe"]
    assert ".digest." in message["List-Unsubscribe"]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    words = post.box.read()
    assert words.index("Tickets") < words.index("The cable is <b>in</b>.") < words.index("And the port is up.")
    assert words.index("And the port is up.") < words.index("Shipments that arrived")
    page = message.get_body(("html",))
    assert page is not None
    assert "The cable is &lt;b&gt;in&lt;/b&gt;." in page.get_content()
    for number in ("ticket=RH-", "ticket=SV-", "ticket=SH-"):
        assert f"https://portal.example.com/tickets?{number}" in words
    assert post.states() == [
        "shipment_received sent", "ticket_answered sent", "ticket_answered sent", "daily_digest sent"
    ]  # fmt: skip
    post.end_the_day()
    assert len(post.box.mails) == 1, "nothing new was gathered"


def test_more_than_anybody_reads_is_counted_and_not_listed(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "MOST", 2)
    post.wants("ana", Channel.DIGEST)
    for n in range(4):
        post.tell("ana", f"number {n}")
    post.deliver()
    post.end_the_day()
    words = post.box.read()
    assert "number 1" in words
    assert "2 more stand in the portal." in words
    assert "number 2" not in words


def test_the_digest_is_in_its_readers_language_and_on_their_clock(post: Post) -> None:
    post.owner("update portal.person set language = 'ko', time_zone = 'Asia/Seoul' where email = 'paa@acme.example'")
    post.wants("ana", Channel.DIGEST)
    post.tell("ana")
    post.deliver()
    until = post.owner("select (next_at at time zone 'Asia/Seoul')::time::text from portal.mail where next_at > now()")
    assert until == "08:00:00"
    post.owner("update portal.mail set created_at = '2026-01-31T20:05:00+00:00'")
    post.end_the_day()
    ((_to, message),) = post.box.mails
    assert message["Content-Language"] == "ko"
    assert "05:05" in post.box.read()
    assert "20:05" not in post.box.read()


# --- rights and wishes of the moment


def test_a_right_that_was_taken_away_yesterday_is_missing_from_todays_digest(post: Post) -> None:
    post.wants("vic", Channel.DIGEST)
    post.tell("vic", "on your fault", "seoul: vic's fault")
    post.deliver()
    assert post.states() == ["ticket_answered gathered"]
    vic = post.scene.people["vic"]
    rights = "where person_id = :vic and function like 'ticket.view%'"
    post.owner(f"create table portal.kept as select * from portal.access_grant {rights}", vic=vic)
    post.owner(f"delete from portal.access_grant {rights}", vic=vic)
    try:
        post.end_the_day()
    finally:
        post.owner("insert into portal.access_grant select * from portal.kept")
        post.owner("drop table portal.kept")
    assert post.box.mails == []
    assert post.states() == ["ticket_answered withheld", "daily_digest withheld"]


def test_what_may_not_be_read_any_more_is_left_out_and_the_rest_is_told(post: Post) -> None:
    post.wants("ana", Channel.DIGEST)
    post.tell("ana", "of the group")
    post.tell("ana", "of another company", "bolt: bea's hands")
    post.owner("update portal.mail set state = 'gathered', next_at = now()")
    post.end_the_day()
    assert "of the group" in post.box.read()
    assert "another company" not in post.box.read()
    assert post.states() == ["ticket_answered sent", "ticket_answered withheld", "daily_digest sent"]


def test_who_turned_it_off_meanwhile_gets_no_digest_of_it(post: Post) -> None:
    post.wants("ana", Channel.DIGEST)
    post.tell("ana")
    post.deliver()
    post.wants("ana", Channel.OFF)
    post.end_the_day()
    assert post.box.mails == []
    assert post.states() == ["ticket_answered withheld", "daily_digest withheld"]


def test_what_cannot_be_put_into_words_takes_none_of_the_others_along(post: Post) -> None:
    post.wants("ana", Channel.DIGEST)
    post.tell("ana", "a good one")
    post.tell("ana", "a broken one")
    post.owner("""update portal.mail set kind = 'dispute_answered', state = 'ready'
                  where context ->> 'message' = 'a broken one'""")
    post.owner("update portal.mail set state = 'gathered', next_at = now()")
    post.end_the_day()
    assert "a good one" in post.box.read()


# --- nothing lost, nothing twice


def test_two_workers_make_one_digest(post: Post) -> None:
    for who, ticket in (("ana", HANDS), ("abel", "seoul: abel's hands")):
        post.wants(who, Channel.DIGEST)
        post.tell(who, ticket=ticket)
    post.deliver()
    post.owner("update portal.mail set next_at = now() where state = 'gathered'")
    gate = threading.Barrier(4)

    def work(job: Job) -> None:
        gate.wait()
        do(post.database.jobs, job)

    jobs = [Job(f"digests {n // 2}", timedelta(days=1), make_digests) for n in range(4)]  # two slots, two workers each
    workers = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    post.deliver()
    assert sorted(to for to, _mail in post.box.mails) == ["hands@acme.example", "paa@acme.example"]
    assert post.states().count("daily_digest sent") == 2


def test_a_digest_that_was_cut_off_is_sent_again_whole_and_one_that_is_refused_keeps_its_news(post: Post) -> None:
    post.wants("ana", Channel.DIGEST)
    post.tell("ana", "once told")
    post.deliver()
    post.box.breaks = Dropped("gone")
    post.end_the_day()
    assert post.states() == ["ticket_answered gathered", "daily_digest ready"]
    post.box.breaks = Refused("550 nobody here", for_good=True)
    post.owner("update portal.mail set next_at = now() where state = 'ready'")
    post.deliver()
    assert post.states() == ["ticket_answered dead", "daily_digest dead"]
    post.box.breaks = None
    post.owner("update portal.mail set state = 'ready', attempts = 0, next_at = now() where kind = 'daily_digest'")
    post.deliver()
    assert post.states() == ["ticket_answered sent", "daily_digest sent"]
    assert len({message["Message-ID"] for _to, message in post.box.mails}) == 1
    for _to, message in post.box.mails:
        assert "once told" in message.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("zone", "gathered", "due"),
    [
        ("UTC", "2026-06-01T07:59:59", "2026-06-01T08:00"),
        ("UTC", "2026-06-01T08:00:00", "2026-06-02T08:00"),
        ("Asia/Seoul", "2026-06-01T00:30:00", "2026-06-01T23:00"),
        # clocks go forward on the 29th, back on the 25th: the day has 23 hours, or 25
        ("Europe/Berlin", "2026-03-28T12:00:00", "2026-03-29T06:00"),
        ("Europe/Berlin", "2026-03-28T06:30:00", "2026-03-28T07:00"),
        ("Europe/Berlin", "2026-10-24T12:00:00", "2026-10-25T07:00"),
        ("Europe/Berlin", "2026-10-24T22:30:00", "2026-10-25T07:00"),
        ("America/New_York", "2026-11-01T05:30:00", "2026-11-01T13:00"),
        ("Mars/Olympus", "2026-06-01T07:00:00", "2026-06-01T08:00"),
    ],
)
def test_the_hour_is_eight_on_that_clock_whatever_it_was_put_to(post: Post, zone: str, gathered: str, due: str) -> None:
    asked = "select authz.next_digest(:zone, :gathered)"
    found = post.owner(asked, zone=zone, gathered=datetime.fromisoformat(gathered).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_whoever_chose_no_zone_is_on_the_clock_of_their_account(post: Post) -> None:
    ana = post.scene.people["ana"]
    where = "where code = 'ACME'"
    before = post.owner(f"select time_zone from portal.account {where}")
    try:
        post.owner(f"update portal.account set time_zone = 'Asia/Tokyo' {where}")
        assert post.owner("select authz.zone_of(:ana)", ana=ana) == "Asia/Tokyo"
        post.owner("update portal.person set time_zone = 'Asia/Jakarta' where id = :ana", ana=ana)
        assert post.owner("select authz.zone_of(:ana)", ana=ana) == "Asia/Jakarta"
        assert post.owner("select authz.zone_of(:dee)", dee=post.scene.people["dee"]) == "UTC"
    finally:
        post.owner(f"update portal.account set time_zone = :zone {where}", zone=before)
