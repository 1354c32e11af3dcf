"""What finance does to invoices: payments, credits, steps; what is refused, and what is said then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from data.commands import Command
from data.database import writing
from data.invoices import INVOICES
from data.invoicing import (
    ApplyCredit,
    IssueInvoice,
    OpenDispute,
    Paying,
    RecordPayment,
    RecordPayments,
    TakeBackCredit,
    TakeBackPayment,
    VoidInvoice,
    WriteOff,
    get_invoice,
)
from data.invoicing.credits import usable_with
from data.listing import read_asked, stream_of, summary_of
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.money_scene import Books

SignIn = Callable[[str], Principal]
D = Decimal


@pytest.fixture(scope="module")
def books(database: Database, sign_in: SignIn) -> Books:
    return Books(database, sign_in)


def _pay(books: Books, invoice: UUID, amount: str, **more: object) -> RecordPayment:
    return RecordPayment(invoice, D(amount), books.today(), **more)  # type: ignore[arg-type]


# --- payments


def test_a_part_leaves_the_rest_open_and_the_rest_makes_it_paid(books: Books) -> None:
    invoice, other = books.invoice(), books.invoice()
    books.do(_pay(books, invoice, "400", reference="  Wire   7 "))
    assert books.standing(invoice) == ("partially_paid", 400, 0, 0, 600)
    books.do(_pay(books, invoice, "600"))
    assert books.standing(invoice) == ("paid", 1000, 0, 0, 0)
    assert books.balance(other) == 1000
    kept = "select amount, reference, paid_on, p.name from portal.payment join portal.person p on p.id = recorded_by"
    mine = "where invoice_id = (select id from portal.invoice where uuid = :uuid) order by payment.id"
    first, second = books.rows(f"{kept} {mine}", uuid=invoice)
    assert first == (400, "Wire 7", books.today(), books.fin.name)
    assert second[:2] == (600, None)
    books.add_up()


def test_the_same_click_twice_is_one_payment(books: Books) -> None:
    invoice, key = books.invoice(), uuid4()
    first = books.do(_pay(books, invoice, "400"), key=key)
    again = books.do(_pay(books, invoice, "400"), key=key)
    assert (again.again, again.result) == (True, first.result)
    assert books.balance(invoice) == 600
    with pytest.raises(Conflict, match="other content"):
        books.do(_pay(books, invoice, "500"), key=key)
    assert books.balance(invoice) == 600


def test_more_than_is_open_is_refused_and_what_is_open_is_said(books: Books) -> None:
    invoice = books.invoice()
    books.do(_pay(books, invoice, "1"))
    with pytest.raises(Invalid, match=r"only KRW 999.00 is open.*back to the payer") as refused:
        books.do(_pay(books, invoice, "1000"))
    assert refused.value.field == "amount"
    assert books.balance(invoice) == 999
    books.do(_pay(books, invoice, "999"))
    with pytest.raises(Conflict, match="nothing is to be paid"):
        books.do(_pay(books, invoice, "1"))
    books.add_up()


@pytest.mark.parametrize("amount", ["0", "-5", "0.5", "NaN", "Infinity", "-Infinity", "sNaN", "1e15", "1E+999999"])
def test_what_is_no_amount_of_won_is_refused(amount: str, books: Books) -> None:
    invoice = books.invoice()
    with pytest.raises(Invalid):
        books.do(_pay(books, invoice, amount))
    assert books.balance(invoice) == 1000


def test_a_cent_is_an_amount_where_there_are_cents(books: Books) -> None:
    invoice = books.invoice("0.03", "PHP")
    for _ in range(2):
        books.do(RecordPayment(invoice, D("0.01"), books.today("PHP")))
    with pytest.raises(Invalid):
        books.do(RecordPayment(invoice, D("0.005"), books.today("PHP")))
    assert books.standing(invoice) == ("partially_paid", D("0.02"), 0, 0, D("0.01"))
    books.add_up()


def test_nobody_pays_tomorrow_where_the_invoice_was_issued(books: Books) -> None:
    invoice = books.invoice()
    with pytest.raises(Invalid, match="still to come"):
        books.do(replace(_pay(books, invoice, "1"), paid_on=books.today() + timedelta(days=1)))
    books.do(replace(_pay(books, invoice, "1"), paid_on=books.today() - timedelta(days=400)))


def test_who_saw_another_version_is_told_and_nothing_is_recorded(books: Books) -> None:
    invoice = books.invoice()
    seen = books.version(invoice)
    books.do(_pay(books, invoice, "400", version=seen))
    with pytest.raises(Conflict, match="changed meanwhile"):
        books.do(_pay(books, invoice, "400", version=seen))
    assert books.balance(invoice) == 600
    books.do(_pay(books, invoice, "400", version=books.version(invoice)))


@pytest.mark.parametrize("state", ["draft", "void", "written_off"])
def test_what_is_not_in_force_takes_no_payment(state: str, books: Books) -> None:
    invoice = books.invoice(state=state)
    with pytest.raises(Conflict, match="nothing is to be paid"):
        books.do(_pay(books, invoice, "1"))
    with pytest.raises(Conflict, match="credit note"):
        books.do(_pay(books, books.credit_note(), "1"))
    assert books.standing(invoice)[:2] == (state, 0)


def test_several_are_paid_in_full_or_none_at_all(books: Books) -> None:
    one, two, three = books.invoice("100"), books.invoice("200", account="BOLT"), books.invoice("300")
    all_of_them = tuple(Paying(uuid, books.version(uuid)) for uuid in (one, two, three))
    books.do(_pay(books, three, "100"))  # somebody was quicker
    with pytest.raises(Conflict, match="changed meanwhile"):
        books.do(RecordPayments(all_of_them, books.today()))
    assert [books.balance(uuid) for uuid in (one, two, three)] == [100, 200, 200]
    seen = tuple(replace(paying, version=books.version(paying.invoice)) for paying in all_of_them)
    books.do(RecordPayments(seen, books.today(), "Batch 1"))
    assert [books.standing(uuid)[0] for uuid in (one, two, three)] == ["paid"] * 3
    with pytest.raises(Conflict):
        books.do(RecordPayments(tuple(Paying(uuid) for uuid in (one, books.invoice())), books.today()))
    with pytest.raises(Invalid, match="twice"):
        books.do(RecordPayments((Paying(one), Paying(one)), books.today()))
    with pytest.raises(Invalid):
        books.do(RecordPayments((), books.today()))
    books.add_up()


def test_a_wrong_payment_is_taken_back_by_an_entry_against_it(books: Books) -> None:
    invoice = books.invoice()
    books.do(_pay(books, invoice, "400"))
    wrong = UUID(books.do(_pay(books, invoice, "600"))["payment"])
    with pytest.raises(Invalid, match="reason"):
        books.do(TakeBackPayment(wrong, "   "))
    books.do(TakeBackPayment(wrong, "It was Bolt's."))
    assert books.standing(invoice) == ("partially_paid", 400, 0, 0, 600)
    with pytest.raises(Conflict, match="taken back already"):
        books.do(TakeBackPayment(wrong, "Again."))
    mine = "select id from portal.invoice where uuid = :uuid"
    query = f"select uuid, amount, reason from portal.payment where invoice_id = ({mine}) order by id"
    kept = books.rows(query, uuid=invoice)
    assert [row[1:] for row in kept] == [(400, None), (600, None), (-600, "It was Bolt's.")]
    with pytest.raises(Conflict, match="taken back already"):
        books.do(TakeBackPayment(kept[2][0], "The entry against it."))
    books.do(TakeBackPayment(kept[0][0], "That too."))
    assert books.standing(invoice) == ("issued", 0, 0, 0, 1000)
    books.add_up()


# --- credits


def test_a_credit_note_counts_on_both_sides(books: Books) -> None:
    invoice, credit = books.invoice("1000"), books.credit_note("300")
    used = books.do(ApplyCredit(credit, invoice, D(100)))
    assert books.standing(invoice) == ("partially_paid", 0, 100, 0, 900)
    assert books.standing(credit) == ("partially_paid", 0, 100, 0, 200)
    books.do(ApplyCredit(credit, invoice))  # as much as goes
    assert books.standing(invoice) == ("partially_paid", 0, 300, 0, 700)
    assert books.standing(credit) == ("paid", 0, 300, 0, 0)
    with pytest.raises(Conflict, match="nothing of it is open"):
        books.do(ApplyCredit(credit, books.invoice()))
    books.do(TakeBackCredit(UUID(used["credit"]), "Used for the wrong one."))
    assert (books.standing(invoice)[2], books.standing(credit)) == (200, ("partially_paid", 0, 200, 0, 100))
    with pytest.raises(Conflict, match="taken back already"):
        books.do(TakeBackCredit(UUID(used["credit"]), "Again."))
    books.add_up()


def test_a_credit_settles_a_small_invoice_and_keeps_the_rest(books: Books) -> None:
    invoice, credit = books.invoice("100"), books.credit_note("300")
    with pytest.raises(Invalid, match=r"At most KRW 100.00"):
        books.do(ApplyCredit(credit, invoice, D(101)))
    assert books.do(ApplyCredit(credit, invoice))["amount"] == "100.00"
    assert (books.standing(invoice)[0], books.balance(credit)) == ("paid", 200)
    books.add_up()


def test_a_credit_note_is_used_within_account_currency_and_issuer(books: Books) -> None:
    invoice = books.invoice()
    refused = {
        books.credit_note(account="BOLT"): "another account",
        books.credit_note(currency="PHP"): "another currency",
        books.credit_note(issuer="EX-JP"): "another issuer",
        books.credit_note(state="draft"): "nothing of it is open",
        books.invoice(): "used for an invoice",
        invoice: "used for an invoice",
    }
    for credit, why in refused.items():
        with pytest.raises(Conflict, match=why):
            books.do(ApplyCredit(credit, invoice))
    with pytest.raises(NotFound):
        books.do(ApplyCredit(uuid4(), invoice))
    with pytest.raises(Conflict, match="changed meanwhile"):
        books.do(ApplyCredit(books.credit_note(), invoice, version=books.version(invoice) + 1))
    with pytest.raises(Conflict, match="changed meanwhile"):
        books.do(ApplyCredit(books.credit_note(), invoice, credit_note_version=7))
    assert books.balance(invoice) == 1000


def test_a_form_offers_only_what_fits(books: Books) -> None:
    mine = {"account": "ACME", "issuer": "EX-KR"}
    invoice, fits = books.invoice(**mine), books.credit_note(**mine)
    for more in ({"account": "BOLT"}, {"issuer": "EX-JP"}, {"state": "draft"}):
        books.credit_note(**{**mine, **more})
    books.credit_note(currency="PHP", **mine)
    assert [one.uuid for one in usable_with(books.database.app, books.fin, invoice)] == [fits]
    assert [one.uuid for one in usable_with(books.database.app, books.fin, fits)] == [invoice]
    with pytest.raises(Forbidden):
        usable_with(books.database.app, books.sign_in("ana"), invoice)


# --- steps


def test_a_draft_is_issued_and_then_its_customer_sees_it(books: Books) -> None:
    draft = books.invoice(state="draft")
    assert not _seen_by(books, "ana", draft)
    books.do(IssueInvoice(draft, 1))
    assert (books.standing(draft)[0], books.version(draft)) == ("issued", 2)
    assert _seen_by(books, "ana", draft)
    with pytest.raises(Conflict, match="cannot become"):
        books.do(IssueInvoice(draft, 2))
    nothing = books.invoice("0", state="draft")
    books.do(IssueInvoice(nothing, 1))
    assert books.standing(nothing)[0] == "paid"
    books.add_up()


def test_void_is_for_what_nobody_paid_or_credited(books: Books) -> None:
    invoice, draft, credit = books.invoice(), books.invoice(state="draft"), books.credit_note()
    paid = UUID(books.do(_pay(books, invoice, "1"))["payment"])
    with pytest.raises(Conflict, match="paid or credited"):
        books.do(VoidInvoice(invoice, 2, "Wrong customer"))
    books.do(TakeBackPayment(paid, "Was Bolt's"))
    with pytest.raises(Invalid, match="reason"):
        books.do(VoidInvoice(invoice, 3, " "))
    with pytest.raises(Conflict, match="changed meanwhile"):
        books.do(VoidInvoice(invoice, 2, "Wrong customer"))
    books.do(VoidInvoice(invoice, 3, "Wrong customer"))
    books.do(VoidInvoice(draft, 1, "Not needed"))
    books.do(VoidInvoice(credit, 1, "Not needed"))
    assert [books.standing(uuid)[0] for uuid in (invoice, draft, credit)] == ["void"] * 3
    with pytest.raises(Conflict, match="cannot become"):
        books.do(IssueInvoice(draft, 2))
    with pytest.raises(Conflict, match="its payments stay"):
        books.do(TakeBackPayment(_a_payment(books, books.invoice(), then="void"), "x"))
    books.add_up()


def test_what_is_given_up_is_what_is_open(books: Books) -> None:
    invoice = books.invoice()
    books.do(_pay(books, invoice, "400"))
    books.do(WriteOff(invoice, 2, "Insolvent"))
    assert books.standing(invoice) == ("written_off", 400, 0, 600, 0)
    paid, credit = books.invoice(), books.credit_note("10")
    used = UUID(books.do(ApplyCredit(credit, paid))["credit"])
    books.do(WriteOff(paid, books.version(paid), "Insolvent"))
    with pytest.raises(Conflict, match="its credits stay"):
        books.do(TakeBackCredit(used, "It was given up"))
    assert books.standing(credit)[0] == "paid"
    for refused in (WriteOff(invoice, 3, "Again"), VoidInvoice(invoice, 3, "x"), WriteOff(books.credit_note(), 1, "x")):
        with pytest.raises(Conflict):
            books.do(refused)
    books.add_up()


def test_the_customer_reads_why_it_is_void_and_not_why_it_was_given_up(books: Books) -> None:
    void, lost = books.invoice(), books.invoice()
    books.do(VoidInvoice(void, 1, "Invoiced twice"))
    books.do(WriteOff(lost, 1, "They are broke"))
    said = books.rows(
        "select action, reason, audience, after ->> 'balance' from portal.audit_entry "
        "where object_id in (:a, :b) order by id", a=str(void), b=str(lost),
    )  # fmt: skip
    assert said == [
        ("invoice.void", "Invoiced twice", "customer", "1000.00 KRW"),
        ("invoice.write_off", None, "customer", "0.00 KRW"),
    ]
    assert books.rows("select reason from portal.invoice_step order by id desc limit 1") == [("They are broke",)]
    ana = books.sign_in("ana")
    seoul = next(account.id for account in ana.accounts if account.code == "ACME-SEOUL")
    with writing(books.database.app, ana.looking_at((seoul,)), Permission.INVOICE_VIEW) as connection:
        seen = connection.execute(text("select step, amount from portal.invoice_step where step <> 'issued'")).all()
        assert ("written_off", 1000) in [tuple(row) for row in seen]
        told = connection.execute(text("select step, told from portal.invoice_step where told is not null")).all()
        assert ("void", "Invoiced twice") in [tuple(row) for row in told]
        assert {step for step, _why in told} == {"void"}
        with pytest.raises(Exception, match="permission denied"), connection.begin_nested():
            connection.execute(text("select reason from portal.invoice_step"))


# --- who


def _all_of_them(books: Books) -> list[Command]:
    invoice, credit = books.invoice(), books.credit_note()
    paid = UUID(books.do(_pay(books, invoice, "10"))["payment"])
    used = UUID(books.do(ApplyCredit(credit, invoice, D(10)))["credit"])
    fresh = books.invoice()
    return [
        _pay(books, invoice, "1"),
        RecordPayments((Paying(fresh),), books.today()),
        TakeBackPayment(paid, "x"),
        ApplyCredit(credit, invoice),
        TakeBackCredit(used, "x"),
        IssueInvoice(books.invoice(state="draft"), 1),
        VoidInvoice(fresh, 1, "x"),
        WriteOff(fresh, 1, "x"),
    ]


@pytest.mark.parametrize("name", ["ana", "bea", "vic", "abel", "mia", "dee", "ada"])
def test_only_finance_does_any_of_it(name: str, books: Books) -> None:
    commands = _all_of_them(books)
    sums = "select sum(version), sum(paid), sum(credited) from portal.invoice"
    before = books.rows(sums)
    for command in commands:
        with pytest.raises(Forbidden):
            books.do(command, by=name)
    assert books.rows(sums) == before
    for command in commands[:3]:
        books.do(command)  # as finance each is possible: it was the person that was refused
    books.add_up()


def _seen_by(books: Books, name: str, uuid: UUID) -> bool:
    with writing(books.database.app, books.sign_in(name), Permission.INVOICE_VIEW) as connection:
        found = text("select count(*) from portal.invoice where uuid = :uuid")
        return bool(connection.scalar(found, {"uuid": uuid}))


def _a_payment(books: Books, invoice: UUID, then: str) -> UUID:
    paid = UUID(books.do(_pay(books, invoice, "1"))["payment"])
    with books.database.as_owner() as connection:
        connection.execute(text("update portal.invoice set state = :s where uuid = :u"), {"s": then, "u": invoice})
    return paid


# --- how it reads in the list


def test_a_column_of_the_list_adds_up_to_the_total_above_it(books: Books) -> None:
    """A credit note counts against what is invoiced; what is void or a draft is owed by nobody."""
    of = {"account": "ACME-OSAKA", "purchase_order": "ADDSUP"}
    whole, note, used, void = (
        books.invoice("1000", **of), books.credit_note("300", **of), books.credit_note("50", **of),
        books.invoice("70", **of),
    )  # fmt: skip
    books.invoice("9", state="draft", **of)
    books.do(ApplyCredit(used, whole))
    books.do(ApplyCredit(note, whole, D(100)))
    books.do(VoidInvoice(void, 1, "Wrong"))
    asked = read_asked(INVOICES, {"q": ("ADDSUP",)})
    rows = [
        dict(zip((c.key for c in INVOICES.columns), row, strict=True))
        for batch in stream_of(books.database.app, books.fin, INVOICES, asked, INVOICES.columns, time_zone="UTC")
        for row in batch
    ]
    by_uuid = {row["uuid"]: row for row in rows}
    assert [by_uuid[uuid]["balance"] for uuid in (whole, note, used, void)] == [850, -200, 0, 0]
    assert [by_uuid[uuid]["total"] for uuid in (whole, note, used)] == [1000, -300, -50]
    assert by_uuid[note]["payment_status"] == "credit"
    for row in rows:
        if row["payment_status"] not in ("void", "draft"):
            assert row["total"] == row["subtotal"] + row["tax"]
            assert row["balance"] == row["total"] - row["paid"] - row["credited"]
    found = summary_of(books.database.app, books.fin, INVOICES, asked).totals  # type: ignore[union-attr]
    assert [*found["balance"]] == [sum(row["balance"] for row in rows)] == [650]


# --- what a form says


def drawn(principal: object, uuid: object, deed: str) -> None:
    from data.engines import app_engine
    from data.invoicing import get_invoice
    from pages.staff.invoice_deeds import Doing, show_deeds

    detail = get_invoice(app_engine(), principal, uuid)  # type: ignore[arg-type]
    doing = Doing.of(str(uuid))
    doing.key, doing.version = deed, detail.invoice.version
    show_deeds(principal, detail)  # type: ignore[arg-type]


def form_of(books: Books, uuid: UUID, deed: str) -> AppTest:
    return AppTest.from_function(drawn, args=(books.fin, uuid, deed), default_timeout=30).run()


def said(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(one.value for one in app.markdown)


@pytest.mark.usefixtures("configured")
def test_the_form_of_a_credit_says_what_is_left_on_either_side(books: Books) -> None:
    invoice, note = books.invoice("1000", "PHP", account="BOLT"), books.credit_note("300", "PHP", account="BOLT")
    for one in (invoice, note):
        app = form_of(books, one, "credit")
        assert "is used" not in said(app), "nothing is chosen yet"
        app.selectbox[0].select_index(0).run()
        assert "₱300.00 is used. Then ₱700.00 of INV" in said(app)
        assert app.text_input[0].label.startswith("Amount (PHP)")
        assert "₱120.50 is used. Then ₱879.50 of" in said(app.text_input[0].input("120.50").run())
        assert "is used" not in said(app.text_input[0].input("301").run())
    assert books.balance(invoice) == 1000


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("deed", ["void", "write_off"])
def test_who_ends_what_is_disputed_is_told_that_somebody_waits(deed: str, books: Books) -> None:
    quiet, asked = books.invoice(), books.invoice()
    books.do(OpenDispute(asked, "price", "No", D(10)), by="ana")
    assert "still waits for an answer" in said(form_of(books, asked, deed))
    assert "still waits for an answer" not in said(form_of(books, quiet, deed))


@pytest.mark.usefixtures("configured")
def test_finance_reads_in_the_history_why_and_the_customer_only_what(books: Books) -> None:
    lost = books.invoice()
    books.do(WriteOff(lost, 1, "They **are** broke"))
    (step,) = get_invoice(books.database.app, books.fin, lost).steps
    assert step.reason == "They **are** broke"
    (step,) = get_invoice(books.database.app, books.sign_in("ana"), lost).steps
    assert (step.step, step.reason) == ("written_off", None)
    shown = {who: said(AppTest.from_function(history, args=(books.sign_in(who), lost)).run()) for who in ("fin", "ana")}
    assert "written off · They \\*\\*are" in shown["fin"]
    assert "broke" not in shown["ana"] and "written off" in shown["ana"]


def history(principal: object, uuid: object) -> None:
    from data.engines import app_engine
    from data.invoicing import get_invoice
    from pages.portal.invoice.history import show_history

    show_history(get_invoice(app_engine(), principal, uuid))  # type: ignore[arg-type]
