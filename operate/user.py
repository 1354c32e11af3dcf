"""`./portal user`: who may sign in, seen to by whoever runs the server."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlencode

import click
from sqlalchemy import Connection, text

from auth.passwords import check_rules, hash_password
from data.instance import Kind
from data.migrate import bootstrap_engine
from data.opening import opened
from data.people import (
    USUAL_PRESET,
    PasswordLink,
    Role,
    add_person,
    add_role,
    checked_email,
    disable_person,
    reset_person,
    reset_second_factor,
)
from data.security.roles import OWNER
from data.settings import settings
from data.sign_on import link_person, unlink_person
from operate.screen import say
from rules.errors import SetupError
from rules.permissions import PRESETS

ROLES = [str(role) for role in Role]
into_demo = click.option("--into-demo", is_flag=True, help="Also if this is a demo, whose people are invented.")


@click.group()
def user() -> None:
    """Let somebody in, shut somebody out, start a password over."""


@user.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="paa and general belong to an account.")
@click.option("--account", "account_code", metavar="CODE", help="The customer's account; for paa and general.")
@click.option("--name", help="How the person is called; else what stands before the @.")
@click.option("--preset", type=click.Choice([*PRESETS]), default=USUAL_PRESET, show_default=True,
              help="What a general user may do to begin with; their PAA changes it under Access rights.")  # fmt: skip
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making a link.")
@click.option("--also", is_flag=True, help="To somebody of the staff who is in already: one more role to work in.")
@into_demo
def add(
    email: str,
    role: str,
    account_code: str | None,
    name: str | None,
    preset: str,
    *,
    password_stdin: bool,
    also: bool,
    into_demo: bool,
) -> None:
    """Let somebody in. Prints an expiring link with which they set their password."""
    if also:
        _add_role(email, role, into_demo=into_demo, given=(account_code, name, password_stdin or None))
        return
    password_hash = _password_from_stdin(checked_email(email), name or "") if password_stdin else None
    with _as_owner(into_demo=into_demo) as connection:
        link = add_person(
            connection,
            email,
            Role(role),
            account_code=account_code,
            name=name,
            preset=preset,
            password_hash=password_hash,
        )
    say(f"{email} is in the portal now" + (f", as {role} of {account_code}" if account_code else f", as {role}"))
    _print(link)


def _add_role(email: str, role: str, *, into_demo: bool, given: tuple[object, ...]) -> None:
    if any(given):
        raise SetupError("--also gives a role and nothing else: leave --account, --name and --password-stdin out")
    with _as_owner(into_demo=into_demo) as connection:
        add_role(connection, email, Role(role))
    say(f"{email} may work as {role} as well, and chooses in the menu at the top right")


@user.command()
@click.argument("email")
@into_demo
def disable(email: str, *, into_demo: bool) -> None:
    """Shut somebody out, at once and in all their browsers."""
    with _as_owner(into_demo=into_demo) as connection:
        was_in = disable_person(connection, email)
    say(f"{email} cannot sign in any more" if was_in else f"{email} was disabled already")


@user.command()
@click.argument("email")
@click.option("--enable", is_flag=True, help="Let somebody who was disabled in again.")
@into_demo
def reset(email: str, *, enable: bool, into_demo: bool) -> None:
    """End somebody's password and sessions. Prints a link with which they set a new one."""
    with _as_owner(into_demo=into_demo) as connection:
        link = reset_person(connection, email, enable=enable)
    say(f"the password of {email} counts no more")
    _print(link)


@user.command("reset-second-factor")
@click.argument("email")
@into_demo
def second_factor(email: str, *, into_demo: bool) -> None:
    """For somebody who lost phone and recovery codes: make sure first that it is they who ask."""
    with _as_owner(into_demo=into_demo) as connection:
        had_one = reset_second_factor(connection, email)
    if had_one:
        say(f"the second factor of {email} counts no more; they are signed out everywhere and told by mail")
    else:
        say(f"{email} has no second factor")


@user.command("link-oidc")
@click.argument("email")
@click.argument("subject")
@into_demo
def link_oidc(email: str, subject: str, *, into_demo: bool) -> None:
    """Say whom the provider of single sign-on means by SUBJECT (`sub`): one of the staff."""
    issuer = settings().oidc_issuer
    if issuer is None:
        raise SetupError("single sign-on is off: set PORTAL_OIDC_ISSUER to the provider that knows this subject")
    with _as_owner(into_demo=into_demo) as connection:
        link_person(connection, email, issuer, subject)
    say(f"{email} signs in by single sign-on as {subject} of {issuer}")


@user.command("unlink-oidc")
@click.argument("email")
@into_demo
def unlink_oidc(email: str, *, into_demo: bool) -> None:
    """Forget whom somebody is at the provider of single sign-on, and end what they began by it."""
    with _as_owner(into_demo=into_demo) as connection:
        was_linked = unlink_person(connection, email)
    say(
        f"{email} does not come by single sign-on any more" if was_linked else f"{email} did not come by single sign-on"
    )


@contextmanager
def _as_owner(*, into_demo: bool) -> Generator[Connection]:
    with opened(settings(), purpose="./portal user", say=say) as database:
        if database.kind is Kind.DEMO and not into_demo:
            raise SetupError(
                "this is a demo, whose people are invented and whose password is known: "
                "add --into-demo if that is what you want, or choose a real one with PORTAL_DEMO=0 and PORTAL_HOME"
            )
        engine = bootstrap_engine(database.url)
        try:
            with engine.begin() as connection:
                connection.execute(text(f"set local role {OWNER}"))
                yield connection
        finally:
            engine.dispose()


def _password_from_stdin(email: str, name: str) -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    check_rules(password, email, name)
    return hash_password(password)


def _print(link: PasswordLink | None) -> None:
    """The link alone on stdout, so that it can be piped into a mail."""
    if link is None:
        return
    say(f"it is good until {link.expires_at:%Y-%m-%d %H:%M %Z}, once, for this person only:")
    click.echo(f"{settings().base_url}/password?{urlencode({'link': link.token})}")
