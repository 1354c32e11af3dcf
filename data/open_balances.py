"""Money that is still owed, as the tally of invoices knows it; days are the issuer's (SPEC §6)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, FromClause, and_, case, cast, func, select

from data.models import InvoiceTally, LegalEntity
from rules.money import BUCKET_DAYS, OPEN_STATES, AgeingBucket, InvoiceType

_tally = InvoiceTally.__table__
#: Materialized, so that the zone is reckoned once for each issuer and not for each row of the tally.
_issuer = (
    select(LegalEntity.id, cast(func.timezone(LegalEntity.time_zone, func.now()), Date).label("today"))
    .cte("issuer")
    .prefix_with("materialized")
)

#: Not by the balance: one row of a tally may be a correction below zero, only the sum of a group is an amount.
IS_OWED: ColumnElement[bool] = and_(_tally.c.state.in_(sorted(OPEN_STATES)), _tally.c.type == InvoiceType.INVOICE)
#: How many invoices.
COUNT: ColumnElement[int] = cast(func.sum(_tally.c.n), BigInteger)
#: Today at the issuing entity of a row.
ISSUERS_DAY: ColumnElement[Any] = _issuer.c.today
OVERDUE: ColumnElement[bool] = _tally.c.due < ISSUERS_DAY

_days_past_due = ISSUERS_DAY - _tally.c.due
#: The ageing bucket of a row of the tally; what is disputed stands beside the ages.
BUCKET = case(
    (_tally.c.disputed, AgeingBucket.DISPUTED),
    *((last >= _days_past_due, bucket) for bucket, (_first, last) in BUCKET_DAYS.items() if last is not None),
    else_=next(bucket for bucket, (_first, last) in BUCKET_DAYS.items() if last is None),
)


def with_issuer() -> FromClause:
    """The tally beside its issuers, whose day it is."""
    return _tally.join(_issuer, _issuer.c.id == _tally.c.issuer_id)
