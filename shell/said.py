"""What `/live` says: the header's words, what bell and envelope count, a version for every list, and a reminder."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any

from auth.presence import IDLE_LIMIT, Known
from auth.roles import other_roles
from auth.sessions import hashed
from data.engines import app_engine
from data.live import news
from data.news import Unread, unread
from pages import PageSpec
from rules.looking import said_of, word_of
from rules.permissions import StaffRole
from rules.principal import AccountRef, Principal
from shell.brand import brand
from ui.text import _, hour_text, languages, n_, term, translated

OFFER_AFTER = timedelta(minutes=25)
LAST_MINUTES = timedelta(minutes=5)
#: Pages of the header, each with a count of what is new there.
BELL, ENVELOPE = "notices", "messages"
#: A page → the letters under which changes of what it shows are told (data/security/triggers.py).
LISTS = {
    "tickets": "TC",
    "waiting": "TC",
    "queue": "TCE",
    "service": "T",
    "orders": "O",
    "invoices": "ID",  # a drawer shows what is said in its disputes
    "disputes": "D",
    "inventory": "A",
    "customers": "TI",
    "billing": "ID",
    "parcels": "P",
    BELL: "NW",
    ENVELOPE: "M",
}
#: Told without an account.
OF_NO_ACCOUNT = "NP"
#: For staff alone: a customer hears nothing of it, not even of what is about their own account.
FOR_STAFF = "W"
#: The dashboard shows something of each of these, as far as its reader may open them.
DASHBOARD, SHOWN_THERE = "", ("tickets", "orders", "invoices", "inventory", BELL)
PATIENCE = 15.0  # seconds; by then staff, whom no account's news reaches, see what is new as well


NOTHING_NEW = Unread(0, 0)


@dataclass(frozen=True)
class Counted:
    """What bell and envelope said last, and what that was counted for: counting costs more than all else here."""

    counts: Unread = NOTHING_NEW
    counted_for: object = None
    counted_at: float = -PATIENCE


class Badges:
    """One count for each session and view, the least lately asked forgotten first."""

    def __init__(self, most: int = 10_000) -> None:
        self._kept: OrderedDict[tuple[bytes, str], Counted] = OrderedDict()
        self._most = most
        self._lock = Lock()

    def now(self, principal: Principal, page: str) -> Unread:
        """Counted anew where things are read (page), when something was heard for these accounts, and now and then."""
        key = hashed(principal.token), said_of(principal)
        kept = self._kept.get(key) or Counted()
        wanted = _rights(principal), versions(principal, (BELL, ENVELOPE)), page in {BELL, ENVELOPE}
        is_late = time.monotonic() - kept.counted_at > PATIENCE
        if wanted != kept.counted_for or is_late or page in {BELL, ENVELOPE}:
            # kept once it is counted: another tab of theirs must not be told that it knows what is still being counted
            kept = Counted(unread(app_engine(), principal), wanted, time.monotonic())
        self._keep(key, kept)
        return kept.counts

    def _keep(self, key: tuple[bytes, str], counted: Counted) -> None:
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = counted
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


badges = Badges()


def versions(principal: Principal, pages: tuple[str, ...]) -> dict[str, int]:
    """A number per page that changes whenever its rows of this person's accounts did; it says nothing else."""
    accounts = [a.uuid for a in principal.accounts if principal.is_staff or a.id in principal.chosen]
    found = {
        page: sum(_version(letter, principal, accounts) for letter in LISTS[page]) for page in pages if page in LISTS
    }
    if DASHBOARD in pages:
        found[DASHBOARD] = sum(found.get(page, 0) for page in SHOWN_THERE)
    return found


def _version(letter: str, principal: Principal, accounts: list[Any]) -> int:
    if letter in OF_NO_ACCOUNT:  # and what is for a customer alone, of theirs
        return news.version(letter, "", *(() if principal.is_staff else accounts))
    if letter in FOR_STAFF and not principal.is_staff:
        return 0
    sees_all = principal.is_staff and principal.role is not StaffRole.ACCOUNT_MANAGER
    return news.version_anywhere(letter) if sees_all else news.version(letter, *accounts)


def _rights(principal: Principal) -> tuple[object, ...]:
    return principal.chosen, principal.role, principal.accounts, principal.grants


def mark_of(known: Known, principal: Principal, open_pages: tuple[PageSpec, ...], language: str) -> str:
    """Changes with everything the header says; which accounts are in view it knows by itself."""
    paths = tuple(page.path for page in open_pages)
    says = principal.accounts, principal.role, paths, principal.name, principal.email, known.signed.roles, language
    return sha256(repr(says).encode()).hexdigest()[:12]


def header(known: Known, principal: Principal, open_pages: tuple[PageSpec, ...], language: str) -> dict[str, Any]:
    """What static/header.js draws: only what this person may open or choose."""
    role = f" · {term('staff.role', principal.role)}" if principal.role else ""
    return {
        "label": _("Your account"),
        "home": brand(),
        "company": _company(principal),
        "news": [
            {"path": page.path, "label": translated(page.title)} for page in open_pages if page.path in {BELL, ENVELOPE}
        ],
        "language": {"label": _("Language"), "chosen": language, "options": list(languages().items())},
        "account": {
            "name": f"{principal.name}{role}",
            "email": principal.email,
            "pages": [
                {"path": page.path, "label": translated(page.title)}
                for page in open_pages
                if page.of_account and not (page.in_menu and principal.is_staff)
            ],
            "roles": [(str(other), term("staff.role", other)) for other in other_roles(known.signed)],
            "out": _("Sign out"),
            "everywhere": _("Sign out everywhere"),
        },
        "stay": _("Stay signed in"),
    }


def _company(principal: Principal) -> dict[str, Any] | None:
    if principal.is_staff or len(principal.accounts) < 2:
        return None
    return {
        "label": _("Accounts"),
        "all": _("All accounts"),
        "several": _("{n} of {total} accounts"),
        "only": _("Only this"),
        "search": _("Name or code"),
        "nothing": _("No account has such a name or code."),
        "options": [(word_of(account), account.name, depth) for account, depth in _family(principal.accounts)],
    }


def _family(accounts: tuple[AccountRef, ...]) -> Iterator[tuple[AccountRef, int]]:
    """Each account with those below it, and how far it stands in; as far as the person reaches them."""
    ids = {account.id for account in accounts}
    below: dict[int | None, list[AccountRef]] = {}
    for account in accounts:
        below.setdefault(account.parent_id if account.parent_id in ids else None, []).append(account)

    def walk(parent: int | None, depth: int) -> Iterator[tuple[AccountRef, int]]:
        for account in below.get(parent, ()):
            yield account, depth
            yield from walk(account.id, depth + 1)

    return walk(None, 0)


def unread_words(open_pages: tuple[PageSpec, ...], counts: Unread) -> dict[str, tuple[int, str]]:
    """Page → how many, and the same in words for a screen reader."""
    of = {BELL: counts.notices, ENVELOPE: counts.messages}
    return {
        page.path: (n, n_("{name}, {n} unread", "{name}, {n} unread", n, name=translated(page.title)))
        for page in open_pages
        if (n := of.get(page.path, 0))
    }


def reminder_of(known: Known) -> dict[str, Any] | None:
    """Asks who has been away whether to stay, and tells of the end that cannot be put off."""
    if known.idle >= OFFER_AFTER:
        minutes = max(1, math.ceil((IDLE_LIMIT - known.idle) / timedelta(minutes=1)))
        text = n_(
            "Nothing has happened here for a while: you will be signed out in {n} minute.",
            "Nothing has happened here for a while: you will be signed out in {n} minutes.",
            minutes,
        )
        return {"text": text, "may_stay": True}
    ends_at = known.signed.expires_at
    if ends_at - datetime.now(UTC) < LAST_MINUTES:
        text = _("Your session ends at {time}. Please sign in again then.", time=hour_text(ends_at))
        return {"text": text, "may_stay": False}
    return None
