"""How long somebody who runs several accounts waits for a page of a list of all of them, against one of them alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median
from urllib.parse import parse_qs

from sqlalchemy import insert, select, update

from bench.lists import TURNS
from bench.measured import Result, Spread, rounds
from bench.plan import Bench
from bench.stage import Data
from data.demo.bulk.accounts import MIDDLE
from data.listing import ListSpec, page_of, read_asked
from data.lists import LISTS
from data.models import Account, Membership, Person
from rules.access import MemberRole
from rules.principal import PersonKind, Principal

PARENT, ADMINISTRATOR = "BULK-PARENT", "paa@bulk-parent.example"
#: How many are in view: as many as a company may have, and as many as nobody expects.
FEW, MANY = 12, 100
ASKED = {
    "tickets": ("", "kind=fault", "stage=any"),
    "invoices": ("", "status=overdue", "status=paid"),
    "inventory": ("", "kind=cabinet"),
}


def measure(bench: Bench) -> Iterator[Result]:
    """`page_of`: the rows of a page and their capped count, through their own login, hat and policies."""
    person = _administrator(bench.large)
    yield from _lists(bench, "several.few", person, FEW)
    yield from _lists(bench, "several.many", person, MANY)


def _lists(bench: Bench, limit: str, person: Principal, n: int) -> Iterator[Result]:
    one, several = _looking_at(person, 1), _looking_at(person, n)
    for name, queries in ASKED.items():
        for query in queries:
            alone, together = (_reading(bench.large, LISTS[name], who, query) for who in (one, several))
            of = f"{name} of {n} accounts, {query or 'as it opens'}"
            yield _compared(bench, limit, of, alone, together)


def _looking_at(person: Principal, n: int) -> Principal:
    """The middle account first; of the others those with most rows."""
    codes = sorted((a.code for a in person.accounts if a.code != PARENT), key=lambda code: (code != MIDDLE, code))
    return person.looking_at(tuple(a.id for a in person.accounts if a.code in codes[:n]))


def _administrator(data: Data) -> Principal:
    """The PAA of a parent that manages a hundred accounts; made where a kept database has none yet."""
    with data.as_owner() as connection:
        if connection.scalar(select(Account.id).where(Account.code == PARENT)) is None:
            company = {"code": PARENT, "name": "Bulk Parent"}
            parent = connection.execute(insert(Account).values(company).returning(Account.id)).scalar_one()
            them = {"kind": PersonKind.CUSTOMER, "email": ADMINISTRATOR, "name": "Paa Bulk Parent"}
            person = connection.execute(insert(Person).values(them).returning(Person.id)).scalar_one()
            connection.execute(insert(Membership).values(account_id=parent, person_id=person, role=MemberRole.PAA))
            some = select(Account.id).where(Account.code.regexp_match("^BULK-[0-9]*[05]$"))
            some = some.order_by(Account.code).limit(MANY - 1)
            managed = (Account.code == MIDDLE) | Account.id.in_(some)
            connection.execute(update(Account).where(managed).values(parent_id=parent))
    return data.principal(ADMINISTRATOR)


def _reading(data: Data, spec: ListSpec, principal: Principal, query: str) -> Callable[[], float]:
    asked = read_asked(spec, parse_qs(query))

    def read() -> float:
        started = time.perf_counter()
        page_of(data.app, principal, spec, asked)
        return time.perf_counter() - started

    read()
    return read


def _compared(bench: Bench, limit: str, of: str, alone: Callable[[], float], together: Callable[[], float]) -> Result:
    one, several = rounds(bench.plan.rounds * TURNS, alone, together)
    parts = [slice(turn, None, TURNS) for turn in range(TURNS)]
    spread = Spread.around(median(several) / median(one), [median(several[p]) / median(one[p]) for p in parts])
    note = f"{median(one) * 1e3:.1f} → {median(several) * 1e3:.1f} ms"
    bench.say(f"{limit} {of}: {spread.middle:.2f} ×, {note}")
    return Result(limit, spread, of, note)
