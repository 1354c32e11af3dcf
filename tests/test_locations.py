"""Sites, whom to call there and who invoices, as an administrator sees to them; and that nobody else can at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from streamlit.testing.v1 import AppTest

from data.accounts import ACCOUNTS
from data.audit_log import AUDIT
from data.commands import Command, execute
from data.contacts import list_contacts
from data.database import context_of, hat_of
from data.listing import Country, Kind, ListSpec, countries_of, page_of, read_asked
from data.lists import LISTS
from data.locations import (
    ENTITIES,
    SITES,
    AddContact,
    AddTarget,
    ChangeContact,
    ChangeEntity,
    ChangeSite,
    CreateEntity,
    CreateSite,
    Entity,
    RemoveContact,
    Site,
    WriteBankDetails,
    get_entity,
    get_site,
    list_targets,
)
from data.sites import list_sites, sites_changed
from data.ticketing import RegisterParcel
from data.ticketing.pickers import sites_to_choose
from jobs.letters.facts import Facts
from jobs.letters.texts import full_text
from rules.errors import Conflict, Forbidden, Invalid, NotFound, NotProven, Problems
from rules.locations import looks_like_phone, promises
from rules.mail import MailKind
from rules.permissions import Permission
from rules.principal import Principal
from rules.request_types import Carrier, TicketKind
from rules.sla import Clock
from tests.cluster import Database
from tests.standing import page_of as page_at
from tests.standing import words_of
from ui.changes import changes_of
from ui.list_view.table import _cells
from ui.reader import Reader, reading_as
from ui.report import cover_of, sheet_columns
from ui.reports_by_name import OTHERS

P = Permission
SignIn = Callable[[str], Principal]
PUT_ON = """select set_config('role', :hat, true), set_config('portal.session', :token, true),
    set_config('portal.account', :account, true), set_config('portal.accounts', :accounts, true)"""
IBAN = "Evil Bank, IBAN XX00 ZQZQ"


@dataclass
class Office:
    """Ada's desk: what she does to sites, each test with a site of its own."""

    database: Database
    sign_in: SignIn

    def does(self, command: Command, who: str = "ada", key: UUID | None = None) -> Any:
        return execute(self.database.app, self.sign_in(who), command, key=key or (uuid4() if command.creates else None))

    def makes(self, **facts: Any) -> UUID:
        about = {"called": "New York 1", "country": "US", "city": "New York", "time_zone": "America/New_York"}
        about["code"] = f"T-{uuid4().hex[:10]}"
        return UUID(self.does(CreateSite(**{**about, **facts}))["uuid"])

    def sees(self, site: UUID) -> Site:
        return get_site(self.database.app, self.sign_in("ada"), site)

    def changes(self, site: UUID, **facts: Any) -> Any:
        return self.does(change_of(self.sees(site), **facts))

    def founds(self, **facts: Any) -> UUID:
        about = {"called": "Example US", "country": "US", "currency": "USD", "time_zone": "America/New_York"}
        about["code"] = f"E-{uuid4().hex[:10]}"
        return UUID(self.does(CreateEntity(**{**about, **facts}))["uuid"])

    def entity(self, uuid: UUID) -> Entity:
        return get_entity(self.database.app, self.sign_in("ada"), uuid)

    def owner(self, statement: str, **values: object) -> Any:
        with self.database.as_owner() as connection:
            result = connection.execute(text(statement), values)
            return result.scalar() if result.returns_rows else None

    def told(self, uuid: UUID) -> list[tuple[str, Any, Any]]:
        """What the log says of it: action, before, after."""
        with self.database.as_owner() as connection:
            statement = "select action, before, after from portal.audit_entry where object_id = :id order by id"
            return [tuple(row) for row in connection.execute(text(statement), {"id": str(uuid)})]


def change_of(site: Site, **facts: Any) -> ChangeSite:
    about: dict[str, Any] = {
        "called": site.name, "country": site.country, "city": site.city, "time_zone": site.time_zone,
        "status": site.status, "address": site.address, "issuer": site.issuer,
        "latitude": None if site.latitude is None else str(site.latitude),
        "longitude": None if site.longitude is None else str(site.longitude),
    }  # fmt: skip
    return ChangeSite(site=site.uuid, version=site.version, **{**about, **facts})


def change_of_entity(entity: Entity, **facts: Any) -> ChangeEntity:
    about: dict[str, Any] = {
        "called": entity.name, "country": entity.country, "currency": entity.currency, "time_zone": entity.time_zone,
        "tax_rounding": entity.tax_rounding, "tax_id": entity.tax_id, "address": entity.address,
        "finance_email": entity.finance_email,
    }  # fmt: skip
    return ChangeEntity(entity=entity.uuid, version=entity.version, **{**about, **facts})


@pytest.fixture
def office(database: Database, sign_in: SignIn) -> Office:
    sites_changed(database.app)
    return Office(database, sign_in)


def fields_of(problem: pytest.ExceptionInfo[Problems]) -> set[str | None]:
    return {each.field for each in problem.value.all}


# --- sites


def test_a_new_site_with_a_contact_stands_among_all_contacts(office: Office) -> None:
    site = office.makes(latitude="40.7128", longitude="-74.006", issuer="EX-KR")
    card = {"phone": "+1 212 555 0100", "languages": ("en", "es"), "hours": "24×7"}
    office.does(AddContact("service_desk", "Desk New York", site=site, **card))
    sites_changed(office.database.app)
    found = next(each for each in list_contacts(office.database.app, office.sign_in("ana")) if each.uuid == site)
    assert (found.latitude, found.longitude) == (40.7128, -74.006)
    assert found.contacts[0].languages == ("en", "es")
    assert found.issuer is not None and found.issuer.code == "EX-KR"
    created, added = office.told(site)
    assert created[2]["entity"] == "EX-KR" and created[2]["latitude"] == "40.7128"
    assert added[0] == "site.add_contact" and added[2]["contact_kind"] == "service_desk"


def test_the_same_form_sent_twice_makes_one_site(office: Office) -> None:
    key, command = uuid4(), CreateSite("Twice", "KR", "Seoul", "Asia/Seoul", code=f"T-{uuid4().hex[:10]}")
    first, again = office.does(command, key=key), office.does(command, key=key)
    assert first["uuid"] == again["uuid"] and again.again
    with pytest.raises(Invalid, match="taken"):
        office.does(command)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("called", "  "), ("called", "x" * 201), ("country", "XX"), ("city", ""), ("time_zone", "Asia/Atlantis"),
        ("time_zone", "Europe"), ("status", "open"), ("latitude", "91"), ("latitude", "1e5"), ("longitude", "-181"),
        ("longitude", None), ("issuer", "EX-NOWHERE"), ("address", "x" * 1001),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field(field: str, value: Any, office: Office) -> None:
    site = office.makes(latitude="1", longitude="1")
    with pytest.raises(Problems) as problem:
        office.changes(site, **{field: value})
    assert fields_of(problem) == {field}
    assert office.sees(site).version == 1


@pytest.mark.parametrize("code", ["", "a b", "x" * 51, "é", "a/b"])
def test_a_code_stands_in_addresses(code: str, office: Office) -> None:
    with pytest.raises(Invalid) as problem:
        office.makes(code=code)
    assert problem.value.field == "code"


def test_a_change_notes_what_changed_alone_and_the_second_of_two_is_told(office: Office) -> None:
    site = office.makes()
    seen = office.sees(site)
    office.does(change_of(seen, address="1 Broadway"))
    assert office.told(site)[-1] == ("site.change", {"address": None}, {"address": "1 Broadway"})
    with pytest.raises(Conflict):
        office.does(change_of(seen, address="2 Broadway"))
    assert office.does(change_of(office.sees(site)))["changed"] is False
    assert office.sees(site).address == "1 Broadway"
    assert len(office.told(site)) == 2


def test_a_site_that_never_was_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        office.sees(uuid4())
    with pytest.raises(NotFound):
        office.does(AddContact("security", "Nobody", "+1 212 555 0100", site=uuid4()))


@pytest.mark.parametrize("status", ["planned", "closed"])
def test_at_a_site_that_is_not_in_operation_nothing_is_asked_for(status: str, office: Office) -> None:
    """What is there stays to be seen, so lists and filters go on naming it."""
    site = office.makes()
    ana = office.sign_in("ana")
    account = ana.accounts[0].id

    def offered() -> set[UUID]:
        sites_changed(office.database.app)
        return {each.uuid for each in sites_to_choose(office.database.app, ana, TicketKind.REMOTE_HANDS, account)}

    assert site in offered()
    office.changes(site, status=status)
    assert site not in offered()
    assert site in {each.uuid for each in list_sites(office.database.app, ana)}
    shown = {each.uuid for each in list_contacts(office.database.app, ana)}
    assert (site in shown) is (status == "planned")
    arrived = RegisterParcel(office.sees(site).id, Carrier.DHL, uuid4().hex, "Somebody")
    with pytest.raises(Problems) as problem:
        office.does(arrived, "dee")
    assert fields_of(problem) == {"site_id"}
    office.changes(site, status="active")
    office.does(arrived, "dee")


# --- whom to call


def test_a_contact_is_changed_and_removed_as_it_was_seen(office: Office) -> None:
    site = office.makes()
    contact = UUID(office.does(AddContact("security", "Gate", "+1 212 555 0100", site=site))["uuid"])
    office.does(ChangeContact(contact, 1, "security", "Gate", "+1 212 555 0101"))
    assert office.told(site)[-1] == (
        "site.change_contact", {"phone": "+1 212 555 0100"}, {"phone": "+1 212 555 0101"}
    )  # fmt: skip
    for stale in (RemoveContact(contact, 1), ChangeContact(contact, 1, "security", "Door", "+1 212 555 0102")):
        with pytest.raises(Conflict):
            office.does(stale)
    office.does(RemoveContact(contact, 2))
    assert office.sees(site).contacts == ()
    with pytest.raises(NotFound):
        office.does(RemoveContact(contact, 2))


@pytest.mark.parametrize(
    ("field", "card"),
    [
        ("kind", {"kind": "janitor"}), ("called", {"called": ""}), ("phone", {"phone": "call me"}),
        ("phone", {"phone": "javascript:1234"}), ("phone", {"phone": None}), ("email", {"email": "nobody"}),
        ("languages", {"languages": ("xx-nope",)}), ("hours", {"hours": "x" * 101}),
    ],
)  # fmt: skip
def test_what_is_no_contact_is_refused(field: str, card: dict[str, Any], office: Office) -> None:
    site = office.makes()
    with pytest.raises(Problems) as problem:
        office.does(AddContact(**{"kind": "security", "called": "Gate", "phone": "+1 212 555 0100", **card}, site=site))
    assert fields_of(problem) == {field}
    assert office.sees(site).contacts == ()


def test_what_can_be_dialled() -> None:
    assert all(map(looks_like_phone, ("+82 2 555 0100", "(02) 555-0100"[1:], "112", "+81.3.5550.0100")))
    assert not any(map(looks_like_phone, ("", "+", "12", "call", "+82 2 555 0100; drop", "1" * 41)))


# --- legal entities


def test_an_entity_is_made_and_changed_and_the_log_says_what(office: Office) -> None:
    entity = office.founds(finance_email="money@portal.example")
    office.does(change_of_entity(office.entity(entity), tax_id="12-3456789"))
    assert office.entity(entity).tax_id == "12-3456789"
    assert office.told(entity)[-1] == ("entity.change", {"tax_id": None}, {"tax_id": "12-3456789"})
    with pytest.raises(Conflict):
        office.does(replace(change_of_entity(office.entity(entity)), version=1))
    with pytest.raises(Problems) as problem:
        office.does(change_of_entity(office.entity(entity), currency="XYZ", finance_email="x", tax_rounding="up"))
    assert fields_of(problem) == {"currency", "finance_email", "tax_rounding"}


def test_bank_details_are_written_and_read_back_nowhere(office: Office) -> None:
    entity = office.founds()
    assert office.does(WriteBankDetails(entity, 1, f"  {IBAN}\n"))["changed"] is True
    assert office.owner("select bank_details from portal.legal_entity where uuid = :u", u=entity) == IBAN
    assert office.told(entity)[-1] == ("entity.bank_details", None, None)
    kept = "select count(*) from {} x where x::text like '%ZQZQ%'"
    for table in ("portal.audit_entry", "portal.mail", "portal.draft", "portal.command_key"):
        assert office.owner(kept.format(table)) == 0, table
    assert IBAN not in repr(WriteBankDetails(entity, 2, IBAN))
    assert office.does(WriteBankDetails(entity, 2, IBAN))["changed"] is False
    with pytest.raises(Conflict):
        office.does(WriteBankDetails(entity, 1, "Other Bank"))
    with pytest.raises(NotFound):
        office.does(WriteBankDetails(uuid4(), 1, "Other Bank"))
    with pytest.raises(Problems):
        office.does(WriteBankDetails(entity, 2, "x" * 1001))


def test_finance_and_the_other_administrators_hear_of_it_and_nobody_else(office: Office) -> None:
    office.owner(
        "with p as (insert into portal.person (kind, email, name) values ('staff', 'ann@portal.example', 'Ann') "
        "returning id) insert into portal.staff_member select id, 'administrator' from p"
    )
    entity = office.founds(called="Told Inc.")
    office.does(WriteBankDetails(entity, 1, IBAN))
    office.does(WriteBankDetails(entity, 2, "Another Bank"))
    with office.database.as_owner() as connection:
        statement = """select p.email, l.reach, m.context from portal.mail m join portal.person p on p.id = m.person_id,
            lateral authz.letter(m.id) l where m.kind = 'bank_details' and m.dedupe_key like :of order by m.id"""
        told = connection.execute(text(statement), {"of": f"%{entity}%"}).all()
    assert sorted({email for email, _reach, _said in told}) == ["ann@portal.example", "finance@portal.example"]
    assert len(told) == 4 and {reach for _email, reach, _said in told} == {"full"}
    letter = full_text(MailKind.BANK_DETAILS, Facts.__new__(Facts), told[0].context)
    assert "Told Inc." in letter.subject and "Ada Admin" in " ".join(letter.paragraphs)
    office.owner("delete from portal.staff_member where role = 'finance'")
    assert office.owner(
        "select l.reach from portal.mail m join portal.person p on p.id = m.person_id, lateral authz.letter(m.id) l "
        "where m.kind = 'bank_details' and p.email = 'finance@portal.example' limit 1"
    ) == "none"  # fmt: skip
    office.owner("insert into portal.staff_member select id, 'finance' from portal.person where email ^@ 'finance@'")


# --- service targets


def test_a_target_counts_from_its_moment_on_and_never_before(office: Office) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    office.does(AddTarget("remote_hands", "first_answer", minutes=10, since=tomorrow))
    (agreed,) = list_targets(office.database.app, office.sign_in("ada"))
    assert agreed.target == timedelta(minutes=10)
    assert agreed.since == tomorrow
    office.does(AddTarget("remote_hands", "first_answer"))
    soonest = list_targets(office.database.app, office.sign_in("ada"))[-1]
    assert soonest.target is None and soonest.since > datetime.now(UTC) + timedelta(seconds=30)
    with pytest.raises(Invalid) as problem:
        office.does(AddTarget("remote_hands", "first_answer", minutes=10, since=datetime.now(UTC)))
    assert problem.value.field == "since"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("kind", {"kind": "favour"}), ("clock", {"clock": "third"}), ("severity", {"severity": "P1"}),
        ("clock", {"clock": "second"}), ("minutes", {"minutes": 0}), ("minutes", {"minutes": 10**9}),
    ],
)  # fmt: skip
def test_what_is_no_target_is_refused(field: str, said: dict[str, Any], office: Office) -> None:
    with pytest.raises(Problems) as problem:
        office.does(AddTarget(**{"kind": "remote_hands", "clock": "first_answer", "minutes": 5, **said}))
    assert fields_of(problem) == {field}


def test_what_can_be_promised_otherwise() -> None:
    assert (TicketKind.FAULT, Clock.SECOND) in promises()
    assert (TicketKind.REMOTE_HANDS, Clock.SECOND) not in promises()
    assert {kind for kind, clock in promises() if clock is Clock.FIRST_ANSWER} == set(TicketKind)


# --- nobody else


@pytest.mark.parametrize("who", ["ana", "bea", "mia", "fin", "dee"])
def test_nobody_but_an_administrator_sees_to_sites(who: str, office: Office) -> None:
    site = office.makes()
    contact = UUID(office.does(AddContact("security", "Gate", "+1 212 555 0100", site=site))["uuid"])
    entity = office.founds()
    for command in (
        CreateSite("Mine", "KR", "Seoul", "Asia/Seoul", code=f"T-{uuid4().hex[:10]}"),
        change_of(office.sees(site), called="Mine"),
        AddContact("security", "Me", "+1 212 555 0100", site=site),
        ChangeContact(contact, 1, "security", "Me", "+1 212 555 0100"),
        RemoveContact(contact, 1),
        CreateEntity("Mine", "KR", "KRW", "Asia/Seoul", code=f"E-{uuid4().hex[:10]}"),
        change_of_entity(office.entity(entity), finance_email="me@evil.example"),
        WriteBankDetails(entity, 1, IBAN),
        AddTarget("fault", "first_answer", minutes=1),
    ):
        with pytest.raises(Forbidden):
            office.does(command, who)
    for read in (
        lambda who: get_site(office.database.app, who, site),
        lambda who: get_entity(office.database.app, who, entity),
        lambda who: page_of(office.database.app, who, SITES, read_asked(SITES, {})),
        lambda who: page_of(office.database.app, who, ENTITIES, read_asked(ENTITIES, {})),
        lambda who: list_targets(office.database.app, who),
    ):
        with pytest.raises(Forbidden):
            read(office.sign_in(who))
    assert office.owner("select bank_details from portal.legal_entity where uuid = :u", u=entity) is None


def by_hand(office: Office, who: str | Principal, statement: str) -> int:
    """How many rows it changes, or what it answers, under that person's hat; 0 where it is refused. Nothing stays."""
    principal = office.sign_in(who) if isinstance(who, str) else who
    with office.database.app.connect() as connection:
        connection.execute(text(PUT_ON), context_of(principal, hat_of(principal, P.NOTICE_VIEW)))
        try:
            result = connection.execute(text(statement))
            return len(result.all()) if result.returns_rows else result.rowcount
        except DBAPIError as refused:
            if refused.orig.sqlstate != "42501":  # type: ignore[union-attr]
                raise
            return 0
        finally:
            connection.rollback()


#: Statements that no hat may run, whoever wears it.
NOBODY = {
    "bank details by hand": "update portal.legal_entity set bank_details = 'x' where code = 'EX-KR'",
    "bank details at once": "insert into portal.legal_entity (code, name, country, currency, bank_details) "
    "values ('X', 'X', 'KR', 'KRW', 'x')",
    "bank details read": "select bank_details from portal.legal_entity",
    "another code": "update portal.site set code = 'X' where code = 'SEL1'",
    "another code of an entity": "update portal.legal_entity set code = 'X' where code = 'EX-KR'",
    "another uuid": "update portal.site set uuid = gen_random_uuid() where code = 'SEL1'",
    "another uuid of a contact": "update portal.site_contact set uuid = gen_random_uuid()",
    "a contact moved elsewhere": "update portal.site_contact set site_id = 1",
    "a version of one's own": "insert into portal.site (code, name, country, city, time_zone, version) "
    "values ('X', 'X', 'KR', 'X', 'UTC', 7)",
    "a site gone": "delete from portal.site",
    "an entity gone": "delete from portal.legal_entity",
    "a promise changed": "update portal.sla_target set minutes = 1",
    "a promise gone": "delete from portal.sla_target",
    "a promise of yesterday": "insert into portal.sla_target (kind, clock, minutes, since) "
    "values ('fault', 'first_answer', 1, now())",
    "a mail about it": "insert into portal.mail (dedupe_key, kind, person_id, context, message_id) "
    "select 'x', 'bank_details', id, '{}', 'x' from portal.person limit 1",
}  # fmt: skip


@pytest.mark.parametrize("what", NOBODY)
def test_the_database_refuses(what: str, office: Office) -> None:
    for who in ("ada", "dee", "fin", "mia", "ana"):
        assert by_hand(office, who, NOBODY[what]) == 0, who


_BANK = "authz.write_bank_details((select uuid from portal.legal_entity where code = 'EX-KR'), 1, 'x', '<a@b>', null)"
#: The very statements that work for an administrator; of the second kind only where they have proved who they are.
ONLY_ADA = {
    "a site": "insert into portal.site (code, name, country, city, time_zone) values ('X', 'X', 'KR', 'X', 'UTC')",
    "a name": "update portal.site set name = 'x', version = version + 1 where code = 'SEL1'",
    "a contact": "insert into portal.site_contact (site_id, kind, name) select id, 'security', 'x' from portal.site",
    "another number": "update portal.site_contact set phone = '+1 666'",
    "no contact": "delete from portal.site_contact",
    "a promise": "insert into portal.sla_target (kind, clock, minutes) values ('fault', 'first_answer', 1)",
}
ONLY_PROVEN = {
    "another finance team": "update portal.legal_entity set finance_email = 'me@evil.example' where code = 'EX-KR'",
    "an entity": "insert into portal.legal_entity (code, name, country, currency) values ('X', 'X', 'KR', 'KRW')",
    "bank details": f"select x from {_BANK} x where x = 'done'",
}


@pytest.mark.parametrize("what", [*ONLY_ADA, *ONLY_PROVEN])
def test_what_an_administrator_may_nobody_else_can_by_hand(what: str, office: Office) -> None:
    statement = (ONLY_ADA | ONLY_PROVEN)[what]
    assert by_hand(office, "ada", statement) > 0
    for who in ("ana", "bea", "mia", "fin", "dee"):
        assert by_hand(office, who, statement) == 0, who


def left_open(office: Office) -> Principal:
    """A browser in which nobody has proved anything for a quarter of an hour."""
    ada = office.sign_in("ada")
    office.owner("update auth.session set proved_at = now() - interval '15 minutes'")
    return ada


@pytest.mark.parametrize("what", ONLY_PROVEN)
def test_the_database_asks_for_proof_by_itself(what: str, office: Office) -> None:
    ada = left_open(office)
    assert by_hand(office, ada, ONLY_PROVEN[what]) == 0
    assert by_hand(office, ada, ONLY_ADA["a name"]) == 1


def test_a_browser_left_open_says_nowhere_else_to_pay(office: Office) -> None:
    entity = office.founds()
    ada = left_open(office)
    for command in (WriteBankDetails(entity, 1, IBAN), ChangeEntity(entity, 1, "Mine", "KR", "KRW", "Asia/Seoul")):
        with pytest.raises(NotProven):
            execute(office.database.app, ada, command)
    office.does(WriteBankDetails(entity, 1, IBAN))


# --- the lists and pages


def test_the_lists_find_what_is_asked(office: Office) -> None:
    office.makes(called="Nowhere 7", city="Atlantis")
    ada = office.sign_in("ada")

    def names(spec: Any, **asked: str) -> set[str]:
        wanted = {key: (value,) for key, value in asked.items()}
        return set(page_of(office.database.app, ada, spec, read_asked(spec, wanted)).values["name"])

    assert names(SITES, q="atlantis") == {"Nowhere 7"}
    for lacking in ("desk", "coordinates", "issuer"):
        assert names(SITES, q="atlantis", lacks=lacking) == {"Nowhere 7"}
        assert names(SITES, q="SEL1", lacks=lacking) == set()
    assert names(SITES, q="SEL1", status="closed") == set()
    assert names(ENTITIES, q="ex-kr") == {"Example Data Centers Korea Ltd."}
    assert names(ENTITIES, currency="INR") == {"Example Data Centers India Pvt. Ltd."}


@pytest.mark.parametrize("said", ["India", "ndia", "인도", "インド", "印度"])
def test_a_country_is_found_by_its_name_in_any_language(said: str, office: Office) -> None:
    for country in ("IN", "US"):
        office.makes(called=f"Lemuria {country}", country=country)
    asked = read_asked(SITES, {"q": (f"Lemuria {said}",)})
    assert set(page_of(office.database.app, office.sign_in("ada"), SITES, asked).values["country"]) == {"IN"}


@pytest.mark.parametrize("spec", [SITES, ENTITIES, ACCOUNTS], ids=lambda spec: spec.name)
def test_a_list_with_countries_is_filtered_by_them(spec: ListSpec, office: Office) -> None:
    ada = office.sign_in("ada")

    def found(*countries: str) -> list[str | None]:
        return page_of(office.database.app, ada, spec, read_asked(spec, {"country": countries}), size=500).values[
            "country"
        ]

    everywhere = found()
    assert set(countries_of(office.database.app, ada, spec)) == set(everywhere) - {None} >= {"JP", "KR"}
    assert found("KR") == [country for country in everywhere if country == "KR"]
    assert len(found("JP", "KR")) == everywhere.count("JP") + everywhere.count("KR")
    assert found("AQ") == []
    with pytest.raises(Invalid):
        read_asked(spec, {"country": ("South Korea",)})


def test_every_list_that_shows_a_country_is_filtered_by_it() -> None:
    specs = [*LISTS.values(), *OTHERS, AUDIT]
    shown = {spec.name for spec in specs if any(column.kind is Kind.COUNTRY for column in spec.columns)}
    assert shown == {spec.name for spec in specs if any(isinstance(each, Country) for each in spec.filters)} != set()


@pytest.mark.usefixtures("configured")
class TestThePages:
    def test_countries_are_chosen_by_name_and_stand_in_the_address_as_codes(self, office: Office) -> None:
        app = self.opened(office, "sites", country="KR")
        (choice,) = (one for one in app.multiselect if (one.key or "").startswith("sites.country."))
        assert {"Japan", "South Korea"} <= set(choice.options) and {"JP", "KR"}.isdisjoint(choice.options)
        assert choice.value == ["KR"] and choice.options == sorted(choice.options)
        assert set(app.dataframe[0].value["country"]) == {"South Korea"}

    @pytest.mark.parametrize(("language", "names"), [("en", "Japan, South Korea"), ("ko", "일본, 대한민국")])
    def test_a_report_says_of_which_countries_it_is(self, language: str, names: str) -> None:
        with reading_as(Reader(language)):
            cover = cover_of(SITES, read_asked(SITES, {"country": ("JP", "KR")}), person="Ada", accounts=[])
        assert names in dict(cover.facts).values()

    @pytest.mark.parametrize(("language", "name"), [("en", "Philippines"), ("ko", "필리핀")])
    def test_a_country_is_written_by_its_name(self, language: str, name: str, office: Office) -> None:
        site = office.makes(called="Manila 1", country="PH")
        asked = read_asked(SITES, {"q": ("Manila",)})
        rows = page_of(office.database.app, office.sign_in("ada"), SITES, asked).values
        (column,) = (column for column in SITES.columns if column.key == "country")
        with reading_as(Reader(language)):
            assert _cells(column, rows, ()).to_pylist() == [name] * len(rows["uuid"])
            in_words = sheet_columns([column])[0].in_words
            assert in_words is not None and list(in_words(["PH", None])) == [name, None]
            assert changes_of([None, {"country": "PH"}])[0].after == name
        assert "Philippines" in str(self.opened(office, "sites", site).table[0].value)

    def opened(self, office: Office, page: str, uuid: UUID | None = None, **asked: str) -> AppTest:
        opens = {"open": str(uuid)} if uuid else {}
        app = page_at(office.sign_in("ada"), f"pages.staff.locations.{page}", **opens, **asked)
        assert not app.exception, app.exception
        return app

    def buttons(self, app: AppTest) -> set[str]:
        return {button.label for button in app.button}

    def test_a_site_offers_its_facts_and_its_contacts(self, office: Office) -> None:
        site = office.makes()
        office.does(AddContact("security", "Gate <b>7</b>", "+1 212 555 0100", site=site))
        app = self.opened(office, "sites", site)
        assert {"Change", "Add contact", "Remove"} <= self.buttons(app)
        assert "Gate \\<b\\>7" in words_of(app) or "Gate &lt;b&gt;7" in words_of(app)
        next(button for button in app.button if button.label == "Remove").click().run()
        assert office.sees(site).contacts == ()

    def test_a_new_site_is_asked_for_in_a_form(self, office: Office) -> None:
        app = self.opened(office, "sites", new="1")
        labels = {each.label for kind in (app.text_input, app.selectbox, app.text_area) for each in kind}
        assert {"Name", "Code", "Time zone", "City", "Country"} <= {label.partition(" · ")[0] for label in labels}

    def test_an_entity_never_shows_where_it_is_paid(self, office: Office) -> None:
        entity = office.founds()
        office.does(WriteBankDetails(entity, 1, IBAN))
        app = self.opened(office, "entities", entity)
        assert {"Change", "Write bank details"} <= self.buttons(app)
        next(button for button in app.button if button.label == "Write bank details").click().run()
        assert app.text_area[0].value == ""
        assert "ZQZQ" not in words_of(app)
        app.text_area[0].set_value("Third Bank")
        next(button for button in app.button if button.label == "Write").click().run()
        assert office.owner("select bank_details from portal.legal_entity where uuid = :u", u=entity) == "Third Bank"
        assert office.owner("select count(*) from portal.draft d where d::text like '%Third Bank%'") == 0

    def test_who_left_their_browser_open_is_asked_who_they_are(self, office: Office) -> None:
        entity = office.founds()
        ada = left_open(office)
        app = page_at(ada, "pages.staff.locations.entities", open=str(entity))
        next(button for button in app.button if button.label == "Write bank details").click().run()
        assert not app.text_area
        assert "Confirm" in words_of(app)

    def test_targets_stand_beside_the_general_ones(self, office: Office) -> None:
        app = self.opened(office, "targets")
        general = app.dataframe[0].value
        row = general[(general["kind"] == "Fault report") & (general["severity"] == "P1")]
        assert len(row) == 2
        form = self.opened(office, "targets", new="1")
        assert "Agree a target" in self.buttons(form) or form.selectbox
