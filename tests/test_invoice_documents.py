"""The documents of invoices: who gets one, what stands in it, and what is said when there is none."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from facturx import xml_check_xsd
from lxml import etree
from pypdf import PdfReader
from sqlalchemy import select, text, update
from starlette.applications import Starlette

from data.commands import execute
from data.invoicing import KeepOriginal, RemoveOriginal, bundle, get_invoice, take_document
from data.invoicing.bundle import names_of
from data.invoicing.documents import Paper
from data.invoicing.e_invoice import e_invoice
from data.invoicing.reading import InvoiceDetail
from data.models import Account, AuditEntry, Invoice
from reports.typeset import Unwritable, typeset, writable
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.files import LARGEST, Upload
from rules.money import InvoiceState
from rules.principal import Principal
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.door import settings_for
from tests.scene import INVOICES, Scene, set_the_scene
from ui import invoice_sheet
from ui.catalog import languages
from ui.invoice_sheet import pdf_of, sheet_of
from ui.text import Reader, reading_as
from web import invoices
from web.errors import exception_handlers

SignIn = Callable[[str], Principal]
Fetch = Callable[..., Answer]
UuidOf = Callable[[str], UUID]
UBL = {"cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
       "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"}  # fmt: skip
A_PDF = b"%PDF-1.7\nthe original"
SEEN_BY = {
    "ana": {"KR-GROUP", "KR-SEOUL", "KR-SEOUL-PAID", "KR-SEOUL-CREDIT", "JP-OSAKA"},
    "bea": {"PH-BOLT", "PH-BOLT-CREDIT"},
    "mia": {"KR-GROUP", "KR-SEOUL", "KR-SEOUL-PAID", "KR-SEOUL-CREDIT", "JP-OSAKA"},
    "fin": {invoice[0] for invoice in INVOICES},
}


@pytest.fixture(scope="module")
def scene(database: Database) -> Scene:
    """Nobody uploaded an original; the Osaka account reads Japanese."""
    with database.as_owner() as connection:
        scene = set_the_scene(connection)
        connection.execute(text("delete from portal.invoice_document"))
        connection.execute(update(Account).where(Account.id == scene.accounts["osaka"]).values(locale="ja"))
        connection.execute(update(Account).where(Account.id == scene.accounts["seoul"]).values(locale="ko"))
    return scene


@pytest.fixture(scope="module", autouse=True)
def _settings(database: Database, scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with settings_for(database, tmp_path_factory.mktemp("home") / "instance"):
        yield


@pytest.fixture(scope="module")
def uuid_of(database: Database, scene: Scene) -> UuidOf:
    with database.as_owner() as connection:
        known = dict(iter(connection.execute(select(Invoice.number, Invoice.uuid))))
    return lambda number: known[number]


@pytest.fixture(scope="module")
def app() -> Starlette:
    return Starlette(routes=invoices.routes, exception_handlers=exception_handlers)


@pytest.fixture(scope="module")
def fetch(app: Starlette, sign_in: SignIn) -> Fetch:
    """`fetch("ana", "/invoices.zip")` → what her browser gets."""

    def fetched(name: str | None, address: str, **more: str) -> Answer:
        path, _, query = address.partition("?")
        cookie = {"cookie": f"portal_session={sign_in(name).token}"} if name else {}
        headers = {key.replace("_", "-"): value for key, value in more.items()}
        return ask(app, path, query=query, headers={**cookie, **headers})

    return fetched


@pytest.fixture
def noted(database: Database) -> Callable[[], list[Any]]:
    """What was written into the audit log since, newest last."""
    newest = select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1)
    with database.as_owner() as connection:
        before = connection.scalar(newest) or 0

    def since() -> list[Any]:
        columns = AuditEntry.action, AuditEntry.object_label, AuditEntry.account_id, AuditEntry.after
        with database.as_owner() as connection:
            return list(connection.execute(select(*columns).where(AuditEntry.id > before).order_by(AuditEntry.id)))

    return since


def words_in(pdf: bytes) -> str:
    """As a reader's eyes and a search find them."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


class TestWhoGetsIt:
    @pytest.mark.parametrize("kind", ["pdf", "xml"])
    @pytest.mark.parametrize("who", ["vic", "ana", "mia", "fin"])
    def test_who_reads_the_invoice_takes_its_document_along(
        self, fetch: Fetch, uuid_of: UuidOf, who: str, kind: str, noted: Callable[[], list[Any]]
    ) -> None:
        answer = fetch(who, f"/invoices/{uuid_of('KR-SEOUL')}.{kind}")
        assert answer.status == 200
        assert answer.body.startswith(b"%PDF-" if kind == "pdf" else b"<?xml")
        assert answer.header("content-type") == f"application/{kind}"
        assert answer.header("content-disposition") == f"attachment; filename*=UTF-8''KR-SEOUL.{kind}"
        assert answer.header("x-content-type-options") == "nosniff"
        assert "no-store" in (answer.header("cache-control") or "")
        assert "sandbox" in (answer.header("content-security-policy") or "")
        assert [(one.action, one.after) for one in noted()] == [("invoice.download", {"file": f"KR-SEOUL.{kind}"})]

    @pytest.mark.parametrize("kind", ["pdf", "xml"])
    @pytest.mark.parametrize(
        ("who", "number", "status"),
        [
            ("ana", "PH-BOLT", 404),
            ("ana", "KR-SEOUL-DRAFT", 404),
            ("mia", "PH-BOLT", 404),
            ("abel", "KR-SEOUL", 403),
            ("dee", "KR-SEOUL", 403),
            ("ada", "KR-SEOUL", 403),
        ],
    )
    def test_for_all_others_there_is_none(
        self, fetch: Fetch, uuid_of: UuidOf, who: str, number: str, status: int, kind: str, noted: Any
    ) -> None:
        answer = fetch(who, f"/invoices/{uuid_of(number)}.{kind}")
        never = fetch(who, f"/invoices/{uuid4()}.{kind}")
        assert (answer.status, answer.body) == (never.status, never.body) == (status, answer.body)
        assert number.encode() not in answer.body
        assert not noted()

    def test_signed_out_it_leads_to_the_page(self, fetch: Fetch, uuid_of: UuidOf) -> None:
        uuid = uuid_of("KR-SEOUL")
        for address in (f"/invoices/{uuid}.pdf", f"/invoices/{uuid}.xml"):
            answer = fetch(None, address)
            assert (answer.status, answer.header("location")) == (303, f"/invoices?invoice={uuid}")

    def test_another_sites_link_takes_nothing(self, fetch: Fetch, uuid_of: UuidOf) -> None:
        assert fetch("ana", f"/invoices/{uuid_of('KR-SEOUL')}.pdf", sec_fetch_site="cross-site").status == 403
        assert fetch("ana", "/invoices.zip", sec_fetch_site="cross-site").status == 403

    def test_bank_details_stand_on_an_invoice_and_on_nothing_else(
        self, database: Database, sign_in: SignIn, uuid_of: UuidOf
    ) -> None:
        def paper(number: str) -> Paper:
            return take_document(database.app, sign_in("fin"), uuid_of(number), "pdf")

        assert "Example Bank" in words_in(pdf_of(paper("KR-SEOUL")))
        assert "Example Bank" not in words_in(pdf_of(paper("KR-SEOUL-CREDIT")))
        assert "Example Bank" not in words_in(pdf_of(made_void(paper("KR-SEOUL")))), "nobody pays what is void"


class TestWhatItSays:
    @pytest.fixture
    def paper(self, database: Database, sign_in: SignIn, uuid_of: UuidOf) -> Callable[[str], Paper]:
        return lambda number: take_document(database.app, sign_in("fin"), uuid_of(number), "pdf")

    def test_the_amounts_are_those_of_the_rows(self, paper: Callable[[str], Paper]) -> None:
        detail = with_lines(paper("PH-BOLT").detail)
        said = words_in(pdf_of(replace(paper("PH-BOLT"), detail=detail)))
        for line in detail.lines:
            assert f"{line.amount:,.2f}" in said
            assert f"{line.tax:,.2f}" in said
        assert "0.3333" in said, "a quantity with all its decimals"
        assert "1,234.567891" in said, "and so a unit price"
        assert f"PHP {detail.invoice.total:,.2f}" in said
        assert f"{detail.invoice.subtotal:,.2f}" in said

    @pytest.mark.parametrize(("number", "total"), [("KR-SEOUL", "KRW 1,000"), ("JP-OSAKA", "JPY 2,000")])
    def test_won_and_yen_have_no_decimals(self, paper: Callable[[str], Paper], number: str, total: str) -> None:
        said = words_in(pdf_of(paper(number)))
        assert total in said
        assert f"{total}." not in said

    def test_it_is_in_the_language_of_the_account(self, paper: Callable[[str], Paper]) -> None:
        assert "인보이스" in words_in(pdf_of(paper("KR-SEOUL")))
        assert "인보이스" not in words_in(pdf_of(paper("PH-BOLT")))

    def test_a_line_names_its_product_once_and_a_credit_note_no_terms(self, paper: Callable[[str], Paper]) -> None:
        bolts = paper("PH-BOLT")
        line = replace(bolts.detail.lines[0], description="Credit for A-1: Cabinet 42U, TYO1", product="Cabinet 42U")
        invoice = replace(bolts.detail.invoice, terms="Net 30")
        for product, is_named in (("Cabinet 42U", False), ("Cross connect", True)):
            lines = (replace(line, product=product),)
            sheet = sheet_of(replace(bolts, detail=replace(bolts.detail, lines=lines, invoice=invoice)))
            assert (product in sheet["lines"][0]["note"]) == is_named
        assert "Net 30" in str(sheet["facts"])
        bolts = paper("PH-BOLT-CREDIT")
        credit = replace(bolts.detail, invoice=replace(bolts.detail.invoice, terms="Net 30"))
        assert "Net 30" not in str(sheet_of(replace(bolts, detail=credit))["facts"])

    def test_a_period_and_an_addressee_are_written_as_in_the_language(self, paper: Callable[[str], Paper]) -> None:
        osaka = paper("JP-OSAKA")
        period = {"period_start": date(2026, 11, 1), "period_end": date(2026, 11, 30)}
        detail = replace(osaka.detail, invoice=replace(osaka.detail.invoice, **period))
        said = {}
        for language in ("en", "ja"):
            with reading_as(Reader(language)):
                said[language] = sheet_of(replace(osaka, detail=detail))
        assert ["期間", "2026/11/01～2026/11/30"] in said["ja"]["facts"]
        assert "Nov 1, 2026\u2009–\u2009Nov 30, 2026" in dict(said["en"]["facts"])["Period"]
        assert said["en"]["to"]["name"] == detail.account.name
        assert said["ja"]["to"]["name"] == f"{detail.account.name} 御中"

    def test_a_credit_note_and_what_is_void_or_a_draft_say_so(self, paper: Callable[[str], Paper]) -> None:
        bolts = paper("PH-BOLT")
        assert "Credit note" in words_in(pdf_of(paper("PH-BOLT-CREDIT")))
        assert "Void" in words_in(pdf_of(made_void(bolts)))
        assert "Draft" in words_in(pdf_of(paper("PH-BOLT-DRAFT")))
        assert not re.search("Void|Draft|Credit", words_in(pdf_of(bolts)))

    def test_the_same_invoice_gives_the_same_bytes_whatever_was_paid_since(
        self, database: Database, paper: Callable[[str], Paper], scene: Scene
    ) -> None:
        before = pdf_of(paper("KR-GROUP"))
        pay = (
            "insert into portal.payment (account_id, invoice_id, amount, currency, paid_on) "
            "values (:a, :i, 1, 'KRW', now())"
        )
        with database.as_owner() as connection:
            connection.execute(text(pay), {"a": scene.accounts["group"], "i": scene.invoices["KR-GROUP"]})
        assert paper("KR-GROUP").detail.invoice.paid == 1
        assert pdf_of(paper("KR-GROUP")) == before
        assert pdf_of(paper("KR-SEOUL")) != before

    @pytest.mark.parametrize("locale", ["en", "ko", "ja", "zh-Hans", "id"])
    def test_all_words_of_every_language_can_be_written(self, paper: Callable[[str], Paper], locale: str) -> None:
        """Without `writable`: a word of the catalog that no font has must not become a square."""
        detail = with_lines(paper("PH-BOLT").detail)
        known = {code.replace("_", "-"): code for code in languages()}
        for state in ("issued", "void", "draft"):
            shown = replace(detail, invoice=replace(detail.invoice, state=InvoiceState(state)))
            with reading_as(Reader(known.get(locale, "en"))):
                sheet = sheet_of(Paper(shown, "Bank", None))
            assert sheet == writable(sheet)
            when = invoice_sheet.datetime(2026, 1, 1, tzinfo=invoice_sheet.UTC)
            assert typeset("invoice", sheet, language=locale, country="PH", made_at=when)

    def test_a_letter_that_no_font_has_is_noticed_before_it_is_missing(
        self, paper: Callable[[str], Paper], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        detail = paper("PH-BOLT").detail
        odd = replace(detail, account=replace(detail.account, name="Bolt 😀"))
        assert "Bolt" in words_in(pdf_of(Paper(odd, None, None))), "an invoice comes all the same"
        monkeypatch.setattr(invoice_sheet, "writable", lambda sheet: sheet)
        with pytest.raises(Unwritable):
            pdf_of(Paper(odd, None, None))

    def test_a_line_stays_on_its_page_unless_it_is_longer_than_one(self, paper: Callable[[str], Paper]) -> None:
        detail = paper("PH-BOLT").detail

        def lines(words: int, n: int) -> Paper:
            said = " ".join(["cabinet"] * words)
            made = (replace(detail.lines[0], line=at, description=f"Begin{at}x {said} End{at}x") for at in range(n))
            return Paper(replace(detail, lines=tuple(made)), None, None)

        pages = [page.extract_text() for page in PdfReader(BytesIO(pdf_of(lines(60, 40)))).pages]
        assert len(pages) > 2
        assert all((f"Begin{at}x" in page) == (f"End{at}x" in page) for page in pages for at in range(40))
        assert words_in(pdf_of(lines(3000, 1))).count("cabinet") == 3000

    def test_what_somebody_wrote_is_no_markup(self, paper: Callable[[str], Paper]) -> None:
        detail = paper("PH-BOLT").detail
        hostile = replace(detail, account=replace(detail.account, name='#panic("x") *bold* $1$ #include "letter.typ"'))
        assert '#panic("x") *bold* $1$' in words_in(pdf_of(Paper(hostile, "#sys.inputs", None)))

    def test_nothing_in_it_is_a_float(self, paper: Callable[[str], Paper]) -> None:
        def parts(value: Any) -> Iterator[Any]:
            if is_dataclass(value):
                value = [getattr(value, one.name) for one in fields(value)]
            if isinstance(value, dict | list | tuple):
                for part in value.values() if isinstance(value, dict) else value:
                    yield from parts(part)
            else:
                yield value

        detail = with_lines(paper("PH-BOLT").detail)
        with reading_as(Reader()):
            assert not [one for one in parts([detail, sheet_of(Paper(detail, None, None))]) if isinstance(one, float)]


def made_void(paper: Paper) -> Paper:
    invoice = replace(paper.detail.invoice, state=InvoiceState.VOID)
    return replace(paper, detail=replace(paper.detail, invoice=invoice))


def with_lines(detail: InvoiceDetail) -> InvoiceDetail:
    """Two lines that round differently, and a total to go with them."""
    amounts = (("0.3333", "1234.567891", "411.48", "49.38"), ("2", "100", "200.00", "24.00"))
    lines = tuple(
        replace(
            detail.lines[0],
            line=at,
            quantity=Decimal(quantity),
            unit_price=Decimal(price),
            amount=Decimal(amount),
            tax=Decimal(tax),
        )
        for at, (quantity, price, amount, tax) in enumerate(amounts, start=1)
    )
    subtotal, tax = sum((line.amount for line in lines), Decimal(0)), sum((line.tax for line in lines), Decimal(0))
    invoice = replace(detail.invoice, subtotal=subtotal, tax=tax, total=subtotal + tax)
    return replace(detail, invoice=invoice, lines=lines)


class TestEInvoice:
    @pytest.fixture
    def paper(self, database: Database, sign_in: SignIn, uuid_of: UuidOf) -> Callable[[str], Paper]:
        return lambda number: take_document(database.app, sign_in("fin"), uuid_of(number), "xml")

    def found(self, paper: Paper, path: str) -> list[str]:
        return [element.text for element in etree.fromstring(e_invoice(paper)).xpath(path, namespaces=UBL)]

    @pytest.mark.parametrize("number", ["KR-SEOUL", "JP-OSAKA", "PH-BOLT", "PH-BOLT-CREDIT"])
    def test_it_is_what_the_standard_says(self, paper: Callable[[str], Paper], number: str) -> None:
        assert xml_check_xsd(e_invoice(paper(number)))

    def test_its_amounts_are_those_of_the_rows_and_its_rate_is_found(self, paper: Callable[[str], Paper]) -> None:
        detail = with_lines(paper("PH-BOLT").detail)
        mine = replace(paper("PH-BOLT"), detail=detail)
        assert xml_check_xsd(e_invoice(mine))
        assert self.found(mine, "//cac:InvoiceLine/cbc:LineExtensionAmount") == ["411.48", "200.00"]
        assert self.found(mine, "//cac:Price/cbc:PriceAmount") == ["1234.567891", "100"]
        assert self.found(mine, "/*/cac:TaxTotal/cbc:TaxAmount") == ["73.38"]
        assert self.found(mine, "//cac:TaxSubtotal/cac:TaxCategory/cbc:Percent") == ["12"]
        assert self.found(mine, "//cbc:PayableAmount") == [str(detail.invoice.total)]

    def test_tax_that_only_the_invoice_names_is_on_all_its_lines(self, paper: Callable[[str], Paper]) -> None:
        detail = with_lines(paper("PH-BOLT").detail)
        lines = tuple(replace(line, tax=Decimal(0)) for line in detail.lines)
        mine = replace(paper("PH-BOLT"), detail=replace(detail, lines=lines))
        assert self.found(mine, "//cac:TaxSubtotal/cbc:TaxAmount") == ["73.38"]
        assert self.found(mine, "//cac:ClassifiedTaxCategory/cbc:Percent") == ["12", "12"]

    def test_lines_with_and_without_tax_are_told_apart(self, paper: Callable[[str], Paper]) -> None:
        detail = with_lines(paper("PH-BOLT").detail)
        free = replace(detail.lines[1], tax=Decimal(0))
        invoice = replace(detail.invoice, tax=Decimal("49.38"), total=detail.invoice.subtotal + Decimal("49.38"))
        mine = replace(paper("PH-BOLT"), detail=replace(detail, invoice=invoice, lines=(detail.lines[0], free)))
        assert self.found(mine, "//cac:TaxSubtotal/cac:TaxCategory/cbc:ID") == ["Z", "S"]
        assert self.found(mine, "//cac:TaxSubtotal/cbc:TaxAmount") == ["0.00", "49.38"]

    def test_what_is_given_back_has_a_negative_quantity_and_no_negative_price(
        self, paper: Callable[[str], Paper]
    ) -> None:
        detail = paper("PH-BOLT").detail
        line = replace(detail.lines[0], unit_price=Decimal(-5), quantity=Decimal(2), amount=Decimal(-10))
        mine = replace(paper("PH-BOLT"), detail=replace(detail, lines=(line,)))
        assert self.found(mine, "//cac:Price/cbc:PriceAmount") == ["5"]
        assert self.found(mine, "//cbc:InvoicedQuantity") == ["-2"]

    def test_characters_that_xml_does_not_have_are_left_out(self, paper: Callable[[str], Paper]) -> None:
        detail = paper("PH-BOLT").detail
        odd = replace(detail.lines[0], description="a\x07b <&> ]]>\ud800")
        mine = replace(paper("PH-BOLT"), detail=replace(detail, lines=(odd,)))
        assert self.found(mine, "//cac:Item/cbc:Name") == ["ab <&> ]]>"]

    def test_of_what_is_no_claim_there_is_none(
        self, fetch: Fetch, uuid_of: UuidOf, paper: Callable[[str], Paper]
    ) -> None:
        answer = fetch("fin", f"/invoices/{uuid_of('KR-SEOUL-DRAFT')}.xml")
        assert answer.status == 400
        assert b"no e-invoice" in answer.body
        bolts = paper("PH-BOLT")
        for none in (made_void(bolts), replace(bolts, detail=replace(bolts.detail, lines=()))):
            with pytest.raises(Invalid):
                e_invoice(none)


class TestOriginal:
    @pytest.fixture(autouse=True)
    def _none(self, database: Database) -> Iterator[None]:
        yield
        with database.as_owner() as connection:
            connection.execute(text("delete from portal.invoice_document"))

    def test_where_finance_has_an_original_it_is_what_downloads(
        self, database: Database, sign_in: SignIn, uuid_of: UuidOf, fetch: Fetch, noted: Callable[[], list[Any]]
    ) -> None:
        uuid, fin = uuid_of("KR-SEOUL"), sign_in("fin")
        execute(database.app, fin, KeepOriginal(uuid, None, Upload("../scan 1.pdf", A_PDF)))
        answer = fetch("vic", f"/invoices/{uuid}.pdf")
        assert answer.body == A_PDF
        assert answer.header("content-disposition") == "attachment; filename*=UTF-8''KR-SEOUL.pdf"
        detail = get_invoice(database.app, sign_in("vic"), uuid)
        assert detail.document is not None and (detail.document.name, detail.document.size) == (
            "scan 1.pdf",
            len(A_PDF),
        )
        assert fetch("vic", f"/invoices/{uuid}.xml").body.startswith(b"<?xml")
        execute(database.app, fin, RemoveOriginal(uuid, 1))
        assert fetch("vic", f"/invoices/{uuid}.pdf").body != A_PDF
        assert [one.action for one in noted() if one.action != "invoice.download"] == [
            "invoice.original",
            "invoice.no_original",
        ]
        assert all(one.account_id for one in noted()), "its administrator reads what staff did"

    def test_of_a_draft_the_customer_reads_nothing_in_the_log(
        self, database: Database, sign_in: SignIn, uuid_of: UuidOf, noted: Callable[[], list[Any]]
    ) -> None:
        command = KeepOriginal(uuid_of("KR-SEOUL-DRAFT"), None, Upload("a.pdf", A_PDF))
        execute(database.app, sign_in("fin"), command)
        assert [one.account_id for one in noted()] == [None]

    def test_it_is_replaced_only_by_who_saw_the_one_that_stands(
        self, database: Database, sign_in: SignIn, uuid_of: UuidOf
    ) -> None:
        uuid, fin = uuid_of("KR-SEOUL"), sign_in("fin")
        execute(database.app, fin, KeepOriginal(uuid, None, Upload("a.pdf", A_PDF)))
        for late in (None, 2, 0):
            with pytest.raises(Conflict):
                execute(database.app, fin, KeepOriginal(uuid, late, Upload("b.pdf", A_PDF + b"2")))
            with pytest.raises(Conflict):
                execute(database.app, fin, RemoveOriginal(uuid, late))
        execute(database.app, fin, KeepOriginal(uuid, 1, Upload("b.pdf", A_PDF + b"2")))
        document = get_invoice(database.app, fin, uuid).document
        assert document is not None and (document.name, document.version) == ("b.pdf", 2)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.pdf", b""),
            ("a.pdf", b"<html>"),
            ("a.pdf", A_PDF + b"x" * LARGEST),
            ("a.html", b"<script>"),
            ("a.png", b"\x89PNG\r\n\x1a\n"),
        ],
    )
    def test_only_a_pdf_is_kept(
        self, database: Database, sign_in: SignIn, uuid_of: UuidOf, name: str, content: bytes
    ) -> None:
        with pytest.raises(Invalid):
            execute(database.app, sign_in("fin"), KeepOriginal(uuid_of("KR-SEOUL"), None, Upload(name, content)))
        assert get_invoice(database.app, sign_in("fin"), uuid_of("KR-SEOUL")).document is None

    @pytest.mark.parametrize("who", ["ana", "vic", "mia", "dee", "ada"])
    def test_nobody_but_finance_keeps_one(self, database: Database, sign_in: SignIn, uuid_of: UuidOf, who: str) -> None:
        with pytest.raises(Forbidden):
            execute(database.app, sign_in(who), KeepOriginal(uuid_of("KR-SEOUL"), None, Upload("a.pdf", A_PDF)))
        with pytest.raises(NotFound):
            execute(database.app, sign_in("fin"), KeepOriginal(uuid4(), None, Upload("a.pdf", A_PDF)))


class TestAllAtOnce:
    @pytest.mark.parametrize("who", ["ana", "bea", "mia", "fin"])
    def test_it_holds_what_the_list_holds(self, fetch: Fetch, who: str) -> None:
        answer = fetch(who, "/invoices.zip")
        assert answer.status == 200
        assert answer.header("content-type") == "application/zip"
        with ZipFile(BytesIO(answer.body)) as archive:
            assert archive.testzip() is None
            assert {name.removesuffix(".pdf") for name in archive.namelist()} == SEEN_BY[who]
            assert all(archive.read(name).startswith(b"%PDF-") for name in archive.namelist())

    def test_it_holds_exactly_what_is_filtered(self, fetch: Fetch) -> None:
        with ZipFile(BytesIO(fetch("ana", "/invoices.zip?currency=JPY").body)) as archive:
            assert archive.namelist() == ["JP-OSAKA.pdf"]
        with ZipFile(BytesIO(fetch("ana", "/invoices.zip?account=ACME").body)) as archive:
            assert archive.namelist() == ["KR-GROUP.pdf"]
        with ZipFile(BytesIO(fetch("ana", "/invoices.zip?account=BOLT").body)) as archive:
            assert archive.namelist() == []
        assert fetch("ana", "/invoices.zip?status=nonsense").status == 400

    @pytest.mark.parametrize("who", ["vic", "abel", "dee", "ada"])
    def test_without_the_function_to_take_along_there_is_none(self, fetch: Fetch, who: str, noted: Any) -> None:
        answer = fetch(who, "/invoices.zip")
        assert answer.status == 403
        assert b"PK" not in answer.body
        assert not noted()

    def test_signed_out_it_leads_to_the_page(self, fetch: Fetch) -> None:
        assert fetch(None, "/invoices.zip?status=overdue").header("location") == "/invoices?status=overdue"

    def test_it_is_noted_before_and_after(self, fetch: Fetch, scene: Scene, noted: Callable[[], list[Any]]) -> None:
        fetch("bea", "/invoices.zip?currency=PHP")
        bolt = scene.accounts["bolt"]
        assert [(one.action, one.object_label, one.account_id) for one in noted()] == [
            ("report.export", "invoices.zip", bolt),
            ("report.written", "invoices.zip", bolt),
        ]
        assert noted()[1].after["rows"] == 2

    def test_too_many_are_refused_before_anything_is_written(
        self, fetch: Fetch, monkeypatch: pytest.MonkeyPatch, noted: Any
    ) -> None:
        monkeypatch.setattr(bundle, "MOST_AT_ONCE", 4)
        answer = fetch("ana", "/invoices.zip")
        assert answer.status == 400
        assert b"At most 4 invoices" in answer.body
        assert not noted()
        assert fetch("ana", "/invoices.zip?currency=KRW").status == 200, "four are not too many"

    def test_two_issuers_may_have_given_the_same_number(
        self, database: Database, sign_in: SignIn, uuid_of: UuidOf
    ) -> None:
        paper = take_document(database.app, sign_in("fin"), uuid_of("KR-SEOUL"), "pdf")

        def called(number: str, issuer: str) -> Paper:
            detail = paper.detail
            invoice, by = replace(detail.invoice, number=number), replace(detail.issuer, code=issuer)
            return replace(paper, detail=replace(detail, invoice=invoice, issuer=by))

        these = [
            called("A/1", "KR"),
            called("a:1", "JP"),
            called("a_1", "JP"),
            called("../..", "KR"),
            called("인 1", "KR"),
        ]
        names = [name for name, _paper in names_of(iter(these))]
        assert names == ["A_1", "a_1 (JP)", "a_1 (JP)_", "_", "인 1"]

    def test_a_right_that_is_taken_away_meanwhile_breaks_it_off(
        self, database: Database, sign_in: SignIn, uuid_of: UuidOf
    ) -> None:
        bea = sign_in("bea")
        following = bundle.papers(database.app, bea, [uuid_of("PH-BOLT"), uuid_of("KR-SEOUL")])
        assert next(following)[0].detail.invoice.number == "PH-BOLT"
        with pytest.raises(NotFound):
            next(following)

    def test_a_failure_never_ends_as_a_whole_archive(self, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(_paper: Paper) -> bytes:
            raise RuntimeError("no more paper")

        monkeypatch.setattr(invoices, "pdf_of", fails)
        with pytest.raises(Exception, match="could not be completed"):
            fetch("ana", "/invoices.zip")


class TestManyReaders:
    def test_a_document_that_takes_long_holds_up_nobody_else(
        self, app: Starlette, sign_in: SignIn, uuid_of: UuidOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Four are set while the loop goes on turning."""
        token, path = sign_in("ana").token, f"/invoices/{uuid_of('KR-SEOUL')}.pdf"
        cookie = [(b"cookie", f"portal_session={token}".encode())]
        made: list[float] = []

        def slowly(_paper: Paper) -> bytes:
            time.sleep(0.3)
            made.append(time.monotonic())
            return A_PDF

        monkeypatch.setattr(invoices, "pdf_of", slowly)

        async def download() -> int:
            statuses: list[int] = []

            async def send(message: Any) -> None:
                statuses.append(message.get("status", 0))

            async def receive() -> Any:
                return {"type": "http.request", "body": b"", "more_body": False}

            scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
                     "root_path": "", "scheme": "http", "http_version": "1.1", "server": ("127.0.0.1", 8501),
                     "client": ("127.0.0.1", 1), "headers": cookie}  # fmt: skip
            await app(scope, receive, send)
            return statuses[0]

        async def all_of_them() -> tuple[list[int], int]:
            downloads = asyncio.gather(*(download() for _ in range(4)))
            turns = 0
            while not downloads.done():
                await asyncio.sleep(0.005)
                turns += 1
            return await downloads, turns

        statuses, turns = asyncio.run(all_of_them())
        assert statuses == [200] * 4
        assert len(made) == 4
        assert turns > 20
