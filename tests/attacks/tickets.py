"""Working on tickets that are not theirs to work on: the wrong company, the wrong function, the wrong site, the wrong name."""

# ruff: noqa: E501 - a statement of an attacker stands on one line

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from data.models.rows import CUSTOMER_HATS, PEOPLE_HATS, Hat
from tests.attacks.stage import Stage, refused, rows

NO = "violates row-level security policy|permission denied"
NAMES = {
    "ana": "Ana Acme",
    "abel": "Abel Acme",
    "vic": "Vic Acme",
    "bea": "Bea Bolt",
    "dee": "Dee Desk",
    "fin": "Fin Finance",
    "ada": "Ada Admin",
    "mia": "Mia Manager",
    "gus": "Gus Acme",
}
ABELS, VICS, BEAS = "seoul: abel's hands", "seoul: vic's fault", "bolt: bea's hands"

SAY = """insert into portal.ticket_message (account_id, ticket_id, kind, author_id, author_name, body)
values (:account, :ticket, :kind, :by, :name, 'x')"""
#: What hangs on a ticket: table → columns and values besides account and ticket.
CHILDREN = {
    "remote_hands": ("task_type", "'other'"),
    "fault": ("occurred_at", "now()"),
    "shipment": ("carrier", "'dhl'"),
    "tracking_number": ("number", "'1'"),
    "site_visit": ("starts_at, ends_at, purpose", "now(), now() + interval '1 hour', 'x'"),
    "visitor": ("name, company, email", "'x', 'x', 'x@x.example'"),
    "ticket_contact": ("name", "'x'"),
    "ticket_watcher": ("person_id", ":me"),
    "status_change": ("to_status, category, by_actor, by_person_id", "'submitted', 'open', 'customer', :me"),
    "ticket_clock": ("kind, site_id, clock, round, started_at, target_seconds", ":kind, :site, 'second', 9, now(), 1"),
    "ticket_item": ("item_id", ":item"),
}
#: On which tickets of Acme and of Bolt each may hang; the other tables, on any.
FITTING = {
    "fault": ("seoul: vic's fault", "bolt: bea's fault in Seoul"),
    "shipment": ("osaka: ana's shipment", "bolt: bea's shipment"),
    "tracking_number": ("osaka: ana's shipment", "bolt: bea's shipment"),
    "site_visit": ("osaka: ana's visit", "bolt: bea's visit"),
    "visitor": ("osaka: ana's visit", "bolt: bea's visit"),
}
#: Each ticket has the one row of its kind: the policy lets a second one through, its key does not.
ONE_EACH = ("remote_hands", "fault", "shipment", "site_visit")
#: A customer's move that the tables know.
CANCEL = "update portal.ticket set status = 'cancelled', category = 'done', version = version + 1 where id = :ticket"
ACKNOWLEDGE = CANCEL.replace("cancelled", "acknowledged").replace("done", "open")


def _saying(stage: Stage, who: str, ticket: str, **changes: Any) -> dict[str, Any]:
    account = ticket.split(":", maxsplit=1)[0]
    mine = {
        "account": stage.id_of(account),
        "ticket": stage.scene.tickets[ticket],
        "kind": "customer_note",
        "by": stage.scene.people[who],
        "name": NAMES[who],
    }
    return {**mine, **changes}


def _add(table: str) -> str:
    columns, values = CHILDREN[table]
    return f"insert into portal.{table} (account_id, ticket_id, {columns}) values (:account, :ticket, {values})"


def _hanging(stage: Stage, who: str, ticket: str, table: str) -> dict[str, Any]:
    with stage.database.as_owner() as connection:
        about = text("select t.kind, t.site_id, i.id from portal.ticket t left join portal.inventory_item i "
                     "on i.account_id = t.account_id and i.site_id = t.site_id where t.id = :ticket limit 1")  # fmt: skip
        kind, site, item = connection.execute(about, {"ticket": stage.scene.tickets[ticket]}).one()
    values = {
        "account": stage.id_of(ticket.split(":", maxsplit=1)[0]),
        "ticket": stage.scene.tickets[ticket],
        "me": stage.scene.people[who],
        "kind": kind,
        "site": site,
        "item": item,
    }
    return {name: value for name, value in values.items() if f":{name}" in _add(table)}


def _changed(connection: Connection, statement: str, **values: Any) -> int:
    """Rows that the statement changes; a refusal changes none."""
    savepoint = connection.begin_nested()
    try:
        return connection.execute(text(statement), values).rowcount
    except DBAPIError as error:
        if "permission denied" not in str(error) and "row-level security" not in str(error):
            raise
        return 0
    finally:
        savepoint.rollback()


class Tickets:
    def test_abel_writes_a_note_on_his_own_ticket_and_on_no_other(self, stage: Stage) -> None:
        with stage.signed_in("abel", Hat.OWN) as connection:
            connection.execute(text(SAY), _saying(stage, "abel", ABELS))
            for foreign in (
                VICS,
                BEAS,
                "group: ana's hands",
                "seoul: abel's hands in Incheon",
                "seoul: abel's hands somewhere",
            ):
                refused(connection, SAY, NO, **_saying(stage, "abel", foreign))

    @pytest.mark.parametrize("who", ["vic", "bea", "mia", "fin", "ada"])
    def test_who_only_looks_writes_nothing_in_any_hat(self, stage: Stage, who: str) -> None:
        for hat in PEOPLE_HATS:
            with stage.signed_in(who, hat, account="seoul") as connection:
                for kind in ("customer_note", "staff_reply", "internal_note"):
                    refused(connection, SAY, NO, **_saying(stage, who, ABELS, kind=kind))

    def test_an_internal_note_or_a_reply_is_not_a_customers(self, stage: Stage) -> None:
        with stage.signed_in("ana", account="seoul") as connection:
            connection.execute(text(SAY), _saying(stage, "ana", ABELS))
            for kind in ("internal_note", "staff_reply"):
                refused(connection, SAY, NO, **_saying(stage, "ana", ABELS, kind=kind))
        with stage.signed_in("dee") as connection:
            for kind in ("internal_note", "staff_reply"):
                connection.execute(text(SAY), _saying(stage, "dee", ABELS, kind=kind))
            refused(connection, SAY, NO, **_saying(stage, "dee", ABELS))

    def test_nobody_writes_in_anothers_name_or_under_anothers_ticket(self, stage: Stage) -> None:
        with stage.signed_in("ana", account="seoul") as connection:
            for change in (
                {"by": stage.scene.people["abel"]},
                {"by": None},
                {"name": "Dee Desk"},
                {"account": stage.id_of("bolt")},
                {"ticket": stage.scene.tickets[BEAS]},
            ):
                refused(connection, SAY, NO, **{**_saying(stage, "ana", ABELS), **change})

    @pytest.mark.parametrize("table", CHILDREN)
    def test_what_hangs_on_a_ticket_is_added_by_whoever_works_on_it_only(self, stage: Stage, table: str) -> None:
        acmes, bolts = FITTING.get(table, (ABELS, BEAS))
        looked_at = acmes.split(":", maxsplit=1)[0]
        strangers = ("vic", "bea", "mia", "fin", "ada")
        for who, ticket in (*((who, acmes) for who in strangers), ("ana", bolts), ("abel", VICS)):
            values = _hanging(stage, who, ticket, table)
            for hat in PEOPLE_HATS:
                with stage.signed_in(who, hat, account=looked_at) as connection:
                    refused(connection, _add(table), NO, **values)
        for who in ("ana", "dee"):
            values = _hanging(stage, who, acmes, table)
            with stage.signed_in(who, account=None if who == "dee" else looked_at) as connection:
                if table not in (*ONE_EACH, "ticket_item"):
                    connection.execute(text(_add(table)), values)
                else:
                    refused(connection, _add(table), "duplicate key", **values)

    @pytest.mark.parametrize("table", FITTING)
    def test_what_belongs_to_one_kind_of_ticket_hangs_on_no_other(self, stage: Stage, table: str) -> None:
        for who, account in (("ana", "seoul"), ("dee", None)):
            ticket = ABELS
            with stage.signed_in(who, account=account) as connection:
                refused(connection, _add(table), NO, **_hanging(stage, who, ticket, table))

    @pytest.mark.parametrize("table", [*FITTING, "remote_hands", "ticket_item", "ticket_contact"])
    def test_what_was_asked_is_not_added_to_once_somebody_looked_at_it(self, stage: Stage, table: str) -> None:
        """A visitor who comes after the approval was approved by nobody; the desk may still add one."""
        bolts = FITTING.get(table, (ABELS, BEAS))[1]
        values = _hanging(stage, "bea", bolts, table)
        looked = "update portal.ticket set status = 'acknowledged' where id = :t"
        if table in ("visitor", "site_visit"):
            looked = looked.replace("acknowledged", "approved")
        undo = "update portal.ticket set status = 'submitted' where id = :t"
        only_key = table in (*ONE_EACH, "ticket_item")
        with stage.changed(looked, undo, t=stage.scene.tickets[bolts]):
            with stage.signed_in("bea") as connection:
                refused(connection, _add(table), NO, **values)
            with stage.signed_in("dee") as connection:
                if only_key:
                    refused(connection, _add(table), "duplicate key", **values)
                else:
                    connection.execute(text(_add(table)), values)

    def test_a_line_of_the_log_says_what_is_so_and_who_it_was(self, stage: Stage) -> None:
        line = """insert into portal.status_change (account_id, ticket_id, from_status, to_status, category, by_actor, by_person_id)
        values (:account, :ticket, :before, :status, :category, :actor, :by)"""
        true: dict[str, Any] = {
            "account": stage.id_of("seoul"), "ticket": stage.scene.tickets[ABELS], "before": "acknowledged",
            "status": "submitted", "category": "open", "actor": "customer", "by": stage.scene.people["ana"],
        }  # fmt: skip
        with stage.signed_in("ana", account="seoul") as connection:
            connection.execute(text(line), true)
            for change in (
                {"status": "resolved"}, {"category": "done"}, {"actor": "desk"}, {"actor": "system"}, {"by": None},
                {"by": stage.scene.people["dee"]}, {"ticket": stage.scene.tickets[BEAS], "account": stage.id_of("bolt")},
            ):  # fmt: skip
                refused(connection, line, NO, **{**true, **change})
            refused(
                connection,
                line.replace("by_person_id)", "by_person_id, changed_at)").replace(
                    ":by)", ":by, now() - interval '1 day')"
                ),
                NO,
                **true,
            )
        with stage.signed_in("dee") as connection:
            desk = {**true, "by": stage.scene.people["dee"], "actor": "desk"}
            connection.execute(text(line), desk)
            refused(connection, line, NO, **{**desk, "actor": "customer"})
            refused(connection, line, NO, **{**desk, "by": stage.scene.people["abel"]})

    def test_only_whose_it_is_and_the_desk_move_a_ticket(self, stage: Stage) -> None:
        ticket = {"ticket": stage.scene.tickets[ABELS]}
        for who, hat, statement, expected in (
            ("abel", Hat.OWN, CANCEL, 1),
            ("ana", Hat.CUSTOMER, CANCEL, 1),
            ("dee", Hat.STAFF, ACKNOWLEDGE, 1),
            ("abel", Hat.OWN, ACKNOWLEDGE, 0),
            ("ana", Hat.CUSTOMER, ACKNOWLEDGE, 0),
            ("dee", Hat.STAFF, CANCEL, 0),
            *(
                (who, hat, statement, 0)
                for who in ("vic", "bea", "mia", "fin", "ada")
                for hat in PEOPLE_HATS
                for statement in (CANCEL, ACKNOWLEDGE)
            ),
            *((who, hat, CANCEL, 0) for who in ("dee", "mia") for hat in CUSTOMER_HATS),
            ("gus", Hat.CUSTOMER, ACKNOWLEDGE, 0),
        ):
            account = None if who in ("dee", "mia", "fin", "ada") and hat in (Hat.STAFF, Hat.MANAGER) else "seoul"
            with stage.signed_in(who, hat, account=account) as connection:
                assert _changed(connection, statement, **ticket) == expected, (who, hat, statement)

    def test_a_function_at_one_site_moves_nothing_at_another(self, stage: Stage) -> None:
        """Gus sees and may ask for hands at Seoul 1 only; the ticket in Incheon is Abel's."""
        with stage.signed_in("gus") as connection:
            assert _changed(connection, CANCEL, ticket=stage.scene.tickets[ABELS]) == 1
            assert _changed(connection, CANCEL, ticket=stage.scene.tickets["seoul: abel's hands in Incheon"]) == 0
            assert _changed(connection, CANCEL, ticket=stage.scene.tickets[VICS]) == 0, "he may not report faults"

    def test_a_whole_table_is_not_moved_at_once_beyond_ones_own(self, stage: Stage) -> None:
        """Without a filter, and so without the policy for reading: Bea's statement reaches Bolt's tickets alone."""
        everything = "update portal.ticket set updated_at = now()"
        with stage.signed_in("bea") as connection:
            mine = rows(connection, "select id from portal.ticket")
            assert set(connection.scalars(text(f"{everything} returning id"))) == mine
        with stage.signed_in("abel", Hat.OWN) as connection:
            assert connection.execute(text(everything)).rowcount == 1
        for who, hat in (
            ("vic", Hat.CUSTOMER),
            ("mia", Hat.MANAGER),
            ("fin", Hat.STAFF),
            ("ada", Hat.STAFF),
            ("ana", Hat.MANY),
        ):
            with stage.signed_in(who, hat, account="seoul" if hat is Hat.CUSTOMER else None) as connection:
                assert _changed(connection, everything) == 0, who

    def test_a_file_hangs_on_ones_own_contribution(self, stage: Stage) -> None:
        attach = """insert into portal.attachment (account_id, ticket_id, message_id, name, media_type, size, sha256, content, uploaded_by)
        values (:account, :ticket, :message, 'x', 'text/plain', 1, 'x', 'x', :by)"""
        with stage.database.as_owner() as connection:
            messages = {
                (row.ticket_id, row.kind): row.id
                for row in connection.execute(text("select id, ticket_id, kind from portal.ticket_message"))
            }
        with stage.signed_in("ana", account="seoul") as connection:
            said = _saying(stage, "ana", ABELS)
            own = connection.scalar(text(f"{SAY} returning id"), said)
            mine = {"account": said["account"], "ticket": said["ticket"], "by": said["by"]}
            connection.execute(text(attach), {**mine, "message": own})
            for change in (
                {"message": messages[said["ticket"], "internal_note"]},
                {"message": messages[said["ticket"], "staff_reply"]},
                {"message": own, "by": stage.scene.people["abel"]},
                {
                    "message": messages[stage.scene.tickets[BEAS], "customer_note"],
                    "ticket": stage.scene.tickets[BEAS],
                    "account": stage.id_of("bolt"),
                },
                {"message": 999999},
            ):
                refused(connection, attach, NO, **{**mine, **change})
            refused(connection, "update portal.attachment set content = 'y'", NO)
            refused(connection, "delete from portal.attachment", NO)

    def test_nobody_from_outside_watches_unless_the_account_allows_it_and_nobody_confirms_for_them(
        self, stage: Stage
    ) -> None:
        invite = "insert into portal.ticket_watcher (account_id, ticket_id, email) values (:account, :ticket, 'spy@else.example')"
        mine = {"account": stage.id_of("seoul"), "ticket": stage.scene.tickets[ABELS]}
        allow = "update portal.account set outside_watchers = true"
        with stage.signed_in("abel", Hat.OWN) as connection:
            refused(connection, invite, NO, **mine)
            refused(connection, allow, NO)
        for who in ("vic", "dee", "mia"):
            with stage.signed_in(who) as connection:
                assert _changed(connection, allow) == 0, who
        with stage.signed_in("ana", account="seoul") as connection:
            refused(connection, invite, NO, **mine)
            assert set(connection.scalars(text(f"{allow} returning id"))) == {stage.id_of("seoul")}
            connection.execute(text(invite), mine)
            refused(connection, "update portal.ticket_watcher set confirmed_at = now()", NO)

    def test_unclaimed_parcels_are_the_desks(self, stage: Stage) -> None:
        """PARCEL1 lies in Seoul: who may ask for shipments there gets it by its number, everybody else hears nothing."""
        claim = "select authz.claim_parcel('PARCEL1', 'Parcel', '')"
        count = text("select authz.may_try_parcel(:typed)")
        for who, hat in (("abel", Hat.OWN), ("vic", Hat.CUSTOMER), ("gus", Hat.CUSTOMER), ("bea", Hat.CUSTOMER)):
            looked_at = "bolt" if who == "bea" else "seoul"
            for typed in ("PARCEL1", "parcel1"):
                with stage.database.app.begin() as connection:
                    stage.put_on(connection, hat, token=stage.token(who), account=looked_at)
                    assert connection.scalar(count, {"typed": typed}) is True
        for who, hat in (
            ("abel", Hat.OWN),
            ("vic", Hat.CUSTOMER),
            ("gus", Hat.CUSTOMER),
            ("mia", Hat.MANAGER),
            ("fin", Hat.STAFF),
            ("dee", Hat.STAFF),
        ):
            with stage.signed_in(who, hat) as connection:
                assert connection.scalar(text(claim)) is None, who
        assign = "select authz.assign_parcel(uuid, :account, null, 'Parcel', '') from portal.parcel"
        for who in ("fin", "ada"):
            with stage.signed_in(who) as connection:
                assert connection.scalar(text(assign), {"account": stage.id_of("bolt")}) is None, who
        with stage.signed_in("bea") as connection:
            refused(connection, "select tracking_number from portal.parcel", NO)
            refused(connection, "select authz.open_received(null, 1, 1, 'x', 'x')", NO)
            assert connection.scalar(text(claim.replace("PARCEL1", "parcel1"))) is None
            ticket = connection.scalar(text(claim))
            assert rows(connection, "select status from portal.ticket where id = :t", t=ticket) == {"received"}
            assert connection.scalar(text(claim)) is None, "nobody gets it twice"
        with stage.signed_in("dee") as connection:
            refused(connection, "update portal.parcel set ticket_id = 1", NO)

    def test_a_parcel_is_tried_one_counted_number_at_a_time(self, stage: Stage) -> None:
        """No number of a list, none that is counted and claimed in one breath, and none beyond the tenth."""
        with stage.database.as_owner() as connection:
            connection.execute(text("delete from auth.throttle"))
        claim, count = text("select authz.claim_parcel(:n, 'Parcel', '')"), text("select authz.may_try_parcel(:n)")
        parcel = {"n": "PARCEL1"}

        def counted(typed: str) -> bool:
            with stage.database.app.begin() as connection:
                stage.put_on(connection, Hat.CUSTOMER, token=stage.token("bea"), account="bolt")
                return bool(connection.scalar(count, {"n": typed}))

        with stage.signed_in("bea") as connection:
            assert connection.scalar(claim, parcel) is None, "it was not counted"
        with stage.signed_in("bea") as connection:
            assert connection.scalar(count, parcel) is True
            assert connection.scalar(claim, parcel) is None, "what is rolled back was never counted"
            tries = "select count(*) from generate_series(1, 3) where authz.may_try_parcel('PARCEL1') and authz.claim_parcel('PARCEL1', 'x', '') is not null"
            assert connection.scalar(text(tries)) == 0
        with stage.signed_in("bea") as connection:
            assert connection.scalar(claim, parcel) is None, "that count was rolled back"
        assert counted("ANOTHER")
        with stage.signed_in("bea") as connection:
            assert connection.scalar(claim, parcel) is None, "another number was counted"
        assert counted("PARCEL1")
        with stage.signed_in("bea") as connection:
            assert connection.scalar(claim, parcel) is not None
        with stage.database.as_owner() as connection:
            connection.execute(text("update auth.throttle set last_at = last_at - interval '2 minutes'"))
        with stage.signed_in("bea") as connection:
            assert connection.scalar(claim, parcel) is None, "it was counted too long ago"
        assert [counted(f"GUESS{n}") for n in range(9)] == [True] * 8 + [False]
        assert not counted("PARCEL1")
        with stage.signed_in("bea") as connection:
            assert connection.scalar(claim, parcel) is None

    def test_the_worker_moves_what_the_tables_leave_to_it_and_reads_no_words(self, stage: Stage) -> None:
        with stage.passing(stage.database.jobs) as connection:
            connection.execute(text("select set_config('role', 'portal_worker', true)"))
            for statement in (
                "select subject from portal.ticket",
                "select body from portal.ticket_message",
                "select reason from portal.status_change",
                "select name from portal.visitor",
                "select ship_to from portal.shipment",
            ):
                refused(connection, statement)
            assert _changed(connection, CANCEL, ticket=stage.scene.tickets[ABELS]) == 0
            refused(
                connection,
                "insert into portal.status_change (account_id, ticket_id, to_status, category, by_actor, by_person_id) select account_id, id, status, category, 'desk', 1 from portal.ticket",
                NO,
            )
