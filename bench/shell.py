"""What the portal adds to a bare page of Streamlit's, in CPU time of the web process, bytes and messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle

from bench.browser import Rerun, Tab
from bench.measured import Result, Spread, ratios
from bench.plan import Bench
from bench.served import Served, database_cpu, served

ANA, MIA, FIN, DEE = "paa@acme.example", "manager@portal.example", "finance@portal.example", "desk@portal.example"

#: A filter of each list and the words it takes in turn, so that every click shows other rows.
FILTERS = {
    "tickets": ("kind", ("fault", "remote_hands", "shipment", "site_visit")),
    "orders": ("status", ("installed", "in_progress", "closed")),
    "invoices": ("status", ("paid", "issued", "overdue")),
    "inventory": ("kind", ("cabinet", "cross_connect", "power_circuit", "port")),
}

#: Every page by those it is heaviest for.
WHOLE = {
    "": (ANA,),
    "tickets": (ANA, DEE),
    "waiting": (ANA,),
    "service": (ANA, DEE),
    "parcels": (DEE,),
    "orders": (ANA,),
    "invoices": (ANA, FIN),
    "inventory": (ANA, DEE),
    "notices": (ANA,),
    "messages": (ANA,),
    "customers": (MIA,),
    "billing": (FIN,),
    "queue": (DEE,),
}

#: Ana has several accounts: her header (static/header.js) writes those in view into every address.
SEVERAL = "?accounts=all"

#: Short rounds want more of them.
TURNS = 2


@dataclass
class Case:
    """Something to do again and again in one tab, and what was found: a figure per round, and the last run."""

    limit: str
    of: str
    server: Served
    run: Callable[[], Rerun]
    last: Rerun
    #: Seconds of one run, and of one run of the bare page just before it.
    cpu: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    database: float = 0.0
    most_bytes: int = 0

    def take(self, times: int) -> float:
        before = self.server.cpu()
        for _ in range(times):
            self.last = self.run()
            self.most_bytes = max(self.most_bytes, self.last.bytes)
        return (self.server.cpu() - before) / times

    def take_beside(self, bare: Case, bench: Bench) -> None:
        """Few runs of each in turn: a machine is quicker at what it did just now, which must help neither."""
        self.bare.append(bare.take(bench.plan.runs))
        database = database_cpu(bench.stage)
        self.cpu.append(self.take(bench.plan.runs))
        self.database += database_cpu(bench.stage) - database

    def result(self, bench: Bench) -> Result:
        return Result(self.limit, Spread.of(ratios(self.cpu, self.bare)), self.of, self._note(bench))

    def _note(self, bench: Bench) -> str:
        cpu, bare = Spread.of(self.cpu).middle * 1e3, Spread.of(self.bare).middle * 1e3
        database = self.database / (len(self.cpu) * bench.plan.runs) * 1e3
        sent = f"{self.last.bytes / 1000:.1f} kB in {self.last.messages} messages"
        return f"{cpu:.1f} ms CPU against {bare:.1f}, database {database:.1f} ms beside it, {sent}"


def measure(bench: Bench) -> Iterator[Result]:
    with ExitStack() as open_until_the_end:
        bare, *cases = _cases(bench, open_until_the_end)
        for _ in range(TURNS * bench.plan.rounds):
            for case in cases:
                case.take_beside(bare, bench)
        for case in cases:
            result = case.result(bench)
            bench.say(f"{case.limit} {case.of}: {result.spread.middle:.2f} ×, {result.note}")
            yield result
            if case.limit == "shell.filter":
                yield Result("shell.filter_bytes", Spread.of([case.most_bytes / 1000]), case.of)
            if case.limit == "shell.heaviest":
                yield Result("shell.messages", Spread.of([case.last.messages]), case.of)


def _cases(bench: Bench, stack: ExitStack) -> Iterator[Case]:
    bare, portal = (stack.enter_context(served(bench.stage, what, bench.demo)) for what in ("bare", "portal"))
    people = {email: portal.cookie(bench.demo.token_of(email)) for email in (ANA, MIA, FIN, DEE)}

    def tab(server: Served, path: str, who: str | None = None) -> Tab:
        in_view = SEVERAL if who == ANA else ""
        return stack.enter_context(Tab(f"{server.url}/{path}{in_view}", cookie=people[who] if who else ""))

    def case(limit: str, of: str, server: Served, run: Callable[[], Rerun]) -> Case:
        for _ in range(5):
            last = run()  # until everything is imported, planned and kept
        return Case(limit, of, server, run, last)

    yield case("", "bare", bare, tab(bare, "").load)
    yield case("shell.empty", "", portal, tab(portal, "bench-empty", ANA).load)
    quiet = tab(portal, "bench-quiet", ANA)
    quiet.load()
    yield case("shell.click", "", portal, lambda: quiet.click("bench.press"))
    for name, (key, words) in FILTERS.items():
        filtering = _filtering(tab(portal, name, ANA), f"{name}.{key}.", words)
        yield case("shell.filter", name, portal, filtering)
    for path, emails in WHOLE.items():
        for email in emails:
            yield case("shell.heaviest", f"/{path} of {email}", portal, tab(portal, path, email).load)


def _filtering(tab: Tab, key: str, words: tuple[str, ...]) -> Callable[[], Rerun]:
    tab.load()
    turns = cycle(words)
    return lambda: tab.click(tab.key(key), [next(turns)])
