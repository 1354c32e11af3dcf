"""People, as the operator sees to them on the server: let somebody in, shut somebody out, start their password over."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update
from sqlalchemy.dialects import postgresql

from data.models import (
    AccessGrant,
    Account,
    AuditEntry,
    Credential,
    HalfSignIn,
    Link,
    Membership,
    Person,
    SecondFactor,
    StaffMember,
)
from data.outbox import tell
from rules.audit import ActorKind
from rules.errors import Conflict, Invalid, NotFound
from rules.mail import MailKind
from rules.names import as_name
from rules.permissions import PRESETS, STAFF_WORDS, Permission, StaffRole
from rules.principal import PersonKind
from rules.sign_in import FactorNews

FIRST_LINK, NEW_LINK = timedelta(days=3), timedelta(days=1)
USUAL_PRESET = "viewer"
LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]+\.)+[\w-]{2,}")

_ORPHANED = text("""
with recursive above (account_id, id, parent_id) as (
    select a.id, a.id, a.parent_id from portal.account a join portal.membership m on m.account_id = a.id
    where m.person_id = :person and m.role = 'paa' and m.ended_at is null
    union
    select b.account_id, p.id, p.parent_id from above b join portal.account p on p.id = b.parent_id
)
select a.code from portal.account a
where a.id in (select account_id from above) and not exists (
    select from above b
    join portal.membership o on o.account_id = b.id and o.role = 'paa' and o.ended_at is null
    join portal.person p on p.id = o.person_id and p.disabled_at is null
    where b.account_id = a.id and o.person_id <> :person)
order by a.code
""")
#: As signin.end_session() does it: the web processes are told, so that open tabs go to the sign-in page.
_END_SESSIONS = text("""
with ended as (
    update auth.session set revoked_at = now() where person_id = :person and revoked_at is null returning token_hash
)
select pg_notify('portal', 'S' || encode(token_hash, 'hex')) from ended
""")


class Role(StrEnum):
    """What somebody is let in as."""

    PAA = "paa"
    GENERAL = "general"
    MANAGER = "manager"
    FINANCE = "finance"
    DESK = "desk"
    ADMIN = "admin"


STAFF_ROLES: Mapping[Role, StaffRole] = {Role(word): role for word, role in STAFF_WORDS.items()}


@dataclass(frozen=True)
class PasswordLink:
    """Opens the page where its person sets a password, once; the database keeps only its hash."""

    token: str = field(repr=False)
    expires_at: datetime


def add_person(
    connection: Connection,
    email: str,
    role: Role,
    *,
    account_code: str | None = None,
    name: str | None = None,
    preset: str = USUAL_PRESET,
    password_hash: str | None = None,
) -> PasswordLink | None:
    """Somebody new; with a password they can sign in at once, without one the link lets them set it.

    An e-mail that is known already is an error and nothing changes: who has it may be somebody else by now."""
    email = checked_email(email)
    account = _account_for(connection, role, account_code)
    _refuse_known(connection, email)
    person = connection.execute(
        insert(Person)
        .values(
            kind=PersonKind.STAFF if role in STAFF_ROLES else PersonKind.CUSTOMER,
            email=email,
            name=as_name(name) or email.partition("@")[0],
        )
        .returning(Person.id, Person.uuid, Person.kind, Person.email)
    ).one()
    if account is None:
        connection.execute(insert(StaffMember).values(person_id=person.id, role=STAFF_ROLES[role]))
    else:
        _make_member(connection, person.id, account.id, role, preset)
    note(connection, person, "person.add", after={"role": role, "account": account.code if account else None})
    if password_hash is None:
        return _new_link(connection, person.id, "set_password", FIRST_LINK)
    connection.execute(insert(Credential).values(person_id=person.id, password_hash=password_hash))
    return None


def add_role(connection: Connection, email: str, role: Role) -> None:
    """One of the staff may work in this role as well; they choose in their menu which one, and begin in the first."""
    if role not in STAFF_ROLES:
        raise Invalid(f"--role {role} belongs to a customer, and a customer's person is added once for each", "role")
    person = known_person(connection, email)
    if person.kind != PersonKind.STAFF:
        raise Conflict(f"{person.email} is a customer: nobody is both a customer and one of the staff")
    if person.disabled_at is not None:
        raise Conflict(f"{person.email} was disabled: ./portal user reset {person.email} --enable lets them in again")
    statement = postgresql.insert(StaffMember).values(person_id=person.id, role=STAFF_ROLES[role])
    added = connection.execute(statement.on_conflict_do_nothing().returning(StaffMember.role)).scalar()
    if added is None:
        raise Conflict(f"{person.email} works as {role} already")
    note(connection, person, "person.role", after={"role": role})


def disable_person(connection: Connection, email: str) -> bool:
    """Shuts them out now, open tabs included; False if they were out already. An account keeps its last PAA."""
    person = known_person(connection, email)
    if person.disabled_at is not None:
        return False
    orphaned = _accounts_without_other_paa(connection, person.id)
    if orphaned:
        raise Conflict(
            f"{person.email} is the last PAA of {', '.join(orphaned)}: name another one first "
            f"(./portal user add EMAIL --role paa --account {orphaned[0]}), "
            f"or only end their sessions and password (./portal user reset {person.email})"
        )
    connection.execute(
        update(Person).where(Person.id == person.id).values(disabled_at=func.now(), version=Person.version + 1)
    )
    connection.execute(_END_SESSIONS, {"person": person.id})
    _void_links(connection, person.id)
    note(connection, person, "person.disable")
    return True


def reset_person(connection: Connection, email: str, *, enable: bool = False) -> PasswordLink:
    """Their password, sessions and older links count no more; the new link lets them choose a password."""
    person = known_person(connection, email)
    if person.disabled_at is not None and not enable:
        raise Conflict(
            f"{person.email} was disabled on {person.disabled_at:%Y-%m-%d}: "
            f"./portal user reset {person.email} --enable lets them in again"
        )
    if person.disabled_at is not None:
        connection.execute(
            update(Person).where(Person.id == person.id).values(disabled_at=None, version=Person.version + 1)
        )
        note(connection, person, "person.enable")
    connection.execute(delete(Credential).where(Credential.person_id == person.id))
    connection.execute(_END_SESSIONS, {"person": person.id})
    _void_links(connection, person.id)
    note(connection, person, "password.reset")
    return _new_link(connection, person.id, "reset_password", NEW_LINK)


def reset_second_factor(connection: Connection, email: str) -> bool:
    """For whoever lost phone and recovery codes: their password alone lets them in again, to set another one up where
    it is required. All their sessions end, and they are told by mail. False if there was none."""
    person = known_person(connection, email)
    had_one = connection.execute(delete(SecondFactor).where(SecondFactor.person_id == person.id)).rowcount > 0
    if had_one:
        connection.execute(_END_SESSIONS, {"person": person.id})
        connection.execute(delete(HalfSignIn).where(HalfSignIn.person_id == person.id))
        note(connection, person, f"factor.{FactorNews.RESET}")
        said = {"what": FactorNews.RESET, "at": datetime.now(UTC)}
        tell(connection, kind=MailKind.FACTOR_CHANGED, account_id=None, person_id=person.id, context=said)
    return had_one


def checked_email(email: str) -> str:
    email = email.strip()
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise Invalid(f"{email[:80]!r} is not an e-mail address: write it like ana@acme.example", "email")
    return email


def _account_for(connection: Connection, role: Role, code: str | None) -> Row | None:
    if role in STAFF_ROLES:
        if code is not None:
            raise Invalid(f"--role {role} works for the operator, not for a customer: leave --account out", "account")
        return None
    if code is None:
        raise Invalid(f"--role {role} belongs to a customer: say which one with --account CODE", "account")
    account = connection.execute(
        select(Account.id, Account.code, Account.closed_at).where(Account.code == code)
    ).one_or_none()
    if account is None:
        raise NotFound(_no_account(connection, code))
    if account.closed_at is not None:
        raise Conflict(f"the account {code} was closed on {account.closed_at:%Y-%m-%d}")
    return account


def _no_account(connection: Connection, code: str) -> str:
    codes = list(connection.scalars(select(Account.code).order_by(Account.code)))
    near = get_close_matches(code.upper(), codes, n=3)
    if near:
        return f"there is no account {code}: did you mean {' or '.join(near)}?"
    return f"there is no account {code}: bring the accounts in first with ./portal import accounts FILE"


def _refuse_known(connection: Connection, email: str) -> None:
    known = connection.scalar(select(Person.kind).where(func.lower(Person.email) == func.lower(email)))
    if known is not None:
        known_as = "one of the staff" if known == PersonKind.STAFF else "a customer"
        another = f"; ./portal user add {email} --role ROLE --also gives them one more role"
        raise Conflict(
            f"{email} is in the portal already, as {known_as}: ./portal user reset {email} makes a new link"
            + (another if known == PersonKind.STAFF else "")
        )


def known_person(connection: Connection, email: str) -> Row:
    person = connection.execute(
        select(Person.id, Person.uuid, Person.kind, Person.email, Person.disabled_at)
        .where(func.lower(Person.email) == func.lower(email.strip()))
        .with_for_update()
    ).one_or_none()
    if person is None:
        raise NotFound(f"nobody in the portal has the e-mail {email}: ./portal user add lets somebody in")
    return person


def _make_member(connection: Connection, person: int, account: int, role: Role, preset: str) -> None:
    connection.execute(insert(Membership).values(account_id=account, person_id=person, role=role))
    if role is Role.PAA:
        return  # holds every function
    for function in sorted(PRESETS[preset]):
        connection.execute(insert(AccessGrant).values(account_id=account, person_id=person, function=function))


def _new_link(connection: Connection, person: int, purpose: str, lasting: timedelta) -> PasswordLink:
    token = secrets.token_urlsafe(32)
    expires_at = connection.execute(
        insert(Link)
        .values(
            token_hash=hashlib.sha256(token.encode()).digest(),
            person_id=person,
            purpose=purpose,
            expires_at=func.now() + lasting,
        )
        .returning(Link.expires_at)
    ).scalar_one()
    return PasswordLink(token, expires_at)


def _void_links(connection: Connection, person: int) -> None:
    unused = update(Link).where(Link.person_id == person, Link.used_at.is_(None))
    connection.execute(unused.values(used_at=func.now()))


def _accounts_without_other_paa(connection: Connection, person: int) -> list[str]:
    """The PAA of an account above counts: they run what is below."""
    return list(connection.scalars(_ORPHANED, {"person": person}))


def note(connection: Connection, person: Row, action: str, *, after: dict[str, str | None] | None = None) -> None:
    """In the audit log, where the PAA of each of their accounts can read it."""
    accounts = connection.scalars(
        select(Membership.account_id).where(Membership.person_id == person.id, Membership.ended_at.is_(None))
    ).all()
    is_staff = person.kind == PersonKind.STAFF
    for account in [None] if is_staff else [*accounts] or [None]:
        connection.execute(
            insert(AuditEntry).values(
                actor_kind=ActorKind.OPERATOR,
                audience="staff" if account is None else "customer",
                account_id=account,
                function=None if account is None else Permission.USER_MANAGE,
                action=action,
                object_kind="person",
                object_id=str(person.uuid),
                object_label=person.email,
                after=after,
            )
        )
