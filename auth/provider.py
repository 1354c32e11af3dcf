"""The provider of single sign-on: what it says of itself, the way there and back, and which of its words are believed.

Authlib and its HTTP client weigh 30 MB: this is imported only where an issuer is named."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth, OAuthError, StarletteOAuth2App
from joserfc.errors import JoseError
from pydantic import BaseModel, ValidationError

from auth.errand import Errand
from auth.single_sign_on import Again, Refused, Unreachable, Untrue, callback_address
from data.settings import Settings, settings
from ui.reader import tag_of

#: A key that the provider withdrew counts here no longer than this.
BELIEVED_FOR = 300  # seconds
PATIENCE, LAST_PATIENCE = 5, 10  # seconds for one answer, and for all that is asked at once
LEEWAY = 60  # seconds by which two clocks may differ
#: A signature that only the provider can make: neither none at all, nor one with the secret that we hold as well.
SIGNATURES = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
USUAL_SIGNATURE = "RS256"
SPENT = "invalid_grant"


class Discovered(BaseModel):
    """What we read of its metadata, and all of it: Authlib would take any further word as a setting of its own client,
    `verify` included."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    id_token_signing_alg_values_supported: tuple[str, ...] = (USUAL_SIGNATURE,)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def signatures(self) -> list[str]:
        return sorted(SIGNATURES & set(self.id_token_signing_alg_values_supported))

    @property
    def client_proof(self) -> str:
        ways = self.token_endpoint_auth_methods_supported
        is_post = "client_secret_basic" not in ways and "client_secret_post" in ways
        return "client_secret_post" if is_post else "client_secret_basic"


class Provider:
    """Authlib's client for it, made anew when what was discovered grows old."""

    def __init__(self, config: Settings) -> None:
        self._config = config
        self._known: tuple[float, Discovered, StarletteOAuth2App] | None = None
        #: What it said last, however long ago: enough for what is offered and not relied on.
        self.last: Discovered | None = None

    async def way_there(self, errand: Errand, language: str) -> str:
        """Its address, with everything it needs to send the answer back."""
        _found, client = await self._asked()
        made = await client.create_authorization_url(
            callback_address(),
            state=errand.state,
            nonce=errand.nonce,
            code_verifier=errand.verifier,
            ui_locales=tag_of(language),
        )
        return str(made["url"])

    async def way_out(self) -> str | None:
        """Where one signs out at the provider itself, if it says where."""
        found, _client = await self._asked()
        if found.end_session_endpoint is None:
            return None
        asked = {"client_id": self._config.oidc_client_id, "post_logout_redirect_uri": f"{self._config.base_url}/"}
        separator = "&" if "?" in found.end_session_endpoint else "?"
        return f"{found.end_session_endpoint}{separator}{urlencode(asked)}"

    async def claims(self, errand: Errand, answer: Mapping[str, str]) -> Mapping[str, Any]:
        """What it says of whoever came back with this answer, which it wrote into the address."""
        if not errand.fits(answer.get("state")):
            raise Again("state")
        found, client = await self._asked()
        _check_sender(found, answer)
        if answer.get("error"):
            raise Refused(answer["error"][:100])
        if not answer.get("code"):
            raise Untrue("no code")
        try:
            async with asyncio.timeout(LAST_PATIENCE):
                return await self._redeemed(client, answer["code"], errand)
        except (httpx2.HTTPError, TimeoutError) as error:
            raise Unreachable(_said(error)) from None
        except OAuthError as error:
            raise (Again if error.error == SPENT else Untrue)(str(error.error)) from None
        except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError, AttributeError) as error:
            self._known = None  # its keys may be other ones by now: whoever tries again finds out
            raise Untrue(f"{type(error).__name__}: {error}") from None

    async def _asked(self) -> tuple[Discovered, StarletteOAuth2App]:
        known = self._known
        if known is None or time.monotonic() - known[0] > BELIEVED_FOR:
            self.last = await discover(self._config)
            known = self._known = (time.monotonic(), self.last, _client_for(self._config, self.last))
        return known[1:]

    async def _redeemed(self, client: StarletteOAuth2App, code: str, errand: Errand) -> Mapping[str, Any]:
        """Authlib checks signature, issuer, times and nonce, and by itself would take a token made for others."""
        token = await client.fetch_access_token(
            redirect_uri=callback_address(), code=code, code_verifier=errand.verifier
        )
        if not token.get("id_token"):
            raise Untrue("no ID token")
        ours, issuer = self._config.oidc_client_id, {"essential": True, "value": self._config.oidc_issuer}
        claims = await client.parse_id_token(token, nonce=errand.nonce, claims_options={"iss": issuer}, leeway=LEEWAY)
        if claims["aud"] not in (ours, [ours]):
            raise Untrue("made for others, or for others as well")
        return claims


@cache
def provider() -> Provider:
    return Provider(settings())


async def discover(config: Settings) -> Discovered:
    """Unreachable, with the reason and the cure for the operator, unless it answers as the issuer we were told."""
    where = config.discovery_url
    try:
        async with asyncio.timeout(LAST_PATIENCE), httpx2.AsyncClient(timeout=PATIENCE, verify=_trusted()) as client:
            answer = await client.get(where)
            answer.raise_for_status()
            found = Discovered.model_validate_json(answer.content)
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
        why = f"{where} does not answer ({_said(error)})"
        raise Unreachable(f"{why}: check PORTAL_OIDC_ISSUER and the network") from None
    except ValidationError as error:
        missing = ", ".join(str(problem["loc"][0]) for problem in error.errors() if problem["loc"]) or "its metadata"
        raise Unreachable(f"{where} is not an OpenID provider's answer ({missing}): check PORTAL_OIDC_ISSUER") from None
    _refuse(found, config)
    return found


def _client_for(config: Settings, found: Discovered) -> StarletteOAuth2App:
    return OAuth().register(
        name="staff",
        client_id=config.oidc_client_id,
        client_secret=config.oidc_client_secret,
        client_kwargs={
            "scope": " ".join(config.oidc_scopes),
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": found.client_proof,
            "timeout": PATIENCE,
            "verify": _trusted(),
        },
        issuer=found.issuer,
        authorization_endpoint=found.authorization_endpoint,
        token_endpoint=found.token_endpoint,
        jwks_uri=found.jwks_uri,
        id_token_signing_alg_values_supported=found.signatures,
    )


@cache
def _trusted() -> Any:
    """Whose certificates count. Reading them takes a tenth of a second, in which nobody else is answered."""
    return httpx2.create_ssl_context()


def _refuse(found: Discovered, config: Settings) -> None:
    if found.issuer != config.oidc_issuer:
        raise Unreachable(
            f"{config.discovery_url} calls itself {found.issuer}: if that is who you mean, set PORTAL_OIDC_ISSUER to it"
        )
    if not found.signatures:
        raise Unreachable(f"{found.issuer} signs with nothing that can be checked: let it sign with {USUAL_SIGNATURE}")
    scheme = urlsplit(found.issuer).scheme
    for address in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.end_session_endpoint):
        if address is not None and urlsplit(address).scheme not in {scheme, "https"}:
            raise Unreachable(f"{found.issuer} leads to {address}: it has to be an https:// address")


def _check_sender(found: Discovered, answer: Mapping[str, str]) -> None:
    """An answer may say whose it is (RFC 9207), and has to where the provider promises so."""
    sender = answer.get("iss")
    if sender != found.issuer and (sender is not None or found.authorization_response_iss_parameter_supported):
        raise Untrue("sent by another issuer")


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
