"""Who may see and write the rows of a table: a small vocabulary, which data/security turns into policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rules.permissions import SITED, Permission


class Hat(StrEnum):
    """The database roles a request can put on; each has its own policy on each table, so nothing is OR'ed."""

    CUSTOMER = "portal_customer"
    OWN = "portal_customer_own"
    MANY = "portal_customer_many"
    STAFF = "portal_staff"
    MANAGER = "portal_manager"
    WORKER = "portal_worker"


CUSTOMER_HATS = (Hat.CUSTOMER, Hat.OWN, Hat.MANY)
PEOPLE_HATS = (*CUSTOMER_HATS, Hat.STAFF, Hat.MANAGER)


@dataclass(frozen=True)
class Write:
    """A hat's right to insert or update these columns of rows that satisfy the check."""

    columns: tuple[str, ...]
    check: str


@dataclass(frozen=True)
class Rows:
    """One table: hat → condition for seeing a row, and for writing it. No entry: the hat has no grant at all."""

    see: Mapping[Hat, str] = field(default_factory=dict)
    insert: Mapping[Hat, Write] = field(default_factory=dict)
    update: Mapping[Hat, Write] = field(default_factory=dict)
    delete: Mapping[Hat, str] = field(default_factory=dict)
    #: Columns a hat may read; absent = all of them.
    columns: Mapping[Hat, tuple[str, ...]] = field(default_factory=dict)

    def plus(
        self,
        *,
        see: Mapping[Hat, str] | None = None,
        insert: Mapping[Hat, Write] | None = None,
        update: Mapping[Hat, Write] | None = None,
        delete: Mapping[Hat, str] | None = None,
        columns: Mapping[Hat, tuple[str, ...]] | None = None,
    ) -> Rows:
        """The same declaration with more in it."""
        return Rows(
            see={**self.see, **(see or {})},
            insert={**self.insert, **(insert or {})},
            update={**self.update, **(update or {})},
            delete={**self.delete, **(delete or {})},
            columns={**self.columns, **(columns or {})},
        )


ME = "(select authz.me())"
#: Nobody signs with another's name.
MY_NAME = "exists (select from portal.person me where me.id = {me} and me.name = {said})"
#: Stands in every policy by which people change rows: nothing that reads for somebody writes for them.
IN_PERSON = "(select authz.in_person())"
SIGNED_IN = f"{ME} is not null"
#: Whoever is alive may put on any of the hats: what is for staff asks for more than that.
IS_STAFF = "(select authz.staff('any'))"
IS_MANAGER = "'manager/any' = any((select authz.guards())::text[])"

#: Rows that a hat writes belong to an account of its own.
OUR_ACCOUNT: Mapping[Hat, str] = {
    Hat.CUSTOMER: "account_id = (select authz.account('any'))",
    Hat.OWN: "account_id = (select authz.account('any'))",
    Hat.MANY: "account_id = any((select authz.accounts('any'))::bigint[])",
    Hat.STAFF: IS_STAFF,
    Hat.MANAGER: "account_id = any((select authz.managed('any'))::bigint[])",
}


def account(function: str) -> str:
    """The account chosen in this transaction, if the person holds the function there; else NULL."""
    return f"(select authz.account('{function}'))"


def several(function: str) -> str:
    """The same of several accounts, to be compared with by `=`."""
    return f"any((select authz.accounts('{function}'))::bigint[])"


def staff(function: str) -> str:
    return f"(select authz.staff('{function}'))"


def at_my_sites(function: Permission) -> str:
    """A filter behind the account. What a helper answers names the account it is about: with `set_config` in the middle
    of a statement one helper can be asked for one account and the next for another, and each answer must be true by
    itself. `case`, because an `or` would make the planner expect hardly any row."""
    everywhere = f"any((select authz.everywhere('{function}'))::bigint[])"
    places = f"any((select authz.places('{function}'))::text[])"
    return f"case when account_id = {everywhere} then true else account_id || '/' || site_id = {places} end"


def guards(kind: str) -> str:
    """Is the function that guards what a row is about (its column `function`, if any) held? `kind` is what stands
    before the function in the answers of authz.guards(): an account's id or '*', 'staff', 'manager'."""
    return f"{kind} || '/' || function = any((select authz.guards())::text[])"


def one_account(function: Permission, *, column: str = "account_id", sited: bool | None = None) -> str:
    filtered = function in SITED if sited is None else sited
    condition = f"{column} = {account(function)}"
    return f"{condition} and {at_my_sites(function)}" if filtered else condition


def many_accounts(function: Permission, *, column: str = "account_id", sited: bool | None = None) -> str:
    filtered = function in SITED if sited is None else sited
    condition = f"{column} = any((select authz.accounts('{function}'))::bigint[])"
    return f"{condition} and {at_my_sites(function)}" if filtered else condition


def managed(function: Permission, *, column: str = "account_id") -> str:
    return f"{column} = any((select authz.managed('{function}'))::bigint[])"


def of_account(function: Permission, *, sited: bool | None = None) -> Rows:
    """Rows of an account behind one function."""
    return Rows(
        see={
            Hat.CUSTOMER: one_account(function, sited=sited),
            Hat.MANY: many_accounts(function, sited=sited),
            Hat.STAFF: staff(function),
            Hat.MANAGER: managed(function),
        }
    )


def following(
    parent: str, *keys: tuple[str, str], hats: tuple[Hat, ...], also: str = "", one_by_one: bool = False
) -> Rows:
    """Rows that are seen exactly by whom their parent row is seen by; `keys` are (own column, parent column).
    `one_by_one`: each parent is looked up, where the planner would rather read all that an account has."""
    joined = " and ".join(f"parent.{theirs} = {parent_own(own)}" for own, theirs in keys)
    condition = f"exists (select from portal.{parent} parent where {joined}{' offset 0' if one_by_one else ''})"
    return Rows(see=dict.fromkeys(hats, f"{condition}{f' and {also}' if also else ''}"))


def parent_own(column: str) -> str:
    """The table's own column inside `following`; policies name the table itself by this placeholder."""
    return f"{{table}}.{column}"


def of_person(column: str = "person_id", *writable: str) -> Rows:
    """Rows that belong to one person, whatever hat they wear."""
    mine = f"{column} = {ME}"
    rows = Rows(see=dict.fromkeys(PEOPLE_HATS, mine))
    if not writable:
        return rows
    write = Write((column, *writable), mine)
    change = Write(writable, mine)
    return rows.plus(
        insert=dict.fromkeys(PEOPLE_HATS, write),
        update=dict.fromkeys(PEOPLE_HATS, change),
        delete=dict.fromkeys(PEOPLE_HATS, mine),
    )


def reference(*more: Hat) -> Rows:
    """The same for everyone who is signed in, such as the list of sites."""
    return Rows(see={**dict.fromkeys(PEOPLE_HATS, SIGNED_IN), **dict.fromkeys(more, "true")})


def nobody() -> Rows:
    """Only owner, helper functions and backup reach it."""
    return Rows()
