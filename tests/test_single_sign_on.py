"""Single sign-on of staff: only what the provider said to this browser, once and just now, lets anybody in."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from joserfc.jwk import RSAKey
from streamlit.testing.v1 import AppTest

from auth import provider as asking
from auth import sessions, visitor
from auth.errand import Errand
from auth.next_page import safe_next
from auth.provider import provider
from data.engines import auth_engine
from data.settings import settings
from rules.permissions import StaffRole
from rules.sign_in import Proof
from tests import sign_on_scene
from tests.conftest import CAST
from tests.door import BROWSER, PASSWORD, tries
from tests.oidc_provider import (
    CLIENT,
    CLIENT_SECRET,
    Claims,
    OidcProvider,
    new_key,
    signed,
    signed_with_the_clients_secret,
    unsigned,
)
from tests.sign_on_scene import (
    AGAIN,
    DEE,
    DOWN,
    NOT_BELIEVED,
    SECRETS_OF_PROVIDER,
    Browser,
    refused,
    signs_on,
)

pytestmark = pytest.mark.usefixtures("configured")
company, configure, door = sign_on_scene.company, sign_on_scene.configure, sign_on_scene.door


# --- there and back


def test_whom_the_provider_proves_gets_a_session_of_ours(door, company):
    browser = Browser()
    answer = browser.come_back(browser.go("/queue?status=open"))
    assert (answer.status, answer.header("location")) == (303, "/queue?status=open")
    signed_in = sessions.who(auth_engine(), browser.token)
    assert signed_in is not None
    assert (signed_in.principal.email, signed_in.principal.role) == (DEE, StaffRole.SERVICE_DESK)
    assert signed_in.proved_by is Proof.OIDC
    cookie = next(line for line in answer.all("set-cookie") if line.startswith("portal_session="))
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower()
    assert "portal_errand" not in browser.cookies
    said = "select action || ' ' || actor_name from portal.audit_entry order by id desc limit 1"
    assert door.owner(said) == "session.sign_on Dee Desk"


def test_a_password_is_still_a_password(door):
    token = door.signed_in("dee")
    signed_in = sessions.who(auth_engine(), token)
    assert signed_in is not None and signed_in.proved_by is Proof.PASSWORD
    assert door.owner("select action from portal.audit_entry order by id desc limit 1") == "session.start"


def test_the_provider_is_asked_with_state_nonce_and_challenge_and_told_no_secret(door, company):
    browser = Browser()
    address = browser.get("/auth/oidc/start", next="/queue").header("location") or ""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://127.0.0.1:8501/auth/oidc/callback"
    assert asked["scope"].split()[0] == "openid"
    errand = Errand.resume(browser.cookies["portal_errand"])
    assert errand is not None
    assert (asked["state"], asked["nonce"]) == (errand.state, errand.nonce)
    assert not {errand.secret, errand.verifier, errand.code} & set(asked.values())
    assert CLIENT_SECRET not in address
    other = Browser().get("/auth/oidc/start").header("location") or ""
    assert not {asked["state"], asked["nonce"], asked["code_challenge"]} & {
        v[0] for v in parse_qs(urlsplit(other).query).values()
    }


def test_what_the_browser_keeps_is_out_of_reach_for_scripts_and_short_lived(door):
    answer = Browser().get("/auth/oidc/start")
    cookie = next(line for line in answer.all("set-cookie") if line.startswith("portal_errand="))
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower() and "Max-Age=600" in cookie


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "/auth/signout"])
def test_the_way_back_leads_to_a_page_of_ours_only(door, wanted):
    browser = Browser()
    assert browser.come_back(browser.go(wanted)).header("location") == "/" == safe_next(wanted)


def test_signing_on_ends_what_was_in_this_browser_before(door):
    browser = Browser(portal_session=door.signed_in("ana"))
    before = browser.token
    assert signs_on(browser).status == 303
    assert browser.is_in() and browser.token != before
    assert not door.is_alive(str(before))


def test_idle_and_absolute_limits_hold_for_them_too(door):
    browser = Browser()
    signs_on(browser)
    assert browser.token
    door.move(browser.token, last_seen="now() - interval '31 minutes'")
    assert not browser.is_in()
    door.move(browser.token, last_seen="now()")
    assert browser.is_in()
    lasting = (
        "select round(extract(epoch from expires_at - created_at) / 3600) from auth.session where token_hash = :token"
    )
    assert door.owner(lasting, token=sessions.hashed(browser.token)) == 12
    door.move(browser.token, expires_at="now() - interval '1 second'")
    assert not browser.is_in()


# --- what the provider says, and what is believed of it


def other_key(provider: OidcProvider, claims: Claims) -> str:
    forged = new_key("first")  # under the name of the real one
    return signed(forged, claims)


UNBELIEVABLE: dict[str, Callable[[OidcProvider], object]] = {
    "a nonce of another errand": lambda p: setattr(p, "bend", lambda c: c.update(nonce="another")),
    "no nonce": lambda p: setattr(p, "bend", lambda c: c.pop("nonce")),
    "another audience": lambda p: setattr(p, "bend", lambda c: c.update(aud="another")),
    "another audience, said to be for us": lambda p: setattr(p, "bend", lambda c: c.update(aud="another", azp=CLIENT)),
    "an audience of several": lambda p: setattr(p, "bend", lambda c: c.update(aud=[CLIENT, "another"], azp=CLIENT)),
    "no audience": lambda p: setattr(p, "bend", lambda c: c.pop("aud")),
    "another issuer": lambda p: setattr(p, "bend", lambda c: c.update(iss="https://evil.example")),
    "the issuer with a slash": lambda p: setattr(p, "bend", lambda c: c.update(iss=f"{p.issuer}/")),
    "an expired token": lambda p: setattr(p, "bend", lambda c: c.update(exp=int(time.time()) - 300)),
    "a token without an end": lambda p: setattr(p, "bend", lambda c: c.pop("exp")),
    "a token of tomorrow": lambda p: setattr(p, "bend", lambda c: c.update(nbf=int(time.time()) + 86400)),
    "a token made tomorrow": lambda p: setattr(p, "bend", lambda c: c.update(iat=int(time.time()) + 86400)),
    "no subject": lambda p: setattr(p, "bend", lambda c: c.pop("sub")),
    "an empty subject": lambda p: setattr(p, "bend", lambda c: c.update(sub="  ")),
    "a subject that is no word": lambda p: setattr(p, "bend", lambda c: c.update(sub=["dee-1"])),
    "a subject without end": lambda p: setattr(p, "bend", lambda c: c.update(sub="d" * 300)),
    "the signature of another key": lambda p: setattr(p, "sign", other_key),
    "no signature": lambda p: setattr(p, "sign", unsigned),
    "the client's own secret": lambda p: setattr(p, "sign", signed_with_the_clients_secret),
    "no token": lambda p: setattr(p, "sign", lambda _p, _c: ""),
    "no token at all": lambda p: setattr(p, "sign", lambda _p, _c: "nonsense"),
    "a token that is no object": lambda p: setattr(p, "sign", lambda q, _c: signed(q.key, ["dee-1"])),  # ty: ignore
}


@pytest.mark.parametrize("what", UNBELIEVABLE)
def test_what_is_not_meant_for_this_errand_or_not_signed_is_not_believed(door, company, what):
    UNBELIEVABLE[what](company)
    browser = Browser()
    assert refused(signs_on(browser), 400, NOT_BELIEVED)
    assert not browser.is_in()
    company.bend, company.sign = lambda _claims: None, lambda p, c: signed(p.key, c)
    assert signs_on(browser).status == 303, "and with the truth she comes in"


@pytest.mark.parametrize("algorithms", [["none", "HS256"], ["RS256", "none", "HS256"]])
@pytest.mark.parametrize("sign", [unsigned, signed_with_the_clients_secret])
def test_a_provider_that_offers_weak_signatures_is_not_taken_at_its_word(door, company, algorithms, sign):
    company.metadata = {"id_token_signing_alg_values_supported": algorithms}
    company.sign = sign
    browser = Browser()
    answer = browser.get("/auth/oidc/start")
    if "RS256" not in algorithms:
        assert refused(answer, 503, DOWN)
        return
    assert refused(signs_on(browser), 400, NOT_BELIEVED)


def test_metadata_cannot_set_up_our_client(door, company):
    """Authlib hands every word of it to its HTTP client."""
    company.metadata = {
        "verify": False,
        "base_url": "https://evil.example",
        "state": "known",
        "nonce": "known",
        "timeout": 99,
    }
    browser = Browser()
    address = browser.get("/auth/oidc/start").header("location") or ""
    assert "known" not in address
    assert signs_on(browser).status == 303


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "http://127.0.0.1:1"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"jwks_uri": None},
    ],
)
def test_metadata_of_somebody_else_is_refused(door, company, metadata):
    company.metadata = metadata
    assert refused(Browser().get("/auth/oidc/start"), 503, DOWN)


def test_an_answer_that_names_another_issuer_is_not_looked_at(door, company):
    browser = Browser()
    assert refused(browser.come_back(browser.go(), iss="https://evil.example"), 400, NOT_BELIEVED)
    assert company.token_requests == []
    company.metadata = {"authorization_response_iss_parameter_supported": True}
    provider.cache_clear()
    assert refused(signs_on(browser), 400, NOT_BELIEVED), "it promised to name itself"
    assert browser.come_back(browser.go(), iss=company.issuer).status == 303


# --- the answer belongs to this browser, once


def test_a_state_that_is_not_this_browsers_is_refused_before_the_provider_is_asked(door, company):
    browser = Browser()
    address = browser.go()
    for state in ("another", "", Errand.begin("/").state):
        kept = dict(browser.cookies)
        assert refused(browser.come_back(address, state=state), 400, AGAIN)
        assert "portal_errand" not in browser.cookies, "one try for each errand"
        browser.cookies = kept
    assert company.token_requests == []
    assert browser.come_back(address).status == 303


def test_an_answer_in_another_browser_is_refused(door, company):
    """Whoever starts at the provider and has somebody else open the answer would have them work in a foreign name."""
    address = Browser().go()
    stranger, nobody = Browser(), Browser()
    stranger.go()
    for browser in (stranger, nobody):
        assert refused(browser.come_back(address), 400, AGAIN)
        assert not browser.is_in()
    assert company.token_requests == []


@pytest.mark.parametrize("kept", ["", "nonsense", "W10.aaaa.bbbb", "portal"])
def test_a_cookie_that_we_did_not_make_is_no_errand(door, company, kept):
    browser = Browser()
    address = browser.go()
    browser.cookies["portal_errand"] = kept
    assert refused(browser.come_back(address), 400, AGAIN)
    assert company.token_requests == []


def test_an_errand_is_over_after_ten_minutes(door, company, monkeypatch):
    browser = Browser()
    address = browser.go()
    kept = dict(browser.cookies)
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda before=time.time: before() + 601)
        assert refused(browser.come_back(address), 400, AGAIN)
    browser.cookies = kept
    assert browser.come_back(address).status == 303


@pytest.mark.parametrize("forgets", [True, False])
def test_an_answer_opens_one_session_even_if_the_provider_would_answer_twice(door, company, forgets):
    company.forgets_codes = forgets
    browser = Browser()
    address = browser.go()
    kept = dict(browser.cookies)
    assert browser.come_back(address).status == 303
    for cookies in (dict(browser.cookies), kept, {**browser.cookies, **kept}):
        again = Browser(**cookies)
        again.cookies.pop("portal_session", None)
        assert refused(again.come_back(address), 400, AGAIN)
        assert again.token is None
    assert browser.is_in(), "and the one session goes on"


def test_a_code_of_another_errand_is_worth_nothing(door, company):
    """PKCE: a code that was seen on its way cannot be spent by another browser."""
    stolen = dict(parse_qsl(urlsplit(Browser().go()).query))["code"]
    thief = Browser()
    assert refused(thief.come_back(thief.go(), code=stolen), 400, AGAIN)
    assert not thief.is_in()


@pytest.mark.parametrize("error", ["access_denied", "login_required", "<script>alert(1)</script>"])
def test_a_no_of_the_provider_is_said_in_our_words(door, company, error):
    browser = Browser()
    state = dict(parse_qsl(urlsplit(browser.go()).query))["state"]
    said = {"state": state, "error": error, "error_description": SECRETS_OF_PROVIDER.decode()}
    answer = browser.get("/auth/oidc/callback", **said)
    assert refused(answer, 403, "You were not signed in")
    assert error.encode() not in answer.body
    assert company.token_requests == []


# --- a provider that is away, slow, or changes its keys


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration"])
def test_a_provider_that_is_away_is_said_to_be_before_anybody_leaves(door, company, path):
    company.broken = {path: 500}
    assert refused(Browser().get("/auth/oidc/start"), 503, DOWN)
    company.broken = {}
    assert signs_on().status == 303, "what failed is not remembered"


def test_a_provider_that_nobody_listens_for(door, configure):
    configure(PORTAL_OIDC_ISSUER="http://127.0.0.1:1")
    assert refused(Browser().get("/auth/oidc/start"), 503, DOWN)


@pytest.mark.parametrize(("path", "status"), [("/token", 500), ("/jwks", 500), ("/jwks", 404)])
def test_a_provider_that_breaks_on_the_way_back_is_said_to_be_away(door, company, path, status):
    browser = Browser()
    address = browser.go()
    company.broken = {path: status}
    assert refused(browser.come_back(address), 503, DOWN)
    company.broken = {}
    assert signs_on(browser).status == 303


def test_a_slow_provider_holds_nobody_longer_than_our_patience(door, company, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    company.goes_on.clear()
    try:
        assert refused(Browser().get("/auth/oidc/start"), 503, DOWN)
        assert not company.goes_on.is_set(), "it has not answered yet"
    finally:
        company.goes_on.set()


def test_a_secret_that_the_provider_does_not_know_is_for_the_operator(door, company, configure):
    configure(PORTAL_OIDC_CLIENT_SECRET="a wrong one")
    assert refused(signs_on(), 400, NOT_BELIEVED)


def test_new_keys_of_the_provider_count_at_once_and_old_ones_no_longer(door, company):
    assert signs_on().status == 303
    old, company.key = company.key, new_key("second")
    assert signs_on().status == 303, "a new name is asked for"
    forged = lambda _p, claims: signed(old, claims)  # noqa: E731
    company.sign = forged
    assert refused(signs_on(), 400, NOT_BELIEVED)


def test_a_withdrawn_key_is_believed_for_a_few_minutes_at_most(door, company, monkeypatch):
    assert signs_on().status == 303
    company.published = [new_key("second")]
    monkeypatch.setattr(asking, "BELIEVED_FOR", -1)
    assert refused(signs_on(), 400, NOT_BELIEVED)


def test_a_key_that_changes_under_the_same_name_is_found_by_the_next_try(door, company):
    assert signs_on().status == 303
    company.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
    assert refused(signs_on(), 400, NOT_BELIEVED)
    assert signs_on().status == 303


def test_its_metadata_is_not_asked_for_at_every_click(door, company):
    for _ in range(3):
        Browser().get("/auth/oidc/start")
    assert company.asked_for == ["/.well-known/openid-configuration"]


# --- off, alone, and out again


def test_off_there_is_no_such_address(door, monkeypatch):
    for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"PORTAL_OIDC_{name}")
    settings.cache_clear()
    for path in ("/auth/oidc/start", "/auth/oidc/callback", "/auth/oidc/signout"):
        assert Browser().get(path).status == 404


def test_where_staff_come_by_single_sign_on_alone_their_passwords_are_as_good_as_wrong(door, configure):
    for name in ("dee", "ana"):
        door.give_password(name)
    assert tries(DEE, PASSWORD)
    configure(PORTAL_OIDC_ONLY="1")
    assert not tries(DEE, PASSWORD)
    assert tries(CAST["ana"], PASSWORD), "customers have no other way"
    door.owner("delete from auth.throttle")


def test_signing_out_offers_the_way_out_at_the_provider_to_those_who_came_by_it(door, company):
    browser = Browser()
    signs_on(browser)
    assert "why=out-here" in (browser.get("/live/leave", "POST").header("location") or "")
    assert not browser.is_in()
    by_password = Browser(portal_session=door.signed_in("dee"))
    assert "why=out" in (by_password.get("/live/leave", "POST").header("location") or "").split("&")
    answer = browser.get("/auth/signout", next="/", why="out-here")
    assert answer.header("location") == "/?login=out-here"
    there = urlsplit(browser.get("/auth/oidc/signout").header("location") or "")
    assert there.path == "/end"
    assert parse_qs(there.query) == {"client_id": [CLIENT], "post_logout_redirect_uri": ["http://127.0.0.1:8501/"]}
    company.metadata = {"end_session_endpoint": None}
    provider.cache_clear()
    assert browser.get("/auth/oidc/signout").header("location") == "/"


@pytest.fixture
def fresh_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing but the pre-login cookie."""
    for what, held in (("browser", BROWSER), ("session_token", None), ("address", None)):
        monkeypatch.setattr(visitor, what, lambda held=held: held)


def at_the_door(next_path: str, notice: str = "") -> str:
    """What of the sign-in page is about single sign-on."""

    def script(next_path: str) -> None:
        from auth.sign_in import sign_in_page

        sign_in_page(next_path)

    app = AppTest.from_function(script, args=(next_path,), default_timeout=30)
    if notice:
        app.query_params["login"] = notice
    app.run()
    assert not app.exception
    return " ".join(element.value for element in app.get("html") if "/auth/oidc/" in element.value)


def test_the_sign_in_page_offers_it_where_it_is_on_and_nowhere_else(door, configure, fresh_browser, monkeypatch):
    assert "Sign in with single sign-on" in at_the_door("/queue")
    configure(PORTAL_OIDC_LABEL='Work<b>"force"')
    shown = at_the_door("/queue?status=open")
    assert "Sign in with Work&lt;b&gt;&quot;force&quot;" in shown
    assert "/auth/oidc/start?next=%2Fqueue%3Fstatus%3Dopen" in shown
    assert "next=%2F&quot;" not in shown and 'next=%2F"' in at_the_door("//evil.example")
    monkeypatch.delenv("PORTAL_OIDC_LABEL", raising=False)
    for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"PORTAL_OIDC_{name}", "")
    settings.cache_clear()
    assert at_the_door("/queue", "out-here") == ""


def test_the_way_out_is_offered_as_far_as_the_provider_is_known_to_have_one(door, company, fresh_browser):
    assert "/auth/oidc/signout" not in at_the_door("/", "out-here"), "nobody asked it yet, and nobody waits for it"
    Browser().get("/auth/oidc/start")
    assert "/auth/oidc/signout" in at_the_door("/", "out-here")
    assert "/auth/oidc/signout" not in at_the_door("/", "out")
