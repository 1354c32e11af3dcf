"""Access rights (SPEC §3): what somebody is to an account, what they may do there and where, and its changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rules.errors import Invalid
from rules.permissions import CUSTOMER_FUNCTIONS, PRESETS, SITED, Permission
from rules.words import N_

#: Function → the sites where it is held; None: at all of them.
Rights = Mapping[Permission, frozenset[int] | None]

#: What an administrator can give; managing users comes with being one.
GIVEN: tuple[Permission, ...] = tuple(f for f in CUSTOMER_FUNCTIONS if f is not Permission.USER_MANAGE)


class MemberRole(StrEnum):
    """The administrator of an account holds all functions; a general user those that were granted."""

    PAA = "paa"
    GENERAL = "general"


@dataclass(frozen=True)
class Access:
    """What somebody is to an account, and what a general user may do there."""

    role: MemberRole
    rights: Rights

    @property
    def preset(self) -> str | None:
        """The name of the preset that says the same; None where none does."""
        everywhere = all(sites is None for sites in self.rights.values())
        named = (name for name, functions in PRESETS.items() if functions == self.rights.keys())
        return next(named, None) if everywhere else None


@dataclass(frozen=True)
class Change:
    """One function that is given, taken, or held elsewhere from now on; `sites` as it will be."""

    function: Permission
    is_given: bool
    sites: frozenset[int] | None = None


def changes(before: Rights, after: Rights) -> tuple[Change, ...]:
    """In the order of the functions."""
    found = []
    for function in GIVEN:
        if function in after and (function not in before or before[function] != after[function]):
            found.append(Change(function, True, after[function]))
        elif function in before and function not in after:
            found.append(Change(function, False))
    return tuple(found)


def check_access(access: Access) -> None:
    """Invalid where it says what cannot be granted."""
    if access.role is MemberRole.PAA and access.rights:
        raise Invalid(N_("An administrator holds all functions: nothing is granted to them one by one."), "role")
    for function, sites in access.rights.items():
        if function not in GIVEN:
            raise Invalid(N_("This function cannot be granted."), function)
        if sites is not None and function not in SITED:
            raise Invalid(N_("This function holds for the whole account, not for single sites."), function)
        if sites is not None and not sites:
            raise Invalid(N_("Choose at least one site, or all of them."), function)
