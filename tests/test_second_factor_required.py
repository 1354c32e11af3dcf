"""Who must have a second factor: staff with a password, and whoever runs an account that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from threading import Barrier

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from streamlit.testing.v1 import AppTest

from auth import codes, visitor
from auth.directory import Candidate
from auth.half_way import Answer, Asker, Half, begin_in_half, half_of, pass_half, password_proven, set_up_in_half
from auth.passwords import hash_password
from auth.second_factor import factor_of
from auth.sessions import hashed, issue_code, redeem_code
from data.commands import execute
from data.engines import app_engine, auth_engine
from data.instance import Kind, staff_must_have_factor
from data.opening import Opened
from data.own_factor import RequireSecondFactor, is_required
from data.settings import Settings, settings
from operate import user as commands
from rules.errors import Forbidden, Invalid, NotFound, NotProven
from rules.principal import Principal
from rules.sign_in import Proof
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import AN_ADDRESS, BROWSER, PASSWORD, Door, code_of, principal_of

ASKER = Asker("Firefox/1", AN_ADDRESS)
ANOTHER_BROWSER = "C" * 43


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    door, stored = Door(database), hash_password(PASSWORD)
    for name in ("ana", "abel", "bea", "dee"):
        door.give_password(name, stored=stored)
    for table in ("auth.throttle", "auth.session", "auth.sign_in_code", "auth.half_sign_in", "portal.mail"):
        door.owner(f"delete from {table}")
    door.owner("update auth.credential set changed_at = now() - interval '1 day'")
    yield door
    door.owner("delete from auth.second_factor")
    door.owner("update portal.account set second_factor_for_paa = false")
    door.owner("delete from portal.instance where key = 'kind'")


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bool | None], None]]:
    """`says(None)`: what the operator's setting is in this test."""

    def said(word: bool | None) -> None:
        monkeypatch.delenv("PORTAL_STAFF_SECOND_FACTOR", raising=False)
        if word is not None:
            monkeypatch.setenv("PORTAL_STAFF_SECOND_FACTOR", str(int(word)))
        settings.cache_clear()

    yield said
    monkeypatch.undo()
    settings.cache_clear()


def begin(door: Door, name: str, browser: str = BROWSER) -> str | None:
    role = "service_desk" if name == "dee" else None
    person = Candidate(door.person(name), name, role, "")
    return password_proven(auth_engine(), person, browser=browser, then_to="/queue")


def half(browser: str = BROWSER) -> Half:
    found = half_of(auth_engine(), browser)
    assert found is not None
    return found


# --- staff


def test_staff_need_one_unless_the_operator_says_otherwise_or_it_is_a_demo(door, says):
    for word, kind, is_in in (
        (None, None, False),
        (None, "real", False),
        (None, "demo", True),
        (True, "demo", False),
        (False, "real", True),
        (False, None, True),
    ):
        says(word)
        door.owner("delete from portal.instance where key = 'kind'")
        if kind:
            door.owner("insert into portal.instance (key, value) values ('kind', :kind)", kind=kind)
        assert (begin(door, "dee") is not None) is is_in, (word, kind)
        assert begin(door, "abel") is not None, "customers are not asked"
        if kind:
            assert staff_must_have_factor(settings(), Kind(kind)) is not is_in, "as ./portal run tells it"


def test_the_setting_is_what_its_variable_says(monkeypatch):
    for word, means in (("1", True), ("0", False), ("", None)):
        monkeypatch.setenv("PORTAL_STAFF_SECOND_FACTOR", word)
        assert Settings().staff_second_factor is means


def test_a_session_that_staff_began_with_the_password_alone_ends_once_it_is_required(door, says):
    token, customer = door.signed_in("dee"), door.signed_in("abel")
    begun_elsewhere = issue_code(
        auth_engine(), door.person("dee"), browser=BROWSER, role="service_desk", then_to="/", proved_by=Proof.OIDC
    )
    redeemed = redeem_code(auth_engine(), begun_elsewhere, browser=BROWSER, old_token=None, device="", address="")
    assert redeemed is not None
    assert door.is_alive(token)
    says(True)
    assert not door.is_alive(token)
    assert door.is_alive(redeemed[0]), "the company's own sign-on asked for all factors"
    assert door.is_alive(customer)
    says(False)
    assert not door.is_alive(token), "it was ended, not hidden"


def test_whoever_has_none_sets_it_up_before_there_is_any_session(door, says):
    says(True)
    assert begin(door, "dee") is None
    assert half().secret is None
    secret = begin_in_half(auth_engine(), half())
    assert secret is not None
    assert begin_in_half(auth_engine(), half()) == secret, "the same when the page is loaded again"
    with pytest.raises(AssertionError):
        pass_half(auth_engine(), half(), "000000", then_to="/", asker=ASKER)
    answer, code, recovery = set_up_in_half(auth_engine(), half(), "000000", then_to="/queue", asker=ASKER)
    assert (answer, code, recovery) == (Answer.WRONG, "", ())
    assert door.owner("select count(*) from auth.second_factor") == 0
    assert door.owner("select count(*) from auth.session") == 0

    known = half()
    answer, code, recovery = set_up_in_half(auth_engine(), known, code_of(secret), then_to="/queue", asker=ASKER)
    assert answer is Answer.IN
    assert len(recovery) == 10
    assert half_of(auth_engine(), BROWSER) is None
    again = set_up_in_half(auth_engine(), known, code_of(secret, 1), then_to="/queue", asker=ASKER)
    assert again[0] is Answer.OVER
    elsewhere = redeem_code(auth_engine(), code, browser=ANOTHER_BROWSER, old_token=None, device="", address="")
    assert elsewhere is None, "in this browser alone"
    redeemed = redeem_code(auth_engine(), code, browser=BROWSER, old_token=None, device="", address="")
    assert redeemed is not None
    assert redeemed[1] == "/queue"
    assert factor_of(auth_engine(), principal_of(redeemed[0])).recovery_left == 10
    assert door.owner("select context ->> 'what' from portal.mail") == "set_up"
    leaked = door.owner("select string_agg(m::text, ' ') from portal.mail m")
    assert not any(word in leaked for word in (secret, *recovery))


def test_setting_it_up_before_signing_in_replaces_nobodys(door, says):
    """Two browsers know the password; once one has set it up, the other is asked for its codes."""
    says(True)
    begin(door, "dee")
    begin(door, "dee", ANOTHER_BROWSER)
    first, second = half(), half(ANOTHER_BROWSER)
    secrets = [begin_in_half(auth_engine(), each) for each in (first, second)]
    assert secrets[0] != secrets[1], "neither sees the other's"
    assert set_up_in_half(auth_engine(), first, code_of(secrets[0]), then_to="/", asker=ASKER)[0] is Answer.IN
    assert set_up_in_half(auth_engine(), second, code_of(secrets[1]), then_to="/", asker=ASKER)[0] is Answer.OVER
    assert begin_in_half(auth_engine(), second) is None
    asked = half(ANOTHER_BROWSER)
    assert asked.secret is not None
    assert pass_half(auth_engine(), asked, code_of(secrets[1]), then_to="/", asker=ASKER)[0] is Answer.WRONG
    assert pass_half(auth_engine(), asked, code_of(secrets[0], 1), then_to="/", asker=ASKER)[0] is Answer.IN


def test_of_two_who_set_it_up_at_once_one_does(door, says):
    """A browser that comes a moment later replaces nothing: its codes open nothing."""
    says(True)
    for _round in range(4):
        door.owner("delete from auth.second_factor")
        browsers = [letter * 43 for letter in "DEFG"]
        for browser in browsers:
            begin(door, "dee", browser)
        halves = [half(browser) for browser in browsers]
        secrets = [str(begin_in_half(auth_engine(), each)) for each in halves]
        ready = Barrier(len(halves))

        def go(each: Half, secret: str, ready: Barrier = ready) -> Answer:
            typed = code_of(secret)
            ready.wait()
            return set_up_in_half(auth_engine(), each, typed, then_to="/", asker=ASKER)[0]

        with ThreadPoolExecutor(len(halves)) as at_once:
            answers = list(at_once.map(go, halves, secrets))
        assert sorted(answers) == [Answer.IN, *[Answer.OVER] * 3]
        kept = door.owner("select secret from auth.second_factor")
        assert codes.opened(kept, door.person("dee")) == secrets[answers.index(Answer.IN)]
        assert door.owner("select count(*) from auth.sign_in_code where used_at is null and proved_by = 'code'") == 1
        door.owner("delete from auth.sign_in_code")


def test_before_it_is_set_up_the_page_offers_that_and_nothing_else(door, says, monkeypatch):
    says(True)
    begin(door, "dee")
    monkeypatch.setattr(visitor, "browser", lambda: BROWSER)
    monkeypatch.setattr(visitor, "session_token", lambda: None)
    monkeypatch.setattr(visitor, "address", lambda: AN_ADDRESS)
    app = AppTest.from_file("../shell/main.py", default_timeout=60).run()
    assert not app.exception
    assert [field.label for field in app.text_input] == ["Code"]
    assert [button.label for button in app.button] == ["Go on", "Sign in as somebody else"]
    secret = begin_in_half(auth_engine(), half())
    assert secret is not None
    assert app.code[0].value.replace(" ", "") == secret
    app.text_input[0].input(code_of(secret))
    app.button[0].click().run()
    assert len(app.code[0].value.split()) == 10
    assert [button.label for button in app.button] == ["I have kept them: sign in"]
    assert not leading(app)
    app.button[0].click().run()
    assert "url=/auth/session?code=" in leading(app)[0]
    assert "Queue" not in str(app)


def leading(app: AppTest) -> list[str]:
    return [m.value for m in app.markdown if 'http-equiv="refresh"' in m.value]


# --- whoever runs an account


@pytest.mark.parametrize("account", ["ACME", "ACME-SEOUL"])
def test_whoever_runs_an_account_that_asks_for_it_needs_one_also_from_above(door, account):
    anas, abels, beas = (door.signed_in(name) for name in ("ana", "abel", "bea"))
    door.owner("update portal.account set second_factor_for_paa = true where code = :code", code=account)
    assert not door.is_alive(anas)
    assert door.is_alive(abels), "a general user"
    assert door.is_alive(beas), "another company"
    assert begin(door, "ana") is None
    assert half().secret is None
    assert begin(door, "abel", ANOTHER_BROWSER) is not None


def test_nobody_needs_one_for_an_account_they_no_longer_run(door):
    door.owner("update portal.account set second_factor_for_paa = true where code = 'BOLT'")
    assert begin(door, "bea") is None
    door.owner("update portal.membership set ended_at = now() where person_id = :bea", bea=door.person("bea"))
    assert begin(door, "bea") is not None
    door.owner("update portal.membership set ended_at = null where person_id = :bea", bea=door.person("bea"))


def id_of(door: Door, code: str) -> int:
    return door.owner("select id from portal.account where code = :code", code=code)


def test_the_account_s_rule_is_made_by_one_who_has_a_second_factor(door):
    bolt, bea = id_of(door, "BOLT"), principal_of(door.signed_in("bea"))
    with pytest.raises(Invalid, match="for yourself first"):
        execute(app_engine(), bea, RequireSecondFactor(bolt, required=True))
    assert not is_required(app_engine(), bea, bolt)
    bea = shown_a_code(door, "bea")
    execute(app_engine(), bea, RequireSecondFactor(bolt, required=True))
    assert is_required(app_engine(), bea, bolt)
    entry = "select actor_name || ' ' || (after ->> 'allowed') from portal.audit_entry where action ^@ 'account.second'"
    assert door.owner(entry) == "Bea Bolt true"
    execute(app_engine(), bea, RequireSecondFactor(bolt, required=False))
    assert not is_required(app_engine(), bea, bolt)


def shown_a_code(door: Door, name: str) -> Principal:
    token = door.signed_in(name)
    door.give_factor(name)
    door.owner("update auth.session set proved_by = 'code' where token_hash = :t", t=hashed(token))
    return principal_of(token)


def test_the_rule_of_an_account_is_nobody_else_s(door):
    bolt, bea = id_of(door, "BOLT"), shown_a_code(door, "bea")
    for name in ("ana", "abel", "dee"):
        with pytest.raises((NotFound, Forbidden)):
            execute(app_engine(), shown_a_code(door, name), RequireSecondFactor(bolt, required=True))
        door.owner("delete from auth.second_factor where person_id <> :bea", bea=bea.person_id)
    with pytest.raises(Forbidden):  # a general user of it
        execute(app_engine(), shown_a_code(door, "abel"), RequireSecondFactor(id_of(door, "ACME-SEOUL"), required=True))
    door.owner(
        "update auth.session set proved_at = now() - interval '11 minutes' where token_hash = :t", t=hashed(bea.token)
    )
    with pytest.raises(NotProven):
        execute(app_engine(), bea, RequireSecondFactor(bolt, required=True))
    assert door.owner("select count(*) from portal.account where second_factor_for_paa") == 0


def test_the_database_itself_refuses_the_rule_to_who_has_none(door, database):
    """Past the command: the row does not become so."""
    bea, bolt = principal_of(door.signed_in("bea")), id_of(door, "BOLT")
    change = text("update portal.account set second_factor_for_paa = true where id = :bolt")

    def try_it(principal: Principal) -> int:
        with database.app.begin() as connection:
            worn = "select set_config('role', 'portal_customer', true), set_config('portal.session', :t, true), "
            worn += "set_config('portal.account', :a, true)"
            connection.execute(text(worn), {"t": principal.token, "a": str(bolt)})
            return connection.execute(change, {"bolt": bolt}).rowcount

    with pytest.raises(DBAPIError, match="row-level security"):
        try_it(bea)
    assert try_it(shown_a_code(door, "bea")) == 1


# --- lost phone, lost recovery codes


def test_the_operator_resets_it_and_its_person_is_told(door, says, monkeypatch, database):
    monkeypatch.setattr(commands, "opened", lambda *_args, **_more: _opened(database))
    says(True)
    dee = shown_a_code(door, "dee")
    done = CliRunner().invoke(commands.user, ["reset-second-factor", CAST["dee"]])
    assert done.exit_code == 0, done.output
    assert not door.is_alive(dee.token)
    told = "select p.email || ' ' || (context ->> 'what') from portal.mail m join portal.person p on p.id = m.person_id"
    assert door.owner(told) == f"{CAST['dee']} reset"
    noted = "select actor_kind || ' ' || object_label from portal.audit_entry where action = 'factor.reset'"
    assert door.owner(noted) == f"operator {CAST['dee']}"
    assert begin(door, "dee") is None
    assert half().secret is None, "sets another one up"
    again = CliRunner().invoke(commands.user, ["reset-second-factor", CAST["dee"]])
    assert "has no second factor" in again.output
    assert door.owner("select count(*) from portal.mail") == 1
    stranger = CliRunner().invoke(commands.user, ["reset-second-factor", "nobody@acme.example"])
    assert isinstance(stranger.exception, NotFound)


def _opened(database: Database) -> AbstractContextManager[Opened]:
    return nullcontext(Opened(database.owner_url, Kind.REAL))
