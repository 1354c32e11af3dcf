"""Several accounts in view: a list is exactly theirs, each under the rights held in it, and a stranger's is nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from itertools import combinations
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, insert, select, text
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from auth.sessions import hashed, new_token, who
from data.access import ACCESS
from data.audit_log import ACCOUNT_LOG
from data.database import reading, writing
from data.listing import ListSpec, Summary, get_row, page_of, read_asked, summary_of
from data.lists import LISTS
from data.models import AccessGrant, AccountChoice, Membership, Person, SignInSession, Ticket
from data.preferences import remember_accounts
from data.summary import home_of
from data.ticketing.waiting import WAITING
from data.tickets import TICKETS
from pages import PAGES
from rules.errors import Forbidden, NotFound
from rules.looking import ALL, looking_at, said_of
from rules.permissions import Permission, StaffRole
from rules.principal import PersonKind, Principal
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.door import settings_for
from tests.scene import Scene, set_the_scene
from tests.standing import page_of as shown
from tests.standing import words_of
from web import reports
from web.errors import exception_handlers

P = Permission
#: Uma's rights are others in each account; Oto sees his own tickets in both; neither belongs to the group or to Bolt.
RIGHTS = {
    "uma": {
        "seoul": (P.TICKET_VIEW_COMPANY, P.ORDER_VIEW, P.INVOICE_VIEW, P.REPORT_EXPORT),
        "osaka": (P.TICKET_VIEW_OWN, P.INVENTORY_VIEW, P.INVOICE_VIEW, P.REMOTE_HANDS_CREATE),
    },
    "oto": {"seoul": (P.TICKET_VIEW_OWN,), "osaka": (P.TICKET_VIEW_OWN,)},
}
PEOPLE = ("ana", "gus", "uma", "oto", "bea", "vic", "abel")
EVERYTHING = {"stage": ["any"]}
Enter = Callable[[str], Principal]


@pytest.fixture(scope="module", autouse=True)
def scene(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with database.as_owner() as connection:
        found = set_the_scene(connection)
        for name, rights in RIGHTS.items():
            values = {"kind": "customer", "email": f"{name}@acme.example", "name": f"{name.title()} Acme"}
            person = connection.execute(insert(Person).values(values).returning(Person.id)).scalar_one()
            found.people[name] = person
            for account, functions in rights.items():
                of = {"account_id": found.accounts[account], "person_id": person}
                connection.execute(insert(Membership).values(**of, role="general"))
                connection.execute(insert(AccessGrant), [{**of, "function": str(each)} for each in functions])
                asked = {"kind": "fault", "subject": f"{account}: {name}'s", "description": "?", "requested_by": person}
                connection.execute(
                    insert(Ticket).values(
                        **asked, account_id=of["account_id"], site_id=found.sites["SEL1"], status="submitted",
                        category="open",
                    )
                )  # fmt: skip
        # Oto ran the group once, and is nobody of it any more
        once = {"account_id": found.accounts["group"], "person_id": found.people["oto"], "role": "paa"}
        connection.execute(insert(Membership).values(**once, ended_at=text("now() - interval '1 day'")))
    with settings_for(database, tmp_path_factory.mktemp("home") / "instance"):
        yield found


@pytest.fixture
def enter(database: Database, scene: Scene) -> Enter:
    """Anybody of the scene, as signing in would let them in."""

    def entered(name: str) -> Principal:
        token = new_token()
        values = {"token_hash": hashed(token), "person_id": scene.people[name], "expires_at": text("now() + '1 hour'")}
        with database.as_owner() as connection:
            connection.execute(insert(SignInSession).values(values))
        signed = who(database.auth, token)
        assert signed is not None
        return signed.principal

    return entered


@pytest.fixture
def fetch(enter: Enter) -> Callable[[str, str], Answer]:
    app = Starlette(routes=reports.routes, exception_handlers=exception_handlers)

    def fetched(name: str, address: str) -> Answer:
        path, _, query = address.partition("?")
        return ask(app, path, query=query, headers={"cookie": f"portal_session={enter(name).token}"})

    return fetched


def rows(answer: Answer) -> list[dict[str, object]]:
    header, *found = load_workbook(BytesIO(answer.body)).worksheets[0].values
    return [dict(zip(header, row, strict=True)) for row in found]


def keys(database: Database, principal: Principal, spec: ListSpec) -> list[str]:
    """By what tells rows apart over accounts."""
    if not any(principal.may(permission) for permission in spec.permissions):
        return []
    page = page_of(database.app, principal, spec, read_asked(spec, EVERYTHING), size=500)
    assert page.count.n == page.length
    return list(map(str, page.values["uuid"]))


def choices(principal: Principal) -> Iterator[tuple[str, ...]]:
    codes = [account.code for account in principal.accounts]
    for n in range(1, len(codes) + 1):
        yield from combinations(codes, n)


# --- exactly these


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("spec", [*LISTS.values(), WAITING, ACCOUNT_LOG, ACCESS], ids=lambda spec: spec.name)
def test_a_list_of_several_accounts_is_the_lists_of_each(
    name: str, spec: ListSpec, database: Database, enter: Enter
) -> None:
    """Whatever is chosen: the rows of each under the right held there; one's own tickets one account at a time."""
    person = enter(name)
    for codes in choices(person):
        principal = looking_at(person, ",".join(codes))
        found = keys(database, principal, spec)
        each = [looking_at(person, code) for code in codes]
        if any(each_one.may(spec.permissions[0]) for each_one in each):
            each = [one for one in each if one.may(spec.permissions[0])]
        else:
            each = [one for one in each if any(map(one.may, spec.permissions))][:1]
        alone = [keys(database, one, spec) for one in each]
        assert sorted(found) == sorted(key for one in alone for key in one), codes
        assert len(set(found)) == len(found)
        if not any(principal.may(permission) for permission in spec.permissions):
            continue
        counted, apart = _charts(database, principal, spec), [_charts(database, one, spec) for one in each]
        for chart in spec.charts:
            assert counted[chart.key] == sum(one[chart.key] for one in apart), chart.key
            assert chart.only is not None or counted[chart.key] == len(found), chart.key


def _charts(database: Database, principal: Principal, spec: ListSpec) -> dict[str, int]:
    """How many rows stand in each chart."""
    summary = summary_of(database.app, principal, spec, read_asked(spec, EVERYTHING))
    assert isinstance(summary, Summary)
    return {counted.chart.key: int(sum(cell[-1] for cell in counted.cells)) for counted in summary.charts}


@pytest.mark.parametrize("said", ["BOLT", "BOLT,BOLT-2", "%", "ACME-SEOUL ACME-OSAKA", "all,BOLT"])
def test_a_strangers_account_in_the_address_is_dropped(said: str, database: Database, enter: Enter) -> None:
    ana, vic = enter("ana"), enter("vic")
    assert looking_at(ana, said).chosen == ana.chosen
    assert looking_at(vic, said) == vic
    with_own = looking_at(ana, f"{said},ACME-SEOUL")
    assert said_of(with_own) == "ACME-SEOUL"
    accounts = page_of(database.app, with_own, TICKETS, read_asked(TICKETS, EVERYTHING)).values["account"]
    assert set(accounts) == {"Acme Seoul"}


def test_a_forged_principal_reads_nothing_of_strangers(database: Database, enter: Enter, scene: Scene) -> None:
    """A page that got the choice wrong: the database has the last word."""
    bolt = scene.accounts["bolt"]
    for name in ("ana", "gus", "uma"):
        person = enter(name)
        forged = replace(person, chosen=(*person.chosen, bolt), remembered=(bolt,))
        for spec in LISTS.values():
            assert keys(database, forged, spec) == keys(database, person, spec)
        alone = replace(person, chosen=(bolt,))
        with pytest.raises(Forbidden):
            page_of(database.app, alone, TICKETS, read_asked(TICKETS, EVERYTHING))
        with reading(database.app, forged, P.TICKET_VIEW_COMPANY) as connection:
            assert bolt not in connection.scalar(text("select authz.accounts('any')"))


def test_asking_for_many_accounts_is_asking_for_each(database: Database, scene: Scene) -> None:
    """What the policies of several accounts ask says what those of one say of each of them."""
    accounts, functions = sorted(scene.accounts.values()), [*map(str, P), "any", "nonsense"]
    with database.as_owner() as connection:
        for person in scene.people.values():
            given = {"person": person, "accounts": accounts}
            run = connection.scalar(text("select authz.run_among(:person, :accounts)"), given)
            each = connection.scalars(text("select a from unnest(cast(:accounts as bigint[])) a "
                                           "where authz.runs(:person, a)"), given)  # fmt: skip
            assert sorted(run) == sorted(each)
            for function in functions:
                given["function"] = function
                held = connection.scalar(text("select authz.held_among(:person, :accounts, :function)"), given)
                each = connection.scalars(text("select a from unnest(cast(:accounts as bigint[])) a "
                                               "where authz.holds(:person, a, :function)"), given)  # fmt: skip
                assert sorted(held) == sorted(each), (person, function)


@pytest.mark.parametrize("name", ["ana", "gus", "uma", "oto", "vic"])
def test_what_the_policies_hear_of_several_accounts_is_true_of_each(
    name: str, database: Database, enter: Enter, scene: Scene
) -> None:
    person, everybody = enter(name), tuple(sorted(scene.accounts.values()))
    asked = [*map(str, P)]

    def answers(accounts: tuple[int, ...]) -> dict[str, set[object]]:
        """In the hat of several accounts, whatever the number."""
        found: dict[str, set[object]] = {"guards": set()}
        with database.app.begin() as connection:
            connection.execute(text("select set_config('role', 'portal_customer_many', true)"))
            for key, value in (("session", person.token), ("accounts", f"{{{','.join(map(str, accounts))}}}")):
                connection.execute(
                    text("select set_config(:key, :value, true)"), {"key": f"portal.{key}", "value": value}
                )
            found["guards"] = set(connection.scalar(text("select authz.guards()")))
            for helper in ("accounts", "everywhere", "places"):
                for function in asked:
                    told = connection.scalar(text(f"select authz.{helper}(:function)"), {"function": function})
                    assert len(told) == len(set(told))
                    found[f"{helper} {function}"] = set(told)
        return found

    together, alone = answers(everybody), [answers((account,)) for account in everybody]
    for question, told in together.items():
        assert told == set().union(*(one[question] for one in alone)), question
    reached = {account.id for account in person.accounts}
    assert together["accounts ticket.view_company"] <= reached
    assert not any(str(told).startswith(f"{scene.accounts['bolt']}/") for told in together["guards"])
    sited = {told for key, told_of in together.items() if key.startswith("places") for told in told_of}
    assert bool(sited) is (name == "gus")


def test_an_account_filter_reaches_no_further_than_the_choice(database: Database, enter: Enter) -> None:
    seoul = looking_at(enter("ana"), "ACME-SEOUL,ACME-OSAKA")
    for code, n in (("ACME-SEOUL", True), ("ACME-OSAKA", True), ("ACME", False), ("BOLT", False)):
        asked = read_asked(TICKETS, {**EVERYTHING, "account": [code]})
        assert bool(page_of(database.app, seoul, TICKETS, asked).count.n) is n, code


def test_the_account_stands_beside_rows_of_several_and_of_no_single_one(database: Database, enter: Enter) -> None:
    for said, several in (("ACME-SEOUL", False), ("ACME-SEOUL,ACME-OSAKA", True), (ALL, True)):
        page = page_of(database.app, looking_at(enter("ana"), said), TICKETS, read_asked(TICKETS, EVERYTHING))
        assert page.scope.shows_account is several
    orders = LISTS["orders"]
    umas = page_of(database.app, enter("uma"), orders, read_asked(orders, EVERYTHING))
    assert not umas.scope.shows_account, "of two in view one is left"


def test_a_right_that_is_taken_away_takes_the_rows_of_its_account_alone(
    database: Database, enter: Enter, scene: Scene
) -> None:
    gus, orders = enter("gus"), LISTS["orders"]
    before = page_of(database.app, gus, orders, read_asked(orders, EVERYTHING)).values
    assert set(before["account"]) == {"Acme Seoul", "Acme Osaka"}
    theirs = {"account_id": scene.accounts["osaka"], "person_id": scene.people["gus"], "function": P.ORDER_VIEW}
    with database.as_owner() as connection:
        connection.execute(delete(AccessGrant).filter_by(**theirs))
    try:
        signed = who(database.auth, gus.token)
        assert signed is not None
        for principal in (gus, signed.principal):  # the open page, and the next
            after = page_of(database.app, principal, orders, read_asked(orders, EVERYTHING)).values
            both = zip(before["number"], before["account"], strict=True)
            assert after["number"] == [number for number, account in both if account == "Acme Seoul"]
        tickets = page_of(database.app, gus, TICKETS, read_asked(TICKETS, EVERYTHING)).values["account"]
        assert set(tickets) == {"Acme Seoul", "Acme Osaka"}, "another right in the same account stays"
    finally:
        with database.as_owner() as connection:
            connection.execute(insert(AccessGrant).values(**theirs))


# --- rights that differ


def noted(principal: Principal, page: str) -> str:
    """What the page says in small."""
    app = shown(principal, f"pages.portal.{page}")
    assert not app.exception
    return " ".join(caption.value for caption in app.caption)


def test_umas_pages_say_what_they_leave_out(enter: Enter) -> None:
    uma = enter("uma")
    tickets, orders, invoices = (noted(uma, page) for page in ("tickets", "orders", "invoices"))
    assert "Only your own tickets of Acme Osaka are yours to see" in tickets
    assert "Without Acme Osaka, where this is not among your rights." in orders
    assert "The report leaves out Acme Osaka." in invoices
    seoul = looking_at(uma, "ACME-SEOUL")
    for page in ("tickets", "orders", "invoices"):
        assert noted(seoul, page) == noted(enter("ana"), page) == ""
    assert "Of Acme Osaka, Acme Seoul you see less" in noted(uma, "home")
    assert "Of Acme" not in noted(seoul, "home")


def test_a_page_that_opens_in_another_account_says_in_which(enter: Enter) -> None:
    uma = enter("uma")
    orders = next(page for page in PAGES if page.path == "orders")

    def said(principal: Principal) -> str:
        app = AppTest.from_function(_unavailable_page, args=(orders, principal), default_timeout=30).run()
        assert not app.exception
        return words_of(app)

    assert "but in Acme Seoul" in said(looking_at(uma, "ACME-OSAKA"))
    assert "Ask the administrator" in said(enter("oto"))


def _unavailable_page(spec, principal):
    from unittest.mock import patch

    from shell import menu

    with patch.object(menu, "OwnPage", lambda show, **_more: show):
        menu._unavailable(spec, principal)()


def test_own_tickets_are_found_by_their_number_in_every_account(database: Database, enter: Enter, scene: Scene) -> None:
    with database.as_owner() as connection:
        numbers = dict(iter(connection.execute(select(Ticket.subject, Ticket.number))))
    uma, oto = enter("uma"), enter("oto")
    for person, subject in ((uma, "osaka: uma's"), (uma, "seoul: oto's"), (oto, "osaka: oto's"), (oto, "seoul: oto's")):
        assert get_row(database.app, person, TICKETS, numbers[subject])["subject"] == subject
    for person, subject in ((uma, "osaka: oto's"), (oto, "seoul: uma's"), (oto, "osaka: ana's visit")):
        with pytest.raises(NotFound):
            get_row(database.app, person, TICKETS, numbers[subject])


def test_home_counts_what_the_lists_count(database: Database, enter: Enter) -> None:
    for name in ("uma", "oto", "gus"):
        person = enter(name)
        for codes in choices(person):
            principal = looking_at(person, ",".join(codes))
            board = home_of(database.app, principal)
            if board.tickets is not None:
                page = page_of(database.app, principal, TICKETS, board.tickets.going_on.asked)
                assert board.tickets.going_on.n == page.count.n, (name, codes)


def test_a_link_to_a_row_is_followed_whatever_is_chosen(database: Database, enter: Enter) -> None:
    ana = enter("ana")
    osaka = keys(database, looking_at(ana, "ACME-OSAKA"), LISTS["invoices"])[0]
    seoul = looking_at(ana, "ACME-SEOUL")
    assert osaka not in keys(database, seoul, LISTS["invoices"])
    assert get_row(database.app, seoul.anywhere(), LISTS["invoices"], osaka)
    bolts = keys(database, enter("bea"), LISTS["invoices"])[0]
    with pytest.raises(NotFound):
        get_row(database.app, seoul.anywhere(), LISTS["invoices"], bolts)


# --- reports


@pytest.mark.parametrize("name", ["tickets", "invoices"])
def test_a_report_holds_what_its_page_shows(
    name: str, database: Database, enter: Enter, fetch: Callable[[str, str], Answer]
) -> None:
    ana, spec = enter("ana"), LISTS[name]
    for said, named in (
        ("ACME-SEOUL", "ACME-SEOUL"),
        ("ACME-OSAKA,ACME-SEOUL,BOLT", "ACME-OSAKA ACME-SEOUL"),
        (ALL, ""),
    ):
        answer = fetch("ana", f"/reports/{name}.xlsx?stage=any&accounts={said}")
        found = rows(answer)
        page = page_of(database.app, looking_at(ana, said), spec, read_asked(spec, EVERYTHING), size=500)
        assert len(found) == page.length > 0
        assert ("Account" in found[0]) is (said != "ACME-SEOUL")
        if "Account" in found[0]:
            assert [row["Account"] for row in found] == page.values["account"]
        file = unquote(answer.header("content-disposition") or "")
        assert (f" {named} 20" in file) is bool(named)
        assert "BOLT" not in file
        cover = str(list(load_workbook(BytesIO(answer.body)).worksheets[1].values))
        assert ("Acme Group" in cover) is (said == ALL)


def test_what_may_be_seen_but_not_exported_is_in_no_report(fetch: Callable[[str, str], Answer]) -> None:
    for said in (ALL, "ACME-SEOUL", "ACME-SEOUL,ACME-OSAKA"):
        found = rows(fetch("uma", f"/reports/invoices.xlsx?accounts={said}"))
        assert found and "JP-OSAKA" not in str(found)
    assert fetch("uma", "/reports/invoices.xlsx?accounts=ACME-OSAKA").status == 403
    assert fetch("uma", "/reports/inventory.xlsx").status == 403


# --- what is remembered


def test_the_choice_of_somebody_is_theirs_alone(database: Database, enter: Enter, scene: Scene) -> None:
    ana, gus = enter("ana"), enter("gus")
    seoul = looking_at(ana, "ACME-SEOUL")
    try:
        remember_accounts(database.app, seoul)
        assert said_of(looking_at(enter("ana"), None)) == "ACME-SEOUL"
        with writing(database.app, gus, P.TICKET_VIEW_COMPANY) as connection:
            assert connection.scalars(select(AccountChoice.person_id)).all() == []
            change = text("update portal.account_choice set account_ids = '{1}'")
            assert connection.execute(change).rowcount == 0
            assert connection.execute(delete(AccountChoice)).rowcount == 0
            forged = insert(AccountChoice).values(person_id=ana.person_id, account_ids=[scene.accounts["osaka"]])
            with pytest.raises(DBAPIError), connection.begin_nested():
                connection.execute(forged)
    finally:
        remember_accounts(database.app, ana)
    assert enter("ana").remembered == ()


def test_a_forged_choice_leads_nowhere(database: Database, enter: Enter, scene: Scene) -> None:
    """Anybody can write what they like into their own choice."""
    gus = enter("gus")
    strangers = [scene.accounts["bolt"], scene.accounts["group"]]
    with writing(database.app, gus, P.TICKET_VIEW_COMPANY) as connection:
        connection.execute(insert(AccountChoice).values(person_id=gus.person_id, account_ids=strangers))
    try:
        again = looking_at(enter("gus"), None)
        assert again.remembered == tuple(strangers)
        assert said_of(again) == ALL
        assert keys(database, again, TICKETS) == keys(database, gus, TICKETS)
    finally:
        with database.as_owner() as connection:
            connection.execute(delete(AccountChoice))


def test_staff_and_who_has_one_account_choose_nothing(enter: Enter) -> None:
    for name in ("mia", "dee"):
        staff = enter_staff(enter, name)
        assert looking_at(staff, "ACME-SEOUL") is staff
    bea = enter("bea")
    assert looking_at(bea, "ACME-SEOUL") is bea


def enter_staff(enter: Enter, name: str) -> Principal:
    role = {"mia": StaffRole.ACCOUNT_MANAGER, "dee": StaffRole.SERVICE_DESK}[name]
    return replace(enter("bea"), kind=PersonKind.STAFF, role=role, chosen=())


# --- pages that say more of one account


def test_a_page_about_one_account_asks_which(enter: Enter) -> None:
    ana = enter("ana")
    asked = shown(ana, "pages.portal.statement")
    assert not asked.exception
    assert "this page is about one" in words_of(asked)
    assert not asked.dataframe
    assert "this page is about one" not in words_of(shown(ana, "pages.portal.statement", account="ACME-SEOUL"))
    assert "this page is about one" in words_of(shown(ana, "pages.portal.statement", account="BOLT"))
    alone = shown(looking_at(ana, "ACME-SEOUL"), "pages.portal.statement")
    assert "this page is about one" not in words_of(alone)


def test_the_audit_log_of_several_accounts_names_the_account_of_each_entry(enter: Enter) -> None:
    log = shown(enter("ana"), "pages.portal.audit").dataframe[0].value
    assert {"Acme Seoul", "Acme Osaka"} <= set(log["account"]) <= {"Acme Group", "Acme Seoul", "Acme Osaka"}
    assert "bolt: user added" not in set(log["action"])
    osaka = shown(enter("ana"), "pages.portal.audit", account="ACME-OSAKA").dataframe[0].value
    assert len(osaka) == (log["account"] == "Acme Osaka").sum() and "account" not in osaka.columns
    assert not shown(enter("ana"), "pages.portal.audit", account="BOLT").dataframe


def test_access_rights_of_several_accounts_begin_with_the_accounts(enter: Enter, scene: Scene) -> None:
    ana = enter("ana")
    page = shown(ana, "pages.portal.access.page")
    assert not page.exception
    accounts, people = (table.value for table in page.dataframe)
    assert list(accounts["name"]) == ["Acme Group", "Acme Osaka", "Acme Seoul"]
    runs = dict(zip(accounts["name"], accounts["runs"], strict=True))
    assert runs["Acme Group"] == "Ana Acme" and runs["Acme Seoul"].endswith("Ana Acme (Acme Group)")
    counted = dict(zip(accounts["name"], accounts["people"], strict=True))
    assert counted == people["account"].value_counts().to_dict()
    assert "Bea Bolt" not in set(people["name"]) and "Bolt" not in str(accounts)
    assert list(accounts["invited"]) == [0, 0, 1] and "Acme Seoul · Own choice · invited by ana" in words_of(page)
    assert "Second factor of administrators" not in words_of(page)


def test_access_rights_of_one_account_say_all_of_it(enter: Enter) -> None:
    ana = enter("ana")
    for one in (
        shown(ana, "pages.portal.access.page", account="ACME-SEOUL"),
        shown(looking_at(ana, "ACME-SEOUL"), "pages.portal.access.page"),
    ):
        assert not one.exception
        (people,) = (table.value for table in one.dataframe)
        assert "Vic Acme" in set(people["name"]) and {"Bea Bolt", "Ana Acme"}.isdisjoint(people["name"])
        assert "account" not in people.columns
        assert "Second factor of administrators" in words_of(one) and "invited by ana" in words_of(one)
    assert "invited by ana" not in words_of(shown(ana, "pages.portal.access.page", account="ACME-OSAKA"))
    stranger = shown(ana, "pages.portal.access.page", account="BOLT")
    assert len(stranger.dataframe) == 1 and "Bolt" not in str(stranger.dataframe[0].value)


def test_an_account_that_is_chosen_in_its_list_is_what_the_page_is_about(enter: Enter) -> None:
    """Not in the list alone: all of the page says so."""
    page = shown(enter("ana"), "pages.portal.access.page")
    page.session_state["access.more.1"] = True
    (choice,) = (one for one in page.run().selectbox if one.key == "access.account.1")
    choice.set_value("ACME-SEOUL").run()
    assert page.title[0].value == "Access rights · Acme Seoul"
    assert len(page.dataframe) == 1


def test_who_is_invited_where_several_are_in_view_is_invited_to_none_by_itself(enter: Enter) -> None:
    form = shown(enter("ana"), "pages.portal.access.page", invite="1")
    (account,) = (one for one in form.selectbox if one.key.endswith(".account"))
    assert account.value is None and account.options == ["Acme Group", "Acme Osaka", "Acme Seoul"]
    alone = shown(enter("ana"), "pages.portal.access.page", invite="1", account="ACME-OSAKA")
    assert not [one for one in alone.selectbox if one.key.endswith(".account")]


def test_the_way_back_from_one_account_leads_to_all_in_view(enter: Enter) -> None:
    page = shown(enter("ana"), "pages.portal.access.page", account="ACME-SEOUL")
    next(button for button in page.button if button.label == "All accounts").click().run()
    assert page.title[0].value == "Access rights" and len(page.dataframe) == 2
    assert not [button for button in page.button if button.label == "All accounts"]
