"""Every place of the portal that somebody can open by its address: pages, a row's drawer in each list, every form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from playwright.sync_api import expect
from sqlalchemy import Engine, insert, select, text

from auth.sessions import hashed, new_token, who
from data.access import ACCESS
from data.accounts.listing import ACCOUNTS
from data.audit_log import ACCOUNT_LOG
from data.database import reading
from data.documents.listing import DOCUMENTS
from data.feedback import FEEDBACK
from data.listing import everything, page_of
from data.lists import LISTS
from data.locations.listing import ENTITIES, SITES
from data.models import Person, SignInSession, StaffMember
from data.roster import PEOPLE
from pages import pages_for
from pages.portal.message.beginning import accounts_to_write_for
from pages.portal.ticket.requests import kinds_for
from rules.looking import PARAMETER, looking_at
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.portal_server import Tab

#: Page → the list that it shows; a page that lacks here is opened without a drawer.
SPECS = LISTS | {
    "access": ACCESS,
    "accounts": ACCOUNTS,
    "audit": ACCOUNT_LOG,
    "people": PEOPLE,
    "queue": LISTS["tickets"],
    "billing": LISTS["invoices"],
    "sites": SITES,
    "entities": ENTITIES,
    "documents": DOCUMENTS,
    "feedback": FEEDBACK,
}
#: Pages that ask which account they are about where several are in view, and one that says more of a single one.
OF_ONE, MORE_OF_ONE = frozenset({"statement"}), frozenset({"access"})
#: Page → what is read there, by the parameter of its address and the function that opens it.
NEWS = {
    "notices": ("notice", Permission.NOTICE_VIEW, "select uuid from portal.notice order by published_at desc limit 1"),
    "messages": ("thread", Permission.MESSAGE_USE, "select uuid from portal.thread order by last_at desc limit 1"),
}
#: Forms of pages that have one, by their addresses.
FORMS = {
    "people": "new=staff",
    "accounts": "new=account",
    "parcels": "new=parcel",
    "bank": "bank=file",
    "billing": "run=file",
    "broadcast": "new=notice",
    "sites": "new=1",
    "entities": "new=1",
    "targets": "new=1",
    "documents": "new=document",
}


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


@dataclass(frozen=True)
class Place:
    """An address, on which page it is, and what opens over that page, if anything."""

    address: str
    page: str
    opens: str = ""


def places_of(engine: Engine, principal: Principal) -> Iterator[Place]:
    """Pages as their path alone, drawers and forms with what opens them: "tickets?ticket=RH-2026-000123"."""
    for page in pages_for(principal):
        who, path = principal, page.path
        if path in OF_ONE and len(principal.accounts) > 1:
            code = principal.accounts[-1].code
            who, path = looking_at(principal, code), f"{path}?{PARAMETER}={code}"
        yield Place(path, page.path)
        if path in MORE_OF_ONE and len(principal.accounts) > 1:
            yield Place(f"{path}?account={principal.accounts[-1].code}", page.path)
        for opens in _opened_there(engine, who, page.path):
            name, _, _value = opens.partition("=")
            yield Place(f"{path}{'&' if '?' in path else '?'}{opens}", page.path, opens if name == "new" else name)


def _opened_there(engine: Engine, principal: Principal, path: str) -> Iterator[str]:
    spec = SPECS.get(path)
    if spec is not None and any(map(principal.may, spec.permissions)):
        key = spec.number.key if spec.row_key is spec.number else "uuid"
        rows = page_of(engine, principal, spec, everything(spec), size=1).values[key]
        yield from (f"{spec.row_parameter}={quote(str(row))}" for row in rows)
    if path in NEWS:
        parameter, permission, newest = NEWS[path]
        with reading(engine, principal, permission) as connection:
            rows = connection.scalars(text(newest)).all()
        yield from (f"{parameter}={row}" for row in rows)
    if path == "tickets":
        yield from (f"new={kind}" for kind in kinds_for(principal))
        if "shipment" in kinds_for(principal) and not principal.is_staff:
            yield "claim=parcel"
    if path == "access" and not principal.is_staff:
        yield "invite=1"
    if path == "messages" and accounts_to_write_for(principal):
        yield "write=new"
    if path in FORMS and (path != "accounts" or principal.may(Permission.ACCOUNT_MANAGE)):
        yield FORMS[path]


#: As the browser's own Back does it: nothing is loaded anew. Done once Streamlit has heard of it.
GO = """(address) => new Promise((done) => {
  const seen = new MutationObserver(() => document.documentElement.hasAttribute("data-moves") && done());
  seen.observe(document.documentElement, { attributes: true });
  setTimeout(done, 2000);
  history.pushState({}, "", address);
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
})"""


def go_on(tab: Tab, address: str) -> None:
    """To another page in the same tab, drawn to its end."""
    tab.page.evaluate(GO, address)
    tab.settle()


def walk(tab: Tab, engine: Engine, principal: Principal, seen: set[tuple[str, str]]) -> Iterator[str]:
    """Each place that was not looked at yet, as somebody's tab shows it, drawn to its end."""
    tab.page.goto(tab.portal.address)
    tab.settle()
    for place in places_of(engine, principal):
        if (place.page, place.opens) in seen:
            continue
        seen.add((place.page, place.opens))
        go_on(tab, f"/{place.address}")
        expect(tab.page.get_by_role("heading", level=1).first, place.address).to_be_visible()
        expect(tab.page.get_by_role("dialog"), place.address).to_have_count(1 if place.opens else 0)
        expect(tab.page.get_by_test_id("stSkeleton"), place.address).to_have_count(0)
        expect(tab.page.get_by_test_id("stAlertContentError"), place.address).to_have_count(0)
        assert tab.fits(), f"{place.address} is too wide"
        yield place.address


def opened_by_clicks(tab: Tab) -> Iterator[str]:
    """What has no address of its own: finance's reminder, and the payment of several invoices."""
    dialog = tab.page.get_by_role("dialog")
    tab.go("/billing?by=late")
    tab.page.get_by_role("button", name="Remind all").click()
    expect(dialog.get_by_role("button", name="Send", exact=False).last).to_be_visible()
    tab.settle()
    yield "billing: a reminder"
    tab.go("/billing")
    tab.page.get_by_test_id("stDataFrame").last.click(position={"x": 16, "y": 36 + 18})
    tab.page.get_by_role("button", name="Record payments").click()
    expect(dialog.get_by_label("Paid on").first).to_be_visible()
    tab.settle()
    yield "billing: several payments"
