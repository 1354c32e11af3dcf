"""The token is what counts: dead, foreign or missing it opens nothing; a delegated one, what it was made for."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from auth.sessions import hashed
from data.models.rows import PEOPLE_HATS, Hat
from tests.attacks.stage import ACME, Stage, rows
from tests.scene import INVOICES, TICKETS

#: What is wrong with the session.
DEAD: dict[str, dict[str, Any]] = {
    "expired": {"expires_at": text("now() - interval '1 second'")},
    "revoked": {"revoked_at": text("now()")},
    "idle for too long": {"last_seen": text("now() - interval '31 minutes'")},
    "a job's, over its time": {"kind": "job", "expires_at": text("now() - interval '1 second'")},
}
#: Not quite a token.
FALSE = {
    "none": "",
    "a guess": "guess",
    "a blank": " ",
    "SQL": "' or true --",
    "the hash as hex": "{hex}",
    "the hash as the database shows it": "\\x{hex}",
    "the token and a blank": "{token} ",
    "the token in capitals": "{upper}",
}


class Sessions:
    @pytest.mark.parametrize("why", DEAD)
    @pytest.mark.parametrize("name", ["ana", "mia", "dee"])
    def test_a_dead_session_shows_nothing_in_any_table_in_any_hat(self, stage: Stage, name: str, why: str) -> None:
        assert _everything(stage, stage.session(name, **DEAD[why])) == {}

    @pytest.mark.parametrize("what", FALSE)
    def test_what_is_not_a_token_shows_nothing_in_any_table_in_any_hat(self, stage: Stage, what: str) -> None:
        token = stage.token("bea")
        claimed = FALSE[what].format(token=token, hex=hashed(token).hex(), upper=token.swapcase())
        assert _everything(stage, claimed) == {}

    def test_the_same_questions_with_a_live_session_have_answers(self, stage: Stage) -> None:
        for name in ("ana", "mia", "dee"):
            assert "account" in _everything(stage, stage.token(name))

    def test_a_jobs_session_does_not_idle_but_a_browsers_does(self, stage: Stage) -> None:
        long_ago = text("now() - interval '31 minutes'")
        with stage.wearing(
            Hat.CUSTOMER, token=stage.session("bea", kind="job", last_seen=long_ago), account="bolt", read_only=True
        ) as connection:
            assert rows(connection, "select code from portal.account") == {"BOLT"}
        with stage.wearing(Hat.CUSTOMER, token=stage.session("bea", last_seen=long_ago), account="bolt") as connection:
            assert rows(connection, "select code from portal.account") == set()

    def test_a_disabled_person_has_no_session(self, stage: Stage) -> None:
        token, disabled = stage.session("bea"), "update portal.person set disabled_at = {} where id = :bea"
        assert "account" in _everything(stage, token)
        with stage.changed(disabled.format("now()"), disabled.format("null"), bea=stage.scene.people["bea"]):
            assert _everything(stage, token) == {}

    def test_revoking_is_felt_by_the_next_statement_of_an_open_transaction(self, stage: Stage) -> None:
        token = stage.session("bea")
        with stage.wearing(Hat.CUSTOMER, token=token, account="bolt") as connection:
            assert rows(connection, "select code from portal.account") == {"BOLT"}
            with stage.database.auth.begin() as other:
                other.execute(text("select signin.end_session(:hash)"), {"hash": hashed(token)})
            assert rows(connection, "select code from portal.account") == set()

    def test_a_role_that_was_taken_away_opens_nothing(self, stage: Stage) -> None:
        """A session names the role it works in; it must still be theirs."""
        with stage.wearing(Hat.STAFF, token=stage.session("dee", role="service_desk"), account=None) as connection:
            assert len(rows(connection, "select id from portal.ticket")) > 0
        for role in ("administrator", "finance", "account_manager", None):
            token = stage.session("dee", role=role)
            assert _everything(stage, token) == {}, role

    def test_somebody_with_two_roles_works_in_one_at_a_time(self, stage: Stage) -> None:
        invoices, tickets = "select number from portal.invoice", "select number from portal.ticket"
        with stage.changed(
            "insert into portal.staff_member (person_id, role) values (:dee, 'finance')",
            "delete from portal.staff_member where person_id = :dee and role = 'finance'",
            dee=stage.scene.people["dee"],
        ):
            with stage.wearing(Hat.STAFF, token=stage.session("dee", role="finance")) as connection:
                assert len(rows(connection, invoices)) == len(INVOICES)
                assert rows(connection, tickets) == set()
            with stage.wearing(Hat.STAFF, token=stage.session("dee", role="service_desk")) as connection:
                assert rows(connection, invoices) == set()
                assert len(rows(connection, tickets)) == len(TICKETS)

    def test_a_delegated_session_holds_only_the_functions_it_was_made_for(self, stage: Stage) -> None:
        token = stage.session("bea", kind="job", functions=["invoice.view"])
        with stage.wearing(Hat.CUSTOMER, token=token, account="bolt", read_only=True) as connection:
            assert rows(connection, "select number from portal.invoice") == {"PH-BOLT", "PH-BOLT-CREDIT"}
            for table in ("ticket", "inventory_item", "service_order", "audit_entry", "thread", "notice"):
                assert rows(connection, f"select id from portal.{table}") == set(), table
        with stage.wearing(Hat.OWN, token=token, account="bolt", read_only=True) as connection:
            assert rows(connection, "select id from portal.ticket") == set()

    def test_a_delegated_session_of_staff_is_narrowed_too(self, stage: Stage) -> None:
        for name, hat, functions in (
            ("fin", Hat.STAFF, ["report.export"]),
            ("mia", Hat.MANAGER, ["ticket.view_company"]),
        ):
            token = stage.session(name, kind="job", functions=functions)
            with stage.wearing(hat, token=token, read_only=True) as connection:
                assert rows(connection, "select number from portal.invoice") == set()
                assert bool(rows(connection, "select id from portal.ticket")) is (name == "mia")

    def test_an_entry_of_the_audit_log_also_needs_the_function_that_guards_its_object(self, stage: Stage) -> None:
        actions = "select action from portal.audit_entry where action ~ ': '"
        with stage.signed_in("bea") as connection:
            assert rows(connection, actions) == {"bolt: user added", "bolt: invoice paid"}
            refusal = rows(connection, "select count(*) from portal.audit_entry where audience = 'staff'")
            assert refusal == {0}
        token = stage.session("bea", kind="job", functions=["user.manage"])
        with stage.wearing(Hat.CUSTOMER, token=token, account="bolt", read_only=True) as connection:
            assert rows(connection, actions) == {"bolt: user added"}
        with stage.signed_in("ana", account="osaka") as connection:
            assert rows(connection, actions) == {"osaka: user added"}
        with stage.signed_in("ana") as connection:
            assert rows(connection, actions) == {"seoul: user added", "seoul: invoice paid", "osaka: user added"}
        with stage.signed_in("vic") as connection:
            assert rows(connection, actions) == set()

    @pytest.mark.parametrize("what", ["the grant was withdrawn", "the membership ended"])
    def test_what_was_taken_away_opens_nothing(self, stage: Stage, what: str) -> None:
        items = "select asset_number from portal.inventory_item"
        theirs = "person_id = :gus and account_id = :seoul"
        change, undo = {
            "the grant was withdrawn": (
                f"update portal.access_grant set function = 'message.use' where {theirs} and function ^@ 'inventory'",
                f"update portal.access_grant set function = 'inventory.view' where {theirs} and function ^@ 'message'",
            ),
            "the membership ended": (
                f"update portal.membership set ended_at = now() where {theirs}",
                f"update portal.membership set ended_at = null where {theirs}",
            ),
        }[what]
        with stage.signed_in("gus") as connection:
            assert rows(connection, items) == {"SEOUL-CABINET"}
        gus = {"gus": stage.scene.people["gus"], "seoul": stage.id_of("seoul")}
        with stage.changed(change, undo, **gus), stage.signed_in("gus") as connection:
            assert rows(connection, items) == set()

    def test_a_person_is_not_let_in_by_the_token_of_a_colleague_without_their_functions(self, stage: Stage) -> None:
        """Abel's browser, Abel's token, Vic's page: the functions are those of the token."""
        with stage.wearing(Hat.CUSTOMER, token=stage.token("abel"), account="seoul") as connection:
            assert rows(connection, "select number from portal.invoice") == set()
        with stage.wearing(Hat.CUSTOMER, token=stage.token("vic"), account="seoul") as connection:
            assert len(rows(connection, "select number from portal.invoice")) == 3


def _everything(stage: Stage, token: str) -> dict[str, set[str]]:
    """Table → what is shown of it in any hat; tables that show nothing are left out."""
    shown: dict[str, set[str]] = {}
    for hat in PEOPLE_HATS:
        with stage.wearing(hat, token=token, account="bolt", accounts=("bolt", *ACME), read_only=True) as connection:
            shown |= stage.everything(connection, hat)
    return shown
