"""The statement of account: today it is what the list shows as open, on any other day what was open then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import unquote

import pytest
from pypdf import PdfReader
from sqlalchemy import Connection, insert, select, text
from starlette.applications import Starlette

from data.demo.cast import account_id
from data.invoices import INVOICES
from data.invoicing.statement import (
    MOST_ITEMS,
    Statement,
    StatementAsked,
    read_statement,
    statement_of,
    stream_statement,
)
from data.listing import Summary, read_asked, summary_of
from data.models import CreditApplication, Dispute, Invoice, LegalEntity, Payment
from data.settings import settings
from rules.errors import Forbidden, Invalid, NotFound
from rules.money import AgeingBucket, ageing_bucket
from rules.principal import Principal
from tests.asgi import ask
from tests.cluster import Database
from tests.door import settings_for
from tests.standing import page_of, words_of
from ui.reader import Reader, reading_as
from ui.statement import statement_pdf
from web import statement as web_statement
from web.errors import exception_handlers

SignIn = Callable[[str], Principal]
TODAY = datetime.now(UTC).date()
SPAN = 150
B = AgeingBucket


class Book:
    """What happened to the account's invoices, kept beside the database in plain Python."""

    def __init__(self, connection: Connection, code: str) -> None:
        self._connection, self._code, self._account = connection, code, account_id(connection, code)
        self._issuer = connection.scalar(select(LegalEntity.id).where(LegalEntity.code == "EX-KR"))
        self.invoices: dict[str, dict[str, Any]] = {}

    def issue(self, number: str, day: date, total: int, *, currency: str = "KRW", kind: str = "invoice") -> None:
        due = day + timedelta(days=0 if kind == "credit_note" else 30)
        row = insert(Invoice).values(
            account_id=self._account, issuer_id=self._issuer, number=f"{self._code}-{number}", type=kind,
            issue_date=day, due_date=due, currency=currency, subtotal=total, tax=0, total=total,
        )  # fmt: skip
        (made,) = self._connection.execute(row.returning(Invoice.id)).one()
        facts = {"id": made, "day": day, "due": due, "total": Decimal(total), "currency": currency, "kind": kind}
        self.invoices[number] = facts | {"came": [], "questioned": []}

    def pay(self, number: str, day: date, amount: int) -> None:
        invoice = self.invoices[number]
        self._connection.execute(insert(Payment).values(
            account_id=self._account, invoice_id=invoice["id"], amount=amount, currency=invoice["currency"],
            paid_on=day,
        ))  # fmt: skip
        invoice["came"].append((day, Decimal(amount)))

    def use(self, note: str, number: str, day: date, amount: int) -> None:
        """A credit note, used for an invoice at the issuer's noon."""
        noon = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        ids = {"credit_note_id": self.invoices[note]["id"], "invoice_id": self.invoices[number]["id"]}
        row = insert(CreditApplication).values(account_id=self._account, amount=amount, applied_at=noon, **ids)
        self._connection.execute(row)
        used = text("""
            update portal.invoice set credited = credited + :amount,
                state = case when balance = :amount then 'paid' else 'partially_paid' end
            where id = :note and credited < :until""")
        uses = sum(amount for _day, amount in self.invoices[note]["came"])
        self._connection.execute(used, {"amount": amount, "note": ids["credit_note_id"], "until": uses + amount})
        for one in (note, number):
            self.invoices[one]["came"].append((day, Decimal(amount)))

    def question(self, number: str, since: date, until: date | None) -> None:
        opened = datetime(since.year, since.month, since.day, 3, tzinfo=UTC)
        closed = until and datetime(until.year, until.month, until.day, 3, tzinfo=UTC)
        self._connection.execute(insert(Dispute).values(
            account_id=self._account, invoice_id=self.invoices[number]["id"], reason="twice", amount=1,
            opened_at=opened, closed_at=closed, state="closed" if until else "open",
        ))  # fmt: skip
        if until is None:
            flag = text("update portal.invoice set disputed = true where id = :id")
            self._connection.execute(flag, {"id": self.invoices[number]["id"]})
        self.invoices[number]["questioned"].append((since, until))

    def at(self, day: date) -> dict[str, dict[Any, Decimal]]:
        """Currency → age (None: unused credits) → amount, at the end of that day."""
        found: dict[str, dict[Any, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for invoice in self.invoices.values():
            left = invoice["total"] - sum(amount for when, amount in invoice["came"] if when <= day)
            if invoice["day"] > day or left <= 0:
                continue
            if invoice["kind"] == "credit_note":
                found[invoice["currency"]][None] -= left
            else:
                asked = any(since <= day and (until is None or until > day) for since, until in invoice["questioned"])
                found[invoice["currency"]][ageing_bucket(invoice["due"], day, disputed=asked)] += left
        return {currency: dict(amounts) for currency, amounts in found.items()}


@pytest.fixture(scope="module")
def book(database: Database) -> Book:
    """Half a year of Acme Seoul by a throw of the dice, always the same; and one invoice of Bolt."""
    dice = Random("statement")
    with database.as_owner() as connection:
        seoul = Book(connection, "ACME-SEOUL")
        for place in range(60):
            issued = TODAY - timedelta(days=dice.randrange(0, SPAN))
            total, currency = dice.randrange(100, 999), dice.choice(("KRW", "JPY", "USD"))
            seoul.issue(f"I{place}", issued, total, currency=currency)
            left = total
            for _payment in range(dice.choice((0, 0, 1, 2))):
                amount, day = dice.randrange(1, left), min(TODAY, issued + timedelta(days=dice.randrange(0, 80)))
                seoul.pay(f"I{place}", day, amount)
                left -= amount
            if place % 3 == 0:
                seoul.issue(f"C{place}", issued, 50, currency=currency, kind="credit_note")
                if left > 60 and place % 2:
                    seoul.use(f"C{place}", f"I{place}", min(TODAY, issued + timedelta(days=5)), 20)
            if place % 7 == 0:
                until = issued + timedelta(days=20)
                seoul.question(f"I{place}", issued, until if until < TODAY and place % 2 else None)
        seoul.issue("paid", TODAY - timedelta(days=100), 300)
        seoul.pay("paid", TODAY - timedelta(days=50), 300)
        seoul.issue("given up", TODAY - timedelta(days=100), 500)
        seoul.pay("given up", TODAY - timedelta(days=5), 100)
        seoul.issue("void", TODAY - timedelta(days=100), 400)
        for number, given_up in (("void", "state = 'void'"), ("given up", "state = 'written_off', written_off = 400")):
            ours = {"id": seoul.invoices.pop(number)["id"]}
            connection.execute(text(f"update portal.invoice set {given_up} where id = :id"), ours)
        Book(connection, "BOLT").issue("B1", TODAY - timedelta(days=10), 77_777)
    return seoul


def _said(statement: Statement) -> dict[str, dict[Any, Decimal]]:
    return {
        section.currency: dict(section.amounts) | ({None: section.credit} if section.credits else {})
        for section in statement.sections
    }


def _seoul(principal: Principal) -> Principal:
    (seoul,) = (account.id for account in principal.accounts if account.code == "ACME-SEOUL")
    return principal.looking_at((seoul,))


@pytest.mark.parametrize("back", [1, 2, 19, 20, 30, 31, 49, 50, 51, 60, 61, 90, 91, 100, 101, SPAN, SPAN + 40])
def test_a_day_that_is_over_shows_what_was_open_then(
    back: int, book: Book, database: Database, sign_in: SignIn
) -> None:
    day = TODAY - timedelta(days=back)
    found = statement_of(database.app, _seoul(sign_in("ana")), StatementAsked(day=day))
    assert _said(found) == book.at(day)
    for section in found.sections:
        assert section.total == sum(item.open for item in section.items)
        assert section.n == len(section.items)


def test_today_is_what_the_list_shows_as_open(book: Book, database: Database, sign_in: SignIn) -> None:
    ana = _seoul(sign_in("ana"))
    found = statement_of(database.app, ana, StatementAsked())
    assert (found.day, found.is_today) == (TODAY, True)
    listed = summary_of(database.app, ana, INVOICES, read_asked(INVOICES, {"status": ["unpaid", "credit"]}))
    assert isinstance(listed, Summary) and listed.sums is not None
    assert {row["currency"]: (row["n"], row["balance"]) for row in listed.sums} == {
        section.currency: (section.n, section.total) for section in found.sections
    }
    assert _said(found) == book.at(TODAY)


def test_a_day_to_come_makes_it_older_and_changes_no_amount(book: Book, database: Database, sign_in: SignIn) -> None:
    ana = _seoul(sign_in("ana"))
    now, then = (
        statement_of(database.app, ana, StatementAsked(day=day)) for day in (TODAY, TODAY + timedelta(days=400))
    )
    assert [section.total for section in now.sections] == [section.total for section in then.sections]
    assert all(set(section.amounts) <= {B.OVER_90, B.DISPUTED} for section in then.sections)


def test_currencies_stand_apart_and_in_the_decimals_they_have(book: Book, database: Database, sign_in: SignIn) -> None:
    found = statement_of(database.app, _seoul(sign_in("ana")), StatementAsked())
    assert [section.currency for section in found.sections] == ["JPY", "KRW", "USD"]
    assert all(item.currency == section.currency for section in found.sections for item in section.items)


def test_the_workbook_has_every_item_and_the_page_the_first(book: Book, database: Database, sign_in: SignIn) -> None:
    ana = _seoul(sign_in("ana"))
    for day in (TODAY, TODAY - timedelta(days=40)):
        asked = StatementAsked(day=day)
        rows = [
            row for batch in stream_statement(database.app, ana, asked, several=False, time_zone="UTC") for row in batch
        ]
        whole = statement_of(database.app, ana, asked)
        assert sorted(row[0] for row in rows) == sorted(item.number for s in whole.sections for item in s.items)
        assert sum(row[-1] for row in rows) == sum(section.total for section in whole.sections)
        few = statement_of(database.app, ana, asked, most=2)
        assert [section.n for section in few.sections] == [section.n for section in whole.sections]
        assert [section.items for section in few.sections] == [section.items[:2] for section in whole.sections]
    assert MOST_ITEMS > 100


def test_finance_names_the_account_and_reads_the_same(book: Book, database: Database, sign_in: SignIn) -> None:
    day = TODAY - timedelta(days=33)
    ana = statement_of(database.app, _seoul(sign_in("ana")), StatementAsked(day=day))
    for name in ("fin", "mia"):
        assert statement_of(database.app, sign_in(name), StatementAsked("ACME-SEOUL", day)) == ana
    with pytest.raises(NotFound):
        statement_of(database.app, sign_in("fin"), StatementAsked("NOBODY", day))
    with pytest.raises(NotFound):
        statement_of(database.app, sign_in("fin"), StatementAsked())


def test_nobody_reads_the_statement_of_another_company(book: Book, database: Database, sign_in: SignIn) -> None:
    for name, code in (("bea", "ACME-SEOUL"), ("ana", "BOLT"), ("mia", "BOLT")):
        with pytest.raises(NotFound):
            statement_of(database.app, sign_in(name), StatementAsked(code))
        streamed = stream_statement(database.app, sign_in(name), StatementAsked(code), several=False, time_zone="UTC")
        assert [row for batch in streamed for row in batch] == []
    for name in ("abel", "dee", "ada"):
        with pytest.raises(Forbidden):
            statement_of(database.app, sign_in(name), StatementAsked("ACME-SEOUL"))


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "20261", "2026-11-22'"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(Invalid):
        read_statement({"day": [day]})


def test_an_address_says_which_statement_it_is() -> None:
    asked = read_statement({"account": ["ACME-SEOUL"], "day": ["2026-03-31"]})
    assert asked == StatementAsked("ACME-SEOUL", date(2026, 3, 31))
    assert asked.query() == "account=ACME-SEOUL&day=2026-03-31"
    assert read_statement({}) == StatementAsked()


def test_a_document_has_every_currency_and_says_nothing_of_another_company(
    book: Book, database: Database, sign_in: SignIn
) -> None:
    found = statement_of(database.app, _seoul(sign_in("ana")), StatementAsked(), most=3)
    for language in ("en", "ko"):
        with reading_as(Reader(language, "Asia/Seoul")):
            made = statement_pdf(found, made_at=datetime(2026, 1, 2, tzinfo=UTC))
            again = statement_pdf(found, made_at=datetime(2026, 1, 2, tzinfo=UTC))
        assert made.startswith(b"%PDF")
        assert made == again


def test_the_page_is_about_one_account_and_one_day(
    book: Book, database: Database, sign_in: SignIn, tmp_path: Path
) -> None:
    day = TODAY - timedelta(days=30)
    with settings_for(database, tmp_path):
        app = page_of(_seoul(sign_in("ana")), "pages.portal.statement", day=day.isoformat())
        several = page_of(sign_in("ana"), "pages.portal.statement", accounts="all")
        nobody = page_of(sign_in("fin"), "pages.portal.statement")
        finance = page_of(sign_in("fin"), "pages.portal.statement", account="ACME-SEOUL", day=day.isoformat())
    assert not app.exception
    expected = statement_of(database.app, _seoul(sign_in("ana")), StatementAsked(day=day))
    for page in (app, finance):
        shown = [number for frame in page.dataframe for number in frame.value["number"]]
        assert shown == [item.number for section in expected.sections for item in section.items]
        assert "BOLT" not in words_of(page)
    assert len(several.dataframe) == len(nobody.dataframe) == 0, "whoever has not chosen an account sees none"


def test_a_document_says_who_sends_it_and_no_currency_twice(book: Book, database: Database, sign_in: SignIn) -> None:
    found = statement_of(database.app, _seoul(sign_in("ana")), StatementAsked())
    made = statement_pdf(found, made_at=datetime(2026, 1, 2, tzinfo=UTC))
    said = "\n".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages)
    assert settings().brand_name in said
    assert not {"₩", "¥", "₱"} & {*said}, "it stands above the amounts"
    for section in found.sections:
        assert section.currency in said


def test_finance_takes_it_in_the_language_of_whom_it_is_for(
    book: Book, database: Database, sign_in: SignIn, tmp_path: Path
) -> None:
    with settings_for(database, tmp_path):
        app = Starlette(routes=web_statement.routes, exception_handlers=exception_handlers)
        cookie = {"cookie": f"portal_session={sign_in('fin').token}"}
        names = {}
        for language in ("en", "ja", "xx"):
            answer = ask(app, "/statement.pdf", query=f"account=ACME-SEOUL&language={language}", headers=cookie)
            assert answer.status == 200
            names[language] = unquote(answer.header("content-disposition") or "")
        page = page_of(sign_in("fin"), "pages.portal.statement", account="ACME-SEOUL")
    assert "Statement of account" in names["en"]
    assert "残高明細書" in names["ja"]
    assert names["xx"] == names["en"], "a language that is none is the reader's own"
    assert not page.exception
