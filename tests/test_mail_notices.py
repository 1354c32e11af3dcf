"""Mail of notices: to whom they concern and nobody else, in their language, in batches, each person once."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

from data.models import InventoryItem
from data.models.rows import Hat
from data.noticing import AddToNotice, Announcement, SaveNotice, Words
from jobs import notices as job
from jobs.letters import Unwanted, written
from rules.principal import Principal
from tests.cluster import Database
from tests.standing import add
from tests.ticket_scene import Desk, desk_in

pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    """Acme Seoul has a cabinet at Seoul 1, Bolt one in Biñan."""
    desk = desk_in(database, sign_in)
    with database.as_owner() as connection:
        for account, site, number in (("seoul", "SEL1", "C-1"), ("bolt", "BIN1", "C-2")):
            of = {"account_id": desk.accounts[account], "site_id": desk.sites[site]}
            add(connection, InventoryItem, **of, asset_number=number, label=number, kind="cabinet", status="active")
        speak = "update portal.person set language = case email when 'viewer@acme.example' then 'ko' else 'en' end"
        connection.exec_driver_sql(speak)
    return desk


@pytest.fixture(autouse=True)
def _nothing_written(desk: Desk) -> None:
    with desk.database.as_owner() as connection:
        for table in ("mail", "notice_mailing", "notice_read", "notice_update", "notice_site", "notice_text",
                      "notice_account", "notice"):  # fmt: skip
            connection.exec_driver_sql(f"delete from portal.{table}")


def published(desk: Desk, **changes: object) -> UUID:
    values = {
        "category": "incident",
        "title": "Cooling fails",
        "body": "On floor 3.\nWork goes on.",
        "everyone": True,
        "sites": (desk.sites["SEL1"],),
        "service_impacting": True,
        "texts": {"ko": Words("냉방 장애", "3층입니다.")},
    }
    said = Announcement(**{**values, **changes})  # type: ignore[arg-type]
    return UUID(desk.does("dee", SaveNotice(said, publishes=True))["uuid"])


def fan_out(desk: Desk) -> None:
    with desk.database.jobs.begin() as connection:
        connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
        job.mail_notices(connection)


def letters(connection: Connection, kind: str = "notice_published") -> dict[str, str]:
    """Address → subject and text as its mail program shows them; written by the worker, now."""
    asked = (
        "select m.id, m.kind, m.context, m.message_id, p.email from portal.mail m "
        "join portal.person p on p.id = m.person_id where m.kind = :kind order by m.id"
    )
    found: dict[str, str] = {}
    for *row, to in connection.execute(text(asked), {"kind": kind}).all():
        connection.execute(text("set local role portal_worker"))
        try:
            letter = written(connection, *row)
        except Unwanted:
            continue
        finally:
            connection.execute(text("set local role portal_owner"))
        parsed = message_from_bytes(letter.message.as_bytes(), policy=policy.default)
        body = parsed.get_body(("plain",))
        assert body is not None
        assert parsed["Bcc"] is None
        found[to] = f"{parsed['Subject']}\n{body.get_content()}"
    return found


def test_mail_goes_to_whom_it_concerns_in_the_language_of_each(desk: Desk) -> None:
    uuid = published(desk)
    assert desk.rows("select count(*) from portal.mail") == [(0,)], "the worker writes it, not who publishes"
    fan_out(desk)
    with desk.database.as_owner() as connection:
        found = letters(connection)
    assert {*found} == {"paa@acme.example", "hands@acme.example", "viewer@acme.example"}, (
        "nothing of Bolt's is in Seoul"
    )
    english, korean = found["paa@acme.example"], found["viewer@acme.example"]
    assert "Cooling fails" in english
    assert "냉방 장애" in korean
    assert "Cooling fails" not in korean
    for words in ("On floor 3.", f"/notices?notice={uuid}", "Seoul 1", "Your service is affected."):
        assert words in english


def test_each_person_gets_it_once_however_many_run_and_in_batches(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    published(desk, category="advisory", sites=())
    monkeypatch.setattr(job, "BATCH", 2)
    monkeypatch.setattr(job, "MOST_TURNS", 1)
    fan_out(desk)
    assert desk.rows("select count(*) from portal.mail") == [(2,)]
    for _turn in range(6):
        fan_out(desk)
    people = desk.rows("select count(distinct person_id), count(*) from portal.mail")
    assert people[0][0] == people[0][1] == 4, "Ana, Abel, Vic and Bea, and nobody of the staff"
    assert desk.rows("select count(*) from portal.notice_mailing") == [(0,)]


def test_an_update_is_told_with_its_words_and_what_is_over_says_so(desk: Desk) -> None:
    uuid = published(desk)
    fan_out(desk)
    added = AddToNotice(uuid, 2, body="Repaired at noon.", texts={"ko": "정오에 수리했습니다."}, resolves=True)
    desk.does("dee", added)
    fan_out(desk)
    with desk.database.as_owner() as connection:
        found = letters(connection, "notice_updated")
    assert "Repaired at noon." in found["paa@acme.example"]
    assert "It is over" in found["paa@acme.example"]
    assert "Your service is affected." not in found["paa@acme.example"]
    assert "정오에 수리했습니다." in found["viewer@acme.example"]


def test_whoever_it_concerns_no_more_when_its_turn_comes_gets_nothing(desk: Desk) -> None:
    published(desk)
    fan_out(desk)
    with desk.database.as_owner() as connection:
        connection.exec_driver_sql(
            "delete from portal.access_grant where function = 'notice.view' and person_id = "
            "(select id from portal.person where email = 'hands@acme.example')"
        )
        connection.exec_driver_sql("update portal.person set disabled_at = now() where email = 'viewer@acme.example'")
        assert {*letters(connection)} == {"paa@acme.example"}
        connection.exec_driver_sql("update portal.inventory_item set status = 'decommissioned'")
        assert letters(connection) == {}
        connection.rollback()


def test_what_is_for_chosen_accounts_is_mailed_to_them_alone_and_hostile_words_stay_words(desk: Desk) -> None:
    hostile = "Rack <b>7</b>\u202e"
    published(desk, category="incident", title=hostile, everyone=False, accounts=(desk.accounts["bolt"],), texts={})
    fan_out(desk)
    with desk.database.as_owner() as connection:
        found = letters(connection)
    assert {*found} == {"paa@bolt.example"}
    assert "\u202e" not in found["paa@bolt.example"].splitlines()[0]


def test_no_draft_is_mailed(desk: Desk) -> None:
    said = Announcement("advisory", "Not yet", everyone=True)
    desk.does("dee", SaveNotice(said))
    fan_out(desk)
    assert desk.rows("select count(*) from portal.mail") == [(0,)]
