"""What there is to show (answers.yaml): links, codes, cookies, invitations of everybody, as each can be."""

# ruff: noqa: E501 - a statement stands on one line

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from auth.sessions import hashed
from tests.matrix.people import Identity, identities
from tests.matrix.phrases import Row
from tests.matrix.world import World

ISSUER = "https://sign-on.example"
PENDING = b"pending"


def secret(row: Row, of: str | None = None) -> bytes:
    """What opens this very thing."""
    return hashlib.sha256(f"{row.table}/{row.label}/{of or row.of}".encode()).digest()


def _secret(kind: str, label: str, of: str) -> bytes:
    return secret(Row(kind, label, of=of))


@dataclass(frozen=True)
class Shelf:
    """Where the things are that are called by a number, and whose addresses and sessions those are."""

    emails: dict[str, str]
    uuids: dict[str, UUID]
    sessions: dict[str, list[UUID]]
    #: Of each somebody's session which is not the one they ask with.
    others: dict[str, UUID]
    invitations: dict[bytes, UUID]
    watchers: dict[str, int]
    reports: dict[str, int]


def lay_out(connection: Connection, world: World) -> Shelf:
    """As the owner: what is shown of everybody, beside the world that is there."""
    for identity in identities().values():
        if identity.is_person:
            _of(connection, world, identity)
    whose = {number: name for name, number in world.people.items()}
    people = connection.execute(text("select id, email, uuid from portal.person")).all()
    sessions = connection.execute(text("select person_id, uuid, token_hash from auth.session")).all()
    asking = {hashed(token) for token in world.tokens.values()}
    return Shelf(
        emails={whose[number]: email for number, email, _uuid in people},
        uuids={whose[number]: uuid for number, _email, uuid in people},
        sessions={name: [s.uuid for s in sessions if s.person_id == person] for name, person in world.people.items()},
        others={whose[s.person_id]: s.uuid for s in sessions if s.token_hash not in asking},
        invitations=_invitations(connection, world),
        watchers=_watchers(connection, world),
        reports={
            of: number for (table, _label, of), number in world.made.items() if table == "scheduled_report" and of
        },
    )


def _of(connection: Connection, world: World, identity: Identity) -> None:
    name = identity.name
    given = {
        "person": world.people[name],
        "role": identity.works_as,
        "name": name,
        "issuer": ISSUER,
        "pending": PENDING,
    }
    _do(
        connection,
        "insert into auth.credential (person_id, password_hash, changed_at) values (:person, :name, now() - interval '1 day') "
        "on conflict (person_id) do update set password_hash = excluded.password_hash, changed_at = excluded.changed_at",
        given,
    )
    _do(connection, "update auth.session set pending_secret = :pending where person_id = :person", given)
    _do(
        connection,
        "insert into auth.session (token_hash, person_id, role, expires_at, last_seen, proved_by) values "
        "(:token, :person, :role, now() + interval '2 hours', now() + interval '1 hour', 'code')",
        {**given, "token": _secret("session", "another", name)},
    )
    _do(
        connection,
        "insert into auth.external_identity (issuer, subject, person_id) values (:issuer, :name, :person)",
        given,
    )
    _links(connection, given)
    _half(connection, given)
    _codes(connection, given)
    _do(
        connection,
        "insert into portal.feed_token (person_id, role, token_hash, time_zone, revoked_at) values "
        "(:person, :role, :token, 'UTC', null), (:person, :role, :over, 'UTC', now())",
        {
            **given,
            "token": _secret("calendar", "theirs", name),
            "over": _secret("calendar", "theirs, taken back", name),
        },
    )


def _links(connection: Connection, given: dict[str, Any]) -> None:
    changed = "(select c.changed_at from auth.credential c where c.person_id = :person)"
    for label, purpose, password_from, age, until, used in (
        ("theirs", "set_password", changed, 1, "1 hour", "null"),
        ("theirs, used", "set_password", changed, 2, "1 hour", "now()"),
        ("theirs, asked for", "reset_password", changed, 1, "1 hour", "null"),
        ("theirs, asked for once more", "reset_password", changed, 2, "1 hour", "null"),
        ("theirs, late", "reset_password", changed, 1, "-1 minute", "null"),
        ("theirs, before another password", "reset_password", f"{changed} - interval '1 day'", 1, "1 hour", "null"),
    ):
        _do(
            connection,
            "insert into auth.link (token_hash, person_id, purpose, password_from, created_at, expires_at, used_at) values "
            f"(:token, :person, '{purpose}', {password_from}, now() - interval '{age} minute', now() + interval '{until}', {used})",
            {**given, "token": _secret("link", label, given["name"])},
        )


def _half(connection: Connection, given: dict[str, Any]) -> None:
    for label, began, until in (
        ("theirs", "1 minute", "1 hour"),
        ("theirs, late", "1 minute", "-1 minute"),
        ("theirs, before another password", "2 days", "1 hour"),
    ):
        for kind in ("half", "half of"):
            _do(
                connection,
                "insert into auth.half_sign_in (browser_hash, person_id, role, began_at, expires_at, pending_secret) values "
                f"(:browser, :person, :role, now() - interval '{began}', now() + interval '{until}', :pending)",
                {**given, "browser": _secret(kind, label, given["name"])},
            )
    aside = {**given, "browser": _secret("half of", "theirs, as somebody else", given["name"])}
    _do(
        connection,
        "insert into auth.half_sign_in (browser_hash, person_id, role, expires_at) "
        "values (:browser, :person, :role, now() + interval '1 hour')",
        aside,
    )


def _codes(connection: Connection, given: dict[str, Any]) -> None:
    for label, proof, until, used in (
        ("theirs", "password", "1 hour", "null"),
        ("theirs, by a code", "code", "1 hour", "null"),
        ("theirs, used", "password", "1 hour", "now()"),
        ("theirs, late", "password", "-1 minute", "null"),
        ("theirs, in another browser", "password", "1 hour", "null"),
    ):
        _do(
            connection,
            "insert into auth.sign_in_code (code_hash, person_id, browser_hash, role, next, expires_at, used_at, proved_by) values "
            f"(:code, :person, 'browser', :role, '/', now() + interval '{until}', {used}, '{proof}')",
            {**given, "code": _secret("code", label, given["name"])},
        )


_INVITE = (
    "insert into portal.invitation (account_id, email, name, language, role, rights, invited_by, invited_by_name, "
    "expires_at, revoked_at) values (:account, {email}, 'x', 'en', 'general', '{{}}', :clerk, 'clerk', "
    "now() + interval '{until}', {revoked}) returning id, uuid"
)
_LINK = (
    "insert into auth.link (token_hash, purpose, account_id, invitation_id, expires_at, used_at) "
    "values (:token, 'invitation', :account, :invitation, now() + interval '1 hour', {used})"
)


def _invitations(connection: Connection, world: World) -> dict[bytes, UUID]:
    """By the secret of what is shown."""
    found: dict[bytes, UUID] = {}
    given = {"account": world.accounts["other"], "clerk": world.people["clerk"]}
    theirs = "(select p.email from portal.person p where p.id = :person)"
    for name in (name for name in (*world.people, "new") if name != "stranger"):
        about = {**given, "person": world.people.get(name)}
        email = theirs if name in world.people else "'somebody@new.example'"
        to = "to them" if name in world.people else "to somebody new"
        of = name if name in world.people else None
        for label, until, revoked, used in (
            (to, "1 hour", "null", "null"),
            (f"{to}, taken back", "1 hour", "now()", "null"),
            (f"{to}, used", "1 hour", "now()", "now()"),
            (f"{to}, late", "-1 minute", "now()", "null"),
        ):
            asked = text(_INVITE.format(email=email, until=until, revoked=revoked))
            number, uuid = connection.execute(asked, about).one()
            for kind in ("invitation link", "invitation"):
                found[secret(Row(kind, label, of=of))] = uuid
            token = secret(Row("invitation link", label, of=of))
            _do(connection, _LINK.format(used=used), {**given, "token": token, "invitation": number})
            if label == "to them":
                _do(connection, _LINK.format(used="null"), {
                    **given, "token": _secret("link", "theirs, of an invitation", name), "invitation": number,
                })  # fmt: skip
    found[secret(Row("invitation", "to a colleague", of="colleague"))] = found[
        secret(Row("invitation", "to them", of="colleague"))
    ]
    return found


def _watchers(connection: Connection, world: World) -> dict[str, int]:
    _do(connection, "update portal.account set outside_watchers = true where id = :own", {"own": world.accounts["own"]})
    adding = text(
        "insert into portal.ticket_watcher (account_id, ticket_id, email) "
        "select t.account_id, t.id, 'outside@new.example' from portal.ticket t where t.account_id = :account limit 1 "
        "returning id"
    )
    return {
        label: connection.scalar(adding, {"account": world.accounts[account]})
        for label, account in (("where they are allowed", "own"), ("where they are not", "other"))
    }


def _do(connection: Connection, statement: str, values: dict[str, Any]) -> None:
    connection.execute(text(statement), values)


def token_of(world: World, identity: Identity) -> bytes:
    """What the cookie of their browser comes to."""
    return hashed(world.tokens.get(identity.name, ""))
