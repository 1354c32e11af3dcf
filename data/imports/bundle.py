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

from data.tabular import Refused, shown

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
_AGAIN = "Pack it again, with nothing but invoices.csv, lines.csv, payments.csv and one PDF for each invoice"


@dataclass(frozen=True)
class Bundle:
    """What of it counts. Tables lie in a folder of ours; a document is read when its turn comes."""

    path: Path
    tables: dict[str, Path]
    #: Number of the invoice → the entry.
    documents: dict[str, zipfile.ZipInfo]

    def read(self) -> Iterator[tuple[str, str, bytes]]:
        """(number, name, content) of every document, one at a time."""
        with zipfile.ZipFile(self.path) as archive:
            for number, entry in sorted(self.documents.items()):
                content = b"".join(_content(self.path, archive, entry, LARGEST_DOCUMENT))
                if not content.startswith(_PDF):
                    raise Refused(str(self.path), "it is no PDF, whatever its name says", _AGAIN, where=_said(entry))
                yield number, entry.filename.rpartition("/")[2], content


@contextmanager
def unpacked(path: Path) -> Generator[Bundle]:
    """Refused, or looked through: names that stay inside, not too many, not too large, and nothing but what we know."""
    _check_file(path)
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="portal-billing-") as folder:
            tables, documents = _sorted_out(path, archive)
            if INVOICES not in tables:
                raise Refused(str(path), f"there is no {INVOICES} in it", _AGAIN)
            found = {name: _written(path, archive, entry, Path(folder) / name) for name, entry in tables.items()}
            yield Bundle(path, found, documents)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise Refused(str(path), "the zip file is damaged", _AGAIN) from error


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise Refused(str(path), "there is no such file", "Check its name and folder")
    if path.stat().st_size > LARGEST:
        raise Refused(str(path), f"it has more than {LARGEST // _MB} MB", "Split it into several billing runs")
    if not zipfile.is_zipfile(path):
        raise Refused(str(path), "this is no zip file", _AGAIN)


def _sorted_out(path: Path, archive: zipfile.ZipFile) -> tuple[dict[str, zipfile.ZipInfo], dict[str, zipfile.ZipInfo]]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(archive.infolist()) > MOST_ENTRIES:
        raise Refused(str(path), f"it has more than {MOST_ENTRIES:,} entries", "Split it into several billing runs")
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise Refused(
            str(path), f"unpacked it has more than {LARGEST_UNPACKED // _MB} MB", "Split it into several runs"
        )
    tables: dict[str, zipfile.ZipInfo] = {}
    documents: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        _check_entry(path, entry)
        name = entry.filename.rpartition("/")[2]
        number = unicodedata.normalize("NFC", name[:-4])
        if entry.filename.lower() in _TABLES:
            _put(path, tables, entry.filename.lower(), entry)
        elif name.lower().endswith(".pdf") and number:
            _put(path, documents, number, entry)
        else:
            raise Refused(str(path), "this does not belong to a billing run", _AGAIN, where=_said(entry))
    return tables, documents


def _put(path: Path, found: dict[str, zipfile.ZipInfo], name: str, entry: zipfile.ZipInfo) -> None:
    if name in found:
        raise Refused(str(path), "two entries have this name", _AGAIN, where=_said(entry))
    found[name] = entry


def _check_entry(path: Path, entry: zipfile.ZipInfo) -> None:
    name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/") or not name.isprintable():
        raise Refused(str(path), "its name points outside of the zip, or is none", _AGAIN, where=_said(entry))
    if kind not in (0, stat.S_IFREG):
        raise Refused(str(path), "this is a link or a device, not a file", _AGAIN, where=_said(entry))
    if entry.flag_bits & _ENCRYPTED:
        raise Refused(str(path), "it is encrypted", "Pack it without a password", where=_said(entry))
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(str(path), "it is packed in a way that is not read here", _AGAIN, where=_said(entry))


def _written(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path) -> Path:
    with to.open("wb") as opened:
        for chunk in _content(path, archive, entry, LARGEST_UNPACKED):
            opened.write(chunk)
    return to


def _content(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    """Without believing the size it declares: reading as declared would never notice the rest."""
    asked, size = copy.copy(entry), 0
    asked.file_size += 1
    with archive.open(asked) as content:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if size > min(most, entry.file_size):
                raise Refused(str(path), "it is larger than it may be, or says", _AGAIN, where=_said(entry))
            yield chunk


def _said(entry: zipfile.ZipInfo) -> str:
    return shown(entry.filename, 120)
