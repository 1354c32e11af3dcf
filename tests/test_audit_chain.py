"""The audit log is sealed into a chain: whoever changes, removes or slips in an entry is found, also a superuser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from data.migrate import bootstrap_engine
from data.models.rows import Hat
from data.security.chain import CANONICAL, Broken, Intact, verify
from jobs.audit import seal_audit
from operate import doctor
from rules.errors import PortalError
from tests.cluster import Cluster, Database

NOTE = """insert into portal.audit_entry (
    actor_name, audience, action, object_kind, object_label, before, after, reason)
values ('Ana Acme', 'staff', :action, 'ticket', '지원 "1"\\', '{"status": "open", "n": 1.50}',
        '{"파일": ["a", null]}', :reason)
returning id"""


@pytest.fixture
def log(cluster: Cluster) -> Iterator[Database]:
    """A log of its own with twelve entries, ten of them sealed."""
    database = Database(cluster.new_database("empty"))
    noted(database, 10)
    assert sealed(database) == 10
    noted(database, 2)
    yield database
    database.dispose()


def noted(database: Database, n: int) -> None:
    with database.as_owner() as connection:
        for place in range(n):
            connection.execute(text(NOTE), {"action": f"deed {place}", "reason": None if place % 2 else "because"})


def sealed(database: Database, most: int | None = None) -> int:
    """As the worker does it; how many more are sealed now."""
    count = "select sealed from portal.audit_chain"
    with database.as_owner() as connection:
        before = connection.scalar(text(count))
    with database.jobs.begin() as connection:
        connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
        if most is None:
            seal_audit(connection)
        else:
            connection.execute(text("select authz.seal_audit(:most)"), {"most": most})
    with database.as_owner() as connection:
        return int(connection.scalar(text(count)) - before)


def found(database: Database) -> Intact | Broken:
    with database.as_owner() as connection:
        return verify(connection)


def tampered(database: Database, *statements: str) -> None:
    """By a superuser, past the trigger."""
    engine = bootstrap_engine(database.owner_url)
    with engine.begin() as connection:
        connection.execute(text("set session_replication_role = replica"))
        for statement in statements:
            assert connection.execute(text(statement)).rowcount == 1, statement
    engine.dispose()


def test_an_untouched_log_is_intact_and_what_waits_is_counted(log: Database) -> None:
    before = found(log)
    assert isinstance(before, Intact)
    assert (before.sealed, before.waiting, len(before.hash)) == (10, 2, 64)
    assert sealed(log) == 2
    after = found(log)
    assert isinstance(after, Intact)
    assert (after.sealed, after.waiting) == (12, 0)
    assert after.hash != before.hash
    assert sealed(log) == 0, "nothing is sealed twice"


def test_an_empty_log_is_intact(cluster: Cluster) -> None:
    database = Database(cluster.new_database("empty"))
    assert sealed(database) == 0
    assert found(database) == Intact(0, "", 0)
    database.dispose()


CHANGES = {
    "who": "actor_name = 'Bea Bolt'",
    "when": "at = at - interval '1 microsecond'",
    "what": "action = 'deed x'",
    "to what": "object_label = '지원 \"2\"\\'",
    "for whom": "audience = 'customer'",
    "what was before": """before = '{"status": "open", "n": 1.5}'""",
    "what is after": """after = '{"파일": ["a"]}'""",
    "why": "reason = ''",
    "from where": "address = '192.0.2.1'",
    "as whom": "actor_kind = 'operator'",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_entry_is_named(log: Database, what: str) -> None:
    tampered(log, f"update portal.audit_entry set {CHANGES[what]} where seal = 4")
    broken = found(log)
    assert isinstance(broken, Broken)
    assert "entry 4 was changed" in str(broken)


@pytest.mark.parametrize(
    ("place", "said"), [(1, "entry 1 removed"), (6, "entry 6 removed"), (10, "the end was removed")]
)
def test_a_removed_entry_is_named_wherever_it_stood(log: Database, place: int, said: str) -> None:
    tampered(log, f"delete from portal.audit_entry where seal = {place}")
    assert said in str(found(log))


def test_removing_one_and_moving_the_others_up_is_found(log: Database) -> None:
    tampered(log, "delete from portal.audit_entry where seal = 6")
    tampered(log, *(f"update portal.audit_entry set seal = {n - 1} where seal = {n}" for n in range(7, 11)))
    assert "entry 6 was changed" in str(found(log))


def test_an_entry_slipped_in_is_found(log: Database) -> None:
    copied = "actor_kind, audience, action, object_kind, previous_hash, hash, seal"
    slip = f"insert into portal.audit_entry ({copied}) select {copied} from portal.audit_entry where seal = 5"
    tampered(log, slip.replace("hash, seal from", "hash, null from"))
    assert "inserted" in str(found(log))


def test_an_entry_taken_out_of_the_chain_to_be_sealed_anew_is_found(log: Database) -> None:
    tampered(
        log,
        "update portal.audit_entry set seal = null, hash = null, previous_hash = null, action = 'x' where seal = 3",
    )
    assert sealed(log) == 3
    assert "entry 3 removed" in str(found(log))


def test_a_changed_entry_with_its_own_hash_put_right_does_not_fit_the_next(log: Database) -> None:
    engine = bootstrap_engine(log.owner_url)
    with engine.begin() as connection:
        connection.execute(text("set session_replication_role = replica"))
        connection.execute(text("update portal.audit_entry set reason = 'another' where seal = 4"))
        _put_right(connection, 4)
    engine.dispose()
    assert "entry 5 does not follow the one before it" in str(found(log))


def _put_right(connection: Connection, seal: int) -> None:
    anew = f"update portal.audit_entry e set hash = sha256(convert_to({CANONICAL}, 'UTF8')) where e.seal = :seal"
    assert connection.execute(text(anew), {"seal": seal}).rowcount == 1


def test_the_seal_does_not_depend_on_how_the_server_is_set(log: Database) -> None:
    engine = bootstrap_engine(log.owner_url)
    for setting in (
        "timezone = 'Asia/Seoul'",
        "datestyle = 'German'",
        "bytea_output = 'escape'",
        "extra_float_digits = 0",
    ):
        with engine.begin() as connection:
            connection.execute(text(f"set local {setting}"))
            assert isinstance(verify(connection), Intact), setting
    engine.dispose()


def test_two_sealers_at_once_make_one_chain(log: Database) -> None:
    noted(log, 60)
    with ThreadPoolExecutor(4) as sealers:
        done = list(sealers.map(lambda _n: _sealed_by_one(log, 7), range(16)))
    assert sum(done) <= 62
    while sealed(log):
        pass
    assert isinstance(whole := found(log), Intact)
    assert (whole.sealed, whole.waiting) == (72, 0)


def _sealed_by_one(database: Database, most: int) -> int:
    with database.jobs.begin() as connection:
        connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
        return int(connection.scalar(text("select authz.seal_audit(:most)"), {"most": most}))


def test_a_sealer_that_finds_the_chain_taken_waits_for_nobody(log: Database) -> None:
    with log.as_owner() as connection:
        connection.execute(text("select 1 from portal.audit_chain for update"))
        assert _sealed_by_one(log, 10) == 0
    assert _sealed_by_one(log, 10) == 2


def test_a_thousand_entries_committed_out_of_order_are_all_sealed_once(log: Database) -> None:
    """Many write at once and commit late; sealing goes on in between."""
    writing = threading.Event()
    writing.set()

    def write(seed: int) -> None:
        engine, random = bootstrap_engine(log.owner_url), Random(seed)
        with engine.connect() as connection:
            left = 125
            while left:
                for _place in range(n := min(left, random.randint(1, 12))):
                    connection.execute(text(NOTE), {"action": f"by {seed}", "reason": None})
                left -= n
                connection.execute(text("select pg_sleep(:for)"), {"for": random.random() / 100})
                connection.commit()
        engine.dispose()

    def seal() -> None:
        while writing.is_set():
            _sealed_by_one(log, 20)

    with ThreadPoolExecutor(10) as everybody:
        sealers = [everybody.submit(seal) for _ in range(2)]
        for writer in [everybody.submit(write, seed) for seed in range(8)]:
            writer.result()
        writing.clear()
        for sealer in sealers:
            sealer.result()
    while sealed(log):
        pass
    assert isinstance(whole := found(log), Intact)
    assert (whole.sealed, whole.waiting) == (1012, 0)


def test_an_entry_committed_after_later_ones_were_sealed_comes_after_them(log: Database) -> None:
    engine = bootstrap_engine(log.owner_url)
    with engine.connect() as late:
        first = late.scalar(text(NOTE), {"action": "late", "reason": None})
        noted(log, 3)
        assert sealed(log) == 5
        late.commit()
    engine.dispose()
    assert sealed(log) == 1
    with log.as_owner() as connection:
        order = connection.execute(text("select id, seal from portal.audit_entry order by seal desc limit 2")).all()
        assert order[0] == (first, 16)
        assert order[1].id > first
    assert isinstance(found(log), Intact)


def test_the_worker_seals_and_reads_nothing(log: Database) -> None:
    for statement in ("select action from portal.audit_entry", "select * from portal.audit_chain"):
        with log.jobs.begin() as connection:
            connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
            with pytest.raises(ProgrammingError, match="permission denied"):
                connection.execute(text(statement))


@pytest.mark.parametrize("hat", Hat)
def test_no_hat_changes_removes_or_empties(log: Database, hat: Hat) -> None:
    engine = log.jobs if hat is Hat.WORKER else log.app
    for statement in (
        "update portal.audit_entry set reason = 'x'",
        "update portal.audit_entry set hash = 'x', seal = 11",
        "delete from portal.audit_entry",
        "truncate portal.audit_entry",
        "update portal.audit_chain set sealed = 0",
        *(() if hat is Hat.WORKER else ("select authz.seal_audit(1)",)),
    ):
        with engine.begin() as connection:
            connection.execute(text("select set_config('role', :hat, true)"), {"hat": hat})
            with pytest.raises(ProgrammingError, match="permission denied"):
                connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "update portal.audit_entry set reason = 'x' where hash is null",
        "update portal.audit_entry set hash = 'x', seal = 11, reason = 'x' where hash is null",
        "update portal.audit_entry set hash = 'x' where seal = 4",
        "update portal.audit_entry set hash = null, seal = null where seal = 4",
        "delete from portal.audit_entry",
        "truncate portal.audit_entry",
    ],
)
def test_not_even_the_owner_rewrites(log: Database, statement: str) -> None:
    refused = pytest.raises(ProgrammingError, match="can be added to, never changed")
    with log.as_owner() as connection, refused:
        connection.execute(text(statement))
    assert isinstance(found(log), Intact)


def test_the_doctor_says_how_far_it_is_sealed_and_names_what_was_tampered_with(log: Database) -> None:
    said = doctor._sealed(log.owner_url)
    assert "10 entries sealed" in said
    assert "2 to be sealed" in said
    tampered(log, "update portal.audit_entry set reason = 'another' where seal = 2")
    with pytest.raises(PortalError, match="entry 2 was changed: deed 1 of"):
        doctor._sealed(log.owner_url)
