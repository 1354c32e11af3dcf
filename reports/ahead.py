"""Fetching ahead: the database works on the next rows while the last ones are written."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Batch = TypeVar("Batch")


def fetched_ahead(batches: Iterator[Batch]) -> Generator[Batch]:
    """The same batches, each fetched by another thread while the one before it is used; never more than one waits.

    Whoever leaves waits for the fetch that is under way, so that `batches` can be closed. Errors come where their
    batch would have come.
    """

    def fetch() -> Batch | None:
        return next(batches, None)

    with ThreadPoolExecutor(1, "rows") as fetching:
        following = fetching.submit(fetch)
        while (batch := following.result()) is not None:
            following = fetching.submit(fetch)
            yield batch
