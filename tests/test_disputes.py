"""Disputes: a customer questions an invoice, the local finance team answers and decides, and both hear of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import pytest

from data.disputes import DISPUTES
from data.invoicing import AcceptDispute, ApplyCredit, CloseDispute, RejectDispute, SayInDispute
from data.invoicing.disputing import known
from data.listing import page_of, read_asked
from rules.disputes import GOING_ON, MOVES, DisputeState, Side, all_moves, next_states
from rules.errors import Conflict, Forbidden, Invalid, NotFound, Problems
from rules.files import Upload
from rules.principal import Principal
from tests.cluster import Database
from tests.dispute_scene import Ledger, ledger_in

pytestmark = pytest.mark.usefixtures("configured")
DISPUTED = "select disputed from portal.invoice where uuid = :u"
PDF = b"%PDF-1.7 contract"


@pytest.fixture(scope="module")
def ledger(database: Database, sign_in: Callable[[str], Principal]) -> Ledger:
    return ledger_in(database, sign_in)


def brought_to(ledger: Ledger, state: DisputeState) -> tuple[UUID, UUID]:
    """A dispute that stands there: (invoice, dispute)."""
    invoice = ledger.invoice()
    dispute = ledger.opens("ana", invoice)
    if state is not DisputeState.OPEN:
        ledger.does("fin", SayInDispute(dispute, "We look into it"))
    match state:
        case DisputeState.ACCEPTED:
            ledger.does("fin", AcceptDispute(dispute, Decimal(50), "Half of it"))
        case DisputeState.REJECTED:
            ledger.does("fin", RejectDispute(dispute, "As agreed"))
        case DisputeState.CLOSED:
            ledger.does("ana", CloseDispute(dispute))
    return invoice, dispute


class TestOpening:
    def test_the_invoice_is_disputed_from_then_on_and_finance_hears_of_it(self, ledger: Ledger) -> None:
        invoice, other = ledger.invoice(), ledger.invoice()
        dispute = ledger.opens("ana", invoice, 250, files=(Upload("contract.pdf", PDF),))
        assert ledger.rows(DISPUTED, u=invoice) == [(True,)]
        assert ledger.rows(DISPUTED, u=other) == [(False,)]
        seen = ledger.one("fin", invoice)
        assert (seen.uuid, seen.state, seen.amount, seen.lines) == (dispute, "open", 250, ())
        assert [(said.body, said.author, said.side, said.brought) for said in seen.thread] == [
            ("Not what was agreed", "Ana Acme", Side.CUSTOMER, "open")
        ]
        assert [file.name for file in seen.thread[0].files] == ["contract.pdf"]
        ((_kind, to),) = ledger.mails(dispute)
        assert ledger.rows("select finance_email from portal.legal_entity where code = 'EX-KR'") == [(to,)]

    def test_of_lines_it_is_about_these_and_no_more_than_they_cost(self, ledger: Ledger) -> None:
        invoice = ledger.invoice(lines=(600, 400, 50), tax=10)
        ledger.opens("ana", invoice, 470, lines=(2, 3))
        assert [line for line, _name in ledger.one("ana", invoice).lines] == [2, 3]
        for lines, amount in (((1,), 611), ((), 1081)):
            with pytest.raises(Invalid, match="At most"):
                ledger.opens("ana", ledger.invoice(lines=(600, 400, 50), tax=10), amount, lines=lines)

    def test_of_a_whole_invoice_it_is_no_more_than_is_open_or_was_paid(self, ledger: Ledger) -> None:
        with pytest.raises(Invalid, match="At most KRW 300"):
            ledger.opens("ana", ledger.invoice(paid=700), 301)
        ledger.opens("ana", ledger.invoice(paid=700), 300)
        ledger.opens("ana", ledger.invoice(paid=1000), 1000)

    def test_all_that_is_wrong_is_said_at_once(self, ledger: Ledger) -> None:
        invoice = ledger.invoice(lines=(600, 400))
        with pytest.raises(Problems) as wrong:
            ledger.opens("ana", invoice, 5000, reason="because", body=" ", files=(Upload("empty.txt", b""),))
        assert list(wrong.value.by_field) == ["reason", "amount", "body", "files"]
        with pytest.raises(Problems) as wrong:
            ledger.opens("ana", invoice, 5000, lines=(9,), body="")
        assert list(wrong.value.by_field) == ["lines", "body"], "of lines that are none nobody knows how much"
        assert not ledger.sees("ana", invoice).disputes

    @pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "0.5", "1001", "1e40", "1e-40"])
    def test_an_amount_that_is_none_is_refused(self, ledger: Ledger, amount: str) -> None:
        invoice = ledger.invoice()
        with pytest.raises(Invalid):
            ledger.opens("ana", invoice, amount)
        assert ledger.rows(DISPUTED, u=invoice) == [(False,)]

    @pytest.mark.parametrize("wrong", [
        {"reason": "because"}, {"body": "  "}, {"body": "x" * 4001}, {"lines": (3,)}, {"lines": (1, 99)},
        {"files": (Upload("evil.exe", b"MZ"),)}, {"files": (Upload("plan.pdf", b"<html>"),)},
        {"files": tuple(Upload(f"{n}.pdf", PDF) for n in range(6))},
    ])  # fmt: skip
    def test_what_cannot_be_accepted_leaves_nothing_behind(self, ledger: Ledger, wrong: dict[str, object]) -> None:
        invoice = ledger.invoice()
        with pytest.raises(Invalid):
            ledger.opens("ana", invoice, **wrong)
        assert not ledger.sees("ana", invoice).disputes

    @pytest.mark.parametrize("how", [
        {"state": "draft"}, {"state": "void"}, {"state": "written_off"}, {"of_type": "credit_note"},
    ])  # fmt: skip
    def test_only_what_was_issued_and_counts_is_disputed(self, ledger: Ledger, how: dict[str, str]) -> None:
        invoice = ledger.invoice(**how)  # type: ignore[arg-type]
        with pytest.raises((Conflict, NotFound)):
            ledger.opens("ana", invoice)

    def test_the_same_click_twice_is_one_dispute(self, ledger: Ledger) -> None:
        invoice, key = ledger.invoice(), uuid4()
        with ThreadPoolExecutor(4) as several:
            found = {one.result() for one in [several.submit(ledger.opens, "ana", invoice, key=key) for _n in range(4)]}
        assert found == {ledger.one("ana", invoice).uuid}
        assert len(ledger.mails(found.pop())) == 1
        with pytest.raises(Conflict):
            ledger.opens("ana", invoice, 7, key=key)

    def test_the_same_is_disputed_once_at_a_time(self, ledger: Ledger) -> None:
        invoice = ledger.invoice(lines=(100, 200, 300))
        first = ledger.opens("ana", invoice, lines=(1, 2))
        for lines in ((2, 3), (2,), ()):
            with pytest.raises(Conflict, match="disputed already"):
                ledger.opens("ana", invoice, lines=lines)
        ledger.opens("ana", invoice, lines=(3,))
        assert not ledger.sees("ana", invoice).may_open
        ledger.does("ana", CloseDispute(first))
        assert ledger.rows(DISPUTED, u=invoice) == [(True,)], "one still goes on"
        ledger.opens("ana", invoice, lines=(1,))

    def test_of_two_at_once_one_is_opened(self, ledger: Ledger) -> None:
        def tries(invoice: UUID) -> object:
            try:
                return ledger.opens("ana", invoice)
            except Conflict:
                return None

        ledger.person("ana")
        for _turn in range(5):
            invoice = ledger.invoice()
            with ThreadPoolExecutor(2) as several:
                done = [one.result() for one in [several.submit(tries, invoice) for _n in range(2)]]
            assert sorted(one is None for one in done) == [False, True]


class TestTheTable:
    @pytest.mark.parametrize("state", DisputeState)
    @pytest.mark.parametrize("side", Side)
    def test_every_move_is_made_or_refused_as_the_table_says(
        self, ledger: Ledger, state: DisputeState, side: Side
    ) -> None:
        """Asked of the database as well, without the command in between."""
        for target in DisputeState:
            _invoice, dispute = brought_to(ledger, state)
            who = "fin" if side is Side.FINANCE else "ana"
            allowed = target in next_states(state, side)
            granted = "10" if target is DisputeState.ACCEPTED else "null"
            asked = f"select state from authz.say_in_dispute(:d, 'so', :to, null, {granted}, 'x')"
            assert raw(ledger, who, asked, d=dispute, to=target) == (target if allowed else "42501"), target

    def test_an_answer_answers_and_who_answers_it_asks_again(self, ledger: Ledger) -> None:
        invoice, dispute = brought_to(ledger, DisputeState.ANSWERED)
        assert ledger.one("ana", invoice).state == "answered"
        assert ledger.does("fin", SayInDispute(dispute, "And more"))["state"] == "answered"
        assert ledger.does("ana", SayInDispute(dispute, "But see"))["state"] == "open"
        assert ledger.does("ana", SayInDispute(dispute, "And this"))["state"] == "open"
        assert [said.brought for said in ledger.one("fin", invoice).thread] == ["open", "answered", None, "open", None]

    @pytest.mark.parametrize("state", DisputeState)
    def test_an_invoice_is_disputed_as_long_as_one_goes_on(self, ledger: Ledger, state: DisputeState) -> None:
        invoice, _dispute = brought_to(ledger, state)
        assert ledger.rows(DISPUTED, u=invoice) == [(state in GOING_ON,)]

    def test_a_closed_one_can_only_be_read(self, ledger: Ledger) -> None:
        invoice, dispute = brought_to(ledger, DisputeState.CLOSED)
        for who in ("ana", "fin"):
            assert not ledger.one(who, invoice).may_speak
            with pytest.raises(Conflict, match="closed"):
                ledger.does(who, SayInDispute(dispute, "One more thing", (Upload("a.pdf", PDF),)))
        assert ledger.sees("ana", invoice).may_open

    def test_the_lines_are_read_for_whoever_can_choose_among_them(self, ledger: Ledger) -> None:
        invoice = ledger.invoice(lines=(600, 400))
        assert [line.line for line in ledger.sees("ana", invoice).about.lines] == [1, 2]
        assert ledger.sees("fin", invoice).about.lines == ()
        assert not ledger.sees("fin", invoice).may_open

    def test_more_files_than_a_dispute_holds_are_refused(self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(known, "FILES", replace(known.FILES, most=2))
        invoice = ledger.invoice()
        dispute = ledger.opens("ana", invoice, files=(Upload("a.pdf", PDF), Upload("b.pdf", PDF)))
        with pytest.raises(Invalid, match="at most 2 files"):
            ledger.does("fin", SayInDispute(dispute, "And this", (Upload("c.pdf", PDF),)))
        assert len(ledger.one("ana", invoice).thread) == 1

    def test_whoever_decides_on_what_was_changed_since_is_told_by_whom(self, ledger: Ledger) -> None:
        invoice, dispute = brought_to(ledger, DisputeState.ANSWERED)
        seen = ledger.one("fin", invoice).version
        ledger.does("ana", SayInDispute(dispute, "Wait, see this"))
        with pytest.raises(Conflict, match="Ana Acme"):
            ledger.does("fin", RejectDispute(dispute, "No", seen))
        assert ledger.one("fin", invoice).state == "open"

    def test_moves_stand_in_one_table(self) -> None:
        assert all(target in MOVES for steps in MOVES.values() for target in steps)
        assert all_moves() == [
            "accepted closed customer", "accepted closed finance", "answered accepted finance",
            "answered closed customer", "answered open customer", "answered rejected finance",
            "open accepted finance", "open answered finance", "open closed customer", "open rejected finance",
            "rejected closed customer", "rejected closed finance",
        ]  # fmt: skip


class TestAccepting:
    def test_a_credit_note_over_what_was_agreed_is_issued_and_used(self, ledger: Ledger) -> None:
        invoice = ledger.invoice(lines=(600, 400), tax=100)
        dispute = ledger.opens("ana", invoice, 500, lines=(2,))
        done = ledger.does("fin", AcceptDispute(dispute, Decimal(250), "Half of it"))
        ((number, of_type, state, currency, subtotal, tax, total, account),) = ledger.rows(
            "select number, type, state, currency, subtotal, tax, total, account_id from portal.invoice "
            "where uuid = :u",
            u=done["credit_note"],
        )
        assert (of_type, state, currency, account) == ("credit_note", "paid", "KRW", ledger.accounts["seoul"])
        assert (subtotal, tax, total) == (200, 50, 250), "the line's own share of tax"
        assert number.startswith("CN-")
        assert ledger.rows("select credited, balance, disputed from portal.invoice where uuid = :u", u=invoice) == [
            (250, 950, False)
        ]
        for who in ("ana", "fin"):
            seen = ledger.one(who, invoice)
            assert (seen.state, seen.agreed, seen.credit_note) == ("accepted", 250, (UUID(done["credit_note"]), number))

    def test_where_nothing_is_open_the_credit_is_for_another_invoice(self, ledger: Ledger) -> None:
        invoice = ledger.invoice(paid=1000)
        done = ledger.does("fin", AcceptDispute(ledger.opens("ana", invoice, 300), Decimal(300), "You are right"))
        assert ledger.rows("select state, balance from portal.invoice where uuid = :u", u=done["credit_note"]) == [
            ("issued", 300)
        ]
        assert ledger.rows("select state, credited from portal.invoice where uuid = :u", u=invoice) == [("paid", 0)]

    def test_what_fails_halfway_leaves_nothing(self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(*_any: object) -> None:
            raise RuntimeError

        invoice, dispute = brought_to(ledger, DisputeState.OPEN)
        monkeypatch.setattr(ApplyCredit, "carry_out", fails)
        notes = "select count(*) from portal.invoice where type = 'credit_note'"
        before = ledger.rows(notes)
        with pytest.raises(RuntimeError):
            ledger.does("fin", AcceptDispute(dispute, Decimal(50), "Half"))
        assert ledger.rows(notes) == before
        assert ledger.one("fin", invoice).state == "open"

    def test_not_more_than_is_in_question(self, ledger: Ledger) -> None:
        _invoice, dispute = brought_to(ledger, DisputeState.OPEN)
        for amount in ("101", "0", "NaN", "-5", "10.5"):
            with pytest.raises(Invalid):
                ledger.does("fin", AcceptDispute(dispute, Decimal(amount), "So much"))
        assert raw(ledger, "fin", "select state from authz.say_in_dispute(:d, 'so', 'accepted', null, 101, 'x')",
                   d=dispute) == "42501"  # fmt: skip

    def test_numbers_of_one_issuer_follow_each_other_also_at_once(self, ledger: Ledger) -> None:
        disputes = [brought_to(ledger, DisputeState.OPEN)[1] for _n in range(4)]
        ledger.person("fin")
        with ThreadPoolExecutor(4) as several:
            asked = [several.submit(ledger.does, "fin", AcceptDispute(each, Decimal(10), "Yes")) for each in disputes]
            done = [one.result() for one in asked]
        assert len({one["credit_note"] for one in done}) == 4

    def test_a_rejection_has_a_reason(self, ledger: Ledger) -> None:
        _invoice, dispute = brought_to(ledger, DisputeState.OPEN)
        with pytest.raises(Invalid):
            ledger.does("fin", RejectDispute(dispute, "  "))
        assert raw(ledger, "fin", "select state from authz.say_in_dispute(:d, ' ', 'rejected', null, null, 'x')",
                   d=dispute) == "42501"  # fmt: skip


class TestWhoMay:
    @pytest.mark.parametrize(("who", "error"), [
        ("vic", Forbidden), ("mia", Forbidden), ("fin", Forbidden), ("bea", NotFound), ("dee", Forbidden),
        ("abel", Forbidden), ("ada", Forbidden),
    ])  # fmt: skip
    def test_opening_is_for_who_holds_it_there(self, ledger: Ledger, who: str, error: type[Exception]) -> None:
        invoice = ledger.invoice()
        with pytest.raises(error):
            ledger.opens(who, invoice)
        assert not ledger.sees("ana", invoice).disputes
        asked = "select dispute from authz.open_dispute(:i, '{}', 'price', 10, 'so', 'x')"
        assert raw(ledger, who, asked, i=invoice) == "42501"

    @pytest.mark.parametrize(("who", "error"), [
        ("vic", Forbidden), ("mia", Forbidden), ("bea", NotFound), ("dee", Forbidden), ("abel", Forbidden),
    ])  # fmt: skip
    def test_talking_is_for_the_two_sides(self, ledger: Ledger, who: str, error: type[Exception]) -> None:
        _invoice, dispute = brought_to(ledger, DisputeState.OPEN)
        for command in (SayInDispute(dispute, "Me too"), CloseDispute(dispute)):
            with pytest.raises(error):
                ledger.does(who, command)
        asked = "select state from authz.say_in_dispute(:d, 'so', null, null, null, 'x')"
        assert raw(ledger, who, asked, d=dispute) == "42501"

    def test_who_may_dispute_and_not_look_does_nothing(self, ledger: Ledger) -> None:
        invoice, dispute = brought_to(ledger, DisputeState.OPEN)
        other = ledger.invoice()
        ledger.run("insert into portal.access_grant (account_id, person_id, function) values (:a, :p, :f)",
                   a=ledger.accounts["seoul"], p=ledger.person("abel").person_id, f="invoice.dispute")  # fmt: skip
        speak = "select state from authz.say_in_dispute(:d, 'so', null, null, null, 'x')"
        assert raw(ledger, "abel", speak, d=dispute) == "42501"
        open_one = "select dispute from authz.open_dispute(:i, '{}', 'price', 10, 'so', 'x')"
        assert raw(ledger, "abel", open_one, i=other) == "42501"
        assert ledger.one("ana", invoice).state == "open"

    def test_deciding_is_for_finance(self, ledger: Ledger) -> None:
        _invoice, dispute = brought_to(ledger, DisputeState.OPEN)
        for command in (AcceptDispute(dispute, Decimal(10), "Yes"), RejectDispute(dispute, "No")):
            with pytest.raises(Forbidden):
                ledger.does("ana", command)

    def test_who_only_looks_reads_it(self, ledger: Ledger) -> None:
        invoice, _dispute = brought_to(ledger, DisputeState.ANSWERED)
        for who in ("vic", "mia"):
            seen = ledger.one(who, invoice)
            assert len(seen.thread) == 2
            assert not seen.may_speak
            assert not seen.next_states
        with pytest.raises(NotFound):
            ledger.sees("bea", invoice)
        for who in ("dee", "abel", "ada"):
            with pytest.raises(Forbidden):
                ledger.sees(who, invoice)

    def test_lines_of_another_invoice_are_no_lines(self, ledger: Ledger) -> None:
        invoice = ledger.invoice(lines=(100,))
        (bolts,) = ledger.rows("select l.id from portal.invoice_line l join portal.invoice i on i.id = l.invoice_id "
                               "where i.uuid = :u", u=ledger.invoice("bolt", lines=(100,)))  # fmt: skip
        for lines in ((2,), bolts):
            with pytest.raises(Invalid):
                ledger.opens("ana", invoice, 10, lines=lines)
            asked = "select dispute from authz.open_dispute(:i, :l, 'price', 10, 'so', 'x')"
            assert raw(ledger, "ana", asked, i=invoice, l=list(lines)) == "42501"

    @pytest.mark.parametrize("amount", ["1001", "0", "-1", "'NaN'", "'Infinity'", "0.5"])
    def test_the_database_weighs_the_amount_itself(self, ledger: Ledger, amount: str) -> None:
        asked = f"select dispute from authz.open_dispute(:i, '{{}}', 'price', {amount}, 'so', 'x')"
        assert raw(ledger, "ana", asked, i=ledger.invoice()) == "42501"

    @pytest.mark.parametrize("statement", [
        "update portal.dispute set state = 'accepted', agreed = amount",
        "update portal.dispute set amount = 1",
        "update portal.invoice set disputed = false",
        "delete from portal.dispute",
        "delete from portal.dispute_message",
        ("insert into portal.dispute (account_id, invoice_id, reason, amount) "
        "select account_id, id, 'price', 1 from portal.invoice limit 1"),
        ("insert into portal.dispute_message (account_id, dispute_id, side, author_id, author_name, body) "
        "select account_id, id, 'finance', authz.me(), 'Fin Finance', 'We agree' from portal.dispute limit 1"),
        ("insert into portal.dispute_line (account_id, dispute_id, line_id, invoice_id) "
        "select d.account_id, d.id, l.id, d.invoice_id from portal.dispute d "
        "join portal.invoice_line l on l.invoice_id = d.invoice_id limit 1"),
    ])  # fmt: skip
    @pytest.mark.parametrize("who", ["ana", "fin", "vic"])
    def test_nobody_writes_past_the_functions(self, ledger: Ledger, who: str, statement: str) -> None:
        brought_to(ledger, DisputeState.OPEN)
        assert raw(ledger, who, statement) == "42501"

    def test_a_file_is_added_to_ones_own_words_alone(self, ledger: Ledger) -> None:
        _invoice, dispute = brought_to(ledger, DisputeState.ANSWERED)
        adding = (
            "insert into portal.dispute_file (account_id, message_id, name, media_type, sha256, content) "
            "select m.account_id, m.id, 'a', 'text/plain', 'x', 'x' from portal.dispute_message m "
            "join portal.dispute d on d.id = m.dispute_id where d.uuid = :d and m.side = :side"
        )
        assert raw(ledger, "ana", adding, d=dispute, side="customer") is None
        for who, side in (("ana", "finance"), ("fin", "customer"), ("vic", "customer")):
            assert raw(ledger, who, adding, d=dispute, side=side) == "42501", who
        ledger.does("ana", CloseDispute(dispute))
        assert raw(ledger, "ana", adding, d=dispute, side="customer") == "42501"

    def test_a_token_that_ended_opens_nothing(self, ledger: Ledger, sign_in: Callable[[str], Principal]) -> None:
        principal, invoice = sign_in("ana"), ledger.invoice()
        ledger.run("update auth.session set revoked_at = now() where token_hash = sha256(cast(:t as bytea))",
                   t=principal.token.encode())  # fmt: skip
        asked = "select dispute from authz.open_dispute(:i, '{}', 'price', 10, 'so', 'x')"
        assert raw(ledger, "ana", asked, as_=principal, i=invoice) == "42501"


class TestTheList:
    def found(self, ledger: Ledger, who: str, query: str) -> set[UUID]:
        page = page_of(
            ledger.database.app, ledger.person(who), DISPUTES, read_asked(DISPUTES, parse_qs(query)), size=500
        )
        assert page.count.n == page.length
        return set(page.values["uuid"])

    def test_words_find_it_by_number_account_and_what_was_said_and_never_a_strangers(self, ledger: Ledger) -> None:
        ours, theirs = ledger.invoice("osaka"), ledger.invoice("bolt")
        mine = ledger.opens("ana", ours, body="The kumquat was never delivered")
        hers = ledger.opens("bea", theirs, body="Nor was our kumquat")
        ledger.does("fin", SayInDispute(hers, "The persimmon was"))
        (number,) = ledger.rows("select substr(number, 3) from portal.invoice where uuid = :u", u=ours)[0]
        assert self.found(ledger, "fin", "q=KUMQUAT") == {mine, hers}
        assert self.found(ledger, "fin", "q=persimmon") == {hers}
        assert self.found(ledger, "ana", "q=kumquat") == {mine}
        assert self.found(ledger, "bea", "q=kumquat") == {hers}
        assert self.found(ledger, "fin", f"q={number}") == {mine}
        assert hers in self.found(ledger, "fin", "q=bolt")
        assert mine not in self.found(ledger, "fin", "q=bolt")
        assert mine in self.found(ledger, "fin", f"q=osaka+{number}"), "words in the account's name and in the number"
        assert self.found(ledger, "ana", "q=persimmon") == self.found(ledger, "ana", "q=bolt") == set()

    def test_a_currency_is_that_of_the_invoice(self, ledger: Ledger) -> None:
        yen, peso = ledger.opens("ana", ledger.invoice("osaka")), ledger.opens("bea", ledger.invoice("bolt"))
        assert yen in self.found(ledger, "fin", "currency=JPY")
        assert peso not in self.found(ledger, "fin", "currency=JPY")
        assert {yen, peso} <= self.found(ledger, "fin", "currency=JPY&currency=PHP")
        assert peso not in self.found(ledger, "ana", "currency=PHP")


def raw(ledger: Ledger, who: str, statement: str, *, as_: Principal | None = None, **values: object) -> object:
    """The statement in that person's hat, with Seoul in view: what it gives, or how the database refused. Undone."""
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    principal = as_ or ledger.person(who)
    hat = "portal_staff" if principal.is_staff else "portal_customer"
    hat = "portal_manager" if who == "mia" else hat
    with ledger.database.app.connect() as connection, connection.begin() as transaction:
        connection.execute(
            text("select set_config('role', :hat, true), set_config('portal.session', :token, true), "
                 "set_config('portal.account', :account, true)"),
            {"hat": hat, "token": principal.token,
             "account": str(ledger.accounts["bolt" if who == "bea" else "seoul"])},
        )  # fmt: skip
        try:
            done = connection.execute(text(statement), values)
            return done.scalar() if done.returns_rows else None
        except DBAPIError as error:
            return getattr(error.orig, "sqlstate", None)
        finally:
            transaction.rollback()
