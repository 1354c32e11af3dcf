"""The tables of the portal"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


#: Scripts without spaces between words are indexed sign by sign, so that a search for part of a word finds it.
SPACED = """
create function portal.spaced(words text) returns text language sql immutable parallel safe as $$
    select regexp_replace(words, '([\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])', ' \\1 ', 'g')
$$
"""

#: What is searched, with the account as a word of its own ('@12'), so that one index serves "these words, in this account".
SEARCH_VECTOR = """
create function portal.search_vector(account bigint, words text) returns tsvector
language sql immutable parallel safe as $$
    select array_to_tsvector(array['@' || account]) || to_tsvector('simple'::regconfig, portal.spaced(words))
$$
"""

#: Ticket numbers are globally unique: one sequence per kind, shown with the year.
NUMBERS = ("rh", "fr", "sh", "sv")


def upgrade() -> None:
    op.execute(SPACED)
    op.execute(SEARCH_VECTOR)
    for kind in NUMBERS:
        op.execute(f"create sequence portal.ticket_number_{kind}")
    op.create_table('throttle',
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('failures', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('blocked_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_throttle')),
    schema='auth'
    )
    op.create_table('account',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('code', sa.Text(collation='C'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('parent_id', sa.BigInteger(), nullable=True),
    sa.Column('country', sa.Text(), nullable=True),
    sa.Column('currency', sa.Text(), nullable=True),
    sa.Column('locale', sa.Text(), server_default='en', nullable=False),
    sa.Column('time_zone', sa.Text(), server_default='UTC', nullable=False),
    sa.Column('second_factor_for_paa', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('outside_watchers', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint('parent_id <> id', name=op.f('ck_account_not_its_own_parent')),
    sa.ForeignKeyConstraint(['parent_id'], ['portal.account.id'], name=op.f('fk_account_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('code', name=op.f('uq_account_code')),
    sa.UniqueConstraint('uuid', name=op.f('uq_account_uuid')),
    schema='portal'
    )
    op.create_index(op.f('ix_account_parent_id'), 'account', ['parent_id'], unique=False, schema='portal')
    op.create_table('audit_entry',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('actor_name', sa.Text(), nullable=True),
    sa.Column('audience', sa.Text(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.Column('function', sa.Text(), nullable=True),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('object_kind', sa.Text(), nullable=False),
    sa.Column('object_id', sa.Text(), nullable=True),
    sa.Column('object_label', sa.Text(), nullable=True),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('after', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('previous_hash', sa.LargeBinary(), nullable=True),
    sa.Column('hash', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint("audience in ('customer', 'staff')", name=op.f('ck_audit_entry_audience')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry')),
    schema='portal'
    )
    op.create_index('ix_audit_entry_account', 'audit_entry', ['account_id', 'at', 'id'], unique=False, schema='portal')
    op.create_index('ix_audit_entry_at', 'audit_entry', ['at', 'id'], unique=False, schema='portal')
    op.create_table('command_key',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('command', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('person_id', 'key', name=op.f('pk_command_key')),
    schema='portal'
    )
    op.create_table('instance',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_instance')),
    schema='portal'
    )
    op.create_table('invoice_tally',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('issuer_id', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('due', sa.Date(), nullable=False),
    sa.Column('n', sa.BigInteger(), nullable=False),
    sa.Column('total', sa.Numeric(precision=24, scale=2), nullable=False),
    sa.Column('balance', sa.Numeric(precision=24, scale=2), nullable=False),
    sa.Column('row', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.PrimaryKeyConstraint('row', name=op.f('pk_invoice_tally')),
    schema='portal'
    )
    op.create_index('ix_invoice_tally_account', 'invoice_tally', ['account_id'], unique=False, schema='portal')
    op.create_table('job_run',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('slot', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('result', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('name', 'slot', name=op.f('pk_job_run')),
    schema='portal'
    )
    op.create_table('legal_entity',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('code', sa.Text(collation='C'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('country', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('time_zone', sa.Text(), server_default='UTC', nullable=False),
    sa.Column('tax_id', sa.Text(), nullable=True),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('bank_details', sa.Text(), nullable=True),
    sa.Column('finance_email', sa.Text(), nullable=True),
    sa.Column('tax_rounding', sa.Text(), server_default='invoice', nullable=False),
    sa.Column('version', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint("tax_rounding in ('line', 'invoice')", name=op.f('ck_legal_entity_tax_rounding')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_entity')),
    sa.UniqueConstraint('code', name=op.f('uq_legal_entity_code')),
    sa.UniqueConstraint('uuid', name=op.f('uq_legal_entity_uuid')),
    schema='portal'
    )
    op.create_table('mail',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.Column('dedupe_key', sa.Text(), nullable=True),
    sa.Column('about_kind', sa.Text(), nullable=True),
    sa.Column('about_id', sa.BigInteger(), nullable=True),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('body_text', sa.Text(), nullable=False),
    sa.Column('body_html', sa.Text(), nullable=True),
    sa.Column('headers', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='ready', nullable=False),
    sa.Column('attempts', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("state in ('ready', 'sent', 'dead')", name=op.f('ck_mail_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail')),
    sa.UniqueConstraint('account_id', 'dedupe_key', name=op.f('uq_mail_account_id_dedupe_key'), postgresql_nulls_not_distinct=True),
    schema='portal'
    )
    op.create_index('ix_mail_about', 'mail', ['about_kind', 'about_id'], unique=False, schema='portal')
    op.create_index('ix_mail_ready', 'mail', ['next_at', 'id'], unique=False, schema='portal', postgresql_where=sa.text("state = 'ready'"))
    op.create_table('person',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('language', sa.Text(), nullable=True),
    sa.Column('time_zone', sa.Text(), nullable=True),
    sa.Column('theme', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint("kind in ('customer', 'staff')", name=op.f('ck_person_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('uuid', name=op.f('uq_person_uuid')),
    schema='portal'
    )
    op.create_index('uq_person_email', 'person', [sa.literal_column('lower(email)')], unique=True, schema='portal')
    op.create_table('sla_target',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('severity', sa.Text(), nullable=True),
    sa.Column('clock', sa.Text(), nullable=False),
    sa.Column('minutes', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('minutes > 0', name=op.f('ck_sla_target_minutes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sla_target')),
    schema='portal'
    )
    op.create_table('ticket_tally',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('site_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('opened_month', sa.Date(), nullable=False),
    sa.Column('n', sa.BigInteger(), nullable=False),
    sa.Column('row', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.PrimaryKeyConstraint('row', name=op.f('pk_ticket_tally')),
    schema='portal'
    )
    op.create_index('ix_ticket_tally_account', 'ticket_tally', ['account_id'], unique=False, schema='portal')
    op.create_table('credential',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_credential_person_id')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_credential')),
    schema='auth'
    )
    op.create_table('external_identity',
    sa.Column('issuer', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_external_identity_person_id')),
    sa.PrimaryKeyConstraint('issuer', 'subject', name=op.f('pk_external_identity')),
    schema='auth'
    )
    op.create_table('link',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("purpose in ('set_password', 'reset_password', 'invitation')", name=op.f('ck_link_purpose')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_link_person_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_link')),
    schema='auth'
    )
    op.create_index(op.f('ix_link_person_id'), 'link', ['person_id'], unique=False, schema='auth')
    op.create_table('second_factor',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_step', sa.BigInteger(), nullable=True),
    sa.Column('recovery_hashes', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_second_factor_person_id')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_second_factor')),
    schema='auth'
    )
    op.create_table('session',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), server_default='web', nullable=False),
    sa.Column('role', sa.Text(), nullable=True),
    sa.Column('functions', postgresql.ARRAY(sa.Text()), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_seen', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('device', sa.Text(), nullable=True),
    sa.CheckConstraint("kind in ('web', 'job', 'feed', 'api')", name=op.f('ck_session_kind')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_session_person_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_session')),
    schema='auth'
    )
    op.create_index(op.f('ix_session_person_id'), 'session', ['person_id'], unique=False, schema='auth')
    op.create_table('sign_in_code',
    sa.Column('code_hash', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('browser_hash', sa.LargeBinary(), nullable=False),
    sa.Column('role', sa.Text(), nullable=True),
    sa.Column('next', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_sign_in_code_person_id')),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_sign_in_code')),
    schema='auth'
    )
    op.create_table('access_grant',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('function', sa.Text(), nullable=False),
    sa.Column('site_ids', postgresql.ARRAY(sa.BigInteger()), nullable=True),
    sa.Column('granted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("function in ('dashboard.view', 'ticket.view_own', 'ticket.view_company', 'remote_hands.create', 'fault.create', 'shipment.create', 'site_visit.create', 'order.view', 'inventory.view', 'invoice.view', 'invoice.dispute', 'report.export', 'document.view', 'notice.view', 'message.use', 'user.manage')", name=op.f('ck_access_grant_function')),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_access_grant_account_id')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_access_grant_person_id')),
    sa.PrimaryKeyConstraint('account_id', 'person_id', 'function', name=op.f('pk_access_grant')),
    schema='portal'
    )
    op.create_index(op.f('ix_access_grant_person_id'), 'access_grant', ['person_id'], unique=False, schema='portal')
    op.create_table('assignment',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_assignment_account_id')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_assignment_person_id')),
    sa.PrimaryKeyConstraint('account_id', 'person_id', name=op.f('pk_assignment')),
    schema='portal'
    )
    op.create_index(op.f('ix_assignment_person_id'), 'assignment', ['person_id'], unique=False, schema='portal')
    op.create_table('document',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), server_default='en', nullable=False),
    sa.Column('edition', sa.Text(), server_default='1', nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=True),
    sa.Column('markdown', sa.Text(), nullable=True),
    sa.Column('media_type', sa.Text(), nullable=True),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('must_accept', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('user_guide', 'onboarding_guide', 'policy', 'faq', 'contract', 'order_form', 'certificate')", name=op.f('ck_document_kind')),
    sa.CheckConstraint('(markdown is null) <> (content is null)', name=op.f('ck_document_one_of_two')),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_document_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
    sa.UniqueConstraint('uuid', name=op.f('uq_document_uuid')),
    schema='portal'
    )
    op.create_index(op.f('ix_document_account_id'), 'document', ['account_id'], unique=False, schema='portal')
    op.create_table('feed_token',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_feed_token_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feed_token')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_feed_token_token_hash')),
    schema='portal'
    )
    op.create_table('feedback',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('rating', sa.SmallInteger(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('page', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('rating between 1 and 5', name=op.f('ck_feedback_rating')),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_feedback_account_id')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_feedback_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feedback')),
    sa.UniqueConstraint('uuid', name=op.f('uq_feedback_uuid')),
    schema='portal'
    )
    op.create_index(op.f('ix_feedback_account_id'), 'feedback', ['account_id'], unique=False, schema='portal')
    op.create_table('invoice',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('issuer_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Text(collation='C'), nullable=False),
    sa.Column('type', sa.Text(), server_default='invoice', nullable=False),
    sa.Column('bill_to', sa.Text(), nullable=True),
    sa.Column('issue_date', sa.Date(), nullable=False),
    sa.Column('due_date', sa.Date(), nullable=False),
    sa.Column('terms', sa.Text(), nullable=True),
    sa.Column('period_start', sa.Date(), nullable=True),
    sa.Column('period_end', sa.Date(), nullable=True),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('subtotal', sa.Numeric(precision=18, scale=2), nullable=False),
    sa.Column('tax', sa.Numeric(precision=18, scale=2), nullable=False),
    sa.Column('total', sa.Numeric(precision=18, scale=2), nullable=False),
    sa.Column('paid', sa.Numeric(precision=18, scale=2), server_default=sa.text('0'), nullable=False),
    sa.Column('credited', sa.Numeric(precision=18, scale=2), server_default=sa.text('0'), nullable=False),
    sa.Column('written_off', sa.Numeric(precision=18, scale=2), server_default=sa.text('0'), nullable=False),
    sa.Column('balance', sa.Numeric(precision=18, scale=2), sa.Computed('total - paid - credited - written_off', persisted=True), nullable=False),
    sa.Column('state', sa.Text(), server_default='issued', nullable=False),
    sa.Column('disputed', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('purchase_order', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), sa.Computed("portal.search_vector(account_id, coalesce(purchase_order, '') || ' ' || coalesce(bill_to, ''))", persisted=True), nullable=False),
    sa.CheckConstraint("(state = 'paid') <= (balance <= 0)", name=op.f('ck_invoice_paid_means_nothing_is_open')),
    sa.CheckConstraint("state not in ('issued', 'partially_paid') or balance > 0", name=op.f('ck_invoice_in_force_means_something_is_open')),
    sa.CheckConstraint("currency in ('USD', 'PHP', 'IDR', 'INR', 'MYR', 'CNY', 'THB', 'SGD', 'JPY', 'KRW', 'EUR')", name=op.f('ck_invoice_currency')),
    sa.CheckConstraint("state in ('draft', 'issued', 'partially_paid', 'paid', 'void', 'written_off')", name=op.f('ck_invoice_state')),
    sa.CheckConstraint("type in ('invoice', 'credit_note')", name=op.f('ck_invoice_type')),
    sa.CheckConstraint('due_date >= issue_date', name=op.f('ck_invoice_due_date')),
    sa.CheckConstraint('paid >= 0 and credited >= 0 and written_off >= 0', name=op.f('ck_invoice_settled')),
    sa.CheckConstraint('total = subtotal + tax', name=op.f('ck_invoice_total')),
    sa.CheckConstraint('total >= 0', name=op.f('ck_invoice_positive')),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_invoice_account_id')),
    sa.ForeignKeyConstraint(['issuer_id'], ['portal.legal_entity.id'], name=op.f('fk_invoice_issuer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice')),
    sa.UniqueConstraint('account_id', 'id', name=op.f('uq_invoice_account_id_id')),
    sa.UniqueConstraint('issuer_id', 'number', name=op.f('uq_invoice_issuer_id_number')),
    sa.UniqueConstraint('uuid', name=op.f('uq_invoice_uuid')),
    schema='portal'
    )
    op.create_index('ix_invoice_all_due', 'invoice', ['due_date', 'id'], unique=False, schema='portal')
    op.create_index('ix_invoice_all_issued', 'invoice', ['issue_date', 'id'], unique=False, schema='portal')
    op.create_index('ix_invoice_all_number', 'invoice', ['number'], unique=False, schema='portal')
    op.create_index('ix_invoice_all_open', 'invoice', ['due_date', 'id'], unique=False, schema='portal', postgresql_where=sa.text("state in ('issued', 'partially_paid')"))
    op.create_index('ix_invoice_all_state', 'invoice', ['state', 'due_date', 'id'], unique=False, schema='portal')
    op.create_index('ix_invoice_all_total', 'invoice', ['total', 'id'], unique=False, schema='portal')
    op.create_index('ix_invoice_due', 'invoice', ['account_id', 'due_date', 'id'], unique=False, schema='portal')
    op.create_index('ix_invoice_issued', 'invoice', ['account_id', 'issue_date', 'id'], unique=False, schema='portal')
    op.create_index('ix_invoice_number', 'invoice', ['account_id', 'number'], unique=False, schema='portal')
    op.create_index('ix_invoice_open', 'invoice', ['account_id', 'due_date', 'id'], unique=False, schema='portal', postgresql_where=sa.text("state in ('issued', 'partially_paid')"))
    op.create_index('ix_invoice_search', 'invoice', ['search'], unique=False, schema='portal', postgresql_using='gin')
    op.create_index('ix_invoice_state', 'invoice', ['account_id', 'state', 'issue_date', 'id'], unique=False, schema='portal')
    op.create_index('ix_invoice_total', 'invoice', ['account_id', 'total', 'id'], unique=False, schema='portal')
    op.create_table('membership',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role in ('paa', 'general')", name=op.f('ck_membership_role')),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_membership_account_id')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_membership_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership')),
    schema='portal'
    )
    op.create_index(op.f('ix_membership_person_id'), 'membership', ['person_id'], unique=False, schema='portal')
    op.create_index('uq_membership_live', 'membership', ['account_id', 'person_id'], unique=True, schema='portal', postgresql_where=sa.text('ended_at is null'))
    op.create_table('notice',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), server_default='', nullable=False),
    sa.Column('language', sa.Text(), server_default='en', nullable=False),
    sa.Column('everyone', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('function', sa.Text(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('service_impacting', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('respond_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('link', sa.Text(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("category in ('maintenance', 'incident', 'advisory', 'billing', 'ticket', 'order')", name=op.f('ck_notice_category')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_notice_window')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_notice_person_id')),
    sa.ForeignKeyConstraint(['published_by'], ['portal.person.id'], name=op.f('fk_notice_published_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('uuid', name=op.f('uq_notice_uuid')),
    schema='portal'
    )
    op.create_index('ix_notice_published', 'notice', ['published_at', 'id'], unique=False, schema='portal')
    op.create_table('notification_preference',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.CheckConstraint("channel in ('portal', 'mail', 'digest', 'off')", name=op.f('ck_notification_preference_channel')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_notification_preference_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'topic', name=op.f('pk_notification_preference')),
    schema='portal'
    )
    op.create_table('saved_view',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.Column('page', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.Column('shared', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('is_default', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_saved_view_account_id')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_saved_view_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
    sa.UniqueConstraint('person_id', 'account_id', 'page', 'name', name=op.f('uq_saved_view_person_id_account_id_page_name')),
    sa.UniqueConstraint('uuid', name=op.f('uq_saved_view_uuid')),
    schema='portal'
    )
    op.create_index(op.f('ix_saved_view_account_id'), 'saved_view', ['account_id'], unique=False, schema='portal')
    op.create_table('scheduled_report',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.Column('page', sa.Text(), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.Column('every', sa.Text(), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("every in ('week', 'month')", name=op.f('ck_scheduled_report_every')),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_scheduled_report_account_id')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_scheduled_report_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scheduled_report')),
    sa.UniqueConstraint('uuid', name=op.f('uq_scheduled_report_uuid')),
    schema='portal'
    )
    op.create_table('site',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('code', sa.Text(collation='C'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('country', sa.Text(), nullable=False),
    sa.Column('city', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('latitude', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('longitude', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('time_zone', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('legal_entity_id', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint("status in ('active', 'planned', 'closed')", name=op.f('ck_site_status')),
    sa.CheckConstraint('latitude between -90 and 90', name=op.f('ck_site_latitude')),
    sa.CheckConstraint('longitude between -180 and 180', name=op.f('ck_site_longitude')),
    sa.ForeignKeyConstraint(['legal_entity_id'], ['portal.legal_entity.id'], name=op.f('fk_site_legal_entity_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site')),
    sa.UniqueConstraint('code', name=op.f('uq_site_code')),
    sa.UniqueConstraint('uuid', name=op.f('uq_site_uuid')),
    schema='portal'
    )
    op.create_table('staff_member',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.CheckConstraint("role in ('account_manager', 'finance', 'service_desk', 'administrator')", name=op.f('ck_staff_member_role')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_staff_member_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'role', name=op.f('pk_staff_member')),
    schema='portal'
    )
    op.create_table('thread',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('about_kind', sa.Text(), nullable=True),
    sa.Column('about_uuid', sa.Text(), nullable=True),
    sa.Column('started_by', sa.BigInteger(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("about_kind in ('ticket', 'invoice', 'order')", name=op.f('ck_thread_about_kind')),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_thread_account_id')),
    sa.ForeignKeyConstraint(['started_by'], ['portal.person.id'], name=op.f('fk_thread_started_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread')),
    sa.UniqueConstraint('account_id', 'id', name=op.f('uq_thread_account_id_id')),
    sa.UniqueConstraint('uuid', name=op.f('uq_thread_uuid')),
    schema='portal'
    )
    op.create_index('ix_thread_last', 'thread', ['account_id', 'last_at', 'id'], unique=False, schema='portal')
    op.create_table('thread_member',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('thread_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('read_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id', 'thread_id'], ['portal.thread.account_id', 'portal.thread.id'], name=op.f('fk_thread_member_account_id_thread_id')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_thread_member_person_id')),
    sa.PrimaryKeyConstraint('account_id', 'thread_id', 'person_id', name=op.f('pk_thread_member')),
    schema='portal'
    )
    op.create_index(op.f('ix_thread_member_person_id'), 'thread_member', ['person_id'], unique=False, schema='portal')
    op.create_table('thread_message',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('thread_id', sa.BigInteger(), nullable=False),
    sa.Column('author_id', sa.BigInteger(), nullable=True),
    sa.Column('author_name', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'thread_id'], ['portal.thread.account_id', 'portal.thread.id'], name=op.f('fk_thread_message_account_id_thread_id')),
    sa.ForeignKeyConstraint(['author_id'], ['portal.person.id'], name=op.f('fk_thread_message_author_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_message')),
    sa.UniqueConstraint('account_id', 'id', name=op.f('uq_thread_message_account_id_id')),
    schema='portal'
    )
    op.create_index('ix_thread_message_thread', 'thread_message', ['account_id', 'thread_id', 'id'], unique=False, schema='portal')
    op.create_table('thread_file',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'message_id'], ['portal.thread_message.account_id', 'portal.thread_message.id'], name=op.f('fk_thread_file_account_id_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_file')),
    sa.UniqueConstraint('uuid', name=op.f('uq_thread_file_uuid')),
    schema='portal'
    )
    op.create_index('ix_thread_file_message', 'thread_file', ['account_id', 'message_id'], unique=False, schema='portal')
    op.create_table('credit_application',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('credit_note_id', sa.BigInteger(), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=18, scale=2), nullable=False),
    sa.Column('applied_by', sa.BigInteger(), nullable=True),
    sa.Column('applied_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_credit_application_amount')),
    sa.ForeignKeyConstraint(['account_id', 'credit_note_id'], ['portal.invoice.account_id', 'portal.invoice.id'], name='fk_credit_application_credit_note'),
    sa.ForeignKeyConstraint(['account_id', 'invoice_id'], ['portal.invoice.account_id', 'portal.invoice.id'], name=op.f('fk_credit_application_account_id_invoice_id')),
    sa.ForeignKeyConstraint(['applied_by'], ['portal.person.id'], name=op.f('fk_credit_application_applied_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_application')),
    schema='portal'
    )
    op.create_index('ix_credit_application_invoice', 'credit_application', ['account_id', 'invoice_id'], unique=False, schema='portal')
    op.create_table('document_acceptance',
    sa.Column('document_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['portal.document.id'], name=op.f('fk_document_acceptance_document_id')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_document_acceptance_person_id')),
    sa.PrimaryKeyConstraint('document_id', 'person_id', name=op.f('pk_document_acceptance')),
    schema='portal'
    )
    op.create_table('inventory_item',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('asset_number', sa.Text(collation='C'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('customer_label', sa.Text(), nullable=True),
    sa.Column('site_id', sa.BigInteger(), nullable=True),
    sa.Column('location', sa.Text(), nullable=True),
    sa.Column('cabinet', sa.Text(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('installed_on', sa.Date(), nullable=True),
    sa.Column('contract_end', sa.Date(), nullable=True),
    sa.Column('monthly_charge', sa.Numeric(precision=18, scale=2), nullable=True),
    sa.Column('currency', sa.Text(), nullable=True),
    sa.Column('attributes', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), sa.Computed("portal.search_vector(account_id, label || ' ' || coalesce(customer_label, '') || ' ' || coalesce(location, '') || ' ' || coalesce(cabinet, ''))", persisted=True), nullable=False),
    sa.CheckConstraint("kind in ('cage', 'cabinet', 'power_circuit', 'cross_connect', 'ip_port', 'hardware')", name=op.f('ck_inventory_item_kind')),
    sa.CheckConstraint("status in ('active', 'reserved', 'planned', 'decommissioning', 'decommissioned')", name=op.f('ck_inventory_item_status')),
    sa.CheckConstraint('contract_end >= installed_on', name=op.f('ck_inventory_item_contract_end')),
    sa.CheckConstraint('monthly_charge >= 0', name=op.f('ck_inventory_item_monthly_charge')),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_inventory_item_account_id')),
    sa.ForeignKeyConstraint(['site_id'], ['portal.site.id'], name=op.f('fk_inventory_item_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inventory_item')),
    sa.UniqueConstraint('account_id', 'asset_number', name=op.f('uq_inventory_item_account_id_asset_number')),
    sa.UniqueConstraint('account_id', 'id', name=op.f('uq_inventory_item_account_id_id')),
    sa.UniqueConstraint('uuid', name=op.f('uq_inventory_item_uuid')),
    schema='portal'
    )
    op.create_index('ix_inventory_item_all', 'inventory_item', ['asset_number', 'id'], unique=False, schema='portal')
    op.create_index('ix_inventory_item_contract_end', 'inventory_item', ['account_id', 'contract_end', 'id'], unique=False, schema='portal')
    op.create_index('ix_inventory_item_installed', 'inventory_item', ['account_id', 'installed_on', 'id'], unique=False, schema='portal')
    op.create_index('ix_inventory_item_kind', 'inventory_item', ['account_id', 'kind', 'asset_number'], unique=False, schema='portal')
    op.create_index('ix_inventory_item_search', 'inventory_item', ['search'], unique=False, schema='portal', postgresql_using='gin')
    op.create_index('ix_inventory_item_site', 'inventory_item', ['account_id', 'site_id', 'asset_number'], unique=False, schema='portal')
    op.create_table('invoice_document',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('uploaded_by', sa.BigInteger(), nullable=True),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'invoice_id'], ['portal.invoice.account_id', 'portal.invoice.id'], name=op.f('fk_invoice_document_account_id_invoice_id')),
    sa.ForeignKeyConstraint(['uploaded_by'], ['portal.person.id'], name=op.f('fk_invoice_document_uploaded_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_document')),
    sa.UniqueConstraint('account_id', 'invoice_id', name=op.f('uq_invoice_document_account_id_invoice_id')),
    schema='portal'
    )
    op.create_table('invoice_line',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('line', sa.BigInteger(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('site_id', sa.BigInteger(), nullable=True),
    sa.Column('product', sa.Text(), nullable=True),
    sa.Column('quantity', sa.Numeric(precision=14, scale=4), nullable=False),
    sa.Column('unit_price', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('charge', sa.Text(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=18, scale=2), nullable=False),
    sa.Column('tax', sa.Numeric(precision=18, scale=2), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint("charge in ('recurring', 'one_time', 'adjustment')", name=op.f('ck_invoice_line_charge')),
    sa.ForeignKeyConstraint(['account_id', 'invoice_id'], ['portal.invoice.account_id', 'portal.invoice.id'], name=op.f('fk_invoice_line_account_id_invoice_id')),
    sa.ForeignKeyConstraint(['site_id'], ['portal.site.id'], name=op.f('fk_invoice_line_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_line')),
    sa.UniqueConstraint('account_id', 'invoice_id', 'id', name=op.f('uq_invoice_line_account_id_invoice_id_id')),
    sa.UniqueConstraint('account_id', 'invoice_id', 'line', name=op.f('uq_invoice_line_account_id_invoice_id_line')),
    schema='portal'
    )
    op.create_table('notice_account',
    sa.Column('notice_id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_notice_account_account_id')),
    sa.ForeignKeyConstraint(['notice_id'], ['portal.notice.id'], name=op.f('fk_notice_account_notice_id')),
    sa.PrimaryKeyConstraint('notice_id', 'account_id', name=op.f('pk_notice_account')),
    schema='portal'
    )
    op.create_index(op.f('ix_notice_account_account_id'), 'notice_account', ['account_id'], unique=False, schema='portal')
    op.create_table('notice_read',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('notice_id', sa.BigInteger(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['portal.notice.id'], name=op.f('fk_notice_read_notice_id')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_notice_read_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'notice_id', name=op.f('pk_notice_read')),
    schema='portal'
    )
    op.create_table('notice_site',
    sa.Column('notice_id', sa.BigInteger(), nullable=False),
    sa.Column('site_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['portal.notice.id'], name=op.f('fk_notice_site_notice_id')),
    sa.ForeignKeyConstraint(['site_id'], ['portal.site.id'], name=op.f('fk_notice_site_site_id')),
    sa.PrimaryKeyConstraint('notice_id', 'site_id', name=op.f('pk_notice_site')),
    schema='portal'
    )
    op.create_index(op.f('ix_notice_site_site_id'), 'notice_site', ['site_id'], unique=False, schema='portal')
    op.create_table('notice_text',
    sa.Column('notice_id', sa.BigInteger(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['portal.notice.id'], name=op.f('fk_notice_text_notice_id')),
    sa.PrimaryKeyConstraint('notice_id', 'language', name=op.f('pk_notice_text')),
    schema='portal'
    )
    op.create_table('notice_update',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('notice_id', sa.BigInteger(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('written_by', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['notice_id'], ['portal.notice.id'], name=op.f('fk_notice_update_notice_id')),
    sa.ForeignKeyConstraint(['written_by'], ['portal.person.id'], name=op.f('fk_notice_update_written_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_update')),
    schema='portal'
    )
    op.create_index(op.f('ix_notice_update_notice_id'), 'notice_update', ['notice_id'], unique=False, schema='portal')
    op.create_table('parcel',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('site_id', sa.BigInteger(), nullable=False),
    sa.Column('carrier', sa.Text(), nullable=False),
    sa.Column('tracking_number', sa.Text(collation='C'), nullable=False),
    sa.Column('addressee', sa.Text(), nullable=False),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['site_id'], ['portal.site.id'], name=op.f('fk_parcel_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_parcel')),
    sa.UniqueConstraint('uuid', name=op.f('uq_parcel_uuid')),
    schema='portal'
    )
    op.create_index(op.f('ix_parcel_tracking_number'), 'parcel', ['tracking_number'], unique=False, schema='portal')
    op.create_table('payment',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=18, scale=2), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('paid_on', sa.Date(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=True),
    sa.Column('recorded_by', sa.BigInteger(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_payment_amount')),
    sa.ForeignKeyConstraint(['account_id', 'invoice_id'], ['portal.invoice.account_id', 'portal.invoice.id'], name=op.f('fk_payment_account_id_invoice_id')),
    sa.ForeignKeyConstraint(['recorded_by'], ['portal.person.id'], name=op.f('fk_payment_recorded_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment')),
    sa.UniqueConstraint('uuid', name=op.f('uq_payment_uuid')),
    schema='portal'
    )
    op.create_index('ix_payment_invoice', 'payment', ['account_id', 'invoice_id'], unique=False, schema='portal')
    op.create_table('service_order',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Text(collation='C'), nullable=False),
    sa.Column('site_id', sa.BigInteger(), nullable=True),
    sa.Column('request_type', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('customer_reference', sa.Text(), nullable=True),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('installed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), sa.Computed("portal.search_vector(account_id, coalesce(customer_reference, ''))", persisted=True), nullable=False),
    sa.CheckConstraint("request_type in ('new', 'change', 'renewal', 'termination')", name=op.f('ck_service_order_request_type')),
    sa.CheckConstraint("status in ('received', 'in_progress', 'on_hold', 'installed', 'closed', 'cancelled')", name=op.f('ck_service_order_status')),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_service_order_account_id')),
    sa.ForeignKeyConstraint(['site_id'], ['portal.site.id'], name=op.f('fk_service_order_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_order')),
    sa.UniqueConstraint('account_id', 'id', name=op.f('uq_service_order_account_id_id')),
    sa.UniqueConstraint('account_id', 'number', name=op.f('uq_service_order_account_id_number')),
    sa.UniqueConstraint('uuid', name=op.f('uq_service_order_uuid')),
    schema='portal'
    )
    op.create_index('ix_service_order_all', 'service_order', ['requested_at', 'id'], unique=False, schema='portal')
    op.create_index('ix_service_order_installed', 'service_order', ['account_id', 'installed_at', 'id'], unique=False, schema='portal')
    op.create_index('ix_service_order_requested', 'service_order', ['account_id', 'requested_at', 'id'], unique=False, schema='portal')
    op.create_index('ix_service_order_search', 'service_order', ['search'], unique=False, schema='portal', postgresql_using='gin')
    op.create_index('ix_service_order_status', 'service_order', ['account_id', 'status', 'requested_at', 'id'], unique=False, schema='portal')
    op.create_table('site_contact',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('site_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('languages', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('hours', sa.Text(), nullable=True),
    sa.CheckConstraint("kind in ('service_desk', 'security', 'finance')", name=op.f('ck_site_contact_kind')),
    sa.ForeignKeyConstraint(['site_id'], ['portal.site.id'], name=op.f('fk_site_contact_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_contact')),
    schema='portal'
    )
    op.create_index(op.f('ix_site_contact_site_id'), 'site_contact', ['site_id'], unique=False, schema='portal')
    op.create_table('dispute',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('line_id', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=18, scale=2), nullable=False),
    sa.Column('state', sa.Text(), server_default='open', nullable=False),
    sa.Column('opened_by', sa.BigInteger(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint("state in ('open', 'answered', 'accepted', 'rejected', 'closed')", name=op.f('ck_dispute_state')),
    sa.CheckConstraint('amount > 0', name=op.f('ck_dispute_amount')),
    sa.ForeignKeyConstraint(['account_id', 'invoice_id'], ['portal.invoice.account_id', 'portal.invoice.id'], name=op.f('fk_dispute_account_id_invoice_id')),
    sa.ForeignKeyConstraint(['account_id', 'invoice_id', 'line_id'], ['portal.invoice_line.account_id', 'portal.invoice_line.invoice_id', 'portal.invoice_line.id'], name='fk_dispute_line'),
    sa.ForeignKeyConstraint(['opened_by'], ['portal.person.id'], name=op.f('fk_dispute_opened_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispute')),
    sa.UniqueConstraint('account_id', 'id', name=op.f('uq_dispute_account_id_id')),
    sa.UniqueConstraint('uuid', name=op.f('uq_dispute_uuid')),
    schema='portal'
    )
    op.create_index('ix_dispute_invoice', 'dispute', ['account_id', 'invoice_id'], unique=False, schema='portal')
    op.create_table('order_line',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('line', sa.BigInteger(), nullable=False),
    sa.Column('product', sa.Text(), nullable=False),
    sa.Column('quantity', sa.Numeric(precision=14, scale=4), nullable=False),
    sa.Column('site_id', sa.BigInteger(), nullable=True),
    sa.Column('cabinet', sa.Text(), nullable=True),
    sa.Column('one_time_charge', sa.Numeric(precision=18, scale=2), server_default=sa.text('0'), nullable=False),
    sa.Column('monthly_charge', sa.Numeric(precision=18, scale=2), server_default=sa.text('0'), nullable=False),
    sa.Column('currency', sa.Text(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.CheckConstraint("status in ('received', 'in_progress', 'on_hold', 'installed', 'closed', 'cancelled')", name=op.f('ck_order_line_status')),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_order_line_quantity')),
    sa.ForeignKeyConstraint(['account_id', 'order_id'], ['portal.service_order.account_id', 'portal.service_order.id'], name=op.f('fk_order_line_account_id_order_id')),
    sa.ForeignKeyConstraint(['site_id'], ['portal.site.id'], name=op.f('fk_order_line_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_line')),
    sa.UniqueConstraint('account_id', 'order_id', 'line', name=op.f('uq_order_line_account_id_order_id_line')),
    schema='portal'
    )
    op.create_table('ticket',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Text(collation='C'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('direction', sa.Text(), nullable=True),
    sa.Column('site_id', sa.BigInteger(), nullable=True),
    sa.Column('space_id', sa.BigInteger(), nullable=True),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), server_default='', nullable=False),
    sa.Column('customer_reference', sa.Text(), nullable=True),
    sa.Column('requested_by', sa.BigInteger(), nullable=True),
    sa.Column('assignee_id', sa.BigInteger(), nullable=True),
    sa.Column('status', sa.Text(), server_default='submitted', nullable=False),
    sa.Column('category', sa.Text(), server_default='open', nullable=False),
    sa.Column('severity', sa.Text(), nullable=True),
    sa.Column('estimated_completion', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('first_answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('next_deadline', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paused_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('waiting_for', sa.Text(), nullable=True),
    sa.Column('respond_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rating', sa.SmallInteger(), nullable=True),
    sa.Column('rating_comment', sa.Text(), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), sa.Computed("portal.search_vector(account_id, subject || ' ' || coalesce(customer_reference, '') || ' ' || description)", persisted=True), nullable=False),
    sa.CheckConstraint("(kind = 'shipment') = (direction is not null)", name=op.f('ck_ticket_direction_of_shipments')),
    sa.CheckConstraint("category in ('open', 'paused', 'done')", name=op.f('ck_ticket_category')),
    sa.CheckConstraint("direction in ('inbound', 'outbound')", name=op.f('ck_ticket_direction')),
    sa.CheckConstraint("kind in ('remote_hands', 'fault', 'shipment', 'site_visit')", name=op.f('ck_ticket_kind')),
    sa.CheckConstraint("severity in ('P1', 'P2', 'P3', 'P4')", name=op.f('ck_ticket_severity')),
    sa.CheckConstraint("status in ('submitted', 'acknowledged', 'scheduled', 'in_progress', 'waiting_customer', 'on_hold', 'resolved', 'closed', 'reopened', 'cancelled', 'rejected', 'expected', 'partially_received', 'received', 'stored', 'delivered', 'refused', 'returned', 'packed', 'awaiting_pickup', 'handed_over', 'pending_approval', 'approved', 'checked_in', 'checked_out', 'no_show')", name=op.f('ck_ticket_status')),
    sa.CheckConstraint('length(customer_reference) <= 50', name=op.f('ck_ticket_customer_reference')),
    sa.CheckConstraint('length(description) <= 4000', name=op.f('ck_ticket_description')),
    sa.CheckConstraint('length(subject) between 1 and 200', name=op.f('ck_ticket_subject')),
    sa.CheckConstraint('rating between 1 and 5', name=op.f('ck_ticket_rating')),
    sa.ForeignKeyConstraint(['account_id', 'space_id'], ['portal.inventory_item.account_id', 'portal.inventory_item.id'], name=op.f('fk_ticket_account_id_space_id')),
    sa.ForeignKeyConstraint(['account_id'], ['portal.account.id'], name=op.f('fk_ticket_account_id')),
    sa.ForeignKeyConstraint(['assignee_id'], ['portal.person.id'], name=op.f('fk_ticket_assignee_id')),
    sa.ForeignKeyConstraint(['requested_by'], ['portal.person.id'], name=op.f('fk_ticket_requested_by')),
    sa.ForeignKeyConstraint(['site_id'], ['portal.site.id'], name=op.f('fk_ticket_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket')),
    sa.UniqueConstraint('account_id', 'id', name=op.f('uq_ticket_account_id_id')),
    sa.UniqueConstraint('number', name=op.f('uq_ticket_number')),
    sa.UniqueConstraint('uuid', name=op.f('uq_ticket_uuid')),
    schema='portal'
    )
    op.create_index('ix_ticket_all_deadline', 'ticket', ['next_deadline', 'id'], unique=False, schema='portal', postgresql_where=sa.text("category <> 'done'"))
    op.create_index('ix_ticket_all_going_on', 'ticket', ['opened_at', 'id'], unique=False, schema='portal', postgresql_where=sa.text("category <> 'done'"))
    op.create_index('ix_ticket_all_kind', 'ticket', ['kind', 'opened_at', 'id'], unique=False, schema='portal')
    op.create_index('ix_ticket_all_opened', 'ticket', ['opened_at', 'id'], unique=False, schema='portal')
    op.create_index('ix_ticket_all_site', 'ticket', ['site_id', 'opened_at', 'id'], unique=False, schema='portal')
    op.create_index('ix_ticket_all_status', 'ticket', ['status', 'opened_at', 'id'], unique=False, schema='portal')
    op.create_index('ix_ticket_deadline', 'ticket', ['account_id', 'next_deadline', 'id'], unique=False, schema='portal', postgresql_where=sa.text("category <> 'done'"))
    op.create_index('ix_ticket_going_on', 'ticket', ['account_id', 'opened_at', 'id'], unique=False, schema='portal', postgresql_where=sa.text("category <> 'done'"))
    op.create_index('ix_ticket_kind', 'ticket', ['account_id', 'kind', 'opened_at', 'id'], unique=False, schema='portal')
    op.create_index('ix_ticket_mine', 'ticket', ['account_id', 'requested_by', 'opened_at', 'id'], unique=False, schema='portal')
    op.create_index('ix_ticket_opened', 'ticket', ['account_id', 'opened_at', 'id'], unique=False, schema='portal')
    op.create_index('ix_ticket_search', 'ticket', ['search'], unique=False, schema='portal', postgresql_using='gin')
    op.create_index('ix_ticket_site', 'ticket', ['account_id', 'site_id', 'opened_at', 'id'], unique=False, schema='portal')
    op.create_index('ix_ticket_status', 'ticket', ['account_id', 'status', 'opened_at', 'id'], unique=False, schema='portal')
    op.create_index('ix_ticket_updated', 'ticket', ['account_id', 'updated_at'], unique=False, schema='portal')
    op.create_table('dispute_message',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('dispute_id', sa.BigInteger(), nullable=False),
    sa.Column('author_id', sa.BigInteger(), nullable=True),
    sa.Column('author_name', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'dispute_id'], ['portal.dispute.account_id', 'portal.dispute.id'], name=op.f('fk_dispute_message_account_id_dispute_id')),
    sa.ForeignKeyConstraint(['author_id'], ['portal.person.id'], name=op.f('fk_dispute_message_author_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispute_message')),
    sa.UniqueConstraint('account_id', 'id', name=op.f('uq_dispute_message_account_id_id')),
    schema='portal'
    )
    op.create_index('ix_dispute_message_dispute', 'dispute_message', ['account_id', 'dispute_id'], unique=False, schema='portal')
    op.create_table('fault',
    sa.Column('ticket_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('fault_category', sa.Text(), server_default='other', nullable=False),
    sa.Column('service_down', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('redundancy_lost', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.CheckConstraint("fault_category in ('power', 'cooling', 'cross_connect', 'network', 'physical_security', 'other')", name=op.f('ck_fault_fault_category')),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id'], ['portal.ticket.account_id', 'portal.ticket.id'], name=op.f('fk_fault_account_id_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', name=op.f('pk_fault')),
    schema='portal'
    )
    op.create_table('remote_hands',
    sa.Column('ticket_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('schedule', sa.Text(), server_default='routine', nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('task_type', sa.Text(), server_default='other', nullable=False),
    sa.CheckConstraint("(schedule = 'scheduled') = (starts_at is not null)", name=op.f('ck_remote_hands_scheduled_start')),
    sa.CheckConstraint("schedule in ('routine', 'scheduled')", name=op.f('ck_remote_hands_schedule')),
    sa.CheckConstraint("task_type in ('equipment_install', 'restart', 'cable_install', 'cable_move', 'cable_removal', 'unpack_shipment', 'locate_package', 'pictures', 'cage_cleanup', 'escort', 'other')", name=op.f('ck_remote_hands_task_type')),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id'], ['portal.ticket.account_id', 'portal.ticket.id'], name=op.f('fk_remote_hands_account_id_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', name=op.f('pk_remote_hands')),
    schema='portal'
    )
    op.create_table('shipment',
    sa.Column('ticket_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('expected_on', sa.Date(), nullable=True),
    sa.Column('carrier', sa.Text(), nullable=False),
    sa.Column('carrier_name', sa.Text(), nullable=True),
    sa.Column('packages', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('oversized', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('dimensions', sa.Text(), nullable=True),
    sa.Column('weight_kg', sa.Numeric(precision=10, scale=2), nullable=True),
    sa.Column('loading_dock', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('cage_delivery', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('ship_to', sa.Text(), nullable=True),
    sa.Column('declared_value', sa.Numeric(precision=18, scale=2), nullable=True),
    sa.Column('currency', sa.Text(), nullable=True),
    sa.Column('insured', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('notified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('storage_until', sa.Date(), nullable=True),
    sa.CheckConstraint("carrier in ('dhl', 'fedex', 'ups', 'other', 'hand_carry')", name=op.f('ck_shipment_carrier')),
    sa.CheckConstraint('packages >= 1', name=op.f('ck_shipment_packages')),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id'], ['portal.ticket.account_id', 'portal.ticket.id'], name=op.f('fk_shipment_account_id_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', name=op.f('pk_shipment')),
    schema='portal'
    )
    op.create_table('site_visit',
    sa.Column('ticket_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('escort', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('equipment_removal', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.CheckConstraint("ends_at > starts_at and ends_at <= starts_at + interval '14 days'", name=op.f('ck_site_visit_period')),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id'], ['portal.ticket.account_id', 'portal.ticket.id'], name=op.f('fk_site_visit_account_id_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', name=op.f('pk_site_visit')),
    schema='portal'
    )
    op.create_table('status_change',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('from_status', sa.Text(), nullable=True),
    sa.Column('to_status', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('severity', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('by_person_id', sa.BigInteger(), nullable=True),
    sa.Column('by_actor', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("category in ('open', 'paused', 'done')", name=op.f('ck_status_change_category')),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id'], ['portal.ticket.account_id', 'portal.ticket.id'], name=op.f('fk_status_change_account_id_ticket_id')),
    sa.ForeignKeyConstraint(['by_person_id'], ['portal.person.id'], name=op.f('fk_status_change_by_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_status_change')),
    schema='portal'
    )
    op.create_index('ix_status_change_ticket', 'status_change', ['account_id', 'ticket_id', 'id'], unique=False, schema='portal')
    op.create_table('ticket_clock',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('site_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('clock', sa.Text(), nullable=False),
    sa.Column('round', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('target_seconds', sa.BigInteger(), nullable=False),
    sa.Column('paused_seconds', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('paused_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('deadline', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('warned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('breach_told_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("clock in ('first_answer', 'second')", name=op.f('ck_ticket_clock_clock')),
    sa.CheckConstraint("outcome in ('met', 'breached')", name=op.f('ck_ticket_clock_outcome')),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id'], ['portal.ticket.account_id', 'portal.ticket.id'], name=op.f('fk_ticket_clock_account_id_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_clock')),
    sa.UniqueConstraint('account_id', 'ticket_id', 'clock', 'round', name=op.f('uq_ticket_clock_account_id_ticket_id_clock_round')),
    schema='portal'
    )
    op.create_index('ix_ticket_clock_month', 'ticket_clock', ['account_id', 'started_at'], unique=False, schema='portal')
    op.create_index('ix_ticket_clock_running', 'ticket_clock', ['deadline'], unique=False, schema='portal', postgresql_where=sa.text('outcome is null and deadline is not null'))
    op.create_table('ticket_contact',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('email', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id'], ['portal.ticket.account_id', 'portal.ticket.id'], name=op.f('fk_ticket_contact_account_id_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_contact')),
    schema='portal'
    )
    op.create_table('ticket_item',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('item_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'item_id'], ['portal.inventory_item.account_id', 'portal.inventory_item.id'], name=op.f('fk_ticket_item_account_id_item_id')),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id'], ['portal.ticket.account_id', 'portal.ticket.id'], name=op.f('fk_ticket_item_account_id_ticket_id')),
    sa.PrimaryKeyConstraint('account_id', 'ticket_id', 'item_id', name=op.f('pk_ticket_item')),
    schema='portal'
    )
    op.create_table('ticket_message',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('author_id', sa.BigInteger(), nullable=True),
    sa.Column('author_name', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind in ('customer_note', 'staff_reply', 'internal_note')", name=op.f('ck_ticket_message_kind')),
    sa.CheckConstraint('length(body) between 1 and 10000', name=op.f('ck_ticket_message_body')),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id'], ['portal.ticket.account_id', 'portal.ticket.id'], name=op.f('fk_ticket_message_account_id_ticket_id')),
    sa.ForeignKeyConstraint(['author_id'], ['portal.person.id'], name=op.f('fk_ticket_message_author_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_message')),
    sa.UniqueConstraint('account_id', 'ticket_id', 'id', name=op.f('uq_ticket_message_account_id_ticket_id_id')),
    sa.UniqueConstraint('uuid', name=op.f('uq_ticket_message_uuid')),
    schema='portal'
    )
    op.create_index('ix_ticket_message_ticket', 'ticket_message', ['account_id', 'ticket_id', 'id'], unique=False, schema='portal')
    op.create_table('ticket_watcher',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('leave_token_hash', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint('(person_id is null) <> (email is null)', name=op.f('ck_ticket_watcher_one_of_two')),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id'], ['portal.ticket.account_id', 'portal.ticket.id'], name=op.f('fk_ticket_watcher_account_id_ticket_id')),
    sa.ForeignKeyConstraint(['person_id'], ['portal.person.id'], name=op.f('fk_ticket_watcher_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_watcher')),
    schema='portal'
    )
    op.create_table('tracking_number',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Text(collation='C'), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id'], ['portal.ticket.account_id', 'portal.ticket.id'], name=op.f('fk_tracking_number_account_id_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tracking_number')),
    sa.UniqueConstraint('account_id', 'ticket_id', 'number', name=op.f('uq_tracking_number_account_id_ticket_id_number')),
    schema='portal'
    )
    op.create_index(op.f('ix_tracking_number_number'), 'tracking_number', ['number'], unique=False, schema='portal')
    op.create_table('visitor',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('company', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('mobile', sa.Text(), nullable=True),
    sa.Column('id_last_four', sa.Text(), nullable=True),
    sa.Column('checked_in_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('checked_out_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('email is not null or mobile is not null', name=op.f('ck_visitor_reachable')),
    sa.CheckConstraint('length(id_last_four) <= 4', name=op.f('ck_visitor_id_last_four')),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id'], ['portal.ticket.account_id', 'portal.ticket.id'], name=op.f('fk_visitor_account_id_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visitor')),
    schema='portal'
    )
    op.create_table('attachment',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('uploaded_by', sa.BigInteger(), nullable=True),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('size between 1 and 10485760', name=op.f('ck_attachment_size')),
    sa.ForeignKeyConstraint(['account_id', 'ticket_id', 'message_id'], ['portal.ticket_message.account_id', 'portal.ticket_message.ticket_id', 'portal.ticket_message.id'], name=op.f('fk_attachment_account_id_ticket_id_message_id')),
    sa.ForeignKeyConstraint(['uploaded_by'], ['portal.person.id'], name=op.f('fk_attachment_uploaded_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sa.UniqueConstraint('uuid', name=op.f('uq_attachment_uuid')),
    schema='portal'
    )
    op.create_index('ix_attachment_ticket', 'attachment', ['account_id', 'ticket_id'], unique=False, schema='portal')
    op.create_table('dispute_file',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('uuid', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['account_id', 'message_id'], ['portal.dispute_message.account_id', 'portal.dispute_message.id'], name=op.f('fk_dispute_file_account_id_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispute_file')),
    sa.UniqueConstraint('uuid', name=op.f('uq_dispute_file_uuid')),
    schema='portal'
    )
    op.create_index('ix_dispute_file_message', 'dispute_file', ['account_id', 'message_id'], unique=False, schema='portal')


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would lose rows")
