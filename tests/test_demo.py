"""The demo: the same rows from the same seed, invented companies, and people who may do what they did."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Connection, text

from data.demo import load
from data.demo.phrases import BY_LANGUAGE
from data.demo.phrases.form import PLACEHOLDERS
from rules.request_types import REQUEST_TYPES, TicketKind
from tests.cluster import Cluster, Database
from tests.demo_rows import NOW, fingerprints, load_demo, rows


def test_the_same_day_gives_the_same_rows_to_the_last_uuid(demo: Database, cluster: Cluster) -> None:
    again = load_demo(cluster)
    first, second = fingerprints(demo), fingerprints(again)
    again.dispose()
    assert {table for table in first if first[table] != second[table]} == set()
    filled = [table for table in first if first[table]]
    assert len(filled) > 35  # empty tables are alike whatever one does


def test_the_rows_are_not_all_alike(owner: Connection) -> None:
    uuids, tickets = owner.execute(text("select count(distinct uuid), count(*) from portal.ticket")).one()
    assert uuids == tickets > 3000
    assert owner.scalar(text("select count(distinct subject) from portal.ticket")) > 500


def test_loading_twice_is_refused_and_changes_nothing(demo: Database) -> None:
    before = fingerprints(demo)
    with pytest.raises(Exception, match="duplicate key"):
        load(demo.owner_url, lambda _line: None, password_hash="a hash", today=NOW)
    assert fingerprints(demo) == before


def test_there_are_about_forty_companies_and_some_belong_to_others(owner: Connection) -> None:
    accounts = rows(owner, "select code, parent_id, locale from portal.account")
    assert 38 <= len(accounts) <= 48
    assert 8 <= sum(account["parent_id"] is not None for account in accounts) <= 15
    assert {account["locale"] for account in accounts} == {"en", "ko", "ja", "id", "zh_Hans"}


def test_no_address_could_reach_anybody(owner: Connection) -> None:
    for column in ("person.email", "ticket_contact.email", "visitor.email", "site_contact.email"):
        table, name = column.split(".")
        found = owner.scalars(text(f"select {name} from portal.{table} where {name} is not null")).all()
        assert found
        assert [email for email in found if not email.endswith(".example")] == []


def test_everybody_has_the_password_and_every_account_a_paa(owner: Connection) -> None:
    without = owner.scalar(
        text("select count(*) from portal.person p left join auth.credential c on c.person_id = p.id "
             "where c.password_hash is distinct from 'a hash'")
    )  # fmt: skip
    assert without == 0
    nobody = owner.scalar(
        text("""
            with recursive line as (
                select id as account_id, id, parent_id from portal.account
                union select l.account_id, a.id, a.parent_id from portal.account a join line l on a.id = l.parent_id)
            select count(*) from portal.account a where not exists (
                select from line join portal.membership m on m.account_id = line.id and m.role = 'paa'
                where line.account_id = a.id)""")
    )
    assert nobody == 0


def test_mia_looks_after_acme_and_others_but_not_bolt(owner: Connection) -> None:
    hers = set(
        owner.scalars(
            text("select a.code from portal.assignment s join portal.account a on a.id = s.account_id "
                 "join portal.person p on p.id = s.person_id where p.email = 'manager@portal.example'")
        )
    )  # fmt: skip
    assert {"ACME", "ACME-SEOUL", "ACME-OSAKA"} < hers
    assert "BOLT" not in hers
    alone = owner.scalar(
        text("select count(*) from portal.account a where not exists "
             "(select from portal.assignment s where s.account_id = a.id)")
    )  # fmt: skip
    assert alone == 0


def test_a_ticket_is_requested_by_somebody_who_may(owner: Connection) -> None:
    """The PAA, of the account or of one above it, or a holder of the function at that site."""
    granted = {
        (row["account_id"], row["person_id"], row["function"]): row["site_ids"]
        for row in rows(owner, "select * from portal.access_grant")
    }
    paas = {
        (row["person_id"], row["account_id"])
        for row in rows(owner, "select * from portal.membership where role = 'paa'")
    }
    parents = {row["id"]: row["parent_id"] for row in rows(owner, "select id, parent_id from portal.account")}
    for ticket in rows(owner, "select number, account_id, site_id, kind, requested_by as person from portal.ticket"):
        above, runs = ticket["account_id"], False
        while above is not None and not runs:
            runs, above = (ticket["person"], above) in paas, parents[above]
        key = (ticket["account_id"], ticket["person"], REQUEST_TYPES[TicketKind(ticket["kind"])].create)
        at_site = key in granted and (granted[key] is None or ticket["site_id"] in granted[key])
        assert runs or at_site, ticket["number"]


def test_every_language_says_the_same_things() -> None:
    shapes = {}
    for language, phrases in BY_LANGUAGE.items():
        assert len(phrases.questions) == len(phrases.answers), language
        shapes[language] = {
            name: {key: len(texts) for key, texts in value.items()} if isinstance(value, dict) else len(value)
            for name, value in vars(phrases).items()
        }
        for name in re.findall(r"{(\w*)}", repr(phrases)):
            assert name in PLACEHOLDERS, (language, name)
        assert phrases.reasons.keys() == BY_LANGUAGE["en"].reasons.keys(), language
    for name in ("remote_hands", "faults", "inbound", "outbound", "visits"):
        assert all(shape[name] == shapes["en"][name] for shape in shapes.values()), name
