"""Words are found by their beginning, numbers by their parts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: One way of writing (composed, of usual width), a space for every sign that is neither letter nor digit, and scripts
#: without spaces sign by sign. What is indexed and what is typed are cut alike: "rack-12" and "Rack 12" are the same.
CUT = r"""
create function portal.cut(words text) returns text language sql immutable parallel safe as $$
    select case when octet_length(words) = length(words)  -- ASCII has no other way of being written
        then regexp_replace(words, '[!-/:-@[-`{-~]+', ' ', 'g')
        else regexp_replace(
            regexp_replace(
                normalize(words, NFKC), '[!-/:-@[-`{-\u00bf\u2000-\u206f\u3000-\u3004\u3008-\u303f]+', ' ', 'g'),
            '([\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])', ' \1 ', 'g') end
$$
"""

#: The account as a word of its own ('@12'), the number as it is, then with its digits apart and no zeros in front of
#: them, and the words.
SEARCH_VECTOR = r"""
create function portal.search_vector(account bigint, number text, words text) returns tsvector
language sql immutable parallel safe as $$
    select array_to_tsvector(array['@' || account]) || to_tsvector('simple'::regconfig, portal.cut(
        number || ' ' || regexp_replace(number, '(^|\D)0*(\d+)', '\1 \2', 'g') || ' ' || words))
$$
"""

SEARCHED = {
    "ticket": "number, subject || ' ' || coalesce(customer_reference, '') || ' ' || description",
    "invoice": "number, coalesce(purchase_order, '') || ' ' || coalesce(bill_to, '')",
    "service_order": "number, coalesce(customer_reference, '')",
    "inventory_item": "asset_number, label || ' ' || coalesce(customer_label, '') || ' ' || coalesce(location, '') || "
    "' ' || coalesce(cabinet, '')",
}


def upgrade() -> None:
    op.execute(CUT)
    op.execute(SEARCH_VECTOR)
    for table, words in SEARCHED.items():
        op.drop_column(table, "search", schema="portal")  # its index goes with it
        made_of = sa.Computed(f"portal.search_vector(account_id, {words})", persisted=True)
        op.add_column(table, sa.Column("search", postgresql.TSVECTOR(), made_of, nullable=False), schema="portal")
        op.create_index(f"ix_{table}_search", table, ["search"], schema="portal", postgresql_using="gin")
    op.execute("drop function portal.search_vector(bigint, text)")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
