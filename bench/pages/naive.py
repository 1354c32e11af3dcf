"""What the ticket list looks like when nobody thinks of a million rows: the whole table kept, and filtered in pandas.

It shows what ours shows, as one would write it first: the filter, how many match, the matching rows, the two charts."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from sqlalchemy import create_engine, text

from data.settings import settings

QUERY = """
select t.number, a.name as account, t.kind, t.subject, s.name as site, t.status, t.next_deadline, t.opened_at
from portal.ticket t join portal.account a on a.id = t.account_id left join portal.site s on s.id = t.site_id
order by t.opened_at desc
"""


@st.cache_data
def tickets() -> pd.DataFrame:
    with create_engine(str(settings().database_url)).connect() as connection:
        return pd.read_sql(text(QUERY), connection)


kind = st.selectbox("Type", ["fault", "remote_hands", "shipment", "site_visit"], key="kind")
rows = tickets()
rows = rows[rows["kind"] == kind]
st.text(f"{len(rows):,} tickets")
st.bar_chart(rows["status"].value_counts())
st.bar_chart(rows.groupby(rows["opened_at"].dt.strftime("%Y-%m")).size())
st.dataframe(rows, hide_index=True)
