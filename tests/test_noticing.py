"""What staff publish: who may tell whom, what becomes of it, and that nobody touches another's notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.commands import Done
from data.database import writing
from data.models import InventoryItem
from data.news import unread
from data.notices import NoticesAsked, Within, get_notice, list_notices, mark_read
from data.noticing import (
    AddToNotice,
    Announcement,
    PublishNotice,
    SaveNotice,
    WithdrawNotice,
    Words,
    WrittenAsked,
    editable,
    list_written,
    reach,
)
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.notices import NoticeState
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.standing import add
from tests.ticket_scene import Desk, desk_in, later

P = Permission
SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: SignIn) -> Desk:
    """Acme Seoul has a cabinet at Seoul 1, Bolt one in Biñan and one, long gone, in Seoul."""
    desk = desk_in(database, sign_in)
    with database.as_owner() as connection:
        for account, site, number, status in (
            ("seoul", "SEL1", "C-1", "active"),
            ("bolt", "BIN1", "C-2", "active"),
            ("bolt", "SEL1", "C-3", "decommissioned"),
        ):
            of = {"account_id": desk.accounts[account], "site_id": desk.sites[site]}
            add(connection, InventoryItem, **of, asset_number=number, label=number, kind="cabinet", status=status)
    return desk


@pytest.fixture(autouse=True)
def _nothing_said(desk: Desk) -> None:
    """Every test begins with no notice at all."""
    with desk.database.as_owner() as connection:
        for table in ("mail", "notice_mailing", "notice_read", "notice_update", "notice_site", "notice_text",
                      "notice_account", "notice"):  # fmt: skip
            connection.exec_driver_sql(f"delete from portal.{table}")


def incident(desk: Desk, **changes: Any) -> Announcement:
    values = {
        "category": "incident",
        "title": "Cooling fails",
        "body": "On floor 3.",
        "everyone": True,
        "sites": (desk.sites["SEL1"],),
        "service_impacting": True,
    }
    return Announcement(**{**values, **changes})


def for_seoul(desk: Desk, **changes: Any) -> Announcement:
    """Of the kind that an account manager writes."""
    values = {"category": "advisory", "title": "A word", "everyone": False, "accounts": (desk.accounts["seoul"],)}
    return incident(desk, **{**values, "sites": (), **changes})


def published(desk: Desk, said: Announcement, *, by: str = "dee") -> Done:
    return desk.does(by, SaveNotice(said, publishes=True))


def told(desk: Desk, who: str, **asked: Any) -> list[str]:
    found = list_notices(desk.database.app, desk.person(who), NoticesAsked(**asked))
    return [row.title for row in found.rows]


# --- who may tell whom


def test_a_draft_is_news_once_it_is_published_and_not_before(desk: Desk) -> None:
    draft = desk.does("dee", SaveNotice(incident(desk)))
    uuid = UUID(draft["uuid"])
    assert told(desk, "ana") == told(desk, "bea") == []
    with pytest.raises(NotFound):
        get_notice(desk.database.app, desk.person("ana"), uuid)
    desk.does("dee", PublishNotice(uuid, draft["version"]))
    assert told(desk, "ana") == told(desk, "bea") == ["Cooling fails"]
    assert unread(desk.database.app, desk.person("ana")).notices == 1


@pytest.mark.parametrize("who", ["fin", "ada"])
def test_the_other_staff_neither_write_nor_see_drafts(who: str, desk: Desk) -> None:
    with pytest.raises(Forbidden):
        desk.does(who, SaveNotice(for_seoul(desk)))
    desk.does("dee", SaveNotice(incident(desk)))
    assert told(desk, who) == []
    with pytest.raises(Forbidden):
        list_written(desk.database.app, desk.person(who), WrittenAsked())


@pytest.mark.parametrize("who", ["ana", "abel", "bea"])
def test_a_customer_publishes_nothing(who: str, desk: Desk) -> None:
    with pytest.raises(Forbidden):
        desk.does(who, SaveNotice(for_seoul(desk)))
    assert desk.rows("select count(*) from portal.notice") == [(0,)]


def test_a_manager_tells_the_accounts_they_look_after_and_no_others(desk: Desk) -> None:
    published(desk, for_seoul(desk), by="mia")
    assert told(desk, "vic") == ["A word"]
    assert told(desk, "bea") == []
    for accounts in ((desk.accounts["bolt"],), (desk.accounts["seoul"], desk.accounts["bolt"])):
        with pytest.raises((Forbidden, Invalid)):
            desk.does("mia", SaveNotice(for_seoul(desk, accounts=accounts)))
    with pytest.raises(Forbidden):
        desk.does("mia", SaveNotice(incident(desk)))
    assert told(desk, "bea") == []


WRITE = (
    "select authz.write_notice(:uuid, :version, cast(:said as jsonb), cast(:sites as bigint[]), "
    "cast(:accounts as bigint[]))"
)


@pytest.mark.parametrize(
    ("who", "said", "accounts"),
    [
        ("mia", '{"category": "advisory", "title": "x", "everyone": true}', []),  # never everyone
        ("mia", '{"category": "advisory", "title": "x"}', ["bolt"]),
        ("mia", '{"category": "advisory", "title": "x"}', ["seoul", "bolt"]),
        ("mia", '{"category": "advisory", "title": "x"}', []),
        ("mia", '{"category": "advisory", "title": "x", "everyone": true}', ["seoul"]),
        ("dee", '{"category": "billing", "title": "pay"}', ["seoul"]),  # the portal's own
        ("dee", '{"category": "advisory", "title": "  "}', ["seoul"]),
        ("fin", '{"category": "advisory", "title": "x"}', ["seoul"]),
        ("ada", '{"category": "advisory", "title": "x", "everyone": true}', []),
        ("ana", '{"category": "advisory", "title": "x"}', ["seoul"]),
    ],
)
def test_the_database_itself_refuses_who_may_not_tell(who: str, said: str, accounts: list[str], desk: Desk) -> None:
    values = {"uuid": None, "version": None, "said": said, "sites": [],
              "accounts": [desk.accounts[name] for name in accounts]}  # fmt: skip
    with (
        pytest.raises(DBAPIError, match="permission denied"),
        writing(desk.database.app, desk.person(who), P.NOTICE_VIEW) as connection,
    ):
        connection.execute(text(WRITE), values)
    assert desk.rows("select count(*) from portal.notice") == [(0,)]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into portal.notice (category, title, everyone, published_at) values ('incident', 'x', true, now())",
        "update portal.notice set title = 'x'",
        "delete from portal.notice",
        "insert into portal.notice_account (notice_id, account_id) select id, 1 from portal.notice",
        "insert into portal.notice_update (notice_id, body) select id, 'x' from portal.notice",
        "select * from portal.notice_mailing",
        "select authz.concerned_by(true, '{}', '{}')",
        "select authz.concerns(1, true, '{}', '{}')",
        "select authz.hold_notice(uuid, 1) from portal.notice",
        "select authz.say_about('t', 1, null, null, 'ticket', 'notice.view', 'sla_breach', null, '', '', null, true)",
        "select authz.mail_notices(100, 'x')",
        "select authz.say_overdue(100)",
    ],
)
@pytest.mark.parametrize("who", ["dee", "mia", "ana"])
def test_no_hat_writes_a_notice_past_the_functions(who: str, statement: str, desk: Desk) -> None:
    published(desk, incident(desk))
    with (
        pytest.raises(DBAPIError, match="permission denied"),
        writing(desk.database.app, desk.person(who), P.NOTICE_VIEW) as connection,
    ):
        connection.execute(text(statement))
    assert told(desk, "ana") == ["Cooling fails"]


_ASKED_FOR_EACH = """
select p.name, asked.for_all, asked.sites, asked.accounts,
       authz.concerns(p.id, asked.for_all, asked.sites, asked.accounts)
from portal.person p, (
    select true, '{}'::bigint[], '{}'::bigint[]
    union all select true, array[s.id], '{}' from portal.site s
    union all select false, '{}', array[a.id] from portal.account a
    union all select false, '{}', '{}') asked (for_all, sites, accounts)
"""
_ASKED_AT_ONCE = (
    "select p.name from authz.concerned_by(:all, :sites, :accounts) c join portal.person p on p.id = c.person_id"
)


def test_whom_a_notice_concerns_is_the_same_asked_of_all_or_of_one(desk: Desk) -> None:
    bea, vic = desk.person("bea").person_id, desk.person("vic").person_id
    with desk.database.as_owner() as connection:
        connection.execute(text("update portal.account set closed_at = now() where code = 'ACME-OSAKA'"))
        connection.execute(text("update portal.person set disabled_at = now() where id = :p"), {"p": bea})
        connection.execute(text("update portal.membership set ended_at = now() where person_id = :p"), {"p": vic})
        found: dict[tuple[bool, tuple[int, ...], tuple[int, ...]], set[str]] = {}
        for name, for_all, sites, accounts, is_concerned in connection.execute(text(_ASKED_FOR_EACH)):
            found.setdefault((for_all, tuple(sites), tuple(accounts)), set()).update({name} if is_concerned else ())
        for (for_all, sites, accounts), names in found.items():
            asked = {"all": for_all, "sites": list(sites), "accounts": list(accounts)}
            assert set(connection.scalars(text(_ASKED_AT_ONCE), asked)) == names, asked
        assert {len(names) for names in found.values()} > {0, 1}, "some of them concern several, some nobody"
        connection.rollback()


def test_nobody_touches_a_managers_notice_but_they_and_the_desk(desk: Desk) -> None:
    uuid = UUID(published(desk, for_seoul(desk), by="dee")["uuid"])
    for command in (AddToNotice(uuid, 2, body="me too"), PublishNotice(uuid, 2), WithdrawNotice(uuid, 2)):
        with pytest.raises((Forbidden, Conflict)):
            desk.does("mia", command)
    assert not editable(desk.database.app, desk.person("mia"), uuid).row.is_mine
    theirs = UUID(published(desk, for_seoul(desk, title="Mine"), by="mia")["uuid"])
    desk.does("dee", AddToNotice(theirs, 2, body="the desk may"))
    assert get_notice(desk.database.app, desk.person("ana"), theirs).updates[0].body == "the desk may"


def test_who_lost_an_account_no_longer_writes_to_it(desk: Desk) -> None:
    uuid = UUID(published(desk, for_seoul(desk), by="mia")["uuid"])
    mia = desk.id_of("mia")
    taken = {"person": mia, "account": desk.accounts["seoul"]}
    which = "person_id = :person and account_id = :account"
    with desk.database.as_owner() as connection:
        connection.execute(text(f"delete from portal.assignment where {which}"), taken)
    try:
        with pytest.raises((Forbidden, NotFound)):
            desk.does("mia", AddToNotice(uuid, 2, body="still me"))
    finally:
        with desk.database.as_owner() as connection:
            connection.execute(
                text("insert into portal.assignment (person_id, account_id) values (:person, :account)"), taken
            )
    assert get_notice(desk.database.app, desk.person("ana"), uuid).updates == ()


# --- what becomes of it


def test_a_double_click_makes_one_notice_and_a_stale_draft_is_told(desk: Desk) -> None:
    key = uuid4()
    first = desk.does("dee", SaveNotice(incident(desk)), key=key)
    assert desk.does("dee", SaveNotice(incident(desk)), key=key)["uuid"] == first["uuid"]
    uuid = UUID(first["uuid"])
    changed = desk.does("dee", SaveNotice(incident(desk, title="Power fails"), uuid, first["version"]))
    with pytest.raises(Conflict, match="meanwhile"):
        desk.does("dee", SaveNotice(incident(desk, title="Nothing fails"), uuid, first["version"]))
    with pytest.raises(Conflict, match="meanwhile"):
        desk.does("dee", PublishNotice(uuid, first["version"]))
    desk.does("dee", PublishNotice(uuid, changed["version"]))
    assert told(desk, "ana") == ["Power fails"]
    with pytest.raises(Conflict, match="already"):
        desk.does("dee", PublishNotice(uuid, changed["version"] + 1))
    with pytest.raises(Conflict, match="already"):
        desk.does("dee", WithdrawNotice(uuid, changed["version"] + 1))
    with pytest.raises(Forbidden):  # what was said stays said
        desk.does("dee", SaveNotice(incident(desk, title="Nothing fails"), uuid, changed["version"] + 1))
    assert told(desk, "ana") == ["Power fails"]


def test_a_draft_that_nobody_needs_is_gone_with_all_that_hung_on_it(desk: Desk) -> None:
    said = for_seoul(desk, sites=(desk.sites["SEL1"],), texts={"ko": Words("말씀")})
    draft = desk.does("mia", SaveNotice(said))
    with pytest.raises((Forbidden, NotFound)):
        desk.does("ana", WithdrawNotice(UUID(draft["uuid"]), draft["version"]))
    desk.does("mia", WithdrawNotice(UUID(draft["uuid"]), draft["version"]))
    assert list_written(desk.database.app, desk.person("mia"), WrittenAsked())[0] == ()
    assert desk.rows("select count(*) from portal.notice_text") == [(0,)]


def test_an_update_is_news_again_for_who_had_read_the_notice(desk: Desk) -> None:
    ana = desk.person("ana")
    done = published(desk, incident(desk, texts={"ko": Words("냉방 장애", "3층입니다.")}))
    uuid = UUID(done["uuid"])
    mark_read(desk.database.app, ana)
    assert unread(desk.database.app, ana).notices == 0
    texts = {"ko": "예비기가 돕니다."}
    desk.does("dee", AddToNotice(uuid, done["version"], body="The reserve runs.", texts=texts))
    assert unread(desk.database.app, ana).notices == 1
    in_korean = get_notice(desk.database.app, ana, uuid, language="ko")
    assert (in_korean.row.title, in_korean.body) == ("냉방 장애", "3층입니다.")
    assert [update.body for update in in_korean.updates] == ["예비기가 돕니다."]
    in_japanese = get_notice(desk.database.app, ana, uuid, language="ja")
    assert (in_japanese.row.title, in_japanese.updates[0].body) == ("Cooling fails", "The reserve runs.")


def test_what_is_over_goes_on_no_more_and_takes_no_further_word(desk: Desk) -> None:
    done = published(desk, incident(desk))
    uuid = UUID(done["uuid"])
    assert told(desk, "ana", only_open=True) == ["Cooling fails"]
    over = desk.does("dee", AddToNotice(uuid, done["version"], body="Repaired.", resolves=True))
    assert told(desk, "ana", only_open=True) == []
    assert editable(desk.database.app, desk.person("dee"), uuid).row.state is NoticeState.OVER
    with pytest.raises(Conflict, match="over"):
        desk.does("dee", AddToNotice(uuid, over["version"], body="Not yet."))


def test_the_window_of_maintenance_is_moved_with_a_word_and_never_ends_before_it_begins(desk: Desk) -> None:
    window = {"starts_at": later(48), "ends_at": later(52)}
    done = published(desk, incident(desk, category="maintenance", **window))
    uuid, version = UUID(done["uuid"]), done["version"]
    with pytest.raises(Invalid, match="after the beginning"):
        desk.does("dee", AddToNotice(uuid, version, body="Moved", ends_at=later(40)))
    with pytest.raises(Invalid):
        desk.does("dee", AddToNotice(uuid, version, ends_at=later(60)))
    desk.does("dee", AddToNotice(uuid, version, body="A day later", starts_at=later(72), ends_at=later(76)))
    row = get_notice(desk.database.app, desk.person("ana"), uuid).row
    assert row.starts_at is not None
    assert row.ends_at is not None
    assert row.ends_at - row.starts_at < timedelta(hours=5)
    assert row.starts_at > later(70)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"body": "x" * 4001}, "body"),
        ({"category": "billing"}, "category"),
        ({"sites": ()}, "sites"),
        ({"everyone": False}, "accounts"),
        ({"category": "maintenance"}, "starts_at"),
        ({"ends_at": later(3)}, "starts_at"),
        ({"texts": {"ko": Words("", "본문")}}, "title_ko"),
        ({"texts": {"tlh": Words("nuqneH")}}, "language"),
        ({"sites": (987654,)}, "sites"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_kept(changes: dict[str, Any], field: str, desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        desk.does("dee", SaveNotice(incident(desk, **changes)))
    assert refused.value.field == field
    assert desk.rows("select count(*) from portal.notice") == [(0,)]


def test_the_preview_counts_whom_it_concerns_and_tells_nobody_else(desk: Desk) -> None:
    app = desk.database.app
    at_seoul = reach(app, desk.person("dee"), incident(desk))
    assert at_seoul.accounts == 1, "Bolt's cabinet in Seoul is long gone"
    assert at_seoul.people == len({"ana", "abel", "vic"})
    everyone = reach(app, desk.person("dee"), incident(desk, sites=()))
    assert everyone.accounts == desk.rows("select count(*) from portal.account where closed_at is null")[0][0]
    assert reach(app, desk.person("mia"), for_seoul(desk)).accounts == 1
    for said in (incident(desk), for_seoul(desk, accounts=(desk.accounts["bolt"],))):
        with pytest.raises(DBAPIError, match="permission denied"):
            reach(app, desk.person("mia"), said)


def test_what_was_done_stands_in_the_log_of_staff_alone(desk: Desk) -> None:
    done = published(desk, incident(desk))
    desk.does("dee", AddToNotice(UUID(done["uuid"]), done["version"], body="Repaired.", resolves=True))
    found = desk.rows(
        "select action, audience, object_label from portal.audit_entry where object_kind = 'notice' "
        "and object_id = :uuid order by id",
        uuid=done["uuid"],
    )
    assert [entry[0] for entry in found] == ["notice.save", "notice.publish", "notice.add"]
    assert {entry[1:] for entry in found} == {("staff", "Cooling fails")}


# --- what a customer looks for


def test_notices_are_found_by_word_site_and_window(desk: Desk) -> None:
    published(desk, incident(desk, texts={"ko": Words("냉방 장애")}))
    window = {"starts_at": later(24 * 10), "ends_at": later(24 * 10 + 4)}
    published(desk, incident(desk, category="maintenance", title="UPS work", sites=(desk.sites["BIN1"],), **window))
    for asked, found in (
        ({"words": "floor 3"}, ["UPS work", "Cooling fails"]),
        ({"words": "cooling"}, ["Cooling fails"]),
        ({"words": "100%"}, []),
        ({"site": "BIN1"}, ["UPS work"]),
        ({"site": "OSA1"}, []),
        ({"within": Within.WEEK}, ["Cooling fails"]),
        ({"within": Within.MONTH}, ["UPS work", "Cooling fails"]),
        ({"within": Within.OVER}, []),
    ):
        assert told(desk, "ana", **asked) == found, asked
    in_korean = list_notices(desk.database.app, desk.person("ana"), NoticesAsked(words="냉방"), language="ko")
    assert [row.title for row in in_korean.rows] == ["냉방 장애"]
