"""What an administrator does to the companies that issue invoices: all of it stands on invoices, and asks for proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import text, update

from data.audit import Deed, record
from data.commands import Work
from data.imports.fields import COUNTRIES, ZONES
from data.locations.checking import ByAdministrator, Typed, add_by_code, changed_meanwhile
from data.locations.reading import entity_of
from data.models import LegalEntity
from data.outbox import new_message_id
from rules.errors import NotFound
from rules.locations import LONGEST_BANK_DETAILS, TaxRounding
from rules.money import CURRENCIES
from rules.permissions import Permission

P = Permission
_e = LegalEntity.__table__
_WRITE = text("select authz.write_bank_details(:entity, :version, :details, :message_id, :address)")


@dataclass(frozen=True)
class _Facts(ByAdministrator):
    """What stands at the head of its invoices, and where questions about them go."""

    needs_proof: ClassVar = True

    called: str
    country: str
    currency: str
    time_zone: str
    tax_rounding: str = TaxRounding.INVOICE
    tax_id: str | None = None
    address: str | None = None
    finance_email: str | None = None

    def _facts(self) -> dict[str, Any]:
        typed = Typed()
        facts = {
            "name": typed.line("called", self.called),
            "country": typed.one_of("country", self.country, COUNTRIES),
            "currency": typed.one_of("currency", self.currency, CURRENCIES),
            "time_zone": typed.one_of("time_zone", self.time_zone, ZONES),
            "tax_rounding": typed.one_of("tax_rounding", self.tax_rounding, tuple(TaxRounding)),
            "tax_id": typed.optional_line("tax_id", self.tax_id, longest=100),
            "address": typed.text("address", self.address),
            "finance_email": typed.email("finance_email", self.finance_email),
        }
        typed.done()
        return facts


@dataclass(frozen=True)
class CreateEntity(_Facts):
    """A company that will issue invoices. Where they are paid to is said afterwards."""

    name: ClassVar = "entity.create"
    creates: ClassVar = True

    code: str = ""

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        code, facts = self.code.strip(), self._facts()
        uuid = add_by_code(work, _e, code, facts)
        after = {name: value for name, value in {"code": code, **facts}.items() if value is not None}
        _note(work, self.name, uuid, facts["name"], after=after)
        return {"uuid": str(uuid)}


@dataclass(frozen=True)
class _OfEntity:
    """Which one, as whoever does it saw it. Its code stays."""

    entity: UUID
    version: int


@dataclass(frozen=True)
class ChangeEntity(_Facts, _OfEntity):
    """At once, and on every document that is made from now on, also of what was issued before (decision 32)."""

    name: ClassVar = "entity.change"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        entity = entity_of(work.connection, self.entity, locked=True)
        if entity.version != self.version:
            raise changed_meanwhile(entity.name)
        facts = self._facts()
        changed = {name: value for name, value in facts.items() if getattr(entity, name) != value}
        if not changed:
            return {"changed": False}
        work.connection.execute(update(_e).where(_e.c.id == entity.id).values(version=entity.version + 1, **changed))
        before = {name: getattr(entity, name) for name in changed}
        _note(work, self.name, entity.uuid, entity.name, before=before, after=changed)
        return {"changed": True}


@dataclass(frozen=True)
class WriteBankDetails(ByAdministrator):
    """Where its invoices are paid to from now on. Nobody reads them back; finance and the other administrators are told
    by mail that they are others now, and the log says so without saying which (authz.write_bank_details)."""

    name: ClassVar = "entity.bank_details"
    needs_proof: ClassVar = True

    entity: UUID
    version: int
    details: str | None = field(default=None, repr=False)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        typed = Typed()
        details = typed.text("details", self.details, longest=LONGEST_BANK_DETAILS)
        typed.done()
        values = {
            "entity": self.entity, "version": self.version, "details": details, "message_id": new_message_id(),
            "address": work.principal.address,
        }  # fmt: skip
        said = work.connection.scalar(_WRITE, values)
        if said == "unknown":
            raise NotFound(str(self.entity))
        if said == "changed":
            raise changed_meanwhile(entity_of(work.connection, self.entity).name)
        return {"changed": said == "done"}


def _note(
    work: Work,
    action: str,
    uuid: UUID,
    name: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    deed = Deed(action, "entity", str(uuid), name, function=P.SITE_MANAGE, before=before, after=after)
    record(work.connection, work.principal, deed)
