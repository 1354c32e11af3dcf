"""The identities of the matrix (identities.yaml), and what SPEC §3 says they hold: computed here from nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
#: Account → the account it is managed by.
PARENTS = {"parent": None, "own": "parent", "sub": "own", "closed": "own", "other": None}
ACCOUNTS = tuple(PARENTS)
SITES = ("here", "there")
#: How a session can be, and whether it is alive.
SESSIONS = {
    "web": True,
    "not proved": True,
    "job": True,
    "none": False,
    "invented": False,
    "expired": False,
    "idle": False,
    "revoked": False,
}


class Once(yaml.SafeLoader):
    """YAML lets the second of two equal keys win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _value in node.value]
        assert len(keys) == len(set(keys)), f"{node.start_mark}: something stands there twice: {keys}"
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class Identity:
    """Somebody, as the matrix describes them."""

    name: str
    paa_of: str | None = None
    member_of: str | None = None
    ended: bool = False
    holds: frozenset[str] = frozenset()
    at: str | None = None
    works_as: str | None = None
    roles: tuple[str, ...] = ()
    looks_after: str | None = None
    disabled: bool = False
    session: str = "web"
    #: None: they need none. Else it was "shown", "not shown", or they have none and must: "missing".
    second_factor: str | None = None
    narrowed_to: frozenset[str] | None = None
    login: str = "portal_app"

    @property
    def is_person(self) -> bool:
        """Somebody with rows of their own, alive or not."""
        return self.login == "portal_app" and self.session not in ("none", "invented")

    @property
    def is_customer(self) -> bool:
        return self.is_person and self.works_as is None

    @property
    def is_alive(self) -> bool:
        """Signed in, and not shut out since."""
        alive = SESSIONS[self.session] and self.second_factor != "not shown"
        return self.is_person and alive and not self.disabled and not self.has_left

    @property
    def comes_in(self) -> bool:
        """By the web: with a session of a browser, which a job's is not, and all the factors that are asked of them."""
        return self.is_in_a_browser and self.second_factor != "missing"

    @property
    def is_in_a_browser(self) -> bool:
        """With a session that is alive there, whatever else they would be asked for."""
        return self.is_alive and self.session in ("web", "not proved")

    @property
    def has_left(self) -> bool:
        """The role that they worked in."""
        return self.works_as is not None and self.works_as not in self.roles

    @property
    def only_reads(self) -> bool:
        """A job that reads for its person: it changes nothing, whatever they may change."""
        return self.session == "job"

    @property
    def has_proved(self) -> bool:
        """A few minutes ago, in this browser, that it is they."""
        return self.is_alive and self.session == "web"

    @property
    def company(self) -> str | None:
        """The account that they are a member of."""
        return self.paa_of or self.member_of

    def belongs_to(self, account: str | None) -> bool:
        """Is a member there, or runs it: the PAA of a parent account is PAA of its descendants."""
        if not (self.is_alive and self.is_customer and account) or self.ended:
            return False
        return self.member_of == account or self.paa_of in line_of(account)

    def has(self, function: str, account: str | None, site: str | None = None) -> bool:
        """Does this customer hold the function for that account, at that site (None: of a row without a site)?"""
        if not self.belongs_to(account) or (self.narrowed_to is not None and function not in self.narrowed_to):
            return False
        if self.paa_of is not None:
            return True
        if function not in self.holds or function in facts()["of a PAA alone"]:
            return False
        return self.at is None or function not in facts()["functions"]["sited"] or self.at == site

    def has_somewhere(self, function: str, account: str | None = None) -> bool:
        """At any site of this account, or of any account."""
        accounts = ACCOUNTS if account is None else (account,)
        return any(self.has(function, one, site) for one in accounts for site in (*SITES, None))

    def reaches(self, account: str | None) -> bool:
        """An account manager reaches the accounts they look after."""
        return self.is_alive and self.works_as == "account_manager" and account == self.looks_after

    def holds_as_staff(self, function: str) -> bool:
        """A function of the role they work in, over all accounts or (account managers) those they look after."""
        return self.is_alive and self.works_as is not None and function in facts()["staff"][self.works_as]

    def works(self, role: str) -> bool:
        return self.is_alive and self.works_as == role


def line_of(account: str) -> Iterator[str]:
    """The account and all above it."""
    above: str | None = account
    while above is not None:
        yield above
        above = PARENTS[above]


@cache
def facts() -> Mapping[str, Any]:
    """identities.yaml as it stands."""
    return read("identities.yaml")


def read(name: str) -> Mapping[str, Any]:
    """A file of the matrix; what stands in it twice is a mistake."""
    return yaml.load((HERE / name).read_text("utf-8"), Once)


def functions() -> tuple[str, ...]:
    return (*facts()["functions"]["sited"], *facts()["functions"]["of the account"])


@cache
def identities() -> dict[str, Identity]:
    """All of them by name, in the order of the table."""
    sited = facts()["functions"]["sited"]
    written = {**facts()["identities"], **_single("single functions", functions())}
    return {
        name: _read(name, about) for name, about in {**written, **_single("single functions at a site", sited)}.items()
    }


def _single(which: str, wanted: list[str] | tuple[str, ...]) -> dict[str, dict[str, Any]]:
    return {
        name.replace("{function}", function): {**about, "holds": function}
        for function in wanted
        for name, about in facts()[which].items()
    }


def _read(name: str, about: Mapping[str, Any]) -> Identity:
    role = about.get("works as")
    held = frozenset({about["holds"]} if "holds" in about else _preset(about.get("preset")))
    narrowed = about.get("narrowed to")
    return Identity(
        name,
        paa_of=about.get("paa of"),
        member_of=about.get("member of"),
        ended=about.get("ended", False),
        holds=held,
        at=about.get("at"),
        works_as=role,
        roles=tuple(about.get("roles", [role] if role else [])),
        looks_after=about.get("looks after"),
        disabled=about.get("disabled", False),
        session=about.get("session", "web"),
        second_factor=about.get("second factor"),
        narrowed_to=None if narrowed is None else frozenset(narrowed),
        login=about.get("login", "portal_app"),
    )


def _preset(name: str | None) -> frozenset[str]:
    if name is None:
        return frozenset()
    if name == "full user":
        return frozenset(functions()) - set(facts()["of a PAA alone"])
    return frozenset(facts()["presets"][name])
