"""Watchers in the drawer and behind it: who is who by their id, and nobody outside is asked again and again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from data.mails import list_mail
from data.ticketing import AddWatcher, AllowOutsideWatchers, RemoveWatcher, watch
from rules.errors import Invalid
from rules.mail import MailState
from rules.principal import Principal
from tests.cluster import Database
from tests.test_ticket_pages import click, labels, opened, words
from tests.ticket_scene import Desk, desk_in

OUTSIDE = "helper@else.example"


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    return desk_in(database, sign_in)


def allow(desk: Desk, allowed: bool) -> None:
    desk.does("ana", AllowOutsideWatchers(desk.accounts["seoul"], allowed=allowed))


def asked(desk: Desk, number: str) -> int:
    mails = "select count(*) from portal.mail m join portal.ticket t on t.id = m.ticket_id where t.number = :n and m.kind = 'watch_confirm'"  # noqa: E501
    return int(desk.rows(mails, n=number)[0][0])


def test_an_outside_address_is_asked_once_a_day_for_each_ticket(desk: Desk) -> None:
    allow(desk, True)
    number, other = desk.opens("ana"), desk.opens("ana")
    desk.does("ana", AddWatcher(number, email=OUTSIDE))
    for typed in (OUTSIDE, OUTSIDE.upper()):
        for watcher in desk.sees("ana", number).watchers:
            desk.does("ana", RemoveWatcher(number, watcher.id))
        with pytest.raises(Invalid, match="asked today") as refused:
            desk.does("ana", AddWatcher(number, email=typed))
        assert refused.value.field == "email"
    assert asked(desk, number) == 1
    assert desk.sees("ana", number).watchers == ()
    desk.does("ana", AddWatcher(other, email=OUTSIDE))
    with desk.database.as_owner() as connection:
        connection.execute(
            text("update portal.mail set dedupe_key = dedupe_key || '/yesterday' where kind = 'watch_confirm'")
        )
    assert desk.does("ana", AddWatcher(number, email=OUTSIDE))["added"] is True
    assert (asked(desk, number), asked(desk, other)) == (2, 1)


def test_the_limit_of_colleagues_is_said_where_they_are_chosen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "MOST", 0)
    with pytest.raises(Invalid, match="At most 0") as refused:
        desk.does("ana", AddWatcher(desk.opens("ana"), person_id=desk.id_of("vic")))
    assert refused.value.field == "watchers"


def test_a_namesake_is_somebody_else(desk: Desk) -> None:
    with desk.database.as_owner() as connection:
        rename = text("update portal.person set name = :name where id = :id")
        connection.execute(rename, {"name": "Abel Acme", "id": desk.id_of("vic")})
    try:
        number = desk.opens("abel")
        desk.does("abel", AddWatcher(number, person_id=desk.id_of("vic")))
        assert "Leave" not in labels(opened(desk.person("abel"), number)), "it is the other Abel who watches"
        other = desk.opens("abel")
        desk.does("abel", AddWatcher(other, person_id=desk.id_of("abel")))
        app = opened(desk.person("abel"), other)
        assert "Leave" in labels(app)
        assert "Abel Acme" in next(box for box in app.selectbox if box.label == "Add a colleague").options
    finally:
        with desk.database.as_owner() as connection:
            connection.execute(rename, {"name": "Vic Acme", "id": desk.id_of("vic")})


def test_the_administrator_switches_outside_addresses_on_and_off(desk: Desk) -> None:
    allow(desk, False)
    number = desk.opens("abel")
    for who in ("abel", "dee"):
        assert not {"Invite", "Allow addresses from outside"} & labels(opened(desk.person(who), number)), who
    app = click(opened(desk.person("ana"), number), "Allow addresses from outside")
    assert "Invite" in labels(app)
    assert "Invite" in labels(opened(desk.person("abel"), number))
    assert "Allow no more addresses from outside" not in labels(opened(desk.person("abel"), number))
    app = click(app, "Allow no more addresses from outside")
    assert "Invite" not in labels(app)


def test_the_desk_sees_the_mail_of_a_ticket_and_starts_again_what_was_given_up(desk: Desk) -> None:
    number = desk.opens("ana")
    app: AppTest = opened(desk.person("dee"), number)
    assert "Confirmation" in words(app) and "Waiting to be sent" in words(app)
    assert "Send again" not in labels(app)
    with desk.database.as_owner() as connection:
        dead = (
            "update portal.mail set state = 'dead' where ticket_id = (select id from portal.ticket where number = :n)"
        )
        connection.execute(text(dead), {"n": number})
    click(opened(desk.person("dee"), number), "Send again")
    assert [mail.state for mail in list_mail(desk.database.app, desk.person("dee"), number)] == [MailState.READY]
    for who in ("ana", "mia"):
        seen = opened(desk.person(who), number)
        assert "Waiting to be sent" not in words(seen) and "Mail" not in [tab.label for tab in seen.tabs], who
