"""Sessions: how a proven password becomes a cookie, how long it lasts, and what ends it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from threading import Barrier
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from auth import cookies, presence, sessions, visitor
from auth.next_page import safe_next, with_notice
from auth.sessions import hashed
from data.engines import auth_engine
from data.live import News
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import AN_ADDRESS, BROWSER, Door, settings_for
from web import session as routes

APP = Starlette(routes=routes.routes)


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database)


class Browser:
    """Keeps cookies and follows nothing by itself."""

    def __init__(self, **held: str) -> None:
        self.cookies = {"portal_pre": BROWSER, **held}

    def get(self, path: str, **query: str) -> Answer:
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = ask(APP, path, query=urlencode(query), headers={"cookie": said, "user-agent": "Firefox"})
        for line in answer.all("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer


def code_for(door: Door, name: str, *, then_to: str = "/", browser: str = BROWSER) -> str:
    return sessions.issue_code(auth_engine(), door.person(name), browser=browser, role=None, then_to=then_to)


def redeem(code: str, *, browser: str = BROWSER) -> tuple[str, str] | None:
    return sessions.redeem_code(auth_engine(), code, browser=browser, old_token=None, device="test", address=AN_ADDRESS)


# --- one code, one session


def test_a_code_opens_one_session_however_many_ask_at_once(door):
    code, together = code_for(door, "ana"), Barrier(8)

    def ask_for_it(_number: int) -> tuple[str, str] | None:
        together.wait()
        return redeem(code)

    with ThreadPoolExecutor(8) as at_once:
        opened = [session for session in at_once.map(ask_for_it, range(8)) if session]
    assert len(opened) == 1
    assert door.is_alive(opened[0][0])
    assert redeem(code) is None


def test_a_code_is_worth_nothing_in_another_browser(door):
    code = code_for(door, "ana")
    assert redeem(code, browser="C" * 43) is None
    assert redeem(code, browser="") is None
    assert redeem(code) is not None, "asking from elsewhere has not used it up"


def test_the_route_asks_which_browser_it_is(door):
    elsewhere = Browser(portal_pre="C" * 43)
    elsewhere.get("/auth/session", code=(code := code_for(door, "ana")))
    assert "portal_session" not in elsewhere.cookies

    here = Browser()
    here.get("/auth/session", code=code)
    assert door.is_alive(here.cookies["portal_session"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "update portal.person set disabled_at = now() where id = :person",
            "update portal.person set disabled_at = null where id = :person",
        ),
        (
            "delete from portal.staff_member where person_id = :person",
            "insert into portal.staff_member (person_id, role) values (:person, 'service_desk')",
        ),
    ],
    ids=["disabled", "without the role"],
)
def test_who_was_shut_out_before_the_code_was_used_is_not_signed_in_once_they_are_back(door, before, after):
    dee = door.person("dee")
    code = sessions.issue_code(auth_engine(), dee, browser=BROWSER, role="service_desk", then_to="/")
    door.owner(before, person=dee)
    assert redeem(code) is None
    door.owner(after, person=dee)
    assert redeem(code) is None
    again = sessions.issue_code(auth_engine(), dee, browser=BROWSER, role="service_desk", then_to="/")
    assert redeem(again) is not None


def test_a_session_of_a_role_that_was_taken_away_works_as_nothing_else(door):
    """Whoever could name their other role in it, or change the password, would go on in a session that is over."""
    dee, fresh = door.person("dee"), sessions.new_token()
    token = door.signed_in("dee")
    door.owner("insert into portal.staff_member (person_id, role) values (:person, 'finance')", person=dee)
    door.owner("delete from portal.staff_member where person_id = :person and role = 'service_desk'", person=dee)
    taking = text("select signin.work_as(:token, 'finance', :fresh, '')")
    with auth_engine().begin() as connection:
        said = {"token": sessions.hashed(token), "fresh": sessions.hashed(fresh)}
        assert connection.scalar(taking, said) is False
    assert not door.is_alive(token) and not door.is_alive(fresh)
    door.owner("insert into portal.staff_member (person_id, role) values (:person, 'service_desk')", person=dee)
    door.owner("delete from portal.staff_member where person_id = :person and role = 'finance'", person=dee)


def test_a_code_is_worth_nothing_after_45_seconds(door):
    code = code_for(door, "ana")
    lasting = "select extract(epoch from expires_at - now()) from auth.sign_in_code where code_hash = :code"
    assert 40 < door.owner(lasting, code=hashed(code)) <= 45

    door.owner("update auth.sign_in_code set expires_at = now() where code_hash = :code", code=hashed(code))
    assert redeem(code) is None


def test_the_database_keeps_neither_code_nor_token(door):
    code = code_for(door, "ana")
    token, _ = redeem(code) or ("", "")
    for table in ("sign_in_code", "session"):
        for secret in (code, token):
            found = f"select count(*) from auth.{table} t where t::text like :secret"
            assert door.owner(found, secret=f"%{secret}%") == 0


# --- the cookie


@pytest.mark.parametrize(
    ("base_url", "name", "secure"),
    [("http://127.0.0.1:8501", "portal_session", False), ("https://portal.example", "__Host-portal_session", True)],
)
def test_the_cookie_is_for_this_portal_alone(door, database, tmp_path, base_url, name, secure):
    with settings_for(database, tmp_path, base_url):
        held = Browser(**{cookies.pre_login_cookie(): BROWSER})
        answer = held.get("/auth/session", code=code_for(door, "ana", then_to="/tickets?status=open"))

    assert (answer.status, answer.header("location")) == (303, "/tickets?status=open")
    assert answer.header("cache-control") == "no-store"
    set_session, delete_pre_login, follow_device = answer.all("set-cookie")
    flags = {part.strip().lower() for part in set_session.partition(";")[2].split(";")}
    assert flags == {"httponly", "path=/", "samesite=lax"} | ({"secure"} if secure else set())
    assert set_session.startswith(f"{name}=")
    assert delete_pre_login.startswith('__Host-portal_pre=""' if secure else 'portal_pre=""')
    assert "Max-Age=0" in delete_pre_login
    assert ("Secure" in delete_pre_login) is secure, "a __Host- cookie is deleted by a secure answer only"
    assert "theme" in follow_device and "Max-Age=0" in follow_device, "Ana chose neither light nor dark"


def test_who_signed_in_and_out_stands_in_the_audit_log(door):
    token = door.signed_in("ana")
    sessions.end(auth_engine(), token)
    last = "select string_agg(action, ' ' order by id) from portal.audit_entry where actor_name = 'Ana Acme'"
    assert door.owner(last).endswith("session.start session.end")
    where = "select address from portal.audit_entry where actor_name = 'Ana Acme' and action = 'session.start'"
    assert door.owner(f"{where} order by id desc limit 1") == AN_ADDRESS


def test_signing_in_again_ends_the_session_before(door):
    browser = Browser(portal_session=(before := door.signed_in("ana")))
    browser.get("/auth/session", code=code_for(door, "ana"))

    assert browser.cookies["portal_session"] != before
    assert door.is_alive(browser.cookies["portal_session"])
    assert not door.is_alive(before)


def test_a_planted_cookie_does_not_become_the_session(door):
    browser = Browser(portal_session="planted-by-somebody-else")
    browser.get("/auth/session", code=code_for(door, "ana"))

    assert browser.cookies["portal_session"] != "planted-by-somebody-else"
    assert not door.is_alive("planted-by-somebody-else")


def test_a_late_code_leads_back_to_the_form_and_keeps_the_page(door):
    answer = Browser().get("/auth/session", code="late", next="/tickets?status=open")

    assert (answer.status, answer.header("location")) == (303, "/tickets?status=open&login=expired")
    assert not answer.all("set-cookie")


def test_the_second_of_two_clicks_goes_on_as_the_first(door):
    browser, code = Browser(), code_for(door, "ana", then_to="/tickets")
    first = browser.get("/auth/session", code=code, next="/tickets")
    second = browser.get("/auth/session", code=code, next="/tickets")
    assert first.header("location") == second.header("location") == "/tickets"
    assert door.is_alive(browser.cookies["portal_session"])


# --- where to go


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example/",
        "https:evil.example", "javascript:alert(1)", "evil.example", "/\t/evil.example", "/\n/evil.example",
        "\t//evil.example", "/%5Cevil.example", "/%2F/evil.example", "/%2Fevil.example", "/.//evil.example",
        "/x/..//evil.example", "/%09/evil.example", "/\u2028/evil.example", "/auth/signout", "/auth",
        "/%61uth/signout", "/x/../auth/signout", "/./auth/session", "/%2e/auth/session", "", None, "/" + "a" * 3000,
        "?x=1", "#x", " /tickets",
    ],
)  # fmt: skip
def test_signing_in_never_leads_away_from_the_portal(address):
    assert safe_next(address) == "/"
    assert with_notice(address, routes.Notice.EXPIRED) == "/?login=expired"


@pytest.mark.parametrize(
    "address",
    ["/", "/tickets", "/tickets?status=open&q=a+b", "/invoices?due_from=2026-10-01&q=%ED%95%9C", "/authors", "/한글"],
)
def test_a_page_of_ours_is_kept_with_its_filters(address):
    assert safe_next(address) == address


def test_a_notice_is_no_part_of_the_page_that_was_asked_for():
    assert safe_next("/tickets?login=expired&status=open#x") == "/tickets?status=open"
    assert with_notice("/tickets?login=ended", routes.Notice.EXPIRED) == "/tickets?login=expired"


def test_the_route_trusts_a_stored_address_no_more_than_a_typed_one(door):
    code = code_for(door, "ana", then_to="//evil.example")
    assert Browser().get("/auth/session", code=code).header("location") == "/"


# --- signing out


def test_a_planted_link_signs_nobody_out(door):
    browser = Browser(portal_session=(token := door.signed_in("ana")))
    answer = browser.get("/auth/signout", next="/tickets")

    assert answer.header("location") == "/tickets"
    assert not answer.all("set-cookie")
    assert door.is_alive(token)


def test_a_dead_cookie_is_deleted_and_the_form_says_why(door):
    browser = Browser(portal_session=(token := door.signed_in("ana")))
    sessions.end(auth_engine(), token)
    answer = browser.get("/auth/signout", next="/tickets?status=open", why="ended")

    assert answer.header("location") == "/tickets?status=open&login=ended"
    assert "portal_session" not in browser.cookies
    assert answer.header("cache-control") == "no-store"
    again = browser.get("/auth/signout", next="//evil.example", why="<script>")
    assert again.header("location") == "/?login=ended"


def test_signing_out_here_leaves_the_other_browser_and_everywhere_does_not(door):
    here, there, somebody_else = door.signed_in("ana"), door.signed_in("ana"), door.signed_in("abel")
    sessions.end(auth_engine(), here)
    assert not door.is_alive(here)
    assert door.is_alive(there)

    here = door.signed_in("ana")
    assert sessions.end_all(auth_engine(), here) >= 2
    assert not door.is_alive(here)
    assert not door.is_alive(there)
    assert door.is_alive(somebody_else)


# --- how long it lasts


def test_a_session_ends_after_30_idle_minutes(door):
    token = door.signed_in("ana")
    door.move(token, last_seen="now() - interval '29 minutes'")
    assert door.is_alive(token)
    door.move(token, last_seen="now() - interval '30 minutes 1 second'")
    assert not door.is_alive(token)
    assert sessions.who(auth_engine(), token) is None, "trying again brings nothing back"


def test_a_session_ends_after_12_hours_however_busy(door):
    token = door.signed_in("ana")
    lasting = "select extract(epoch from expires_at - created_at) from auth.session where token_hash = :t"
    assert door.owner(lasting, t=hashed(token)) == 12 * 3600
    door.move(token, expires_at="now()", last_seen="now()")
    assert not door.is_alive(token)


def test_what_somebody_does_counts_as_activity_and_an_open_tab_does_not(door):
    token = door.signed_in("ana")
    idle = "select extract(epoch from now() - last_seen) from auth.session where token_hash = :t"
    door.move(token, last_seen="now() - interval '20 minutes'")

    sessions.who(auth_engine(), token, is_activity=False)
    assert door.owner(idle, t=hashed(token)) >= 1200
    sessions.who(auth_engine(), token)
    assert door.owner(idle, t=hashed(token)) < 60


def test_a_disabled_person_is_out_with_the_next_question(door):
    token = door.signed_in("vic")
    door.owner("update portal.person set disabled_at = now() where id = :p", p=door.person("vic"))
    assert not door.is_alive(token)
    door.owner("update portal.person set disabled_at = null where id = :p", p=door.person("vic"))


@pytest.mark.parametrize("token", ["", "invented", "x" * 10_000, "\x00", "한글"])
def test_an_invented_token_is_nobody(door, token):
    assert not door.is_alive(token)


def test_the_gate_of_files_closes_with_the_session(door):
    import asyncio

    token = door.signed_in("ana")
    assert asyncio.run(routes.is_signed_in(token))
    sessions.end(auth_engine(), token)
    assert not asyncio.run(routes.is_signed_in(token))


# --- an open tab that asks by itself


@pytest.fixture
def tab(door, monkeypatch) -> str:
    """Ana's tab, right after a run: its token."""
    token = door.signed_in("ana")
    monkeypatch.setattr(visitor, "session_token", lambda: token)
    monkeypatch.setattr(presence.st, "session_state", {})
    monkeypatch.setattr(presence, "news", News())
    assert presence.current()
    return token


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """How often the database was asked who somebody is."""
    times: list[str] = []
    who = sessions.who
    monkeypatch.setattr(presence.sessions, "who", lambda *given, **more: times.append("who") or who(*given, **more))
    return times


def test_an_open_tab_asks_the_database_only_now_and_then(tab, asked, monkeypatch):
    for _ in range(5):
        assert presence.present(tab)
    assert asked == []
    monkeypatch.setattr(presence, "ASK_AFTER", 0)
    assert presence.present(tab)
    assert asked == ["who"]


def test_an_open_tab_hears_that_its_session_ended_without_asking(tab, asked):
    presence.news.hear("S" + hashed("somebody else's").hex())
    assert presence.present(tab)
    presence.news.hear("S" + hashed(tab).hex())
    assert presence.present(tab) is None
    assert asked == []


def test_an_open_tab_finds_out_by_itself_when_the_news_was_lost(tab, monkeypatch):
    sessions.end(auth_engine(), tab)
    monkeypatch.setattr(presence, "ASK_AFTER", 0)
    assert presence.present(tab) is None
    monkeypatch.undo()
    assert presence.present(tab) is None, "what was known of it is forgotten"


def test_an_open_tab_keeps_nobody_signed_in(tab, door, monkeypatch):
    door.move(tab, last_seen="now() - interval '26 minutes'")
    monkeypatch.setattr(presence, "ASK_AFTER", 0)
    known = presence.present(tab)
    assert known is not None
    assert known.idle.total_seconds() >= 26 * 60
    assert idle_seconds(door, tab) >= 26 * 60
    assert presence.stay(tab)
    assert idle_seconds(door, tab) < 60


def test_only_the_latest_tabs_are_remembered(door):
    few = presence.Presences(most=2)
    signed = sessions.who(auth_engine(), door.signed_in("ana"))
    for name in (b"first", b"second", b"third"):
        few.note(name, signed)
    assert few.get(b"first") is None
    assert few.get(b"second") and few.get(b"third")


def test_a_dead_connection_is_replaced_before_anybody_notices(tab, door):
    """As after a restart of the database: what waited in the pool leads nowhere."""
    for is_alive in (True, False):
        with auth_engine().begin() as connection:
            others = "from pg_stat_activity where usename = current_user and pid <> pg_backend_pid()"
            assert connection.scalar(text(f"select bool_or(pg_terminate_backend(pid)) {others}"))
        if not is_alive:
            sessions.end(auth_engine(), tab)
        assert (presence.current() is not None) is is_alive, "asked anew, not remembered"


def idle_seconds(door, token: str) -> float:
    return door.owner(
        "select extract(epoch from now() - last_seen) from auth.session where token_hash = :t", t=hashed(token)
    )


def test_a_tab_that_comes_back_as_somebody_else_has_forgotten_the_one_before(door, monkeypatch):
    monkeypatch.setattr(presence.st, "session_state", state := {})
    ana, abel = door.signed_in("ana"), door.signed_in("abel")
    monkeypatch.setattr(visitor, "session_token", lambda: ana)
    presence.current()
    state["draft"] = "what Ana was writing"
    presence.current()
    assert state["draft"] == "what Ana was writing"

    monkeypatch.setattr(visitor, "session_token", lambda: abel)
    presence.current()
    assert "draft" not in state


# --- the language before anybody is known


def test_a_language_is_remembered_and_leads_back(door):
    browser = Browser()
    answer = browser.get("/auth/language", to="ko", next="/tickets?status=open")
    assert answer.header("location") == "/tickets?status=open"
    assert browser.cookies["portal_language"] == "ko"
    assert "Max-Age=31536000" in answer.all("set-cookie")[0]


# --- light or dark


def test_what_somebody_chose_is_worn_from_the_first_page_on_and_taken_away_with_the_next_one(door):
    door.owner("update portal.person set theme = 'dark' where email = :ana", ana=CAST["ana"])
    try:
        browser = Browser()
        browser.get("/auth/session", code=code_for(door, "ana"))
        assert browser.cookies.pop("portal_theme") == "dark"
        answer = browser.get("/auth/theme", next="/settings", to="light", theme="light")
        assert answer.header("location") == "/settings"
        (worn,) = answer.all("set-cookie")
        assert worn.startswith("portal_theme=dark;") and "HttpOnly" not in worn
        assert browser.cookies["portal_theme"] == "dark"
        browser.cookies[cookies.session_cookie()] = door.signed_in("bea")
        (gone,) = browser.get("/auth/theme", next="//evil.example").all("set-cookie")
        assert gone.startswith('portal_theme="";') and "Max-Age=0" in gone
        for stranger in ("", "guess"):
            browser.cookies[cookies.session_cookie()] = stranger
            answer = browser.get("/auth/theme", next="//evil.example")
            assert answer.header("location") == "/" and not answer.all("set-cookie")
    finally:
        door.owner("update portal.person set theme = null")


@pytest.mark.parametrize("language", ["xx", "../en", "", "ko;Domain=evil.example"])
def test_a_language_we_do_not_speak_is_not_remembered(door, language):
    answer = Browser().get("/auth/language", to=language, next="//evil.example")
    assert answer.header("location") == "/"
    assert not answer.all("set-cookie")
