"""People and the administrator: who is let in, in which roles, who is shut out, and what nobody does to themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auth import sessions
from auth.new_staff import add_staff
from auth.password_links import token_of
from auth.set_password import link_owner, use_link
from data.commands import Command, execute
from data.database import reading, writing
from data.engines import auth_engine
from data.settings import settings
from data.staff import (
    AddStaff,
    DisablePerson,
    EnablePerson,
    EndSessions,
    SetRoles,
    Somebody,
    get_somebody,
)
from rules.errors import Conflict, Forbidden, Invalid, NotFound, NotProven, SignedOut
from rules.permissions import Permission, StaffRole
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import PASSWORD
from tests.patience import PATIENCE
from tests.standing import page_of, words_of

P = Permission
SignIn = Callable[[str], Principal]
MANAGER, FINANCE = StaffRole.ACCOUNT_MANAGER, StaffRole.FINANCE
DESK, ADMINISTRATOR = StaffRole.SERVICE_DESK, StaffRole.ADMINISTRATOR
WHY = "They left the company."

pytestmark = pytest.mark.usefixtures("configured")


@dataclass
class Office:
    """Ada's desk, and people of its own for each test."""

    database: Database
    sign_in: SignIn

    def owner(self, statement: str, **values: object) -> Any:
        with self.database.as_owner() as connection:
            result = connection.execute(text(statement), values)
            return result.scalar() if result.returns_rows else None

    def staff(self, *roles: StaffRole) -> UUID:
        """Somebody new of the staff, who has been there for a while."""
        person = self.owner(
            "insert into portal.person (kind, email, name) values ('staff', gen_random_uuid() || '@portal.example', "
            "'Sid Staff') returning uuid"
        )
        for role in roles:
            self.owner("insert into portal.staff_member select id, :role from portal.person where uuid = :who",
                       role=str(role), who=person)  # fmt: skip
        return person

    def customer(self, account: str = "BOLT", role: str = "general") -> UUID:
        return self.owner(
            "with p as (insert into portal.person (kind, email, name) values "
            "('customer', gen_random_uuid() || '@new.example', 'Cy Customer') returning id, uuid), "
            "m as (insert into portal.membership (account_id, person_id, role) "
            "select a.id, p.id, :role from p, portal.account a where a.code = :account) select uuid from p",
            account=account, role=role,
        )  # fmt: skip

    def house(self) -> str:
        code = f"T-{uuid4().hex[:8]}"
        self.owner("insert into portal.account (code, name) values (:code, 'House')", code=code)
        return code

    def session(self, person: UUID, role: StaffRole | None = None) -> Principal:
        token = sessions.new_token()
        self.owner(
            "insert into auth.session (token_hash, person_id, role, expires_at) "
            "select :hash, id, :role, now() + interval '1 hour' from portal.person where uuid = :who",
            hash=sessions.hashed(token), role=role and str(role), who=person,
        )  # fmt: skip
        signed = sessions.who(self.database.auth, token)
        assert signed is not None
        return signed.principal

    def is_alive(self, principal: Principal) -> bool:
        return sessions.who(self.database.auth, principal.token, is_activity=False) is not None

    def does(self, command: Command, who: str = "ada") -> Any:
        return execute(self.database.app, self.sign_in(who), command)

    def sees(self, person: UUID) -> Somebody:
        return get_somebody(self.database.app, self.sign_in("ada"), person)

    def log(self, person: UUID) -> list[Any]:
        asked = """select action, actor_name, audience, account_id is null as of_nobody, before, after, reason
            from portal.audit_entry where object_kind = 'person' and object_id = :who order by id"""
        with self.database.as_owner() as connection:
            return list(connection.execute(text(asked), {"who": str(person)}))

    def uuid(self, who: str) -> UUID:
        return self.owner("select uuid from portal.person where email = :email", email=CAST[who])


@pytest.fixture
def office(database: Database, sign_in: SignIn) -> Office:
    return Office(database, sign_in)


# --- somebody new


def test_somebody_new_gets_a_link_by_mail_and_works_in_their_role(office: Office) -> None:
    key, email = uuid4(), f"new-{uuid4().hex[:8]}@portal.example"
    done = add_staff(office.database.app, office.sign_in("ada"), email, "Nell New", DESK, key=key)
    person = UUID(done["uuid"])
    found = office.sees(person)
    assert (found.name, found.roles) == ("Nell New", {DESK})
    nonce = office.owner("select context ->> 'nonce' from portal.mail where kind = 'staff_welcome' and person_id = :id",
                         id=found.id)  # fmt: skip
    assert link_owner(token_of(nonce)) == email
    assert link_owner(nonce) is None, "what waits in the outbox opens nothing"
    use_link(token_of(nonce), email, PASSWORD, PASSWORD)
    assert link_owner(token_of(nonce)) is None, "once"
    (added, _password) = office.log(person)
    assert (added.action, added.actor_name, added.audience) == ("person.add", "Ada Admin", "staff")


def test_the_same_form_sent_twice_adds_one(office: Office) -> None:
    key, email = uuid4(), f"new-{uuid4().hex[:8]}@portal.example"
    ada = office.sign_in("ada")
    twice = [add_staff(office.database.app, ada, email, "Nell New", DESK, key=key)["uuid"] for _ in range(2)]
    assert twice[0] == twice[1]
    assert office.owner("select count(*) from portal.person where email = :email", email=email) == 1


@pytest.mark.parametrize("email", [CAST["ana"], CAST["dee"].upper(), "no address", ""])
def test_an_address_that_is_known_or_none_is_said_beside_it(email: str, office: Office) -> None:
    n = office.owner("select count(*) from portal.person")
    with pytest.raises(Invalid) as refused:
        add_staff(office.database.app, office.sign_in("ada"), email, "X", ADMINISTRATOR, key=uuid4())
    assert refused.value.field == "email"
    assert office.owner("select count(*) from portal.person") == n
    assert office.owner("select count(*) from portal.staff_member m join portal.person p on p.id = m.person_id "
                        "where p.email = :ana", ana=CAST["ana"]) == 0  # fmt: skip


# --- roles


def test_a_role_that_is_taken_is_gone_from_the_open_session(office: Office) -> None:
    person = office.staff(FINANCE, DESK)
    working, other = office.session(person, FINANCE), office.session(person, DESK)
    with reading(office.database.app, working, P.INVOICE_VIEW) as connection:
        assert connection.scalar(text("select authz.staff('invoice.view')"))
    assert office.does(SetRoles(person, 1, frozenset({DESK})))["changed"]
    with pytest.raises(SignedOut), reading(office.database.app, working, P.INVOICE_VIEW):
        pass
    assert not office.is_alive(working)
    assert office.is_alive(other)
    entry = office.log(person)[-1]
    assert (entry.before, entry.after) == ({"role": ["finance", "service_desk"]}, {"role": ["service_desk"]})
    assert entry.audience == "staff"


def test_a_manager_who_is_none_any_more_looks_after_nobody_also_later(office: Office) -> None:
    person = office.staff(MANAGER, FINANCE)
    office.owner("insert into portal.assignment (account_id, person_id) select a.id, p.id from portal.account a, "
                 "portal.person p where a.code = 'BOLT' and p.uuid = :who", who=person)  # fmt: skip
    assert [account.code for account in office.sees(person).accounts] == ["BOLT"]
    office.does(SetRoles(person, 1, frozenset({FINANCE})))
    office.does(SetRoles(person, 2, frozenset({FINANCE, MANAGER})))
    assert office.sees(person).accounts == ()


def test_nobody_changes_their_own_roles_or_shuts_themselves_out(office: Office) -> None:
    ada, version = office.uuid("ada"), office.sees(office.uuid("ada")).version
    for own in (
        SetRoles(ada, version, frozenset(StaffRole)), DisablePerson(ada, version, WHY), EndSessions(ada),
        EnablePerson(ada, version),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            office.does(own)
    for by_hand in (
        "select authz.set_staff_roles(:who, :version, array['finance', 'administrator'], null)",
        "select authz.disable_person(:who, :version, 'because', null)",
        "select authz.end_sessions_of(:who, null)",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            run(office, "ada", by_hand, who=ada, version=version)
    assert office.sees(ada).roles == {ADMINISTRATOR}


def run(office: Office, by: str, statement: str, **values: object) -> Any:
    """With the hat of somebody and SQL of their own."""
    values = {name: value for name, value in values.items() if f":{name}" in statement}
    with writing(office.database.app, office.sign_in(by), *Permission) as connection:
        return connection.execute(text(statement), values).scalar()


def test_staff_have_a_role_and_customers_have_none(office: Office) -> None:
    staff, customer = office.staff(DESK), office.customer()
    for broken in (SetRoles(staff, 1, frozenset()), SetRoles(customer, 1, frozenset({DESK}))):
        with pytest.raises(Invalid):
            office.does(broken)
    for who, roles in ((staff, "'{}'::text[]"), (customer, "array['finance']")):
        with pytest.raises(DBAPIError, match="permission denied"):
            run(office, "ada", f"select authz.set_staff_roles(:who, 1, {roles}, null)", who=who)
    with pytest.raises(DBAPIError, match="violates check constraint"):
        run(office, "ada", "select authz.set_staff_roles(:who, 1, array['owner'], null)", who=staff)
    assert office.sees(staff).roles == {DESK}


def test_of_two_administrators_who_take_it_from_each_other_at_once_one_stays(office: Office) -> None:
    """The first is not through when the second asks; the second waits, and is no administrator any more by then."""
    one, two = (office.staff(ADMINISTRATOR, FINANCE) for _ in range(2))
    first, second = office.session(one, ADMINISTRATOR), office.session(two, ADMINISTRATOR)
    take = text("select authz.set_staff_roles(:who, 1, array['finance'], null)")
    refused: list[DBAPIError] = []

    def answer() -> None:
        try:
            with writing(office.database.app, second, P.PEOPLE_MANAGE) as connection:
                connection.execute(take, {"who": one})
        except DBAPIError as error:
            refused.append(error)

    with writing(office.database.app, first, P.PEOPLE_MANAGE) as connection:
        connection.execute(take, {"who": two})
        thread = Thread(target=answer)
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive(), "it waits"
    thread.join(timeout=PATIENCE)
    assert [error.orig.sqlstate for error in refused] == ["42501"]  # type: ignore[union-attr]
    assert (office.sees(one).roles, office.sees(two).roles) == ({ADMINISTRATOR, FINANCE}, {FINANCE})


# --- out and in


def test_whoever_is_disabled_is_out_at_once_and_comes_back_when_enabled(office: Office) -> None:
    person = office.customer()
    session = office.session(person)
    office.does(DisablePerson(person, 1, WHY))
    assert not office.is_alive(session)
    with pytest.raises(SignedOut), reading(office.database.app, office_hat(session), *Permission):
        pass
    with pytest.raises(Conflict):
        office.does(DisablePerson(person, 1, WHY))
    office.does(EnablePerson(person, 2))
    assert not office.is_alive(session), "an old session stays over"
    assert office.is_alive(office.session(person))
    out, back = office.log(person)
    assert (out.action, out.reason, out.audience, out.of_nobody) == ("person.disable", WHY, "customer", False)
    assert (back.action, back.actor_name) == ("person.enable", "Ada Admin")


def office_hat(principal: Principal) -> Principal:
    """As somebody who holds something, so that the database has to say that the session is over."""
    from dataclasses import replace

    from rules.principal import Grant

    return replace(principal, grants=frozenset({Grant(principal.chosen[0], P.ORDER_VIEW)}))


def test_what_happened_to_a_colleague_is_read_by_who_runs_their_account_alone(office: Office) -> None:
    person = office.customer("BOLT")
    office.does(DisablePerson(person, 1, WHY))
    read = "select count(*) from portal.audit_entry where object_id = :who"
    for who, n in (("bea", 1), ("ana", 0)):
        with reading(office.database.app, office.sign_in(who), P.USER_MANAGE) as connection:
            assert connection.scalar(text(read), {"who": str(person)}) == n, who


def test_an_account_keeps_its_last_administrator(office: Office) -> None:
    house = office.house()
    last = office.customer(house, "paa")
    with pytest.raises(Conflict, match=house):
        office.does(DisablePerson(last, 1, WHY))
    said = run(office, "ada", "select authz.disable_person(:who, 1, :why, null)", who=last, why=WHY)
    assert said == f"last {house}"
    session = office.session(last)
    assert office.is_alive(session)
    office.customer(house, "paa")
    office.does(DisablePerson(last, 1, WHY))
    assert not office.is_alive(session)


@pytest.mark.parametrize("why", ["", "   ", "x" * 1001])
def test_a_reason_is_given(why: str, office: Office) -> None:
    person = office.customer()
    with pytest.raises(Invalid) as refused:
        office.does(DisablePerson(person, 1, why))
    assert refused.value.field == "reason"
    with pytest.raises(DBAPIError, match="say why"):
        run(office, "ada", "select authz.disable_person(:who, 1, :why, null)", who=person, why=why)
    assert office.sees(person).disabled_at is None


def test_whoever_changed_meanwhile_is_looked_at_again(office: Office) -> None:
    person = office.staff(DESK)
    office.does(SetRoles(person, 1, frozenset({DESK, FINANCE})))
    for late in (SetRoles(person, 1, frozenset({DESK})), DisablePerson(person, 1, WHY), EnablePerson(person, 2)):
        with pytest.raises(Conflict):
            office.does(late)
    assert office.sees(person).roles == {DESK, FINANCE}


def test_links_that_wait_are_worth_nothing_once_somebody_is_disabled(office: Office) -> None:
    email = f"new-{uuid4().hex[:8]}@portal.example"
    key = uuid4()
    person = UUID(add_staff(office.database.app, office.sign_in("ada"), email, "Nell", DESK, key=key)["uuid"])
    token = token_of(f"staff:{key.hex}")
    assert link_owner(token) == email
    office.does(DisablePerson(person, 1, WHY))
    office.does(EnablePerson(person, 2))
    assert link_owner(token) is None


def test_a_browser_left_open_shuts_nobody_out_and_lets_nobody_in(office: Office) -> None:
    """Neither by the command nor by its function; signing somebody out asks for no proof."""
    person, gone = office.customer(), office.customer()
    office.does(DisablePerson(gone, 1, WHY))
    ada = office.sign_in("ada")
    office.owner(
        "update auth.session set proved_at = now() - interval '15 minutes' where token_hash = :hash",
        hash=sessions.hashed(ada.token),
    )
    for command, by_hand in (
        (DisablePerson(person, 1, WHY), "select authz.disable_person(:who, 1, 'They left the company.', null)"),
        (EnablePerson(gone, 2), "select authz.enable_person(:who, 2, null)"),
    ):
        with pytest.raises(NotProven):
            execute(office.database.app, ada, command)
        with (
            pytest.raises(DBAPIError, match="prove"),
            writing(office.database.app, ada, P.PEOPLE_MANAGE) as connection,
        ):
            connection.execute(text(by_hand), {"who": command.person})
        office.does(command)
    execute(office.database.app, ada, EndSessions(person))


# --- where they are


def test_an_administrator_sees_where_somebody_is_signed_in_and_ends_it(office: Office) -> None:
    person = office.customer()
    here, there = office.session(person), office.session(person)
    sessions.end(auth_engine(), there.token)
    assert [each.is_alive for each in office.sees(person).sign_ins] == [False, True]
    assert office.does(EndSessions(person))["ended"] == 1
    assert not office.is_alive(here)
    assert not any(each.is_alive for each in office.sees(person).sign_ins)
    assert office.log(person)[-1].action == "person.sign_out"
    n = len(office.log(person))
    assert office.does(EndSessions(person))["ended"] == 0
    assert len(office.log(person)) == n, "nothing happened, nothing is noted"


# --- who may


@pytest.mark.parametrize("who", ["ana", "bea", "vic", "mia", "fin", "dee"])
def test_nobody_but_an_administrator_sees_to_people(who: str, office: Office) -> None:
    abel = office.uuid("abel")
    for command in (
        SetRoles(abel, 1, frozenset({ADMINISTRATOR})), DisablePerson(abel, 1, WHY), EnablePerson(abel, 1),
        EndSessions(abel), AddStaff("me@portal.example", "Me", ADMINISTRATOR, "n", b"h" * 32),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            execute(office.database.app, office.sign_in(who), command, key=uuid4())
    with pytest.raises(Forbidden):
        get_somebody(office.database.app, office.sign_in(who), abel)
    for by_hand in (
        "select authz.disable_person(:abel, 1, 'because I can', null)",
        "select authz.enable_person(:abel, 1, null)",
        "select authz.end_sessions_of(:abel, null)",
        "select authz.set_staff_roles(:abel, 1, array['administrator'], null)",
        "select authz.add_staff('me@portal.example', 'Me', 'administrator', 'h', '{}', 'x', null)",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            run(office, who, by_hand, abel=abel)
    assert run(office, who, "select count(*) from authz.sign_ins_of(:abel)", abel=office.uuid("ada")) == 0
    assert office.sees(abel).disabled_at is None


#: What is for the functions themselves answers no hat at all.
INSIDE = (
    "select authz.shut_out(1)", "select authz.note_about(1, 'x', null, null, null, null)",
    "select authz.somebody_else(:abel)", "select authz.who_run(1)", "select authz.left_alone(1, null, null)",
    "select authz.rights_said(1, 1, 'paa')", "insert into portal.staff_member values (1, 'administrator')",
    "insert into portal.person (kind, email, name) values ('staff', 'x@y.zz', 'x')",
    "update portal.person set disabled_at = null", "delete from portal.staff_member",
    "update portal.person set email = 'x@y.zz'", "select * from auth.session",
)  # fmt: skip


@pytest.mark.parametrize("statement", INSIDE)
def test_there_is_no_other_way(statement: str, office: Office) -> None:
    for who in ("ada", "dee", "ana"):
        with pytest.raises(DBAPIError, match="permission denied"):
            run(office, who, statement, abel=office.uuid("abel"))


def test_somebody_who_never_was_is_not_found(office: Office) -> None:
    for command in (SetRoles(uuid4(), 1, frozenset({DESK})), DisablePerson(uuid4(), 1, WHY), EndSessions(uuid4())):
        with pytest.raises(NotFound):
            office.does(command)


# --- the page


def test_the_drawer_of_a_colleague_offers_what_ones_own_does_not(office: Office) -> None:
    other = page_of(office.sign_in("ada"), "pages.staff.people.page", person=str(office.staff(DESK)))
    assert not other.exception
    assert "Disable this person" in {button.label for button in other.button}
    assert not [each.value for each in other.caption if "next sign-in" in each.value], "no provider says otherwise"
    own = page_of(office.sign_in("ada"), "pages.staff.people.page", person=str(office.uuid("ada")))
    assert not own.exception
    assert "Nobody changes their own rights." in words_of(own)
    assert not {"Disable this person", "Sign out everywhere", "Save"} & {button.label for button in own.button}


def test_where_a_claim_says_who_works_as_what_the_page_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of staff, whose roles it says, and not of customers, who have none."""
    provider = {"ISSUER": "https://login.example", "CLIENT_ID": "portal", "CLIENT_SECRET": "x" * 20}
    sign_on = {**provider, "LABEL": "Workforce", "ROLE_CLAIM": "groups", "ROLES": "d=desk"}
    for name, value in sign_on.items():
        monkeypatch.setenv(f"PORTAL_OIDC_{name}", value)
    settings.cache_clear()
    told = "Whoever signs in by Workforce gets the roles given there"
    try:
        for asked, is_told in (
            ({"person": str(office.staff(DESK))}, True),
            ({"new": "staff"}, True),
            ({"person": str(office.customer())}, False),
        ):
            page = page_of(office.sign_in("ada"), "pages.staff.people.page", **asked)
            assert not page.exception
            assert any(told in each.value for each in page.caption) == is_told, asked
    finally:
        monkeypatch.undo()
        settings.cache_clear()
