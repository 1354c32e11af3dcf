"""A provider of single sign-on for tests, on a port of its own: it signs as it should, unless told to misbehave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import RSAKey

from tests.patience import PATIENCE

CLIENT, CLIENT_SECRET = "portal", "a secret of the provider's"
Claims = dict[str, Any]


@cache
def first_key() -> RSAKey:
    """Made once: it takes a while."""
    return new_key("first")


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


@dataclass
class Code:
    """What it remembers of somebody who was there."""

    asked: dict[str, str]
    claims: Claims


def _set_already() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class OidcProvider:
    """Everything about it may be changed while it runs."""

    issuer: str = ""
    key: RSAKey = field(default_factory=first_key)
    published: list[RSAKey] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    #: What an ID token is made of, the last word before it is signed, and how it is signed.
    claims: Claims = field(default_factory=dict)
    bend: Callable[[Claims], object] = lambda _claims: None
    sign: Callable[[OidcProvider, Claims], str] = lambda provider, claims: signed(provider.key, claims)
    forgets_codes: bool = True
    goes_on: threading.Event = field(default_factory=_set_already)  # while it is not, nobody is answered
    broken: dict[str, int] = field(default_factory=dict)  # path → status
    codes: dict[str, Code] = field(default_factory=dict)
    asked_for: list[str] = field(default_factory=list)
    token_requests: list[dict[str, str]] = field(default_factory=list)

    def well_known(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.metadata,
        }

    def jwks(self) -> dict[str, Any]:
        keys = self.published if self.published is not None else [self.key]
        return {"keys": [key.as_dict(private=False) for key in keys]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Whoever comes is the one of `claims`: back they go with a code."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = Code(asked, dict(self.claims))
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, asked: dict[str, str], client: tuple[str, str]) -> tuple[int, dict[str, Any]]:
        self.token_requests.append(asked)
        code = self.codes.get(asked.get("code", ""))
        if client != (CLIENT, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        if code is None or not _proves(asked.get("code_verifier", ""), code.asked):
            return 400, {"error": "invalid_grant", "error_description": "<b>secrets of the provider</b>"}
        if self.forgets_codes:
            del self.codes[asked["code"]]
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": code.asked.get("nonce"),
            **code.claims,
        }  # fmt: skip
        self.bend(claims)
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.sign(self, claims)}


def signed(key: RSAKey, claims: Claims) -> str:
    return jws.serialize_compact({"alg": "RS256", "kid": key.kid}, json.dumps(claims).encode(), key)


def unsigned(_provider: OidcProvider, claims: Claims) -> str:
    return f"{_packed({'alg': 'none'})}.{_packed(claims)}."


def signed_with_the_clients_secret(provider: OidcProvider, claims: Claims) -> str:
    """As if the secret that both hold, or the key that everybody may read, proved who wrote it."""
    body = f"{_packed({'alg': 'HS256', 'kid': provider.key.kid})}.{_packed(claims)}"
    return f"{body}.{_b64(hmac.digest(CLIENT_SECRET.encode(), body.encode(), 'sha256'))}"


@contextmanager
def running_provider() -> Iterator[OidcProvider]:
    provider = OidcProvider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    provider: OidcProvider

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
        if self._misbehaves(path):
            return
        if path == "/.well-known/openid-configuration":
            self._say(200, self.provider.well_known())
        elif path == "/jwks":
            self._say(200, self.provider.jwks())
        elif path == "/authorize":
            self.send_response(302)
            self.send_header("location", self.provider.authorize(query))
            self.send_header("content-length", "0")
            self.end_headers()
        else:
            self._say(404, {})

    def do_POST(self) -> None:
        if self._misbehaves(self.path):
            return
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        kind, _, said = self.headers.get("authorization", "").partition(" ")
        name, _, secret = base64.b64decode(said).decode().partition(":") if kind == "Basic" else ("", "", "")
        client = (name, unquote(secret)) if name else (asked.get("client_id", ""), asked.get("client_secret", ""))
        self._say(*self.provider.token(asked, client))

    def _misbehaves(self, path: str) -> bool:
        self.provider.asked_for.append(path)
        self.provider.goes_on.wait(PATIENCE)
        status = self.provider.broken.get(path)
        if status is not None:
            self._say(status, {"error": "<b>secrets of the provider</b>"})
        return status is not None

    def _say(self, status: int, said: object) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None: ...


def follow(address: str) -> str:
    """Where the provider sends a browser that comes to this address."""
    parts = urlsplit(address)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}")
        return connection.getresponse().headers["location"]


def _proves(verifier: str, asked: dict[str, str]) -> bool:
    """PKCE, as S256 has it."""
    if asked.get("code_challenge_method") != "S256":
        return False
    return _b64(hashlib.sha256(verifier.encode()).digest()) == asked.get("code_challenge")


def _packed(said: object) -> str:
    return _b64(json.dumps(said).encode())


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
