"""The documents of many invoices, as a list is filtered, to be taken along together."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from uuid import UUID

from sqlalchemy import Engine

from data.database import reading
from data.invoices import INVOICES
from data.invoicing.documents import Paper, read_paper
from data.listing import CAP, Asked, stream_of
from rules.errors import Invalid
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

P = Permission
#: As many as a list counts: whoever wants more narrows it.
MOST_AT_ONCE = CAP

_UUID = next(column for column in INVOICES.columns if column.key == "uuid")


def asked_for(engine: Engine, principal: Principal, asked: Asked) -> tuple[UUID, ...]:
    """Which invoices these are, in the order of the list; Invalid where they are too many."""
    found: list[UUID] = []
    with closing(stream_of(engine, principal, INVOICES, asked, (_UUID,), time_zone="UTC")) as rows:
        for batch in rows:
            found += [uuid for (uuid,) in batch]
            if len(found) > MOST_AT_ONCE:
                words = N_("At most {most} invoices can be downloaded at once. Narrow the list first.")
                raise Invalid(words, most=MOST_AT_ONCE)
    return tuple(found)


def papers(engine: Engine, principal: Principal, uuids: Sequence[UUID]) -> Generator[list[Paper]]:
    """One at a time, each in a transaction of its own: no snapshot is held as long as a slow reader reads, and who may
    not see one any more gets no further."""
    who = principal.covering(P.INVOICE_VIEW)
    for uuid in uuids:
        with reading(engine, who, P.INVOICE_VIEW) as connection:
            paper = read_paper(connection, uuid)
        yield [paper]


def names_of(papers: Iterator[Paper]) -> Iterator[tuple[str, Paper]]:
    """What each is called in an archive: its number, and where two issuers gave the same, the issuer as well."""
    taken: set[str] = set()
    for paper in papers:
        number = safe_name(paper.detail.invoice.number)
        name = number if number.casefold() not in taken else f"{number} ({safe_name(paper.detail.issuer.code)})"
        while name.casefold() in taken:
            name += "_"
        taken.add(name.casefold())
        yield name, paper


def safe_name(number: str) -> str:
    """A number as the name of a file, whatever it was imported as."""
    return "".join(letter if letter.isalnum() or letter in "-_. ()" else "_" for letter in number).strip(" .") or "_"
