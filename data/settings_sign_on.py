"""What the operator decided about single sign-on for staff: all of it or nothing, each mistake with its cure."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from rules.addresses import is_loopback
from rules.permissions import STAFF_WORDS, StaffRole

DISCOVERY = "/.well-known/openid-configuration"
_ROLES_LOOK = "write VALUE=ROLE;VALUE=ROLE, with each ROLE one of"


class SignOnSettings(BaseSettings):
    """`PORTAL_OIDC_…`. Off unless an issuer is named."""

    #: The provider, exactly as it names itself in its tokens.
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: Annotated[str | None, Field(repr=False)] = None
    oidc_scopes: Annotated[tuple[str, ...], NoDecode] = ("openid", "email", "profile")
    oidc_label: str | None = None
    #: The claim that says what somebody works as, and what its values mean here. Unset: roles are the portal's own.
    oidc_role_claim: str | None = None
    oidc_roles: Annotated[tuple[tuple[str, StaffRole], ...], NoDecode] = ()
    #: May a verified e-mail tie a new subject to one of the staff? Else `./portal user link-oidc` does.
    oidc_link_by_email: bool = False
    #: Do staff come by single sign-on alone?
    oidc_only: bool = False

    @property
    def has_sign_on(self) -> bool:
        return self.oidc_issuer is not None

    @property
    def discovery_url(self) -> str:
        return f"{(self.oidc_issuer or '').rstrip('/')}{DISCOVERY}"

    @field_validator("oidc_issuer")
    @classmethod
    def _is_an_issuer(cls, url: str | None) -> str | None:
        if url is None:
            return None
        address = urlsplit(url)
        bare = address.hostname and not (address.query or address.fragment or address.username)
        if not bare or address.scheme not in {"http", "https"}:
            raise ValueError("is not an issuer; write it as the provider does, like https://login.example.com/realm")
        if address.path.endswith(DISCOVERY):
            raise ValueError(f"is the issuer alone: leave {DISCOVERY} out")
        if address.scheme == "http" and not is_loopback(address.hostname or ""):
            raise ValueError("would be asked unencrypted: use its https:// address (http:// is for localhost only)")
        return url

    @field_validator("oidc_scopes", mode="before")
    @classmethod
    def _scopes(cls, given: object) -> object:
        scopes = tuple(given.replace(",", " ").split()) if isinstance(given, str) else given
        if isinstance(scopes, tuple) and "openid" not in scopes:
            raise ValueError('needs openid among them, like "openid email profile"')
        return scopes

    @field_validator("oidc_roles", mode="before")
    @classmethod
    def _roles(cls, given: object) -> object:
        """A value may be a whole path of a directory (`cn=desk,ou=portal`): the last `=` is the one that counts."""
        if not isinstance(given, str):
            return given
        pairs = [pair.rpartition("=") for pair in given.split(";") if pair.strip()]
        wrong = [
            f"{value}{sign}{role}".strip()
            for value, sign, role in pairs
            if not value.strip() or role.strip() not in STAFF_WORDS
        ]
        if wrong or not pairs:
            what = f"{wrong[0]!r} means nothing" if wrong else "is empty"
            raise ValueError(f"{what}; {_ROLES_LOOK} {', '.join(STAFF_WORDS)}")
        return tuple((value.strip(), STAFF_WORDS[role.strip()]) for value, _, role in pairs)

    @model_validator(mode="after")
    def _single_sign_on_is_whole(self) -> SignOnSettings:
        given = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(given) and not all(given):
            raise ValueError(
                "PORTAL_OIDC_ISSUER, PORTAL_OIDC_CLIENT_ID and PORTAL_OIDC_CLIENT_SECRET go together: set all or none"
            )
        if bool(self.oidc_role_claim) != bool(self.oidc_roles):
            raise ValueError(
                "PORTAL_OIDC_ROLE_CLAIM and PORTAL_OIDC_ROLES go together: set both, "
                "or none to keep the roles that were given in the portal"
            )
        if self.oidc_only and not self.has_sign_on:
            raise ValueError("PORTAL_OIDC_ONLY=1 without PORTAL_OIDC_ISSUER would lock all staff out: set both or none")
        return self
