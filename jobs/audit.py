"""The audit log is sealed: each entry takes in the hash of the one before, so that no change goes unseen."""

from __future__ import annotations

from sqlalchemy import Connection, text

#: In one transaction; a log that was never sealed before is done after some minutes.
MOST = 10_000


def seal_audit(connection: Connection) -> None:
    """A function of the database does it: the worker may ask for it, and reads nothing of what it seals."""
    connection.execute(text("select authz.seal_audit(:most)"), {"most": MOST})
