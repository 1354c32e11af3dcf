"""What a person has set for themselves: the language and the clock in which pages and mails speak to them."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine, update

from data.audit import Deed, record
from data.database import writing
from data.models import Person
from rules.errors import Invalid
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

#: They belong to the person, not to a function: any hat they may put on will do.
ANY = tuple(Permission)


def save_preferences(engine: Engine, principal: Principal, *, language: str | None, time_zone: str | None) -> None:
    """None: as the browser says, and in mails as their account has it."""
    if time_zone is not None:
        try:
            ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Invalid(N_("There is no time zone of this name."), "time_zone") from None
    before = {"language": principal.language, "time_zone": principal.time_zone}
    after = {"language": language, "time_zone": time_zone}
    if before == after:
        return
    with writing(engine, principal, *ANY) as connection:
        connection.execute(update(Person).where(Person.id == principal.person_id).values(after))
        deed = Deed("person.preferences", "person", str(principal.person_uuid), before=before, after=after)
        record(connection, principal, deed)
