"""Settings: one's own password, one's own browsers, one's own language; and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from streamlit.testing.v1 import AppTest

from auth import visitor
from auth.change_password import change_password
from auth.keys import email_key
from auth.own_sessions import OwnSession, end_other_sessions, end_session, own_sessions
from auth.passwords import hash_password
from auth.sessions import hashed
from data.database import reading, writing
from data.engines import app_engine, auth_engine
from data.preferences import save_preferences
from rules.errors import Invalid, Problems, SignedOut
from rules.looks import Theme
from rules.permissions import Permission
from rules.topics import Channel
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import (
    AN_ADDRESS,
    ANOTHER_ADDRESS,
    BROWSER,
    DELEGATED,
    HANGUL,
    NEW,
    PASSWORD,
    Door,
    principal_of,
    recorded,
    tries,
)
from ui.device import device_text

ANA = CAST["ana"]
ENTRY = Path(__file__).parent.parent / "shell" / "main.py"


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    """Ana and Abel have the same password; nobody is signed in, nothing was tried."""
    door, stored = Door(database), hash_password(PASSWORD)
    for name in ("ana", "abel"):
        door.give_password(name, stored=stored)
    for table in ("auth.throttle", "auth.session", "portal.mail"):
        door.owner(f"delete from {table}")
    yield door
    door.owner("update portal.person set disabled_at = null, language = null, time_zone = null")
    door.owner("delete from portal.notification_preference")


def change(token: str, current: str, password: str, repeated: str | None = None) -> None:
    repeated = password if repeated is None else repeated
    principal = principal_of(token)
    change_password(auth_engine(), principal, current, password, repeated, device="Firefox/1", address=AN_ADDRESS)


# --- another password


@pytest.mark.parametrize("password", [NEW, HANGUL, HANGUL + "그리고또걷는다"])
def test_another_password_ends_all_other_sessions_and_tells_by_mail(door, password):
    here, there, abels = door.signed_in("ana"), door.signed_in("ana"), door.signed_in("abel")
    change(here, PASSWORD, password)
    assert door.is_alive(here)
    assert not door.is_alive(there)
    assert door.is_alive(abels)
    assert tries(ANA, password)
    assert not tries(ANA, PASSWORD)
    assert tries(CAST["abel"], PASSWORD)
    told = "select p.email || ' ' || m.kind from portal.mail m join portal.person p on p.id = m.person_id"
    assert door.owner(told) == f"{ANA} password_changed"
    noted = "select actor_name || ' ' || address from portal.audit_entry where action = 'password.change' "
    assert door.owner(noted + "order by id desc limit 1") == f"Ana Acme {AN_ADDRESS}"
    assert password not in str(door.owner("select string_agg(e::text, ' ') from portal.audit_entry e"))


def test_a_wrong_current_password_changes_nothing_and_counts_as_a_failed_try(door):
    here, there = door.signed_in("ana"), door.signed_in("ana")
    for _time in range(5):
        with pytest.raises(Problems) as refused:
            change(here, "not my password", NEW)
        assert set(refused.value.by_field) == {"current"}
    assert door.owner("select failures from auth.throttle where key = :key", key=email_key(ANA)) == 5
    later = "update auth.throttle set blocked_until = now() + interval '15 minutes' where blocked_until is not null"
    door.owner(later)
    with pytest.raises(Problems) as refused:
        change(here, PASSWORD, NEW)  # the right one, too late
    assert set(refused.value.by_field) == {"current"}
    assert door.is_alive(there)
    assert door.owner("select count(*) from portal.mail") == 0
    assert not tries(ANA, NEW, ANOTHER_ADDRESS)


def test_all_that_is_wrong_is_said_each_beside_its_field_and_nothing_is_tried(door):
    token = door.signed_in("ana")
    for current, password, repeated, fields in (
        ("", "short", "other", {"current", "password", "repeated"}),
        (PASSWORD, "Ana Acme 2026", "Ana Acme 2026", {"password"}),
        (PASSWORD, "passwordpassword", "passwordpassword", {"password"}),
        (PASSWORD, "x1" * 65, "x1" * 65, {"password"}),
        (PASSWORD, NEW, NEW + "!", {"repeated"}),
    ):
        with recorded(auth_engine()) as work, pytest.raises(Problems) as refused:
            change(token, current, password, repeated)
        assert set(refused.value.by_field) == fields
        assert work.hashes == []
    with pytest.raises(Problems, match="you have now"):
        change(token, PASSWORD, f" {PASSWORD}")
    assert tries(ANA, PASSWORD)


def test_the_password_of_somebody_else_does_not_prove_who_one_is(door):
    door.give_password("abel", NEW)
    with pytest.raises(Problems):
        change(door.signed_in("ana"), NEW, "a boat that nobody rows home")
    assert tries(ANA, PASSWORD)


def test_a_session_that_ended_or_is_a_jobs_changes_no_password(door):
    for wrong in ({"revoked_at": "now()"}, {"last_seen": "now() - interval '31 minutes'"}, DELEGATED):
        token = door.signed_in("ana")
        principal = principal_of(token)
        door.move(token, **wrong)
        with pytest.raises(SignedOut):
            change_password(auth_engine(), principal, PASSWORD, NEW, NEW, device="", address=None)
    assert tries(ANA, PASSWORD)
    assert not tries(ANA, NEW)


# --- where somebody is signed in


def listed(token: str) -> tuple[OwnSession, ...]:
    return own_sessions(auth_engine(), token)


def named(door: Door, token: str) -> UUID:
    return door.owner("select uuid from auth.session where token_hash = :token", token=hashed(token))


def test_somebody_sees_their_own_live_browsers_and_no_others(door):
    here, there, over, idle = (door.signed_in("ana") for _each in range(4))
    delegated, abels = door.signed_in("ana"), door.signed_in("abel")
    door.move(over, expires_at="now()")
    door.move(idle, last_seen="now() - interval '31 minutes'")
    door.move(delegated, **DELEGATED)
    mine = listed(here)
    assert [one.uuid for one in mine] == [named(door, here), named(door, there)]
    assert [one.is_this for one in mine] == [True, False]
    assert {(one.device, one.address) for one in mine} == {("test", AN_ADDRESS)}
    assert all((one.ends_at - one.began_at).total_seconds() == 12 * 3600 for one in mine)
    assert named(door, abels) not in {one.uuid for one in mine}
    assert hashed(there).hex() not in str(mine)
    for dead in (over, idle, delegated, "invented", ""):
        assert listed(dead) == ()


def test_one_other_browser_is_signed_out_and_its_token_opens_nothing(door):
    here, there, elsewhere = (door.signed_in("ana") for _each in range(3))
    stale = principal_of(there)
    assert end_session(auth_engine(), here, named(door, there))
    assert [door.is_alive(token) for token in (here, there, elsewhere)] == [True, False, True]
    with pytest.raises(SignedOut), reading(app_engine(), stale, Permission.TICKET_VIEW_COMPANY):
        pytest.fail("opened")
    assert listed(there) == ()
    assert end_other_sessions(auth_engine(), there) == 0, "the dead one ends nobody's"
    assert not end_session(auth_engine(), here, named(door, there)), "it is over already"
    ended = "select count(*) from portal.audit_entry where action = 'session.end' and actor_name = 'Ana Acme'"
    assert door.owner(ended) >= 1


def test_somebody_elses_session_this_one_and_a_jobs_are_not_ended(door):
    here, abels, delegated = door.signed_in("ana"), door.signed_in("abel"), door.signed_in("ana")
    door.move(delegated, **DELEGATED)
    for wanted in (named(door, abels), named(door, here), named(door, delegated), uuid4()):
        assert not end_session(auth_engine(), here, wanted)
    assert door.is_alive(abels)
    assert door.is_alive(here)
    revoked = "select revoked_at is not null from auth.session where token_hash = :token"
    assert door.owner(revoked, token=hashed(delegated)) is False


def test_all_others_end_at_once_and_only_ones_own(door):
    here, *others = (door.signed_in("ana") for _each in range(4))
    abels = door.signed_in("abel")
    assert end_other_sessions(auth_engine(), here) == 3
    assert [door.is_alive(token) for token in (here, abels, *others)] == [True, True, False, False, False]


def test_who_was_disabled_sees_and_ends_nothing(door):
    here, there = door.signed_in("ana"), door.signed_in("ana")
    door.owner("update portal.person set disabled_at = now() where email = :ana", ana=ANA)
    assert listed(here) == ()
    assert end_other_sessions(auth_engine(), here) == 0
    revoked = "select revoked_at is not null from auth.session where token_hash = :token"
    assert door.owner(revoked, token=hashed(there)) is False


WINDOWS, IPHONE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ",
    "Mozilla/5.0 (iPhone; ",
)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (f"{WINDOWS}Chrome/141.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{WINDOWS}Chrome/141.0.0.0 Safari/537.36 Edg/141.0", "Edge on Windows"),
        (f"{WINDOWS}Chrome/141.0.0.0 Whale/4.33 Safari/537.36", "Whale on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on macOS"),
        (f"{IPHONE}CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE}CPU iPhone OS 18_0 like Mac OS X) CriOS/141.0 Mobile Safari/604.1", "Chrome on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130 Safari/537.36", "Samsung Internet on Android"),
        ("curl/8.0", "Unknown device"),
        ("", "Unknown device"),
        ("<script>alert(1)</script> Firefox/1", "Firefox"),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_words(agent, words):
    assert device_text(agent) == words


# --- language and clock


def test_language_and_clock_are_ones_own_and_noted(door):
    ana = principal_of(door.signed_in("ana"))
    save_preferences(app_engine(), ana, language="ko", time_zone="Asia/Seoul")
    assert principal_of(ana.token).language == "ko"
    kept = "select count(*) from portal.person where language is not null"
    assert door.owner(kept) == 1
    noted = "select (before ->> 'language') is null and after ->> 'language' = 'ko' from portal.audit_entry "
    assert door.owner(noted + "where action = 'person.preferences' order by id desc limit 1")
    save_preferences(app_engine(), principal_of(ana.token), language="ko", time_zone="Asia/Tokyo")
    sides = "select before::text || ' ' || after::text from portal.audit_entry where action = 'person.preferences' "
    assert door.owner(sides + "order by id desc limit 1") == '{"time_zone": "Asia/Seoul"} {"time_zone": "Asia/Tokyo"}'
    save_preferences(app_engine(), principal_of(ana.token), language="ko", time_zone="Asia/Seoul")
    for zone in ("Mars/Olympus", "../../etc/passwd", "", "/etc/localtime"):
        with pytest.raises(Invalid):
            save_preferences(app_engine(), ana, language="ko", time_zone=zone)
    assert principal_of(ana.token).time_zone == "Asia/Seoul"
    save_preferences(app_engine(), principal_of(ana.token), language=None, time_zone=None)
    assert (principal_of(ana.token).language, door.owner(kept)) == (None, 0)


def test_light_or_dark_is_ones_own_and_nothing_else_can_be_kept(door, database):
    ana = principal_of(door.signed_in("ana"))
    save_preferences(app_engine(), ana, language=None, time_zone=None, theme=Theme.DARK)
    assert principal_of(ana.token).theme is Theme.DARK
    assert door.owner("select count(*) from portal.person where theme is not null") == 1
    with pytest.raises(DBAPIError, match="ck_person_theme"), writing(database.app, ana, *Permission) as connection:
        connection.execute(text("update portal.person set theme = 'solarized'"))
    save_preferences(app_engine(), principal_of(ana.token), language=None, time_zone=None)
    assert principal_of(ana.token).theme is None


@pytest.mark.parametrize("name", CAST)
def test_everybody_keeps_what_they_chose_in_their_own_hat(door, database, sign_in, name):
    principal = sign_in(name)
    save_preferences(app_engine(), principal, language="ko", time_zone=None)
    with database.as_owner() as connection:
        changed = connection.scalars(text("select email from portal.person where language = 'ko'")).all()
    assert changed == [CAST[name]]


# --- the page


def opened(monkeypatch, token: str) -> AppTest:
    from streamlit.util import calc_hash

    monkeypatch.setattr(visitor, "session_token", lambda: token)
    monkeypatch.setattr(visitor, "browser", lambda: BROWSER)
    monkeypatch.setattr(visitor, "address", lambda: AN_ADDRESS)
    monkeypatch.setattr(visitor, "device", lambda: f"{WINDOWS}Firefox/140.0")
    app = AppTest.from_file(ENTRY, default_timeout=30).run()
    app._page_hash = calc_hash("settings")
    app.run()
    assert not app.exception
    return app


def test_the_page_says_who_one_is_and_where_one_is_signed_in(door, monkeypatch):
    here, there, abels = door.signed_in("ana"), door.signed_in("ana"), door.signed_in("abel")
    app = opened(monkeypatch, here)
    words = " ".join(each.value for each in app.markdown)
    assert [title.value for title in app.title] == ["Settings"]
    assert "Ana Acme" in words
    assert words.count("This one") == 1
    assert "after 30 minutes without a click" in words
    keys = {button.key for button in app.button}
    assert f"end-{named(door, there)}" in keys
    assert f"end-{named(door, here)}" not in keys
    assert f"end-{named(door, abels)}" not in keys
    app.button(key=f"end-{named(door, there)}").click().run()
    assert app.success[0].value == "That browser is signed out."
    assert not door.is_alive(there)
    assert door.is_alive(here) and door.is_alive(abels)


def test_a_password_is_changed_on_the_page_after_what_was_wrong_stood_beside_its_field(door, monkeypatch):
    here, there = door.signed_in("ana"), door.signed_in("ana")
    app = opened(monkeypatch, here)
    _fill(app, "not my password", NEW, NEW)
    (beside,) = [words.value for words in app.markdown if ":red[" in words.value]
    assert "not your current password" in beside
    assert door.is_alive(there)
    _fill(app, PASSWORD, NEW, NEW)
    assert "Your password is changed" in app.success[0].value
    assert not [words.value for words in app.markdown if ":red[" in words.value]
    assert [field.value for field in app.text_input] == ["", "", ""], "nothing of it stays on the screen"
    assert not door.is_alive(there)
    assert tries(ANA, NEW)


def test_the_page_is_korean_for_a_korean_reader(door, monkeypatch):
    door.owner("update portal.person set language = 'ko', time_zone = 'Asia/Seoul' where email = :ana", ana=ANA)
    app = opened(monkeypatch, door.signed_in("ana"))
    _fill(app, "", "short", "other")
    problems = [words.value for words in app.markdown if ":red[" in words.value]
    assert len(problems) == 3
    said = [*problems, *(heading.value for heading in app.header), *(button.label for button in app.button)]
    assert all(re.search("[가-힣]", words) for words in said), said


def test_language_and_clock_are_chosen_on_the_page_and_count_at_once(door, monkeypatch):
    app = opened(monkeypatch, door.signed_in("ana"))
    app.selectbox[0].select("ko")
    app.selectbox[1].select("Asia/Tokyo")
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    assert app.title[0].value == "설정"
    assert any("JST" in words.value for words in app.markdown)
    kept = "select language || ' ' || time_zone from portal.person where email = :ana"
    assert door.owner(kept, ana=ANA) == "ko Asia/Tokyo"


def test_light_or_dark_is_chosen_on_the_page_which_comes_anew(door, monkeypatch):
    app = opened(monkeypatch, door.signed_in("ana"))
    assert (app.selectbox[2].label, app.selectbox[2].value) == ("Light or dark", "")
    app.selectbox[2].select("dark")
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    assert any("/auth/theme?next=/settings" in words.value for words in app.markdown)
    assert door.owner("select theme from portal.person where email = :ana", ana=ANA) == "dark"
    door.owner("update portal.person set theme = null")


def test_how_news_arrive_is_chosen_on_the_page_and_kept_at_once(door, monkeypatch):
    app = opened(monkeypatch, door.signed_in("abel"))
    labels = {choice.label: choice for choice in app.button_group}
    assert set(labels) == {"Incidents", "Maintenance", "Advisories", "Tickets", "Shipments that arrived"}
    assert labels["Tickets"].value == Channel.MAIL
    labels["Tickets"].set_value(Channel.DIGEST).run()
    assert not app.exception
    assert app.success[0].value == "Kept: Tickets, Daily digest."
    assert {choice.label: choice.value for choice in app.button_group}["Tickets"] == Channel.DIGEST
    kept = "select string_agg(concat_ws(' ', p.email, n.topic, n.channel), ',') from portal.notification_preference n "
    assert door.owner(kept + "join portal.person p on p.id = n.person_id") == "hands@acme.example ticket digest"
    assert any("is always sent" in words.value for words in app.caption)


def test_a_language_that_is_gone_does_not_break_the_page(door, monkeypatch):
    door.owner("update portal.person set language = 'tlh', time_zone = 'Mars/Olympus' where email = :ana", ana=ANA)
    app = opened(monkeypatch, door.signed_in("ana"))
    assert app.title[0].value == "Settings"
    assert app.selectbox[0].value == ""


def _fill(app: AppTest, current: str, password: str, repeated: str) -> None:
    for field, typed in zip(app.text_input, (current, password, repeated), strict=True):
        field.input(typed)
    next(button for button in app.button if "hange password" in button.label or "비밀번호 변경" in button.label).click()
    app.run()
    assert not app.exception
