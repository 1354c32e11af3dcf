"""A billing run that finance hands in on a page: first what it would change, then all of it is done, or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, text

from data.audit import Deed, record
from data.commands import Work
from data.database import reading, writing
from data.imports.bundle import INVOICES, LINES, PAYMENTS, unpacked
from data.imports.handed_in import LARGEST, HandedIn, handed, read_handed_in, sources
from data.imports.known import Directory
from data.imports.originals import Kept, keep_documents, standing
from data.imports.problems import MOST, Source, Unfit
from data.imports.run import Watch
from data.imports.written_down import problems_of
from data.invoicing.holding import ByFinance
from rules.errors import Conflict
from rules.money import InvoiceState
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

__all__ = ["LARGEST", "HandedIn", "ImportBillingRun", "Preview", "Source", "Unfit", "Watch", "hand_in", "preview_of"]

P = Permission
#: Longer than a page's own statements may take: thousands of invoices are one.
LONGEST = "300s"
LONGEST_NAME = 120
_IMPORT = text(
    "select authz.import_billing(cast(:invoices as jsonb), cast(:lines as jsonb), cast(:payments as jsonb), :keeping, "
    ":name, :digest, :address)"
)


@dataclass(frozen=True)
class CurrencySum:
    """What a run comes to in one currency; what a credit note gives counts below zero."""

    currency: str
    added: int
    total: Decimal
    changed: int
    was: Decimal
    becomes: Decimal
    paid: Decimal


@dataclass(frozen=True)
class Preview:
    """What would happen. Of each sort so many are named, from the first on."""

    rows: int
    added: int
    changed: int
    payments: int
    sums: tuple[CurrencySum, ...]
    new_invoices: tuple[Mapping[str, Any], ...] = field(repr=False)
    changes: tuple[Mapping[str, Any], ...] = field(repr=False)
    new_payments: tuple[Mapping[str, Any], ...] = field(repr=False)
    #: Numbers of invoices that get an original, and of those whose original is replaced.
    originals: tuple[str, ...]
    replaced: tuple[str, ...]
    #: Changes with anything that this was said of.
    seen: str

    @property
    def is_nothing(self) -> bool:
        return not (self.added or self.changed or self.originals or self.replaced)


def hand_in(engine: Engine, principal: Principal, name: str, content: BytesIO, watch: Watch = Watch()) -> HandedIn:
    """Read it; Refused or Unfit where that cannot be. Nothing is asked of the database for long."""
    principal.require(P.INVOICE_MANAGE)
    with reading(engine, principal, P.INVOICE_MANAGE) as connection:
        directory = Directory.for_billing(connection)
    return read_handed_in(name, content, directory, watch)


def preview_of(engine: Engine, principal: Principal, run: HandedIn) -> Preview:
    """All of it is done as if it were meant, and nothing kept: so what is wrong with it as a whole is found."""
    principal.require(P.INVOICE_MANAGE)
    with writing(engine, principal, P.INVOICE_MANAGE) as connection:
        return _preview(connection, principal, run, keeping=False)


def _preview(connection: Connection, principal: Principal, run: HandedIn, *, keeping: bool) -> Preview:
    had = standing(connection, {number: run.issuers[number] for number in run.documents})
    told = _carried_out(connection, principal, run, keeping=keeping)
    differing = [n for n, digest in sorted(run.documents.items()) if n not in had or had[n].sha256 != digest]
    new = tuple(number for number in differing if number not in had or had[number].sha256 is None)
    versions = [(number, had[number].version) for number in differing if number in had]
    sums: list[dict[str, Any]] = [{**one, **{name: Decimal(one[name]) for name in _AMOUNTS}} for one in told["sums"]]
    return Preview(
        told["rows"], told["added"], told["changed"], told["payments_n"], tuple(CurrencySum(**one) for one in sums),
        tuple(told["new"]), tuple(told["changes"]), tuple(told["payments"]), new,
        tuple(number for number in differing if number not in new),
        hashlib.sha256(json.dumps([told, differing, versions], sort_keys=True).encode()).hexdigest(),
    )  # fmt: skip


_AMOUNTS = ("total", "was", "becomes", "paid")


def _carried_out(connection: Connection, principal: Principal, run: HandedIn, *, keeping: bool) -> dict[str, Any]:
    connection.execute(text("select set_config('statement_timeout', :longest, true)"), {"longest": LONGEST})
    asked = {
        "invoices": run.of(INVOICES), "lines": run.of(LINES), "payments": run.of(PAYMENTS), "keeping": keeping,
        "name": run.name[:LONGEST_NAME], "digest": run.sha256, "address": principal.address,
    }  # fmt: skip
    told: dict[str, Any] = connection.execute(_IMPORT, asked).scalar_one()
    if "busy" in told:
        raise Conflict(N_("Another import is under way. Wait for its end, then try it again."))
    if "wrong" in told:
        found = tuple(problems_of(told["wrong"], sources()))
        raise Unfit(found[:MOST], there_may_be_more=len(found) > MOST)
    return told


@dataclass(frozen=True)
class ImportBillingRun(ByFinance):
    """All of a run that was looked at, documents included, or nothing of it."""

    name: ClassVar = "billing.import"
    creates: ClassVar = True

    run: HandedIn
    #: What the preview said (`Preview.seen`).
    seen: str
    #: Who is told how far it is.
    watch: Watch = field(default_factory=Watch, repr=False, compare=False)

    def carry_out(self, work: Work) -> Mapping[str, Any]:
        self.watch.step(N_("Writing invoices and payments"))
        done = _preview(work.connection, work.principal, self.run, keeping=True)
        if done.seen != self.seen:
            raise Conflict(N_("Invoices were changed meanwhile. Nothing was imported: look at it again."))
        self.watch.step(N_("Keeping the documents"))
        originals = self._keep(work)
        return {"added": done.added, "changed": done.changed, "payments": done.payments, "originals": originals}

    def _keep(self, work: Work) -> int:
        if not self.run.documents:
            return 0
        me = work.principal.person_id
        with unpacked(handed(self.run.name, self.run.content)) as bundle:
            kept = list(keep_documents(work.connection, bundle, self.run.issuers, me))
        for each in kept:
            record(work.connection, work.principal, _deed(each))
        return len(kept)


def _deed(kept: Kept) -> Deed:
    """As when finance uploads one by itself: in the log of the customer, but for a draft."""
    invoice = kept.invoice
    account = None if invoice.state == InvoiceState.DRAFT else invoice.account_id
    return Deed(
        "invoice.original", "invoice", str(invoice.uuid), invoice.number, account, P.INVOICE_VIEW,
        after={"file": kept.name},
    )  # fmt: skip
