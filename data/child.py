"""A process that ends with the one that started it, even after a `kill -9` that leaves nobody to tell it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import IO

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def end_with_parent(how: signal.Signals) -> None:
    """Ask the kernel for this signal when our parent dies; it survives exec, but not a change of user.

    Only Linux can; elsewhere the child stays behind and the next start of the instance ends it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)


def spawn(
    command: list[str],
    *,
    ends_by: signal.Signals,
    account: tuple[int, int] | None = None,
    environment: Mapping[str, str] | None = None,
    log: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, so that Ctrl-C reaches it only through us, and in our order.

    The kernel watches the *thread* that called this: it has to live as long as the child should.
    """
    uid, gid = account or (-1, -1)
    wrapper = [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(int(ends_by)), str(uid), str(gid)]
    return subprocess.Popen(
        wrapper + command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log and subprocess.STDOUT,
        env=environment,
        cwd="/" if account else None,  # where we are may be closed to that account
        start_new_session=True,
    )


def _become(parent: int, ends_by: signal.Signals, uid: int, gid: int, command: list[str]) -> None:
    """Between fork and exec. A program of its own, because `preexec_fn` is unsafe beside threads."""
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    end_with_parent(ends_by)
    if os.getppid() != parent:  # it died before the kernel could watch it
        sys.exit(1)
    try:
        os.execv(command[0], command)  # noqa: S606 - see spawn
    except OSError as error:
        sys.exit(f"FATAL: {command[0]}: {error.strerror}")


if __name__ == "__main__":
    _become(int(sys.argv[1]), signal.Signals(int(sys.argv[2])), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
