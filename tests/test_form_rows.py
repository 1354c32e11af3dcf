"""Problems of rows stand beside the rows they are about, however many were added or taken away since."""

from __future__ import annotations

from typing import Any

import pytest

from rules.errors import Invalid
from rules.fields import Field, FieldKind
from rules.words import N_
from ui.form.filled import Filled, begins, cell, how_many

NAME = Field("name", N_("Name"), FieldKind.TEXT)
VISITORS = Field("visitors", N_("Visitors"), FieldKind.ROWS, columns=(NAME,), most=5)


class Typed:
    """A draft as far as reading it goes."""

    def __init__(self, *names: str) -> None:
        self.said: dict[str, Any] = {**begins((VISITORS,)), how_many(VISITORS): len(names)}
        self.said |= {cell(VISITORS, at, NAME): name for at, name in enumerate(names)}

    def value(self, name: str) -> Any:
        return self.said[name]


def placed(names: tuple[str, ...], *fields: str | None) -> set[str | None]:
    filled = Filled(Typed(*names), (VISITORS,))  # type: ignore[arg-type]
    return set(filled.placed([Invalid("No.", field) for field in fields]))


@pytest.mark.parametrize("names", [("Vera",), (), ("", ""), ("Vera", "")])
def test_the_problem_of_a_row_that_was_taken_away_is_gone(names: tuple[str, ...]) -> None:
    assert placed(names, "visitors.1.name", "subject", None) == {"subject", None}


def test_a_problem_stands_beside_its_row_also_below_an_empty_one() -> None:
    assert placed(("", "Vera", "Kim"), "visitors.1.name") == {"visitors.2.name"}
    assert placed(("", "Vera", "Kim"), "visitors") == {"visitors"}
