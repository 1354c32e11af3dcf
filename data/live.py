"""News from the database: which lists of which account changed, and which sessions ended. One listener per web process.

A NOTIFY carries an account's UUID and a letter (data/security/triggers.py), or the hash of an ended
session's token; nothing else."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

import psycopg
import structlog

log = structlog.get_logger(__name__)

#: Ended sessions are remembered as long as one of their tabs could still be open.
_REMEMBERED = 100_000
_PATIENCE = 5.0


class News:
    """Version numbers that only grow, and the sessions that ended."""

    def __init__(self) -> None:
        self._versions: Counter[str] = Counter()
        self._anywhere: Counter[str] = Counter()
        self._everything = 0
        self._ended: OrderedDict[str, None] = OrderedDict()
        #: Another process, or this one started anew, counts otherwise.
        self.name = token_hex(4)
        #: Whatever comes, comes at once. Otherwise nothing is worth waiting for.
        self.is_on = False
        #: Grows with all that is heard.
        self.heard = 0

    def hear(self, payload: str) -> None:
        self.heard += 1
        if payload.startswith("S"):
            self._ended[payload[1:]] = None
            if len(self._ended) > _REMEMBERED:
                self._ended.popitem(last=False)
        else:
            self._versions[payload] += 1
            self._anywhere[payload[:1]] += 1

    def hear_everything(self) -> None:
        """After a gap nobody knows what was missed, so every version moves on."""
        self._everything += 1
        self.heard += 1

    def version(self, letter: str, *accounts: object) -> int:
        """A number that changes whenever that list of one of these accounts did."""
        return self._everything + sum(self._versions[f"{letter}{account}"] for account in accounts)

    def version_anywhere(self, letter: str) -> int:
        """The same for that list of whatever account: for staff, who see them all."""
        return self._everything + self._anywhere[letter]

    def ended(self, token_hash: bytes) -> bool:
        return token_hash.hex() in self._ended


news = News()


@contextmanager
def listening(url: str) -> Iterator[News]:
    """Listens in a thread of its own for as long as the block lasts; survives a restart of the database."""
    stop = threading.Event()
    thread = threading.Thread(target=_listen, args=(url.replace("+psycopg", ""), stop), name="listener", daemon=True)
    thread.start()
    try:
        yield news
    finally:
        stop.set()
        thread.join(_PATIENCE)


def _listen(url: str, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with psycopg.connect(
                url, autocommit=True, connect_timeout=5, application_name="portal-listener"
            ) as connection:
                connection.execute("listen portal")
                news.hear_everything()
                news.is_on = True
                while not stop.is_set():
                    for notification in connection.notifies(timeout=1.0):
                        news.hear(notification.payload)
        except psycopg.Error as error:
            news.is_on = False
            log.warning("listener.lost", reason=str(error).splitlines()[0] if str(error) else type(error).__name__)
            time.sleep(1.0)
