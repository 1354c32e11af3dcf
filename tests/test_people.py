"""The operator's commands about people: who is let in, who is shut out, and what is refused with which cure."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from auth import sessions
from auth.passwords import hash_password
from auth.sessions import hashed
from auth.set_password import link_owner, use_link
from data.engines import auth_engine
from data.instance import Kind
from data.opening import Opened
from data.people import PasswordLink, Role, add_person, checked_email, disable_person, reset_person
from operate import user as commands
from rules.errors import Conflict, Invalid, NotFound, PortalError
from rules.permissions import PRESETS, Permission, StaffRole
from rules.principal import PersonKind, Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import AN_ADDRESS, BROWSER, PASSWORD, Door, tries
from tests.patience import PATIENCE

P = Permission
_numbers = iter(range(1, 1000))


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database)


@pytest.fixture
def somebody() -> str:
    return f"somebody-{next(_numbers)}@acme.example"


@pytest.fixture
def add(database: Database) -> Callable[..., PasswordLink | None]:
    def added(email: str, role: Role, **more: str) -> PasswordLink | None:
        with database.as_owner() as connection:
            return add_person(connection, email, role, **more)

    return added


def principal_of(database: Database, email: str) -> Principal:
    """As they would be known right after signing in."""
    with database.as_owner() as connection:
        person, role = connection.execute(
            text(
                "select p.id, (select role from portal.staff_member m where m.person_id = p.id) "
                "from portal.person p where email = :email"
            ),
            {"email": email},
        ).one()
    code = sessions.issue_code(auth_engine(), person, browser=BROWSER, role=role, then_to="/")
    redeemed = sessions.redeem_code(auth_engine(), code, browser=BROWSER, old_token=None, device="", address=AN_ADDRESS)
    assert redeemed is not None
    signed = sessions.who(auth_engine(), redeemed[0])
    assert signed is not None
    return signed.principal


# --- letting somebody in


def test_a_new_paa_runs_their_account_and_what_is_below_and_nothing_else(add, database, somebody):
    link = add(somebody, Role.PAA, account_code="ACME", name="Sam Somebody")
    assert link is not None
    assert link_owner(link.token) == somebody

    sam = principal_of(database, somebody)
    assert (sam.name, sam.kind) == ("Sam Somebody", PersonKind.CUSTOMER)
    assert {account.code for account in sam.accounts} == {"ACME", "ACME-SEOUL", "ACME-OSAKA"}
    assert sam.may(P.USER_MANAGE)
    assert not sam.is_staff


def test_a_new_general_user_looks_and_does_not_touch_unless_told_otherwise(add, database, somebody):
    add(somebody, Role.GENERAL, account_code="ACME-SEOUL")
    looking = principal_of(database, somebody)
    assert [account.code for account in looking.accounts] == ["ACME-SEOUL"]
    assert {p for p in P if looking.may(p)} == PRESETS["viewer"]

    add("x" + somebody, Role.GENERAL, account_code="BOLT", preset="finance")
    paying = principal_of(database, "x" + somebody)
    assert {p for p in P if paying.may(p)} == PRESETS["finance"]


@pytest.mark.parametrize(
    ("role", "works_as"),
    [
        (Role.MANAGER, StaffRole.ACCOUNT_MANAGER), (Role.FINANCE, StaffRole.FINANCE),
        (Role.DESK, StaffRole.SERVICE_DESK), (Role.ADMIN, StaffRole.ADMINISTRATOR),
    ],
)  # fmt: skip
def test_new_staff_work_in_their_role_and_belong_to_no_account(add, database, somebody, role, works_as):
    add(somebody, role)
    working = principal_of(database, somebody)
    assert (working.kind, working.role) == (PersonKind.STAFF, works_as)
    assert working.accounts == ()
    assert working.name == somebody.partition("@")[0]


def test_somebody_with_a_password_needs_no_link(add, somebody):
    assert add(somebody, Role.DESK, password_hash=hash_password(PASSWORD)) is None
    assert tries(somebody, PASSWORD)


def test_a_link_lasts_days_and_only_its_hash_is_kept(add, door, somebody):
    link = add(somebody, Role.DESK)
    lasting = "select extract(epoch from expires_at - now()) / 3600 from auth.link where token_hash = :hash"
    assert 71 < float(door.owner(lasting, hash=hashed(link.token))) <= 72
    assert door.owner("select count(*) from auth.link l where l::text like :t", t=f"%{link.token}%") == 0
    assert link.token not in repr(link)


@pytest.mark.parametrize(
    ("role", "account", "error", "cure"),
    [
        (Role.PAA, None, Invalid, "--account CODE"),
        (Role.GENERAL, None, Invalid, "--account CODE"),
        (Role.FINANCE, "ACME", Invalid, "leave --account out"),
        (Role.ADMIN, "ACME", Invalid, "leave --account out"),
        (Role.PAA, "acme-seol", NotFound, "did you mean ACME-SEOUL"),
        (Role.PAA, "QQQQ", NotFound, "./portal import accounts"),
        (Role.PAA, "", NotFound, "./portal import accounts"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_cure(database, door, somebody, role, account, error, cure):
    with database.as_owner() as connection, pytest.raises(error, match=re.escape(cure)):
        add_person(connection, somebody, role, account_code=account)
    assert door.owner("select count(*) from portal.person where email = :e", e=somebody) == 0


@pytest.mark.parametrize("email", ["paa@acme.example", "PAA@Acme.Example", " paa@acme.example "])
def test_an_email_that_is_known_is_refused_and_nothing_changes(database, door, email):
    with database.as_owner() as connection, pytest.raises(Conflict, match="portal user reset"):
        add_person(connection, email, Role.ADMIN)
    assert door.owner("select count(*) from portal.staff_member where person_id = :p", p=door.person("ana")) == 0


@pytest.mark.parametrize(
    "email",
    [
        "", "ana", "ana@", "@acme.example", "ana@acme", "a b@acme.example", "ana@acme.example\nBcc: x@y.zz",
        "ana@.example", "ana@@acme.example", "<ana@acme.example>", "ana@acme..example", "ana@a.example,bea@b.example",
        "a" * 250 + "@x.yz",
    ],
)  # fmt: skip
def test_what_is_no_email_is_refused(email):
    with pytest.raises(Invalid, match="not an e-mail address"):
        checked_email(email)


@pytest.mark.parametrize(
    "email", ["ana@acme.example", "Ana.O'Neil+portal@sub.acme.example", "아나@예시.한국", "a@b-c.co"]
)
def test_an_email_is_kept_as_it_was_written(email):
    assert checked_email(f" {email} ") == email


# --- shutting somebody out


def test_a_disabled_person_is_out_at_once_and_disabling_twice_is_no_error(add, database, somebody):
    link = add(somebody, Role.GENERAL, account_code="ACME-SEOUL")
    token = principal_of(database, somebody).token
    with database.as_owner() as connection:
        assert disable_person(connection, somebody.upper()) is True
        assert disable_person(connection, somebody) is False

    assert sessions.who(auth_engine(), token) is None
    assert link_owner(link.token) is None
    assert not use_link(link.token, somebody, PASSWORD, PASSWORD)


def test_open_tabs_hear_of_it(database, add, somebody):
    import psycopg

    add(somebody, Role.DESK)
    token = principal_of(database, somebody).token
    with psycopg.connect(database.login("portal_app").replace("+psycopg", ""), autocommit=True) as listener:
        listener.execute("listen portal")
        with database.as_owner() as connection:
            disable_person(connection, somebody)
        heard = [notification.payload for notification in listener.notifies(timeout=PATIENCE, stop_after=1)]
    assert heard == ["S" + hashed(token).hex()]


def test_an_account_keeps_its_last_paa(database, add, somebody):
    cures = r"last PAA of BOLT.*portal user add.*portal user reset"
    with database.as_owner() as connection, pytest.raises(Conflict, match=cures):
        disable_person(connection, CAST["bea"])
    assert principal_of(database, CAST["bea"])

    add(somebody, Role.PAA, account_code="BOLT")
    with database.as_owner() as connection:
        assert disable_person(connection, CAST["bea"])
        with pytest.raises(Conflict, match="last PAA of BOLT"):
            disable_person(connection, somebody)
        reset_person(connection, CAST["bea"], enable=True)


def test_a_paa_above_is_a_paa(database, add, somebody):
    add(somebody, Role.PAA, account_code="ACME-SEOUL")
    with database.as_owner() as connection:
        assert disable_person(connection, somebody), "Ana runs the group, and so Acme Seoul"


# --- starting a password over


def test_a_reset_ends_password_sessions_and_older_links(database, add, somebody):
    first = add(somebody, Role.DESK)
    assert use_link(first.token, somebody, PASSWORD, PASSWORD)
    token = principal_of(database, somebody).token
    with database.as_owner() as connection:
        older = reset_person(connection, somebody)
        newer = reset_person(connection, somebody)

    assert not tries(somebody, PASSWORD)
    assert sessions.who(auth_engine(), token) is None
    assert link_owner(older.token) is None
    assert link_owner(newer.token) == somebody


def test_a_disabled_person_comes_back_only_when_that_is_said(database, add, somebody):
    add(somebody, Role.DESK)
    with database.as_owner() as connection:
        disable_person(connection, somebody)
        with pytest.raises(Conflict, match="--enable"):
            reset_person(connection, somebody)
        link = reset_person(connection, somebody, enable=True)
    assert use_link(link.token, somebody, PASSWORD, PASSWORD)
    assert tries(somebody, PASSWORD)


@pytest.mark.parametrize("act", [disable_person, reset_person])
def test_nobody_is_named_with_the_cure(database, act):
    with database.as_owner() as connection, pytest.raises(NotFound, match="portal user add"):
        act(connection, "nobody@acme.example")


def test_the_audit_log_tells_the_customer_of_theirs_and_staff_of_staff(database, door, add, somebody):
    add(somebody, Role.PAA, account_code="ACME")
    add("x" + somebody, Role.DESK)
    with database.as_owner() as connection:
        reset_person(connection, somebody)
        disable_person(connection, somebody)
    told = (
        "select string_agg(concat_ws('/', e.action, e.audience, a.code, e.actor_kind), ' ' order by e.id) "
        "from portal.audit_entry e left join portal.account a on a.id = e.account_id where object_label = :email"
    )
    assert door.owner(told, email=somebody) == (
        "person.add/customer/ACME/operator password.reset/customer/ACME/operator person.disable/customer/ACME/operator"
    )
    assert door.owner(told, email="x" + somebody) == "person.add/staff/operator"


# --- as commands


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`run("add", …)`: what `./portal user add …` does to a real instance, or with `kind` to a demo."""

    def ran(*words: str, typed: str = "", kind: Kind = Kind.REAL) -> Result:
        @contextmanager
        def opened(*_config: object, **_options: object) -> Generator[Opened]:
            yield Opened(database.owner_url, kind)

        monkeypatch.setattr(commands, "opened", opened)
        return CliRunner().invoke(commands.user, words, input=typed)

    return ran


def test_add_prints_the_link_alone_on_stdout(run, somebody):
    result = run("add", somebody, "--role", "paa", "--account", "ACME")
    assert result.exit_code == 0
    assert result.stdout.startswith("http://127.0.0.1:8501/password?link=")
    assert link_owner(result.stdout.strip().partition("link=")[2]) == somebody
    assert "as paa of ACME" in result.stderr
    assert "link=" not in result.stderr


def test_add_takes_a_password_from_standard_input(run, somebody):
    result = run("add", somebody, "--role", "desk", "--password-stdin", typed=f"{PASSWORD}\n")
    assert (result.exit_code, result.stdout) == (0, "")
    assert PASSWORD not in result.output
    assert tries(somebody, PASSWORD)


def test_a_password_from_standard_input_keeps_the_rules(run, door, somebody):
    result = run("add", somebody, "--role", "desk", "--password-stdin", typed="short\n")
    assert isinstance(result.exception, Invalid)
    assert door.owner("select count(*) from portal.person where email = :e", e=somebody) == 0


def test_a_demo_gets_nobody_by_accident(run, door, somebody):
    refused = run("add", somebody, "--role", "desk", kind=Kind.DEMO)
    assert isinstance(refused.exception, PortalError)
    assert "--into-demo" in str(refused.exception)
    assert door.owner("select count(*) from portal.person where email = :e", e=somebody) == 0

    assert run("add", somebody, "--role", "desk", "--into-demo", kind=Kind.DEMO).exit_code == 0
    assert isinstance(run("disable", somebody, kind=Kind.DEMO).exception, PortalError)


def test_disable_and_reset_say_what_they_did(run, somebody):
    run("add", somebody, "--role", "desk")
    assert "cannot sign in any more" in run("disable", somebody).stderr
    assert "disabled already" in run("disable", somebody).stderr
    assert isinstance(run("reset", somebody).exception, Conflict)
    assert link_owner(run("reset", somebody, "--enable").stdout.strip().partition("link=")[2]) == somebody


def test_one_of_the_staff_gets_one_more_role_and_a_stranger_none(run, door, somebody):
    roles = (
        "select string_agg(role, ' ' order by role) from portal.staff_member m "
        "join portal.person p on p.id = m.person_id where p.email = :email"
    )
    assert isinstance(run("add", somebody, "--role", "finance", "--also").exception, NotFound)
    run("add", somebody, "--role", "desk")
    again = run("add", somebody, "--role", "finance").exception
    assert "--also" in str(again)
    assert door.owner(roles, email=somebody) == "service_desk"

    assert "may work as finance as well" in run("add", somebody, "--role", "finance", "--also").stderr
    assert door.owner(roles, email=somebody) == "finance service_desk"
    assert isinstance(run("add", somebody, "--role", "finance", "--also").exception, Conflict)
    named = run("add", somebody, "--role", "admin", "--also", "--name", "Sam")
    assert isinstance(named.exception, PortalError)
    assert door.owner(roles, email=somebody) == "finance service_desk"


def test_a_role_that_does_not_exist_is_refused_with_those_that_do(run, somebody):
    result = run("add", somebody, "--role", "root")
    assert result.exit_code == 2
    assert "'admin'" in result.stderr
