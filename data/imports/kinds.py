"""How a kind of file is declared: what a row may hold, where it is stored, what is looked at beyond single cells."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ConfigDict, model_validator
from sqlalchemy import Table

from data.models import Base

if TYPE_CHECKING:
    from data.imports.run import Run


class FileRow(BaseModel):
    """One row of a file, checked. Its fields are the file's columns; one with a default may be missing there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _empty_is_nothing(cls, values: dict[str, str]) -> dict[str, str | None]:
        return {name: text or None for name, text in values.items()}

    @abstractmethod
    def stored(self) -> dict[str, Any]:
        """Column of the table → value."""

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return tuple(name for name, about in cls.model_fields.items() if about.is_required())

    @classmethod
    def optional(cls) -> tuple[str, ...]:
        return tuple(name for name, about in cls.model_fields.items() if not about.is_required())


@dataclass(frozen=True, kw_only=True)
class Target:
    """The table that a file fills: which of its columns, and by which of them a row is recognised."""

    model: type[Base]
    key: tuple[str, ...]
    columns: tuple[str, ...]
    #: Never another than at first: a file that says otherwise means another row. Column → the file's name for it.
    lasting: Mapping[str, str] = field(default_factory=dict)
    #: Set when a row is made, and then left to the portal.
    first: tuple[str, ...] = ()
    #: What a new row gets instead of what is staged: column → expression over `s`.
    at_first: Mapping[str, str] = field(default_factory=dict)
    #: What else happens to a row that changes: column → expression over the old row `t` and the new one `s`.
    on_change: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> Table:
        return cast("Table", self.model.__table__)

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def filled(self) -> tuple[str, ...]:
        return (*self.key, *self.lasting, *self.columns, *self.first)

    @property
    def staged(self) -> str:
        """The temporary table with the file's rows."""
        return f"staged_{self.name}"

    @property
    def touched(self) -> str:
        """The temporary table with the ids of rows that were added or changed."""
        return f"touched_{self.name}"

    def lacking(self, columns: tuple[str, ...]) -> Target:
        """For a file without these: a new row gets what we choose, a row that is there keeps what it has."""
        kept = tuple(column for column in self.columns if column not in columns)
        return replace(self, columns=kept, first=(*self.first, *columns))


def nothing_more(_run: Run) -> None:
    """Most kinds of file are their rows and no more."""


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """Everything about one kind of file. A new kind is a module with one of these, and a line in KINDS."""

    name: str
    row: type[FileRow]
    target: Target
    #: What a row is called by: the staged column, and the file's.
    number: tuple[str, str]
    #: Staged columns by which no two rows may be alike; else the target's key.
    once: tuple[str, ...] = ()
    #: Columns that a file may lack: the file's name → the table's.
    may_lack: Mapping[str, str] = field(default_factory=dict)
    #: Staged columns that the table does not have: name → SQL type.
    beside: Mapping[str, str] = field(default_factory=dict)
    #: A second file that belongs to the first.
    lines: FileKind | None = None
    #: What is looked at before the rows are merged, and what is done afterwards.
    check: Callable[[Run], None] = nothing_more
    finish: Callable[[Run], None] = nothing_more
