"""Collections: who is late, reminding them by mail once within some days, and nobody but finance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from streamlit.testing.v1 import AppTest

from data import listing
from data.commands import execute
from data.database import reading, writing
from data.demo.cast import account_id
from data.invoices import INVOICES
from data.invoicing.collections import (
    CollectionsAsked,
    Late,
    Overdue,
    RemindAccount,
    all_late,
    list_late,
    preview_reminder,
)
from data.listing import read_asked
from jobs.letters import Unwanted, written
from jobs.letters.facts import Facts
from jobs.letters.of_money import payment_reminder_text
from pages.staff.collecting import _amounts
from rules.errors import Conflict, Forbidden
from rules.looking import looking_at
from rules.mail import Reach
from rules.money import NAMED_IN_REMINDER, REMINDED_EVERY
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.door import settings_for
from tests.money_scene import at_once
from tests.standing import page_of, set_the_stage, words_of
from ui.reminder import reminder_words
from ui.text import Reader, reading_as

SignIn = Callable[[str], Principal]
P = Permission


@pytest.fixture(scope="module", autouse=True)
def stage(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with database.as_owner() as connection:
        set_the_stage(connection)
        connection.execute(text("update portal.invoice set disputed = true where number = 'JP-3'"))
    with settings_for(database, tmp_path_factory.mktemp("instance")):
        yield


@pytest.fixture
def seoul(database: Database) -> Iterator[int]:
    """Acme Seoul, reminded by nobody yet."""
    with database.as_owner() as connection:
        found = account_id(connection, "ACME-SEOUL")
    yield found
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.payment_reminder"))
        connection.execute(text("delete from portal.mail where kind = 'payment_reminder'"))


def _mails(database: Database) -> list[Any]:
    query = """select m.id, m.kind, m.context, m.message_id, p.email from portal.mail m
        join portal.person p on p.id = m.person_id where m.kind = 'payment_reminder' order by p.email"""
    with database.as_owner() as connection:
        return list(connection.execute(text(query)))


def _remind(database: Database, principal: Principal, account: int, **more: Any) -> None:
    execute(database.app, principal, RemindAccount(account, **more), key=uuid4())


def test_who_is_late_stands_there_the_longest_overdue_first_and_no_dispute(database: Database, sign_in: SignIn) -> None:
    page = list_late(database.app, sign_in("fin"), CollectionsAsked())
    assert [(one.code, one.days, [(o.currency, o.n, int(o.amount)) for o in one.overdue]) for one in page.rows] == [
        ("ACME-SEOUL", 40, [("JPY", 1, 1500), ("KRW", 1, 1000)]),
        ("BOLT", 1, [("PHP", 1, 4000)]),
    ]
    assert (page.n, page.pages) == (2, 1)
    assert [one.code for one in list_late(database.app, sign_in("fin"), CollectionsAsked("bol")).rows] == ["BOLT"]
    assert list_late(database.app, sign_in("fin"), CollectionsAsked("osaka")).rows == ()
    assert [name for _id, name in all_late(database.app, sign_in("fin"), "")] == ["Acme Seoul", "Bolt"]


def test_a_reminder_goes_to_those_who_deal_with_invoices_and_to_no_viewer(
    seoul: int, database: Database, sign_in: SignIn
) -> None:
    fin = sign_in("fin")
    preview = preview_reminder(database.app, fin, seoul)
    _remind(database, fin, seoul)
    mails = _mails(database)
    assert [mail.email for mail in mails] == ["paa@acme.example"]
    assert len(preview.to) == len(mails)
    assert {invoice[0] for invoice in mails[0].context["invoices"]} == {"KR-1", "JP-1"}
    assert mails[0].context["sums"] == [["JPY", 1, "1500.00"], ["KRW", 1, "1000.00"]]
    page = list_late(database.app, fin, CollectionsAsked("seoul"))
    assert page.rows[0].last is not None
    assert page.rows[0].last.recipients == 1


def test_the_mail_says_what_is_overdue_in_the_readers_language(seoul: int, database: Database, sign_in: SignIn) -> None:
    _remind(database, sign_in("fin"), seoul)
    (mail,) = _mails(database)
    with database.jobs.begin() as connection:
        connection.execute(text("set local role portal_worker"))
        letter = written(connection, mail.id, mail.kind, mail.context, mail.message_id)
    body = letter.message.get_body(("plain",))
    assert body is not None
    said = body.get_content()
    assert "KR-1" in said and "JP-1" in said
    assert "JP-3" not in said and "KR-2" not in said and "PH-1" not in said
    assert letter.to == "paa@acme.example"


def test_the_mail_leads_to_exactly_the_invoices_it_names(seoul: int, database: Database, sign_in: SignIn) -> None:
    """Ana looks after three accounts, and may have looked at another one last."""
    with _disputed(database, "JP-1"):
        _remind(database, sign_in("fin"), seoul)
    (mail,) = _mails(database)
    address = urlsplit(payment_reminder_text(_facts(), mail.context).action[1])
    said = parse_qs(address.query)
    osaka = sign_in("ana").looking_at(tuple(a.id for a in sign_in("ana").accounts if a.code == "ACME-OSAKA"))
    who = looking_at(replace(osaka, remembered=osaka.chosen), said["accounts"][-1])
    with _disputed(database, "JP-1"):
        page = listing.page_of(database.app, who, INVOICES, read_asked(INVOICES, said))
        every = listing.page_of(database.app, who, INVOICES, read_asked(INVOICES, {"status": ["overdue"]}))
    assert (address.path, who.chosen) == ("/invoices", (seoul,))
    assert [number for number, *_rest in mail.context["invoices"]] == page.values["number"] == ["KR-1"]
    assert set(every.values["number"]) == {"KR-1", "JP-1"}, "what she questions is overdue as well"


@contextmanager
def _disputed(database: Database, number: str) -> Iterator[None]:
    change = text("update portal.invoice set disputed = :is_disputed where number = :number")
    for is_disputed in (True, False):
        with database.as_owner() as connection:
            connection.execute(change, {"is_disputed": is_disputed, "number": number})
        if is_disputed:
            yield


def test_a_mail_that_was_written_before_it_said_whose_leads_to_what_is_overdue() -> None:
    assert payment_reminder_text(_facts(), {"n": 1}).action[1].endswith("/invoices?status=overdue&disputed=no")
    unheard = payment_reminder_text(_facts(), {"n": 1, "of": ["A,B", "6f1c"]}).action[1]
    assert unheard.endswith("&accounts=6f1c"), "a code that could not stand in an address"


def _facts() -> Facts:
    fields = dict.fromkeys(each.name for each in fields_of(Facts))
    return Facts(**{**fields, "reach": Reach.FULL, "account": "Acme Seoul", "email": "ana@acme.example"})


def test_who_may_not_read_invoices_any_more_gets_no_reminder(seoul: int, database: Database, sign_in: SignIn) -> None:
    _remind(database, sign_in("fin"), seoul)
    (mail,) = _mails(database)
    with database.as_owner() as connection, connection.begin_nested() as nested:
        connection.execute(text("update portal.membership set ended_at = now()"))
        connection.execute(text("set local role portal_worker"))
        with pytest.raises(Unwanted):
            written(connection, mail.id, mail.kind, mail.context, mail.message_id)
        connection.execute(text("reset role"))
        nested.rollback()


def test_nobody_is_reminded_twice_within_some_days_unless_somebody_insists(
    seoul: int, database: Database, sign_in: SignIn
) -> None:
    fin = sign_in("fin")
    _remind(database, fin, seoul)
    with pytest.raises(Conflict):
        _remind(database, fin, seoul)
    assert len(_mails(database)) == 1
    _remind(database, fin, seoul, anyway=True)
    assert len(_mails(database)) == 2
    with database.as_owner() as connection:
        back = {"days": REMINDED_EVERY + timedelta(minutes=1)}
        connection.execute(text("update portal.payment_reminder set sent_at = sent_at - cast(:days as interval)"), back)
    _remind(database, fin, seoul)
    assert len(_mails(database)) == 3


def test_the_same_click_twice_is_one_reminder(seoul: int, database: Database, sign_in: SignIn) -> None:
    fin, key = sign_in("fin"), uuid4()
    done = [execute(database.app, fin, RemindAccount(seoul), key=key) for _ in range(2)]
    assert [one.again for one in done] == [False, True]
    assert len(_mails(database)) == 1


def test_who_owes_nothing_that_is_overdue_is_not_reminded(database: Database, sign_in: SignIn) -> None:
    with database.as_owner() as connection:
        osaka = account_id(connection, "ACME-OSAKA")  # what is late there is disputed
    with pytest.raises(Conflict):
        _remind(database, sign_in("fin"), osaka, anyway=True)
    assert _mails(database) == []


def test_a_reminder_stands_in_the_customers_log(seoul: int, database: Database, sign_in: SignIn) -> None:
    _remind(database, sign_in("fin"), seoul)
    with database.as_owner() as connection:
        newest = "select audience, account_id, function, actor_kind, after from portal.audit_entry "
        entry = connection.execute(text(newest + "where action = 'invoice.remind' order by id desc limit 1")).one()
    assert tuple(entry)[:4] == ("customer", seoul, "invoice.view", "staff")
    assert entry.after == {"invoices": 2, "people": 1}


def test_a_mail_names_no_more_invoices_than_fit(seoul: int, database: Database, sign_in: SignIn) -> None:
    with database.as_owner() as connection, connection.begin_nested() as nested:
        connection.execute(
            text("""
            insert into portal.invoice (
                account_id, issuer_id, number, issue_date, due_date, currency, subtotal, tax, total)
            select account_id, issuer_id, 'M-' || n, issue_date, due_date, currency, 10, 0, 10
            from portal.invoice, generate_series(1, 30) n where number = 'KR-1'""")
        )
        says = connection.scalar(text("select authz.reminder_says(:account)"), {"account": seoul})
        nested.rollback()
    assert (says["n"], len(says["invoices"])) == (32, NAMED_IN_REMINDER)
    assert says["sums"] == [["JPY", 1, "1500.00"], ["KRW", 31, "1300.00"]]


@pytest.mark.parametrize("name", ["ana", "abel", "vic", "dee", "ada", "mia", "bea"])
def test_nobody_but_finance_sees_or_sends_reminders(name: str, seoul: int, database: Database, sign_in: SignIn) -> None:
    _remind(database, sign_in("fin"), seoul)
    who = sign_in(name)
    for ask in (
        lambda: list_late(database.app, who, CollectionsAsked()),
        lambda: preview_reminder(database.app, who, seoul),
        lambda: _remind(database, who, seoul, anyway=True),
    ):
        with pytest.raises(Forbidden):
            ask()
    functions = tuple(Permission)
    for direct in ("select authz.remind(:account, true, '', 'x.example')", "select authz.preview_reminder(:account)"):
        with pytest.raises(DBAPIError, match="permission denied"), writing(database.app, who, *functions) as connection:
            connection.execute(text(direct), {"account": seoul})
    with reading(database.app, who, *functions) as connection:
        try:
            with connection.begin_nested():
                seen = connection.scalar(text("select count(*) from portal.payment_reminder"))
        except DBAPIError:
            seen = 0
    assert seen == 0
    assert len(_mails(database)) == 1


@pytest.mark.parametrize("function", ["overdue_of", "who_pays", "reminder_says"])
def test_what_only_reminders_call_nobody_else_does(
    function: str, seoul: int, database: Database, sign_in: SignIn
) -> None:
    for name in ("fin", "dee", "ana"):
        with (
            pytest.raises(DBAPIError, match="permission denied"),
            reading(database.app, sign_in(name), *Permission) as c,
        ):
            c.execute(text(f"select * from authz.{function}(:account)"), {"account": seoul})


def test_finance_writes_no_reminder_past_the_function(seoul: int, database: Database, sign_in: SignIn) -> None:
    forged = (
        """insert into portal.payment_reminder (account_id, sent_by, forced, invoices, recipients)
        values (:account, 1, false, 1, 1)""",
        """insert into portal.mail (account_id, dedupe_key, kind, person_id, message_id)
        values (:account, 'x', 'payment_reminder', (select min(id) from portal.person), '<x@x>')""",
        "delete from portal.payment_reminder where account_id = :account",
        "update portal.payment_reminder set sent_at = now() - interval '1 year' where account_id = :account",
    )
    for statement in forged:
        with pytest.raises(DBAPIError), writing(database.app, sign_in("fin"), P.INVOICE_MANAGE) as connection:
            connection.execute(text(statement), {"account": seoul})


def test_the_page_shows_who_is_late_and_the_list_below(sign_in: SignIn) -> None:
    app = page_of(sign_in("fin"), "pages.staff.billing", by="late", chart="calendar")
    assert not app.exception
    late = app.dataframe[0].value
    assert [*late["name"]] == ["Acme Seoul", "Bolt"]
    assert "JP-3" not in words_of(app)
    app = page_of(sign_in("fin"), "pages.staff.billing", by="customer", who="bolt", currency="PHP")
    assert [*app.dataframe[0].value["name"]] == ["Bolt"]


# --- the pop-up


def box(principal: object, accounts: object) -> None:
    import streamlit as st

    from pages.staff.reminding import PLACE, Reminding, _dialog
    from ui.news import show_news

    state = Reminding.of(PLACE)
    if not st.session_state.get("begun"):
        st.session_state["begun"] = True
        state.begin(accounts)  # type: ignore[arg-type]
    show_news(PLACE, good_stays=True)
    if state.accounts:
        _dialog(principal, state)  # type: ignore[arg-type]


def opened(principal: Principal, *accounts: tuple[int, str]) -> AppTest:
    app = AppTest.from_function(box, args=(principal, accounts), default_timeout=30).run()
    assert not app.exception
    return app


def sending(app: AppTest) -> Any:
    return next(button for button in app.button if button.label.startswith("Send"))


def accounts_of(database: Database, *codes: str) -> list[int]:
    with database.as_owner() as connection:
        return [account_id(connection, code) for code in codes]


def test_who_was_left_out_is_named_with_the_reason(seoul: int, database: Database, sign_in: SignIn) -> None:
    osaka, bolt = accounts_of(database, "ACME-OSAKA", "BOLT")
    app = opened(sign_in("fin"), (seoul, "Acme **Seoul**"), (osaka, "Acme Osaka"), (bolt, "Bolt"))
    app = sending(app).click().run()
    assert [one.value for one in app.success] == ["2 accounts are reminded."]
    assert [one.value for one in app.warning] == ["Nothing of this account's is overdue any more. (Acme Osaka)"]
    assert {mail.email for mail in _mails(database)} == {"paa@acme.example", "paa@bolt.example"}


def test_what_breaks_off_half_way_says_how_far_it_came(
    seoul: int, database: Database, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pages.staff import reminding

    bolt, osaka = accounts_of(database, "BOLT", "ACME-OSAKA")

    def broken(engine: Any, principal: Principal, command: RemindAccount, **more: Any) -> Any:
        if command.account_id == bolt:
            raise RuntimeError("the server is gone")
        return execute(engine, principal, command, **more)

    app = opened(sign_in("fin"), (seoul, "Acme Seoul"), (bolt, "Bolt"), (osaka, "Acme Osaka"))
    monkeypatch.setattr(reminding, "execute", broken)
    app = sending(app).click().run()
    assert app.exception
    app = app.run()
    assert [one.value for one in app.success] == ["1 account is reminded."]
    assert [one.value for one in app.warning] == ["Stopped: 2 accounts were left out."]
    assert len(_mails(database)) == 1


def test_a_run_that_broke_off_goes_on_and_two_at_once_remind_nobody_twice(
    seoul: int, database: Database, sign_in: SignIn
) -> None:
    (bolt,) = accounts_of(database, "BOLT")
    first, second = sign_in("fin"), sign_in("fin")
    _remind(database, first, seoul)  # and then the browser was closed

    def run(who: Principal) -> list[str]:
        said = []
        for account in (seoul, bolt):
            try:
                _remind(database, who, account)
                said.append("sent")
            except Conflict:
                said.append("early")
        return said

    assert sorted(at_once(lambda: run(first), lambda: run(second))) == [["early", "early"], ["early", "sent"]]
    assert [mail.email for mail in _mails(database)] == ["paa@acme.example", "paa@bolt.example"]


def test_one_who_was_reminded_lately_is_reminded_again_only_by_a_tick(
    seoul: int, database: Database, sign_in: SignIn
) -> None:
    _remind(database, sign_in("fin"), seoul)
    app = opened(sign_in("fin"), (seoul, "Acme Seoul"))
    assert sending(app).disabled
    app = app.checkbox[0].check().run()
    assert not sending(app).disabled
    sending(app).click().run()
    assert len(_mails(database)) == 2


def test_the_oldest_stand_right_below_the_words_that_announce_them() -> None:
    says = {"n": 2, "invoices": [["KR-1", "2026-01-01", "KRW", "10.00"]], "sums": [["KRW", 2, "20.00"]], "ask": "a@b.c"}
    words = reminder_words("Acme", says)
    assert words.paragraphs[-1] == "The oldest of them are:"
    assert "The oldest of them are:" not in reminder_words("Acme", {**says, "n": 1}).paragraphs


def test_of_many_currencies_only_the_size_has_room() -> None:
    row = Late(1, "V", "Vantarrow", 9, tuple(Overdue(code, 1, Decimal("14424960.4")) for code in ("KRW", "JPY")), None)
    assert _amounts(row) == "₩14,424,960 · ¥14,424,960"
    row = replace(row, overdue=(*row.overdue, Overdue("IDR", 1, Decimal(184632960))))
    assert _amounts(row) == "₩14.4M · ¥14.4M · IDR\xa0184.6M"
    long = tuple(Overdue(code, 1, Decimal("2127736800.25")) for code in ("IDR", "PHP"))
    with reading_as(Reader("id", "Asia/Jakarta")):
        said = _amounts(replace(row, overdue=long)).replace("\xa0", " ")
    assert said == "Rp 2,1 M · PHP 2,1 M", "half a number is another one"
