"""Runs migrations as portal_owner over the connection it is given (data/migrate.py)."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import text

from data.models import Base

connection = context.config.attributes["connection"]


def ours(name: str | None, kind: str, _parents: Any) -> bool:
    return kind != "schema" or name in ("portal", "auth")


def without_declarations(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Who may see a row is applied by data/security, not written into migrations."""
    for operation in directives[0].upgrade_ops.ops:
        if hasattr(operation, "info"):
            operation.info = {}


connection.execute(text("set role portal_owner"))
connection.commit()
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table_schema="portal",
    include_schemas=True,
    include_name=ours,
    compare_type=True,
    process_revision_directives=without_declarations,
    transaction_per_migration=True,
)
try:
    with context.begin_transaction():
        context.run_migrations()
finally:
    connection.rollback()
    connection.execute(text("reset role"))
    connection.commit()
