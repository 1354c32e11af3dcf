"""A hundred tabs stand open and ask what is new, and every second something changes in one of their accounts, or
somebody is written to."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from urllib.parse import urlencode, urlsplit

from sqlalchemy import text

from bench.browser import Tab
from bench.measured import Result, Spread
from bench.plan import Bench
from bench.served import Served, database_cpu, served
from bench.stage import Data
from rules.errors import SetupError

TABS = 100
PAGE, ENVELOPE = "tickets", "messages"
#: As static/header.js asks while its tab is looked at: this long after the question before, where that was kept waiting
#: for news, and otherwise this long after its answer.
NEXT, EVERY = 1.0, 2.0
CHANGE_EVERY = 1.0
#: Until the first questions, which bring the header's words, are over.
SETTLING = 6.0

_PEOPLE = """
select distinct on (m.account_id) p.email from portal.membership m join portal.person p on p.id = m.person_id
where m.role = 'paa' and p.disabled_at is null
  and exists (select from portal.ticket t where t.account_id = m.account_id and t.category <> 'done')
order by m.account_id, p.id
"""
_TOUCH = """
update portal.ticket set updated_at = clock_timestamp(), version = version + 1 where id = (
    select id from portal.ticket where account_id = :account and category <> 'done' order by id limit 1)
"""


#: Somebody of ours begins a conversation with them: new to them, and one more behind the envelope.
_BEGIN = """
insert into portal.thread (account_id, desk, subject, last_side)
values (:account, 'account_manager', 'Something new', 'staff') returning id
"""
_WRITE = """
with member as (
    insert into portal.thread_member (account_id, thread_id, person_id) values (:account, :thread, :person))
insert into portal.thread_message (account_id, thread_id, side, author_name, body)
values (:account, :thread, 'staff', 'Somebody of ours', 'Something new')
"""


@dataclass
class Changes:
    """When something was changed last in an account: the tabs read it to know how late they heard."""

    at: dict[int, float] = field(default_factory=dict)
    #: When somebody was written to last, and how late the badges of their tabs said so.
    written: dict[int, float] = field(default_factory=dict)
    counted: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    reruns: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def heard(self, accounts: frozenset[int], heard_at: float, shown_at: float) -> None:
        """Of several accounts the one that changed last before the answer came is what it was about."""
        with self.lock:
            changed = [at for account, at in self.at.items() if account in accounts and at <= heard_at]
            self.reruns += 1
            if changed:
                self.told.append(heard_at - max(changed))
                self.shown.append(shown_at - max(changed))

    def counts_more(self, person: int, heard_at: float) -> None:
        with self.lock:
            if person in self.written:
                self.counted.append(heard_at - self.written[person])


class OpenTab(threading.Thread):
    """One tab of a browser: it asks, waits, and runs its page again when the version of what it shows moved on."""

    def __init__(
        self, server: Served, tab: Tab, cookie: str, person: int, accounts: frozenset[int], changes: Changes
    ) -> None:
        super().__init__(daemon=True)
        self.tab, self.person, self.accounts, self.changes = tab, person, accounts, changes
        self._cookie, self._where = cookie, urlsplit(server.url)
        self.closing = threading.Event()
        self.trouble: Exception | None = None

    def run(self) -> None:
        try:
            self._follow()
        except Exception as trouble:  # noqa: BLE001 - told by who waits for this thread
            self.trouble = trouble

    def _follow(self) -> None:
        line = http.client.HTTPConnection(self._where.hostname or "", self._where.port or 80, timeout=30)
        mark, seen, version, unread = "", "", None, None
        while not self.closing.is_set():
            asked_at = time.monotonic()
            answer = self._ask(line, mark, seen)
            heard_at = time.monotonic()
            mark, seen, now = answer["mark"], answer.get("seen", ""), answer["lists"][PAGE]
            n = answer["unread"].get(ENVELOPE, (0,))[0]
            if unread is not None and n > unread:
                self.changes.counts_more(self.person, heard_at)
            unread = n
            if version not in (None, now):
                self.tab.load()
                self.changes.heard(self.accounts, heard_at, time.monotonic())
            version = now
            self.closing.wait(max(0.05, NEXT - (time.monotonic() - asked_at)) if seen else EVERY)
        line.close()

    def _ask(self, line: http.client.HTTPConnection, mark: str, seen: str) -> dict:
        query = urlencode({"mark": mark, "view": "", "page": PAGE, "zone": "Asia/Seoul", "seen": seen})
        line.request("GET", f"/live?{query}", headers={"cookie": self._cookie, "sec-fetch-site": "same-origin"})
        said = line.getresponse()
        body = said.read()
        if said.status != http.client.OK:
            raise SetupError(f"/live answered {said.status}")
        return json.loads(body)


def measure(bench: Bench) -> Iterator[Result]:
    with served(bench.stage, "portal", bench.demo) as server, ExitStack() as stack:
        changes = Changes()
        tabs = list(_open(bench.demo, server, changes, stack))
        try:
            for tab in tabs:
                tab.start()
                time.sleep(EVERY / TABS)  # people open their tabs at different moments
            time.sleep(SETTLING)
            idle, _database = _cost(bench, server, bench.plan.live / 3, None)
            busy = [_cost(bench, server, bench.plan.live / 3, (tabs, changes)) for _round in range(3)]
            _write(bench.demo, tabs, changes, bench.plan.live / 2)
        finally:
            _close(tabs)
    if not changes.told:
        raise SetupError("no tab heard of any change")
    cpu, database = zip(*busy, strict=True)
    reruns = changes.reruns / bench.plan.live
    note = (
        f"{idle:.0f} % while nothing changes; {reruns:.1f} runs a second of tabs that heard of a change; "
        f"database {Spread.of(database).middle:.0f} % beside it"
    )
    yield Result("live.cpu", Spread.of(cpu), "", note)
    shown = Spread.of(changes.shown)
    note = f"shown after {shown.middle:.2f} s, at most {shown.most:.2f} s; {len(changes.told)} times"
    yield Result("live.told", _longest(changes.told), "", note)
    if not changes.counted:
        raise SetupError("no badge counted anything")
    counted = Spread.of(changes.counted)
    note = f"at most {counted.most:.2f} s; {len(changes.counted)} times, in tabs where nobody does anything"
    yield Result("live.badge", counted, "", note)


def _open(data: Data, server: Served, changes: Changes, stack: ExitStack) -> Iterator[OpenTab]:
    """Tabs of as many companies as there are, each with its own people, one after the other until all are open."""
    with data.as_owner() as connection:
        emails = list(connection.scalars(text(_PEOPLE)))
    people = {}
    for email, _place in zip(cycle(emails), range(TABS), strict=False):
        if email not in people:
            principal = data.principal(email)
            people[email] = server.cookie(principal.token), principal.person_id, frozenset(principal.chosen)
        cookie, person, accounts = people[email]
        tab = stack.enter_context(Tab(f"{server.url}/{PAGE}", cookie=cookie))
        tab.load()
        yield OpenTab(server, tab, cookie, person, accounts, changes)


def _cost(
    bench: Bench, server: Served, seconds: float, changing: tuple[list[OpenTab], Changes] | None
) -> tuple[float, float]:
    """Percent of a core that the web process used, and that the database used beside it."""
    before, database, began = server.cpu(), database_cpu(bench.stage), time.monotonic()
    if changing is None:
        time.sleep(seconds)
    else:
        _change(bench.demo, *changing, seconds)
    took = time.monotonic() - began
    return (server.cpu() - before) / took * 100, (database_cpu(bench.stage) - database) / took * 100


def _change(data: Data, tabs: list[OpenTab], changes: Changes, seconds: float) -> None:
    """Every second in another account, by somebody who has no tab open."""
    accounts = sorted(frozenset[int]().union(*(tab.accounts for tab in tabs)))
    with data.as_owner() as connection:
        lively = [
            account
            for account in accounts
            if connection.scalar(
                text("select exists (select from portal.ticket where account_id = :a and category <> 'done')"),
                {"a": account},
            )
        ]
    dice, until = Random(len(changes.told)), time.monotonic() + seconds
    while time.monotonic() < until:
        account = dice.choice(lively)
        with data.as_owner() as connection:
            connection.execute(text(_TOUCH), {"account": account})
        with changes.lock:
            changes.at[account] = time.monotonic()
        time.sleep(CHANGE_EVERY)
    time.sleep(EVERY)  # the last one is heard as well


def _write(data: Data, tabs: list[OpenTab], changes: Changes, seconds: float) -> None:
    """Every second somebody else who has a tab open is written to."""
    people = {tab.person: min(tab.accounts) for tab in tabs}
    until = time.monotonic() + seconds
    for person, account in cycle(people.items()):
        if time.monotonic() > until:
            break
        with data.as_owner() as connection:
            of = {"account": account, "person": person}
            thread = connection.scalar(text(_BEGIN), of)
            connection.execute(text(_WRITE), {**of, "thread": thread})
        with changes.lock:
            changes.written[person] = time.monotonic()
        time.sleep(CHANGE_EVERY)
    time.sleep(EVERY)  # the last one is heard as well


def _longest(told: list[float]) -> Spread:
    """Of three parts of the time: the limit is for the one that waited longest, not for the usual one."""
    parts: dict[int, list[float]] = defaultdict(list)
    for place, seconds in enumerate(told):
        parts[place * 3 // len(told)].append(seconds)
    return Spread.of([max(part) for part in parts.values()])


def _close(tabs: list[OpenTab]) -> None:
    for tab in tabs:
        tab.closing.set()
    for tab in tabs:
        with suppress(RuntimeError):  # one that was never started
            tab.join(EVERY + 5)
    for tab in tabs:
        if tab.trouble is not None:
            raise tab.trouble
