"""Colleagues who take part in a conversation later: whoever of them is in it lets them in, and nobody of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Engine, Uuid, func, literal, select, text

from data.commands import Command, Work
from data.database import reading
from data.messaging.writing import account_of, note, speaking
from data.outbox import new_message_id
from rules.errors import Forbidden, Invalid
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

P = Permission


@dataclass(frozen=True)
class AddToThread(Command):
    """They read all of it from then on, and hear of it by mail once. Who is in it already stays as they are."""

    name: ClassVar = "message.add"

    thread: UUID
    colleagues: tuple[UUID, ...]

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        account = account_of(engine, principal, self.thread)
        if principal.is_staff:  # whom of theirs they confide in is the customer's to say
            raise Forbidden(self.name)
        return speaking(principal, account), P.MESSAGE_USE

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        if not self.colleagues:
            raise Invalid(N_("Choose at least one colleague."), "colleagues")
        them = literal(list(dict.fromkeys(self.colleagues)), ARRAY(Uuid))
        added = select(text("name")).select_from(func.authz.add_to_thread(self.thread, them, new_message_id()))
        names: list[str] = list(work.connection.scalars(added))
        if names:
            (account,) = work.principal.chosen
            note(work, self.name, account, self.thread, after={"people": names})
        return {"added": names}


def may_join(engine: Engine, principal: Principal, thread: UUID, account_id: int) -> dict[UUID, str]:
    """Colleagues of that account who could still take part, by their public ids; staff add nobody."""
    if principal.is_staff:
        return {}
    with reading(engine, speaking(principal, account_id), P.MESSAGE_USE) as connection:
        found = connection.execute(text("select person, name from authz.who_may_join(:t)"), {"t": thread})
        return dict(iter(found))
