"""The matrix against what the database's functions do: everybody asks each of them directly, about every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction
from sqlalchemy import text

from data.models.rows import Hat
from tests.cluster import Cluster
from tests.matrix.asking import Trial
from tests.matrix.doors import deed_rows, doors, works
from tests.matrix.people import ACCOUNTS, identities
from tests.matrix.phrases import Row
from tests.matrix.stage import PEOPLE, Matrix, matrix_on

_WHY = "'They asked for it by phone.'"
#: How each is asked, as somebody who may would.
ASKED = {
    "authz.add_to_notice": "authz.add_to_notice(%(uuid)s, 1, 'x', '{}', false, null, null)",
    "authz.add_staff": "authz.add_staff(%(email)s, 'x', 'finance', %(hash)s, '{}', %(message)s, '')",
    "authz.administrators_above": "(select count(*) from authz.administrators_above())",
    "authz.apply_rights": "authz.apply_rights(%(uuid)s, 1, 'general', '{\"order.view\": null}', "
    f"{_WHY}, '', 'x.example')",
    "authz.ask_administrators": "authz.ask_administrators('invoice.view', 'x.example')",
    "authz.bank_details": "authz.bank_details(%(uuid)s)",
    "authz.disable_person": f"authz.disable_person(%(uuid)s, 1, {_WHY}, '')",
    "authz.enable_person": "authz.enable_person(%(uuid)s, 1, '')",
    "authz.end_sessions_of": "authz.end_sessions_of(%(uuid)s, '')",
    "authz.hand_over": "authz.hand_over(%(uuid)s, 1, 'viewer', %(hash)s, %(message)s)",
    "authz.hold_invoices": "coalesce(authz.hold_invoices(array[%(uuid)s]::uuid[])::text, '')",
    "authz.import_billing": "authz.import_billing('[]', '[]', '[]', false, 'x', 'x', null)",
    "authz.invite": "authz.invite(%(id)s, %(new)s, %(email)s, 'x', 'en', 'general', '{\"order.view\": null}', "
    f"{_WHY}, %(message)s)",
    "authz.preview_reminder": "authz.preview_reminder(%(id)s)",
    "authz.publish_notice": "authz.publish_notice(%(uuid)s, 1)",
    "authz.reach_of_notice": "(select count(*) from authz.reach_of_notice(false, '{}', array[%(id)s]::bigint[]))",
    "authz.withdraw_notice": "authz.withdraw_notice(%(uuid)s, 1)",
    "authz.write_notice": "(select count(*) from authz.write_notice(null, null, "
    """'{"category": "advisory", "title": "x"}', '{}', array[%(id)s]::bigint[]))""",
    "authz.remind": "authz.remind(%(id)s, true, '', 'x.example')",
    "authz.resend_invitation": f"authz.resend_invitation(%(uuid)s, 1, {_WHY}, %(message)s)",
    "authz.revoke_invitation": f"authz.revoke_invitation(%(uuid)s, 1, {_WHY}, %(message)s)",
    "authz.open_dispute": "(select count(*) from authz.open_dispute(%(uuid)s, '{}', 'other', 1, 'x', %(message)s))",
    "authz.say_in_dispute": "(select count(*) from authz.say_in_dispute(%(uuid)s, 'x', null, null, null, %(message)s))",
    "authz.start_thread": "(select count(*) from authz.start_thread('account_manager', null, null, 'x', 'x', '{}', "
    "%(message)s))",
    "authz.say_in_thread": "authz.say_in_thread(%(uuid)s, 'x', %(message)s)",
    "authz.read_thread": "coalesce(authz.read_thread(%(uuid)s, now())::text, '')",
    "authz.add_to_thread": "(select count(*) from authz.add_to_thread(%(uuid)s, "
    "array[(select uuid from portal.person where id = authz.me())]::uuid[], %(message)s))",
    "authz.begin_broadcast": "authz.begin_broadcast('x', 'x', 'everybody', array[%(uuid)s]::uuid[])",
    "authz.count_recipients": "(select count(*) from authz.count_recipients(array[%(uuid)s]::uuid[], 'everybody'))",
    "authz.send_feedback": "authz.send_feedback(5, 'x', '/')",
    "authz.set_staff_roles": "authz.set_staff_roles(%(uuid)s, 1, array['finance'], '')",
    "authz.sign_ins_of": "(select count(*) from authz.sign_ins_of(%(uuid)s))",
}
#: What each of these says of a row that whoever asks has nothing to do with, as of none; all others refuse.
NOTHING = {
    "authz.administrators_above": 0,
    "authz.bank_details": None,
    "authz.resend_invitation": "changed",
    "authz.revoke_invitation": False,
    "authz.sign_ins_of": 0,
    "authz.count_recipients": 0,
}
Uuids = Mapping[str, Mapping[int, Any]]


@pytest.fixture(scope="module")
def matrix(cluster: Cluster) -> Iterator[Matrix]:
    with matrix_on(cluster) as planted:
        yield planted


@pytest.fixture(scope="module")
def trial(matrix: Matrix) -> Iterator[Trial]:
    opened = Trial(matrix.database, matrix.world)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def uuids(matrix: Matrix) -> Uuids:
    """Table → id → what a function calls the row by."""
    tables = ("account", "dispute", "invitation", "invoice", "membership", "notice", "person", "thread")
    with matrix.database.as_owner() as connection:
        return {of: dict(iter(connection.execute(text(f"select id, uuid from portal.{of}")))) for of in tables}


def _does(trial: Trial, uuids: Uuids, cursor: Any, function: str, row: Row) -> bool:
    """Was it let through? Whatever it did is undone."""
    first, word = trial.world.made[row.table, row.label, row.of], f"D{trial.world.number()}"
    values = {"id": first, "uuid": uuids.get(row.table, {}).get(first), "new": uuid4(), "hash": word.encode()}
    values |= {"email": f"{word}@new.example", "message": f"<{word}@x.example>"}
    cursor.execute("savepoint one")
    try:
        said = cursor.execute(f"select {ASKED[function]}", values).fetchone()[0]
    except (InsufficientPrivilege, ReadOnlySqlTransaction):
        return False
    finally:
        cursor.execute("rollback to savepoint one")
    return not (function in NOTHING and said == NOTHING[function])


def test_everything_that_is_asked_stands_in_the_matrix() -> None:
    assert set(ASKED) == set(doors()["deeds"])
    callable_by_hats = {name.partition("(")[0] for name in doors()["functions"]["every hat"]}
    assert set(ASKED) <= callable_by_hats


@pytest.mark.parametrize("name", PEOPLE)
def test_every_function_does_its_deed_for_whom_the_rules_say(
    name: str, matrix: Matrix, trial: Trial, uuids: Uuids
) -> None:
    identity, wrong = identities()[name], []
    for function in ASKED:
        for row in deed_rows(function):
            theirs = row.of_identity(identity)
            if theirs is None:
                continue
            cursor = trial.wearing(identity, Hat.CUSTOMER, theirs.account or "own")
            done = _does(trial, uuids, cursor, function, theirs)
            cursor.connection.rollback()
            if done != works(identity, function, theirs):
                wrong.append(f"{name}: {function} of {theirs.label} is {'done' if done else 'refused'}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["service desk", "administrator"])
def test_staff_change_and_give_nothing_without_a_reason(
    name: str, trial: Trial, uuids: Uuids, monkeypatch: pytest.MonkeyPatch
) -> None:
    for function in ("authz.apply_rights", "authz.invite", "authz.resend_invitation", "authz.revoke_invitation"):
        row = next(row for row in deed_rows(function) if row.of != "me" and works(identities()[name], function, row))
        for why, done in ((_WHY, True), ("'   short   '", False), ("''", False), ("null", False)):
            monkeypatch.setitem(ASKED, function, ASKED[function].replace(_WHY, why))
            cursor = trial.wearing(identities()[name], Hat.STAFF, "own")
            assert _does(trial, uuids, cursor, function, row) == done, (function, why)
            cursor.connection.rollback()
            monkeypatch.undo()


@pytest.mark.parametrize("name", PEOPLE)
def test_who_runs_accounts_does_nothing_in_one_that_is_not_in_view(
    name: str, matrix: Matrix, trial: Trial, uuids: Uuids
) -> None:
    """Whatever several are in view beside it: what is done is done in one account, which is looked at."""
    identity = identities()[name]
    if not identity.is_customer:
        return
    for function in ("authz.invite", "authz.revoke_invitation", "authz.hand_over"):
        for row in deed_rows(function):
            theirs = row.of_identity(identity)
            for hat, account in ((Hat.CUSTOMER, in_view) for in_view in ("", *ACCOUNTS)):
                if theirs is None or account == theirs.account:
                    continue
                cursor = trial.wearing(identity, hat, account)
                assert not _does(trial, uuids, cursor, function, theirs), (function, theirs.label, account)
                cursor.connection.rollback()


@pytest.mark.parametrize(
    ("hole", "who", "wrong"),
    [
        ("authz.proved()", "PAA, not proved lately", "authz.hand_over"),
        ("authz.proved()", "administrator, not proved lately", "authz.apply_rights"),
    ],
)
def test_a_function_that_asks_for_no_proof_is_found(hole: str, who: str, wrong: str, cluster: Cluster) -> None:
    with matrix_on(cluster) as mine:
        with mine.database.as_owner() as connection:
            connection.execute(text("reset role"))
            connection.execute(
                text(f"create or replace function {hole} returns boolean language sql security definer "
                     "set search_path = '' as 'select true'")
            )  # fmt: skip
            tables = ("account", "dispute", "invitation", "invoice", "membership", "notice", "person", "thread")
            known = {of: dict(iter(connection.execute(text(f"select id, uuid from portal.{of}")))) for of in tables}
        trial = Trial(mine.database, mine.world)
        with pytest.raises(AssertionError, match=rf"{wrong} of .* is done"):
            test_every_function_does_its_deed_for_whom_the_rules_say(who, mine, trial, known)
        trial.close()
