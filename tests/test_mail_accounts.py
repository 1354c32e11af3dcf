"""What a mail says that is about an account and not a ticket: who changed rights, where an account stands, a way in."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from sqlalchemy import Connection, text

from data.outbox import tell
from jobs.letters import Unwanted, written
from rules.mail import MailKind
from tests.cluster import Database
from tests.conftest import CAST
from ui.reader import languages

pytestmark = pytest.mark.usefixtures("configured")
HOSTILE = 'Acme <b>x</b>\r\nBcc: evil@example.com\u202e <script>alert("x")</script>'
SAID: dict[MailKind, dict[str, Any]] = {
    MailKind.ACCESS_BY_STAFF: {"by": HOSTILE, "member": HOSTILE, "reason": HOSTILE, "role": "general"},
    MailKind.ACCOUNT_MOVED: {"by": HOSTILE, "above": HOSTILE, "is_attached": True},
    MailKind.STAFF_WELCOME: {"nonce": "n" * 43, "role": "service_desk"},
}


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    with database.as_owner() as connection:
        connection.execute(text("update portal.person set language = 'en'"))
        yield connection
        connection.rollback()


def read(owner: Connection, kind: MailKind, who: str = "ana", *, key: str | None = None, **said: Any) -> dict[str, str]:
    """As that person's mail program shows it."""
    person = owner.execute(text("select id from portal.person where email = :e"), {"e": CAST[who]}).scalar_one()
    account = owner.execute(text("select id from portal.account where code = 'ACME'")).scalar_one()
    context = {**SAID[kind], **said}
    of = None if kind is MailKind.STAFF_WELCOME else account
    tell(owner, kind=kind, account_id=of, person_id=person, context=context, dedupe_key=key)
    row = owner.execute(text("select id, kind, context, message_id from portal.mail order by id desc limit 1")).one()
    owner.execute(text("set local role portal_worker"))
    try:
        message = written(owner, *row).message
    finally:
        owner.execute(text("set local role portal_owner"))
    parsed = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert parsed["Bcc"] is None
    found = {part.get_content_subtype(): part.get_content() for part in parsed.walk() if not part.is_multipart()}
    return {"subject": parsed["Subject"], **found}


def live_link(owner: Connection, who: str) -> str:
    made = """insert into auth.link (token_hash, person_id, purpose, password_from, expires_at)
        select sha256(gen_random_uuid()::text::bytea), p.id, 'set_password', c.changed_at, now() + interval '1 hour'
        from portal.person p left join auth.credential c on c.person_id = p.id where p.email = :email
        returning encode(token_hash, 'hex')"""
    return owner.execute(text(made), {"email": CAST[who]}).scalar_one()


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("kind", SAID)
def test_it_says_the_same_in_text_and_html_and_nobodys_words_become_more_than_words(
    kind: MailKind, language: str, owner: Connection
) -> None:
    owner.execute(text("update portal.person set language = :l"), {"l": language})
    key = live_link(owner, "dee") if kind is MailKind.STAFF_WELCOME else None
    mail = read(owner, kind, "dee" if key else "ana", key=key)
    assert "\n" not in mail["subject"]
    for words in (mail["plain"], mail["html"]):
        assert "127.0.0.1" in words, "a way to the portal"
        assert ("password?link=" in words) is (kind is MailKind.STAFF_WELCOME)
    assert "<script" not in mail["html"]
    assert "<b>x" not in mail["html"]
    assert "\u202e" not in mail["plain"]


def test_what_staff_did_is_said_with_the_reason_and_by_whom(owner: Connection) -> None:
    said = {"by": "Dee Desk", "member": "Vic", "reason": "He asked for it."}
    mail = read(owner, MailKind.ACCESS_BY_STAFF, **said)
    for words in ("Acme Group", "Dee Desk", "Vic", "He asked for it.", "General user"):
        assert words in mail["plain"]
    assert CAST["dee"] not in mail["plain"], "staff addresses are not for customers"
    ended = read(owner, MailKind.ACCESS_BY_STAFF, **said, role=None)
    assert "no longer belongs to the account" in ended["plain"]


def test_where_an_account_went_is_said_in_words_of_what_it_means(owner: Connection) -> None:
    attached = read(owner, MailKind.ACCOUNT_MOVED, above="Nova", is_attached=True)
    assert attached["subject"] == "Acme Group is now a part of Nova"
    detached = read(owner, MailKind.ACCOUNT_MOVED, above="Nova", is_attached=False)
    assert "no longer administers Acme Group" in detached["plain"]


@pytest.mark.parametrize("kind", SAID)
def test_somebody_who_was_disabled_meanwhile_gets_none(kind: MailKind, owner: Connection) -> None:
    key = live_link(owner, "ana") if kind is MailKind.STAFF_WELCOME else None
    owner.execute(text("update portal.person set disabled_at = now() where email = :e"), {"e": CAST["ana"]})
    with pytest.raises(Unwanted):
        read(owner, kind, key=key)


@pytest.mark.parametrize("end", ["used_at = now()", "expires_at = now()"])
def test_a_link_that_counts_no_more_is_not_sent(end: str, owner: Connection) -> None:
    key = live_link(owner, "dee")
    owner.execute(text(f"update auth.link set {end} where token_hash = decode(:key, 'hex')"), {"key": key})
    with pytest.raises(Unwanted):
        read(owner, MailKind.STAFF_WELCOME, "dee", key=key)
