"""Fetching ahead: rows come while others are written, in order, never too many, and nothing goes on for nobody."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import pytest

from reports.ahead import fetched_ahead
from reports.spool import ReaderGone, Spool, Unfinished, Write
from reports.workbook import CellKind, Cover, SheetColumn, write_workbook
from tests.spool_scene import LONG, eventually, whole

COLUMNS = [SheetColumn("Number", CellKind.INTEGER)]
COVER = Cover("Report", ())


class CursorBroke(Exception):
    pass


class Cursor:
    """Hands out batches, tells how many it gave, and breaks where it is told to."""

    def __init__(self, batches: int = 100_000, *, size: int = 1, breaks_after: int | None = None) -> None:
        self.batches, self.size, self.breaks_after = batches, size, breaks_after
        self.given = 0
        self.closed = threading.Event()

    def rows(self) -> Generator[list[tuple[int]]]:
        try:
            for number in range(self.batches):
                if number == self.breaks_after:
                    raise CursorBroke
                self.given += 1
                yield [(number,)] * self.size
        finally:
            self.closed.set()


def fetching_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("rows")]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert eventually(lambda: not fetching_threads())


def test_all_batches_come_in_their_order() -> None:
    assert [row for batch in fetched_ahead(Cursor(50).rows()) for row in batch] == [(n,) for n in range(50)]
    assert list(fetched_ahead(Cursor(0).rows())) == []


def test_the_next_rows_are_fetched_meanwhile_and_no_more_than_these() -> None:
    cursor = Cursor()
    with closing(fetched_ahead(cursor.rows())) as batches:
        for written in range(1, 4):
            next(batches)
            assert eventually(lambda due=written + 1: cursor.given == due), "nothing is fetched while rows are written"
            time.sleep(0.05)
            assert cursor.given == written + 1, "more than one batch waits to be written"


def test_rows_that_cannot_be_fetched_are_an_error_where_they_would_have_come() -> None:
    batches = fetched_ahead(Cursor(breaks_after=2).rows())
    assert [next(batches), next(batches)] == [[(0,)], [(1,)]]
    with pytest.raises(CursorBroke):
        next(batches)


def test_whoever_leaves_waits_for_the_fetch_under_way_and_then_it_can_be_closed() -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def rows() -> Generator[int]:
        yield 1
        begun.set()
        assert go_on.wait(LONG)
        ended.set()
        yield 2

    cursor = rows()
    batches = fetched_ahead(cursor)
    assert next(batches) == 1
    assert begun.wait(LONG)
    threading.Timer(0.05, go_on.set).start()
    batches.close()
    assert ended.is_set(), "the cursor would have been closed while it was in use"
    cursor.close()


def _report_of(cursor: Cursor) -> Write:
    def write(out: BinaryIO) -> None:
        with closing(cursor.rows()) as rows, closing(fetched_ahead(rows)) as batches:
            write_workbook(out, "Rows", COLUMNS, batches, COVER)

    return write


def test_a_report_whose_rows_break_off_breaks_off_too(tmp_path: Path) -> None:
    cursor = Cursor(breaks_after=3)

    async def scene() -> None:
        spool = Spool(tmp_path / "spool")
        with pytest.raises(Unfinished) as caught:
            await whole(spool.stream(_report_of(cursor)))
        assert isinstance(caught.value.__cause__, CursorBroke)
        assert await asyncio.to_thread(eventually, lambda: spool.writing == spool.kept == 0)

    asyncio.run(scene())
    assert cursor.closed.is_set()


def test_a_reader_who_leaves_ends_the_fetching_too(tmp_path: Path) -> None:
    cursor, ended_by = Cursor(size=5_000), []

    def write(out: BinaryIO) -> None:
        try:
            _report_of(cursor)(out)
        except ReaderGone as gone:
            ended_by.append(gone)
            raise

    async def scene() -> None:
        spool = Spool(tmp_path / "spool")
        chunks = spool.stream(write)
        while cursor.given < 3:
            await anext(chunks)
        await chunks.aclose()
        assert await asyncio.to_thread(cursor.closed.wait, LONG)
        assert await asyncio.to_thread(eventually, lambda: spool.writing == spool.kept == 0)

    asyncio.run(scene())
    assert ended_by
    assert cursor.given < cursor.batches
