"""Somebody with two staff roles works in one at a time, and the database answers for that one alone (SPEC §3)."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from auth import sessions, visitor
from auth.roles import change_role, other_roles
from auth.sessions import Signed, hashed
from data.database import reading
from data.engines import app_engine, auth_engine
from data.invoices import INVOICES
from data.listing import page_of, read_asked
from data.people import Role, add_role
from data.tickets import TICKETS
from pages import pages_for
from rules.errors import Conflict, Forbidden, Invalid, SignedOut
from rules.permissions import Permission, StaffRole
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import DELEGATED, Door

P, DESK, FINANCE = Permission, StaffRole.SERVICE_DESK, StaffRole.FINANCE


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture(scope="module")
def door(database: Database) -> Door:
    """Dee of the service desk works for finance, too."""
    with database.as_owner() as connection:
        add_role(connection, CAST["dee"], Role.FINANCE)
    return Door(database)


def who(token: str) -> Signed:
    signed = sessions.who(auth_engine(), token)
    assert signed is not None
    return signed


def test_two_roles_are_offered_one_is_worked_in(door: Door) -> None:
    signed = who(door.signed_in("dee"))
    assert (signed.principal.role, other_roles(signed)) == (DESK, (FINANCE,))
    assert "billing" not in {page.path for page in pages_for(signed.principal)}
    assert other_roles(who(door.signed_in("ana"))) == (), "nobody is offered what they do not have"


def test_another_role_counts_at_once_and_the_one_before_no_more(door: Door) -> None:
    token = door.signed_in("dee")
    before = who(token).principal
    asked = read_asked(INVOICES, {})
    with pytest.raises(Forbidden):
        page_of(app_engine(), before, INVOICES, asked)
    page_of(app_engine(), before, TICKETS, read_asked(TICKETS, {}))

    fresh = change_role(auth_engine(), token, FINANCE)
    assert fresh
    after = who(fresh).principal
    assert after.role is FINANCE
    assert "billing" in {page.path for page in pages_for(after)}
    page_of(app_engine(), after, INVOICES, asked)
    with pytest.raises(Forbidden):
        page_of(app_engine(), after, TICKETS, read_asked(TICKETS, {}))


def test_a_page_that_still_believes_in_the_old_role_sees_nothing(database: Database, door: Door) -> None:
    """Another tab keeps its Principal until its next run; the database knows better already."""
    token = door.signed_in("dee")
    stale = who(token).principal
    held = text("select authz.staff('ticket.work'), authz.staff('invoice.manage')")
    with reading(database.app, stale, P.TICKET_WORK) as connection:
        assert connection.execute(held).one() == (True, False)
        fresh = change_role(auth_engine(), token, FINANCE)
        assert connection.execute(held).one() == (False, False), "in the middle of a transaction already"
    with pytest.raises(SignedOut), reading(database.app, stale, P.TICKET_WORK):
        pytest.fail("opened")
    assert fresh
    with reading(database.app, who(fresh).principal, P.INVOICE_MANAGE) as connection:
        assert connection.execute(held).one() == (False, True)


def test_with_the_role_the_token_changes_and_the_one_before_is_dead(door: Door) -> None:
    token = door.signed_in("dee")
    named = "select uuid::text || ' ' || expires_at || ' ' || created_at from auth.session where token_hash = :token"
    session = door.owner(named, token=hashed(token))
    fresh = change_role(auth_engine(), token, FINANCE)
    assert fresh and fresh != token
    assert not door.is_alive(token)
    assert door.is_alive(fresh)
    assert door.owner(named, token=hashed(fresh)) == session, "the same session, which ends when it would have ended"
    assert change_role(auth_engine(), token, DESK) is None, "the dead one changes nothing"
    assert who(fresh).principal.role is FINANCE


@pytest.mark.parametrize("wanted", [StaffRole.ADMINISTRATOR, StaffRole.ACCOUNT_MANAGER, "superuser", "", "finance "])
def test_a_role_somebody_does_not_have_is_refused_and_changes_nothing(door: Door, wanted: str) -> None:
    token = door.signed_in("dee")
    assert not change_role(auth_engine(), token, wanted)
    assert who(token).principal.role is DESK
    roles = "select count(*) from portal.audit_entry where action = 'session.role' and after ->> 'role' = :wanted"
    assert door.owner(roles, wanted=str(wanted)) == 0


def test_customers_and_dead_or_delegated_sessions_take_no_role(door: Door) -> None:
    ana = door.signed_in("ana")
    assert not change_role(auth_engine(), ana, FINANCE)
    assert who(ana).principal.role is None
    for wrong in ({"revoked_at": "now()"}, {"expires_at": "now()"}, DELEGATED):
        token = door.signed_in("dee")
        door.move(token, **wrong)
        assert not change_role(auth_engine(), token, FINANCE), wrong
        kept = "select role from auth.session where token_hash = :token"
        assert door.owner(kept, token=hashed(token)) == DESK
    assert not change_role(auth_engine(), "no such token", FINANCE)


def test_the_choice_stays_with_its_session_and_stands_in_the_audit_log(door: Door) -> None:
    here, elsewhere = door.signed_in("dee"), door.signed_in("dee")
    fresh = change_role(auth_engine(), here, FINANCE)
    assert fresh
    assert who(fresh).principal.role is FINANCE
    assert who(elsewhere).principal.role is DESK, "another browser is another place of work"
    last = "select before ->> 'role' || ' ' || (after ->> 'role') || ' ' || audience from portal.audit_entry "
    assert door.owner(last + "where action = 'session.role' order by id desc limit 1") == "service_desk finance staff"


def test_a_role_that_is_taken_away_ends_the_session_worked_in_it(database: Database, door: Door) -> None:
    token, other = change_role(auth_engine(), door.signed_in("dee"), FINANCE), door.signed_in("dee")
    assert token
    stale = who(token).principal
    taken = "delete from portal.staff_member where role = 'finance' and person_id = :dee"
    door.owner(taken, dee=door.person("dee"))
    try:
        assert sessions.who(auth_engine(), token) is None
        with pytest.raises(SignedOut), reading(database.app, stale, P.INVOICE_VIEW):
            pytest.fail("opened")
        assert who(other).principal.role is DESK
    finally:
        with database.as_owner() as connection:
            add_role(connection, CAST["dee"], Role.FINANCE)


def test_an_open_tab_forgets_what_it_held_for_the_other_role(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = [door.signed_in("dee")]
    monkeypatch.setattr(visitor, "session_token", lambda: cookie[-1])
    tab = AppTest.from_function(_remember, default_timeout=20).run().run()
    assert tab.text[0].value == "service_desk 2"
    cookie.append(change_role(auth_engine(), cookie[-1], FINANCE) or "")
    assert tab.run().text[0].value == "finance 1"
    assert tab.run().text[0].value == "finance 2"


def _remember() -> None:
    import streamlit as st

    from auth.presence import current

    signed = current()
    assert signed is not None
    st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    st.text(f"{signed.principal.role} {st.session_state['runs']}")


def test_one_of_the_staff_gets_a_second_role_and_a_customer_none(database: Database, door: Door) -> None:
    with database.as_owner() as connection, pytest.raises(Conflict, match="works as finance already"):
        add_role(connection, CAST["dee"], Role.FINANCE)
    with database.as_owner() as connection, pytest.raises(Conflict, match="is a customer"):
        add_role(connection, CAST["ana"], Role.FINANCE)
    with database.as_owner() as connection, pytest.raises(Invalid, match="belongs to a customer"):
        add_role(connection, CAST["dee"], Role.PAA)
    roles = "select string_agg(role, ' ' order by role) from portal.staff_member where person_id = :p"
    assert door.owner(roles, p=door.person("dee")) == "finance service_desk"
    assert door.owner(roles, p=door.person("ana")) is None
