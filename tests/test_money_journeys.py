"""In a real browser: Fin records a payment and takes it back, pays several at once, and imports what the bank wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, expect

from data.invoicing import RecordPayment
from rules.principal import Principal
from tests.cluster import Database
from tests.money_scene import Books
from tests.portal_server import PHONE, Portal, Tab, open_tab
from ui.text import Reader, _, n_, reading_as

expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong
SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module")
def books(database: Database, sign_in: SignIn) -> Books:
    return Books(database, sign_in)


def number_of(books: Books, uuid: UUID) -> str:
    return str(books.rows("select number from portal.invoice where uuid = :u", u=uuid)[0][0])


def drawer_of(tab: Tab, books: Books, uuid: UUID) -> Locator:
    tab.go(f"/billing?invoice={uuid}")
    drawer = tab.page.get_by_role("dialog")
    expect(drawer.get_by_role("heading", name=number_of(books, uuid))).to_be_visible()
    return drawer


@pytest.mark.parametrize(("viewport", "language"), [(None, "en"), (PHONE, "ko")], ids=["wide", "phone"])
def test_fin_records_a_payment_in_the_drawer_and_takes_it_back(
    viewport: dict[str, int] | None, language: str, portal: Portal, browser: Browser, books: Books
) -> None:
    invoice = books.invoice()
    how = {"viewport": viewport, "language": language}
    with (
        open_tab(portal, browser, token=books.sign_in("fin").token, **how) as tab,
        reading_as(Reader(language, "Asia/Seoul")),
    ):
        drawer = drawer_of(tab, books, invoice)
        drawer.get_by_role("button", name=_("Record payment")).click()
        amount = drawer.get_by_label(f"{_('Amount')} (KRW)")
        expect(amount).to_have_value("1000")
        amount.fill("1001")
        drawer.get_by_role("button", name=_("Record"), exact=True).click()
        expect(drawer.get_by_text("INV-M-2026").filter(has_text="₩1,000").first).to_be_visible()  # what is open is said
        assert books.balance(invoice) == 1000
        amount.fill("400")
        drawer.get_by_role("button", name=_("Record"), exact=True).click()
        expect(drawer.get_by_text(_("The payment is recorded."))).to_be_visible()
        assert books.standing(invoice) == ("partially_paid", 400, 0, 0, 600)
        drawer.get_by_role("button", name=_("More")).click()
        tab.page.get_by_role("option", name=_("Take back")).or_(
            tab.page.get_by_role("menuitem", name=_("Take back"))
        ).first.click()
        drawer.get_by_role("combobox", name=_("What was wrong")).click()
        tab.page.get_by_role("option", name="₩400").click()
        drawer.get_by_label(_("Reason")).fill("Not theirs")
        drawer.get_by_role("button", name=_("Take back"), exact=True).click()
        expect(drawer.get_by_text(_("It is taken back."))).to_be_visible()
        assert books.standing(invoice) == ("issued", 0, 0, 0, 1000)
        assert tab.page.evaluate("document.body.scrollWidth <= window.innerWidth")
        assert tab.troubles == []
    books.add_up()


def test_what_a_colleague_did_meanwhile_is_told_and_nothing_is_recorded(
    portal: Portal, browser: Browser, books: Books
) -> None:
    invoice = books.invoice()
    with open_tab(portal, browser, token=books.sign_in("fin").token) as tab:
        drawer = drawer_of(tab, books, invoice)
        drawer.get_by_role("button", name="Record payment").click()
        expect(drawer.get_by_label("Amount (KRW)")).to_be_visible()
        books.do(RecordPayment(invoice, books.balance(invoice) / 2, books.today()))
        drawer.get_by_role("button", name="Record", exact=True).click()
        expect(drawer.get_by_text("was changed meanwhile").first).to_be_visible()
    assert books.balance(invoice) == 500
    books.add_up()


def test_a_bank_file_is_shown_first_then_recorded_once(
    portal: Portal, browser: Browser, books: Books, tmp_path: Path
) -> None:
    sure, part = books.invoice("1234"), books.invoice("5000")
    file = tmp_path / "bank.csv"
    file.write_text(
        "Date,Amount,Currency,Description,Payer\n"
        f'{books.today()},"1,234",KRW,{number_of(books, sure)},Acme\n'
        f"{books.today()},100,KRW,{number_of(books, part)},Acme\n{books.today()},7,KRW,whose is it,Somebody\n"
    )
    with open_tab(portal, browser, token=books.sign_in("fin").token) as tab:
        tab.go("/billing")
        tab.page.get_by_role("button", name="Import bank file").click()
        dialog = tab.page.get_by_role("dialog")
        dialog.locator("input[type=file]").set_input_files(file)
        expect(dialog.get_by_text("1 certain")).to_be_visible()
        assert books.balance(sure) == 1234
        dialog.get_by_role("button", name="Record 1 payment").click()
        expect(tab.page.get_by_text("1 payment recorded. 2 lines wait for a person.")).to_be_visible()
        assert (books.balance(sure), books.balance(part)) == (0, 5000)
        tab.go("/bank?bank=file")
        again = tab.page.get_by_role("dialog")
        again.locator("input[type=file]").set_input_files(file)
        expect(again.get_by_text("Nothing new is in this file.")).to_be_visible()
        expect(again.get_by_role("button", name="Keep the lines")).to_be_disabled()
        row = books.rows("select uuid from portal.bank_line where reference = 'whose is it'")[0][0]
        tab.go(f"/bank?line={row}&do=aside")
        drawer = tab.page.get_by_role("dialog")
        drawer.get_by_label("Reason").fill("Interest")
        drawer.get_by_role("button", name="Set aside").last.click()
        expect(tab.page.get_by_text("The line is set aside.")).to_be_visible()
        assert tab.troubles == []
    books.add_up()


def test_several_are_ticked_shown_and_paid_in_full(portal: Portal, browser: Browser, books: Books) -> None:
    two = [books.invoice("310", account="BOLT"), books.invoice("320", account="BOLT")]
    with open_tab(portal, browser, token=books.sign_in("fin").token) as tab:
        tab.go("/billing?q=INV-M&account=BOLT")
        canvas = tab.page.locator("[data-testid=stDataFrame]").last
        expect(canvas).to_be_visible()
        for at in range(len(books.rows("select from portal.invoice i join portal.account a on a.id = i.account_id "
                                       "where a.code = 'BOLT' and i.state = 'issued'"))):  # fmt: skip
            canvas.click(position={"x": 16, "y": 36 + 18 + 36 * at})
        expect(tab.page.get_by_text("2 selected")).to_be_visible()
        tab.page.get_by_role("button", name="Record payments").click()
        dialog = tab.page.get_by_role("dialog")
        expect(dialog.get_by_text("₩630")).to_be_visible()
        dialog.get_by_role("button", name=n_("Record {n} payment", "Record {n} payments", 2)).click()
        expect(tab.page.get_by_text("2 payments recorded.")).to_be_visible()
        expect(tab.page.get_by_text("2 selected")).to_be_hidden()
        assert tab.troubles == []
    assert [books.standing(uuid)[0] for uuid in two] == ["paid", "paid"]
    books.add_up()


@pytest.mark.parametrize("name", ["dee", "ana"])
def test_nobody_else_finds_a_button_or_a_page(name: str, portal: Portal, browser: Browser, books: Books) -> None:
    invoice = books.invoice()
    with open_tab(portal, browser, token=books.sign_in(name).token) as tab:
        tab.go("/bank?bank=file")
        expect(tab.page.get_by_role("heading").first).to_be_visible()
        expect(tab.page.get_by_text("Import bank file")).to_have_count(0)
        tab.go(f"/invoices?invoice={invoice}")
        expect(tab.page.get_by_role("heading").first).to_be_visible()
        for word in ("Record payment", "Void", "Write off", "Use credit note"):
            expect(tab.page.get_by_role("button", name=word)).to_have_count(0)
