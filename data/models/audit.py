"""The audit log: who did what, when and from where; it can be added to, and is sealed in a chain."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Index,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Created, Id, Number, PublicId, one_of, order_of_list, table_info
from data.models.rows import (
    CUSTOMER_HATS,
    ME,
    MY_NAME,
    OUR_ACCOUNT,
    Hat,
    Rows,
    Write,
    account,
    guards,
    nobody,
    several,
    staff,
)
from rules.audit import ActorKind
from rules.permissions import Permission

P = Permission

_AUDIT = (
    "actor_id", "actor_name", "audience", "account_id", "function", "action", "object_kind", "object_id",
    "object_label", "address", "before", "after", "reason",
)  # fmt: skip

#: Not from where: that would tell of the staff's own networks.
_AUDIT_FOR_CUSTOMERS = (
    "id", "uuid", "at", "actor_kind", "search", *(column for column in _AUDIT if column != "address")
)  # fmt: skip

_AUDIT_FILTERS = ("action", "object_kind", "actor_kind", "audience", "function")

_TOLD_TO_CUSTOMERS = f"audience = 'customer' and (function is null or {guards('account_id')})"


class AuditEntry(Base):
    """Who did what, when, from where, before → after. It can be added to, never changed (no grant, a trigger)."""

    __tablename__ = "audit_entry"
    id: Mapped[Id]
    at: Mapped[Created] = mapped_column(server_default=text("clock_timestamp()"))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str | None]
    #: Filled in by the database for a person (authz.name_actor), and "system" where nobody says otherwise.
    actor_kind: Mapped[str]
    audience: Mapped[str]
    account_id: Mapped[int | None]
    #: The function that guards the object: without it the row, before and after stay hidden.
    function: Mapped[str | None]
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str | None]
    object_label: Mapped[Number | None]
    address: Mapped[str | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reason: Mapped[str | None]
    #: Its place in the chain: the order in which entries were sealed, whatever order they were committed in.
    seal: Mapped[int | None] = mapped_column(unique=True)
    previous_hash: Mapped[bytes | None]
    hash: Mapped[bytes | None]
    uuid: Mapped[PublicId]
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "portal.search_vector(coalesce(account_id, 0), coalesce(object_label, ''), coalesce(actor_name, '') "
            "|| ' ' || coalesce(reason, ''))",
            persisted=True,
        ),
    )
    __table_args__ = (
        one_of("audience", ("customer", "staff")),
        one_of("actor_kind", ActorKind),
        *order_of_list("audit_entry", "newest", "at", "id", carrying=_AUDIT_FILTERS),
        Index("ix_audit_entry_object", "object_label"),
        Index("ix_audit_entry_search", "search", postgresql_using="gin"),
        Index("ix_audit_entry_unsealed", "id", postgresql_where=text("hash is null")),
        table_info(
            Rows(
                see={
                    Hat.CUSTOMER: f"account_id = {account(P.USER_MANAGE)} and {_TOLD_TO_CUSTOMERS}",
                    Hat.MANY: f"account_id = {several(P.USER_MANAGE)} and {_TOLD_TO_CUSTOMERS}",
                    Hat.STAFF: staff(P.AUDIT_READ),
                },
                insert={
                    **{
                        hat: Write(
                            _AUDIT,
                            f"actor_id = {ME} and {MY_NAME.format(me=ME, said='actor_name')} "
                            f"and (account_id is null or {ours})"
                            + (" and audience = 'customer'" if hat in CUSTOMER_HATS else ""),
                        )
                        for hat, ours in OUR_ACCOUNT.items()
                    },
                    Hat.WORKER: Write(_AUDIT, "actor_id is null"),
                },
                columns=dict.fromkeys((Hat.CUSTOMER, Hat.MANY), _AUDIT_FOR_CUSTOMERS),
            )
        ),
    )


class AuditChain(Base):
    """How far the audit log is sealed, and the hash of the last entry that is: one row, which a sealer holds."""

    __tablename__ = "audit_chain"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[int] = mapped_column(server_default=text("0"))
    hash: Mapped[bytes | None]
    __table_args__ = (CheckConstraint("id = 1", name="one"), table_info(nobody()))
