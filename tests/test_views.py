"""Saved views: what somebody asks of a list again and again, alone or with colleagues; never what is found."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from streamlit.testing.v1 import AppTest

from data.commands import Command, execute
from data.database import writing
from data.engines import app_engine
from data.invoices import INVOICES
from data.tickets import TICKETS
from data.views import ANY, MOST, ChangeView, DeleteView, SaveView, View, asked_by, default_views, list_views
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.principal import Principal
from tests.cluster import Database
from tests.door import recorded
from tests.scene import Scene, set_the_scene

pytestmark = pytest.mark.usefixtures("configured")
OVERDUE = "status=overdue"
SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module")
def scene(database: Database) -> Scene:
    with database.as_owner() as connection:
        return set_the_scene(connection)


@pytest.fixture(autouse=True)
def no_views(database: Database, scene: Scene) -> None:
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.saved_view"))
        connection.execute(text("delete from portal.command_key"))


def at(who: Principal, scene: Scene, *accounts: str) -> Principal:
    return who.looking_at(tuple(scene.accounts[account] for account in accounts))


def do(principal: Principal, command: Command) -> UUID:
    done = execute(app_engine(), principal, command, key=uuid4() if command.creates else None)
    return UUID(done.result.get("view", str(uuid4())))


def save(who: Principal, name: str, query: str = OVERDUE, *, shared: bool = False, is_default: bool = False) -> UUID:
    return do(who, SaveView("invoices", name, query, shared=shared, is_default=is_default))


def named(who: Principal, page: str = "invoices") -> dict[str, View]:
    return {view.name: view for view in list_views(app_engine(), who, page)}


# --- keeping and sharing


def test_a_view_is_its_makers_until_they_share_it_with_one_account(sign_in: SignIn, scene: Scene) -> None:
    ana, vic, bea = at(sign_in("ana"), scene, "seoul"), sign_in("vic"), sign_in("bea")
    mine = save(ana, "What is late")
    assert named(ana)["What is late"].query == OVERDUE
    assert named(ana, "tickets") == named(vic) == named(bea) == {}
    do(ana, ChangeView(mine, "Late", shared=True, is_default=False))
    assert (named(vic)["Late"].is_mine, named(vic)["Late"].by) == (False, None), "Ana is none of the people Vic sees"
    save(vic, "Vic's", shared=True)
    assert named(sign_in("abel"))["Vic's"].by == "Vic Acme"
    assert named(vic)["Vic's"].by is None
    do(vic, DeleteView(named(vic)["Vic's"].uuid))
    assert named(at(ana, scene, "osaka")) == named(bea) == named(sign_in("dee")) == {}
    assert set(named(at(ana, scene, "seoul", "osaka"))) == {"Late"}
    do(at(ana, scene, "seoul", "osaka"), ChangeView(mine, "Late", shared=False, is_default=False))
    assert named(vic) == {}
    assert set(named(at(ana, scene, "osaka"))) == {"Late"}


def test_the_same_name_is_the_same_view_and_the_same_click_one_deed(sign_in: SignIn, database: Database) -> None:
    ana, key = sign_in("ana"), uuid4()
    first = SaveView("invoices", "  What is   late ", OVERDUE)
    for _click in range(2):
        execute(app_engine(), ana, first, key=key)
    save(ana, "What is late", "status=paid")
    assert [(view.name, view.query) for view in named(ana).values()] == [("What is late", "status=paid")]
    with database.as_owner() as connection:
        noted = connection.scalars(text("select after ->> 'query' from portal.audit_entry where action = 'view.save' "
                                        "order by id desc limit 2")).all()  # fmt: skip
    assert noted == ["status=paid", OVERDUE]


def test_with_several_accounts_in_view_and_among_staff_nothing_is_shared(sign_in: SignIn, scene: Scene) -> None:
    ana = sign_in("ana")
    for who in (at(ana, scene, "seoul", "osaka"), sign_in("dee"), sign_in("mia")):
        with pytest.raises(Invalid):
            save(who, "Late", shared=True)
        save(who, "Late")
        assert named(who)["Late"].shared is False


def test_a_name_has_letters_and_an_end_and_there_are_not_more_views_than_anybody_looks_through(sign_in: SignIn) -> None:
    ana = sign_in("ana")
    for wrong in ("", "  ", "x" * 81, "a\u202eb"):
        with pytest.raises(Invalid):
            save(ana, wrong)
    with pytest.raises(Invalid):
        save(ana, "Long", "q=" + "x" * 2000)
    for n in range(MOST):
        save(ana, f"View {n}")
    with pytest.raises(Conflict):
        save(ana, "One more")
    save(ana, "View 0", "status=paid")
    assert len(named(ana)) == MOST


def test_a_name_that_is_taken_is_not_given_twice(sign_in: SignIn, scene: Scene) -> None:
    ana = at(sign_in("ana"), scene, "seoul")
    save(ana, "One")
    two = save(ana, "Two", shared=True)
    with pytest.raises(Conflict):
        do(ana, ChangeView(two, "One", shared=True, is_default=False))
    with pytest.raises(Conflict):
        save(at(ana, scene, "osaka"), "Two")
    assert set(named(ana)) == {"One", "Two"}


# --- whose it is


def test_only_who_made_it_or_runs_the_account_takes_a_shared_view_away(sign_in: SignIn, scene: Scene) -> None:
    ana, vic, abel, bea = at(sign_in("ana"), scene, "seoul"), sign_in("vic"), sign_in("abel"), sign_in("bea")
    shared, private = save(vic, "Vic's", shared=True), save(vic, "Vic's own")
    for who, view, error in (
        (abel, shared, Forbidden), (bea, shared, NotFound), (sign_in("dee"), shared, NotFound),
        (ana, private, NotFound), (abel, private, NotFound), (bea, uuid4(), NotFound),
    ):  # fmt: skip
        with pytest.raises(error):
            do(who, DeleteView(view))
    for who, error in ((ana, Forbidden), (abel, Forbidden), (bea, NotFound), (sign_in("ada"), NotFound)):
        with pytest.raises(error):
            do(who, ChangeView(shared, "Taken", shared=True, is_default=True))
    assert set(named(vic)) == {"Vic's", "Vic's own"}
    do(at(sign_in("ana"), scene, "group", "osaka"), DeleteView(shared))
    do(vic, DeleteView(private))
    assert named(vic) == {}


def test_the_database_takes_no_view_in_anothers_name_or_for_anothers_account(sign_in: SignIn, scene: Scene) -> None:
    vic, abel = sign_in("vic"), sign_in("abel")
    save(vic, "Vic's", shared=True)
    put = text("insert into portal.saved_view (person_id, page, name, query, shared, account_id) "
               "values (:who, 'invoices', 'Forged', '', :shared, :account)")  # fmt: skip
    for who, shared, account in (
        ("vic", False, None), ("abel", True, "bolt"), ("abel", False, "bolt"), ("abel", True, "osaka"),
        ("abel", True, None),
    ):  # fmt: skip
        values = {"who": scene.people[who], "shared": shared, "account": scene.accounts.get(account or "")}
        with pytest.raises(DBAPIError), writing(app_engine(), abel, *ANY) as connection:
            connection.execute(put, values)
    for change in ("update portal.saved_view set query = 'q=phishing'", "delete from portal.saved_view"):
        with writing(app_engine(), abel, *ANY) as connection:
            assert connection.execute(text(change)).rowcount == 0
    assert named(vic)["Vic's"].query == OVERDUE


def test_whoever_lost_the_account_sees_nothing_that_is_shared_there(
    sign_in: SignIn, scene: Scene, database: Database
) -> None:
    ana = at(sign_in("ana"), scene, "seoul")
    save(ana, "Late", shared=True)
    assert set(named(sign_in("vic"))) == {"Late"}
    ended = "update portal.membership set ended_at = {} where person_id = :vic"
    with database.as_owner() as connection:
        connection.execute(text(ended.format("now()")), {"vic": scene.people["vic"]})
    try:
        with pytest.raises(Forbidden):
            named(sign_in("vic"))
    finally:
        with database.as_owner() as connection:
            connection.execute(text(ended.format("null")), {"vic": scene.people["vic"]})


# --- where a page begins


def test_a_page_begins_with_one_view_and_only_its_owners(sign_in: SignIn, scene: Scene) -> None:
    ana = at(sign_in("ana"), scene, "seoul")
    first = save(ana, "First", shared=True, is_default=True)
    assert default_views(app_engine(), sign_in("vic")) == {}
    assert named(sign_in("vic"))["First"].is_default is False
    save(ana, "Second", "status=paid", is_default=True)
    assert default_views(app_engine(), ana) == {"invoices": ("Second", "status=paid")}
    assert [view.name for view in named(ana).values() if view.is_default] == ["Second"]
    do(ana, ChangeView(first, "First", shared=True, is_default=True))
    assert default_views(app_engine(), ana) == {"invoices": ("First", OVERDUE)}
    do(ana, ChangeView(first, "First", shared=True, is_default=False))
    assert default_views(app_engine(), ana) == {}


def test_a_view_of_the_account_in_view_comes_first(sign_in: SignIn, scene: Scene) -> None:
    seoul, osaka = (at(sign_in("ana"), scene, account) for account in ("seoul", "osaka"))
    save(seoul, "Of Seoul", shared=True, is_default=True)
    save(osaka, "Of Osaka", "status=paid", shared=True, is_default=True)
    assert default_views(app_engine(), seoul)["invoices"][0] == "Of Seoul"
    assert default_views(app_engine(), osaka)["invoices"][0] == "Of Osaka"


# --- what it asks today


@pytest.mark.parametrize(
    ("query", "asks"),
    [
        ("status=overdue&q=rack", "status=overdue&q=rack"),
        ("status=no-such&q=rack", "q=rack"),
        ("due_from=2026-01-01&due_to=2026-02-01&gone=1", "due_from=2026-01-01&due_to=2026-02-01"),
        ("due_from=2026-03-01&due_to=2026-02-01", ""),
        ("due_from=soon&status=overdue", "status=overdue"),
        ("account=' or true --&sort=secret", ""),
        ("at=abc&invoice=0&accounts=BOLT", ""),
        ("q=" + "x" * 3000, ""),
        ("&".join("status=overdue" for _each in range(100)), "status=overdue"),
        ("%00%ff=%", ""),
    ],
)
def test_what_the_list_does_not_know_any_more_is_left_out(query: str, asks: str) -> None:
    assert asked_by(INVOICES, query).query(INVOICES, with_place=False) == asks


# --- on the page


def page(who) -> None:  # type: ignore[no-untyped-def]
    from data.tickets import TICKETS
    from ui.list_view import list_view

    list_view(TICKETS, who)


def opened(who: Principal, **address: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30, args=(who,))
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def test_a_page_without_a_filter_begins_with_the_default_and_goes_back_when_that_is_left(sign_in: SignIn) -> None:
    ana = sign_in("ana")
    done = asked_by(TICKETS, "status=closed").query(TICKETS)
    do(ana, SaveView("tickets", "Done *ones*", done, is_default=True))
    app = opened(ana)
    assert app.query_params["status"] == "closed"
    left = next(button for button in app.button if button.label == "Leave this view")
    left.click().run()
    assert "status" not in app.query_params
    app.run()
    assert "status" not in app.query_params, "it does not come back by itself"
    assert not any(button.label == "Leave this view" for button in app.button)
    deep = opened(ana, q="rack")
    assert "status" not in deep.query_params


def test_a_default_that_makes_no_sense_any_more_is_no_error(sign_in: SignIn) -> None:
    ana = sign_in("ana")
    do(ana, SaveView("tickets", "Old", "status=of-the-past&kind=remote_hands", is_default=True))
    app = opened(ana)
    assert app.query_params["kind"] == "remote_hands"
    assert not app.warning


def test_a_list_asks_for_views_once_in_a_tab_and_not_at_every_click(sign_in: SignIn) -> None:
    ana = sign_in("ana")
    with recorded(app_engine()) as first:
        app = opened(ana)
    with recorded(app_engine()) as later:
        app.run()
        app.text_input[0].set_value("rack").run()
    asked = [[each for each in work.statements if "saved_view" in each] for work in (first, later)]
    assert [len(each) for each in asked] == [1, 0]
