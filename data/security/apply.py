"""Applies all of it, as often as one likes: helper functions, triggers, policies, grants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from data.imports import LOCK as IMPORT_LOCK
from data.imports.written_down import function_sql
from data.models.rows import Hat
from data.security.fillings import FILLINGS
from data.security.policies import policy_sql
from data.security.roles import APP, AUTH, AUTHZ, OWNER
from data.security.triggers import trigger_sql
from rules.permissions import Permission
from rules.request_types import REQUEST_TYPES

HERE = Path(__file__).parent

#: Functions that policies and pages call; all others are for the helpers themselves.
FOR_HATS = (
    "me()", "in_person()", "account(text)", "accounts(text)", "everywhere(text)", "places(text)", "staff(text)",
    "managed(text)", "guards()", "place_guards()", "proved()", "has_factor()", "key_team()", "words(text)",
    "may_try_parcel(text)",
    "claim_parcel(text, text, text)",
    "assign_parcel(uuid, bigint, bigint, text, text)",
    "apply_rights(uuid, bigint, text, jsonb, text, text, text)", "disable_person(uuid, bigint, text, text)",
    "enable_person(uuid, bigint, text)", "sign_ins_of(uuid)", "end_sessions_of(uuid, text)",
    "add_staff(text, text, text, bytea, jsonb, text, text)", "set_staff_roles(uuid, bigint, text[], text)",
    "invite(bigint, uuid, text, text, text, text, jsonb, text, text)", "resend_invitation(uuid, bigint, text, text)",
    "revoke_invitation(uuid, bigint, text, text)", "administrators_above()", "ask_administrators(text, text)",
    "hand_over(uuid, bigint, text, bytea, text)", "hold_invoices(uuid[])", "bank_details(uuid)",
    "import_billing(jsonb, jsonb, jsonb, boolean, text, text, text)",
    "write_bank_details(uuid, bigint, text, text, text)",
    "preview_reminder(bigint)", "remind(bigint, boolean, text, text)",
    "open_dispute(uuid, bigint[], text, numeric, text, text)",
    "say_in_dispute(uuid, text, text, bigint, numeric, text)", "find_dispute(text[])",
    "left_to_credit(bigint, bigint)",
    "who_may_take_part()", "who_takes_part(uuid)", "thread_is_about(uuid)",
    "start_thread(text, text, uuid, text, text, uuid[], text)", "say_in_thread(uuid, text, text)",
    "read_thread(uuid, timestamp with time zone)", "count_recipients(uuid[], text)",
    "who_may_join(uuid)", "add_to_thread(uuid, uuid[], text)",
    "begin_broadcast(text, text, text, uuid[])",
    "send_broadcast_to(uuid, uuid, text)", "send_feedback(integer, text, text)",
    "write_notice(uuid, bigint, jsonb, bigint[], bigint[])", "publish_notice(uuid, bigint)",
    "add_to_notice(uuid, bigint, text, jsonb, boolean, timestamp with time zone, timestamp with time zone)",
    "withdraw_notice(uuid, bigint)",
    "reach_of_notice(boolean, bigint[], bigint[])",
)  # fmt: skip

#: Functions for the worker's hat alone: they answer for anybody.
FOR_WORKER = (
    "forget_signing_in()", "letter(bigint)", "followers(bigint, bigint)", "desk_and_managers(bigint)",
    "seal_audit(integer)", "link_of_invitation(bigint, bytea)", "letter_of_dispute(bigint)",
    "begin_report(bigint, timestamp with time zone, bytea, text)", "note_reading(bigint, bytea, bigint[])",
    "finish_report(bigint, bytea, text, bigint, timestamp with time zone, bigint[], text, bytea, text)",
    "letter_of_message(bigint)",
    "way_of(bigint, text)",
    "mail_notices(integer, text)", "letter_of_notice(bigint, text)", "say_overdue(integer)",
)  # fmt: skip

#: In schema signin, for its other functions alone: they take a person, or a proof, from whoever asks.
WITHIN_SIGN_IN = (
    "accounts_of", "count", "facts_of", "has_factor", "hold_tries", "invitation_says", "keep_factor",
    "linked_invitation", "live_link", "must_have_factor", "person_behind", "still_works_as", "take_code",
    "tell_of_factor", "tell_of_password", "too_often", "try_code",
)  # fmt: skip


@dataclass(frozen=True)
class Searchable:
    """A list that can be searched by number and words, and the function that opens it."""

    table: str
    number: str
    function: Permission
    own_function: Permission | None = None
    sited: bool = True
    #: What a row must also be for anybody but the staff of that function.
    shown: str = ""
    #: What staff need who look over all accounts, where that is another function.
    staff_function: Permission | None = None


SEARCHABLE: tuple[Searchable, ...] = (
    Searchable("ticket", "number", Permission.TICKET_VIEW_COMPANY, Permission.TICKET_VIEW_OWN),
    Searchable("invoice", "number", Permission.INVOICE_VIEW, sited=False, shown="t.state <> 'draft'"),
    Searchable("service_order", "number", Permission.ORDER_VIEW),
    Searchable("inventory_item", "asset_number", Permission.INVENTORY_VIEW),
    Searchable(
        "audit_entry",
        "object_label",
        Permission.USER_MANAGE,
        sited=False,
        shown="t.audience = 'customer'",
        staff_function=Permission.AUDIT_READ,
    ),
)


def apply_security(connection: Connection) -> None:
    """One transaction: either the whole of it stands, or what stood before."""
    as_role(connection, AUTHZ, _helper_sql())
    functions, triggers = zip(*trigger_sql(), strict=True)
    as_role(connection, AUTHZ, (sql for sql in functions if sql))
    as_role(connection, AUTHZ, _function_grants())
    as_role(connection, OWNER, triggers)
    as_role(connection, OWNER, policy_sql())
    as_role(connection, OWNER, _owner_function_grants())


def as_role(connection: Connection, role: str, statements: Iterator[str] | tuple[str, ...]) -> None:
    connection.execute(text(f"set local role {role}"))
    for statement in statements:
        connection.exec_driver_sql(statement.replace("%", "%%"))
    connection.execute(text("reset role"))


def _helper_sql() -> Iterator[str]:
    for name, values in FILLINGS.items():
        yield _filled(name, values)
    yield function_sql(IMPORT_LOCK)
    for searchable in SEARCHABLE:
        yield _find_sql(searchable)


def _find_sql(searchable: Searchable) -> str:
    own = f"'{searchable.own_function}'" if searchable.own_function else "null::text"
    narrowed = "and (sites is null or t.site_id = any (sites))" if searchable.sited else ""
    if searchable.own_function:
        narrowed += " and (requester is null or t.requested_by = requester)"
    if searchable.shown:
        narrowed += f" and {searchable.shown}"
    filled = {
        "table": searchable.table,
        "number": searchable.number,
        "function": searchable.function,
        "own_function": own,
        "staff_function": searchable.staff_function or searchable.function,
        "sited": str(searchable.sited).lower(),
        "narrowed": narrowed,
    }
    return _filled("find.sql", filled)


def _filled(name: str, values: Mapping[str, str]) -> str:
    sql = (HERE / name).read_text(encoding="utf-8")
    for placeholder, value in values.items():
        sql = sql.replace(f"{{{placeholder}}}", value)
    return sql


def _function_grants() -> Iterator[str]:
    hats = ", ".join(Hat)
    yield "alter default privileges for role portal_authz revoke execute on functions from public"
    yield "revoke all on all functions in schema authz from public"
    yield "revoke all on all functions in schema signin from public"
    for name in (*FOR_HATS, *(f"find_{s.table}(text, integer)" for s in SEARCHABLE)):
        yield f"grant execute on function authz.{name} to {hats}, {OWNER}"
    for name in FOR_WORKER:
        yield f"grant execute on function authz.{name} to {Hat.WORKER}"
    yield f"grant execute on all functions in schema authz to {OWNER}"
    yield f"grant execute on function authz.me() to {APP}"  # asked in the statement that puts a hat on
    yield f"grant execute on all functions in schema signin to {AUTH}"
    for name in WITHIN_SIGN_IN:
        yield f"revoke execute on function signin.{name} from {AUTH}"


def _owner_function_grants() -> Iterator[str]:
    """Generated columns run as whoever writes the row."""
    yield "alter default privileges for role portal_owner revoke execute on functions from public"
    yield "revoke all on all functions in schema portal from public"
    yield f"grant select on portal.alembic_version to {AUTHZ}"  # for /readyz
    yield f"grant execute on all functions in schema portal to {AUTHZ}, {', '.join(Hat)}"
    for kind in REQUEST_TYPES.values():
        yield f"grant usage on sequence portal.ticket_number_{kind.prefix.lower()} to {AUTHZ}"
