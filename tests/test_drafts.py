"""Drafts: what somebody typed is there again, for them and for nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from streamlit.testing.v1 import AppTest

from auth.sessions import end
from data.database import reading, writing
from data.drafts import LARGEST, discard, discard_within, keep, load
from data.models.rows import PEOPLE_HATS
from rules.errors import Invalid, SignedOut
from rules.permissions import Permission
from rules.principal import Principal
from tests.attacks.stage import USUAL, Stage, refused, rows, stage_on
from tests.cluster import Cluster, Database
from ui.drafts import _decoded, _encoded

SignIn = Callable[[str], Principal]
FORM = "remote_hands"
TYPED = {"subject": "서버 재시작", "description": "Please restart <b>all</b> of it", "packages": 2, "sites": ["SEL1"]}


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture(autouse=True)
def _nothing_typed(database: Database) -> None:
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.draft"))


@pytest.mark.parametrize("name", ["ana", "abel", "vic", "bea", "mia", "fin", "dee", "ada"])
def test_what_somebody_typed_is_there_in_their_next_session(database: Database, sign_in: SignIn, name: str) -> None:
    here, elsewhere = sign_in(name), sign_in(name)
    assert load(database.app, here, FORM) == {}
    keep(database.app, here, FORM, {"subject": "first"})
    keep(database.app, here, FORM, TYPED)
    end(database.auth, here.token)
    assert load(database.app, elsewhere, FORM) == TYPED
    assert load(database.app, elsewhere, "fault") == {}, "each form has its own"


def test_what_was_sent_or_thrown_away_is_gone(database: Database, sign_in: SignIn) -> None:
    vic = sign_in("vic")
    keep(database.app, vic, FORM, TYPED)
    keep(database.app, vic, "fault", TYPED)
    discard(database.app, vic, FORM)
    discard(database.app, vic, FORM)
    assert load(database.app, vic, FORM) == {}
    assert load(database.app, vic, "fault") == TYPED


def test_a_command_that_fails_keeps_the_draft(database: Database, sign_in: SignIn) -> None:
    vic = sign_in("vic")
    keep(database.app, vic, FORM, TYPED)
    with pytest.raises(ZeroDivisionError):
        _submit_and_fail(database, vic)
    assert load(database.app, vic, FORM) == TYPED
    with writing(database.app, vic, Permission.NOTICE_VIEW) as connection:
        discard_within(connection, vic, FORM)
    assert load(database.app, vic, FORM) == {}


def _submit_and_fail(database: Database, principal: Principal) -> None:
    with writing(database.app, principal, Permission.NOTICE_VIEW) as connection:
        discard_within(connection, principal, FORM)
        raise ZeroDivisionError


def test_a_session_that_ended_keeps_and_reads_nothing(database: Database, sign_in: SignIn) -> None:
    abel = sign_in("abel")
    keep(database.app, abel, FORM, TYPED)
    end(database.auth, abel.token)
    with pytest.raises(SignedOut):
        keep(database.app, abel, FORM, {"subject": "too late"})
    with pytest.raises(SignedOut):
        load(database.app, abel, FORM)
    assert load(database.app, sign_in("abel"), FORM) == TYPED


def test_too_much_is_refused_and_what_was_kept_stays(database: Database, sign_in: SignIn) -> None:
    vic = sign_in("vic")
    keep(database.app, vic, FORM, TYPED)
    with pytest.raises(Invalid, match="too much"):
        keep(database.app, vic, FORM, {"description": "x" * LARGEST})
    assert load(database.app, vic, FORM) == TYPED
    with pytest.raises(DBAPIError, match="ck_draft_size"), writing(database.app, vic, Permission.NOTICE_VIEW) as way:
        way.execute(text("update portal.draft set fields = to_jsonb(repeat('x', 70000))"))


@pytest.mark.parametrize(
    "value",
    ["", None, True, 3, 2.5, [1, "a"], date(2026, 12, 31), datetime(2026, 12, 31, 9, tzinfo=UTC), time(9, 30),
     Decimal("10.00"), (date(2026, 1, 1), date(2026, 1, 2)), {"a": 1, "b": 2}],
)  # fmt: skip
def test_every_kind_of_field_comes_back_as_it_was(database: Database, sign_in: SignIn, value: object) -> None:
    vic = sign_in("vic")
    keep(database.app, vic, FORM, {"field": _encoded(value)})
    back = _decoded(load(database.app, vic, FORM)["field"])
    assert back == (list(value) if isinstance(value, tuple) else value)
    assert type(back) is (list if isinstance(value, tuple) else type(value))


# --- nobody else


@pytest.fixture(scope="module")
def stage(cluster: Cluster) -> Iterator[Stage]:
    database = Database(cluster.new_database("with_cast"))
    stage = stage_on(database)
    with database.as_owner() as connection:
        connection.execute(
            text(
                "insert into portal.draft (person_id, form, fields) "
                "select id, 'secret', jsonb_build_object('a', 'mine') from portal.person"
            )
        )
    yield stage
    database.dispose()


PLANT = "insert into portal.draft (person_id, form, fields) values (:other, 'secret', '{}')"
REPLACE = "on conflict (person_id, form) do update set fields = excluded.fields"


@pytest.mark.parametrize("name", [*USUAL])
def test_nobody_sees_or_touches_anothers_draft_in_any_hat(stage: Stage, name: str) -> None:
    """Ana runs Abel's account, Ada the people: neither they nor anybody else gets at what others typed."""
    me = stage.scene.people[name]
    for hat in PEOPLE_HATS:
        with stage.signed_in(name, hat) as connection:
            assert rows(connection, "select person_id from portal.draft") == {me}
            for statement in (
                "update portal.draft set fields = '{}' where person_id <> :me returning person_id",
                "delete from portal.draft where person_id <> :me returning person_id",
            ):
                assert rows(connection, statement, me=me) == set()
            assert rows(connection, "update portal.draft set fields = '{}' returning person_id") == {me}
            other = next(person for person in stage.scene.people.values() if person != me)
            refused(connection, PLANT, "row-level security", other=other)
            refused(connection, f"{PLANT} {REPLACE}", "row-level security", other=other)
            refused(connection, "update portal.draft set person_id = :other", other=other)
    with stage.database.as_owner() as connection:
        kept = rows(connection, "select fields ->> 'a' from portal.draft")
        assert kept == {"mine"}


# --- in a form


def form(principal):
    import streamlit as st

    from ui.drafts import Draft

    if not st.checkbox("open", value=True):
        return
    draft = Draft.of(principal, "under test", subject="", start=None, site="SEL1")
    draft.notice()
    site = st.selectbox("Site", ["SEL1", "ICN1"], **draft.field("site", among=["SEL1", "ICN1"]))
    subject = st.text_input("Subject", **draft.field("subject"))
    st.date_input("Start", **draft.field("start"))
    st.text(f"{site}|{subject}")
    if st.button("Submit"):
        draft.discard()
        st.rerun()


def opened(principal: Principal) -> AppTest:
    app = AppTest.from_function(form, args=(principal,), default_timeout=30).run()
    assert not app.exception
    return app


def test_a_form_is_filled_in_again_in_another_browser(sign_in: SignIn) -> None:
    app = opened(sign_in("vic"))
    assert not app.caption, "nothing was typed before"
    app.text_input[0].input("Restart").run()
    app.date_input[0].set_value(date(2026, 12, 31)).run()
    app.selectbox[0].set_value("ICN1").run()
    assert not app.exception

    again = opened(sign_in("vic"))
    assert again.text[0].value == "ICN1|Restart"
    assert again.date_input[0].value == date(2026, 12, 31)
    assert "filled in again" in again.caption[0].value
    assert opened(sign_in("ana")).text[0].value == "SEL1|"


def test_a_form_that_was_closed_by_accident_is_filled_in_again(sign_in: SignIn) -> None:
    app = opened(sign_in("vic"))
    app.text_input[0].input("Restart").run()
    app.checkbox[0].uncheck().run()
    assert not app.text_input
    app.checkbox[0].check().run()
    assert app.text[0].value == "SEL1|Restart"


def test_a_form_that_was_sent_is_empty_the_next_time(sign_in: SignIn) -> None:
    app = opened(sign_in("vic"))
    app.text_input[0].input("Restart").run()
    app.button[0].click().run()
    assert app.text[0].value == "SEL1|"
    assert opened(sign_in("vic")).text[0].value == "SEL1|"


def test_who_begins_anew_has_an_empty_form_everywhere(sign_in: SignIn) -> None:
    opened(sign_in("vic")).text_input[0].input("Restart").run()
    app = opened(sign_in("vic"))
    next(button for button in app.button if button.label == "Start over").click().run()
    assert app.text[0].value == "SEL1|"
    assert not app.caption
    assert opened(sign_in("vic")).text[0].value == "SEL1|"


def test_a_choice_that_is_not_offered_any_more_is_left_out(database: Database, sign_in: SignIn) -> None:
    keep(database.app, sign_in("vic"), "under test", {"site": "TYO1", "subject": "Restart", "unknown": "x"})
    assert opened(sign_in("vic")).text[0].value == "SEL1|Restart"


def test_typing_after_the_session_ended_is_no_error_and_changes_nothing(database: Database, sign_in: SignIn) -> None:
    vic = sign_in("vic")
    app = opened(vic)
    app.text_input[0].input("in time").run()
    end(database.auth, vic.token)
    app.text_input[0].input("too late").run()
    assert not app.exception
    assert opened(sign_in("vic")).text[0].value == "SEL1|in time"
    with reading(database.app, sign_in("vic"), Permission.NOTICE_VIEW) as connection:
        assert rows(connection, "select form from portal.draft") == {"under test"}
