"""Accounts as staff see to them: made, renamed, put below each other and apart; what it means for whom, and who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from streamlit.testing.v1 import AppTest

from auth.sessions import hashed
from data.accounts import (
    ACCOUNTS,
    Account,
    AssignManager,
    ChangeAccount,
    CloseAccount,
    CreateAccount,
    MoveAccount,
    ReopenAccount,
    UnassignManager,
    get_account,
    managers_to_choose,
    places_to_choose,
    what_moves,
)
from data.commands import Command, Work, execute
from data.customers import CustomersAsked, list_customers
from data.database import context_of, hat_of, writing
from data.listing import get_row, page_of, read_asked
from data.models import SignInSession
from rules.accounts import LEVELS
from rules.errors import Conflict, Forbidden, Invalid, NotFound, NotProven, Problems
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import PASSWORD, Door
from tests.patience import PATIENCE
from tests.standing import page_of as page_at
from tests.standing import words_of

P = Permission
SignIn = Callable[[str], Principal]
PUT_ON = """select set_config('role', :hat, true), set_config('portal.session', :token, true),
    set_config('portal.account', :account, true), set_config('portal.accounts', :accounts, true)"""


@dataclass
class Office:
    """Ada's desk: what she does to accounts, each test with accounts of its own."""

    database: Database
    sign_in: SignIn

    def does(self, command: Command, who: str = "ada", key: UUID | None = None) -> Any:
        return execute(self.database.app, self.sign_in(who), command, key=key or (uuid4() if command.creates else None))

    def makes(self, name: str, above: UUID | None = None, **facts: str) -> UUID:
        code = f"T-{uuid4().hex[:10]}"
        return UUID(self.does(CreateAccount(code, name, above, **facts))["uuid"])

    def sees(self, account: UUID, who: str = "ada") -> Account:
        return get_account(self.database.app, self.sign_in(who), account)

    def moves(self, account: UUID, above: UUID | None) -> Any:
        return self.does(MoveAccount(account, self.sees(account).version, above))

    def account(self, code: str) -> UUID:
        return self.owner("select uuid from portal.account where code = :code", code=code)

    def person(self, who: str) -> UUID:
        return self.owner("select uuid from portal.person where email = :email", email=CAST[who])

    def joins(self, name: str, account: UUID, role: str = "paa") -> int:
        """Somebody new who belongs to it."""
        return self.owner(
            "with p as (insert into portal.person (kind, email, name) "
            "values ('customer', gen_random_uuid() || '@new.example', :name) returning id) "
            "insert into portal.membership (account_id, person_id, role) "
            "select a.id, p.id, :role from p, portal.account a where a.uuid = :account returning person_id",
            name=name, account=account, role=role,
        )  # fmt: skip

    def owner(self, statement: str, **values: object) -> Any:
        with self.database.as_owner() as connection:
            return connection.execute(text(statement), values).scalar()

    def log(self, account: UUID) -> list[Any]:
        asked = """select e.action, e.actor_name, e.audience, e.before, e.after, a.name as account
            from portal.audit_entry e join portal.account a on a.id = e.account_id
            where e.object_kind = 'account' and e.object_id = :uuid order by e.id"""
        with self.database.as_owner() as connection:
            return list(connection.execute(text(asked), {"uuid": str(account)}))

    def mails(self, account: UUID) -> list[Any]:
        asked = """select p.name, m.context from portal.mail m join portal.person p on p.id = m.person_id
            join portal.account a on a.id = m.account_id
            where m.kind = 'account_moved' and a.uuid = :uuid order by m.id"""
        with self.database.as_owner() as connection:
            return list(connection.execute(text(asked), {"uuid": account}))


@pytest.fixture
def office(database: Database, sign_in: SignIn) -> Office:
    return Office(database, sign_in)


# --- making and renaming


def test_an_administrator_makes_an_account_and_a_part_of_it(office: Office) -> None:
    group = office.makes("Nova Group", country="KR", currency="KRW", locale="ko", time_zone="Asia/Seoul")
    part = office.makes("Nova Seoul", group)
    found = office.sees(part)
    assert (found.name, found.above and found.above.name, found.people) == ("Nova Seoul", "Nova Group", ())
    assert [each.name for each in office.sees(group).parts] == ["Nova Seoul"]
    (entry,) = office.log(group)
    assert (entry.action, entry.actor_name, entry.audience) == ("account.create", "Ada Admin", "customer")
    assert entry.after["currency"] == "KRW"
    assert "parent" not in entry.after


@pytest.mark.parametrize("locale", ["zh_Hans", "zh-Hans", "id", "ja"])
def test_an_account_reads_any_language_however_it_is_written(locale: str, office: Office) -> None:
    assert office.sees(office.makes("Nova", locale=locale)).locale == locale


def test_the_same_form_sent_twice_makes_one_account(office: Office) -> None:
    key, command = uuid4(), CreateAccount(f"T-{uuid4().hex[:8]}", "Once")
    first, second = (office.does(command, key=key) for _ in range(2))
    assert first["uuid"] == second["uuid"]
    assert second.again
    with pytest.raises(Conflict):
        office.does(CreateAccount(command.code, "Twice"), key=key)


def test_a_code_that_is_taken_is_said_beside_it(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.does(CreateAccount("ACME", "Another Acme"))
    assert refused.value.field == "code"
    assert office.owner("select count(*) from portal.account where name = 'Another Acme'") == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("called", " "), ("called", "x" * 201), ("country", "Korea"), ("currency", "WON"), ("time_zone", "Seoul"),
     ("locale", "klingon!")],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field(field: str, value: str, office: Office) -> None:
    wanted = {"called": "Nova", field: value}
    with pytest.raises(Problems) as refused:
        office.does(CreateAccount(f"T-{uuid4().hex[:8]}", **wanted))
    assert list(refused.value.by_field) == [field]


@pytest.mark.parametrize("code", ["", "has space", "ö", "x" * 51, "a/b"])
def test_a_code_stands_in_addresses(code: str, office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.does(CreateAccount(code, "Nova"))
    assert refused.value.field == "code"


def test_renaming_keeps_the_code_and_notes_what_changed_alone(office: Office) -> None:
    account = office.makes("Old Name", currency="JPY")
    code = office.sees(account).code
    assert office.does(ChangeAccount(account, 1, "New Name", currency="JPY"))["changed"]
    found = office.sees(account)
    assert (found.name, found.code, found.version) == ("New Name", code, 2)
    entry = office.log(account)[-1]
    assert (entry.before, entry.after) == ({"name": "Old Name"}, {"name": "New Name"})
    assert not office.does(ChangeAccount(account, 2, "New Name", currency="JPY"))["changed"]
    assert office.sees(account).version == 2


def test_of_two_who_change_it_at_once_the_second_is_told(office: Office) -> None:
    account = office.makes("Shared")
    office.does(ChangeAccount(account, 1, "First"))
    for late in (ChangeAccount(account, 1, "Second"), MoveAccount(account, 1, None), CloseAccount(account, 1)):
        with pytest.raises(Conflict, match="changed meanwhile"):
            office.does(late)
    assert office.sees(account).name == "First"


@pytest.mark.parametrize("first", ["renamed", "moved"])
def test_of_a_renaming_and_a_move_at_the_same_moment_one_is_done(first: str, office: Office) -> None:
    """Both looked at the same version; whoever comes second waits, and writes over nothing."""
    account, ada, late = office.makes("Contested"), office.sign_in("ada"), office.sign_in("ada")
    renaming, moving = ChangeAccount(account, 1, "Renamed"), MoveAccount(account, 1, office.account("BOLT"))
    sooner, later = (renaming, moving) if first == "renamed" else (moving, renaming)
    refused: list[str] = []

    def second() -> None:
        try:
            execute(office.database.app, late, later)
        except Conflict as conflict:
            refused.append(conflict.message)

    with writing(office.database.app, ada, P.ACCOUNT_MANAGE) as connection:
        sooner.carry_out(Work(connection, ada))
        thread = Thread(target=second)
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive(), "it waits"
    thread.join(timeout=PATIENCE)
    assert ["changed meanwhile" in message for message in refused] == [True]
    now = office.sees(account)
    assert (now.version, now.name, now.above and now.above.name) == (
        (2, "Renamed", None) if first == "renamed" else (2, "Contested", "Bolt")
    )


def test_by_hand_nobody_writes_over_what_somebody_else_did_at_the_same_moment(office: Office) -> None:
    """Without the command's look at the version: the trigger knows which one must follow."""
    account, ada = office.makes("Contested"), office.sign_in("ada")
    rename = text("update portal.account set name = :name, version = 2 where uuid = :account")
    refused: list[DBAPIError] = []

    def late() -> None:
        try:
            with writing(office.database.app, ada, P.ACCOUNT_MANAGE) as connection:
                connection.execute(rename, {"name": "Second", "account": account})
        except DBAPIError as error:
            refused.append(error)

    with writing(office.database.app, ada, P.ACCOUNT_MANAGE) as connection:
        connection.execute(rename, {"name": "First", "account": account})
        thread = Thread(target=late)
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive(), "it waits"
    thread.join(timeout=PATIENCE)
    assert ["the version that follows" in str(error) for error in refused] == [True]
    assert office.sees(account).name == "First"


# --- where it stands


def test_who_runs_the_account_above_runs_what_is_attached_at_the_next_statement(office: Office) -> None:
    """In the session they have open already; and once it is detached, no more."""
    new = office.makes("Newcomer")
    office.joins("Nana New", new)
    bea, looking_at = office.sign_in("bea"), office.owner("select id from portal.account where uuid = :u", u=new)
    mine = "select count(*) from portal.account where id = :id"

    def sees() -> int:
        with office.database.app.begin() as connection:
            hat = {"hat": "portal_customer", "token": bea.token, "account": str(looking_at), "accounts": ""}
            connection.execute(text(PUT_ON), hat)
            return connection.execute(text(mine), {"id": looking_at}).scalar_one()

    assert sees() == 0
    office.moves(new, office.account("BOLT"))
    assert sees() == 1
    office.moves(new, None)
    assert sees() == 0


def test_what_a_move_means_is_known_before_it_is_done(office: Office) -> None:
    parent, part = office.makes("Big"), office.makes("Small")
    office.makes("Smaller", part)
    office.joins("Bo Big", parent)
    office.joins("Sue Small", part)
    ada = office.sign_in("ada")
    means = what_moves(office.database.app, ada, part, parent)
    assert means.accounts == ("Small", "Smaller")
    assert [(each.name, each.from_above) for each in means.gain] == [("Bo Big", "Big")]
    assert (means.lose, means.is_left_alone) == ((), False)
    office.moves(part, parent)
    back = what_moves(office.database.app, ada, part, None)
    assert [each.name for each in back.lose] == ["Bo Big"]
    assert not back.gain
    assert not back.is_left_alone, "Sue stays"


def test_all_who_run_it_are_told_and_who_leaves_does_not_learn_where_it_went(office: Office) -> None:
    first, second, part = office.makes("First House"), office.makes("Second House"), office.makes("Part")
    office.joins("Fay First", first)
    office.joins("Sam Second", second)
    office.joins("Pam Part", part)
    office.moves(part, first)
    assert {(name, said["above"], said["is_attached"]) for name, said in office.mails(part)} == {
        ("Fay First", "First House", True),
        ("Pam Part", "First House", True),
    }
    office.moves(part, second)
    told = {name: (said["above"], said["is_attached"]) for name, said in office.mails(part)[2:]}
    assert told == {
        "Fay First": ("First House", False),
        "Sam Second": ("Second House", True),
        "Pam Part": ("Second House", True),
    }
    of_first = [entry for entry in office.log(part) if entry.account == "First House"]
    assert [(entry.before, entry.after) for entry in of_first] == [({"parent": "First House"}, {"parent": None})]
    assert "Second" not in str([said for name, said in office.mails(part) if name == "Fay First"])


def test_an_account_is_never_below_itself_however_it_is_tried(office: Office) -> None:
    a = office.makes("A")
    b = office.makes("B", a)
    c = office.makes("C", b)
    for above in (a, b, c):
        with pytest.raises(Invalid, match="no part of itself"):
            office.moves(a, above)
    offered = places_to_choose(office.database.app, office.sign_in("ada"), office.sees(a))
    assert not {a, b, c} & {each.uuid for each in offered}
    assert office.sees(a).above is None


def test_two_moves_that_would_make_a_circle_together_do_not(office: Office) -> None:
    """Each is right by itself; whoever comes second waits, looks again and is refused."""
    one, two = office.makes("One"), office.makes("Two")
    ada = office.sign_in("ada")
    move = text("""update portal.account set parent_id = (select id from portal.account where uuid = :above),
        version = version + 1 where uuid = :account""")
    refused: list[DBAPIError] = []

    def second() -> None:
        try:
            with writing(office.database.app, ada, P.ACCOUNT_MANAGE) as connection:
                connection.execute(move, {"account": two, "above": one})
        except DBAPIError as error:
            refused.append(error)

    with writing(office.database.app, ada, P.ACCOUNT_MANAGE) as connection:
        connection.execute(move, {"account": one, "above": two})
        thread = Thread(target=second)
        thread.start()
        thread.join(timeout=1)  # it waits for us
        assert thread.is_alive()
    thread.join(timeout=PATIENCE)
    assert ["below each other" in str(error) for error in refused] == [True]
    assert office.sees(two).above is None


def test_accounts_stand_so_deep_and_no_deeper(office: Office) -> None:
    line = [office.makes("Level 1")]
    for level in range(2, LEVELS + 1):
        line.append(office.makes(f"Level {level}", line[-1]))
    with pytest.raises(Invalid, match="at most"):
        office.makes("Too deep", line[-1])
    pair = office.makes("Pair")
    office.makes("Its part", pair)
    with pytest.raises(Invalid, match="at most"):
        office.moves(pair, line[-2])
    offered = {each.uuid for each in places_to_choose(office.database.app, office.sign_in("ada"), office.sees(pair))}
    assert line[-3] in offered
    assert not {line[-1], line[-2]} & offered
    assert office.moves(pair, line[-3])["changed"]


def test_an_account_never_loses_its_last_administrator_by_being_moved(office: Office) -> None:
    """Ana runs Acme Seoul because she runs Acme Group; it has no administrator of its own."""
    seoul = office.account("ACME-SEOUL")
    assert what_moves(office.database.app, office.sign_in("ada"), seoul, None).is_left_alone
    nobody = office.makes("Nobody there")
    for above in (None, nobody):
        with pytest.raises(Conflict, match="no administrator"):
            office.moves(seoul, above)
    above = office.sees(seoul).above
    assert above is not None and above.code == "ACME"
    free = office.makes("Empty", nobody)
    assert office.moves(free, None)["changed"], "what nobody ran may go anywhere"


# --- who looks after it


def test_a_manager_sees_an_account_from_the_moment_it_is_theirs_and_not_before(office: Office) -> None:
    account, mia = office.makes("Fresh"), office.sign_in("mia")

    def codes() -> set[str]:
        return {row.name for row in list_customers(office.database.app, office.sign_in("mia"), CustomersAsked()).rows}

    with pytest.raises(NotFound):
        get_account(office.database.app, mia, account)
    assert "Fresh" not in codes()
    assert office.does(AssignManager(account, office.person("mia")))["changed"]
    assert get_account(office.database.app, mia, account).name == "Fresh", "in the session that was open"
    assert "Fresh" in codes()
    assert not office.does(AssignManager(account, office.person("mia")))["changed"]
    assert office.does(UnassignManager(account, office.person("mia")))["changed"]
    with pytest.raises(NotFound):
        get_account(office.database.app, mia, account)
    assert "Fresh" not in codes()
    assert [entry.action for entry in office.log(account)] == ["account.create", "account.assign", "account.unassign"]


def test_only_account_managers_can_be_chosen_and_nobody_chooses_themselves(office: Office) -> None:
    account, ada = office.makes("Choosy"), office.sign_in("ada")
    number = office.sees(account).id
    assert [each.name for each in managers_to_choose(office.database.app, ada, number)] == ["Mia Manager"]
    for who in ("dee", "fin", "ana"):
        with pytest.raises(Forbidden):
            office.does(AssignManager(account, office.person(who)))
    office.owner("insert into portal.staff_member values (:ada, 'account_manager') returning 1", ada=ada.person_id)
    try:
        with pytest.raises(Conflict, match="own rights"):
            execute(office.database.app, ada, AssignManager(account, office.person("ada")))
        mine = "insert into portal.assignment (account_id, person_id) values (:account, :me)"
        assert by_hand(office, "ada", P.ACCOUNT_MANAGE, mine, account=number, me=ada.person_id) == 0
        assert "Ada Admin" not in {each.name for each in managers_to_choose(office.database.app, ada, number)}
    finally:
        office.owner(
            "delete from portal.staff_member where person_id = :ada and role = 'account_manager' returning 1",
            ada=ada.person_id,
        )
    assert office.sees(account).managers == ()


# --- closing


def test_a_closed_account_takes_nothing_below_it_and_can_be_opened_again(office: Office) -> None:
    house, other = office.makes("House"), office.makes("Other")
    part = office.makes("Room", house)
    with pytest.raises(Conflict, match="Room"):
        office.does(CloseAccount(house, 1))
    office.moves(part, None)
    assert office.does(CloseAccount(house, 1))["changed"]
    with pytest.raises(Invalid, match="closed"):
        office.moves(other, house)
    with pytest.raises(Invalid, match="closed"):
        office.makes("Shed", house)
    assert office.does(ReopenAccount(house, 2))["changed"]
    assert office.moves(other, house)["changed"]
    assert [entry.action for entry in office.log(house)] == ["account.create", "account.close", "account.reopen"]


# --- who may


@pytest.mark.parametrize("who", ["ana", "abel", "bea", "mia", "fin", "dee"])
def test_nobody_but_an_administrator_changes_accounts(who: str, office: Office) -> None:
    acme = office.account("ACME")
    for command in (
        CreateAccount("MINE", "Mine"),
        ChangeAccount(acme, 1, "Mine"),
        MoveAccount(acme, 1, office.account("BOLT")),
        CloseAccount(acme, 1),
        AssignManager(acme, office.person("mia")),
        UnassignManager(acme, office.person("mia")),
    ):
        with pytest.raises(Forbidden):
            office.does(command, who)
    assert office.sees(acme).name == "Acme Group"
    assert [each.name for each in office.sees(acme).managers] == ["Mia Manager"]


def test_an_account_that_never_was_is_not_found(office: Office) -> None:
    for command in (ChangeAccount(uuid4(), 1, "x"), MoveAccount(uuid4(), 1, None), CloseAccount(uuid4(), 1)):
        with pytest.raises(NotFound):
            office.does(command)
    for broken in (CreateAccount("T-X", "x", uuid4()), AssignManager(uuid4(), uuid4())):
        with pytest.raises(NotFound):
            office.does(broken)
    with pytest.raises(NotFound):
        office.moves(office.makes("Lost"), uuid4())


# --- the list


def listed(office: Office, who: str, **asked: str) -> list[str]:
    wanted = read_asked(ACCOUNTS, {name: [value] for name, value in asked.items()})
    page = page_of(office.database.app, office.sign_in(who), ACCOUNTS, wanted, size=500)
    assert page.count.n == page.length
    return page.values["code"]


def test_everybody_of_the_staff_sees_the_accounts_that_are_theirs_to_see(office: Office) -> None:
    for who in ("ada", "fin", "dee"):
        assert {"ACME", "ACME-SEOUL", "ACME-OSAKA", "BOLT"} <= {*listed(office, who)}
    assert sorted(listed(office, "mia")) == ["ACME", "ACME-OSAKA", "ACME-SEOUL"]
    for who in ("ana", "vic", "bea"):
        with pytest.raises(Forbidden):
            listed(office, who)
    with pytest.raises(NotFound):
        get_row(office.database.app, office.sign_in("mia"), ACCOUNTS, str(office.account("BOLT")))


def test_the_list_says_where_an_account_stands_and_who_is_there(office: Office) -> None:
    row = get_row(office.database.app, office.sign_in("ada"), ACCOUNTS, str(office.account("ACME")))
    assert (row["parts"], row["administrators"], row["managers"], row["status"]) == (2, 1, "Mia Manager", "open")
    seoul = get_row(office.database.app, office.sign_in("ada"), ACCOUNTS, str(office.account("ACME-SEOUL")))
    assert (seoul["parent"], seoul["people"], seoul["administrators"]) == ("Acme Group", 2, 0)


@pytest.mark.parametrize(
    ("asked", "has", "has_not"),
    [
        ({"q": "osaka"}, "ACME-OSAKA", "ACME-SEOUL"),
        ({"q": "acme group"}, "ACME-SEOUL", "BOLT"),
        ({"place": "part"}, "ACME-SEOUL", "ACME"),
        ({"place": "alone"}, "ACME", "ACME-SEOUL"),
        ({"lacks": "manager"}, "BOLT", "ACME"),
        ({"lacks": "people"}, "ACME-OSAKA", "BOLT"),
        ({"status": "open"}, "ACME", "T-CLOSED"),
        ({"status": "closed"}, "T-CLOSED", "ACME"),
    ],
)
def test_accounts_are_found_by_what_is_asked(asked: dict[str, str], has: str, has_not: str, office: Office) -> None:
    office.owner("""insert into portal.account (code, name, closed_at) values ('T-CLOSED', 'Closed', now())
        on conflict do nothing returning 1""")
    found = listed(office, "ada", **asked)
    assert has in found
    assert has_not not in found


# --- by hand: what somebody with an administrator's hat, or another one, and SQL of their own may try

BY_HAND = {
    "a circle": "update portal.account set parent_id = (select id from portal.account where code = 'ACME-SEOUL'), "
    "version = version + 1 where code = 'ACME'",
    "an account without its administrator": "update portal.account set parent_id = null, version = version + 1 "
    "where code = 'ACME-SEOUL'",
    "another company's part": "update portal.account set parent_id = null, version = version + 1 where code ~ '^ACME-'",
    "a version that stays": "update portal.account set name = 'x' where code = 'ACME'",
    "a version ahead": "update portal.account set name = 'x', version = version + 2 where code = 'ACME'",
    "a code": "update portal.account set code = 'X' where code = 'ACME'",
    "another id": "update portal.account set uuid = gen_random_uuid() where code = 'ACME'",
    "a closing long ago": "update portal.account set closed_at = now() - interval '1 year', version = version + 1 "
    "where code = 'BOLT'",
    "an account gone": "delete from portal.account where code = 'BOLT'",
    "a desk that looks after accounts": "insert into portal.assignment (account_id, person_id) "
    "select a.id, p.id from portal.account a, portal.person p where a.code = 'BOLT' and p.email ^@ 'desk@'",
    "a customer that looks after accounts": "insert into portal.assignment (account_id, person_id) "
    "select a.id, p.id from portal.account a, portal.person p where a.code = 'BOLT' and p.email = 'paa@acme.example'",
    "a new member": "insert into portal.membership (account_id, person_id, role) "
    "select a.id, p.id, 'paa' from portal.account a, portal.person p where a.code = 'BOLT' and p.email ^@ 'paa@acme'",
    "a colleague's role": "insert into portal.staff_member values (1, 'administrator')",
    "somebody out": "update portal.person set disabled_at = now()",
}  # fmt: skip


def by_hand(office: Office, who: str | Principal, permission: Permission, *statements: str, **values: object) -> int:
    """How many rows the last of them changes, under that person's hat; 0 where it is refused. Nothing of it stays."""
    principal = office.sign_in(who) if isinstance(who, str) else who
    with office.database.app.connect() as connection:
        connection.execute(text(PUT_ON), context_of(principal, hat_of(principal, permission)))
        try:
            return [connection.execute(text(statement), values).rowcount for statement in statements][-1]
        except DBAPIError as refused:
            if refused.orig.sqlstate != "42501":  # type: ignore[union-attr]
                raise
            return 0
        finally:
            connection.rollback()


@pytest.mark.parametrize("what", BY_HAND)
def test_the_database_refuses(what: str, office: Office) -> None:
    for who in ("ada", "dee", "fin", "mia"):
        assert by_hand(office, who, P.ACCOUNT_VIEW, BY_HAND[what]) == 0, who


#: The very statements that work for an administrator.
ONLY_ADA = {
    "a new account": ("insert into portal.account (code, name) values ('T-' || gen_random_uuid(), 'x')",),
    "a name": ("update portal.account set name = 'x', version = version + 1 where code = 'BOLT'",),
    "a place": (
        (
            "update portal.account set parent_id = (select id from portal.account where code = 'ACME'), "
            "version = version + 1 where code = 'BOLT'"
        ),
    ),
    "an end of looking after": ("delete from portal.assignment",),
    "somebody who looks after": (
        "delete from portal.assignment",
        (
            "insert into portal.assignment (account_id, person_id) select a.id, p.id from portal.account a, "
            "portal.person p where a.code = 'ACME' and p.email = 'manager@portal.example'"
        ),
    ),
    "a mail": (
        (
            "insert into portal.mail (account_id, dedupe_key, kind, person_id, context, message_id) "
            "select a.id, gen_random_uuid(), 'account_moved', p.id, '{}', 'x' "
            "from portal.account a, portal.person p where a.code = 'ACME' and p.email = 'paa@acme.example'"
        ),
    ),
}


@pytest.mark.parametrize("what", ONLY_ADA)
def test_what_an_administrator_may_nobody_else_can_by_hand(what: str, office: Office) -> None:
    assert by_hand(office, "ada", P.ACCOUNT_MANAGE, *ONLY_ADA[what]) > 0
    for who in ("ana", "bea"):
        assert by_hand(office, who, P.USER_MANAGE, *ONLY_ADA[what]) == 0, who
    for who in ("mia", "fin", "dee"):
        assert by_hand(office, who, P.ACCOUNT_VIEW, *ONLY_ADA[what]) == 0, who


# --- only by who proved lately that it is they


def left_open(office: Office, who: str = "ada") -> Principal:
    """A browser in which nobody has proved anything for a quarter of an hour."""
    principal = office.sign_in(who)
    with office.database.as_owner() as connection:
        long_ago = {"proved_at": text("now() - interval '15 minutes'")}
        connection.execute(
            update(SignInSession).where(SignInSession.token_hash == hashed(principal.token)).values(long_ago)
        )
    return principal


def test_a_browser_left_open_moves_no_account_and_gives_none_to_anybody(office: Office) -> None:
    account, other = office.makes("Stays"), office.makes("Given")
    office.does(AssignManager(other, office.person("mia")))
    ada = left_open(office)
    for command in (
        MoveAccount(account, 1, office.account("BOLT")),
        AssignManager(account, office.person("mia")),
        UnassignManager(other, office.person("mia")),
    ):
        with pytest.raises(NotProven):
            execute(office.database.app, ada, command)
        office.does(command)  # by who has proved it, the very same is done
    execute(office.database.app, ada, ChangeAccount(other, 1, "Renamed"))


@pytest.mark.parametrize("what", ["a place", "an end of looking after", "somebody who looks after"])
def test_the_database_asks_for_proof_by_itself(what: str, office: Office) -> None:
    ada = left_open(office)
    assert by_hand(office, ada, P.ACCOUNT_MANAGE, ONLY_ADA[what][-1]) == 0
    assert by_hand(office, ada, P.ACCOUNT_MANAGE, *ONLY_ADA["a name"]) == 1, "a name is no right"


# --- the page


@pytest.mark.usefixtures("configured")
class TestThePage:
    DEEDS = frozenset({"New account", "Change", "Attach to an account", "Close account", "Take away"})

    def opened(self, office: Office, who: str, account: str = "ACME") -> AppTest:
        app = page_at(office.sign_in(who), "pages.staff.accounts.page", open=str(office.account(account)))
        assert not app.exception
        return app

    def test_an_administrator_is_offered_what_others_who_look_are_not(self, office: Office) -> None:
        assert {button.label for button in self.opened(office, "ada").button} >= self.DEEDS
        for who in ("mia", "fin", "dee"):
            seen = self.opened(office, who)
            assert not self.DEEDS & {button.label for button in seen.button}, who
            assert "Mia Manager" in words_of(seen), who

    def test_the_drawer_says_who_is_in_it_and_who_runs_it_from_above(self, office: Office) -> None:
        words = words_of(self.opened(office, "ada", "ACME-SEOUL"))
        assert "Ana Acme" in words
        assert "as administrator of Acme Group" in words
        assert "Vic Acme" in words
        assert "Bea Bolt" not in words

    def test_the_drawer_tells_what_was_done_to_the_account_to_who_reads_the_log(self, office: Office) -> None:
        account = office.makes("Told")
        office.does(ChangeAccount(account, 1, "Told Again"))
        asked = {"open": str(account)}
        words = words_of(page_at(office.sign_in("ada"), "pages.staff.accounts.page", **asked))
        assert "Told → Told Again" in words
        assert "Told →" not in words_of(page_at(office.sign_in("dee"), "pages.staff.accounts.page", **asked))

    def test_who_looks_after_it_is_changed_once_it_is_proved_who_asks(self, office: Office) -> None:
        Door(office.database).give_password("ada")
        account = office.makes("Asked For")
        office.does(AssignManager(account, office.person("mia")))
        app = page_at(left_open(office), "pages.staff.accounts.page", open=str(account))
        next(each for each in app.button if each.label == "Take away").click().run()
        assert "Confirm that it is you" in words_of(app)
        assert [each.name for each in office.sees(account).managers] == ["Mia Manager"], "nothing is done yet"
        app.text_input(key="confirm-password-account-manager").input(PASSWORD)
        next(each for each in app.button if each.label == "Confirm").click().run()
        assert not app.exception
        assert [each.value for each in app.success] == ["Mia Manager no longer looks after it."]
        assert office.sees(account).managers == ()

    def test_a_manager_finds_no_account_that_is_not_theirs(self, office: Office) -> None:
        seen = self.opened(office, "mia", "BOLT")
        assert "It does not exist, or it is not available to you." in words_of(seen)
        assert "Bea Bolt" not in words_of(seen)
