"""Colleagues are let into a conversation later, by somebody who is in it: who may, who may be, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.messaging import AddToThread, SayInThread, mark_read, may_join, read_message_file
from jobs.letters import Unwanted, written
from rules.errors import Forbidden, Invalid, NotFound
from rules.files import Upload
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.message_scene import Post, post_of_colleagues
from tests.patience import PATIENCE
from tests.standing import page_of, words_of

pytestmark = pytest.mark.usefixtures("configured")
P = Permission
PDF = b"%PDF-1.7 plan"


@pytest.fixture(scope="module")
def post(database: Database, sign_in: Callable[[str], Principal]) -> Post:
    return post_of_colleagues(database, sign_in)


def people(post: Post, thread: UUID) -> set[str]:
    return {name.split()[0] for name, _me in post.reads("abel", thread).people}


def offered(post: Post, who: str, thread: UUID) -> set[UUID]:
    return set(may_join(post.database.app, post.person(who), thread, post.accounts["seoul"]))


def test_whoever_is_let_in_reads_all_of_it_with_its_files_and_hears_of_it_once(post: Post) -> None:
    thread, vic = post.starts("abel", files=(Upload("plan.pdf", PDF),)), post.uuid_of("vic")
    before = post.unread("vic")
    (file,) = post.reads("abel", thread).messages[0].files
    with pytest.raises(NotFound):
        read_message_file(post.database.app, post.person("vic"), file.uuid)
    assert offered(post, "abel", thread) == {vic, post.uuid_of("ana")}
    assert post.does("abel", AddToThread(thread, (vic, vic)))["added"] == ["Vic Acme"]
    its = post.reads("vic", thread)
    assert its.is_unread and [message.body for message in its.messages] == ["When is the work?"]
    assert read_message_file(post.database.app, post.person("vic"), file.uuid).content == PDF
    assert post.unread("vic") == before + 1
    assert offered(post, "abel", thread) == {post.uuid_of("ana")}
    mark_read(post.database.app, post.person("vic"), its)
    assert post.does("abel", AddToThread(thread, (vic,)))["added"] == []
    assert post.unread("vic") == before, "who is in it already has read what they have read"
    assert post.mailed(thread).count("viewer") == 1


def letter(post: Post, thread: UUID) -> str:
    """What Vic is sent about it now, as plain text."""
    ((mail, context),) = post.rows(
        "select m.id, m.context from portal.mail m join portal.thread t on t.uuid = :t "
        "where m.kind = 'message_received' and m.person_id = :p and m.context ->> 'thread' = t.id::text",
        t=thread, p=post.person("vic").person_id,
    )  # fmt: skip
    with post.database.jobs.begin() as connection:
        connection.execute(text("set local role portal_worker"))
        message = written(connection, mail, "message_received", context, "<x@y>").message
    body = message.get_body(("plain",))
    assert body is not None
    return f"{message['Subject']}\n{body.get_content()}"


def test_the_mail_says_who_let_them_in_and_is_not_for_who_may_not_read_it_any_more(post: Post) -> None:
    thread = post.starts("abel", subject="A rack\r\nBcc: eve@x.example", body="On Monday")
    post.does("abel", AddToThread(thread, (post.uuid_of("vic"),)))
    post.does("abel", SayInThread(thread, "And one thing more"))
    said = letter(post, thread)
    assert said.startswith("Abel Acme 님이 대화에 추가했습니다: A rack Bcc: eve@x.example\n"), "Vic reads Korean"
    assert "On Monday" in said and f"/messages?thread={thread}" in said
    post.may("vic", "seoul", P.TICKET_VIEW_COMPANY)
    with pytest.raises(Unwanted):
        letter(post, thread)
    post.may("vic", "seoul", P.MESSAGE_USE)
    mark_read(post.database.app, post.person("vic"), post.reads("vic", thread))
    with pytest.raises(Unwanted):
        letter(post, thread)


def test_nobody_of_another_company_nobody_of_ours_and_nobody_without_the_function_is_let_in(post: Post) -> None:
    thread, vic = post.starts("abel"), post.uuid_of("vic")
    for stranger in (post.uuid_of("bea"), post.uuid_of("mia"), post.uuid_of("dee"), uuid4()):
        with pytest.raises(Forbidden):
            post.does("abel", AddToThread(thread, (vic, stranger)))
    ((gus,),) = post.rows("select uuid from portal.person where name = 'Gus Acme'")  # may not use messages
    with pytest.raises(Forbidden):
        post.does("abel", AddToThread(thread, (gus,)))
    with pytest.raises(Invalid):
        post.does("abel", AddToThread(thread, ()))
    of_money = post.starts("abel", "finance")
    assert offered(post, "abel", of_money) == {post.uuid_of("ana")}, "Vic sees no invoice"
    with pytest.raises(Forbidden):
        post.does("abel", AddToThread(of_money, (vic,)))
    assert people(post, thread) == people(post, of_money) == {"Abel"}, "all of them or nobody"
    assert post.mailed(thread) == ["manager"]


def test_who_is_not_in_it_lets_nobody_in_and_not_even_themselves(post: Post) -> None:
    thread = post.starts("abel")
    for stranger in ("vic", "ana", "bea", "fin", "ada"):  # ana runs the account
        with pytest.raises((NotFound, Forbidden)):
            post.does(stranger, AddToThread(thread, (post.uuid_of(stranger),)))
    assert offered(post, "vic", thread) == set()
    with pytest.raises(Forbidden):  # whoever of us answers there does not choose for the customer
        post.does("mia", AddToThread(thread, (post.uuid_of("vic"),)))
    assert offered(post, "mia", thread) == set()
    post.may("abel", "seoul", P.TICKET_VIEW_COMPANY)
    with pytest.raises((NotFound, Forbidden)):  # who was in it, and may not write any more
        post.does("abel", AddToThread(thread, (post.uuid_of("vic"),)))
    post.may("abel", "seoul", P.MESSAGE_USE, P.INVOICE_VIEW)
    assert people(post, thread) == {"Abel"}


def test_the_log_names_them_and_whoever_is_let_in_hears_at_once(post: Post) -> None:
    thread = post.starts("abel")
    url = post.database.login("portal_app").replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute("listen portal")
        post.does("abel", AddToThread(thread, (post.uuid_of("vic"),)))
        heard = {notification.payload for notification in listener.notifies(timeout=PATIENCE, stop_after=1)}
    assert heard == {f"M{post.uuids['seoul']}"}
    ((actor, after),) = post.rows(
        "select actor_name, after from portal.audit_entry where action = 'message.add' and object_id = :t",
        t=str(thread),
    )
    assert (actor, after) == ("Abel Acme", {"people": ["Vic Acme"]})


def test_the_function_of_the_database_asks_for_itself(post: Post, database: Database) -> None:
    thread, vic = post.starts("abel"), post.uuid_of("vic")
    adding = text("select * from authz.add_to_thread(:t, array[cast(:p as uuid)], '<x@y>')")
    context = text(
        "select set_config('role', :hat, true), set_config('portal.session', :token, true), "
        "set_config('portal.account', :account, true)"
    )
    for who, hat, account in (
        ("vic", "portal_customer", "seoul"), ("bea", "portal_customer", "bolt"), ("bea", "portal_customer", "seoul"),
        ("mia", "portal_manager", "seoul"), ("fin", "portal_staff", "seoul"),
    ):  # fmt: skip
        with database.app.connect() as connection:
            wearing = {"hat": hat, "token": post.person(who).token, "account": str(post.accounts[account])}
            connection.execute(context, wearing)
            with pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(adding, {"t": thread, "p": vic})
            connection.rollback()
    assert people(post, thread) == {"Abel"}


def test_the_drawer_lets_a_colleague_in_and_offers_it_to_who_is_in_it_alone(post: Post) -> None:
    thread, vic = post.starts("abel"), post.uuid_of("vic")
    app = page_of(post.person("abel"), "pages.portal.messages", thread=str(thread))
    (who,) = [field for field in app.multiselect if field.label == "Colleagues"]
    assert who.options == ["Ana Acme", "Vic Acme"]
    who.set_value([vic]).run()
    app.button(key=f"join.{thread}.add").click().run()
    assert not app.exception
    assert people(post, thread) == {"Abel", "Vic"}
    assert "Vic Acme" in words_of(app)
    of_mia = page_of(post.person("mia"), "pages.portal.messages", thread=str(thread))
    assert "When is the work?" in [said.value for said in of_mia.text]
    assert "Colleagues" not in [field.label for field in of_mia.multiselect]
