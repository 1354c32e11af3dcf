"""For tests of tickets: what each kind of form holds when it is filled in well, and the cast at work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, text

from data.commands import Done, execute
from data.demo.cast import account_id, site_id
from data.listing import page_of, read_asked
from data.ticketing import MoveTicket, Say, SubmitTicket, TicketDetail, get_ticket
from data.ticketing.waiting import WAITING
from rules.principal import Principal
from rules.request_types import TicketKind
from tests.cluster import Database

HOUR = timedelta(hours=1)


def later(hours: float = 1) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def filled(kind: str, **changes: Any) -> dict[str, Any]:
    """A form that can be accepted; `changes` make it another one."""
    common = {"subject": f"{kind} please", "description": "In row 4, third cabinet"}
    own: dict[str, Mapping[str, Any]] = {
        "remote_hands": {"task_type": "restart"},
        "fault": {"occurred_at": later(-1), "fault_category": "power", "severity": "P2"},
        "shipment": {
            "expected_on": later(48).date(),
            "carrier": "dhl",
            "tracking_numbers": ("JD014600",),
            "packages": 2,
        },
        "site_visit": {
            "starts_at": later(24),
            "ends_at": later(26),
            "purpose": "Swap a disk",
            "visitors": ({"name": "Vera Visitor", "company": "Acme", "email": "vera@acme.example"},),
        },
    }
    return {**common, **own[kind], **changes}


@dataclass(frozen=True)
class Desk:
    """The portal as the cast uses it; everybody signs in once."""

    database: Database
    sign_in: Callable[[str], Principal]
    accounts: Mapping[str, int]
    sites: Mapping[str, int]
    _people: dict[str, Principal]

    def person(self, who: str) -> Principal:
        if who not in self._people:
            self._people[who] = self.sign_in(who)
        return self._people[who]

    def everybody_stays_signed_in(self) -> None:
        """As somebody at work does by clicking: idle sessions end, and thousands of deeds take longer than that."""
        with self.database.as_owner() as connection:
            connection.execute(
                text("update auth.session set last_seen = now(), expires_at = now() + interval '1 hour'")
            )

    def does(self, who: str, command: Any, *, key: Any = None) -> Done:
        if command.creates and key is None:
            key = uuid4()
        return execute(self.database.app, self.person(who), command, key=key)

    def opens(
        self, who: str, kind: str = "remote_hands", *, account: str = "seoul", site: str = "SEL1", files: Any = (),
        watchers: tuple[int, ...] = (), requested_by: int | None = None, **changes: Any,
    ) -> str:  # fmt: skip
        """The number of the new ticket."""
        values = filled(kind, **changes)
        command = SubmitTicket(
            TicketKind(kind),
            self.accounts[account],
            self.sites[site],
            values,
            files,
            watchers,
            requested_by=requested_by,
        )
        return str(self.does(who, command)["number"])

    def moves(self, who: str, number: str, to: str, **how: Any) -> Done:
        needed: dict[str, Any] = {
            "waiting_customer": {"message": "Which port?"},
            "on_hold": {"reason": "A spare part is on its way"},
            "cancelled": {"reason": "No longer needed"},
            "reopened": {"reason": "It is down again"},
            "rejected": {"reason": "Not ours"},
            "refused": {"reason": "Damaged"},
            "returned": {"reason": "Nobody came"},
            "scheduled": {"starts_at": later(5)},
        }
        return self.does(who, MoveTicket(number, to, **{**needed.get(to, {}), **how}))

    def says(self, who: str, number: str, body: str = "Hello", **how: Any) -> Done:
        return self.does(who, Say(number, body, **how))

    def sees(self, who: str, number: str) -> TicketDetail:
        return get_ticket(self.database.app, self.person(who), number)

    def waiting_for(self, who: str, **asked: list[str]) -> list[str]:
        """Numbers on this person's list of what waits for them, in its order."""
        page = page_of(self.database.app, self.person(who), WAITING, read_asked(WAITING, asked), size=500)
        return page.values["number"]

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """What stands in the database, whoever may see it."""
        with self.database.as_owner() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def id_of(self, who: str) -> int:
        return self.person(who).person_id

    def some_time_ago(self, number: str, ago: timedelta) -> None:
        """Everything about the ticket happened so much earlier."""
        with self.database.as_owner() as connection:
            for table, columns in (
                (
                    "ticket",
                    ("opened_at", "first_answered_at", "resolved_at", "closed_at", "next_deadline", "paused_since"),
                ),
                ("status_change", ("changed_at",)),
                ("ticket_clock", ("started_at", "paused_since", "deadline", "stopped_at")),
            ):
                sets = ", ".join(f"{column} = {column} - :ago" for column in columns)
                key = "id" if table == "ticket" else "ticket_id"
                which = f"{key} = (select id from portal.ticket where number = :number)"
                connection.execute(
                    text(f"update portal.{table} set {sets} where {which}"), {"ago": ago, "number": number}
                )


def desk_in(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    with database.as_owner() as connection:
        accounts = {"seoul": "ACME-SEOUL", "osaka": "ACME-OSAKA", "group": "ACME", "bolt": "BOLT"}
        ids = {name: account_id(connection, code) for name, code in accounts.items()}
        sites = {code: site_id(connection, code) for code in ("SEL1", "ICN1", "OSA1", "BIN1")}
    return Desk(database, sign_in, ids, sites, {})


def grant(connection: Connection, person: int, account: int, *functions: str, sites: list[int] | None = None) -> None:
    """As the operator."""
    for function in functions:
        connection.execute(
            text("insert into portal.access_grant (account_id, person_id, function, site_ids) values (:a, :p, :f, :s)"),
            {"a": account, "p": person, "f": function, "s": sites},
        )
