"""A scene at the spool: a producer that writes when it is told to, and a reader who reads to the end."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator, Callable
from typing import BinaryIO

from tests.patience import PATIENCE

LONG = PATIENCE  # seconds after which a test gives up on what should have happened long ago


async def whole(chunks: AsyncGenerator[bytes, None]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


def eventually(happened: Callable[[], object]) -> bool:
    end = time.monotonic() + LONG
    while not happened() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(happened())


class Producer:
    """Writes one block at each turn it is given, and tells how it ended."""

    def __init__(self, block: bytes = b"x" * 1_000) -> None:
        self.block = block
        self.turns = threading.Semaphore(0)
        self.last_turn = threading.Event()
        self.ended = threading.Event()
        self.stopped_by: BaseException | None = None

    def __call__(self, out: BinaryIO) -> None:
        try:
            while self.turns.acquire(timeout=LONG) and not self.last_turn.is_set():
                out.write(self.block)
        except BaseException as error:
            self.stopped_by = error
            raise
        finally:
            self.ended.set()

    def write(self, times: int = 1) -> None:
        self.turns.release(times)

    def finish(self) -> None:
        self.last_turn.set()
        self.turns.release()
