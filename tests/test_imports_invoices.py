"""Importing invoices again and again: what the file says changes, what people did in the portal meanwhile stays."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from data.imports import Problem, Unfit
from data.tallies import drift
from tests.cluster import Database
from tests.import_files import LINES, Cells, Importer, importing, write

HALF = {"line": "2", "description": "Power"}


@pytest.fixture(scope="module")
def portal(empty_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Importer]:
    with importing(empty_database, tmp_path_factory.mktemp("files")) as importer:
        importer.set_the_scene()
        yield importer
        with empty_database.as_owner() as connection:
            assert set(drift(connection).values()) == {0}, "totals of lists and charts follow every import"


def invoice(portal: Importer, number: str) -> dict[str, object]:
    (row,) = portal.ask(
        "select jsonb_build_object('id', i.id, 'state', state, 'paid', paid::text, 'balance', balance::text, 'total', "
        "total::text, 'version', version, 'payments', (select array_agg(amount::text || ' ' || coalesce(reference, '') "
        "order by p.id) from portal.payment p where p.invoice_id = i.id), 'lines', (select array_agg(l.line || ' ' || "
        "l.description order by l.line) from portal.invoice_line l where l.invoice_id = i.id)) "
        "from portal.invoice i where number = :number",
        number=number,
    )
    return row[0]


def problem(portal: Importer, *rows: Cells, lines: list[Cells] | None = None) -> Problem:
    with pytest.raises(Unfit) as refused:
        portal.rows("invoices", *rows, lines=lines)
    (found,) = refused.value.problems
    return found


@pytest.mark.parametrize(
    ("number", "cells", "state", "balance"),
    [
        ("S-1", {"paid": "0"}, "issued", "110.00"),
        ("S-2", {"paid": "109.99"}, "partially_paid", "0.01"),
        ("S-3", {"paid": "110.00"}, "paid", "0.00"),
        ("S-4", {"subtotal": "0", "tax": "0", "total": "0"}, "paid", "0.00"),
        ("S-5", {"type": "credit_note"}, "issued", "110.00"),
    ],
)
def test_the_state_follows_from_what_was_paid(
    portal: Importer, number: str, cells: Cells, state: str, balance: str
) -> None:
    portal.rows("invoices", {"number": number, **cells})
    found = invoice(portal, number)
    assert (found["state"], found["balance"], found["version"]) == (state, balance, 1)
    assert len(found["payments"] or []) == (float(cells.get("paid", "0")) > 0)


def test_what_was_paid_before_is_one_payment_that_follows_the_file(portal: Importer) -> None:
    for paid, payments, state in (
        ("40", ["40.00 opening balance"], "partially_paid"),
        ("110", ["110.00 opening balance"], "paid"),
        ("50", ["50.00 opening balance"], "partially_paid"),
        ("0", None, "issued"),
        ("110", ["110.00 opening balance"], "paid"),
    ):
        portal.rows("invoices", {"number": "P-1", "paid": paid})
        found = invoice(portal, "P-1")
        assert (found["payments"], found["state"]) == (payments, state)
        assert Decimal(str(found["balance"])) == 110 - Decimal(paid)


def test_a_payment_recorded_in_the_portal_survives_the_next_import(portal: Importer) -> None:
    portal.rows("invoices", {"number": "P-2", "paid": "40"})
    portal.do(
        "insert into portal.payment (account_id, invoice_id, amount, currency, paid_on, reference) "
        "select account_id, id, 70, currency, current_date, 'Bank 1' from portal.invoice where number = 'P-2'"
    )
    before = invoice(portal, "P-2")
    assert before["state"] == "paid"
    assert portal.rows("invoices", {"number": "P-2", "paid": "40"}).changed == 0
    assert invoice(portal, "P-2") == before
    wrong = problem(portal, {"number": "P-2", "paid": "41"})
    assert (wrong.column, wrong.expected[:13]) == ("paid", "at most 40.00")
    assert invoice(portal, "P-2") == before


def test_a_payment_with_our_words_that_a_person_recorded_is_not_ours(portal: Importer) -> None:
    portal.rows("invoices", {"number": "P-3"})
    portal.do("insert into portal.person (kind, email, name) values ('staff', 'fin@portal.example', 'Fin')")
    portal.do(
        "insert into portal.payment (account_id, invoice_id, amount, currency, paid_on, reference, recorded_by) "
        "select account_id, id, 10, currency, current_date, 'opening balance', (select max(id) from portal.person) "
        "from portal.invoice where number = 'P-3'"
    )
    portal.rows("invoices", {"number": "P-3", "paid": "0"})
    assert invoice(portal, "P-3")["paid"] == "10.00"


def test_a_changed_total_moves_the_state_with_it(portal: Importer) -> None:
    portal.rows("invoices", {"number": "T-1", "paid": "110"})
    portal.rows("invoices", {"number": "T-1", "paid": "110", "subtotal": "200", "total": "210"})
    found = invoice(portal, "T-1")
    assert (found["state"], found["balance"]) == ("partially_paid", "100.00")
    portal.rows("invoices", {"number": "T-1", "paid": "110"})
    assert invoice(portal, "T-1")["state"] == "paid"


@pytest.mark.parametrize("state", ["draft", "void", "written_off"])
def test_what_finance_put_aside_an_import_does_not_touch(portal: Importer, state: str) -> None:
    number = f"F-{state}"
    portal.rows("invoices", {"number": number}, lines=[{"number": number}])
    portal.do("update portal.invoice set state = :state where number = :number", state=state, number=number)
    assert portal.rows("invoices", {"number": number}).changed == 0
    for cells, lines in (
        ({"purchase_order": "PO-9"}, None),
        ({"paid": "10"}, None),
        ({}, [{"number": number, "product": "X"}]),
    ):
        wrong = problem(portal, {"number": number, **cells}, lines=lines)
        assert wrong.column == "number"
        assert state.replace("_", " ") in wrong.expected
    assert invoice(portal, number)["state"] == state


@pytest.mark.parametrize(
    ("cells", "column", "was"),
    [
        ({"account": "BOLT"}, "account", "ACME, as it is"),
        ({"type": "credit_note"}, "type", "invoice, as it is"),
        ({"currency": "EUR"}, "currency", "USD, as it is"),
    ],
)
def test_an_invoice_never_becomes_somebody_elses(portal: Importer, cells: Cells, column: str, was: str) -> None:
    portal.rows("invoices", {"number": "L-1"})
    wrong = problem(portal, {"number": "L-1", **cells})
    assert (wrong.column, wrong.value) == (column, cells[column])
    assert wrong.expected.startswith(was)
    account = "select a.code from portal.invoice i join portal.account a on a.id = i.account_id where i.number = 'L-1'"
    assert portal.ask(account) == [("ACME",)]


def test_lines_that_change_are_changed_and_those_that_are_gone_are_removed(portal: Importer) -> None:
    one, two = (
        {"number": "N-1", "unit_price": "60", "amount": "60"},
        {"number": "N-1", "amount": "40", "unit_price": "40"},
    )
    portal.rows("invoices", {"number": "N-1"}, lines=[one, {**two, **HALF, "tax": "0"}])
    ids = portal.ask(
        "select l.id from portal.invoice_line l join portal.invoice i on i.id = invoice_id where number = 'N-1'"
    )
    again = portal.rows("invoices", {"number": "N-1"}, lines=[one, {**two, **HALF, "tax": "0"}])
    assert again.changed == 0
    changed = portal.rows(
        "invoices", {"number": "N-1"}, lines=[one, {**two, **HALF, "tax": "0", "description": "Heat"}]
    )
    assert changed.changed == 1
    found = invoice(portal, "N-1")
    assert (found["lines"], found["version"]) == (["1 Cabinet rental", "2 Heat"], 2)
    assert portal.ask("select id from portal.invoice_line where invoice_id = :id", id=found["id"]) == ids
    portal.rows("invoices", {"number": "N-1"}, lines=[{"number": "N-1"}])
    assert invoice(portal, "N-1")["lines"] == ["1 Cabinet rental"]


def test_a_line_that_is_disputed_stays(portal: Importer) -> None:
    one, two = (
        {"number": "D-1", "unit_price": "60", "amount": "60"},
        {"number": "D-1", "amount": "40", "unit_price": "40"},
    )
    portal.rows("invoices", {"number": "D-1"}, lines=[one, {**two, **HALF, "tax": "0"}])
    portal.do(
        "with line as (select account_id, invoice_id, id from portal.invoice_line where description = 'Power' "
        "and invoice_id = (select id from portal.invoice where number = 'D-1')), "
        "dispute as (insert into portal.dispute (account_id, invoice_id, reason, amount) "
        "select account_id, invoice_id, 'not_ordered', 40 from line returning id) "
        "insert into portal.dispute_line (account_id, invoice_id, dispute_id, line_id) "
        "select l.account_id, l.invoice_id, d.id, l.id from line l, dispute d"
    )
    wrong = problem(portal, {"number": "D-1"}, lines=[{"number": "D-1"}])
    assert wrong.expected == "line 2 among its lines: it is disputed"
    assert invoice(portal, "D-1")["lines"] == ["1 Cabinet rental", "2 Power"]


def test_without_a_file_of_lines_those_that_are_here_stay_and_have_to_fit(portal: Importer) -> None:
    portal.rows("invoices", {"number": "W-1"}, lines=[{"number": "W-1"}])
    portal.rows("invoices", {"number": "W-1", "due_date": "2025-06-01"})
    assert invoice(portal, "W-1")["lines"] == ["1 Cabinet rental"]
    wrong = problem(portal, {"number": "W-1", "subtotal": "90", "tax": "20"})
    assert (wrong.column, wrong.expected) == ("subtotal", "100.00, the sum of its lines")
    assert portal.rows("invoices", {"number": "W-2"}).added == 1, "without lines, and without any before"


def test_taxes_rounded_once_may_differ_from_those_of_the_lines_by_the_rounding_alone(portal: Importer) -> None:
    """EX-JP rounds a whole invoice's tax, EX-US every line's."""
    thirds = [{"line": str(n), "quantity": "1", "unit_price": "333", "amount": "333", "tax": "33"} for n in (1, 2, 3)]
    yen = {"issuer": "EX-JP", "currency": "JPY", "subtotal": "999", "tax": "100", "total": "1099"}
    portal.rows("invoices", {"number": "J-1", **yen}, lines=[{"number": "J-1", **line} for line in thirds])
    assert invoice(portal, "J-1")["total"] == "1099.00"
    more = {**yen, "tax": "101", "total": "1100"}
    assert (
        problem(portal, {"number": "J-2", **more}, lines=[{"number": "J-2", **line} for line in thirds]).column == "tax"
    )
    dollars = {**yen, "issuer": "EX-US", "currency": "USD"}
    lines = [{"number": "J-3", **line} for line in thirds]
    assert problem(portal, {"number": "J-3", **dollars}, lines=lines).column == "tax"


def test_two_files_of_invoices_may_share_a_file_of_lines_and_stand_or_fall_together(portal: Importer) -> None:
    first = write(portal.folder / "first.csv", "invoices", [{"number": "B-1"}])
    second = write(portal.folder / "second.csv", "invoices", [{"number": "B-2"}])
    lines = write(portal.folder / "both.csv", LINES, [{"number": "B-1"}, {"number": "B-2"}])
    assert portal.file("invoices", first, second, lines=lines).added == 2
    with pytest.raises(Unfit, match=r"first\.csv, line 2, column number: 'B-1' – .* line 2 of first\.csv has it"):
        portal.file("invoices", first, second, first, lines=lines)
    with pytest.raises(Unfit, match=r"second\.csv, line 2, column number: 'B-2' – expected an invoice with lines"):
        portal.file("invoices", second, lines=write(portal.folder / "none.csv", LINES, []))


def test_lines_cannot_tell_two_issuers_with_the_same_number_apart(portal: Importer) -> None:
    with pytest.raises(Unfit, match="numbers that differ"):
        portal.rows("invoices", {"number": "A-1"}, {"number": "A-1", "issuer": "EX-JP"}, lines=[{"number": "A-1"}])
    assert portal.ask("select count(*) from portal.invoice where number = 'A-1'") == [(0,)]
    assert portal.rows("invoices", {"number": "A-1"}, {"number": "A-1", "issuer": "EX-JP"}).added == 2


def test_payments_settle_invoices_again_after_an_import(portal: Importer) -> None:
    """The trigger rests while new invoices come with their payments."""
    portal.rows("invoices", {"number": "R-1", "paid": "10"})
    assert portal.ask(
        "select count(*) from pg_trigger where tgrelid = 'portal.payment'::regclass and tgenabled <> 'O'"
    ) == [(0,)]  # fmt: skip
