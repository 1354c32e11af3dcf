"""Access rights: what an administrator may give and take, what nobody may, and what it means at the next statement."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.access import ACCESS, ChangeAccess, EndMembership, Member, get_member
from data.commands import execute
from data.database import writing
from data.listing import page_of, read_asked
from data.tickets import TICKETS
from pages.portal.access.grid import GROUPS
from rules.access import GIVEN, Access, Change, MemberRole, changes, check_access
from rules.errors import Conflict, Forbidden, Invalid, NotFound, SignedOut
from rules.permissions import CUSTOMER_FUNCTIONS, PRESETS, Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.patience import PATIENCE
from ui.changes import changes_of

P = Permission
SignIn = Callable[[str], Principal]
GENERAL, PAA = MemberRole.GENERAL, MemberRole.PAA
HANDS = dict.fromkeys(PRESETS["remote_hands_only"])


@dataclass
class House:
    """The cast and their memberships; `as_it_was` before each test."""

    database: Database
    sign_in: SignIn

    def uuid(self, who: str, account: str = "ACME-SEOUL") -> UUID:
        found = """select m.uuid from portal.membership m join portal.person p on p.id = m.person_id
            join portal.account a on a.id = m.account_id where p.email = :email and a.code = :account"""
        with self.database.as_owner() as connection:
            return connection.execute(text(found), {"email": CAST[who], "account": account}).scalar_one()

    def sees(self, who: str, whom: str, account: str = "ACME-SEOUL") -> Member:
        return get_member(self.database.app, self.sign_in(who), self.uuid(whom, account))

    def gives(
        self, who: str, whom: str, rights: Mapping[Any, Any], *, role: MemberRole = GENERAL, version: int | None = None,
        account: str = "ACME-SEOUL",
    ) -> bool:  # fmt: skip
        uuid = self.uuid(whom, account)
        seen = self._version(uuid) if version is None else version
        return bool(execute(self.database.app, self.sign_in(who), ChangeAccess(uuid, seen, role, rights))["changed"])

    def ends(self, who: str, whom: str) -> None:
        uuid = self.uuid(whom)
        execute(self.database.app, self.sign_in(who), EndMembership(uuid, self._version(uuid)))

    def site(self, code: str) -> int:
        with self.database.as_owner() as connection:
            return connection.execute(
                text("select id from portal.site where code = :code"), {"code": code}
            ).scalar_one()

    def until_it_waits_or_ends(self, thread: Thread) -> None:
        waiting = text("select count(*) from pg_stat_activity where wait_event = 'advisory' and query ~ 'membership'")
        until = time.monotonic() + PATIENCE
        while thread.is_alive() and time.monotonic() < until:
            with self.database.as_owner() as connection:  # within one transaction it would say the same each time
                connection.execute(text("reset role"))  # only a superuser sees what others ask
                if connection.scalar(waiting):
                    return
            time.sleep(0.05)

    def _version(self, uuid: UUID) -> int:
        with self.database.as_owner() as connection:
            return connection.execute(
                text("select version from portal.membership where uuid = :uuid"), {"uuid": uuid}
            ).scalar_one()


@pytest.fixture
def house(database: Database, sign_in: SignIn) -> House:
    house = House(database, sign_in)
    with database.as_owner() as connection:  # as the cast was introduced
        connection.execute(
            text("""
            update portal.membership m
            set role = case when p.email ^@ 'paa' then 'paa' else 'general' end, ended_at = null
            from portal.person p where p.id = m.person_id""")
        )
        connection.execute(
            text("""
            delete from portal.access_grant g using portal.person p
            where p.id = g.person_id and p.email in (:abel, :vic)"""),
            {"abel": CAST["abel"], "vic": CAST["vic"]},
        )
        for who, preset in (("abel", "remote_hands_only"), ("vic", "viewer")):
            connection.execute(text("""
                insert into portal.access_grant (account_id, person_id, function, site_ids)
                select m.account_id, m.person_id, f,
                    case when :who = 'abel' and f <> 'notice.view' then array[cast(:site as bigint)] end
                from portal.membership m join portal.person p on p.id = m.person_id,
                unnest(cast(:functions as text[])) f where p.email = :email"""),
                {"who": who, "site": house.site("SEL1"), "email": CAST[who],
                 "functions": [str(f) for f in PRESETS[preset]]})  # fmt: skip
    return house


# --- what a change says


def test_a_change_names_what_is_given_taken_and_held_elsewhere() -> None:
    before = {P.ORDER_VIEW: None, P.INVENTORY_VIEW: frozenset({1}), P.NOTICE_VIEW: None}
    after = {P.ORDER_VIEW: frozenset({2}), P.INVENTORY_VIEW: frozenset({1}), P.INVOICE_VIEW: None}
    assert changes(before, after) == (
        Change(P.ORDER_VIEW, True, frozenset({2})),
        Change(P.INVOICE_VIEW, True),
        Change(P.NOTICE_VIEW, False),
    )
    assert changes(after, after) == ()


def test_a_preset_is_recognised_only_where_it_holds_everywhere() -> None:
    assert Access(GENERAL, HANDS).preset == "remote_hands_only"
    assert Access(GENERAL, {**HANDS, P.REMOTE_HANDS_CREATE: frozenset({1})}).preset is None
    assert Access(GENERAL, {**HANDS, P.ORDER_VIEW: None}).preset is None


@pytest.mark.parametrize(
    "access",
    [
        Access(GENERAL, {P.USER_MANAGE: None}),
        Access(GENERAL, {P.TICKET_WORK: None}),
        Access(GENERAL, {P.INVOICE_VIEW: frozenset({1})}),
        Access(GENERAL, {P.ORDER_VIEW: frozenset()}),
        Access(PAA, {P.ORDER_VIEW: None}),
    ],
)
def test_what_cannot_be_granted_is_refused(access: Access) -> None:
    with pytest.raises(Invalid):
        check_access(access)


def test_the_grid_offers_every_function_once() -> None:
    offered = [function for _title, functions in GROUPS for function in functions]
    assert sorted(offered) == sorted(GIVEN)
    assert set(GIVEN) == set(CUSTOMER_FUNCTIONS) - {P.USER_MANAGE}


# --- giving and taking


def test_ana_sees_the_people_of_her_accounts_and_nobody_elses(house: House, sign_in: SignIn) -> None:
    page = page_of(house.database.app, sign_in("ana"), ACCESS, read_asked(ACCESS, {}))
    assert page.length == page.count.n, "everybody stands there once"
    found = dict(zip(page.values["name"], page.values["rights"], strict=True))
    assert found["Vic Acme"] == "viewer"
    assert found["Abel Acme"] == "own_choice"  # remote hands only, but in Seoul
    assert found["Ana Acme"] == "paa"
    assert not any("Bolt" in name for name in found)
    for who in ("abel", "vic"):
        with pytest.raises(Forbidden):
            page_of(house.database.app, sign_in(who), ACCESS, read_asked(ACCESS, {}))


def test_somebody_is_found_by_name_or_address_or_by_what_they_may_do(house: House, sign_in: SignIn) -> None:
    for asked in ({"q": ["vic"]}, {"q": ["viewer@"]}, {"rights": ["viewer"], "q": ["acme"]}):
        page = page_of(house.database.app, sign_in("ana"), ACCESS, read_asked(ACCESS, asked))
        assert page.values["name"] == ["Vic Acme"], asked
        assert page.count.n == 1


def test_a_right_counts_at_the_next_statement_of_an_open_session(house: House, sign_in: SignIn) -> None:
    vic, all_of_it = sign_in("vic"), read_asked(TICKETS, {})
    n = page_of(house.database.app, vic, TICKETS, all_of_it).count.n
    assert house.gives("ana", "vic", HANDS)
    assert page_of(house.database.app, vic, TICKETS, all_of_it).length == 0, "the same session, as it was before"
    assert house.gives("ana", "vic", dict.fromkeys(PRESETS["viewer"]))
    assert page_of(house.database.app, vic, TICKETS, all_of_it).count.n == n


def test_a_right_at_one_site_is_kept_as_that(house: House) -> None:
    seoul = house.site("SEL1")
    assert house.gives("ana", "vic", {P.INVENTORY_VIEW: frozenset({seoul}), P.INVOICE_VIEW: None})
    assert house.sees("ana", "vic").access == Access(
        GENERAL, {P.INVENTORY_VIEW: frozenset({seoul}), P.INVOICE_VIEW: None}
    )


def test_saving_what_holds_already_changes_nothing(house: House) -> None:
    before = house.sees("ana", "vic")
    assert not house.gives("ana", "vic", before.access.rights)
    assert house.sees("ana", "vic").version == before.version


def test_an_administrator_is_made_and_holds_everything(house: House, sign_in: SignIn) -> None:
    assert house.gives("ana", "vic", {}, role=PAA)
    vic = sign_in("vic")
    assert all(vic.may(function) for function in CUSTOMER_FUNCTIONS)
    assert house.sees("vic", "abel").name == "Abel Acme"
    assert house.gives("ana", "vic", dict.fromkeys(PRESETS["viewer"]))
    assert not sign_in("vic").may(P.USER_MANAGE)


def test_every_change_stands_in_the_log(house: House) -> None:
    house.gives("ana", "abel", {P.ORDER_VIEW: frozenset({house.site("SEL1")})})
    house.ends("ana", "abel")
    logged = """select action, actor_name, before, after, audience from portal.audit_entry
        where object_kind = 'membership' and object_label = 'Abel Acme' order by id desc limit 2"""
    with house.database.as_owner() as connection:
        ended, changed = connection.execute(text(logged)).all()
    assert (ended.action, changed.action) == ("access.end", "access.change")
    assert changed.after == {"role": "general", "rights": {"order.view": ["SEL1"]}}
    assert ended.before == changed.after
    assert {ended.actor_name, changed.actor_name, ended.audience} == {"Ana Acme", "customer"}


# --- what is refused


def test_nobody_edits_their_own_rights(house: House) -> None:
    with pytest.raises(Forbidden):
        house.gives("ana", "ana", HANDS, account="ACME")


@pytest.mark.parametrize("who", ["abel", "vic", "bea", "mia", "fin"])
def test_whoever_does_not_administer_the_account_changes_nothing(who: str, house: House) -> None:
    with pytest.raises((NotFound, Forbidden)):
        house.gives(who, "vic" if who == "abel" else "abel", dict.fromkeys(PRESETS["full_user"]))
    assert house.sees("ana", "vic").access.preset == "viewer"


def test_of_two_who_change_the_same_rights_the_second_is_told(house: House) -> None:
    seen = house.sees("ana", "vic").version
    house.gives("ana", "vic", HANDS, version=seen)
    with pytest.raises(Conflict):
        house.gives("ana", "vic", dict.fromkeys(PRESETS["full_user"]), version=seen)
    assert house.sees("ana", "vic").access == Access(GENERAL, HANDS)


def test_who_left_sees_nothing_and_comes_back_without_their_old_rights(house: House, sign_in: SignIn) -> None:
    vic = sign_in("vic")
    house.ends("ana", "vic")
    with pytest.raises((Forbidden, SignedOut)):
        page_of(house.database.app, sign_in("vic"), TICKETS, read_asked(TICKETS, {}))
    assert page_of(house.database.app, vic, TICKETS, read_asked(TICKETS, {})).length == 0
    with pytest.raises(NotFound):
        house.sees("ana", "vic")
    with house.database.as_owner() as connection:
        left = connection.scalar(
            text("select count(*) from portal.access_grant g join portal.person p on p.id = g.person_id "
                 "where p.email = :vic"), {"vic": CAST["vic"]})  # fmt: skip
    assert left == 0


_GRANT = "insert into portal.access_grant (account_id, person_id, function) values"

#: What somebody with the administrator's hat and SQL of their own may try.
FORBIDDEN = {
    "manage users": f"{_GRANT} (:seoul, :vic, 'user.manage')",
    "work of staff": f"{_GRANT} (:seoul, :vic, 'ticket.work')",
    "their own rights": f"{_GRANT} (:seoul, :ana, 'order.view')",
    "a stranger's": f"{_GRANT} (:seoul, :bea, 'order.view')",
    "in another account": f"{_GRANT} (:bolt, :vic, 'order.view')",
    "rights of an administrator": f"{_GRANT} (:seoul, :paa, 'order.view')",
    "no site at all": "insert into portal.access_grant values (:seoul, :vic, 'fault.create', '{}')",
    "money by site": "insert into portal.access_grant (account_id, person_id, function, site_ids) "
    "select :seoul, :vic, 'invoice.dispute', array[min(id)] from portal.site",
    "a site that is none": "insert into portal.access_grant (account_id, person_id, function, site_ids) "
    "values (:seoul, :vic, 'fault.create', array[987654])",
    "a change in place": "update portal.access_grant set function = 'order.view' where person_id = :vic",
    "a new member": "insert into portal.membership (account_id, person_id, role) values (:seoul, :bea, 'general')",
    "an old end": "update portal.membership set ended_at = now() - interval '1 year' where person_id = :vic",
    "a member gone without trace": "delete from portal.membership where person_id = :vic",
    "a member moved": "update portal.membership set person_id = :bea where person_id = :vic",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_database_refuses(what: str, house: House, sign_in: SignIn) -> None:
    """Ana looks at Acme Seoul, where Vic and Abel are general users."""
    house.gives("ana", "abel", {}, role=PAA)
    ana = sign_in("ana")
    ids = {"ana": ana.person_id, "vic": sign_in("vic").person_id, "bea": sign_in("bea").person_id,
           "paa": sign_in("abel").person_id}  # fmt: skip
    with house.database.as_owner() as connection:
        accounts = dict(iter(connection.execute(text("select code, id from portal.account"))))
    looking = ana.looking_at((accounts["ACME-SEOUL"],))
    with (
        pytest.raises(DBAPIError, match=r"permission denied|violates row-level security|violates check constraint"),
        writing(house.database.app, looking, P.USER_MANAGE) as connection,
    ):
        connection.execute(text(FORBIDDEN[what]), {**ids, "seoul": accounts["ACME-SEOUL"], "bolt": accounts["BOLT"]})


def test_of_two_administrators_who_end_each_other_at_once_one_stays(house: House, sign_in: SignIn) -> None:
    """Neither runs the account from above, so that nobody would be left. Abel is first, and Vic waits for him."""
    for who in ("abel", "vic"):
        house.gives("ana", who, {}, role=PAA)
    abel, vic = (sign_in(who) for who in ("abel", "vic"))
    end = text("update portal.membership set ended_at = clock_timestamp() where person_id = :person")
    refused: list[DBAPIError] = []

    def second() -> None:
        try:
            with writing(house.database.app, vic, P.USER_MANAGE) as connection:
                connection.execute(end, {"person": abel.person_id})
        except DBAPIError as error:
            refused.append(error)

    with writing(house.database.app, abel, P.USER_MANAGE) as connection:
        connection.execute(end, {"person": vic.person_id})
        thread = Thread(target=second)
        thread.start()
        house.until_it_waits_or_ends(thread)
    thread.join(timeout=PATIENCE)
    assert [error.orig.sqlstate for error in refused] == ["42501"]  # type: ignore[union-attr]
    left = """select array_agg(person_id) from portal.membership
        where role = 'paa' and ended_at is null and account_id = :seoul"""
    with house.database.as_owner() as connection:
        assert connection.scalar(text(left), {"seoul": house.sees("ana", "abel").account_id}) == [abel.person_id]


def test_the_log_names_functions_and_sites_in_words() -> None:
    before = {"role": "general", "rights": {"order.view": ["SEL1"], "invoice.view": "all"}}
    told = [str(change) for change in changes_of((before, {"role": "paa", "rights": {}}))]
    assert told == [
        "Role: General user → Primary Access Administrator",
        "Access rights: See orders (SEL1), See invoices → –",
    ]
