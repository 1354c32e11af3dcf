"""Bending what is said of one's own tickets: the log, the clocks, versions and ends, who watches, and what is attached."""

# ruff: noqa: E501 - a statement of an attacker stands on one line

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from data.models.rows import PEOPLE_HATS, Hat
from tests.attacks.stage import Stage, refused, rows

NO = "violates row-level security policy|permission denied"
ABELS, VICS = "seoul: abel's hands", "seoul: vic's fault"
LINE = """insert into portal.status_change (account_id, ticket_id, from_status, to_status, category, severity, by_actor, by_person_id)
values (:account, :ticket, 'submitted', 'submitted', 'open', :severity, 'customer', :by)"""
CLOCK = """insert into portal.ticket_clock (account_id, ticket_id, site_id, kind, clock, round, started_at, target_seconds, stopped_at, outcome)
values (:account, :ticket, :site, :kind, 'second', 7, cast(:started as timestamptz), 900, cast(:stopped as timestamptz), :outcome)"""
#: Whoever works on the ticket, the desk included, if it is not said otherwise.
PEOPLE = (("ana", Hat.CUSTOMER, "seoul"), ("abel", Hat.OWN, "seoul"), ("dee", Hat.STAFF, None))


@contextmanager
def _standing(stage: Stage, ticket: str, **columns: str) -> Iterator[dict[str, Any]]:
    """The ticket as the operator left it, for a while; the values are SQL."""
    mine = {"t": stage.scene.tickets[ticket]}
    as_new = "status = 'submitted', category = 'open', resolved_at = null, closed_at = null, version = 1"
    changed = ", ".join(f"{name} = {value}" for name, value in columns.items())
    with stage.changed(
        f"update portal.ticket set {changed} where id = :t", f"update portal.ticket set {as_new} where id = :t", **mine
    ):
        yield mine


def _set(what: str) -> str:
    return f"update portal.ticket set {what} where id = :t"


class Bending:
    def test_a_line_of_the_log_names_the_severity_that_is(self, stage: Stage) -> None:
        """Vic's fault is P2: a line that says P1 would shorten every promise, one that says nothing would end them."""
        line = {"account": stage.id_of("seoul"), "ticket": stage.scene.tickets[VICS], "by": stage.scene.people["ana"]}
        with stage.signed_in("ana", account="seoul") as connection:
            connection.execute(text(LINE), {**line, "severity": "P2"})
            for severity in ("P1", "P4", None):
                refused(connection, LINE, NO, **line, severity=severity)
        with stage.signed_in("dee") as connection:
            desks = LINE.replace("'customer'", "'desk'")
            connection.execute(text(desks), {**line, "severity": "P2", "by": stage.scene.people["dee"]})
            refused(connection, desks, NO, **{**line, "by": stage.scene.people["dee"]}, severity="P1")

    @pytest.mark.parametrize(("who", "hat", "account"), PEOPLE)
    def test_what_a_state_means_changes_with_the_state_alone(
        self, stage: Stage, who: str, hat: Hat, account: str | None
    ) -> None:
        with _standing(stage, ABELS, status="'on_hold'") as mine, stage.signed_in(who, hat, account) as connection:
            connection.execute(text(_set("category = category, updated_at = now()")), mine)
            for version in ("version", "version + 1"):
                refused(connection, _set(f"category = 'paused', version = {version}"), NO, **mine)

    @pytest.mark.parametrize(("who", "hat", "account"), PEOPLE)
    def test_a_version_takes_one_step(self, stage: Stage, who: str, hat: Hat, account: str | None) -> None:
        mine = {"t": stage.scene.tickets[ABELS]}
        with stage.signed_in(who, hat, account) as connection:
            connection.execute(text(_set("version = version + 1")), mine)
            for version in ("9223372036854775807", "version + 2", "version - 1"):
                refused(connection, _set(f"version = {version}"), NO, **mine)

    @pytest.mark.parametrize(("who", "hat", "account"), PEOPLE)
    def test_when_it_ended_is_written_by_the_move_that_ends_it(
        self, stage: Stage, who: str, hat: Hat, account: str | None
    ) -> None:
        for column in ("resolved_at", "closed_at"):
            with stage.signed_in(who, hat, account) as connection:
                refused(connection, _set(f"{column} = now()"), NO, t=stage.scene.tickets[ABELS])
            over = {"status": "'resolved'", "category": "'done'"}
            with (
                _standing(stage, ABELS, **over, **{column: "now() - interval '90 days'"}) as mine,
                stage.signed_in(who, hat, account) as connection,
            ):
                for moment in ("now()", "null", f"{column} + interval '1 second'"):
                    refused(connection, _set(f"{column} = {moment}"), NO, **mine)
            with _standing(stage, ABELS, **over) as mine, stage.signed_in(who, hat, account) as connection:
                refused(connection, _set(f"{column} = now() - interval '1 day'"), NO, **mine)
                refused(connection, _set(f"{column} = now() + interval '1 day'"), NO, **mine)
                connection.execute(text(_set(f"{column} = clock_timestamp()")), mine)

    def test_what_was_resolved_long_ago_is_not_reopened_by_saying_it_was_today(self, stage: Stage) -> None:
        reopen = _set("status = 'reopened', category = 'open', version = version + 1")
        over = {"status": "'resolved'", "category": "'done'"}
        with (
            _standing(stage, ABELS, **over, resolved_at="now() - interval '90 days'") as mine,
            stage.signed_in("ana", account="seoul") as connection,
        ):
            for first in ("resolved_at = now()", "resolved_at = null"):
                refused(connection, _set(first), NO, **mine)
                refused(connection, reopen.replace("set ", f"set {first}, "), NO, **mine)
            refused(connection, reopen, NO, **mine)

    def test_a_ticket_is_rated_once_and_when_it_is_over(self, stage: Stage) -> None:
        rate = _set("rating = 1, rating_comment = 'x'")
        with _standing(stage, ABELS, resolved_at="now()") as mine, stage.signed_in("abel", Hat.OWN) as connection:
            refused(connection, rate, NO, **mine)
            refused(connection, _set("rating_comment = 'x'"), NO, **mine)
        over = {"status": "'resolved'", "category": "'done'", "resolved_at": "now()"}
        with _standing(stage, ABELS, **over) as mine, stage.signed_in("abel", Hat.OWN) as connection:
            refused(connection, _set("rating_comment = 'x'"), NO, **mine)
            connection.execute(text(rate), mine)
            for again in ("rating = 5", "rating = null", "rating_comment = 'y'"):
                refused(connection, _set(again), NO, **mine)

    def test_a_customer_does_not_push_a_ticket_ahead_in_the_desks_order(self, stage: Stage) -> None:
        mine = {"t": stage.scene.tickets[ABELS]}
        for who, hat, account in PEOPLE[:2]:
            with stage.signed_in(who, hat, account) as connection:
                connection.execute(text(_set("next_deadline = '2000-01-01'")), mine)
                due = "select next_deadline from portal.ticket where id = :t"
                assert rows(connection, due, **mine) == {None}, "no clock of it has a deadline"
                clock = "update portal.ticket_clock set deadline = '2030-01-01 00:00+00' where ticket_id = :t and stopped_at is null"
                connection.execute(text(clock), mine)
                connection.execute(text(_set("next_deadline = '2000-01-01'")), mine)
                assert {moment.year for moment in rows(connection, due, **mine)} == {2030}

    def test_a_customers_clock_begins_now_on_this_ticket_and_nothing_became_of_it(self, stage: Stage) -> None:
        true: dict[str, Any] = {
            "account": stage.id_of("seoul"), "ticket": stage.scene.tickets[ABELS], "site": stage.scene.sites["SEL1"],
            "kind": "remote_hands", "started": "now", "stopped": None, "outcome": None,
        }  # fmt: skip
        for who, hat, account in PEOPLE[:2]:
            with stage.signed_in(who, hat, account) as connection:
                for change in (
                    {"kind": "fault"}, {"site": stage.scene.sites["ICN1"]}, {"site": None}, {"started": "yesterday"},
                    {"outcome": "breached", "stopped": "now"}, {"outcome": "met", "stopped": "now"},
                ):  # fmt: skip
                    refused(connection, CLOCK, NO, **{**true, **change})
                connection.execute(text(CLOCK), true)

    @pytest.mark.parametrize(
        "change",
        [
            "outcome = case outcome when 'met' then 'breached' else 'met' end", "outcome = null", "stopped_at = now() - interval '1 day'",
            "deadline = now()", "started_at = started_at - interval '40 days'", "target_seconds = 1", "paused_seconds = 99999",
        ],
    )  # fmt: skip
    def test_a_promise_that_is_over_stays_in_its_month_as_it_was(self, stage: Stage, change: str) -> None:
        over = f"update portal.ticket_clock set {change} where outcome is not null"
        told = "update portal.ticket_clock set warned_at = now() where outcome is not null"
        with stage.signed_in("dee") as connection:
            refused(connection, over, "permission denied: what became of a promise is final")
        with stage.signed_in("ana", account="seoul") as connection:
            refused(connection, over, "permission denied")
        with stage.passing(stage.database.jobs) as connection:
            connection.execute(text("select set_config('role', 'portal_worker', true)"))
            refused(connection, over, "permission denied")
            assert connection.execute(text(told)).rowcount > 0

    def test_what_was_promised_stays_promised_whoever_agrees_on_something_else(self, stage: Stage) -> None:
        """A target that begins in the past, or for ever, would judge clocks that run and clocks that are over anew. An
        administrator adds one from now on."""
        agreed = "insert into portal.sla_target (kind, clock, minutes{}) values ('fault', 'second', 1{})"
        statements = (
            agreed.format("", ""), agreed.format(", since", ", '2000-01-01'"), "update portal.sla_target set minutes = 1",
            "update portal.sla_target set since = '2000-01-01'", "delete from portal.sla_target",
        )  # fmt: skip
        for who in ("ana", "abel", "bea", "mia", "fin", "dee", "ada"):
            for hat in PEOPLE_HATS:
                with stage.signed_in(who, hat, account="seoul") as connection:
                    allowed = statements[:1] if (who, hat) == ("ada", Hat.STAFF) else ()
                    for statement in set(statements) - set(allowed):
                        refused(connection, statement, "row-level security policy|permission denied")
                    for statement in allowed:
                        connection.execute(text(statement))
        with stage.passing(stage.database.jobs) as connection:
            connection.execute(text("select set_config('role', 'portal_worker', true)"))
            for statement in statements:
                refused(connection, statement)
            assert rows(connection, "select count(*) from portal.sla_target") == {0}

    def test_five_from_outside_watch_a_ticket_however_they_are_added(self, stage: Stage) -> None:
        """One stands there by the scene."""
        many = """insert into portal.ticket_watcher (account_id, ticket_id, email)
        select :account, :t, 'v' || n || '@victim.example' from generate_series(1, :many) n"""
        mine = {"account": stage.id_of("seoul"), "t": stage.scene.tickets[ABELS]}
        allowed = "update portal.account set outside_watchers = {} where id = :account and :t > 0"
        with stage.changed(allowed.format("true"), allowed.format("false"), **mine):
            for who, hat, account in PEOPLE:
                with stage.signed_in(who, hat, account) as connection:
                    refused(connection, many, "no more watchers from outside", **mine, many=5)
                    connection.execute(text(many), {**mine, "many": 4})
                    refused(connection, many.replace("'v'", "'w'"), "no more watchers", **mine, many=1)
                    member = "insert into portal.ticket_watcher (account_id, ticket_id, person_id) values (:account, :t, :me)"
                    connection.execute(text(member), {**mine, "me": stage.scene.people["vic"]})

    def test_what_stands_at_another_site_is_not_attached(self, stage: Stage) -> None:
        """Abel's hands are in Seoul 1; what Acme Seoul has in Incheon is not his to see."""
        attach = "insert into portal.ticket_item (account_id, ticket_id, item_id) values (:account, :t, :item)"
        elsewhere = ("SEOUL-CABINET-ICN", "SEOUL-SPARE")
        mine = {"account": stage.id_of("seoul"), "t": stage.scene.tickets[ABELS]}
        opened = """insert into portal.ticket (account_id, kind, site_id, subject, requested_by, space_id)
        values (:account, 'remote_hands', :site, 'new', :by, :item)"""
        for who, hat, account in PEOPLE:
            new = {"account": mine["account"], "site": stage.scene.sites["SEL1"], "by": stage.scene.people["abel"]}
            new["by"] = stage.scene.people["ana" if who == "ana" else "abel"]
            with stage.signed_in(who, hat, account) as connection:
                for item in elsewhere:
                    refused(connection, attach, "not at this site", **mine, item=stage.scene.items[item])
                    refused(connection, opened, "not at this site", **new, item=stage.scene.items[item])
                refused(connection, attach, "duplicate key", **mine, item=stage.scene.items["SEOUL-CABINET"])
                connection.execute(text(opened), {**new, "item": stage.scene.items["SEOUL-CABINET"]})

    def test_a_file_is_as_large_as_it_says_and_its_type_is_no_header(self, stage: Stage) -> None:
        with stage.signed_in("ana", account="seoul") as connection:
            mine = {
                "account": stage.id_of("seoul"),
                "ticket": stage.scene.tickets[ABELS],
                "me": stage.scene.people["ana"],
            }
            say = """insert into portal.ticket_message (account_id, ticket_id, kind, author_id, author_name, body)
            values (:account, :ticket, 'customer_note', :me, 'Ana Acme', 'x') returning id"""
            message = connection.scalar(text(say), mine)
            attach = """insert into portal.attachment (account_id, ticket_id, message_id, name, media_type, size, sha256, content, uploaded_by)
            values (:account, :ticket, :message, 'x', :type, :size, 'x', 'xyz', :me)"""
            file = {
                **mine,
                "message": message,
                "size": 3,
                "type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            }
            connection.execute(text(attach), file)
            for size in (1, 4):
                refused(connection, attach, "ck_attachment_size", **{**file, "size": size})
            for named in (
                "text/html\r\nset-cookie: a=b",
                "text/html\n",
                "text/한글",
                "text",
                "text/html; charset=x",
                "a/" + "b" * 99,
            ):
                refused(connection, attach, "ck_attachment_media_type", **{**file, "type": named})

    def test_nobody_keeps_the_worker_from_delivering_by_a_lock(self, stage: Stage) -> None:
        from jobs.deliver import elected

        with stage.signed_in("vic") as connection:
            for n in (7301, 7301001, 7301002):
                connection.execute(text("select pg_try_advisory_xact_lock(:n)"), {"n": n})
            refused(connection, "select result from portal.job_run for update", NO)
            refused(connection, "insert into portal.job_run (name, slot) values ('mail', 'alive')", NO)
            with elected(stage.database.jobs) as one:
                assert one is not None
                with elected(stage.database.jobs) as another:
                    assert another is None
