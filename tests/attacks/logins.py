"""The logins themselves: what they may put on, what they may call, and what a pooled connection remembers."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from auth.sessions import hashed, who
from data.database import engine_for, reading, writing
from data.driver import fetch
from data.models import Base
from data.models.rows import PEOPLE_HATS, Hat
from rules.errors import Forbidden
from rules.permissions import Permission
from rules.principal import PersonKind, Principal
from tests.attacks.stage import Stage, refused, rows

P = Permission
DENIED = "permission denied"
POWERS = (
    "portal_owner",
    "portal_authz",
    "portal_backup",
    "portal_worker",
    "portal_auth",
    "portal_jobs",
    "pg_read_all_data",
)
#: Helpers that answer for whomever one names, and so for nobody from outside.
INNER = (
    "authz.live_session()",
    "authz.chosen()",
    "authz.holds(1, 1, 'invoice.view')",
    "authz.runs(1, 1)",
    "authz.sites_of(1, 1, 'ticket.view_company')",
    "authz.role_holds('finance', 'invoice.view')",
    "authz.is_customer_function('invoice.view')",
    "authz.refuse_rewriting()",
    "authz.letter(1)",
    "authz.followers(1, 1)",
    "authz.desk_and_managers(1)",
    "authz.reads_ticket(1, 1, 1, 1)",
    "authz.staff_reads_ticket(1, 1)",
    "authz.take_over_roles(1, array['administrator'], 'x')",
    "authz.link_by_email('https://login.example', 'x', 'paa@acme.example', 'x')",
)
SIGN_IN = (
    "signin.look_up('paa@acme.example', 'x', 'x')",
    "signin.who('x', true)",
    "signin.accounts_of(1, null)",
    "signin.issue_code(1, 'x', 'x', null, '/')",
    "signin.count('x', 'x', false)",
    "signin.end_session('x')",
    "signin.set_password('x', 'x', 'x', '{}', 'x')",
    "signin.live_link('x')",
    "signin.link_person('x')",
    "signin.ask_for_password('paa@acme.example', 'x', 'x', 'x', '{}', 'x', 'x')",
    "signin.tell_of_password(1, '{}', 'x')",
    "signin.person_behind('x')",
    "signin.sessions_of('x')",
    "signin.end_others('x', null)",
    "signin.change_password('x', 1, 'x', '{}', 'x')",
    "signin.work_as('x', 'finance', 'y')",
    "signin.has_factor(1)",
    "signin.must_have_factor(1, true)",
    "signin.password_proven(1, 'x', 'x', null, '/', false)",
    "signin.half('x')",
    "signin.leave_half('x')",
    "signin.pass_half('x', 1, 1, 'x', 'x', '/', 'x', 'x', '{}', 'x')",
    "signin.begin_factor_in_half('x', 1, 'x')",
    "signin.set_up_in_half('x', 'x', 1, '{}', 'x', '/', '{}', 'x')",
    "signin.hold_tries('x', 'x')",
    "signin.take_code(1, 1, 'x')",
    "signin.try_code(1, 1, 'x', 'x', 'x', '{}', 'x')",
    "signin.tell_of_factor(1, 'off', '{}', 'x')",
    "signin.keep_factor(1, 'x', 1, '{}', 'x', '{}', 'x')",
    "signin.factor_of('x', false)",
    "signin.is_proved('x')",
    "signin.step_up('x', true, 1, 'x', 'x', 'x', '{}', 'x')",
    "signin.begin_factor('x', 'x')",
    "signin.set_up_factor('x', 'x', 1, '{}', '{}', 'x')",
    "signin.new_recovery_codes('x', '{}', '{}', 'x')",
    "signin.switch_factor_off('x', false, 1, 'x', 'x', 'x', '{}', 'x')",
    "signin.sign_on('https://login.example', 'x', null, null, 'x', 'x', '/', 'x')",
    "signin.confirm_watch(1)",
    "signin.leave_watch(1)",
)


#: What an injected statement could leave behind on a connection: none of it ends with the transaction.
LEFTOVERS = (
    "declare spoils cursor with hold for select * from portal.ticket",
    "prepare spoils as select * from portal.ticket",
    "listen spoils",
    "select pg_advisory_lock(4711)",
    "select set_config('portal.kept', '{ana}', false)",
    "set statement_timeout = 0",
    "set role portal_customer",
)
_CONTEXT = text("select current_user, current_setting('portal.session', true), current_setting('portal.account', true)")


class Logins:
    @pytest.mark.parametrize("power", POWERS)
    def test_no_hat_is_exchanged_for_a_power(self, stage: Stage, power: str) -> None:
        for hat in PEOPLE_HATS:
            with stage.signed_in("bea", hat) as connection:
                refused(connection, f"set role {power}", DENIED)
                refused(connection, f"set local role {power}", DENIED)
                refused(connection, f"select set_config('role', '{power}', true)", DENIED)
                refused(connection, f"set session authorization {power}", DENIED)
                refused(connection, f"grant {power} to portal_app", "permission denied|must have admin option")
                assert connection.scalar(text("select current_user")) == hat

    def test_another_hat_in_the_middle_of_a_statement_shows_nothing_more(self, stage: Stage) -> None:
        for hat in set(PEOPLE_HATS) - {Hat.CUSTOMER, Hat.OWN}:
            with stage.signed_in("bea") as connection:
                moved = (
                    f"select number from portal.invoice where (select set_config('role', '{hat}', true)) is not null"
                )
                assert rows(connection, moved) <= {"PH-BOLT", "PH-BOLT-CREDIT"}
                assert connection.scalar(text("select current_user")) == hat
                assert rows(connection, "select number from portal.invoice") == set()

    def test_without_a_hat_there_is_nothing_at_all(self, stage: Stage) -> None:
        with stage.signed_in("ana") as connection:
            assert len(rows(connection, "select id from portal.ticket")) > 0
            for bare in ("reset role", "set role none", "set local role portal_app"):
                connection.execute(text(bare))
                _every_table_is_refused(connection)

    @pytest.mark.parametrize("login", ["app", "auth", "jobs"])
    def test_a_login_without_a_hat_reads_no_table(self, stage: Stage, login: str) -> None:
        engine: Engine = getattr(stage.database, login)
        with stage.passing(engine) as connection:
            _every_table_is_refused(connection)
            assert connection.scalar(text("select session_user")) == f"portal_{login}"

    def test_sign_in_puts_on_no_hat_and_calls_no_helper_but_its_own_functions(self, stage: Stage) -> None:
        token = stage.token("bea")
        with stage.passing(stage.database.auth) as connection:
            for role in (*Hat, *POWERS, "portal_app"):
                if role != "portal_auth":
                    refused(connection, f"set role {role}", DENIED)
            for call in ("authz.me()", "authz.account('any')", "authz.find_ticket('RH', 1)", *INNER):
                refused(connection, f"select {call}", DENIED)
            facts = connection.scalar(text("select signin.who(:hash, false)"), {"hash": hashed(token)})
            assert facts["email"] == "paa@bolt.example"
            assert [account["code"] for account in facts["accounts"]] == ["BOLT"]
            assert "hash" not in str(facts)

    def test_the_worker_reads_no_conversation_no_invoice_and_no_person(self, stage: Stage) -> None:
        hidden = (
            "ticket_message", "attachment", "invoice", "invoice_line", "payment", "dispute", "thread", "thread_message",
            "thread_file", "broadcast_file", "document", "person", "membership", "access_grant", "audit_entry",
            "inventory_item", "service_order",
        )  # fmt: skip
        with stage.passing(stage.database.jobs) as connection:
            for hat in PEOPLE_HATS:
                refused(connection, f"set role {hat}", DENIED)
            connection.execute(text("set local role portal_worker"))
            for table in hidden:
                refused(connection, f"select 1 from portal.{table}", DENIED)
            for column in ("subject", "description", "search", "requested_by"):
                refused(connection, f"select {column} from portal.ticket", DENIED)
            assert len(rows(connection, "select id from portal.ticket")) == len(stage.scene.tickets)
            refused(connection, "select * from auth.session", DENIED)

    def test_pages_do_not_put_on_the_workers_hat(self, stage: Stage) -> None:
        with stage.passing(stage.database.app) as connection:
            refused(connection, "set role portal_worker", DENIED)
            connection.execute(text("set role portal_customer"))
            refused(connection, "select address from portal.mail", DENIED)

    def test_no_customer_reads_mail_and_the_desk_reads_only_how_far_it_is(self, stage: Stage) -> None:
        for name, hats in (("ana", (Hat.CUSTOMER, Hat.OWN, Hat.MANY)), ("mia", (Hat.MANAGER,))):
            for hat in hats:
                with stage.signed_in(name, hat, account="seoul") as connection:
                    refused(connection, "select id from portal.mail", DENIED)
                    refused(connection, "update portal.mail set state = 'ready'", DENIED)
                    refused(connection, "delete from portal.mail", DENIED)
        with stage.signed_in("dee") as connection:
            assert len(rows(connection, "select id from portal.mail")) > 0
            for column in ("context", "message_id", "last_error", "dedupe_key"):
                refused(connection, f"select {column} from portal.mail", DENIED)
            refused(connection, "update portal.mail set address = 'x@example.com'", DENIED)
            refused(connection, "update portal.mail set state = 'sent'", "violates row-level security")
        for name in ("fin", "ada"):
            with stage.signed_in(name) as connection:
                assert rows(connection, "select id from portal.mail") == set()

    @pytest.mark.parametrize("call", [*INNER, *SIGN_IN])
    def test_hats_do_not_call_what_answers_for_anybody(self, stage: Stage, call: str) -> None:
        for hat in PEOPLE_HATS:
            with stage.signed_in("bea", hat) as connection:
                refused(connection, f"select {call}", DENIED)
                assert connection.scalar(text("select authz.me()")) == stage.scene.people["bea"]
        with stage.passing(stage.database.app) as connection:
            refused(connection, f"select {call}", DENIED)

    def test_the_schema_of_secrets_is_closed(self, stage: Stage) -> None:
        secrets = [table for table in Base.metadata.sorted_tables if table.schema == "auth"]
        assert {"session", "credential", "second_factor", "half_sign_in", "link"} <= {table.name for table in secrets}
        for hat in PEOPLE_HATS:
            with stage.signed_in("ana", hat) as connection:
                for table in secrets:
                    refused(connection, f"select 1 from {table}", DENIED)
                    granted = text("select has_any_column_privilege(:table, 'select, insert, update, references')")
                    refused(connection, granted.text, DENIED, table=str(table))
        with stage.signed_in("ana") as connection:
            refused(connection, "select token_hash from portal.feed_token", DENIED)
            refused(connection, "select * from portal.feed_token", DENIED)
            rows(connection, "select id from portal.feed_token")

    def test_a_pooled_connection_remembers_nobody(self, stage: Stage) -> None:
        """After a commit, a rollback and an error alike whoever comes next finds no hat, no token and no account."""
        ana = _principal(stage, "ana", "seoul")
        engine = stage.database.app
        for ending in ("commit", "error", "refusal", "forbidden", "driver's error", "too slow"):
            _use(engine, ana, ending)
            with engine.connect() as connection:
                hat, token, account = connection.execute(_CONTEXT).one()
                assert (hat, token or "", account or "") == ("portal_app", "", ""), ending
                assert connection.scalar(text("show transaction_read_only")) == "off"
                refused(connection, "select id from portal.ticket", DENIED)

    def test_what_outlives_a_transaction_does_not_outlive_its_place_in_the_pool(self, stage: Stage) -> None:
        """Ana's transaction leaves a held cursor with her rows, settings, a role, a lock; Bea gets the connection."""
        ana, bea = _principal(stage, "ana", "seoul"), _principal(stage, "bea", "bolt")
        engine = engine_for(stage.database.login("portal_app"), pool_size=1)
        try:
            with reading(engine, ana, P.TICKET_VIEW_COMPANY) as connection:
                server = connection.scalar(text("select pg_backend_pid()"))
                for left in LEFTOVERS:
                    connection.exec_driver_sql(left.replace("{ana}", ana.token))
            with reading(engine, bea, P.TICKET_VIEW_COMPANY) as connection:
                assert connection.scalar(text("select pg_backend_pid()")) == server, "it is the same connection"
                assert rows(connection, "select name from pg_cursors where is_holdable") == set()
                assert rows(connection, "select name from pg_prepared_statements") == set()
                assert rows(connection, "select pg_listening_channels()") == set()
                held = "select objid from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
                assert rows(connection, held) == set()
                assert connection.scalar(text("select current_setting('portal.kept', true)")) in (None, "")
                assert connection.scalar(text("show statement_timeout")) == "15s"
                refused(connection, "fetch all from spoils", 'cursor "spoils" does not exist')
                refused(connection, "execute spoils", "does not exist")
                assert not any("seoul" in subject for subject in rows(connection, "select subject from portal.ticket"))
            with engine.connect() as connection:
                assert connection.execute(_CONTEXT).one()[0] == "portal_app"
        finally:
            engine.dispose()

    def test_connections_that_died_in_the_pool_are_replaced_before_anybody_notices(self, stage: Stage) -> None:
        ana = _principal(stage, "ana", "seoul")
        engine = engine_for(stage.database.login("portal_app"), pool_size=3)
        died = "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid = any(:servers)"
        try:
            with engine.connect() as one, engine.connect() as two:
                servers = [connection.scalar(text("select pg_backend_pid()")) for connection in (one, two)]
            with stage.database.app.connect() as connection:
                assert connection.scalar(text(died), {"servers": servers}) == 2
            for _time in range(2):
                with reading(engine, ana, P.TICKET_VIEW_COMPANY) as connection:
                    assert connection.scalar(text("select pg_backend_pid()")) not in servers
        finally:
            engine.dispose()

    def test_a_transaction_opens_only_for_a_function_that_is_held(self, stage: Stage) -> None:
        abel = _principal(stage, "abel", "seoul")
        with reading(stage.database.app, abel, P.TICKET_VIEW_COMPANY, P.TICKET_VIEW_OWN) as connection:
            assert rows(connection, "select subject from portal.ticket") == {"seoul: abel's hands"}
        for permission in (P.INVOICE_VIEW, P.INVENTORY_VIEW, P.TICKET_VIEW_COMPANY, P.AUDIT_READ):
            with pytest.raises(Forbidden), reading(stage.database.app, abel, permission):
                pytest.fail("opened")

    def test_what_is_read_cannot_be_written(self, stage: Stage) -> None:
        bea = _principal(stage, "bea", "bolt")
        change = "update portal.person set language = 'ko'"
        with reading(stage.database.app, bea, P.TICKET_VIEW_COMPANY) as connection:
            refused(connection, change, "read-only transaction")
        with pytest.raises(DBAPIError, match="division by zero"):
            _change_and_fail(stage, bea, change)
        with stage.database.as_owner() as connection:
            assert rows(connection, "select id from portal.person where language = 'ko'") == set()


def _change_and_fail(stage: Stage, principal: Principal, change: str) -> None:
    with writing(stage.database.app, principal, P.TICKET_VIEW_COMPANY) as connection:
        assert connection.execute(text(change)).rowcount == 1
        connection.execute(text("select 1 / 0"))


def _every_table_is_refused(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        refused(connection, f"select 1 from {table}", DENIED)


def _principal(stage: Stage, name: str, account: str) -> Principal:
    """As auth/sessions.py makes it, for one of the cast who runs the account or holds what the test names."""
    signed = who(stage.database.auth, stage.token(name))
    assert signed is not None
    assert signed.principal.kind is PersonKind.CUSTOMER
    return signed.principal.looking_at((stage.id_of(account),))


#: Inside the transaction, and past SQLAlchemy (data/driver.py).
_BY_THE_DRIVER = {"driver's error": b"select 1 / 0", "too slow": b"select pg_sleep(30)"}


def _use(engine: Engine, principal: Principal, ending: str) -> None:
    if ending == "forbidden":
        with pytest.raises(Forbidden), reading(engine, principal, P.AUDIT_READ):
            pytest.fail("opened")
        return
    failing = {"error": "select 1 / 0", "refusal": "select 1 from auth.session"}.get(ending)
    with suppress(DBAPIError), reading(engine, principal, P.TICKET_VIEW_COMPANY) as connection:
        assert len(rows(connection, "select id from portal.ticket")) == 4
        if ending in _BY_THE_DRIVER:
            fetch(connection, b"set local statement_timeout = '50ms'", ())
            fetch(connection, _BY_THE_DRIVER[ending], ())
            pytest.fail("did not fail")
        if failing:
            connection.execute(text(failing))
            pytest.fail("did not fail")
