"""Invitations for tests: Ana invites, the worker writes, and whoever holds the letter follows its link."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from auth.invitations import Answer, accept, look_at
from auth.sessions import hashed, new_token, who
from data.commands import execute
from data.engines import auth_engine, jobs_engine
from data.invitations import Invite, Invited, ResendInvitation, RevokeInvitation, list_invitations
from jobs.deliver import deliver_one, elected
from jobs.post import Folder
from rules.access import MemberRole, Rights
from rules.permissions import PRESETS
from rules.principal import Principal
from tests.door import Door

PASSWORD = "seven herons over the river"
HANDS: Rights = dict.fromkeys(PRESETS["remote_hands_only"])
EVE = "eve@elsewhere.example"
SignIn = Callable[[str], Principal]


@dataclass
class Letterbox:
    """Who invites whom, and what arrives."""

    door: Door
    sign_in: SignIn
    folder: Path
    codes: dict[str, int] = field(default_factory=dict)

    def account(self, code: str) -> int:
        return int(self.door.owner("select id from portal.account where code = :code", code=code))

    def invites(
        self,
        who: str,
        email: str = EVE,
        *,
        account: str = "ACME-SEOUL",
        role: MemberRole = MemberRole.GENERAL,
        rights: Rights | None = None,
        name: str = "Eve Elsewhere",
        reason: str = "",
        key: UUID | None = None,
    ) -> UUID:
        given = ({} if role is MemberRole.PAA else HANDS) if rights is None else rights
        command = Invite(self.account(account), email, name, role, given, "en", reason)
        done = execute(self.door.database.app, self.sign_in(who), command, key=key or uuid4())
        return UUID(done["invitation"])

    def waiting(self, who: str = "ana") -> tuple[Invited, ...]:
        return list_invitations(self.door.database.app, self.sign_in(who))

    def resends(self, who: str, invitation: UUID, edition: int = 1) -> None:
        execute(self.door.database.app, self.sign_in(who), ResendInvitation(invitation, edition))

    def revokes(self, who: str, invitation: UUID, edition: int = 1) -> None:
        execute(self.door.database.app, self.sign_in(who), RevokeInvitation(invitation, edition))

    def arrived(self) -> list[EmailMessage]:
        """What came since the last look."""
        for old in self.folder.glob("*.eml"):
            old.unlink()
        post = Folder(self.folder)
        with elected(jobs_engine()) as connection:
            assert connection is not None
            while deliver_one(connection, post):
                pass
        files = sorted(self.folder.glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    def token(self) -> str:
        """In the one invitation that came since the last look."""
        (mail,) = (mail for mail in self.arrived() if "/invitation?link=" in words_of(mail))
        return token_in(mail)

    def session_of(self, email: str) -> str:
        """They sign in: the token of their session."""
        token = new_token()
        self.door.owner(
            "insert into auth.session (token_hash, person_id, expires_at) "
            "select :token, id, now() + interval '1 hour' from portal.person where email = :email",
            token=hashed(token),
            email=email,
        )
        return token

    def person(self, email: str) -> Principal:
        signed = who(auth_engine(), self.session_of(email))
        assert signed is not None
        return signed.principal

    def stands(self, query: str, **values: Any) -> Any:
        return self.door.owner(query, **values)


def words_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return body.get_content()


def token_in(mail: EmailMessage) -> str:
    found = re.search(r"/invitation\?link=([\w-]+)", words_of(mail))
    assert found
    return found[1]


def accepts(token: str, name: str = "Eve Elsewhere", password: str = PASSWORD) -> Answer:
    return accept(token, name, password, password)


def state_of(token: str) -> str:
    return look_at(token).state
