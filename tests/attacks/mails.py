"""Mail in our name that we never wrote: to strangers, in the desk's words, under a key that holds up somebody else's."""

# ruff: noqa: E501 - a statement of an attacker stands on one line

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, text

from data.models.rows import PEOPLE_HATS, Hat
from data.outbox import tell
from rules.mail import OF_ACCESS, OF_SIGNING_IN, MailKind
from tests.attacks.stage import Stage, anything, refused, rows

NO = "violates row-level security policy|permission denied"
MAIL = """insert into portal.mail (account_id, dedupe_key, kind, person_id, address, ticket_id, context, message_id)
values (:account, :key, :kind, :person, :address, :ticket, cast(:context as jsonb), '<1@portal.example>')"""
ABELS, VICS, BEAS = "seoul: abel's hands", "seoul: vic's fault", "bolt: bea's hands"


def _about(
    stage: Stage, ticket: str | None, to: str | None, kind: str = "ticket_note", by: str = "ana", **changes: Any
) -> dict[str, Any]:
    """A note in Ana's name, unless something else is said."""
    account = ticket.split(":", maxsplit=1)[0] if ticket else "seoul"
    mail = {
        "account": stage.id_of(account),
        "ticket": stage.scene.tickets[ticket] if ticket else None,
        "person": stage.scene.people[to] if to else None,
        "address": None,
        "kind": kind,
        "key": f"{anything('k')}{_own(stage, by)}",
        "context": json.dumps({"message": "x", "by": "Ana Acme"}),
    }
    return {**mail, **changes}


def _own(stage: Stage, who: str) -> str:
    """How a customer's keys end."""
    return f"/by/{stage.scene.people[who]}"


@contextmanager
def _watched(stage: Stage, who: str, **more: Any) -> Iterator[None]:
    """Abel's ticket has this watcher for a while."""
    mine = {"account": stage.id_of("seoul"), "ticket": stage.scene.tickets[ABELS]}
    column = "email" if "@" in who else "person_id"
    with stage.changed(
        f"insert into portal.ticket_watcher (account_id, ticket_id, {column}, confirmed_at) values (:account, :ticket, :who, :at)",
        f"delete from portal.ticket_watcher where account_id = :account and ticket_id = :ticket and {column} = :who",
        **mine,
        who=who if "@" in who else stage.scene.people[who],
        at=more.get("confirmed_at"),
    ):
        yield


def _write(connection: Connection, mail: dict[str, Any]) -> None:
    connection.execute(text(MAIL), mail)


class Mails:
    def test_mail_is_about_a_ticket_its_writer_works_on(self, stage: Stage) -> None:
        with stage.signed_in("ana", account="seoul") as connection:
            _write(connection, _about(stage, ABELS, "abel"))
            refused(connection, MAIL, NO, **_about(stage, None, "abel"))
            refused(connection, MAIL, NO, **_about(stage, None, "abel", account=None))
            refused(connection, MAIL, NO, **_about(stage, BEAS, "bea"))
            refused(connection, MAIL, NO, **_about(stage, BEAS, "bea", account=stage.id_of("seoul")))
        with stage.signed_in("abel", Hat.OWN) as connection:
            mine = json.dumps({"message": "x", "by": "Abel Acme"})
            _write(connection, _about(stage, ABELS, "abel", by="abel", context=mine))
            refused(connection, MAIL, NO, **_about(stage, VICS, "vic", by="abel", context=mine))

    @pytest.mark.parametrize("who", ["vic", "bea", "mia", "fin", "ada"])
    def test_who_only_looks_writes_no_mail_in_any_hat(self, stage: Stage, who: str) -> None:
        name = json.dumps({"by": {"vic": "Vic Acme", "bea": "Bea Bolt", "mia": "Mia Manager"}.get(who, "x")})
        for hat in PEOPLE_HATS:
            with stage.signed_in(who, hat, account="seoul") as connection:
                for ticket in (ABELS, VICS, None):
                    for kind in ("ticket_note", "ticket_submitted", "ticket_answered"):
                        refused(connection, MAIL, NO, **_about(stage, ticket, "abel", kind, who, context=name))

    def test_nobody_is_written_to_who_does_not_hear_of_the_ticket(self, stage: Stage) -> None:
        """Abel asked, and Dee works on it in this scene; Vic watches for a while, and Bea is of another company."""
        ticket = {"ticket": stage.scene.tickets[ABELS], "dee": stage.scene.people["dee"]}
        assigned = "update portal.ticket set assignee_id = {} where id = :ticket and :dee > 0"
        with stage.signed_in("ana", account="seoul") as connection:
            for stranger in ("bea", "ada", "dee", "vic", "mia"):
                refused(connection, MAIL, NO, **_about(stage, ABELS, stranger))
            for address in ("x@victim.example", "abel@acme.example"):
                refused(connection, MAIL, NO, **_about(stage, ABELS, None, address=address))
        with stage.changed(assigned.format(":dee"), assigned.format("null"), **ticket), _watched(stage, "vic"):
            with stage.signed_in("ana", account="seoul") as connection:
                for hearing in ("abel", "dee", "vic"):
                    _write(connection, _about(stage, ABELS, hearing))
                refused(connection, MAIL, NO, **_about(stage, ABELS, "bea"))
                refused(connection, MAIL, NO, **_about(stage, "seoul: abel's hands in Incheon", "dee"))
            with stage.signed_in("dee") as connection:
                reply = json.dumps({"message": "x", "by": "Dee Desk"})
                _write(connection, _about(stage, ABELS, "vic", "ticket_answered", context=reply))
                refused(connection, MAIL, NO, **_about(stage, ABELS, "bea", "ticket_answered", context=reply))

    def test_from_outside_only_who_agreed_gets_more_than_the_question(self, stage: Stage) -> None:
        for confirmed, said, unsaid in (
            ("now", "ticket_note", "watch_confirm"),
            (None, "watch_confirm", "ticket_note"),
        ):
            with (
                _watched(stage, "out@side.example", confirmed_at=confirmed),
                stage.signed_in("ana", account="seoul") as connection,
            ):
                today = connection.scalar(text("select (now() at time zone 'UTC')::date"))
                key = f"watch_confirm/{stage.scene.tickets[ABELS]}/out@side.example/{today}"
                key += _own(stage, "ana") if said == "ticket_note" else ""
                mail = _about(stage, ABELS, None, said, address="Out@side.example", key=key)
                _write(connection, mail)
                refused(connection, MAIL, "duplicate key", **mail)
                for again in ("k", key.upper(), key.replace("out@", "Out@"), key.replace(str(today), "2020-01-01")):
                    if said == "watch_confirm":
                        refused(connection, MAIL, NO, **{**mail, "key": again})
                refused(connection, MAIL, NO, **_about(stage, ABELS, None, unsaid, address="out@side.example"))

    @pytest.mark.parametrize(
        "kind",
        ["ticket_answered", "ticket_waiting", "ticket_resolved", "visit_approved", "shipment_received", "storage_ends", "sla_breach"],
    )  # fmt: skip
    def test_a_customer_does_not_speak_as_the_desk(self, stage: Stage, kind: str) -> None:
        for who, hat, account in (("ana", Hat.CUSTOMER, "seoul"), ("abel", Hat.OWN, "seoul")):
            with stage.signed_in(who, hat, account=account) as connection:
                name = {"ana": "Ana Acme", "abel": "Abel Acme"}[who]
                mine = json.dumps({"message": "x", "by": name})
                _write(connection, _about(stage, ABELS, "abel", by=who, context=mine))
                refused(connection, MAIL, NO, **_about(stage, ABELS, "abel", kind, who, context=mine))

    @pytest.mark.parametrize("kind", [*OF_SIGNING_IN, *OF_ACCESS])
    def test_no_hat_writes_about_somebodys_way_in(self, stage: Stage, kind: str) -> None:
        mail = _about(stage, ABELS, "abel", kind, context='{"nonce": "known to the writer"}')
        with stage.signed_in("dee") as connection:
            _write(connection, {**mail, "kind": "ticket_submitted", "key": "k"})
            refused(connection, MAIL, NO, **mail)
        for name, hat in (("ana", Hat.CUSTOMER), ("abel", Hat.OWN)):
            with stage.signed_in(name, hat, account="seoul") as connection:
                refused(connection, MAIL, NO, **mail)
        to_anybody = {**mail, "account": None, "ticket": None}
        with stage.passing(stage.database.jobs) as connection:
            connection.execute(text("set local role portal_worker"))
            _write(connection, {**to_anybody, "kind": "ticket_status", "key": "k"})
            refused(connection, MAIL, NO, **to_anybody)

    def test_what_a_mail_says_is_so(self, stage: Stage) -> None:
        with stage.signed_in("ana", account="seoul") as connection:
            _write(connection, _about(stage, ABELS, "abel", "ticket_status", context='{"status": "submitted"}'))
            refused(
                connection, MAIL, NO, **_about(stage, ABELS, "abel", "ticket_status", context='{"status": "resolved"}')
            )
            refused(connection, MAIL, NO, **_about(stage, ABELS, "abel", "ticket_status", context="{}"))
            for name in ("Dee Desk", "Abel Acme", ""):
                refused(connection, MAIL, NO, **_about(stage, ABELS, "abel", context=json.dumps({"by": name})))
            refused(connection, MAIL, NO, **_about(stage, ABELS, "abel", context="{}"))
        with stage.signed_in("dee") as connection:
            for kind in ("ticket_answered", "ticket_note"):
                refused(connection, MAIL, NO, **_about(stage, ABELS, "abel", kind))
            refused(connection, MAIL, NO, **_about(stage, ABELS, "abel", "sla_breach", context="{}"))

    def test_a_mail_is_not_written_as_if_it_had_been_sent_or_by_somebody_else(self, stage: Stage) -> None:
        for column, value in (
            ("state", "'sent'"),
            ("attempts", "9"),
            ("written_by", "'portal_staff'"),
            ("last_error", "'x'"),
        ):
            statement = MAIL.replace("message_id)", f"message_id, {column})").replace(
                "example>')", f"example>', {value})"
            )
            with stage.signed_in("ana", account="seoul") as connection:
                refused(connection, statement, "permission denied", **_about(stage, ABELS, "abel"))

    def test_a_key_taken_in_advance_holds_up_nobody_elses_mail(self, stage: Stage) -> None:
        """The desk's mail about Abel's ticket, one of the same key about another ticket, and one of another company."""
        key = f"ticket_answered/{stage.scene.tickets[ABELS]}/1/{stage.scene.people['abel']}{_own(stage, 'ana')}"
        with stage.signed_in("ana", account="seoul") as connection:
            _write(connection, _about(stage, ABELS, "abel", key=key))
            refused(connection, MAIL, "duplicate key", **_about(stage, ABELS, "abel", key=key))
            _write(connection, _about(stage, VICS, "vic", key=key))
            stage.put_on(connection, Hat.STAFF, token=stage.token("dee"))
            before = len(rows(connection, "select id from portal.mail"))
            reply = json.dumps({"message": "x", "by": "Dee Desk"})
            answer = _about(stage, ABELS, "abel", "ticket_answered", key=key, context=reply)
            connection.execute(text(f"{MAIL} on conflict do nothing"), answer)
            assert len(rows(connection, "select id from portal.mail")) == before + 1
            refused(connection, MAIL, "duplicate key", **answer)
            stage.put_on(connection, Hat.CUSTOMER, token=stage.token("bea"), account="bolt")
            beas = _about(stage, BEAS, "bea", key=key, context='{"by": "Bea Bolt"}')
            refused(connection, MAIL, NO, **beas)
            _write(connection, {**beas, "key": f"{key}{_own(stage, 'bea')}"})

    def test_nobody_takes_the_key_that_a_colleague_will_need(self, stage: Stage) -> None:
        """Gus and Ana both work on Abel's ticket in the same hat; whose key it is stands at its end."""
        name = {"ana": "Ana Acme", "gus": "Gus Acme"}
        said = {who: json.dumps({"message": "x", "by": named}) for who, named in name.items()}
        key = f"ticket_note/{stage.scene.tickets[ABELS]}/1/{stage.scene.people['abel']}"
        with stage.signed_in("gus") as connection:
            mine = _about(stage, ABELS, "abel", by="gus", context=said["gus"])
            _write(connection, mine)
            anas, his = _own(stage, "ana"), stage.scene.people["gus"]
            for taken in (
                key,
                f"{key}{anas}",
                f"{key}/{his}",
                f"/by/{his}{anas}",
                f"{key}/by/1{his}",
                f"{key}/by/{his} ",
                "%",
            ):
                refused(connection, MAIL, NO, **{**mine, "key": taken})
            submitted = _about(stage, ABELS, "abel", "ticket_submitted", key=f"{key}{anas}", context="{}")
            refused(connection, MAIL, NO, **submitted)
            _write(connection, {**mine, "key": f"{key}{anas}/by/{his}"})
            stage.put_on(connection, Hat.CUSTOMER, token=stage.token("ana"), account="seoul")
            _write(connection, _about(stage, ABELS, "abel", key=f"{key}{anas}", context=said["ana"]))

    def test_what_the_portal_writes_for_a_customer_bears_their_key(self, stage: Stage) -> None:
        mail = {
            "kind": MailKind.TICKET_STATUS,
            "account_id": stage.id_of("seoul"),
            "ticket_id": stage.scene.tickets[ABELS],
        }
        told = {
            **mail,
            "person_id": stage.scene.people["abel"],
            "context": {"status": "submitted"},
            "dedupe_key": "same",
        }
        with stage.signed_in("gus") as connection:
            assert [tell(connection, **told) for _again in "12"] == [True, False]
            stage.put_on(connection, Hat.CUSTOMER, token=stage.token("ana"), account="seoul")
            assert [tell(connection, **told) for _again in "12"] == [True, False]

    def test_nobody_sends_mail_without_being_signed_in(self, stage: Stage) -> None:
        for hat in PEOPLE_HATS:
            with stage.wearing(hat, token="", account="seoul", accounts=("seoul",)) as connection:
                refused(connection, MAIL, NO, **_about(stage, ABELS, "abel"))
