"""A customer and finance, or two of finance, at the same invoice at once: nothing is lost, nothing is given twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
import streamlit as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.commands import Work
from data.database import writing
from data.invoicing import (
    AcceptDispute,
    ApplyCredit,
    OpenDispute,
    RecordPayment,
    RejectDispute,
    VoidInvoice,
    WriteOff,
)
from data.invoicing.holding import Held, hold_one
from rules.errors import Busy, Conflict
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.money_scene import Books, at_once
from ui.form.sending import send

pytestmark = pytest.mark.usefixtures("configured")
NOTE = """select n.total, n.credited from portal.dispute d join portal.invoice n on n.id = d.credit_note_id
    where d.uuid = :d"""
CREDITED = """select d.credit_note_id from portal.dispute d join portal.invoice i on i.id = d.invoice_id
    where i.uuid = :i and d.credit_note_id is not null"""


@pytest.fixture(scope="module")
def books(database: Database, sign_in: Callable[[str], Principal]) -> Books:
    return Books(database, sign_in)


@pytest.fixture(scope="module")
def ana(books: Books) -> Principal:
    return books.sign_in("ana")


def disputed(books: Books, ana: Principal, amount: int = 400) -> tuple[UUID, UUID]:
    """An invoice over 1000 won and its dispute."""
    invoice = books.invoice()
    done = books.do(OpenDispute(invoice, "price", "Not what was agreed", Decimal(amount)), by=ana)
    return invoice, UUID(done["dispute"])


def test_what_was_voided_meanwhile_is_not_credited_as_well(books: Books, ana: Principal) -> None:
    invoice, dispute = disputed(books, ana)
    books.do(VoidInvoice(invoice, books.version(invoice), "Wrong company"))
    with pytest.raises(Conflict, match="never paid"):
        books.do(AcceptDispute(dispute, Decimal(400), "Right"))
    past = text("select authz.say_in_dispute(:d, 'Right', 'accepted', null, 400, '<x@x>')")
    with (
        pytest.raises(DBAPIError, match="never paid"),
        writing(books.database.app, books.fin, Permission.INVOICE_MANAGE) as connection,
    ):
        connection.execute(past, {"d": dispute})
    assert books.rows(NOTE, d=dispute) == []
    books.do(RejectDispute(dispute, "It is void"))
    books.add_up()


def test_of_what_was_given_up_no_more_is_credited_than_was_paid(books: Books, ana: Principal) -> None:
    invoice, dispute = disputed(books, ana)
    books.do(RecordPayment(invoice, Decimal(300), books.today()))
    books.do(WriteOff(invoice, books.version(invoice), "Lost"))
    with pytest.raises(Conflict, match="never paid"):
        books.do(AcceptDispute(dispute, Decimal(301), "Right"))
    books.do(AcceptDispute(dispute, Decimal(300), "Right"))
    assert books.rows(NOTE, d=dispute) == [(300, 0)], "for another invoice"
    assert books.standing(invoice) == ("written_off", 300, 0, 700, 0)
    books.add_up()


def test_a_dispute_is_accepted_while_colleagues_pay_and_credit(books: Books, ana: Principal) -> None:
    for _turn in range(3):
        invoice, dispute = disputed(books, ana)
        other = books.credit_note("500")
        accepted, *others = at_once(
            lambda d=dispute: books.do(AcceptDispute(d, Decimal(400), "Right")),
            lambda i=invoice: books.do(RecordPayment(i, Decimal(700), books.today())),
            lambda i=invoice, o=other: books.do(ApplyCredit(o, i)),
        )
        assert type(accepted).__name__ == "Done", accepted
        assert {type(one).__name__ for one in others} <= {"Done", "Invalid", "Conflict"}
        ((total, used),) = books.rows(NOTE, d=dispute)
        assert total == 400
        state, paid, credited, _written_off, balance = books.standing(invoice)
        assert (paid + credited + balance, state) == (1000, "partially_paid" if balance else "paid")
        assert credited == used + books.standing(other)[2]
        books.add_up()


def test_of_two_who_accept_at_once_one_credits(books: Books, ana: Principal) -> None:
    invoice, dispute = disputed(books, ana)
    results = at_once(*[lambda: books.do(AcceptDispute(dispute, Decimal(400), "Right"))] * 2)
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "Done"]
    assert books.standing(invoice) == ("partially_paid", 0, 400, 0, 600)
    books.add_up()


def test_who_pays_what_an_import_holds_reads_that_it_is_in_use_and_pays_nothing(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that the database is away, nor that something is wrong on our side."""
    invoice, other, key = books.invoice(), books.invoice(), uuid4()
    payment = RecordPayment(invoice, Decimal(300), books.today())
    monkeypatch.setattr("data.invoicing.payments.hold_one", impatiently(hold_one))
    with books.database.as_owner() as importing:
        importing.execute(text("update portal.invoice set due_date = due_date where uuid = :i"), {"i": invoice})
        with pytest.raises(Busy, match="by somebody else right now"):
            books.do(payment, key=key)
        books.do(replace(payment, invoice=other))
    assert (books.balance(invoice), books.balance(other)) == (1000, 700)
    books.do(payment, key=key)
    assert books.balance(invoice) == 700


class Drawn:
    """A form that was sent, and may be sent again."""

    def __init__(self) -> None:
        self.key: UUID | None = uuid4()

    def key_of_deed(self) -> UUID:
        return self.key or uuid4()

    def forget_key(self) -> None:
        self.key = None


@pytest.mark.parametrize(("refused", "is_same"), [(Busy("held"), True), (Conflict("changed"), False)])
def test_what_is_sent_again_because_it_was_held_is_the_same_deed(
    refused: Conflict, is_same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been the same payment, sent a moment ago, that held it."""
    monkeypatch.setattr(st, "rerun", lambda: None)
    form, told = Drawn(), []
    waits = SimpleNamespace(fail=lambda *, said: told.append(said))

    def deed(_key: UUID) -> Any:
        raise refused

    send(waits, form, deed)  # type: ignore[arg-type]
    assert (told, form.key is not None) == ([refused.message], is_same)


def impatiently(hold: Callable[..., Held]) -> Callable[..., Held]:
    """A test waits for no time: whoever holds it lets go of it afterwards only."""

    def hold_now(work: Work, uuid: UUID, version: int | None) -> Held:
        work.connection.execute(text("set local lock_timeout = '50ms'"))
        return hold(work, uuid, version)

    return hold_now


def test_what_is_disputed_while_it_is_voided_is_never_paid_back(books: Books, ana: Principal) -> None:
    for _turn in range(3):
        invoice = books.invoice()
        asked, voided = at_once(
            lambda i=invoice: books.do(OpenDispute(i, "price", "Wrong", Decimal(400)), by=ana, key=uuid4()),
            lambda i=invoice: books.do(VoidInvoice(i, 1, "Wrong company")),
        )
        if isinstance(asked, Exception):
            assert isinstance(asked, Conflict), "what a colleague did meanwhile is no lack of a right"
            assert books.standing(invoice)[0] == "void"
        elif not isinstance(voided, Exception):
            with pytest.raises(Conflict):
                books.do(AcceptDispute(UUID(asked["dispute"]), Decimal(400), "Right"))
        assert books.rows(CREDITED, i=invoice) == []
        books.add_up()
