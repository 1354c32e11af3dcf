"""The directory of who may sign in, as the login form asks it: one e-mail at a time, each try counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any

from sqlalchemy import Engine, text

from auth.keys import address_key, email_key, normalised
from auth.passwords import dummy_hash, hash_password, needs_upgrade, proves
from data.settings import settings
from rules.principal import PersonKind

#: A verification takes memory and a core. It also keeps guesses that are sent at once from being looked up before
#: the first of them was counted.
AT_ONCE = 2
_room = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Candidate:
    """A person who may sign in with this e-mail, if the password is theirs."""

    person_id: int
    name: str
    role: str | None
    password_hash: str = field(repr=False)


class Directory(dict[str, dict[str, Any]]):
    """streamlit-authenticator's users, none to begin with: it comes to hold the one who was proven."""

    def __init__(self, engine: Engine, address: str | None) -> None:
        super().__init__()
        self._engine = engine
        self._address = address
        self._address_key = address_key(address)
        self.proven: Candidate | None = None

    def proves(self, username: str, password: str) -> bool:
        """One try. Known, unknown and locked take the same way: a look, a verification of equal cost, a count."""
        dummy_hash()  # made before anybody's time is taken
        with _room:
            candidate, older = self._look_up(username)
            fits = proves(password, candidate.password_hash if candidate else None, older)
            self._count(username, succeeded=fits)
        if not fits or candidate is None:
            return False
        self.proven = candidate
        # with a count of failures in it, or the library would begin one of its own
        self[username] = {"email": username, "name": candidate.name, "failed_login_attempts": 0}
        self._upgrade(candidate, password)
        return True

    def _look_up(self, email: str) -> tuple[Candidate | None, str | None]:
        """None for a stranger, for somebody without a password yet, for staff where they come by single sign-on alone,
        and while tries are not accepted.

        And how the older hashes begin that are still kept, whoever's they are."""
        statement = text("select * from signin.look_up(:email, :email_key, :address_key)")
        with self._engine.begin() as connection:
            row = connection.execute(statement, {"email": normalised(email), **self._keys(email)}).one()
        comes_elsewhere = row.kind == PersonKind.STAFF and settings().oidc_only
        if row.person_id is None or row.password_hash is None or row.blocked or comes_elsewhere:
            return None, row.older
        return Candidate(row.person_id, row.name, row.role, row.password_hash), row.older

    def _count(self, email: str, *, succeeded: bool) -> None:
        statement = text("select signin.count_try(:email_key, :address_key, :succeeded, :email, :address)")
        said = {"succeeded": succeeded, "email": normalised(email), "address": self._address}
        with self._engine.begin() as connection:
            connection.execute(statement, {**said, **self._keys(email)})

    def _upgrade(self, proven: Candidate, password: str) -> None:
        if not needs_upgrade(proven.password_hash):
            return
        newer = {"person": proven.person_id, "old": proven.password_hash, "new": hash_password(password)}
        with self._engine.begin() as connection:
            connection.execute(text("select signin.upgrade_hash(:person, :old, :new)"), newer)

    def _keys(self, email: str) -> dict[str, bytes]:
        return {"email_key": email_key(email), "address_key": self._address_key}
