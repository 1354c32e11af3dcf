"""Where somebody runs several accounts: each in a line, with who runs it and how many belong to it or are invited."""

from __future__ import annotations

import streamlit as st

from data.administrators import Administered, list_administered
from data.engines import app_engine
from rules.principal import Principal
from ui import look, table
from ui.asking import page_turner, rows_on_page
from ui.in_view import ACCOUNT
from ui.text import NOTHING, _

#: So many on a page of it: the people below stay in reach.
SIZE = 10


def accounts_card(principal: Principal) -> None:
    """Nothing where one account is in view: there the page is about it."""
    if principal.is_staff or len(principal.chosen) < 2:
        return
    with look.card(_("Accounts"), key="access-accounts"):
        rows, pages = rows_on_page(list_administered(app_engine(), principal), SIZE)
        table.show(
            {
                "name": table.link(_("Account"), [row.name for row in rows], lambda at: _open(rows[at]), width=220),
                "runs": table.words(_("Administrators"), [_who_runs(row) for row in rows], 420),
                "people": table.counts(_("People"), [row.people for row in rows], 90),
                "invited": table.counts(_("Invitations"), [row.invited for row in rows], 110),
                "code": table.words(_("Code"), [row.code for row in rows], 150),
            },
            key="access.accounts",
            label=_("Accounts"),
        )
        page_turner(pages)


def _who_runs(account: Administered) -> str:
    """Its own first, then those from above with the account that makes them so."""
    from_above = (f"{name} ({above})" for name, above in account.above)
    return ", ".join((*account.administrators, *from_above)) or NOTHING


def _open(account: Administered) -> None:
    st.query_params[ACCOUNT] = account.code
