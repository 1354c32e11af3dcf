"""A mail set in type: a text and an HTML part that say the same, and headers nobody else can write into."""

from __future__ import annotations

from datetime import UTC, datetime
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from data.settings import settings
from jobs.letters.clean import one_line
from jobs.letters.content import Content
from jobs.letters.facts import Facts
from jobs.letters.ways import steering_link
from ui.reader import reader
from ui.words import _

_TEMPLATES = Path(__file__).parent


class _WordsStayApart(policy.EmailPolicy):
    """Where the library breaks a long line it loses or adds spaces between encoded words; its older way does not."""

    def fold(self, name: str, value: Any) -> str:
        addresses = getattr(value, "addresses", ())
        words = addresses[0].display_name if addresses else str(value)
        if self.utf8 or words.isascii() or not all(address.addr_spec.isascii() for address in addresses):
            return super().fold(name, value)
        encoded = Header(words, "utf-8", 75, name).encode(linesep=self.linesep)
        behind = f"{self.linesep} <{addresses[0].addr_spec}>" if addresses else ""
        return f"{name}: {encoded}{behind}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii", "surrogateescape")


_POLICY = _WordsStayApart(linesep="\r\n")


class Undeliverable(Exception):
    """It cannot be sent to this recipient, today or ever."""


def compose(content: Content, facts: Facts, message_id: str) -> EmailMessage:
    """In the language of whoever reads; the reader is already set."""
    now = datetime.now(UTC)
    message = EmailMessage(policy=_POLICY)
    _headers(message, content, facts, message_id, now)
    code = make_msgid("pass", "portal.invalid") if content.visit is not None else None
    _body(message, "text.txt", content, code)
    _body(message, "page.html", content, code)
    if content.visit is not None and code is not None:
        page = message.get_body(("html",))
        assert page is not None, "it was just put there"
        page.add_related(content.visit.code(), "image", "png", cid=code, filename="pass.png", disposition="inline")
        message.add_attachment(content.visit.calendar(now), "text", "calendar", filename=f"{content.visit.number}.ics")
    if content.file is not None:
        main, _slash, sub = content.file.media_type.partition("/")
        message.add_attachment(content.file.content, main, sub, filename=one_line(content.file.name))
    message["Content-Language"] = reader().tag  # at last: parts that are added take such headers
    return message


def _headers(message: EmailMessage, content: Content, facts: Facts, message_id: str, now: datetime) -> None:
    config = settings()
    given_name, sender = parseaddr(config.mail_from)
    message["From"] = _address(given_name or config.brand_name, sender)
    message["To"] = _address(facts.name or "", facts.email)
    if config.brand_support_email and not facts.for_staff:
        message["Reply-To"] = config.brand_support_email
    message["Subject"] = one_line(content.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    if facts.thread is not None:
        root = f"<{facts.thread}@{sender.rpartition('@')[2] or 'localhost'}>"
        message["In-Reply-To"] = root
        message["References"] = root
    message["Auto-Submitted"] = "auto-generated"
    _unsubscribe(message, content.stop[1] if content.stop is not None else content.leave)


def _unsubscribe(message: EmailMessage, link: str | None) -> None:
    """What mail programs offer above the mail, by one click of theirs (RFC 8058, which asks for https)."""
    if link is None:
        return
    message["List-Unsubscribe"] = f"<{link}>"
    if urlsplit(link).scheme == "https":
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _address(name: str, email: str) -> Address:
    try:
        return Address(display_name=one_line(name, 80), addr_spec=email)
    except (ValueError, IndexError) as error:
        raise Undeliverable("this is not a mail address") from error


def _body(message: EmailMessage, template: str, content: Content, code: str | None) -> None:
    text = _environment().get_template(template).render(
        content=content,
        brand=settings().brand_name,
        portal=settings().base_url,
        language=reader().tag,
        code=code[1:-1] if code else None,
        leave=_("No more mail about it"),
        steering=steering_link() if content.stop is not None else None,
        closing=_("This mail was written by a program. Please answer in the portal."),
        code_alt=_("Code for the reception"),
    )  # fmt: skip
    # never as it is: a line of a message may be longer than the 998 bytes that servers take
    encoding = "quoted-printable" if text.isascii() else "base64"
    if template.endswith(".html"):
        message.add_alternative(text, subtype="html", cte=encoding)
    else:
        message.set_content(text, cte=encoding)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
