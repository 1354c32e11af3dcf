"""The audit log as a list: all of it for the administrator, what concerns their accounts for who runs these."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func

from data.listing.spec import HIDDEN, NOT_IN_TABLE, Choice, Column, Kind, ListSpec, Period, Sort
from data.models import Account, AuditEntry
from rules.audit import ACTIONS, OBJECTS, ActorKind
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

_a = AuditEntry.__table__

#: Without the address: from where staff work is not for customers, and the database does not grant it to them.
ACCOUNT_LOG = ListSpec(
    name="audit",
    title=N_("Audit log"),
    permissions=(Permission.USER_MANAGE,),
    table=_a,
    source=_a.outerjoin(Account.__table__, Account.id == _a.c.account_id),
    columns=(
        Column("action", N_("What was done"), _a.c.action, Kind.NUMBER, "audit.action", width=165),
        # a phone shows this much; what was done last is on top anyway
        Column("who", N_("Who"), func.coalesce(_a.c.actor_name, _a.c.actor_kind), Kind.TERM, "audit.actor", width=125),
        Column("at", N_("Time"), _a.c.at, Kind.MOMENT, width=145),
        Column("account", N_("Account"), Account.name, width=115, names_account=True),
        Column("object_kind", N_("To what"), _a.c.object_kind, Kind.TERM, "audit.object", width=95),
        Column("object_label", N_("Which one"), _a.c.object_label, Kind.TERM, "audit.label", width=140),
        Column("change", N_("Before → after"), func.jsonb_build_array(_a.c.before, _a.c.after), Kind.CHANGE, width=240),
        Column("reason", N_("Reason"), _a.c.reason, width=130),
        Column("actor_kind", N_("As"), _a.c.actor_kind, Kind.TERM, "audit.actor", shown=NOT_IN_TABLE),
        Column("object_id", "", _a.c.object_id, shown=HIDDEN),
        Column("uuid", "", _a.c.uuid, shown=HIDDEN),
    ),
    filters=(
        Choice("who", N_("Who"), "audit.actor", tuple(ActorKind), lambda _c, values: _a.c.actor_kind.in_(values)),
        Choice("action", N_("What was done"), "audit.action", ACTIONS, lambda _c, values: _a.c.action.in_(values)),
        Choice("object", N_("To what"), "audit.object", OBJECTS, lambda _c, values: _a.c.object_kind.in_(values)),
        Period("at", N_("Time"), _a.c.at, of_moment=True),
    ),
    sorts=(
        Sort("newest", N_("Newest first"), _a.c.at, descending=True),
        Sort("oldest", N_("Oldest first"), _a.c.at),
    ),
    bar=("who", "action", "object"),
    row_key=_a.c.uuid,
    row_parameter="entry",
    number=_a.c.object_label,
    finder="find_audit_entry",
    searched=N_("Search finds entries by who did it, by the number or name of what it was done to, and by the reason, "
                "or how they begin."),
    nothing=N_("Nothing has been noted yet. What people do here, and what we do for you, will stand here."),
)  # fmt: skip

_AFTER_THE_OBJECT = [column.key for column in ACCOUNT_LOG.columns].index("change")

#: With the address, and with what concerns no account.
AUDIT = replace(
    ACCOUNT_LOG,
    permissions=(Permission.AUDIT_READ,),
    columns=(
        *ACCOUNT_LOG.columns[:_AFTER_THE_OBJECT],
        Column("address", N_("From where"), _a.c.address, width=115),
        *ACCOUNT_LOG.columns[_AFTER_THE_OBJECT:],
    ),
    nothing=N_("Nothing has been noted yet."),
)


def audit_for(principal: Principal) -> ListSpec:
    """Both stand under the same address; each has its own columns."""
    return AUDIT if principal.is_staff else ACCOUNT_LOG
