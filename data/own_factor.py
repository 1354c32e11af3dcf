"""Whether those who run an account need a second factor: decided by one of them, who has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Engine, select, text, update

from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.models import Account
from rules.errors import Invalid, NotFound
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_


@dataclass(frozen=True)
class RequireSecondFactor(Command):
    """From the next click on, whoever runs the account needs one; who has none sets it up when they sign in again."""

    name: ClassVar = "account.second_factor"
    needs_proof: ClassVar = True

    account_id: int
    required: bool

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        if self.account_id not in principal.chosen:
            raise NotFound(str(self.account_id))
        who = principal.looking_at((self.account_id,))
        who.require(Permission.USER_MANAGE)
        return who, Permission.USER_MANAGE

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        if not work.connection.scalar(text("select authz.has_factor()")):
            raise Invalid(N_("Set up a second factor for yourself first, under Settings."), "required")
        mine = Account.id == self.account_id
        locked = select(Account.second_factor_for_paa).where(mine).with_for_update()
        before = work.connection.execute(locked).scalar_one()
        if before != self.required:
            change = update(Account).where(mine)
            work.connection.execute(change.values(second_factor_for_paa=self.required, version=Account.version + 1))
            deed = Deed(
                self.name,
                "account",
                object_id=str(self.account_id),
                account_id=self.account_id,
                function=Permission.USER_MANAGE,
                before={"allowed": before},
                after={"allowed": self.required},
            )
            record(work.connection, work.principal, deed)
        return {"required": self.required}


def is_required(engine: Engine, principal: Principal, account_id: int) -> bool:
    """By the account itself, of whoever runs it."""
    with reading(engine, principal.looking_at((account_id,)), Permission.USER_MANAGE) as connection:
        return bool(connection.scalar(select(Account.second_factor_for_paa).where(Account.id == account_id)))
