"""What must be true of several fields of a request together."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from rules.errors import Invalid
from rules.fields import Values
from rules.money import CURRENCIES
from rules.words import N_

LONGEST_VISIT = timedelta(days=14)
_EMAIL = re.compile(r"[^@\s]{1,64}@(?:[\w-]+\.)+[\w-]{2,}")


def looks_like_email(text: str) -> bool:
    """Good enough to send to; whether somebody reads it, the confirmation tells."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


def ends_after_it_starts(values: Values) -> list[Invalid]:
    start, end = values.get("starts_at"), values.get("ends_at")
    if start is None or end is None:
        return []
    if end <= start:
        return [Invalid(N_("The visit must end after it begins."), "ends_at")]
    if end - start > LONGEST_VISIT:
        return [Invalid(N_("At most 14 days. For a longer stay, plan a second visit."), "ends_at")]
    return []


def visitors_can_be_reached(values: Values) -> list[Invalid]:
    found = []
    for number, visitor in enumerate(values.get("visitors") or ()):
        if not visitor.get("email") and not visitor.get("mobile"):
            found.append(Invalid(N_("Give an e-mail address or a mobile number."), f"visitors.{number}.email"))
        elif visitor.get("email") and not looks_like_email(visitor["email"]):
            found.append(Invalid(N_("This is no e-mail address."), f"visitors.{number}.email"))
    return found


def value_with_currency(values: Values) -> list[Invalid]:
    amount, currency = values.get("declared_value"), values.get("currency")
    if amount is None:
        return (
            [Invalid(N_("Insured for how much? Declare the value."), "declared_value")] if values.get("insured") else []
        )
    if currency is None:
        return [Invalid(N_("In which currency?"), "currency")]
    if round(Decimal(str(amount)), CURRENCIES.get(currency, 2)) != Decimal(str(amount)):
        return [Invalid(N_("This currency has fewer decimals."), "declared_value")]
    return []
