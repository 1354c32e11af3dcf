"""The parts of a workbook's zip: nothing is parsed before all of them are few, small, plain and well named."""

from __future__ import annotations

import copy
import re
import zipfile
from typing import BinaryIO

from data.tabular.refusal import Refusal
from data.tabular.rows import Limits

_CHUNK = 1 << 20
_NOT_AS_DECLARED = "a part of the workbook is larger or smaller than it declares, or damaged"
_ENCRYPTED_ENTRY = 0x1
_MACROS = re.compile(r"vbaproject|/macrosheets/", re.IGNORECASE)
_UNSAFE_XML = re.compile(rb"<!(DOCTYPE|ENTITY)|\x00")
_CONTENT_TYPES = "[Content_Types].xml"
_WITHOUT_MACROS = "Save it as .xlsx, without macros"
_MARKUP = (".xml", ".rels", ".vml")


def check_parts(opened: BinaryIO, limits: Limits) -> None:
    """Refuse what no spreadsheet program writes, and what is too much."""
    with zipfile.ZipFile(opened) as archive:
        parts = archive.infolist()
        if len(parts) > limits.parts:
            raise Refusal(f"the workbook has {len(parts)} parts; {limits.parts} are allowed")
        _check_names([part.orig_filename for part in parts])
        left = limits.unpacked_bytes
        for part in parts:
            left -= _check_part(archive, part, left, limits)
        if b"macroEnabled" in archive.read(_CONTENT_TYPES):
            raise Refusal("the workbook may contain macros", _WITHOUT_MACROS)


def _too_large(limits: Limits) -> Refusal:
    allowed = f"{limits.unpacked_bytes / 1e6:,.0f} MB"
    return Refusal(f"unpacked it takes more than {allowed}", "Split it into smaller files, or save it as CSV")


def _check_names(names: list[str]) -> None:
    for name in names:
        if name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in name.split("/"):
            raise Refusal("a part of the workbook has a name that points outside of it")
        if _MACROS.search(name):
            raise Refusal("the workbook contains macros", _WITHOUT_MACROS)
    if len({name.lower() for name in names}) < len(names):
        raise Refusal("the workbook has two parts of the same name")
    if "xl/workbook.bin" in names:
        raise Refusal("this is a binary workbook (.xlsb)", "Save it as .xlsx")
    if "xl/workbook.xml" not in names or _CONTENT_TYPES not in names:
        raise Refusal("this zip file is not an Excel workbook", "Save the table as .xlsx or CSV")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int, limits: Limits) -> int:
    """Unpack it once, without believing its declared size; gives the true one."""
    if part.flag_bits & _ENCRYPTED_ENTRY:
        raise Refusal("the workbook is encrypted", "Save it without a password")
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refusal("the workbook is packed in a way that no spreadsheet program uses")
    if part.file_size > left:
        raise _too_large(limits)
    try:
        size = _unpacked_size(archive, part)
    except zipfile.BadZipFile as error:
        raise Refusal(_NOT_AS_DECLARED) from error
    if size != part.file_size:
        raise Refusal(_NOT_AS_DECLARED)
    return size


def _unpacked_size(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """The size up to one byte more than declared: reading as declared would never notice the rest."""
    size, tail, is_markup = 0, b"", part.filename.lower().endswith(_MARKUP)
    asked = copy.copy(part)
    asked.file_size += 1
    with archive.open(asked) as content:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if is_markup:
                tail = _check_markup(tail + chunk)
    return size


def _check_markup(text: bytes) -> bytes:
    """Gives the end of the text, where a forbidden word may have begun."""
    if _UNSAFE_XML.search(text):
        raise Refusal("a part of the workbook defines entities (DTD) or is not UTF-8")
    return text[-16:]
