"""Files that people attach: which may come in, by what they are and not by their name, and what they are called."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from dataclasses import dataclass, field
from io import BytesIO

from rules.documents import LONGEST_MARKDOWN
from rules.errors import Invalid
from rules.words import N_

LARGEST = 10 * 1024 * 1024
MOST_FILES = 5
LONGEST_NAME = 120

_BY_SIGNATURE = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "zip": b"PK\x03\x04"}
#: Office files are zips; each says what it is by a part of this name.
_OFFICE = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}
_TEXTS = ("txt", "log", "csv")
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "txt": "text/plain",
    "log": "text/plain",
    "csv": "text/csv",
}
_ALSO = {"jpeg": "jpg"}


@dataclass(frozen=True)
class Upload:
    """A file as it was handed in."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Accepted:
    """A file that may be kept: a clean name, and what it really is."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def accept(uploads: tuple[Upload, ...]) -> tuple[Accepted, ...]:
    """All of them, or Invalid for the first that cannot be accepted."""
    if len(uploads) > MOST_FILES:
        raise Invalid(N_("At most {most} files at once."), "files", most=MOST_FILES)
    return tuple(_accepted(upload) for upload in uploads)


def accept_pdf(upload: Upload) -> Accepted:
    """One PDF, or Invalid."""
    accepted = _accepted(upload)
    if accepted.media_type != MEDIA_TYPES["pdf"]:
        raise Invalid(N_("{name}: only a PDF file."), "files", name=accepted.name)
    return accepted


@dataclass(frozen=True)
class Paper:
    """A document to keep: a PDF, or (`text`) what is written in Markdown."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    text: str | None = field(default=None, repr=False)


def accept_document(upload: Upload) -> Paper:
    """A PDF or Markdown, by what it is, or Invalid."""
    name = clean_name(upload.name)
    if name.rpartition(".")[2].lower() not in ("md", "markdown"):
        pdf = accept_pdf(upload)
        return Paper(pdf.name, pdf.media_type, pdf.content)
    if not upload.content.strip():
        raise Invalid(N_("{name} is empty."), "files", name=name)
    if not _is_text(upload.content):
        raise Invalid(N_("{name} is not what its name says. Save it again in that format."), "files", name=name)
    text = upload.content.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    if len(text) > LONGEST_MARKDOWN:
        raise Invalid(N_("{name} is too long for a page. Upload it as a PDF."), "files", name=name)
    return Paper(name, "text/markdown", upload.content, text)


def _accepted(upload: Upload) -> Accepted:
    name = clean_name(upload.name)
    if not upload.content:
        raise Invalid(N_("{name} is empty."), "files", name=name)
    if len(upload.content) > LARGEST:
        raise Invalid(N_("{name} is larger than 10 MB."), "files", name=name)
    ending = name.rpartition(".")[2].lower()
    ending = _ALSO.get(ending, ending)
    if ending not in MEDIA_TYPES:
        raise Invalid(N_("{name}: only PDF, PNG, JPG, XLSX, DOCX, ZIP, TXT, LOG and CSV files."), "files", name=name)
    if not _is(ending, upload.content):
        raise Invalid(N_("{name} is not what its name says. Save it again in that format."), "files", name=name)
    return Accepted(name, MEDIA_TYPES[ending], upload.content)


def _is(ending: str, content: bytes) -> bool:
    if ending in _TEXTS:
        return _is_text(content)
    if ending in _OFFICE:
        return content.startswith(_BY_SIGNATURE["zip"]) and _has_part(content, _OFFICE[ending])
    return content.startswith(_BY_SIGNATURE[ending])


def _is_text(content: bytes) -> bool:
    if b"\x00" in content:
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _has_part(content: bytes, part: str) -> bool:
    """Only the list of its parts is read, nothing is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return part in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def clean_name(name: str) -> str:
    """The last part of a path, without what a file system or a header could take for something else."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(c for c in last if c.isprintable() and unicodedata.category(c) != "Cf" and c not in '<>:"|?*')
    shown = re.sub(r"\s+", " ", shown).strip(" .")
    if len(shown) > LONGEST_NAME:
        stem, dot, ending = shown.rpartition(".")
        shown = f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}" if stem else shown[:LONGEST_NAME]
    return shown or "file"
