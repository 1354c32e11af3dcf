"""From the declarations on the models to policies and grants: one per hat, table and command, so nothing is OR'ed."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Table

from data.models import Base
from data.models.rows import IN_PERSON, Hat, Rows
from data.security.roles import AUTHZ, BACKUP, OWNER

#: What the helper functions read or write, beyond schema auth: table → (privilege, columns or "" for all).
AUTHZ_TOUCHES: dict[str, tuple[tuple[str, str], ...]] = {
    "account": (
        (
            "select",
            "id, uuid, code, name, parent_id, locale, time_zone, outside_watchers, second_factor_for_paa, closed_at",
        ),
    ),
    "instance": (("select", "key, value"),),
    "person": (("select", ""), ("insert", "kind, email, name, language"), ("update", "disabled_at, version")),
    "staff_member": (("select", ""), ("insert", ""), ("delete", "")),
    "membership": (
        ("select", ""),
        ("insert", "account_id, person_id, role"),
        ("update", "role, ended_at, version"),
    ),
    "access_grant": (("select", ""), ("insert", ""), ("delete", "")),
    "invitation": (
        ("select", ""),
        (
            "insert",
            "uuid, account_id, email, name, language, role, rights, invited_by, invited_by_name, reason, expires_at",
        ),
        (
            "update",
            "edition, sent_at, expires_at, invited_by, invited_by_name, accepted_at, accepted_by, revoked_at",
        ),
        ("delete", ""),
    ),
    "notice": (
        ("select", ""),
        (
            "insert",
            (
                "category, title, says, promise, person_id, function, link, published_at, about, about_account_id, "
                "about_site_id, respond_by, written_by"
            ),
        ),
        (
            "update",
            (
                "category, title, body, everyone, starts_at, ends_at, respond_by, service_impacting, resolved_at, "
                "published_at, updated_at, version, says, promise, person_id, about_account_id, about_site_id"
            ),
        ),
        ("delete", ""),
    ),
    "notice_text": (("select", ""), ("insert", ""), ("delete", "")),
    "notice_site": (("select", ""), ("insert", ""), ("delete", "")),
    "notice_account": (("select", ""), ("insert", ""), ("delete", "")),
    "notice_update": (("select", ""), ("insert", "notice_id, body, texts, written_by"), ("delete", "")),
    "notice_read": (("select", "notice_id"), ("delete", "")),
    "notice_mailing": (
        ("select", ""),
        ("insert", "notice_id, update_id"),
        ("update", "after_person"),
        ("delete", ""),
    ),
    "assignment": (("select", ""), ("delete", "")),
    "account_choice": (("select", ""),),
    "site": (("select", "id, code, name, city, country, status, time_zone"),),
    "site_contact": (("select", ""),),
    "audit_entry": (("insert", ""), ("select", ""), ("update", "seal, previous_hash, hash")),
    "audit_chain": (("select", ""), ("update", "sealed, hash")),
    "ticket": (
        (
            "select",
            "id, uuid, account_id, number, site_id, requested_by, search, kind, subject, status, direction, respond_by",
        ),
        ("insert", ""),
    ),
    "parcel": (("select", ""), ("update", "ticket_id, claimed_at")),
    "shipment": (("insert", ""),),
    "tracking_number": (("insert", ""),),
    "status_change": (("insert", ""),),
    "ticket_watcher": (("select", ""), ("update", "confirmed_at"), ("delete", "")),
    "ticket_clock": (("select", "account_id, ticket_id, clock, round, deadline, stopped_at"),),
    "notification_preference": (
        ("select", ""),
        ("insert", "person_id, topic, channel"),
        ("update", "channel"),
    ),
    "invoice": (
        ("select", ""),
        (
            "insert",
            (
                "account_id, issuer_id, number, type, bill_to, issue_date, due_date, terms, period_start, period_end, "
                "currency, subtotal, tax, total, paid, state, purchase_order"
            ),
        ),
        (
            "update",
            (
                "issue_date, due_date, subtotal, tax, total, purchase_order, paid, credited, written_off, state, "
                "disputed, updated_at, version, site_ids"
            ),
        ),
    ),
    "invoice_line": (
        ("select", ""),
        (
            "insert",
            "account_id, invoice_id, line, description, site_id, product, quantity, unit_price, charge, amount, tax",
        ),
        ("update", "description, site_id, product, quantity, unit_price, charge, tax, amount"),
        ("delete", ""),
    ),
    "legal_entity": (
        ("select", "id, uuid, code, name, country, time_zone, finance_email, bank_details, tax_rounding, version"),
        ("update", "bank_details, version"),
    ),
    "dispute": (
        ("select", ""),
        ("insert", "account_id, invoice_id, reason, amount, opened_by"),
        ("update", "state, agreed, credit_note_id, closed_at, updated_at, version"),
    ),
    "dispute_line": (("select", ""), ("insert", "")),
    "dispute_message": (
        ("select", ""),
        ("insert", "account_id, dispute_id, side, author_id, author_name, body, brought"),
    ),
    "thread": (
        ("select", ""),
        ("insert", "account_id, desk, subject, about_kind, about_uuid, started_by"),
        ("update", "last_at, last_side"),
    ),
    "thread_member": (("select", ""), ("insert", ""), ("update", "read_until")),
    "thread_message": (
        ("select", ""),
        ("insert", "account_id, thread_id, side, author_id, author_name, body, written_at"),
    ),
    "thread_file": (("insert", "account_id, message_id, name, media_type, sha256, broadcast_file_id"),),
    "broadcast": (("select", ""), ("insert", "author_id, subject, body, recipients")),
    "broadcast_file": (("select", "id, broadcast_id, name, media_type, sha256"),),
    "broadcast_account": (
        ("select", ""),
        ("insert", "broadcast_id, account_id"),
        ("update", "thread_id, people, sent_at"),
    ),
    "feedback": (("select", ""), ("insert", "account_id, person_id, author_name, rating, body, page")),
    "payment": (
        ("select", ""),
        ("insert", "account_id, invoice_id, amount, currency, paid_on, reference"),
        ("update", "amount, paid_on"),
        ("delete", ""),
    ),
    "credit_application": (("select", ""),),
    "bank_line": (("select", "id, currency, assigned, set_aside_at, version"), ("update", "assigned, version")),
    "service_order": (("select", "id, uuid, account_id, number, site_id, search"),),
    "inventory_item": (("select", "id, account_id, asset_number, site_id, search, status"),),
    "job_run": (("select", ""),),
    "mail": (("select", ""), ("insert", "account_id, dedupe_key, kind, person_id, address, context, message_id")),
    "mail_file": (("insert", ""),),
    "scheduled_report": (
        ("select", ""),
        (
            "update",
            "next_at, stopped_at, stopped_why, failures, lease_until, lease_hash, last_at, last_rows, last_outcome",
        ),
    ),
    "feed_token": (("select", ""), ("update", "last_used_at")),
    "ticket_tally": (("insert", ""),),
    "clock_tally": (("insert", ""),),
    "payment_reminder": (
        ("select", ""),
        ("insert", "uuid, account_id, sent_by, forced, invoices, recipients"),
    ),
    "invoice_tally": (("insert", ""),),
}


def policy_sql() -> Iterator[str]:
    """All statements, in order, for all tables: first everything is taken away, then what is declared is given."""
    for table in Base.metadata.sorted_tables:
        yield from _guard(table)
        yield from _for_owners(table)
        rows: Rows = table.info["rows"]
        for hat in Hat:
            yield from _for_hat(table, rows, hat)


def _guard(table: Table) -> Iterator[str]:
    yield f"alter table {table} enable row level security"
    yield f"alter table {table} force row level security"
    grantees = ", ".join(("public", AUTHZ, BACKUP, *Hat))
    yield f"revoke all on {table} from {grantees}"
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    yield f"revoke select ({columns}), insert ({columns}), update ({columns}) on {table} from {grantees}"
    yield (
        "do $$ declare p record; begin "
        f"for p in select polname from pg_policy where polrelid = '{table}'::regclass loop "
        f"execute format('drop policy %I on {table}', p.polname); end loop; end $$"
    )


def _for_owners(table: Table) -> Iterator[str]:
    """Migrations work as the owner, backups read all, the helper functions touch what they are named for."""
    yield f"create policy owner on {table} to {OWNER} using (true) with check (true)"
    yield f"create policy backup on {table} for select to {BACKUP} using (true)"
    yield f"grant select on {table} to {BACKUP}"
    if table.schema == "auth":
        yield f"create policy authz on {table} to {AUTHZ} using (true) with check (true)"
        yield f"grant select, insert, update, delete on {table} to {AUTHZ}"
        return
    for privilege, columns in AUTHZ_TOUCHES.get(table.name, ()):
        clause = {"select": "using (true)", "insert": "with check (true)", "delete": "using (true)"}.get(
            privilege, "using (true) with check (true)"
        )
        yield f"create policy authz_{privilege} on {table} for {privilege} to {AUTHZ} {clause}"
        yield f"grant {privilege}{f' ({columns})' if columns else ''} on {table} to {AUTHZ}"


def _for_hat(table: Table, rows: Rows, hat: Hat) -> Iterator[str]:
    def condition(text: str) -> str:
        return text.replace("{table}", str(table.name))

    def changing(text: str) -> str:
        return condition(text) if hat is Hat.WORKER else f"({condition(text)}) and {IN_PERSON}"

    name = hat.removeprefix("portal_")
    if hat in rows.see:
        columns = f" ({', '.join(rows.columns[hat])})" if hat in rows.columns else ""
        yield f"create policy {name}_see on {table} for select to {hat} using ({condition(rows.see[hat])})"
        yield f"grant select{columns} on {table} to {hat}"
    if hat in rows.insert:
        write = rows.insert[hat]
        yield f"create policy {name}_insert on {table} for insert to {hat} with check ({changing(write.check)})"
        yield f"grant insert ({', '.join(write.columns)}) on {table} to {hat}"
    if hat in rows.update:
        write = rows.update[hat]
        check = changing(write.check)
        yield f"create policy {name}_update on {table} for update to {hat} using ({check}) with check ({check})"
        yield f"grant update ({', '.join(write.columns)}) on {table} to {hat}"
    if hat in rows.delete:
        yield f"create policy {name}_delete on {table} for delete to {hat} using ({changing(rows.delete[hat])})"
        yield f"grant delete on {table} to {hat}"
