"""A bank's file: how it is read, what it is matched with, that it is recorded once, and what waits for a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from data.billing import billing_of
from data.invoicing import RecordPayment, TakeBackPayment, payable
from data.invoicing.bank_file import ImportBankFile, Preview, preview_of, read_bank_file
from data.invoicing.bank_lines import (
    AssignBankLine,
    BankLineRow,
    SetAside,
    TakeUpAgain,
    list_bank_lines,
)
from data.invoicing.payable import payable_by
from data.invoicing.payments import Paying
from data.tabular import Refused
from rules.bank_file import Verdict, amount_of, day_of, is_month_first, numbers_in
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.principal import Principal
from tests.cluster import Database
from tests.money_scene import Books, at_once, refused, wearing
from ui.catalog import translations
from ui.errors import sentence
from ui.text import Reader, plain, reading_as

SignIn = Callable[[str], Principal]
D = Decimal
LONG_AGO = date(2025, 1, 1)
HEADER = "Date,Amount,Currency,Description,Payer"


@pytest.fixture(scope="module")
def books(database: Database, sign_in: SignIn) -> Books:
    return Books(database, sign_in)


def csv_of(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *lines)).encode()


def line(books: Books, amount: str, words: str, *, currency: str = "KRW", payer: str = "") -> str:
    return f"{books.today()},{amount},{currency},{words},{payer}"


def preview(books: Books, content: bytes) -> Preview:
    return preview_of(books.database.app, books.fin, "bank.csv", content, "KRW")


def importing(books: Books, content: bytes, ticked: Sequence[str] = ()) -> ImportBankFile:
    return ImportBankFile("bank.csv", content, "KRW", tuple(ticked), preview(books, content).digest)


def waiting(books: Books, words: str) -> BankLineRow:
    return next(row for row in list_bank_lines(books.database.app, books.fin) if words in row.reference)


# --- reading


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1,500,000", "1500000"), ("1.500,25", "1500.25"), ("1,500.25", "1500.25"), ("₩ 1,000", "1000"),
        ("1.234", "1234"), ("1,234", "1234"), ("12,5", "12.5"), ("(20.00)", "-20.00"), ("20.00-", "-20.00"),
        ("-5", "-5"), ("1'000.50", "1000.50"), ("KRW 100", "100"), ("", "0"), ("-", "0"), ("1.234.567", "1234567"),
    ],
)  # fmt: skip
def test_amounts_as_banks_write_them(written: str, amount: str) -> None:
    assert amount_of(written) == D(amount)


@pytest.mark.parametrize("written", ["abc", "NaN", "Infinity", "1e5", "12 apples", "=1+1", "9" * 40, "--5", "0x10"])
def test_what_is_no_amount_is_none(written: str) -> None:
    assert amount_of(written) is None


@given(amount=st.decimals(min_value=0, max_value=10**9, places=2), european=st.booleans())
def test_an_amount_reads_as_it_was_written(amount: Decimal, european: bool) -> None:
    written = f"{amount:,.2f}"
    if european:
        written = written.translate(str.maketrans(",.", ".,"))
    assert amount_of(written) == amount


def test_days_as_banks_write_them() -> None:
    for written in ("2026-11-02", "2026.11.02 10:00:00", "20261102", "2026/11/2", "02.11.2026", "2026년 11월 2일"):
        assert day_of(written, month_first=True) == date(2026, 11, 2), written
    assert day_of("2/11/2026", month_first=False) == day_of("11/2/2026", month_first=True) == date(2026, 11, 2)
    for written in ("Total", "", "2026-13-01", "0000-00-00", "31.02.2026", "1/2/26"):
        assert day_of(written, month_first=False) is None, written
    assert is_month_first(["3/4/2026", "25/3/2026"]) is False
    assert is_month_first(["3/4/2026", "3/25/2026"]) is True
    assert is_month_first(["3/4/2026"]) is None
    assert is_month_first(["2026-03-04", "4/4/2026"]) is False


def test_a_number_is_found_whatever_marks_the_bank_made_of_its_own() -> None:
    for said in ("INV-KR-2026-000288", "pays inv kr 2026 000288 thanks", "REF:INV/KR/2026/000288.", "INVKR2026000288"):
        bare = {number.replace("-", "") for number in numbers_in(said)}
        assert "INVKR2026000288" in bare, said
    assert "INV-KR-2026-000288" in numbers_in("x inv_kr-2026 000288")
    assert numbers_in("thank you very much") == frozenset()
    assert len(numbers_in("1 " * 10_000)) < 2_000


@pytest.mark.parametrize("language", ["ko", "ja", "zh_Hans", "id"])
def test_what_is_wrong_with_a_file_is_said_in_the_language_of_whoever_reads_it(language: str) -> None:
    for content, said in (
        (b"", ("the file is empty", "Check that this is the right file")),
        (b"%PDF-1.7", ("this is no CSV text", "Let the bank, or Excel, save it as CSV")),
        (b"Date,Amount\n3/4/2026,5\n", ("days such as 3/4/2026 can be read in two ways",)),
    ):
        with pytest.raises(Refused) as refused_as:
            read_bank_file("bank_file.csv", content, "KRW")
        with reading_as(Reader(language, "Asia/Seoul")):
            told = sentence(refused_as.value)
        assert plain("bank_file.csv") in told
        for words in said:
            assert translations(language).gettext(words) in told
            assert words in str(refused_as.value) and words not in told


def test_korean_windows_text_below_other_lines_with_other_names() -> None:
    content = (
        "계좌번호,110-123-456789,,\n조회기간,2026.11.01 ~ 2026.11.30,,\n\n"
        '거래일시,적요,보낸분,출금액,입금액,잔액\n2026.11.02 09:12:33,전자금융,(주)에이크미,0,"1,500,000","9,000,000"\n'
        '2026.11.03 10:00:00,이체,홍길동,"200,000",0,"8,800,000"\n합계,,,"200,000","1,500,000",\n'
    )
    for encoding in ("cp949", "utf-8", "utf-8-sig", "utf-16"):
        found = read_bank_file("은행.csv", content.encode(encoding), "KRW")
        (row,) = found.rows
        assert (row.line, row.booked_on, row.amount, row.currency) == (5, date(2026, 11, 2), 1500000, "KRW")
        assert (row.reference, row.payer) == ("전자금융", "(주)에이크미")
        assert (found.outgoing, found.unreadable) == (1, (7,))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "no CSV"),
        (b"\xd0\xcf\x11\xe0rest", "no CSV"),
        (b"%PDF-1.7", "no CSV"),
        (b"a,b\n1,2\n", "no row names the columns"),
        (b"Date,Amount\n3/4/2026,5\n", "read in two ways"),
        (b'Date,Amount\n"2026-01-01,5\n', "quote"),
        (b"Date,Amount\n\x00,5\n", "NUL"),
        (b"Date,Amount\n\xff\xff\xff,5\n", "text is not"),
        (b"Date,Amount,Text\n2026-01-01,5," + b"x" * 6000, "endless"),
        (b"Date,Amount\n" + b"2026-01-01,5\n" * 5001, "5,000 rows"),
        (b"Date,Amount\n" + b" " * 5_000_001, "MB"),
    ],
)  # fmt: skip
def test_a_hostile_or_wrong_file_is_refused_as_a_whole(content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read_bank_file("bank.csv", content, "KRW")
    with pytest.raises(Refused, match="no CSV"):
        read_bank_file("bank.xlsx", csv_of("2026-01-01,5,KRW,x,y"), "KRW")


def test_what_cannot_be_read_is_named_by_its_line_and_pays_nothing() -> None:
    found = read_bank_file(
        "bank.csv",
        csv_of("2026-01-01,5.5,KRW,half a won,", "2026-01-01,5,XXX,no currency,", "x,5,KRW,no day,",
               "2026-01-01,NaN,KRW,no amount,", "2026-01-01,Infinity,KRW,,", "2026-01-01,-5,KRW,out,",
               "2026-01-01,5,,its own currency,"),
        "KRW",
    )  # fmt: skip
    assert (found.unreadable, found.outgoing) == ((2, 3, 4, 5, 6), 1)
    assert [(row.line, row.currency) for row in found.rows] == [(8, "KRW")]


# --- matching and recording


def test_the_number_and_exactly_what_is_open_is_certain(books: Books) -> None:
    whole, part, over = books.invoice("1111"), books.invoice("2222"), books.invoice("333")
    alone, twin, other_twin = books.invoice("77777"), books.invoice("88888"), books.invoice("88888")
    names = {uuid: books.number(uuid) for uuid in (whole, part, over)}
    content = csv_of(
        line(books, "1111", f"Invoice {names[whole].lower()}."),
        line(books, "1000", f"{names[part]} first part"),
        line(books, "400", f"{names[over]} too much"),
        line(books, "77777", "no number"),
        line(books, "88888", "two have this open"),
        line(books, "1111", f"again {names[whole]}"),
    )
    found = preview(books, content).matches
    assert [match.verdict for match in found] == ["certain", "part", "over", "amount", "none", "none"]
    assert [share.amount for match in found for share in match.shares] == [1111, 1000, 333, 77777]
    assert books.balance(whole) == 1111  # a preview does nothing
    done = books.do(importing(books, content))
    assert (done["paid"], done["waiting"]) == (1, 5)
    assert [books.balance(uuid) for uuid in (whole, part, over, alone, twin)] == [0, 2222, 333, 77777, 88888]
    kept = books.rows(
        "select b.reference, b.rest, p.paid_on = b.booked_on from portal.bank_line b "
        "join portal.payment p on p.bank_line_id = b.id join portal.invoice i on i.id = p.invoice_id where i.uuid = :u",
        u=whole,
    )
    assert kept == [(f"Invoice {names[whole].lower()}.", 0, True)]
    assert books.balance(other_twin) == 88888
    books.add_up()


def test_what_is_ticked_is_recorded_too_and_what_is_over_waits(books: Books) -> None:
    part, over, alone = books.invoice("2020"), books.invoice("303"), books.invoice("70707")
    content = csv_of(
        line(books, "1000", f"{books.number(part)} ticked part"),
        line(books, "400", f"{books.number(over)} ticked over"),
        line(books, "70707", "ticked amount"),
        line(books, "5", "nothing at all"),
    )
    found = preview(books, content).matches
    with pytest.raises(Invalid, match="Only proposals"):
        books.do(importing(books, content, [found[3].key]))
    with pytest.raises(Invalid, match="Only proposals"):
        books.do(importing(books, content, ["00"]))
    done = books.do(importing(books, content, [match.key for match in found[:3]]))
    assert (done["paid"], done["waiting"]) == (3, 2)
    assert [books.balance(uuid) for uuid in (part, over, alone)] == [1020, 0, 0]
    assert (waiting(books, "ticked over").rest, waiting(books, "nothing at all").rest) == (97, 5)
    with pytest.raises(StopIteration):
        waiting(books, "ticked part")
    books.add_up()


def test_one_line_that_names_two_and_is_their_sum_pays_both(books: Books) -> None:
    one, two = books.invoice("600"), books.invoice("450")
    both = f"{books.number(one)} and {books.number(two)}"
    content = csv_of(line(books, "1000", f"{both} not the sum"), line(books, "1050", both))
    assert [match.verdict for match in preview(books, content).matches] == [Verdict.NONE, Verdict.CERTAIN]
    books.do(importing(books, content))
    assert [books.standing(uuid)[0] for uuid in (one, two)] == ["paid", "paid"]
    books.add_up()


def test_a_number_within_another_and_one_in_another_currency_are_not_meant(books: Books) -> None:
    short = books.invoice("100", number="000777")
    long = books.invoice("100", number="INV-KR-2026-000777")
    yen = books.invoice("100", "JPY", number="INV-JP-2026-000777")
    content = csv_of(line(books, "100", "INV-KR-2026-000777"), line(books, "100", "INV-JP-2026-000777"))
    first, second = preview(books, content).matches
    assert [share.invoice.uuid for share in first.shares] == [long]
    assert second.verdict not in (Verdict.CERTAIN, Verdict.PART, Verdict.OVER)
    assert {books.balance(uuid) for uuid in (short, yen)} == {100}


@pytest.mark.parametrize("state", ["draft", "void", "written_off"])
def test_what_is_not_in_force_is_paid_by_no_file(state: str, books: Books) -> None:
    invoice, credit = books.invoice("4242", state=state), books.credit_note("4242")
    content = csv_of(line(books, "4242", f"{books.number(invoice)} {state}"),
                     line(books, "4242", f"{books.number(credit)} {state}"))  # fmt: skip
    assert [match.verdict for match in preview(books, content).matches] == [Verdict.NONE] * 2
    books.do(importing(books, content))
    assert (books.standing(invoice)[1], books.balance(credit)) == (0, 4242)


def test_the_same_file_again_changes_nothing_and_the_same_line_twice_in_one_counts_twice(books: Books) -> None:
    invoice = books.invoice("900")
    said = line(books, "300", f"{books.number(invoice)} standing order")
    content = csv_of(said, said)
    keys = [match.key for match in preview(books, content).matches]
    assert len({*keys}) == 2
    books.do(importing(books, content, keys))
    assert books.balance(invoice) == 300
    again = preview(books, content)
    assert (again.matches, again.known) == ((), 2)
    assert books.do(importing(books, content))["rows"] == 0
    longer = csv_of(said, said, said)
    assert (preview(books, longer).known, len(preview(books, longer).matches)) == (2, 1)
    assert books.balance(invoice) == 300
    books.add_up()


def test_two_who_import_the_same_file_at_once_pay_once(books: Books) -> None:
    invoice = books.invoice("512")
    content = csv_of(line(books, "512", books.number(invoice)))
    command = importing(books, content)
    results = at_once(*[lambda: books.do(command)] * 2)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Done"]
    assert books.standing(invoice) == ("paid", 512, 0, 0, 0)
    key = uuid4()
    fresh = importing(books, csv_of(line(books, "1", "double click")))
    assert books.do(fresh, key=key).result == books.do(fresh, key=key).result
    books.add_up()


def test_what_changed_since_the_preview_is_told_and_nothing_is_recorded(books: Books) -> None:
    invoice = books.invoice("640")
    content = csv_of(line(books, "640", books.number(invoice)))
    command = importing(books, content)
    books.do(RecordPayment(invoice, D(40), books.today()))
    with pytest.raises(Conflict, match="changed meanwhile"):
        books.do(command)
    assert books.balance(invoice) == 600
    assert preview(books, content).known == 0
    forged = ImportBankFile("bank.csv", content, "KRW", (), "0" * 64)
    with pytest.raises(Conflict):
        books.do(forged)


# --- what waits for a person


def test_a_line_is_assigned_by_hand_to_one_or_several(books: Books) -> None:
    one, two, yen = books.invoice("100"), books.invoice("100"), books.invoice("100", "JPY")
    books.do(importing(books, csv_of(line(books, "250", "for whom is it"))))
    row = waiting(books, "for whom")
    with pytest.raises(Conflict, match="another currency"):
        books.do(AssignBankLine(row.uuid, row.version, (Paying(yen),)))
    with pytest.raises(Invalid, match="Only KRW 250"):
        books.do(AssignBankLine(row.uuid, row.version, (Paying(one, amount=D(251)),)))
    with pytest.raises(Invalid, match="only KRW 100"):
        books.do(AssignBankLine(row.uuid, row.version, (Paying(one, amount=D(101)),)))
    with pytest.raises(Invalid):
        books.do(AssignBankLine(row.uuid, row.version, ()))
    done = books.do(AssignBankLine(row.uuid, row.version, (Paying(one), Paying(two, amount=D(60)))))
    assert D(done["rest"]) == 90
    assert [books.balance(uuid) for uuid in (one, two)] == [0, 40]
    with pytest.raises(Conflict, match="changed meanwhile"):
        books.do(AssignBankLine(row.uuid, row.version, (Paying(two),)))
    now = waiting(books, "for whom")
    assert (now.rest, now.amount) == (90, 250)
    books.do(AssignBankLine(now.uuid, now.version, (Paying(two),)))
    assert waiting(books, "for whom").rest == 50
    books.add_up()


def test_a_payment_taken_back_gives_its_line_back(books: Books) -> None:
    invoice = books.invoice("130")
    books.do(importing(books, csv_of(line(books, "130", f"{books.number(invoice)} wrong payer"))))
    mine = "select p.uuid from portal.payment p join portal.invoice i on i.id = p.invoice_id where i.uuid = :u"
    before = billing_of(books.database.app, books.fin).bank_lines
    books.do(TakeBackPayment(books.rows(mine, u=invoice)[0][0], "It was Bolt's."))
    assert (books.balance(invoice), waiting(books, "wrong payer").rest) == (130, 130)
    assert billing_of(books.database.app, books.fin).bank_lines == before + 1
    books.add_up()


def test_what_is_for_no_invoice_is_set_aside_with_a_reason_and_taken_up_again(books: Books) -> None:
    invoice = books.invoice("45")
    books.do(importing(books, csv_of(line(books, "45", "interest of the bank"))))
    row = waiting(books, "interest")
    with pytest.raises(Invalid, match="reason"):
        books.do(SetAside(row.uuid, row.version, " "))
    books.do(SetAside(row.uuid, row.version, "Interest"))
    with pytest.raises(StopIteration):
        waiting(books, "interest")
    aside = list_bank_lines(books.database.app, books.fin, set_aside=True)
    assert (aside[0].reference, aside[0].reason) == ("interest of the bank", "Interest")
    with pytest.raises(Conflict, match="Take it up again"):
        books.do(AssignBankLine(row.uuid, aside[0].version, (Paying(invoice),)))
    with pytest.raises(Conflict, match="already"):
        books.do(SetAside(row.uuid, aside[0].version, "Twice"))
    with pytest.raises(Conflict, match="changed meanwhile"):
        books.do(TakeUpAgain(row.uuid, row.version))
    books.do(TakeUpAgain(row.uuid, aside[0].version))
    assert waiting(books, "interest").rest == 45
    with pytest.raises(NotFound):
        books.do(SetAside(uuid4(), 1, "x"))


def test_a_form_offers_first_what_the_line_names(books: Books) -> None:
    for _ in range(3):
        books.invoice("5150", account="BOLT")
    named = books.invoice("5150")
    books.do(importing(books, csv_of(line(books, "999", f"{books.number(named)} x", payer="Bolt"))))
    offered = payable_by(books.database.app, books.fin, waiting(books, f"{books.number(named)} x"))
    assert offered[0].uuid == named
    assert "Bolt" in offered[1].account
    assert all(one.balance > 0 for one in offered)


ALL_OPEN = """
    select i.uuid from portal.invoice i join portal.account a on a.id = i.account_id
    where i.currency = 'PHP' and i.state in ('issued', 'partially_paid') and i.type = 'invoice'
    order by i.number = :named desc, a.code = 'BOLT' desc, i.balance = 777 desc, i.due_date, i.id
"""


def test_what_is_offered_is_the_beginning_of_all_that_is_open(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are older, and however many are over exactly as much: each kind is looked for by itself."""
    monkeypatch.setattr(payable, "MOST_OFFERED", 3)
    today = books.today("PHP")
    for days in (60, 50, 40, 30):
        for account in ("BOLT", "ACME-SEOUL"):
            books.invoice("500", "PHP", account=account, due_date=today + timedelta(days=-days), issue_date=LONG_AGO)
            if account != "BOLT":
                books.invoice("777", "PHP", due_date=today + timedelta(days=-days), issue_date=LONG_AGO)
    exact, named = books.invoice("777", "PHP", account="BOLT"), books.invoice("120", "PHP")
    paid = books.invoice("777", "PHP", account="BOLT", due_date=today - timedelta(days=90), issue_date=LONG_AGO)
    books.do(RecordPayment(paid, D(777), today))
    for said, wanted in ((books.number(named), [named, exact]), ("transfer", [exact])):
        books.do(importing(books, csv_of(line(books, "777", f"for {said}", payer="Bolt", currency="PHP"))))
        row = waiting(books, f"for {said}") if said == "transfer" else waiting(books, said)
        offered = [one.uuid for one in payable_by(books.database.app, books.fin, row)]
        assert offered == [uuid for (uuid,) in books.rows(ALL_OPEN, named=said)[:3]]
        assert offered[: len(wanted)] == wanted
        assert paid not in offered


def test_of_a_fee_that_many_pay_the_amount_says_nothing(books: Books) -> None:
    for _ in range(3):
        books.invoice("4321")
    alone, content = books.invoice("4322"), [line(books, "4321", "fee"), line(books, "4322", "fee")]
    found = [(m.verdict, [s.invoice.uuid for s in m.shares]) for m in preview(books, csv_of(*content)).matches]
    assert found == [(Verdict.NONE, []), (Verdict.AMOUNT, [alone])]


# --- who


@pytest.mark.parametrize("name", ["ana", "bea", "mia", "dee", "ada"])
def test_nobody_but_finance_reads_or_writes_what_the_bank_wrote(name: str, books: Books) -> None:
    content = csv_of(line(books, "7", f"secret of {name}"))
    command = importing(books, content)
    books.do(importing(books, csv_of(line(books, "8", f"waits and not for {name}"))))
    row = waiting(books, f"not for {name}")
    who = books.sign_in(name)
    for deed in (command, AssignBankLine(row.uuid, 1, (Paying(uuid4()),)), SetAside(row.uuid, 1, "x"),
                 TakeUpAgain(row.uuid, 1)):  # fmt: skip
        with pytest.raises(Forbidden):
            books.do(deed, by=who)
    for read in (
        lambda: preview_of(books.database.app, who, "bank.csv", content, "KRW"),
        lambda: list_bank_lines(books.database.app, who),
        lambda: billing_of(books.database.app, who),
        lambda: payable_by(books.database.app, who, row),
    ):
        with pytest.raises(Forbidden):
            read()
    books.do(command)


def test_whatever_sql_finance_says_a_line_is_used_once_and_under_its_own_name(books: Books) -> None:
    invoice, yen = books.invoice("1000"), books.invoice("1000", "JPY")
    books.do(importing(books, csv_of(line(books, "10", "ten won"))))
    row = waiting(books, "ten won")
    id_of, ada = (books.rows(query, u=value)[0][0] for query, value in (
        ("select id from portal.bank_line where uuid = :u", row.uuid),
        ("select id from portal.person where email = :u", "admin@portal.example"),
    ))  # fmt: skip
    values: dict[str, Any] = {"u": invoice, "line": id_of, "amount": 11}
    pays = (
        "insert into portal.payment (account_id, invoice_id, amount, currency, paid_on, recorded_by, bank_line_id) "
        "select account_id, id, :amount, currency, current_date - 1, (select authz.me()), :line "
        "from portal.invoice where uuid = :u"
    )
    aside = (
        "update portal.bank_line set set_aside_at = {at}, set_aside_by = {by}, reason = 'x', version = {v} "
        "where id = :line"
    )
    mine = "(select authz.me())"
    with wearing(books, "fin") as connection:
        refused(connection, pays, **values)
        assert "not from this line" in refused(connection, pays, **{**values, "u": yen, "amount": 5})
        for column, value in (("assigned", "0"), ("amount", "1000"), ("fingerprint", "'x'")):
            change = f"update portal.bank_line set {column} = {value} where id = :line"
            assert "permission denied" in refused(connection, change, line=id_of)
        for at, by, version in (("now()", str(ada), "version + 1"), ("now() - interval '1 day'", mine, "version + 1"),
                                ("now()", mine, "version"), ("now()", mine, "1")):  # fmt: skip
            refused(connection, aside.format(at=at, by=by, v=version), line=id_of)
        connection.execute(text(pays), {**values, "amount": 10})
        assert "ck_bank_line_assigned" in refused(connection, pays, **{**values, "amount": 1})
    with wearing(books, "fin") as connection:
        connection.execute(text(aside.format(at="now()", by=mine, v="version + 1")), {"line": id_of})
        assert "not from this line" in refused(connection, pays, **{**values, "amount": 1})
    assert waiting(books, "ten won").version == 1
    assert timedelta(0) <= books.today() - row.booked_on
    books.add_up()


# --- what the drawer of a line says


def drawn(principal: object, row: object) -> None:
    from pages.staff.bank.line import _assign

    _assign(principal, row)  # type: ignore[arg-type]


@pytest.mark.usefixtures("configured")
def test_the_drawer_says_what_the_line_leaves_open_and_what_of_it_waits(books: Books) -> None:
    less, more = books.invoice("9000"), books.invoice("700")
    books.do(importing(books, csv_of(line(books, "4000", f"{books.number(less)} a part"),
                                     line(books, "777", f"{books.number(more)} too much"))))  # fmt: skip
    for invoice, what, says, never in (
        (less, "a part", "Then ₩5,000 is still open.", "of the line still waits"),
        (more, "too much", "Then it is paid in full. ₩77 of the line still waits.", "is still open"),
    ):
        row = waiting(books, f"{books.number(invoice)} {what}")
        app = AppTest.from_function(drawn, args=(books.fin, row), default_timeout=30).run()
        assert not app.exception
        said = " ".join(one.value for one in app.markdown)
        assert says in said and never not in said
