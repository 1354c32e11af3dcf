"""Which of their accounts somebody looks at, as an address says it: `accounts=ACME-SEOUL,ACME-OSAKA`, or `all`."""

from __future__ import annotations

import re
from uuid import UUID

from rules.principal import AccountRef, Principal

#: The parameter's name; it stands on every page of somebody who has several accounts.
PARAMETER = "accounts"
ALL = "all"
_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


def looking_at(principal: Principal, said: str | None) -> Principal:
    """Only what they reach: a word that names none of it is dropped, as what does not exist. Where nothing is left, it
    is what they chose last, and else everything."""
    if principal.is_staff or len(principal.accounts) < 2:
        return principal
    if said == ALL:
        return principal.anywhere()
    words = set((said or "").split(","))
    named = tuple(account.id for account in principal.accounts if word_of(account) in words)
    last = tuple(account.id for account in principal.accounts if account.id in principal.remembered)
    wanted = named or last
    if not wanted:
        return principal.anywhere()
    return principal if wanted == principal.chosen else principal.looking_at(wanted)


def looking_at_one(principal: Principal, code: str | None) -> Principal:
    """The customer as they look at the one account of this code, if it is one of those in view."""
    named = tuple(a.id for a in principal.accounts if a.code == code and a.id in principal.chosen)
    return principal.looking_at(named) if named and not principal.is_staff else principal


def said_of(principal: Principal) -> str:
    """What an address says of the accounts in view."""
    if len(principal.chosen) == len(principal.accounts):
        return ALL
    return ",".join(word_of(account) for account in principal.accounts if account.id in principal.chosen)


def word_of(account: AccountRef) -> str:
    return word_for(account.code, account.uuid)


def word_for(code: str, uuid: UUID | str) -> str:
    """An account's code, unless that could not stand there."""
    return code if _CODE.fullmatch(code) and code != ALL else str(uuid)
