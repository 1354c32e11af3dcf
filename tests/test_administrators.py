"""Who runs an account: handing it over in one step, being asked by colleagues, and running it from above."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette

from auth.sessions import hashed, new_token, who
from data.access import ChangeAccess, get_member
from data.administrators import AskForAccess, HandOver, administrators_above
from data.commands import execute
from data.database import belonging, reading, writing
from data.notices import NoticesAsked, list_notices
from pages.portal.unavailable import wanted
from rules.access import Access, MemberRole
from rules.errors import Conflict, Forbidden, Invalid, NotFound, SignedOut
from rules.permissions import CUSTOMER_FUNCTIONS, PRESETS, Permission
from rules.principal import Principal
from shell import entitled
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import DELEGATED, Door
from tests.invitation_scene import Letterbox, words_of
from tests.standing import page_of

P = Permission
PAA, GENERAL = MemberRole.PAA, MemberRole.GENERAL
SignIn = Callable[[str], Principal]
APP = Starlette(routes=entitled.routes)

pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def post(database: Database, sign_in: SignIn, tmp_path: Path) -> Iterator[Letterbox]:
    """Vic runs Acme Seoul beside Ana, who runs it from above. Whatever happened is undone."""
    post = Letterbox(Door(database), sign_in, tmp_path)
    grants = post.stands("select jsonb_agg(to_jsonb(g)) from portal.access_grant g")
    becomes(post, "vic", "paa")
    post.stands("update portal.person set language = 'en'")
    yield post
    for statement in (
        "delete from portal.mail", "delete from portal.notice_read", "delete from portal.notice_account",
        "delete from portal.notice", "delete from auth.session", "delete from portal.access_grant",
        "update portal.person set disabled_at = null, language = null",
        """update portal.membership m
           set role = case when p.email ^@ 'paa' then 'paa' else 'general' end, ended_at = null
           from portal.person p where p.id = m.person_id""",
    ):  # fmt: skip
        post.stands(statement)
    post.stands(
        """insert into portal.access_grant (account_id, person_id, function, site_ids)
           select account_id, person_id, function, site_ids
           from jsonb_populate_recordset(null::portal.access_grant, cast(:grants as jsonb))""",
        grants=json.dumps(grants),
    )


def becomes(post: Letterbox, who: str, role: str) -> None:
    post.stands(
        "update portal.membership set role = :role where person_id = :who", role=role, who=post.door.person(who)
    )


def member(post: Letterbox, who: str, account: str = "ACME-SEOUL") -> UUID:
    found = "select uuid from portal.membership where person_id = :who and account_id = :account"
    return post.stands(found, who=post.door.person(who), account=post.account(account))


def version(post: Letterbox, uuid: UUID) -> int:
    return int(post.stands("select version from portal.membership where uuid = :uuid", uuid=uuid))


def hands_over(
    post: Letterbox, principal: Principal, whom: str, preset: str = "viewer", seen: int | None = None
) -> str:
    """The token under which their session goes on."""
    uuid, fresh = member(post, whom), new_token()
    command = HandOver(uuid, version(post, uuid) if seen is None else seen, preset, hashed(fresh))
    execute(post.door.database.app, principal, command)
    return fresh


def principal_of(post: Letterbox, token: str) -> Principal:
    signed = who(post.door.database.auth, token)
    assert signed is not None
    return signed.principal


def stands(post: Letterbox, who: str) -> tuple[str, int]:
    """Their role in Acme Seoul, and how many functions are granted to them."""
    asked = """select m.role || ' ' || (select count(*) from portal.access_grant g
        where g.person_id = m.person_id and g.account_id = m.account_id)
        from portal.membership m where m.person_id = :who and m.account_id = :account"""
    role, n = post.stands(asked, who=post.door.person(who), account=post.account("ACME-SEOUL")).split()
    return role, int(n)


# --- handing over


def test_a_colleague_takes_over_and_who_handed_over_keeps_the_preset_they_chose(post: Letterbox) -> None:
    vic = post.sign_in("vic")
    fresh = hands_over(post, vic, "abel", "viewer")
    assert stands(post, "abel") == ("paa", 0)
    assert stands(post, "vic") == ("general", len(PRESETS["viewer"]))
    after = principal_of(post, fresh)
    assert not after.may(P.USER_MANAGE)
    assert after.may(P.INVOICE_VIEW)
    assert post.sign_in("abel").may(P.USER_MANAGE)
    assert not post.door.is_alive(vic.token), "the token of who ran the account is dead"


def test_both_sides_of_it_stand_in_the_log_and_the_new_one_is_told_by_mail(post: Letterbox) -> None:
    first = post.stands("select coalesce(max(id), 0) from portal.audit_entry")
    hands_over(post, post.sign_in("vic"), "abel", "finance")
    logged = """select string_agg(
            concat_ws(' ', actor_name, object_label, before ->> 'role', after ->> 'role'), '; ' order by id)
        from portal.audit_entry where id > :first and action = 'access.hand_over'"""
    assert post.stands(logged, first=first) == "Vic Acme Abel Acme general paa; Vic Acme Vic Acme paa general"
    (mail,) = post.arrived()
    assert mail["To"].addresses[0].addr_spec == CAST["abel"]
    assert "Vic Acme has handed the administration of Acme Seoul over to you." in words_of(mail)


def test_the_token_of_who_ran_the_account_hands_nothing_over_a_second_time(post: Letterbox) -> None:
    vic = post.sign_in("vic")
    hands_over(post, vic, "abel")
    with pytest.raises(SignedOut):
        hands_over(post, vic, "abel")
    assert (stands(post, "vic")[0], stands(post, "abel")[0]) == ("general", "paa")


def test_what_changed_meanwhile_is_handed_to_nobody(post: Letterbox) -> None:
    vic, uuid = post.sign_in("vic"), member(post, "abel")
    seen = version(post, uuid)
    execute(post.door.database.app, post.sign_in("ana"), ChangeAccess(uuid, seen, GENERAL, {P.ORDER_VIEW: None}))
    with pytest.raises(Conflict):
        hands_over(post, vic, "abel", seen=seen)
    assert (stands(post, "vic"), stands(post, "abel")) == (("paa", 7), ("general", 1))
    assert post.door.is_alive(vic.token)


def test_nobody_hands_over_to_who_left_or_was_shut_out(post: Letterbox) -> None:
    vic, uuid = post.sign_in("vic"), member(post, "abel")
    post.stands("update portal.person set disabled_at = now() where id = :abel", abel=post.door.person("abel"))
    with pytest.raises(Conflict):
        hands_over(post, vic, "abel")
    post.stands("update portal.membership set ended_at = now() where uuid = :uuid", uuid=uuid)
    with pytest.raises(NotFound):
        hands_over(post, vic, "abel")
    assert stands(post, "vic")[0] == "paa"


@pytest.mark.parametrize("preset", ["", "paa", "everything", "own_choice"])
def test_only_a_preset_is_kept(preset: str, post: Letterbox) -> None:
    with pytest.raises(Invalid):
        hands_over(post, post.sign_in("vic"), "abel", preset)
    assert stands(post, "vic")[0] == "paa"


@pytest.mark.parametrize("name", ["ana", "abel", "bea", "mia", "dee"])
def test_who_does_not_run_the_account_as_its_own_hands_nothing_over(name: str, post: Letterbox) -> None:
    """Ana runs it from above: she would stay its administrator, whatever was written."""
    with pytest.raises((Forbidden, NotFound)):
        hands_over(post, post.sign_in(name), "abel" if name != "abel" else "vic")
    assert (stands(post, "vic")[0], stands(post, "abel")[0]) == ("paa", "general")


_HAND_OVER = "select authz.hand_over({member}, 1, {preset}, {fresh}, 'id')"
_RIGHT = {"member": ":abel", "preset": "'viewer'", "fresh": "'\\x01'"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"member": ":vic"},
        {"member": ":bea"},
        {"member": ":nobody"},
        {"member": "null"},
        {"preset": "'paa'"},
        {"preset": "null"},
        {"preset": "'user.manage'"},
    ],
)
def test_the_database_hands_over_nothing_else(wrong: dict[str, str], post: Letterbox) -> None:
    vic = post.sign_in("vic")
    values = {
        "abel": member(post, "abel"),
        "vic": member(post, "vic"),
        "bea": member(post, "bea", "BOLT"),
        "nobody": uuid4(),
    }
    post.stands("update portal.membership set version = 1")
    call = text(_HAND_OVER.format(**{**_RIGHT, **wrong}))
    with (
        pytest.raises(DBAPIError, match="permission denied"),
        writing(post.door.database.app, vic, P.USER_MANAGE) as connection,
    ):
        connection.execute(call, values)
    assert stands(post, "vic")[0] == "paa"
    with writing(post.door.database.app, vic, P.USER_MANAGE) as connection:
        older = _HAND_OVER.format(**_RIGHT).replace(", 1, ", ", 0, ")
        assert connection.scalar(text(older), values) == "changed"
        assert connection.scalar(text(_HAND_OVER.format(**_RIGHT)), values) == "done", "and what is right is done"


def test_a_delegated_session_hands_nothing_over(post: Letterbox) -> None:
    """A job reads in the name of its person; it changes nothing of what they may do."""
    vic = post.sign_in("vic")
    post.door.move(vic.token, **DELEGATED)
    with pytest.raises(SignedOut):
        hands_over(post, vic, "abel")
    assert stands(post, "vic")[0] == "paa"


def test_beside_it_nobody_changes_their_own_rights(post: Letterbox) -> None:
    vic = post.sign_in("vic")
    values = {"vic": vic.person_id, "seoul": post.account("ACME-SEOUL")}
    given = "insert into portal.access_grant (account_id, person_id, function) values (:seoul, :vic, 'order.view')"
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        writing(post.door.database.app, vic, P.USER_MANAGE) as connection,
    ):
        connection.execute(text(given), values)
    for statement in (
        "update portal.membership set role = 'general' where person_id = :vic",
        "delete from portal.access_grant where person_id = :vic",
    ):
        with writing(post.door.database.app, vic, P.USER_MANAGE) as connection:
            assert connection.execute(text(statement), values).rowcount == 0, statement
    assert stands(post, "vic") == ("paa", 7)


# --- by the route of its button


def send(token: str | None, **asked: Any) -> Answer:
    headers = {"cookie": f"portal_session={token}"} if token else {}
    return ask(APP, "/live/hand-over", method="POST", headers=headers, query=urlencode(asked))


def test_the_button_gives_the_browser_its_new_token(post: Letterbox) -> None:
    vic, uuid = post.sign_in("vic"), member(post, "abel")
    answer = send(vic.token, member=uuid, version=version(post, uuid), preset="viewer")
    assert answer.status == 303
    assert answer.header("location") == "/access?handed=over"
    (cookie,) = answer.all("set-cookie")
    fresh = cookie.partition("portal_session=")[2].partition(";")[0]
    assert "httponly" in cookie.lower()
    assert post.door.is_alive(fresh) and not post.door.is_alive(vic.token)
    assert not principal_of(post, fresh).may(P.USER_MANAGE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"member": "x"},
        {"version": "x"},
        {"version": "9" * 19},
        {"version": 99},
        {"preset": "paa"},
        {"member": str(uuid4())},
    ],
)  # fmt: skip
def test_what_is_not_as_the_page_said_changes_nothing_and_no_cookie(wrong: dict[str, Any], post: Letterbox) -> None:
    vic, uuid = post.sign_in("vic"), member(post, "abel")
    answer = send(vic.token, **{"member": uuid, "version": version(post, uuid), "preset": "viewer", **wrong})
    assert answer.status == 303
    assert "handed=not" in (answer.header("location") or "")
    assert not answer.all("set-cookie")
    assert post.door.is_alive(vic.token)
    assert stands(post, "vic")[0] == "paa"


def test_without_a_session_or_by_a_plain_link_nothing_happens(post: Letterbox) -> None:
    uuid = member(post, "abel")
    assert not send(None, member=uuid, version=version(post, uuid), preset="viewer").all("set-cookie")
    by_link = ask(APP, "/live/hand-over", headers={"cookie": f"portal_session={post.sign_in('vic').token}"})
    assert by_link.status == 405
    assert stands(post, "vic")[0] == "paa"


# --- asking who runs the account


def asks(post: Letterbox, name: str, function: Permission = P.INVOICE_VIEW) -> str:
    return str(execute(post.door.database.app, post.sign_in(name), AskForAccess(function))["said"])


def told_by_the_bell(post: Letterbox, name: str) -> list[tuple[str, str | None, str | None]]:
    page = list_notices(post.door.database.app, post.sign_in(name), NoticesAsked())
    return [(row.title, row.promise, row.link) for row in page.rows if row.says == "access_asked"]


def test_the_administrators_are_told_by_bell_and_mail_in_their_own_words(post: Letterbox) -> None:
    assert asks(post, "abel") == "asked"
    link = f"/access?member={member(post, 'abel')}"
    assert told_by_the_bell(post, "vic") == [("Abel Acme", "invoice.view", link)]
    (mail,) = post.arrived()
    assert mail["To"].addresses[0].addr_spec == CAST["vic"]
    assert "See invoices" in words_of(mail)
    assert link in words_of(mail)
    for other in ("ana", "bea", "abel", "mia", "dee", "ada"):
        assert told_by_the_bell(post, other) == [], other


def test_where_the_account_has_no_administrator_of_its_own_the_parents_are_asked(post: Letterbox) -> None:
    becomes(post, "vic", "general")
    assert asks(post, "abel") == "asked"
    assert [title for title, *_rest in told_by_the_bell(post, "ana")] == ["Abel Acme"]
    assert told_by_the_bell(post, "vic") == [] == told_by_the_bell(post, "bea")
    (mail,) = post.arrived()
    assert mail["To"].addresses[0].addr_spec == CAST["ana"]
    post.stands("update portal.person set disabled_at = now() where id = :ana", ana=post.door.person("ana"))
    assert asks(post, "abel", P.ORDER_VIEW) == "nobody"


def test_asking_again_the_same_day_says_it_once(post: Letterbox) -> None:
    first = post.stands("select coalesce(max(id), 0) from portal.audit_entry")
    assert [asks(post, "abel") for _time in range(3)] == ["asked", "again", "again"]
    assert asks(post, "abel", P.ORDER_VIEW) == "asked"
    assert len(told_by_the_bell(post, "vic")) == 2
    assert len(post.arrived()) == 2
    logged = "select count(*) from portal.audit_entry where id > :first and action = 'access.ask'"
    assert post.stands(logged, first=first) == 2
    post.stands(
        "update portal.mail set dedupe_key = replace(dedupe_key, (now() at time zone 'UTC')::date::text, 'yesterday')"
    )
    assert asks(post, "abel") == "asked"


def test_who_holds_it_asks_for_nothing_and_what_no_customer_has_cannot_be_asked_for(post: Letterbox) -> None:
    assert asks(post, "abel", P.TICKET_VIEW_OWN) == "held"
    for function in (P.TICKET_WORK, P.PEOPLE_MANAGE):
        with pytest.raises(Forbidden):
            asks(post, "abel", function)
    for staff in ("dee", "mia", "ada"):
        with pytest.raises(Forbidden):
            asks(post, staff)
    assert post.arrived() == []


def test_whoever_holds_nothing_at_all_can_still_ask_and_sees_nothing_for_it(post: Letterbox) -> None:
    post.stands("delete from portal.access_grant where person_id = :who", who=post.door.person("abel"))
    abel = post.sign_in("abel")
    assert abel.accounts and not any(map(abel.may, CUSTOMER_FUNCTIONS))
    home = page_of(abel, "pages.portal.home")
    assert not home.exception
    assert "Acme Seoul" in home.info[0].value
    home.button(key=f"ask.{P.DASHBOARD_VIEW}").click().run()
    assert [each.value for each in home.success] == ["Your administrators are asked, by mail and by the bell."]
    assert told_by_the_bell(post, "vic") == [("Abel Acme", "dashboard.view", f"/access?member={member(post, 'abel')}")]
    assert asks(post, "abel") == "asked"
    with pytest.raises(Forbidden), reading(post.door.database.app, abel, *Permission):
        pass
    with belonging(post.door.database.app, abel) as connection:
        for table in ("ticket", "invoice", "inventory_item", "service_order", "access_grant", "audit_entry"):
            assert connection.scalar(text(f"select count(*) from portal.{table}")) == 0, table


def test_whoever_belongs_to_no_account_any_more_is_told_so_and_asks_nobody(post: Letterbox) -> None:
    abel = post.door.person("abel")
    post.stands("update portal.membership set ended_at = now() where person_id = :who", who=abel)
    try:
        gone = post.sign_in("abel")
        home = page_of(gone, "pages.portal.home")
        assert not home.exception
        assert "You belong to no account any more." in home.info[0].value
        assert not home.button
        for command in (AskForAccess(P.INVOICE_VIEW), AskForAccess(P.USER_MANAGE)):
            with pytest.raises(Forbidden):
                execute(post.door.database.app, gone, command)
        with pytest.raises(Forbidden), belonging(post.door.database.app, gone):
            pass
        stolen = replace(gone, chosen=(post.account("ACME-SEOUL"),))
        with pytest.raises(Forbidden):
            execute(post.door.database.app, stolen, AskForAccess(P.INVOICE_VIEW))
    finally:
        post.stands("update portal.membership set ended_at = null where person_id = :who", who=abel)
    assert post.arrived() == []


@pytest.mark.parametrize("who", ["dee", "mia", "ada"])
def test_staff_belong_to_no_account(who: str, post: Letterbox) -> None:
    staff = replace(post.sign_in(who), chosen=(post.account("ACME-SEOUL"),))
    with pytest.raises(Forbidden), belonging(post.door.database.app, staff):
        pass


def test_a_letter_to_who_administers_no_more_is_not_sent(post: Letterbox) -> None:
    asks(post, "abel")
    becomes(post, "vic", "general")
    assert post.arrived() == []
    assert told_by_the_bell(post, "vic") == []


def test_of_several_functions_that_open_a_page_the_smallest_is_asked_for() -> None:
    assert wanted((P.TICKET_VIEW_COMPANY, P.TICKET_VIEW_OWN)) is P.TICKET_VIEW_OWN
    assert wanted((P.AUDIT_READ, P.USER_MANAGE)) is P.USER_MANAGE
    assert wanted((P.PEOPLE_MANAGE,)) is None
    assert wanted(()) is None


# --- from above


def test_who_runs_the_parent_is_named_to_who_runs_the_sub_account(post: Letterbox) -> None:
    (ana,) = administrators_above(post.door.database.app, post.sign_in("vic"))
    assert (ana.name, ana.email, ana.above) == ("Ana Acme", CAST["ana"], "Acme Group")
    assert ana.accounts == (post.account("ACME-SEOUL"),)
    everything = post.sign_in("ana")
    assert administrators_above(post.door.database.app, everything) == (), "there she stands among the people herself"
    looking = everything.looking_at((post.account("ACME-SEOUL"), post.account("ACME-OSAKA")))
    (herself,) = administrators_above(post.door.database.app, looking)
    assert sorted(herself.accounts) == sorted(looking.chosen)
    assert administrators_above(post.door.database.app, post.sign_in("bea")) == ()


def test_only_who_runs_the_account_is_told_who_stands_above(post: Letterbox) -> None:
    for name in ("abel", "mia"):
        with pytest.raises(Forbidden):
            administrators_above(post.door.database.app, post.sign_in(name))
    abel = post.sign_in("abel")
    with reading(post.door.database.app, abel, P.REMOTE_HANDS_CREATE) as connection:
        assert connection.execute(text("select * from authz.administrators_above()")).all() == []
    bea = post.sign_in("bea")
    with reading(post.door.database.app, bea, P.USER_MANAGE) as connection:
        connection.execute(
            text("select set_config('portal.account', :seoul, true)"), {"seoul": str(post.account("ACME-SEOUL"))}
        )
        assert connection.execute(text("select * from authz.administrators_above()")).all() == []


def test_who_runs_it_from_above_is_nobody_the_sub_accounts_administrator_can_change(post: Letterbox) -> None:
    vic = post.sign_in("vic")
    with pytest.raises(NotFound):
        get_member(post.door.database.app, vic, member(post, "ana", "ACME"))
    assert get_member(post.door.database.app, vic, member(post, "abel")).access != Access(PAA, {})
