"""The page where staff write notices, as they see it: the list, the form, the drawer of a draft and of what is out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from data.noticing import AddToNotice, Announcement, SaveNotice, Words, editable
from rules.principal import Principal
from tests.cluster import Database
from tests.standing import page_of, words_of
from tests.ticket_scene import Desk, desk_in
from ui.reader import _SESSION_KEY, Reader

pytestmark = pytest.mark.usefixtures("configured")
PAGE = "pages.staff.broadcast.page"


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    return desk_in(database, sign_in)


@pytest.fixture(autouse=True)
def _nothing_said(desk: Desk) -> None:
    with desk.database.as_owner() as connection:
        for table in ("notice_mailing", "notice_read", "notice_update", "notice_site", "notice_text",
                      "notice_account", "notice", "draft"):  # fmt: skip
            connection.exec_driver_sql(f"delete from portal.{table}")


def written(desk: Desk, title: str, *, by: str = "dee", publishes: bool = True, **said: object) -> UUID:
    values = {"category": "incident", "title": title, "everyone": True, "sites": (desk.sites["SEL1"],)}
    command = SaveNotice(Announcement(**{**values, **said}), publishes=publishes)  # type: ignore[arg-type]
    return UUID(desk.does(by, command)["uuid"])


def for_seoul(desk: Desk, title: str, *, by: str, publishes: bool = True, **said: object) -> UUID:
    mine = {"category": "advisory", "everyone": False, "accounts": (desk.accounts["seoul"],), "sites": ()}
    return written(desk, title, by=by, publishes=publishes, **mine, **said)


def titles(app: AppTest) -> list[str]:
    return [*app.dataframe[0].value["title"]]


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_the_list_has_drafts_first_and_each_sees_their_own(desk: Desk) -> None:
    written(desk, "Cooling fails")
    for_seoul(desk, "A word to Acme", by="mia", publishes=False)
    assert titles(page_of(desk.person("dee"), PAGE)) == ["A word to Acme", "Cooling fails"]
    mias = page_of(desk.person("mia"), PAGE, state="draft")
    assert titles(mias) == ["A word to Acme"]
    assert [*mias.dataframe[0].value["for"]] == ["Acme Seoul"]
    written(desk, "Of the desk", publishes=False)
    assert "Of the desk" not in titles(page_of(desk.person("mia"), PAGE))
    assert titles(page_of(desk.person("dee"), PAGE, q="cooling")) == ["Cooling fails"]


def test_a_draft_is_published_from_its_drawer_which_says_whom_it_reaches(desk: Desk) -> None:
    uuid = for_seoul(desk, "**A word**", by="mia", publishes=False)
    app = page_of(desk.person("mia"), PAGE, notice=str(uuid))
    assert not app.exception
    assert r"\*\*A word\*\*" in words_of(app)
    assert "**3 people** of **1 account**" in words_of(app)
    assert {"Publish now", "Change", "Delete"} <= {*labels(app)}
    next(button for button in app.button if button.label == "Publish now").click().run()
    assert not app.exception
    assert editable(desk.database.app, desk.person("mia"), uuid).row.published_at is not None


def test_what_is_out_is_added_to_and_never_changed_or_deleted(desk: Desk) -> None:
    uuid = written(desk, "Cooling fails", texts={"ko": Words("냉방 장애")})
    desk.does("dee", AddToNotice(uuid, 2, body="The *reserve* runs."))
    app = page_of(desk.person("dee"), PAGE, notice=str(uuid))
    assert not app.exception
    assert "Send the update" in labels(app)
    assert not {"Publish now", "Change", "Delete"} & {*labels(app)}
    assert "The *reserve* runs." in [text.value for text in app.text]
    assert any("Korean" in area.label for area in app.text_area), "an update in each language of the notice"


def test_a_manager_reads_what_the_desk_published_and_has_nothing_to_click(desk: Desk) -> None:
    uuid = written(desk, "Cooling fails")
    app = page_of(desk.person("mia"), PAGE, notice=str(uuid))
    assert not app.exception
    assert not {"Send the update", "Publish now", "Change"} & {*labels(app)}
    unknown = page_of(desk.person("mia"), PAGE, notice="nonsense")
    assert "It does not exist, or it is not available to you." in words_of(unknown)


@pytest.mark.parametrize(("who", "asked"), [("dee", True), ("mia", False)])
def test_only_the_desk_is_asked_whether_everyone_is_meant(who: str, asked: bool, desk: Desk) -> None:
    app = page_of(desk.person(who), PAGE, new="notice")
    assert not app.exception
    whom = [control.label for control in app.button_group if control.label.startswith("For whom")]
    assert bool(whom) == asked
    accounts = next((field for field in app.multiselect if field.label.startswith("Accounts")), None)
    if accounts is not None:
        assert "Bolt" not in "".join(accounts.options)


def test_the_form_says_whom_it_would_reach_and_tells_nobody(desk: Desk) -> None:
    app = page_of(desk.person("mia"), PAGE, new="notice")
    assert "Concerns" not in words_of(app)
    accounts = next(field for field in app.multiselect if field.label.startswith("Accounts"))
    accounts.set_value([desk.accounts["seoul"]]).run()
    assert not app.exception
    assert "**3 people** of **1 account**" in words_of(app)
    assert desk.rows("select count(*) from portal.notice") == [(0,)]


def moments(app: AppTest) -> dict[str, tuple[str, datetime | None]]:
    """By what each field is called without its zone: the zone that stands beside it, and what it says."""
    found = {}
    for field in app.get("date_time_input"):
        name, zone, *_optional = field.label.split(" · ")
        found[name] = zone, field.value
    return found


def read_in(app: AppTest, zone: str) -> AppTest:
    app.session_state[_SESSION_KEY] = Reader("en", zone)
    return app.run()


def sites_of(app: AppTest, *chosen: int) -> AppTest:
    return next(each for each in app.multiselect if each.label.startswith("Sites")).set_value([*chosen]).run()


def test_without_a_site_a_notice_is_on_the_clock_of_who_writes_it(desk: Desk) -> None:
    dee, asked = desk.person("dee"), "Please answer by"
    app = read_in(page_of(dee, PAGE, new="notice"), "Asia/Seoul")
    assert moments(app)[asked] == ("KST", None)
    app.get("date_time_input")[0].set_value(datetime(2030, 1, 1, 9)).run()
    app = sites_of(app, desk.sites["BIN1"])
    assert moments(app)[asked] == ("PST (UTC+8)", datetime(2030, 1, 1, 8)), "another moment than was typed"
    again = read_in(page_of(dee, PAGE, new="notice"), "Asia/Jakarta")
    assert moments(again)[asked] == ("PST (UTC+8)", datetime(2030, 1, 1, 8))
    assert moments(sites_of(again))[asked] == ("WIB", datetime(2030, 1, 1, 7))


def test_a_draft_without_a_site_is_read_and_changed_on_ones_own_clock(desk: Desk) -> None:
    by = datetime(2030, 1, 1, tzinfo=UTC)
    draft = for_seoul(desk, "Sign the new policy", by="mia", publishes=False, respond_by=by)
    app = read_in(page_of(desk.person("mia"), PAGE, edit=str(draft)), "Asia/Seoul")
    assert moments(app)["Please answer by"] == ("KST", datetime(2030, 1, 1, 9))
    next(button for button in app.button if button.label == "Save and look at it").click().run()
    assert desk.rows("select respond_by, version from portal.notice") == [(by, 2)]
