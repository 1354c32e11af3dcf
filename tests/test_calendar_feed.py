"""The calendar that other programs read: what its person may see of it now, by an address that only they were given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from icalendar import Calendar, Event
from sqlalchemy import text
from starlette.applications import Starlette

from auth.sessions import hashed, new_token
from data.commands import execute
from data.engines import app_engine
from data.feed_tokens import CloseCalendar, OpenCalendar, calendar_address
from rules.errors import Forbidden
from rules.principal import Principal
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.door import settings_for
from tests.scene import Scene, set_the_scene
from tests.standing import page_of
from web import calendar
from web.observed import logged_path

_PLANNED = "update portal.notice set category = 'maintenance', starts_at = now(), ends_at = now() + interval '1 hour'"
SignIn = Callable[[str], Principal]


@dataclass
class Calendars:
    """People who make an address, and the program that was given it."""

    database: Database
    scene: Scene
    sign_in: SignIn

    def made(self, name: str, language: str = "en") -> str:
        token = new_token()
        execute(app_engine(), self.sign_in(name), OpenCalendar(hashed(token), "Asia/Seoul", language))
        return token

    def fetch(self, token: str, **headers: str) -> Answer:
        app = Starlette(routes=calendar.routes)
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(app, f"/calendar/{token}.ics", headers=said)

    def entries(self, token: str) -> dict[str, Event]:
        answer = self.fetch(token)
        assert answer.status == 200
        return {str(event["summary"]): event for event in Calendar.from_ical(answer.body).walk("vevent")}

    def owner(self, statement: str, **values: Any) -> Any:
        with self.database.as_owner() as connection:
            done = connection.execute(text(statement), values)
            return done.all() if done.returns_rows else None


@pytest.fixture(scope="module")
def _portal(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with database.as_owner() as connection:
        scene = set_the_scene(connection)
        connection.execute(text(_PLANNED))
    with settings_for(database, tmp_path_factory.mktemp("home") / "instance"):
        yield scene


@pytest.fixture
def calendars(database: Database, _portal: Scene, sign_in: SignIn) -> Iterator[Calendars]:
    yield Calendars(database, _portal, sign_in)
    with database.as_owner() as connection:
        for table in ("portal.feed_token", "auth.throttle"):
            connection.execute(text(f"delete from {table}"))


def test_everybody_sees_in_it_what_they_see_in_the_portal(calendars: Calendars) -> None:
    """Of visits and notices exactly those that the same person's own session shows."""
    for name in ("ana", "bea", "vic", "abel", "mia", "dee"):
        shown = calendars.entries(calendars.made(name))
        visits = {str(event["uid"]).partition("@")[0] for event in shown.values() if "(SV-" in str(event["summary"])}
        assert visits == _may_see(calendars, name), name
    of_bolt = " ".join(calendars.entries(calendars.made("bea")))
    assert "ana's visit" not in of_bolt


def _may_see(calendars: Calendars, name: str) -> set[str]:
    from data.calendar import events_of

    events = events_of(app_engine(), calendars.sign_in(name), "en")
    return {str(event.uuid) for event in events if (event.number or "").startswith("SV-")}


def test_who_may_see_no_tickets_sees_only_notices_and_the_other_way_round(calendars: Calendars) -> None:
    fin = calendars.entries(calendars.made("fin"))
    assert fin
    assert not [summary for summary in fin if "(SV-" in summary or "(RH-" in summary]


def test_an_address_that_is_none_gets_the_same_answer_as_one_that_was_taken_back(calendars: Calendars) -> None:
    token, older = calendars.made("ana"), calendars.made("bea")
    newer = calendars.made("bea")
    execute(app_engine(), calendars.sign_in("ana"), CloseCalendar())
    answers = [calendars.fetch(wrong) for wrong in (token, older, "guess", "x" * 5000, calendars.sign_in("bea").token)]
    assert {(answer.status, answer.body, answer.header("cache-control")) for answer in answers} == {
        (404, b"Not found\n", "no-store")
    }
    assert calendars.fetch(newer).status == 200
    assert calendars.fetch(newer, cookie=f"portal_session={newer}").status == 200


def test_whoever_lost_their_rights_or_their_account_finds_less_or_nothing(calendars: Calendars) -> None:
    token, bea = calendars.made("bea"), {"b": calendars.scene.people["bea"]}
    assert calendars.entries(token)
    calendars.owner("update portal.membership set ended_at = now() where person_id = :b", **bea)
    assert calendars.entries(token) == {}
    calendars.owner("update portal.person set disabled_at = now() where id = :b", **bea)
    assert calendars.fetch(token).status == 404
    calendars.owner("update portal.person set disabled_at = null where id = :b", **bea)
    calendars.owner("update portal.membership set ended_at = null where person_id = :b", **bea)


def test_nobody_reads_anothers_address_or_takes_it_back(calendars: Calendars) -> None:
    token = calendars.made("ana")
    execute(app_engine(), calendars.sign_in("bea"), CloseCalendar())
    assert calendars.fetch(token).status == 200
    assert calendar_address(app_engine(), calendars.sign_in("bea")) is None
    mine = calendar_address(app_engine(), calendars.sign_in("ana"))
    assert mine is not None and mine.last_used_at is not None
    kept = calendars.owner("select token_hash from portal.feed_token")
    assert token.encode() not in b" ".join(bytes(row.token_hash) for row in kept)


def test_it_is_sent_again_only_if_something_changed(calendars: Calendars) -> None:
    token = calendars.made("ana")
    first = calendars.fetch(token)
    tag = first.header("etag") or ""
    assert (first.header("cache-control"), first.header("content-type")) == (
        "private, no-cache", "text/calendar; charset=utf-8",
    )  # fmt: skip
    again = calendars.fetch(token, if_none_match=f'"other", {tag}')
    assert (again.status, again.body) == (304, b"")
    assert calendars.fetch(token, if_none_match='"other"').status == 200
    visit = "kind = 'site_visit' and account_id = :a"
    seoul = {"a": calendars.scene.accounts["osaka"]}
    calendars.owner(f"update portal.ticket set subject = subject || '!', updated_at = now() where {visit}", **seoul)
    assert calendars.fetch(token, if_none_match=tag).status == 200


def test_a_visit_stays_one_entry_and_is_struck_out_when_it_is_cancelled(calendars: Calendars) -> None:
    token = calendars.made("ana")
    visits = [event for summary, event in calendars.entries(token).items() if "(SV-" in summary]
    assert visits
    before = visits[0]
    uuid = str(before["uid"]).partition("@")[0]
    calendars.owner("alter table portal.ticket disable trigger user")
    change = "update portal.ticket set status = :s, updated_at = updated_at + interval '1 minute' where uuid = :u"
    was = calendars.owner("select status from portal.ticket where uuid = :u", u=uuid)[0].status
    calendars.owner(change, s="cancelled", u=uuid)
    after = next(event for event in calendars.entries(token).values() if event["uid"] == before["uid"])
    assert (str(before["status"]) != "CANCELLED", str(after["status"])) == (True, "CANCELLED")
    assert int(after["sequence"]) > int(before["sequence"])
    assert after["last-modified"].dt > before["last-modified"].dt
    calendars.owner(change, s=was, u=uuid)
    calendars.owner("alter table portal.ticket enable trigger user")


def test_it_speaks_the_language_of_its_reader(calendars: Calendars) -> None:
    english, korean = (" ".join(calendars.entries(calendars.made("ana", language))) for language in ("en", "ko"))
    assert "Site visit" in english
    assert "현장 방문" in korean
    assert "Site visit" not in korean


def test_who_asks_too_often_is_told_so_whatever_they_ask_for(calendars: Calendars) -> None:
    assert calendars.fetch("guess").status == 404
    calendars.owner("update auth.throttle set failures = 300")
    assert calendars.fetch("guess").status == 404
    token = calendars.made("ana")
    assert [calendars.fetch(one).status for one in ("guess", token)] == [429, 429]


def test_the_address_is_in_no_log() -> None:
    assert logged_path({"type": "http", "path": "/calendar/secret.ics"}) == "/calendar/"


def test_the_address_is_shown_once_and_withdrawn_in_the_settings(calendars: Calendars) -> None:
    vic = calendars.sign_in("vic")
    page = page_of(vic, "pages.portal.settings.page")
    page.button(key="open-calendar").click().run()
    (shown,) = (code.value for code in page.code)
    token = shown.rpartition("/")[2].removesuffix(".ics")
    assert calendars.fetch(token).status == 200
    assert not page_of(vic, "pages.portal.settings.page").code, "in another tab nobody can show it again"
    page.button(key="close-calendar").click().run()
    assert calendars.fetch(token).status == 404
    assert not page.code


def test_who_belongs_nowhere_makes_no_address(calendars: Calendars) -> None:
    bea = calendars.sign_in("bea").looking_at(())
    with pytest.raises(Forbidden):
        execute(app_engine(), bea, OpenCalendar(b"x", "UTC", "en"))
