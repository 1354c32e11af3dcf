"""Single sign-on of staff: what may come of it, and what the word of a provider lets somebody do here.

The provider proves who they are (auth/provider.py); whether they may come in, and as what, the portal decides
(signin.sign_on)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text

from auth.errand import Errand
from auth.sessions import hashed
from data.settings import Settings, settings
from rules.errors import PortalError

START, CALLBACK, SIGN_OUT = "/auth/oidc/start", "/auth/oidc/callback", "/auth/oidc/signout"
LONGEST_SUBJECT = 255


class Unreachable(PortalError):
    """The provider does not answer, or not as a provider does."""


class Refused(PortalError):
    """It does not vouch for them: they said no there, or it does."""


class Untrue(PortalError):
    """What came back cannot be believed, or does not say what it has to."""


class Again(PortalError):
    """It came too late, a second time, or from another browser: a new errand is the cure."""


class Stranger(PortalError):
    """They are who they are, and the portal lets nobody of that name in."""


@dataclass(frozen=True)
class Vouched:
    """What the provider says of somebody, as far as it counts here."""

    issuer: str
    subject: str
    #: Only if the provider has verified it.
    email: str | None
    #: None where roles are the portal's own.
    roles: tuple[str, ...] | None


def callback_address() -> str:
    """What has to be registered at the provider."""
    return f"{settings().base_url}{CALLBACK}"


def has_way_out() -> bool:
    """As far as the provider said so already: nobody waits for what is only offered."""
    if not settings().has_sign_on:
        return False
    from auth.provider import provider  # noqa: PLC0415 - not where it is off

    said = provider().last
    return said is not None and said.end_session_endpoint is not None


def vouched(claims: Mapping[str, Any], config: Settings) -> Vouched:
    subject, email = claims.get("sub"), claims.get("email")
    if not isinstance(subject, str) or not subject.strip() or len(subject) > LONGEST_SUBJECT:
        raise Untrue("no subject")
    # the very word true: a provider that writes anything else has verified nothing that we know of
    is_verified = isinstance(email, str) and claims.get("email_verified") is True
    return Vouched(claims["iss"], subject, email if is_verified else None, roles_in(claims, config))


def roles_in(claims: Mapping[str, Any], config: Settings) -> tuple[str, ...] | None:
    """The staff roles that its values mean; none if the claim is missing, as it is for whoever is in no group."""
    if config.oidc_role_claim is None:
        return None
    if config.oidc_role_claim in (claims.get("_claim_names") or ()):
        raise Untrue(f"{config.oidc_role_claim} is not in the ID token: it has too many values")
    said = _at(claims, config.oidc_role_claim)
    values = said if isinstance(said, list) else [said]
    return tuple(sorted({str(role) for value, role in config.oidc_roles if value in values}))


def _at(claims: Mapping[str, Any], name: str) -> Any:
    """A claim of this name, which may have dots in it; else the one inside others (`realm_access.roles`)."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def let_in(engine: Engine, vouched: Vouched, errand: Errand, *, address: str | None) -> None:
    """From now on `errand.code` opens one session in the browser that holds its secret."""
    statement = text(
        "select signin.sign_on(:issuer, :subject, :email, cast(:roles as text[]), :code, :browser, :next, :address)"
    )
    values = {
        "issuer": vouched.issuer,
        "subject": vouched.subject,
        "email": vouched.email if settings().oidc_link_by_email else None,
        "roles": None if vouched.roles is None else list(vouched.roles),
        "code": hashed(errand.code),
        "browser": hashed(errand.secret),
        "next": errand.then_to,
        "address": address,
    }
    with engine.begin() as connection:
        outcome = connection.scalar(statement, values)
    if outcome == "again":
        raise Again("code")
    if outcome != "in":
        raise Stranger(vouched.subject)
