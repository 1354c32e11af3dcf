"""Disputes on the screen: who is offered what in an invoice's drawer and in the list, and what a form does."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from data.invoicing import AcceptDispute, RejectDispute, SayInDispute
from rules.files import Upload
from rules.principal import Principal
from tests.asgi import ask
from tests.cluster import Database
from tests.dispute_scene import Ledger, ledger_in
from web import attachments
from web.errors import exception_handlers

pytestmark = pytest.mark.usefixtures("configured")
DISPUTE, ACCEPT, REJECT = "Dispute this invoice", "Accept the dispute", "Reject the dispute"
TAKE_BACK, CLOSE, SEND = "Take the dispute back", "Close", "Send to finance"


@pytest.fixture(scope="module")
def ledger(database: Database, sign_in: Callable[[str], Principal]) -> Ledger:
    return ledger_in(database, sign_in)


def tab(principal: object, uuid: object) -> None:
    from data.engines import app_engine
    from data.invoicing import get_invoice
    from pages.portal.invoice.dispute import show_disputes

    show_disputes(principal, get_invoice(app_engine(), principal.anywhere(), uuid))  # type: ignore[attr-defined]


def opened(ledger: Ledger, who: str, invoice: UUID) -> AppTest:
    app = AppTest.from_function(tab, args=(ledger.person(who), invoice), default_timeout=30).run()
    assert not app.exception
    return app


def buttons(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def words(app: AppTest) -> str:
    shown = [*app.markdown, *app.text, *app.warning, *app.error, *app.success, *app.caption, *app.toast]
    return "\n".join(str(element.value) for element in shown)


def click(app: AppTest, label: str) -> AppTest:
    app = next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def test_only_who_may_is_offered_to_dispute(ledger: Ledger) -> None:
    invoice = ledger.invoice()
    assert DISPUTE in buttons(opened(ledger, "ana", invoice))
    for who in ("vic", "mia", "fin"):
        app = opened(ledger, who, invoice)
        assert not buttons(app), who
        assert "Nothing of this invoice is disputed." in words(app)


def test_the_local_finance_team_is_named_with_its_address(ledger: Ledger) -> None:
    ((team,),) = ledger.rows("select finance_email from portal.legal_entity where code = 'EX-KR'")
    app = opened(ledger, "vic", ledger.invoice())
    assert f"mailto:{team}" in words(app)


def test_a_form_is_sent_once_and_then_stands_in_the_thread(ledger: Ledger) -> None:
    invoice = ledger.invoice(lines=(600, 400))
    app = click(opened(ledger, "ana", invoice), DISPUTE)
    assert [field.value for field in app.text_input] == ["1000"], "what is open is proposed"
    app = click(app, SEND)
    assert "2 things to correct" in words(app)
    assert not ledger.sees("ana", invoice).disputes
    app.selectbox[0].select("twice")
    app.text_area[0].input("It stands on last month's invoice")
    app.text_input[0].input("5000")
    app = click(app.run(), SEND)
    assert "At most ₩1\\,000" in words(app), "not as its reader writes money"
    app.text_input[0].input("1,000")
    app = click(app.run(), SEND)
    assert DISPUTE not in buttons(app)
    assert "It stands on last month's invoice" in words(app)
    dispute = ledger.one("ana", invoice)
    assert (dispute.reason, dispute.amount, dispute.lines) == ("twice", 1000, ())


def test_all_that_is_wrong_is_said_at_once_each_at_its_field(ledger: Ledger) -> None:
    invoice = ledger.invoice(lines=(600, 400))
    app = click(opened(ledger, "ana", invoice), DISPUTE)
    app.text_input[0].input("5000")
    app = click(app.run(), SEND)
    said = app.error[0].value
    places = [said.index(words) for words in ("Reason", "At most ₩1\\,000", "What is wrong")]
    assert "3 things to correct" in said and places == sorted(places)
    beside = [line.value for line in app.markdown if line.value.startswith(":small[:red[")]
    assert len(beside) == 3 and "At most" in beside[1]
    app.text_input[0].input("0")
    assert "More than nothing" in words(app.run()), "also while it is corrected"
    assert not ledger.sees("ana", invoice).disputes


def test_what_was_typed_is_there_again(ledger: Ledger) -> None:
    invoice = ledger.invoice()
    app = click(opened(ledger, "ana", invoice), DISPUTE)
    app.text_area[0].input("Half a sentence").run()
    again = click(opened(ledger, "ana", invoice), DISPUTE)
    assert again.text_area[0].value == "Half a sentence"
    assert not ledger.sees("ana", invoice).disputes


def test_of_lines_the_amount_follows_what_is_chosen(ledger: Ledger) -> None:
    app = click(opened(ledger, "ana", ledger.invoice(lines=(600, 400, 50))), DISPUTE)
    app.button_group[0].set_value("lines").run()
    app.multiselect[0].set_value([2, 3]).run()
    assert app.text_input[0].value == "450"
    app.text_input[0].input("20").run()
    app.multiselect[0].set_value([1]).run()
    assert app.text_input[0].value == "20", "what somebody wrote stays"


def test_finance_answers_and_decides(ledger: Ledger) -> None:
    invoice = ledger.invoice()
    ledger.opens("ana", invoice, 300)
    app = opened(ledger, "fin", invoice)
    assert {ACCEPT, REJECT} <= buttons(app)
    assert not {TAKE_BACK, CLOSE, DISPUTE} & buttons(app)
    app.text_area[0].input("We look into it").run()
    app = click(app, "Send answer")
    assert ledger.one("ana", invoice).state == "answered"
    app = click(app, ACCEPT)
    assert app.text_input[0].value == "300"
    app.text_input[0].input("120").run()
    app.text_area[0].input("A part of it").run()
    app = click(app, ACCEPT)
    assert not {ACCEPT, REJECT} & buttons(app)
    dispute = ledger.one("fin", invoice)
    assert (dispute.state, dispute.agreed) == ("accepted", 120)
    assert "₩120 is credited" in words(opened(ledger, "ana", invoice))


def test_a_decision_on_what_changed_meanwhile_is_made_by_sending_it_again(ledger: Ledger) -> None:
    invoice = ledger.invoice()
    dispute = ledger.opens("ana", invoice)
    app = click(opened(ledger, "fin", invoice), REJECT)
    ledger.does("ana", SayInDispute(dispute, "Wait, see this"))
    app.text_area[0].input("As agreed").run()
    app = click(app, REJECT)
    assert "changed meanwhile, last by Ana Acme" in words(app)
    assert "Wait, see this" in words(app)
    assert ledger.one("fin", invoice).state == "open"
    click(app, REJECT)
    assert ledger.one("fin", invoice).state == "rejected"


def test_the_customer_takes_it_back_or_closes_what_was_decided(ledger: Ledger) -> None:
    invoice = ledger.invoice()
    dispute = ledger.opens("ana", invoice)
    app = opened(ledger, "ana", invoice)
    assert TAKE_BACK in buttons(app)
    assert not {ACCEPT, REJECT} & buttons(app)
    ledger.does("fin", RejectDispute(dispute, "As agreed"))
    app = click(opened(ledger, "ana", invoice), CLOSE)
    app = click(app, CLOSE)
    assert ledger.one("ana", invoice).state == "closed"
    assert DISPUTE not in buttons(app)
    assert "Dispute something else" in buttons(opened(ledger, "ana", invoice))
    assert not app.text_area, "a closed one is read only"


def test_nobodys_words_become_more_than_words(ledger: Ledger) -> None:
    invoice = ledger.invoice()
    body = "<script>x</script> **bold** 2026. 11. 22."
    dispute = ledger.opens("ana", invoice, body=body, files=(Upload("a [b](http:x).pdf", b"%PDF-1.7"),))
    ledger.does("fin", AcceptDispute(dispute, Decimal(1), body))
    app = opened(ledger, "ana", invoice)
    assert [text.value for text in app.text] == [body, body]
    assert "](http:x)" not in words(app)


def test_the_list_shows_each_their_own_and_opens_with_the_thread(ledger: Ledger) -> None:
    from data.disputes import DISPUTES
    from data.listing import page_of, read_asked

    theirs = ledger.opens("ana", ledger.invoice()), ledger.opens("bea", ledger.invoice("bolt"))

    def listed(who: str) -> set[UUID]:
        everything = read_asked(DISPUTES, {"status": ["any"]})
        page = page_of(ledger.database.app, ledger.person(who), DISPUTES, everything, size=500)
        return {*page.values["uuid"]} & {*theirs}

    seen = {who: listed(who) for who in ("ana", "vic", "mia", "bea", "fin")}
    assert seen["ana"] == seen["vic"] == seen["mia"] == {theirs[0]}
    assert seen["bea"] == {theirs[1]}
    assert seen["fin"] == {*theirs}


def test_a_file_is_saved_never_shown_and_each_reading_is_noted(ledger: Ledger) -> None:
    invoice = ledger.invoice()
    ledger.opens("ana", invoice, files=(Upload("계획 plan.pdf", b"%PDF-1.7 <script>"),))
    (file,) = ledger.one("ana", invoice).thread[0].files

    def fetch(who: str | None, uuid: object, **headers: str) -> object:
        app = Starlette(routes=attachments.routes, exception_handlers=exception_handlers)
        cookie = {"cookie": f"portal_session={ledger.person(who).token}"} if who else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(app, f"/attachments/disputes/{uuid}", headers={**cookie, **named})

    for who in ("ana", "vic", "fin", "mia"):
        answer = fetch(who, file.uuid)
        assert (answer.status, answer.body) == (200, b"%PDF-1.7 <script>")  # type: ignore[attr-defined]
        assert str(answer.header("content-disposition")).startswith("attachment;")  # type: ignore[attr-defined]
    for who in ("bea", "dee", "abel", "ada"):
        stranger, nothing = fetch(who, file.uuid), fetch(who, uuid4())
        assert (stranger.status, stranger.body) == (404, nothing.body), who  # type: ignore[attr-defined]
    assert fetch(None, file.uuid).status == 303  # type: ignore[attr-defined]
    assert fetch("ana", file.uuid, sec_fetch_site="cross-site").status == 403  # type: ignore[attr-defined]
    read = ("select e.actor_name from portal.audit_entry e join portal.invoice i on e.object_label = i.number "
            "where i.uuid = :i and e.action = 'attachment.read' order by e.id")  # fmt: skip
    assert [name for (name,) in ledger.rows(read, i=invoice)] == [
        "Ana Acme", "Vic Acme", "Fin Finance", "Mia Manager",
    ]  # fmt: skip
