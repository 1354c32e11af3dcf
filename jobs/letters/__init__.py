"""From a row of the outbox to the mail itself: who gets it, what they may read of it now, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Connection, text

from auth.invitation_links import invitation_link, token_of
from auth.sessions import hashed
from jobs.letters.compose import Undeliverable, compose
from jobs.letters.content import AttachedFile
from jobs.letters.facts import Facts, Question, Words
from jobs.letters.texts import brief_text, full_text
from rules.mail import OF_DISPUTES, OF_MESSAGES, OF_REPORTS, OPTIONAL, MailKind, Reach
from ui.reader import Reader, language_for, reading_as

__all__ = ["Letter", "Undeliverable", "Unwanted", "written"]

#: Where a person wants news of tickets, if not by mail at once.
_NOT_BY_MAIL = frozenset({"portal", "digest", "off"})


class Unwanted(Exception):
    """The recipient may not read it any more, or does not want it: it is not sent."""


@dataclass(frozen=True)
class Letter:
    """What is handed over, and to which address."""

    message: EmailMessage
    to: str


def written(connection: Connection, mail: int, kind: str, context: Mapping[str, Any], message_id: str) -> Letter:
    """The mail as it is to be sent now. Unwanted if it is not to be sent, Undeliverable if it cannot be."""
    row = connection.execute(text("select * from authz.letter(:mail)"), {"mail": mail}).mappings().one()
    facts, what = Facts.of(row), MailKind(kind)
    if facts.reach is Reach.NONE:
        raise Unwanted("the recipient may not read it")
    if what in OPTIONAL and row["channel"] in _NOT_BY_MAIL:
        raise Unwanted("the recipient wants no mail about it")
    if what in OF_DISPUTES:
        facts = _with_question(connection, mail, facts)
    if what in OF_MESSAGES:
        facts = _with_words(connection, mail, facts)
    if what is MailKind.INVITATION:
        context = _with_link(connection, mail, context)
    # whoever never chose a language is answered in that of the page where they asked
    language = facts.language or context.get("language")
    with reading_as(Reader(language_for(language), facts.time_zone or "UTC")):
        content = full_text(what, facts, context) if facts.reach is Reach.FULL else brief_text(what, facts, context)
        if what in OF_REPORTS and facts.reach is Reach.FULL:
            content = replace(content, file=_file_of(connection, mail))
        return Letter(compose(content, facts, message_id), facts.email)


def _file_of(connection: Connection, mail: int) -> AttachedFile | None:
    asked = text("select name, media_type, content from portal.mail_file where mail_id = :mail")
    row = connection.execute(asked, {"mail": mail}).one_or_none()
    return None if row is None else AttachedFile(row.name, row.media_type, bytes(row.content))


def _with_question(connection: Connection, mail: int, facts: Facts) -> Facts:
    row = connection.execute(text("select * from authz.letter_of_dispute(:mail)"), {"mail": mail}).mappings().one()
    return replace(facts, question=Question.of(row))


def _with_words(connection: Connection, mail: int, facts: Facts) -> Facts:
    row = connection.execute(text("select * from authz.letter_of_message(:mail)"), {"mail": mail}).mappings().one()
    return replace(facts, words=Words(**row))


def _with_link(connection: Connection, mail: int, context: Mapping[str, Any]) -> Mapping[str, Any]:
    """From now on the link of this letter opens; before, there was none that could be read anywhere."""
    token = token_of(str(context.get("invitation")), int(context.get("edition") or 0))
    asked = text("select * from authz.link_of_invitation(:mail, :token)")
    row = connection.execute(asked, {"mail": mail, "token": hashed(token)}).mappings().one_or_none()
    if row is None:
        raise Unwanted("the invitation does not count any more")
    return {**row, "until": row["until"].isoformat(), "link": invitation_link(token)}
