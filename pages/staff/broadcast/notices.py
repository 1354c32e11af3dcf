"""Notices that staff write: what goes on now, as the bell of those who work here shows it."""

from __future__ import annotations

from data.engines import app_engine
from data.notices import NoticeCategory, NoticesAsked, list_notices
from pages.portal.notices import notice_table
from rules.principal import Principal
from ui import look
from ui.text import reader

#: What staff publish; the other categories are the portal's own.
WRITTEN = (NoticeCategory.INCIDENT, NoticeCategory.MAINTENANCE, NoticeCategory.ADVISORY)


def show(principal: Principal) -> None:
    found = list_notices(app_engine(), principal, NoticesAsked(WRITTEN), language=reader().language)
    with look.card(key="written"):
        notice_table(found.rows)
