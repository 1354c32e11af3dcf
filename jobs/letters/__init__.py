"""From a row of the outbox to the mail itself: who gets it, what they may read of it now, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import InterfaceError, OperationalError

from auth.invitation_links import invitation_link, token_of
from auth.sessions import hashed
from jobs.letters.compose import Undeliverable, compose
from jobs.letters.content import AttachedFile, Content
from jobs.letters.digest import News, digest_text
from jobs.letters.facts import Announced, Facts, Question, Words
from jobs.letters.texts import brief_text, full_text
from jobs.letters.ways import Way, way_of
from rules.mail import OF_DISPUTES, OF_MESSAGES, OF_NOTICES, OF_REPORTS, MailKind, Reach
from rules.topics import Channel
from ui.reader import Reader, language_for, reading_as

__all__ = ["Gathered", "Letter", "Undeliverable", "Unwanted", "written"]

log = structlog.get_logger("portal.mail")
_GATHERED = text("select id, kind, context, created_at from portal.mail where digest_id = :mail order by id")
_PERSON = text("select person from authz.way_of(:mail, 'digest')")


class Unwanted(Exception):
    """The recipient may not read it any more, or does not want it: it is not sent."""


class Gathered(Exception):
    """Its reader wants it in the next daily digest, which is due then."""

    def __init__(self, until: datetime) -> None:
        super().__init__("kept for the daily digest")
        self.until = until


@dataclass(frozen=True)
class Letter:
    """What is handed over, and to which address; of a digest, which of the mails gathered for it are not in it."""

    message: EmailMessage
    to: str
    left_out: tuple[int, ...] = ()


def written(connection: Connection, mail: int, kind: str, context: Mapping[str, Any], message_id: str) -> Letter:
    """The mail as it is to be sent now. Unwanted if it is not to be sent, Gathered if it is to be sent with the day's
    others, Undeliverable if it cannot be."""
    what = MailKind(kind)
    facts = _facts(connection, mail, what)
    way = way_of(connection, mail, what, context)
    if not way.is_by_mail:
        raise Unwanted("the recipient wants no mail about it")
    if way.channel is Channel.DIGEST and way.next_digest is not None:
        raise Gathered(way.next_digest)
    if what is MailKind.INVITATION:
        context = _with_link(connection, mail, context)
    # whoever never chose a language is answered in that of the page where they asked
    language = facts.language or context.get("language")
    with reading_as(Reader(language_for(language), facts.time_zone or "UTC")):
        if what is MailKind.DAILY_DIGEST:
            content, left_out = _digest(connection, mail)
        else:
            content, left_out = _content(what, facts, context, way), ()
        if what in OF_REPORTS and facts.reach is Reach.FULL:
            content = replace(content, file=_file_of(connection, mail))
        return Letter(compose(content, facts, message_id), facts.email, left_out)


def _facts(connection: Connection, mail: int, what: MailKind) -> Facts:
    """What the recipient may read of it by the rights of this moment; Unwanted where that is nothing."""
    row = connection.execute(text("select * from authz.letter(:mail)"), {"mail": mail}).mappings().one()
    facts = Facts.of(row)
    if facts.reach is Reach.NONE:
        raise Unwanted("the recipient may not read it")
    if what in OF_DISPUTES:
        return _with_question(connection, mail, facts)
    if what in OF_NOTICES:
        return _with_notice(connection, mail, facts)
    return _with_words(connection, mail, facts) if what in OF_MESSAGES else facts


def _content(what: MailKind, facts: Facts, context: Mapping[str, Any], way: Way) -> Content:
    content = full_text(what, facts, context) if facts.reach is Reach.FULL else brief_text(what, facts, context)
    return replace(content, stop=way.stop())


def _digest(connection: Connection, mail: int) -> tuple[Content, tuple[int, ...]]:
    """All that was gathered for it, each by the rights and the wishes of this moment, and what is not in it."""
    rows = connection.execute(_GATHERED, {"mail": mail}).all()
    told = {row.id: _news(connection, row.id, MailKind(row.kind), row.context, row.created_at) for row in rows}
    news = [each for each in told.values() if each is not None]
    if not news:
        raise Unwanted("nothing of it is to be told any more")
    person = connection.scalar(_PERSON, {"mail": mail})
    return digest_text(person, news), tuple(mail for mail, each in told.items() if each is None)


def _news(
    connection: Connection, mail: int, what: MailKind, context: Mapping[str, Any], written_at: datetime
) -> News | None:
    """None: it is not to be told any more; or it cannot be, which takes none of the others along."""
    try:
        with connection.begin_nested():  # what the database cannot read is undone by itself
            facts = _facts(connection, mail, what)
            way = way_of(connection, mail, what, context)
        if way.topic is None or not way.is_by_mail:
            return None
        return News(way.topic, written_at, _content(what, facts, context, way))
    except Unwanted:
        return None
    except (OperationalError, InterfaceError):
        raise  # the database is away, or wants it tried again
    except Exception:
        log.exception("mail.not_in_digest", mail=mail, kind=what)
        return None


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


def _with_notice(connection: Connection, mail: int, facts: Facts) -> Facts:
    asked = text("select * from authz.letter_of_notice(:mail, :language)")
    values = {"mail": mail, "language": language_for(facts.language)}
    return replace(facts, notice=Announced.of(connection.execute(asked, values).mappings().one()))


def _with_link(connection: Connection, mail: int, context: Mapping[str, Any]) -> Mapping[str, Any]:
    """From now on the link of this letter opens; before, there was none that could be read anywhere."""
    token = token_of(str(context.get("invitation")), int(context.get("edition") or 0))
    asked = text("select * from authz.link_of_invitation(:mail, :token)")
    row = connection.execute(asked, {"mail": mail, "token": hashed(token)}).mappings().one_or_none()
    if row is None:
        raise Unwanted("the invitation does not count any more")
    return {**row, "until": row["until"].isoformat(), "link": invitation_link(token)}
