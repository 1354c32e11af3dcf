"""Broadcast: what staff tell customers, as notices for whoever is concerned or as messages; which, says the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pages.staff.broadcast import messages, notices
from rules.permissions import Permission, StaffRole
from rules.principal import Principal
from rules.words import N_
from ui import look
from ui.asking import choose_one
from ui.text import _, translated

P = Permission


@dataclass(frozen=True)
class Segment:
    """One way to tell: its name in the address (`/broadcast?as=…`), its words, what it takes, and what draws it."""

    name: str
    title: str
    permission: Permission
    show: Callable[[Principal], None]
    #: None: every role that holds the function.
    roles: frozenset[StaffRole] | None = None

    def opens_for(self, principal: Principal) -> bool:
        return principal.may(self.permission) and (self.roles is None or principal.role in self.roles)


#: A further one is a line here.
SEGMENTS: tuple[Segment, ...] = (
    Segment("notices", N_("Notices"), P.BROADCAST_SEND, notices.show),
    Segment("messages", N_("Messages"), P.BROADCAST_SEND, messages.show, frozenset({StaffRole.ACCOUNT_MANAGER})),
)  # fmt: skip


def show(principal: Principal) -> None:
    look.title(_("Broadcast"))
    offered = {segment.name: segment for segment in SEGMENTS if segment.opens_for(principal)}
    chosen = next(iter(offered))
    if len(offered) > 1:
        words = {name: translated(segment.title) for name, segment in offered.items()}
        chosen = choose_one("as", _("What to write"), words)
    offered[chosen].show(principal)
