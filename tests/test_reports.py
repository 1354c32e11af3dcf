"""Reports over HTTP: who gets one, what is in it, and what is said when there is none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from starlette.applications import Starlette

from data.invoices import INVOICES
from data.lists import LISTS
from data.models import AuditEntry
from data.streams import Batch
from reports.spool import Unfinished
from reports.workbook import Cover
from rules.principal import Principal
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.door import settings_for
from tests.scene import set_the_scene
from tests.spool_scene import eventually
from ui.reports_by_name import Kind, Report
from web import reports
from web.errors import exception_handlers

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module", autouse=True)
def portal(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with database.as_owner() as connection:
        set_the_scene(connection)
    with settings_for(database, tmp_path_factory.mktemp("home") / "instance"):
        yield


@pytest.fixture(scope="module")
def fetch(sign_in: SignIn) -> Callable[..., Answer]:
    """`fetch("ana", "/reports/tickets.xlsx")` → what her browser gets."""
    app = Starlette(routes=reports.routes, exception_handlers=exception_handlers)

    def fetched(name: str | None, address: str, **more: str) -> Answer:
        path, _, query = address.partition("?")
        cookie = {"cookie": f"portal_session={sign_in(name).token}"} if name else {}
        headers = {key.replace("_", "-"): value for key, value in more.items()}
        return ask(app, path, query=query, headers={**cookie, **headers})

    return fetched


def _rows(answer: Answer) -> list[dict[str, object]]:
    header, *rows = load_workbook(BytesIO(answer.body)).worksheets[0].values
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize("name", LISTS)
def test_the_administrator_of_a_company_gets_their_rows_and_no_others(name: str, fetch: Callable[..., Answer]) -> None:
    of_acme, of_bolt = (_rows(fetch(who, f"/reports/{name}.xlsx?stage=any")) for who in ("ana", "bea"))
    assert of_acme
    assert of_bolt
    number = next(iter(of_acme[0]))
    if name == "tickets":  # numbers of the other lists are unique within an account only
        assert not {row[number] for row in of_acme} & {row[number] for row in of_bolt}
    assert {row.get("Account") for row in of_acme} <= {"Acme Group", "Acme Seoul", "Acme Osaka"}


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("vic", "tickets"),
        ("abel", "tickets"),
        ("dee", "invoices"),
        ("fin", "tickets"),
        ("ana", "people"),
        ("ana", "customers"),
    ],
)
def test_who_lacks_a_function_gets_no_report(who: str, name: str, fetch: Callable[..., Answer]) -> None:
    answer = fetch(who, f"/reports/{name}.xlsx")
    assert answer.status == 403
    assert b"PK" not in answer.body


def test_staff_get_the_reports_of_their_pages(fetch: Callable[..., Answer]) -> None:
    customers = _rows(fetch("mia", "/reports/customers.xlsx"))
    assert {row["Account"] for row in customers} == {"Acme Group", "Acme Seoul", "Acme Osaka"}
    people = _rows(fetch("ada", "/reports/people.xlsx"))
    assert "paa@bolt.example" in {row["E-mail"] for row in people}


def test_signed_out_a_report_leads_to_its_page(fetch: Callable[..., Answer]) -> None:
    answer = fetch(None, "/reports/invoices.xlsx?status=overdue")
    assert answer.status == 303
    assert answer.header("location") == "/invoices?status=overdue"


def test_another_sites_link_starts_no_report(fetch: Callable[..., Answer]) -> None:
    assert fetch("ana", "/reports/tickets.xlsx", sec_fetch_site="cross-site").status == 403
    assert fetch("ana", "/reports/tickets.xlsx", sec_fetch_site="same-origin").status == 200


def test_what_makes_no_sense_is_refused_before_anything_is_written(fetch: Callable[..., Answer]) -> None:
    assert fetch("ana", "/reports/tickets.xlsx?kind=nonsense").status == 400
    assert fetch("mia", "/reports/customers.xlsx?sort=nonsense").status == 400
    assert fetch("ana", "/reports/passwords.xlsx").status == 404


def test_a_report_speaks_the_readers_language(fetch: Callable[..., Answer]) -> None:
    answer = fetch("ana", "/reports/tickets.xlsx?stage=any", accept_language="ko-KR")
    assert "%EC%A7%80%EC%9B%90%EC%9A%94%EC%B2%AD" in (answer.header("content-disposition") or "")
    assert "유형" in _rows(answer)[0]
    assert "Type" not in _rows(answer)[0]


def test_a_report_that_fails_in_the_middle_breaks_off_and_gives_everything_back(
    fetch: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def rows(_zone: str) -> Generator[Batch]:
        try:
            yield [("INV-1",)] * 5_000
            raise ConnectionError("the database went away")
        finally:
            ended.set()

    number = INVOICES.columns[0]
    broken = Report("Invoices", [number], rows, lambda: Cover("Invoices", ()), "")
    monkeypatch.setitem(reports.KINDS, "invoices", Kind(INVOICES.permissions, lambda *_asked: broken))
    with pytest.raises(Unfinished) as caught:  # the server breaks the connection off; a neat end would pass for a whole
        fetch("bea", "/reports/invoices.xlsx")
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert ended.is_set()
    assert eventually(lambda: reports.spool().writing == reports.spool().kept == 0)


def test_every_report_is_in_the_audit_log(database: Database, fetch: Callable[..., Answer]) -> None:
    fetch("bea", "/reports/invoices.xlsx?status=overdue")
    with database.as_owner() as connection:
        written = select(AuditEntry.actor_name, AuditEntry.object_label, AuditEntry.after)
        last = connection.execute(written.where(AuditEntry.action == "report.export").order_by(AuditEntry.id.desc()))
        assert tuple(last.first() or ()) == ("Bea Bolt", "invoices", {"query": "status=overdue"})
