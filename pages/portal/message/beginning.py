"""New message: to whom of us, with which colleagues, about what. `/messages?write=new`, or `?write=invoice.<uuid>`."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.messaging import Linked, Partner, StartThread, desks_of, linked, partners
from rules.errors import NotFound
from rules.fields import Field, FieldKind, Values, tidy
from rules.files import Upload
from rules.messages import LONGEST, LONGEST_SUBJECT, About, Desk
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_
from ui.drafts import Draft
from ui.errors import telling
from ui.form import (
    Filled,
    Section,
    Sending,
    attached,
    begins,
    checked,
    send,
    send_button,
    show_sections,
    summary,
)
from ui.news import show_news, tell
from ui.text import _, plain, term, translated

K = FieldKind
#: In the address: a form is open.
WRITE = "write"
NEW = "new"
_SUBJECT = Field("subject", N_("Subject"), K.TEXT, required=True, longest=LONGEST_SUBJECT)
_BODY = Field("body", N_("Message"), K.LONG_TEXT, required=True, longest=LONGEST)
_COLLEAGUES = Field("colleagues", N_("Colleagues who take part"), K.ITEMS,
                    hint=N_("Without them only you and who you write to read it."))  # fmt: skip


@dataclass(frozen=True)
class Beginning:
    """What the form is about before anything is typed."""

    accounts: dict[int, str]
    about: Linked | None

    @property
    def name(self) -> str:
        return f"message.{self.about.uuid if self.about else NEW}"


def accounts_to_write_for(principal: Principal) -> dict[int, str]:
    """In whose name this person can write, by their names."""
    if principal.is_staff:
        return {}
    return {a.id: a.name for a in principal.accounts if principal.may(Permission.MESSAGE_USE, a.id)}


def new_message_button(principal: Principal) -> None:
    if accounts_to_write_for(principal):
        st.button(_("New message"), icon=":material/edit:", type="primary", key="message.new", on_click=_open)


def _open() -> None:
    st.query_params.pop("thread", None)  # one dialog at a time
    st.query_params[WRITE] = NEW


def form_asked_for(principal: Principal) -> None:
    """Opens the form that the address names, or says politely that there is none; tells of the one just sent."""
    asked = st.query_params.get(WRITE)
    if asked is None:
        show_news(WRITE)
        return
    accounts = accounts_to_write_for(principal)
    about = _about(principal, asked)
    if not accounts or (about is not None and about.account_id not in accounts):
        words = _("This form is not available to you. Ask the administrator of your account.")
        st.info(words, icon=":material/lock:")
        return
    if about is not None and about.account_id is not None:
        accounts = {about.account_id: accounts[about.account_id]}
    _dialog(principal.anywhere(), Beginning(accounts, about))


def _about(principal: Principal, asked: str) -> Linked | None:
    """What the address says it is about; NotFound for what this person may not open as for what is not there."""
    if asked == NEW:
        return None
    kind, _dot, uuid = asked.partition(".")
    try:
        return linked(app_engine(), principal.anywhere(), About(kind), UUID(uuid))
    except ValueError:
        raise NotFound(asked) from None


def _dialog(principal: Principal, beginning: Beginning) -> None:
    st.query_params.pop("thread", None)

    def closed() -> None:
        st.query_params.pop(WRITE, None)

    @st.dialog(_("New message"), width="medium", icon=":material/edit:", on_dismiss=closed)
    def dialog() -> None:
        with telling():
            thread = show_beginning(principal, beginning)
            if thread is not None:
                closed()
                st.query_params["thread"] = thread
                tell(f"thread.{thread}", _("Sent."))
                st.rerun()

    dialog()


def show_beginning(principal: Principal, beginning: Beginning) -> str | None:
    """The form; the conversation that came of it, once it was sent."""
    top = st.container(gap="small")
    account = _account(beginning)
    if account is None:
        return None
    fields = _fields(principal, beginning, account)
    draft = Draft.of(principal, f"{beginning.name}.{account}", **begins(fields))
    sending = Sending.of(draft.form)
    if sending.done is not None:
        thread = str(sending.done["thread"])
        draft.discard()
        sending.begin_anew()
        return thread
    with top:
        draft.notice(sending.begin_anew)
        if beginning.about is not None:
            words = _("About {kind} {number}", kind=term("thread.about", beginning.about.kind).lower(),
                      number=f"**{plain(beginning.about.number)}**")  # fmt: skip
            st.markdown(f":material/link: {words}")
    offered = _offered(principal, account, draft.value("desk"))
    filled = checked(Filled(draft, fields, options={"colleagues": offered}), sending)
    with top:
        summary(filled.problems, {each.name: translated(each.label) for each in fields}, turn=sending.turns)
        if sending.said:
            st.warning(sending.said, icon=":material/sync_problem:")
    names = tuple(each.name for each in fields if each is not _COLLEAGUES or offered)
    show_sections(filled, [Section(N_("Your message"), "edit", names)])
    files = attached(draft, filled.problems.get("files"))
    send_button(sending, _("Send message"), key=f"{draft.form}.send")
    if sending.is_asked:
        uuids = {each.id: each.uuid for each in principal.accounts}
        command = _command(uuids[account], beginning, tidy(fields, filled.values()), offered, files)
        send(sending, draft, lambda key: execute(app_engine(), principal, command, key=key))
    return None


def _account(beginning: Beginning) -> int | None:
    """Asked only where there are several."""
    if len(beginning.accounts) == 1:
        return next(iter(beginning.accounts))
    return st.selectbox(
        _("Account"),
        list(beginning.accounts),
        index=None,
        format_func=beginning.accounts.__getitem__,
        placeholder=_("Choose an account"),
        key=f"{beginning.name}.account",
    )


def _fields(principal: Principal, beginning: Beginning, account: int) -> tuple[Field, ...]:
    desks = desks_of(principal, account, beginning.about.kind if beginning.about else None)
    desk = Field("desk", N_("To"), K.CHOICE, required=True, choices=desks, vocabulary="message.desk", default=desks[0])
    return desk, _SUBJECT, _BODY, _COLLEAGUES


def _offered(principal: Principal, account: int, desk: str) -> dict[str, str]:
    """Colleagues by their public ids; to finance only those who see invoices."""
    found: tuple[Partner, ...] = partners(app_engine(), principal, account)
    return {str(one.uuid): one.name for one in found if desk != Desk.FINANCE or one.with_finance}


def _command(
    account: UUID, beginning: Beginning, values: Values, offered: dict[str, str], files: tuple[Upload, ...]
) -> StartThread:
    about = beginning.about
    return StartThread(
        account,
        str(values["desk"]),
        values.get("subject") or "",
        values.get("body") or "",
        colleagues=tuple(UUID(one) for one in values.get("colleagues") or () if one in offered),
        about=None if about is None else (about.kind, about.uuid),
        files=files,
    )
