"""An invoice in its drawer: what each reader sees of it, and who sees nothing at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select, text
from streamlit.testing.v1 import AppTest

from data.invoicing import (
    ApplyCredit,
    RecordPayment,
    TakeBackCredit,
    TakeBackPayment,
    VoidInvoice,
    WriteOff,
    get_invoice,
)
from data.models import Invoice
from pages.portal.invoice.lines import _sums
from rules.errors import Forbidden, NotFound
from rules.principal import Principal
from tests.cluster import Database
from tests.door import settings_for
from tests.money_scene import Books
from tests.portal_server import Portal, open_tab
from tests.scene import Scene, set_the_scene
from ui.text import Reader, reading_as

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module")
def scene(database: Database) -> Scene:
    with database.as_owner() as connection:
        return set_the_scene(connection)


@pytest.fixture(scope="module", autouse=True)
def _settings(database: Database, scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with settings_for(database, tmp_path_factory.mktemp("instance")):
        yield


@pytest.fixture(scope="module")
def uuid_of(database: Database, scene: Scene) -> Callable[[str], UUID]:
    """`uuid_of("KR-SEOUL")` → the UUID in its address."""

    def found(number: str) -> UUID:
        with database.as_owner() as connection:
            query = select(Invoice.uuid).where(Invoice.id == scene.invoices[number])
            return connection.execute(query).scalar_one()

    return found


def drawer(principal: object, uuid: object) -> None:
    from pages.portal.invoice.drawer import invoice_drawer

    invoice_drawer(principal)({"uuid": uuid})


def opened(principal: Principal, uuid: UUID) -> AppTest:
    app = AppTest.from_function(drawer, args=(principal, uuid), default_timeout=30).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    shown = [*app.markdown, *app.text, *app.subheader, *app.warning, *app.info, *app.caption]
    frames = [frame.value.to_string() for frame in app.dataframe]
    tables = [*(str(t.value) for t in app.table), *(html.proto.body for html in app.get("html"))]
    return "\n".join([*(str(element.value) for element in shown), *tables, *frames])


class TestWhoSeesIt:
    def test_a_viewer_sees_it_with_all_that_hangs_on_it(
        self, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID]
    ) -> None:
        detail = get_invoice(database.app, sign_in("vic"), uuid_of("KR-SEOUL"))
        assert [line.description for line in detail.lines] == ["KR-SEOUL"]
        assert [(credit.number, credit.amount) for credit in detail.credits] == [("KR-SEOUL-CREDIT", 10)]
        assert not detail.payments
        assert detail.document is not None

    def test_a_credit_note_leads_to_the_invoice_it_was_used_for(
        self, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID]
    ) -> None:
        detail = get_invoice(database.app, sign_in("ana"), uuid_of("KR-SEOUL-CREDIT"))
        assert [credit.number for credit in detail.credits] == ["KR-SEOUL"]

    @pytest.mark.parametrize(
        ("language", "left", "open_"),
        [
            ("en", "Credit left", "Balance"),
            ("ko", "크레딧 잔액", "미납 잔액"),
            ("ja", "クレジット残高", "未払残高"),
            ("zh_Hans", "贷项余额", "未付余额"),
            ("id", "Sisa kredit", "Sisa tagihan"),
        ],
    )
    def test_what_is_owed_to_a_customer_is_no_balance_to_be_paid(
        self, database: Database, sign_in: SignIn, language: str, left: str, open_: str
    ) -> None:
        books = Books(database, sign_in)
        for uuid, says, never in ((books.credit_note(), left, open_), (books.invoice(), open_, left)):
            with reading_as(Reader(language)):
                said = _sums(get_invoice(database.app, sign_in("ana"), uuid))
            assert f"| **{says}** |" in said
            assert never not in said

    @pytest.mark.parametrize("number", ["PH-BOLT", "KR-SEOUL-DRAFT"])
    def test_a_stranger_s_and_a_draft_do_not_exist_for_a_customer(
        self, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID], number: str
    ) -> None:
        with pytest.raises(NotFound):
            get_invoice(database.app, sign_in("ana"), uuid_of(number))
        assert "does not exist" in words(opened(sign_in("ana"), uuid_of(number)))

    @pytest.mark.parametrize("who", ["abel", "dee", "ada"])
    def test_who_has_no_function_for_invoices_reads_none(
        self, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID], who: str
    ) -> None:
        with pytest.raises(Forbidden):
            get_invoice(database.app, sign_in(who), uuid_of("KR-SEOUL"))
        assert "1,000" not in words(opened(sign_in(who), uuid_of("KR-SEOUL")))

    def test_a_manager_reads_their_customers_and_no_others(
        self, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID]
    ) -> None:
        assert get_invoice(database.app, sign_in("mia"), uuid_of("KR-SEOUL")).account.code == "ACME-SEOUL"
        with pytest.raises(NotFound):
            get_invoice(database.app, sign_in("mia"), uuid_of("PH-BOLT"))

    @pytest.mark.parametrize("uuid", ["989e28e6-5683-4982-bcd3-ad6ef9a8a061", "1", "'; drop table portal.invoice; --"])
    def test_what_never_was_is_not_found(self, database: Database, sign_in: SignIn, uuid: str) -> None:
        with pytest.raises(NotFound):
            get_invoice(database.app, sign_in("fin"), uuid)


@pytest.fixture(scope="module")
def long_invoice(database: Database, scene: Scene, uuid_of: Callable[[str], UUID]) -> UUID:
    """Two thousand lines."""
    lines = (
        "insert into portal.invoice_line (account_id, invoice_id, line, description, quantity, unit_price, charge, "
        "amount) select account_id, id, n, 'Line ' || n, 0.3333, 1.123456, 'recurring', 1 "
        "from portal.invoice, generate_series(2, 2000) n where id = :id"
    )
    with database.as_owner() as connection:
        connection.execute(text(lines), {"id": scene.invoices["KR-GROUP"]})
    return uuid_of("KR-GROUP")


class TestManyLines:
    def test_two_thousand_lines_come_a_page_at_a_time(
        self, database: Database, sign_in: SignIn, long_invoice: UUID
    ) -> None:
        ana, uuid = sign_in("ana"), long_invoice
        page = get_invoice(database.app, ana, uuid, first_line=50, most_lines=50)
        assert (page.line_count, [line.line for line in page.lines]) == (2000, list(range(51, 101)))
        assert len(get_invoice(database.app, ana, uuid).lines) == 2000
        app = opened(ana, uuid)
        assert "Lines (2,000)" in {tab.label for tab in app.tabs}
        assert words(app).count("</tr>") == 1 + 50
        assert "Line 50" in words(app)
        assert "Line 51" not in words(app)

    def test_the_page_that_was_turned_to_is_shown(self, sign_in: SignIn, long_invoice: UUID) -> None:
        app = AppTest.from_function(drawer, args=(sign_in("ana"), long_invoice), default_timeout=30)
        app.session_state[f"lines.{long_invoice}"] = 40
        said = words(app.run())
        assert "Line 2000" in said
        assert "Line 1950" not in said

    def test_a_quantity_and_a_price_are_not_rounded(self, sign_in: SignIn, long_invoice: UUID) -> None:
        said = words(opened(sign_in("ana"), long_invoice))
        assert "0.3333" in said
        assert "1.123456" in said


class TestInTheBrowser:
    def test_finance_uploads_an_original_and_the_customer_gets_it(
        self, portal: Portal, browser: Browser, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID]
    ) -> None:
        address, pdf = f"invoice={uuid_of('JP-OSAKA')}", b"%PDF-1.7 the original"
        with database.as_owner() as connection:
            connection.execute(text("delete from portal.invoice_document"))
        with open_tab(portal, browser, token=sign_in("fin").token) as tab:
            tab.go(f"/billing?{address}")
            tab.page.get_by_text("Upload the original").click()
            tab.page.locator("input[type=file]").set_input_files(
                {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": pdf}
            )
            tab.page.get_by_text("scan.pdf").wait_for()
            tab.page.get_by_role("button", name="Upload", exact=True).last.click()
            expect(tab.page.get_by_text("Original: scan.pdf")).to_be_visible()
        with open_tab(portal, browser, token=sign_in("ana").token) as tab:
            tab.go(f"/invoices?{address}")
            expect(tab.page.get_by_text("Original: ")).to_have_count(0)
            with tab.page.expect_download() as taken:
                tab.page.get_by_role("link", name="PDF").click()
            assert taken.value.suggested_filename == "JP-OSAKA.pdf"
            assert Path(taken.value.path()).read_bytes() == pdf

    def test_all_that_are_filtered_come_as_one_archive(self, portal: Portal, browser: Browser, sign_in: SignIn) -> None:
        with open_tab(portal, browser, token=sign_in("bea").token) as tab:
            tab.go("/invoices?currency=PHP&q=CREDIT")
            with tab.page.expect_download() as taken:
                tab.page.get_by_role("link", name="Download all").click()
            with ZipFile(taken.value.path()) as archive:
                assert archive.namelist() == ["PH-BOLT-CREDIT.pdf"]
        with open_tab(portal, browser, token=sign_in("vic").token) as tab:
            tab.go("/invoices")
            expect(tab.page.get_by_text(re.compile(r"^1–\d+ of \d+"))).to_be_visible()
            expect(tab.page.get_by_role("link", name="Download all")).to_have_count(0)


class TestWhatItShows:
    def test_who_owes_whom_how_much_and_since_when(self, sign_in: SignIn, uuid_of: Callable[[str], UUID]) -> None:
        said = words(opened(sign_in("vic"), uuid_of("KR-SEOUL")))
        assert "Acme Seoul owes" in said
        assert "days late" in said
        assert "₩1,000" in said
        assert "BOLT" not in said

    def test_finance_reads_a_draft_and_is_told_that_it_is_one(
        self, sign_in: SignIn, uuid_of: Callable[[str], UUID]
    ) -> None:
        said = words(opened(sign_in("fin"), uuid_of("KR-SEOUL-DRAFT")))
        assert "nobody but finance" in said
        assert "late" not in said

    @pytest.mark.parametrize("who", ["ana", "vic", "mia"])
    def test_why_it_is_void_stands_in_it_for_all_who_read_it(
        self, database: Database, sign_in: SignIn, who: str
    ) -> None:
        books = Books(database, sign_in)
        void, lost = books.invoice(), books.invoice()
        books.do(VoidInvoice(void, 1, "Invoiced twice, see *March*"))
        books.do(WriteOff(lost, 1, "They are broke"))
        shown = [str(each.value) for each in opened(sign_in(who), void).markdown]
        assert len([words for words in shown if "Invoiced twice" in words]) == 2, "on top, and in the history"
        assert "*March*" not in "".join(shown), "what somebody wrote is text"
        assert "broke" not in words(opened(sign_in(who), lost))

    def test_why_an_entry_was_taken_back_stands_beside_it(self, database: Database, sign_in: SignIn) -> None:
        books = Books(database, sign_in)
        invoice, credit = books.invoice(), books.credit_note()
        paid = books.do(RecordPayment(invoice, Decimal(10), books.today()))["payment"]
        used = books.do(ApplyCredit(credit, invoice, Decimal(20)))["credit"]
        books.do(TakeBackPayment(UUID(paid), "Of another customer"))
        books.do(TakeBackCredit(UUID(used), "Wrong month"))
        for uuid, whys in ((invoice, ("Of another customer", "Wrong month")), (credit, ("Wrong month",))):
            said = words(opened(sign_in("vic"), uuid))
            assert [said.count(why) for why in whys] == [2] * len(whys), "in its table, and in the history"
