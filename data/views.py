"""Saved views: filters that people named, to find them again and to share them with their colleagues.

A view is the text of an address. What it finds is asked anew by whoever opens it, with their own rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qs
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from data.audit import Deed, record
from data.commands import Command, Work
from data.database import reading
from data.listing import Asked, ListSpec, read_asked
from data.models import Person, SavedView
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

#: They belong to a person, not to a function: any hat they may put on will do, that of one's own tickets last, because
#: it looks at one account at a time.
ANY = (*(each for each in Permission if each is not Permission.TICKET_VIEW_OWN), Permission.TICKET_VIEW_OWN)
MOST = 50
LONGEST_NAME = 80
LONGEST_QUERY = 2000


@dataclass(frozen=True)
class View:
    """One view, as its reader may know it. `by`: whose it is, where it is a colleague's."""

    uuid: UUID
    name: str
    query: str
    shared: bool
    is_default: bool
    is_mine: bool
    by: str | None


def list_views(engine: Engine, principal: Principal, page: str) -> tuple[View, ...]:
    """Their own and those that colleagues share, of the accounts in view; by name."""
    mine = SavedView.person_id == principal.person_id
    theirs = or_(mine & ~SavedView.shared, SavedView.shared & SavedView.account_id.in_(principal.chosen))
    query = (
        select(
            SavedView.uuid, SavedView.name, SavedView.query, SavedView.shared, SavedView.is_default & mine, mine,
            Person.name,
        )
        .outerjoin(Person, Person.id == SavedView.person_id)
        .where(SavedView.page == page, mine & ~SavedView.shared if principal.is_staff else theirs)
        .order_by(func.lower(SavedView.name), SavedView.id)
        .limit(MOST * 4)
    )  # fmt: skip
    with reading(engine, principal, *ANY) as connection:
        rows = connection.execute(query).all()
    return tuple(View(*row[:-1], by=None if row[-2] else row[-1]) for row in rows)


def default_views(engine: Engine, principal: Principal) -> dict[str, tuple[str, str]]:
    """Page → name and query of the view that this person wants to begin with; one that belongs to an account in view
    comes before one of another."""
    if not any(map(principal.may, ANY)):
        return {}
    mine = SavedView.person_id == principal.person_id, SavedView.is_default
    in_view = or_(SavedView.account_id.is_(None), SavedView.account_id.in_(principal.chosen))
    query = select(SavedView.page, SavedView.name, SavedView.query).where(*mine).order_by(in_view, SavedView.id)
    with reading(engine, principal, *ANY) as connection:
        rows = connection.execute(query).all()
    return {page: (name, query) for page, name, query in rows}


def asked_by(spec: ListSpec, query: str) -> Asked:
    """What a view asks of its list today: what the list does not know any more is left out."""
    said = parse_qs(query, max_num_fields=200) if len(query) <= LONGEST_QUERY else {}
    known = {name: values for name, values in said.items() if name != "at" and _is_understood(spec, {name: values})}
    return read_asked(spec, known if _is_understood(spec, known) else {})


def _is_understood(spec: ListSpec, parameters: Mapping[str, list[str]]) -> bool:
    try:
        read_asked(spec, parameters)
    except Invalid:
        return False
    return True


@dataclass(frozen=True)
class SaveView(Command):
    """Under a name of one's own: the same name again means the same view, with what is asked now."""

    name: ClassVar = "view.save"
    creates: ClassVar = True

    page: str
    called: str
    query: str
    shared: bool = False
    is_default: bool = False

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        return principal, _any_of(principal)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        connection, me = work.connection, work.principal.person_id
        called = _name(self.called)
        if len(self.query) > LONGEST_QUERY:
            raise Invalid(N_("This choice is too long to be kept."), "query")
        others = SavedView.person_id == me, or_(SavedView.page != self.page, SavedView.name != called)
        if connection.scalar(select(func.count()).select_from(SavedView).where(*others)) >= MOST:
            raise Conflict(N_("You have as many views as can be kept. Delete one first."))
        account_id = _shared_with(work.principal) if self.shared else None
        of_name = SavedView.person_id == me, SavedView.page == self.page, SavedView.name == called
        elsewhere = connection.scalar(select(SavedView.account_id).where(*of_name))
        if elsewhere is not None and work.principal.chosen != (elsewhere,):
            raise Conflict(N_("You share a view of this name with another account."))
        if self.is_default:
            _no_default(connection, me, self.page)
        values = {"query": self.query, "shared": self.shared, "account_id": account_id, "is_default": self.is_default}
        keep = insert(SavedView).values(person_id=me, page=self.page, name=called, **values)
        keep = keep.on_conflict_do_update(index_elements=["person_id", "page", "name"], set_=values)
        saved = connection.execute(keep.returning(SavedView.uuid)).scalar_one()
        said = {"page": self.page, "query": self.query, "shared": self.shared, "is_default": self.is_default}
        _note(work, self.name, saved, called, account_id, after=said)
        return {"view": str(saved)}


@dataclass(frozen=True)
class ChangeView(Command):
    """One's own: its name, whether colleagues see it, whether its page begins with it."""

    name: ClassVar = "view.change"

    view: UUID
    called: str
    shared: bool
    is_default: bool

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        found = _find(engine, principal, self.view)
        if found.person_id != principal.person_id:
            raise Forbidden("view.change")
        who = principal if found.account_id is None else principal.looking_at((found.account_id,))
        return who, _any_of(who)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        connection, me = work.connection, work.principal.person_id
        before = connection.execute(_one(SavedView.uuid == self.view).with_for_update()).one_or_none()
        if before is None:
            raise NotFound(str(self.view))
        called = _name(self.called)
        taken = SavedView.person_id == me, SavedView.page == before.page, SavedView.name == called
        if called != before.name and connection.scalar(select(SavedView.id).where(*taken)) is not None:
            raise Conflict(N_("You have another view of this name."))
        account_id = (before.account_id or _shared_with(work.principal)) if self.shared else None
        if self.is_default:
            _no_default(connection, me, before.page)
        after = {"name": called, "shared": self.shared, "is_default": self.is_default}
        change = update(SavedView).where(SavedView.uuid == self.view).values(**after, account_id=account_id)
        connection.execute(change)
        told = {field: value for field, value in after.items() if getattr(before, field) != value}
        was = {field: getattr(before, field) for field in told}
        _note(work, self.name, self.view, called, account_id or before.account_id, before=was, after=told)
        return {}


@dataclass(frozen=True)
class DeleteView(Command):
    """One's own; whoever runs an account also what is shared with all of it."""

    name: ClassVar = "view.delete"

    view: UUID

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        found = _find(engine, principal, self.view)
        if found.person_id == principal.person_id:
            return principal, _any_of(principal)
        who = principal.looking_at((found.account_id,))
        who.require(Permission.USER_MANAGE)
        return who, Permission.USER_MANAGE

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        gone = delete(SavedView).where(SavedView.uuid == self.view)
        gone = gone.returning(SavedView.name, SavedView.account_id, SavedView.page, SavedView.query)
        row = work.connection.execute(gone).one_or_none()
        if row is None:
            raise NotFound(str(self.view))
        _note(work, self.name, self.view, row.name, row.account_id, before={"page": row.page, "query": row.query})
        return {}


def _any_of(principal: Principal) -> Permission:
    principal.require(*ANY)
    return next(each for each in ANY if principal.may(each))


def _find(engine: Engine, principal: Principal, view: UUID) -> Row[Any]:
    """Wherever it belongs; NotFound where they may not see it."""
    who = principal.anywhere()
    with reading(engine, who, *ANY) as connection:
        found = connection.execute(_one(SavedView.uuid == view)).one_or_none()
    if found is None:
        raise NotFound(str(view))
    return found


def _one(condition: ColumnElement[bool]) -> Select[Any]:
    columns = SavedView.person_id, SavedView.account_id, SavedView.page, SavedView.name, SavedView.shared
    return select(*columns, SavedView.is_default).where(condition)


def _name(called: str) -> str:
    """In one line, as it stands on a button."""
    name = " ".join(called.split())
    if not name or not name.isprintable():
        raise Invalid(N_("Please give it a name."), "called")
    if len(name) > LONGEST_NAME:
        raise Invalid(N_("Write at most 80 characters."), "called")
    return name


def _shared_with(principal: Principal) -> int:
    if principal.is_staff or len(principal.chosen) != 1:
        raise Invalid(N_("A view is shared with one account. Choose it under the company at the top right."), "shared")
    return principal.chosen[0]


def _no_default(connection: Connection, person_id: int, page: str) -> None:
    mine = SavedView.person_id == person_id, SavedView.page == page, SavedView.is_default
    connection.execute(update(SavedView).where(*mine).values(is_default=False))


def _note(
    work: Work, action: str, view: UUID, called: str, account_id: int | None,
    *, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    deed = Deed(action, "view", str(view), called, account_id=account_id, before=before, after=after)
    record(work.connection, work.principal, deed)
