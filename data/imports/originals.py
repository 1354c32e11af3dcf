"""The documents of a billing run: each becomes the original of its invoice, unless it is that already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from data.imports.bundle import Bundle
from data.tabular import shown

_LONGEST_NAME = 120
_STANDING = text(
    "select i.number, i.id, i.uuid, i.account_id, i.state, d.sha256, d.version "
    "from unnest(cast(:issuers as bigint[]), cast(:numbers as text[])) as asked (issuer_id, number) "
    "join portal.invoice i on i.issuer_id = asked.issuer_id and i.number = asked.number "
    "left join portal.invoice_document d on (d.account_id, d.invoice_id) = (i.account_id, i.id)"
)
_KEEP = text(
    "insert into portal.invoice_document as d (account_id, invoice_id, name, sha256, content, uploaded_by) "
    "values (:account, :invoice, :name, :digest, :content, :by) on conflict (account_id, invoice_id) "
    "do update set name = excluded.name, sha256 = excluded.sha256, content = excluded.content, "
    "uploaded_by = excluded.uploaded_by, uploaded_at = now(), version = d.version + 1"
)


@dataclass(frozen=True)
class Standing:
    """An invoice, and what its original is; None where it has none."""

    number: str
    invoice_id: int
    uuid: UUID
    account_id: int
    state: str
    sha256: bytes | None
    version: int | None


@dataclass(frozen=True)
class Kept:
    """A document that was kept."""

    invoice: Standing
    name: str

    @property
    def is_new(self) -> bool:
        return self.invoice.sha256 is None


def standing(connection: Connection, issuers: Mapping[str, int]) -> dict[str, Standing]:
    """Number → its invoice, of those that are here; `issuers` says who issued which number."""
    asked = {"issuers": list(issuers.values()), "numbers": list(issuers)}
    return {
        row.number: Standing(*row[:5], row[5] and bytes(row[5]), row[6]) for row in connection.execute(_STANDING, asked)
    }


def keep_documents(
    connection: Connection, bundle: Bundle, issuers: Mapping[str, int], by: int | None = None
) -> Iterator[Kept]:
    """Those that differ from what is here, one after the other; `by` whom, if it is not the operator."""
    known = standing(connection, {number: issuers[number] for number in bundle.documents})
    for number, name, content in bundle.read():
        invoice, digest = known[number], sha256(content).digest()
        if invoice.sha256 == digest:
            continue
        values: dict[str, Any] = {"account": invoice.account_id, "invoice": invoice.invoice_id, "by": by}
        called = shown(name, _LONGEST_NAME)
        connection.execute(_KEEP, {**values, "name": called, "digest": digest, "content": content})
        yield Kept(invoice, called)
