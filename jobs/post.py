"""Handing a mail over: to the operator's mail server, or, where there is none, as a file in the instance's `mail/`."""

from __future__ import annotations

import os
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from data.instance import open_home, room
from data.settings import Settings
from rules.addresses import is_loopback

TIMEOUT = 30  # seconds; a lease is longer (jobs/deliver.py)
TOO_LARGE = 552
SHUTTING_DOWN = 421


class Away(Exception):
    """The server cannot be talked to, or takes nothing from us: no mail is to blame."""


class Dropped(Exception):
    """The connection was lost while this mail was handed over; it may have arrived."""


class Refused(Exception):
    """The server answered about this mail: for good (5xx), or not now (4xx)."""

    def __init__(self, reason: str, *, for_good: bool) -> None:
        super().__init__(reason)
        self.for_good = for_good


class Post(Protocol):
    """Somebody who takes mails."""

    def hand_over(self, message: EmailMessage, to: str, name: str) -> None: ...

    def rest(self) -> None:
        """Nothing is waiting: let the server's connection go."""


def post_of(config: Settings) -> Post:
    if config.smtp_url is None:
        open_home(config.home)  # a worker on a machine of its own may be the first to need it
        return Folder(room(config.home, "mail"))
    return Server(config.smtp_url, parseaddr(config.mail_from)[1])


class Folder:
    """One file per mail, named by it: handed over twice it is still one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def hand_over(self, message: EmailMessage, to: str, name: str) -> None:
        draft = self.folder / f".{name}.draft"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(message.as_bytes())
        draft.replace(self.folder / f"{name}.eml")

    def rest(self) -> None: ...


class Server:
    """The server of PORTAL_SMTP_URL: `smtp://user:password@host:587`, `smtps://…:465`; `?starttls=require|no`.

    A password travels encrypted or not at all. Without one, STARTTLS is used where it is offered; on this very machine
    there is nobody to hide from, and its certificate names somebody else."""

    def __init__(self, url: str, sender: str) -> None:
        self.url: SplitResult = urlsplit(url)
        self.sender = sender
        self._server: smtplib.SMTP | None = None

    def hand_over(self, message: EmailMessage, to: str, name: str) -> None:
        server = self._server or self._connected()
        try:
            server.send_message(message, self.sender, [to])
        except smtplib.SMTPSenderRefused as error:
            self.rest()
            if error.smtp_code == TOO_LARGE:
                raise _answer(error.smtp_code, error.smtp_error) from error
            raise Away(f"sender refused: {_words(error.smtp_code, error.smtp_error)}") from error
        except smtplib.SMTPRecipientsRefused as error:
            self.rest()
            code, said = next(iter(error.recipients.values()))
            raise _answer(code, said) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(str(error), for_good=True) from error  # an address beyond ASCII, and a server that is not
        except smtplib.SMTPServerDisconnected as error:
            self.rest()
            raise Dropped(str(error)) from error
        except smtplib.SMTPResponseException as error:
            self.rest()
            raise _answer(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            self.rest()
            raise Dropped(f"{type(error).__name__}: {error}") from error

    def rest(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        try:
            self._server = self._greeted()
        except (OSError, smtplib.SMTPException) as error:
            raise Away(f"{type(error).__name__}: {error}") from error
        return self._server

    def _greeted(self) -> smtplib.SMTP:
        host, secure = self.url.hostname or "", self.url.scheme == "smtps"
        user, password = unquote(self.url.username or ""), unquote(self.url.password or "")
        if secure:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self.url.port or 465, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, self.url.port or (587 if user else 25), timeout=TIMEOUT)
        try:
            if not secure and self._wants_tls(server, with_password=bool(user)):
                server.starttls(context=ssl.create_default_context())
            if user:
                server.login(user, password)
        except BaseException:
            server.close()
            raise
        return server

    def _wants_tls(self, server: smtplib.SMTP, *, with_password: bool) -> bool:
        wish = parse_qs(self.url.query).get("starttls", [""])[0]
        near = is_loopback(self.url.hostname or "")
        if wish == "require" or (with_password and not near):
            return True  # refused by starttls() itself where it is not offered
        server.ehlo_or_helo_if_needed()
        return wish != "no" and not near and server.has_extn("starttls")


def _answer(code: int, said: bytes | str) -> Exception:
    if code == SHUTTING_DOWN:  # if it really does, the next connection fails; some say it about one recipient
        return Dropped(_words(code, said))
    return Refused(_words(code, said), for_good=500 <= code < 600)


def _words(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
