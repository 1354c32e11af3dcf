"""Sites: the data centres."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator

from data.imports.fields import Code, Country, Degrees, FromEntity, Line, Paragraph, Unexpected, Word, Zone
from data.imports.kinds import FileKind, FileRow, Target
from data.models import Site


class SiteRow(FileRow):
    site: Code
    name: Line
    country: Country
    city: Word
    time_zone: Zone
    latitude: Degrees | None
    longitude: Degrees | None
    status: Literal["active", "planned", "closed"]
    address: Paragraph | None = None
    issuer: FromEntity | None = None

    @model_validator(mode="after")
    def _is_on_the_map_or_not(self) -> Self:
        for column, degrees, limit in (("latitude", self.latitude, 90), ("longitude", self.longitude, 180)):
            if degrees is not None and abs(degrees) > limit:
                raise Unexpected(f"degrees from -{limit} to {limit}", column=column)
        if (self.latitude is None) != (self.longitude is None):
            missing = "latitude" if self.latitude is None else "longitude"
            raise Unexpected("both latitude and longitude, or neither", column=missing)
        return self

    def stored(self) -> dict[str, Any]:
        return {
            "code": self.site,
            "name": self.name,
            "country": self.country,
            "city": self.city,
            "time_zone": self.time_zone,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "status": self.status,
            "address": self.address,
            "legal_entity_id": self.issuer and self.issuer.id,
        }


SITES = FileKind(
    name="sites",
    row=SiteRow,
    number=("code", "site"),
    target=Target(
        model=Site,
        key=("code",),
        columns=(
            "name", "country", "city", "time_zone", "latitude", "longitude", "status", "address", "legal_entity_id",
        ),
    ),
    may_lack={"address": "address", "issuer": "legal_entity_id"},
)  # fmt: skip
