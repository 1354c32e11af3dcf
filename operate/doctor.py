"""`./portal doctor`: what would keep the portal from running well, each with its cure."""

from __future__ import annotations

import difflib
import os
import shutil
import sys
from collections.abc import Callable, Iterator

import click

from data.instance import open_home
from data.server import is_running, serving
from data.settings import Settings, settings
from operate.address import take_address
from rules.errors import PortalError

LITTLE_SPACE = 2_000_000_000  # bytes


@click.command()
def doctor() -> None:
    """Look for what would keep the portal from running, and say the cure."""
    findings = [_tell(name, check) for name, check in _checks()]
    healthy = all(findings)
    click.echo("All is well." if healthy else "Something needs attention: see the lines with !!")
    sys.exit(0 if healthy else 1)


def _checks() -> Iterator[tuple[str, Callable[[], str]]]:
    yield "Python", lambda: sys.version.split()[0]
    yield "settings", _settings
    try:
        config = settings()
    except PortalError:
        return
    yield "instance", lambda: _instance(config)
    yield "disk", lambda: _disk(config)
    yield "address", lambda: _address(config)
    if config.has_sign_on:
        yield "single sign-on", lambda: _sign_on(config)
    yield "database", lambda: _database(config)
    yield "audit log", lambda: _audit_log(config)


def _tell(name: str, check: Callable[[], str]) -> bool:
    try:
        click.echo(f"ok  {name}: {check()}")
    except PortalError as error:
        click.echo(f"!!  {name}: {error}")
        return False
    return True


def _settings() -> str:
    settings()
    known = {f"PORTAL_{name.upper()}" for name in Settings.model_fields}
    strange = sorted(name for name in os.environ if name.startswith("PORTAL_") and name not in known)
    if not strange:
        return "every variable is known"
    near = difflib.get_close_matches(strange[0], known, n=1)
    return f"{', '.join(strange)} means nothing here" + (f"; did you mean {near[0]}?" if near else "")


def _instance(config: Settings) -> str:
    if not config.home.exists():
        return f"{config.home} will be made at the first start"
    open_home(config.home)
    return str(config.home)


def _disk(config: Settings) -> str:
    folder = next(folder for folder in (config.home, *config.home.parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    if free < LITTLE_SPACE:
        raise PortalError(f"{free / 1e9:.1f} GB free in {folder}: make room before the database needs it")
    return f"{free / 1e9:.0f} GB free"


def _address(config: Settings) -> str:
    """Taken by our own portal is as it should be."""
    try:
        take_address(config).close()
    except PortalError:
        if not is_running(config.home):
            raise
        return f"{config.base_url} (this instance is running)"
    return f"{config.base_url} is free"


def _sign_on(config: Settings) -> str:
    """Asked once, as a sign-in would; what only the provider knows is said, so that it can be compared there."""
    import asyncio  # noqa: PLC0415 - with Authlib, half a second that most never need

    from auth.provider import discover  # noqa: PLC0415
    from auth.single_sign_on import callback_address  # noqa: PLC0415

    found = asyncio.run(discover(config))
    return f"{found.issuer} answers; it has to know {callback_address()} as the way back"


def _database(config: Settings) -> str:
    """Looks and changes nothing: neither made nor migrated here."""
    from data.opening import checked  # noqa: PLC0415 - SQLAlchemy, Alembic and all tables

    if config.database_url:
        return f"your PostgreSQL, {checked(config, config.database_url)} instance, {_protected(config.database_url)}"
    if not (config.home / "postgres").exists():
        return "will be made at the first start"
    with serving(config.home, purpose="./portal doctor", say=lambda _line: None) as url:
        return f"embedded, {checked(config, url)} instance, {_protected(url)}"


def _audit_log(config: Settings) -> str:
    """Is every entry still what was sealed?"""
    if config.database_url:
        return _sealed(config.database_url)
    if not (config.home / "postgres").exists():
        return "will be made at the first start"
    with serving(config.home, purpose="./portal doctor", say=lambda _line: None) as url:
        return _sealed(url)


def _sealed(url: str) -> str:
    from sqlalchemy import inspect, text  # noqa: PLC0415 - see above

    from data.migrate import bootstrap_engine  # noqa: PLC0415
    from data.security.chain import Broken, verify  # noqa: PLC0415

    engine = bootstrap_engine(url)
    try:
        if not inspect(engine).has_table("audit_chain", schema="portal"):
            return "is sealed once the tables are up to date"
        with engine.connect() as connection:
            connection.execute(text("set local role portal_owner"))
            found = verify(connection)
    finally:
        engine.dispose()
    if isinstance(found, Broken):
        raise PortalError(f"{found}; compare it with a backup")
    ends = f", the last one {found.hash[:16]}" if found.hash else ""
    return f"{found.sealed:,} entries sealed{ends}, {found.waiting:,} to be sealed"


_OVERDUE = (
    "select count(*) from portal.scheduled_report where stopped_at is null and next_at < now() - interval '30 minutes'"
)


def _protected(url: str) -> str:
    """Is every table, policy, function and grant as the models declare it?"""
    from sqlalchemy import text  # noqa: PLC0415 - see above

    from data.migrate import bootstrap_engine  # noqa: PLC0415
    from data.security.check import violations  # noqa: PLC0415

    engine = bootstrap_engine(url)
    with engine.connect() as connection:
        found = violations(connection)
        connection.execute(text("set local role portal_owner"))
        dead = connection.scalar(text("select count(*) from portal.mail where state = 'dead'"))
        overdue = connection.scalar(text(_OVERDUE))
    engine.dispose()
    if found:
        raise PortalError(f"{found[0]}" + (f" (and {len(found) - 1} more)" if len(found) > 1 else ""))
    unsent = f", {dead} mails could not be sent (the desk sees them at their tickets)" if dead else ""
    late = f", {overdue} scheduled reports are overdue (the worker needs PORTAL_APP_URL too)" if overdue else ""
    return f"up to date, every row protected{unsent}{late}"
