"""The form of a document: what it is, whose, in which language and edition, and the file itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from data.commands import Done, execute
from data.documents import AddDocument, accounts_to_choose, documents_to_follow
from data.documents.keeping import Earlier
from data.engines import app_engine
from rules.documents import LONGEST_EDITION, LONGEST_TITLE, OF_ACCOUNT, DocumentKind
from rules.errors import Invalid
from rules.fields import Field, FieldKind, Only, Values
from rules.files import LARGEST, Upload
from rules.principal import Principal
from rules.words import N_
from ui.form.problems import beside
from ui.form.sending import Sending
from ui.form.short import Options, ShortForm, show_short_form
from ui.text import _, languages

K = FieldKind
NAME = "document.new"
_MB = 1024 * 1024
_PAPERS = tuple(map(str, OF_ACCOUNT))
_FIELDS = (
    Field("kind", N_("Type"), K.CHOICE, required=True, choices=tuple(DocumentKind), vocabulary="document.kind",
          default=str(DocumentKind.POLICY)),
    Field("account", N_("Account"), K.SPACE, required=True, only=Only("kind", _PAPERS)),
    Field("follows", N_("New edition or translation of"), K.SPACE,
          hint=N_("From its date on it stands in the place of the edition before.")),
    Field("title", N_("Title"), required=True, longest=LONGEST_TITLE),
    Field("language", N_("Language"), K.SPACE, required=True, default="en"),
    Field("edition", N_("Edition"), required=True, longest=LONGEST_EDITION, default="1",
          hint=N_("The same in all languages of one edition, such as 2026-10.")),
    Field("effective_on", N_("Effective from"), K.DAY, hint=N_("Empty: from the day it is published.")),
    Field("must_accept", N_("Customers must accept it"), K.TICK, default=False,
          only=Only("kind", (str(DocumentKind.POLICY),)),
          hint=N_("Home asks everybody for it, once for each edition.")),
)  # fmt: skip


def upload(principal: Principal) -> Mapping[str, Any] | None:
    """What came of it, once it was sent."""
    chosen: list[Upload] = []
    earlier = documents_to_follow(app_engine(), principal)
    accounts = accounts_to_choose(app_engine(), principal)

    def deed(values: Values, key: UUID) -> Done:
        if not chosen:
            raise Invalid(N_("Choose a file first."), "files")
        return execute(app_engine(), principal, _command(values, chosen[0]), key=key)

    def options(values: Values) -> Options:
        return {"account": accounts, "language": languages(), "follows": _to_follow(earlier, values)}

    form = ShortForm(
        NAME, N_("The document"), "description", _FIELDS, N_("Keep as a draft"), deed, options, partial(_file, chosen)
    )
    return show_short_form(principal, form)


def _command(values: Values, file: Upload) -> AddDocument:
    account, follows = values.get("account"), values["follows"]
    return AddDocument(
        DocumentKind(values["kind"]),
        values["title"],
        values["language"],
        values["edition"],
        file,
        account=UUID(account) if account else None,
        effective_on=values["effective_on"],
        must_accept=bool(values.get("must_accept")),
        follows=UUID(follows) if follows else None,
    )


def _file(chosen: list[Upload], _values: Values) -> None:
    """Into `chosen`: a file is not kept with what was typed."""
    kinds, label = ["pdf", "md"], _("PDF or Markdown, at most 10 MB")
    uploaded = st.file_uploader(label, type=kinds, max_upload_size=LARGEST // _MB, key=f"{NAME}.file")
    if uploaded is not None:
        chosen.append(Upload(uploaded.name, uploaded.getvalue()))
    beside(next((problem for problem in Sending.of(NAME).refused if problem.field == "files"), None))


def _to_follow(earlier: tuple[Earlier, ...], values: Values) -> dict[str, str]:
    """Of the same kind and the same account."""
    of_account = values["kind"] in _PAPERS
    return {
        str(each.series): f"{each.title} · {each.edition}"
        for each in earlier
        if each.kind == values["kind"] and (not of_account or str(each.account) == values["account"])
    }
