"""A page forgot its filter: what comes back is exactly what SPEC §3 says, for each of the cast."""

# ruff: noqa: E501 - who sees what reads best as a table

from __future__ import annotations

from itertools import product
from uuid import uuid4

import pytest
from sqlalchemy import Table, text

from data.models import Base
from data.models.rows import CUSTOMER_HATS, PEOPLE_HATS, Hat
from tests.attacks.stage import ACME, USUAL, Stage, refused, rows, shown
from tests.scene import INVOICES, ITEMS, ORDERS, TICKETS

CAST = ("ana", "abel", "vic", "gus", "bea", "mia", "fin", "dee", "ada")
NOBODY: frozenset[str] = frozenset()


def _of(table: tuple[tuple[object, ...], ...], account_at: int, *accounts: str) -> set[str]:
    return {str(row[0]) for row in table if row[account_at] in accounts}


ALL_TICKETS, ACMES_TICKETS, BOLTS_TICKETS = (_of(TICKETS, 2, *who) for who in ((*ACME, "bolt"), ACME, ("bolt",)))
SEOULS_TICKETS = _of(TICKETS, 2, "seoul")
AT_SEOUL_1 = {"seoul: abel's hands", "seoul: vic's fault"}
ABELS = {"seoul: abel's hands"}
#: Who sees which tickets; conversations, files and details follow them.
TICKETS_OF = {
    "ana": ACMES_TICKETS,
    "abel": ABELS,
    "vic": SEOULS_TICKETS,
    "gus": AT_SEOUL_1,
    "bea": BOLTS_TICKETS,
    "mia": ACMES_TICKETS,
    "fin": NOBODY,
    "dee": ALL_TICKETS,
    "ada": NOBODY,
}
ISSUED = {row[0] for row in INVOICES if row[5] != "draft"}
INVOICES_OF = {
    "ana": ISSUED & _of(INVOICES, 1, *ACME),
    "abel": NOBODY,
    "vic": ISSUED & _of(INVOICES, 1, "seoul"),
    "gus": NOBODY,
    "bea": ISSUED & _of(INVOICES, 1, "bolt"),
    "mia": ISSUED & _of(INVOICES, 1, *ACME),
    "fin": {row[0] for row in INVOICES},
    "dee": NOBODY,
    "ada": NOBODY,
}
ORDERS_OF = {
    "ana": _of(ORDERS, 1, *ACME),
    "abel": NOBODY,
    "vic": _of(ORDERS, 1, "seoul"),
    "gus": {"SEOUL-ORDER"},
    "bea": _of(ORDERS, 1, "bolt"),
    "mia": _of(ORDERS, 1, *ACME),
    "fin": NOBODY,
    "dee": NOBODY,
    "ada": NOBODY,
}
ITEMS_OF = {
    "ana": _of(ITEMS, 1, *ACME),
    "abel": NOBODY,
    "vic": _of(ITEMS, 1, "seoul"),
    "gus": {"SEOUL-CABINET"},
    "bea": _of(ITEMS, 1, "bolt"),
    "mia": _of(ITEMS, 1, *ACME),
    "fin": NOBODY,
    "dee": {row[0] for row in ITEMS},
    "ada": NOBODY,
}
#: Who never sees an internal note, and what hangs on it.
CUSTOMERS = {"ana", "abel", "vic", "gus", "bea"}
DISPUTED = {"KR-SEOUL": "seoul", "PH-BOLT": "bolt"}

#: (what, statement, who → what they get); whoever is missing gets nothing.
OTHERS: tuple[tuple[str, str, dict[str, set[str]]], ...] = (
    ("accounts", "select code from portal.account", {
        "ana": {"ACME", "ACME-SEOUL", "ACME-OSAKA"}, "abel": {"ACME-SEOUL"}, "vic": {"ACME-SEOUL"}, "gus": {"ACME-SEOUL"},
        "bea": {"BOLT"}, "mia": {"ACME", "ACME-SEOUL", "ACME-OSAKA"},
        **{name: {"ACME", "ACME-SEOUL", "ACME-OSAKA", "BOLT"} for name in ("fin", "dee", "ada")},
    }),
    ("notices", "select title from portal.notice", {
        "ana": {"for everyone", "for seoul", "for seoul, about an invoice"},
        "abel": {"for everyone", "for seoul", "for abel"},  # the invoice is none of his business
        "vic": {"for everyone", "for seoul", "for seoul, about an invoice"},
        "bea": {"for everyone", "for bolt"},
        "mia": {"for everyone", "for seoul", "for seoul, about an invoice", "for staff, missed: seoul"},
        "fin": {"for everyone", "for seoul", "for seoul, about an invoice", "for bolt"},
        "dee": {"for everyone", "for everyone, draft", "for seoul", "for bolt", "for bolt, draft",
                "for the desk, at risk: seoul", "for staff, missed: seoul", "for staff, missed: bolt"},
        "ada": {"for everyone", "for seoul", "for bolt"},
    }),
    ("threads", "select subject from portal.thread", {
        "ana": {"seoul: thread", "osaka: thread"}, "bea": {"bolt: thread"}, "mia": {"seoul: thread", "osaka: thread"},
        "dee": {"bolt: thread"},
    }),
    ("messages", "select body from portal.thread_message", {
        "ana": {"seoul: message", "osaka: message"}, "bea": {"bolt: message"}, "mia": {"seoul: message", "osaka: message"},
        "dee": {"bolt: message"},
    }),
    ("files of messages", "select name from portal.thread_file", {
        "ana": {"seoul: file", "osaka: file"}, "bea": {"bolt: file"}, "mia": {"seoul: file", "osaka: file"},
        "dee": {"bolt: file"},
    }),
    ("documents", "select title from portal.document", {
        "ana": {"guide", "seoul: contract"}, "abel": {"guide"}, "vic": {"guide", "seoul: contract"}, "gus": {"guide"},
        "bea": {"guide", "bolt: contract"}, "mia": {"guide", "guide, draft", "seoul: contract", "seoul: contract, draft"},
        "fin": {"guide", "guide, draft"}, "dee": {"guide", "guide, draft"},
        "ada": {"guide", "guide, draft", "seoul: contract", "seoul: contract, draft", "bolt: contract"},
    }),
    ("feedback", "select body from portal.feedback", {
        "ana": {"ana: feedback"}, "vic": {"vic: feedback"}, "bea": {"bea: feedback"}, "mia": {"ana: feedback", "vic: feedback"},
        "dee": {"ana: feedback", "vic: feedback", "bea: feedback"},
    }),
    ("saved views", "select name from portal.saved_view", {
        "ana": {"ana: shared view", "ana: private view", "vic: shared view"}, "bea": {"bea: shared view", "bea: private view"},
        "vic": {"vic: shared view", "vic: private view", "ana: shared view"},
        **{name: {"ana: shared view", "vic: shared view"} for name in ("abel", "gus")},
    }),
    ("people", "select split_part(lower(name), ' ', 1) from portal.person", {
        "ana": {"ana", "abel", "vic", "gus"}, **{name: {"abel", "vic", "gus"} for name in ("abel", "vic", "gus")}, "bea": {"bea"},
        "mia": {"mia", "ana", "abel", "vic", "gus"}, **{name: set(CAST) for name in ("fin", "dee", "ada")},
    }),
    ("payments", "select reference from portal.payment", {
        "ana": {"seoul: payment"}, "vic": {"seoul: payment"}, "bea": {"bolt: payment"}, "mia": {"seoul: payment"},
        "fin": {"seoul: payment", "bolt: payment"},
    }),
    ("steps of invoices", "select i.number from portal.invoice_step s join portal.invoice i on i.id = s.invoice_id", {
        "ana": {"KR-SEOUL"}, "vic": {"KR-SEOUL"}, "bea": {"PH-BOLT"}, "mia": {"KR-SEOUL"}, "fin": {"KR-SEOUL", "PH-BOLT"},
    }),
    ("why somebody of finance did it", "select reason from portal.invoice_step", {
        "fin": {"seoul: step", "bolt: step"},
    }),
    ("reminders", "select a.code from portal.payment_reminder r join portal.account a on a.id = r.account_id", {
        "fin": {"ACME-SEOUL", "BOLT"},
    }),
    ("disputes", "select a.code from portal.dispute d join portal.account a on a.id = d.account_id", {
        "ana": {"ACME-SEOUL"}, "vic": {"ACME-SEOUL"}, "bea": {"BOLT"}, "mia": {"ACME-SEOUL"},
        "fin": {"ACME-SEOUL", "BOLT"},
    }),
    ("lines of disputes", "select a.code from portal.dispute_line d join portal.account a on a.id = d.account_id", {
        "ana": {"ACME-SEOUL"}, "vic": {"ACME-SEOUL"}, "bea": {"BOLT"}, "mia": {"ACME-SEOUL"},
        "fin": {"ACME-SEOUL", "BOLT"},
    }),
    ("what is said in disputes", "select body from portal.dispute_message", {
        "ana": {"seoul: dispute message"}, "vic": {"seoul: dispute message"}, "bea": {"bolt: dispute message"},
        "mia": {"seoul: dispute message"}, "fin": {"seoul: dispute message", "bolt: dispute message"},
    }),
    ("files of disputes", "select name from portal.dispute_file", {
        "ana": {"seoul: dispute file"}, "vic": {"seoul: dispute file"}, "bea": {"bolt: dispute file"},
        "mia": {"seoul: dispute file"}, "fin": {"seoul: dispute file", "bolt: dispute file"},
    }),
    ("unclaimed parcels", "select tracking_number from portal.parcel", {"dee": {"PARCEL1"}}),
    ("roles of staff", "select role from portal.staff_member", {
        "mia": {"account_manager"}, "fin": {"finance"}, "dee": {"service_desk"},
        "ada": {"account_manager", "finance", "service_desk", "administrator"},
    }),
    ("grants", "select distinct split_part(lower(p.name), ' ', 1) from portal.access_grant g join portal.person p on p.id = g.person_id", {
        "ana": {"abel", "vic", "gus"}, "dee": {"abel", "vic", "gus"}, "ada": {"abel", "vic", "gus"},
    }),
    ("invitations", "select name from portal.invitation", {
        "ana": {"seoul: invited"}, "bea": {"bolt: invited"}, **{name: {"seoul: invited", "bolt: invited"} for name in ("dee", "ada")},
    }),
    ("audit log", "select action from portal.audit_entry where action ~ ': '", {
        "ana": {"seoul: user added", "seoul: invoice paid", "osaka: user added"},
        "bea": {"bolt: user added", "bolt: invoice paid"},
        "ada": {"seoul: user added", "seoul: invoice paid", "seoul: staff looked", "osaka: user added", "bolt: user added",
                "bolt: invoice paid", "bolt: staff looked"},
    }),
)  # fmt: skip


def tables_of_companies() -> list[Table]:
    return [t for t in Base.metadata.sorted_tables if t.schema == "portal" and "account_id" in t.columns]


class Seeing:
    """Each test runs as one of the cast, and as the others, for whom the same statement gives something else."""

    @pytest.mark.parametrize("name", CAST)
    def test_a_forgotten_filter_on_tickets_shows_just_their_tickets(self, stage: Stage, name: str) -> None:
        hat = Hat.OWN if name == "abel" else None
        with stage.signed_in(name, hat) as connection:
            assert rows(connection, "select subject from portal.ticket") == TICKETS_OF[name]

    @pytest.mark.parametrize("name", CAST)
    def test_conversations_and_files_follow_their_ticket_and_internal_notes_stay_inside(
        self, stage: Stage, name: str
    ) -> None:
        kinds = ["customer_note", "staff_reply", *([] if name in CUSTOMERS else ["internal_note"])]
        expected = {f"{ticket}: {kind}" for ticket in TICKETS_OF[name] for kind in kinds}
        with stage.signed_in(name, Hat.OWN if name == "abel" else None) as connection:
            assert rows(connection, "select body from portal.ticket_message") == expected
            assert rows(connection, "select name from portal.attachment") == expected

    @pytest.mark.parametrize("name", CAST)
    @pytest.mark.parametrize(
        "details", ["remote_hands", "fault", "shipment", "site_visit", "visitor", "tracking_number", "status_change",
                    "ticket_clock", "ticket_contact", "ticket_item"],
    )  # fmt: skip
    def test_details_clocks_and_log_follow_their_ticket(self, stage: Stage, name: str, details: str) -> None:
        with stage.signed_in(name, Hat.OWN if name == "abel" else None) as connection:
            found = rows(connection, f"select ticket_id from portal.{details}")
            allowed = {stage.scene.tickets[label] for label in TICKETS_OF[name]}
        with stage.database.as_owner() as connection:
            assert found == rows(connection, f"select ticket_id from portal.{details}") & allowed

    @pytest.mark.parametrize("name", CAST)
    def test_a_forgotten_filter_on_invoices_shows_no_drafts_and_nobody_elses(self, stage: Stage, name: str) -> None:
        with stage.signed_in(name) as connection:
            assert rows(connection, "select number from portal.invoice") == INVOICES_OF[name]
            assert rows(connection, "select description from portal.invoice_line") == INVOICES_OF[name]
            assert rows(connection, "select name from portal.invoice_document") == INVOICES_OF[name]

    @pytest.mark.parametrize("name", CAST)
    def test_a_forgotten_filter_on_orders_and_items_keeps_to_sites(self, stage: Stage, name: str) -> None:
        with stage.signed_in(name) as connection:
            assert rows(connection, "select number from portal.service_order") == ORDERS_OF[name]
            lines = {f"{number}: line" for number in ORDERS_OF[name]}
            assert rows(connection, "select product from portal.order_line") == lines
            assert rows(connection, "select asset_number from portal.inventory_item") == ITEMS_OF[name]

    @pytest.mark.parametrize(("what", "statement", "expected"), OTHERS, ids=[other[0] for other in OTHERS])
    def test_the_other_tables_show_each_of_the_cast_what_is_theirs(
        self, stage: Stage, what: str, statement: str, expected: dict[str, set[str]]
    ) -> None:
        wrong = {}
        for name in CAST:
            with stage.signed_in(name) as connection:
                found = shown(connection, statement)
            if differs := found ^ expected.get(name, set()):
                wrong[name] = differs
        assert not wrong, (what, wrong)

    @pytest.mark.parametrize("name", CAST)
    def test_tallies_count_what_the_list_shows_and_only_for_whole_companies(self, stage: Stage, name: str) -> None:
        counted = NOBODY if name == "abel" else TICKETS_OF[name]
        with stage.signed_in(name) as connection:
            tickets = connection.scalar(text("select coalesce(sum(n), 0) from portal.ticket_tally"))
            invoices = connection.scalar(text("select coalesce(sum(n), 0) from portal.invoice_tally"))
        assert (tickets, invoices) == (len(counted), len(INVOICES_OF[name]))

    @pytest.mark.parametrize("name", CAST)
    def test_no_hat_shows_anybody_a_company_that_is_not_theirs(self, stage: Stage, name: str) -> None:
        """Whatever hat the application puts on by mistake, and whichever accounts it names."""
        reach = {str(stage.id_of(account)) for account in _reach_of(name)}
        for hat in PEOPLE_HATS:
            with stage.wearing(hat, token=stage.token(name), account="bolt", accounts=("bolt", *ACME)) as connection:
                for table, accounts in stage.everything(connection, hat, "account_id").items():
                    assert accounts - {None} <= reach, (hat, table)

    @pytest.mark.parametrize("name", CAST)
    def test_a_hat_that_does_not_fit_shows_nothing_new(self, stage: Stage, name: str) -> None:
        """A customer in the staff's hat, staff in each other's: no row that their own hats do not show as well."""
        own = CUSTOMER_HATS if name in CUSTOMERS else (USUAL[name][0],)
        found = {hat: self._keys(stage, name, hat) for hat in PEOPLE_HATS}
        for hat in set(PEOPLE_HATS) - set(own):
            for table, keys in found[hat].items():
                assert keys <= set().union(*(found[mine].get(table, set()) for mine in own)), (hat, table)

    def _keys(self, stage: Stage, name: str, hat: Hat) -> dict[str, set[str]]:
        """Table → the keys of all rows that are shown, over all accounts."""
        found: dict[str, set[str]] = {}
        for account in ("seoul", *ACME, "bolt") if hat is not Hat.MANY else ("",):
            several = ("bolt", *ACME) if hat is Hat.MANY else ()
            with stage.wearing(hat, token=stage.token(name), account=account or None, accounts=several) as connection:
                for table, keys in stage.everything(connection, hat).items():
                    found.setdefault(table, set()).update(keys)
        return found

    def test_bank_details_are_not_for_whoever_is_signed_in(self, stage: Stage) -> None:
        for name, hat in product(("fin", "dee", "ada", "mia", "ana", "vic", "abel"), PEOPLE_HATS):
            with stage.signed_in(name, hat) as connection:
                refused(connection, "select bank_details from portal.legal_entity")

    def test_bank_details_come_with_an_invoice_to_whom_the_invoice_is_shown(self, stage: Stage) -> None:
        with stage.database.as_owner() as connection:
            uuids = dict(iter(connection.execute(text("select number, uuid from portal.invoice"))))
        asked, told = "select authz.bank_details(:uuid)", {"Example Bank, account 000-000-000"}
        for name, hat in product(CAST, (None, *PEOPLE_HATS)):
            with stage.signed_in(name, hat) as connection:
                shown = {number for number, uuid in uuids.items() if rows(connection, asked, uuid=uuid) == told}
                assert shown == INVOICES_OF[name] if hat is None else shown <= INVOICES_OF[name], (name, hat)
                assert rows(connection, asked, uuid=uuid4()) == {None}

    def test_the_scene_has_rows_of_both_companies_in_every_table(self, stage: Stage) -> None:
        """What the tests above do not find must have been there to be found."""
        elsewhere = {"access_grant", "assignment"}  # a PAA needs no grant, and nobody looks after Bolt
        with stage.database.as_owner() as connection:
            for table in tables_of_companies():
                accounts = rows(connection, f"select account_id from {table}")
                assert stage.id_of("seoul") in accounts or stage.id_of("osaka") in accounts, table.name
                assert table.name in elsewhere or stage.id_of("bolt") in accounts, table.name


def _reach_of(name: str) -> tuple[str, ...]:
    if name in ("fin", "dee", "ada"):
        return ("bolt", *ACME)
    return {"bea": ("bolt",), "ana": ACME, "mia": ACME, "gus": ("seoul", "osaka")}.get(name, ("seoul",))
