"""Under Settings: setting a second factor up, moving it, new recovery codes, switching it off; each told by mail."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from auth import codes, sessions
from auth.half_way import Asker
from auth.keys import email_key
from auth.passwords import hash_password
from auth.renewal import FACTOR_TOLD, RENEW, TICKET, Told, renewal
from auth.second_factor import begin, factor_of, prove, replace_recovery_codes, set_up, switch_off
from auth.sessions import hashed
from data.engines import auth_engine
from rules.errors import Invalid, NotProven, SignedOut
from rules.principal import Principal
from shell import entitled
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import AN_ADDRESS, DELEGATED, PASSWORD, Door, code_of, principal_of
from tests.standing import page_of

ANA = CAST["ana"]
ASKER = Asker("Firefox/1", AN_ADDRESS)
LONG_AGO = "now() - interval '11 minutes'"


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    """Ana and Abel have a password and no second factor."""
    door, stored = Door(database), hash_password(PASSWORD)
    for name in ("ana", "abel"):
        door.give_password(name, stored=stored)
    for table in ("auth.throttle", "auth.session", "portal.mail"):
        door.owner(f"delete from {table}")
    yield door
    door.owner("delete from auth.second_factor")
    door.owner("update portal.account set second_factor_for_paa = false")


@pytest.fixture
def ana(door: Door) -> Principal:
    return principal_of(door.signed_in("ana"))


def told(door: Door) -> list[str]:
    mails = "select coalesce(array_agg(p.email || ' ' || (context ->> 'what') order by m.id), '{}') from portal.mail m "
    found: list[str] = door.owner(mails + "join portal.person p on p.id = m.person_id")
    return found


def noted(door: Door) -> list[str]:
    """Of the accounts she runs only one entry each time: the last account's."""
    entries = (
        "select coalesce(array_agg(distinct action), '{}') from portal.audit_entry "
        "where action ^@ 'factor.' and actor_name = 'Ana Acme' and at > now() - interval '1 minute'"
    )
    found: list[str] = door.owner(entries)
    return found


def proof_is_old(door: Door, principal: Principal) -> None:
    door.owner(f"update auth.session set proved_at = {LONG_AGO} where token_hash = :t", t=hashed(principal.token))


def set_up_now(principal: Principal) -> tuple[str, tuple[str, ...]]:
    """The secret and the recovery codes."""
    secret = begin(auth_engine(), principal)
    return secret, set_up(auth_engine(), principal, code_of(secret), asker=ASKER)


# --- setting it up


def test_it_is_set_up_with_a_code_of_the_secret_that_was_shown(door, ana):
    there, abels = door.signed_in("ana"), door.signed_in("abel")
    secret = begin(auth_engine(), ana)
    assert begin(auth_engine(), ana) == secret, "the same when the page is loaded again"
    for wrong in ("000000", "", code_of(codes.new_secret()), code_of(secret, -3)):
        with pytest.raises(Invalid, match="not correct"):
            set_up(auth_engine(), ana, wrong, asker=ASKER)
    assert not factor_of(auth_engine(), ana).is_set_up
    assert door.is_alive(there)

    recovery = set_up(auth_engine(), ana, code_of(secret), asker=ASKER)
    factor = factor_of(auth_engine(), ana)
    assert (factor.is_set_up, factor.recovery_left, factor.is_proved) == (True, 10, True)
    assert len(set(recovery)) == 10
    assert door.is_alive(ana.token), "this browser has shown a code"
    assert not door.is_alive(there)
    assert door.is_alive(abels)
    assert told(door) == [f"{ANA} set_up"]
    assert "factor.set_up" in noted(door)
    for leak in (secret, *recovery):
        assert leak not in str(door.owner("select string_agg(m::text, ' ') from portal.mail m"))
        assert leak not in str(door.owner("select string_agg(e::text, ' ') from portal.audit_entry e"))
        assert leak not in str(door.owner("select string_agg(s::text, ' ') from auth.session s"))


def test_the_code_it_was_set_up_with_counts_no_more(door, ana):
    secret = begin(auth_engine(), ana)
    used = code_of(secret)
    set_up(auth_engine(), ana, used, asker=ASKER)
    with pytest.raises(Invalid, match="not correct"):
        prove(auth_engine(), ana, used, asker=ASKER)
    prove(auth_engine(), ana, code_of(secret, 1), asker=ASKER)


def test_the_secret_of_another_browser_is_not_shown_and_not_taken(door, ana):
    elsewhere = principal_of(door.signed_in("ana"))
    secret = begin(auth_engine(), ana)
    assert begin(auth_engine(), elsewhere) != secret
    with pytest.raises(Invalid):
        set_up(auth_engine(), elsewhere, code_of(secret), asker=ASKER)
    assert not factor_of(auth_engine(), ana).is_set_up


def test_a_browser_left_open_sets_nothing_up(door, ana):
    secret = begin(auth_engine(), ana)
    proof_is_old(door, ana)
    with pytest.raises(NotProven):
        begin(auth_engine(), ana)
    with pytest.raises(NotProven):
        set_up(auth_engine(), ana, code_of(secret), asker=ASKER)
    with pytest.raises(NotProven):
        replace_recovery_codes(auth_engine(), ana, asker=ASKER)
    assert not set_up_by_the_database(door, ana), "which asks by itself as well"
    assert not factor_of(auth_engine(), ana).is_set_up
    prove(auth_engine(), ana, PASSWORD, asker=ASKER)
    assert begin(auth_engine(), ana) == secret


def set_up_by_the_database(door: Door, principal: Principal) -> bool:
    """Its own function, past all that comes before."""
    kept = "select pending_secret from auth.session where token_hash = :t"
    statement = "select signin.set_up_factor(:t, :kept, 1, '{}', '{}', '<x@y>')"
    with auth_engine().begin() as connection:
        values = {"t": hashed(principal.token), "kept": door.owner(kept, t=hashed(principal.token))}
        return bool(connection.scalar(text(statement), values))


def test_a_session_that_is_over_does_none_of_it(door, ana):
    door.owner("update auth.session set revoked_at = now() where token_hash = :t", t=hashed(ana.token))
    with pytest.raises(SignedOut):
        factor_of(auth_engine(), ana)
    with pytest.raises(NotProven):
        begin(auth_engine(), ana)
    with pytest.raises(SignedOut):
        prove(auth_engine(), ana, PASSWORD, asker=ASKER)


# --- moving it, recovery codes


def test_on_another_phone_the_codes_of_the_first_count_no_more(door, ana):
    first, paper = set_up_now(ana)
    second, _paper = set_up_now(ana)
    assert second != first
    assert told(door) == [f"{ANA} set_up", f"{ANA} moved"]
    for old in (code_of(first, 1), paper[0]):
        with pytest.raises(Invalid):
            prove(auth_engine(), ana, old, asker=ASKER)
    prove(auth_engine(), ana, code_of(second, 1), asker=ASKER)


def test_whoever_has_one_does_not_move_it_with_the_password(door, ana):
    secret, _paper = set_up_now(ana)
    proof_is_old(door, ana)
    with pytest.raises(Invalid, match="not correct"):
        prove(auth_engine(), ana, PASSWORD, asker=ASKER)
    with pytest.raises(NotProven):
        begin(auth_engine(), ana)
    prove(auth_engine(), ana, code_of(secret, 1), asker=ASKER)
    assert begin(auth_engine(), ana) != secret


def test_new_recovery_codes_end_those_before(door, ana):
    _secret, paper = set_up_now(ana)
    newer = replace_recovery_codes(auth_engine(), ana, asker=ASKER)
    assert not set(newer) & set(paper)
    with pytest.raises(Invalid):
        prove(auth_engine(), ana, paper[0], asker=ASKER)
    prove(auth_engine(), ana, newer[0], asker=ASKER)
    assert factor_of(auth_engine(), ana).recovery_left == 9
    assert told(door) == [f"{ANA} set_up", f"{ANA} codes", f"{ANA} recovery"]


def test_whoever_has_no_second_factor_gets_no_recovery_codes(door, ana):
    with pytest.raises(NotProven):
        replace_recovery_codes(auth_engine(), ana, asker=ASKER)
    assert door.owner("select count(*) from auth.second_factor") == 0


# --- switching it off


def test_it_is_switched_off_with_password_and_code_together(door, ana):
    secret, paper = set_up_now(ana)
    for password, code, field in (
        ("not my password", code_of(secret, 1), "password"),
        (PASSWORD, "000000", "code"),
        ("", paper[0], "password"),
        (PASSWORD, "", "code"),
    ):
        with pytest.raises(Invalid) as refused:
            switch_off(auth_engine(), ana, password, code, asker=ASKER)
        assert refused.value.field == field
        door.owner("delete from auth.throttle")
    assert factor_of(auth_engine(), ana).is_set_up
    assert factor_of(auth_engine(), ana).recovery_left == 10, "none was used up"
    switch_off(auth_engine(), ana, PASSWORD, code_of(secret, 1), asker=ASKER)
    assert not factor_of(auth_engine(), ana).is_set_up
    assert door.is_alive(ana.token)
    assert told(door) == [f"{ANA} set_up", f"{ANA} off"]
    assert "factor.off" in noted(door)


def test_it_is_not_switched_off_where_it_is_required(door, ana):
    secret, _paper = set_up_now(ana)
    door.owner("update portal.account set second_factor_for_paa = true where code = 'ACME-OSAKA'")
    with pytest.raises(Invalid, match="cannot be switched off"):
        switch_off(auth_engine(), ana, PASSWORD, code_of(secret, 1), asker=ASKER)
    assert factor_of(auth_engine(), ana).is_set_up


def test_after_it_was_switched_off_it_can_be_required_again(door, ana):
    """The session says no longer that a code was shown."""
    secret, _paper = set_up_now(ana)
    switch_off(auth_engine(), ana, PASSWORD, code_of(secret, 1), asker=ASKER)
    door.owner("update portal.account set second_factor_for_paa = true where code = 'ACME'")
    assert not door.is_alive(ana.token)


# --- proving again


def test_without_a_second_factor_the_password_proves_it_for_ten_minutes(door, ana):
    proof_is_old(door, ana)
    assert not factor_of(auth_engine(), ana).is_proved
    with pytest.raises(Invalid):
        prove(auth_engine(), ana, "not my password", asker=ASKER)
    assert door.owner("select failures from auth.throttle where key = :key", key=email_key(ANA)) == 1
    assert not factor_of(auth_engine(), ana).is_proved
    prove(auth_engine(), ana, PASSWORD, asker=ASKER)
    assert factor_of(auth_engine(), ana).is_proved
    other = principal_of(door.signed_in("ana"))
    proof_is_old(door, ana)
    assert factor_of(auth_engine(), other).is_proved, "each browser by itself"
    assert not factor_of(auth_engine(), ana).is_proved


def test_the_password_of_somebody_else_proves_nothing(door, ana):
    door.give_password("abel", "a boat that nobody rows home")
    proof_is_old(door, ana)
    with pytest.raises(Invalid):
        prove(auth_engine(), ana, "a boat that nobody rows home", asker=ASKER)
    assert not factor_of(auth_engine(), ana).is_proved


def test_codes_are_guessed_in_an_open_browser_no_faster_than_when_signing_in(door, ana):
    secret, _paper = set_up_now(ana)
    proof_is_old(door, ana)
    for _guess in range(5):
        with pytest.raises(Invalid, match="not correct"):
            prove(auth_engine(), ana, "000000", asker=ASKER)
    door.owner(
        "update auth.throttle set blocked_until = now() + interval '15 minutes' where key = :k", k=email_key(ANA)
    )
    with pytest.raises(Invalid, match="too many tries"):
        prove(auth_engine(), ana, code_of(secret, 1), asker=ASKER)
    assert not factor_of(auth_engine(), ana).is_proved


def test_a_session_from_the_company_s_sign_on_stays_one(door, ana):
    """A password that is proved besides does not make it one that came in by the password."""
    door.owner("update auth.session set proved_by = 'oidc' where token_hash = :t", t=hashed(ana.token))
    prove(auth_engine(), ana, PASSWORD, asker=ASKER)
    assert door.owner("select proved_by from auth.session where token_hash = :t", t=hashed(ana.token)) == "oidc"


# --- the session goes on under another token

APP = Starlette(routes=entitled.routes)


def renews(token: str | None, ticket: str, told: str = "on") -> Answer:
    query = urlencode({TICKET: ticket, FACTOR_TOLD: told})
    return ask(APP, RENEW, query=query, headers={"cookie": f"portal_session={token}"} if token else {})


def ticket_of(token: str) -> str:
    return parse_qs(urlsplit(renewal(token, Told.ON)).query)[TICKET][0]


def fresh_token(answer: Answer) -> str | None:
    cookies = [line for line in answer.all("set-cookie") if line.startswith("portal_session=")]
    return cookies[0].partition("=")[2].partition(";")[0] if cookies else None


def is_alive(token: str) -> bool:
    return sessions.who(auth_engine(), token, is_activity=False) is not None


def test_the_token_from_before_is_worth_nothing_and_its_link_works_once(door, ana):
    answer = renews(ana.token, ticket_of(ana.token))
    assert (answer.status, answer.header("location")) == (303, "/settings?factor=on")
    fresh = fresh_token(answer)
    assert fresh and fresh != ana.token
    assert is_alive(fresh) and not is_alive(ana.token)
    assert principal_of(fresh).person_id == ana.person_id
    for token in (ana.token, fresh):
        again = renews(token, ticket_of(ana.token))
        assert again.status == 303 and fresh_token(again) is None
    assert is_alive(fresh)


def test_a_link_from_elsewhere_changes_no_token(door, ana):
    abel = door.signed_in("abel")
    not_hers = ("", "x" * 64, "é", ticket_of(abel))
    for token, ticket in (*((ana.token, ticket) for ticket in not_hers), (None, ticket_of(ana.token))):
        answer = renews(token, ticket, "<script>")
        assert (answer.status, answer.header("location")) == (303, "/settings")
        assert fresh_token(answer) is None
    assert is_alive(ana.token) and is_alive(abel)


def test_a_session_that_is_over_or_no_browser_s_gets_no_token(door, ana):
    abel = door.signed_in("abel")
    sessions.end(auth_engine(), ana.token)
    door.move(abel, **DELEGATED)
    for token in (ana.token, abel):
        assert fresh_token(renews(token, ticket_of(token))) is None
    assert not is_alive(ana.token)


@pytest.mark.parametrize("factor", ["off", "on"])
def test_the_settings_say_nothing_that_is_not_so(factor: str, door, ana):
    """However somebody came by the address."""
    if factor == "off":
        set_up_now(ana)
    page = page_of(ana, "pages.portal.settings.page", factor=factor)
    assert not page.exception and not page.success
    assert "factor" not in page.query_params
