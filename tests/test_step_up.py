"""Before access rights and exports of people it must be proved again who asks: by page, route, command and database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette

from auth import sessions
from auth.half_way import Asker
from auth.passwords import hash_password
from auth.second_factor import is_proved, prove
from auth.sessions import hashed
from data.access import ChangeAccess, EndMembership, get_member
from data.accounts import MoveAccount
from data.administrators import HandOver
from data.commands import execute
from data.engines import app_engine, auth_engine
from data.invitations import Invite
from data.staff import AddStaff, SetRoles
from rules.access import MemberRole
from rules.errors import NotProven
from rules.permissions import Permission, StaffRole
from rules.principal import Principal
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import AN_ADDRESS, DELEGATED, PASSWORD, Door, code_of
from tests.standing import page_of, words_of
from ui.reports_by_name import KINDS
from web.errors import exception_handlers
from web.reports import routes

P = Permission
ASKER = Asker("Firefox/1", AN_ADDRESS)
NOTHING = {P.NOTICE_VIEW: None}
ACME_SEOUL = "select id from portal.account where code = 'ACME-SEOUL'"


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    door, stored = Door(database), hash_password(PASSWORD)
    for name in ("ana", "bea", "ada"):
        door.give_password(name, stored=stored)
    for table in ("auth.throttle", "auth.session"):
        door.owner(f"delete from {table}")
    yield door
    door.owner("delete from auth.second_factor")


@pytest.fixture
def ana(door: Door) -> Principal:
    """Signed in, and nothing proved for eleven minutes."""
    signed = sessions.who(auth_engine(), door.signed_in("ana"))
    assert signed is not None
    some_time_ago(door, signed.principal)
    return signed.principal


def some_time_ago(door: Door, principal: Principal, minutes: int = 11) -> None:
    past = "update auth.session set proved_at = now() - :m * interval '1 minute' where token_hash = :t"
    door.owner(past, m=minutes, t=hashed(principal.token))


def vics(door: Door) -> UUID:
    return door.owner(
        "select m.uuid from portal.membership m join portal.person p on p.id = m.person_id "
        "join portal.account a on a.id = m.account_id where p.email = :vic and a.code = 'ACME-SEOUL'",
        vic=CAST["vic"],
    )


def change(door: Door, principal: Principal, rights: dict[P, Any]) -> None:
    vic = vics(door)
    version = get_member(app_engine(), principal, vic).version
    execute(app_engine(), principal, ChangeAccess(vic, version, MemberRole.GENERAL, rights))


# --- access rights


def test_access_rights_are_changed_only_by_who_proved_lately_that_it_is_they(door, ana):
    before = get_member(app_engine(), ana, vics(door))
    with pytest.raises(NotProven):
        change(door, ana, NOTHING)
    with pytest.raises(NotProven):
        execute(app_engine(), ana, EndMembership(before.uuid, before.version))
    assert get_member(app_engine(), ana, vics(door)) == before, "and may be looked at"

    prove(auth_engine(), ana, PASSWORD, asker=ASKER)
    change(door, ana, NOTHING)
    assert get_member(app_engine(), ana, vics(door)).access.rights == NOTHING
    some_time_ago(door, ana, 9)
    change(door, ana, {**NOTHING, P.TICKET_VIEW_COMPANY: None})
    some_time_ago(door, ana, 10)
    with pytest.raises(NotProven):
        change(door, ana, NOTHING)


def test_nobody_is_invited_and_nothing_handed_over_by_a_browser_left_open(door, ana):
    member, acme = get_member(app_engine(), ana, vics(door)), door.owner(ACME_SEOUL)
    invite = Invite(acme, "eve@elsewhere.example", "Eve", MemberRole.GENERAL, NOTHING, "en")
    with pytest.raises(NotProven):
        execute(app_engine(), ana, invite, key=uuid4())
    with pytest.raises(NotProven):
        execute(app_engine(), ana, HandOver(member.uuid, member.version, "full_user", hashed("fresh")))
    assert door.owner("select count(*) from portal.invitation where name = 'Eve'") == 0


def test_an_administrator_left_signed_in_makes_no_staff_and_moves_no_account(door):
    signed = sessions.who(auth_engine(), door.signed_in("ada"))
    assert signed is not None
    ada, fin = signed.principal, "select {} from portal.person where email = 'finance@portal.example'"
    some_time_ago(door, ada)
    roles = SetRoles(
        door.owner(fin.format("uuid")), door.owner(fin.format("version")), frozenset({StaffRole.ADMINISTRATOR})
    )
    osaka = "select {} from portal.account where code = 'ACME-OSAKA'"
    move = MoveAccount(door.owner(osaka.format("uuid")), door.owner(osaka.format("version")), None)
    for refused in (roles, move, AddStaff("eve@portal.example", "Eve", StaffRole.FINANCE, "nonce", hashed("link"))):
        with pytest.raises(NotProven):
            execute(app_engine(), ada, refused, key=uuid4() if refused.creates else None)
    prove(auth_engine(), ada, PASSWORD, asker=ASKER)
    assert execute(app_engine(), ada, roles)["changed"]


#: (whose browser, hat, statement): definer functions, called past the command.
DEEDS = (
    ("ana", "select authz.invite(:seoul, gen_random_uuid(), 'e@x.example', 'Eve', 'en', 'general', '{}', '', '<a@b>')"),
    ("bea", "select authz.hand_over(:colleague, 1, 'full_user', '\\x00', '<a@b>')"),
    ("ada", "select authz.add_staff('eve@portal.example', 'Eve', 'finance', '\\x01', '{}', '<a@b>', null)"),
    ("ada", "select authz.set_staff_roles(:fin, :fins_version, '{finance,administrator}', null)"),
    ("ada", "select authz.apply_rights(:vic, :version, 'general', '{}', 'They asked by phone.', null, 'b')"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "statement"), DEEDS, ids=[deed[1].split("(")[0] for deed in DEEDS])
def test_the_functions_of_the_database_ask_for_the_proof_themselves(door, database, name, statement):
    signed = sessions.who(auth_engine(), door.signed_in(name))
    assert signed is not None
    some_time_ago(door, signed.principal)
    fin = "select {} from portal.person where email = 'finance@portal.example'"
    bolt = "select id from portal.account where code = 'BOLT'"
    joining = f"insert into portal.membership (account_id, person_id, role) values (({bolt}), :vic, 'general') "
    account = door.owner(bolt if name == "bea" else ACME_SEOUL)
    values = {
        "seoul": account,
        "colleague": door.owner(f"{joining} returning uuid", vic=door.person("vic")) if name == "bea" else None,
        "vic": vics(door),
        "version": door.owner("select version from portal.membership where uuid = :u", u=vics(door)),
        "fin": door.owner(fin.format("uuid")),
        "fins_version": door.owner(fin.format("version")),
    }

    def try_it() -> None:
        with database.app.connect() as connection, connection.begin() as transaction:
            worn = "select set_config('role', :hat, true), set_config('portal.session', :t, true), "
            worn += "set_config('portal.account', :a, true)"
            hat = "portal_staff" if signed.principal.is_staff else "portal_customer"
            connection.execute(text(worn), {"hat": hat, "t": signed.principal.token, "a": str(account)})
            connection.execute(text(statement), {key: value for key, value in values.items() if f":{key}" in statement})
            transaction.rollback()

    with pytest.raises(DBAPIError, match="permission denied"):
        try_it()
    prove(auth_engine(), signed.principal, PASSWORD, asker=ASKER)
    try_it()


def test_what_somebody_else_proved_is_not_proved_by_me(door, ana):
    bea = sessions.who(auth_engine(), door.signed_in("bea"))
    assert bea is not None
    assert is_proved(auth_engine(), bea.principal.token)
    with pytest.raises(NotProven):
        change(door, ana, NOTHING)
    other = sessions.who(auth_engine(), door.signed_in("ana"))
    assert other is not None
    assert is_proved(auth_engine(), other.principal.token)
    assert not is_proved(auth_engine(), ana.token), "each browser by itself"
    assert not is_proved(auth_engine(), "")


#: (statement, does the policy hide the rows rather than object?)
WRITES = (
    ("update portal.membership set role = 'paa' where uuid = :vic", True),
    ("update portal.membership set ended_at = now() where uuid = :vic", True),
    ("delete from portal.access_grant where person_id = :person and account_id = :account", True),
    (
        "insert into portal.access_grant (account_id, person_id, function) values (:account, :person, 'message.use')",
        False,
    ),
)


@pytest.mark.parametrize(("statement", "hides"), WRITES)
def test_the_database_itself_refuses_what_was_not_proved(door, ana, database, statement, hides):
    """Past the command, in the hat of the person who may."""
    change_back = "delete from portal.access_grant where function = 'message.use' and person_id = :vic"
    door.owner(change_back, vic=door.person("vic"))
    seoul = door.owner("select id from portal.account where code = 'ACME-SEOUL'")
    values = {"vic": vics(door), "person": door.person("vic"), "account": seoul}

    def try_it() -> int:
        with database.app.connect() as connection, connection.begin() as transaction:
            worn = "select set_config('role', 'portal_customer', true), set_config('portal.session', :t, true), "
            worn += "set_config('portal.account', :a, true)"
            connection.execute(text(worn), {"t": ana.token, "a": str(seoul)})
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            done = connection.execute(text(statement), named).rowcount
            transaction.rollback()
            return done

    if hides:
        assert try_it() == 0
    else:
        with pytest.raises(DBAPIError, match="row-level security"):
            try_it()
    prove(auth_engine(), ana, PASSWORD, asker=ASKER)
    assert try_it() > 0


def test_a_session_made_for_a_job_proves_nothing(door, ana, database):
    prove(auth_engine(), ana, PASSWORD, asker=ASKER)
    door.move(ana.token, **DELEGATED)
    with database.app.begin() as connection:
        connection.execute(text("set transaction read only"))
        connection.execute(text("select set_config('portal.session', :t, true)"), {"t": ana.token})
        connection.execute(text("select set_config('role', 'portal_customer', true)"))
        assert connection.scalar(text("select authz.me()")) == ana.person_id
        assert connection.scalar(text("select authz.proved()")) is False
    assert not is_proved(auth_engine(), ana.token)


def test_with_a_second_factor_a_code_proves_it(door, ana):
    secret = door.give_factor("ana")
    door.owner("update auth.session set proved_by = 'code' where token_hash = :t", t=hashed(ana.token))
    with pytest.raises(NotProven):
        change(door, ana, {**NOTHING, P.INVOICE_VIEW: None})
    prove(auth_engine(), ana, code_of(secret), asker=ASKER)
    change(door, ana, {**NOTHING, P.INVOICE_VIEW: None})


def test_a_token_that_is_none_proves_nothing(door, ana):
    for token in ("", "guess", hashed(ana.token).hex()):
        forged = replace(ana, token=token)
        assert not is_proved(auth_engine(), forged.token)


# --- exports of people


def fetch(principal: Principal, address: str) -> Answer:
    app = Starlette(routes=routes, exception_handlers=exception_handlers)
    path, _, query = address.partition("?")
    return ask(app, path, query=query, headers={"cookie": f"portal_session={principal.token}"})


def test_a_report_of_people_is_for_who_proved_lately_that_it_is_they(door, ana):
    asked = "/reports/access.xlsx?rights=viewer&zone=Asia%2FSeoul"
    answer = fetch(ana, asked)
    assert answer.status == 303
    assert answer.all("location") == ["/access?rights=viewer&zone=Asia%2FSeoul&prove=report"]
    assert not answer.body
    exports = "select count(*) from portal.audit_entry where action = 'report.export' and object_label = 'access'"
    assert door.owner(exports) == 0
    assert fetch(ana, "/reports/tickets.xlsx").status == 200, "other lists do not ask"
    prove(auth_engine(), ana, PASSWORD, asker=ASKER)
    answer = fetch(ana, asked)
    assert answer.status == 200
    assert answer.body.startswith(b"PK")


def test_every_list_of_people_asks_for_it(door):
    assert {name for name, kind in KINDS.items() if kind.needs_proof} == {"access", "people", "acceptances"}
    ada = sessions.who(auth_engine(), administrators(door))
    assert ada is not None
    some_time_ago(door, ada.principal)
    assert fetch(ada.principal, "/reports/people.xlsx").status == 303


def test_who_accepted_which_policy_is_asked_back_on_the_page_it_was_taken_from(door, ana):
    answer = fetch(ana, "/reports/acceptances.xlsx?document=7&zone=Asia%2FSeoul")
    assert answer.all("location") == ["/help?part=policies&document=7&zone=Asia%2FSeoul&prove=report"]
    assert not answer.body
    ada = sessions.who(auth_engine(), administrators(door))
    assert ada is not None
    some_time_ago(door, ada.principal)
    answer = fetch(ada.principal, "/reports/acceptances.xlsx")
    assert answer.all("location") == ["/documents?prove=report"]
    stranger = fetch(replace(ana, token="guess"), "/reports/acceptances.xlsx")
    assert stranger.all("location") == ["/help?part=policies"]
    prove(auth_engine(), ana, PASSWORD, asker=ASKER)
    assert fetch(ana, "/reports/acceptances.xlsx?document=7").body.startswith(b"PK")


@pytest.mark.parametrize(
    ("name", "module", "asked"),
    [("ana", "pages.portal.help.page", {"part": "policies"}), ("ada", "pages.staff.documents.page", {})],
)
def test_the_page_asks_for_the_proof_and_then_gives_the_report(door, ana, name, module, asked):
    who = ana if name == "ana" else sessions.who(auth_engine(), administrators(door)).principal
    some_time_ago(door, who)
    page = page_of(who, module, **asked, prove="report")
    assert "Confirm that it is you" in words_of(page)
    assert "/reports/acceptances.xlsx" not in words_of(page)
    prove(auth_engine(), who, PASSWORD, asker=ASKER)
    assert "/reports/acceptances.xlsx" in words_of(page_of(who, module, **asked, prove="report"))


def administrators(door: Door) -> str:
    token = door.signed_in("ada")
    door.owner("update auth.session set role = 'administrator' where token_hash = :t", t=hashed(token))
    return token
