"""A yes or no for a whole account, which whoever runs it says: one way to reach it, to change it and to note it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import InstrumentedAttribute

from data.audit import Deed, record
from data.commands import Command, Work
from data.models import Account
from rules.errors import NotFound
from rules.permissions import Permission
from rules.principal import Principal


@dataclass(frozen=True)
class AccountRule(Command):
    """One command each; `rule` is the account's column."""

    rule: ClassVar[InstrumentedAttribute[bool]]

    account_id: int

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        if self.account_id not in principal.chosen:
            raise NotFound(str(self.account_id))
        who = principal.looking_at((self.account_id,))
        who.require(Permission.USER_MANAGE)
        return who, Permission.USER_MANAGE

    def set_to(self, work: Work, wanted: bool) -> None:
        """Noted only where it changes something."""
        rule, mine = type(self).rule, Account.id == self.account_id
        before = work.connection.execute(select(rule).where(mine).with_for_update()).scalar_one()
        if before == wanted:
            return
        work.connection.execute(update(Account).where(mine).values({rule: wanted, "version": Account.version + 1}))
        deed = Deed(
            self.name,
            "account",
            object_id=str(self.account_id),
            account_id=self.account_id,
            function=Permission.USER_MANAGE,
            before={"allowed": before},
            after={"allowed": wanted},
        )
        record(work.connection, work.principal, deed)
