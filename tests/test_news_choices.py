"""What people are told, and how, is theirs to choose; one click in a mail turns its topic off, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette

from auth.news import StopMail, stop_mail
from data.database import writing
from data.engines import app_engine, auth_engine
from data.news import unread
from data.notices import NoticeCategory, NoticesAsked, list_notices
from data.outbox import tell
from data.preferences import ANY, channels, choose_channel
from data.settings import settings
from jobs.letters import written
from rules.errors import Invalid, NotFound
from rules.mail import OF_ACCESS, OF_ACCOUNTS, OF_MONEY, OF_SIGNING_IN, MailKind
from rules.principal import Principal
from rules.topics import Channel, Topic, channels_of, topic_of, topics_for, usual_channel
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.conftest import CAST
from tests.scene import Scene, set_the_scene
from web import unsubscribing

T, C = Topic, Channel
pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture(scope="module")
def scene(database: Database) -> Scene:
    with database.as_owner() as connection:
        return set_the_scene(connection)


@pytest.fixture
def kept(database: Database, scene: Scene) -> Iterator[Callable[[str], dict[str, str]]]:
    """What somebody has chosen, as the database has it."""

    def of(who: str) -> dict[str, str]:
        asked = "select topic, channel from portal.notification_preference where person_id = :who"
        with database.as_owner() as connection:
            return dict(connection.execute(text(asked), {"who": scene.people[who]}).all())  # type: ignore[arg-type]

    yield of
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.notification_preference"))


def noted(database: Database, action: str) -> list[tuple[str, dict, dict]]:
    asked = "select actor_name, before, after from portal.audit_entry where action = :action order by id"
    with database.as_owner() as connection:
        return [tuple(row) for row in connection.execute(text(asked), {"action": action})]


# --- the table of topics


def test_what_is_about_ones_way_in_or_rights_or_asks_for_something_has_no_topic() -> None:
    must = {
        *OF_SIGNING_IN, *OF_ACCESS, *OF_ACCOUNTS, *OF_MONEY, MailKind.TICKET_SUBMITTED, MailKind.TICKET_WAITING,
        MailKind.TICKET_RESOLVED, MailKind.STORAGE_ENDS, MailKind.VISIT_APPROVED, MailKind.WATCH_CONFIRM,
        MailKind.DISPUTE_OPENED, MailKind.DISPUTE_NOTE, MailKind.DISPUTE_DECIDED,
    }  # fmt: skip
    assert {kind for kind in must if topic_of(kind) is not None} == set()
    assert topic_of(MailKind.TICKET_ANSWERED) is T.TICKET


def test_every_category_of_notices_is_a_topic_that_the_bell_can_be_silent_about() -> None:
    for category in NoticeCategory:
        assert topic_of("notice_published", category) is T(category)
        assert C.OFF in channels_of(T(category))
    assert topic_of("notice_updated", None) is None
    for topic in (T.MESSAGE, T.DISPUTE, T.SHIPMENT, T.PROMISE):
        assert channels_of(topic) == (C.PORTAL, C.MAIL, C.DIGEST)
    assert all(usual_channel(topic) in channels_of(topic) for topic in T)


def test_nobody_is_offered_news_that_cannot_reach_them(sign_in: Callable[[str], Principal]) -> None:
    assert T.PROMISE not in topics_for(sign_in("ana"))
    assert set(topics_for(sign_in("abel"))) == {T.INCIDENT, T.MAINTENANCE, T.ADVISORY, T.TICKET, T.SHIPMENT}
    assert T.BILLING not in topics_for(sign_in("dee"))
    assert T.PROMISE in topics_for(sign_in("dee"))
    assert T.PROMISE not in topics_for(sign_in("fin"))


# --- choosing


def test_a_choice_is_ones_own_and_noted(database: Database, sign_in, kept) -> None:
    ana = sign_in("ana")
    assert channels(app_engine(), ana)[T.TICKET] is C.MAIL
    for channel in (C.DIGEST, C.OFF, C.OFF):
        choose_channel(app_engine(), ana, T.TICKET, channel)
    assert channels(app_engine(), ana) | {} == {topic: usual_channel(topic) for topic in topics_for(ana)} | {
        T.TICKET: C.OFF
    }
    assert kept("ana") == {"ticket": "off"}
    assert kept("bea") == kept("abel") == {}
    told = noted(database, "person.news")
    assert [(who, after["channel"]) for who, _before, after in told] == [("Ana Acme", "digest"), ("Ana Acme", "off")]
    assert told[-1][1] == {"topic": "ticket", "channel": "digest"}


@pytest.mark.parametrize("name", CAST)
def test_everybody_chooses_in_their_own_hat(sign_in, kept, name: str) -> None:
    principal = sign_in(name)
    topic = topics_for(principal)[0]
    choose_channel(app_engine(), principal, topic, C.DIGEST)
    assert channels(app_engine(), principal)[topic] is C.DIGEST
    assert kept(name) == {topic: "digest"}


def test_what_is_not_offered_is_not_taken(sign_in, kept) -> None:
    with pytest.raises(Invalid):
        choose_channel(app_engine(), sign_in("ana"), T.MESSAGE, C.OFF)
    with pytest.raises(NotFound):
        choose_channel(app_engine(), sign_in("abel"), T.BILLING, C.OFF)
    assert kept("ana") == kept("abel") == {}


def test_nobody_chooses_for_somebody_else(sign_in, scene: Scene, kept) -> None:
    put = "insert into portal.notification_preference (person_id, topic, channel) values (:who, :topic, 'off')"
    ana = sign_in("ana")
    for who, topic in (("abel", "ticket"), ("bea", "ticket"), ("ana", "password")):
        with pytest.raises(DBAPIError), writing(app_engine(), ana, *ANY) as connection:
            connection.execute(text(put), {"who": scene.people[who], "topic": topic})
    choose_channel(app_engine(), sign_in("bea"), T.TICKET, C.DIGEST)
    with writing(app_engine(), ana, *ANY) as connection:
        assert connection.execute(text("update portal.notification_preference set channel = 'off'")).rowcount == 0
    assert kept("bea") == {"ticket": "digest"}
    assert kept("ana") == {}


def test_the_bell_does_not_count_what_somebody_turned_off_and_the_list_has_it(sign_in, kept) -> None:
    ana, bea = sign_in("ana"), sign_in("bea")
    of = {category: list_notices(app_engine(), ana, NoticesAsked((category,))).rows for category in NoticeCategory}
    category, rows = next((c, rows) for c, rows in of.items() if any(row.is_unread for row in rows))
    before, beas = unread(app_engine(), ana).notices, unread(app_engine(), bea).notices
    choose_channel(app_engine(), ana, T(category), C.PORTAL)
    assert unread(app_engine(), ana).notices == before
    choose_channel(app_engine(), ana, T(category), C.OFF)
    assert unread(app_engine(), ana).notices == before - sum(row.is_unread for row in rows)
    assert unread(app_engine(), bea).notices == beas
    assert list_notices(app_engine(), ana, NoticesAsked((category,))).rows == rows


# --- one click


@contextmanager
def at(base_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PORTAL_BASE_URL", base_url)
    settings.cache_clear()
    yield
    monkeypatch.delenv("PORTAL_BASE_URL")
    settings.cache_clear()


def mail(database: Database, scene: Scene, kind: MailKind, to: str) -> EmailMessage:
    with database.as_owner() as connection:
        tell(
            connection, kind=kind, account_id=scene.accounts["group"], person_id=scene.people[to],
            ticket_id=scene.tickets["group: ana's hands"], context={"message": "m", "by": "Dee", "status": "resolved"},
        )  # fmt: skip
        asked = "select id, kind, context, message_id from portal.mail order by id desc limit 1"
        row = connection.execute(text(asked)).one()
        connection.execute(text("set local role portal_worker"))
        message = written(connection, *row).message
        connection.rollback()
    return message


def uuid_of(database: Database, scene: Scene, who: str) -> object:
    with database.as_owner() as connection:
        asked = "select uuid from portal.person where id = :id"
        return connection.execute(text(asked), {"id": scene.people[who]}).scalar_one()


def test_every_mail_that_can_be_turned_off_says_how_and_no_other_does(
    database: Database, scene: Scene, kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at("https://portal.example.com", monkeypatch):
        link = StopMail(uuid_of(database, scene, "ana"), T.TICKET).link  # type: ignore[arg-type]
        optional = mail(database, scene, MailKind.TICKET_ANSWERED, "ana")
        assert optional["List-Unsubscribe"] == f"<{link}>"
        assert optional["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        for part in ("plain", "html"):
            body = optional.get_body((part,))
            assert body is not None
            assert link in body.get_content()
            assert "https://portal.example.com/settings" in body.get_content()
        for kind in (MailKind.TICKET_SUBMITTED, MailKind.TICKET_WAITING, MailKind.TICKET_RESOLVED):
            must = mail(database, scene, kind, "ana")
            assert must["List-Unsubscribe"] is None
            assert "unsubscribe" not in must.as_string()
    with at("http://127.0.0.1:8501", monkeypatch):
        assert mail(database, scene, MailKind.TICKET_ANSWERED, "ana")["List-Unsubscribe-Post"] is None


def visit(asked: StopMail, *, method: str = "POST", spoil: Callable[[str], str] = str, language: str = "en") -> Answer:
    path, _mark, query = asked.link.removeprefix(settings().base_url).partition("?")
    app = Starlette(routes=unsubscribing.routes)
    return ask(app, path, query=spoil(query), method=method, headers={"accept-language": language})


def test_a_link_that_is_opened_changes_nothing_and_a_click_stops_that_topics_mail(
    database: Database, scene: Scene, kept
) -> None:
    stop = StopMail(uuid_of(database, scene, "ana"), T.TICKET)  # type: ignore[arg-type]
    page = visit(stop, method="GET")
    assert (page.status, kept("ana")) == (200, {})
    assert b'<form method="post">' in page.body
    assert b"Tickets" in page.body
    assert b"Ana" not in page.body
    assert b"<script" not in page.body
    assert visit(stop).status == 200
    assert kept("ana") == {"ticket": "portal"}
    assert visit(stop).status == 200, "a second click is told the same"
    assert kept("ana") == {"ticket": "portal"}
    assert kept("bea") == {}
    entries = noted(database, "person.mail_stopped")
    assert entries == [("Ana Acme", None, {"topics": ["ticket"], "channel": "portal"})], "and is not noted again"


@pytest.mark.parametrize(("before", "after"), [("digest", "portal"), ("mail", "portal"), ("off", "off")])
def test_it_only_turns_mail_off(database: Database, scene: Scene, kept, sign_in, before: str, after: str) -> None:
    choose_channel(app_engine(), sign_in("ana"), T.INCIDENT, C(before))
    choose_channel(app_engine(), sign_in("ana"), T.ORDER, C.DIGEST)
    visit(StopMail(uuid_of(database, scene, "ana"), T.INCIDENT))  # type: ignore[arg-type]
    assert kept("ana") == ({"incident": after} if before != "mail" else {"incident": "portal"}) | {"order": "digest"}


def test_no_more_digest_leaves_alone_what_comes_at_once(database: Database, scene: Scene, kept, sign_in) -> None:
    ana = sign_in("ana")
    for topic, channel in ((T.TICKET, C.DIGEST), (T.ORDER, C.DIGEST), (T.INCIDENT, C.OFF)):
        choose_channel(app_engine(), ana, topic, channel)
    assert visit(StopMail(ana.person_uuid, None)).status == 200
    assert channels(app_engine(), ana) == {
        topic: C.OFF if topic is T.INCIDENT else C.MAIL if topic not in (T.TICKET, T.ORDER, T.ADVISORY) else C.PORTAL
        for topic in topics_for(ana)
    }


def test_a_link_of_anybody_elses_making_is_refused(database: Database, scene: Scene, kept) -> None:
    ana, bea = (uuid_of(database, scene, who) for who in ("ana", "bea"))
    stop = StopMail(ana, T.TICKET)  # type: ignore[arg-type]
    foreign = StopMail(bea, T.TICKET).link.rpartition(".")[2]  # type: ignore[arg-type]
    other = StopMail(ana, T.ORDER).link.rpartition(".")[2]  # type: ignore[arg-type]
    for spoil in (
        lambda query: query + "x",
        lambda query: query[:-1],
        lambda query: f"{query.rpartition('.')[0]}.{foreign}",
        lambda query: f"{query.rpartition('.')[0]}.{other}",
        lambda query: f"{query.rpartition('.')[0]}.",
        lambda query: query.replace("ticket", "password"),
        lambda query: query.replace("ticket", "digest"),
        lambda query: query.replace(str(ana), str(bea)),
        lambda query: query.replace(str(ana), "x' or true --"),
        lambda _query: "t=",
        lambda _query: "",
    ):
        for method in ("GET", "POST"):
            assert visit(stop, method=method, spoil=spoil).status == 404
    assert kept("ana") == kept("bea") == {}


def test_with_another_secret_or_for_who_is_gone_it_does_nothing(
    database: Database, scene: Scene, kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = StopMail(uuid_of(database, scene, "abel"), T.TICKET)  # type: ignore[arg-type]
    with database.as_owner() as connection:
        connection.execute(text("update portal.person set disabled_at = now() where email = 'hands@acme.example'"))
    assert visit(stop).status == 404
    with database.as_owner() as connection:
        connection.execute(text("update portal.person set disabled_at = null"))
    link = stop.link
    monkeypatch.setenv("PORTAL_SECRET", "another " * 8)
    settings.cache_clear()
    assert StopMail.of(link.partition("?t=")[2]) is None
    monkeypatch.undo()
    settings.cache_clear()
    assert kept("abel") == {}


def test_the_function_behind_it_turns_nothing_on_and_nobody_else_may_call_it(
    database: Database, scene: Scene, kept, sign_in
) -> None:
    ana = sign_in("ana")
    choose_channel(app_engine(), ana, T.TICKET, C.OFF)
    call = text("select signin.stop_mail(:who, array['billing'], array['ticket'], array['off', 'mail'], null)")
    with auth_engine().begin() as connection:
        connection.execute(call, {"who": ana.person_uuid})
    assert kept("ana") == {"ticket": "off", "billing": "portal"}
    for hat in ("portal_customer", "portal_staff", "portal_worker"):
        with database.as_owner() as connection:
            connection.execute(text(f"set local role {hat}"))
            with pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(call, {"who": ana.person_uuid})
            connection.rollback()
    assert not stop_mail(auth_engine(), StopMail(uuid4(), T.TICKET), address=None)


def test_the_page_speaks_the_language_of_the_browser(database: Database, scene: Scene) -> None:
    page = visit(StopMail(uuid_of(database, scene, "ana"), None), method="GET", language="ko")  # type: ignore[arg-type]
    assert b'lang="ko"' in page.body
    assert b"digest" not in page.body
