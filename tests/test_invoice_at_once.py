"""Several of finance at once: both are counted or one is refused; what is cut short leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from data.commands import Command, Work
from data.database import writing
from data.invoicing import (
    ApplyCredit,
    Paying,
    RecordPayment,
    RecordPayments,
    TakeBackCredit,
    TakeBackPayment,
    VoidInvoice,
    WriteOff,
)
from data.invoicing.holding import hold_one
from data.invoicing.payments import pay
from rules.errors import Conflict, Forbidden, Invalid
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.money_scene import Books, at_once

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module")
def books(database: Database, sign_in: SignIn) -> Books:
    return Books(database, sign_in)


@dataclass
class Room:
    """Two of finance with a few invoices, a credit note, and what each of them has on the screen."""

    books: Books
    invoices: list[UUID]
    credit: UUID
    #: Who → the versions they saw; whoever looks again sees those of now.
    seen: dict[int, dict[UUID, int]] = field(default_factory=dict)
    keys: dict[int, UUID] = field(default_factory=dict)
    payments: list[UUID] = field(default_factory=list)
    credits: list[UUID] = field(default_factory=list)
    #: What was let through: invoice → sum.
    let_through: dict[UUID, Decimal] = field(default_factory=dict)

    def look(self, who: int) -> None:
        self.seen[who] = {uuid: self.books.version(uuid) for uuid in (*self.invoices, self.credit)}


def _pay(room: Room, who: int, n: int, k: int) -> None:
    uuid, amount = room.invoices[n % 3], Decimal(1 + 40 * k)
    done = room.books.do(RecordPayment(uuid, amount, room.books.today(), version=room.seen[who][uuid]))
    room.payments.append(UUID(done["payment"]))
    room.let_through[uuid] = room.let_through.get(uuid, Decimal(0)) + amount


def _pay_again_by_the_same_key(room: Room, who: int, n: int, k: int) -> None:
    """A double click, or the page sent it again after the connection was lost."""
    uuid, amount, key = room.invoices[n % 3], Decimal(1 + k), uuid4()
    command = RecordPayment(uuid, amount, room.books.today())
    first = room.books.do(command, key=key)
    assert room.books.do(command, key=key).result == first.result
    room.payments.append(UUID(first["payment"]))
    room.let_through[uuid] = room.let_through.get(uuid, Decimal(0)) + amount


def _pay_several(room: Room, who: int, n: int, k: int) -> None:
    some = room.invoices[: 1 + n % 3]
    open_ = {uuid: room.books.balance(uuid) for uuid in some}
    seen = tuple(Paying(uuid, room.seen[who][uuid]) for uuid in some)
    room.books.do(RecordPayments(seen, room.books.today()))
    for uuid, amount in open_.items():
        room.let_through[uuid] = room.let_through.get(uuid, Decimal(0)) + amount


def _take_back(room: Room, who: int, n: int, k: int) -> None:
    if not room.payments:
        return
    uuid = room.payments[n % len(room.payments)]
    query = (
        "select i.uuid, p.amount from portal.payment p join portal.invoice i on i.id = p.invoice_id where p.uuid = :u"
    )
    invoice, amount = room.books.rows(query, u=uuid)[0]
    room.books.do(TakeBackPayment(uuid, "Wrong"))
    room.let_through[invoice] -= amount


def _credit(room: Room, who: int, n: int, k: int) -> None:
    uuid = room.invoices[n % 3]
    command = ApplyCredit(room.credit, uuid, Decimal(1 + 10 * k), room.seen[who][uuid])
    room.credits.append(UUID(room.books.do(command)["credit"]))


def _credit_back(room: Room, who: int, n: int, k: int) -> None:
    if room.credits:
        room.books.do(TakeBackCredit(room.credits[n % len(room.credits)], "Wrong"))


def _void(room: Room, who: int, n: int, k: int) -> None:
    uuid = room.invoices[n % 3]
    room.books.do(VoidInvoice(uuid, room.seen[who][uuid], "Wrong"))


def _write_off(room: Room, who: int, n: int, k: int) -> None:
    uuid = room.invoices[n % 3]
    room.books.do(WriteOff(uuid, room.seen[who][uuid], "Lost"))


def _look(room: Room, who: int, n: int, k: int) -> None:
    room.look(who)


ACTS: dict[str, Callable[[Room, int, int, int], None]] = {
    "pay": _pay, "pay twice by one key": _pay_again_by_the_same_key, "pay several": _pay_several,
    "take a payment back": _take_back, "credit": _credit, "take a credit back": _credit_back, "void": _void,
    "write off": _write_off, "look": _look,
}  # fmt: skip
acts = st.tuples(
    st.sampled_from([*ACTS, "look", "pay", "pay", "credit"]), st.integers(0, 1), st.integers(0, 5), st.integers(0, 9)
)


@given(happening=st.lists(acts, min_size=1, max_size=14))
@settings(max_examples=15, deadline=None, database=None)
def test_whatever_two_do_in_whatever_order_the_books_add_up(books: Books, happening: list[Any]) -> None:
    """Each acts on what they saw last, which the other may have changed; what is refused changes nothing."""
    room = Room(books, [books.invoice("100"), books.invoice("300"), books.invoice("80")], books.credit_note("120"))
    room.look(0)
    room.look(1)
    for name, who, n, k in happening:
        before = [books.standing(uuid) for uuid in (*room.invoices, room.credit)]
        try:
            ACTS[name](room, who, n, k)
        except (Conflict, Invalid):
            assert [books.standing(uuid) for uuid in (*room.invoices, room.credit)] == before, name
        for uuid in room.invoices:
            state, paid, credited, written_off, balance = books.standing(uuid)
            assert paid == room.let_through.get(uuid, 0), (name, state)
            assert paid + credited + written_off + balance == {0: 100, 1: 300, 2: 80}[room.invoices.index(uuid)]
    books.add_up()


def test_two_who_saw_the_same_cannot_both_pay(books: Books) -> None:
    for _ in range(3):
        invoice = books.invoice()
        command = RecordPayment(invoice, Decimal(400), books.today(), version=1)
        results = at_once(lambda c=command: books.do(c), lambda c=command: books.do(c))
        assert sorted(type(result).__name__ for result in results) == ["Conflict", "Done"]
        assert books.balance(invoice) == 600
    books.add_up()


def test_without_a_version_both_are_counted_as_long_as_there_is_something_open(books: Books) -> None:
    invoice = books.invoice()
    command = RecordPayment(invoice, Decimal(400), books.today())
    results = at_once(*[lambda: books.do(command)] * 4)
    assert sorted(type(result).__name__ for result in results) == ["Done", "Done", "Invalid", "Invalid"]
    assert books.standing(invoice) == ("partially_paid", 800, 0, 0, 200)
    books.add_up()


def test_the_same_click_at_once_is_one_payment(books: Books) -> None:
    invoice, key = books.invoice(), uuid4()
    command = RecordPayment(invoice, Decimal(400), books.today())
    results = at_once(*[lambda: books.do(command, key=key)] * 3)
    assert len({result["payment"] for result in results}) == 1
    assert books.balance(invoice) == 600


def test_many_pay_credit_and_give_up_at_once_and_nobody_waits_for_ever(books: Books) -> None:
    one, two, credit = books.invoice("1000"), books.invoice("1000"), books.credit_note("1000")
    today = books.today()
    commands: list[Command] = [
        RecordPayments((Paying(one, amount=Decimal(100)), Paying(two, amount=Decimal(100))), today),
        RecordPayments((Paying(two, amount=Decimal(100)), Paying(one, amount=Decimal(100))), today),
        ApplyCredit(credit, one, Decimal(300)),
        ApplyCredit(credit, two, Decimal(800)),
        RecordPayment(one, Decimal(50), today),
        ApplyCredit(credit, one, Decimal(300)),
    ]
    results = at_once(*[lambda c=command: books.do(c) for command in commands])
    assert {type(result).__name__ for result in results} <= {"Done", "Invalid", "Conflict"}
    assert sum(type(result).__name__ == "Done" for result in results) >= 4
    books.add_up()


def test_a_payment_races_a_step_and_one_of_them_wins(books: Books) -> None:
    for step in (VoidInvoice, WriteOff):
        invoice = books.invoice()
        results = at_once(
            lambda i=invoice: books.do(RecordPayment(i, Decimal(1000), books.today(), version=1)),
            lambda i=invoice, s=step: books.do(s(i, 1, "Wrong")),
        )
        assert sorted(type(result).__name__ for result in results) == ["Conflict", "Done"]
        assert books.standing(invoice)[0] in ("paid", "void", "written_off")
    books.add_up()


def test_what_is_cut_short_before_it_is_through_leaves_nothing(books: Books) -> None:
    """The server ends the connection in the middle, as when the process dies: no payment, no log, no lock stays."""
    invoice, before = books.invoice(), books.rows("select count(*) from portal.audit_entry")
    with pytest.raises(OperationalError):
        _pay_and_be_cut(books, invoice)
    assert books.standing(invoice) == ("issued", 0, 0, 0, 1000)
    assert books.rows("select count(*) from portal.audit_entry") == before
    books.do(RecordPayment(invoice, Decimal(400), books.today(), version=1))  # nothing is held any more
    assert books.balance(invoice) == 600
    books.add_up()


def _pay_and_be_cut(books: Books, invoice: UUID) -> None:
    with writing(books.database.app, books.fin, Permission.INVOICE_MANAGE) as connection:
        held = hold_one(Work(connection, books.fin), invoice, None)
        pay(Work(connection, books.fin), held, Decimal(400), books.today(), None)
        mine = connection.scalar(text("select pg_backend_pid()"))
        with books.database.as_owner() as server:
            server.execute(text("reset role"))
            assert server.scalar(text("select pg_terminate_backend(:pid, 5000)"), {"pid": mine})
        connection.execute(text("select 1"))


def test_holding_is_for_finance(books: Books) -> None:
    invoice = books.invoice()
    with pytest.raises(Forbidden), writing(books.database.app, books.sign_in("dee"), Permission.INVOICE_MANAGE) as c:
        hold_one(Work(c, books.fin), invoice, None)
