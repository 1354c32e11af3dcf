"""The spool: a report leaves while it is still being written, and a slow reader holds nobody up.

A thread writes the file at the speed of the database and is done with its cursor long before a slow reader has the
last byte. The file has no name and disappears with its last user, even when the process is killed.
"""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from contextvars import copy_context
from io import RawIOBase
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CHUNK = 256 * 1024
Write = Callable[[BinaryIO], object]


class Busy(Exception):
    """As many reports as allowed are under way; try again after `retry_after` seconds."""

    retry_after = 5


class Unfinished(Exception):
    """The file will not be completed; whoever sends it has to break the connection off."""


class ReaderGone(Exception):
    """Raised in the producer at its next write: nobody wants the file any more."""


class TooLarge(Exception):
    """Raised in the producer at the write that would exceed the limit of one file."""


class Spool:
    """Gives out files that are being written; one for each process, shared by all its reports."""

    def __init__(
        self, folder: Path, *, producers: int = 2, files: int = 32, limit: int = 1 << 30, patience: float = 120
    ) -> None:
        """So many files written and kept at once, and bytes in each; `patience`: seconds a reader may stand still."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder, self._limit, self._patience = folder, limit, patience
        self._producers, self._files = _Places(producers), _Places(files)
        self._under_way: weakref.WeakSet[_GrowingFile] = weakref.WeakSet()

    def stream(self, write: Write) -> AsyncGenerator[bytes, None]:
        """Start `write` in a thread of its own and return what it writes as it comes; `Busy` if too many do.

        The chunks end only behind the last byte of a complete file; everything else is an exception. A reader who is
        dropped, closed or cancelled stops the producer at its next write.
        """
        file = self._new_file()
        chunks = file.chunks(self._patience)
        weakref.finalize(chunks, file.reader_left)  # also where nobody ever asked for the first chunk
        producer = threading.Thread(
            target=copy_context().run, args=(self._produce, file, write), name="report", daemon=True
        )
        try:
            producer.start()
        except RuntimeError as error:  # the system gives no more threads
            self._end(file, error)
            raise Busy from error
        return chunks

    @property
    def writing(self) -> int:
        """How many files are being written."""
        return self._producers.taken

    @property
    def kept(self) -> int:
        """How many files are there, still written or still read."""
        return self._files.taken

    def close(self) -> None:
        """Stop everything under way, as when the server stops; its readers get `Unfinished`."""
        for file in list(self._under_way):
            file.cancel()

    def _new_file(self) -> _GrowingFile:
        self._files.take()
        try:
            self._producers.take()
            try:
                file = _GrowingFile(self._folder, self._limit, when_closed=self._files.give_back)
            except OSError:
                self._producers.give_back()
                raise
        except (Busy, OSError):
            self._files.give_back()
            raise
        self._under_way.add(file)
        return file

    def _produce(self, file: _GrowingFile, write: Write) -> None:
        try:
            write(cast(BinaryIO, _WriteOnly(file)))
        except BaseException as error:  # noqa: BLE001 - the reader gets it, whatever it is
            self._end(file, error)
        else:
            self._end(file, None)

    def _end(self, file: _GrowingFile, error: BaseException | None) -> None:
        self._producers.give_back()
        file.finish(error)


class _Places:
    """A number of places to be taken and given back.

    No semaphore: a place may be given back in the middle of a garbage collection, where waiting for a lock that the
    same thread holds would never end. A deque needs none.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._free = deque(range(number))

    @property
    def taken(self) -> int:
        return self._number - len(self._free)

    def take(self) -> None:
        try:
            self._free.pop()
        except IndexError:
            raise Busy from None

    def give_back(self) -> None:
        self._free.append(0)


class _GrowingFile:
    """A nameless file with one writer, in a thread, and one reader, in the event loop; the last of them closes it."""

    def __init__(self, folder: Path, limit: int, when_closed: Callable[[], None]) -> None:
        self._file = TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - mode 0600; the last of its users closes it
        self._limit, self._size = limit, 0
        self._finished = self._unwanted = False
        self._error: BaseException | None = None
        self._users = {"writer", "reader"}
        self._closing = deque([when_closed, self._file.close])
        self._wake_reader: Callable[[], None] = lambda: None

    def append(self, data: ReadableBuffer) -> int:
        view = memoryview(data).cast("B")
        if self._unwanted:
            raise ReaderGone
        if self._size + len(view) > self._limit:
            raise TooLarge(f"a report of more than {self._limit} bytes")
        written = len(view)
        self._size += written
        while view:
            view = view[os.write(self._file.fileno(), view) :]
        self._wake_reader()
        return written

    def finish(self, error: BaseException | None) -> None:
        self._error = error
        self._leave("writer")  # before the reader can see the end, so that whoever is last then is the reader
        self._finished = True
        self._wake_reader()

    def cancel(self) -> None:
        self._unwanted = True
        self._wake_reader()

    def reader_left(self) -> None:
        self._unwanted = True
        self._leave("reader")

    async def chunks(self, patience: float) -> AsyncGenerator[bytes, None]:
        loop, grown, sent = asyncio.get_running_loop(), asyncio.Event(), 0
        self._wake_reader = lambda: _set_soon(loop, grown)
        try:
            while True:
                grown.clear()  # before looking: what comes after the look sets it again
                finished = self._finished
                if self._unwanted or (finished and self._error):
                    raise Unfinished("the report could not be completed") from self._error
                if data := os.pread(self._file.fileno(), CHUNK, sent):
                    sent += len(data)
                    impatient = loop.call_later(patience, self.reader_left)
                    try:
                        yield data
                    finally:
                        impatient.cancel()
                elif finished:
                    return
                else:
                    await grown.wait()
        finally:
            self.reader_left()

    def _leave(self, user: str) -> None:
        self._users.discard(user)
        while not self._users and self._closing:
            with suppress(IndexError):  # both may come here at the same moment, each step is taken once
                self._closing.pop()()


class _WriteOnly(RawIOBase):
    """What the producer sees: it can write, and never look back."""

    def __init__(self, file: _GrowingFile) -> None:
        self._growing = file

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        return self._growing.append(data)


def _set_soon(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody is left to be woken
        loop.call_soon_threadsafe(event.set)
