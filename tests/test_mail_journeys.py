"""From what somebody does in the portal to what arrives: commands, outbox, worker and a real mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import text

from data.mails import SendAgain, list_mail
from data.models.rows import Hat
from data.settings import settings
from jobs.deliver import deliver_one, elected, forget_old_mail
from jobs.post import post_of
from jobs.tickets import close_tickets, note_no_shows
from rules.errors import Forbidden, NotFound
from rules.mail import MailState
from rules.principal import Principal
from tests.cluster import Database
from tests.mail_room import MailServer, mail_server
from tests.ticket_scene import Desk, desk_in

SECRET = "the rack key is under the mat"


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    with database.as_owner() as connection:
        connection.execute(text("update portal.person set language = 'en'"))
    return desk_in(database, sign_in)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database) -> Iterator[MailServer]:
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.mail"))
    with mail_server() as running:
        monkeypatch.setenv("PORTAL_HOME", str(tmp_path))
        monkeypatch.setenv("PORTAL_SECRET", "s" * 40)
        monkeypatch.setenv("PORTAL_SMTP_URL", running.url)
        monkeypatch.setenv("PORTAL_MAIL_FROM", "portal@example.com")
        settings.cache_clear()
        yield running
    settings.cache_clear()


def arrived(database: Database, server: MailServer) -> list[tuple[str, str]]:
    """What came since the last look: to whom, and the subject up to the ticket's own words."""
    server.received.clear()
    post = post_of(settings())
    with elected(database.jobs) as connection:
        assert connection is not None
        while deliver_one(connection, post):
            pass
    post.rest()
    return sorted((_to(message), message["Subject"].partition(" · ")[0]) for message in server.received)


def _to(message: EmailMessage) -> str:
    return message["To"].addresses[0].addr_spec.partition("@")[0]


def words(server: MailServer) -> str:
    return "".join(
        part.get_content() for message in server.received for part in message.walk()
        if part.get_content_maintype() == "text"
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["remote_hands", "fault", "shipment", "site_visit"])
def test_a_request_is_confirmed_to_who_made_it_and_to_nobody_else(
    desk: Desk, database: Database, server: MailServer, kind: str
) -> None:
    number = desk.opens("ana", kind)
    assert arrived(database, server) == [("paa", f"{number}: we have received your request")]
    assert "We answer by" in words(server)
    assert "Seoul" in words(server)
    assert number in words(server)
    assert arrived(database, server) == []


def test_a_conversation_by_mail_and_what_never_is_in_it(desk: Desk, database: Database, server: MailServer) -> None:
    number = desk.opens("abel")
    arrived(database, server)
    desk.says("dee", number, SECRET, internal=True)
    assert arrived(database, server) == []
    desk.says("dee", number, "We are on our way.")
    assert ("hands", f"{number}: the service desk has replied") in arrived(database, server)
    assert "We are on our way." in words(server)
    desk.moves("dee", number, "in_progress")
    arrived(database, server)
    desk.moves("dee", number, "waiting_customer")
    assert arrived(database, server) == [("hands", f"{number}: we need your answer")]
    assert "Which port?" in words(server)
    desk.says("abel", number, "Port 7.")
    desk.moves("dee", number, "resolved")
    assert ("hands", f"{number}: resolved") in arrived(database, server)
    roots = {message["References"] for message in server.received}
    assert len(roots) == 1, "all mails about a ticket stand together"
    with database.as_owner() as connection:
        kept = connection.scalar(text("select string_agg(m::text, ' ') from portal.mail m"))
    assert "We are on our way." in kept
    assert SECRET not in kept


def test_an_approved_visit_comes_with_its_pass(desk: Desk, database: Database, server: MailServer) -> None:
    number = desk.opens("ana", "site_visit")
    arrived(database, server)
    desk.moves("dee", number, "approved")
    assert arrived(database, server) == [("paa", f"{number}: your visit is approved")]
    kinds = [part.get_content_type() for part in server.received[0].walk()]
    assert {"image/png", "text/calendar"} <= set(kinds)
    assert "Vera Visitor" in words(server)


def test_what_is_resolved_closes_by_itself_and_tells(desk: Desk, database: Database, server: MailServer) -> None:
    old, fresh = desk.opens("ana"), desk.opens("ana")
    for number in (old, fresh):
        desk.moves("dee", number, "resolved")
    desk.some_time_ago(old, timedelta(days=5, minutes=1))
    arrived(database, server)
    for _again in range(2):
        with database.jobs.begin() as connection:
            connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
            close_tickets(connection)
            note_no_shows(connection)
    assert arrived(database, server) == [("paa", f"{old}: Closed")]
    assert desk.sees("ana", fresh).ticket.status == "resolved"


def test_who_lost_the_right_meanwhile_is_told_nothing(desk: Desk, database: Database, server: MailServer) -> None:
    number = desk.opens("abel")
    arrived(database, server)
    desk.says("dee", number, "Only for those who may read it.")
    with database.as_owner() as connection:
        taken = "delete from portal.access_grant where person_id = :abel and function = 'ticket.view_own' returning *"
        grants = connection.execute(text(taken), {"abel": desk.id_of("abel")}).mappings().all()
    assert "hands" not in {to for to, _subject in arrived(database, server)}
    with database.as_owner() as connection:
        assert connection.scalar(text("select count(*) from portal.mail where state = 'withheld'")) >= 1
        for row in grants:
            connection.execute(
                text("insert into portal.access_grant values (:account_id, :person_id, :function, :site_ids, now())"),
                dict(row),
            )
    assert "hands" not in {to for to, _subject in arrived(database, server)}, "what was withheld does not come later"


def test_the_desk_sees_how_far_mail_is_and_starts_a_dead_one_again(
    desk: Desk, database: Database, server: MailServer
) -> None:
    server.answers["paa@acme.example"] = "550 nobody here"
    number = desk.opens("ana")
    assert arrived(database, server) == []
    (dead,) = list_mail(database.app, desk.person("dee"), number)
    assert (dead.state, dead.to, dead.attempts) == (MailState.DEAD, "Ana Acme", 1)
    for who in ("ana", "mia", "fin", "ada"):
        with pytest.raises(Forbidden):
            list_mail(database.app, desk.person(who), number)
        with pytest.raises(Forbidden):
            desk.does(who, SendAgain(dead.id))
    server.answers.clear()
    assert arrived(database, server) == [], "dead stays dead until somebody acts"
    desk.does("dee", SendAgain(dead.id))
    assert arrived(database, server) == [("paa", f"{number}: we have received your request")]
    assert list_mail(database.app, desk.person("dee"), number)[0].sent_at is not None
    with pytest.raises(NotFound):
        desk.does("dee", SendAgain(dead.id))  # it is sent: not once more
    assert arrived(database, server) == []


def test_mail_is_forgotten_after_a_while_and_never_before_it_is_over(
    desk: Desk, database: Database, server: MailServer
) -> None:
    for _three in range(3):
        desk.opens("ana")
    aged = "update portal.mail set created_at = now() - interval '91 days'"
    with database.as_owner() as connection:
        waiting, old, fresh = connection.scalars(text("select id from portal.mail order by id")).all()
        connection.execute(text(f"{aged} where id = any (:ids)"), {"ids": [waiting, old]})
        connection.execute(text("update portal.mail set state = 'sent' where id <> :waiting"), {"waiting": waiting})
    with database.jobs.begin() as connection:
        connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
        forget_old_mail(connection)
    with database.as_owner() as connection:
        assert connection.scalars(text("select id from portal.mail order by id")).all() == [waiting, fresh]
