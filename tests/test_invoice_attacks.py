"""Whoever gets hold of a session and writes SQL of their own: the books still add up, and nobody but finance adds."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

from data.invoicing import ApplyCredit, RecordPayment, TakeBackPayment
from data.models.rows import CUSTOMER_HATS, Hat
from data.security.triggers import SETTLED
from rules.principal import Principal
from tests.cluster import Database
from tests.money_scene import Books, refused, wearing

SignIn = Callable[[str], Principal]
PAYMENT = """insert into portal.payment
(account_id, invoice_id, amount, currency, paid_on, recorded_by, reverses, reason)
values (:account, :invoice, :amount, :currency, :day, {me}, :reverses, :reason)"""
CREDIT = """insert into portal.credit_application
(account_id, invoice_id, credit_note_id, amount, applied_by, reverses, reason)
values (:account, :invoice, :credit, :amount, {me}, :reverses, :reason)"""
STEP = """insert into portal.invoice_step (account_id, invoice_id, step, reason, taken_by)
values (:account, :invoice, :step, :reason, {me})"""
ME = "(select authz.me())"


@pytest.fixture(scope="module")
def books(database: Database, sign_in: SignIn) -> Books:
    return Books(database, sign_in)


def ids(books: Books, uuid: UUID) -> dict[str, Any]:
    query = "select account_id, id, currency, total from portal.invoice where uuid = :uuid"
    account, invoice, currency, total = books.rows(query, uuid=uuid)[0]
    return {
        "account": account, "invoice": invoice, "currency": currency, "day": books.today(), "amount": total,
        "reverses": None, "reason": None,
    }  # fmt: skip


def pays(books: Books, connection: Connection, uuid: UUID, *, by: str = ME, **other: Any) -> None:
    connection.execute(text(PAYMENT.format(me=by)), {**ids(books, uuid), **other})


def no_pay(books: Books, connection: Connection, uuid: UUID, *, by: str = ME, **other: Any) -> str:
    return refused(connection, PAYMENT.format(me=by), **{**ids(books, uuid), **other})


# --- finance's own session


def test_finance_writes_no_balance_no_state_and_no_row_that_stands(books: Books) -> None:
    invoice = books.invoice()
    paid = UUID(books.do(RecordPayment(invoice, Decimal(10), books.today()))["payment"])
    with wearing(books, "fin") as connection:
        for column, value in (
            ("paid", "1000"), ("credited", "1"), ("written_off", "1000"), ("state", "'paid'"), ("total", "1"),
            ("version", "1"), ("account_id", "1"), ("due_date", "now()"),
        ):  # fmt: skip
            change = f"update portal.invoice set {column} = {value} where uuid = :uuid"
            assert "permission denied" in refused(connection, change, uuid=invoice), column
        for change in (
            "update portal.payment set amount = 1 where uuid = :uuid",
            "delete from portal.payment where uuid = :uuid",
            "update portal.payment set reason = 'x' where uuid = :uuid",
        ):
            assert "permission denied" in refused(connection, change, uuid=paid)
        for table in ("invoice", "credit_application", "invoice_step", "bank_line"):
            assert "permission denied" in refused(connection, f"delete from portal.{table}")
        for table in ("invoice_tally", "invoice_line", "invoice"):
            assert "permission denied" in refused(connection, f"insert into portal.{table} default values")
        pays(books, connection, invoice, amount=990)  # the same session may do what is right
    books.add_up()


def test_an_entry_says_only_what_it_may(books: Books) -> None:
    """Columns that the database fills in cannot be brought along."""
    invoice = books.invoice()
    for column, value in (("id", "7"), ("uuid", "gen_random_uuid()"), ("recorded_at", "now() - interval '1 year'")):
        how = "overriding system value" if column == "id" else ""
        sql = PAYMENT.format(me=ME).replace("account_id,", f"{column}, account_id,")
        sql = sql.replace("values (:account", f"{how} values ({value}, :account")
        with wearing(books, "fin") as connection:
            assert "permission denied" in refused(connection, sql, **ids(books, invoice))
    with wearing(books, "fin") as connection:
        ada = books.rows("select id from portal.person where email = 'admin@portal.example'")[0][0]
        assert "row-level security" in no_pay(books, connection, invoice, by=str(ada))
        assert "row-level security" in no_pay(books, connection, invoice, by="null")


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 1001}, {"amount": 0}, {"amount": -5}, {"amount": "NaN"}, {"amount": "Infinity"}, {"amount": "0.5"},
        {"currency": "JPY"}, {"currency": "PHP"}, {"amount": -5, "reason": "x"}, {"reason": "x"},
        {"day": "2999-01-01"}, {"day": "infinity"}, {"invoice": 0}, {"account": 0}, {"account": None},
        {"reverses": 1, "amount": -5, "reason": "x"}, {"amount": "1e17"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_payment_of_this_invoice_is_refused_by_the_database(other: dict[str, Any], books: Books) -> None:
    invoice = books.invoice()
    with wearing(books, "fin") as connection:
        no_pay(books, connection, invoice, **other)
        pays(books, connection, invoice, amount=1000)
    books.add_up()


def test_two_rows_of_one_statement_pay_no_more_than_is_open(books: Books) -> None:
    invoice = books.invoice()
    one = "insert into portal.payment (account_id, invoice_id, amount, currency, paid_on, recorded_by) "
    rows = f"select :account, :invoice, cast(:amount as numeric), :currency, cast(:day as date), {ME} from twice"
    one = f"with twice as (select from generate_series(1, 2)) {one}"
    with wearing(books, "fin") as connection:
        said = refused(connection, one + rows, **{**ids(books, invoice), "amount": 501})
        assert "more than is open" in said
        connection.execute(text(one + rows), {**ids(books, invoice), "amount": 500})
    books.add_up()


def test_what_only_an_import_may_say_lets_nobody_pay_without_moving_the_balance(books: Books) -> None:
    invoice = books.invoice()
    with wearing(books, "fin") as connection:
        connection.execute(text("select set_config(:name, 'yes', false)"), {"name": SETTLED})
        pays(books, connection, invoice, amount=400)
        stands = connection.execute(text("select paid, state from portal.invoice where uuid = :i"), {"i": invoice})
        assert tuple(stands.one()) == (400, "partially_paid")


@pytest.mark.parametrize("state", ["draft", "void", "written_off"])
def test_what_is_not_in_force_takes_nothing_from_the_database_either(state: str, books: Books) -> None:
    invoice, credit = books.invoice(state=state), books.credit_note(state=state)
    fine, note = books.invoice(), books.credit_note()
    with wearing(books, "fin") as connection:
        assert "nothing is to be paid" in no_pay(books, connection, invoice, amount=1)
        assert "no such payment" in no_pay(books, connection, note, amount=1)
        for i, c in ((invoice, note), (fine, credit)):
            values = {**ids(books, i), "credit": ids(books, c)["invoice"], "amount": 1}
            assert "nothing is open" in refused(connection, CREDIT.format(me=ME), **values)
    books.add_up()


def test_an_entry_against_another_is_its_exact_opposite_once(books: Books) -> None:
    invoice, other = books.invoice(), books.invoice()
    books.do(RecordPayment(invoice, Decimal(100), books.today()))
    books.do(RecordPayment(other, Decimal(100), books.today()))
    query = (
        "select p.id, p.uuid from portal.payment p join portal.invoice i on i.id = p.invoice_id where i.uuid = :uuid"
    )
    (paid, uuid), (elsewhere, _) = books.rows(query, uuid=invoice)[0], books.rows(query, uuid=other)[0]
    with wearing(books, "fin") as connection:
        for wrong in (
            {"amount": -99, "reverses": paid},
            {"amount": -101, "reverses": paid},
            {"amount": 100, "reverses": paid},
            {"amount": -100, "reverses": elsewhere},
            {"amount": -100, "reverses": paid, "reason": None},
        ):
            no_pay(books, connection, invoice, **{"reason": "x", **wrong})
    books.do(TakeBackPayment(uuid, "x"))
    against = books.rows(query + " and p.amount < 0", uuid=invoice)[0][0]
    with wearing(books, "fin") as connection:
        for wrong in ({"amount": -100, "reverses": paid}, {"amount": 100, "reverses": against}):
            no_pay(books, connection, invoice, **{"reason": "x", **wrong})
    books.add_up()


@pytest.mark.parametrize(
    "credit",
    [{"account": "BOLT"}, {"currency": "PHP", "issuer": "EX-KR"}, {"issuer": "EX-JP"}, {"type": "invoice"}],
    ids=str,
)
def test_credit_goes_only_where_the_database_says_it_may(credit: dict[str, Any], books: Books) -> None:
    invoice, fine = books.invoice(), books.credit_note()
    wrong = books.invoice("300", **{"type": "credit_note", **credit})
    with wearing(books, "fin") as connection:
        values = {**ids(books, invoice), "credit": ids(books, wrong)["invoice"], "amount": 1}
        assert "permission denied" in refused(connection, CREDIT.format(me=ME), **values)
        values["credit"] = values["invoice"]
        assert "permission denied" in refused(connection, CREDIT.format(me=ME), **values)
        values["credit"] = ids(books, fine)["invoice"]
        for amount in (301, -1, 0, "NaN", "0.5"):
            refused(connection, CREDIT.format(me=ME), **{**values, "amount": amount})
        connection.execute(text(CREDIT.format(me=ME)), {**values, "amount": 300})
        assert "nothing is open" in refused(connection, CREDIT.format(me=ME), **{**values, "amount": 1})
    books.add_up()


def test_a_step_that_is_not_in_the_table_is_not_taken(books: Books) -> None:
    part, invoice, draft, credit = books.invoice(), books.invoice(), books.invoice(state="draft"), books.credit_note()
    books.do(RecordPayment(part, Decimal(1), books.today()))
    with wearing(books, "fin") as connection:
        for uuid, step, reason in (
            (part, "void", "x"), (part, "issued", "x"), (invoice, "issued", None), (invoice, "paid", "x"),
            (invoice, "void", None), (invoice, "void", "  "), (invoice, "written_off", None),
            (draft, "written_off", "x"), (credit, "written_off", "x"), (invoice, "draft", "x"),
        ):  # fmt: skip
            refused(connection, STEP.format(me=ME), **{**ids(books, uuid), "step": step, "reason": reason})
        said = STEP.format(me=ME).replace("taken_by", "amount, taken_by").replace(ME, f"5, {ME}")
        refused(connection, said, **{**ids(books, part), "step": "written_off", "reason": "x"})
        connection.execute(text(STEP.format(me=ME)), {**ids(books, part), "step": "written_off", "reason": "x"})
        left = connection.execute(text("select balance, written_off from portal.invoice where uuid = :u"), {"u": part})
        assert tuple(left.one()) == (0, 999)
    books.add_up()


# --- everybody else's


@pytest.mark.parametrize(
    ("who", "hat", "account"),
    [
        ("dee", Hat.STAFF, None),
        ("ada", Hat.STAFF, None),
        ("mia", Hat.MANAGER, None),
        ("mia", Hat.STAFF, None),
        *(("ana", hat, "ACME-SEOUL") for hat in CUSTOMER_HATS),
        ("ana", Hat.STAFF, "ACME-SEOUL"),
        ("ana", Hat.MANAGER, "ACME-SEOUL"),
    ],
)
def test_nobody_else_adds_or_even_learns_what_there_is(who: str, hat: Hat, account: str | None, books: Books) -> None:
    """The same sentence for an invoice that is there, for one that is paid and for one that never was."""
    invoice, void, credit = books.invoice(), books.invoice(state="void"), books.credit_note()
    with wearing(books, who, hat, account) as connection:
        said = set()
        for of in ({}, {"invoice": 0}, ids(books, void)):
            values = {**ids(books, invoice), "credit": ids(books, credit)["invoice"], **of}
            said.add(refused(connection, PAYMENT.format(me=ME), **values))
            said.add(refused(connection, CREDIT.format(me=ME), **values).replace("credit_application", "payment"))
            step = refused(connection, STEP.format(me=ME), **{**values, "step": "void", "reason": "x"})
            said.add(step.replace("invoice_step", "payment"))
        assert all("permission denied" in one for one in said)
        assert len({one.splitlines()[0] for one in said}) == 1, said
        assert "permission denied" in refused(
            connection, "select authz.hold_invoices(array[cast(:u as uuid)])", u=invoice
        )
        if hat is Hat.STAFF:
            assert connection.execute(text("select count(*) from portal.bank_line")).scalar() == 0
            change = text("update portal.bank_line set reason = 'x', set_aside_at = now() returning id")
            assert connection.execute(change).all() == []
        else:
            assert "permission denied" in refused(connection, "select count(*) from portal.bank_line")
    assert books.balance(invoice) == 1000


def test_a_session_that_ended_pays_nothing(books: Books) -> None:
    invoice = books.invoice()
    with wearing(books, "fin") as connection:
        connection.execute(text("select set_config('portal.session', 'forged', true)"))
        assert "permission denied" in no_pay(books, connection, invoice, amount=1)
        assert connection.execute(text("select count(*) from portal.invoice")).scalar() == 0
    assert books.balance(invoice) == 1000


def test_credit_of_another_company_is_no_way_into_it(books: Books) -> None:
    """Account and invoice travel together: the id of one with the account of another names nothing."""
    mine, theirs = books.invoice(), books.invoice(account="BOLT")
    with wearing(books, "fin") as connection:
        mixed = {**ids(books, mine), "account": ids(books, theirs)["account"]}
        assert "permission denied" in refused(connection, PAYMENT.format(me=ME), **mixed)
    books.do(ApplyCredit(books.credit_note(account="BOLT"), theirs))
    assert books.balance(mine) == 1000
    books.add_up()
