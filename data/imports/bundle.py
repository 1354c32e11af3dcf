"""A billing run as it is handed in: one zip with tables and documents, looked through before anything is read."""

from __future__ import annotations

import copy
import stat
import tempfile
import unicodedata
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from data.imports.problems import Source
from data.tabular import Refused, shown
from rules.words import N_

_MB = 1_000_000
LARGEST = 200 * _MB
LARGEST_UNPACKED = 600 * _MB
LARGEST_DOCUMENT = 10 * 1024 * 1024
MOST_ENTRIES = 20_000
INVOICES, LINES, PAYMENTS = "invoices.csv", "lines.csv", "payments.csv"
_TABLES = (INVOICES, LINES, PAYMENTS)
_PDF = b"%PDF-"
_ENCRYPTED = 0x1
_CHUNK = 1 << 20
_AGAIN = N_("Pack it again, with nothing but invoices.csv, lines.csv, payments.csv and one PDF for each invoice")
_SPLIT = N_("Split it into several billing runs")
_OUTSIDE = N_("its name points outside of the zip, or is none")
_TOO_LONG = N_("it is larger than it may be, or says")


@dataclass(frozen=True)
class Handed:
    """A zip as somebody hands it in: a file of theirs, or what their browser sent; and how large it may be."""

    content: Path | BinaryIO
    name: str
    largest: int | None = None
    unpacked: int | None = None

    @property
    def most(self) -> int:
        return self.largest or LARGEST

    @property
    def most_unpacked(self) -> int:
        return self.unpacked or LARGEST_UNPACKED

    def refused(
        self, problem: str, cure: str = _AGAIN, entry: zipfile.ZipInfo | None = None, **values: object
    ) -> Refused:
        where = None if entry is None else shown(entry.filename, 120)
        return Refused(self.name, problem, cure, where=where, **values)


@dataclass(frozen=True)
class Bundle:
    """What of it counts. Tables lie in a folder of ours; a document is read when its turn comes."""

    handed: Handed
    tables: dict[str, Source]
    #: Number of the invoice → the entry.
    documents: dict[str, zipfile.ZipInfo]

    def read(self) -> Generator[tuple[str, str, bytes]]:
        """(number, name, content) of every document, one at a time."""
        with zipfile.ZipFile(self.handed.content) as archive:
            for number, entry in sorted(self.documents.items()):
                content = b"".join(_content(self.handed, archive, entry, LARGEST_DOCUMENT))
                if not content.startswith(_PDF):
                    raise self.handed.refused(N_("it is no PDF, whatever its name says"), entry=entry)
                yield number, entry.filename.rpartition("/")[2], content

    def refuse_strangers(self, ours: set[str]) -> None:
        """Every document is of an invoice in the table."""
        for number in sorted(self.documents.keys() - ours):
            problem, cure = (
                N_("no invoice of {table} has this number"),
                N_("Name each PDF by the number of its invoice"),
            )
            raise self.handed.refused(problem, cure, self.documents[number], table=INVOICES)


@contextmanager
def unpacked(handed: Handed) -> Generator[Bundle]:
    """Refused, or looked through: names that stay inside, not too many, not too large, and nothing but what we know."""
    _check_file(handed)
    with (
        reading_zip(handed),
        zipfile.ZipFile(handed.content) as archive,
        tempfile.TemporaryDirectory(prefix="portal-billing-") as folder,
    ):
        tables, documents = _sorted_out(handed, archive)
        if INVOICES not in tables:
            raise handed.refused(N_("there is no {table} in it"), table=INVOICES)
        found = {
            name: Source(_written(handed, archive, entry, Path(folder) / name), called=name)
            for name, entry in tables.items()
        }
        yield Bundle(handed, found, documents)


@contextmanager
def reading_zip(handed: Handed) -> Generator[None]:
    """What the zip library finds wrong is the file's fault."""
    try:
        yield
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise handed.refused(N_("the zip file is damaged")) from error


def _check_file(handed: Handed) -> None:
    content = handed.content
    if isinstance(content, Path):
        if not content.is_file():
            raise handed.refused(N_("there is no such file"), N_("Check its name and folder"))
        size = content.stat().st_size
    else:
        size = content.seek(0, 2)
    if size > handed.most:
        raise handed.refused(N_("it has more than {most} MB"), _SPLIT, most=handed.most // _MB)
    if not zipfile.is_zipfile(content):
        raise handed.refused(N_("this is no zip file"))


def _sorted_out(
    handed: Handed, archive: zipfile.ZipFile
) -> tuple[dict[str, zipfile.ZipInfo], dict[str, zipfile.ZipInfo]]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(archive.infolist()) > MOST_ENTRIES:
        raise handed.refused(N_("it has more than {most} entries"), _SPLIT, most=f"{MOST_ENTRIES:,}")
    if sum(entry.file_size for entry in entries) > handed.most_unpacked:
        raise handed.refused(N_("unpacked it has more than {most} MB"), _SPLIT, most=handed.most_unpacked // _MB)
    tables: dict[str, zipfile.ZipInfo] = {}
    documents: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        _check_entry(handed, entry)
        name = entry.filename.rpartition("/")[2]
        number = unicodedata.normalize("NFC", name[:-4])
        if entry.filename.lower() in _TABLES:
            _put(handed, tables, entry.filename.lower(), entry)
        elif name.lower().endswith(".pdf") and number:
            _put(handed, documents, number, entry)
        else:
            raise handed.refused(N_("this does not belong to a billing run"), entry=entry)
    return tables, documents


def _put(handed: Handed, found: dict[str, zipfile.ZipInfo], name: str, entry: zipfile.ZipInfo) -> None:
    if name in found:
        raise handed.refused(N_("two entries have this name"), entry=entry)
    found[name] = entry


def _check_entry(handed: Handed, entry: zipfile.ZipInfo) -> None:
    name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/") or not name.isprintable():
        raise handed.refused(_OUTSIDE, entry=entry)
    if kind not in (0, stat.S_IFREG):
        raise handed.refused(N_("this is a link or a device, not a file"), entry=entry)
    if entry.flag_bits & _ENCRYPTED:
        raise handed.refused(N_("it is encrypted"), N_("Pack it without a password"), entry)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise handed.refused(N_("it is packed in a way that is not read here"), entry=entry)


def _written(handed: Handed, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path) -> Path:
    with to.open("wb") as opened:
        for chunk in _content(handed, archive, entry, handed.most_unpacked):
            opened.write(chunk)
    return to


def _content(handed: Handed, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    """Without believing the size it declares: reading as declared would never notice the rest."""
    asked, size = copy.copy(entry), 0
    asked.file_size += 1
    with archive.open(asked) as content:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if size > min(most, entry.file_size):
                raise handed.refused(_TOO_LONG, entry=entry)
            yield chunk
