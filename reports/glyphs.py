"""Which characters a font can draw, read from the font's own table: what it cannot draw must not stay a blank or a box
that nobody noticed."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path

#: Tables of (platform, encoding) that speak Unicode, the fullest first.
_UNICODE = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3))

Ranges = tuple[tuple[int, int], ...]


def drawn_by(path: Path) -> Ranges:
    """First and last code point of each run of characters that the font has; of a collection, those of its first."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as font:
        return tuple(sorted(_runs(font)))


def _runs(font: mmap) -> Iterator[tuple[int, int]]:
    cmap = _table(font, b"cmap")
    tables: dict[tuple[int, int], int] = {}
    for at in range(_short(font, cmap + 2)):
        platform, encoding, offset = struct.unpack_from(">HHI", font, cmap + 4 + 8 * at)
        tables[platform, encoding] = cmap + offset
    table = next(tables[kind] for kind in _UNICODE if kind in tables)
    return _segments(font, table) if _short(font, table) == 4 else _groups(font, table)


def _table(font: mmap, name: bytes) -> int:
    start = struct.unpack_from(">I", font, 12)[0] if font[:4] == b"ttcf" else 0
    for at in range(_short(font, start + 4)):
        tag, _sum, offset, _length = struct.unpack_from(">4sIII", font, start + 12 + 16 * at)
        if tag == name:
            return int(offset)
    raise ValueError(f"no table {name!r} in this font")


def _short(font: mmap, at: int) -> int:
    return int(struct.unpack_from(">H", font, at)[0])


def _groups(font: mmap, table: int) -> Iterator[tuple[int, int]]:
    """Format 12."""
    (count,) = struct.unpack_from(">I", font, table + 12)
    for at in range(count):
        first, last, _glyph = struct.unpack_from(">III", font, table + 16 + 12 * at)
        yield first, last


def _segments(font: mmap, table: int) -> Iterator[tuple[int, int]]:
    """Format 4: the ends of all runs, then their beginnings; the last run is a marker."""
    count = _short(font, table + 6) // 2
    for at in range(count):
        last, first = _short(font, table + 14 + 2 * at), _short(font, table + 16 + 2 * (count + at))
        if first != 0xFFFF:
            yield first, last
