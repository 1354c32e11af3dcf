"""Money that is still owed, as the tally of invoices knows it; days are the issuer's (SPEC §6)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, cast, func, select

from data.invoice_states import TODAY, ageing_of, is_open
from data.models import InvoiceTally, LegalEntity

_tally = InvoiceTally.__table__
#: Materialized, so that the zone is reckoned once for each issuer and not for each row of the tally.
_issuer = select(LegalEntity.id, TODAY.label("today")).cte("issuer").prefix_with("materialized")

IS_OWED: ColumnElement[bool] = is_open(_tally)
#: How many invoices.
COUNT: ColumnElement[int] = cast(func.sum(_tally.c.n), BigInteger)
#: Today at the issuing entity of a row.
ISSUERS_DAY: ColumnElement[Any] = _issuer.c.today
OVERDUE: ColumnElement[bool] = _tally.c.due < ISSUERS_DAY
#: The ageing bucket of a row of the tally.
BUCKET: ColumnElement[str] = ageing_of(_tally, _tally.c.due, ISSUERS_DAY)


def with_issuer() -> FromClause:
    """The tally beside its issuers, whose day it is."""
    return _tally.join(_issuer, _issuer.c.id == _tally.c.issuer_id)
