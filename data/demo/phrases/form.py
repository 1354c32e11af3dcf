"""The same set of texts for every language, so that none can lack what another has."""

from __future__ import annotations

from dataclasses import dataclass

from rules.request_types import FaultCategory, TaskType

#: What stands in braces: {cabinet} 2F-031, {device} srv-web-12, {port} 1 to 48, {site} the city, {count} a small number.
PLACEHOLDERS = ("cabinet", "device", "port", "site", "count")


@dataclass(frozen=True)
class Request:
    """What a ticket is opened with."""

    subject: str
    description: str


@dataclass(frozen=True)
class Phrases:
    """Texts by occasion. `reasons` are by state, and by who must act where that makes a difference."""

    remote_hands: dict[TaskType, tuple[Request, ...]]
    faults: dict[FaultCategory, tuple[Request, ...]]
    inbound: tuple[Request, ...]
    outbound: tuple[Request, ...]
    visits: tuple[Request, ...]
    acknowledged: tuple[str, ...]
    scheduled: tuple[str, ...]
    working: tuple[str, ...]
    questions: tuple[str, ...]
    #: One for each question, in the same order.
    answers: tuple[str, ...]
    finished: tuple[str, ...]
    repaired: tuple[str, ...]
    received: tuple[str, ...]
    approved: tuple[str, ...]
    not_solved: tuple[str, ...]
    thanks: tuple[str, ...]
    internal: tuple[str, ...]
    praise: tuple[str, ...]
    complaints: tuple[str, ...]
    reasons: dict[str, str]
