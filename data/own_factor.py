"""Whether those who run an account need a second factor: decided by one of them, who has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Engine, select, text

from data.account_rules import AccountRule
from data.commands import Work
from data.database import reading
from data.models import Account
from rules.errors import Invalid
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_


@dataclass(frozen=True)
class RequireSecondFactor(AccountRule):
    """From the next click on, whoever runs the account needs one; who has none sets it up when they sign in again."""

    name: ClassVar = "account.second_factor"
    needs_proof: ClassVar = True
    rule: ClassVar = Account.second_factor_for_paa

    required: bool

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        if not work.connection.scalar(text("select authz.has_factor()")):
            raise Invalid(N_("Set up a second factor for yourself first, under Settings."), "required")
        self.set_to(work, self.required)
        return {"required": self.required}


def is_required(engine: Engine, principal: Principal, account_id: int) -> bool:
    """By the account itself, of whoever runs it."""
    with reading(engine, principal.looking_at((account_id,)), Permission.USER_MANAGE) as connection:
        return bool(connection.scalar(select(Account.second_factor_for_paa).where(Account.id == account_id)))
