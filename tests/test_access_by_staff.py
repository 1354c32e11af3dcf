"""Rights that staff change when a customer asks: with a reason, in the customer's log, told to all who run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from data.access import ACCESS, ChangeAccess, EndMembership, Member, get_member
from data.audit_log import ACCOUNT_LOG
from data.commands import Command, execute
from data.database import writing
from data.invitations import Invite, ResendInvitation, RevokeInvitation
from data.listing import page_of, read_asked
from rules.access import Access, MemberRole
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.permissions import PRESETS, Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.standing import page_of as page_at
from tests.standing import words_of

P = Permission
SignIn = Callable[[str], Principal]
GENERAL, PAA = MemberRole.GENERAL, MemberRole.PAA
VIEWER, HANDS = (dict.fromkeys(PRESETS[name]) for name in ("viewer", "remote_hands_only"))
WHY = "Ana asked for it by phone, ticket 4711."


@dataclass
class Desk:
    """Dee's desk, and a house of its own for each test: Pia and Pet run it, Gus is a general user."""

    database: Database
    sign_in: SignIn
    account: int
    code: str
    members: Mapping[str, UUID]

    def does(self, command: Command, who: str = "dee") -> Any:
        return execute(self.database.app, self.sign_in(who), command)

    def sees(self, whom: str, who: str = "dee") -> Member:
        return get_member(self.database.app, self.sign_in(who), self.members[whom])

    def gives(self, whom: str, rights: Mapping[Any, Any], *, role: MemberRole = GENERAL, why: str = WHY) -> Any:
        return self.does(ChangeAccess(self.members[whom], self.sees(whom).version, role, rights, why))

    def ends(self, whom: str, why: str = WHY) -> Any:
        return self.does(EndMembership(self.members[whom], self.sees(whom).version, why))

    def rows(self, statement: str, **values: object) -> list[Any]:
        with self.database.as_owner() as connection:
            return list(connection.execute(text(statement), {"account": self.account, **values}))

    def log(self) -> list[Any]:
        return self.rows("""select action, actor_name, actor_kind, audience, function, object_label, reason, before,
            after from portal.audit_entry where account_id = :account order by id""")  # fmt: skip

    def told(self) -> list[tuple[str, Mapping[str, Any]]]:
        return [tuple(row) for row in self.rows("""select p.name, m.context from portal.mail m
            join portal.person p on p.id = m.person_id
            where m.account_id = :account and m.kind = 'access_by_staff' order by m.id, p.name""")]  # fmt: skip

    def by_hand(self, who: str, statement: str, **values: object) -> Any:
        """As somebody with that person's hat and SQL of their own; kept, if it is not refused."""
        principal = self.sign_in(who)
        permission = P.USER_MANAGE if not principal.is_staff else P.ACCOUNT_VIEW
        with writing(self.database.app, principal, permission) as connection:
            return connection.execute(text(statement), values).scalar()


@pytest.fixture
def desk(database: Database, sign_in: SignIn) -> Desk:
    code = f"T-{uuid4().hex[:8]}"
    members: dict[str, UUID] = {}
    with database.as_owner() as connection:
        made = "insert into portal.account (code, name) values (:code, 'House') returning id"
        account = connection.execute(text(made), {"code": code}).scalar_one()
        for name, role in (("Pia", "paa"), ("Pet", "paa"), ("Gus", "general")):
            joined = """with p as (insert into portal.person (kind, email, name)
                values ('customer', gen_random_uuid() || '@house.example', :name) returning id)
                insert into portal.membership (account_id, person_id, role)
                select :account, p.id, :role from p returning uuid"""
            values = {"name": name, "account": account, "role": role}
            members[name] = connection.execute(text(joined), values).scalar_one()
    return Desk(database, sign_in, account, code, members)


# --- what is done


def test_the_desk_changes_rights_with_a_reason_that_the_customer_reads(desk: Desk) -> None:
    assert desk.gives("Gus", VIEWER)["changed"]
    assert desk.sees("Gus").access == Access(GENERAL, VIEWER)
    (entry,) = desk.log()
    assert (entry.action, entry.actor_name, entry.actor_kind) == ("access.change", "Dee Desk", "staff")
    assert (entry.audience, entry.function, entry.object_label, entry.reason) == (
        "customer", "user.manage", "Gus", WHY,
    )  # fmt: skip
    assert entry.before == {"role": "general", "rights": {}}
    assert entry.after["rights"] == dict.fromkeys(map(str, VIEWER), "all")


def test_all_who_run_the_account_get_a_mail_and_nobody_else(desk: Desk) -> None:
    desk.gives("Gus", VIEWER)
    assert sorted(name for name, _said in desk.told()) == ["Pet", "Pia"]
    assert {(said["by"], said["member"], said["reason"]) for _name, said in desk.told()} == {("Dee Desk", "Gus", WHY)}


def test_who_runs_it_from_above_is_told_too_and_reads_it(database: Database, sign_in: SignIn, desk: Desk) -> None:
    """Ana runs Acme Group, and so Acme Seoul, where Vic is."""
    (vic,) = desk.rows(
        "select m.uuid from portal.membership m join portal.person p on p.id = m.person_id where p.email = :email",
        email=CAST["vic"],
    )
    ada = sign_in("ada")
    member = get_member(database.app, ada, vic.uuid)
    execute(database.app, ada, ChangeAccess(vic.uuid, member.version, GENERAL, HANDS, WHY))
    told = desk.rows("""select p.email from portal.mail m join portal.person p on p.id = m.person_id
        where m.kind = 'access_by_staff' and m.account_id = :seoul""", seoul=member.account_id)  # fmt: skip
    assert [row.email for row in told] == [CAST["ana"]]
    found = page_of(database.app, sign_in("ana"), ACCOUNT_LOG, read_asked(ACCOUNT_LOG, {"action": ["access.change"]}))
    assert WHY in found.values["reason"]
    assert "address" not in found.values
    bea = page_of(database.app, sign_in("bea"), ACCOUNT_LOG, read_asked(ACCOUNT_LOG, {"action": ["access.change"]}))
    assert WHY not in bea.values["reason"]


def test_a_new_administrator_and_one_who_was_are_told_as_well(desk: Desk) -> None:
    desk.gives("Gus", {}, role=PAA)
    assert sorted(name for name, _said in desk.told()) == ["Gus", "Pet", "Pia"]
    desk.gives("Pia", VIEWER)
    assert sorted(name for name, _said in desk.told()[3:]) == ["Gus", "Pet", "Pia"]
    assert desk.sees("Gus").access == Access(PAA, {})


def test_it_holds_at_the_next_statement_of_an_open_session(desk: Desk, sign_in: SignIn, database: Database) -> None:
    abel = sign_in("abel")
    (his,) = desk.rows(
        "select m.uuid, m.version from portal.membership m join portal.person p on p.id = m.person_id "
        "where p.email = :email",
        email=CAST["abel"],
    )
    put_on = """select set_config('role', 'portal_customer', true), set_config('portal.session', :token, true),
        set_config('portal.account', :account, true)"""

    def may_see_invoices() -> bool:
        with database.app.begin() as connection:
            connection.execute(text(put_on), {"token": abel.token, "account": str(abel.chosen[0])})
            return connection.scalar(text("select authz.account('invoice.view')")) is not None

    before = get_member(database.app, sign_in("dee"), his.uuid)
    assert not may_see_invoices()
    wanted = {**before.access.rights, P.INVOICE_VIEW: None}
    desk.does(ChangeAccess(his.uuid, his.version, GENERAL, wanted, WHY))
    assert may_see_invoices()
    desk.does(ChangeAccess(his.uuid, his.version + 1, GENERAL, before.access.rights, WHY))
    assert not may_see_invoices()


def test_a_membership_that_staff_end_stays_ended_with_its_reason(desk: Desk) -> None:
    desk.gives("Gus", VIEWER)
    assert desk.ends("Gus")["changed"]
    with pytest.raises(NotFound):
        desk.sees("Gus")
    assert [(entry.action, entry.after) for entry in desk.log()][-1] == ("access.end", None)
    assert desk.log()[-1].reason == WHY
    left = "select count(*) from portal.access_grant where account_id = :account"
    assert desk.rows(left)[0][0] == 0


def test_saving_what_holds_already_tells_nobody(desk: Desk) -> None:
    desk.gives("Gus", VIEWER)
    n = len(desk.told())
    assert not desk.gives("Gus", VIEWER)["changed"]
    assert len(desk.told()) == n
    assert len(desk.log()) == 1


# --- whom staff invite


def invites(
    desk: Desk, email: str, who: str = "dee", *, role: MemberRole = PAA, why: str = WHY, rights: Any = None
) -> Any:
    command = Invite(desk.account, email, "Fay First", role, rights or {}, reason=why)
    return execute(desk.database.app, desk.sign_in(who), command, key=uuid4())


@pytest.mark.parametrize("who", ["dee", "ada"])
def test_staff_invite_an_administrator_and_all_who_run_the_account_are_told(who: str, desk: Desk) -> None:
    done = invites(desk, "fay@house.example", who)
    (entry,) = desk.log()
    assert (entry.action, entry.object_label, entry.reason, entry.audience) == (
        "access.invite", "Fay First", WHY, "customer",
    )  # fmt: skip
    assert entry.after == {"email": "fay@house.example", "role": "paa", "rights": {}}
    assert sorted(name for name, _said in desk.told()) == ["Pet", "Pia"]
    assert all(said["did"] == "access.invite" and said["reason"] == WHY for _name, said in desk.told())
    (invited,) = desk.rows("select uuid, role, reason from portal.invitation where account_id = :account")
    assert (str(invited.uuid), invited.role, invited.reason) == (done["invitation"], "paa", WHY)


def test_what_was_given_at_some_sites_stands_in_the_log_by_their_codes(desk: Desk) -> None:
    (site,) = desk.rows("select id from portal.site where code = 'SEL1'")
    invites(desk, "x@house.example", role=GENERAL, rights={P.ORDER_VIEW: frozenset({site.id}), P.INVOICE_VIEW: None})
    assert desk.log()[0].after["rights"] == {"order.view": ["SEL1"], "invoice.view": "all"}


def test_staff_invite_none_of_their_own_and_never_without_a_reason(desk: Desk) -> None:
    for email, why, field in (
        (CAST["mia"], WHY, "email"), (CAST["ada"].upper(), WHY, "email"), ("fay@house.example", "", "reason"),
        ("fay@house.example", "because", "reason"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            invites(desk, email, why=why)
        assert refused.value.field == field
    by_hand = "select authz.invite(:account, gen_random_uuid(), :email, 'X', 'en', 'paa', '{}', :why, '<x@y>')"
    for email, said in ((CAST["mia"], WHY), ("fay@house.example", None), ("fay@house.example", "         x")):
        with pytest.raises(DBAPIError, match="permission denied"):
            desk.by_hand("dee", by_hand, account=desk.account, email=email, why=said)
    assert not (desk.told() or desk.log() or desk.rows("select 1 from portal.invitation where account_id = :account"))


def invited_by(desk: Desk, sign_in: SignIn, who: str = "bea") -> tuple[UUID, int]:
    """Somebody new, by a customer: the invitation, and the account."""
    host = sign_in(who)
    command = Invite(host.chosen[0], f"{uuid4().hex[:8]}@bolt.example", "Nell New", PAA)
    done = execute(desk.database.app, host, command, key=uuid4())
    return UUID(done["invitation"]), host.chosen[0]


@pytest.mark.parametrize("who", ["dee", "ada"])
def test_staff_see_to_an_invitation_that_a_customer_made_with_a_reason_that_is_told(
    who: str, desk: Desk, sign_in: SignIn
) -> None:
    invited, bolt = invited_by(desk, sign_in)
    desk.rows("update portal.invitation set sent_at = now() - interval '1 hour' where uuid = :i returning 1", i=invited)
    told = """select context ->> 'did', context ->> 'reason', context ->> 'by', p.name from portal.mail m
        join portal.person p on p.id = m.person_id
        where m.account_id = :bolt and m.kind = 'access_by_staff' order by m.id"""
    before = len(desk.rows(told, bolt=bolt))
    desk.does(ResendInvitation(invited, 1, WHY), who)
    desk.does(RevokeInvitation(invited, 2, WHY), who)
    name = sign_in(who).name
    deeds = ["access.resend", "access.revoke"]
    assert [tuple(row) for row in desk.rows(told, bolt=bolt)][before:] == [(d, WHY, name, "Bea Bolt") for d in deeds]
    log = """select action, actor_name, reason, audience, after from portal.audit_entry
        where object_id = :i and action <> 'access.invite' order by id"""
    noted = [tuple(row)[:4] for row in desk.rows(log, i=str(invited))]
    assert noted == [(deed, name, WHY, "customer") for deed in deeds], "once each"
    (row,) = desk.rows("select edition, revoked_at from portal.invitation where uuid = :i", i=invited)
    assert row.edition == 2 and row.revoked_at is not None


@pytest.mark.usefixtures("configured")
def test_on_the_page_staff_say_why_before_an_invitation_is_taken_back(desk: Desk, sign_in: SignIn) -> None:
    invited, _bolt = invited_by(desk, sign_in)
    taken_back = "select revoked_at from portal.invitation where uuid = :i"
    page = page_at(sign_in("dee"), "pages.portal.access.page", account="BOLT")
    page.button(key=f"revoke-{invited}").click().run()
    page.button(key=f"do-{invited}").click().run()
    assert [each.value for each in page.warning] == ["Please say why, in a sentence: the customer reads it."]
    assert desk.rows(taken_back, i=invited)[0].revoked_at is None
    page.text_area(key=f"why.revoke.{invited}").input(WHY)
    page.button(key=f"do-{invited}").click().run()
    assert not page.exception
    assert any("is taken back" in each.value for each in page.success)
    assert desk.rows(taken_back, i=invited)[0].revoked_at is not None


@pytest.mark.parametrize("why", ["", "because", "x" * 1001])
def test_without_a_reason_staff_leave_invitations_alone(why: str, desk: Desk, sign_in: SignIn) -> None:
    invited, _bolt = invited_by(desk, sign_in)
    for command in (RevokeInvitation(invited, 1, why), ResendInvitation(invited, 1, why)):
        with pytest.raises(Invalid) as refused:
            desk.does(command)
        assert refused.value.field == "reason"
    for by_hand in ("authz.revoke_invitation(:i, 1, :why, '<x@y>')", "authz.resend_invitation(:i, 1, :why, '<x@y>')"):
        with pytest.raises(DBAPIError, match="say why"):
            desk.by_hand("dee", f"select {by_hand}", i=invited, why=why)
    (row,) = desk.rows("select edition, revoked_at from portal.invitation where uuid = :i", i=invited)
    assert tuple(row) == (1, None)


def test_who_runs_the_account_says_no_why_and_tells_nobody(desk: Desk, sign_in: SignIn) -> None:
    invited, bolt = invited_by(desk, sign_in)
    mails = "select count(*) from portal.mail where account_id = :bolt and kind = 'access_by_staff'"
    before = desk.rows(mails, bolt=bolt)[0][0]
    execute(desk.database.app, sign_in("bea"), RevokeInvitation(invited, 1))
    assert desk.rows(mails, bolt=bolt)[0][0] == before
    noted = desk.rows(
        "select reason from portal.audit_entry where object_id = :i and action = 'access.revoke'", i=str(invited)
    )
    assert [row.reason for row in noted] == [None]


# --- what is refused


@pytest.mark.parametrize("why", ["", "   ", "because", "x" * 1001])
def test_without_a_reason_that_says_something_nothing_is_done(why: str, desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        desk.gives("Gus", VIEWER, why=why)
    assert refused.value.field == "reason"
    with pytest.raises(Invalid):
        desk.ends("Gus", why=why)
    assert desk.sees("Gus").access == Access(GENERAL, {})
    assert not desk.told()


def test_an_account_keeps_its_last_administrator(desk: Desk) -> None:
    desk.ends("Pet")
    for last in (lambda: desk.ends("Pia"), lambda: desk.gives("Pia", VIEWER)):
        with pytest.raises(Conflict, match="last administrator"):
            last()
    assert desk.sees("Pia").access == Access(PAA, {})


def test_somebody_disabled_is_no_administrator_that_is_left(desk: Desk) -> None:
    desk.rows("update portal.person set disabled_at = now() where name = 'Pet' and id in "
              "(select person_id from portal.membership where account_id = :account) returning 1")  # fmt: skip
    with pytest.raises(Conflict, match="last administrator"):
        desk.ends("Pia")
    assert desk.ends("Pet")["changed"], "who cannot sign in may go"


def test_of_two_who_change_the_same_rights_the_second_is_told(desk: Desk) -> None:
    version = desk.sees("Gus").version
    desk.gives("Gus", VIEWER)
    with pytest.raises(Conflict, match="changed meanwhile"):
        desk.does(ChangeAccess(desk.members["Gus"], version, GENERAL, HANDS, WHY), "ada")
    assert desk.sees("Gus").access == Access(GENERAL, VIEWER)


@pytest.mark.parametrize("who", ["mia", "fin"])
def test_other_staff_neither_see_nor_change_rights(who: str, desk: Desk) -> None:
    command = ChangeAccess(desk.members["Gus"], 1, GENERAL, VIEWER, WHY)
    with pytest.raises(Forbidden):
        desk.does(command, who)
    with pytest.raises(Forbidden):
        desk.sees("Gus", who)
    with pytest.raises(Forbidden):
        page_of(desk.database.app, desk.sign_in(who), ACCESS, read_asked(ACCESS, {}))


APPLY = "select authz.apply_rights(:member, :version, :role, cast(:rights as jsonb), :why, null, 'x')"
#: What Dee may not do with the function itself.
BENT: dict[str, dict[str, Any]] = {
    "no reason": {"why": None},
    "an empty reason": {"why": "          "},
    "hardly a reason": {"why": "ok"},
    "managing users": {"rights": '{"user.manage": null}'},
    "work of staff": {"rights": '{"ticket.work": null}'},
    "anything": {"rights": '{"any": null}'},
    "no such function": {"rights": '{"order.burn": null}'},
    "money by site": {"rights": '{"invoice.view": [1]}'},
    "no site at all": {"rights": '{"order.view": []}'},
    "a site that is none": {"rights": '{"order.view": [987654]}'},
    "sites that are words": {"rights": '{"order.view": ["1"]}'},
    "sites that are one number": {"rights": '{"order.view": 1}'},
    "rights of an administrator": {"role": "paa", "rights": '{"order.view": null}'},
    "rights of nobody": {"role": None, "rights": '{"order.view": null}'},
    "another role": {"role": "owner"},
    "nobody": {"member": str(uuid4())},
}


@pytest.mark.parametrize("what", BENT)
def test_the_function_refuses(what: str, desk: Desk) -> None:
    right = {"member": str(desk.members["Gus"]), "version": 1, "role": "general", "rights": '{"order.view": null}',
             "why": WHY}  # fmt: skip
    with pytest.raises(DBAPIError, match="permission denied"):
        desk.by_hand("dee", APPLY, **{**right, **BENT[what]})
    assert desk.sees("Gus").version == 1
    assert not desk.log()
    assert desk.by_hand("dee", APPLY, **right) == "done"
    assert desk.by_hand("dee", APPLY, **right) == "changed", "sent once more"


@pytest.mark.parametrize("who", ["mia", "fin", "ana", "bea"])
def test_the_function_answers_nobody_else(who: str, desk: Desk) -> None:
    right = {"member": str(desk.members["Gus"]), "version": 1, "role": "general", "rights": "{}", "why": WHY}
    with pytest.raises(DBAPIError, match="permission denied"):
        desk.by_hand(who, APPLY, **right)


def test_never_for_one_of_the_staff(desk: Desk) -> None:
    """Should somebody of the staff ever stand in an account by mistake."""
    (mias,) = desk.rows("""insert into portal.membership (account_id, person_id, role)
        select :account, id, 'general' from portal.person where email = :email returning uuid""",
        email=CAST["mia"])  # fmt: skip
    with pytest.raises(Forbidden):
        desk.does(ChangeAccess(mias.uuid, 1, GENERAL, VIEWER, WHY))
    assert not desk.told()


#: Around the function: nothing of it without the others.
AROUND = {
    "a grant": "insert into portal.access_grant (account_id, person_id, function) "
    "select account_id, person_id, 'order.view' from portal.membership where uuid = :member",
    "a role": "update portal.membership set role = 'paa', version = version + 1 where uuid = :member",
    "an end": "update portal.membership set ended_at = now() where uuid = :member",
    "a grant taken": "delete from portal.access_grant",
    "a new member": "insert into portal.membership (account_id, person_id, role) "
    "select account_id, person_id, 'paa' from portal.membership where uuid = :member",
    "a mail that tells something else": "insert into portal.mail (account_id, dedupe_key, kind, person_id, context, "
    "message_id) select account_id, 'x', 'access_by_staff', person_id, '{}', 'x' from portal.membership "
    "where uuid = :member",
}


@pytest.mark.parametrize("what", AROUND)
@pytest.mark.parametrize("who", ["dee", "ada"])
def test_there_is_no_way_around_it(what: str, who: str, desk: Desk) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|violates row-level security"):
        desk.by_hand(who, AROUND[what], **({"member": desk.members["Gus"]} if ":member" in AROUND[what] else {}))
    assert desk.sees("Gus").access == Access(GENERAL, {})


# --- the page


@pytest.mark.usefixtures("configured")
class TestThePage:
    def test_the_desk_sees_the_people_of_the_account_asked_for(self, desk: Desk) -> None:
        app = page_at(desk.sign_in("dee"), "pages.portal.access.page", account=desk.code)
        assert not app.exception
        assert sorted(app.dataframe[0].value["name"]) == ["Gus", "Pet", "Pia"]

    def test_staff_invite_where_an_account_is_named_and_nowhere_else(self, desk: Desk) -> None:
        def offers(who: str, **asked: str) -> bool:
            app = page_at(desk.sign_in(who), "pages.portal.access.page", **asked)
            assert not app.exception
            return "Invite" in {button.label for button in app.button}

        assert offers("dee", account=desk.code)
        assert not offers("dee")
        assert not offers("dee", account="NO-SUCH")
        desk.rows("update portal.account set closed_at = now() where id = :account returning 1")
        assert not offers("dee", account=desk.code)

    def test_all_that_is_wrong_with_an_invitation_is_said_at_once_each_at_its_field(self, desk: Desk) -> None:
        app = page_at(desk.sign_in("dee"), "pages.portal.access.page", account=desk.code, invite="1")
        app.text_input(key=next(f.key for f in app.text_input if f.label == "E-mail")).input("nobody").run()
        next(button for button in app.button if button.label == "Send the invitation").click().run()
        said = app.error[0].value
        assert "ana@acme.example" not in said, "a link, to which the keyboard would go on its way to the next field"
        told = ("E-mail", "Enter an e-mail address", "Enter a name", "Choose at least one function", "Please say why")
        places = [said.index(words) for words in told]
        assert "4 things to correct" in said and places == sorted(places)
        assert len([line for line in app.markdown if line.value.startswith(":small[:red[")]) == 4
        assert not desk.log() and not desk.rows("select 1 from portal.invitation where account_id = :account")

    def test_an_invitation_is_kept_for_its_account_and_for_what_they_are_invited_as(self, desk: Desk) -> None:
        dee = desk.sign_in("dee")

        def opened(**asked: str) -> AppTest:
            return page_at(dee, "pages.portal.access.page", **asked)

        def name(app: AppTest) -> TextInput:
            return next(field for field in app.text_input if field.label == "Name")

        name(opened(account=desk.code, invite="paa")).input("Fay First").run()
        assert name(opened(account=desk.code, invite="paa")).value == "Fay First"
        assert name(opened(account=desk.code, invite="1")).value == ""
        assert name(opened(account="BOLT", invite="paa")).value == ""

    def test_the_drawer_asks_for_a_reason_once_something_changes(self, desk: Desk) -> None:
        app = drawer_of(desk, "Gus")
        assert not app.text_area
        app.checkbox(key=next(box.key for box in app.checkbox if box.label == "See orders")).check().run()
        assert "all its administrators get a mail" in "\n".join(c.value for c in app.caption)
        assert not (desk.log() or desk.told())
        save = next(button for button in app.button if button.label == "Save")
        app = save.click().run()
        assert "Please say why" in words_of(app)
        app.text_area[0].set_value(WHY).run()
        next(button for button in app.button if button.label == "Save").click().run()
        assert desk.sees("Gus").access == Access(GENERAL, {P.ORDER_VIEW: None})
        assert desk.log()[-1].reason == WHY


def drawer_of(desk: Desk, whom: str) -> AppTest:
    principal = desk.sign_in("dee")
    return AppTest.from_function(
        _drawer, kwargs={"principal": principal, "uuid": desk.members[whom]}, default_timeout=30
    ).run()


def _drawer(principal, uuid):
    from pages.portal.access.member import member_drawer

    member_drawer(principal)({"uuid": uuid})
