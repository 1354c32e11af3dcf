"""The accounts of the million-row database: a few hundred of very different size, each with people who can sign in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil
from random import Random

from sqlalchemy import Connection, Row, func, select, text

from data.demo.companies import TAX_RATES
from data.demo.draft import Draft, last_ids
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
from rules.errors import Conflict
from rules.permissions import PRESETS, SITED, StaffRole
from rules.principal import PersonKind

#: What the benchmarks look at, by share of all rows: an eighth, one in five hundred, one in ten thousand. Their people
#: are paa@bulk-largest.example, full_user@…, remote_hands_only@… (main site only), viewer@….
LARGEST, MIDDLE, SMALL = "BULK-LARGEST", "BULK-MIDDLE", "BULK-SMALL"
SHARES = {LARGEST: 0.12, MIDDLE: 0.002, SMALL: 0.0001}

#: Even in a small database the named accounts have enough rows for a whole page, so that sizes can be compared.
ROWS_AT_LEAST = {LARGEST: 0, MIDDLE: 150, SMALL: 75}

#: Looks after the three and some forty others.
MANAGER = "bulk.manager@portal.example"

SLOTS = 10_000

#: A site: id, country, time zone, the entity that invoices there, its currency.
Home = Row[int, str, str, int, str]


@dataclass(frozen=True)
class BulkAccount:
    """An account as the generating SQL needs it."""

    account_id: int
    code: str
    main_site: int
    other_site: int
    issuer_id: int
    currency: str
    tax_rate: Decimal
    paa: int
    full_user: int
    hands: int


def code_of(index: int) -> str:
    return list(SHARES)[index] if index < len(SHARES) else f"BULK-{index + 1:04}"


def make_accounts(
    connection: Connection, count: int, rng: Random, now: datetime, password_hash: str | None
) -> list[BulkAccount]:
    if connection.scalar(select(func.count()).select_from(Account.__table__).where(Account.code == LARGEST)):
        raise Conflict("this database has its bulk rows already: generate into a fresh one")
    homes = connection.execute(
        select(Site.id, Site.country, Site.time_zone, LegalEntity.id.label("issuer_id"), LegalEntity.currency)
        .join_from(Site.__table__, LegalEntity.__table__, LegalEntity.id == Site.legal_entity_id)
        .order_by(Site.id)
    ).all()
    making = _Making(Draft(rng, last_ids(connection)), now - timedelta(days=800), password_hash)
    made = [
        making.account(index, homes[index % len(homes)], homes[(index * 7 + 1) % len(homes)]) for index in range(count)
    ]
    making.manager([account.account_id for account in (*made[: len(SHARES)], *made[len(SHARES) :: 12])])
    making.draft.write(connection)
    return made


@dataclass
class _Making:
    draft: Draft
    since: datetime
    password_hash: str | None

    def account(self, index: int, home: Home, other: Home) -> BulkAccount:
        code = code_of(index)
        account_id = self.draft.add(
            Account,
            code=code,
            name=code.replace("-", " ").title(),
            country=home.country,
            currency=home.currency,
            locale="en",
            time_zone=home.time_zone,
            second_factor_for_paa=False,
            outside_watchers=False,
            created_at=self.since,
            version=1,
        )
        people = {who: self._member(account_id, code, who, home.id) for who in ("paa", *_PRESETS)}
        return BulkAccount(
            account_id=account_id,
            code=code,
            main_site=home.id,
            other_site=other.id,
            issuer_id=home.issuer_id,
            currency=home.currency,
            tax_rate=TAX_RATES[home.country],
            paa=people["paa"],
            full_user=people["full_user"],
            hands=people["remote_hands_only"],
        )

    def _member(self, account_id: int, code: str, who: str, site_id: int) -> int:
        person_id = self._person(f"{who}@{code.lower()}.example", f"{who} {code}", PersonKind.CUSTOMER)
        role = "paa" if who == "paa" else "general"
        self.draft.add(Membership, account_id=account_id, person_id=person_id, role=role, created_at=self.since)
        for function in sorted(PRESETS.get(who, ())):
            limit = [site_id] if who == "remote_hands_only" and function in SITED else None
            self.draft.add(
                AccessGrant,
                account_id=account_id,
                person_id=person_id,
                function=function,
                site_ids=limit,
                granted_at=self.since,
            )
        return person_id

    def _person(self, email: str, name: str, kind: PersonKind) -> int:
        words = name.replace("_", " ").replace("-", " ").title()
        person_id = self.draft.add(Person, kind=kind, email=email, name=words, created_at=self.since, version=1)
        if self.password_hash:
            self.draft.add(Credential, person_id=person_id, password_hash=self.password_hash, changed_at=self.since)
        return person_id

    def manager(self, account_ids: list[int]) -> None:
        person_id = self._person(MANAGER, "Bulk Manager", PersonKind.STAFF)
        self.draft.add(StaffMember, person_id=person_id, role=StaffRole.ACCOUNT_MANAGER)
        for account_id in account_ids:
            self.draft.add(Assignment, account_id=account_id, person_id=person_id, since=self.since)


_PRESETS = ("full_user", "remote_hands_only", "viewer")


def slots_for(rows: int, accounts: list[BulkAccount]) -> list[dict[str, object]]:
    """Ten thousand slots, dealt out by size; a row takes the slot that its hash names."""
    dealt = [ceil(_share(account.code, rows) * SLOTS) for account in accounts[: len(SHARES)]]
    others = accounts[len(SHARES) :]
    weights = [(place + 8) ** -0.9 for place in range(1, len(others) + 1)]
    left = SLOTS - sum(dealt)
    dealt += [max(1, int(left * weight / sum(weights))) for weight in weights]
    dealt[-1] += SLOTS - sum(dealt)  # what rounding left over
    owners = [account for account, count in zip(accounts, dealt, strict=True) for _ in range(count)]
    return [{"slot": slot, **asdict(owner)} for slot, owner in enumerate(owners)]


def _share(code: str, rows: int) -> float:
    return min(max(SHARES[code], ROWS_AT_LEAST[code] / rows), 0.12)


def has_places(connection: Connection) -> bool:
    return bool(connection.scalar(text("select exists (select from portal.site)")))
