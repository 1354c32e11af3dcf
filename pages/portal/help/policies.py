"""Customer policies: the edition that holds, in the reader's language, to read and, where it must be, to accept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import urlencode
from uuid import UUID

import streamlit as st

from data.commands import execute
from data.documents import AcceptPolicy, get_text
from data.documents.accepting import may_read_acceptances
from data.engines import app_engine
from pages.portal import accepting
from pages.portal.help.guides import tell_language
from rules.documents import DocumentKind, DocumentRow, current
from rules.permissions import Permission
from rules.principal import Principal
from ui import look
from ui.errors import tell_not_there, telling
from ui.guides import Hit, find, written
from ui.guides.pieces import article, contents, file_link, part_links
from ui.in_view import report_facts
from ui.list_view.proved import deliver_once_proved
from ui.news import show_news, tell
from ui.text import _, date_text, plain, reader, time_text

#: In the address: which of several policies.
WHICH = "document"
HERE = "policies"


def today() -> date:
    return datetime.now(UTC).date()


def holding(uploaded: tuple[DocumentRow, ...]) -> tuple[DocumentRow, ...]:
    """Those to accept first, then by title."""
    rows = (row for row in uploaded if row.kind is DocumentKind.POLICY)
    holds = current(rows, language=reader().language, today=today())
    return tuple(sorted(holds, key=lambda row: (not row.must_accept, row.title)))


def show(principal: Principal, uploaded: tuple[DocumentRow, ...]) -> None:
    rows = holding(uploaded)
    if may_read_acceptances(principal):
        deliver_once_proved("acceptances", principal)
    if not rows:
        with look.card(key="help-text"):
            st.markdown(f":material/policy: {_('No policy is published yet.')}")
        return
    wanted = st.query_params.get(WHICH)
    row = next((each for each in rows if wanted in (str(each.uuid), str(each.series))), None)
    if row is None:
        row = rows[0]
        if wanted is not None:
            tell_not_there()
    if len(rows) > 1:
        names = {f"policies&{WHICH}={each.series}": each.title for each in rows}
        st.html(part_links(names, chosen=f"policies&{WHICH}={row.series}"))
    text = get_text(app_engine(), principal, row.uuid)
    left, right = st.columns([1, 3], gap="medium")
    with right, look.card(key="help-text"):
        st.header(plain(row.title), anchor=False)
        tell_language(row.language)
        st.caption(_holds(row))
        is_asked = _standing(principal, row)
        if text.markdown is None:
            st.html(file_link(row, row.title))
        else:
            st.html("".join(article(section) for section in written(text.markdown).sections))
        if is_asked:
            _to_accept(principal, row)
    with left, look.card(key="help-contents"):
        if text.markdown is not None:
            st.html(contents("", written(text.markdown), chosen="", label=_("Contents")))
        st.html(file_link(row, _("Download")))
        _report(principal, row)


def _holds(row: DocumentRow) -> str:
    said = _("Edition {edition}", edition=plain(row.edition))
    if row.effective_on is not None:
        said += f" · {_('in effect from {date}', date=date_text(row.effective_on))}"
    return said


def _standing(principal: Principal, row: DocumentRow) -> bool:
    """Is its reader asked to accept it? Customers are, once for each edition."""
    show_news(HERE, good_stays=True)
    if not row.must_accept or principal.is_staff:
        return False
    if row.accepted_at is not None:
        st.markdown(f":green-badge[:material/check: {_('You accepted it {time}.', time=time_text(row.accepted_at))}]")
        return False
    st.info(_("Please read it. At its end you accept it."), icon=":material/policy:")
    return True


def _to_accept(principal: Principal, row: DocumentRow) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="help-accept"):
        st.markdown(_("Do you accept “{title}”?", title=plain(row.title)), width="stretch")
        if st.button(_("I have read it and accept it"), icon=":material/task_alt:", type="primary", key="accept"):
            _accept(principal, row.uuid)


def _accept(principal: Principal, document: UUID) -> None:
    with telling():
        execute(app_engine(), principal, AcceptPolicy(document))
        accepting.forget()
        tell(HERE, _("Thank you. It is noted that you accepted it."))
        st.rerun()


def _report(principal: Principal, row: DocumentRow) -> None:
    """Who accepted and who has not, for whoever may know it."""
    if row.must_accept and may_read_acceptances(principal) and principal.may(Permission.REPORT_EXPORT):
        query = urlencode({WHICH: str(row.series), **report_facts(principal)})
        st.markdown(f"[:material/download: {_('Who accepted it')}](/reports/acceptances.xlsx?{query})")


def found(
    principal: Principal, words: str, uploaded: tuple[DocumentRow, ...]
) -> list[tuple[str, str, Hit[DocumentRow]]]:
    """Sections of policies that say these words."""
    texts = [
        (row, get_text(app_engine(), principal, row.uuid).markdown) for row in holding(uploaded) if not row.is_file
    ]
    places = ((row, section) for row, text in texts for section in written(text or "").sections)
    return [(f"/help?part=policies&{WHICH}={hit.where.series}#help-{hit.section.name}", hit.where.title, hit)
            for hit in find(words, places)]  # fmt: skip
