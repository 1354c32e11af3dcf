"""The page of a billing run: what Fin reads of a good zip, a wrong and a hostile one, and what a click does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from data.invoicing.billing_run import ImportBillingRun
from rules.principal import Principal
from tests.billing_scene import PDF, forget_runs, run_of
from tests.cluster import Database
from tests.money_scene import Books
from ui.catalog import translations

pytestmark = pytest.mark.usefixtures("configured")
SignIn = Callable[[str], Principal]
OURS = "select number from portal.invoice where number like 'R-%' order by number"


@pytest.fixture(scope="module")
def books(database: Database, sign_in: SignIn) -> Books:
    return Books(database, sign_in)


@pytest.fixture(autouse=True)
def nothing_yet(books: Books) -> Iterator[None]:
    yield
    forget_runs(books)


def tab(principal: object, language: str) -> None:
    import streamlit as st

    from pages.staff.billing_run.importing import HandingIn, _body
    from ui.errors import telling
    from ui.reader import Reader, reading_as

    with reading_as(Reader(language, "Asia/Seoul")), telling():
        said = _body(principal, HandingIn.of("run"))  # type: ignore[arg-type]
        if said is not None:
            st.success(said)


def handed(books: Books, content: BytesIO, language: str = "en", name: str = "run.zip") -> AppTest:
    app = AppTest.from_function(tab, args=(books.fin, language), default_timeout=60).run()
    app.file_uploader[0].set_value((name, content.getvalue(), "application/zip")).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    shown = [*app.markdown, *app.warning, *app.error, *app.success, *app.info, *app.caption]
    return "\n".join(str(element.value) for element in shown)


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def table(app: AppTest, column: str) -> list[str]:
    """The cells of a column, of the first table that has it."""
    return next(list(frame.value[column]) for frame in app.dataframe if column in frame.value.columns)


def test_fin_sees_what_would_change_and_imports_it_with_one_click(books: Books) -> None:
    app = handed(books, run_of({}, {"number": "R-2"}, payments=[{}], documents={"R-1": PDF}))
    assert "**2** new invoices · **1** payment · **1** original" in words(app)
    assert table(app, "number") == ["R-1", "R-2"]
    assert table(app, "reference") == ["Bank 1"]
    assert books.rows(OURS) == []
    app.button[0].click().run()
    assert "The billing run is imported: 2 new invoices, 0 changed." in words(app)
    assert books.rows(OURS) == [("R-1",), ("R-2",)]
    again = handed(books, run_of({}, {"number": "R-2"}, payments=[{}], documents={"R-1": PDF}))
    assert "importing it would change nothing" in words(again)
    assert buttons(again) == []


def test_a_row_that_is_wrong_is_shown_with_its_place_and_nothing_can_be_imported(books: Books) -> None:
    app = handed(books, run_of({"total": "1200"}, {"number": "R-2", "account": "NOBODY"}))
    assert "2 cells are not as they should be" in words(app)
    assert table(app, "file") == ["invoices.csv", "invoices.csv"]
    assert (table(app, "row"), table(app, "column")) == ([2, 3], ["total", "account"])
    assert table(app, "value") == ["1200", "NOBODY"]
    assert table(app, "expected")[0] == "1100.00, the sum of subtotal and tax"
    assert buttons(app) == []


def test_what_only_the_portal_can_tell_is_shown_likewise(books: Books) -> None:
    app = handed(books, run_of(payments=[{"amount": "1101"}]))
    assert (table(app, "file"), table(app, "column")) == (["payments.csv"], ["amount"])
    assert table(app, "expected") == ["no more than is open: 1.00 too much"]
    assert buttons(app) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (run_of(more={"../R-1.pdf": PDF}), "points outside of the zip"),
        (run_of(more={"nested.zip": b"PK\x03\x04"}), "does not belong to a billing run"),
        (BytesIO(b"not a zip"), "this is no zip file"),
    ],
    ids=["outside", "nested", "no zip"],
)
def test_a_hostile_zip_is_refused_in_one_sentence(books: Books, content: BytesIO, problem: str) -> None:
    app = handed(books, content)
    assert problem in words(app)
    assert buttons(app) == [] and len(app.dataframe) == 0


def test_what_changed_meanwhile_is_told_and_shown_anew(books: Books) -> None:
    app = handed(books, run_of({}, {"number": "R-2"}))
    books.invoice("1100", number="R-2", issue_date="2025-04-01", due_date="2025-05-01")
    app.button[0].click()
    with pytest.MonkeyPatch.context() as patch:  # what a dialog does there: AppTest runs no fragment
        patch.setattr("streamlit.rerun", lambda **_scope: streamlit.stop())
        app.run()
    app.run()
    assert "Invoices were changed meanwhile" in words(app)
    assert books.rows(OURS) == [("R-2",)]
    assert "**1** new invoice · **1** changed" in words(app)


def test_it_is_said_in_the_language_of_whoever_reads_it(books: Books) -> None:
    for language in ("ko", "ja", "zh_Hans", "id"):
        word = translations(language).gettext
        app = handed(books, run_of({"due_date": "31.12.2026"}), language)
        (expected,) = table(app, "expected")
        assert expected == word("a date like 2026-10-31") != "a date like 2026-10-31"
        refused = handed(books, BytesIO(b"no zip"), language)
        assert word("this is no zip file") in words(refused)
        assert "this is no zip file" not in words(refused)


def test_two_tabs_import_the_same_run_once(books: Books) -> None:
    done = "select count(*) from portal.command_key where command = :name"
    before = books.rows(done, name=ImportBillingRun.name)[0][0]
    content = run_of(payments=[{}])
    first, second = (handed(books, content) for _tab in range(2))
    first.button[0].click().run()
    second.button[0].click().run()
    assert "The billing run is imported" in words(second)
    assert books.rows("select count(*) from portal.payment where reference = 'Bank 1'") == [(1,)]
    assert books.rows(done, name=ImportBillingRun.name) == [(before + 1,)]
