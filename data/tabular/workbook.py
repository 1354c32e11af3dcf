"""xlsx → numbered lists of cells, read by a child process that may break without harm (sheet_reader.py)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from data.tabular.header import Expected
from data.tabular.refusal import Ending
from data.tabular.rows import Limits, Refused
from rules.words import N_

_ROOT = Path(__file__).parents[2]
_READER = ("-E", "-s", "-X", "utf8", "-m", "data.tabular.sheet_reader")

#: How much of what the child said is read: a refusal is a line, a traceback a page.
_LAST_WORDS = 4_000

_SPLIT = N_("Save the sheet as CSV, or split it into smaller files")


def workbook_cells(file: str, opened: BinaryIO, expected: Expected, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Nothing is given out before the child has read the whole sheet: the limits hold for all of it."""
    with TemporaryFile() as rows:
        _read_in_child(file, opened, rows, expected, limits)
        rows.seek(0)
        for line in rows:
            number, cells = json.loads(line)
            yield number, cells


def _read_in_child(file: str, opened: BinaryIO, rows: BinaryIO, expected: Expected, limits: Limits) -> None:
    order = json.dumps({"columns": expected.required, "limits": asdict(limits)})
    with TemporaryFile() as words:
        try:
            child = subprocess.run(
                [sys.executable, *_READER, order],
                check=False,
                cwd=_ROOT,
                stdin=opened,
                stdout=rows,
                stderr=words,
                timeout=limits.wait_seconds,
                env=_environment(),
            )
        except subprocess.TimeoutExpired as error:
            raise _too_slow(file) from error
        words.seek(max(0, words.seek(0, os.SEEK_END) - _LAST_WORDS))
        _check_ending(file, child.returncode, words.read())


def _environment() -> dict[str, str]:
    """No passwords or addresses of ours for whoever takes the parser over."""
    kept = ("LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _check_ending(file: str, status: int, words: bytes) -> None:
    if status == Ending.REFUSED:
        problem, cure, where = json.loads(words.splitlines()[-1])  # a parser that panicked spoke before
        raise Refused(file, problem, cure, where=where)
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _too_slow(file)
    if status in (Ending.OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGSEGV):
        problem = N_("the workbook needs too much memory; is there a stray cell far right or below?")
        raise Refused(file, problem, _SPLIT)
    if status:
        raise RuntimeError(f"the workbook reader ended with status {status}: {words.decode(errors='replace')}")


def _too_slow(file: str) -> Refused:
    return Refused(file, N_("the workbook takes too long to read"), _SPLIT)
