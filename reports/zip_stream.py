"""A zip written strictly forward: what left once is never touched again, so it can be sent while it grows."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import IO, Protocol, Self
from zipfile import ZIP_DEFLATED, ZipFile

FAST = 1  # sheets shrink tenfold at the lowest level already; higher ones cost more than all the rest


class Output(Protocol):
    """Where bytes go: any binary file, a socket's file, whatever can write."""

    def write(self, data: bytes, /) -> int: ...


class ForwardZip:
    """Parts one after the other; leaving it with an exception never closes the archive as if it were whole."""

    def __init__(self, out: Output) -> None:
        self._out = _Forward(out)
        self._archive = ZipFile(self._out, "w", ZIP_DEFLATED, compresslevel=FAST)

    def add_all(self, parts: Mapping[str, bytes]) -> None:
        for name, content in parts.items():
            with self.part(name) as part:
                part.write(content)

    def part(self, name: str) -> IO[bytes]:
        """A part to be written piece by piece, under 2 GiB; its sizes follow it in a data descriptor."""
        return self._archive.open(name, "w")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            self._out.stop()
        self._archive.close()


class _Forward:
    """Only `write`: without `tell` and `seek` the zip module goes back to nothing, even where it could."""

    def __init__(self, out: Output) -> None:
        self._out: Output | None = out

    def write(self, data: bytes) -> int:
        if self._out is not None:
            self._out.write(data)
        return len(data)

    def flush(self) -> None:
        pass  # whoever opened the output decides about its buffers

    def close(self) -> None:
        pass

    def stop(self) -> None:
        """A failed archive still writes its directory when it is closed or collected; that must not get out."""
        self._out = None
