"""The document of an invoice: the original that finance uploaded, or what ours is made of; each download is noted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from data.audit import Deed, record
from data.commands import Work
from data.database import writing
from data.invoicing.holding import ByFinance
from data.invoicing.reading import InvoiceDetail, InvoiceHead, read_invoice
from data.models import InvoiceDocument
from rules.errors import Conflict
from rules.files import Upload, accept_pdf
from rules.money import InvoiceState
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

P = Permission
_table = InvoiceDocument.__table__


@dataclass(frozen=True)
class Original:
    """The file that finance uploaded."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Paper:
    """All that an invoice's document says. `bank_details` are read with an invoice and never by themselves."""

    detail: InvoiceDetail
    bank_details: str | None = field(repr=False)
    original: Original | None


def take_document(engine: Engine, principal: Principal, uuid: UUID, kind: str) -> Paper:
    """For a download as `kind` (pdf, xml) that is in the audit log; NotFound for a stranger's as for none at all."""
    principal.require(P.INVOICE_VIEW)
    who = principal.covering(P.INVOICE_VIEW)
    with writing(engine, who, P.INVOICE_VIEW) as connection:
        paper = read_paper(connection, uuid, with_original=kind == "pdf")
        invoice = paper.detail.invoice
        record(connection, who, _deed("invoice.download", invoice, {"file": f"{invoice.number}.{kind}"}))
    return paper


def read_paper(connection: Connection, uuid: UUID, *, with_original: bool = True) -> Paper:
    """In a transaction of somebody who may see it."""
    detail = read_invoice(connection, uuid)
    bank_details = connection.scalar(select(func.authz.bank_details(uuid)))
    return Paper(detail, bank_details, _original(connection, detail) if with_original else None)


def _original(connection: Connection, detail: InvoiceDetail) -> Original | None:
    if detail.document is None:
        return None
    invoice = detail.invoice
    row = connection.execute(select(_table.c.name, _table.c.content).where(*_its(invoice))).one_or_none()
    return Original(*row) if row else None


def _deed(action: str, invoice: InvoiceHead, after: dict[str, Any]) -> Deed:
    """Of a draft the customer knows nothing."""
    return Deed(
        action,
        "invoice",
        object_id=str(invoice.uuid),
        object_label=invoice.number,
        account_id=None if invoice.state is InvoiceState.DRAFT else invoice.account_id,
        function=P.INVOICE_VIEW,
        after=after,
    )


@dataclass(frozen=True)
class _OfOriginal(ByFinance):
    """What finance does with the original of an invoice; `version` is that of the one they saw, None where none was."""

    invoice: UUID
    version: int | None


def _moved_on() -> Conflict:
    return Conflict(N_("The original was replaced meanwhile. Look at it again and repeat your change."))


@dataclass(frozen=True)
class KeepOriginal(_OfOriginal):
    """From now on this file is what downloads."""

    name: ClassVar = "invoice.original"

    file: Upload

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        file = accept_pdf(self.file)
        invoice = read_invoice(work.connection, self.invoice, most_lines=0).invoice
        values = {
            "name": file.name,
            "sha256": hashlib.sha256(file.content).digest(),
            "content": file.content,
            "uploaded_by": work.principal.person_id,
            "uploaded_at": func.now(),
        }
        if self.version is None:
            mine = {"account_id": invoice.account_id, "invoice_id": invoice.id}
            change: Any = insert(_table).values(**mine, **values).on_conflict_do_nothing()
        else:
            values["version"] = self.version + 1
            change = update(_table).where(*_its(invoice), _table.c.version == self.version).values(**values)
        if work.connection.execute(change.returning(_table.c.id)).one_or_none() is None:
            raise _moved_on()
        record(work.connection, work.principal, _deed(self.name, invoice, {"file": file.name}))
        return {"version": (self.version or 0) + 1}


@dataclass(frozen=True)
class RemoveOriginal(_OfOriginal):
    """It was the wrong one: what we make ourselves downloads again."""

    name: ClassVar = "invoice.no_original"

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        invoice = read_invoice(work.connection, self.invoice, most_lines=0).invoice
        gone = delete(_table).where(*_its(invoice), _table.c.version == self.version).returning(_table.c.name)
        name = work.connection.execute(gone).scalar_one_or_none()
        if name is None:
            raise _moved_on()
        record(work.connection, work.principal, _deed(self.name, invoice, {"file": name}))
        return {}


def _its(invoice: InvoiceHead) -> tuple[Any, ...]:
    return _table.c.account_id == invoice.account_id, _table.c.invoice_id == invoice.id
