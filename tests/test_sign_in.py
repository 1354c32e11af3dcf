"""Signing in: what a stranger can and cannot learn from trying, and what proves a password."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import bcrypt
import jwt
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit_authenticator import Authenticate

from auth import visitor
from auth.directory import AT_ONCE, Directory
from auth.keys import address_key, email_key
from auth.passwords import dummy_hash, hash_password, needs_upgrade
from auth.set_password import use_link
from auth.sign_in import LIBRARY_STATE, SignInForm
from data.engines import auth_engine
from data.people import reset_person
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import AN_ADDRESS, ANOTHER_ADDRESS, BROWSER, PASSWORD, Door, recorded, tries

ANA, ABEL, STRANGER = CAST["ana"], CAST["abel"], "nobody@acme.example"
LOOK_THEN_COUNT = ["select * from signin.look_up", "select signin.count_try"]


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def door(database: Database) -> Door:
    """Ana and Abel have a password, and nothing was tried yet."""
    door = Door(database)
    hashed_once = hash_password(PASSWORD)
    for name in ("ana", "abel", "dee"):
        door.give_password(name, stored=hashed_once)
    door.owner("delete from auth.throttle")
    return door


def fail(email: str, times: int, address: str = AN_ADDRESS) -> None:
    """Failures as they are counted, without the cost of each verification."""
    directory = Directory(auth_engine(), address)
    for _ in range(times):
        directory._count(email, succeeded=False)


def lock(door: Door, *emails: str) -> None:
    """Failures enough to wait, and a wait that outlasts the slowest machine."""
    for email in emails:
        fail(email, 5)
        longer = "update auth.throttle set blocked_until = blocked_until + interval '15 minutes' where key = :key"
        door.owner(longer, key=email_key(email))


def wait_of(door: Door, email: str) -> float | None:
    """Seconds that the last failure made this e-mail wait."""
    statement = "select extract(epoch from blocked_until - last_at) from auth.throttle where key = :key"
    waited = door.owner(statement, key=email_key(email))
    return None if waited is None else round(float(waited))


# --- the same answer and the same work, whoever asks


def test_unknown_wrong_locked_disabled_and_without_password_cost_the_same(door):
    vic, bea = CAST["vic"], CAST["bea"]
    door.give_password("bea", stored=hash_password(PASSWORD))
    door.owner("update portal.person set disabled_at = now() where email = :email", email=bea)
    lock(door, ABEL)
    done = {}
    for who, email, password in (
        ("unknown", STRANGER, PASSWORD),
        ("wrong", ANA, "a wrong password"),
        ("locked", ABEL, PASSWORD),
        ("without password", vic, PASSWORD),
        ("disabled", bea, PASSWORD),
        ("empty", ANA, ""),
    ):
        with recorded(auth_engine()) as work:
            assert not tries(email, password), who
        done[who] = work
    door.owner("update portal.person set disabled_at = null where email = :email", email=bea)

    assert all(work.statements == LOOK_THEN_COUNT for work in done.values())
    assert all(work.costs == ["$argon2id$v=19$m=47104,t=2,p=1"] for work in done.values())
    with recorded(auth_engine()) as work:
        assert tries(ANA, PASSWORD)
    assert work.statements == LOOK_THEN_COUNT
    assert len(work.hashes) == 1


def test_nobody_gets_in_with_the_password_of_the_dummy(door, monkeypatch):
    monkeypatch.setattr("auth.passwords.check_password", lambda _password, _stored: True)

    assert not tries(STRANGER, "anything")
    assert not tries(CAST["vic"], "anything"), "has no password yet"
    lock(door, ABEL)
    assert not tries(ABEL, PASSWORD), "is locked"
    assert tries(ANA, "anything")


def test_strangers_see_the_same_sentence_as_everyone(door, monkeypatch):
    lock(door, ABEL)
    answers = {email: submitted(monkeypatch, email, PASSWORD + "!") for email in (STRANGER, ANA, ABEL)}

    said = {email: [error.value for error in app.error] for email, app in answers.items()}
    assert said[ANA] == said[STRANGER] == said[ABEL]
    assert "not correct" in said[ANA][0]
    assert not any(signing_in(app) for app in answers.values())
    assert not any(key in app.session_state for app in answers.values() for key in LIBRARY_STATE)


# --- tries are counted


def test_the_wait_of_an_account_grows_and_has_an_end(door):
    waits = []
    for _ in range(16):
        door.owner("update auth.throttle set blocked_until = null")
        fail(ANA, 1, address=ANOTHER_ADDRESS)
        waits.append(wait_of(door, ANA))

    assert waits == [None, None, None, None, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    assert wait_of(door, ABEL) is None


def test_a_locked_account_opens_by_itself_and_a_success_forgets_the_failures(door):
    lock(door, ANA)
    assert not tries(ANA, PASSWORD)
    door.owner("update auth.throttle set blocked_until = now() - interval '1 second'")
    assert tries(ANA, PASSWORD)
    fail(ANA, 4)
    assert tries(ANA, PASSWORD), "four failures after a success are not nine"


def test_an_address_that_exists_is_counted_like_one_that_does_not(door):
    fail(STRANGER, 5)
    fail(ANA, 5)
    assert wait_of(door, STRANGER) == wait_of(door, ANA) == 1


def test_another_spelling_of_an_email_does_not_begin_a_fresh_count(door):
    fail(f"  {ANA.upper()} ", 3)
    fail(f"{ANA}\u200b\x00", 2)
    assert wait_of(door, ANA) == 1
    lock(door, ANA)
    assert not tries(f" {ANA.title()}", PASSWORD)


def test_one_client_address_gets_fifty_failures_whatever_emails_it_tries(door):
    for number in range(49):
        fail(f"guess-{number}@acme.example", 1)
    assert tries(ANA, PASSWORD), "forty-nine do no harm, and a success does not wipe them out"
    fail("guess-50@acme.example", 1)

    assert not tries(ANA, PASSWORD, AN_ADDRESS)
    assert tries(ANA, PASSWORD, ANOTHER_ADDRESS)
    door.owner("update auth.throttle set since = now() - interval '11 minutes', blocked_until = null")
    assert tries(ANA, PASSWORD, AN_ADDRESS)


def test_whoever_has_an_ipv6_network_is_one_client(door):
    assert address_key("2001:db8:1:2::1") == address_key("2001:db8:1:2:ffff::9")
    assert address_key("2001:db8:1:2::1") != address_key("2001:db8:1:3::1")
    assert address_key("198.51.100.7") != address_key("198.51.100.8")
    assert address_key(None) == address_key(None) != address_key("198.51.100.7")


def test_guesses_sent_at_once_are_counted_one_after_the_other(door):
    real = door.owner("select password_hash from auth.credential where person_id = :p", p=door.person("ana"))
    fail(ANA, 12)
    door.owner("update auth.throttle set blocked_until = null")  # the next failure makes everybody wait for minutes
    with recorded(auth_engine()) as work, ThreadPoolExecutor(16) as at_once:
        assert not any(at_once.map(lambda n: tries(ANA, f"guess number {n}"), range(16)))

    assert len(work.hashes) == 16
    assert 1 <= work.hashes.count(real) <= AT_ONCE
    assert work.hashes.count(dummy_hash()) == 16 - work.hashes.count(real)


def test_a_link_clears_the_wait_of_its_person_only(door, database):
    lock(door, ANA, ABEL)
    with database.as_owner() as connection:
        link = reset_person(connection, ANA)
    assert use_link(link.token, ANA, "seven herons over the river", "seven herons over the river")

    assert tries(ANA, "seven herons over the river")
    assert not tries(ANA, PASSWORD)
    assert not tries(ABEL, PASSWORD), "still waits"


# --- what proves a password


@pytest.mark.parametrize("password", [PASSWORD, "라" * 12 + "일락 향기 나는 오월의 저녁"])
def test_an_older_bcrypt_hash_proves_the_password_and_is_replaced(door, password):
    older = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    door.give_password("ana", stored=older)
    stored = "select password_hash from auth.credential where person_id = :p"

    assert not tries(ANA, "x" + password)
    assert door.owner(stored, p=door.person("ana")) == older, "a wrong password replaces nothing"
    assert tries(ANA, password)
    newer = door.owner(stored, p=door.person("ana"))
    assert newer.startswith("$argon2id$")
    assert not needs_upgrade(newer)
    assert tries(ANA, password)


def test_a_password_of_24_hangul_syllables_counts_to_its_last(door):
    syllables = "라일락꽃향기가나는오월의어느저녁골목길을걷는다"
    assert len(syllables) == 23
    assert len((syllables + "네").encode()) == 72
    door.give_password("ana", syllables + "네요")

    assert tries(ANA, syllables + "네요")
    assert not tries(ANA, syllables + "네")
    assert not tries(ANA, syllables + "네여")


BCRYPT_COST = 4  # the least there is; what costs the same at 4 does at 12
ARGON2, OLDER = "$argon2id$v=19$m=47104,t=2,p=1", f"$2b${BCRYPT_COST:02}"


def test_while_older_hashes_are_kept_everybody_is_tried_against_both_kinds(door):
    older = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(BCRYPT_COST)).decode()
    door.give_password("abel", stored=older)
    lock(door, CAST["dee"])
    for email, password, proven in (
        (STRANGER, PASSWORD, False),
        (ANA, "a wrong password", False),
        (ABEL, "a wrong password", False),
        (CAST["dee"], PASSWORD, False),
        (ANA, PASSWORD, True),
    ):
        with recorded(auth_engine()) as work:
            assert tries(email, password) is proven, email
        assert work.statements == LOOK_THEN_COUNT
        assert sorted(kind_of(each) for each in work.hashes) == [OLDER, ARGON2], email
        assert (older in work.hashes) is (email == ABEL)

    assert tries(ABEL, PASSWORD), "which keeps it in the newer form"
    with recorded(auth_engine()) as work:
        assert not tries(STRANGER, PASSWORD)
    assert [kind_of(each) for each in work.hashes] == [ARGON2], "the last older one is gone: one is enough again"


def kind_of(stored: str) -> str:
    return stored[: len(OLDER)] if stored.startswith("$2") else stored.rpartition("$")[0].rpartition("$")[0]


def test_the_password_of_one_kind_proves_nothing_for_the_other(door, monkeypatch):
    """With an older hash among them, each try is made twice: only the person's own hash may decide."""
    door.give_password("abel", stored=bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(BCRYPT_COST)).decode())
    real = door.owner("select password_hash from auth.credential where person_id = :p", p=door.person("ana"))
    monkeypatch.setattr("auth.passwords.check_password", lambda _password, stored: stored != real)

    assert not tries(ANA, "fits the dummy, not the hash"), "the dummy of the other kind is nobody's"
    assert not tries(STRANGER, "fits both dummies")


# --- the form


def submitted(monkeypatch, email: str, password: str, next_path: str = "/tickets?status=open") -> AppTest:
    """The sign-in page after its form was sent, in a browser that has nothing but the pre-login cookie."""
    app = at_the_door(monkeypatch, next_path)
    app.text_input[0].input(email)
    app.text_input[1].input(password)
    return app.button[0].click().run()


def at_the_door(
    monkeypatch, next_path: str = "/", *, browser: str | None = BROWSER, token: str | None = None
) -> AppTest:
    monkeypatch.setattr(visitor, "browser", lambda: browser)
    monkeypatch.setattr(visitor, "session_token", lambda: token)
    monkeypatch.setattr(visitor, "address", lambda: AN_ADDRESS)

    def script(next_path: str) -> None:
        from auth.sign_in import sign_in_page

        sign_in_page(next_path)

    app = AppTest.from_function(script, args=(next_path,), default_timeout=20)
    app.run()
    assert not app.exception
    return app


def signing_in(app: AppTest) -> list[str]:
    return [m.value for m in app.markdown if 'http-equiv="refresh"' in m.value]


def test_the_right_password_leads_to_the_page_that_was_asked_for(door, monkeypatch):
    app = submitted(monkeypatch, f" {ANA.upper()} ", PASSWORD)

    assert not app.exception
    (leading,) = signing_in(app)
    assert "url=/auth/session?code=" in leading
    assert "next=%2Ftickets%3Fstatus%3Dopen" in leading
    assert not app.error
    assert not any(key in app.session_state for key in LIBRARY_STATE)


def test_a_code_says_where_to_go_only_within_the_portal(door, monkeypatch):
    (leading,) = signing_in(submitted(monkeypatch, ANA, PASSWORD, "//evil.example/tickets"))
    assert "next=%2F&quot;" in leading.replace('"', "&quot;")
    assert "evil" not in leading
    assert door.owner("select count(*) from auth.sign_in_code where next like '%evil%'") == 0


@pytest.mark.parametrize(("email", "password"), [("", PASSWORD), ("  ", PASSWORD), (ANA, ""), (ANA, "  "), ("", "")])
def test_a_form_with_an_empty_field_says_what_is_missing_and_tries_nothing(door, monkeypatch, email, password):
    with recorded(auth_engine()) as work:
        app = submitted(monkeypatch, email, password)

    assert [warning.value for warning in app.warning] == ["Please enter your e-mail address and your password."]
    assert not app.error
    assert not work.hashes
    assert door.owner("select count(*) from auth.throttle") == 0
    assert not app.run().warning, "it is said once"


def test_without_the_pre_login_cookie_no_password_is_asked_for(door, monkeypatch):
    app = at_the_door(monkeypatch, browser=None)

    assert "cookie" in app.error[0].value
    assert not app.text_input
    assert not app.button


def test_a_dead_cookie_is_taken_away_once_and_does_not_go_round_in_circles(door, monkeypatch):
    sent_away = at_the_door(monkeypatch, "/tickets?status=open", token="dead")
    (leading,) = signing_in(sent_away)
    assert "url=/auth/signout?next=%2Ftickets%3Fstatus%3Dopen&amp;why=ended" in leading
    assert not sent_away.text_input

    sent_away.query_params["login"] = (
        "ended"  # as the route sends it back, to a browser that kept the cookie nevertheless
    )
    sent_away.run()
    assert not signing_in(sent_away)
    assert len(sent_away.text_input) == 2
    assert "ended" in sent_away.info[0].value


def test_an_invented_notice_says_nothing_and_hides_nothing(door, monkeypatch):
    app = at_the_door(monkeypatch)
    app.query_params["login"] = "<b>Call +1 900</b>"
    app.run()
    assert not app.info
    assert not app.success
    assert len(app.text_input) == 2


def test_whom_to_call_stands_there_before_anybody_signed_in(door, monkeypatch):
    contacts = " ".join(m.value for m in at_the_door(monkeypatch).expander[0].markdown)
    assert "tel:+8225550100" in contacts
    assert "mailto:service-desk-sel1@portal.example" in contacts
    assert "finance-kr@" not in contacts
    assert "security-sel1" not in contacts


# --- the library's own ways in stay shut


def forged_cookie(key: str) -> str:
    return jwt.encode({"username": ANA, "exp_date": time.time() + 9999}, key, algorithm="HS256")


def test_a_forged_cookie_of_the_library_signs_nobody_in(door, monkeypatch):
    key = "k" * 64
    forged = dict.fromkeys(("unused", "some_cookie_name", "portal_session"), forged_cookie(key))
    monkeypatch.setattr("auth.sign_in.secrets.token_hex", lambda _length: key)
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: forged))

    def library() -> None:
        import streamlit as st
        from streamlit_authenticator import Authenticate

        form = Authenticate({"usernames": {"paa@acme.example": {"name": "Ana"}}}, "unused", "k" * 64, 0)
        form.login()
        st.text(st.session_state["authentication_status"])

    believed = AppTest.from_function(library, default_timeout=20).run()
    assert believed.text[0].value == "True", "left alone, the library believes this cookie"

    app = at_the_door(monkeypatch)
    assert not signing_in(app)
    assert len(app.text_input) == 2


def test_the_seams_of_the_library_are_where_we_hold_them(door):
    form = SignInForm(Directory(auth_engine(), AN_ADDRESS))
    theirs = Authenticate.login.__code__.co_names

    assert {"cookie_controller", "authentication_controller", "get_cookie", "set_cookie"} <= set(theirs)
    assert form.cookie_controller.get_cookie() is None
    model = form.authentication_controller.authentication_model
    assert model.credentials == {"usernames": {}}
    assert "check_credentials" in type(model).login.__code__.co_names
    assert form.path is None, "or it would write its users into a file"
