"""The audit log: who did what, when, from where; written in the transaction of what it tells about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from data.models import AuditEntry, Person
from rules.principal import Principal


@dataclass(frozen=True)
class Deed:
    """One thing somebody did. `function` guards what it is about: without it the entry stays hidden."""

    action: str
    object_kind: str
    object_id: str | None = None
    object_label: str | None = None
    account_id: int | None = None
    function: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    reason: str | None = None


def record(connection: Connection, principal: Principal | None, deed: Deed) -> None:
    """Add it to the log; None is the system itself. What staff do to a customer's account is for them to see."""
    for_staff = principal is not None and principal.is_staff and deed.account_id is None
    audience = "staff" if for_staff else "customer"
    # the name of this moment: nobody is noted under another
    name = select(Person.name).where(Person.id == principal.person_id).scalar_subquery() if principal else None
    connection.execute(
        insert(AuditEntry)
        .inline()  # nobody who writes here may read the new row's id back
        .values(
            actor_id=principal.person_id if principal else None,
            actor_name=name,
            audience=audience,
            account_id=deed.account_id,
            function=deed.function,
            action=deed.action,
            object_kind=deed.object_kind,
            object_id=deed.object_id,
            object_label=deed.object_label,
            address=principal.address if principal else None,
            before=deed.before,
            after=deed.after,
            reason=deed.reason,
        )
    )
