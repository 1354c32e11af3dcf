"""The child process that reads a workbook: gives up its rights to time and memory, checks the zip, then parses.

It imports next to nothing of the portal, so that a workbook which breaks it breaks nothing else. The workbook is
standard input; rows leave as one JSON array a line, never as pickles.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from typing import BinaryIO, NoReturn

import python_calamine

from data.tabular.cells import chosen_sheet, filled_rows, row_texts
from data.tabular.parts import check_parts
from data.tabular.refusal import Ending, Refusal
from data.tabular.results import check_results
from data.tabular.rows import Limits


def main() -> None:
    """Read the order from the command line; the exit status says how it went."""
    order = json.loads(sys.argv[1])
    columns, limits = order["columns"], Limits(**order["limits"])
    _limit_this_process(limits)
    try:
        check_parts(sys.stdin.buffer, limits)
        _write_rows(sys.stdin.buffer, columns, limits)
    except Refusal as refusal:
        _leave(refusal)
    except MemoryError:
        sys.exit(Ending.OUT_OF_MEMORY)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a parser's panic is no Exception, and means a damaged file
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            _leave(Refusal("its rows take too much space", "Split it into smaller files"))
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise  # our disk is full; that is not the file's fault
        _leave(Refusal(f"the workbook is damaged or cut off ({type(error).__name__})"))


def _leave(refusal: Refusal) -> NoReturn:
    print("\n" + json.dumps([refusal.problem, refusal.cure, refusal.where]), file=sys.stderr, flush=True)
    os._exit(Ending.REFUSED)  # an ordinary exit would first write what is left of the rows, and may fail at that again


def _limit_this_process(limits: Limits) -> None:
    try:
        import resource  # noqa: PLC0415 - Windows has none: the parent's time-out and the size checks remain
    except ImportError:
        return
    wanted = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: 4 * limits.unpacked_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in wanted.items():
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):  # macOS knows no RLIMIT_AS; a hard limit set from outside is stricter still
            continue


def _write_rows(opened: BinaryIO, columns: list[str], limits: Limits) -> None:
    opened.seek(0)
    workbook = python_calamine.load_workbook(opened)
    sheet = chosen_sheet(workbook, columns)
    check_results(opened, workbook.sheet_names.index(sheet.name))
    for written, (number, cells) in enumerate(filled_rows(sheet)):
        sys.stdout.write(json.dumps([number, row_texts(number, cells, sheet)], ensure_ascii=False) + "\n")
        if written > limits.rows:  # the header and one more than allowed: the parent says so
            break
    sys.stdout.flush()


if __name__ == "__main__":
    main()
