"""Service levels: the page, its report and the list behind a figure say the same numbers, each to whom they belong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from data.summary import dashboard_of, home_of
from data.ticketing import list_attainment, page_behind, stream_behind
from data.ticketing.attainment import AttainmentAsked
from data.ticketing.service import ServiceAsked, read_service, resolved
from rules.errors import Forbidden, Invalid
from rules.principal import Principal
from tests.asgi import ask
from tests.cluster import Database
from tests.sent import sent
from tests.standing import page_of, words_of
from tests.ticket_scene import Desk, desk_in
from ui.text import translated
from web import reports
from web.errors import exception_handlers

SignIn = Callable[[str], Principal]
PAGE = "pages.portal.service.page"
THIS = f"{datetime.now(UTC):%Y-%m}"


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: SignIn) -> Desk:
    """Acme: of three faults one was answered late, one still waits too long; Bolt: one kept. One of Acme's was months
    ago, and one, which nobody judged yet, began just now."""
    desk = desk_in(database, sign_in)
    kept, late, running, old = (desk.opens("ana", "fault", severity="P1") for _ in range(4))
    desk.some_time_ago(late, timedelta(hours=3))
    desk.some_time_ago(running, timedelta(hours=1))
    desk.some_time_ago(old, timedelta(days=70))
    for number in (kept, late, old):
        desk.moves("dee", number, "resolved")
    desk.opens("ana", "remote_hands", account="osaka", site="OSA1")
    bolts = desk.opens("bea", "fault", account="bolt", site="BIN1", severity="P1")
    desk.moves("dee", bolts, "resolved")
    return desk


pytestmark = pytest.mark.usefixtures("desk", "configured")


@pytest.fixture(scope="module")
def report(sign_in: SignIn) -> Callable[..., list[dict[str, object]]]:
    """`report("ana", period="12m")` → its rows by their titles."""
    app = Starlette(routes=reports.routes, exception_handlers=exception_handlers)

    def fetched(name: str, asked: ServiceAsked) -> list[dict[str, object]]:
        cookie = {"cookie": f"portal_session={sign_in(name).token}"}
        query = urlencode(asked.parameters(), doseq=True)
        answer = ask(app, "/reports/service.xlsx", query=query, headers=cookie)
        assert answer.status == 200, answer.body
        header, *rows = load_workbook(BytesIO(answer.body)).worksheets[0].values
        return [dict(zip(header, row, strict=True)) for row in rows]

    return fetched


def page(principal: Principal, **asked: str | list[str]) -> AppTest:
    app = page_of(principal, PAGE, **asked)
    assert not app.exception
    return app


def test_page_list_and_report_say_the_same(desk: Desk, report: Callable[..., list[dict[str, object]]]) -> None:
    engine, ana = desk.database.app, desk.person("ana")
    for asked in (ServiceAsked(), ServiceAsked("12m"), ServiceAsked(THIS), ServiceAsked(clock="second")):
        wanted = resolved(engine, ana, asked)
        figures = list_attainment(engine, ana, wanted)
        assert figures
        behind = [promise for batch in stream_behind(engine, ana, wanted) for promise in batch]
        assert len(behind) == sum(f.met + f.breached for f in figures)
        assert sum(p.outcome == "breached" for p in behind) == sum(f.breached for f in figures)
        rows = report("ana", asked)
        assert [(r["Kept"], r["Missed"], r["Month (UTC)"].date()) for r in rows] == [  # type: ignore[attr-defined]
            (f.met, f.breached, f.month) for f in figures
        ]
        assert [float(str(r["Attainment (%)"])) for r in rows] == [round(100 * f.share, 2) for f in figures]
        tickets = report("ana", asked.behind())
        assert [r["Number"] for r in tickets] == [p.number for p in behind]
        shown = words_of(page(ana, **asked.parameters()))
        assert f"of {len(behind)} promise" in shown


def test_every_figure_leads_to_exactly_its_tickets(desk: Desk) -> None:
    engine, ana = desk.database.app, desk.person("ana")
    figures = list_attainment(engine, ana, resolved(engine, ana, ServiceAsked("12m")))
    assert {f.kind for f in figures} == {"fault"} and len(figures) > 2
    for figure in figures:
        for outcome, n in ((None, figure.met + figure.breached), ("met", figure.met), ("breached", figure.breached)):
            asked = read_service(ServiceAsked("12m").behind(figure, outcome=outcome).parameters())
            found = page_behind(engine, ana, resolved(engine, ana, asked), page=1, size=50)
            assert len(found) == n
            assert {(p.kind, p.clock, p.site, p.account) for p in found} <= {
                (figure.kind, figure.clock, figure.site, figure.account)
            }


def test_sums_over_accounts_are_the_sums_of_the_accounts(desk: Desk) -> None:
    engine, dee = desk.database.app, desk.person("dee")
    asked = AttainmentAsked(date(2000, 1, 1), datetime.now(UTC).date())
    apart, summed = (list_attainment(engine, dee, asked, by_account=each) for each in (True, False))
    assert {f.account_id for f in summed} == {None} and len({f.account_id for f in apart}) == 2
    for month, kind, clock in {(f.month, f.kind, f.clock) for f in apart}:
        met = [sum(f.met for f in figures if (f.month, f.kind, f.clock) == (month, kind, clock))
               for figures in (apart, summed)]  # fmt: skip
        assert met[0] == met[1]


def test_the_desk_sees_all_and_narrows_by_the_code_of_an_account(desk: Desk) -> None:
    engine, dee = desk.database.app, desk.person("dee")
    for code, accounts in ((None, {"Acme Seoul", "Bolt"}), ("BOLT", {"Bolt"}), ("NO-SUCH", set())):
        wanted = resolved(engine, dee, ServiceAsked("12m", account=code))
        assert {figure.account for figure in list_attainment(engine, dee, wanted)} == accounts
        behind = page_behind(engine, dee, wanted, page=1, size=50)
        assert {promise.account for promise in behind} == accounts


def test_each_customer_sees_their_own_and_nothing_of_others(desk: Desk) -> None:
    for name, mine in (("ana", {"Acme Seoul"}), ("vic", {"Acme Seoul"}), ("bea", {"Bolt"}), ("mia", {"Acme Seoul"})):
        figures = list_attainment(desk.database.app, desk.person(name), resolved(desk.database.app, desk.person(name),
                                                                              ServiceAsked("12m")))  # fmt: skip
        assert {f.account for f in figures} == mine, name
    app = page(desk.person("bea"), account="ACME-SEOUL", show="tickets")
    assert "no promise was judged" in app.info[0].value, "another company is like none"
    assert not app.dataframe


@pytest.mark.parametrize("name", ["abel", "fin", "ada"])
def test_who_sees_no_companys_tickets_sees_no_service_levels(name: str, desk: Desk) -> None:
    with pytest.raises(Forbidden):
        list_attainment(desk.database.app, desk.person(name), AttainmentAsked(date(2026, 1, 1), date(2026, 1, 1)))
    app = Starlette(routes=reports.routes, exception_handlers=exception_handlers)
    cookie = {"cookie": f"portal_session={desk.person(name).token}"}
    assert ask(app, "/reports/service.xlsx", headers=cookie).status in (403, 404)


def test_who_may_not_export_is_offered_no_report(desk: Desk) -> None:
    for name, offered in (("ana", True), ("vic", False)):
        links = [str(element) for element in page(desk.person(name)).get("link_button")]
        assert bool(links) is offered, name


def test_the_page_shows_what_waits_and_what_was_late(desk: Desk) -> None:
    app = page(desk.person("ana"), show="tickets", outcome="breached", period="12m")
    frame = app.dataframe[0].value
    assert set(frame["outcome"].map(lambda said: said[0])) == {"Missed"}
    assert all(frame["late"])
    assert "not yet" in set(frame["taken"]), "late and still running"
    kept = page(desk.person("ana"), show="tickets", outcome="met", period="12m").dataframe[0].value
    assert not any(kept["late"]) and "not yet" not in set(kept["taken"])


def test_an_address_that_means_nothing_is_refused(desk: Desk) -> None:
    for wrong in ({"period": ["soon"]}, {"kind": ["x"]}, {"clock": ["x"]}, {"outcome": ["x"]}, {"period": ["2026-13"]}):
        with pytest.raises(Invalid):
            read_service(wrong)
    assert read_service({}) == ServiceAsked()
    nowhere = resolved(desk.database.app, desk.person("ana"), ServiceAsked("12m", sites=("NO-SUCH-SITE",)))
    assert list_attainment(desk.database.app, desk.person("ana"), nowhere) == ()


def test_months_go_back_over_the_turn_of_the_year() -> None:
    assert ServiceAsked("3m").months(date(2027, 1, 31)) == (date(2026, 11, 1), date(2027, 1, 1))
    assert ServiceAsked("12m").months(date(2026, 12, 1)) == (date(2026, 1, 1), date(2026, 12, 1))
    assert ServiceAsked("2026-12").months() == (date(2026, 12, 1), date(2026, 12, 1))


def test_the_dashboard_says_how_this_month_goes(desk: Desk, sign_in: SignIn) -> None:
    engine = desk.database.app
    for name in ("ana", "vic", "bea"):
        who = sign_in(name)
        figures = list_attainment(engine, who, resolved(engine, who, ServiceAsked(THIS)))
        kept = dashboard_of(engine, who).attainment
        assert kept is not None
        assert (kept.met, kept.breached) == (sum(f.met for f in figures), sum(f.breached for f in figures))
        shown = words_of(page_of(who, "pages.portal.home"))
        assert "of our promises were kept" in shown
    assert home_of(engine, sign_in("abel")).attainment is None
    assert "promises" not in words_of(page_of(sign_in("abel"), "pages.portal.home"))


def test_a_page_takes_few_statements(desk: Desk) -> None:
    principal = desk.person("vic")
    page(principal)
    with sent() as told:
        page(principal)
    assert 0 < len(told) <= 4, told


def test_a_figure_does_not_read_the_clocks_that_are_over(desk: Desk) -> None:
    """What is judged comes from the tally: without it nothing but the late ones is left."""
    engine, dee = desk.database.app, desk.person("dee")
    asked = resolved(engine, dee, ServiceAsked("12m"))
    before = list_attainment(engine, dee, asked)
    with desk.database.as_owner() as connection:
        kept = connection.execute(text("select * from portal.clock_tally")).all()
        connection.execute(text("delete from portal.clock_tally"))
    assert kept and sum(f.met for f in list_attainment(engine, dee, asked)) == 0
    from data.tallies import rebuild

    with desk.database.as_owner() as connection:
        rebuild(connection)
    assert list_attainment(engine, dee, asked) == before
    assert translated("Service levels")
