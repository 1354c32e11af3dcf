"""The scene of single sign-on: a provider where Dee has just proven to be Dee, a portal that trusts it, a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from starlette.applications import Starlette

from auth import sessions
from auth.provider import provider
from data.engines import auth_engine
from data.settings import settings
from data.sign_on import link_person
from shell import live
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import Door
from tests.oidc_provider import CLIENT, CLIENT_SECRET, OidcProvider, follow, running_provider
from web import session, sign_on
from web.errors import exception_handlers

APP = Starlette(routes=[*sign_on.routes, *session.routes, *live.routes], exception_handlers=exception_handlers)
SECRETS_OF_PROVIDER = b"secrets of the provider"
DEE, FIN, ADA = CAST["dee"], CAST["fin"], CAST["ada"]
AGAIN, NOT_BELIEVED = "Please sign in again", "You could not be signed in"
STRANGER, DOWN = "You are not registered here", "Single sign-on does not answer"

Configure = Callable[..., None]


@pytest.fixture
def company() -> Iterator[OidcProvider]:
    with running_provider() as running:
        running.claims = {"sub": "dee-1", "email": DEE, "email_verified": True}
        yield running


@pytest.fixture
def configure(company: OidcProvider) -> Iterator[Configure]:
    """The portal's settings lead to this provider; calling what is given sets them anew, with more of them."""

    def forget() -> None:
        settings.cache_clear()
        provider.cache_clear()

    with pytest.MonkeyPatch.context() as patch:

        def set_to(**more: str) -> None:
            given = {
                "PORTAL_OIDC_ISSUER": company.issuer,
                "PORTAL_OIDC_CLIENT_ID": CLIENT,
                "PORTAL_OIDC_CLIENT_SECRET": CLIENT_SECRET,
                **more,
            }
            for name, value in given.items():
                patch.setenv(name, value)
            forget()

        set_to()
        yield set_to
    forget()


@pytest.fixture
def door(database: Database, company: OidcProvider, configure: Configure) -> Iterator[Door]:
    """Dee is registered under her subject; nobody else is."""
    door = Door(database)
    roles = door.owner("select string_agg(person_id || ' ' || role, ',') from portal.staff_member")
    link(door, DEE, company.issuer, "dee-1")
    yield door
    door.owner("delete from auth.external_identity")
    door.owner("update portal.person set disabled_at = null")
    door.owner("delete from portal.staff_member")
    give = "insert into portal.staff_member (person_id, role) values (:person, :role)"
    for person, role in (pair.split(" ") for pair in roles.split(",")):
        door.owner(give, person=int(person), role=role)


def link(door: Door, email: str, issuer: str, subject: str) -> None:
    with door.database.as_owner() as connection:
        link_person(connection, email, issuer, subject)


def said_of(door: Door, action: str, what: str) -> str:
    """By whom it was done last, and what the audit log says of it."""
    statement = f"select actor_kind || ' ' || ({what}) from portal.audit_entry where action = :action"
    return str(door.owner(f"{statement} order by id desc limit 1", action=action))


class Browser:
    """Keeps cookies, and follows where it is told to."""

    def __init__(self, **held: str) -> None:
        self.cookies = dict(held)

    def get(self, path: str, method: str = "GET", **query: str) -> Answer:
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = ask(
            APP, path, method=method, query=urlencode(query), headers={"cookie": said, "user-agent": "Firefox"}
        )
        for line in answer.all("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def go(self, next_page: str = "/queue") -> str:
        """To the provider and back: the address it sends this browser to, not opened yet."""
        answer = self.get("/auth/oidc/start", next=next_page)
        assert answer.status == 303, answer.body
        return follow(answer.header("location") or "")

    def come_back(self, address: str, **other: str) -> Answer:
        return self.get(urlsplit(address).path, **{**dict(parse_qsl(urlsplit(address).query)), **other})

    @property
    def token(self) -> str | None:
        return self.cookies.get("portal_session")

    def is_in(self) -> bool:
        return sessions.who(auth_engine(), self.token, is_activity=False) is not None


def signs_on(browser: Browser | None = None) -> Answer:
    browser = browser or Browser()
    return browser.come_back(browser.go())


def refused(answer: Answer, status: int, heading: str) -> bool:
    """The page says what to do, and nothing that the provider said."""
    assert heading in answer.body.decode()
    assert SECRETS_OF_PROVIDER not in answer.body
    assert not [line for line in answer.all("set-cookie") if line.startswith("portal_session=")]
    return answer.status == status
