"""The people everybody meets, in the demo and in the tests: Ana's Acme, Bea's Bolt, and the operator's staff.

Ana is the PAA of Acme Group, which manages Acme Seoul and Acme Osaka; Abel works for Acme Seoul and may only request
remote hands, in Seoul; Vic only looks. Bea is the PAA of Bolt; neither company may see the other. Mia is the account
manager of Acme, not of Bolt. Fin is finance, Dee the service desk, Ada the administrator."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from data.models import (
    AccessGrant,
    Account,
    Assignment,
    Credential,
    LegalEntity,
    Membership,
    Person,
    Site,
    SiteContact,
    StaffMember,
)
from rules.permissions import PRESETS, SITED, StaffRole
from rules.principal import PersonKind


@dataclass(frozen=True)
class DemoSite:
    code: str
    name: str
    country: str
    city: str
    latitude: str
    longitude: str
    time_zone: str
    entity: str
    address: str
    dial: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class DemoEntity:
    code: str
    name: str
    country: str
    currency: str
    time_zone: str
    tax_rounding: str


@dataclass(frozen=True)
class DemoAccount:
    code: str
    name: str
    country: str
    currency: str
    locale: str
    time_zone: str
    parent: str | None = None


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the cast; `paa_of` and `grants` name accounts by code, `sites` limits the grants."""

    email: str
    name: str
    role: StaffRole | None = None
    paa_of: str | None = None
    member_of: str | None = None
    preset: str | None = None
    sites: tuple[str, ...] = ()
    looks_after: tuple[str, ...] = ()
    phone: str | None = None


ENTITIES = (
    DemoEntity("EX-JP", "Example Data Centers Japan K.K.", "JP", "JPY", "Asia/Tokyo", "invoice"),
    DemoEntity("EX-KR", "Example Data Centers Korea Ltd.", "KR", "KRW", "Asia/Seoul", "line"),
    DemoEntity("EX-PH", "Example Data Centers Philippines Inc.", "PH", "PHP", "Asia/Manila", "invoice"),
    DemoEntity("EX-ID", "PT Example Data Centers Indonesia", "ID", "IDR", "Asia/Jakarta", "invoice"),
    DemoEntity("EX-IN", "Example Data Centers India Pvt. Ltd.", "IN", "INR", "Asia/Kolkata", "line"),
)

SITES = (
    DemoSite("TYO1", "Tokyo 1", "JP", "Tokyo", "35.6895", "139.6917", "Asia/Tokyo", "EX-JP",
             "1-1 Example, Koto-ku, Tokyo", "+81 3 5550 0100", ("ja", "en")),
    DemoSite("OSA1", "Osaka 1", "JP", "Osaka", "34.6937", "135.5023", "Asia/Tokyo", "EX-JP",
             "2-2 Example, Kita-ku, Osaka", "+81 6 5550 0100", ("ja", "en")),
    DemoSite("SEL1", "Seoul 1", "KR", "Seoul", "37.5665", "126.9780", "Asia/Seoul", "EX-KR",
             "10 Example-ro, Geumcheon-gu, Seoul", "+82 2 555 0100", ("ko", "en")),
    DemoSite("ICN1", "Incheon 1", "KR", "Incheon", "37.4563", "126.7052", "Asia/Seoul", "EX-KR",
             "20 Example-daero, Seo-gu, Incheon", "+82 32 555 0100", ("ko", "en")),
    DemoSite("PUS1", "Busan 1", "KR", "Busan", "35.1796", "129.0756", "Asia/Seoul", "EX-KR",
             "30 Example-ro, Gangseo-gu, Busan", "+82 51 555 0100", ("ko", "en")),
    DemoSite("BIN1", "Biñan 1", "PH", "Biñan", "14.3427", "121.0807", "Asia/Manila", "EX-PH",
             "40 Example Avenue, Biñan, Laguna", "+63 49 555 0100", ("en",)),
    DemoSite("JKT1", "Jakarta 1", "ID", "Jakarta", "-6.2088", "106.8456", "Asia/Jakarta", "EX-ID",
             "Jl. Example 50, Jakarta", "+62 21 555 0100", ("id", "en")),
    DemoSite("BKS1", "Bekasi 1", "ID", "Bekasi", "-6.2383", "106.9756", "Asia/Jakarta", "EX-ID",
             "Jl. Example 60, Bekasi", "+62 21 555 0200", ("id", "en")),
    DemoSite("BOM1", "Navi Mumbai 1", "IN", "Navi Mumbai", "19.0330", "73.0297", "Asia/Kolkata", "EX-IN",
             "70 Example Road, Navi Mumbai", "+91 22 5550 0100", ("en",)),
)  # fmt: skip

ACCOUNTS = (
    DemoAccount("ACME", "Acme Group", "KR", "KRW", "ko", "Asia/Seoul"),
    DemoAccount("ACME-SEOUL", "Acme Seoul", "KR", "KRW", "ko", "Asia/Seoul", parent="ACME"),
    DemoAccount("ACME-OSAKA", "Acme Osaka", "JP", "JPY", "ja", "Asia/Tokyo", parent="ACME"),
    DemoAccount("BOLT", "Bolt", "PH", "PHP", "en", "Asia/Manila"),
)

_STAFF_PHONE = "+82 2 555 0199"

PEOPLE = (
    DemoPerson("paa@acme.example", "Ana Acme", paa_of="ACME", phone="+82 10 5550 0001"),
    DemoPerson("hands@acme.example", "Abel Acme", member_of="ACME-SEOUL", preset="remote_hands_only", sites=("SEL1",)),
    DemoPerson("viewer@acme.example", "Vic Acme", member_of="ACME-SEOUL", preset="viewer"),
    DemoPerson("paa@bolt.example", "Bea Bolt", paa_of="BOLT", phone="+63 917 555 0002"),
    DemoPerson("manager@portal.example", "Mia Manager", role=StaffRole.ACCOUNT_MANAGER, phone=_STAFF_PHONE,
               looks_after=("ACME", "ACME-SEOUL", "ACME-OSAKA")),
    DemoPerson("finance@portal.example", "Fin Finance", role=StaffRole.FINANCE, phone=_STAFF_PHONE),
    DemoPerson("desk@portal.example", "Dee Desk", role=StaffRole.SERVICE_DESK, phone=_STAFF_PHONE),
    DemoPerson("admin@portal.example", "Ada Admin", role=StaffRole.ADMINISTRATOR, phone=_STAFF_PHONE),
)  # fmt: skip


def load_cast(connection: Connection, password_hash: str | None = None) -> None:
    """Entities, sites, accounts and people; as the owner, into an empty instance. All share one password hash."""
    _load_places(connection)
    for account in ACCOUNTS:
        connection.execute(
            insert(Account).values(
                code=account.code,
                name=account.name,
                country=account.country,
                currency=account.currency,
                locale=account.locale,
                time_zone=account.time_zone,
                parent_id=account.parent and account_id(connection, account.parent),
            )
        )
    for person in PEOPLE:
        _load_person(connection, person, password_hash)


def account_id(connection: Connection, code: str) -> int:
    return connection.execute(select(Account.id).where(Account.code == code)).scalar_one()


def site_id(connection: Connection, code: str) -> int:
    return connection.execute(select(Site.id).where(Site.code == code)).scalar_one()


def _load_places(connection: Connection) -> None:
    for entity in ENTITIES:
        connection.execute(
            insert(LegalEntity).values(
                code=entity.code,
                name=entity.name,
                country=entity.country,
                currency=entity.currency,
                time_zone=entity.time_zone,
                tax_rounding=entity.tax_rounding,
                tax_id=f"{entity.country}-000-000-000",
                address=f"1 Example Street, {entity.country}",
                bank_details="Example Bank, account 000-000-000",
                finance_email=f"finance-{entity.country.lower()}@portal.example",
            )
        )
    for site in SITES:
        entity_id = connection.execute(select(LegalEntity.id).where(LegalEntity.code == site.entity)).scalar_one()
        new_site = connection.execute(
            insert(Site)
            .values(
                code=site.code,
                name=site.name,
                country=site.country,
                city=site.city,
                address=site.address,
                latitude=site.latitude,
                longitude=site.longitude,
                time_zone=site.time_zone,
                legal_entity_id=entity_id,
            )
            .returning(Site.id)
        ).scalar_one()
        _load_contacts(connection, site, new_site)


def _load_contacts(connection: Connection, site: DemoSite, new_site: int) -> None:
    for line, (kind, name, hours) in enumerate(
        (
            ("service_desk", "Service desk", "24×7"),
            ("security", "Security", "24×7"),
            ("finance", "Local finance", "Mon–Fri 09:00–18:00"),
        )
    ):
        connection.execute(
            insert(SiteContact).values(
                site_id=new_site,
                kind=kind,
                name=f"{name} {site.city}",
                phone=f"{site.dial[:-2]}{line}0",
                email=f"{kind.replace('_', '-')}-{site.code.lower()}@portal.example",
                languages=list(site.languages),
                hours=hours,
            )
        )


def _load_person(connection: Connection, person: DemoPerson, password_hash: str | None) -> None:
    person_id = connection.execute(
        insert(Person)
        .values(
            kind=PersonKind.STAFF if person.role else PersonKind.CUSTOMER,
            email=person.email,
            name=person.name,
            phone=person.phone,
        )
        .returning(Person.id)
    ).scalar_one()
    if password_hash:
        connection.execute(insert(Credential).values(person_id=person_id, password_hash=password_hash))
    if person.role:
        connection.execute(insert(StaffMember).values(person_id=person_id, role=person.role))
    for code in person.looks_after:
        connection.execute(insert(Assignment).values(account_id=account_id(connection, code), person_id=person_id))
    member_of = person.paa_of or person.member_of
    if member_of:
        role = "paa" if person.paa_of else "general"
        account = account_id(connection, member_of)
        connection.execute(insert(Membership).values(account_id=account, person_id=person_id, role=role))
        _grant(connection, person, person_id, account)


def _grant(connection: Connection, person: DemoPerson, person_id: int, account: int) -> None:
    sites = [site_id(connection, code) for code in person.sites] or None
    for function in sorted(PRESETS[person.preset] if person.preset else ()):
        connection.execute(
            insert(AccessGrant).values(
                account_id=account,
                person_id=person_id,
                function=function,
                site_ids=sites if function in SITED else None,
            )
        )
