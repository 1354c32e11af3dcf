"""What the portal tells customers by itself: each thing once, with what it tells of, to whom it is for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from data.database import reading
from data.invoicing import IssueInvoice
from data.models import Invoice, ServiceOrder
from data.models.rows import Hat
from data.news import unread
from data.notices import NoticeRow, NoticesAsked, count_unread, list_notices, mark_read
from pages.portal.notices import title_of
from rules.errors import Conflict
from rules.notices import Says
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.standing import add, today_at
from tests.ticket_scene import Desk, desk_in, grant
from ui.text import Reader, reading_as

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: SignIn) -> Desk:
    return desk_in(database, sign_in)


@pytest.fixture(autouse=True)
def _nothing_said(desk: Desk) -> None:
    with desk.database.as_owner() as connection:
        for table in ("notice_read", "notice_site", "notice"):
            connection.exec_driver_sql(f"delete from portal.{table}")


def rows(desk: Desk, who: str, **asked: Any) -> tuple[NoticeRow, ...]:
    return list_notices(desk.database.app, desk.person(who), NoticesAsked(**asked)).rows


def told(desk: Desk, who: str, language: str = "en") -> list[str]:
    with reading_as(Reader(language, "UTC")):
        return [title_of(row) for row in rows(desk, who)]


# --- tickets


def test_the_requester_hears_of_a_reply_and_no_colleague_does(desk: Desk) -> None:
    number = desk.opens("abel")
    assert told(desk, "abel") == [], "what they did themselves they know"
    desk.says("dee", number, "We are on it.")
    assert told(desk, "abel") == [f"{number} · the service desk has replied"]
    for who in ("ana", "vic", "bea", "dee", "mia", "fin", "ada"):
        assert number not in "".join(told(desk, who)), who


def test_an_internal_note_is_nobodys_news(desk: Desk) -> None:
    number = desk.opens("abel")
    desk.says("dee", number, "Between us.", internal=True)
    desk.says("abel", number, "Any news?")
    assert told(desk, "abel") == []


def test_what_comes_later_takes_the_place_of_what_was_said_and_is_news_again(desk: Desk) -> None:
    abel, number = desk.person("abel"), desk.opens("abel")
    desk.says("dee", number, "We are on it.")
    mark_read(desk.database.app, abel)
    assert unread(desk.database.app, abel).notices == 0
    desk.moves("dee", number, "acknowledged")
    desk.moves("dee", number, "waiting_customer")
    assert told(desk, "abel") == [f"{number} · we need your answer"]
    assert rows(desk, "abel")[0].due_at is not None
    assert unread(desk.database.app, abel).notices == 1
    desk.moves("dee", number, "resolved", message="Done.")
    assert told(desk, "abel") == [f"{number} · Resolved"], "with its message, one deed is one notice"
    assert rows(desk, "abel")[0].due_at is None


def test_it_is_put_into_words_when_it_is_read(desk: Desk) -> None:
    number = desk.opens("abel")
    desk.moves("dee", number, "resolved", message="Done.")
    (english,), (korean,) = told(desk, "abel"), told(desk, "abel", "ko")
    assert english != korean
    assert "Resolved" not in korean


def test_who_lost_the_right_or_the_site_hears_no_more_of_their_own_ticket(desk: Desk) -> None:
    number, abel = desk.opens("abel"), desk.id_of("abel")
    desk.says("dee", number, "We are on it.")
    assert len(told(desk, "abel")) == 1
    theirs = {"person": abel}
    view = "person_id = :person and function = 'ticket.view_own'"
    with desk.database.as_owner() as connection:
        connection.execute(text(f"update portal.access_grant set site_ids = array[{desk.sites['ICN1']}] where {view}"),
                           theirs)  # fmt: skip
    assert told(desk, "abel") == [], "the ticket is in Seoul"
    assert unread(desk.database.app, desk.person("abel")).notices == 0
    with desk.database.as_owner() as connection:
        connection.execute(text(f"delete from portal.access_grant where {view}"), theirs)
        grant(connection, abel, desk.accounts["seoul"], "ticket.view_company", sites=[desk.sites["SEL1"]])
    assert len(told(desk, "abel")) == 1, "whoever sees all tickets there sees their own"
    with desk.database.as_owner() as connection:
        connection.execute(text("delete from portal.access_grant where person_id = :person and function = "
                                "'ticket.view_company'"), theirs)  # fmt: skip
        grant(connection, abel, desk.accounts["seoul"], "ticket.view_own", sites=[desk.sites["SEL1"]])


def test_a_refused_deed_says_nothing(desk: Desk) -> None:
    number = desk.opens("abel")
    with pytest.raises(Conflict):
        desk.moves("dee", number, "on_hold", message="Not yet.")
    assert told(desk, "abel") == []


# --- invoices and orders


def an_invoice(desk: Desk, number: str, *, due: int, state: str = "issued", account: str = "seoul") -> Any:
    with desk.database.as_owner() as connection:
        issuer = connection.scalar(text("select id from portal.legal_entity where code = 'EX-KR'"))
        day = today_at("EX-KR") + timedelta(days=due)
        values = {"currency": "KRW", "subtotal": 100, "tax": 0, "total": 100, "type": "invoice", "state": state}
        made = add(connection, Invoice, account_id=desk.accounts[account], issuer_id=issuer, number=number,
                   issue_date=day - timedelta(30), due_date=day, **values)  # fmt: skip
        return connection.scalar(text("select uuid from portal.invoice where id = :id"), {"id": made})


def test_an_invoice_that_is_issued_is_news_for_who_reads_invoices(desk: Desk) -> None:
    uuid = an_invoice(desk, "N-1", due=20, state="draft")
    assert told(desk, "ana") == []
    desk.does("fin", IssueInvoice(uuid, version=1))
    (said,) = told(desk, "ana")
    assert said.startswith("N-1 · new invoice, due ")
    assert rows(desk, "ana")[0].link == f"/invoices?invoice={uuid}"
    assert [row.title for row in rows(desk, "vic")] == ["N-1"], "a viewer reads invoices"
    for who in ("abel", "bea", "fin", "dee"):
        assert told(desk, who) == [], who


def worker_says_overdue(desk: Desk) -> int:
    with desk.database.jobs.begin() as connection:
        connection.execute(text("select set_config('role', :hat, true)"), {"hat": Hat.WORKER})
        return int(connection.scalar(text("select authz.say_overdue(500)")) or 0)


def test_an_overdue_invoice_is_said_once_and_an_old_one_never(desk: Desk) -> None:
    an_invoice(desk, "N-2", due=-1)
    an_invoice(desk, "N-3", due=-40)
    an_invoice(desk, "N-4", due=3)
    an_invoice(desk, "N-5", due=-1, state="draft")
    an_invoice(desk, "N-6", due=-1, account="bolt")
    assert worker_says_overdue(desk) == 2
    assert worker_says_overdue(desk) == 0
    assert [row.title for row in rows(desk, "ana")] == ["N-2"]
    assert [row.title for row in rows(desk, "bea")] == ["N-6"]
    assert "overdue since" in told(desk, "ana")[0]


def test_an_order_that_moves_on_is_news_at_its_site(desk: Desk) -> None:
    with desk.database.as_owner() as connection:
        for number, site in (("SO-1", "SEL1"), ("SO-2", "ICN1")):
            add(connection, ServiceOrder, account_id=desk.accounts["seoul"], site_id=desk.sites[site], number=number,
                request_type="new", status="in_progress", requested_at=text("now()"))  # fmt: skip
    assert told(desk, "ana") == [], "an order that is there from the beginning is no news"
    with desk.database.as_owner() as connection:
        connection.exec_driver_sql("update portal.service_order set status = 'installed', installed_at = now()")
        connection.exec_driver_sql("update portal.service_order set customer_reference = 'x'")
    assert {*told(desk, "ana")} == {"SO-1 · Installed · Acme Seoul", "SO-2 · Installed · Acme Seoul"}
    vic, seoul = desk.id_of("vic"), desk.accounts["seoul"]
    only_seoul = f"update portal.access_grant set site_ids = array[{desk.sites['SEL1']}] where person_id = {vic} "
    with desk.database.as_owner() as connection:
        connection.execute(text(only_seoul + f"and account_id = {seoul} and function = 'order.view'"))
    assert told(desk, "vic") == ["SO-1 · Installed"]
    for who in ("abel", "bea", "dee"):
        assert told(desk, who) == [], who


# --- how fast


def test_what_is_said_to_all_others_is_not_walked_over(desk: Desk) -> None:
    """A badge is counted by the indexes of what can be somebody's, however much is said to everybody else."""

    with desk.database.as_owner() as connection:
        connection.execute(
            text(
                "insert into portal.notice (category, title, says, function, person_id, about, about_account_id, "
                "published_at) select 'ticket', 'T' || n, 'ticket_answered', 'ticket.view_own', :bea, 'ticket/x' || n, "
                ":bolt, now() - n * interval '1 second' from generate_series(1, 20000) n"
            ),
            {"bea": desk.id_of("bea"), "bolt": desk.accounts["bolt"]},
        )
        connection.exec_driver_sql("analyze portal.notice")
    ana = desk.person("ana")
    with reading(desk.database.app, ana, Permission.NOTICE_VIEW) as connection:
        query = count_unread(ana, 99)
        sql = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
        plan = connection.exec_driver_sql(f"explain (analyze, format json) {sql}".replace("%", "%%")).scalar()
    assert rows_read(plan[0]["Plan"]) < 100
    assert unread(desk.database.app, ana).notices == 0
    assert unread(desk.database.app, desk.person("bea")).notices == 99


def rows_read(node: dict[str, Any]) -> int:
    """Rows that were looked at, in all parts of a plan."""
    here = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) if "Relation Name" in node else 0
    return int(here) + sum(rows_read(part) for part in node.get("Plans", ()))


@pytest.mark.parametrize("says", Says)
def test_everything_the_portal_says_has_words(says: Says) -> None:
    named = {"access_asked": "order.view", "ticket_status": "resolved", "order_status": "installed",
             "invoices_issued": "3", "sla_warning": "first_answer", "sla_breach": "first_answer"}  # fmt: skip
    row = NoticeRow(
        uuid4(), "ticket", "X-1", (), None, None, False, None, datetime.now(UTC), True, says=says,
        promise=named.get(says, "2026-10-31"),
    )  # fmt: skip
    words = set()
    for language in ("en", "ko"):
        with reading_as(Reader(language, "UTC")):
            words.add(title_of(row))
    assert len(words) == 2, "in each language its own"
    assert not any(says in each for each in words)
