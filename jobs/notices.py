"""Notices on their way: mail of what was published goes out in batches, and what became overdue is said by the bell."""

from __future__ import annotations

from sqlalchemy import Connection, text

from data.outbox import mail_domain

#: People a turn; a notice to more of them takes several, so that mail about tickets is not kept waiting behind it.
BATCH = 500
#: Turns of one run: the rest waits for the next, which is due soon.
MOST_TURNS = 10
#: Invoices that became overdue, a run.
MOST_OVERDUE = 5_000
_MAIL = text("select authz.mail_notices(:most, :domain)")
_OVERDUE = text("select authz.say_overdue(:most)")


def mail_notices(connection: Connection) -> None:
    """Until nothing waits or this run has done its share: what is left stands where it was."""
    for _turn in range(MOST_TURNS):
        if not connection.scalar(_MAIL, {"most": BATCH, "domain": mail_domain()}):
            return


def say_overdue(connection: Connection) -> None:
    connection.execute(_OVERDUE, {"most": MOST_OVERDUE})
