"""The second step of signing in: what a right password alone opens (nothing), what a code is worth, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.routing import Route
from streamlit.testing.v1 import AppTest

from auth import codes, sessions, visitor
from auth.directory import Candidate, Directory
from auth.half_way import Answer, Asker, Half, half_of, leave_half, pass_half, password_proven
from auth.keys import email_key
from auth.passwords import hash_password
from auth.sessions import hashed, new_token
from data.engines import auth_engine
from tests.asgi import ask
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import AN_ADDRESS, BROWSER, PASSWORD, Door, code_of, tries
from web.errors import exception_handlers
from web.routes import routes

ANA, ABEL = CAST["ana"], CAST["abel"]
ANOTHER_BROWSER = "C" * 43
PAPER = ("abcde-fghjk", "mnpqr-stuvw")
ASKER = Asker("Firefox/1", AN_ADDRESS)


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    """Ana has a second factor and two recovery codes, Abel has none; both have a password."""
    door, stored = Door(database), hash_password(PASSWORD)
    for name in ("ana", "abel"):
        door.give_password(name, stored=stored)
    for table in ("auth.throttle", "auth.session", "auth.sign_in_code", "auth.half_sign_in", "portal.mail"):
        door.owner(f"delete from {table}")
    door.owner("update auth.credential set changed_at = now() - interval '1 day'")
    yield door
    door.owner("delete from auth.second_factor")
    door.owner("update portal.person set disabled_at = null")


@pytest.fixture
def secret(door: Door) -> str:
    return door.give_factor("ana", *PAPER)


def begin(door: Door, name: str, browser: str = BROWSER) -> str | None:
    """Their password was right; the code for a session, where that is enough."""
    person = Candidate(door.person(name), name, None, "")
    return password_proven(auth_engine(), person, browser=browser, then_to="/tickets")


def half(browser: str = BROWSER) -> Half:
    found = half_of(auth_engine(), browser)
    assert found is not None
    return found


def second(door: Door, code: str, *, name: str = "ana", browser: str = BROWSER) -> Answer:
    """The whole of the second step, in a browser where nobody began yet."""
    begin(door, name, browser)
    return pass_half(auth_engine(), half(browser), code, then_to="/tickets", asker=ASKER)[0]


def failures(door: Door) -> int:
    return door.owner("select coalesce(max(failures), 0) from auth.throttle where key = :key", key=email_key(ANA))


# --- the password alone


def test_a_password_is_enough_for_whoever_has_no_second_factor(door, secret):
    assert begin(door, "abel") is not None
    assert half_of(auth_engine(), BROWSER) is None
    assert begin(door, "ana", ANOTHER_BROWSER) is None
    assert half(ANOTHER_BROWSER).email == ANA


def test_half_signed_in_opens_no_page_no_route_and_no_report(door, secret):
    begin(door, "ana")
    assert door.owner("select count(*) from auth.session") == 0
    assert door.owner("select count(*) from auth.sign_in_code") == 0
    paths = [route.path for route in routes if isinstance(route, Route) and "{" not in route.path]
    paths += ["/reports/tickets.xlsx", "/reports/access.xlsx", "/attachments/0d6e3a4e-0000-4000-8000-000000000000"]
    assert {"/auth/session", "/auth/signout", "/reports/tickets.xlsx"} <= set(paths)
    app = Starlette(routes=routes, exception_handlers=exception_handlers)
    kept = half_in_cookies()
    for path in paths:
        stranger = ask(app, path, headers={})
        for cookie in kept:
            answer = ask(app, path, headers={"cookie": cookie})
            assert answer.status == stranger.status, (path, cookie)
            assert answer.all("location") == stranger.all("location"), (path, cookie)
            assert not any("portal_session=" in line and "Max-Age=0" not in line for line in answer.all("set-cookie"))
    for token in (BROWSER, hashed(BROWSER).hex()):
        assert sessions.who(auth_engine(), token) is None
    code = {"code": BROWSER, "next": "/"}
    assert (
        sessions.redeem_code(auth_engine(), code["code"], browser=BROWSER, old_token=None, device="", address="")
        is None
    )


def half_in_cookies() -> tuple[str, ...]:
    """What a browser that is half signed in holds, also where it does not belong."""
    return f"portal_pre={BROWSER}", f"portal_pre={BROWSER}; portal_session={BROWSER}"


def test_the_database_gives_no_session_for_a_password_where_there_is_a_second_factor(door):
    early = begin(door, "ana")  # a moment before it was set up
    assert early is not None
    door.give_factor("ana")
    assert sessions.redeem_code(auth_engine(), early, browser=BROWSER, old_token=None, device="", address="") is None
    with pytest.raises(DBAPIError, match="second factor is missing"):
        sessions.issue_code(auth_engine(), door.person("ana"), browser=BROWSER, role=None, then_to="/")
    assert sessions.issue_code(auth_engine(), door.person("abel"), browser=BROWSER, role=None, then_to="/")


def test_a_session_that_came_to_be_without_the_code_is_worth_nothing(door, database):
    """However it got there: helpers answer it nothing, and the next look at it ends it."""
    tokens = {}
    for name, proof in (("ana", "password"), ("abel", "password"), ("vic", "code")):
        tokens[name] = new_token()
        begun = (
            "insert into auth.session (token_hash, person_id, expires_at, proved_by) "
            "values (:token, :person, now() + interval '1 hour', :proof)"
        )
        door.owner(begun, token=hashed(tokens[name]), person=door.person(name), proof=proof)
    assert me(database, tokens["ana"]) == door.person("ana")
    for name in ("ana", "vic"):
        door.give_factor(name)

    assert me(database, tokens["ana"]) is None
    assert me(database, tokens["abel"]) == door.person("abel")
    assert me(database, tokens["vic"]) == door.person("vic"), "showed a code"
    assert sessions.who(auth_engine(), tokens["ana"], is_activity=False) is None
    assert not door.owner("select revoked_at is null from auth.session where token_hash = :t", t=hashed(tokens["ana"]))
    assert door.is_alive(tokens["abel"])
    assert door.is_alive(tokens["vic"])


def me(database: Database, token: str) -> int | None:
    with database.app.begin() as connection:
        connection.execute(text("select set_config('portal.session', :token, true)"), {"token": token})
        return connection.scalar(text("select authz.me()"))


# --- the code


def test_a_code_lets_in_once_with_a_token_of_its_own(door, secret):
    begin(door, "ana")
    planted = door.signed_in("abel")
    answer, code = pass_half(auth_engine(), half(), code_of(secret), then_to="/tickets", asker=ASKER)
    assert answer is Answer.IN
    redeemed = sessions.redeem_code(auth_engine(), code, browser=BROWSER, old_token=planted, device="", address="")
    assert redeemed is not None
    token, then_to = redeemed
    assert then_to == "/tickets"
    assert token != planted
    assert not door.is_alive(planted), "whoever planted it gains nothing"
    assert door.owner("select proved_by from auth.session where token_hash = :t", t=hashed(token)) == "code"
    assert half_of(auth_engine(), BROWSER) is None
    assert sessions.redeem_code(auth_engine(), code, browser=BROWSER, old_token=None, device="", address="") is None


def test_a_code_works_once_whoever_saw_it(door, secret):
    code = code_of(secret)
    assert second(door, code) is Answer.IN
    assert second(door, code) is Answer.WRONG
    assert second(door, code, browser=ANOTHER_BROWSER) is Answer.WRONG
    assert second(door, code_of(secret, 1)) is Answer.IN, "the next one"


def test_the_code_before_counts_once_and_not_after_a_later_one(door, secret):
    before, now = code_of(secret, -1), code_of(secret)
    assert second(door, code_of(secret, -3)) is Answer.WRONG, "long ago"
    assert second(door, code_of(secret, 3)) is Answer.WRONG, "not yet"
    assert second(door, before) is Answer.IN
    assert second(door, before) is Answer.WRONG
    assert second(door, now) is Answer.IN
    assert second(door, before) is Answer.WRONG


def test_of_the_same_code_twice_at_once_one_lets_in(door, secret):
    browsers = [letter * 43 for letter in "DEFGHIJK"]
    for browser in browsers:
        begin(door, "ana", browser)
    code = code_of(secret)

    def go(browser: str) -> Answer:
        return pass_half(auth_engine(), half(browser), code, then_to="/", asker=ASKER)[0]

    with ThreadPoolExecutor(len(browsers)) as at_once:
        answers = list(at_once.map(go, browsers))
    assert answers.count(Answer.IN) == 1
    assert set(answers) <= {Answer.IN, Answer.WRONG, Answer.WAIT}


@pytest.mark.parametrize(
    "wrong",
    ["", "12345", "1234567", "0" * 100, "½½½½½½", "''; --", "abcde-fghjx", "ABCDE FGHJ", "null", "-1", "٠١٢٣٤٥"],
)
def test_what_is_no_code_of_theirs_is_wrong_and_counted(door, secret, wrong):
    assert second(door, wrong) is Answer.WRONG
    assert failures(door) == 1
    noted = "select actor_kind || action from portal.audit_entry where object_id = :ana order by id desc limit 1"
    ana = door.owner("select uuid::text from portal.person where email = :ana", ana=ANA)
    assert door.owner(noted, ana=ana) == "nobodysession.refused"


def test_the_code_of_somebody_else_is_none(door, secret):
    abels = door.give_factor("abel", "hjkmn-pqrst")
    assert second(door, code_of(abels)) is Answer.WRONG
    assert second(door, "hjkmn-pqrst") is Answer.WRONG
    assert second(door, code_of(abels), name="abel", browser=ANOTHER_BROWSER) is Answer.IN


# --- guessing


def test_wrong_codes_make_wait_and_a_right_one_does_not_help_meanwhile(door, secret):
    begin(door, "ana")
    for _guess in range(5):
        assert pass_half(auth_engine(), half(), "000000", then_to="/", asker=ASKER)[0] is Answer.WRONG
    door.owner(
        "update auth.throttle set blocked_until = now() + interval '15 minutes' where key = :k", k=email_key(ANA)
    )
    assert pass_half(auth_engine(), half(), code_of(secret), then_to="/", asker=ASKER)[0] is Answer.WAIT
    assert pass_half(auth_engine(), half(), PAPER[0], then_to="/", asker=ASKER)[0] is Answer.WAIT
    assert not tries(ANA, PASSWORD), "the same count as for passwords"
    door.owner("update auth.throttle set blocked_until = null")
    assert pass_half(auth_engine(), half(), code_of(secret), then_to="/", asker=ASKER)[0] is Answer.IN
    assert failures(door) == 0


def test_the_right_password_wipes_out_no_wrong_codes(door, secret):
    for _guess in range(3):
        second(door, "000000")
    assert tries(ANA, PASSWORD)
    assert failures(door) == 3
    Directory(auth_engine(), AN_ADDRESS)._count(ABEL, succeeded=False)
    assert tries(ABEL, PASSWORD)
    abels = "select failures from auth.throttle where key = :key"
    assert door.owner(abels, key=email_key(ABEL)) == 0, "without a second factor it does"


def test_guesses_at_once_are_counted_before_the_next_is_looked_at(door, secret):
    begin(door, "ana")
    door.owner("insert into auth.throttle (key, failures) values (:key, 12)", key=email_key(ANA))
    guesses = [*("000000",) * 12, *(code_of(secret),) * 4]

    def go(code: str) -> Answer:
        return pass_half(auth_engine(), here, code, then_to="/", asker=ASKER)[0]

    here = half()
    with ThreadPoolExecutor(16) as at_once:
        answers = list(at_once.map(go, guesses))
    assert answers.count(Answer.WRONG) <= 1, "the first makes everybody wait for minutes"
    assert answers.count(Answer.IN) <= 1
    assert answers.count(Answer.WAIT) + answers.count(Answer.OVER) >= 14


# --- recovery codes


@pytest.mark.parametrize("typed", [PAPER[0], PAPER[0].upper(), " abcde fghjk ", "ａbcdefghjk"])
def test_a_recovery_code_works_once_and_is_told_by_mail(door, secret, typed):
    assert second(door, typed) is Answer.IN
    assert second(door, typed) is Answer.WRONG
    assert second(door, PAPER[1]) is Answer.IN
    told = "select array_agg(kind || ' ' || (context ->> 'what') || ' ' || (context ->> 'address')) from portal.mail"
    assert door.owner(told) == [f"factor_changed recovery {AN_ADDRESS}"] * 2
    assert "abcde" not in str(door.owner("select string_agg(m::text, ' ') from portal.mail m"))
    assert "abcde" not in str(door.owner("select string_agg(e::text, ' ') from portal.audit_entry e"))


def test_of_the_same_recovery_code_twice_at_once_one_lets_in(door, secret):
    browsers = [letter * 43 for letter in "DEFG"]
    for browser in browsers:
        begin(door, "ana", browser)

    def go(browser: str) -> Answer:
        return pass_half(auth_engine(), half(browser), PAPER[0], then_to="/", asker=ASKER)[0]

    with ThreadPoolExecutor(len(browsers)) as at_once:
        assert list(at_once.map(go, browsers)).count(Answer.IN) == 1


# --- what is kept


def test_a_copy_of_the_database_makes_no_codes(door, secret):
    kept = door.owner("select f::text from auth.second_factor f where person_id = :ana", ana=door.person("ana"))
    assert secret not in kept
    assert secret.encode().hex() not in kept
    assert not any(paper in kept or paper.replace("-", "") in kept for paper in PAPER)
    sealed = door.owner("select secret from auth.second_factor where person_id = :ana", ana=door.person("ana"))
    assert codes.opened(sealed, door.person("ana")) == secret
    assert codes.opened(sealed, door.person("abel")) is None, "moved to another person's row it opens nothing"
    assert codes.opened(sealed[:-1] + bytes([sealed[-1] ^ 1]), door.person("ana")) is None
    assert codes.sealed(secret, door.person("ana")) != sealed


def test_another_portal_secret_opens_nothing(door, secret, monkeypatch):
    monkeypatch.setattr("auth.keys._secret", lambda: b"another one")
    assert second(door, code_of(secret)) is Answer.WRONG


# --- the half itself


@pytest.mark.parametrize(
    "ends",
    [
        "update auth.half_sign_in set expires_at = now()",
        "update auth.credential set changed_at = now() + interval '1 second'",
        "delete from auth.credential where person_id = :ana",
        "update portal.person set disabled_at = now() where id = :ana and :ana > 0",
    ],
)
def test_half_signed_in_ends_with_its_time_the_password_and_the_person(door, secret, ends):
    begin(door, "ana")
    known = half()
    door.owner(ends, **({"ana": door.person("ana")} if ":ana" in ends else {}))
    assert half_of(auth_engine(), BROWSER) is None
    assert pass_half(auth_engine(), known, code_of(secret), then_to="/", asker=ASKER)[0] is Answer.OVER
    assert door.owner("select count(*) from auth.sign_in_code") == 0


def test_it_lasts_five_minutes_and_the_worker_forgets_it(door, secret):
    begin(door, "ana")
    assert door.owner("select extract(epoch from expires_at - began_at) from auth.half_sign_in") == 300
    door.owner("update auth.half_sign_in set expires_at = now() - interval '1 second'")
    door.owner("select authz.forget_signing_in()")
    assert door.owner("select count(*) from auth.half_sign_in") == 0


def test_it_belongs_to_the_browser_and_to_the_last_who_began_there(door, secret):
    begin(door, "ana")
    anas = half()
    assert half_of(auth_engine(), ANOTHER_BROWSER) is None
    abels = door.give_factor("abel")
    begin(door, "abel")
    assert pass_half(auth_engine(), anas, code_of(secret), then_to="/", asker=ASKER)[0] is Answer.OVER
    assert pass_half(auth_engine(), anas, code_of(abels), then_to="/", asker=ASKER)[0] is Answer.OVER
    assert half().email == ABEL
    leave_half(auth_engine(), BROWSER)
    assert half_of(auth_engine(), BROWSER) is None


def test_who_shares_the_cookie_of_whoever_signs_in_has_nothing_of_it(door, secret):
    """A pre-login cookie that somebody planted: they see that a code is asked for, and after it nothing."""
    begin(door, "ana")
    planted = half()
    answer, _code = pass_half(auth_engine(), half(), code_of(secret), then_to="/", asker=ASKER)
    assert answer is Answer.IN
    assert half_of(auth_engine(), BROWSER) is None
    assert pass_half(auth_engine(), planted, code_of(secret), then_to="/", asker=ASKER)[0] is Answer.OVER


# --- the page


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(visitor, "browser", lambda: BROWSER)
    monkeypatch.setattr(visitor, "session_token", lambda: None)
    monkeypatch.setattr(visitor, "address", lambda: AN_ADDRESS)

    def script() -> None:
        from auth.sign_in import sign_in_page

        sign_in_page("/tickets?status=open")

    return AppTest.from_function(script, default_timeout=30).run()


def leading(app: AppTest) -> list[str]:
    return [m.value for m in app.markdown if 'http-equiv="refresh"' in m.value]


def test_after_the_password_the_code_is_asked_for_and_leads_to_the_page_that_was_asked_for(door, secret, page):
    page.text_input[0].input(ANA)
    page.text_input[1].input(PASSWORD)
    page.button[0].click().run()
    assert not leading(page)
    assert [field.label for field in page.text_input] == ["Code"]
    assert ANA in [shown.value for shown in page.text]
    page.text_input[0].input("000000")
    page.button[0].click().run()
    assert "not correct" in page.error[0].value
    assert not leading(page)
    page.text_input[0].input(code_of(secret))
    page.button[0].click().run()
    (to,) = leading(page)
    assert "url=/auth/session?code=" in to
    assert "next=%2Ftickets%3Fstatus%3Dopen" in to
    assert not page.exception


def test_loading_the_page_again_asks_for_the_code_still_and_one_may_begin_as_somebody_else(door, secret, page):
    begin(door, "ana")
    page.run()
    assert [field.label for field in page.text_input] == ["Code"]
    assert not any("Forgot" in html.value for html in page.get("html") if hasattr(html, "value"))
    page.button[1].click().run()
    assert [field.label for field in page.text_input] == ["E-mail", "Password"]
    assert half_of(auth_engine(), BROWSER) is None


def test_a_wrong_password_does_not_tell_who_has_a_second_factor(door, secret, page):
    said = []
    for email in (ANA, ABEL, "nobody@acme.example"):
        page.text_input[0].input(email)
        page.text_input[1].input("a wrong password")
        page.button[0].click().run()
        said.append([error.value for error in page.error])
        assert [field.label for field in page.text_input] == ["E-mail", "Password"]
    assert said[0] == said[1] == said[2]
