"""The mail about a ticket, for the desk: what was sent to whom, what still waits, and what has to be started again."""

from __future__ import annotations

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.mails import MailRow, SendAgain, list_mail
from data.ticketing import TicketDetail
from rules.errors import NotFound
from rules.mail import MailState
from rules.permissions import Permission
from rules.principal import Principal
from ui.errors import telling
from ui.news import tell
from ui.text import _, n_, plain, term, time_text
from ui.tones import tone


def may_see_mails(principal: Principal) -> bool:
    return principal.is_staff and principal.may(Permission.TICKET_WORK)


def show_mails(principal: Principal, detail: TicketDetail) -> None:
    mails = list_mail(app_engine(), principal, detail.ticket.number)
    if not mails:
        st.markdown(f":material/mail: :gray[{_('No mail about this ticket yet.')}]")
    for mail in mails:
        with st.container(horizontal=True, vertical_alignment="center", key=f"mail-{mail.id}"):
            st.markdown(_line(mail), width="stretch")
            if mail.state is MailState.DEAD and st.button(
                _("Send again"), key=f"mail.{mail.id}", type="tertiary", icon=":material/refresh:"
            ):
                _send_again(principal, detail, mail)


def _line(mail: MailRow) -> str:
    retrying = mail.state is MailState.READY and mail.attempts > 0
    state = f":{tone('mail.state', mail.state).badge}-badge[{term('mail.state', mail.state)}]"
    if retrying:
        state = f":orange-badge[{_('Retrying')}] :small[:gray[{_('next try {time}', time=time_text(mail.next_at))}]]"
    when = time_text(mail.sent_at or mail.written_at)
    words = [f"**{term('mail.kind', mail.kind)}**", plain(mail.to or "–"), when]
    if mail.attempts > 1:
        words.append(n_("{n} try", "{n} tries", mail.attempts))
    return f"{' · '.join(words)} {state}"


def _send_again(principal: Principal, detail: TicketDetail, mail: MailRow) -> None:
    with telling():
        try:
            execute(app_engine(), principal, SendAgain(mail.id))
        except NotFound:
            tell(detail.ticket.number, bad=_("It was started again already."))
        else:
            tell(detail.ticket.number, _("It is on its way again."))
        st.rerun()
