"""The matrix against the database's own functions: who may call which, and what they answer for whom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from data.models.rows import Hat
from data.security.roles import APP, AUTH, BACKUP, JOBS
from rules.permissions import Permission
from tests.cluster import Cluster
from tests.matrix.asking import Trial
from tests.matrix.doors import doors
from tests.matrix.people import ACCOUNTS, SITES, functions, identities
from tests.matrix.phrases import may
from tests.matrix.stage import PEOPLE, Matrix, matrix_on

CALLERS = {
    "every hat": set(Hat),
    "every hat, and pages without one": {*Hat, APP},
    "worker": {Hat.WORKER},
    "sign-in": {AUTH},
    "nobody": set(),
}
ROLES = (*Hat, APP, AUTH, JOBS, BACKUP)
#: Search functions by the table they look in.
FINDERS = ("ticket", "invoice", "service_order", "inventory_item", "audit_entry")


@pytest.fixture(scope="module")
def matrix(cluster: Cluster) -> Iterator[Matrix]:
    with matrix_on(cluster) as planted:
        yield planted


@pytest.fixture(scope="module")
def trial(matrix: Matrix) -> Iterator[Trial]:
    opened = Trial(matrix.database, matrix.world)
    yield opened
    opened.close()


def _callable(matrix: Matrix) -> dict[str, set[str]]:
    """Every function of ours, and who may call it; what only triggers do stands under its name alone."""
    asked = text("""
        select n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')' as name,
               p.prorettype = 'trigger'::regtype as is_trigger,
               array(select r from unnest(cast(:roles as text[])) r where has_function_privilege(r, p.oid, 'execute')
                     and has_schema_privilege(r, n.oid, 'usage')) as callers
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname not in ('pg_catalog', 'information_schema')
    """)
    with matrix.database.as_owner() as connection:
        found = connection.execute(asked, {"roles": [str(role) for role in ROLES]}).all()
    by_triggers = {name for name, is_trigger, callers in found if is_trigger and callers}
    assert not by_triggers, f"what triggers do is called by nobody: {by_triggers}"
    return {name: set(callers) for name, is_trigger, callers in found if not is_trigger}


def test_every_function_stands_in_the_matrix_and_is_called_by_whom_it_is_for(matrix: Matrix) -> None:
    written = {
        name: {str(role) for role in CALLERS[whose]} for whose, them in doors()["functions"].items() for name in them
    }
    found = _callable(matrix)
    add = "say in tests/matrix/doors.yaml, under `functions`, who may call it"
    assert set(found) - set(written) == set(), f"a function the matrix does not know: {add}"
    assert {name: callers for name, callers in found.items() if callers != written[name]} == {}
    assert set(written) == set(found)


def test_a_function_that_the_matrix_does_not_know_is_found(cluster: Cluster) -> None:
    with matrix_on(cluster) as mine:
        with mine.database.as_owner() as connection:
            connection.execute(text("create function portal.everything() returns bigint language sql as 'select 1'"))
        with pytest.raises(AssertionError, match=r"a function the matrix does not know"):
            test_every_function_stands_in_the_matrix_and_is_called_by_whom_it_is_for(mine)
        with mine.database.as_owner() as connection:
            connection.execute(text("drop function portal.everything()"))
            connection.execute(text("reset role"))
            connection.execute(text("grant execute on function signin.look_up(text, bytea, bytea) to portal_staff"))
            connection.execute(text("grant usage on schema signin to portal_staff"))
        with pytest.raises(AssertionError, match="look_up"):
            test_every_function_stands_in_the_matrix_and_is_called_by_whom_it_is_for(mine)


@pytest.mark.parametrize("name", PEOPLE)
def test_the_helpers_of_the_policies_answer_for_each_as_spec_3_says(name: str, matrix: Matrix, trial: Trial) -> None:
    identity, world = identities()[name], matrix.world
    asked = (*functions(), "any")
    for account in ACCOUNTS:
        cursor = trial.wearing(identity, Hat.CUSTOMER, account)
        answered = cursor.execute(
            "select f, authz.account(f), authz.everywhere(f), authz.places(f) from unnest(%s::text[]) f", (list(asked),)
        ).fetchall()
        cursor.connection.rollback()
        for function, held_for, everywhere, places in answered:
            of_account = (
                identity.belongs_to(account) if function == "any" else identity.has_somewhere(function, account)
            )
            assert (held_for == world.accounts[account]) == of_account, (function, account)
            if function != "any":
                at = {site for site in SITES if identity.has(function, account, site)}
                whole = identity.has(function, account, None)
                assert everywhere == ([world.accounts[account]] if whole else []), (function, account)
                named = set() if whole else {f"{world.accounts[account]}/{world.sites[site]}" for site in at}
                assert set(places) == named, (function, account)


@pytest.mark.parametrize("name", PEOPLE)
def test_the_helpers_know_which_function_goes_with_which_role(name: str, matrix: Matrix, trial: Trial) -> None:
    identity = identities()[name]
    everything = [str(permission) for permission in Permission]
    cursor = trial.wearing(identity, Hat.STAFF, "own")
    asked = "select f, authz.staff(f), authz.managed(f), authz.me() from unnest(%s::text[]) f"
    answered = cursor.execute(asked, (everything,)).fetchall()
    cursor.connection.rollback()
    for function, staff, managed, me in answered:
        held = identity.holds_as_staff(function)
        looks_after = identity.works_as == "account_manager"
        assert staff == (held and not looks_after), function
        assert managed == ([matrix.world.accounts[identity.looks_after or ""]] if held and looks_after else []), (
            function
        )
        assert me == (matrix.world.people[name] if identity.is_alive else None)


@pytest.mark.parametrize("name", PEOPLE)
def test_what_pages_go_by_is_what_the_database_goes_by(name: str, matrix: Matrix) -> None:
    """A Principal's own answers, which decide what is offered."""
    identity, world = identities()[name], matrix.world
    principal = matrix.principal(identity)
    if principal is None:
        return
    for account, of in world.accounts.items():
        for function in functions():
            as_staff = identity.holds_as_staff(function) and (
                identity.works_as != "account_manager" or identity.reaches(account)
            )
            held = identity.has_somewhere(function, account) or as_staff
            assert principal.may(Permission(function), of) == held, (function, account)
            sites = principal.sites(Permission(function), of)
            whole = as_staff or identity.has(function, account, None)
            there = {world.sites[site] for site in SITES if identity.has(function, account, site)}
            assert sites == (None if whole else there), (function, account)


@pytest.mark.parametrize("name", PEOPLE)
def test_a_search_finds_nothing_that_its_reader_may_not_see(name: str, matrix: Matrix, trial: Trial) -> None:
    """Whatever account is in view, and whatever hat is worn."""
    identity, hits = identities()[name], 0
    for table in FINDERS:
        known = {matrix.world.made[row.table, row.label, row.of]: row for row in matrix.world.rows[table].values()}
        allowed = {number for number, row in known.items() if may(identity, "select", row)}
        for hat, account in (
            (Hat.CUSTOMER, "own"),
            (Hat.CUSTOMER, "other"),
            (Hat.OWN, "own"),
            (Hat.MANY, ""),
            (Hat.STAFF, "own"),
        ):
            cursor = trial.wearing(identity, hat, account)
            for words in ("M", "own", "matrix"):
                found = cursor.execute(f"select authz.find_{table}(%s, 10000)", (words,)).fetchone()
                assert set(found[0] or ()) <= allowed, (table, hat, account, words)
                hits += len(found[0] or ())
            cursor.connection.rollback()
    assert hits or name not in ("PAA", "PAA of the parent", "service desk", "finance", "viewer"), (
        "it found nothing at all"
    )
