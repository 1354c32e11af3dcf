"""How things stand for the cast on an ordinary day: something late, waiting, due, paid, installed, broken and said.

Gil joins them: of Acme Seoul he sees the dashboard, with tickets, orders and items at Seoul 1 only, and no invoice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, text
from streamlit.testing.v1 import AppTest

from auth.sessions import hashed, new_token, who
from data.demo.cast import account_id, site_id
from data.models import (
    AccessGrant,
    Base,
    InventoryItem,
    Invoice,
    LegalEntity,
    Membership,
    Notice,
    NoticeAccount,
    NoticeSite,
    NoticeText,
    NoticeUpdate,
    Payment,
    Person,
    ServiceOrder,
    SignInSession,
    Thread,
    ThreadMember,
    ThreadMessage,
    Ticket,
)
from rules.lifecycle import category_of
from rules.permissions import SITED, Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST

P = Permission
NOW = datetime.now(UTC)
GIL = "gil@acme.example"
ACCOUNTS = {"group": "ACME", "seoul": "ACME-SEOUL", "osaka": "ACME-OSAKA", "bolt": "BOLT"}

#: subject, account, site, kind, status, hours until the clock runs out, requested by
TICKETS = (
    ("late hands", "seoul", "SEL1", "remote_hands", "in_progress", -2, "abel"),
    ("fault soon", "seoul", "ICN1", "fault", "acknowledged", 1, "ana"),
    ("waiting for Seoul", "seoul", "SEL1", "remote_hands", "waiting_customer", None, "ana"),
    ("visit nowhere yet", "seoul", None, "site_visit", "submitted", 3, "ana"),
    ("hands in Incheon", "seoul", "ICN1", "remote_hands", "submitted", 5, "abel"),
    ("over and done", "seoul", "SEL1", "remote_hands", "closed", None, "abel"),
    ("late in Osaka", "osaka", "OSA1", "fault", "submitted", -1, "ana"),
    ("done in Osaka", "osaka", "OSA1", "fault", "resolved", None, "ana"),
    ("group soon", "group", "SEL1", "remote_hands", "submitted", 2, "ana"),
    ("late for Bolt", "bolt", "BIN1", "fault", "in_progress", -4, "bea"),
    ("Bolt in Seoul", "bolt", "SEL1", "remote_hands", "submitted", 1, "bea"),
)
#: number, account, site, status, requested and installed so many days ago
ORDERS = (
    ("SO-1", "seoul", "SEL1", "in_progress", 5, None),
    ("SO-2", "seoul", "ICN1", "installed", 60, 4),
    ("SO-3", "seoul", "SEL1", "closed", 90, 70),
    ("SO-4", "seoul", None, "installed", 10, 2),
    ("SO-5", "osaka", "OSA1", "received", 1, None),
    ("SO-6", "bolt", "BIN1", "received", 3, None),
)
#: number, account, issuer, currency, total, due in so many days, state, paid since; CN is a credit note
INVOICES = (
    ("KR-1", "seoul", "EX-KR", "KRW", 1000, -40, "issued", 0),
    ("KR-2", "seoul", "EX-KR", "KRW", 500, 3, "issued", 0),
    ("KR-3", "seoul", "EX-KR", "KRW", 700, -5, "issued", 700),
    ("KR-4", "seoul", "EX-KR", "KRW", 900, -100, "draft", 0),
    ("CN-1", "seoul", "EX-KR", "KRW", 50, -20, "issued", 0),
    ("JP-1", "seoul", "EX-JP", "JPY", 2000, -10, "issued", 500),
    ("JP-2", "osaka", "EX-JP", "JPY", 3000, 20, "issued", 0),
    ("JP-3", "osaka", "EX-JP", "JPY", 100, -95, "issued", 0),
    ("PH-1", "bolt", "EX-PH", "PHP", 4000, -1, "issued", 0),
    ("PH-2", "bolt", "EX-PH", "PHP", 800, 2, "issued", 0),
)
#: number, account, site, kind, status
ITEMS = (
    ("A-1", "seoul", "SEL1", "cabinet", "active"),
    ("A-2", "seoul", "SEL1", "cabinet", "planned"),
    ("A-3", "seoul", "ICN1", "power_circuit", "reserved"),
    ("A-4", "seoul", "SEL1", "cabinet", "decommissioned"),
    ("A-5", "seoul", None, "hardware", "active"),
    ("A-6", "osaka", "OSA1", "ip_port", "active"),
    ("A-7", "group", "SEL1", "cage", "decommissioning"),
    ("A-8", "bolt", "BIN1", "cage", "active"),
    ("A-9", "bolt", "SEL1", "cabinet", "active"),
)
#: title, category, account or everyone, hours until it begins and ends, published so many days ago, function, resolved
NOTICES = (
    ("cooling fails", "incident", None, -1, None, 0, None, False),
    ("power failed", "incident", None, -90, -80, 4, None, True),
    ("UPS work for Bolt", "maintenance", "bolt", 20, 24, 1, None, False),
    ("work in Seoul", "maintenance", "seoul", 40, 44, 2, None, False),
    ("work that is over", "maintenance", "seoul", -44, -40, 5, None, False),
    ("invoices are out", "billing", "seoul", None, None, 3, P.INVOICE_VIEW, False),
    ("old advice", "advisory", None, None, None, 100, None, False),
    ("not yet said", "incident", None, -1, None, None, None, False),
)


def today_at(issuer: str) -> date:
    """The day at an issuing entity."""
    zone = {"EX-KR": "Asia/Seoul", "EX-JP": "Asia/Tokyo", "EX-PH": "Asia/Manila"}[issuer]
    return datetime.now(ZoneInfo(zone)).date()


def set_the_stage(connection: Connection) -> None:
    """As the owner, into a database that has the cast."""
    _gil(connection)
    for number, ticket in enumerate(TICKETS, start=1):
        _ticket(connection, number, *ticket)
    for order in ORDERS:
        _order(connection, *order)
    for invoice in INVOICES:
        _invoice(connection, *invoice)
    for number, account, site, kind, status in ITEMS:
        at, of = _site(connection, site), _account(connection, account)
        _add(connection, InventoryItem, account_id=of, asset_number=number, kind=kind, label=number, site_id=at,
             status=status)  # fmt: skip
    for notice in NOTICES:
        _notice(connection, *notice)
    for account, members in (("seoul", ("ana", "mia")), ("bolt", ("bea", "dee"))):
        _thread(connection, account, members)


def sign_in_gil(database: Database) -> Principal:
    token = new_token()
    with database.as_owner() as connection:
        gil = connection.execute(select(Person.id).where(Person.email == GIL)).scalar_one()
        until = text("now() + interval '1 hour'")
        connection.execute(insert(SignInSession).values(token_hash=hashed(token), person_id=gil, expires_at=until))
    signed = who(database.auth, token)
    assert signed is not None
    return signed.principal


def page_of(principal: Principal, module: str, **asked: str | list[str]) -> AppTest:
    """A page as this person sees it at an address, inside the boundary where errors become sentences."""
    app = AppTest.from_function(_show, kwargs={"principal": principal, "module": module}, default_timeout=30)
    for name, value in asked.items():
        app.query_params[name] = value
    return app.run()


def _show(principal, module):
    from importlib import import_module

    from ui.errors import telling

    with telling():
        import_module(module).show(principal)


def words_of(app: AppTest) -> str:
    """All that is written on a page, tables apart."""
    written = (*app.title, *app.header, *app.subheader, *app.markdown, *app.text, *app.info, *app.warning)
    return "\n".join(element.value for element in written)


def add(connection: Connection, model: type[Base], **values: Any) -> int:
    """One row more, in a test of its own; its first primary key column."""
    return _add(connection, model, **values)


def person(connection: Connection, name: str) -> int:
    return connection.execute(select(Person.id).where(Person.email == CAST[name])).scalar_one()


def _add(connection: Connection, model: type[Base], **values: Any) -> int:
    key = next(iter(model.__table__.primary_key))
    return connection.execute(insert(model).values(**values).returning(key)).scalar_one()


def _account(connection: Connection, name: str) -> int:
    return account_id(connection, ACCOUNTS[name])


def _site(connection: Connection, code: str | None) -> int | None:
    return site_id(connection, code) if code else None


def _gil(connection: Connection) -> None:
    gil = _add(connection, Person, kind="customer", email=GIL, name="Gil Acme")
    seoul = _account(connection, "seoul")
    _add(connection, Membership, account_id=seoul, person_id=gil, role="general")
    for function in (P.DASHBOARD_VIEW, P.TICKET_VIEW_COMPANY, P.ORDER_VIEW, P.INVENTORY_VIEW):
        sites = [site_id(connection, "SEL1")] if function in SITED else None
        _add(connection, AccessGrant, account_id=seoul, person_id=gil, function=function, site_ids=sites)


def _ticket(
    connection: Connection, number: int, subject: str, account: str, site: str | None, kind: str, status: str,
    hours: int | None, by: str,
) -> None:  # fmt: skip
    category = category_of(status)
    prefix = {"remote_hands": "RH", "fault": "FR", "site_visit": "SV"}[kind]
    _add(
        connection, Ticket, account_id=_account(connection, account), number=f"{prefix}-2026-{number:06}", kind=kind,
        site_id=_site(connection, site), subject=subject, status=status, category=category,
        requested_by=person(connection, by), severity="P2" if kind == "fault" else None,
        next_deadline=NOW + timedelta(hours=hours) if hours is not None else None,
        paused_since=NOW - timedelta(hours=3) if category == "paused" else None,
        updated_at=NOW - timedelta(days=number),
    )  # fmt: skip


def _order(
    connection: Connection, number: str, account: str, site: str | None, status: str, requested: int,
    installed: int | None,
) -> None:  # fmt: skip
    _add(
        connection, ServiceOrder, account_id=_account(connection, account), number=number, request_type="new",
        site_id=_site(connection, site), status=status, requested_at=NOW - timedelta(days=requested),
        installed_at=NOW - timedelta(days=installed) if installed is not None else None,
    )  # fmt: skip


def _invoice(
    connection: Connection, number: str, account: str, issuer: str, currency: str, total: int, days: int, state: str,
    paid: int,
) -> None:  # fmt: skip
    of, due = _account(connection, account), today_at(issuer) + timedelta(days=days)
    by = connection.execute(select(LegalEntity.id).where(LegalEntity.code == issuer)).scalar_one()
    invoice = _add(
        connection, Invoice, account_id=of, issuer_id=by, number=number, state=state, issue_date=due - timedelta(30),
        due_date=due, currency=currency, subtotal=total, tax=0, total=total,
        type="credit_note" if number.startswith("CN") else "invoice",
    )  # fmt: skip
    if paid:
        _add(connection, Payment, account_id=of, invoice_id=invoice, amount=Decimal(paid), currency=currency,
             paid_on=due)  # fmt: skip


def _notice(
    connection: Connection, title: str, category: str, account: str | None, begins: int | None, ends: int | None,
    published: int | None, function: str | None, resolved: bool,
) -> None:  # fmt: skip
    notice = _add(
        connection, Notice, category=category, title=title, body=f"About: {title}", everyone=account is None,
        function=function, starts_at=NOW + timedelta(hours=begins) if begins is not None else None,
        ends_at=NOW + timedelta(hours=ends) if ends is not None else None,
        published_at=NOW - timedelta(days=published) if published is not None else None,
        resolved_at=NOW - timedelta(hours=80) if resolved else None,
    )  # fmt: skip
    if account:
        _add(connection, NoticeAccount, notice_id=notice, account_id=_account(connection, account))
    _add(connection, NoticeSite, notice_id=notice, site_id=site_id(connection, "SEL1"))
    _add(connection, NoticeText, notice_id=notice, language="ko", title=f"{title} (한국어)", body="")
    _add(connection, NoticeUpdate, notice_id=notice, body=f"Later: {title}")


def _thread(connection: Connection, account: str, members: tuple[str, ...]) -> None:
    of = _account(connection, account)
    thread = _add(connection, Thread, account_id=of, subject=f"{account}: plans", last_at=NOW)
    for number, name in enumerate(members):
        _add(connection, ThreadMember, account_id=of, thread_id=thread, person_id=person(connection, name))
        _add(
            connection, ThreadMessage, account_id=of, thread_id=thread, author_id=person(connection, name),
            author_name=name, body=f"{name}: *words* of {account}", written_at=NOW - timedelta(hours=9 - number),
        )  # fmt: skip
