"""Messages behind the envelope: conversations between the people of an account and staff (SPEC §7), as a list."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, null, or_, select

from data.listing.search import in_texts
from data.listing.spec import DRAWER, HIDDEN, REPORT, Choice, Column, Kind, ListSpec, Period, Sort
from data.models import Account, Invoice, ServiceOrder, Thread, ThreadMember, ThreadMessage, Ticket
from data.models.rows import Hat
from rules.messages import About, Desk, Side
from rules.permissions import Permission
from rules.words import N_

_t = Thread.__table__
_m = ThreadMember.__table__
_OF_STAFF = (Hat.STAFF, Hat.MANAGER)


def mine() -> ColumnElement[bool]:
    """A thread's own member row of this person; the policy lets nobody see another's."""
    return and_(_m.c.account_id == _t.c.account_id, _m.c.thread_id == _t.c.id)


_LATER = or_(_m.c.read_until.is_(None), _t.c.last_at > _m.c.read_until)
#: Somebody wrote after the last time this person looked; for staff only as long as none of them has answered.
IS_NEW = and_(_LATER, or_(_t.c.last_side == Side.CUSTOMER, func.current_user().not_in(_OF_STAFF)))


def _of_it(table: type[Ticket | Invoice | ServiceOrder], kind: About) -> ColumnElement[bool]:
    return and_(_t.c.about_kind == kind, table.account_id == _t.c.account_id, table.uuid == _t.c.about_uuid)


#: As far as its reader may open it: row security answers for each.
_ABOUT = func.coalesce(Ticket.number, Invoice.number, ServiceOrder.number)
_message = ThreadMessage.__table__
_of_thread = _message.c.account_id == _t.c.account_id, _message.c.thread_id == _t.c.id
_LAST = (
    select(_message.c.author_name + ": " + func.regexp_replace(func.left(_message.c.body, 160), r"\s+", " ", "g"))
    .where(*_of_thread)
    .order_by(_message.c.id.desc())
    .limit(1)
    .correlate(_t)
    .scalar_subquery()
)


def _found(_connection: Connection, words: str) -> ColumnElement[bool]:
    """Conversations are few for whoever reads them: what is said in them is looked through as well."""
    return in_texts(words, _t.c.subject, Account.name) | exists().where(*_of_thread, in_texts(words, _message.c.body))


def _states(values: tuple[str, ...]) -> ColumnElement[bool]:
    conditions = {"unread": IS_NEW, "waiting": _t.c.last_side == Side.CUSTOMER}
    return or_(*(conditions[value] for value in values))


MESSAGES = ListSpec(
    name="messages",
    title=N_("Messages"),
    permissions=(Permission.MESSAGE_USE,),
    table=_t,
    source=_t.join(Account.__table__, Account.id == _t.c.account_id)
    .outerjoin(_m, mine())
    .outerjoin(Ticket.__table__, _of_it(Ticket, About.TICKET))
    .outerjoin(Invoice.__table__, _of_it(Invoice, About.INVOICE))
    .outerjoin(ServiceOrder.__table__, _of_it(ServiceOrder, About.ORDER)),
    columns=(
        Column("subject", N_("Subject"), _t.c.subject, Kind.NUMBER, width=230),
        Column("state", N_("Status"), case((IS_NEW, "unread"), else_=null()), Kind.TERM, "message.state", width=100),
        Column("account", N_("Account"), Account.name, names_account=True),
        Column("desk", N_("Conversation with"), _t.c.desk, Kind.TERM, "message.desk", width=140),
        Column("about", N_("About"), _ABOUT, width=140),
        Column("last", N_("Last message"), _LAST, width=340, shown=frozenset({"table"})),
        Column("last_at", N_("Time"), _t.c.last_at, Kind.MOMENT, width=150),
        Column("started_at", N_("Begun"), _t.c.started_at, Kind.MOMENT, shown=frozenset({DRAWER, REPORT})),
        Column("uuid", "", _t.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("state", N_("Status"), "message.state", ("unread", "waiting"), lambda _c, values: _states(values)),
        Choice("with", N_("Conversation with"), "message.desk", tuple(Desk), lambda _c, values: _t.c.desk.in_(values)),
        Choice("about", N_("About"), "thread.about", tuple(About),
               lambda _c, values: and_(_t.c.about_kind.in_(values), _ABOUT.is_not(None))),
        Period("last", N_("Last message"), _t.c.last_at, of_moment=True),
    ),
    sorts=(
        Sort("newest", N_("Newest first"), _t.c.last_at, descending=True),
        Sort("oldest", N_("Oldest first"), _t.c.last_at),
    ),
    bar=("state", "with"),
    row_key=_t.c.uuid,
    row_parameter="thread",
    number=_t.c.subject,
    finder=_found,
    searched=N_("Search finds conversations by a part of the subject, of the account's name, or of what was said."),
    hint=N_("Subject or words"),
    nothing=N_("Nobody has written yet."),
    is_small=True,
)  # fmt: skip
