"""Reading a calendar by its address: the token in it stands for its person, for this one thing (decision 30)."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from auth.keys import feed_key
from auth.sessions import hashed, new_token, principal_of
from rules.principal import Principal

_OPEN = text("select signin.open_feed(:token, :new, :key, :address)")
_CLOSE = text("select signin.close_feed(:token)")


class TooOften(Exception):
    """Whatever the token is."""


@contextmanager
def feed_of(engine: Engine, token: str, address: str | None) -> Generator[Principal | None]:
    """Whose calendar it is, as long as it is read; None where nobody's is."""
    session = new_token()
    asked = {"token": hashed(token), "new": hashed(session), "key": feed_key(address), "address": address}
    with engine.begin() as connection:
        facts = connection.scalar(_OPEN, asked)
    if facts is not None and "too_often" in facts:
        raise TooOften
    if facts is None:
        yield None
        return
    try:
        yield principal_of(facts, session, address)
    finally:
        with engine.begin() as connection:
            connection.execute(_CLOSE, {"token": hashed(session)})
