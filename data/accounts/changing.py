"""What an administrator does to an account: make it, rename it, put it below another one, assign who looks after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Engine, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql

from data.accounts.reading import Account, account_of, moved
from data.audit import Deed, record
from data.commands import Command, Work
from data.imports.fields import COUNTRIES, ZONES, Unexpected, language_code
from data.models import Account as AccountRow
from data.models import Assignment, Person
from data.outbox import tell
from rules.accounts import CODE, LEVELS, LONGEST_NAME
from rules.errors import Conflict, Invalid, NotFound, Problems
from rules.mail import MailKind
from rules.money import CURRENCIES
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

P = Permission
_a = AccountRow.__table__
#: Moves wait for each other (authz.check_account); taken first, so that what is checked here still holds there.
_ONE_AT_A_TIME = select(func.pg_advisory_xact_lock(7304, 0))
_FACTS = ("name", "country", "currency", "locale", "time_zone")


class _ByAdministrator(Command):
    """Over all accounts, by whoever manages them."""

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        principal.require(P.ACCOUNT_MANAGE)
        return principal, P.ACCOUNT_MANAGE


@dataclass(frozen=True)
class CreateAccount(_ByAdministrator):
    """A new customer, or a part of one. Nobody is in it yet; who runs the account above runs it at once."""

    name: ClassVar = "account.create"
    creates: ClassVar = True

    code: str
    called: str
    above: UUID | None = None
    country: str | None = None
    currency: str | None = None
    locale: str = "en"
    time_zone: str = "UTC"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        code, facts = self.code.strip(), _facts(self)
        if not CODE.fullmatch(code):
            raise Invalid(N_("Letters, digits, “-”, “_” and “.”, at most 50."), "code")
        work.connection.execute(_ONE_AT_A_TIME)
        above = None if self.above is None else _locked(work, self.above)
        if above is not None:
            _fits(work, above, height=1)
        adding = postgresql.insert(_a).values(code=code, parent_id=above and above.id, **facts)
        new = work.connection.execute(
            adding.on_conflict_do_nothing(index_elements=[_a.c.code]).returning(_a.c.id, _a.c.uuid)
        ).one_or_none()
        if new is None:
            raise Invalid(N_("This code is taken."), "code")
        after = {"code": code, **facts, "parent": above and above.name}
        _note(work, self.name, new.id, new.uuid, facts["name"], after={k: v for k, v in after.items() if v is not None})
        return {"uuid": str(new.uuid)}


@dataclass(frozen=True)
class _OfAccount(_ByAdministrator):
    """What is done to one account, as whoever does it saw it."""

    account: UUID
    version: int

    def _seen(self, work: Work) -> Account:
        """As it stands now, and stays until this transaction ends."""
        work.connection.execute(_ONE_AT_A_TIME)
        account = _locked(work, self.account)
        if account.version != self.version:
            raise Conflict(N_("{name} was changed meanwhile. Look at it again, then change it."), name=account.name)
        return account

    def _change(self, work: Work, account: Account, **values: Any) -> None:
        change = update(_a).where(_a.c.id == account.id)
        work.connection.execute(change.values(version=account.version + 1, **values))


@dataclass(frozen=True)
class ChangeAccount(_OfAccount):
    """Its name, and what is usual there. Its code stays: addresses and files name it by that."""

    name: ClassVar = "account.change"

    called: str
    country: str | None = None
    currency: str | None = None
    locale: str = "en"
    time_zone: str = "UTC"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        wanted = _facts(self)
        account = self._seen(work)
        changed = {name: value for name, value in wanted.items() if getattr(account, name) != value}
        if not changed:
            return {"changed": False}
        self._change(work, account, **changed)
        before = {name: getattr(account, name) for name in changed}
        _note(work, self.name, account.id, account.uuid, account.name, before=before, after=changed)
        return {"changed": True}


@dataclass(frozen=True)
class MoveAccount(_OfAccount):
    """It becomes a part of another account, or (above: None) stands alone. With it goes who runs it: whoever runs the
    account above. What general users and account managers may do names each account, so it stays."""

    name: ClassVar = "account.move"
    needs_proof: ClassVar = True

    above: UUID | None = None

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        account = self._seen(work)
        if self.above == (account.above and account.above.uuid):
            return {"changed": False}
        means = moved(work.connection, account, self.above)
        if means.is_left_alone:
            raise Conflict(
                N_("{name} would have no administrator any more. Name one of its own first."), name=account.name
            )
        above = None
        if self.above is not None:
            above = _locked(work, self.above)
            if above.uuid == account.uuid or _is_below(work, account, above):
                raise Invalid(N_("An account is no part of itself or of what is below it."), "above")
            _fits(work, above, height=_height(work, account))
        old = account.above
        self._change(work, account, parent_id=above and above.id)
        was, becomes = old and old.name, above and above.name
        _note(
            work, self.name, account.id, account.uuid, account.name, before={"parent": was}, after={"parent": becomes}
        )
        if old is not None:  # who runs that one may not run this one any more: to whom it went is not theirs to know
            left = work.connection.execute(select(_a.c.id).where(_a.c.uuid == old.uuid)).scalar_one()
            _note(work, self.name, left, account.uuid, account.name, before={"parent": was}, after={"parent": None})
        self._tell(work, account, above)
        return {"changed": True}

    def _tell(self, work: Work, account: Account, above: Account | None) -> None:
        """Who ran it and who runs it now, each once, of what concerns them."""
        before = _running(account)
        after = _running(account_of(work.connection, account.uuid))
        for person in sorted(before | after):
            stays = person in after and above is not None
            name = above.name if stays and above is not None else account.above and account.above.name
            tell(
                work.connection,
                kind=MailKind.ACCOUNT_MOVED,
                account_id=account.id,
                person_id=person,
                context={"above": name, "is_attached": stays, "by": work.principal.name},
            )


@dataclass(frozen=True)
class CloseAccount(_OfAccount):
    """Nobody new comes in and nothing is put below it; who is in still sees what was."""

    name: ClassVar = "account.close"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        account = self._seen(work)
        if account.closed_at is not None:
            return {"changed": False}
        open_part = select(_a.c.name).join(_above := _a.alias("above"), _above.c.id == _a.c.parent_id)
        open_part = open_part.where(_above.c.id == account.id, _a.c.closed_at.is_(None)).order_by(_a.c.name).limit(1)
        part = work.connection.scalar(open_part)
        if part is not None:
            raise Conflict(N_("{part} is a part of it and open. Close or detach it first."), part=part)
        self._change(work, account, closed_at=func.clock_timestamp())
        _note(work, self.name, account.id, account.uuid, account.name)
        return {"changed": True}


@dataclass(frozen=True)
class ReopenAccount(_OfAccount):
    """It lives again."""

    name: ClassVar = "account.reopen"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        account = self._seen(work)
        if account.closed_at is None:
            return {"changed": False}
        self._change(work, account, closed_at=None)
        _note(work, self.name, account.id, account.uuid, account.name)
        return {"changed": True}


@dataclass(frozen=True)
class AssignManager(_ByAdministrator):
    """One more of the staff looks after it: at their next click they see everything of it."""

    name: ClassVar = "account.assign"
    needs_proof: ClassVar = True

    account: UUID
    manager: UUID

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        account, person = _locked(work, self.account), _somebody_else(work, self.manager)
        adding = postgresql.insert(Assignment).values(account_id=account.id, person_id=person.id)
        adding = adding.on_conflict_do_nothing().returning(Assignment.person_id)
        if work.connection.execute(adding).scalar() is None:
            return {"changed": False}
        _note(work, self.name, account.id, account.uuid, account.name, after={"manager": person.name})
        return {"changed": True}


@dataclass(frozen=True)
class UnassignManager(_ByAdministrator):
    """They look after it no more, at once."""

    name: ClassVar = "account.unassign"
    needs_proof: ClassVar = True

    account: UUID
    manager: UUID

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        account, person = _locked(work, self.account), _somebody_else(work, self.manager)
        theirs = Assignment.account_id == account.id, Assignment.person_id == person.id
        ending = delete(Assignment).where(*theirs).returning(Assignment.person_id)
        if work.connection.execute(ending).scalar() is None:
            return {"changed": False}
        _note(work, self.name, account.id, account.uuid, account.name, before={"manager": person.name})
        return {"changed": True}


# --- checks


def _facts(wanted: CreateAccount | ChangeAccount) -> dict[str, Any]:
    """What was typed, as it is stored; all that is wrong with it at once."""
    name = " ".join(wanted.called.split())
    wrong = []
    if not name:
        wrong.append(Invalid(N_("Please fill this in."), "called"))
    if len(name) > LONGEST_NAME:
        wrong.append(
            Invalid(N_("At most {most} characters; this has {count}."), "called", most=LONGEST_NAME, count=len(name))
        )
    if wanted.country is not None and wanted.country not in COUNTRIES:
        wrong.append(Invalid(N_("Choose one of the list."), "country"))
    if wanted.currency is not None and wanted.currency not in CURRENCIES:
        wrong.append(Invalid(N_("Choose one of the list."), "currency"))
    if wanted.time_zone not in ZONES:
        wrong.append(Invalid(N_("There is no time zone of this name."), "time_zone"))
    try:
        language_code(wanted.locale)
    except Unexpected:
        wrong.append(Invalid(N_("Choose one of the list."), "locale"))
    if wrong:
        raise Problems(wrong)
    return dict(zip(_FACTS, (name, wanted.country, wanted.currency, wanted.locale, wanted.time_zone), strict=True))


def _locked(work: Work, uuid: UUID) -> Account:
    work.connection.execute(select(_a.c.id).where(_a.c.uuid == uuid).with_for_update())
    return account_of(work.connection, uuid)


def _fits(work: Work, above: Account, *, height: int) -> None:
    if above.closed_at is not None:
        raise Invalid(N_("{name} is closed."), "above", name=above.name)
    line = select(_a.c.id, _a.c.parent_id).where(_a.c.id == above.id).cte("line", recursive=True)
    line = line.union(select(_a.c.id, _a.c.parent_id).join(line, _a.c.id == line.c.parent_id))
    levels = work.connection.scalar(select(func.count()).select_from(line)) or 0
    if levels + height > LEVELS:
        raise Invalid(N_("Accounts stand at most {most} deep below each other."), "above", most=LEVELS)


def _height(work: Work, account: Account) -> int:
    below = select(_a.c.id, literal(1).label("level")).where(_a.c.id == account.id).cte("below", recursive=True)
    below = below.union_all(select(_a.c.id, below.c.level + 1).join(below, _a.c.parent_id == below.c.id))
    return work.connection.scalar(select(func.max(below.c.level))) or 1


def _is_below(work: Work, account: Account, other: Account) -> bool:
    below = select(_a.c.id).where(_a.c.id == account.id).cte("below", recursive=True)
    below = below.union(select(_a.c.id).join(below, _a.c.parent_id == below.c.id))
    return work.connection.scalar(select(below.c.id).where(below.c.id == other.id)) is not None


def _running(account: Account) -> set[int]:
    return {each.id for each in account.people if each.role == "paa" and not each.is_disabled}


def _somebody_else(work: Work, uuid: UUID) -> Any:
    """Nobody assigns themselves; who may look after accounts at all, the policy knows."""
    person = work.connection.execute(select(Person.id, Person.name).where(Person.uuid == uuid)).one_or_none()
    if person is None:
        raise NotFound(str(uuid))
    if person.id == work.principal.person_id:
        raise Conflict(N_("Nobody changes their own rights. Another administrator can."))
    return person


def _note(
    work: Work,
    action: str,
    account_id: int,
    uuid: UUID,
    name: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """For whoever runs the account to read."""
    deed = Deed(action, "account", str(uuid), name, account_id, P.USER_MANAGE, before, after)
    record(work.connection, work.principal, deed)
