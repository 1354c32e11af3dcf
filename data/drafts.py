"""Drafts: what a person typed into a form and has not sent yet, kept for them alone (data/models/system.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from data.database import reading, writing
from data.models import Draft
from rules.errors import Invalid
from rules.permissions import Permission
from rules.principal import Principal
from rules.words import N_

#: Characters of JSON; a description of 4,000 characters, twenty visitors and ten parcels fit in several times.
LARGEST = 20_000
#: A draft belongs to its person, not to a function: any hat they may put on will do.
ANY = tuple(Permission)


def load(engine: Engine, principal: Principal, form: str) -> dict[str, Any]:
    """What this person last typed into the form; empty if nothing waits there."""
    with reading(engine, principal, *ANY) as connection:
        fields = connection.scalar(select(Draft.fields).where(*_of(principal, form)))
    return dict(fields or {})


def keep(engine: Engine, principal: Principal, form: str, values: Mapping[str, Any]) -> None:
    """All fields of the form as they are now, in one small statement. They are what JSON can say."""
    if len(json.dumps(values, ensure_ascii=False)) > LARGEST:
        raise Invalid(N_("This is too much to keep as a draft. Please shorten it."), form)
    draft = insert(Draft).values(person_id=principal.person_id, form=form, fields=dict(values))
    changed = {"fields": draft.excluded.fields, "saved_at": func.now()}
    with writing(engine, principal, *ANY) as connection:
        connection.execute(draft.on_conflict_do_update(index_elements=["person_id", "form"], set_=changed))


def discard(engine: Engine, principal: Principal, form: str) -> None:
    """The form was sent, or its person wants to begin anew."""
    with writing(engine, principal, *ANY) as connection:
        discard_within(connection, principal, form)


def discard_within(connection: Connection, principal: Principal, form: str) -> None:
    """The same in the transaction of the command that the form was for: sent and forgotten, or neither."""
    connection.execute(delete(Draft).where(*_of(principal, form)))


def _of(principal: Principal, form: str) -> tuple[Any, Any]:
    return Draft.person_id == principal.person_id, Draft.form == form
