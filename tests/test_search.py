"""Searching a list: it finds words by their beginning and numbers by their parts, and never anybody else's."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, text

from data.customers import CustomersAsked, list_customers
from data.database import reading
from data.demo.cast import account_id
from data.invoices import INVOICES
from data.listing import ListSpec, Summary, everything, page_of, read_asked, summary_of
from data.listing.search import MAX_WORDS, can_be_found, tidy
from data.lists import LISTS
from data.models import InventoryItem, Invoice, Person, ServiceOrder, Ticket
from data.roster import PEOPLE
from data.ticketing import ParcelsAsked, list_parcels
from data.ticketing.queue import QUEUE
from data.tickets import TICKETS
from rules.errors import Invalid
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database

SignIn = Callable[[str], Principal]
#: (number, subject, account)
TICKETS_THERE = (
    ("RH-2026-000123", "Power cycle of a switch", "ACME-SEOUL"),
    ("RH-2026-001234", "케이블 교체, kimchi fridge", "ACME-SEOUL"),
    ("FR-2026-000045", "Ｒａｃｋ－１２: ラック移動", "ACME-SEOUL"),
    ("RH-2026-000124", "Power of Bolt", "BOLT"),
)
#: What turns up in a search field, and in an attack.
HOSTILE = (
    *("'", '"', "\\", "%", "_", "*", ":*", "&", "|", "!", "<->", "()", "!!", "@", "@1", "'@1'", ";", "--", "/*", "$$"),
    *(
        "a:*b",
        "a:b",
        "power & !cycle",
        "power | x",
        "power <-> cycle",
        "'power':*A",
        "a\\' | true",
        "\x00",
        "po\x00wer",
    ),
    *(
        "\ud800",
        "\u200b",
        "🙂",
        "👩\u200d🚀",
        "한",
        "케이블교체",
        "ㅋ",
        "ラック",
        "ｶﾅ",
        "ÅÄÖ",
        "İ",
        "ß",
        "١٢٣",
        "000",
        "0",
    ),
    *("-0", "1e400", "10.0.0.1", "a@b.c", "http://x/y", "x" * MAX_WORDS),
)


@pytest.fixture(scope="module", autouse=True)
def rows(database: Database) -> None:
    """Four tickets, and one row of each other list for Acme Seoul and for Bolt."""
    with database.as_owner() as connection:
        for number, subject, code in TICKETS_THERE:
            _ticket(connection, number, subject, code)
        for place, code in enumerate(("ACME-SEOUL", "BOLT")):
            _one_of_each(connection, code, place)


def _ticket(connection: Connection, number: str, subject: str, code: str) -> None:
    of = account_id(connection, code)
    ticket = {"kind": "remote_hands", "status": "submitted", "category": "open", "opened_at": datetime.now(UTC)}
    connection.execute(insert(Ticket).values(account_id=of, number=number, subject=subject, **ticket))


def _one_of_each(connection: Connection, code: str, place: int) -> None:
    of = account_id(connection, code)
    issuer = connection.scalar(text("select min(id) from portal.legal_entity"))
    money = {"currency": "KRW", "subtotal": 100, "tax": 0, "total": 100}
    days = {"issue_date": date(2026, 1, 1), "due_date": date(2026, 2, 1)}
    connection.execute(
        insert(Invoice).values(
            account_id=of, issuer_id=issuer, number=f"INV-KR-2026-0048{place}13", purchase_order="PO/7741-B", **money,
            **days,
        )
    )  # fmt: skip
    order = {"request_type": "new", "status": "received", "requested_at": datetime.now(UTC)}
    connection.execute(insert(ServiceOrder).values(account_id=of, number=f"SO{place}00789", **order))
    item = {"kind": "cabinet", "status": "active", "label": "Cabinet 6F-015"}
    connection.execute(insert(InventoryItem).values(account_id=of, asset_number=f"TYO1-CAB-00{place}4", **item))


def _found(database: Database, principal: Principal, spec: ListSpec, words: str) -> set[str]:
    asked = replace(everything(spec), words=tidy(words))
    page = page_of(database.app, principal, spec, asked, size=100)
    summary = summary_of(database.app, principal, spec, asked)
    assert isinstance(summary, Summary)
    assert {int(one.rows["n"].sum()) for one in summary.charts if one.chart.only is None} <= {page.count.n}
    return set(page.values[spec.number.key])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("pow", {"RH-2026-000123"}),
        ("POW cyc", {"RH-2026-000123"}),
        ("cycle power", {"RH-2026-000123"}),
        ("kimch", {"RH-2026-001234"}),
        ("케이블", {"RH-2026-001234"}),
        ("이블", {"RH-2026-001234"}),
        ("블이", set()),
        (unicodedata.normalize("NFD", "케이블"), {"RH-2026-001234"}),
        ("rack 12", {"FR-2026-000045"}),
        ("rack-12", {"FR-2026-000045"}),
        ("ﾗｯｸ", {"FR-2026-000045"}),
        ("000123", {"RH-2026-000123"}),
        ("0123", {"RH-2026-000123"}),
        ("00123", {"RH-2026-000123", "RH-2026-001234"}),
        ("123", {"RH-2026-000123", "RH-2026-001234"}),
        ("1234", {"RH-2026-001234"}),
        ("12345", set()),
        ("45", {"FR-2026-000045"}),
        ("rh-2026-000123", {"RH-2026-000123"}),
        ("RH-2026-1234", {"RH-2026-001234"}),
        ("2026-000123", {"RH-2026-000123"}),
        ("000123-2026", set()),
        ("fr-2026", {"FR-2026-000045"}),
        ("power fridge", set()),
        ("ower", set()),
        ("p", set()),
        ("bolt", set()),
        ("000124", set()),
    ],
)
def test_tickets_are_found_by_words_that_begin_so_and_by_parts_of_their_number(
    words: str, found: set[str], database: Database, sign_in: SignIn
) -> None:
    assert _found(database, sign_in("ana"), TICKETS, words) == found


@pytest.mark.parametrize(
    ("name", "words", "found"),
    [
        ("invoices", "48013", "INV-KR-2026-0048013"),
        ("invoices", "0048013", "INV-KR-2026-0048013"),
        ("invoices", "2026-48013", "INV-KR-2026-0048013"),
        ("invoices", "7741", "INV-KR-2026-0048013"),
        ("invoices", "po/774", "INV-KR-2026-0048013"),
        ("invoices", "48113", None),
        ("orders", "000789", "SO000789"),
        ("orders", "789", "SO000789"),
        ("orders", "so000", "SO000789"),
        ("orders", "100789", None),
        ("inventory", "cab", "TYO1-CAB-0004"),
        ("inventory", "0004", "TYO1-CAB-0004"),
        ("inventory", "6f-015", "TYO1-CAB-0004"),
        ("inventory", "15", None),
        ("inventory", "014", None),
    ],
)
def test_every_other_list_finds_parts_of_its_numbers_and_never_those_of_bolt(
    name: str, words: str, found: str | None, database: Database, sign_in: SignIn
) -> None:
    assert _found(database, sign_in("ana"), LISTS[name], words) == ({found} if found else set())


@pytest.mark.parametrize("words", ["%", "_", "-", "'", "!!! ???", ":*", "🙂", "＊", "、。"])
def test_signs_alone_find_nothing_instead_of_everything(words: str, database: Database, sign_in: SignIn) -> None:
    for name in ("ana", "bea", "mia", "dee", "fin"):
        principal = sign_in(name)
        for spec in LISTS.values():
            if any(principal.may(permission) for permission in spec.permissions):
                assert _found(database, principal, spec, words) == set(), (name, spec.name)
    assert _found(database, sign_in("ada"), PEOPLE, words) == set()
    assert _found(database, sign_in("dee"), QUEUE, words) == set()
    assert list_customers(database.app, sign_in("mia"), CustomersAsked(tidy(words))).accounts == 0
    assert list_parcels(database.app, sign_in("dee"), ParcelsAsked(tidy(words))) == ()
    with database.as_owner() as connection:
        assert connection.scalar(text("select numnode(authz.words(:words))"), {"words": words}) == 0


def test_the_function_itself_finds_nothing_by_signs_either(database: Database, sign_in: SignIn) -> None:
    """Whoever calls it without our code in between gets no more than the page shows."""
    for name, account in (("ana", "ACME-SEOUL"), ("dee", None)):
        principal = sign_in(name)
        if account:
            principal = principal.looking_at(tuple(a.id for a in principal.accounts if a.code == account))
        with reading(database.app, principal, Permission.TICKET_VIEW_COMPANY) as connection:
            for typed in ("", " ", "%", "-", "@", "'", "🙂"):
                found = connection.scalar(text("select authz.find_ticket(:typed, 100)"), {"typed": typed})
                assert found == [], (name, typed)
            assert connection.scalar(text("select authz.find_ticket('RH-2026-000123', 100)"))


@pytest.fixture
def everyone(sign_in: SignIn) -> dict[str, Principal]:
    return {name: sign_in(name) for name in ("ana", "bea", "dee", "ada", "mia")}


_SIGNS = st.characters(codec=None) | st.sampled_from("'\"\\%_*:&|!()<->@ 0193aZ한ラ　🙂\x00\u200d")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.sampled_from(HOSTILE) | st.text(_SIGNS, max_size=MAX_WORDS))
def test_whatever_is_typed_is_no_error_and_shows_nobody_elses_rows(
    typed: str, database: Database, everyone: dict[str, Principal]
) -> None:
    if not tidy(typed):
        return  # nothing was asked
    for spec in (TICKETS, INVOICES):
        bolt = _found(database, everyone["bea"], spec, typed)
        acme = _found(database, everyone["ana"], spec, typed)
        assert bolt <= {"RH-2026-000124", "INV-KR-2026-0048113"}
        assert not acme & {"RH-2026-000124", "INV-KR-2026-0048113"}
        if not can_be_found(typed):
            assert not bolt | acme
    _found(database, everyone["dee"], QUEUE, typed)
    _found(database, everyone["ada"], PEOPLE, typed)
    customers = list_customers(database.app, everyone["mia"], CustomersAsked(tidy(typed)))
    assert "Bolt" not in {customer.name for customer in customers.rows}
    list_parcels(database.app, everyone["dee"], ParcelsAsked(tidy(typed)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(word=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=2, max_size=30))
def test_what_is_written_is_found_by_the_same_words(word: str, database: Database) -> None:
    """Whatever the script: text and question are cut alike."""
    ask = text("select portal.search_vector(1, 'X-1', :word) @@ authz.words(:word), numnode(authz.words(:word))")
    with database.as_owner() as connection:
        is_found, n = connection.execute(ask, {"word": word}).one()
    assert is_found or n == 0


def test_a_question_longer_than_any_number_of_words_is_refused_by_name_and_cut_by_the_function(
    database: Database,
) -> None:
    with pytest.raises(Invalid) as refused:
        read_asked(TICKETS, {"q": ["x" * 10_000]})
    assert refused.value.field == "q"
    with database.as_owner() as connection:
        for long in ("x" * 10_000, "x " * 5_000, "'" * 10_000, "한" * 10_000, "0" * 10_000):
            assert connection.scalar(text("select numnode(authz.words(:typed)) < 600"), {"typed": long})


@pytest.mark.parametrize(
    ("typed", "clean"),
    [("  power \t cycle\n", "power cycle"), ("po\x00wer", "po wer"), ("\ud800x", "x"), ("케이블　교체", "케이블 교체")],
)
def test_what_no_keyboard_types_is_left_out(typed: str, clean: str) -> None:
    assert tidy(typed) == clean
    assert tidy(clean) == clean


def test_common_words_are_found_while_the_list_is_read(database: Database, sign_in: SignIn) -> None:
    """Beyond what an index is good for, and still the same rows: the function says so by NULL."""
    with database.as_owner() as connection:
        for place in range(60):
            _ticket(connection, f"SV-2026-{place:06}", "Escort for everybody", "ACME-OSAKA")
    ana = sign_in("ana")
    osaka = ana.looking_at(tuple(a.id for a in ana.accounts if a.code == "ACME-OSAKA"))
    with reading(database.app, osaka, Permission.TICKET_VIEW_COMPANY) as connection:
        assert connection.scalar(text("select authz.find_ticket('esco', 10)")) is None
        assert len(connection.scalar(text("select authz.find_ticket('SV-2026-000007', 10)"))) == 1
    assert len(_found(database, osaka, TICKETS, "esco")) == 60
    assert _found(database, sign_in("bea"), TICKETS, "esco") == set()


def test_people_are_found_by_all_the_words_in_any_of_their_texts(database: Database, sign_in: SignIn) -> None:
    ada = sign_in("ada")
    with database.as_owner() as connection:
        everybody = set(connection.scalars(Person.__table__.select().with_only_columns(Person.name)))
    assert _found(database, ada, PEOPLE, "ana acme.example") == {"Ana Acme"}
    assert _found(database, ada, PEOPLE, "ana bolt.example") == set()
    assert 0 < len(_found(database, ada, PEOPLE, "acme")) < len(everybody)
