"""What a page looks like when nobody thinks of a million rows: the whole table kept, and filtered in pandas."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from sqlalchemy import create_engine, text

from data.settings import settings

PAGE = 25


@st.cache_data
def tickets() -> pd.DataFrame:
    engine = create_engine(str(settings().database_url))
    query = text(
        "select t.number, a.name as account, t.kind, t.subject, s.name as site, t.status, t.next_deadline, t.opened_at "
        "from portal.ticket t join portal.account a on a.id = t.account_id left join portal.site s on s.id = t.site_id"
    )
    with engine.connect() as connection:
        return pd.read_sql(query, connection)


kind = st.selectbox("Type", ["fault", "remote_hands", "shipment", "site_visit"], key="kind")
rows = tickets()
rows = rows[rows["kind"] == kind].sort_values("opened_at", ascending=False)
st.text(f"{len(rows):,} tickets")
st.dataframe(rows.head(PAGE), hide_index=True)
