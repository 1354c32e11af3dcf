"""The matrix against the database: everybody tries everything, in every hat, and gets exactly what the rules say."""

# ruff: noqa: E501 - a slip stands on one line

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text

from data.models.rows import Hat
from data.security.roles import LOGINS
from tests.cluster import Cluster
from tests.matrix.asking import HAT_NAMES, Trial, columns_of, wrong_cells
from tests.matrix.people import identities
from tests.matrix.phrases import tables
from tests.matrix.stage import Matrix, matrix_on
from tests.matrix.world import table_of

MEND = "mend what is wrong: the rule in tests/matrix/rules.yaml, or the `Rows` of the model"


@pytest.fixture(scope="module")
def matrix(cluster: Cluster) -> Iterator[Matrix]:
    with matrix_on(cluster) as planted:
        yield planted


@pytest.fixture(scope="module")
def trials(matrix: Matrix) -> Iterator[dict[str, Trial]]:
    """Login → its connection."""
    opened = {login: Trial(matrix.database, matrix.world, login) for login in ("portal_app", "portal_jobs")}
    yield opened
    for trial in opened.values():
        trial.close()


def test_every_row_there_is_is_one_of_the_matrix(matrix: Matrix) -> None:
    """What nobody knew of could be seen by anybody."""
    with matrix.database.as_owner() as connection:
        for table in tables():
            n = connection.scalar(text(f"select count(*) from {table_of(table)}"))
            assert n == len(matrix.world.rows.get(table, {})) > 0, table


@pytest.mark.parametrize("name", identities())
def test_each_reaches_exactly_what_the_rules_allow(name: str, matrix: Matrix, trials: dict[str, Trial]) -> None:
    identity = identities()[name]
    reached = trials[identity.login].reached(identity)
    wrong = list(dict.fromkeys(wrong_cells(matrix.world, identity, reached)))
    assert not wrong, "\n".join((f"{len(wrong)} wrong cells; {MEND}", *wrong[:30]))


@pytest.mark.parametrize("hat", Hat)
def test_each_hat_reads_and_writes_the_columns_it_is_given_and_no_others(hat: Hat, matrix: Matrix) -> None:
    held = "has_column_privilege(cast(:hat as name), c.oid, a.attnum, '{}')"
    asked = text(f"""
        select n.nspname || '.' || c.relname, a.attname,
               {held.format("select")} as read, {held.format("insert")} as insert, {held.format("update")} as update
        from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
        where n.nspname in ('portal', 'auth') and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    """)
    with matrix.database.as_owner() as connection:
        found = {how: set() for how in ("read", "insert", "update")}
        for table, column, *may in connection.execute(asked, {"hat": str(hat)}):
            for how in (how for how, held_so in zip(found, may, strict=True) if held_so):
                found[how].add((table, column))
    for table in tables():
        for how, pairs in found.items():
            columns = {column for of, column in pairs if of == str(table_of(table))}
            said = f"{HAT_NAMES[hat]}, {how} of {table}: tests/matrix/columns.yaml says otherwise"
            assert columns == set(columns_of(table, how, hat)), said


@pytest.mark.parametrize("hat", Hat)
def test_what_a_hat_holds_no_grant_for_is_refused_by_name(hat: Hat, trials: dict[str, Trial]) -> None:
    """Not only by the catalog: the statement itself fails, and not for another reason."""
    login = "portal_jobs" if hat is Hat.WORKER else "portal_app"
    trial = trials[login]
    who = identities()["worker" if hat is Hat.WORKER else "PAA of the parent"]
    cursor = trial.wearing(who, hat, "own")
    for table in tables():
        first = next(iter(table_of(table).columns)).name
        for operation, statement in {
            "select": f"select 1 from {table_of(table)}",
            "insert": f"insert into {table_of(table)} default values",
            "update": f'update {table_of(table)} set "{first}" = default',
            "delete": f"delete from {table_of(table)}",
        }.items():
            if not trial.holds(hat, operation, table):
                cursor.execute("savepoint one")
                with pytest.raises(InsufficientPrivilege, match="permission denied"):
                    cursor.execute(statement)
                cursor.execute("rollback to savepoint one")
    trial.connection.rollback()


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_without_a_hat_reaches_no_table(login: str, matrix: Matrix) -> None:
    url = matrix.database.login(login).replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(url, autocommit=True) as connection:
        for table in tables():
            with pytest.raises(InsufficientPrivilege, match="permission denied"):
                connection.execute(f"select 1 from {table_of(table)}")
        with pytest.raises(InsufficientPrivilege, match="permission denied"):
            connection.execute("create temporary table mine (id bigint)")


class Slip(NamedTuple):
    """A policy made too wide or too narrow: what somebody did, whom it concerns, and the cell it makes wrong."""

    done: str
    who: str
    table: str
    wrong: str


_OWN = "account_id = (select authz.account('any'))"
SLIPS = (
    Slip(f"alter policy customer_see on portal.invoice using ({_OWN})", "no function", "invoice", "select of invoice (own) works"),
    Slip(
        "alter policy customer_see on portal.ticket using (account_id = (select authz.account('ticket.view_company')))",
        "viewer, here", "ticket", "select of ticket (other site · remote_hands, of colleague) works",
    ),
    Slip(
        "alter policy customer_see on portal.ticket_message using (exists (select from portal.ticket parent "
        "where parent.account_id = ticket_message.account_id and parent.id = ticket_message.ticket_id))",
        "viewer", "ticket_message", "select of ticket_message (own · internal, of colleague) works",
    ),
    Slip(
        "alter policy staff_see on portal.invoice using ((select authz.staff('any')))",
        "service desk", "invoice", "select of invoice (other company) works",
    ),
    Slip(
        "alter policy customer_insert on portal.access_grant with check (account_id = (select authz.account('user.manage')))",
        "PAA of the parent", "access_grant", "insert of access_grant (mine, of PAA of the parent) works",
    ),
    Slip(
        f"alter policy customer_update on portal.ticket using ({_OWN}) with check ({_OWN})",
        "viewer", "ticket", "update of ticket (own · remote_hands, of colleague) works",
    ),
    Slip(
        "alter policy customer_delete on portal.draft using ((select authz.me()) is not null)",
        "no function", "draft", "delete of draft reaches rows that no rule allows, without reading them",
    ),
    Slip(
        "alter policy manager_see on portal.account using (id = any ((select authz.managed('broadcast.send'))::bigint[]) and false)",
        "account manager", "account", "select of account (own) is refused, and a rule allows it",
    ),
)  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS, ids=[slip.wrong for slip in SLIPS])
def test_a_policy_that_is_not_as_it_should_be_makes_a_wrong_cell(slip: Slip, cluster: Cluster) -> None:
    identity, only = identities()[slip.who], (slip.table,)
    with matrix_on(cluster) as mine:
        trial = Trial(mine.database, mine.world, only=only)
        assert not list(wrong_cells(mine.world, identity, trial.reached(identity), only))
        with mine.database.as_owner() as connection:
            connection.execute(text(slip.done))
        wrong = list(wrong_cells(mine.world, identity, trial.reached(identity), only))
        trial.close()
    assert any(slip.wrong in cell for cell in wrong), wrong
