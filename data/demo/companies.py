"""The demo's customers and the people in them, and the operator's own people who look after them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import Connection, select, text

from data.demo.cast import ACCOUNTS, PEOPLE, DemoAccount, DemoPerson
from data.demo.company_list import CAST_COMPANIES, COMPANIES, MORE_PEOPLE
from data.demo.draft import Draft
from data.demo.names import naming
from data.demo.world import Company, Issuer, Place, Someone, World
from data.models import (
    AccessGrant,
    Account,
    Assignment,
    Credential,
    LegalEntity,
    Membership,
    Person,
    Site,
    StaffMember,
)
from rules.permissions import CUSTOMER_FUNCTIONS, PRESETS, SITED, Permission, StaffRole
from rules.principal import PersonKind

TAX_RATES = {
    "KR": Decimal("0.10"),
    "JP": Decimal("0.10"),
    "PH": Decimal("0.12"),
    "ID": Decimal("0.11"),
    "IN": Decimal("0.18"),
}

STAFF = (
    DemoPerson("minho.manager@portal.example", "Minho Manager", role=StaffRole.ACCOUNT_MANAGER),
    DemoPerson("yuki.manager@portal.example", "Yuki Manager", role=StaffRole.ACCOUNT_MANAGER),
    DemoPerson("priya.manager@portal.example", "Priya Manager", role=StaffRole.ACCOUNT_MANAGER),
    DemoPerson("jisoo.desk@portal.example", "Jisoo Desk", role=StaffRole.SERVICE_DESK),
    DemoPerson("kenta.desk@portal.example", "Kenta Desk", role=StaffRole.SERVICE_DESK),
    DemoPerson("rizal.desk@portal.example", "Rizal Desk", role=StaffRole.SERVICE_DESK),
    DemoPerson("dewi.desk@portal.example", "Dewi Desk", role=StaffRole.SERVICE_DESK),
    DemoPerson("finance.kr@portal.example", "Sora Finance", role=StaffRole.FINANCE),
    DemoPerson("finance.jp@portal.example", "Aoi Finance", role=StaffRole.FINANCE),
    DemoPerson("owen.admin@portal.example", "Owen Admin", role=StaffRole.ADMINISTRATOR),
)

#: Accounts beside Acme's that Mia looks after; never Bolt.
MIAS = ("MORAEBIT", "MORAEBIT-LIVE", "GUREUMOK", "NORUDAL", "HOSHINAGI", "HOSHINAGI-WEST", "ORVANTIS")

_SETTLE_CAST = """
    update portal.{table} set uuid = md5('demo:{table}:' || {key})::uuid {moment}
"""


def populate(connection: Connection, draft: Draft, rng: Random, now: datetime, password_hash: str) -> World:
    """Everybody beyond the cast, which must have been loaded already."""
    _settle_cast(connection, now)
    places = _places(connection)
    crowd = _Crowd(connection, draft, rng, now, password_hash, {place.code: place for place in places})
    crowd.hire()
    crowd.welcome()
    return World(
        now=now,
        places=places,
        companies=crowd.companies(),
        desk=tuple(crowd.staff[StaffRole.SERVICE_DESK]),
        finance=tuple(crowd.staff[StaffRole.FINANCE]),
    )


def _settle_cast(connection: Connection, now: datetime) -> None:
    """The cast gets random UUIDs and this very moment; the demo's are the same every time."""
    began = {"began": now - timedelta(days=1000)}
    for table, key, column in (
        ("legal_entity", "code", None),
        ("site", "code", None),
        ("site_contact", "site_id || '/' || kind", None),
        ("account", "code", "created_at"),
        ("person", "email", "created_at"),
        ("membership", "account_id || '/' || person_id", "created_at"),
    ):
        moment = f", {column} = :began" if column else ""
        statement = text(_SETTLE_CAST.format(table=table, key=key, moment=moment))
        connection.execute(statement, began if column else {})
    for table, column in (
        ("portal.access_grant", "granted_at"),
        ("portal.assignment", "since"),
        ("auth.credential", "changed_at"),
    ):
        connection.execute(text(f"update {table} set {column} = :began"), began)


def _places(connection: Connection) -> tuple[Place, ...]:
    issuers = {
        row.id: Issuer(
            row.id, row.code, row.country, row.currency, row.time_zone, row.tax_rounding, TAX_RATES[row.country]
        )
        for row in connection.execute(select(LegalEntity.__table__).order_by(LegalEntity.id))
    }
    return tuple(
        Place(row.id, row.code, row.city, row.country, row.time_zone, issuers[row.legal_entity_id])
        for row in connection.execute(select(Site.__table__).order_by(Site.id))
    )


@dataclass
class _Crowd:
    """Adds people to accounts and remembers who belongs where."""

    connection: Connection
    draft: Draft
    rng: Random
    now: datetime
    password_hash: str
    place: dict[str, Place]
    staff: dict[StaffRole, list[Someone]] = field(default_factory=lambda: defaultdict(list))
    people: dict[str, list[Someone]] = field(default_factory=lambda: defaultdict(list))
    account_ids: dict[str, int] = field(default_factory=dict)
    manager_of: dict[str, Someone] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def hire(self) -> None:
        """The cast's staff are there already; the others join them."""
        for person in PEOPLE:
            if person.role:
                self.staff[person.role].append(Someone(self._known_id(person.email), person.name, person.email))
        for person in STAFF:
            assert person.role is not None
            new = Someone(self._add_person(person, PersonKind.STAFF), person.name, person.email)
            self.draft.add(StaffMember, person_id=new.id, role=person.role)
            self.staff[person.role].append(new)

    def welcome(self) -> None:
        for account in ACCOUNTS:
            found = self.connection.execute(select(Account.id).where(Account.code == account.code)).scalar_one()
            self.account_ids[account.code] = found
        for person in PEOPLE:
            if code := person.paa_of or person.member_of:
                self.people[code].append(self._as_member(person, self._known_id(person.email)))
        for person in MORE_PEOPLE:
            self._join(person)
        for company in COMPANIES:
            self._open_account(company.account)
            for person in self._usual_people(company.account, company.sites, company.size, company.domain):
                self._join(person)
        self._assign_managers()

    def companies(self) -> tuple[Company, ...]:
        listed = [(account, *CAST_COMPANIES[account.code][:2]) for account in ACCOUNTS]
        listed += [(company.account, company.sites, company.size) for company in COMPANIES]
        return tuple(self._company(account, sites, size) for account, sites, size in listed)

    def _company(self, account: DemoAccount, sites: tuple[str, ...], size: int) -> Company:
        from_above = [p for p in self.people[account.parent or ""] if Permission.USER_MANAGE in p.functions]
        return Company(
            id=self.account_ids[account.code],
            code=account.code,
            name=account.name,
            country=account.country,
            language=account.locale,
            currency=account.currency,
            size=size,
            places=tuple(self.place[code] for code in sites),
            people=(*from_above, *self.people[account.code]),
            manager=self.manager_of[account.code],
        )

    def _known_id(self, email: str) -> int:
        return self.connection.execute(select(Person.id).where(Person.email == email)).scalar_one()

    def _long_ago(self) -> datetime:
        return self.now - timedelta(days=self.rng.randint(760, 990), minutes=self.rng.randint(0, 1440))

    def _open_account(self, account: DemoAccount) -> None:
        self.account_ids[account.code] = self.draft.add(
            Account,
            code=account.code,
            name=account.name,
            parent_id=self.account_ids[account.parent] if account.parent else None,
            country=account.country,
            currency=account.currency,
            locale=account.locale,
            time_zone=account.time_zone,
            second_factor_for_paa=False,
            outside_watchers=False,
            created_at=self._long_ago(),
            version=1,
        )

    def _usual_people(self, account: DemoAccount, sites: tuple[str, ...], size: int, domain: str) -> list[DemoPerson]:
        """A PAA (a sub-account may leave that to its parent's), and more people the bigger the company is."""
        presets: list[tuple[str, tuple[str, ...]]] = [("full_user", ()), ("remote_hands_only", sites[:1])]
        if size > 3:
            presets += [("finance", ()), ("viewer", ()), ("full_user", ())]
        if size > 7:
            presets += [("remote_hands_only", sites[-1:]), ("full_user", sites[:1])]
        found = []
        if account.parent is None or size > 4:
            name, _spelling = naming(account.country).draw(self.rng)
            found.append(DemoPerson(f"paa@{domain}", name, paa_of=account.code))
        for preset, at in presets:
            name, email = self._somebody(account.country, domain)
            found.append(DemoPerson(email, name, member_of=account.code, preset=preset, sites=at))
        return found

    def _somebody(self, country: str, domain: str) -> tuple[str, str]:
        while True:
            name, spelling = naming(country).draw(self.rng)
            if (email := f"{spelling}@{domain}") not in self.taken:
                self.taken.add(email)
                return name, email

    def _add_person(self, person: DemoPerson, kind: PersonKind) -> int:
        since = self._long_ago()
        phone = person.phone or (f"+00 555 {self.rng.randint(1000, 9999)}" if person.paa_of or person.role else None)
        person_id = self.draft.add(
            Person, kind=kind, email=person.email, name=person.name, phone=phone, created_at=since, version=1
        )
        self.draft.add(Credential, person_id=person_id, password_hash=self.password_hash, changed_at=since)
        return person_id

    def _join(self, person: DemoPerson) -> None:
        code = person.paa_of or person.member_of or ""
        person_id, account_id = self._add_person(person, PersonKind.CUSTOMER), self.account_ids[code]
        role, since = ("paa" if person.paa_of else "general"), self._long_ago()
        self.draft.add(Membership, account_id=account_id, person_id=person_id, role=role, created_at=since)
        member = self._as_member(person, person_id)
        for function in () if person.paa_of else sorted(member.functions):
            limit = sorted(member.site_ids) if member.site_ids and function in SITED else None
            self.draft.add(
                AccessGrant,
                account_id=account_id,
                person_id=person_id,
                function=function,
                site_ids=limit,
                granted_at=since,
            )
        self.people[code].append(member)

    def _as_member(self, person: DemoPerson, person_id: int) -> Someone:
        functions = frozenset(CUSTOMER_FUNCTIONS) if person.paa_of else PRESETS[person.preset or "viewer"]
        sites = frozenset(self.place[code].id for code in person.sites) or None
        return Someone(person_id, person.name, person.email, functions, sites)

    def _assign_managers(self) -> None:
        mia, *others = self.staff[StaffRole.ACCOUNT_MANAGER]
        for code, account_id in self.account_ids.items():
            hers = code.startswith("ACME") or code in MIAS
            self.manager_of[code] = mia if hers else others[account_id % len(others)]
            if not code.startswith("ACME"):  # those she has from the cast
                manager = self.manager_of[code]
                self.draft.add(Assignment, account_id=account_id, person_id=manager.id, since=self._long_ago())
