"""The bell and the envelope: who is told what, what counts as read, and that words are shown as they were written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from data.messaging import Conversation, conversation_of
from data.models import Notice, NoticeRead, Thread
from data.news import unread
from data.notices import NoticePage, NoticesAsked, get_notice, list_notices, mark_read
from rules.errors import Forbidden, NotFound
from rules.principal import Principal
from tests.cluster import Database
from tests.door import settings_for
from tests.standing import NOW, add, page_of, set_the_stage, words_of

SignIn = Callable[[str], Principal]


@pytest.fixture(autouse=True)
def stage(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The stage is set once; every test begins with nothing read."""
    with database.as_owner() as connection:
        if connection.scalar(select(Notice.id).limit(1)) is None:
            set_the_stage(connection)
        connection.exec_driver_sql("delete from portal.notice_read")
        connection.exec_driver_sql("update portal.thread_member set read_until = null")
    with settings_for(database, tmp_path_factory.mktemp("instance")):
        yield


@pytest.fixture
def notices(database: Database, sign_in: SignIn) -> Callable[..., NoticePage]:
    def listed(name: str, *, language: str = "en", **asked: Any) -> NoticePage:
        return list_notices(database.app, sign_in(name), NoticesAsked(**asked), language=language)

    return listed


def titles(page: NoticePage) -> list[str]:
    return [row.title for row in page.rows]


def uuid_of(database: Database, title: str) -> UUID:
    with database.as_owner() as connection:
        return connection.execute(select(Notice.uuid).where(Notice.title == title)).scalar_one()


# --- notices


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "ana",
            ["cooling fails", "work in Seoul", "invoices are out", "power failed", "work that is over", "old advice"],
        ),
        (
            "vic",
            ["cooling fails", "work in Seoul", "invoices are out", "power failed", "work that is over", "old advice"],
        ),
        ("abel", ["cooling fails", "work in Seoul", "power failed", "work that is over", "old advice"]),
        ("bea", ["cooling fails", "UPS work for Bolt", "power failed", "old advice"]),
        (
            "mia",
            ["cooling fails", "work in Seoul", "invoices are out", "power failed", "work that is over", "old advice"],
        ),
    ],
)
def test_everybody_is_told_what_is_for_them_the_newest_first(
    name: str, told: list[str], notices: Callable[..., NoticePage]
) -> None:
    assert titles(notices(name)) == told


@pytest.mark.parametrize("name", ["ana", "abel", "bea", "mia", "fin", "dee", "ada"])
def test_a_draft_is_nobodys_news(name: str, notices: Callable[..., NoticePage]) -> None:
    assert "not yet said" not in titles(notices(name))


def test_notices_are_narrowed_by_category_and_by_what_goes_on(notices: Callable[..., NoticePage]) -> None:
    assert titles(notices("ana", categories=("billing", "advisory"))) == ["invoices are out", "old advice"]
    assert titles(notices("ana", only_open=True)) == ["cooling fails", "work in Seoul"]
    assert titles(notices("bea", only_open=True, categories=("maintenance",))) == ["UPS work for Bolt"]


def test_a_notice_is_read_in_the_readers_language_with_what_came_later(
    database: Database, sign_in: SignIn, notices: Callable[..., NoticePage]
) -> None:
    assert titles(notices("abel", language="ko"))[0] == "cooling fails (한국어)"
    detail = get_notice(database.app, sign_in("abel"), uuid_of(database, "cooling fails"), language="ko")
    assert detail.row.sites == ("Seoul 1",)
    assert detail.body == "About: cooling fails"  # nobody translated it
    assert [update.body for update in detail.updates] == ["Later: cooling fails"]


@pytest.mark.parametrize("title", ["UPS work for Bolt", "not yet said"])
def test_somebody_elses_notice_is_as_unknown_as_one_that_never_was(
    title: str, database: Database, sign_in: SignIn
) -> None:
    ana = sign_in("ana")
    for uuid in (uuid_of(database, title), uuid4()):
        with pytest.raises(NotFound):
            get_notice(database.app, ana, uuid)


def test_the_badge_counts_what_the_list_marks(
    database: Database, sign_in: SignIn, notices: Callable[..., NoticePage]
) -> None:
    for name in ("ana", "abel", "bea", "mia"):
        page = notices(name)
        assert unread(database.app, sign_in(name)).notices == page.unread == sum(row.is_unread for row in page.rows)
    old = next(row for row in notices("ana").rows if row.title == "old advice")
    assert not old.is_unread, "what nobody opened for 90 days is not news any more"


def test_reading_one_notice_is_my_reading_alone(
    database: Database, sign_in: SignIn, notices: Callable[..., NoticePage]
) -> None:
    mark_read(database.app, sign_in("ana"), uuid_of(database, "cooling fails"))
    mark_read(database.app, sign_in("ana"), uuid_of(database, "cooling fails"))  # a second time changes nothing
    assert titles(notices("ana", only_unread=True))[0] == "work in Seoul"
    assert unread(database.app, sign_in("ana")).notices == 4
    assert unread(database.app, sign_in("vic")).notices == 5
    assert titles(notices("bea", only_unread=True))[0] == "cooling fails"


def test_all_are_read_at_once_and_only_those_i_was_told(
    database: Database, sign_in: SignIn, notices: Callable[..., NoticePage]
) -> None:
    mark_read(database.app, sign_in("abel"))
    assert unread(database.app, sign_in("abel")).notices == 0
    assert titles(notices("abel", only_unread=True)) == []
    with database.as_owner() as connection:
        marked = {*connection.scalars(select(Notice.title).join(NoticeRead, NoticeRead.notice_id == Notice.id))}
    assert marked == {"cooling fails", "work in Seoul", "power failed", "work that is over"}
    assert unread(database.app, sign_in("vic")).notices == 5


def test_a_notice_that_is_not_mine_cannot_be_marked(database: Database, sign_in: SignIn) -> None:
    mark_read(database.app, sign_in("ana"), uuid_of(database, "UPS work for Bolt"))
    with database.as_owner() as connection:
        assert connection.scalar(select(NoticeRead.notice_id)) is None


def test_the_page_lists_notices_and_marks_them_read(database: Database, sign_in: SignIn) -> None:
    app = page_of(sign_in("vic"), "pages.portal.notices")
    assert not app.exception
    assert "5 unread notices" in words_of(app)
    assert app.dataframe[0].value["title"].iloc[0] == "cooling fails"
    assert "UPS work for Bolt" not in [*app.dataframe[0].value["title"]]
    next(button for button in app.button if button.label == "Mark all as read").click().run()
    assert not app.exception
    assert not app.button
    assert unread(database.app, sign_in("vic")).notices == 0


def test_the_page_follows_its_address(sign_in: SignIn) -> None:
    app = page_of(sign_in("ana"), "pages.portal.notices", category=["maintenance", "nonsense"], state="open")
    assert [*app.dataframe[0].value["title"]] == ["work in Seoul"]
    nothing = page_of(sign_in("ana"), "pages.portal.notices", category="order", page="99")
    assert "There is no such notice." in words_of(nothing)


def test_opening_a_notice_reads_it_and_shows_its_words_as_they_are(database: Database, sign_in: SignIn) -> None:
    with database.as_owner() as connection:
        add(connection, Notice, category="advisory", title="*Rules*", body="2026. 11. 22.\n**not bold**", everyone=True,
            published_at=NOW)  # fmt: skip
    try:
        app = page_of(sign_in("abel"), "pages.portal.notices", notice=str(uuid_of(database, "*Rules*")))
        assert not app.exception
        assert "2026. 11. 22.\n**not bold**" in [text.value for text in app.text]
        assert unread(database.app, sign_in("abel")).notices == 4
    finally:
        with database.as_owner() as connection:
            connection.exec_driver_sql("delete from portal.notice_read")
            connection.exec_driver_sql("delete from portal.notice where title = '*Rules*'")


@pytest.mark.parametrize("asked", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_an_address_of_no_notice_says_so(asked: str, sign_in: SignIn) -> None:
    app = page_of(sign_in("ana"), "pages.portal.notices", notice=asked)
    assert words_of(app) == "It does not exist, or it is not available to you."


# --- messages


def conversation(database: Database, principal: Principal, subject: str) -> Conversation:
    with database.as_owner() as connection:
        uuid = connection.execute(select(Thread.uuid).where(Thread.subject == subject)).scalar_one()
    return conversation_of(database.app, principal, uuid)


def test_a_conversation_is_seen_by_those_who_take_part(database: Database, sign_in: SignIn) -> None:
    for name, subjects in (("ana", ["seoul: plans"]), ("mia", ["seoul: plans"]), ("bea", ["bolt: plans"])):
        assert [*page_of(sign_in(name), "pages.portal.messages").dataframe[0].value["subject"]] == subjects
    with pytest.raises(NotFound):
        conversation(database, sign_in("ana"), "bolt: plans")
    with pytest.raises(NotFound):
        conversation(database, sign_in("fin"), "seoul: plans")


@pytest.mark.parametrize("name", ["abel", "vic", "ada"])
def test_without_the_function_there_are_no_messages(name: str, database: Database, sign_in: SignIn) -> None:
    with pytest.raises(Forbidden):
        conversation(database, sign_in(name), "seoul: plans")


def test_the_list_shows_the_last_words_and_the_thread_all_of_them(database: Database, sign_in: SignIn) -> None:
    ana = sign_in("ana")
    shown = page_of(ana, "pages.portal.messages").dataframe[0].value
    assert (shown["account"].iloc[0], shown["last"].iloc[0]) == ("Acme Seoul", "mia: mia: *words* of seoul")
    said = conversation(database, ana, "seoul: plans").messages
    assert [(message.author, message.is_mine) for message in said] == [("ana", True), ("mia", False)]


def test_the_page_opens_a_conversation_and_shows_words_as_they_are(database: Database, sign_in: SignIn) -> None:
    bea = sign_in("bea")
    app = page_of(bea, "pages.portal.messages")
    assert [*app.dataframe[0].value["subject"]] == ["bolt: plans"]
    assert "seoul" not in app.dataframe[0].value.to_string()
    assert unread(database.app, bea).messages == 1
    app = page_of(bea, "pages.portal.messages", thread=str(conversation(database, bea, "bolt: plans").uuid))
    assert not app.exception
    assert [text.value for text in app.text] == ["bea: *words* of bolt", "dee: *words* of bolt"]
    assert unread(database.app, bea).messages == 0


def test_the_list_is_narrowed_by_what_was_said_and_by_what_is_new(database: Database, sign_in: SignIn) -> None:
    ana = sign_in("ana")
    for asked, there in (
        ({"q": "words* of"}, True), ({"q": "PLANS"}, True), ({"q": "bolt"}, False), ({"state": "unread"}, True),
        ({"with": "finance"}, False), ({"with": "account_manager"}, True), ({"about": "invoice"}, False),
    ):  # fmt: skip
        app = page_of(ana, "pages.portal.messages", **asked)
        assert not app.exception
        assert bool(app.dataframe) == there, asked


def test_somebody_without_messages_reads_that_there_are_none(sign_in: SignIn) -> None:
    app = page_of(sign_in("fin"), "pages.portal.messages")
    assert not app.exception
    assert "Nobody has written yet." in words_of(app)
    assert not app.dataframe
