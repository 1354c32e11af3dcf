"""Triggers by table: tallies, balances, and the news that something of an account changed."""

from __future__ import annotations

from collections.abc import Iterator

from data.models.rows import Hat
from data.tallies import TALLIES, Tally
from rules.lifecycle import Actor

#: Table → the letter that NOTIFY carries with the account's UUID, and nothing else, and the rows it tells of.
TOLD: dict[str, dict[str, str]] = {
    "ticket": {"T": "true"},
    # of an internal note only those hear who may read it
    "ticket_message": {"C": "kind <> 'internal_note'", "E": "kind = 'internal_note'"},
    "invoice": {"I": "true"},
    "dispute": {"D": "true"},
    "service_order": {"O": "true"},
    "inventory_item": {"A": "true"},
    "thread_message": {"M": "true"},
    "thread_member": {"M": "read_until is null"},  # somebody was added who has read nothing yet
    # what somebody may do: open pages find out at once (auth/presence.py)
    "membership": {"G": "true"},
    "access_grant": {"G": "true"},
    "assignment": {"G": "true"},
    # of what is for staff about an account, none of its people hears (shell/said.py)
    # nor does anybody of another account of what the portal says about this one
    "notice": {"W": "for_staff", "N": "not for_staff and about_account_id is not null"},
}
#: Where the account is called something else.
_ACCOUNT = {"notice": "about_account_id"}

#: Rows of no account: table → a letter that comes alone, and the rows it tells of.
TOLD_TO_ALL = {"notice": ("N", "about_account_id is null and published_at is not null"), "parcel": ("P", "true")}

#: An account that comes, goes, moves or is called otherwise: everybody who belongs to it hears, and who runs it from
#: above, where it stood and where it stands now. Operation → the accounts whose people hear.
_FAMILY = {
    "insert": "select parent_id from new_rows",
    "update": """select unnest(array[n.id, n.parent_id, o.parent_id]) from new_rows n join old_rows o on o.id = n.id
        where (n.parent_id, n.closed_at, n.code, n.name) is distinct from (o.parent_id, o.closed_at, o.code, o.name)""",
    "delete": "select parent_id from old_rows",
}

_OPERATIONS = {
    "insert": ("new", ""),
    "update": ("new", "old"),
    "delete": ("", "old"),
}

#: Money that settles an invoice: table → (of which, what it adds to paid, what it adds to credited). A credit note is
#: settled by what of it is used.
_SETTLING = {
    "payment": (("invoice_id", "r.amount", "0"),),
    "credit_application": (("invoice_id", "0", "r.amount"), ("credit_note_id", "0", "r.amount")),
}

#: The owner of the tables says so, in the transaction, while it writes payments of invoices that stand as paid already
#: (data/imports/opening_payments.py). From anybody else it counts for nothing: whoever pays moves a balance.
SETTLED = "portal.settled"
_IS_SETTLED = f"current_user = 'portal_owner' and coalesce(current_setting('{SETTLED}', true), '') = 'yes'"
_WHEN = {("payment", "insert"): f"not ({_IS_SETTLED})"}

#: Who moves tickets in which hats; the owner of the tables (imports, the demo) writes history as it was.
_MOVERS = {
    Actor.CUSTOMER: f"'{Hat.CUSTOMER}', '{Hat.OWN}'",
    Actor.DESK: f"'{Hat.STAFF}'",
    Actor.SYSTEM: f"'{Hat.WORKER}'",
}

#: What is done row by row; the functions stand in triggers.sql, staff.sql, money.sql, notices.sql and audit.sql.
_ROW_TRIGGERS = (
    """actor before insert on portal.audit_entry
    for each row execute function authz.name_actor()""",
    """append_only before update or delete on portal.audit_entry
    for each row execute function authz.refuse_rewriting()""",
    """never_emptied before truncate on portal.audit_entry
    for each statement execute function authz.refuse_rewriting()""",
    """number before insert on portal.ticket
    for each row when (new.number is null) execute function authz.number_ticket()""",
    *(
        f"""{actor}_moves before update on portal.ticket
    for each row when (current_user in ({hats})) execute function authz.check_ticket('{actor}')"""
        for actor, hats in _MOVERS.items()
    ),
    """place before insert on portal.ticket
    for each row when (new.space_id is not null and current_user <> 'portal_owner')
    execute function authz.check_place()""",
    """item before insert on portal.ticket_item
    for each row when (current_user <> 'portal_owner') execute function authz.check_item()""",
    """from_outside before insert on portal.ticket_watcher
    for each row when (new.email is not null and current_user <> 'portal_owner')
    execute function authz.limit_outside_watchers()""",
    f"""rights before update on portal.membership
    for each row when (current_user = '{Hat.CUSTOMER}') execute function authz.check_membership()""",
    f"""tree before insert or update on portal.account
    for each row when (current_user = '{Hat.STAFF}') execute function authz.check_account()""",
    *(
        f"""{name} before insert on portal.{table}
    for each row when (current_user = '{Hat.STAFF}') execute function authz.{function}()"""
        for table, name, function in (
            ("payment", "entry", "check_payment"),
            ("credit_application", "entry", "check_credit"),
            ("invoice_step", "step", "take_step"),
        )
    ),
    f"""aside before update on portal.bank_line
    for each row when (current_user = '{Hat.STAFF}') execute function authz.check_bank_line()""",
    # after the balances moved: triggers of one kind fire in the order of their names
    *(
        f"""within_{what} after insert on portal.{table} referencing new table as added_rows
    for each statement when (current_user = '{Hat.STAFF}') execute function authz.check_within_{what}()"""
        for table, what in (("payment", "balance"), ("credit_application", "credit"))
    ),
    """bank_line after insert on portal.payment
    for each row when (new.bank_line_id is not null) execute function authz.settle_bank_line()""",
    """number before insert on portal.dispute
    for each row when (new.number is null) execute function authz.number_dispute()""",
    """disputed_now after insert or update of state or delete on portal.dispute
    for each row execute function authz.mark_disputed()""",
    f"""said_reply after insert on portal.ticket_message
    for each row when (new.kind = 'staff_reply' and current_user = '{Hat.STAFF}') execute function authz.say_reply()""",
    f"""said_move after update of status on portal.ticket
    for each row when (new.status <> old.status and new.status <> 'closed' and new.requested_by is not null
        and current_user in ('{Hat.STAFF}', '{Hat.WORKER}')) execute function authz.say_move()""",
    """said_issued after update of state on portal.invoice
    for each row when (old.state = 'draft' and new.state not in ('draft', 'void') and new.type = 'invoice')
    execute function authz.say_issued()""",
    """said_status after update on portal.service_order referencing new table as new_rows old table as old_rows
    for each statement execute function authz.say_order()""",
    """outcome_stays before update on portal.ticket_clock
    for each row when (old.outcome is not null and current_user <> 'portal_owner')
    execute function authz.keep_outcome()""",
)


def trigger_sql() -> Iterator[tuple[str, str]]:
    """(the function, to be made by portal_authz; the trigger, to be made by the owner of the table)"""
    for tally in TALLIES:
        for operation in _OPERATIONS:
            yield _statement_trigger(f"tally_{tally.source}", tally.source, operation, _tallying(tally, operation))
    for table, sides in _SETTLING.items():
        for operation in _OPERATIONS:
            when = _WHEN.get((table, operation), "")
            yield _statement_trigger(f"settle_{table}", table, operation, _settling(sides, operation), when)
    yield from (_statement_trigger("place_invoice_line", "invoice_line", op, _placing(op)) for op in _OPERATIONS)
    yield from _news_sql()
    for trigger in _ROW_TRIGGERS:
        yield "", f"create or replace trigger {trigger}"


def _news_sql() -> Iterator[tuple[str, str]]:
    for table, letters in TOLD.items():
        for operation in _OPERATIONS:
            account = _ACCOUNT.get(table, "account_id")
            telling = " ".join(_telling(letter, operation, which, account) for letter, which in letters.items())
            yield _statement_trigger(f"tell_{table}", table, operation, telling)
    for operation, whose in _FAMILY.items():
        yield _statement_trigger("tell_account", "account", operation, _telling_of("G", whose))
    for table, (letter, which) in TOLD_TO_ALL.items():
        for operation in _OPERATIONS:
            yield _statement_trigger(f"tell_all_{table}", table, operation, _telling_all(letter, operation, which))


def _transitions(operation: str) -> str:
    new, old = _OPERATIONS[operation]
    tables = [f"{word} table as {word}_rows" for word in (new, old) if word]
    return f"referencing {' '.join(tables)}"


def _both(operation: str, plus: str, minus: str) -> str:
    """The rows that came and, with the opposite sign, the rows that went."""
    new, old = _OPERATIONS[operation]
    return " union all ".join(part for part in (new and plus, old and minus) if part)


def _tallying(tally: Tally, operation: str) -> str:
    rows = _both(operation, tally.rows_of("new_rows"), tally.rows_of("old_rows", "-"))
    return f"{tally.adding(rows)};"


def _telling(letter: str, operation: str, which: str, account: str) -> str:
    rows = _both(
        operation, f"select {account} from new_rows where {which}", f"select {account} from old_rows where {which}"
    )
    return _telling_of(letter, rows.replace("union all", "union"))


def _telling_of(letter: str, accounts: str) -> str:
    return f"perform pg_notify('portal', '{letter}' || a.uuid) from portal.account a where a.id in ({accounts});"


def _telling_all(letter: str, operation: str, which: str) -> str:
    rows = _both(operation, f"select from new_rows where {which}", f"select from old_rows where {which}")
    return f"perform pg_notify('portal', '{letter}') where exists ({rows});"


#: Payments and credits move the balance by what changed, not by a new sum: of two at once both are counted, because the
#: second waits for the row and adds to what the first left there. Rows are locked in the order of their ids, and no
#: stronger than an update needs: both already hold the key of the invoice, and would wait for each other for ever.
_SETTLE = """
perform from portal.invoice i where (i.account_id, i.id) in (select account_id, invoice_id from ({rows}) one)
order by i.id for no key update;
update portal.invoice i
set paid = i.paid + d.paid,
    credited = i.credited + d.credited,
    state = case
        when i.state in ('draft', 'void', 'written_off') then i.state
        when i.balance - d.paid - d.credited <= 0 then 'paid'
        when i.paid + d.paid + i.credited + d.credited > 0 then 'partially_paid'
        else 'issued' end,
    updated_at = now(),
    version = i.version + 1
from (
    select account_id, invoice_id, sum(paid) paid, sum(credited) credited from ({rows}) one group by 1, 2
    having sum(paid) <> 0 or sum(credited) <> 0
) d
where i.account_id = d.account_id and i.id = d.invoice_id;
"""


def _settling(sides: tuple[tuple[str, str, str], ...], operation: str) -> str:
    def rows(relation: str, sign: str) -> str:
        return " union all ".join(
            f"select r.account_id, r.{key} as invoice_id, {sign}({paid}) as paid, {sign}({credited}) as credited "
            f"from {relation} r"
            for key, paid, credited in sides
        )

    return _SETTLE.format(rows=_both(operation, rows("new_rows", ""), rows("old_rows", "-")))


#: An invoice names the sites of its lines itself: a list that looks into lines for each invoice is slow where few fit.
_PLACES = """
update portal.invoice i set site_ids = d.site_ids
from (
    select one.account_id, one.invoice_id, coalesce((
        select array_agg(distinct l.site_id order by l.site_id) from portal.invoice_line l
        where l.account_id = one.account_id and l.invoice_id = one.invoice_id and l.site_id is not null
    ), '{{}}') as site_ids
    from ({rows}) one
) d
where i.account_id = d.account_id and i.id = d.invoice_id and i.site_ids is distinct from d.site_ids;
"""


def _placing(operation: str) -> str:
    new, old = _OPERATIONS[operation]
    rows = " union ".join(f"select account_id, invoice_id from {word}_rows" for word in (new, old) if word)
    return _PLACES.format(rows=rows)


def _statement_trigger(name: str, table: str, operation: str, body: str, when: str = "") -> tuple[str, str]:
    function = (
        f"create or replace function authz.{name}_{operation}() returns trigger language plpgsql security definer "
        f"set search_path = '' as $$ begin {body} return null; end $$"
    )
    trigger = (
        f"create or replace trigger {name}_{operation} after {operation} on portal.{table} {_transitions(operation)} "
        f"for each statement {f'when ({when}) ' if when else ''}execute function authz.{name}_{operation}()"
    )
    return function, trigger
