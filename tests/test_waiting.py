"""Action required: what waits for a customer, until when, and for whom it does not exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from data.listing import get_row, page_of, read_asked, stream_of
from data.summary import home_of
from data.ticketing import AnswerProposal, ProposeStart
from data.ticketing.waiting import VIEWS, WAITING, count_waiting
from pages import PAGES
from rules.errors import Forbidden, NotFound
from rules.principal import Principal
from tests.cluster import Database
from tests.standing import page_of as page_at
from tests.standing import words_of
from tests.ticket_scene import Desk, desk_in, grant, later


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    return desk_in(database, sign_in)


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture(autouse=True)
def _nothing_waits(database: Database) -> None:
    with database.as_owner() as connection:
        connection.execute(text("update portal.ticket set waiting_for = null, respond_by = null, status = 'closed', "
                                "category = 'done' where status <> 'closed'"))  # fmt: skip


def asked(desk: Desk, who: str = "ana", hours: float = 24, **where: str) -> str:
    """The number of a ticket about which the desk has a question."""
    number = desk.opens(who, **where)
    desk.moves("dee", number, "acknowledged")
    desk.moves("dee", number, "waiting_customer", message="Which port?", respond_by=later(hours))
    return number


def overdue(desk: Desk, **where: str) -> str:
    number = asked(desk, **where)
    with desk.database.as_owner() as connection:
        change = text("update portal.ticket set respond_by = now() - interval '3 hours' where number = :number")
        connection.execute(change, {"number": number})
    return number


def to_do(desk: Desk, who: str, number: str) -> str:
    return str(get_row(desk.database.app, desk.person(who), WAITING, number)["to_do"])


def test_the_earliest_respond_by_date_comes_first(desk: Desk) -> None:
    last, first, between = asked(desk, hours=50), asked(desk, hours=2), asked(desk, hours=20, account="osaka")
    late = overdue(desk)
    going_on = desk.opens("ana")
    listed = desk.waiting_for("ana")
    assert listed == [late, first, between, last]
    assert going_on not in listed
    assert desk.waiting_for("ana", show=["overdue"]) == [late]


def test_what_was_answered_waits_no_more_and_its_drawer_stays_open(desk: Desk) -> None:
    number = asked(desk, "abel")
    assert desk.waiting_for("abel") == [number]
    desk.says("abel", number, "Port 7")
    assert desk.waiting_for("abel") == []
    assert get_row(desk.database.app, desk.person("abel"), WAITING, number)["number"] == number


def test_each_row_says_what_there_is_to_do(desk: Desk) -> None:
    question, time, hold, done = asked(desk), desk.opens("ana"), desk.opens("ana"), desk.opens("ana")
    desk.does("dee", ProposeStart(time, later(30), "Tomorrow at nine?"))
    desk.moves("dee", hold, "acknowledged")
    desk.moves("dee", hold, "on_hold", customer_must_act=True)
    desk.moves("dee", done, "resolved")
    found = {number: to_do(desk, "ana", number) for number in (question, time, hold, done)}
    assert found == {question: "answer", time: "time", hold: "act", done: "confirm"}
    assert set(desk.waiting_for("ana")) == {question, time, hold}, "nobody has to confirm anything"
    desk.does("ana", AnswerProposal(time, accept=True))
    assert time not in desk.waiting_for("ana")


def test_what_is_on_hold_because_of_us_does_not_wait_for_the_customer(desk: Desk) -> None:
    number = desk.opens("ana")
    desk.moves("dee", number, "acknowledged")
    desk.moves("dee", number, "on_hold")
    assert desk.waiting_for("ana", show=["any"]) == []


def test_resolved_work_can_be_confirmed_until_it_closes_by_itself(desk: Desk) -> None:
    number, question = desk.opens("ana"), asked(desk)
    desk.moves("dee", number, "resolved")
    assert desk.waiting_for("ana", show=["confirm"]) == [number]
    sooner = desk.opens("ana")
    desk.moves("dee", sooner, "resolved")
    desk.some_time_ago(sooner, timedelta(days=2))
    assert desk.waiting_for("ana", show=["confirm"]) == [sooner, number], "what closes first comes first"
    desk.moves("ana", sooner, "closed")
    assert desk.waiting_for("ana", show=["any"]) == [question, number], "what must be answered comes first"
    row = get_row(desk.database.app, desk.person("ana"), WAITING, number)
    assert row["respond_by"] - desk.sees("ana", number).ticket.resolved_at == timedelta(days=5)
    desk.moves("ana", number, "closed")
    assert desk.waiting_for("ana", show=["any"]) == [question]


# --- for whom


def test_abel_sees_what_waits_for_him_and_not_what_waits_for_ana(desk: Desk) -> None:
    his, hers = asked(desk, "abel"), asked(desk, "ana")
    assert desk.waiting_for("abel") == [his]
    assert set(desk.waiting_for("ana")) == {his, hers}
    assert count_waiting(desk.database.app, desk.person("abel"))["answer"] == 1
    with pytest.raises(NotFound):
        get_row(desk.database.app, desk.person("abel"), WAITING, hers)


def test_a_grant_at_one_site_shows_what_waits_at_that_site_only(
    desk: Desk, database: Database, sign_in: Callable[[str], Principal]
) -> None:
    seoul, incheon = asked(desk, site="SEL1"), asked(desk, site="ICN1")
    with database.as_owner() as connection:
        vic, account = desk.id_of("vic"), desk.accounts["seoul"]
        mine = {"person": vic, "account": account}
        held = "person_id = :person and account_id = :account and function = 'ticket.view_company'"
        connection.execute(text(f"delete from portal.access_grant where {held}"), mine)
        grant(connection, vic, account, "ticket.view_company", sites=[desk.sites["SEL1"]])
    limited = sign_in("vic")
    listed = page_of(database.app, limited, WAITING, read_asked(WAITING, {})).values["number"]
    assert (seoul in listed, incheon in listed) == (True, False)
    assert count_waiting(database.app, limited)["answer"] == len(listed)


def test_another_company_sees_nothing_of_it(desk: Desk) -> None:
    number = asked(desk, "ana")
    assert desk.waiting_for("bea", show=["any"]) == []
    assert set(count_waiting(desk.database.app, desk.person("bea")).values()) == {0}
    with pytest.raises(NotFound):
        get_row(desk.database.app, desk.person("bea"), WAITING, number)


def test_the_page_is_the_customers_and_finance_reads_no_tickets(desk: Desk) -> None:
    (page,) = [page for page in PAGES if page.path == "waiting"]
    assert not any(page.opens_for(desk.person(who)) for who in ("mia", "fin", "dee", "ada"))
    with pytest.raises(Forbidden):
        desk.waiting_for("fin")


# --- figures and page


@pytest.mark.parametrize("who", ["ana", "abel", "vic"])
def test_every_count_is_what_its_list_shows(desk: Desk, who: str) -> None:
    asked(desk, "abel")
    overdue(desk)
    desk.moves("dee", desk.opens("abel"), "resolved")
    counts = count_waiting(desk.database.app, desk.person(who))
    assert counts == {view: len(desk.waiting_for(who, show=[view])) for view in VIEWS}
    tickets = home_of(desk.database.app, desk.person(who)).tickets
    assert tickets is not None and tickets.waiting is not None
    assert (tickets.waiting.figure.n, tickets.waiting.overdue) == (counts["answer"], counts["overdue"])
    assert sum(counts.values()) > 0


def test_the_report_holds_what_the_list_shows(desk: Desk) -> None:
    numbers = {asked(desk), overdue(desk)}
    desk.moves("dee", desk.opens("ana"), "resolved")
    columns = tuple(column for column in WAITING.columns if column.key == "number")
    rows = stream_of(desk.database.app, desk.person("ana"), WAITING, read_asked(WAITING, {}), columns, time_zone="UTC")
    assert {row[0] for batch in rows for row in batch} == numbers


def test_home_leads_to_what_waits_and_says_what_is_overdue(desk: Desk) -> None:
    asked(desk)
    overdue(desk)
    words = words_of(page_at(desk.person("ana"), "pages.portal.home"))
    assert "2 tickets wait for you" in words
    assert "1 is overdue" in words
    assert "Action required" not in words_of(page_at(desk.person("bea"), "pages.portal.home"))


def test_nothing_waits(desk: Desk) -> None:
    app = page_at(desk.person("bea"), "pages.portal.waiting")
    assert not app.exception
    assert "Nothing waits for you." in words_of(app)
    assert not app.dataframe


def test_the_page_says_how_long_is_left(desk: Desk) -> None:
    late, soon = overdue(desk), asked(desk, hours=30)
    app: AppTest = page_at(desk.person("ana"), "pages.portal.waiting")
    assert not app.exception
    assert [*app.dataframe[0].value["number"]] == [late, soon]
    first, second = ([*cell] for cell in app.dataframe[0].value["next_deadline"])
    assert first[0].startswith("Late by 3 h")
    assert second[0].endswith("left")
    assert "Nothing waits for you." not in words_of(app)
