"""Fin hands in a billing run on a page: first what it would change, then all is done, in Fin's own hat, once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.imports.billing import import_billing
from data.imports.handed_in import HandedIn
from data.imports.problems import Unfit
from data.invoicing import RecordPayment
from data.invoicing.billing_run import ImportBillingRun, Preview, hand_in, preview_of
from data.migrate import bootstrap_engine
from data.models.rows import CUSTOMER_HATS, Hat
from data.tabular import Refused
from rules.errors import Conflict, Forbidden
from rules.principal import Principal
from tests.billing_scene import PDF, forget_runs, run_of
from tests.cluster import Database
from tests.money_scene import Books, refused, wearing

SignIn = Callable[[str], Principal]
D = Decimal
CALL = (
    "select authz.import_billing(cast(:i as jsonb), cast(:l as jsonb), cast(:p as jsonb), :keep, 'run.zip', 'x', null)"
)
OURS = "select number, state, total, paid, balance, version from portal.invoice where number like 'R-%' order by number"
PAID_TWICE = "select count(*) from portal.payment where reference = 'Bank 1'"
DOCUMENTS = """select i.number, d.content, d.version, p.name from portal.invoice_document d
join portal.invoice i on i.id = d.invoice_id left join portal.person p on p.id = d.uploaded_by
where i.number like 'R-%' order by i.number"""


@pytest.fixture(scope="module")
def books(database: Database, sign_in: SignIn) -> Books:
    return Books(database, sign_in)


@pytest.fixture(autouse=True)
def nothing_yet(books: Books) -> Iterator[None]:
    yield
    forget_runs(books)


def handed(books: Books, content: BytesIO, by: str = "fin") -> HandedIn:
    return hand_in(books.database.app, books.sign_in(by), "run.zip", content)


def looked_at(books: Books, run: HandedIn) -> Preview:
    return preview_of(books.database.app, books.fin, run)


def imported(books: Books, content: BytesIO) -> Any:
    run = handed(books, content)
    return books.do(ImportBillingRun(run, looked_at(books, run).seen)).result


def wrong(books: Books, content: BytesIO) -> list[str]:
    """What is wrong with it; and nothing of it is here."""
    with pytest.raises(Unfit) as refused_for:
        looked_at(books, handed(books, content))
    assert books.rows(OURS) == []
    return refused_for.value.lines


# --- what Fin does


def test_a_preview_says_what_would_change_and_keeps_nothing(books: Books) -> None:
    content = run_of(
        {}, {"number": "R-2", "paid": "100"}, {"number": "R-3", "type": "credit_note"},
        {"number": "R-4", "issuer": "EX-PH", "currency": "PHP"}, payments=[{}], documents={"R-1": PDF, "R-2": PDF},
    )  # fmt: skip
    seen = looked_at(books, handed(books, content))
    assert (seen.rows, seen.added, seen.changed, seen.payments) == (4, 4, 0, 1)
    sums = {one.currency: (one.added, one.total, one.changed, one.paid) for one in seen.sums}
    assert sums == {"KRW": (3, D(1100), 0, D(700)), "PHP": (1, D(1100), 0, D(0))}  # a credit note counts below zero
    assert [new["number"] for new in seen.new_invoices] == ["R-1", "R-2", "R-3", "R-4"]
    assert seen.new_payments == ({"number": "R-1", "account": "Acme Seoul", "day": "2025-04-20", "amount": "600.00",
                                  "currency": "KRW", "reference": "Bank 1"},)  # fmt: skip
    assert (seen.originals, seen.replaced) == (("R-1", "R-2"), ())
    assert books.rows(OURS) == []
    assert books.rows("select 1 from portal.audit_entry where action = 'billing.import'") == []
    books.add_up()


def test_all_of_it_is_done_in_fins_name_and_again_changes_nothing(books: Books) -> None:
    content = run_of({}, {"number": "R-2", "paid": "100"}, payments=[{}], documents={"R-1": PDF})
    assert imported(books, content) == {"added": 2, "changed": 0, "payments": 1, "originals": 1}
    stands = books.rows(OURS)
    assert [row[:5] for row in stands] == [
        ("R-1", "partially_paid", 1100, 600, 500),
        ("R-2", "partially_paid", 1100, 100, 1000),
    ]
    assert [(n, bytes(c), v, who) for n, c, v, who in books.rows(DOCUMENTS)] == [("R-1", PDF, 1, books.fin.name)]
    seen = looked_at(books, handed(books, content))
    assert (seen.is_nothing, seen.payments, seen.sums) == (True, 0, ())
    assert imported(books, content) == {"added": 0, "changed": 0, "payments": 0, "originals": 0}
    assert books.rows(OURS) == stands
    books.add_up()


def test_the_same_click_twice_is_one_import_and_stands_in_the_log_once(books: Books) -> None:
    before = books.rows("select count(*) from portal.audit_entry where action = 'billing.import'")[0][0]
    run = handed(books, run_of(payments=[{}], documents={"R-1": PDF}))
    command, key = ImportBillingRun(run, looked_at(books, run).seen), uuid4()
    assert not books.do(command, key=key).again
    assert books.do(command, key=key).again
    assert books.rows(PAID_TWICE)[0][0] == 1
    log = books.rows(
        "select actor_name, audience, object_label, after from portal.audit_entry "
        "where action = 'billing.import' order by id"
    )
    assert len(log) == before + 1
    assert log[-1][:3] == (books.fin.name, "staff", "run.zip")
    assert log[-1][3] == {"sha256": run.sha256, "rows": 1, "added": 1, "changed": 0, "payments": 1}
    original = books.rows(
        "select audience, function, after from portal.audit_entry where action = 'invoice.original' order by id desc"
    )
    assert original[0] == ("customer", "invoice.view", {"file": "R-1.pdf"})


def test_what_changes_is_named_before_and_after_and_an_original_is_replaced(books: Books) -> None:
    imported(books, run_of({}, {"number": "R-2"}, documents={"R-1": PDF}))
    other = run_of({"due_date": "2025-06-01"}, {"number": "R-2"}, documents={"R-1": PDF + b"2"}, payments=[{}])
    seen = looked_at(books, handed(books, other))
    assert (seen.added, seen.changed, seen.originals, seen.replaced) == (0, 1, (), ("R-1",))
    (change,) = seen.changes
    assert (change["number"], change["due_date"]) == ("R-1", ["2025-05-01", "2025-06-01"])
    assert (change["total"], change["paid"]) == (["1100.00", "1100.00"], ["0.00", "600.00"])
    assert imported(books, other)["changed"] == 1
    assert [(bytes(c), v) for _n, c, v, _who in books.rows(DOCUMENTS)] == [(PDF + b"2", 2)]
    books.add_up()


def test_what_changed_since_the_preview_is_told_and_nothing_is_kept(books: Books) -> None:
    imported(books, run_of())
    run = handed(books, run_of({"due_date": "2025-06-01"}, {"number": "R-2"}))
    seen = looked_at(books, run).seen
    invoice = UUID(str(books.rows("select uuid from portal.invoice where number = 'R-1'")[0][0]))
    books.do(RecordPayment(invoice, D(10), books.today()))
    stands = books.rows(OURS)
    with pytest.raises(Conflict, match="changed meanwhile"):
        books.do(ImportBillingRun(run, seen))
    assert books.rows(OURS) == stands
    assert books.do(ImportBillingRun(run, looked_at(books, run).seen))["added"] == 1


def test_a_document_that_cannot_be_kept_takes_all_of_it_back(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    run = handed(books, run_of(documents={"R-1": PDF}))
    seen = looked_at(books, run).seen
    monkeypatch.setattr("data.imports.bundle.LARGEST_DOCUMENT", 5)
    with pytest.raises(Refused, match="larger"):
        books.do(ImportBillingRun(run, seen))
    assert books.rows(OURS) == []


def test_the_command_line_and_the_page_do_the_same(books: Books, tmp_path: Any) -> None:
    content = run_of({"paid": "100"}, {"number": "R-2", "type": "credit_note"}, payments=[{}], documents={"R-1": PDF})
    imported(books, content)
    by_page = [row[:5] for row in books.rows(OURS)]
    path = tmp_path / "run.zip"
    path.write_bytes(content.getvalue())
    engine = bootstrap_engine(books.database.owner_url)
    again = import_billing(engine, path)
    engine.dispose()
    assert (again.added, again.changed) == (0, 0)
    assert [row[:5] for row in books.rows(OURS)] == by_page


# --- what is wrong with a run


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (run_of({"total": "1200"}), "invoices.csv, line 2, column total: '1200' – expected 1100.00, the sum of"),
        (run_of({"account": "NOBODY"}), "invoices.csv, line 2, column account: 'NOBODY' – expected the code of an acc"),
        (run_of({}, {}), "invoices.csv, line 3, column number: 'R-1' – expected it once only: line 2 has it already"),
        (run_of(lines=[]), "invoices.csv, line 2, column number: 'R-1' – expected an invoice with lines"),
        (run_of(lines=[{}, {"line": "2", "number": "R-9"}]), "lines.csv, line 3, column number: 'R-9' – expected the"),
        (run_of(lines=[{"amount": "999", "unit_price": "999"}]), "expected 999.00, the sum of its lines"),
        (run_of(payments=[{"number": "R-9"}]), "payments.csv, line 2, column number: 'R-9' – expected the number"),
        (run_of(payments=[{"amount": "1101"}]), "payments.csv, line 2, column amount: '1101.00' – expected no more"),
        (run_of(payments=[{"amount": "0.5"}]), "payments.csv, line 2, column amount: '0.50' – expected no decimals"),
        (run_of({"type": "credit_note"}, payments=[{}]), "expected an invoice that is in force"),
        (run_of({"currency": "KRW", "subtotal": "999.5", "tax": "100.5"}), "at most 0 decimals in KRW"),
    ],
)  # fmt: skip
def test_a_row_that_is_wrong_is_named_and_keeps_all_of_it_out(books: Books, content: BytesIO, problem: str) -> None:
    assert any(problem in line for line in wrong(books, content))


def test_a_payment_that_is_here_never_changes(books: Books) -> None:
    imported(books, run_of(payments=[{}]))
    with pytest.raises(Unfit, match=r"600\.00 on 2025-04-20, as it is in the portal"):
        looked_at(books, handed(books, run_of(payments=[{"amount": "700"}])))


@pytest.mark.parametrize("state", ["draft", "void", "written_off"])
def test_what_finance_put_aside_a_run_does_not_touch(books: Books, state: str) -> None:
    books.invoice("1100", number="R-1", state=state, issuer="EX-KR")
    with pytest.raises(Unfit, match=state.replace("_", " ")):
        looked_at(books, handed(books, run_of()))


def test_the_invoice_of_another_account_keeps_its_account(books: Books) -> None:
    imported(books, run_of())
    with pytest.raises(Unfit, match="expected ACME-SEOUL, as it is in the portal"):
        looked_at(books, handed(books, run_of({"account": "BOLT"})))


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"../R-1.pdf": PDF}, "points outside"), ({"nested.zip": b"PK\x03\x04"}, "does not belong"),
        ({"R-9.pdf": PDF}, "no invoice of invoices.csv"), ({"R-1.pdf": b"MZ"}, "no PDF"),
        ({"R-1.pdf": b"%PDF-" + b"0" * 150_000_001}, "unpacked it has more than 150 MB"),
    ],
    ids=["outside", "nested", "stranger", "no PDF", "bomb"],
)  # fmt: skip
def test_a_hostile_zip_is_refused_before_anything_is_asked(books: Books, more: dict[str, bytes], problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        handed(books, run_of(more=more))


def test_more_than_a_page_takes_is_refused(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.imports.handed_in.LARGEST", 100)
    with pytest.raises(Refused, match="more than"):
        handed(books, run_of())


# --- who may


def staged(books: Books, content: BytesIO) -> dict[str, Any]:
    run = handed(books, content)
    return {"i": run.of("invoices.csv"), "l": run.of("lines.csv"), "p": run.of("payments.csv"), "keep": True}


@pytest.mark.parametrize("who", ["ana", "bea", "vic", "mia", "dee", "ada"])
def test_nobody_but_finance_hands_one_in(books: Books, who: str) -> None:
    run = handed(books, run_of())
    with pytest.raises(Forbidden):
        handed(books, run_of(), by=who)
    with pytest.raises(Forbidden):
        preview_of(books.database.app, books.sign_in(who), run)
    with pytest.raises(Forbidden):
        books.do(ImportBillingRun(run, "seen"), by=who)
    rows = staged(books, run_of())
    for hat in Hat.STAFF, Hat.MANAGER, *CUSTOMER_HATS:
        with wearing(books, who, hat, "ACME-SEOUL") as connection:
            assert "permission denied" in refused(connection, CALL, **rows)
            assert "permission denied" in refused(connection, CALL, **rows | {"keep": False})
    assert books.rows(OURS) == []


def test_what_the_page_would_not_hand_on_the_function_refuses_too(books: Books) -> None:
    rows = staged(books, run_of())
    with wearing(books, "fin") as connection:
        for cells in (
            {"paid": "2000"}, {"paid": "-1"}, {"subtotal": "NaN", "total": "NaN"}, {"total": "1100.5", "tax": "100.5"},
            {"subtotal": "999.5", "tax": "100.5"}, {"state": "shut", "total": "5"}, {"currency": "XXX"},
            {"account_id": 999_999}, {"issuer_id": 999_999}, {"type": "gift"}, {"due_date": "2020-01-01"},
        ):  # fmt: skip
            (invoice,) = json.loads(rows["i"])
            refused(connection, CALL, **rows | {"i": json.dumps([{**invoice, **cells}])})
        (invoice,) = json.loads(rows["i"])
        told = connection.execute(text(CALL), rows | {"i": json.dumps([{**invoice, "state": "paid"}])}).scalar_one()
        assert told["added"] == 1
        stands = connection.execute(text("select state, paid, balance from portal.invoice where number = 'R-1'")).one()
        assert tuple(stands) == ("issued", 0, 1100), "what a state says follows from the payments"
        for table in ("staged_invoice", "touched_invoice", "stood"):
            assert "permission denied" in refused(connection, f"select * from {table}")
            assert "permission denied" in refused(connection, f"delete from {table}")
        assert "permission denied" in refused(connection, "create temporary table mine (x int)")
        assert "permission denied" in refused(connection, "update portal.invoice set total = 1 where number = 'R-1'")
    assert books.rows(OURS) == []


def test_the_invoices_of_a_run_stand_still_until_it_is_over(books: Books) -> None:
    imported(books, run_of({}, {"number": "R-2"}))
    rows = staged(books, run_of())
    take = text("select from portal.invoice where number = :number for no key update nowait")
    with wearing(books, "fin") as connection, books.database.as_owner() as another:
        assert connection.execute(text(CALL), rows).scalar_one()["changed"] == 0
        another.execute(take, {"number": "R-2"})
        with pytest.raises(DBAPIError, match="could not obtain lock"), another.begin_nested():
            another.execute(take, {"number": "R-1"})


def test_one_import_at_a_time(books: Books) -> None:
    run = handed(books, run_of())
    with books.database.as_owner() as connection:
        connection.execute(text("select pg_advisory_xact_lock(7301002)"))
        with pytest.raises(Conflict, match="under way"):
            looked_at(books, run)


def test_a_session_that_only_reads_for_somebody_imports_nothing(books: Books) -> None:
    rows = staged(books, run_of())
    with wearing(books, "fin") as connection:
        connection.execute(text("select set_config('transaction_read_only', 'on', true)"))
        refused(connection, CALL, **rows)
    assert books.rows(OURS) == []
