"""What all tables share: names of constraints, common column types, and the declaration of who may see a row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Index, MetaData, Numeric, Text, func, text
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
#: What URLs carry; ids of the database stay inside.
PublicId = Annotated[UUID, mapped_column(server_default=text("gen_random_uuid()"), unique=True)]
#: Numbers are searched by prefix, which needs byte order.
Number = Annotated[str, mapped_column(Text(collation="C"))]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Created = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
#: Raised at each change of what people edit; a stale one is a Conflict.
Version = Annotated[int, mapped_column(server_default=text("1"))]
Money = Annotated[Decimal, mapped_column(Numeric(18, 2))]
Zero = Annotated[Decimal, mapped_column(Numeric(18, 2), server_default=text("0"))]


class Base(DeclarativeBase):
    """Tables of the schema `portal`; `rows` of each says who may see what (data/models/rows.py)."""

    metadata = MetaData(naming_convention=NAMES, schema="portal")
    type_annotation_map: ClassVar = {str: Text, int: BigInteger, datetime: DateTime(timezone=True)}


def quoted(words: Iterable[str]) -> str:
    """As a list in SQL."""
    return ", ".join(f"'{word}'" for word in words)


def one_of(column: str, values: Iterable[StrEnum | str], name: str | None = None) -> CheckConstraint:
    """A stored word is one of these. Text with a check, not a database enum: `=` on an enum cannot use an index
    under row security (it is not leakproof)."""
    return CheckConstraint(f"{column} in ({quoted(values)})", name=name or column)


def order_of_list(
    table: str, name: str, *order: str, carrying: Iterable[str], only: str | None = None, for_staff: bool = True
) -> tuple[Index, ...]:
    """The indexes of one order of a list: one within an account, one ("all") over all of them where staff read those.
    They carry what the list filters by, so that finding and counting read the index alone (docs/decisions/0010)."""
    carried = [column for column in carrying if column not in order]
    where = None if only is None else text(only)

    def index(place: str, *columns: str) -> Index:
        return Index(f"ix_{table}_{place}{name}", *columns, postgresql_include=carried, postgresql_where=where)

    return index("", "account_id", *order), *((index("all_", *order),) if for_staff else ())


def table_info(rows: Any) -> dict[str, Any]:
    """What `__table_args__` carries for the security floor."""
    return {"info": {"rows": rows}}
