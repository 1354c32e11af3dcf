"""What the SQL of this folder leaves open, filled in from the rules: each is said once, there."""

from __future__ import annotations

from collections.abc import Mapping

from data.models.base import quoted
from data.security.chain import CANONICAL
from rules import disputes, feedback, messages, notices
from rules.access import GIVEN
from rules.accounts import LEVELS, LONGEST_REASON, SHORTEST_REASON
from rules.invoice_moves import BY_MONEY, all_steps
from rules.lifecycle import DONE, all_moves
from rules.locations import LONGEST_BANK_DETAILS
from rules.money import NAMED_IN_REMINDER, OPEN_STATES, REMINDED_EVERY, WHOLE
from rules.permissions import CUSTOMER_FUNCTIONS, PRESETS, SITED, STAFF_FUNCTIONS, Permission
from rules.request_types import REQUEST_TYPES
from rules.schedules import TRIES

_ROLES = " ".join(
    f"when '{role}' then function_name = any (array[{quoted(sorted(held))}])" for role, held in STAFF_FUNCTIONS.items()
)
_PREFIXES = " ".join(f"when '{each.kind}' then '{each.prefix}'" for each in REQUEST_TYPES.values())
_PRESETS = " ".join(f"when '{name}' then array[{quoted(sorted(held))}]" for name, held in PRESETS.items())
_DESKS = " ".join(
    f"when '{desk}' then authz.holds(person, account, '{function}')" for desk, function in messages.ASKS_FOR.items()
)
_IN_FORCE = quoted(sorted(OPEN_STATES))

#: File → its placeholders, in the order in which they are applied: what a function calls is made before it.
FILLINGS: Mapping[str, Mapping[str, str]] = {
    "helpers.sql": {
        "customer_functions": quoted(CUSTOMER_FUNCTIONS),
        "all_functions": quoted(Permission),
        "role_cases": _ROLES,
    },
    "triggers.sql": {"prefix_cases": _PREFIXES, "moves": quoted(all_moves()), "done": quoted(sorted(DONE))},
    "audit.sql": {"canonical": CANONICAL},
    "signin.sql": {},
    "invitations.sql": {"given": quoted(sorted(GIVEN)), "sited": quoted(sorted(SITED))},
    "administrators.sql": {"preset_cases": _PRESETS},
    "second_factor.sql": {},
    "sign_on.sql": {},
    "news.sql": {},
    "notices.sql": {
        "in_force": _IN_FORCE,
        "written": quoted(notices.WRITTEN),
        "languages": quoted(notices.OTHER_LANGUAGES),
        "longest_title": str(notices.LONGEST_TITLE),
        "longest_body": str(notices.LONGEST_BODY),
        "most_sites": str(notices.MOST_SITES),
        "most_accounts": str(notices.MOST_ACCOUNTS),
    },
    "letters.sql": {},
    "delegated.sql": {"tries": str(TRIES)},
    "parcels.sql": {},
    "documents.sql": {},
    "sites.sql": {"longest_bank_details": str(LONGEST_BANK_DETAILS)},
    "disputes.sql": {
        "going_on": quoted(sorted(disputes.GOING_ON)),
        "disputable": quoted(sorted(disputes.DISPUTABLE)),
        "dispute_moves": quoted(disputes.all_moves()),
        "whole": quoted(WHOLE),
    },
    "staff.sql": {
        "levels": str(LEVELS),
        "shortest_reason": str(SHORTEST_REASON),
        "longest_reason": str(LONGEST_REASON),
        "customer_functions": quoted(CUSTOMER_FUNCTIONS),
        "sited": quoted(sorted(SITED)),
    },
    "messages.sql": {
        "asks_for": _DESKS,
        "most_begun": str(messages.MOST_BEGUN),
        "most_accounts": str(messages.MOST_ACCOUNTS),
        "most_feedback": str(feedback.MOST_SENT),
    },
    "money.sql": {
        "steps": quoted(all_steps()),
        "whole": quoted(WHOLE),
        "in_force": _IN_FORCE,
        "by_money": quoted(sorted(BY_MONEY)),
    },
    "reminders.sql": {"in_force": _IN_FORCE, "named": str(NAMED_IN_REMINDER), "days": str(REMINDED_EVERY.days)},
}
