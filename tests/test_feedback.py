"""Feedback: who may give it and how much, who reads it, and that its page is one of ours."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from data.feedback import FEEDBACK, SendFeedback, sent_by
from data.listing import page_of as rows_of
from data.listing import read_asked
from pages import PAGES
from rules.errors import Conflict, Forbidden, Invalid
from rules.principal import Principal
from tests.cluster import Database
from tests.message_scene import Post, post_in
from tests.standing import page_of, words_of
from ui.terms import TERMS

pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def post(database: Database, sign_in: Callable[[str], Principal]) -> Post:
    with database.as_owner() as connection:
        connection.exec_driver_sql("delete from portal.feedback")
    return post_in(database, sign_in)


def gives(post: Post, who: str, rating: int = 4, body: str = "Good", page: str = "/tickets") -> None:
    post.does(who, SendFeedback(rating, body, page))


def read_by(post: Post, who: str) -> set[str]:
    page = rows_of(post.database.app, post.person(who), FEEDBACK, read_asked(FEEDBACK, {}))
    return {*page.values["body"]} if page.length else set()


def test_the_account_manager_and_the_desk_read_it_and_nobody_else(post: Post) -> None:
    gives(post, "abel", body="from Seoul")
    gives(post, "bea", body="from Bolt")
    assert read_by(post, "mia") == {"from Seoul"}
    assert read_by(post, "dee") == {"from Seoul", "from Bolt"}
    for who in ("fin", "ada", "ana", "abel"):
        with pytest.raises(Forbidden):
            read_by(post, who)


def test_its_writer_sees_what_they_sent_and_a_colleague_does_not(post: Post) -> None:
    gives(post, "abel", 2, "The search")
    ((rating, body, page),) = [
        (one.rating, one.body, one.page) for one in sent_by(post.database.app, post.person("abel"))
    ]
    assert (rating, body, page) == (2, "The search", "/tickets")
    assert sent_by(post.database.app, post.person("ana")) == ()


def test_who_says_too_much_within_an_hour_is_asked_to_wait_and_others_are_not(post: Post) -> None:
    for n in range(5):
        gives(post, "abel", body=str(n))
    with pytest.raises(Conflict, match="within an hour"):
        gives(post, "abel")
    gives(post, "vic")
    post.run("update portal.feedback set written_at = now() - interval '2 hours'")
    gives(post, "abel", body="later")


@pytest.mark.parametrize("wrong", [{"rating": 0}, {"rating": 6}, {"body": "x" * 4001}, {"body": "a\x00"}])
def test_what_cannot_be_accepted_is_not_kept(post: Post, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        post.does("abel", SendFeedback(**{"rating": 3, **wrong}))  # type: ignore[arg-type]
    assert sent_by(post.database.app, post.person("abel")) == ()


@pytest.mark.parametrize("who", ["mia", "fin", "dee", "ada"])
def test_staff_tell_each_other_otherwise(post: Post, who: str) -> None:
    with pytest.raises(Forbidden):
        gives(post, who)


def test_the_same_click_twice_is_one(post: Post) -> None:
    key = uuid4()
    for _n in range(2):
        post.does("abel", SendFeedback(5, "Fine"), key=key)
    assert len(sent_by(post.database.app, post.person("abel"))) == 1


@pytest.mark.parametrize(
    ("said", "shown"),
    [("/invoices", "Invoices"), ("/", "Dashboard"), ("https://evil.example", "Dashboard"), ("/a`**b**", "Dashboard"),
     ("//evil.example", "Dashboard"), ("/" + "x" * 80, "Dashboard"), ("/feedback", "Dashboard")],
)  # fmt: skip
def test_the_page_somebody_came_from_is_one_of_ours(post: Post, said: str, shown: str) -> None:
    app = page_of(post.person("vic"), "pages.portal.feedback", **{"from": said})
    assert not app.exception
    assert f"About the page {shown}" in words_of(app)


def test_each_page_of_customers_has_its_own_title() -> None:
    """ui/terms/company.py: a page that lacks there would be told by its address."""
    theirs = {f"/{spec.path}": spec.title for spec in PAGES if spec.for_customers and spec.path != "feedback"}
    assert theirs == {page: word.message for page, word in TERMS["feedback.page"].items()}


def test_staff_read_the_title_of_the_page_and_not_its_address(post: Post) -> None:
    for page in ("/", "/invoices", "/gone"):
        gives(post, "vic", page=page)
    app = page_of(post.person("dee"), "pages.portal.feedback")
    assert [*app.dataframe[0].value["page"]] == ["/gone", "Invoices", "Dashboard"]


def test_the_page_shows_what_was_written_letter_by_letter(post: Post) -> None:
    gives(post, "vic", body="**not bold**")
    app = page_of(post.person("vic"), "pages.portal.feedback")
    assert [text.value for text in app.text] == ["**not bold**"]
    app = page_of(post.person("dee"), "pages.portal.feedback")
    assert [*app.dataframe[0].value["body"]] == ["**not bold**"]
