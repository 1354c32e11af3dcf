"""A small scene for the cast: a few rows of every table for Acme and for Bolt, each with a label that says whose it is.

Of what a company must not see there is always something: others' rows at the same site, internal notes, drafts, rows
without a site, rows that a colleague requested."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, insert, select, text

from data.demo.cast import PEOPLE, account_id, site_id
from data.models import (
    AccessGrant,
    Attachment,
    AuditEntry,
    Base,
    Broadcast,
    BroadcastAccount,
    CreditApplication,
    Dispute,
    DisputeFile,
    DisputeLine,
    DisputeMessage,
    Document,
    Fault,
    Feedback,
    InventoryItem,
    Invitation,
    Invoice,
    InvoiceDocument,
    InvoiceLine,
    InvoiceStep,
    LegalEntity,
    Mail,
    Membership,
    Notice,
    NoticeAccount,
    NoticeRead,
    NoticeSite,
    NoticeText,
    NoticeUpdate,
    OrderLine,
    Parcel,
    Payment,
    PaymentReminder,
    Person,
    RemoteHands,
    SavedView,
    ScheduledReport,
    ServiceOrder,
    Shipment,
    SiteVisit,
    StatusChange,
    Thread,
    ThreadFile,
    ThreadMember,
    ThreadMessage,
    Ticket,
    TicketClock,
    TicketContact,
    TicketItem,
    TicketMessage,
    TicketWatcher,
    TrackingNumber,
    Visitor,
)
from rules.messages import Desk, Recipients
from rules.permissions import Permission

P = Permission
NOW = text("now()")
ACCOUNTS = {"group": "ACME", "seoul": "ACME-SEOUL", "osaka": "ACME-OSAKA", "bolt": "BOLT"}
SITES = ("SEL1", "ICN1", "OSA1", "BIN1")
#: First name → e-mail.
CAST = {person.name.split(maxsplit=1)[0].lower(): person.email for person in PEOPLE}

#: (label, kind, account, site or none, requested by)
TICKETS = (
    ("group: ana's hands", "remote_hands", "group", "SEL1", "ana"),
    ("seoul: abel's hands", "remote_hands", "seoul", "SEL1", "abel"),
    ("seoul: abel's hands in Incheon", "remote_hands", "seoul", "ICN1", "abel"),
    ("seoul: abel's hands somewhere", "remote_hands", "seoul", None, "abel"),
    ("seoul: vic's fault", "fault", "seoul", "SEL1", "vic"),
    ("osaka: ana's visit", "site_visit", "osaka", "OSA1", "ana"),
    ("osaka: ana's shipment", "shipment", "osaka", "OSA1", "ana"),
    ("bolt: bea's hands", "remote_hands", "bolt", "BIN1", "bea"),
    ("bolt: bea's fault in Seoul", "fault", "bolt", "SEL1", "bea"),
    ("bolt: bea's visit", "site_visit", "bolt", "BIN1", "bea"),
    ("bolt: bea's shipment", "shipment", "bolt", "BIN1", "bea"),
)  # fmt: skip
#: Tickets about which a promise was kept.
KEPT = ("seoul: abel's hands", "osaka: ana's visit", "bolt: bea's hands")
#: (asset number, account, site or none)
ITEMS = (
    ("GROUP-CAGE", "group", "SEL1"),
    ("SEOUL-CABINET", "seoul", "SEL1"),
    ("SEOUL-CABINET-ICN", "seoul", "ICN1"),
    ("SEOUL-SPARE", "seoul", None),
    ("OSAKA-PORT", "osaka", "OSA1"),
    ("BOLT-CAGE", "bolt", "BIN1"),
    ("BOLT-CABINET-SEL", "bolt", "SEL1"),
)
#: (number, account, site or none)
ORDERS = (
    ("GROUP-ORDER", "group", "SEL1"),
    ("SEOUL-ORDER", "seoul", "SEL1"),
    ("SEOUL-ORDER-ICN", "seoul", "ICN1"),
    ("SEOUL-ORDER-ANY", "seoul", None),
    ("OSAKA-ORDER", "osaka", "OSA1"),
    ("BOLT-ORDER", "bolt", "BIN1"),
    ("BOLT-ORDER-SEL", "bolt", "SEL1"),
)
#: (number, account, issuer, currency, total, state, type)
#: A report that comes every week, as its row says it.
WEEKLY_TICKETS: dict[str, Any] = {
    "page": "tickets", "query": "", "functions": ["ticket.view_company", "report.export"], "every": "week", "on_day": 1,
    "at_hour": 8, "time_zone": "UTC", "delivery": "file",
}  # fmt: skip
INVOICES = (
    ("KR-GROUP", "group", "EX-KR", "KRW", 700, "issued", "invoice"),
    ("KR-SEOUL", "seoul", "EX-KR", "KRW", 1000, "issued", "invoice"),
    ("KR-SEOUL-PAID", "seoul", "EX-KR", "KRW", 500, "issued", "invoice"),
    ("KR-SEOUL-CREDIT", "seoul", "EX-KR", "KRW", 50, "issued", "credit_note"),
    ("KR-SEOUL-DRAFT", "seoul", "EX-KR", "KRW", 900, "draft", "invoice"),
    ("JP-OSAKA", "osaka", "EX-JP", "JPY", 2000, "issued", "invoice"),
    ("PH-BOLT", "bolt", "EX-PH", "PHP", 3000, "issued", "invoice"),
    ("PH-BOLT-CREDIT", "bolt", "EX-PH", "PHP", 30, "issued", "credit_note"),
    ("PH-BOLT-DRAFT", "bolt", "EX-PH", "PHP", 4000, "draft", "invoice"),
)


@dataclass
class Scene:
    """Label → id, for everything in the scene that a test wants to name."""

    accounts: dict[str, int] = field(default_factory=dict)
    sites: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    issuers: dict[str, int] = field(default_factory=dict)
    tickets: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)
    invoices: dict[str, int] = field(default_factory=dict)
    notices: dict[str, int] = field(default_factory=dict)
    threads: dict[str, int] = field(default_factory=dict)


def set_the_scene(connection: Connection) -> Scene:
    """As the owner, into a database that has the cast. Gus joins: he sees Osaka's rows, of Seoul's those at Seoul 1."""
    scene = Scene(
        accounts={name: account_id(connection, code) for name, code in ACCOUNTS.items()},
        sites={code: site_id(connection, code) for code in SITES},
        people={name: _person(connection, email) for name, email in CAST.items()},
        issuers=dict(connection.execute(select(LegalEntity.code, LegalEntity.id)).all()),  # type: ignore[arg-type]
    )
    _gus(connection, scene)
    _items_and_orders(connection, scene)
    for number, (label, kind, account, site, by) in enumerate(TICKETS, start=1):
        _ticket(connection, scene, number, label, kind, account, site, by)
    for invoice in INVOICES:
        _invoice(connection, scene, *invoice)
    _settlements(connection, scene)
    _notices(connection, scene)
    _threads(connection, scene)
    _documents_and_feedback(connection, scene)
    _what_the_system_keeps(connection, scene)
    _invitations(connection, scene)
    return scene


def _person(connection: Connection, email: str) -> int:
    return connection.execute(select(Person.id).where(Person.email == email)).scalar_one()


def _add(connection: Connection, model: type[Base], **values: Any) -> int:
    """One row; its first primary key column."""
    key = next(iter(model.__table__.primary_key))
    return connection.execute(insert(model).values(**values).returning(key)).scalar_one()


def _gus(connection: Connection, scene: Scene) -> None:
    gus = _add(connection, Person, kind="customer", email="gus@acme.example", name="Gus Acme")
    scene.people["gus"] = gus
    for account, sites in (("seoul", [scene.sites["SEL1"]]), ("osaka", None)):
        _add(connection, Membership, account_id=scene.accounts[account], person_id=gus, role="general")
        for function in (P.TICKET_VIEW_COMPANY, P.REMOTE_HANDS_CREATE, P.ORDER_VIEW, P.INVENTORY_VIEW):
            of = scene.accounts[account]
            _add(connection, AccessGrant, account_id=of, person_id=gus, function=function, site_ids=sites)


def _items_and_orders(connection: Connection, scene: Scene) -> None:
    for asset, account, site in ITEMS:
        scene.items[asset] = _add(
            connection, InventoryItem, account_id=scene.accounts[account], asset_number=asset, kind="cabinet",
            label=asset, site_id=scene.sites.get(site or ""), status="active", attributes={"height_u": 42},
        )  # fmt: skip
    for number, account, site in ORDERS:
        order = _add(
            connection, ServiceOrder, account_id=scene.accounts[account], number=number, request_type="new",
            status="received", site_id=scene.sites.get(site or ""), requested_at=NOW,
        )  # fmt: skip
        scene.orders[number] = order
        _add(
            connection, OrderLine, account_id=scene.accounts[account], order_id=order, line=1, quantity=1,
            product=f"{number}: line", status="received",
        )  # fmt: skip


def _ticket(
    connection: Connection, scene: Scene, number: int, label: str, kind: str, account: str, site: str | None, by: str
) -> None:
    of, at = scene.accounts[account], scene.sites.get(site or "")
    prefix = {"remote_hands": "RH", "fault": "FR", "site_visit": "SV", "shipment": "SH"}[kind]
    ticket = _add(
        connection, Ticket, account_id=of, number=f"{prefix}-2025-{number:06}", kind=kind, subject=label, site_id=at,
        description=f"Something about {label.split(':', maxsplit=1)[0]}", requested_by=scene.people[by],
        direction="inbound" if kind == "shipment" else None, severity="P2" if kind == "fault" else None,
    )  # fmt: skip
    scene.tickets[label] = ticket
    mine = {"account_id": of, "ticket_id": ticket}
    _details(connection, kind, mine, label)
    for message_kind in ("customer_note", "staff_reply", "internal_note"):
        name = f"{label}: {message_kind}"
        message = _add(connection, TicketMessage, **mine, kind=message_kind, author_name="x", body=name)
        _add(connection, Attachment, **mine, message_id=message, name=name, size=len(name.encode()), **_file(name))
    _add(connection, TicketWatcher, **mine, email="watcher@acme.example")
    _add(connection, TicketContact, **mine, name=label)
    _add(connection, StatusChange, **mine, to_status="submitted", category="open", by_actor="customer")
    _add(
        connection, TicketClock, **mine, site_id=at, kind=kind, clock="first_answer", started_at=NOW, target_seconds=900
    )
    if label in KEPT:
        judged = {"started_at": NOW, "stopped_at": NOW, "target_seconds": 900, "outcome": "met"}
        _add(connection, TicketClock, **mine, site_id=at, kind=kind, clock="second", **judged)
    item = next(scene.items[asset] for asset, whose, _site in ITEMS if whose == account)
    _add(connection, TicketItem, **mine, item_id=item)


def _details(connection: Connection, kind: str, mine: dict[str, int], label: str) -> None:
    if kind == "remote_hands":
        _add(connection, RemoteHands, **mine)
    elif kind == "fault":
        _add(connection, Fault, **mine, occurred_at=NOW)
    elif kind == "shipment":
        _add(connection, Shipment, **mine, carrier="dhl")
        _add(connection, TrackingNumber, **mine, number=label)
    else:
        later = text("now() + interval '1 hour'")
        _add(connection, SiteVisit, **mine, starts_at=NOW, ends_at=later, purpose=label)
        _add(connection, Visitor, **mine, name=label, company="x", email="visitor@acme.example")


def _file(name: str) -> dict[str, Any]:
    return {"media_type": "text/plain", "sha256": sha256(name.encode()).digest(), "content": name.encode()}


def _invoice(
    connection: Connection, scene: Scene, number: str, account: str, issuer: str, currency: str, total: int, state: str,
    of_type: str,
) -> None:  # fmt: skip
    of = scene.accounts[account]
    scene.invoices[number] = invoice = _add(
        connection, Invoice, account_id=of, issuer_id=scene.issuers[issuer], number=number, type=of_type, state=state,
        issue_date=date(2025, 9, 1), due_date=date(2025, 9, 30), currency=currency, subtotal=total, tax=0, total=total,
        purchase_order=f"Order {number}",
    )  # fmt: skip
    mine = {"account_id": of, "invoice_id": invoice}
    _add(
        connection, InvoiceLine, **mine, line=1, description=number, quantity=1, unit_price=total, charge="recurring",
        amount=total,
    )  # fmt: skip
    file = _file(number)
    _add(connection, InvoiceDocument, **mine, name=number, sha256=file["sha256"], content=file["content"])


def _settlements(connection: Connection, scene: Scene) -> None:
    """Seoul paid one of its invoices; both companies used a credit note and question an invoice."""
    for number, account, amount, currency in (("KR-SEOUL-PAID", "seoul", 500, "KRW"), ("PH-BOLT", "bolt", 100, "PHP")):
        _add(
            connection, Payment, account_id=scene.accounts[account], invoice_id=scene.invoices[number],
            currency=currency, amount=Decimal(amount), paid_on=date(2025, 9, 20), reference=f"{account}: payment",
        )  # fmt: skip
    for number, note, account in (("KR-SEOUL", "KR-SEOUL-CREDIT", "seoul"), ("PH-BOLT", "PH-BOLT-CREDIT", "bolt")):
        mine = {"account_id": scene.accounts[account]}
        invoice = scene.invoices[number]
        _add(connection, CreditApplication, **mine, invoice_id=invoice, credit_note_id=scene.invoices[note], amount=10)
        _add(connection, InvoiceStep, **mine, invoice_id=invoice, step="issued", amount=10, reason=f"{account}: step")
        reminded = {"sent_by": scene.people["fin"], "forced": False, "invoices": 1, "recipients": 1}
        _add(connection, PaymentReminder, **mine, **reminded)
        dispute = _add(connection, Dispute, **mine, invoice_id=invoice, reason="price", amount=1)
        line = connection.execute(select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice)).scalar_one()
        connection.execute(insert(DisputeLine).values(**mine, invoice_id=invoice, dispute_id=dispute, line_id=line))
        message = _add(
            connection, DisputeMessage, **mine, dispute_id=dispute, side="customer", author_name="x",
            body=f"{account}: dispute message",
        )  # fmt: skip
        _add(connection, DisputeFile, **mine, message_id=message, name=f"{account}: dispute file", **_file(account))


def _notices(connection: Connection, scene: Scene) -> None:
    #: (title, for everyone, accounts, for one person, the function that guards it, published)
    for title, everyone, accounts, person, function, published in (
        ("for everyone", True, (), None, None, True),
        ("for everyone, draft", True, (), None, None, False),
        ("for seoul", False, ("seoul",), None, None, True),
        ("for seoul, about an invoice", False, ("seoul",), None, P.INVOICE_VIEW, True),
        ("for abel", False, ("seoul",), "abel", P.TICKET_VIEW_OWN, True),
        ("for bolt", False, ("bolt",), None, None, True),
        ("for bolt, draft", False, ("bolt",), None, None, False),
    ):
        notice = _add(
            connection, Notice, category="advisory", title=title, everyone=everyone, function=function,
            person_id=scene.people.get(person or ""), published_at=NOW if published else None,
        )  # fmt: skip
        scene.notices[title] = notice
        for account in accounts:
            _add(connection, NoticeAccount, notice_id=notice, account_id=scene.accounts[account])
        _add(connection, NoticeText, notice_id=notice, language="ko", title=title, body=title)
        _add(connection, NoticeSite, notice_id=notice, site_id=scene.sites["SEL1"])
        _add(connection, NoticeUpdate, notice_id=notice, body=title)
    #: (title, the account it is about, what it says, the function that guards it): for staff alone
    for title, account, says, function in (
        ("for the desk, at risk: seoul", "seoul", "sla_warning", P.TICKET_WORK),
        ("for staff, missed: seoul", "seoul", "sla_breach", P.TICKET_VIEW_COMPANY),
        ("for staff, missed: bolt", "bolt", "sla_breach", P.TICKET_VIEW_COMPANY),
    ):
        notice = _add(
            connection, Notice, category="ticket", title=title, for_staff=True, says=says, promise="fault",
            about_account_id=scene.accounts[account], function=function, published_at=NOW,
        )  # fmt: skip
        scene.notices[title] = notice
        _add(connection, NoticeSite, notice_id=notice, site_id=scene.sites["SEL1"])
    for reader, title in (("ana", "for seoul"), ("bea", "for bolt")):
        _add(connection, NoticeRead, person_id=scene.people[reader], notice_id=scene.notices[title])


def _threads(connection: Connection, scene: Scene) -> None:
    for account, members in (("seoul", ("ana", "mia")), ("osaka", ("vic", "ana")), ("bolt", ("bea", "dee"))):
        mine = {"account_id": scene.accounts[account]}
        desk = Desk.SERVICE_DESK if account == "bolt" else Desk.ACCOUNT_MANAGER
        thread = _add(connection, Thread, **mine, desk=desk, subject=f"{account}: thread")
        scene.threads[account] = thread
        for member in members:
            _add(connection, ThreadMember, **mine, thread_id=thread, person_id=scene.people[member])
        message = _add(connection, ThreadMessage, **mine, thread_id=thread, author_name="x", body=f"{account}: message")
        _add(connection, ThreadFile, **mine, message_id=message, name=f"{account}: file", **_file(account))
    author = scene.people["mia"]
    letter = _add(
        connection, Broadcast, author_id=author, subject="To several", body="x", recipients=Recipients.EVERYBODY
    )
    for account in ("seoul", "bolt"):
        _add(connection, BroadcastAccount, broadcast_id=letter, account_id=scene.accounts[account])


def _documents_and_feedback(connection: Connection, scene: Scene) -> None:
    for title, account, published in (
        ("guide", None, True),
        ("guide, draft", None, False),
        ("seoul: contract", "seoul", True),
        ("seoul: contract, draft", "seoul", False),
        ("bolt: contract", "bolt", True),
    ):
        _add(
            connection, Document, account_id=scene.accounts.get(account or ""), title=title, markdown=title,
            kind="contract" if account else "user_guide", published_at=NOW if published else None,
        )  # fmt: skip
    for who, account in (("ana", "seoul"), ("vic", "seoul"), ("bea", "bolt")):
        mine = {"account_id": scene.accounts[account], "person_id": scene.people[who]}
        _add(connection, Feedback, **mine, rating=4, body=f"{who}: feedback", page="/")
        _add(connection, ScheduledReport, person_id=mine["person_id"], **WEEKLY_TICKETS, next_at=NOW)
        for shared in (True, False):
            name = f"{who}: {'shared' if shared else 'private'} view"
            _add(connection, SavedView, **mine, page="tickets", name=name, query="", shared=shared)


def _what_the_system_keeps(connection: Connection, scene: Scene) -> None:
    #: (action, audience, account, the function that guards the object)
    for action, audience, account, function in (
        ("seoul: user added", "customer", "seoul", None),
        ("seoul: invoice paid", "customer", "seoul", P.INVOICE_VIEW),
        ("seoul: staff looked", "staff", "seoul", None),
        ("osaka: user added", "customer", "osaka", None),
        ("bolt: user added", "customer", "bolt", None),
        ("bolt: invoice paid", "customer", "bolt", P.INVOICE_VIEW),
        ("bolt: staff looked", "staff", "bolt", None),
    ):
        _add(
            connection, AuditEntry, audience=audience, account_id=scene.accounts[account], function=function,
            action=action, object_kind="person", address="192.0.2.7", actor_name="x", before={"a": 1}, after={"a": 2},
        )  # fmt: skip
    for account in ("seoul", "bolt"):
        _add(
            connection, Mail, account_id=scene.accounts[account], dedupe_key=f"{account}:1", kind="ticket_answered",
            address="a@acme.example", context={"message": account}, message_id=f"<{account}@portal.example>",
        )  # fmt: skip
    _add(
        connection, Parcel, site_id=scene.sites["SEL1"], carrier="dhl", tracking_number="PARCEL1", addressee="Bolt",
        arrived_at=NOW,
    )  # fmt: skip


def _invitations(connection: Connection, scene: Scene) -> None:
    for account, by in (("seoul", "ana"), ("bolt", "bea")):
        _add(
            connection, Invitation, account_id=scene.accounts[account], email=f"new@{account}.example",
            name=f"{account}: invited", language="en", role="general", rights={str(P.INVOICE_VIEW): None},
            invited_by=scene.people[by], invited_by_name=by, expires_at=text("now() + interval '7 days'"),
        )  # fmt: skip
