"""A step that several migrations take alike."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op


def allow_mail(*kinds: str) -> None:
    """Beside the kinds of mail there are by now, whichever migration added them."""
    asked = sa.text(
        "select pg_get_constraintdef(oid) from pg_constraint "
        "where conrelid = 'portal.mail'::regclass and conname = 'ck_mail_kind'"
    )
    known = re.findall(r"'(\w+)'", op.get_bind().execute(asked).scalar_one())
    listed = ", ".join(f"'{kind}'" for kind in (*known, *kinds))
    op.drop_constraint(op.f("ck_mail_kind"), "mail", schema="portal")
    op.create_check_constraint(op.f("ck_mail_kind"), "mail", f"kind in ({listed})", schema="portal")
