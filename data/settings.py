"""What the operator has decided: every environment variable the portal reads, checked once and explained when wrong."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from data.settings_sign_on import SignOnSettings
from rules.addresses import is_loopback
from rules.errors import SetupError

CHECKOUT = Path(__file__).resolve().parent.parent
POSTGRES_SCHEMES = ("postgresql+psycopg", "postgresql", "postgres")


class Settings(SignOnSettings):
    """One field per variable, `PORTAL_` in front of its name; an empty variable counts as not set."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", env_ignore_empty=True, extra="ignore", frozen=True)

    # What logs in where. Unset: the embedded server, and logins made by `./portal migrate`.
    database_url: Annotated[str | None, Field(validation_alias="DATABASE_URL", repr=False)] = None
    app_url: Annotated[str | None, Field(repr=False)] = None
    auth_url: Annotated[str | None, Field(repr=False)] = None
    jobs_url: Annotated[str | None, Field(repr=False)] = None
    listen_url: Annotated[str | None, Field(repr=False)] = None

    home: Path = CHECKOUT / "instance"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8501
    base_url: str = ""
    secret: Annotated[str | None, Field(repr=False, min_length=32)] = None
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()

    smtp_url: Annotated[str | None, Field(repr=False)] = None
    mail_from: str = "portal@localhost"

    #: Must staff who sign in with a password have a second factor? Unset: yes, but in a demo.
    staff_second_factor: bool | None = None

    demo: bool | None = None
    demo_password: Annotated[str | None, Field(repr=False, min_length=8)] = None

    brand_name: str = "Example Data Centers"
    brand_logo: Path | None = None
    brand_icon: Path | None = None
    brand_support_email: str | None = None
    brand_support_phone: str | None = None

    @property
    def is_demo(self) -> bool:
        """A demo unless told otherwise, and never on somebody's own PostgreSQL."""
        return self.demo is not False and self.database_url is None

    @property
    def cookie_secure(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """A browser accepts the `__Host-` prefix only on a secure cookie, which plain http cannot set."""
        return "__Host-portal_session" if self.cookie_secure else "portal_session"

    @field_validator("database_url", "app_url", "auth_url", "jobs_url", "listen_url")
    @classmethod
    def _speaks_postgresql(cls, url: str | None) -> str | None:
        if url is None:
            return None
        from sqlalchemy.engine import make_url  # noqa: PLC0415 - half a second, and most read no address here
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

        scheme, separator, rest = url.partition("://")
        try:
            understood = scheme in POSTGRES_SCHEMES and bool(make_url(f"{POSTGRES_SCHEMES[0]}://{rest}").database)
        except (ArgumentError, ValueError):
            understood = False
        if not understood:
            raise ValueError("is not a PostgreSQL address; write postgresql://user:password@host:5432/database")
        return f"{POSTGRES_SCHEMES[0]}{separator}{rest}"

    @field_validator("home", "brand_logo", "brand_icon")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path and path.expanduser().resolve()

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, text: object) -> object:
        return tuple(ip_network(part.strip()) for part in text.split(",")) if isinstance(text, str) else text

    @field_validator("base_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("smtp_url")
    @classmethod
    def _speaks_smtp(cls, url: str | None) -> str | None:
        if url and (urlsplit(url).scheme not in {"smtp", "smtps"} or not urlsplit(url).hostname):
            raise ValueError("is not a mail server; write smtp://user:password@host:587 or smtps://…:465")
        return url

    @model_validator(mode="before")
    @classmethod
    def _own_address(cls, values: dict[str, Any]) -> dict[str, Any]:
        """On loopback the address people use is the one we listen on; elsewhere the operator has to name it."""
        host, port = str(values.get("host") or "127.0.0.1"), values.get("port") or 8501
        if not values.get("base_url") and is_loopback(host):
            values["base_url"] = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        return values

    @model_validator(mode="after")
    def _demo_stays_at_home(self) -> Settings:
        if self.demo and self.database_url:
            raise ValueError("PORTAL_DEMO=1 and DATABASE_URL exclude each other: unset one of the two")
        if self.is_demo and not is_loopback(self.host):
            raise ValueError(
                f"PORTAL_HOST={self.host} would show the demo people to the network: "
                "set PORTAL_HOST=127.0.0.1, or PORTAL_DEMO=0 for a real instance"
            )
        return self

    @model_validator(mode="after")
    def _sessions_stay_private(self) -> Settings:
        if not self.base_url:
            raise ValueError(f"PORTAL_BASE_URL is needed with PORTAL_HOST={self.host}: the https address people use")
        address = urlsplit(self.base_url)
        if not _is_bare(address):
            raise ValueError(f"PORTAL_BASE_URL={self.base_url} is not an address like https://portal.example.com")
        if address.scheme == "http" and not (is_loopback(address.hostname or "") and is_loopback(self.host)):
            raise ValueError(
                f"PORTAL_BASE_URL={self.base_url} with PORTAL_HOST={self.host} would send sign-ins unencrypted: "
                "use an https:// address (http:// is for localhost only)"
            )
        return self


@lru_cache
def settings() -> Settings:
    """Read once per process; a test that changes the environment calls `settings.cache_clear()`."""
    try:
        return Settings()
    except ValidationError as error:
        raise SetupError(_one_line(error)) from None


def _is_bare(address: SplitResult) -> bool:
    """Scheme and host, perhaps a port: everything else would end up in links and cookies."""
    nothing_more = not (address.path or address.query or address.fragment or address.username)
    return address.scheme in {"http", "https"} and bool(address.hostname) and nothing_more


def _one_line(error: ValidationError) -> str:
    """The first thing that is wrong, with the variable's name; never its value, which may be a password."""
    first = error.errors(include_url=False, include_input=False)[0]
    reason = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return reason
    field = str(first["loc"][0])
    return f"{field if field == 'DATABASE_URL' else f'PORTAL_{field.upper()}'}: {reason}"
