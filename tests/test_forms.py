"""The request forms: what they ask, what they refuse and where they say so, what they keep; and sent is sent once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from data import sites
from data.ticketing.pickers import sites_to_choose
from pages.portal.ticket.moves import CUSTOMER_MOVES, DESK_MOVES
from pages.portal.ticket.requests import kinds_for
from pages.portal.ticket.sections import SECTIONS
from rules.lifecycle import all_moves
from rules.principal import Principal
from rules.request_types import REQUEST_TYPES, TicketKind
from tests.cluster import Database
from tests.scene import Scene, set_the_scene
from ui.drafts import Filling
from ui.form import Sending
from ui.state import KEPT

SignIn = Callable[[str], Principal]
Filled = dict[str, Any]
SOON = (datetime.now(UTC) + timedelta(days=2)).replace(tzinfo=None, minute=0, second=0, microsecond=0)
PAST = SOON - timedelta(days=5)
SAID = {"subject": "Restart of srv-14", "description": "Please hold the power button for ten seconds."}
#: What is enough to send each kind.
ENOUGH: dict[TicketKind, Filled] = {
    TicketKind.REMOTE_HANDS: SAID,
    TicketKind.FAULT: {**SAID, "occurred_at": PAST},
    TicketKind.SHIPMENT: {**SAID, "expected_on": SOON.date(), "tracking_numbers": "1Z 999\n1Z 998"},
    TicketKind.SITE_VISIT: {
        **SAID,
        "starts_at": SOON,
        "ends_at": SOON + timedelta(hours=2),
        "purpose": "Audit",
        "visitors.0.name": "Kim Minsu",
        "visitors.0.company": "Acme",
        "visitors.0.email": "minsu@acme.example",
        "visitors.0.id_last_four": "900101-1234567",
    },
}


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture(scope="module")
def scene(database: Database) -> Scene:
    with database.as_owner() as connection:
        return set_the_scene(connection)


@pytest.fixture(autouse=True)
def _nothing_typed(database: Database, scene: Scene) -> None:
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.draft"))


@pytest.fixture
def osaka(sign_in: SignIn) -> Principal:
    """Ana looking at Acme Osaka alone: she may everything there, at every site."""
    ana = sign_in("ana")
    return ana.looking_at(tuple(account.id for account in ana.accounts if account.code == "ACME-OSAKA"))


@pytest.fixture
def agreed(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Targets that differ from the general ones, as the administrator will set them; gone after the test."""

    def agree(kind: TicketKind, clock: str, minutes: int, severity: str | None = None) -> None:
        new = "insert into portal.sla_target (kind, clock, minutes, severity, since) values (:k, :c, :m, :s, :at)"
        since = datetime.now(UTC) - timedelta(hours=1)
        with database.as_owner() as connection:
            said = {"k": str(kind), "c": clock, "m": minutes, "s": severity, "at": since}
            connection.execute(text(new), said)

    monkeypatch.setattr(sites, "_kept", {})
    yield agree
    with database.as_owner() as connection:
        connection.execute(text("delete from portal.sla_target"))


def page(principal: object, kind: str) -> None:
    import streamlit as st

    from pages.portal.ticket.request_form import show_request_form
    from rules.request_types import TicketKind

    filed = show_request_form(principal, TicketKind(kind))
    if filed is not None:
        st.text(f"sent {filed.number}")
        st.text(filed.promise)


def opened(principal: Principal, kind: TicketKind) -> AppTest:
    app = AppTest.from_function(page, args=(principal, str(kind)), default_timeout=30).run()
    assert not app.exception
    return app


def form_of(app: AppTest, kind: TicketKind) -> str:
    """What its draft is called: by the account on the screen."""
    site = next(box for box in app.selectbox if box.label == "Site")
    assert site.key is not None
    return site.key.removeprefix("draft.").rsplit(".", 2)[0]


def fill(app: AppTest, kind: TicketKind, values: Filled) -> AppTest:
    """As if typed; a field that only appears with another's value is filled after that one."""
    for name, value in values.items():
        form = f"request.{kind}" if name == "account" else form_of(app, kind)
        edition = app.session_state[KEPT][Filling, form].edition
        app.session_state[f"draft.{form}.{edition}.{name}"] = value
    app.run()
    assert not app.exception
    return app


def at(app: AppTest, kind: TicketKind, scene: Scene, site: str = "SEL1") -> AppTest:
    return fill(app, kind, {"site_id": scene.sites[site]})


def send(app: AppTest, kind: TicketKind) -> AppTest:
    app.button(key=f"{kind}.send").click().run()
    assert not app.exception
    return app


def number_of(app: AppTest) -> str:
    said = [line.value for line in app.text if line.value.startswith("sent ")]
    assert said, [error.value for error in app.error]
    return said[0].removeprefix("sent ")


def tickets(database: Database) -> int:
    with database.as_owner() as connection:
        return connection.execute(text("select count(*) from portal.ticket")).scalar_one()


def row(database: Database, statement: str, number: str) -> Any:
    with database.as_owner() as connection:
        return connection.execute(text(statement), {"number": number}).mappings().one()


# --- sending


@pytest.mark.parametrize("kind", TicketKind)
def test_each_kind_is_sent_and_says_its_number(
    kind: TicketKind, database: Database, scene: Scene, osaka: Principal
) -> None:
    before = tickets(database)
    app = fill(at(opened(osaka, kind), kind, scene, "OSA1"), kind, ENOUGH[kind])
    number = number_of(send(app, kind))
    ticket = row(database, "select * from portal.ticket where number = :number", number)
    assert number.startswith(REQUEST_TYPES[kind].prefix)
    assert (ticket["subject"], ticket["kind"], ticket["status"]) == (SAID["subject"], kind, "submitted")
    assert ticket["account_id"] == scene.accounts["osaka"]
    assert tickets(database) == before + 1
    empty = opened(osaka, kind)
    assert not any(area.value for area in empty.text_area), "what was sent is not offered again"


def test_a_moment_is_on_the_clock_of_the_site(database: Database, scene: Scene, osaka: Principal) -> None:
    kind = TicketKind.FAULT
    app = at(opened(osaka, kind), kind, scene, "BIN1")
    assert any("PST (UTC+8)" in field.label for field in app.get("date_time_input"))
    number = number_of(send(fill(app, kind, ENOUGH[kind]), kind))
    fault = row(
        database,
        "select f.occurred_at from portal.fault f join portal.ticket t on t.id = f.ticket_id where t.number = :number",
        number,
    )
    assert fault["occurred_at"] == PAST.replace(tzinfo=ZoneInfo("Asia/Manila"))
    assert fault["occurred_at"] != PAST.replace(tzinfo=UTC)


def test_of_an_id_only_the_last_four_characters_are_kept(database: Database, scene: Scene, osaka: Principal) -> None:
    kind = TicketKind.SITE_VISIT
    app = fill(at(opened(osaka, kind), kind, scene, "OSA1"), kind, ENOUGH[kind])
    number = number_of(send(app, kind))
    visitor = row(
        database,
        "select v.* from portal.visitor v join portal.ticket t on t.id = v.ticket_id where t.number = :number",
        number,
    )
    assert visitor["id_last_four"] == "4567"
    assert "900101" not in str(dict(visitor))


def test_sent_from_two_tabs_it_is_one_ticket(database: Database, scene: Scene, sign_in: SignIn) -> None:
    """A reconnect, a retry, a second tab: the key is kept with what was typed."""
    kind, before = TicketKind.REMOTE_HANDS, tickets(database)
    first = fill(at(opened(sign_in("abel"), kind), kind, scene), kind, {"description": SAID["description"]})
    next(field for field in first.text_input if field.label == "Subject").input("Once").run()
    second = opened(sign_in("abel"), kind)
    fill(second, kind, {"description": SAID["description"]})
    numbers = {number_of(send(first, kind)), number_of(send(second, kind))}
    assert len(numbers) == 1
    assert tickets(database) == before + 1


def test_a_click_while_it_is_on_the_way_finds_it_sent(database: Database, scene: Scene, sign_in: SignIn) -> None:
    """The run was ended by the second click after the ticket was made: the next one must not make another."""
    kind, before = TicketKind.REMOTE_HANDS, tickets(database)
    app = fill(at(opened(sign_in("abel"), kind), kind, scene), kind, SAID)
    sending = app.session_state[KEPT][Sending, form_of(app, kind)]
    sending.finish({"number": "RH-2026-999999"})
    sending.ask()
    assert number_of(app.run()) == "RH-2026-999999"
    assert tickets(database) == before


def test_what_was_changed_after_it_was_sent_is_said_and_only_then_another_ticket(
    database: Database, scene: Scene, sign_in: SignIn
) -> None:
    """The first answer was lost on its way: the same key comes with other words."""
    kind, before = TicketKind.REMOTE_HANDS, tickets(database)
    first = fill(at(opened(sign_in("abel"), kind), kind, scene), kind, {"description": SAID["description"]})
    next(field for field in first.text_input if field.label == "Subject").input("One").run()
    second = fill(opened(sign_in("abel"), kind), kind, {"subject": "Another", "description": SAID["description"]})
    number_of(send(first, kind))
    send(second, kind)
    assert "sent before with other content" in second.warning[0].value
    assert tickets(database) == before + 1
    number_of(send(second, kind))
    assert tickets(database) == before + 2


# --- what is wrong


WRONG: list[tuple[TicketKind, Filled, str, str]] = [
    (TicketKind.REMOTE_HANDS, {"subject": " "}, "Subject", "Please fill this in."),
    (TicketKind.REMOTE_HANDS, {"description": ""}, "Description", "Please fill this in."),
    (TicketKind.REMOTE_HANDS, {"schedule": "scheduled"}, "Start", "Please fill this in."),
    (TicketKind.REMOTE_HANDS, {"schedule": "scheduled", "starts_at": PAST}, "Start", "This time has passed."),
    (TicketKind.FAULT, {"occurred_at": None}, "Occurred at", "Please fill this in."),
    (TicketKind.FAULT, {"occurred_at": SOON}, "Occurred at", "still to come"),
    (TicketKind.SHIPMENT, {"expected_on": date(2020, 1, 1)}, "Expected on", "This day is over."),
    (TicketKind.SHIPMENT, {"tracking_numbers": ""}, "Tracking numbers", "Please fill this in."),
    (TicketKind.SHIPMENT, {"tracking_numbers": "\n".join(map(str, range(11)))}, "Tracking numbers", "At most 10."),
    (TicketKind.SHIPMENT, {"carrier": "other"}, "Name of the carrier", "Please fill this in."),
    (TicketKind.SHIPMENT, {"oversized": True}, "Weight", "Please fill this in."),
    (TicketKind.SHIPMENT, {"oversized": True, "weight_kg": "heavy"}, "Weight", "This is no number."),
    (TicketKind.SHIPMENT, {"direction": "outbound"}, "Ship to", "Please fill this in."),
    (TicketKind.SHIPMENT, {"direction": "outbound", "ship_to": "x", "declared_value": "1"}, "Currency", "currency?"),
    (TicketKind.SITE_VISIT, {"ends_at": SOON - timedelta(hours=1)}, "End", "must end after it begins"),
    (TicketKind.SITE_VISIT, {"ends_at": SOON + timedelta(days=15)}, "End", "At most 14 days."),
    (TicketKind.SITE_VISIT, {"visitors.0.email": ""}, "Visitors", "e-mail address or a mobile number"),
    (TicketKind.SITE_VISIT, {"visitors.0.email": "nobody"}, "Visitors", "This is no e-mail address."),
]


@pytest.mark.parametrize(("kind", "typed", "label", "words"), WRONG)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_sent(
    kind: TicketKind, typed: Filled, label: str, words: str, database: Database, scene: Scene, osaka: Principal
) -> None:
    before = tickets(database)
    app = fill(at(opened(osaka, kind), kind, scene, "OSA1"), kind, ENOUGH[kind] | typed)
    assert not app.error, "nobody is told off before they sent it"
    send(app, kind)
    assert label in app.error[0].value
    assert words in app.error[0].value
    assert any(":material/error:" in line.value and words in line.value for line in app.markdown), "beside the field"
    assert tickets(database) == before
    assert not app.button(key=f"{kind}.send").disabled
    assert next(field for field in app.text_input if field.label == "Subject").value == (typed | SAID)["subject"] or (
        "subject" in typed
    )


def test_what_was_corrected_is_said_no_more(scene: Scene, sign_in: SignIn) -> None:
    kind = TicketKind.REMOTE_HANDS
    app = send(at(opened(sign_in("abel"), kind), kind, scene), kind)
    assert "2 things to correct" in app.error[0].value
    fill(app, kind, {"subject": SAID["subject"]})
    assert "1 thing to correct" in app.error[0].value
    assert "Subject" not in app.error[0].value


def test_a_problem_stands_at_its_row_though_one_above_is_empty(scene: Scene, osaka: Principal) -> None:
    kind = TicketKind.SITE_VISIT
    app = fill(at(opened(osaka, kind), kind, scene, "OSA1"), kind, SAID)
    app.button(key="visitors.add").click().run()
    fill(app, kind, {"visitors.1.name": "Lee", "visitors.1.company": "Acme"})
    send(app, kind)
    lines = [line.value for line in app.markdown]
    second = next(at for at, line in enumerate(lines) if line == ":small[:gray[**2**]]")
    told = [at for at, line in enumerate(lines) if "e-mail address or a mobile number" in line]
    assert told
    assert all(at > second for at in told)


def test_a_row_that_is_taken_away_leaves_no_gap(scene: Scene, osaka: Principal) -> None:
    kind = TicketKind.SITE_VISIT
    app = at(opened(osaka, kind), kind, scene, "OSA1")
    for _ in range(2):
        app.button(key="visitors.add").click().run()
    fill(app, kind, {f"visitors.{n}.name": name for n, name in enumerate(("Kim", "Lee", "Park"))})
    app.button(key="visitors.1.remove").click().run()
    names = [field.value for field in app.text_input if field.label == "Name"]
    assert names == ["Kim", "Park"]


# --- what is kept


def test_a_half_filled_form_is_there_after_signing_in_again(scene: Scene, sign_in: SignIn) -> None:
    kind = TicketKind.REMOTE_HANDS
    app = at(opened(sign_in("abel"), kind), kind, scene)
    next(field for field in app.text_input if field.label == "Subject").input("Half").run()
    again = opened(sign_in("abel"), kind)
    assert next(field for field in again.text_input if field.label == "Subject").value == "Half"
    assert any("filled in again" in line.value for line in again.caption)
    next(button for button in again.button if button.label == "Start over").click().run()
    assert next(field for field in again.text_input if field.label == "Subject").value == ""
    other = opened(sign_in("abel"), TicketKind.REMOTE_HANDS)
    assert not any("filled in again" in line.value for line in other.caption)


def test_who_begins_anew_is_told_of_nothing_that_is_missing(scene: Scene, sign_in: SignIn) -> None:
    kind = TicketKind.REMOTE_HANDS
    app = at(opened(sign_in("abel"), kind), kind, scene)
    next(field for field in app.text_input if field.label == "Subject").input("Half").run()
    again = send(at(opened(sign_in("abel"), kind), kind, scene), kind)
    assert "1 thing to correct" in again.error[0].value
    next(button for button in again.button if button.label == "Start over").click().run()
    assert not at(again, kind, scene).error


def chosen(app: AppTest, label: str) -> Any:
    return next(box for box in app.selectbox if box.label == label).value


def test_each_account_has_a_draft_of_its_own(scene: Scene, sign_in: SignIn) -> None:
    """What was typed for Acme Seoul – a site, a subject, an item – is no beginning for Acme Osaka."""
    kind, ana = TicketKind.REMOTE_HANDS, sign_in("ana")
    app = at(fill(opened(ana, kind), kind, {"account": scene.accounts["seoul"]}), kind, scene)
    item = scene.items["SEOUL-CABINET"]
    next(field for field in app.text_input if field.label == "Subject").input("For Seoul").run()
    next(box for box in app.multiselect if box.label.startswith("Affected")).set_value([item]).run()
    fill(app, kind, {"account": scene.accounts["osaka"]})
    assert chosen(app, "Site") is None
    assert not any("filled in again" in line.value for line in app.caption)
    at(app, kind, scene, "OSA1")
    assert next(field for field in app.text_input if field.label == "Subject").value == ""
    assert not any(box.value for box in app.multiselect)
    next(field for field in app.text_input if field.label == "Subject").input("For Osaka").run()
    next(box for box in app.selectbox if box.label == "Account").set_value(scene.accounts["seoul"]).run()
    for seen in (app, opened(sign_in("ana"), kind)):
        assert chosen(seen, "Account") == scene.accounts["seoul"], "the one that was chosen last"
        assert chosen(seen, "Site") == scene.sites["SEL1"]
        assert next(field for field in seen.text_input if field.label == "Subject").value == "For Seoul"
        assert next(box for box in seen.multiselect if box.label.startswith("Affected")).value == [item]
        assert any("filled in again" in line.value for line in seen.caption)


def test_what_was_sent_for_one_account_leaves_the_draft_of_another(
    database: Database, scene: Scene, sign_in: SignIn
) -> None:
    kind, ana = TicketKind.REMOTE_HANDS, sign_in("ana")
    app = at(fill(opened(ana, kind), kind, {"account": scene.accounts["seoul"]}), kind, scene)
    next(field for field in app.text_input if field.label == "Subject").input("Later").run()
    send(app, kind)
    assert "1 thing to correct" in app.error[0].value
    fill(app, kind, {"account": scene.accounts["osaka"]})
    assert not app.error, "what is wrong with one account's request is not said of another's"
    number = number_of(send(fill(at(app, kind, scene, "OSA1"), kind, SAID), kind))
    of = row(database, "select account_id from portal.ticket where number = :number", number)
    assert of["account_id"] == scene.accounts["osaka"]
    again = opened(sign_in("ana"), kind)
    assert chosen(again, "Account") is None
    fill(again, kind, {"account": scene.accounts["osaka"]})
    assert chosen(again, "Site") is None
    fill(again, kind, {"account": scene.accounts["seoul"]})
    assert next(field for field in again.text_input if field.label == "Subject").value == "Later"


# --- what is offered


def test_sites_where_the_account_has_something_come_first(
    database: Database, scene: Scene, sign_in: SignIn, osaka: Principal
) -> None:
    def offered(principal: Principal, account: str) -> list[str]:
        found = sites_to_choose(database.app, principal, TicketKind.REMOTE_HANDS, scene.accounts[account])
        return [site.code for site in found]

    ana = sign_in("ana")
    assert offered(ana, "seoul")[:2] == ["ICN1", "SEL1"]
    assert offered(ana, "osaka")[0] == "OSA1"
    assert sorted(offered(ana, "osaka")) == sorted(offered(ana, "seoul")), "they may ask for something anywhere"
    assert offered(sign_in("abel"), "seoul") == ["SEL1"], "and he in Seoul only"
    with database.as_owner() as connection:
        connection.execute(text("update portal.site set status = 'planned' where code = 'BIN1'"))
    try:
        assert "BIN1" not in offered(ana, "osaka"), "nothing is asked for where nothing is in operation"
    finally:
        with database.as_owner() as connection:
            connection.execute(text("update portal.site set status = 'active' where code = 'BIN1'"))


def test_what_leaves_us_reads_like_it(scene: Scene, osaka: Principal) -> None:
    kind = TicketKind.SHIPMENT
    app = at(opened(osaka, kind), kind, scene, "OSA1")

    def said() -> str:
        ticks = [tick.label for tick in app.checkbox]
        return " ".join([app.markdown[0].value, *(field.label for field in app.date_input), *ticks])

    assert "12 hours of receipt" in said() and "Expected on" in said() and "Deliver to the cage" in said()
    assert "Pickup" not in said()
    fill(app, kind, {"direction": "outbound"})
    assert "handed over" in said() and "Pickup on" in said() and "Fetch it from the cage" in said()
    assert "receipt" not in said() and "Expected" not in said() and "Deliver" not in said()
    send(app, kind)
    assert "Pickup on" in app.error[0].value


def promise_of(app: AppTest) -> str:
    (said,) = [line.value for line in app.markdown if ":material/timer:" in line.value]
    return said


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (TicketKind.REMOTE_HANDS, "We answer within 15 minutes, day and night."),
        (TicketKind.FAULT, "We answer within 15 minutes to 2 hours and resolve it within 2 to 24 hours"),
        (TicketKind.SHIPMENT, "We tell you within 12 hours of receipt."),
        (TicketKind.SITE_VISIT, "We answer within 4 hours and before the visit begins."),
    ],
)
def test_a_form_says_what_we_promise_to_everybody(kind: TicketKind, said: str, scene: Scene, osaka: Principal) -> None:
    assert said in promise_of(opened(osaka, kind))


def test_a_form_promises_what_was_agreed_and_says_so_when_it_was_sent(
    scene: Scene, osaka: Principal, agreed: Callable[..., None]
) -> None:
    agreed(TicketKind.REMOTE_HANDS, "first_answer", 90)
    app = at(opened(osaka, TicketKind.REMOTE_HANDS), TicketKind.REMOTE_HANDS, scene)
    assert "We answer within 90 minutes, day and night." in promise_of(app)
    send(fill(app, TicketKind.REMOTE_HANDS, SAID), TicketKind.REMOTE_HANDS)
    assert "We answer within 90 minutes, day and night." in [line.value for line in app.text]
    visit = opened(osaka, TicketKind.SITE_VISIT)
    assert "within 4 hours" in promise_of(visit), "it was agreed for another kind"


def test_a_fault_is_promised_what_counts_for_how_bad_it_is(
    scene: Scene, osaka: Principal, agreed: Callable[..., None]
) -> None:
    kind = TicketKind.FAULT
    agreed(kind, "second", 60 * 6, "P2")
    app = opened(osaka, kind)
    assert "2 to 24 hours, by severity" in promise_of(app)
    assert "P4: we answer within 2 hours and resolve it within 24 hours." in promise_of(at(app, kind, scene))
    fill(app, kind, {"service_down": True})
    assert "P2: we answer within 30 minutes and resolve it within 6 hours." in promise_of(app)
    next(field for field in app.get("button_group") if field.label.startswith("Severity")).set_value("P1").run()
    assert "P1: we answer within 15 minutes and resolve it within 2 hours." in promise_of(app)


def test_who_may_ask_for_what(sign_in: SignIn) -> None:
    assert kinds_for(sign_in("ana")) == tuple(TicketKind)
    assert kinds_for(sign_in("abel")) == (TicketKind.REMOTE_HANDS,)
    assert kinds_for(sign_in("dee")) == tuple(TicketKind), "the desk files for customers"
    for name in ("vic", "mia", "fin", "ada"):
        assert kinds_for(sign_in(name)) == (), name


def test_abel_is_offered_seoul_and_no_other_site(scene: Scene, sign_in: SignIn) -> None:
    app = opened(sign_in("abel"), TicketKind.REMOTE_HANDS)
    site = next(box for box in app.selectbox if box.label == "Site")
    assert site.options == ["Seoul 1 · Seoul"] or len(site.options) == 1
    assert site.value == scene.sites["SEL1"], "the only one is chosen"
    assert not any(box.label == "Account" for box in app.selectbox), "he has one account"
    assert not any(box.label.startswith(("Cage", "Affected")) for box in app.selectbox), "he sees no inventory"


def test_with_several_accounts_the_account_is_asked_first(scene: Scene, sign_in: SignIn) -> None:
    kind = TicketKind.SHIPMENT
    app = opened(sign_in("ana"), kind)
    assert [box.label for box in app.selectbox] == ["Account"]
    assert "Bolt" not in " ".join(app.selectbox[0].options)
    send(app, kind)
    assert "Account" in app.error[0].value
    fill(app, kind, {"account": scene.accounts["osaka"]})
    assert "Site" in [box.label for box in app.selectbox]


def test_items_are_those_of_the_account_at_the_site(scene: Scene, sign_in: SignIn) -> None:
    kind = TicketKind.FAULT
    bea = sign_in("bea")
    app = at(opened(bea, kind), kind, scene, "BIN1")
    items = next(box for box in app.multiselect if box.label.startswith("Affected items"))
    assert any("BOLT-CAGE" in option.replace("\\", "") for option in items.options)
    assert not any("SEOUL" in option or "CABINET-SEL" in option.replace("\\", "") for option in items.options)


def test_severity_is_proposed_and_can_be_chosen_otherwise(database: Database, scene: Scene, osaka: Principal) -> None:
    kind = TicketKind.FAULT
    app = fill(at(opened(osaka, kind), kind, scene, "OSA1"), kind, ENOUGH[kind] | {"service_down": True})
    severity = next(field for field in app.get("button_group") if field.label.startswith("Severity"))
    assert severity.value == "P2"
    number = number_of(send(app, kind))
    assert row(database, "select severity from portal.ticket where number = :number", number)["severity"] == "P2"
    chosen = fill(at(opened(osaka, kind), kind, scene, "OSA1"), kind, ENOUGH[kind])
    next(field for field in chosen.get("button_group") if field.label.startswith("Severity")).set_value("P3").run()
    fill(chosen, kind, {"service_down": True})
    number = number_of(send(chosen, kind))
    assert row(database, "select severity from portal.ticket where number = :number", number)["severity"] == "P3"


def test_known_incidents_are_shown_before_a_fault_is_sent(database: Database, scene: Scene, osaka: Principal) -> None:
    with database.as_owner() as connection:
        for title, site in (("Cooling in Osaka", "OSA1"), ("Power in Binan", "BIN1")):
            notice = connection.execute(
                text(
                    "insert into portal.notice (category, title, everyone, published_at, starts_at) "
                    "values ('incident', :title, true, now(), now()) returning id"
                ),
                {"title": title},
            ).scalar_one()
            connection.execute(
                text("insert into portal.notice_site (notice_id, site_id) values (:notice, :site)"),
                {"notice": notice, "site": scene.sites[site]},
            )
            said = "insert into portal.notice_update (notice_id, body) values (:notice, 'A pump runs.')"
            connection.execute(text(said), {"notice": notice})
    app = at(opened(osaka, TicketKind.FAULT), TicketKind.FAULT, scene, "OSA1")
    assert "Cooling in Osaka" in app.warning[0].value
    assert "Binan" not in app.warning[0].value
    assert "  \n  Update" in app.warning[0].value, "what is new does not stand on a line of its own"
    assert not at(opened(osaka, TicketKind.REMOTE_HANDS), TicketKind.REMOTE_HANDS, scene, "OSA1").warning


# --- the tables


@pytest.mark.parametrize("kind", TicketKind)
def test_every_field_stands_in_one_place_of_its_form(kind: TicketKind) -> None:
    named = [name for section in SECTIONS[kind] for name in section.fields]
    assert sorted(named) == sorted(field.name for field in REQUEST_TYPES[kind].all_fields())


def test_every_move_has_its_button() -> None:
    """Somebody is checked in at the door by name, and answers a question by writing."""
    moves = [move.split() for move in all_moves()]
    assert {m[-2] for m in moves if m[-1] == "desk"} == DESK_MOVES.keys() | {"checked_in"}
    assert {m[-2] for m in moves if m[-1] == "customer"} == CUSTOMER_MOVES.keys() | {"in_progress"}
