"""Who asks: the person behind a request, what they hold, and for which accounts they are looking right now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from rules.errors import Forbidden
from rules.looks import Theme
from rules.permissions import CUSTOMER_FUNCTIONS, STAFF_FUNCTIONS, Permission, StaffRole


class PersonKind(StrEnum):
    """A customer belongs to accounts by membership; staff work for the operator."""

    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True)
class AccountRef:
    """An account as pages name it: its id, the id in URLs, code and name; `is_paa` if this person runs it."""

    id: int
    uuid: UUID
    code: str
    name: str
    parent_id: int | None = None
    is_paa: bool = False


@dataclass(frozen=True)
class Grant:
    """One function for one account, at some sites or (None) at all of them."""

    account_id: int
    permission: Permission
    site_ids: frozenset[int] | None = None


@dataclass(frozen=True)
class Principal:
    """A signed-in person. The database asks the token again at every statement; this is what pages may offer."""

    person_id: int
    person_uuid: UUID
    email: str
    name: str
    kind: PersonKind
    token: str = field(repr=False)
    role: StaffRole | None = None
    language: str | None = None
    time_zone: str | None = None
    theme: Theme | None = None
    accounts: tuple[AccountRef, ...] = ()
    chosen: tuple[int, ...] = ()
    #: What they chose last, in whatever browser; nothing: all of them (rules/looking.py).
    remembered: tuple[int, ...] = ()
    grants: frozenset[Grant] = frozenset()
    #: What a session delegated to a job is narrowed to; None: they are there themselves, with all that is theirs.
    functions: frozenset[Permission] | None = None
    #: From where they ask, as far as it is known: the audit log keeps it.
    address: str | None = field(default=None, repr=False)

    @property
    def is_staff(self) -> bool:
        return self.kind is PersonKind.STAFF

    def may(self, permission: Permission, account_id: int | None = None) -> bool:
        """Is this function theirs, for that account or (None) for any of the accounts chosen now?"""
        if not self._lends(permission):
            return False
        if self.role is not None:
            within_reach = account_id is None or self._reaches(account_id)
            return permission in STAFF_FUNCTIONS[self.role] and within_reach
        wanted = self.chosen if account_id is None else (account_id,)
        return any(self._holds(permission, wanted_id) for wanted_id in wanted)

    def sites(self, permission: Permission, account_id: int) -> frozenset[int] | None:
        """The sites at which they hold the function: None means all, an empty set none."""
        if self.role is not None or account_id in self._run:
            return None if self.may(permission, account_id) else frozenset()
        if not self._lends(permission):
            return frozenset()
        held = [g for g in self.grants if g.permission is permission and g.account_id == account_id]
        if any(grant.site_ids is None for grant in held):
            return None
        return frozenset().union(*(grant.site_ids or () for grant in held))

    def require(self, *permissions: Permission) -> None:
        """Refuse unless at least one of the functions is theirs."""
        if not any(self.may(permission) for permission in permissions):
            raise Forbidden(" or ".join(permissions))

    def looking_at(self, account_ids: tuple[int, ...]) -> Principal:
        """The same person with only these accounts in view; ids they do not reach are dropped."""
        return replace(self, chosen=tuple(i for i in account_ids if self._reaches(i)))

    def anywhere(self) -> Principal:
        """Looking at all they reach: a link to one row is followed whatever is chosen."""
        everything = tuple(account.id for account in self.accounts)
        return self if self.is_staff or everything == self.chosen else self.looking_at(everything)

    def covering(self, permission: Permission) -> Principal:
        """Looking only where they hold the function, of the accounts in view: what a general user may do differs from
        account to account. One's own tickets are seen in one account at a time."""
        if self.is_staff:
            return self
        held = tuple(account_id for account_id in self.chosen if self._holds(permission, account_id))
        held = held[:1] if permission is Permission.TICKET_VIEW_OWN else held
        return self if held == self.chosen else self.looking_at(held)

    @cached_property  # every click asks, and somebody may run a hundred accounts
    def _run(self) -> frozenset[int]:
        return frozenset(account.id for account in self.accounts if account.is_paa)

    @cached_property
    def _held(self) -> frozenset[tuple[Permission, int]]:
        return frozenset((grant.permission, grant.account_id) for grant in self.grants)

    def _holds(self, permission: Permission, account_id: int) -> bool:
        if not self._lends(permission):
            return False
        if account_id in self._run:
            return permission in CUSTOMER_FUNCTIONS
        return (permission, account_id) in self._held

    def _lends(self, permission: Permission) -> bool:
        return self.functions is None or permission in self.functions

    def _reaches(self, account_id: int) -> bool:
        if self.role is not None and self.role is not StaffRole.ACCOUNT_MANAGER:
            return True  # these roles work for all accounts, within what their functions name
        return any(account.id == account_id for account in self.accounts)
