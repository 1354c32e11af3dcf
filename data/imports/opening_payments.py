"""What was paid for an invoice before the portal knew it: one payment, "opening balance", that only imports change.

Payments recorded in the portal stand beside it, so that importing the same file again takes nothing away."""

from __future__ import annotations

from data.imports.run import Steps
from data.security.triggers import SETTLED
from rules.words import N_

OPENING = "opening balance"

_OURS = (
    "p.account_id = s.account_id and p.invoice_id = s.invoice_id "
    f"and p.reference = '{OPENING}' and p.recorded_by is null"
)

_COLUMNS = "account_id, invoice_id, amount, currency, paid_on, reference"
_VALUES = f"s.account_id, s.invoice_id, s.paid, s.currency, s.issue_date, '{OPENING}'"

_REMOVED = f"""
    delete from portal.payment p using staged_invoice s where {_OURS} and s.paid = 0 returning p.invoice_id
"""
_CHANGED = f"""
    update portal.payment p set amount = s.paid, paid_on = s.issue_date from staged_invoice s
    where {_OURS} and s.paid > 0 and row(p.amount, p.paid_on) is distinct from row(s.paid, s.issue_date)
    returning p.invoice_id
"""
_ADDED = f"""
    insert into portal.payment ({_COLUMNS}) select {_VALUES} from staged_invoice s
    where s.paid > 0 and not exists (select from portal.payment p where {_OURS}) returning invoice_id
"""

#: A trigger of before it could rest would count each of these payments twice.
_MAY_REST = """
    do $$ begin
        if not exists (select from pg_trigger where tgrelid = 'portal.payment'::regclass
                       and tgname = 'settle_payment_insert' and tgqual is not null) then
            raise exception 'the database is not prepared for this version: run ./portal migrate first';
        end if;
    end $$
"""


def hold_known_invoices(run: Steps) -> None:
    """Before any of them is touched, and in the order in which finance holds several (data/security/money.sql): whoever
    pays one of them waits, or is waited for, and nobody waits in a circle. All others are paid meanwhile."""
    run.do(
        "create temporary table held_invoice on commit drop as select t.id from portal.invoice t "
        "where exists (select from staged_invoice s where s.issuer_id = t.issuer_id and s.number = t.number) "
        "order by t.id for no key update of t"
    )


def write_first_payments(run: Steps) -> None:
    """The owner writes a new invoice as paid at once: through the trigger each would be written a second time, which
    for 100,000 of them takes longer than their 300,000 lines. It rests for this statement, and for nobody else."""
    run.say("writing payments")
    if run.by_owner:
        run.do(_MAY_REST)
        run.do(f"set local {SETTLED} = 'yes'")
    run.do(
        f"insert into portal.payment ({_COLUMNS}) select {_VALUES} from staged_invoice s "
        "join touched_invoice c on c.id = s.invoice_id where c.added and s.paid > 0 order by s.file, s.row"
    )
    if run.by_owner:
        run.do(f"set local {SETTLED} = 'no'")


def write_changed_payments(run: Steps) -> None:
    """The database moves the balances and states of the invoices (data/security/triggers.py)."""
    for change in (_REMOVED, _CHANGED, _ADDED):
        run.do(
            f"with changed as ({change}) "
            "insert into touched_invoice select invoice_id, false from changed on conflict do nothing"
        )


def check_payments(run: Steps) -> None:
    run.look_for(
        "paid",
        N_("at most {most}: the rest was paid or credited in the portal"),
        "select s.file, s.row, s.paid, t.balance + s.paid from staged_invoice s "
        "join portal.invoice t on t.id = s.invoice_id join touched_invoice c on c.id = t.id where t.balance < 0",
    )
