"""Places at the spool: how many write at once, how large a file gets, who may see it; a workbook through it all."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
import zipfile
from collections.abc import Generator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from reports.spool import Busy, Spool, TooLarge, Unfinished
from reports.workbook import CellKind, Cover, SheetColumn, write_workbook
from tests.spool_scene import LONG, Producer, eventually, whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


class CursorBroke(Exception):
    pass


def test_when_all_places_are_taken_the_next_is_told_to_come_back(folder: Path) -> None:
    async def scene() -> None:
        spool, first, second = Spool(folder, producers=2), Producer(), Producer()
        streams = [spool.stream(first), spool.stream(second)]
        third = Producer()
        with pytest.raises(Busy) as caught:
            spool.stream(third)
        assert caught.value.retry_after > 0
        assert not third.turns.acquire(blocking=False)

        first.finish()
        assert await whole(streams[0]) == b""
        third.finish()
        assert await whole(spool.stream(third)) == b""
        second.finish()
        assert await whole(streams[1]) == b""

    asyncio.run(scene())


def test_a_slow_reader_keeps_a_file_but_no_place_of_a_writer(folder: Path) -> None:
    async def scene() -> None:
        spool = Spool(folder, producers=1, files=2)
        slow = spool.stream(lambda out: out.write(b"a" * 10))
        assert await asyncio.to_thread(eventually, lambda: spool.writing == 0)
        second = spool.stream(lambda out: out.write(b"b"))
        assert await asyncio.to_thread(eventually, lambda: spool.writing == 0)
        with pytest.raises(Busy):
            spool.stream(lambda out: out.write(b"c"))  # two files are kept already
        assert await whole(slow) == b"a" * 10
        assert await whole(second) == b"b"
        assert await whole(spool.stream(lambda out: out.write(b"d"))) == b"d"

    asyncio.run(scene())


def test_places_come_back_however_a_report_ends(folder: Path) -> None:
    def fail(_out: BinaryIO) -> None:
        raise CursorBroke

    async def scene() -> None:
        spool = Spool(folder, producers=1, files=1)
        for _ in range(5):
            with pytest.raises(Unfinished):
                await whole(spool.stream(fail))
            assert await whole(spool.stream(lambda out: out.write(b"fine"))) == b"fine"
            chunks = spool.stream(lambda out: out.write(b"left"))
            await anext(chunks)
            await chunks.aclose()
            assert await asyncio.to_thread(eventually, lambda: spool.kept == 0)

    asyncio.run(scene())


def test_a_file_beyond_the_limit_is_never_sent_as_if_it_were_whole(folder: Path) -> None:
    def write(out: BinaryIO) -> None:
        out.writelines(b"x" * 100 for _ in range(11))

    async def scene() -> None:
        assert len(await whole(Spool(folder, limit=1_100).stream(write))) == 1_100
        with pytest.raises(Unfinished) as caught:
            await whole(Spool(folder, limit=1_099).stream(write))
        assert isinstance(caught.value.__cause__, TooLarge)

    asyncio.run(scene())


def test_the_file_is_private_and_leaves_no_trace_in_the_folder(folder: Path) -> None:
    seen: list[tuple[int, list[str]]] = []

    async def scene() -> None:
        spool = Spool(folder)

        def write(out: BinaryIO) -> None:
            out.write(b"secret")
            for file in list(spool._under_way):
                mode = stat.S_IMODE(os.fstat(file._file.fileno()).st_mode)
                seen.append((mode, os.listdir(folder)))  # noqa: PTH208

        assert await whole(spool.stream(write)) == b"secret"

    asyncio.run(scene())
    assert seen == [(0o600, [])]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == []


def test_the_descriptors_are_given_back(folder: Path) -> None:
    open_files = Path("/proc/self/fd")
    if not open_files.exists():
        open_files = Path("/dev/fd")

    async def scene() -> int:
        spool = Spool(folder)
        for _ in range(20):
            await whole(spool.stream(lambda out: out.write(b"x" * 1_000)))
            chunks = spool.stream(lambda out: out.write(b"x" * 1_000))
            await anext(chunks)
            await chunks.aclose()
            # whoever wrote for nobody notices at its next write, and holds its place until then
            assert await asyncio.to_thread(eventually, lambda: spool.writing == 0)
        assert await asyncio.to_thread(eventually, lambda: spool.kept == 0)
        return len(list(open_files.iterdir()))

    before = asyncio.run(scene())
    assert asyncio.run(scene()) <= before


COLUMNS = [SheetColumn("Number", CellKind.INTEGER), SheetColumn("Text", CellKind.TEXT)]
COVER = Cover("Report", (("Status", "overdue"),))


def test_a_workbook_sent_while_it_is_written_is_a_whole_workbook(folder: Path) -> None:
    batches = [[(n, f"row {n}") for n in range(start, start + 500)] for start in range(0, 5_000, 500)]

    async def scene() -> None:
        content = await whole(Spool(folder).stream(lambda out: write_workbook(out, "Rows", COLUMNS, batches, COVER)))
        archive = zipfile.ZipFile(BytesIO(content))
        assert archive.testzip() is None
        assert archive.read("xl/worksheets/sheet1.xml").count(b"<row ") == 5_001

    asyncio.run(scene())


def test_the_cursor_of_a_report_nobody_wants_is_closed_in_the_middle(folder: Path) -> None:
    taken, go_on, closed = threading.Event(), threading.Event(), threading.Event()
    handed_out: list[int] = []

    def batches() -> Generator[list[tuple[int, str]], None, None]:
        try:
            for number in range(1_000):
                handed_out.append(number)
                yield [(number, "row")]
                taken.set()
                assert go_on.wait(LONG)
        finally:
            closed.set()

    def write(out: BinaryIO) -> None:
        cursor = batches()
        try:
            write_workbook(out, "Rows", COLUMNS, cursor, COVER)
        finally:
            cursor.close()

    async def scene() -> None:
        chunks = Spool(folder).stream(write)
        await anext(chunks)
        assert await asyncio.to_thread(taken.wait, LONG)
        await chunks.aclose()
        go_on.set()
        assert await asyncio.to_thread(closed.wait, LONG)

    asyncio.run(scene())
    assert handed_out == [0, 1], "rows were read that nobody wanted"
