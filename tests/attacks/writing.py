"""Writing what is not theirs: into another company, in another's name, at another site, into columns nobody may set."""

# ruff: noqa: E501 - a statement of an attacker stands on one line

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from data.models.rows import CUSTOMER_HATS, PEOPLE_HATS, Hat
from tests.attacks.stage import Stage, refused, rows

POLICY, GRANT = "violates row-level security policy", "permission denied"
OPEN = """insert into portal.ticket (account_id, kind, site_id, subject, requested_by)
values (:account, :kind, :site, 'new', :by) returning number"""
NOTE = """insert into portal.audit_entry (actor_id, actor_name, audience, account_id, action, object_kind)
values (:actor, (select name from portal.person where id = :actor), 'customer', :account, 'attack', 'person')"""

#: Columns that only the portal itself sets, with a value somebody would like there.
NOT_THEIRS = {
    "id": "1",
    "uuid": "gen_random_uuid()",
    "number": "'RH-2025-000001'",
    "status": "'closed'",
    "category": "'done'",
    "assignee_id": "1",
    "opened_at": "now() - interval '1 year'",
    "next_deadline": "now() + interval '1 year'",
    "resolved_at": "now()",
    "rating": "5",
    "version": "99",
}
#: Statements that change what no customer changes by themselves; each of the columns exists.
UPDATES = {
    "the account of a ticket": "update portal.ticket set account_id = :bolt",
    "the number of a ticket": "update portal.ticket set number = 'RH-2025-999999'",
    "the requester of a ticket": "update portal.ticket set requested_by = :ana",
    "the state of an invoice": "update portal.invoice set state = 'paid'",
    "the balance of an invoice": "update portal.invoice set paid = total",
    "a payment": "insert into portal.payment (account_id, invoice_id, amount, currency, paid_on) values (:seoul, 1, 1, 'KRW', now())",
    "a staff reply": "update portal.ticket_message set body = 'x'",
    "an access right": "update portal.access_grant set function = 'user.manage'",
    "a new access right": "insert into portal.access_grant (account_id, person_id, function) values (:seoul, :ana, 'user.manage')",
    "a membership": "insert into portal.membership (account_id, person_id, role) values (:bolt, :ana, 'paa')",
    "an assignment": "insert into portal.assignment (account_id, person_id) values (:bolt, :ana)",
    "a staff role": "insert into portal.staff_member (person_id, role) values (:ana, 'administrator')",
    "the kind of a person": "update portal.person set kind = 'staff'",
    "an e-mail address": "update portal.person set email = 'x@acme.example'",
    "a session": "insert into auth.session (token_hash, person_id, expires_at) values ('x', :ana, now())",
    "a membership of a thread": "insert into portal.thread_member (account_id, thread_id, person_id) values (:seoul, 1, :ana)",
    "a tally": "insert into portal.ticket_tally (account_id, kind, status, category, opened_month, n) "
    "values (:seoul, 'fault', 'submitted', 'open', now(), 1)",
    "the audit log": "update portal.audit_entry set action = 'x'",
    "all tickets": "delete from portal.ticket",
    "the audit log, gone": "delete from portal.audit_entry",
    "everything": "truncate portal.ticket cascade",
}


#: Granted to the hat of the staff, in which nobody but an administrator finds a row to change.
OF_ADMINISTRATORS = ("the parent of an account",)


def _opening(stage: Stage, **changes: Any) -> dict[str, Any]:
    """What Abel may ask for: remote hands in Seoul, at Seoul 1, in his own name."""
    mine = {
        "account": stage.id_of("seoul"),
        "kind": "remote_hands",
        "site": stage.scene.sites["SEL1"],
        "by": stage.scene.people["abel"],
    }
    return {**mine, **changes}


class Writing:
    def test_abel_asks_for_hands_in_seoul_and_gets_a_number(self, stage: Stage) -> None:
        for hat in (Hat.OWN, Hat.CUSTOMER):
            with stage.signed_in("abel", hat) as connection:
                statement = OPEN if hat is Hat.OWN else OPEN.removesuffix(" returning number")
                connection.execute(text(statement), _opening(stage))
        with stage.signed_in("abel", Hat.OWN) as connection:
            number = connection.scalar(text(OPEN), _opening(stage))
            assert number.startswith("RH-20")
            assert number not in {"RH-2025-000001", "RH-2025-000002"}
            assert number in rows(connection, "select number from portal.ticket where requested_by = authz.me()")

    @pytest.mark.parametrize("what", ["account", "parent", "osaka", "site", "no site", "kind", "requester", "nobody"])
    def test_abel_asks_for_nothing_else_and_nowhere_else(self, stage: Stage, what: str) -> None:
        scene = stage.scene
        change: dict[str, Any] = {
            "account": {"account": stage.id_of("bolt")},
            "parent": {"account": stage.id_of("group")},
            "osaka": {"account": stage.id_of("osaka"), "site": scene.sites["OSA1"]},
            "site": {"site": scene.sites["ICN1"]},
            "no site": {"site": None},
            "kind": {"kind": "fault"},
            "requester": {"by": scene.people["vic"]},
            "nobody": {"by": None},
        }[what]
        with stage.signed_in("abel", Hat.OWN) as connection:
            refused(connection, OPEN, POLICY, **_opening(stage, **change))
            assert connection.scalar(text(OPEN), _opening(stage)) is not None

    @pytest.mark.parametrize("name", ["vic", "bea", "ana", "mia", "dee", "fin", "ada"])
    def test_others_do_not_ask_in_abels_place(self, stage: Stage, name: str) -> None:
        """The desk files a ticket for a customer; nobody else's hat does."""
        for hat in PEOPLE_HATS:
            if (name, hat) == ("dee", Hat.STAFF):
                continue
            with stage.signed_in(name, hat, account="seoul") as connection:
                refused(connection, OPEN, f"{POLICY}|{GRANT}", **_opening(stage))

    def test_whoever_looks_at_several_accounts_writes_no_ticket(self, stage: Stage) -> None:
        """A form is for one account; the hat for several has no grant to write one."""
        mine = _opening(stage, by=stage.scene.people["ana"])
        with stage.signed_in("ana") as connection:
            refused(connection, OPEN, GRANT, **mine)
        with stage.signed_in("ana", account="seoul") as connection:
            assert connection.scalar(text(OPEN), mine).startswith("RH-")

    @pytest.mark.parametrize("column", NOT_THEIRS)
    def test_columns_that_the_portal_sets_cannot_be_sent_along(self, stage: Stage, column: str) -> None:
        statement = OPEN.replace("requested_by)", f"requested_by, {column})").replace(
            ":by)", f":by, {NOT_THEIRS[column]})"
        )
        with stage.signed_in("abel", Hat.OWN) as connection:
            refused(connection, statement, f"{GRANT}|GENERATED ALWAYS", **_opening(stage))
            refused(connection, statement.replace("values", "overriding system value values"), GRANT, **_opening(stage))
            connection.execute(text(OPEN), _opening(stage))

    @pytest.mark.parametrize("what", UPDATES)
    @pytest.mark.parametrize("name", ["ana", "dee"])
    def test_nobody_changes(self, stage: Stage, what: str, name: str) -> None:
        values = {"bolt": stage.id_of("bolt"), "seoul": stage.id_of("seoul"), "ana": stage.scene.people["ana"]}
        needed = {key: value for key, value in values.items() if f":{key}" in UPDATES[what]}
        for hat in PEOPLE_HATS:
            with stage.signed_in(name, hat, account="seoul") as connection:
                if hat is Hat.STAFF and what in OF_ADMINISTRATORS:
                    assert connection.execute(text(UPDATES[what]), needed).rowcount == 0
                else:
                    refused(connection, UPDATES[what], f"{GRANT}|{POLICY}", **needed)

    @pytest.mark.parametrize("name", ["ana", "bea", "mia", "dee", "fin", "ada"])
    def test_only_an_administrator_puts_an_account_below_another(self, stage: Stage, name: str) -> None:
        """Theirs is a hat that others of the staff wear as well: those reach no row with it."""
        move = "update portal.account set parent_id = :bolt, version = version + 1 where id = :seoul"
        where = {"bolt": stage.id_of("bolt"), "seoul": stage.id_of("seoul")}
        for hat in PEOPLE_HATS:
            with stage.signed_in(name, hat, account="seoul") as connection:
                if hat is Hat.STAFF:
                    assert connection.execute(text(move), where).rowcount == (name == "ada")
                else:
                    refused(connection, move, f"{GRANT}|{POLICY}", **where)

    def test_an_item_of_another_company_is_no_place_for_work(self, stage: Stage) -> None:
        statement = OPEN.replace("requested_by)", "requested_by, space_id)").replace(":by)", ":by, :space)")
        items = stage.scene.items
        with stage.signed_in("abel", Hat.OWN) as connection:
            connection.execute(text(statement), _opening(stage, space=items["SEOUL-CABINET"]))
        errors = set()
        for foreign in (items["BOLT-CABINET-SEL"], 999999):
            refusal = pytest.raises(IntegrityError, match="violates foreign key")
            with stage.signed_in("abel", Hat.OWN) as connection, refusal as caught:
                connection.execute(text(statement), _opening(stage, space=foreign))
            errors.add(str(caught.value.orig).replace(str(foreign), "…"))
        assert len(errors) == 1  # the answer is the same, whether somebody else has it or nobody

    def test_nobody_writes_into_the_log_of_another_company_or_in_anothers_name(self, stage: Stage) -> None:
        bea, ana, bolt, seoul = (
            *(stage.scene.people[p] for p in ("bea", "ana")),
            *(stage.id_of(a) for a in ("bolt", "seoul")),
        )
        with stage.signed_in("bea") as connection:
            connection.execute(text(NOTE), {"actor": bea, "account": bolt})
            refused(connection, NOTE, POLICY, actor=bea, account=seoul)
            refused(connection, NOTE, POLICY, actor=ana, account=bolt)
            refused(connection, NOTE, POLICY, actor=None, account=bolt)
        for hat in (Hat.STAFF, Hat.MANAGER, Hat.MANY, Hat.OWN):
            with stage.signed_in("bea", hat, account="bolt") as connection:
                refused(connection, NOTE, POLICY, actor=bea, account=seoul)
        with stage.signed_in("mia") as connection:
            connection.execute(text(NOTE), {"actor": stage.scene.people["mia"], "account": seoul})
            refused(connection, NOTE, POLICY, actor=stage.scene.people["mia"], account=bolt)

    def test_the_log_is_not_rewritten_even_by_its_owner(self, stage: Stage) -> None:
        for statement in ("update portal.audit_entry set action = 'x'", "delete from portal.audit_entry"):
            with stage.database.as_owner() as connection:
                refused(connection, statement, "can be added to, never changed")
                connection.execute(text("update portal.mail set state = state"))

    def test_nobody_is_noted_under_another_name_and_no_customer_where_only_staff_read(self, stage: Stage) -> None:
        vic, seoul = stage.scene.people["vic"], stage.id_of("seoul")
        named = NOTE.replace("(select name from portal.person where id = :actor)", ":name")
        with stage.signed_in("vic") as connection:
            connection.execute(text(named), {"actor": vic, "account": seoul, "name": "Vic Acme"})
            for name in ("Ada Admin", "Ana Acme", "vic acme", None):
                refused(connection, named, POLICY, actor=vic, account=seoul, name=name)
        for hat in CUSTOMER_HATS:
            with stage.signed_in("vic", hat) as connection:
                for account in (seoul, None):
                    refused(connection, NOTE.replace("'customer'", "'staff'"), POLICY, actor=vic, account=account)
        with stage.signed_in("dee") as connection:
            dee = stage.scene.people["dee"]
            connection.execute(text(NOTE.replace("'customer'", "'staff'")), {"actor": dee, "account": None})
            refused(connection, named, POLICY, actor=dee, account=None, name="Ada Admin")

    def test_a_notice_that_is_not_for_them_answers_like_one_that_does_not_exist(self, stage: Stage) -> None:
        read = "insert into portal.notice_read (person_id, notice_id) values (:me, :notice)"
        notices, bea = stage.scene.notices, stage.scene.people["bea"]
        with stage.signed_in("bea") as connection:
            connection.execute(text(read), {"me": bea, "notice": notices["for everyone"]})
            for hidden in (
                notices["for seoul"],
                notices["for bolt, draft"],
                notices["for staff, missed: bolt"],
                999999,
            ):
                refused(connection, read, POLICY, me=bea, notice=hidden)
            refused(connection, read, POLICY, me=stage.scene.people["ana"], notice=notices["for everyone"])

    def test_what_is_for_staff_shows_nothing_to_the_customer_it_is_about_and_nobody_but_the_worker_writes_it(
        self, stage: Stage
    ) -> None:
        warning = (
            "insert into portal.notice (category, title, for_staff, about_account_id, function, published_at) "
            "values ('ticket', 'x', true, :account, 'ticket.work', now())"
        )
        hidden = {stage.scene.notices[title] for title in stage.scene.notices if "staff" in title or "desk" in title}
        for table, column in (("notice", "id"), ("notice_site", "notice_id"), ("notice_update", "notice_id")):
            for name, hat in (("ana", None), ("vic", None), ("abel", Hat.OWN), ("bea", None)):
                with stage.signed_in(name, hat) as connection:
                    assert not rows(connection, f"select {column} from portal.{table}") & hidden, (name, table)
        for name in ("ana", "vic", "mia", "dee", "ada"):
            with stage.signed_in(name) as connection:
                refused(connection, warning, account=stage.id_of("seoul"))
        with stage.passing(stage.database.jobs) as connection:
            connection.execute(text("select set_config('role', :hat, true)"), {"hat": str(Hat.WORKER)})
            connection.execute(text(warning), {"account": stage.id_of("seoul")})
            for_everybody = warning.replace("true, :account", "false, null")
            refused(connection, for_everybody, POLICY)
            refused(
                connection, warning.replace("'ticket.work'", "null"), "violates check", account=stage.id_of("seoul")
            )

    def test_nobody_marks_a_warning_that_is_not_for_them_and_nobody_turns_one_into_something_else(
        self, stage: Stage
    ) -> None:
        """Whoever is guarded in reads it under their own hat alone; no hat changes it, the worker's neither."""
        read = "insert into portal.notice_read (person_id, notice_id) values (:me, :notice)"
        at_risk, missed, bolts = (
            stage.scene.notices[title]
            for title in ("for the desk, at risk: seoul", "for staff, missed: seoul", "for staff, missed: bolt")
        )
        theirs = {("dee", Hat.STAFF): {at_risk, missed, bolts}, ("mia", Hat.MANAGER): {missed}}
        for who in ("ana", "abel", "vic", "bea", "mia", "fin", "dee", "ada"):
            for hat in PEOPLE_HATS:
                account = "bolt" if who == "bea" else "seoul"
                with stage.signed_in(who, hat, account=account) as connection:
                    for notice in (at_risk, missed, bolts):
                        mine = {"me": stage.scene.people[who], "notice": notice}
                        if notice in theirs.get((who, hat), set()):
                            connection.execute(text(read), mine)
                        else:
                            refused(connection, read, POLICY, **mine)
                    _refused_to_change_a_notice(connection)
        with stage.passing(stage.database.jobs) as connection:
            connection.execute(text("select set_config('role', :hat, true)"), {"hat": str(Hat.WORKER)})
            _refused_to_change_a_notice(connection)
            for_one = "insert into portal.notice_account (notice_id, account_id) values (:notice, :account)"
            refused(connection, for_one, notice=missed, account=stage.id_of("seoul"))

    def test_not_even_a_customer_who_is_named_as_its_reader_sees_what_is_for_staff(self, stage: Stage) -> None:
        """Should somebody ever write that very row by mistake: what the notice says of itself counts."""
        missed, at_risk, bolts = (
            stage.scene.notices[title]
            for title in ("for staff, missed: seoul", "for the desk, at risk: seoul", "for staff, missed: bolt")
        )
        named = {"missed": missed, "at_risk": at_risk, "bolts": bolts, "seoul": stage.id_of("seoul")}
        with stage.changed(
            "insert into portal.notice_account (notice_id, account_id) values (:missed, :seoul), (:at_risk, :seoul), (:bolts, :seoul)",
            "delete from portal.notice_account where notice_id in (:missed, :at_risk, :bolts) and account_id = :seoul",
            **named,
        ):
            for who, hat in (("ana", Hat.MANY), ("ana", Hat.CUSTOMER), ("abel", Hat.OWN), ("vic", Hat.CUSTOMER)):
                with stage.signed_in(who, hat, account="seoul") as connection:
                    shown = rows(connection, "select id from portal.notice")
                    assert stage.scene.notices["for seoul"] in shown
                    assert not shown & {missed, at_risk, bolts}, (who, hat)
            with stage.signed_in("mia") as connection:
                shown = rows(connection, "select id from portal.notice")
                assert missed in shown
                assert not shown & {at_risk, bolts}, "one is the desk's, one about an account of somebody else's"

    def test_people_change_their_own_language_and_nobody_elses(self, stage: Stage) -> None:
        everybody, ana = "update portal.person set language = 'ko'", stage.scene.people["ana"]
        with stage.signed_in("bea") as connection:
            assert connection.execute(text(everybody)).rowcount == 1
            assert rows(connection, f"{everybody} returning id") == {stage.scene.people["bea"]}
            assert connection.execute(text(f"{everybody} where id = :ana"), {"ana": ana}).rowcount == 0
            merging = f"merge into portal.person p using (select 1) w on {{}} when matched then {everybody.replace('portal.person ', '')}"
            assert connection.execute(text(merging.format("p.id = :ana")), {"ana": ana}).rowcount == 0
            refused(connection, merging.format("true"), POLICY)
        with stage.signed_in("vic") as connection:  # colleagues are seen, not changed
            assert len(rows(connection, "select id from portal.person")) > 1
            assert connection.execute(text(everybody)).rowcount == 1

    def test_a_thread_is_marked_as_read_by_whoever_reads_it_and_by_nobody_else(self, stage: Stage) -> None:
        with stage.database.as_owner() as connection:
            uuids = dict(iter(connection.execute(text("select subject, uuid from portal.thread"))))
        mark = "select authz.read_thread(:thread, now())"
        with stage.signed_in("bea") as connection:
            refused(connection, "update portal.thread_member set read_until = now()")
            refused(connection, mark, thread=uuids["seoul: thread"])
            connection.execute(text(mark), {"thread": uuids["bolt: thread"]})
            marked = "select person_id from portal.thread_member where read_until is not null"
            assert rows(connection, marked) == {stage.scene.people["bea"]}
        with stage.signed_in("bea", account="seoul") as connection:
            refused(connection, mark, thread=uuids["bolt: thread"])

    def test_a_command_that_was_done_is_remembered_for_its_own_person_only(self, stage: Stage) -> None:
        done = "insert into portal.command_key (person_id, key, command, fingerprint) values (:who, gen_random_uuid(), 'x', 'x')"
        with stage.signed_in("bea") as connection:
            connection.execute(text(done), {"who": stage.scene.people["bea"]})
            refused(connection, done, POLICY, who=stage.scene.people["ana"])

    def test_a_write_hidden_in_a_read_is_refused_too(self, stage: Stage) -> None:
        foreign = _opening(stage, account=stage.id_of("bolt"))
        with stage.signed_in("abel", Hat.OWN) as connection:
            refused(connection, f"with hidden as ({OPEN}) select number from hidden", POLICY, **foreign)
            connection.execute(text("set transaction read only"))
            refused(connection, OPEN, "read-only transaction", **_opening(stage))

    def test_tickets_are_numbered_one_by_one_whoever_asks(self, stage: Stage) -> None:
        numbers = []
        for name, account, site in (("ana", "seoul", "SEL1"), ("bea", "bolt", "BIN1"), ("ana", "seoul", "SEL1")):
            with stage.signed_in(name, account=account) as connection:
                values = {
                    "account": stage.id_of(account),
                    "site": stage.scene.sites[site],
                    "by": stage.scene.people[name],
                }
                numbers.append(connection.scalar(text(OPEN), {"kind": "remote_hands", **values}))
        assert len(set(numbers)) == 3


def _refused_to_change_a_notice(connection: Connection) -> None:
    for change in (
        "for_staff = false",
        "about_account_id = null",
        "everyone = true",
        "says = null",
        "function = null",
        "title = 'x'",
    ):
        refused(connection, f"update portal.notice set {change}")
    refused(connection, "delete from portal.notice")
