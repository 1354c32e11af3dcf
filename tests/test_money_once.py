"""Nothing is given twice and nothing is lost: what somebody asks for again, or two ask for at once, on other ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.database import writing
from data.imports.problems import Unfit
from data.invoicing import (
    AcceptDispute,
    ApplyCredit,
    CloseDispute,
    IssueInvoice,
    OpenDispute,
    RecordPayment,
    TakeBackCredit,
    TakeBackPayment,
    VoidInvoice,
    WriteOff,
)
from data.invoicing.billing_run import ImportBillingRun, hand_in, preview_of
from rules.errors import Conflict, Invalid
from rules.permissions import Permission
from rules.principal import Principal
from tests.billing_scene import forget_runs, run_of
from tests.cluster import Database
from tests.money_scene import Books, at_once

pytestmark = pytest.mark.usefixtures("configured")
D = Decimal
GIVEN = "select coalesce(sum(total), 0) from portal.invoice where type = 'credit_note' and id in ({notes})"
OF_DISPUTES = (
    "select credit_note_id from portal.dispute d join portal.invoice i on i.id = d.invoice_id where i.uuid = :i"
)


@pytest.fixture(scope="module")
def books(database: Database, sign_in: Callable[[str], Principal]) -> Books:
    return Books(database, sign_in)


@pytest.fixture(scope="module")
def ana(books: Books) -> Principal:
    return books.sign_in("ana")


@pytest.fixture(autouse=True)
def no_runs(books: Books) -> Iterator[None]:
    yield
    books.add_up()
    forget_runs(books)


def disputed(books: Books, ana: Principal, invoice: UUID, amount: int, *lines: int) -> UUID:
    done = books.do(OpenDispute(invoice, "price", "Not what was agreed", D(amount), lines), by=ana)
    return UUID(done["dispute"])


def accepts(books: Books, dispute: UUID, amount: int) -> Any:
    return books.do(AcceptDispute(dispute, D(amount), "Right"))


def given_for(books: Books, invoice: UUID) -> Decimal:
    """By the credit notes of its disputes."""
    return Decimal(books.rows(GIVEN.format(notes=OF_DISPUTES), i=invoice)[0][0])


def names(results: list[Any]) -> list[str]:
    return sorted(type(one).__name__ for one in results)


def paid(books: Books, invoice: UUID, amount: int) -> UUID:
    return UUID(books.do(RecordPayment(invoice, D(amount), books.today()))["payment"])


class TestADispute:
    def test_a_line_that_was_credited_is_not_credited_again(self, books: Books, ana: Principal) -> None:
        """It may be disputed once more, as when the credit was too small; there is no more to give than was charged."""
        invoice = books.invoice()
        books.lines(invoice, 600, 400)
        paid(books, invoice, 1000)
        accepts(books, disputed(books, ana, invoice, 600, 1), 600)
        again = disputed(books, ana, invoice, 600, 1)
        with pytest.raises(Invalid, match="credited before"):
            accepts(books, again, 401)
        past = text("select authz.say_in_dispute(:d, 'Right', 'accepted', null, 401, '<x@x>')")
        with (
            pytest.raises(DBAPIError, match="credited before"),
            writing(books.database.app, books.fin, Permission.INVOICE_MANAGE) as connection,
        ):
            connection.execute(past, {"d": again})
        accepts(books, again, 400)
        assert given_for(books, invoice) == 1000

    def test_where_the_credit_was_used_for_it_no_more_is_left_either(self, books: Books, ana: Principal) -> None:
        invoice = books.invoice()
        books.lines(invoice, 600, 400)
        accepts(books, disputed(books, ana, invoice, 600, 1), 600)
        with pytest.raises(Invalid, match="credited before"):
            accepts(books, disputed(books, ana, invoice, 600, 1), 600)
        assert books.standing(invoice) == ("partially_paid", 0, 600, 0, 400)

    def test_what_a_voided_credit_note_gave_can_be_credited_again(self, books: Books, ana: Principal) -> None:
        invoice = books.invoice()
        books.lines(invoice, 600, 400)
        note = UUID(accepts(books, disputed(books, ana, invoice, 600, 1), 600)["credit_note"])
        used = "select c.uuid from portal.credit_application c join portal.invoice n on n.id = c.credit_note_id"
        ((credit,),) = books.rows(f"{used} where n.uuid = :n", n=note)
        books.do(TakeBackCredit(credit, "Another line was meant"))
        again = disputed(books, ana, invoice, 600, 1)
        with pytest.raises(Invalid, match="credited before"):
            accepts(books, again, 600)
        books.do(VoidInvoice(note, books.version(note), "Another line was meant"))
        accepts(books, again, 600)
        assert books.standing(invoice) == ("partially_paid", 0, 600, 0, 400)

    def test_what_another_credit_note_settled_is_not_credited_for_a_dispute(self, books: Books, ana: Principal) -> None:
        invoice = books.invoice()
        books.lines(invoice, 600, 400)
        books.do(ApplyCredit(books.credit_note("900"), invoice))
        dispute = disputed(books, ana, invoice, 600, 1)
        with pytest.raises(Invalid, match="credited before"):
            accepts(books, dispute, 600)
        accepts(books, dispute, 100)
        assert books.standing(invoice) == ("paid", 0, 1000, 0, 0)

    def test_what_was_credited_in_full_is_not_disputed_as_a_whole(self, books: Books, ana: Principal) -> None:
        invoice = books.invoice()
        books.do(ApplyCredit(books.credit_note("1000"), invoice))
        with pytest.raises((Invalid, Conflict)):
            disputed(books, ana, invoice, 1)

    def test_two_disputes_of_other_lines_are_accepted_at_once(self, books: Books, ana: Principal) -> None:
        invoice = books.invoice()
        books.lines(invoice, 600, 400)
        one, two = disputed(books, ana, invoice, 600, 1), disputed(books, ana, invoice, 400, 2)
        results = at_once(lambda: accepts(books, one, 600), lambda: accepts(books, two, 400))
        assert names(results) == ["Done", "Done"]
        assert books.standing(invoice) == ("paid", 0, 1000, 0, 0)

    def test_another_credit_at_the_same_time_is_no_second_one(self, books: Books, ana: Principal) -> None:
        for _turn in range(3):
            invoice, note = books.invoice(), books.credit_note("700")
            dispute = disputed(books, ana, invoice, 1000)
            at_once(lambda d=dispute: accepts(books, d, 1000), lambda i=invoice, n=note: books.do(ApplyCredit(n, i)))
            used = 700 - books.balance(note)
            assert given_for(books, invoice) + used <= 1000

    def test_accepted_while_it_is_voided_it_is_credited_or_void(self, books: Books, ana: Principal) -> None:
        for _turn in range(3):
            invoice = books.invoice()
            dispute, version = disputed(books, ana, invoice, 400), books.version(invoice)
            at_once(
                lambda d=dispute: accepts(books, d, 400),
                lambda i=invoice, v=version: books.do(VoidInvoice(i, v, "Wrong company")),
            )
            state = books.standing(invoice)[0]
            assert (state, given_for(books, invoice)) in [("void", 0), ("partially_paid", 400)]

    def test_taken_back_by_the_customer_while_it_is_accepted_is_one_of_both(self, books: Books, ana: Principal) -> None:
        for _turn in range(3):
            invoice = books.invoice()
            dispute = disputed(books, ana, invoice, 400)
            results = at_once(
                lambda d=dispute: accepts(books, d, 400), lambda d=dispute: books.do(CloseDispute(d), by=ana)
            )
            accepted = type(results[0]).__name__ == "Done"
            assert given_for(books, invoice) == (400 if accepted else 0)

    def test_of_a_total_that_a_run_lowered_no_more_than_that(self, books: Books, ana: Principal) -> None:
        _imported(books, {})
        invoice = _uuid(books)
        dispute = disputed(books, ana, invoice, 1100)
        lower = {"subtotal": "300", "tax": "30", "total": "330"}
        _imported(books, lower, lines=[{"unit_price": "300", "tax": "30", "amount": "300"}])
        with pytest.raises(Invalid, match="330"):
            accepts(books, dispute, 1100)
        assert books.standing(invoice) == ("issued", 0, 0, 0, 330)
        with books.database.as_owner() as connection:
            of = "select id from portal.dispute where uuid = :d"
            for table in (f"dispute_message where dispute_id in ({of})", "dispute where uuid = :d"):
                connection.execute(text(f"delete from portal.{table}"), {"d": dispute})


class TestTakingBack:
    def test_the_same_payment_by_two_at_once_once(self, books: Books) -> None:
        invoice = books.invoice()
        payment = paid(books, invoice, 400)
        results = at_once(*[lambda: books.do(TakeBackPayment(payment, "Of another"))] * 2)
        assert names(results) == ["Conflict", "Done"]
        assert books.standing(invoice) == ("issued", 0, 0, 0, 1000)

    def test_the_same_credit_by_two_at_once_once(self, books: Books) -> None:
        invoice, note = books.invoice(), books.credit_note("300")
        credit = UUID(books.do(ApplyCredit(note, invoice))["credit"])
        results = at_once(*[lambda: books.do(TakeBackCredit(credit, "Of another"))] * 2)
        assert names(results) == ["Conflict", "Done"]
        assert (books.balance(invoice), books.balance(note)) == (1000, 300)

    @pytest.mark.parametrize("step", [VoidInvoice, WriteOff])
    def test_while_it_is_voided_or_given_up_only_one_of_both(self, step: Any, books: Books) -> None:
        for _turn in range(3):
            invoice = books.invoice()
            payment, version = paid(books, invoice, 400), books.version(invoice)
            back, _stepped = at_once(
                lambda p=payment: books.do(TakeBackPayment(p, "Of another")),
                lambda i=invoice, v=version: books.do(step(i, v, "Lost")),
            )
            state, got, *_rest = books.standing(invoice)
            assert (state, got) in [("issued", 0), ("written_off", 400)], back

    @pytest.mark.parametrize("reason", ["", " \n", "\u200b\u2060", "…", "\x00"])
    def test_a_reason_is_something_that_can_be_read(self, reason: str, books: Books) -> None:
        invoice = books.invoice()
        payment = paid(books, invoice, 400)
        for command in (TakeBackPayment(payment, reason), VoidInvoice(invoice, books.version(invoice), reason)):
            with pytest.raises(Invalid):
                books.do(command)
        assert books.balance(invoice) == 600


class TestACreditNote:
    def test_used_for_two_at_once_it_gives_no_more_than_it_has(self, books: Books) -> None:
        note, one, two = books.credit_note("300"), books.invoice(), books.invoice()
        at_once(lambda: books.do(ApplyCredit(note, one, D(200))), lambda: books.do(ApplyCredit(note, two, D(200))))
        assert (books.balance(one) + books.balance(two), books.balance(note)) == (1800, 100)

    def test_voided_while_it_is_used_only_one_of_both(self, books: Books) -> None:
        for _turn in range(3):
            note, invoice = books.credit_note("300"), books.invoice()
            at_once(
                lambda n=note, i=invoice: books.do(ApplyCredit(n, i)),
                lambda n=note: books.do(VoidInvoice(n, 1, "Twice")),
            )
            assert (books.standing(note)[0], books.balance(invoice)) in [("paid", 700), ("void", 1000)]


def _handed(books: Books, *rows: dict[str, str], **more: Any) -> Any:
    return hand_in(books.database.app, books.fin, "run.zip", run_of(*rows, **more))


def _imported(books: Books, *rows: dict[str, str], **more: Any) -> Any:
    run = _handed(books, *rows, **more)
    return books.do(ImportBillingRun(run, preview_of(books.database.app, books.fin, run).seen)).result


def _uuid(books: Books, number: str = "R-1") -> UUID:
    return UUID(str(books.rows("select uuid from portal.invoice where number = :n", n=number)[0][0]))


class TestARun:
    def test_its_payments_and_a_colleagues_come_to_no_more_than_is_open(self, books: Books) -> None:
        for _turn in range(3):
            _imported(books, {})
            invoice = _uuid(books)
            run = _handed(books, {}, payments=[{}])
            seen = preview_of(books.database.app, books.fin, run).seen

            def imports(run: Any = run, seen: str = seen) -> Any:
                try:
                    return books.do(ImportBillingRun(run, seen))
                except Unfit as unfit:
                    return unfit

            results = at_once(imports, lambda i=invoice: paid(books, i, 1100))
            got = books.standing(invoice)[1]
            assert got in (600, 1100), results
            books.add_up()
            forget_runs(books)

    def test_the_same_run_by_two_at_once_pays_once(self, books: Books) -> None:
        run = _handed(books, {}, payments=[{}])
        seen = preview_of(books.database.app, books.fin, run).seen
        results = at_once(*[lambda: books.do(ImportBillingRun(run, seen))] * 2)
        assert names(results) == ["Conflict", "Done"]
        assert books.standing(_uuid(books)) == ("partially_paid", 600, 0, 0, 500)

    def test_what_was_taken_back_is_not_paid_again_by_the_same_run(self, books: Books) -> None:
        _imported(books, {}, payments=[{}])
        invoice = _uuid(books)
        ((payment,),) = books.rows("select uuid from portal.payment where reference = 'Bank 1'")
        books.do(TakeBackPayment(payment, "Of another"))
        assert _imported(books, {}, payments=[{}])["payments"] == 0
        assert books.balance(invoice) == 1100

    def test_no_total_below_what_was_paid_and_credited(self, books: Books) -> None:
        _imported(books, {})
        invoice = _uuid(books)
        paid(books, invoice, 600)
        books.do(ApplyCredit(books.credit_note("300"), invoice))
        lower = {"subtotal": "500", "tax": "0", "total": "500"}
        with pytest.raises((Unfit, Conflict, DBAPIError)):
            _imported(books, lower, lines=[{"unit_price": "500", "tax": "0", "amount": "500"}])
        assert books.standing(invoice) == ("partially_paid", 600, 300, 0, 200)
        ((credit,),) = books.rows("select uuid from portal.credit_application order by id desc limit 1")
        books.do(TakeBackCredit(credit, "Only tried"))
        with books.database.as_owner() as connection:
            its = "select id from portal.credit_application where uuid = :c"
            for which in (f"reverses = ({its})", "uuid = :c"):
                connection.execute(text(f"delete from portal.credit_application where {which}"), {"c": credit})

    def test_a_payment_of_a_day_to_come_is_none(self, books: Books) -> None:
        tomorrow = books.today() + timedelta(days=2)
        with pytest.raises(Unfit, match="a day that has come"):
            _imported(books, {}, payments=[{"paid_on": str(tomorrow)}])
        _imported(books, {}, payments=[{"paid_on": str(books.today())}])

    def test_a_draft_that_is_issued_meanwhile_stays_as_it_was_issued(self, books: Books) -> None:
        draft = books.invoice("1100", number="R-1", state="draft", issuer="EX-KR")
        run = _handed(books, {})

        def looks() -> Any:
            try:
                return preview_of(books.database.app, books.fin, run)
            except Unfit as unfit:
                return unfit

        _seen, issued = at_once(looks, lambda: books.do(IssueInvoice(draft, 1)))
        assert type(issued).__name__ == "Done"
        assert books.standing(draft) == ("issued", 0, 0, 0, 1100)
        with books.database.as_owner() as connection:
            taken = "delete from portal.invoice_step where invoice_id = (select id from portal.invoice where uuid = :i)"
            connection.execute(text(taken), {"i": draft})
