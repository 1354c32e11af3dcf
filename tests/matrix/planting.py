"""An example of every row in the matrix: what stands in it, for the owner who plants it and for who tries to add it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from tests.matrix.people import Identity
from tests.matrix.phrases import Row
from tests.matrix.world import World

NOW, LATER = text("now()"), text("now() + interval '1 hour'")
LONG_AGO = text("now() - interval '100 days'")
Values = dict[str, Any]
#: The world, the row, a word nobody used yet, and who adds it (None: the owner).
Example = Callable[[World, Row, str, Identity | None], Values]
EXAMPLES: dict[str, Example] = {}


def of(*tables: str) -> Callable[[Example], Example]:
    def remembered(example: Example) -> Example:
        EXAMPLES.update(dict.fromkeys(tables, example))
        return example

    return remembered


def _file(word: str) -> Values:
    return {"media_type": "text/plain", "sha256": sha256(word.encode()).digest(), "content": word.encode()}


def _account(w: World, row: Row) -> Values:
    return {"account_id": w.accounts.get(row.account or "")}


def _on_ticket(w: World, row: Row) -> Values:
    return {**_account(w, row), "ticket_id": w.ticket(row)}


def _on_invoice(w: World, row: Row) -> Values:
    return {**_account(w, row), "invoice_id": w.parent("invoice", row)}


def _mine(w: World, row: Row) -> Values:
    return {"person_id": w.person(row.of)}


def _long_done(row: Row, column: str) -> Values:
    return {column: LONG_AGO} if "old" in row.flags else {}


# ---- accounts and people


@of("account")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"code": word, "name": word}


@of("access_grant")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_account(w, row), **_mine(w, row), "function": "order.view" if by else "document.view"}


@of("invitation")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    inviter = "clerk" if "by staff" in row.flags else "of the parent"
    asked = {"email": f"{word}@new.example", "name": word, "language": "en", "role": "general"}
    by_whom = {"invited_by": w.people[inviter], "invited_by_name": inviter}
    return {**_account(w, row), **asked, "rights": {"document.view": None}, **by_whom, "expires_at": LATER}


@of("assignment")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_account(w, row), "person_id": w.people[row.of or "keeper"]}


@of("account_choice")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_mine(w, row), "account_ids": [w.accounts["own"]]}


@of("notification_preference")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_mine(w, row), "topic": "ticket" if by is None else "order", "channel": "mail"}


@of("saved_view")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    shared = "shared" in row.flags
    return {**_account(w, row), **_mine(w, row), "page": "tickets", "name": word, "query": "", "shared": shared}


@of("scheduled_report")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    when = {"every": "week", "on_day": 1, "at_hour": 8, "time_zone": "UTC", "next_at": LATER}
    return {**_mine(w, row), "page": "tickets", "query": "", "functions": ["report.export"], "delivery": "file", **when}


@of("feed_token")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    over = {} if by else {"revoked_at": NOW}  # whoever adds one has none that works
    return {**_mine(w, row), "token_hash": word.encode(), "time_zone": "UTC", **over}


@of("draft")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_mine(w, row), "form": word, "fields": {}, **_long_done(row, "saved_at")}


@of("command_key")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    key = {**_mine(w, row), "key": uuid4(), "command": word, "fingerprint": b"x"}
    return {**key, **_long_done(row, "done_at")}


@of("instance")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"key": word, "value": "x"}


# ---- sites


@of("site")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"code": word, "name": word, "country": "KR", "city": "Seoul", "time_zone": "Asia/Seoul"}


@of("legal_entity")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"code": word, "name": word, "country": "KR", "currency": "KRW"}


@of("site_contact")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"site_id": w.sites[row.site or ""], "kind": "security", "name": word}


@of("sla_target")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"kind": "fault", "clock": "first_answer", "minutes": 10, "since": LATER if by else LONG_AGO}


@of("parcel")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    arrival = {"site_id": w.sites[row.site or ""], "carrier": "dhl", "tracking_number": word, "addressee": "x"}
    claimed = {"ticket_id": 1, "claimed_at": NOW} if "claimed" in row.flags else {}
    return {**arrival, "arrived_at": NOW, **claimed}


# ---- what a company has and owes


@of("inventory_item")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    about = {"asset_number": word, "kind": "cabinet", "label": word, "status": "active"}
    return {**_account(w, row), "site_id": w.sites.get(row.site or ""), **about}


@of("service_order")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    about = {"number": word, "request_type": "new", "status": "received", "requested_at": NOW}
    return {**_account(w, row), "site_id": w.sites.get(row.site or ""), **about}


@of("order_line")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    order = {**_account(w, row), "order_id": w.parent("service_order", row)}
    return {**order, "line": 1, "product": word, "quantity": 1, "status": "received"}


@of("invoice")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    days = {"issue_date": date(2025, 9, 1), "due_date": date(2025, 9, 30)}
    money = {"currency": "KRW", "subtotal": 100, "tax": 0, "total": 100}
    state = "draft" if "draft" in row.flags else "issued"
    kind = "credit_note" if "credit note" in row.flags else "invoice"
    is_so = {"state": state, "type": kind}
    return {**_account(w, row), "issuer_id": w.issuer, "number": word, **is_so, **days, **money}


@of("invoice_line")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    price = {"quantity": 1, "unit_price": 100, "charge": "recurring", "amount": 100}
    return {**_on_invoice(w, row), "line": 1, "description": word, **price}


@of("payment")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    paid = {"amount": 1, "currency": "KRW", "paid_on": date(2025, 9, 20), "reference": word}
    return {**_on_invoice(w, row), **paid, "recorded_by": by and w.person(by.name)}


@of("invoice_step")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    step = {"step": "issued" if "draft" in row.flags else "written_off", "reason": word, "amount": 1}
    return {**_on_invoice(w, row), **step, "taken_by": by and w.person(by.name)}


@of("bank_line")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    said = {"fingerprint": word.encode(), "reference": word, "payer": word, "file": word}
    came = {"booked_on": date(2025, 9, 20), "amount": 1, "currency": "KRW"}
    return {**said, **came, "imported_by": by and w.person(by.name)}


@of("invoice_document")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    uploaded_by = by and w.person(by.name)
    return {**_on_invoice(w, row), "name": word, "sha256": b"x", "content": b"x", "uploaded_by": uploaded_by}


@of("dispute")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    """Decided and not closed: another one can be opened, and this one be talked about."""
    return {**_on_invoice(w, row), "reason": "other", "amount": 1, "state": "rejected"}


@of("dispute_line")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    line = w.parent("invoice_line", row)
    return {**_on_invoice(w, row), "dispute_id": w.parent("dispute", row), "line_id": line}


@of("dispute_message")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    whole = replace(row, label=row.label.removesuffix(", my words"), of=None)
    said = {"author_id": w.person(row.of), "author_name": "x", "side": "customer", "body": word}
    return {**_account(w, row), "dispute_id": w.parent("dispute", whole), **said}


@of("dispute_file")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_account(w, row), "message_id": w.parent("dispute_message", row), "name": word, **_file(word)}


@of("credit_application")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    """Of a credit note the use for the invoice beside it, of an invoice that of the credit note."""
    whose = row.label.partition(",")[0]
    note, invoice = w.made["invoice", f"{whose}, credit note", None], w.parent("invoice", row)
    sides = {"credit_note_id": note, "invoice_id": w.made["invoice", whose, None] if invoice == note else invoice}
    return {**_account(w, row), **sides, "amount": 1, "applied_by": by and w.person(by.name)}


@of("payment_reminder")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_account(w, row), "sent_by": w.people["keeper"], "forced": False, "invoices": 1, "recipients": 1}


@of("invoice_tally")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    what = {"issuer_id": w.issuer, "currency": "KRW", "type": "invoice", "state": "issued",
            "disputed": False, "due": date(2025, 9, 30)}  # fmt: skip
    return {**_account(w, row), **what, "n": 0, "total": 0, "balance": 0}


# ---- tickets


@of("ticket")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    asked = {
        **_account(w, row),
        "kind": row.kind,
        "site_id": w.sites.get(row.site or ""),
        "subject": word,
        "requested_by": w.person(row.of),
        "direction": "inbound" if row.kind == "shipment" else None,
        "severity": "P2" if row.kind == "fault" else None,
    }
    return (
        asked if by else {**asked, "number": word, "status": "acknowledged" if "taken up" in row.flags else "submitted"}
    )


@of("remote_hands")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_on_ticket(w, row), "schedule": "routine", "task_type": "other"}


@of("fault")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_on_ticket(w, row), "occurred_at": NOW}


@of("shipment")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_on_ticket(w, row), "carrier": "dhl"}


@of("tracking_number")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_on_ticket(w, row), "number": word}


@of("site_visit")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_on_ticket(w, row), "starts_at": NOW, "ends_at": LATER, "purpose": word}


@of("visitor")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_on_ticket(w, row), "name": word, "company": "x", "email": "visitor@own.example"}


@of("ticket_item")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_on_ticket(w, row), "item_id": w.item(row)}


@of("ticket_contact")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_on_ticket(w, row), "name": word}


_SAID = {"note": "customer_note", "reply": "staff_reply", "internal": "internal_note"}


@of("ticket_message")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    kind = next(kind for flag, kind in _SAID.items() if flag in row.flags)
    author = by.name if by else row.of if "note" in row.flags else "clerk"
    author = "colleague" if "in another's name" in row.flags else author
    return {**_on_ticket(w, row), "kind": kind, "author_id": w.person(author), "author_name": author, "body": word}


@of("attachment")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    message = {**_on_ticket(w, row), "message_id": w.parent("ticket_message", row)}
    return {**message, "name": word, "size": len(word.encode()), "uploaded_by": by and w.person(by.name), **_file(word)}


@of("ticket_watcher")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    if "from outside" in row.flags:
        return {**_on_ticket(w, row), "email": f"{word}@outside.example"}
    return {**_on_ticket(w, row), "person_id": w.people["of the parent" if by else "colleague"]}


@of("status_change")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    stands = {"to_status": "acknowledged" if "taken up" in row.flags else "submitted", "category": "open"}
    me = w.person(by.name) if by else None
    actor = "customer" if by is None or by.is_customer else "desk" if by.is_person else "system"
    return {**_on_ticket(w, row), **stands, "by_person_id": me, "by_actor": actor}


@of("ticket_clock")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    clock = {"kind": row.kind, "site_id": w.sites.get(row.site or ""), "started_at": NOW, "target_seconds": 900}
    if by:
        return {**_on_ticket(w, row), **clock, "clock": "second", "round": w.number()}
    return {**_on_ticket(w, row), **clock, "clock": "first_answer", "stopped_at": NOW, "outcome": "met"}


@of("ticket_tally", "clock_tally")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    where = {**_account(w, row), "site_id": w.sites.get(row.site or ""), "kind": "fault"}
    if row.table == "ticket_tally":
        return {**where, "status": "submitted", "category": "open", "opened_month": date(2025, 9, 1), "n": 0}
    return {**where, "clock": "second", "month": date(2025, 9, 1), "met": 0, "breached": 0}


# ---- what is said

_GUARDS = {
    "about invoices": "invoice.view",
    "about an order": "order.view",
    "a ticket": "ticket.view_own",
    "for the desk": "ticket.work",
    "for staff": "ticket.view_company",
}


@of("notice")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    for_staff, by_itself = "for staff" in row.flags, "the portal's" in row.flags
    return {
        "category": "advisory",
        "title": word,
        "everyone": "for everyone" in row.flags,
        "for_staff": for_staff,
        "about_account_id": w.accounts.get(row.account or "") if for_staff or by_itself else None,
        "about_site_id": w.sites.get(row.site or "") if by_itself else None,
        "says": "order_status" if by_itself else None,
        "promise": "installed" if by_itself else None,
        "written_by": None if for_staff or by_itself or row.of else w.person("clerk"),
        "person_id": w.person(row.of),
        "function": next((function for flag, function in _GUARDS.items() if flag in row.flags), None),
        "published_at": NOW if "published" in row.flags else None,
    }


@of("notice_text")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"notice_id": w.parent("notice", row), "language": "ko", "title": word, "body": word}


@of("notice_update")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"notice_id": w.parent("notice", row), "body": word}


@of("notice_mailing")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"notice_id": w.parent("notice", row)}


@of("notice_site")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"notice_id": w.parent("notice", row), "site_id": w.sites["there" if by else "here"]}


@of("notice_account")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"notice_id": w.parent("notice", row), **_account(w, row)}


@of("notice_read")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    label = "other company" if row.account == "other" else "for everyone"
    return {**_mine(w, row), "notice_id": w.made["notice", label, None]}


@of("thread")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    desks = {"for finance": "finance", "for the service desk": "service_desk"}
    desk = next((desk for flag, desk in desks.items() if flag in row.flags), "account_manager")
    return {**_account(w, row), "subject": word, "desk": desk}


@of("thread_member")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_account(w, row), "thread_id": w.parent("thread", row), **_mine(w, row)}


@of("thread_message")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    said = {"author_id": w.person(row.of), "author_name": "x", "body": word}
    return {**_account(w, row), "thread_id": w.parent("thread", row), **said}


@of("thread_file")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_account(w, row), "message_id": w.parent("thread_message", row), "name": word, **_file(word)}


@of("broadcast")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"author_id": w.person(row.of), "subject": word, "body": word, "recipients": "everybody"}


@of("broadcast_file")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    whole = "staff's" if row.of == "clerk" else "mine"
    return {"broadcast_id": w.made["broadcast", whole, row.of], "name": word, **_file(word)}


@of("broadcast_account")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    whole = "staff's" if row.of == "clerk" else "mine"
    return {"broadcast_id": w.made["broadcast", whole, row.of], **_account(w, row)}


@of("document")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    asked = "to be accepted" in row.flags
    kind = "policy" if asked else "user_guide" if "general" in row.flags else "contract"
    published = NOW if "published" in row.flags else None
    says = {"kind": kind, "title": word, "markdown": word, "must_accept": asked}
    return {**_account(w, row), **says, "published_at": published}


@of("document_acceptance")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    label = "guide" if "asked of nobody" in row.flags else "policy, another" if by else "policy"
    return {**_mine(w, row), "document_id": w.made["document", label, None]}


@of("feedback")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {**_account(w, row), **_mine(w, row), "rating": 4, "body": word, "page": "/"}


# ---- what keeps the portal honest


@of("audit_entry")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    about = {
        "action": word,
        "object_kind": "person",
        "audience": "customer" if "for customers" in row.flags else "staff",
    }
    function = "invoice.view" if "about invoices" in row.flags else None
    actor = {"actor_id": w.person(row.of), "actor_name": row.of}
    return {**_account(w, row), **about, **actor, "function": function}


@of("mail")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    me = w.person(by.name) if by else None
    if "about an account" in row.flags:
        moved = {"kind": "account_moved", "dedupe_key": word, "message_id": f"<{word}@portal.example>"}
        return {**_account(w, row), "person_id": w.person(row.of), **moved}
    state = {"state": "sent", "sent_at": NOW} if "sent" in row.flags else {}
    written = {**state, **_long_done(row, "created_at")}
    about = {"dedupe_key": f"{word}/by/{me}", "kind": "ticket_submitted", "message_id": f"<{word}@portal.example>"}
    return {**_on_ticket(w, row), "person_id": w.person(row.of), **about, **written}


@of("mail_file")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"mail_id": w.parent("mail", row), "name": word, "media_type": "text/plain", "content": word.encode()}


@of("job_run")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"name": word, "slot": word}


# ---- schema auth


@of("auth.credential")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"person_id": w.people["clerk"], "password_hash": word}


@of("auth.second_factor")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"person_id": w.people["clerk"], "secret": b"x", "last_step": 1}


@of("auth.external_identity")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"issuer": word, "subject": word, "person_id": w.people["clerk"]}


@of("auth.sign_in_code")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    code = {"code_hash": word.encode(), "person_id": w.people["clerk"], "browser_hash": b"x"}
    return {**code, "next": "/", "expires_at": LATER}


@of("auth.half_sign_in")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"browser_hash": word.encode(), "person_id": w.people["clerk"], "expires_at": LATER}


@of("auth.link")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"token_hash": word.encode(), "person_id": w.people["clerk"], "purpose": "set_password", "expires_at": LATER}


@of("auth.throttle")
def _(w: World, row: Row, word: str, by: Identity | None) -> Values:
    return {"key": word.encode()}
