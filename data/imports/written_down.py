"""The same import as a function of the database, `authz.import_billing`, for a page: finance's own hat may write no
balance, no state and no line, as the owner of the tables may for `./portal import billing` (docs/decisions/0035).

Its body is made from the very steps that the command line takes (data/imports/billing.py); it answers with problems by
the number of the step that found them, and `PROBLEMS` knows what each of them expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from data.imports.billing import PAID, PREVIEWED, write_payments
from data.imports.invoice_lines import LINES
from data.imports.invoices import INVOICES, check_invoices, finish_invoices
from data.imports.kinds import FileKind, Target
from data.imports.merge import merge
from data.imports.problems import MOST, Problem, Source
from data.imports.run import Expected, Steps, expecting, placeholders
from data.imports.staging import check_lasting, check_once, make_table, same_key
from rules.money import WHOLE

#: So many of each sort are told; all of them count.
MOST_TOLD = 200
#: SQLSTATE of what ends a run without keeping anything: problems were found, or it was only to be looked at.
_UNFIT, _LOOKED_AT = "PB001", "PB002"
#: A new invoice stands unpaid; then its payments settle it, as any other's do.
_TARGET = replace(
    INVOICES.target, at_first={"paid": "0", "state": "case when s.total = 0 then 'paid' else 'issued' end"}
)


@dataclass
class Script(Steps):
    """Steps as text. `first` is the number of the first query that looks for problems."""

    with_lines: bool
    first: int = 0
    target: Target = _TARGET
    by_owner: bool = False
    statements: list[str] = field(default_factory=list)
    expected: list[tuple[str, Expected]] = field(default_factory=list)

    def do(self, sql: str) -> None:
        self.statements.append(f"{sql.strip()};")

    def look_for(self, column: str, expected: Expected, sql: str, *, known: int | None = None) -> None:
        n = len(placeholders(expected)) if isinstance(expected, str) else known or 0
        names = [f"known_{at}" for at in range(n)]
        found = "p.file", "p.row", "p.value::text", *(f"{name}::text" for name in names)
        told = ", ".join((str(self.first + len(self.expected)), *found))
        columns = ", ".join(("file", "row", "value", *names))
        self.do(
            f"wrong := wrong || coalesce((select jsonb_agg(jsonb_build_array({told}) order by p.file, p.row) "
            f"from ({sql} order by 1, 2 limit {MOST + 1}) p ({columns})), '[]')"
        )
        self.expected.append((column, expected))

    def end_if_any(self) -> None:
        self.do(f"if wrong <> '[]' then raise exception 'unfit' using errcode = '{_UNFIT}'; end if")

    def say(self, words: str) -> None:
        """Nobody hears a function while it runs."""

    def tell(self, name: str, value: str) -> None:
        self.do(f"told := told || jsonb_build_object('{name}', ({value}))")


def _script(*, with_lines: bool, first: int = 0) -> Script:
    script = Script(with_lines, first)
    for kind in (INVOICES, LINES, PAID):
        check_once(script, kind)
    script.end_if_any()
    check_lasting(script, script.target)
    check_invoices(script)
    script.end_if_any()
    _remember(script)
    merge(script, script.target)
    finish_invoices(script)
    script.end_if_any()
    _tell_payments(script)
    write_payments(script)
    script.end_if_any()
    _tell(script)
    return script


# --- what it tells


_SIGNED = "case when i.type = 'credit_note' then -{} else {} end"


def _remember(script: Script) -> None:
    """How the invoices that are here stood before, which nobody changes until this is over."""
    same = same_key(script.target)
    columns = ", ".join(f"t.{column}" for column in ("id", "version", "paid", *PREVIEWED))
    script.do(
        f"create temporary table stood on commit drop as select {columns} "
        f"from portal.invoice t join staged_invoice s on {same}"
    )
    script.tell("stood", "select md5(string_agg(id || ':' || version, ',' order by id)) from stood")


def _tell_payments(script: Script) -> None:
    """Before they are written; their invoices are known by now."""
    of = (
        "from staged_payment p join staged_invoice s on s.number = p.number "
        "join portal.account a on a.id = s.account_id "
        "where not exists (select from portal.payment t where t.account_id = s.account_id "
        "and t.invoice_id = s.invoice_id and t.reference = p.reference and t.recorded_by is null)"
    )
    script.tell("payments_n", f"select count(*) {of}")
    row = _object("number", "p.number", "account", "a.name", "day", "p.paid_on", "amount", "p.amount::text",
                  "currency", "s.currency", "reference", "p.reference")  # fmt: skip
    script.tell("payments", _some(f"select {row} as one, p.row as at {of}"))


def _tell(script: Script) -> None:
    script.tell("rows", "select count(*) from staged_invoice")
    script.tell("added", "select count(*) from touched_invoice where added")
    script.tell("changed", "select count(*) from touched_invoice where not added")
    named = "join portal.account a on a.id = i.account_id join staged_invoice s on s.invoice_id = i.id"
    new = _object("number", "i.number", "type", "i.type", "account", "a.name", "currency", "i.currency",
                  "total", "i.total::text", "due", "i.due_date", "paid", "i.paid::text")  # fmt: skip
    of = f"from touched_invoice c join portal.invoice i on i.id = c.id {named}"
    script.tell("new", _some(f"select {new} as one, s.row as at {of} where c.added"))
    pairs = chain.from_iterable(
        (column, f"jsonb_build_array(w.{column}::text, i.{column}::text)") for column in (*PREVIEWED, "paid")
    )
    now = _object("number", "i.number", "account", "a.name", "currency", "i.currency", *pairs)
    script.tell(
        "changes", _some(f"select {now} as one, s.row as at {of} join stood w on w.id = i.id where not c.added")
    )
    script.tell("sums", _sums())


def _sums() -> str:
    """For each currency; what a credit note gives counts below zero."""
    total, was = _SIGNED.format("i.total", "i.total"), _SIGNED.format("w.total", "w.total")
    row = _object(
        "currency", "i.currency",
        "added", "count(*) filter (where c.added)",
        "total", f"coalesce(sum({total}) filter (where c.added), 0)::text",
        "changed", "count(*) filter (where not c.added)",
        "was", f"coalesce(sum({was}), 0)::text",
        "becomes", f"coalesce(sum({total}) filter (where not c.added), 0)::text",
        "paid", "sum(i.paid - coalesce(w.paid, 0))::text",
    )  # fmt: skip
    return (
        f"select coalesce(jsonb_agg(one order by one ->> 'currency'), '[]') from (select {row} as one "
        "from touched_invoice c join portal.invoice i on i.id = c.id left join stood w on w.id = i.id "
        "group by i.currency) x"
    )


def _some(query: str) -> str:
    return f"select coalesce(jsonb_agg(one order by at), '[]') from ({query} order by at limit {MOST_TOLD}) x"


def _object(*pairs: str) -> str:
    said = (f"'{name}', {value}" for name, value in zip(pairs[::2], pairs[1::2], strict=True))
    return f"jsonb_build_object({', '.join(said)})"


# --- the function

_WITHOUT_LINES = _script(with_lines=False)
_WITH_LINES = _script(with_lines=True, first=len(_WITHOUT_LINES.expected))
PROBLEMS: tuple[tuple[str, Expected], ...] = (*_WITHOUT_LINES.expected, *_WITH_LINES.expected)

_WHOLE = ", ".join(f"'{currency}'" for currency in WHOLE)
#: What the page's own checks let nobody hand in, for whoever asks the function without them.
_NO_AMOUNTS = f"""
    select from staged_invoice s where s.paid < 0 or s.paid > s.total or 'NaN' in (s.subtotal, s.tax, s.total, s.paid)
        or s.currency in ({_WHOLE}) and (s.subtotal, s.tax, s.paid) <> (trunc(s.subtotal), trunc(s.tax), trunc(s.paid))
"""


def _staged(kind: FileKind, parameter: str) -> str:
    script = Script(with_lines=True)
    make_table(script, kind)
    table = kind.target.staged
    rows = f"select * from jsonb_populate_recordset(null::{table}, {parameter})"
    return "\n".join((*script.statements, f"insert into {table} {rows}; analyze {table};"))


def function_sql(lock: int) -> str:
    """`authz.import_billing`, one statement. Rows are those of `staged_rows`; lines may be missing as a whole."""
    stage = "\n".join(
        _staged(kind, parameter)
        for kind, parameter in ((INVOICES, "new_invoices"), (LINES, "new_lines"), (PAID, "new_payments"))
    )
    return f"""
create or replace function authz.import_billing(
    new_invoices jsonb, new_lines jsonb, new_payments jsonb, keeping boolean,
    file_name text, digest text, from_address text)
returns jsonb language plpgsql volatile security definer set search_path = '' as $$
#variable_conflict use_column
declare
    me bigint := authz.me();
    wrong jsonb := '[]';
    told jsonb := '{{}}';
begin
    if me is null or not coalesce(authz.staff('invoice.manage'), false) or not authz.in_person() then
        perform authz.refuse_money('invoices are finance''s');
    end if;
    if not pg_try_advisory_xact_lock({lock}) then return '{{"busy": true}}'; end if;
    begin
{stage}
        if exists ({_NO_AMOUNTS}) then perform authz.refuse_money('no such amounts'); end if;
        if new_lines is null then
{_indented(_WITHOUT_LINES.statements)}
        else
{_indented(_WITH_LINES.statements)}
        end if;
        if not keeping then raise exception 'looked at' using errcode = '{_LOOKED_AT}'; end if;
    exception
        when sqlstate '{_UNFIT}' then return jsonb_build_object('wrong', wrong);
        when sqlstate '{_LOOKED_AT}' then return told;
    end;
    if told -> 'added' <> '0' or told -> 'changed' <> '0' then
        insert into portal.audit_entry (
            actor_id, actor_name, audience, function, action, object_kind, object_label, address, after)
        select me, p.name, 'staff', 'invoice.manage', 'billing.import', 'file', left(file_name, 200),
               nullif(from_address, ''), jsonb_build_object(
                   'sha256', digest, 'rows', told -> 'rows', 'added', told -> 'added', 'changed', told -> 'changed',
                   'payments', told -> 'payments_n')
        from portal.person p where p.id = me;
    end if;
    return told;
end $$
"""


def _indented(statements: Sequence[str]) -> str:
    return "\n".join(f"            {statement}" for statement in statements)


# --- what it says was wrong


def problems_of(wrong: Iterable[Sequence[Any]], sources: Sequence[Source]) -> Iterator[Problem]:
    """In words: `wrong` is what the function answers."""
    for step, file, row, value, *known in wrong:
        column, expected = PROBLEMS[step]
        yield Problem(sources[file], row, column, value, expecting(expected, sources, known))
