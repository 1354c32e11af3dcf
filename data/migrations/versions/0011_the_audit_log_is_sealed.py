"""Who did it is said by kind, entries are found by words, and a chain seals them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CARRIED = ["action", "object_kind", "actor_kind", "audience", "function"]
WORDS = "coalesce(account_id, 0), coalesce(object_label, ''), coalesce(actor_name, '') || ' ' || coalesce(reason, '')"


def upgrade() -> None:
    op.alter_column("audit_entry", "object_label", type_=sa.Text(collation="C"), schema="portal")
    _add("actor_kind", sa.Text())
    op.execute("alter table portal.audit_entry disable trigger user")  # nothing is sealed yet
    op.execute(
        "update portal.audit_entry e set actor_kind = coalesce((select p.kind from portal.person p where p.id = e.actor_id), "
        "case e.actor_name when 'operator' then 'operator' else 'system' end)"
    )
    op.execute("alter table portal.audit_entry enable trigger user")
    op.alter_column("audit_entry", "actor_kind", nullable=False, schema="portal")
    op.create_check_constraint(
        op.f("ck_audit_entry_actor_kind"),
        "audit_entry",
        "actor_kind in ('customer', 'staff', 'system', 'operator', 'nobody')",
        schema="portal",
    )
    _add("seal", sa.BigInteger())
    op.create_unique_constraint(op.f("uq_audit_entry_seal"), "audit_entry", ["seal"], schema="portal")
    _add("uuid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    op.create_unique_constraint(op.f("uq_audit_entry_uuid"), "audit_entry", ["uuid"], schema="portal")
    made_of = sa.Computed(f"portal.search_vector({WORDS})", persisted=True)
    _add("search", postgresql.TSVECTOR(), made_of, nullable=False)
    _index()
    _chain()


def _add(name: str, kind: sa.types.TypeEngine, *more: sa.Computed, **how: object) -> None:
    op.add_column("audit_entry", sa.Column(name, kind, *more, **how), schema="portal")


def _index() -> None:
    for name in ("ix_audit_entry_at", "ix_audit_entry_account"):
        op.drop_index(name, table_name="audit_entry", schema="portal")
    for name, columns in (("newest", ["account_id", "at", "id"]), ("all_newest", ["at", "id"])):
        op.create_index(
            f"ix_audit_entry_{name}", "audit_entry", columns, schema="portal", postgresql_include=CARRIED
        )
    op.create_index("ix_audit_entry_object", "audit_entry", ["object_label"], schema="portal")
    op.create_index("ix_audit_entry_search", "audit_entry", ["search"], schema="portal", postgresql_using="gin")
    unsealed = sa.text("hash is null")
    op.create_index("ix_audit_entry_unsealed", "audit_entry", ["id"], schema="portal", postgresql_where=unsealed)


def _chain() -> None:
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_chain_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain")),
        schema="portal",
    )
    op.execute("insert into portal.audit_chain (id) values (1)")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
