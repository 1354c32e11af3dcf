"""Feedback: what people think of the portal, from whatever page they come; read by the account manager and the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Text, cast, func, select

from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.listing.search import in_texts
from data.listing.spec import HIDDEN, Choice, Column, Kind, ListSpec, Period, Sort
from data.models import Account, Feedback
from data.ticketing.saying import refuse_too_long
from rules.errors import Conflict, Forbidden, Invalid
from rules.feedback import LONGEST, LONGEST_PAGE
from rules.permissions import CUSTOMER_FUNCTIONS, Permission
from rules.principal import Principal
from rules.words import N_

P = Permission
_f = Feedback.__table__
#: Who tells customers things hears what they think: account managers of their accounts, and the service desk.
READERS = (P.BROADCAST_SEND,)
#: Of one's own, the last ones are shown.
MOST_SHOWN = 20
STARS = tuple(str(n) for n in range(1, 6))


@dataclass(frozen=True)
class SendFeedback(Command):
    """By a customer, for the first of the accounts in view: its manager and the desk read it."""

    name: ClassVar = "feedback.send"
    creates: ClassVar = True

    rating: int
    body: str = ""
    page: str = "/"

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, None]:
        if principal.is_staff or not principal.chosen:
            raise Forbidden(self.name)
        return principal.looking_at(principal.chosen[:1]), None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        if self.rating not in range(1, 6):
            raise Invalid(N_("Choose one of the list."), "rating")
        body = self.body.strip()
        refuse_too_long(body, LONGEST, "body")
        page = self.page if self.page.startswith("/") and self.page.isprintable() else "/"
        send = func.authz.send_feedback(self.rating, body, page[:LONGEST_PAGE])
        sent: UUID | None = work.connection.execute(select(send)).scalar_one()
        if sent is None:
            raise Conflict(N_("You have told us a lot within an hour. Thank you; please write again a little later."))
        deed = Deed(self.name, "feedback", object_id=str(sent), after={"rating": self.rating})
        record(work.connection, work.principal, deed)
        return {"feedback": str(sent)}


@dataclass(frozen=True)
class Sent:
    """What this person said before."""

    rating: int
    body: str
    page: str
    written_at: datetime


def sent_by(engine: Engine, principal: Principal) -> tuple[Sent, ...]:
    """The last first; nobody sees another's."""
    query = select(_f.c.rating, _f.c.body, _f.c.page, _f.c.written_at).where(_f.c.person_id == principal.person_id)
    if not any(map(principal.may, CUSTOMER_FUNCTIONS)):
        return ()  # without any function there is no hat that reads
    with reading(engine, principal, *CUSTOMER_FUNCTIONS) as connection:
        rows = connection.execute(query.order_by(_f.c.written_at.desc(), _f.c.id.desc()).limit(MOST_SHOWN))
        return tuple(Sent(*row) for row in rows)


def _found(_connection: Connection, words: str) -> ColumnElement[bool]:
    return in_texts(words, _f.c.body, Account.name, _f.c.author_name)


FEEDBACK = ListSpec(
    name="feedback",
    title=N_("Feedback"),
    permissions=READERS,
    table=_f,
    source=_f.outerjoin(Account.__table__, Account.id == _f.c.account_id),
    columns=(
        Column("who", N_("Written by"), _f.c.author_name, Kind.NUMBER, width=180),
        Column("rating", N_("Rating"), cast(_f.c.rating, Text), Kind.TERM, "feedback.rating", width=110),
        Column("account", N_("Account"), Account.name, names_account=True),
        Column("body", N_("Comment"), _f.c.body, width=460),
        Column("page", N_("Page"), _f.c.page, Kind.TERM, "feedback.page", width=150),
        Column("written_at", N_("Time"), _f.c.written_at, Kind.MOMENT, width=150),
        Column("uuid", "", _f.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("rating", N_("Rating"), "feedback.rating", STARS,
               lambda _c, values: cast(_f.c.rating, Text).in_(values)),
        Period("sent", N_("Time"), _f.c.written_at, of_moment=True),
    ),
    sorts=(
        Sort("newest", N_("Newest first"), _f.c.written_at, descending=True),
        Sort("worst", N_("Worst first"), _f.c.rating),
    ),
    bar=("rating",),
    row_key=_f.c.uuid,
    row_parameter="feedback",
    number=_f.c.author_name,
    finder=_found,
    searched=N_("Search finds feedback by a part of what was written, or of the name of its writer or their account."),
    hint=N_("Name or words"),
    nothing=N_("Nobody has written yet."),
    is_small=True,
)  # fmt: skip
