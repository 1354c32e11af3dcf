"""The matrix as it is written: what is committed is what the rules come to, and nothing of the portal is missing."""

from __future__ import annotations

from collections.abc import Iterator

from data.models import Base
from rules.permissions import CUSTOMER_FUNCTIONS, PRESETS, SITED, STAFF_FUNCTIONS
from rules.request_types import REQUEST_TYPES
from tests.matrix.asking import columns
from tests.matrix.expand import EXPANDED, expanded
from tests.matrix.people import facts, functions, identities
from tests.matrix.phrases import CONDITIONS, OPERATIONS, parts, rows_of, tables, written
from tests.matrix.planting import EXAMPLES
from tests.matrix.world import MADE_WITH_PEOPLE

HOW = "`python -m tests.matrix.expand` writes it; look at the difference, and commit it with the rule that made it"


def _differences() -> Iterator[str]:
    """Lines that are not as committed, the first of them."""
    committed, now = EXPANDED.read_text("utf-8").splitlines(), expanded().splitlines()
    yield from (f"- {line}" for line in committed if line not in set(now))
    yield from (f"+ {line}" for line in now if line not in set(committed))


def test_what_is_committed_is_what_the_rules_come_to() -> None:
    different = list(_differences())
    assert not different, "\n".join((f"expanded.csv is not what the rules say now. {HOW}", *different[:20]))
    assert EXPANDED.read_text("utf-8") == expanded(), HOW


def test_the_matrix_is_large_and_most_of_it_is_no() -> None:
    cells = [
        cell for line in EXPANDED.read_text("utf-8").splitlines()[1:] for cell in line.split(",")[-len(identities()) :]
    ]
    assert len(cells) >= 3000
    assert set(cells) == {"x", "-"}
    assert cells.count("-") > cells.count("x") > 3000


def test_every_table_stands_in_the_matrix() -> None:
    ours = {t.name if t.schema == "portal" else str(t) for t in Base.metadata.sorted_tables}
    add = "say in tests/matrix/rules.yaml which rows it has and who may see, add, change and remove them"
    assert ours - set(tables()) == set(), f"a table the matrix does not know: {add}"
    assert set(tables()) - ours == set(), "tests/matrix/rules.yaml speaks of a table that there is not"
    assert ours == set(columns()), "say in tests/matrix/columns.yaml which columns each hat reads and writes"
    planted = set(EXAMPLES) | MADE_WITH_PEOPLE
    assert ours - planted == set(), "give an example of a row in tests/matrix/planting.py"


def test_every_function_stands_in_the_matrix() -> None:
    """Of SPEC §3 as it stands in identities.yaml, against what the portal goes by."""
    assert set(functions()) == set(CUSTOMER_FUNCTIONS), "a function that tests/matrix/identities.yaml does not know"
    assert set(facts()["functions"]["sited"]) == SITED
    assert {role: set(held) for role, held in facts()["staff"].items()} == STAFF_FUNCTIONS
    assert facts()["creates"] == {str(kind): str(about.create) for kind, about in REQUEST_TYPES.items()}
    presets = {name.replace(" ", "_"): set(held) for name, held in facts()["presets"].items()}
    assert presets == {
        "remote_hands_only": PRESETS["remote_hands_only"],
        "viewer": PRESETS["viewer"],
        "finance_preset": PRESETS["finance"],
    }
    assert identities()["full user"].holds == PRESETS["full_user"]


def test_each_single_function_has_somebody_who_holds_nothing_else() -> None:
    alone = {next(iter(i.holds)) for i in identities().values() if len(i.holds) == 1 and i.at is None}
    at_one_site = {next(iter(i.holds)) for i in identities().values() if len(i.holds) == 1 and i.at == "here"}
    assert alone == set(CUSTOMER_FUNCTIONS)
    assert at_one_site == SITED


def test_a_condition_that_no_row_meets_is_a_slip_of_the_pen() -> None:
    for table, about in written()["tables"].items():
        known = {flag for row in rows_of(table) for flag in row.flags} | CONDITIONS
        assert set(about) <= {*OPERATIONS, "rows", "also", "without", "times", "kind"}, table
        for rule in (rule for operation in OPERATIONS for rule in about.get(operation, ())):
            asked = {condition.removeprefix("not ") for condition in parts(rule)[2]}
            assert asked <= known, f"{table}: {rule}"
