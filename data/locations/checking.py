"""What was typed about a site, a contact or an entity, as it is stored; all that is wrong with it is said at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Table
from sqlalchemy.dialects import postgresql

from data.commands import Command, Work
from rules.accounts import CODE
from rules.errors import Conflict, Invalid, Problems
from rules.locations import LONGEST_LINE, LONGEST_TEXT, looks_like_phone
from rules.permissions import Permission
from rules.principal import Principal
from rules.together import looks_like_email
from rules.words import N_

_NOT_TYPED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class ByAdministrator(Command):
    """By whoever sees to the sites."""

    def reach(self, engine: Engine, principal: Principal) -> tuple[Principal, Permission]:
        principal.require(Permission.SITE_MANAGE)
        return principal, Permission.SITE_MANAGE


class Typed:
    """Takes each value, and raises at the end what is wrong with any of them."""

    def __init__(self) -> None:
        self.wrong: list[Invalid] = []

    def line(self, field: str, value: str | None, *, longest: int = LONGEST_LINE) -> str:
        """One line that must be there."""
        text = self.optional_line(field, value, longest=longest)
        if text is None:
            self.wrong.append(Invalid(N_("Please fill this in."), field))
        return text or ""

    def optional_line(self, field: str, value: str | None, *, longest: int = LONGEST_LINE) -> str | None:
        return self._fitting(field, " ".join(_NOT_TYPED.sub(" ", value or "").split()), longest)

    def text(self, field: str, value: str | None, *, longest: int = LONGEST_TEXT) -> str | None:
        """Several lines."""
        return self._fitting(field, _NOT_TYPED.sub("", value or "").strip(), longest)

    def _fitting(self, field: str, text: str, longest: int) -> str | None:
        if len(text) > longest:
            said = N_("At most {most} characters; this has {count}.")
            self.wrong.append(Invalid(said, field, most=longest, count=len(text)))
        return text or None

    def one_of(self, field: str, value: str | None, among: Collection[str]) -> str:
        if value not in among:
            self.wrong.append(Invalid(N_("Choose one of the list."), field))
        return value or ""

    def email(self, field: str, value: str | None) -> str | None:
        text = (value or "").strip()
        if text and not looks_like_email(text):
            self.wrong.append(Invalid(N_("This is no e-mail address."), field))
        return text or None

    def phone(self, field: str, value: str | None) -> str | None:
        text = " ".join((value or "").split())
        if text and not looks_like_phone(text):
            self.wrong.append(Invalid(N_("Digits, as one dials them from abroad: +82 2 555 0100."), field))
        return text or None

    def degrees(self, field: str, value: str | None, limit: int) -> Decimal | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            number = Decimal(text) if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,10})?", text) else None
        except InvalidOperation:
            number = None
        if number is None or abs(number) > limit:
            said = N_("Degrees from -{limit} to {limit}, such as 35.6895.")
            self.wrong.append(Invalid(said, field, limit=limit))
            return None
        return number.quantize(Decimal("0.000001"))

    def done(self) -> None:
        if self.wrong:
            raise Problems(self.wrong)


def add_by_code(work: Work, table: Table, code: str, facts: Mapping[str, Any]) -> UUID:
    """Under a code that nothing of its kind has yet."""
    if not CODE.fullmatch(code):
        raise Invalid(N_("Letters, digits, “-”, “_” and “.”, at most 50."), "code")
    adding = postgresql.insert(table).values(code=code, **facts)
    adding = adding.on_conflict_do_nothing(index_elements=[table.c.code])
    uuid = work.connection.execute(adding.returning(table.c.uuid)).scalar()
    if uuid is None:
        raise Invalid(N_("This code is taken."), "code")
    return uuid


def changed_meanwhile(name: str) -> Conflict:
    return Conflict(N_("{name} was changed meanwhile. Look at it again, then change it."), name=name)
