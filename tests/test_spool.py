"""The spool: files that leave while they are written, and readers and writers who do not wait for each other."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import AsyncGenerator, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

import pytest

from reports.spool import ReaderGone, Spool, Unfinished
from tests.spool_scene import LONG, Producer, eventually, whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def producer() -> Iterator[Producer]:
    producer = Producer()
    yield producer
    producer.finish()


def test_a_file_arrives_whole_and_in_order(folder: Path) -> None:
    blocks = [os.urandom(size) for size in (1, 70_000, 3, 600_000, 0, 5)]

    def write(out: BinaryIO) -> None:
        out.writelines(blocks)

    async def scene() -> None:
        assert await whole(Spool(folder).stream(write)) == b"".join(blocks)

    asyncio.run(scene())


def test_an_empty_file_ends_at_once(folder: Path) -> None:
    async def scene() -> None:
        assert await whole(Spool(folder).stream(lambda _out: None)) == b""

    asyncio.run(scene())


def test_the_first_bytes_arrive_while_the_rest_is_not_yet_written(folder: Path, producer: Producer) -> None:
    async def scene() -> None:
        chunks = Spool(folder).stream(producer)
        for _ in range(3):
            producer.write()
            assert await asyncio.wait_for(anext(chunks), LONG) == producer.block
        assert not producer.ended.is_set()
        producer.finish()
        assert await whole(chunks) == b""

    asyncio.run(scene())


def test_a_reader_who_stands_still_does_not_hold_up_the_writer(folder: Path) -> None:
    ended = threading.Event()

    def write(out: BinaryIO) -> None:
        out.writelines(b"y" * 50_000 for _ in range(200))
        ended.set()

    async def scene() -> None:
        chunks = Spool(folder).stream(write)
        first = await anext(chunks)
        assert await asyncio.to_thread(ended.wait, LONG), "the writer waited for its reader"
        assert len(first) + len(await whole(chunks)) == 200 * 50_000

    asyncio.run(scene())


def test_waiting_for_the_writer_does_not_stop_the_event_loop(folder: Path, producer: Producer) -> None:
    async def scene() -> None:
        reading = asyncio.create_task(whole(Spool(folder).stream(producer)))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not reading.done()
        producer.write(2)
        producer.finish()
        assert set(await asyncio.wait_for(reading, LONG)) <= {ord("x")}

    asyncio.run(scene())


class CursorBroke(Exception):
    pass


@pytest.mark.parametrize("fault", [CursorBroke(), StopIteration(), StopAsyncIteration(), asyncio.CancelledError()])
@pytest.mark.parametrize("before", [0, 1_000, 700_000])
def test_a_writer_that_fails_never_ends_its_file_as_if_it_were_whole(
    folder: Path, fault: BaseException, before: int
) -> None:
    def write(out: BinaryIO) -> None:
        out.write(b"z" * before)
        raise fault

    async def scene() -> None:
        with pytest.raises(Unfinished) as caught:
            await whole(Spool(folder).stream(write))
        assert caught.value.__cause__ is fault

    asyncio.run(scene())


def test_a_reader_who_leaves_stops_the_writer_at_its_next_write(folder: Path, producer: Producer) -> None:
    async def leaves_by_closing(chunks: AsyncGenerator[bytes, None]) -> None:
        await anext(chunks)
        await chunks.aclose()

    async def scene() -> None:
        chunks = Spool(folder).stream(producer)
        producer.write()
        await leaves_by_closing(chunks)
        assert not producer.ended.is_set()
        producer.write()
        assert await asyncio.to_thread(producer.ended.wait, LONG)

    asyncio.run(scene())
    assert isinstance(producer.stopped_by, ReaderGone)


def test_a_cancelled_request_stops_the_writer_at_its_next_write(folder: Path, producer: Producer) -> None:
    async def scene() -> None:
        reading = asyncio.create_task(whole(Spool(folder).stream(producer)))
        await asyncio.sleep(0.01)  # it waits for the first byte
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        producer.write()
        assert await asyncio.to_thread(producer.ended.wait, LONG)

    asyncio.run(scene())
    assert isinstance(producer.stopped_by, ReaderGone)


@pytest.mark.parametrize("begun", [False, True])
def test_a_reader_who_is_simply_dropped_stops_the_writer_too(folder: Path, producer: Producer, *, begun: bool) -> None:
    async def scene() -> None:
        spool = Spool(folder, producers=1, files=1)
        chunks = spool.stream(producer)
        producer.write()
        if begun:
            await anext(chunks)
        del chunks
        gc.collect()
        producer.write(2)
        assert await asyncio.to_thread(producer.ended.wait, LONG)
        assert await asyncio.to_thread(eventually, lambda: spool.writing == spool.kept == 0)

    asyncio.run(scene())
    assert isinstance(producer.stopped_by, ReaderGone)


def test_a_reader_who_stands_still_for_too_long_loses_the_file(folder: Path, producer: Producer) -> None:
    async def scene() -> None:
        spool = Spool(folder, patience=0.02)
        chunks = spool.stream(producer)
        producer.write()
        await anext(chunks)
        await asyncio.sleep(0.2)
        producer.write()
        assert await asyncio.to_thread(producer.ended.wait, LONG)
        with pytest.raises(Unfinished):
            await anext(chunks)

    asyncio.run(scene())
    assert isinstance(producer.stopped_by, ReaderGone)


def test_a_reader_who_waits_for_a_slow_writer_is_not_standing_still(folder: Path, producer: Producer) -> None:
    async def scene() -> None:
        chunks = Spool(folder, patience=0.02).stream(producer)
        producer.write()
        await anext(chunks)
        following = asyncio.ensure_future(anext(chunks))
        await asyncio.sleep(0.2)
        producer.write()
        assert await following == producer.block
        await chunks.aclose()

    asyncio.run(scene())


def test_stopping_the_server_stops_what_is_under_way(folder: Path, producer: Producer) -> None:
    async def scene() -> None:
        spool = Spool(folder)
        chunks = spool.stream(producer)
        producer.write()
        await anext(chunks)
        waiting = asyncio.ensure_future(anext(chunks))
        await asyncio.sleep(0)
        spool.close()
        with pytest.raises(Unfinished):
            await asyncio.wait_for(waiting, LONG)
        producer.write()
        assert await asyncio.to_thread(producer.ended.wait, LONG)

    asyncio.run(scene())
    assert isinstance(producer.stopped_by, ReaderGone)


def test_the_writer_can_only_write(folder: Path) -> None:
    def write(out: BinaryIO) -> None:
        assert out.writable()
        assert not out.readable()
        assert not out.seekable()
        assert out.write(memoryview(b"abc")) == 3

    async def scene() -> None:
        assert await whole(Spool(folder).stream(write)) == b"abc"

    asyncio.run(scene())


def test_the_writer_logs_as_part_of_its_request(folder: Path) -> None:
    request: ContextVar[str] = ContextVar("request")

    async def scene() -> None:
        request.set("R-17")
        assert await whole(Spool(folder).stream(lambda out: out.write(request.get().encode()))) == b"R-17"

    asyncio.run(scene())
