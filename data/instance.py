"""An instance: its folder, the secrets made once for it, and whether it is a demo or real."""

from __future__ import annotations

import json
import os
import pwd
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path

from data.server import address, socket_folder
from data.settings import Settings
from rules.errors import SetupError

SECRETS = "secrets"
UNMISTAKABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # people type it from a terminal: no l and 1, o and 0, i


class Kind(StrEnum):
    """Invented people with a known password, or somebody's customers. Marked in the database at the first start."""

    DEMO = "demo"
    REAL = "real"


class Login(StrEnum):
    """What connects to the database, each for one kind of work."""

    APP = "portal_app"
    AUTH = "portal_auth"
    JOBS = "portal_jobs"


def _token() -> str:
    return secrets.token_urlsafe(32)


def _typeable() -> str:
    return "-".join("".join(secrets.choice(UNMISTAKABLE) for _ in range(4)) for _ in range(4))


@dataclass(frozen=True)
class Secrets:
    """Random, and the same for the life of the instance."""

    portal_app: str = field(default_factory=_token, repr=False)
    portal_auth: str = field(default_factory=_token, repr=False)
    portal_jobs: str = field(default_factory=_token, repr=False)
    secret: str = field(default_factory=_token, repr=False)
    demo_password: str = field(default_factory=_typeable, repr=False)


def open_home(home: Path) -> Secrets:
    """The instance's folder, ours alone, and what is kept in it; both made at the first start."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_foreign(home)
        _refuse_crowded(home)
        home.chmod(home.stat().st_mode & (0o710 if os.geteuid() == 0 else 0o700))
        return _read_or_make(home / SECRETS)
    except OSError as error:
        raise SetupError(
            f"the instance folder {home} cannot be used ({error.strerror}): choose another with PORTAL_HOME"
        ) from None


def room(home: Path, name: str) -> Path:
    """A folder inside the instance, closed to others: `mail`, `spool`, …"""
    folder = home / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def login_url(config: Settings, login: Login) -> str:
    """What this login connects with: as the operator says, else with the password kept in the instance."""
    if given := _given_url(config, login):
        return given
    password = str(getattr(open_home(config.home), login))
    if config.database_url is None:
        return address(socket_folder(config.home), login, password=password)
    from sqlalchemy.engine import make_url  # noqa: PLC0415 - half a second that only this needs

    return make_url(config.database_url).set(username=login, password=password).render_as_string(hide_password=False)


def listen_url(config: Settings) -> str:
    """For the one connection that waits for news: past a pooler, which would lose them."""
    return config.listen_url or login_url(config, Login.APP)


def portal_secret(config: Settings) -> str:
    """Keys for codes and hashes derive from it; several web processes on several machines need the same one."""
    return config.secret or open_home(config.home).secret


def demo_password(config: Settings) -> str:
    """The one the demo people were made with; `adopt_demo_password` settles it just before."""
    return open_home(config.home).demo_password


def staff_must_have_factor(config: Settings, kind: Kind) -> bool:
    """As signin.must_have_factor() decides it: the operator's word, without one everywhere but in a demo."""
    return kind is not Kind.DEMO if config.staff_second_factor is None else config.staff_second_factor


def adopt_demo_password(config: Settings) -> None:
    """PORTAL_DEMO_PASSWORD counts when the demo people are made; afterwards they keep what they have."""
    if config.demo_password:
        kept, file = open_home(config.home), config.home / SECRETS
        _draft(file, replace(kept, demo_password=config.demo_password)).replace(file)


def passwords_to_set(config: Settings) -> dict[str, str]:
    """The logins whose passwords are ours to choose; one that the operator gave an address for is theirs."""
    ours = open_home(config.home)
    return {str(login): str(getattr(ours, login)) for login in Login if not _given_url(config, login)}


def agreed_kind(config: Settings, marked: str | None) -> Kind:
    """The mark decides; the environment decides only before there is one, and may not contradict it later."""
    wanted = Kind.DEMO if config.is_demo else Kind.REAL
    if marked is None:
        return wanted
    kind = Kind(marked)
    if kind is Kind.DEMO and config.database_url:
        raise SetupError(
            "DATABASE_URL leads to a demo, whose people and password are known: "
            "give the portal an empty database, or unset DATABASE_URL"
        )
    if config.demo is not None and kind is not wanted:
        raise SetupError(
            f"PORTAL_DEMO={int(config.demo)} but {config.home} is a {kind} instance and stays one: "
            "unset PORTAL_DEMO, or start another one with its own PORTAL_HOME"
        )
    return kind


def _given_url(config: Settings, login: Login) -> str | None:
    return {Login.APP: config.app_url, Login.AUTH: config.auth_url, Login.JOBS: config.jobs_url}[login]


def _refuse_foreign(home: Path) -> None:
    owner, us = home.stat().st_uid, os.geteuid()
    if owner != us:
        raise SetupError(
            f"the instance folder {home} belongs to {_name_of(owner)}, and you are {_name_of(us)}: "
            f"run the portal as {_name_of(owner)}, or choose a folder of your own with PORTAL_HOME"
        )


def _refuse_crowded(home: Path) -> None:
    """A folder that was something else before: closing it to others, as we are about to, may do harm."""
    names = {entry.name for entry in home.iterdir()}
    if SECRETS not in names and any(not name.startswith(SECRETS) for name in names):
        raise SetupError(f"{home} holds other things already: choose an empty folder with PORTAL_HOME")


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _read_or_make(file: Path) -> Secrets:
    """Of two processes that make it at once, one wins and both read the winner's."""
    if not file.exists():
        draft = _draft(file, Secrets())
        with suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    file.chmod(0o600)
    return _read(file)


def _read(file: Path) -> Secrets:
    """A portal newer than the file adds what is missing."""
    try:
        kept = json.loads(file.read_text())
        known = {name.name: str(kept[name.name]) for name in fields(Secrets) if name.name in kept}
    except (ValueError, TypeError):
        raise SetupError(f"{file} is damaged: bring it back from a backup, or remove it and start again") from None
    whole = Secrets(**known)
    if len(known) < len(fields(Secrets)):
        _draft(file, whole).replace(file)
    return whole


def _draft(file: Path, content: Secrets) -> Path:
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(asdict(content), out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    return draft
