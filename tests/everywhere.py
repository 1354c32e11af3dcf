"""Every place of the portal that somebody can open by its address: pages, a row's drawer in each list, every form."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from sqlalchemy import Engine, insert, select, text

from auth.sessions import hashed, new_token, who
from data.access import ACCESS
from data.accounts.listing import ACCOUNTS
from data.audit_log import ACCOUNT_LOG
from data.database import reading
from data.listing import everything, page_of
from data.lists import LISTS
from data.models import Person, SignInSession, StaffMember
from data.roster import PEOPLE
from pages import pages_for
from pages.portal.ticket.requests import kinds_for
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST

#: Page → the list that it shows; a page that lacks here is opened without a drawer.
SPECS = LISTS | {
    "access": ACCESS,
    "accounts": ACCOUNTS,
    "audit": ACCOUNT_LOG,
    "people": PEOPLE,
    "queue": LISTS["tickets"],
    "billing": LISTS["invoices"],
}
#: Page → what is read there, by the parameter of its address and the function that opens it.
NEWS = {
    "notices": ("notice", Permission.NOTICE_VIEW, "select uuid from portal.notice order by published_at desc limit 1"),
    "messages": ("thread", Permission.MESSAGE_USE, "select uuid from portal.thread order by last_at desc limit 1"),
}
#: Forms of pages that have one, by their addresses.
FORMS = {"people": "new=staff", "accounts": "new=account", "parcels": "new=parcel", "bank": "bank=file"}


def come_in(database: Database, name: str, language: str | None = None) -> Principal:
    """`come_in(demo, "ana")`: a live session of somebody of the cast, who proved a moment ago that it is they."""
    token = new_token()
    with database.as_owner() as connection:
        person = connection.execute(select(Person.id).where(Person.email == CAST[name])).scalar_one()
        role = connection.execute(select(StaffMember.role).where(StaffMember.person_id == person)).scalar()
        connection.execute(
            insert(SignInSession).values(
                token_hash=hashed(token), person_id=person, role=role, expires_at=text("now() + interval '1 hour'")
            )
        )
        if language is not None:
            set_language = text("update portal.person set language = :language where id = :person")
            connection.execute(set_language, {"language": language, "person": person})
    signed = who(database.auth, token)
    assert signed is not None
    return signed.principal


def addresses_of(engine: Engine, principal: Principal) -> Iterator[str]:
    """Pages as their path alone, drawers and forms with what opens them: "tickets?ticket=RH-2026-000123"."""
    kinds = kinds_for(principal)
    for page in pages_for(principal):
        yield page.path
        spec = SPECS.get(page.path)
        if spec is not None and any(map(principal.may, spec.permissions)):
            key = spec.number.key if spec.row_key is spec.number else "uuid"
            rows = page_of(engine, principal, spec, everything(spec), size=1).values[key]
            yield from (f"{page.path}?{urlencode({spec.row_parameter: str(row)})}" for row in rows)
        if page.path in NEWS:
            parameter, permission, newest = NEWS[page.path]
            with reading(engine, principal, permission) as connection:
                rows = connection.scalars(text(newest)).all()
            yield from (f"{page.path}?{parameter}={row}" for row in rows)
        if page.path == "tickets":
            yield from (f"tickets?new={kind}" for kind in kinds)
        if page.path in FORMS:
            yield f"{page.path}?{FORMS[page.path]}"
