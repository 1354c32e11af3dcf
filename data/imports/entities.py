"""Entities: the companies that issue invoices, one for each country."""

from __future__ import annotations

from typing import Any, Literal

from babel.core import get_global

from data.imports.fields import Code, Country, Currency, Email, Line, Paragraph, Word, Zone
from data.imports.kinds import FileKind, FileRow, Target
from data.imports.run import Run
from data.models import LegalEntity


class EntityRow(FileRow):
    entity: Code
    name: Line
    country: Country
    currency: Currency
    tax_id: Word | None
    address: Paragraph | None
    finance_email: Email | None
    tax_rounding: Literal["line", "invoice"]
    time_zone: Zone | None = None
    bank_details: Paragraph | None = None

    def stored(self) -> dict[str, Any]:
        return {
            "code": self.entity,
            "name": self.name,
            "country": self.country,
            "currency": self.currency,
            "tax_id": self.tax_id,
            "address": self.address,
            "finance_email": self.finance_email,
            "tax_rounding": self.tax_rounding,
            "bank_details": self.bank_details,
            "time_zone": self.time_zone or only_zone_of(self.country) or "UTC",
        }


def only_zone_of(country: str) -> str | None:
    """The clock of a country that has one clock."""
    zones = get_global("territory_zones").get(country, [])
    return zones[0] if len(zones) == 1 else None


def _note_guesses(run: Run) -> None:
    """Overdue is by the issuer's day, so a wrong clock moves it."""
    if "time_zone" in run.target.columns:
        return
    codes = [
        code
        for code, country in run.ask(
            f"select s.code, s.country from {run.target.staged} s join portal.legal_entity e using (code) "
            f"join {run.target.touched} c on c.id = e.id where c.added order by s.file, s.row"
        )
        if only_zone_of(country) is None
    ]
    if codes:
        run.notes.append(
            f"{', '.join(codes)}: days are counted in UTC, because the country has several time zones; "
            "a column time_zone says which"
        )


ENTITIES = FileKind(
    name="entities",
    row=EntityRow,
    number=("code", "entity"),
    target=Target(
        model=LegalEntity,
        key=("code",),
        columns=(
            *("name", "country", "currency", "tax_id", "address", "finance_email", "tax_rounding", "time_zone"),
            "bank_details",
        ),
    ),
    may_lack={"time_zone": "time_zone", "bank_details": "bank_details"},
    finish=_note_guesses,
)
