"""CSV text → numbered lists of cells, streaming; anything ambiguous is refused with its line."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import BinaryIO

from data.tabular.header import Expected, column_names
from data.tabular.rows import Refused, in_line
from rules.words import N_

DELIMITERS = (",", ";", "\t")

#: No table has such a line; without a limit a file of one endless line would be read into memory whole.
_LONGEST_LINE = 1_000_000

_SAVE_AS_UTF8 = N_("Save it again as UTF-8 (in Excel: Save as, CSV UTF-8)")


def csv_cells(
    file: str, opened: BinaryIO, expected: Expected, *, encoding: str | None = None, preamble: int = 0
) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it starts on; blank lines are records without cells. The header may stand below a
    `preamble` of so many lines."""
    lines = _lines(file, opened, encoding or _encoding(opened))
    head = _up_to_header(lines, preamble)
    reader = csv.reader(chain(head, lines), delimiter=_delimiter(head, expected), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(file, *_quoting(str(error)), where=in_line(number)) from error


def _lines(file: str, opened: BinaryIO, encoding: str) -> Iterator[str]:
    number = 0
    with io.TextIOWrapper(opened, encoding, newline="") as text:
        try:
            for number, line in enumerate(iter(partial(text.readline, _LONGEST_LINE + 1), ""), start=1):
                _check_line(file, number, line)
                yield line
        except UnicodeDecodeError as error:
            # Text is decoded in blocks: the bad byte can be many lines below the last one given out.
            before = error.object[: error.start].decode(error.encoding, "replace")
            number += 1 + before.count("\n") + before.count("\r") - before.count("\r\n")
            problem = N_("the text is not {encoding}")
            where = in_line(number)
            raise Refused(file, problem, _SAVE_AS_UTF8, where=where, encoding=encoding.upper()) from error


def _check_line(file: str, number: int, line: str) -> None:
    if len(line) > _LONGEST_LINE:
        raise Refused(file, N_("the line is endless"), N_("Check that this is a CSV file"), where=in_line(number))
    if "\0" in line:
        problem = N_("there is a NUL byte, so this is not CSV text")
        raise Refused(file, problem, _SAVE_AS_UTF8, where=in_line(number))


def _encoding(opened: BinaryIO) -> str:
    start = opened.read(3)
    opened.seek(3 if start == BOM_UTF8 else 0)
    return "utf-16" if start[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8"


def _up_to_header(lines: Iterator[str], preamble: int) -> list[str]:
    head: list[str] = []
    filled = 0
    for line in lines:
        head.append(line)
        filled += bool(line.strip())
        if filled > preamble:
            break
    return head


def _delimiter(head: list[str], expected: Expected) -> str:
    """The one that makes the most known columns out of the header; Excel writes ';' where ',' is the decimal sign."""

    def known_columns(delimiter: str) -> int:
        each = (next(csv.reader([line], delimiter=delimiter), []) for line in head)
        return max((len(set(column_names(cells)).intersection(expected.known)) for cells in each), default=0)

    return max(DELIMITERS, key=known_columns)


def _quoting(error: str) -> tuple[str, str]:
    cure = N_('Close each opening quote, and write a quote inside quotes twice ("")')
    if "field larger" in error:
        return N_("a cell never ends; is its closing quote missing?"), cure
    if "end of data" in error:
        return N_("a quote is opened here and not closed until the end of the file"), cure
    return N_("there is text between a closing quote and the next column"), cure
