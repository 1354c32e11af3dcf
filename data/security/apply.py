"""Applies all of it, as often as one likes: helper functions, triggers, policies, grants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from data.models.rows import Hat
from data.security.chain import CANONICAL
from data.security.policies import policy_sql
from data.security.roles import APP, AUTH, AUTHZ, OWNER
from data.security.triggers import trigger_sql
from rules import disputes, feedback, messages, notices
from rules.access import GIVEN
from rules.accounts import LEVELS, LONGEST_REASON, SHORTEST_REASON
from rules.invoice_moves import all_steps
from rules.lifecycle import DONE, all_moves
from rules.locations import LONGEST_BANK_DETAILS
from rules.money import CURRENCIES, NAMED_IN_REMINDER, REMINDED_EVERY, WHOLE
from rules.permissions import CUSTOMER_FUNCTIONS, PRESETS, SITED, STAFF_FUNCTIONS, Permission
from rules.request_types import REQUEST_TYPES
from rules.schedules import TRIES

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
    "write_bank_details(uuid, bigint, text, text, text)",
    "preview_reminder(bigint)", "remind(bigint, boolean, text, text)",
    "open_dispute(uuid, bigint[], text, numeric, text, text)",
    "say_in_dispute(uuid, text, text, bigint, numeric, text)",
    "who_may_take_part()", "who_takes_part(uuid)", "thread_is_about(uuid)",
    "start_thread(text, text, uuid, text, text, uuid[], text)", "say_in_thread(uuid, text, text)",
    "read_thread(uuid, timestamp with time zone)", "count_recipients(uuid[], text)",
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
    "linked_invitation", "live_link", "must_have_factor", "person_behind", "take_code", "tell_of_factor",
    "tell_of_password", "too_often", "try_code",
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
    quoted = ", ".join(f"'{function}'" for function in CUSTOMER_FUNCTIONS)
    cases = " ".join(
        f"when '{role}' then function_name = any (array[{', '.join(repr(str(p)) for p in sorted(held))}])"
        for role, held in STAFF_FUNCTIONS.items()
    )
    everything = ", ".join(f"'{function}'" for function in Permission)
    yield _filled("helpers.sql", {"{customer_functions}": quoted, "{all_functions}": everything, "{role_cases}": cases})
    prefixes = " ".join(f"when '{t.kind}' then '{t.prefix}'" for t in REQUEST_TYPES.values())
    yield _filled(
        "triggers.sql", {"{prefix_cases}": prefixes, "{moves}": _quoted(all_moves()), "{done}": _quoted(sorted(DONE))}
    )
    yield _filled("audit.sql", {"{canonical}": CANONICAL})
    yield (HERE / "signin.sql").read_text(encoding="utf-8")
    yield _filled("invitations.sql", {"{given}": _quoted(sorted(GIVEN)), "{sited}": _quoted(sorted(SITED))})
    presets = " ".join(f"when '{name}' then array[{_quoted(sorted(held))}]" for name, held in PRESETS.items())
    yield _filled("administrators.sql", {"{preset_cases}": presets})
    yield (HERE / "second_factor.sql").read_text(encoding="utf-8")
    yield (HERE / "sign_on.sql").read_text(encoding="utf-8")
    yield (HERE / "news.sql").read_text(encoding="utf-8")
    yield _filled(
        "notices.sql",
        {
            "{written}": _quoted(notices.WRITTEN),
            "{languages}": _quoted(notices.OTHER_LANGUAGES),
            "{longest_title}": str(notices.LONGEST_TITLE),
            "{longest_body}": str(notices.LONGEST_BODY),
            "{most_sites}": str(notices.MOST_SITES),
            "{most_accounts}": str(notices.MOST_ACCOUNTS),
        },
    )
    yield (HERE / "letters.sql").read_text(encoding="utf-8")
    yield _filled("delegated.sql", {"{tries}": str(TRIES)})
    yield (HERE / "parcels.sql").read_text(encoding="utf-8")
    yield (HERE / "documents.sql").read_text(encoding="utf-8")
    yield _filled("sites.sql", {"{longest_bank_details}": str(LONGEST_BANK_DETAILS)})
    yield _filled(
        "disputes.sql",
        {
            "{going_on}": _quoted(sorted(disputes.GOING_ON)),
            "{disputable}": _quoted(sorted(disputes.DISPUTABLE)),
            "{dispute_moves}": _quoted(disputes.all_moves()),
            "{whole}": _quoted(currency for currency, decimals in CURRENCIES.items() if decimals == 0),
        },
    )
    yield _filled(
        "staff.sql",
        {
            "{levels}": str(LEVELS),
            "{shortest_reason}": str(SHORTEST_REASON),
            "{longest_reason}": str(LONGEST_REASON),
            "{customer_functions}": quoted,
            "{sited}": _quoted(sorted(SITED)),
        },
    )
    asked = " ".join(
        f"when '{desk}' then authz.holds(person, account, '{function}')" for desk, function in messages.ASKS_FOR.items()
    )
    yield _filled(
        "messages.sql",
        {
            "{asks_for}": asked,
            "{most_begun}": str(messages.MOST_BEGUN),
            "{most_accounts}": str(messages.MOST_ACCOUNTS),
            "{most_feedback}": str(feedback.MOST_SENT),
        },
    )
    yield _filled("money.sql", {"{steps}": _quoted(all_steps()), "{whole}": _quoted(WHOLE)})
    yield _filled("reminders.sql", {"{named}": str(NAMED_IN_REMINDER), "{days}": str(REMINDED_EVERY.days)})
    for searchable in SEARCHABLE:
        yield _find_sql(searchable)


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _find_sql(searchable: Searchable) -> str:
    own = f"'{searchable.own_function}'" if searchable.own_function else "null::text"
    narrowed = "and (sites is null or t.site_id = any (sites))" if searchable.sited else ""
    if searchable.own_function:
        narrowed += " and (requester is null or t.requested_by = requester)"
    if searchable.shown:
        narrowed += f" and {searchable.shown}"
    filled: dict[str, str] = {
        "{table}": searchable.table,
        "{number}": searchable.number,
        "{function}": searchable.function,
        "{own_function}": own,
        "{staff_function}": searchable.staff_function or searchable.function,
        "{sited}": str(searchable.sited).lower(),
        "{narrowed}": narrowed,
    }
    return _filled("find.sql", filled)


def _filled(name: str, values: dict[str, str]) -> str:
    sql = (HERE / name).read_text(encoding="utf-8")
    for placeholder, value in values.items():
        sql = sql.replace(placeholder, value)
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
