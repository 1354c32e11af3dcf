"""Who of the staff is whom at the provider of single sign-on, as the operator sees to it on the server."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, select, text

from data.models import ExternalIdentity, Person
from data.people import known_person, note
from rules.errors import Conflict, Invalid
from rules.principal import PersonKind

LONGEST_SUBJECT = 255
_END_SESSIONS = text("""
with ended as (
    update auth.session set revoked_at = now()
    where person_id = :person and proved_by = 'oidc' and revoked_at is null returning token_hash
)
select pg_notify('portal', 'S' || encode(token_hash, 'hex')) from ended
""")


def link_person(connection: Connection, email: str, issuer: str, subject: str) -> None:
    """From now on this subject is this member of staff: one person's alone, who has no other of this issuer."""
    person, subject = known_person(connection, email), subject.strip()
    if person.kind != PersonKind.STAFF:
        raise Conflict(f"{person.email} is a customer: single sign-on is for staff")
    if not subject or len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise Invalid("the subject is what the provider writes into `sub`: up to 255 characters", "subject")
    of_issuer = ExternalIdentity.issuer == issuer
    whose = connection.scalar(
        select(Person.email).join(ExternalIdentity).where(of_issuer, ExternalIdentity.subject == subject)
    )
    if whose is not None:
        raise Conflict(f"this subject is {whose} already: ./portal user unlink-oidc {whose} takes it away")
    if connection.scalar(select(func.count()).where(of_issuer, ExternalIdentity.person_id == person.id)):
        raise Conflict(f"{person.email} has another subject: ./portal user unlink-oidc {person.email} takes it away")
    connection.execute(insert(ExternalIdentity).values(issuer=issuer, subject=subject, person_id=person.id))
    note(connection, person, "person.link", after={"issuer": issuer, "sign_on_subject": subject})


def unlink_person(connection: Connection, email: str) -> bool:
    """No subject of any issuer is them any more, and what they began by single sign-on ends. False if none was."""
    person = known_person(connection, email)
    gone = delete(ExternalIdentity).where(ExternalIdentity.person_id == person.id)
    if not connection.execute(gone.returning(ExternalIdentity.subject)).all():
        return False
    connection.execute(_END_SESSIONS, {"person": person.id})
    note(connection, person, "person.unlink")
    return True
