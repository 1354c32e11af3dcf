"""The benchmark's own arithmetic, and that no declared limit goes unmeasured. No test judges by time."""

from __future__ import annotations

import ast
from dataclasses import fields
from datetime import date
from importlib import import_module
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from bench import running
from bench.browser import Tab
from bench.floor import write_floor
from bench.imports import _write_files
from bench.limits import LIMITS, MEASUREMENTS
from bench.measured import Limit, Result, Spread, ratios, rounds, table, verdicts
from bench.plan import QUICK, Plan
from bench.sign_in import compared
from bench.soak import growth
from operate.bench import bench
from reports.cells import CellKind, SheetColumn

AT_MOST_TWO = Limit("play.cost", "a play", 2)
AT_LEAST_TEN = Limit("play.faster", "than before", 10, at_least=True)


def _result(key: str, *figures: float, of: str = "") -> Result:
    return Result(key, Spread.of(figures), of)


def test_figures_of_a_round_are_compared_with_those_of_the_same_round() -> None:
    assert ratios([2, 30], [1, 10]) == [2, 3]
    with pytest.raises(ValueError, match="shorter"):
        ratios([2, 30], [1])


def test_takes_alternate_so_that_noise_meets_both() -> None:
    order: list[str] = []

    def take(name: str) -> float:
        order.append(name)
        return float(len(order))

    assert rounds(2, lambda: take("a"), lambda: take("b")) == [[1, 3], [2, 4]]
    assert order == ["a", "b", "a", "b"]


def test_the_middle_counts_and_not_the_luckiest_round() -> None:
    assert AT_MOST_TWO.holds(Spread.of([1.0, 2.0, 9.0]))
    assert not AT_MOST_TWO.holds(Spread.of([1.0, 2.1, 2.2]))


def test_a_limit_from_below_is_kept_from_above() -> None:
    assert AT_LEAST_TEN.holds(Spread.of([10.0]))
    assert not AT_LEAST_TEN.holds(Spread.of([9.9]))


def test_of_several_results_the_worst_is_judged() -> None:
    results = [_result("play.cost", 1.0, of="one"), _result("play.cost", 3.0, of="two"), _result("play.faster", 12.0)]
    results.append(_result("play.faster", 9.0, of="slow"))
    cost, faster = verdicts((AT_MOST_TWO, AT_LEAST_TEN), results)
    assert cost.result is not None
    assert (cost.result.of, cost.is_kept) == ("two", False)
    assert faster.result is not None
    assert (faster.result.of, faster.is_kept) == ("slow", False)


def test_a_limit_that_was_not_measured_is_not_kept() -> None:
    (cost,) = verdicts((AT_MOST_TWO,), [])
    assert not cost.is_kept
    assert "not measured" in table([cost])


def test_a_result_that_no_limit_asks_for_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        verdicts((AT_MOST_TWO,), [_result("play.other", 1.0)])


def test_the_table_says_what_was_exceeded() -> None:
    lines = table(verdicts((AT_MOST_TWO, AT_LEAST_TEN), [_result("play.cost", 3.0), _result("play.faster", 11.0)]))
    exceeded, kept = lines.splitlines()[2:]
    assert "≤ 2 ×" in exceeded
    assert "NO" in exceeded
    assert "NO" not in kept


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.key)
def test_every_declared_limit_is_measured(limit: Limit) -> None:
    module = import_module(f"bench.{limit.measurement}")
    assert callable(module.measure)
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    assert limit.key in handed_on(source), "declared, but no measurement answers for it"


def handed_on(source: str) -> set[str]:
    """The words a measurement gives to a result, or to what makes one; to compare with a limit measures nothing."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {word.value for call in calls for word in call.args if isinstance(word, ast.Constant)}


def test_a_limit_that_is_only_spoken_of_is_not_measured() -> None:
    assert "play.cost" in handed_on('yield Result("play.cost", Spread.of([1.0]))')
    spoken_of = ('# "play.cost"', '"""play.cost"""', 'if case.limit == "play.cost": pass', 'LIMITS = ["play.cost"]')
    assert not any("play.cost" in handed_on(source) for source in spoken_of)


def test_no_limit_is_declared_twice() -> None:
    assert len({limit.key for limit in LIMITS}) == len(LIMITS)


@pytest.mark.parametrize(("figure", "status"), [(1.0, 0), (3.0, 1)])
def test_the_command_fails_when_a_limit_is_exceeded(
    monkeypatch: pytest.MonkeyPatch, figure: float, status: int
) -> None:
    found = verdicts((AT_MOST_TWO,), [_result("play.cost", figure)])
    monkeypatch.setattr(running, "run", lambda *_plan, **_options: found)
    answer = CliRunner().invoke(bench, [])
    assert answer.exit_code == status
    assert "a play" in answer.output


def test_only_measurements_that_exist_can_be_asked_for() -> None:
    answer = CliRunner().invoke(bench, ["--only", "beauty"])
    assert answer.exit_code == 2
    assert all(name in answer.output for name in MEASUREMENTS)


def test_a_quick_look_is_smaller_in_everything_but_its_small_side() -> None:
    whole = Plan()
    larger = [each.name for each in fields(Plan) if getattr(QUICK, each.name) >= getattr(whole, each.name)]
    assert larger == ["small"]


def test_a_tab_opens_this_machine_and_no_other() -> None:
    Tab("http://127.0.0.1:8501/tickets")
    with pytest.raises(ValueError, match="not this machine"):
        Tab("http://192.0.2.1:8501/")


def test_growth_is_counted_once_warm() -> None:
    runs = list(range(0, 9_000, 1_000))
    flat = growth(runs, [100, 200, 300, 300, 300, 300, 300, 300, 300])
    rising = growth(runs, [100, 200, 300, 303, 306, 309, 312, 315, 318])
    assert flat.middle == pytest.approx(0)
    assert rising.middle == pytest.approx(3)


def test_refusals_are_compared_by_their_slowest_and_quickest_kind() -> None:
    same = {"unknown": [1.0] * 8, "known": [1.0] * 8, "locked": [1.0] * 8}
    assert compared(same) == Spread(1.0, 1.0, 1.0)
    telling = compared(same | {"locked": [0.5] * 6 + [1.0] * 2})
    assert (telling.least, telling.middle, telling.most) == (1.0, 2.0, 2.0)


def test_the_floor_writes_every_row_it_is_given(tmp_path: Path) -> None:
    columns = [SheetColumn("Number", CellKind.TEXT), SheetColumn("Due", CellKind.DATE)]
    write_floor(tmp_path / "floor.zip", columns, [[("A & B", date(2026, 1, 1))], [(None, None), ("=1", None)]])
    sheet = ZipFile(tmp_path / "floor.zip").read("sheet1.xml").decode()
    assert [f'<row r="{number}">' in sheet for number in (1, 2, 3, 4, 5)] == [False, True, True, True, False]
    assert '<c r="A2" t="inlineStr"><is><t xml:space="preserve">A &amp; B<' in sheet
    assert "<v>46023</v>" in sheet


def test_invoices_to_be_imported_sum_to_their_totals(tmp_path: Path) -> None:
    invoices, lines = _write_files(tmp_path, 5)
    header, *rows = [line.split(",") for line in invoices.read_text().splitlines()]
    total = header.index("total")
    sums: dict[str, float] = {}
    for line in lines.read_text().splitlines()[1:]:
        sums[line.split(",")[0]] = sums.get(line.split(",")[0], 0) + float(line.rsplit(",", 1)[1])
    assert {row[0]: float(row[total]) for row in rows} == pytest.approx(sums)
    assert len(rows) == 5
