"""In a real browser: Fin records a payment and takes it back, pays several at once, and imports what the bank wrote;
issues, credits, reminds, voids and gives up, and settles a dispute, while the customer looks on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, expect

from data.invoicing import RecordPayment
from rules.principal import Principal
from tests.billing_scene import PDF, run_of
from tests.cluster import Database
from tests.money_scene import Books
from tests.portal_server import PHONE, Portal, Tab, open_tab
from ui.text import Reader, _, n_, reading_as, term

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module")
def books(database: Database, sign_in: SignIn) -> Books:
    return Books(database, sign_in)


def drawer_of(tab: Tab, books: Books, uuid: UUID, page: str = "/billing") -> Locator:
    tab.go(f"{page}?invoice={uuid}")
    drawer = tab.page.get_by_role("dialog")
    expect(drawer.get_by_role("heading", name=books.number(uuid))).to_be_visible()
    return drawer


def of_more(tab: Tab, drawer: Locator, deed: str) -> None:
    tab.choose(drawer.get_by_role("button", name=_("More")), deed)


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
        of_more(tab, drawer, _("Take an entry back"))
        tab.choose(drawer.get_by_role("combobox", name=_("What was wrong")), "₩400")
        drawer.get_by_label(_("Reason")).fill("Not theirs")
        drawer.get_by_role("button", name=_("Take back"), exact=True).click()
        expect(drawer.get_by_text(_("It is taken back."))).to_be_visible()
        assert books.standing(invoice) == ("issued", 0, 0, 0, 1000)
        assert tab.fits()
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
        tab.is_told_nothing()
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
        f'{books.today()},"1,234",KRW,{books.number(sure)},Acme\n'
        f"{books.today()},100,KRW,{books.number(part)},Acme\n{books.today()},7,KRW,whose is it,Somebody\n"
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
        for uuid in two:
            expect(canvas).to_contain_text(books.number(uuid))
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


def test_a_draft_is_issued_questioned_and_credited_by_two_who_see_each_others_steps(
    portal: Portal, browser: Browser, books: Books, tmp_path: Path
) -> None:
    invoice = books.invoice("900", state="draft")
    books.lines(invoice, 600, 300)
    contract = tmp_path / "contract.txt"
    contract.write_text("one cabinet")
    with (
        reading_as(Reader("ko", "Asia/Seoul")),
        open_tab(portal, browser, token=books.sign_in("fin").token) as fin,
        open_tab(portal, browser, token=books.sign_in("ana").token, viewport=PHONE, language="ko") as ana,
    ):
        ana.go(f"/invoices?invoice={invoice}")
        expect(ana.page.get_by_role("heading").first).to_be_visible()
        expect(ana.page.get_by_text(books.number(invoice))).to_have_count(0)
        drawer = drawer_of(fin, books, invoice)
        drawer.get_by_role("button", name="Issue").click()
        expect(drawer.get_by_text("From then on Acme Seoul sees it: ₩900")).to_be_visible()
        assert books.standing(invoice)[0] == "draft"
        drawer.get_by_role("button", name="Issue", exact=True).click()
        expect(drawer.get_by_text("Acme Seoul owes")).to_be_visible()

        hers = drawer_of(ana, books, invoice, "/invoices")
        hers.get_by_role("tab", name=_("Disputes")).click()
        hers.get_by_role("button", name=_("Dispute this invoice")).click()
        hers.get_by_text(term("dispute.about", "lines")).click()
        ana.choose(hers.get_by_role("combobox", name=_("Lines")), "₩600")
        ana.page.keyboard.press("Escape")
        expect(hers.get_by_label(_("Amount in question"))).to_have_value("600")
        ana.choose(hers.get_by_role("combobox", name=_("Reason")), term("dispute.reason", "price"))
        hers.get_by_label(_("What is wrong")).fill("400 were agreed")
        hers.get_by_text(_("Attach files")).first.click()
        hers.locator("input[type=file]").set_input_files(contract)
        expect(hers.get_by_text("11.0B")).to_be_visible()  # it has arrived
        hers.get_by_role("button", name=_("Send to finance")).click()
        expect(hers.get_by_role("link", name="contract.txt")).to_be_visible()

        expect(drawer.get_by_text("This invoice is disputed.")).to_be_visible()  # without a click of Fin's
        drawer.get_by_role("tab", name="Disputes").click()
        expect(drawer.get_by_text("400 were agreed")).to_be_visible()
        drawer.get_by_role("button", name="Accept the dispute").click()
        drawer.get_by_label("Credit", exact=True).fill("200")
        drawer.get_by_label("Your answer").fill("So they were")
        drawer.get_by_role("button", name="Accept the dispute").click()
        expect(drawer.get_by_text("₩200 is credited with")).to_be_visible()

        expect(hers.get_by_text("So they were")).to_be_visible()  # without a click of Ana's
        expect(hers.get_by_text("₩700").first).to_be_visible()
        assert ana.fits()
        assert fin.troubles == ana.troubles == []
    assert books.standing(invoice) == ("partially_paid", 0, 200, 0, 700)
    books.add_up()


def test_a_customer_is_reminded_once_and_sees_at_once_what_is_credited_voided_and_given_up(
    portal: Portal, browser: Browser, books: Books
) -> None:
    long_ago = books.today() - timedelta(days=40)
    late, wrong = (books.invoice("500", account="BOLT", issue_date=long_ago, due_date=long_ago) for _n in range(2))
    books.credit_note("300", account="BOLT")
    reminders = "select p.email from portal.mail m join portal.person p on p.id = m.person_id where m.kind = :kind"
    with (
        open_tab(portal, browser, token=books.sign_in("fin").token) as fin,
        open_tab(portal, browser, token=books.sign_in("bea").token) as bea,
    ):
        hers = drawer_of(bea, books, wrong, "/invoices")
        drawer = drawer_of(fin, books, wrong)
        of_more(fin, drawer, "Void")
        drawer.get_by_role("button", name="Void", exact=True).click()
        expect(drawer.get_by_text("1 thing to correct")).to_be_visible()
        assert books.standing(wrong)[0] == "issued"
        drawer.get_by_label("Reason").fill("Of another company")
        drawer.get_by_role("button", name="Void", exact=True).click()
        expect(drawer.get_by_text("Void: it need not be paid.")).to_be_visible()
        expect(hers.get_by_text("Void: it need not be paid.")).to_be_visible()  # without a click of Bea's

        fin.go("/billing?by=late&who=bolt")
        fin.page.get_by_role("button", name="Remind all").click()
        dialog = fin.page.get_by_role("dialog")
        expect(dialog.get_by_role("heading", name="Remind Bolt")).to_be_visible()
        expect(dialog.get_by_text(books.number(late))).to_be_visible()
        expect(dialog.get_by_text(books.number(wrong))).to_have_count(0)
        assert books.rows(reminders, kind="payment_reminder") == []
        dialog.get_by_role("button", name="Send 1 reminder").click()
        expect(fin.page.get_by_text("1 account is reminded.")).to_be_visible()
        fin.page.get_by_role("button", name="Remind all").click()
        expect(dialog.get_by_role("button", name="Send 1 reminder")).to_be_disabled()
        assert books.rows(reminders, kind="payment_reminder") == [("paa@bolt.example",)]

        drawer = drawer_of(fin, books, late)
        drawer.get_by_role("button", name="Use credit note").click()
        fin.choose(drawer.get_by_role("combobox", name="Credit note"), "₩300")
        expect(drawer.get_by_text("₩300 is used. Then ₩200")).to_be_visible()
        drawer.get_by_role("button", name="Use it").click()
        expect(drawer.get_by_role("row", name="Balance ₩200")).to_be_visible()
        of_more(fin, drawer, "Write off")
        expect(drawer.get_by_text("₩200 is given up.")).to_be_visible()
        drawer.get_by_label("Reason").fill("Not worth a letter")
        drawer.get_by_role("button", name="Write off", exact=True).click()
        expect(drawer.get_by_text("Written off: ₩200")).to_be_visible()
        assert fin.troubles == bea.troubles == []
    assert (books.standing(wrong)[0], books.standing(late)) == ("void", ("written_off", 0, 300, 200, 0))
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


def test_a_billing_run_is_looked_at_then_imported_once(
    portal: Portal, browser: Browser, books: Books, tmp_path: Path
) -> None:
    wrong, good = tmp_path / "wrong.zip", tmp_path / "run.zip"
    wrong.write_bytes(run_of({"total": "1200"}).getvalue())
    good.write_bytes(run_of({}, {"number": "R-2"}, payments=[{}], documents={"R-1": PDF}).getvalue())
    ours = "select number, balance from portal.invoice where number like 'R-%' order by number"
    with open_tab(portal, browser, token=books.sign_in("fin").token) as tab:
        tab.go("/billing")
        tab.page.get_by_role("button", name="Import billing run").click()
        dialog = tab.page.get_by_role("dialog")
        dialog.locator("input[type=file]").set_input_files(wrong)
        expect(dialog.get_by_text("Nothing can be imported: 1 cell is not as it should be.")).to_be_visible()
        expect(dialog.get_by_role("button", name="Import", exact=True)).to_have_count(0)
        dialog.locator("input[type=file]").set_input_files(good)
        expect(dialog.get_by_text("2 new invoices · 1 payment · 1 original")).to_be_visible()
        assert books.rows(ours) == []
        dialog.get_by_role("button", name="Import", exact=True).dblclick()
        expect(tab.page.get_by_text("The billing run is imported: 2 new invoices, 0 changed.")).to_be_visible()
        expect(dialog).to_have_count(0)
        assert books.rows(ours) == [("R-1", 500), ("R-2", 1100)]
        assert tab.troubles == []
    books.add_up()


def test_what_is_sent_waits_for_the_file_that_belongs_to_it(portal: Portal, browser: Browser, books: Books) -> None:
    invoice, uploads = books.invoice(), "**/_stcore/upload_file/**"
    with open_tab(portal, browser, token=books.sign_in("ana").token) as tab:
        drawer = drawer_of(tab, books, invoice, "/invoices")
        drawer.get_by_role("tab", name="Disputes").click()
        drawer.get_by_role("button", name="Dispute this invoice").click()
        drawer.get_by_label("What is wrong").fill("We never ordered it.")
        tab.choose(drawer.get_by_role("combobox", name="Reason"), term("dispute.reason", "not_ordered"))
        drawer.get_by_text("Attach files").first.click()
        send, waits = drawer.get_by_role("button", name="Send to finance"), drawer.get_by_text("still being uploaded")
        expect(send).to_be_visible()
        expect(waits).to_be_hidden()
        tab.page.route(uploads, lambda _upload: None)  # holds them
        contract = {"name": "contract.pdf", "mimeType": "application/pdf", "buffer": PDF}
        drawer.locator("input[type=file]").set_input_files(contract)
        expect(waits).to_be_visible()
        expect(send).to_be_hidden()
        tab.page.unroute(uploads)  # and what it held goes on
        expect(waits).to_be_hidden()
        send.click()
        expect(drawer.get_by_role("link", name="contract.pdf")).to_be_visible()  # the words are in the form as well
    files = "select f.name from portal.dispute_file f join portal.dispute_message m on m.id = f.message_id"
    assert books.rows(f"{files} where m.body = 'We never ordered it.'") == [("contract.pdf",)]


def test_the_first_row_of_billing_holds_together_and_its_table_ends_within_its_card(
    portal: Portal, browser: Browser, books: Books
) -> None:
    today = books.today("PHP")
    for days in (-10, 10, 40, 70, 100):  # each age has an amount that is as long as amounts become
        due = today - timedelta(days=days)
        books.invoice("1129020960.25", "PHP", account="BOLT", issue_date=due - timedelta(days=30), due_date=due)
    ends = "() => { const s = document.querySelector('.dvn-scroller'); return s && s.scrollWidth <= s.clientWidth + 1 }"
    with open_tab(portal, browser, token=books.sign_in("fin").token) as wide:
        wide.go("/billing")
        wide.page.wait_for_function(ends)
    with open_tab(portal, browser, token=books.sign_in("fin").token, viewport=PHONE) as phone:
        phone.go("/billing")
        tops = {
            phone.page.get_by_role("button", name=name).bounding_box()["y"]  # type: ignore[index]
            for name in ("Import billing run", "Import bank file")
        }
        assert len(tops) == 1
