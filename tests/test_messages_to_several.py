"""What an account manager writes to several customers: each has a conversation of their own, and gets it once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from data.database import context_of
from data.messaging import (
    BeginBroadcast,
    SayInThread,
    SendBroadcastTo,
    Wanted,
    audience,
    begun_by,
    count_recipients,
    get_broadcast,
    read_message_file,
)
from data.models.rows import Hat
from pages.staff.broadcast.messages import chosen
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.files import Upload
from rules.messages import Recipients
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.message_scene import Post, post_in
from tests.scene import set_the_scene
from tests.standing import page_of, words_of

pytestmark = pytest.mark.usefixtures("configured")
P = Permission
ACMES = ("group", "seoul", "osaka")


@pytest.fixture(scope="module")
def post(database: Database, sign_in: Callable[[str], Principal]) -> Post:
    with database.as_owner() as connection:
        set_the_scene(connection)
    post = post_in(database, sign_in)
    post.may("abel", "seoul", P.MESSAGE_USE)
    post.may("vic", "seoul", P.TICKET_VIEW_COMPANY)
    return post


def begun(post: Post, *accounts: str, who: str = "mia", key: UUID | None = None, **more: Any) -> UUID:
    said = {"subject": "Work in Seoul", "body": "On Sunday night", **more}
    command = BeginBroadcast(accounts=tuple(post.uuids[account] for account in accounts), **said)
    return UUID(post.does(who, command, key=key)["broadcast"])


def sent(post: Post, broadcast: UUID, *accounts: str) -> list[int]:
    return [post.does("mia", SendBroadcastTo(broadcast, post.uuids[account]))["people"] for account in accounts]


def threads_of(post: Post, broadcast: UUID) -> dict[int, UUID]:
    """Account → the conversation that came of it."""
    rows = post.rows(
        "select t.account_id, t.uuid from portal.thread t "
        "join portal.broadcast_account a on a.account_id = t.account_id and a.thread_id = t.id "
        "join portal.broadcast b on b.id = a.broadcast_id where b.uuid = :b",
        b=broadcast,
    )
    return dict(rows)


def test_each_customer_reads_it_in_a_conversation_of_their_own_and_answers_there(post: Post) -> None:
    broadcast = begun(post, "seoul", "osaka", recipients=Recipients.EVERYBODY)
    assert threads_of(post, broadcast) == {}, "nobody is told before it is sent"
    assert sent(post, broadcast, "seoul", "osaka") == [2, 1]
    threads = threads_of(post, broadcast)
    seoul, osaka = threads[post.accounts["seoul"]], threads[post.accounts["osaka"]]
    assert [message.body for message in post.reads("abel", seoul).messages] == ["On Sunday night"]
    assert {name.split()[0] for name, _me in post.reads("abel", seoul).people} == {"Abel", "Ana"}
    for stranger, thread in (("abel", osaka), ("bea", seoul), ("fin", seoul), ("dee", seoul), ("vic", seoul)):
        with pytest.raises((NotFound, Forbidden)):
            post.reads(stranger, thread)
    post.does("abel", SayInThread(seoul, "Fine with us"))
    assert len(post.reads("ana", osaka).messages) == 1, "what one customer answers stays with them"
    assert sorted(post.mailed(seoul)) == ["hands", "manager", "paa"]


def test_only_who_runs_the_account_gets_what_is_for_them(post: Post) -> None:
    broadcast = begun(post, "seoul", recipients=Recipients.ADMINISTRATORS)
    assert sent(post, broadcast, "seoul") == [1]
    (thread,) = threads_of(post, broadcast).values()
    assert post.reads("ana", thread).is_unread
    with pytest.raises(NotFound):
        post.reads("abel", thread)


def test_a_run_that_was_cut_short_goes_on_and_nobody_gets_it_twice(post: Post) -> None:
    broadcast = begun(post, *ACMES, subject="Cut short")
    sent(post, broadcast, "seoul")
    (one,) = [each for each in begun_by(post.database.app, post.person("mia")) if each.uuid == broadcast]
    assert (one.sent, one.accounts, one.is_over) == (1, 3, False)
    with ThreadPoolExecutor(6) as several:  # two tabs go on at the same time
        for done in [several.submit(sent, post, broadcast, account) for account in ACMES for _tab in range(2)]:
            assert done.result() == [1]
    assert len(threads_of(post, broadcast)) == 3
    assert post.rows("select count(*) from portal.thread where subject = 'Cut short'") == [(3,)]
    assert post.rows(
        "select count(*) from portal.thread_message m join portal.thread t on t.id = m.thread_id "
        "where t.uuid = any(:them)", them=[*threads_of(post, broadcast).values()],
    ) == [(3,)]  # fmt: skip
    its, to = get_broadcast(post.database.app, post.person("mia"), broadcast)
    assert its.is_over and all(each.sent_at for each in to)


def test_the_same_click_twice_is_one_text(post: Post) -> None:
    key = uuid4()
    assert begun(post, "seoul", key=key) == begun(post, "seoul", key=key)
    with pytest.raises(Conflict):
        begun(post, "osaka", key=key)


@pytest.mark.parametrize("accounts", [("bolt",), ("seoul", "bolt")])
def test_nobody_writes_to_customers_of_a_colleague(post: Post, accounts: tuple[str, ...]) -> None:
    before = post.rows("select count(*) from portal.broadcast")
    with pytest.raises(Forbidden):
        begun(post, *accounts)
    assert post.rows("select count(*) from portal.broadcast") == before


@pytest.mark.parametrize("who", ["ana", "bea", "fin", "dee", "ada"])
def test_nobody_but_an_account_manager_writes_to_several(post: Post, who: str) -> None:
    broadcast = begun(post, "seoul")
    with pytest.raises(Forbidden):
        begun(post, "seoul", who=who)
    with pytest.raises(Forbidden):
        post.does(who, SendBroadcastTo(broadcast, post.uuids["seoul"]))
    with pytest.raises((Forbidden, NotFound)):
        get_broadcast(post.database.app, post.person(who), broadcast)


def test_who_looks_after_an_account_no_more_sends_it_nothing(post: Post) -> None:
    broadcast, mia = begun(post, "seoul", "osaka"), post.person("mia").person_id
    gone = {"a": post.accounts["osaka"], "p": mia}
    post.run("delete from portal.assignment where account_id = :a and person_id = :p", **gone)
    with pytest.raises((Forbidden, NotFound)):
        sent(post, broadcast, "osaka")
    assert sent(post, broadcast, "seoul") == [1]
    post.run("insert into portal.assignment (account_id, person_id) values (:a, :p)", **gone)
    with pytest.raises(NotFound):  # nor what was never among its accounts
        post.does("mia", SendBroadcastTo(broadcast, post.uuids["group"]))


@pytest.mark.parametrize(
    "wrong",
    [{"subject": ""}, {"subject": "x" * 201}, {"body": " "}, {"body": "x" * 10_001}, {"recipients": "strangers"}],
)
def test_what_cannot_be_accepted_is_not_written_down(post: Post, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        begun(post, "seoul", **wrong)
    with pytest.raises(Invalid):
        begun(post)


def test_people_are_counted_before_it_is_sent_and_only_ones_own_customers(post: Post) -> None:
    mia, them = post.person("mia"), tuple(post.uuids.values())
    everybody = count_recipients(post.database.app, mia, them, Recipients.EVERYBODY)
    assert everybody == {post.uuids["group"]: 1, post.uuids["seoul"]: 2, post.uuids["osaka"]: 1}
    assert count_recipients(post.database.app, mia, them, Recipients.ADMINISTRATORS)[post.uuids["seoul"]] == 1


def test_customers_are_chosen_by_where_they_are_and_how_they_stand(post: Post) -> None:
    everybody = audience(post.database.app, post.person("mia"))
    assert {one.code for one in everybody} == {"ACME", "ACME-SEOUL", "ACME-OSAKA"}
    in_japan = Wanted(frozenset({"JP"}))
    assert {one.code for one in everybody if in_japan.takes(one)} == {"ACME-OSAKA"}
    assert {one.code for one in chosen(everybody, {"who": "some", "countries": ["KR"]})} == {"ACME", "ACME-SEOUL"}
    assert chosen(everybody, {"who": "picked", "accounts": [str(post.uuids["bolt"])]}) == ()
    assert not [one for one in everybody if Wanted(frozenset({"PH"})).takes(one)]
    with_open = {one.code for one in everybody if Wanted(with_open_tickets=True).takes(one)}
    assert with_open == {one.code for one in everybody if one.open_tickets}


def test_the_page_shows_who_gets_what_and_goes_on_with_what_is_not_over(post: Post) -> None:
    post.run("delete from portal.broadcast_account")
    post.run("delete from portal.broadcast")
    broadcast = begun(post, *ACMES)
    sent(post, broadcast, "seoul")
    app = page_of(post.person("mia"), "pages.staff.broadcast.page", **{"as": "messages"})
    assert not app.exception
    assert "3 customers · 3 people" in words_of(app)
    assert "2 customers are waiting" in words_of(app)
    next(button for button in app.button if button.label == "Go on sending").click().run()
    assert not app.exception
    assert len(threads_of(post, broadcast)) == 3
    assert "waiting" not in words_of(app)


@contextmanager
def wearing(post: Post, who: str, hat: Hat, account: str | None = None) -> Iterator[Connection]:
    """Their session's connection, on which any SQL can be said; of which nothing stays."""
    principal = post.person(who)
    if account is not None:
        principal = principal.looking_at((post.accounts[account],))
    settings = context_of(principal, hat)
    names = {"role": "hat", "portal.session": "token", "portal.account": "account", "portal.accounts": "accounts"}
    wear = ", ".join(f"set_config('{name}', :{key}, true)" for name, key in names.items())
    with post.database.app.connect() as connection, connection.begin() as transaction:
        connection.execute(text(f"select {wear}"), settings)
        yield connection
        transaction.rollback()


PDF = b"%PDF-1.7 plan"


def with_files(post: Post, *accounts: str) -> UUID:
    command = BeginBroadcast(
        "Work in Seoul", "On Sunday night", tuple(post.uuids[account] for account in accounts),
        Recipients.EVERYBODY, (Upload("plan.pdf", PDF), Upload("hours.txt", b"from two to four")),
    )  # fmt: skip
    return UUID(post.does("mia", command)["broadcast"])


def test_its_files_are_kept_once_and_read_by_whoever_got_them(post: Post) -> None:
    broadcast = with_files(post, *ACMES)
    sent(post, broadcast, "seoul", "osaka")
    threads = threads_of(post, broadcast)
    seoul, osaka = threads[post.accounts["seoul"]], threads[post.accounts["osaka"]]
    of_seoul = post.reads("abel", seoul).messages[0].files
    assert [(file.name, file.size) for file in of_seoul] == [("plan.pdf", len(PDF)), ("hours.txt", 16)]
    for who in ("abel", "ana", "mia"):  # ana has several accounts in view
        assert read_message_file(post.database.app, post.person(who), of_seoul[0].uuid).content == PDF
    of_osaka = post.reads("ana", osaka).messages[0].files
    for stranger, file in (("abel", of_osaka[0]), ("bea", of_seoul[0]), ("dee", of_seoul[0]), ("fin", of_seoul[1])):
        with pytest.raises(NotFound):
            read_message_file(post.database.app, post.person(stranger), file.uuid)
    ((kept, named),) = post.rows(
        "select (select count(*) from portal.broadcast_file f where f.broadcast_id = b.id), "
        "(select count(*) from portal.thread_file t join portal.broadcast_file f on f.id = t.broadcast_file_id "
        "where f.broadcast_id = b.id) from portal.broadcast b where b.uuid = :b",
        b=broadcast,
    )
    assert (kept, named) == (2, 4)


def test_a_file_that_cannot_be_accepted_is_sent_to_nobody(post: Post) -> None:
    before = post.rows("select count(*) from portal.broadcast")
    for wrong in (Upload("evil.exe", b"MZ"), Upload("plan.pdf", b"no pdf"), Upload("empty.txt", b"")):
        with pytest.raises(Invalid):
            begun(post, "seoul", files=(wrong,))
    assert post.rows("select count(*) from portal.broadcast") == before


def test_nobody_reads_or_names_a_file_that_did_not_come_to_them(post: Post) -> None:
    broadcast = with_files(post, "seoul", "osaka")
    ((whole, file),) = post.rows(
        "select b.id, min(f.id) from portal.broadcast b join portal.broadcast_file f on f.broadcast_id = b.id "
        "where b.uuid = :b group by b.id", b=broadcast,
    )  # fmt: skip
    asked = text("select id from portal.broadcast_file where id = :f")
    for who, hat, account in (
        ("abel", Hat.CUSTOMER, "seoul"), ("ana", Hat.CUSTOMER, "osaka"), ("bea", Hat.CUSTOMER, "bolt"),
    ):  # fmt: skip
        with wearing(post, who, hat, account) as connection:
            assert connection.execute(asked, {"f": file}).all() == [], "not sent yet"
    sent(post, broadcast, "osaka")
    with wearing(post, "abel", Hat.CUSTOMER, "seoul") as connection:
        assert connection.execute(asked, {"f": file}).all() == [], "sent to another customer"
    with wearing(post, "ana", Hat.CUSTOMER, "osaka") as connection:
        assert connection.execute(asked, {"f": file}).all() == [(file,)]
        with pytest.raises(DBAPIError, match="permission denied"):  # nor who else got it
            connection.execute(text("select broadcast_id from portal.broadcast_file"))
    mine = post.starts("abel")
    ((message,),) = post.rows(
        "select m.id from portal.thread_message m join portal.thread t on t.id = m.thread_id where t.uuid = :t", t=mine
    )
    naming = """insert into portal.thread_file (account_id, message_id, name, media_type, sha256, broadcast_file_id)
        values (:a, :m, 'x', 'text/plain', '\\x00', :f)"""
    with (
        wearing(post, "abel", Hat.CUSTOMER, "seoul") as connection,
        pytest.raises(DBAPIError, match="permission denied"),
    ):
        connection.execute(text(naming), {"a": post.accounts["seoul"], "m": message, "f": file})
    adding = """insert into portal.broadcast_file (broadcast_id, name, media_type, sha256, content)
        values (:b, 'x', 'text/plain', '\\x00', '\\x01')"""
    post.run("update portal.broadcast set author_id = :p where id = :b", b=whole, p=post.person("dee").person_id)
    with wearing(post, "mia", Hat.MANAGER) as connection, pytest.raises(DBAPIError, match="row-level security"):
        connection.execute(text(adding), {"b": whole})  # a colleague's text


def test_the_form_takes_files_along_and_shows_them_before_it_is_sent(post: Post) -> None:
    post.run("delete from portal.thread_file where broadcast_file_id is not null")
    for table in ("broadcast_file", "broadcast_account", "broadcast"):
        post.run(f"delete from portal.{table}")
    app = page_of(post.person("mia"), "pages.staff.broadcast.page", **{"as": "messages"})
    next(field for field in app.text_input if field.label.startswith("Subject")).input("Work")
    next(field for field in app.text_area if field.label.startswith("Message")).input("On Sunday")
    (files,) = app.get("file_uploader")
    files.upload("plan.pdf", PDF, "application/pdf").run()
    assert "plan" in words_of(app)
    next(button for button in app.button if button.label == "Send").click().run()
    assert not app.exception
    ((name, threads),) = post.rows(
        "select min(f.name), count(distinct t.id) from portal.thread_file f "
        "join portal.thread_message m on m.id = f.message_id join portal.thread t on t.id = m.thread_id "
        "where f.broadcast_file_id is not null"
    )
    assert (name, threads) == ("plan.pdf", 3)


_FORGED = (
    "insert into portal.thread (account_id, subject) values (:account, 'x')",
    """insert into portal.thread_message (account_id, thread_id, author_id, author_name, body)
    values (:account, :thread, :other, 'Mia Manager', 'x')""",
    "insert into portal.thread_member (account_id, thread_id, person_id) values (:account, :thread, :me)",
    "update portal.thread set subject = 'x' where id = :thread",
    "update portal.thread_member set read_until = now() where thread_id = :thread",
    "delete from portal.thread_message where thread_id = :thread",
    "insert into portal.broadcast (author_id, subject, body, recipients) values (:me, 'x', 'x', 'everybody')",
    "update portal.broadcast_account set sent_at = null",
    "insert into portal.feedback (account_id, person_id, rating, body, page) values (:account, :other, 1, 'x', '/')",
    """insert into portal.mail (account_id, dedupe_key, kind, person_id, message_id)
    values (:account, 'x', 'message_received', :other, '<x@y>')""",
    "select authz.tell_of_message(t, 1, '<x@y>') from portal.thread t",
    "select authz.write_in_thread(t, 'staff', 'x', '<x@y>') from portal.thread t where t.id = :thread",
    "select * from authz.letter_of_message(1)",
    "select * from authz.recipients_of(:account, 'everybody')",
    "select authz.may_take_part(:other, :account, 'finance')",
)


@pytest.mark.parametrize(("who", "hat"), [("ana", Hat.CUSTOMER), ("mia", Hat.MANAGER), ("fin", Hat.STAFF)])
def test_no_hat_writes_what_only_the_functions_write(post: Post, who: str, hat: Hat) -> None:
    thread = post.starts("ana", "finance" if who == "fin" else "account_manager")
    ((number,),) = post.rows("select id from portal.thread where uuid = :t", t=thread)
    values = {
        "account": post.accounts["seoul"], "thread": number, "me": post.person(who).person_id,
        "other": post.person("abel").person_id,
    }  # fmt: skip
    with wearing(post, who, hat, "seoul" if who == "ana" else None) as connection:
        for sql in _FORGED:
            with (
                pytest.raises(DBAPIError, match=r"permission denied|row-level security"),
                connection.begin_nested(),
            ):
                connection.execute(text(sql), values)


def test_a_file_comes_with_ones_own_message_and_with_no_other(post: Post) -> None:
    thread = post.starts("ana")
    post.does("mia", SayInThread(thread, "An answer"))
    mine, theirs = (
        row[0] for row in post.rows(
            "select m.id from portal.thread_message m join portal.thread t on t.id = m.thread_id where t.uuid = :t "
            "order by m.id", t=thread)
    )  # fmt: skip
    adding = (
        "insert into portal.thread_file (account_id, message_id, name, media_type, sha256, content) "
        "values (:a, :m, 'x', 'text/plain', '\\x00', '\\x01')"
    )
    with wearing(post, "ana", Hat.CUSTOMER, "seoul") as connection:
        connection.execute(text(adding), {"a": post.accounts["seoul"], "m": mine})
        with pytest.raises(DBAPIError, match="row-level security"):
            connection.execute(text(adding), {"a": post.accounts["seoul"], "m": theirs})


def test_a_statement_that_changes_the_account_in_its_middle_reads_no_more(post: Post) -> None:
    """`set_config` inside a statement leads a policy to another company only if it may go there anyway."""
    post.starts("bea", account="bolt")
    with wearing(post, "ana", Hat.CUSTOMER, "seoul") as connection:
        led = (
            "select set_config('portal.account', :bolt, true), count(*) from portal.thread where account_id = :bolt_id"
        )
        found = connection.execute(
            text(led + " group by 1"), {"bolt": str(post.accounts["bolt"]), "bolt_id": post.accounts["bolt"]}
        ).all()
    assert found == []
