"""`./portal` on a machine of its own making: which Python it takes, what it installs and when it begins again."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.patience import PATIENCE

PORTAL = Path(__file__).parent.parent / "portal"
TOOLS = ("sh", "cat", "cmp", "cp", "dirname", "env", "mkdir", "readlink", "rm", "sed", "sleep", "tr")

# A Python that can make a .venv, whose pip brings a uv; both write down what they were asked to do.
MODERN = """#!/bin/sh
case "$*" in
    *"-m venv"*)
        for folder in "$@"; do :; done
        rm -rf "$folder"; mkdir -p "$folder/bin"; cp "$0" "$folder/bin/python"; echo venv >>"$CALLS" ;;
    *"-m pip install"*)
        echo "pip ${0##*/}" >>"$CALLS"
        cp "$UV" "${0%/*}/uv" ;;
    *"-m pip config list"*) printf '%s\\n' "${PIP_SAYS:-}" ;;
    *print*) echo 3.12 ;;
    *-V*) echo Python 3.12.0 ;;
    *cli.py*) shift; echo "portal $*" ;;
esac
"""
UV = """#!/bin/sh
for list in "$@"; do :; done
echo "uv ${list##*/} index=${UV_DEFAULT_INDEX:-} also=${UV_INDEX:-} files=${UV_FIND_LINKS:-}" >>"$CALLS"
[ ! -e "$CALLS.broken" ]
"""
OLD = """#!/bin/sh
[ "$*" = -V ] && echo Python 3.9.1 && exit
exit 1
"""
WITHOUT_VENV = """#!/bin/sh
case "$*" in *venv*) exit 1 ;; *print*) echo 3.12 ;; esac
"""


@dataclass(frozen=True)
class Machine:
    """A checkout with nothing around it but the tools every POSIX system has, and the Python a test puts there."""

    checkout: Path
    bin: Path

    @property
    def calls(self) -> list[str]:
        record = self.bin / "calls"
        return record.read_text().splitlines() if record.exists() else []

    def has(self, name: str, program: str) -> Path:
        path = self.bin / name
        path.write_text(program)
        path.chmod(0o755)
        return path

    def portal(self, *words: str, script: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        known = {"PATH": str(self.bin), "HOME": str(self.bin)}
        known |= {"CALLS": str(self.bin / "calls"), "UV": str(self.bin / "uv-to-install")}
        return subprocess.run(
            [script or self.checkout / "portal", *words],
            env=known | environment,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path / "checkout", tmp_path / "bin")
    made.checkout.mkdir()
    made.bin.mkdir()
    for tool in TOOLS:
        (made.bin / tool).symlink_to(str(shutil.which(tool)))
    shutil.copy(PORTAL, made.checkout)
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt"):
        (made.checkout / name).write_text("one==1\n")
    made.has("uv-to-install", UV)
    return made


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of an error; there must not be more of it."""
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    return line


def test_a_python_that_is_too_old_is_named_with_the_cure(machine: Machine):
    machine.has("python3", OLD)
    line = said(machine.portal("run"))
    assert "Python 3.11 or newer is needed and Python 3.9.1 was found" in line
    assert "apt-get install" in line
    assert not (machine.checkout / ".venv").exists()


def test_a_newer_python_beside_an_old_one_is_found(machine: Machine):
    machine.has("python3", OLD)
    machine.has("python3.12", MODERN)
    assert machine.portal("run").stdout == "portal run\n"


def test_PYTHON_names_another_one_and_is_not_replaced_by_a_guess(machine: Machine):  # noqa: N802 - the variable's name
    machine.has("python3", MODERN)
    old = machine.has("python-of-old", OLD)
    assert f"PYTHON={old} is not Python 3.11" in said(machine.portal("run", PYTHON=str(old)))
    assert machine.calls == []


def test_without_the_venv_module_debians_package_is_named(machine: Machine):
    machine.has("python3", WITHOUT_VENV)
    assert "apt-get install python3.12-venv" in said(machine.portal("run"))
    assert not (machine.checkout / ".venv").exists()


def test_packages_are_installed_once_and_again_when_a_pin_changes(machine: Machine):
    machine.has("python3", MODERN)
    assert machine.portal("run", "--now").stdout == "portal run --now\n"
    assert [call.split()[:2] for call in machine.calls] == [["venv"], ["pip", "python"], ["uv", "requirements.txt"]]
    machine.portal("run")
    assert len(machine.calls) == 3, "nothing has changed, so nothing is installed"
    (machine.checkout / "requirements.txt").write_text("one==2\n")
    machine.portal("run")
    assert [call.split()[:2] for call in machine.calls[3:]] == [["uv", "requirements.txt"]]


def test_only_test_and_bench_install_what_only_they_need(machine: Machine):
    machine.has("python3", MODERN)
    machine.portal("doctor")
    assert not any("requirements-dev.txt" in call for call in machine.calls)
    machine.portal("test")
    assert any("requirements-dev.txt" in call for call in machine.calls)


def test_an_interrupted_install_begins_again(machine: Machine):
    machine.has("python3", MODERN)
    broken = machine.bin / "calls.broken"
    broken.touch()
    done = machine.portal("run")
    assert (done.returncode, done.stdout) == (1, ""), "the portal must not start with half of its packages"
    assert "could not be installed" in done.stderr
    broken.unlink()
    (machine.checkout / ".venv.lock").mkdir()
    (machine.checkout / ".venv.lock" / "owner").write_text(str(_a_process_that_is_gone()))
    assert machine.portal("run").stdout == "portal run\n"
    assert not (machine.checkout / ".venv.lock").exists()


def test_a_venv_whose_python_is_gone_is_made_anew(machine: Machine):
    machine.has("python3", MODERN)
    machine.portal("run")
    (machine.checkout / ".venv" / "bin" / "python").unlink()
    assert machine.portal("run").stdout == "portal run\n"
    assert machine.calls.count("venv") == 2


def test_uv_uses_the_index_that_pip_is_told_to_use(machine: Machine):
    machine.has("python3", MODERN)
    pip = """
global.index-url='https://mirror.example/simple'
:env:.index-url='https://nearer.example/simple'
global.extra-index-url='\\nhttps://one.example/simple\\nhttps://two.example/simple'
install.find-links='/wheels /more-wheels'
"""
    machine.portal("run", PIP_SAYS=pip)
    asked = machine.calls[-1]
    assert "index=https://nearer.example/simple " in asked, "the environment counts more than the file, as for pip"
    assert "also=https://one.example/simple https://two.example/simple " in asked
    assert asked.endswith("files=/wheels,/more-wheels")
    assert "mirror.example" not in asked


def test_what_uv_was_told_itself_is_not_overruled(machine: Machine):
    machine.has("python3", MODERN)
    machine.portal("run", PIP_SAYS="global.index-url='https://pip.example'", UV_DEFAULT_INDEX="https://uv.example")
    assert "index=https://uv.example " in machine.calls[-1]


def test_it_may_be_called_through_a_link_from_anywhere(machine: Machine, tmp_path: Path):
    machine.has("python3", MODERN)
    (tmp_path / "link").symlink_to(machine.checkout / "portal")
    assert machine.portal("run", script=tmp_path / "link").stdout == "portal run\n"
    assert not (tmp_path / ".venv").exists()


def _a_process_that_is_gone() -> int:
    gone = subprocess.Popen(["true"])
    gone.wait()
    return gone.pid
