"""Indexes for the lists as they are filtered and sorted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GOING_ON = "category <> 'done'"
IN_FORCE = "state in ('issued', 'partially_paid')"

#: What a list filters by: each of its indexes carries all of it.
FILTERED = {
    "ticket": ("category", "kind", "status", "site_id", "severity"),
    "invoice": ("state", "type", "due_date", "issue_date", "currency", "issuer_id"),
    "inventory_item": ("kind", "status", "site_id", "contract_end"),
    "service_order": ("status", "request_type", "site_id", "requested_at", "installed_at"),
}

#: Those that also answer how a clock stands.
WITH_CLOCK = ("ix_ticket_going_on", "ix_ticket_all_going_on", "ix_ticket_mine")

#: Table, name, order, and which rows; each within an account, and over all of them where staff read those.
ORDERS = (
    ("ticket", "opened", ("opened_at", "id"), None),
    ("ticket", "kind", ("kind", "opened_at", "id"), None),
    ("ticket", "site", ("site_id", "opened_at", "id"), None),
    ("ticket", "status", ("status", "opened_at", "id"), None),
    ("ticket", "severity", ("severity", "opened_at", "id"), "severity is not null"),
    ("ticket", "clock", ("next_deadline", "id"), None),
    ("ticket", "going_on", ("opened_at", "id"), GOING_ON),
    ("ticket", "going_on_kind", ("kind", "opened_at", "id"), GOING_ON),
    ("ticket", "going_on_site", ("site_id", "opened_at", "id"), GOING_ON),
    ("ticket", "going_on_status", ("status", "opened_at", "id"), GOING_ON),
    ("ticket", "going_on_severity", ("severity", "opened_at", "id"), GOING_ON),
    ("ticket", "deadline", ("next_deadline", "id"), GOING_ON),
    ("invoice", "issued", ("issue_date", "id"), None),
    ("invoice", "due", ("due_date", "id"), None),
    ("invoice", "total", ("total", "id"), None),
    ("invoice", "state", ("state", "due_date", "id"), None),
    ("invoice", "currency", ("currency", "due_date", "id"), None),
    ("invoice", "open", ("due_date", "id"), IN_FORCE),
    ("invoice", "open_issued", ("issue_date", "id"), IN_FORCE),
    ("invoice", "open_total", ("total", "id"), IN_FORCE),
    ("invoice", "credit", ("due_date", "id"), "type = 'credit_note'"),
    ("inventory_item", "number", ("asset_number", "id"), None),
    ("inventory_item", "kind", ("kind", "asset_number", "id"), None),
    ("inventory_item", "site", ("site_id", "asset_number", "id"), None),
    ("inventory_item", "status", ("status", "asset_number", "id"), None),
    ("inventory_item", "contract_end", ("contract_end", "id"), None),
    ("inventory_item", "status_end", ("status", "contract_end", "id"), None),
    ("service_order", "requested", ("requested_at", "id"), None),
    ("service_order", "installed", ("installed_at", "id"), None),
    ("service_order", "number", ("number", "id"), None),
    ("service_order", "status", ("status", "requested_at", "id"), None),
    ("service_order", "request", ("request_type", "requested_at", "id"), None),
    ("service_order", "site", ("site_id", "requested_at", "id"), None),
)

#: Indexes of 0001 whose place these take.
REPLACED = {
    "ticket": (
        "opened", "status", "kind", "site", "mine", "going_on", "deadline", "all_opened", "all_kind", "all_status",
        "all_site", "all_going_on", "all_deadline",
    ),
    "invoice": (
        "issued", "due", "state", "total", "open", "all_issued", "all_due", "all_state", "all_total", "all_open",
    ),
    "inventory_item": ("kind", "site", "contract_end", "installed", "all"),
    "service_order": ("requested", "installed", "status", "all"),
}  # fmt: skip


def upgrade() -> None:
    for table, names in REPLACED.items():
        for name in names:
            op.drop_index(f"ix_{table}_{name}", table, schema="portal")
    for table, name, order, only in ORDERS:
        _create(f"ix_{table}_{name}", table, ("account_id", *order), only)
        if table != "service_order":  # account managers see orders, and those go from account to account
            _create(f"ix_{table}_all_{name}", table, order, only)
    op.create_index(
        "ix_ticket_tally_going_on",
        "ticket_tally",
        ["kind", "site_id"],
        schema="portal",
        postgresql_include=["account_id", "category", "status", "opened_month", "n"],
        postgresql_where=sa.text(GOING_ON),
    )
    _create("ix_ticket_mine", "ticket", ("account_id", "requested_by", "opened_at", "id"), None)


def _create(name: str, table: str, order: tuple[str, ...], only: str | None) -> None:
    carried = [column for column in FILTERED[table] if column not in order]
    carried += ["next_deadline"] if name in WITH_CLOCK else []
    where = None if only is None else sa.text(only)
    op.create_index(name, table, [*order], schema="portal", postgresql_include=carried, postgresql_where=where)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
