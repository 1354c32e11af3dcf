"""A ticket in its drawer and the desk's queue: what each reader sees and may do, and what they must never see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from data.commands import execute
from data.ticketing import Assign, MoveTicket, SubmitTicket
from data.ticketing.queue import QUEUE, VIEWS, count_queue
from rules.errors import Forbidden, NotFound
from rules.principal import Principal
from rules.request_types import TicketKind
from tests.cluster import Database
from tests.door import settings_for
from tests.portal_server import PHONE, Portal, Tab, open_tab
from tests.scene import Scene, set_the_scene
from ui.state import KEPT, ListState

SignIn = Callable[[str], Principal]
HANDS, VISIT, BOLTS = "RH-2025-000002", "SV-2025-000006", "RH-2025-000008"


@pytest.fixture(scope="module")
def scene(database: Database) -> Scene:
    with database.as_owner() as connection:
        return set_the_scene(connection)


@pytest.fixture(scope="module", autouse=True)
def _settings(database: Database, scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with settings_for(database, tmp_path_factory.mktemp("instance")):
        yield


@pytest.fixture
def new(database: Database, scene: Scene, sign_in: SignIn) -> Callable[[], str]:
    """`new()` → the number of remote hands that Abel just asked for in Seoul."""

    def asked() -> str:
        values = {"subject": "Reseat the optic", "description": "Port 14"}
        command = SubmitTicket(TicketKind.REMOTE_HANDS, scene.accounts["seoul"], scene.sites["SEL1"], values)
        return str(execute(database.app, sign_in("abel"), command, key=uuid4())["number"])

    return asked


def drawer(principal: object, number: str) -> None:
    from pages.portal.ticket.drawer import ticket_drawer

    ticket_drawer(principal)({"number": number})


def opened(principal: Principal, number: str) -> AppTest:
    app = AppTest.from_function(drawer, args=(principal, number), default_timeout=30).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    shown = [*app.markdown, *app.text, *app.subheader, *app.warning, *app.info, *app.caption]
    return "\n".join([*(str(element.value) for element in shown), *(str(table.value) for table in app.table)])


def labels(app: AppTest) -> set[str]:
    """Of all buttons; what stands in a menu is not among them."""
    return {button.label for button in app.button}


def click(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def warned(app: AppTest) -> str:
    return "\n".join(box.value for box in app.warning)


def status(database: Database, number: str) -> str:
    with database.as_owner() as connection:
        found = text("select status from portal.ticket where number = :number")
        return str(connection.execute(found, {"number": number}).scalar_one())


# --- the drawer


def test_internal_notes_are_for_staff_alone(sign_in: SignIn) -> None:
    assert "seoul: abel's hands: internal_note" in words(opened(sign_in("dee"), HANDS))
    for name in ("abel", "ana", "vic"):
        seen = words(opened(sign_in(name), HANDS))
        assert "seoul: abel's hands: staff_reply" in seen
        assert "internal" not in seen.lower().replace("internal notes", ""), name


def test_a_strangers_ticket_does_not_exist(sign_in: SignIn) -> None:
    app = opened(sign_in("bea"), HANDS)
    assert "not available to you" in app.info[0].value
    assert "abel" not in words(app).lower()
    assert not app.button


def test_who_only_looks_has_nothing_to_click(sign_in: SignIn) -> None:
    app = opened(sign_in("vic"), HANDS)
    assert "Conversation" in str([tab.label for tab in app.tabs])
    assert not app.button
    assert not app.text_area


def test_what_people_wrote_is_shown_letter_by_letter(database: Database, scene: Scene, sign_in: SignIn) -> None:
    wild = "2026. 11. 22.\n**bold** <b>b</b> [x](javascript:alert(1)) :material/lock:"
    with database.as_owner() as connection:
        connection.execute(
            text(
                "insert into portal.ticket_message (account_id, ticket_id, kind, author_name, body) "
                "values (:account, :ticket, 'staff_reply', '**Mallory**', :body)"
            ),
            {"account": scene.accounts["seoul"], "ticket": scene.tickets["seoul: abel's hands"], "body": wild},
        )
    app = opened(sign_in("abel"), HANDS)
    assert wild in [element.value for element in app.text]
    assert not any(wild in element.value or "**Mallory**" in element.value for element in app.markdown)


def test_a_customer_cancels_with_a_reason_and_only_once_said_so(
    database: Database, new: Callable[[], str], sign_in: SignIn
) -> None:
    number = new()
    app = click(opened(sign_in("ana"), number), "Cancel the request")
    assert status(database, number) == "submitted", "a click asks first"
    click(app, "Cancel the request")
    assert "Please fill this in." in app.error[0].value
    assert status(database, number) == "submitted"
    next(area for area in app.text_area if area.label == "Reason").input("Not needed").run()
    click(app, "Cancel the request")
    assert status(database, number) == "cancelled"
    assert "Cancel the request" not in labels(app)
    assert "Not needed" in words(app)


def test_a_customer_has_no_button_of_the_desk(sign_in: SignIn) -> None:
    seen = labels(opened(sign_in("ana"), HANDS))
    assert "Cancel the request" in seen
    assert not seen & {"Acknowledge", "Start work", "Resolve", "Assign to me", "Check in"}


def test_the_desk_acknowledges_asks_and_the_customer_answers(
    database: Database, new: Callable[[], str], sign_in: SignIn
) -> None:
    number = new()
    desk = click(opened(sign_in("dee"), number), "Acknowledge")
    assert status(database, number) == "acknowledged"
    assert "Acknowledge" not in labels(desk)
    execute(database.app, sign_in("dee"), MoveTicket(number, "waiting_customer", message="Which port?"))
    abel = opened(sign_in("abel"), number)
    assert any("We need your answer" in box.value for box in abel.warning)
    assert "waits for you" in words(abel) or not any("Paused" in line.value for line in abel.markdown)
    next(area for area in abel.text_area if area.label == "Your reply").input("Port 14").run()
    click(abel, "Send reply")
    assert status(database, number) == "in_progress"
    assert "Port 14" in words(abel)
    assert not any("We need your answer" in box.value for box in abel.warning)
    assert next(area for area in abel.text_area if area.label == "Your reply").value == ""


def test_somebody_else_changed_it_meanwhile(database: Database, new: Callable[[], str], sign_in: SignIn) -> None:
    """Nothing is done, the drawer says who changed what, what was typed stays; sent again it is meant."""
    number = new()
    desk = click(opened(sign_in("dee"), number), "Resolve")
    next(area for area in desk.text_area if area.label.startswith("What was done")).input("Changed the fuse").run()
    execute(database.app, sign_in("dee"), MoveTicket(number, "acknowledged"))
    click(desk, "Resolve")
    assert status(database, number) == "acknowledged"
    assert "**Dee Desk** · Submitted → Acknowledged, " in warned(desk)
    assert next(area for area in desk.text_area if area.label.startswith("What was done")).value == "Changed the fuse"
    click(desk, "Resolve")
    assert status(database, number) == "resolved"
    assert "Changed the fuse" in words(desk)


def test_a_button_at_once_asks_what_its_reader_saw(database: Database, new: Callable[[], str], sign_in: SignIn) -> None:
    number = new()
    desk = opened(sign_in("dee"), number)
    execute(database.app, sign_in("dee"), MoveTicket(number, "acknowledged"))
    click(desk, "Start work")
    assert status(database, number) == "acknowledged"
    assert "**Dee Desk** · Submitted → Acknowledged, " in warned(desk)


def test_what_is_not_possible_any_more_does_not_vanish_with_what_was_typed(
    database: Database, new: Callable[[], str], sign_in: SignIn
) -> None:
    number = new()
    abel = click(opened(sign_in("abel"), number), "Cancel the request")
    next(area for area in abel.text_area if area.label == "Reason").input("Not needed").run()
    execute(database.app, sign_in("dee"), MoveTicket(number, "in_progress"))
    click(abel, "Cancel the request")
    assert status(database, number) == "in_progress"
    assert "“Cancel the request” is not possible any more" in warned(abel)
    assert "**Service desk** · Submitted → In progress, " in warned(abel)
    assert next(area for area in abel.text_area if area.label == "Reason").value == "Not needed"
    assert "Cancel the request" not in labels(abel), "it cannot be sent"
    click(abel, "Discard")
    assert not abel.warning
    assert [area.label for area in abel.text_area] == ["Your reply"]
    with database.as_owner() as connection:
        assert not connection.scalar(text("select count(*) from portal.draft where form like 'deed.%'"))


def test_a_question_that_came_too_late_says_so_and_is_closed(
    database: Database, new: Callable[[], str], sign_in: SignIn
) -> None:
    number = new()
    execute(database.app, sign_in("dee"), MoveTicket(number, "resolved", message="Done"))
    ana = click(opened(sign_in("ana"), number), "Confirm that it is done")
    execute(database.app, sign_in("abel"), MoveTicket(number, "closed"))
    ana.run()
    assert "**Abel" in warned(ana)
    assert "Resolved → Closed" in warned(ana)
    click(ana, "Close")
    assert not ana.warning


def test_who_is_waited_for_reads_what_a_reply_does_to_a_rest(
    database: Database, new: Callable[[], str], sign_in: SignIn
) -> None:
    number, dee = new(), sign_in("dee")
    execute(database.app, dee, MoveTicket(number, "acknowledged"))
    execute(database.app, dee, MoveTicket(number, "on_hold", reason="The cage is locked", customer_must_act=True))
    abel = opened(sign_in("abel"), number)
    assert "on hold until you have done your part" in warned(abel)
    assert "Please answer by" in warned(abel)
    next(area for area in abel.text_area if area.label == "Your reply").input("It is open now").run()
    click(abel, "Send reply")
    assert status(database, number) == "on_hold"
    assert not abel.warning
    assert any("takes the work up again" in box.value for box in abel.info)
    assert not any("takes the work up again" in box.value for box in opened(dee, number).info), "the desk knows"


def test_a_deed_that_was_done_says_so_and_is_forgotten(new: Callable[[], str], sign_in: SignIn) -> None:
    """Also where the ticket offers it no more."""
    number = new()
    desk = click(opened(sign_in("dee"), number), "Resolve")
    next(area for area in desk.text_area if area.label.startswith("What was done")).input("Changed the fuse").run()
    click(desk, "Resolve")
    assert [toast.value for toast in desk.toast] == ["Resolve: done."]
    assert not desk.warning
    assert not desk.text_area[0].value, "the box for a reply is what is left, and it is empty"


def test_a_customer_reads_what_the_desk_changed_and_not_who_of_it(
    database: Database, new: Callable[[], str], sign_in: SignIn
) -> None:
    number = new()
    dee = sign_in("dee")
    abel = click(opened(sign_in("abel"), number), "Cancel the request")
    next(area for area in abel.text_area if area.label == "Reason").input("Not needed").run()
    execute(database.app, dee, MoveTicket(number, "acknowledged"))
    execute(database.app, dee, Assign(number, dee.person_id))
    click(abel, "Cancel the request")
    assert status(database, number) == "acknowledged"
    assert "**Service desk** · Submitted → Acknowledged, " in warned(abel)
    assert "Dee" not in warned(abel)
    assert "Who works on it" not in warned(abel)
    click(abel, "Cancel the request")
    assert status(database, number) == "cancelled"


def test_the_desk_reads_who_works_on_it_by_now(database: Database, new: Callable[[], str], sign_in: SignIn) -> None:
    number, dee = new(), sign_in("dee")
    desk = click(opened(dee, number), "Resolve")
    execute(database.app, dee, Assign(number, dee.person_id))
    click(desk, "Resolve")
    assert "Who works on it: Dee Desk" in warned(desk)
    assert "→" not in warned(desk), "nobody moved it"


def test_a_customer_confirms_rates_and_opens_again(database: Database, new: Callable[[], str], sign_in: SignIn) -> None:
    number = new()
    execute(database.app, sign_in("dee"), MoveTicket(number, "resolved", message="Done"))
    app = click(opened(sign_in("abel"), number), "Confirm that it is done")
    assert status(database, number) == "resolved", "a click asks first"
    click(app, "Confirm that it is done")
    assert status(database, number) == "closed"
    click(app, "Rate our work")
    next(group for group in app.get("button_group") if group.label == "How did we do").set_value("4").run()
    click(app, "Rate our work")
    assert "★★★★☆" in words(app)
    assert "Rate our work" not in labels(app)
    click(app, "Open it again")
    next(area for area in app.text_area if area.label == "What is still wrong").input("It beeps").run()
    click(app, "Open it again")
    assert status(database, number) == "reopened"


def test_an_internal_note_looks_different_and_stays_inside(database: Database, sign_in: SignIn) -> None:
    app = opened(sign_in("dee"), BOLTS)
    assert "Customers never see this." not in words(app)
    next(group for group in app.get("button_group") if group.label == "For whom").set_value("internal").run()
    assert "Customers never see this." in words(app)
    next(area for area in app.text_area if "eyes only" in area.label).input("They owe us money").run()
    click(app, "Save internal note")
    assert "They owe us money" in words(app)
    assert "They owe us money" not in words(opened(sign_in("bea"), BOLTS))


def test_visitors_are_checked_in_by_the_desk(database: Database, sign_in: SignIn) -> None:
    execute(database.app, sign_in("dee"), MoveTicket(VISIT, "approved"))
    assert "Check in" not in labels(opened(sign_in("ana"), VISIT))
    app = click(opened(sign_in("dee"), VISIT), "Check in")
    assert status(database, VISIT) == "checked_in"
    click(app, "Check out")
    assert status(database, VISIT) == "checked_out"
    assert not labels(app) & {"Check in", "Check out"}


def test_watchers_come_and_go(sign_in: SignIn) -> None:
    app = opened(sign_in("ana"), HANDS)
    assert "watcher\\@acme\\.example" in words(app)
    box = next(box for box in app.selectbox if box.label == "Add a colleague")
    assert not any("Bolt" in option for option in box.options)
    box.set_value(next(option for option in box.options if "Vic" in option)).run()
    click(app, "Add")
    assert "Vic Acme" in words(app)
    assert "Leave" not in labels(app), "she watches nothing herself"


# --- the queue


def test_the_queue_is_the_desks(database: Database, sign_in: SignIn) -> None:
    from data.listing import page_of, read_asked

    assert page_of(database.app, sign_in("dee"), QUEUE, read_asked(QUEUE, {})).count.n > 0
    for name in ("ana", "vic", "mia", "fin", "ada"):
        with pytest.raises(Forbidden):
            page_of(database.app, sign_in(name), QUEUE, read_asked(QUEUE, {}))
        with pytest.raises(Forbidden):
            count_queue(database.app, sign_in(name))


@pytest.mark.parametrize("view", VIEWS)
def test_a_chip_counts_what_its_list_shows(view: str, database: Database, sign_in: SignIn) -> None:
    from data.listing import page_of, read_asked

    dee = sign_in("dee")
    execute(database.app, dee, Assign(BOLTS, dee.person_id))
    assert (
        count_queue(database.app, dee)[view]
        == page_of(database.app, dee, QUEUE, read_asked(QUEUE, {"show": [view]})).count.n
    )
    assert count_queue(database.app, dee)["mine"] >= 1


def page_of_the_queue(principal: object) -> None:
    from pages.staff.queue import show

    show(principal)


def test_several_are_taken_at_once_each_with_its_result(database: Database, sign_in: SignIn) -> None:
    app = AppTest.from_function(page_of_the_queue, args=(sign_in("dee"),), default_timeout=30).run()
    assert not app.exception
    assert not labels(app) & {"Acknowledge", "Assign to me"}, "nothing is ticked"
    with database.as_owner() as connection:
        connection.execute(text("update portal.ticket set status = 'acknowledged' where number = 'SH-2025-000007'"))
    app.session_state[KEPT][ListState, "queue"].selected = ("SH-2025-000007", "SH-2025-000011")
    app.run()
    click(app, "Acknowledge")
    assert status(database, "SH-2025-000011") == "acknowledged"
    assert "1 ticket done." in app.toast[0].value
    assert "SH-2025-000007" in app.warning[0].value
    assert "cannot become" in app.warning[0].value
    assert "SH-2025-000011" not in app.warning[0].value
    assert app.session_state[KEPT][ListState, "queue"].selected == ()


def test_what_a_colleague_took_meanwhile_is_not_taken_from_them(
    database: Database, sign_in: SignIn, new: Callable[[], str]
) -> None:
    dee, mine, taken = sign_in("dee"), new(), new()
    with database.as_owner() as connection:
        jin = connection.execute(text(A_COLLEAGUE)).scalar_one()
    app = AppTest.from_function(page_of_the_queue, args=(dee,), default_timeout=30).run()
    app.session_state[KEPT][ListState, "queue"].selected = (mine, taken)
    app.run()
    execute(database.app, dee, Assign(taken, jin))  # elsewhere, after this page was drawn
    click(app, "Assign to me")
    assert (assignee(database, mine), assignee(database, taken)) == (dee.person_id, jin)
    assert "1 ticket done." in app.toast[0].value
    assert "Jin Desk works on it" in app.warning[0].value and taken in app.warning[0].value
    assert mine not in app.warning[0].value


A_COLLEAGUE = """with jin as (insert into portal.person (kind, email, name)
    values ('staff', 'jin@portal.example', 'Jin Desk') returning id)
    insert into portal.staff_member (person_id, role) select id, 'service_desk' from jin returning person_id"""


def assignee(database: Database, number: str) -> int | None:
    with database.as_owner() as connection:
        return connection.execute(text(f"select assignee_id from portal.ticket where number = '{number}'")).scalar()


# --- the address


def page_of_tickets(principal: object) -> None:
    from pages.portal.tickets import show

    show(principal)


def test_a_forged_address_opens_no_form(sign_in: SignIn) -> None:
    for name, kind in (("vic", "remote_hands"), ("abel", "fault"), ("ana", "nonsense")):
        app = AppTest.from_function(page_of_tickets, args=(sign_in(name),), default_timeout=30)
        app.query_params["new"] = kind
        app.run()
        assert not app.exception
        assert "not available to you" in app.info[0].value, name
        assert not any(button.label == "Submit" for button in app.button)


def test_buttons_are_those_one_may_use(sign_in: SignIn) -> None:
    def asks(name: str) -> set[str]:
        app = AppTest.from_function(page_of_tickets, args=(sign_in(name),), default_timeout=30).run()
        return labels(app) & {"Request remote hands", "Report a fault", "Arrange a shipment", "Book a site visit"}

    assert len(asks("ana")) == 4
    assert asks("abel") == {"Request remote hands"}
    assert asks("vic") == set()


def test_the_desk_cannot_be_forged(database: Database, sign_in: SignIn) -> None:
    with pytest.raises(Forbidden):
        execute(database.app, sign_in("ana"), Assign(HANDS, None))
    with pytest.raises(NotFound):
        execute(database.app, sign_in("bea"), MoveTicket(HANDS, "cancelled", reason="x"))


# --- in a browser


def test_abel_asks_for_remote_hands(database: Database, portal: Portal, browser: Browser, sign_in: SignIn) -> None:
    """On a phone: a mistake first, then sent by a double click, and it is the first row at once."""
    with open_tab(portal, browser, token=sign_in("abel").token, viewport=PHONE) as tab:
        tab.go("/tickets")
        tab.page.get_by_role("button", name="New request").click()
        tab.page.get_by_text("Request remote hands").last.click()
        form = tab.page.get_by_role("dialog")
        expect(form).to_contain_text("We answer within 15 minutes")
        form.get_by_role("button", name="Submit").click()
        box = form.locator('[class*="st-key-form-problems"]')
        expect(box).to_contain_text("2 things to correct")
        expect(form.get_by_role("textbox", name="Subject")).to_be_focused()
        form.get_by_role("textbox", name="Subject").fill("Reseat the first optic")
        form.get_by_role("textbox", name="Subject").press("Tab")
        expect(box).to_contain_text("1 thing to correct")
        form.get_by_label("Description").fill("Port 14 of sw-1")  # and straight to the button, without leaving it
        form.get_by_role("button", name="Submit").dblclick()
        expect(form).to_be_hidden()
        expect(tab.page.get_by_text(re.compile(r"RH-\d{4}-\d{6} was sent"))).to_be_visible()
        expect(tab.page).not_to_have_url(re.compile("new="))
        assert tab.troubles == []
    with database.as_owner() as connection:
        found = text("select description from portal.ticket where subject = 'Reseat the first optic'")
        assert list(connection.scalars(found)) == ["Port 14 of sw-1"]


def test_each_time_the_first_field_to_correct_comes_into_view(
    portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    with open_tab(portal, browser, token=sign_in("abel").token, viewport=PHONE) as tab:
        tab.go("/tickets?new=remote_hands")
        form = tab.page.get_by_role("dialog")
        subject, description = (form.get_by_role("textbox", name=name) for name in ("Subject", "Description"))
        for typed, first in (("", subject), (" ", subject), ("Reseat the optic", description)):
            subject.fill(typed)
            subject.press("Tab")
            tab.settle()
            form.get_by_role("button", name="Submit").click()
            expect(first).to_be_focused()
            expect(first).to_be_in_viewport()
        expect(subject).not_to_be_focused()
        assert tab.troubles == []


def test_what_was_typed_survives_closing_by_accident(portal: Portal, browser: Browser, sign_in: SignIn) -> None:
    with open_tab(portal, browser, token=sign_in("abel").token) as tab:
        tab.go("/tickets?new=remote_hands")
        form = tab.page.get_by_role("dialog")
        form.get_by_role("textbox", name="Subject").fill("Half a thought")
        form.get_by_role("textbox", name="Subject").press("Tab")
        tab.settle()
        tab.page.keyboard.press("Escape")
        expect(form).to_be_hidden()
        tab.go("/tickets?new=remote_hands")
        expect(form.get_by_role("textbox", name="Subject")).to_have_value("Half a thought")
        form.get_by_role("button", name="Start over").click()
        expect(form.get_by_role("textbox", name="Subject")).to_have_value("")
        assert tab.troubles == []


def test_the_desk_answers_and_the_customer_reads_it(
    database: Database, portal: Portal, browser: Browser, sign_in: SignIn
) -> None:
    number = "RH-2025-000001"
    with open_tab(portal, browser, token=sign_in("dee").token) as desk:
        desk.go(f"/queue?ticket={number}")
        drawer = desk.page.get_by_role("dialog")
        drawer.get_by_role("button", name="Acknowledge").click()
        expect(drawer).to_contain_text("Acknowledged")
        desk.settle()
        _say(desk, "Your reply", "On our way to cage 4")
        drawer.get_by_role("radio", name="Internal note").click()
        expect(drawer).to_contain_text("Customers never see this.")
        desk.settle()
        _say(desk, "eyes only", "Bring the long ladder", button="Save internal note")
        expect(drawer).to_contain_text("Bring the long ladder")
        assert desk.troubles == []
    with open_tab(portal, browser, token=sign_in("ana").token) as tab:
        tab.go(f"/tickets?ticket={number}")
        drawer = tab.page.get_by_role("dialog")
        expect(drawer).to_contain_text("On our way to cage 4")
        expect(drawer).to_contain_text("Acknowledged")
        expect(drawer).not_to_contain_text("long ladder")
        assert tab.troubles == []
    assert status(database, number) == "acknowledged"


def test_a_file_travels_with_its_message_and_a_false_one_does_not(
    portal: Portal, browser: Browser, new: Callable[[], str], sign_in: SignIn
) -> None:
    number = new()
    with open_tab(portal, browser, token=sign_in("abel").token) as tab:
        tab.go(f"/tickets?ticket={number}")
        drawer = tab.page.get_by_role("dialog")
        drawer.get_by_text("Attach files").first.click()
        false = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"no PDF at all"}
        drawer.locator("input[type=file]").set_input_files(false)
        expect(drawer.get_by_text("plan.pdf")).to_be_visible()
        drawer.get_by_role("button", name="Send reply").click()
        expect(drawer).to_contain_text("is not what its name says")
        drawer.get_by_test_id("stFileChipDeleteBtn").click()
        expect(drawer.get_by_text("plan.pdf", exact=True)).to_be_hidden()
        true = {"name": "포트 14.txt", "mimeType": "text/plain", "buffer": b"port 14"}
        drawer.locator("input[type=file]").set_input_files(true)
        expect(drawer.get_by_text("포트 14.txt")).to_be_visible()
        drawer.get_by_role("button", name="Send reply").click()
        link = drawer.get_by_role("link", name="포트 14.txt")
        expect(link).to_be_visible()
        address = f"{portal.address}{link.get_attribute('href')}"
        answer = tab.context.request.get(address)
        assert answer.body() == b"port 14"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert tab.troubles == []
    with open_tab(portal, browser, token=sign_in("bea").token) as stranger:
        assert stranger.context.request.get(address).status == 404


def _say(tab: Tab, label: str, body: str, button: str = "Send reply") -> Any:
    # while the box begins anew, the old one stands above the new one for a moment
    area = tab.page.get_by_role("dialog").get_by_role("textbox", name=re.compile(label)).last
    area.fill(body)
    area.press("Tab")
    tab.settle()
    tab.page.get_by_role("dialog").get_by_role("button", name=button).click()
    expect(area).to_have_value("")  # until then the words stand there twice
    expect(tab.page.get_by_role("dialog").get_by_text(body).first).to_be_visible()
    tab.settle()
