"""Customers' accounts as staff see to them: the list, what stands in one, and the commands that change it."""

from data.accounts.changing import (
    AssignManager,
    ChangeAccount,
    CloseAccount,
    CreateAccount,
    MoveAccount,
    ReopenAccount,
    UnassignManager,
)
from data.accounts.listing import ACCOUNTS
from data.accounts.reading import (
    Account,
    AccountPerson,
    AccountRef,
    Manager,
    Moved,
    get_account,
    managers_to_choose,
    places_to_choose,
    what_moves,
)

__all__ = [
    "ACCOUNTS", "Account", "AccountPerson", "AccountRef", "AssignManager", "ChangeAccount", "CloseAccount",
    "CreateAccount", "Manager", "MoveAccount", "Moved", "ReopenAccount", "UnassignManager",
    "get_account", "managers_to_choose", "places_to_choose", "what_moves",
]  # fmt: skip
