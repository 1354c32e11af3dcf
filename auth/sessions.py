"""Server-side sessions: a random token in a cookie, only its hash in the database, asked at every rerun."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from data.calls import calls
from data.settings import settings
from rules.looks import Theme
from rules.permissions import Permission, StaffRole
from rules.principal import AccountRef, Grant, PersonKind, Principal
from rules.sign_in import Proof

#: What is the same from click to click comes by itself, so that it is read once (`_read`).
WHO = b"select who - 'idle_seconds', who ->> 'idle_seconds' from signin.who($1, $2, $3) who"


@dataclass(frozen=True)
class Signed:
    """A live session: who it is, how long they have been idle, and when it ends in any case."""

    principal: Principal
    expires_at: datetime
    roles: tuple[StaffRole, ...]
    idle_seconds: float
    proved_by: Proof


def new_token() -> str:
    """256 random bits, as text for a cookie or a link."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def issue_code(
    engine: Engine,
    person_id: int,
    *,
    browser: str,
    role: str | None,
    then_to: str,
    proved_by: Proof = Proof.PASSWORD,
) -> str:
    """A code that opens one session within 45 seconds, in the browser that holds this pre-login cookie.

    The database refuses a password alone for somebody with a second factor (auth/half_way.py asks for it); whoever
    comes from the company's own sign-on has proved by it who they are."""
    code = new_token()
    _call(
        engine,
        "select signin.issue_code(:person, :code, :browser, :role, :next, :proof)",
        person=person_id,
        code=hashed(code),
        browser=hashed(browser),
        role=role,
        next=then_to,
        proof=proved_by,
    )
    return code


def redeem_code(
    engine: Engine, code: str, *, browser: str, old_token: str | None, device: str, address: str
) -> tuple[str, str] | None:
    """The new session's token and where to go; None for a code that is unknown, used, late, or from another browser."""
    token = new_token()
    then_to = _call(
        engine,
        "select signin.redeem_code(:code, :browser, :token, :old, :device, :address)",
        code=hashed(code),
        browser=hashed(browser),
        token=hashed(token),
        old=hashed(old_token or ""),
        device=device,
        address=address,
    )
    return None if then_to is None else (token, then_to)


def who(engine: Engine, token: str | None, *, is_activity: bool = True, address: str | None = None) -> Signed | None:
    """Who is behind a token; None once it expired, was revoked, idled for 30 minutes, or its person was disabled, and
    where a second factor is required by now that was not asked for when it began.

    `address`: from where they ask, for the audit log."""
    if not token:
        return None
    asked = (b"\\x" + hashed(token).hex().encode(), _written(is_activity), _written(settings().staff_second_factor))
    facts, idle_seconds = calls(engine).row(WHO, asked)
    if facts is None or idle_seconds is None:
        return None
    principal, expires_at, roles, proved_by = _read(token, facts, address)
    return Signed(principal, expires_at, roles, float(idle_seconds), proved_by)


def _written(value: bool | None) -> bytes | None:
    return None if value is None else str(value).encode()


def end(engine: Engine, token: str, *, address: str | None = None) -> bool:
    """Sign out this session, in all its tabs; True if it was alive."""
    return bool(_call(engine, "select signin.end_session(:token, :address)", token=hashed(token), address=address))


def end_all(engine: Engine, token: str, *, address: str | None = None) -> int:
    """Sign the person out everywhere; how many sessions that ended."""
    ended = _call(engine, "select signin.end_all_sessions(:token, :address)", token=hashed(token), address=address)
    return int(ended or 0)


def _call(engine: Engine, statement: str, **values: Any) -> Any:
    with engine.begin() as connection:
        return connection.execute(text(statement), values).scalar()


@lru_cache(maxsize=4096)
def _read(
    token: str, facts_as_text: bytes, address: str | None
) -> tuple[Principal, datetime, tuple[StaffRole, ...], Proof]:
    """The database says it at every click; as long as it says the same, it is the same principal."""
    facts = json.loads(facts_as_text)
    principal = principal_of(facts, token, address)
    roles = tuple(StaffRole(role) for role in facts["roles"])
    return principal, datetime.fromisoformat(facts["expires_at"]), roles, Proof(facts["proved_by"])


def principal_of(facts: Mapping[str, Any], token: str, address: str | None = None) -> Principal:
    """Whoever the database says is behind a token (signin.facts_of)."""
    accounts = tuple(
        AccountRef(a["id"], UUID(a["uuid"]), a["code"], a["name"], a["parent_id"], a["is_paa"])
        for a in facts["accounts"]
    )
    kind = PersonKind(facts["kind"])
    return Principal(
        person_id=facts["person_id"],
        person_uuid=UUID(facts["person_uuid"]),
        email=facts["email"],
        name=facts["name"],
        kind=kind,
        token=token,
        role=StaffRole(facts["role"]) if facts["role"] else None,
        language=facts["language"],
        time_zone=facts["time_zone"],
        theme=Theme(facts["theme"]) if facts["theme"] else None,
        accounts=accounts,
        chosen=tuple(account.id for account in accounts) if kind is PersonKind.CUSTOMER else (),
        remembered=tuple(facts["remembered"] or ()),
        grants=frozenset(
            Grant(account, Permission(function), None if sites is None else frozenset(sites))
            for account, function, sites in facts["grants"]
        ),
        functions=None if facts["functions"] is None else frozenset(map(Permission, facts["functions"])),
        address=address,
    )
