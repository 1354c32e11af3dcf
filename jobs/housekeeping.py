"""What nobody needs any more goes: ended sessions, used codes and links, drafts never sent, keys of old clicks."""

from __future__ import annotations

from sqlalchemy import Connection, text


def forget_signing_in(connection: Connection) -> None:
    """A function of the database does it: the worker may ask for it, and reads nothing of what it deletes."""
    connection.execute(text("select authz.forget_signing_in()"))


def forget_drafts(connection: Connection) -> None:
    """The policy shows the worker nothing but the time of those that are too old."""
    connection.execute(text("delete from portal.draft where saved_at < now() - interval '30 days'"))


def forget_command_keys(connection: Connection) -> None:
    """A click is repeated within seconds, a form sent again within days; the policy shows nothing younger."""
    connection.execute(text("delete from portal.command_key where done_at < now() - interval '30 days'"))
