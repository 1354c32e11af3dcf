"""Tallies stay true: whatever happens to tickets and invoices, in whatever order, with folds in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from data.demo.cast import account_id, site_id
from data.tallies import drift, fold, rebuild
from tests.cluster import Database
from tests.demo_rows import NO_DRIFT
from tests.patience import PATIENCE

ACCOUNTS, SITES = ("ACME-SEOUL", "BOLT"), ("SEL1", "BIN1")
STATES = (
    ("submitted", "open"),
    ("in_progress", "open"),
    ("on_hold", "paused"),
    ("resolved", "done"),
    ("cancelled", "done"),
)
KINDS = ("remote_hands", "fault", "site_visit")
#: A step takes two numbers and makes of them what it needs: which row, which month, how much.
Step = Callable[[Connection, int, int], None]


def _do(statement: str) -> Step:
    """The n-th row, if there are so many: `:n`; and any other number: `:k`."""

    def step(connection: Connection, n: int, k: int) -> None:
        status, category = STATES[k % 5]
        values = {
            "n": n, "k": k, "account": _account(connection, k), "site": _site(connection, k), "kind": KINDS[n % 3],
            "status": status, "category": category, "month": date(2025, 1 + k, 15),
        }  # fmt: skip
        connection.execute(text(statement), {key: value for key, value in values.items() if f":{key}" in statement})

    return step


def _account(connection: Connection, k: int) -> int:
    return account_id(connection, ACCOUNTS[k % 2])


def _site(connection: Connection, k: int) -> int | None:
    return None if k % 3 == 2 else site_id(connection, SITES[k % 2])


_TICKET = "(select id from portal.ticket order by id offset :n limit 1)"
_INVOICE = "(select id from portal.invoice where balance > 0 order by id offset :n limit 1)"
_NEW_INVOICE = """
insert into portal.invoice (account_id, issuer_id, number, issue_date, due_date, currency, subtotal, tax, total, state)
select :account, (select min(id) from portal.legal_entity), 'T-' || gen_random_uuid(), cast(:month as date),
       cast(:month as date) + :n, case :k % 2 when 0 then 'KRW' else 'PHP' end, 100 + :k, :n, 100 + :k + :n,
       case :n % 4 when 0 then 'draft' else 'issued' end
"""
STEPS: dict[str, Step] = {
    "open a ticket": _do("""
        insert into portal.ticket (account_id, kind, site_id, subject, status, category, opened_at)
        values (:account, :kind, :site, 's', :status, :category, cast(:month as date))"""),
    "open several": _do("""
        insert into portal.ticket (account_id, kind, site_id, subject, opened_at)
        select :account, :kind, :site, 's', cast(:month as date) + n * interval '20 days'
        from generate_series(0, :n) n"""),
    "move a ticket": _do(f"update portal.ticket set status = :status, category = :category where id = {_TICKET}"),
    "move all tickets of a site": _do(
        "update portal.ticket set status = :status, category = :category where site_id = :site"),
    "move a ticket to another site": _do(f"update portal.ticket set site_id = :site where id = {_TICKET}"),
    "date a ticket back": _do(
        f"update portal.ticket set opened_at = opened_at - :k * interval '1 month' where id = {_TICKET}"),
    "touch a ticket": _do(f"update portal.ticket set subject = 'x' where id = {_TICKET}"),
    "lose a ticket": _do(f"""
        delete from portal.ticket t where id = {_TICKET}
          and not exists (select from portal.ticket_clock c where c.ticket_id = t.id)"""),
    "promise": _do(f"""
        insert into portal.ticket_clock (account_id, ticket_id, site_id, kind, clock, started_at, target_seconds)
        select account_id, id, site_id, kind, case :k % 2 when 0 then 'first_answer' else 'second' end, opened_at, 900
        from portal.ticket where id = {_TICKET} on conflict do nothing"""),
    "judge some promises": _do("""
        update portal.ticket_clock set outcome = case :k % 3 when 0 then 'met' when 1 then 'breached' end
        where id % 2 = :n % 2"""),
    "date a promise back": _do(
        "update portal.ticket_clock set started_at = started_at - :k * interval '1 month' where id % 3 = :n % 3"),
    "lose some promises": _do("delete from portal.ticket_clock where id % 5 = :k % 5"),
    "bill": _do(_NEW_INVOICE),
    "issue a draft": _do("update portal.invoice set state = 'issued' where state = 'draft' and id % 3 <> :k % 3"),
    "question": _do(f"update portal.invoice set disputed = not disputed where id = {_INVOICE}"),
    "question some": _do("update portal.invoice set disputed = true where id % 3 = :k % 3"),
    "write a line": _do(f"""
        insert into portal.invoice_line (
            account_id, invoice_id, line, description, site_id, quantity, unit_price, charge, amount)
        select account_id, id, :n + 1, 'x', :site, 1, 1, 'one_time', 1 from portal.invoice where id = {_INVOICE}
        on conflict do nothing"""),
    "move some lines": _do("update portal.invoice_line set site_id = :site where id % 2 = :k % 2"),
    "lose some lines": _do("delete from portal.invoice_line where id % 3 = :k % 3"),
    "void": _do(f"update portal.invoice set state = 'void' where id = {_INVOICE}"),
    "write off": _do(f"update portal.invoice set state = 'written_off', written_off = balance where id = {_INVOICE}"),
    "move a due date": _do(f"update portal.invoice set due_date = due_date + 40 where id = {_INVOICE}"),
    "pay": _do(f"""
        insert into portal.payment (account_id, invoice_id, amount, currency, paid_on)
        select account_id, id, least(balance, 1 + 20 * :k), currency, now()
        from portal.invoice where id = {_INVOICE}"""),
    "pay several": _do("""
        insert into portal.payment (account_id, invoice_id, amount, currency, paid_on)
        select i.account_id, i.id, 7, i.currency, now() from portal.invoice i, generate_series(1, 2)
        where i.balance > 20 and i.id % 2 = :k % 2"""),
    "correct a payment": _do("update portal.payment set amount = amount / 2 + 1 where id % 2 = :k % 2 and amount > 2"),
    "take a payment back": _do("delete from portal.payment where id % 3 = :k % 3"),
    "credit": _do(f"""
        insert into portal.credit_application (account_id, credit_note_id, invoice_id, amount)
        select i.account_id, n.id, i.id, least(i.balance, n.balance, 5 + :k) from portal.invoice i
        join portal.invoice n on n.account_id = i.account_id and n.id <> i.id and n.balance > 0
        where i.id = {_INVOICE} order by n.id limit 1"""),
    "take a credit back": _do("delete from portal.credit_application where id % 2 = :k % 2"),
    "lose an invoice": _do("""
        delete from portal.invoice i where id % 5 = :k % 5 and paid = 0 and credited = 0
          and not exists (select from portal.invoice_line l where l.invoice_id = i.id)
          and not exists (select from portal.payment p where p.invoice_id = i.id)
          and not exists (select from portal.credit_application c where i.id in (c.invoice_id, c.credit_note_id))"""),
}  # fmt: skip


def _fold(connection: Connection, _n: int, _k: int) -> None:
    """As the worker does it, in its hat."""
    connection.execute(text("set local role portal_worker"))
    fold(connection)
    connection.execute(text("set local role portal_owner"))


def _rebuild(connection: Connection, _n: int, _k: int) -> None:
    rebuild(connection)


STEPS |= {"fold": _fold, "rebuild": _rebuild}
#: Folds twice as often as the rest: that is what is between everything.
steps = st.tuples(
    st.sampled_from([*STEPS, "fold", "bill", "bill", "pay", "promise", "judge some promises", "question"]),
    st.integers(0, 5),
    st.integers(0, 8),
)


@given(happening=st.lists(steps, min_size=1, max_size=25))
@settings(max_examples=30, deadline=None, database=None)
def test_whatever_happens_the_tallies_say_what_a_count_says(
    rolled_back: Callable[[], Any], happening: list[tuple[str, int, int]]
) -> None:
    with rolled_back() as connection:
        for name, n, k in happening:
            STEPS[name](connection, n, k)
            assert drift(connection) == NO_DRIFT, name
        assert _unsettled(connection) == []
        assert _misplaced(connection) == []
        before = _sums(connection)
        rebuild(connection)
        assert _sums(connection) == before
        assert drift(connection) == NO_DRIFT


def test_drift_is_noticed(rolled_back: Callable[[], Any]) -> None:
    """The measure of the tests above can also fail."""
    with rolled_back() as connection:
        for name, n, k in (("open a ticket", 1, 1), ("promise", 0, 0), ("bill", 1, 1)):
            STEPS[name](connection, n, k)
        connection.execute(text("update portal.ticket_clock set outcome = 'met'"))
        connection.execute(text("update portal.ticket_tally set n = n + 1"))
        connection.execute(text("update portal.clock_tally set met = met + 1"))
        connection.execute(text("update portal.invoice_tally set balance = balance - 1"))
        assert all(drift(connection).values())
        rebuild(connection)
        assert drift(connection) == NO_DRIFT


def test_folding_leaves_one_row_for_each_group_and_changes_no_sum(rolled_back: Callable[[], Any]) -> None:
    with rolled_back() as connection:
        for k in range(4):
            STEPS["open several"](connection, 3, k)
            STEPS["bill"](connection, 1, k)
        STEPS["lose a ticket"](connection, 0, 0)
        before, scattered = _sums(connection), _rows_of(connection)
        _fold(connection, 0, 0)
        assert _sums(connection) == before
        assert _rows_of(connection) < scattered
        folded = _rows_of(connection)
        _fold(connection, 0, 0)
        assert _rows_of(connection) == folded


def test_payments_at_the_same_time_are_all_counted(database: Database) -> None:
    """Two at once, and many: the second waits for the row and adds to what the first left there."""
    invoice = _invoice_over(database, 1000)
    with database.as_owner() as first:
        first.execute(text(PAY), {"invoice": invoice, "amount": 300})
        second = threading.Thread(target=_pay, args=(database, invoice, 200, 1))
        second.start()
        second.join(timeout=0.3)
        assert second.is_alive()  # it waits
    second.join(timeout=PATIENCE)
    assert _paid(database, invoice) == (500, 500, "partially_paid")
    many = [threading.Thread(target=_pay, args=(database, invoice, 25, 5)) for _ in range(4)]
    for thread in many:
        thread.start()
    for thread in many:
        thread.join(timeout=PATIENCE)
    assert _paid(database, invoice) == (1000, 0, "paid")
    _without_drift(database)


def test_payments_of_the_same_invoices_in_opposite_order_do_not_block_each_other(database: Database) -> None:
    invoices = [_invoice_over(database, 1000) for _ in range(4)]
    errors: list[Exception] = []

    def pay_all(order: list[int]) -> None:
        try:
            for _ in range(10):
                with database.as_owner() as connection:
                    connection.execute(text(PAY_ALL), {"invoices": order})
        except Exception as error:  # noqa: BLE001 - told to the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=pay_all, args=(order,)) for order in (invoices, invoices[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    assert errors == []
    assert [_paid(database, invoice)[0] for invoice in invoices] == [20, 20, 20, 20]
    _without_drift(database)


def test_a_reader_never_sees_half_a_fold(database: Database) -> None:
    for k in range(6):
        with database.as_owner() as connection:
            STEPS["open several"](connection, 5, k)
    with database.as_owner() as connection:
        expected = _sums(connection)
    stop = threading.Event()
    folder = threading.Thread(target=_keep_folding, args=(database, stop))
    with database.as_owner() as reader:
        folder.start()
        seen = {str(_sums(reader)) for _ in range(150)}
        stop.set()
        folder.join(timeout=PATIENCE)
    assert seen == {str(expected)}


@pytest.mark.parametrize("meanwhile", ["fold", "rebuild"])
def test_two_that_tidy_up_at_once_count_nothing_twice(database: Database, meanwhile: str) -> None:
    """The second finds the first one's deletions, but not yet its sums."""
    with database.as_owner() as connection:
        STEPS["open several"](connection, 5, 1)
        STEPS["bill"](connection, 1, 1)
    with database.as_owner() as first:
        _fold(first, 0, 0)
        second = threading.Thread(target=_committed, args=(database, STEPS[meanwhile]))
        second.start()
        second.join(timeout=0.3)
    second.join(timeout=PATIENCE)
    assert not second.is_alive()
    _without_drift(database)


def test_what_is_written_while_the_worker_folds_is_not_lost(database: Database) -> None:
    with database.as_owner() as writer:
        STEPS["open several"](writer, 5, 3)
        _committed(database, _fold)  # does not see them yet, and does not wait
        STEPS["move a ticket"](writer, 0, 3)
    _without_drift(database)
    _committed(database, _fold)
    _without_drift(database)


PAY = """
insert into portal.payment (account_id, invoice_id, amount, currency, paid_on)
select account_id, id, :amount, currency, now() from portal.invoice where id = :invoice"""
PAY_ALL = """
insert into portal.payment (account_id, invoice_id, amount, currency, paid_on)
select i.account_id, i.id, 1, i.currency, now() from unnest(cast(:invoices as bigint[])) with ordinality w (id, n)
join portal.invoice i on i.id = w.id order by w.n"""


@pytest.fixture(scope="module")
def rolled_back(database: Database) -> Callable[[], Any]:
    """A transaction as the owner, of which nothing stays."""

    @contextmanager
    def opened() -> Generator[Connection]:
        with database.as_owner() as connection, connection.begin_nested() as everything:
            yield connection
            everything.rollback()

    return opened


def _committed(database: Database, step: Step) -> None:
    with database.as_owner() as connection:
        step(connection, 0, 0)


def _keep_folding(database: Database, stop: threading.Event) -> None:
    while not stop.is_set():
        _committed(database, _fold)


def _pay(database: Database, invoice: int, amount: int, times: int) -> None:
    for _ in range(times):
        with database.as_owner() as connection:
            connection.execute(text(PAY), {"invoice": invoice, "amount": amount})


def _invoice_over(database: Database, total: int) -> int:
    with database.as_owner() as connection:
        STEPS["bill"](connection, 1, 0)
        newest = "where id = (select max(id) from portal.invoice) returning id"
        change = text(f"update portal.invoice set total = :total, subtotal = :total, tax = 0 {newest}")
        return int(connection.execute(change, {"total": total}).scalar_one())


def _paid(database: Database, invoice: int) -> tuple[Any, ...]:
    with database.as_owner() as connection:
        found = connection.execute(
            text("select paid, balance, state from portal.invoice where id = :id"), {"id": invoice}
        )
        return tuple(found.one())


def _unsettled(connection: Connection) -> list[Any]:
    """Invoices whose balance is not what their payments and credits say."""
    return list(connection.scalars(text("""
        select i.id from portal.invoice i where i.balance <> i.total - i.written_off
            - coalesce((select sum(amount) from portal.payment p where p.invoice_id = i.id), 0)
            - coalesce((select sum(amount) from portal.credit_application c
                        where i.id in (c.invoice_id, c.credit_note_id)), 0)
        """)))  # fmt: skip


def _misplaced(connection: Connection) -> list[Any]:
    """Invoices that do not name the sites of their lines."""
    return list(connection.scalars(text("""
        select i.id from portal.invoice i where i.site_ids <> coalesce((
            select array_agg(distinct l.site_id order by l.site_id) from portal.invoice_line l
            where l.invoice_id = i.id and l.site_id is not null), '{}')
        """)))  # fmt: skip


def _sums(connection: Connection) -> Any:
    return connection.execute(
        text(
            "select coalesce(t.n, 0), coalesce(t.going_on, 0), coalesce(c.met, 0), coalesce(c.breached, 0), "
            "coalesce(i.n, 0), coalesce(i.total, 0), coalesce(i.balance, 0) "
            "from (select sum(n) n, sum(n) filter (where category <> 'done') going_on from portal.ticket_tally) t, "
            "(select sum(met) met, sum(breached) breached from portal.clock_tally) c, "
            "(select sum(n) n, sum(total) total, sum(balance) balance from portal.invoice_tally) i"
        )
    ).one()


def _rows_of(connection: Connection) -> int:
    count = "select (select count(*) from portal.ticket_tally) + (select count(*) from portal.invoice_tally)"
    return int(connection.execute(text(count)).scalar_one())


def _without_drift(database: Database) -> None:
    with database.as_owner() as connection:
        assert drift(connection) == NO_DRIFT
