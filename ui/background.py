"""Work that takes longer than a person should wait: it runs in a thread and can be stopped."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg
import streamlit as st
from sqlalchemy import Connection

_POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="background")


class Cancel:
    """Ends the statement that a piece of work is waiting for, from another thread."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None

    def watch(self, connection: Connection) -> None:
        """The work says which connection it uses."""
        driver = connection.connection.driver_connection
        self._connection = driver if isinstance(driver, psycopg.Connection) else None

    def __call__(self) -> None:
        if self._connection is not None and not self._connection.closed:
            self._connection.cancel_safe(timeout=2)


@dataclass
class Work:
    """The one piece of work of a name in this tab, for one question; a new question replaces it."""

    question: str
    task: Callable[[Cancel], Any]
    future: Future[Any] | None = None
    is_stopped: bool = False
    cancel: Cancel = field(default_factory=Cancel)

    @classmethod
    def of(cls, name: str, question: str, task: Callable[[Cancel], Any]) -> Work:
        works: dict[str, Work] = st.session_state.setdefault("Work", {})
        work = works.get(name)
        if work is None or work.question != question:
            if work is not None:
                work.stop()
            work = works[name] = cls(question, task)
            work.start()
        return work

    def start(self) -> None:
        self.is_stopped, self.cancel = False, Cancel()
        self.future = _POOL.submit(self.task, self.cancel)

    def stop(self) -> None:
        """What has not begun never will; what runs is ended in the database, and its answer is dropped."""
        self.is_stopped = True
        if self.future is not None and not self.future.cancel() and not self.future.done():
            self.cancel()

    @property
    def is_done(self) -> bool:
        return self.future is not None and self.future.done() and not self.is_stopped

    def result(self) -> Any:
        return self.future.result() if self.future else None
