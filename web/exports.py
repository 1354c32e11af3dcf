"""A report in the audit log: who asked for what before the first byte leaves, and how many rows it came to."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from data.audit import Deed, record
from data.database import writing
from data.engines import app_engine
from data.streams import Batch
from rules.errors import PortalError
from rules.permissions import Permission
from rules.principal import Principal

log = structlog.get_logger("portal.reports")

Following = Callable[[Iterable[Batch]], Iterator[Batch]]


@dataclass(frozen=True)
class Export:
    """One report that somebody takes with them."""

    principal: Principal
    name: str
    #: What opens the list; the first that they hold guards the entry.
    permissions: tuple[Permission, ...]
    query: str

    def begun(self) -> None:
        """Noted before anything is read; without an entry there is no report. Who runs one of the accounts that it
        covers can read it there."""
        for account in self._accounts() or (None,):
            self._note("report.export", {"query": self.query}, account)

    @contextmanager
    def followed(self) -> Generator[Following]:
        """Counts the batches that pass, and notes at the end what came of it."""
        rows = 0

        def following(batches: Iterable[Batch]) -> Iterator[Batch]:
            nonlocal rows
            for batch in batches:
                yield batch
                rows += len(batch)

        try:
            yield following
        except BaseException:
            self._ended("report.broken", rows)
            raise
        self._ended("report.written", rows)

    def _ended(self, action: str, rows: int) -> None:
        """How many rows of several accounts there are is for none of them to know. Somebody who has signed out
        meanwhile cannot be noted any more: that they asked stands there already."""
        accounts = self._accounts()
        try:
            self._note(action, {"query": self.query, "rows": rows}, accounts[0] if len(accounts) == 1 else None)
        except (PortalError, SQLAlchemyError) as error:
            log.warning("report.end_not_noted", report=self.name, rows=rows, error=type(error).__name__)

    def _accounts(self) -> tuple[int, ...]:
        """What staff take with them is for the administrator to see."""
        if self.principal.is_staff:
            return ()
        may = self.principal.may
        return tuple(a for a in self.principal.chosen if any(may(permission, a) for permission in self.permissions))

    def _note(self, action: str, after: dict[str, Any], account: int | None) -> None:
        who = self.principal if account is None else self.principal.looking_at((account,))
        function = next((p for p in self.permissions if who.may(p)), self.permissions[0])
        deed = Deed(action, "list", object_label=self.name, account_id=account, function=function, after=after)
        with writing(app_engine(), who, *self.permissions) as connection:
            record(connection, who, deed)
