"""Documents: uploaded as drafts, published, superseded; accepted by each for themselves; a stranger's do not exist."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette

from data.commands import Command, execute
from data.database import context_of
from data.documents import (
    AcceptPolicy,
    AddDocument,
    PublishDocument,
    RemoveDocument,
    TakeOverPolicies,
    WithdrawDocument,
    account_documents,
    general_documents,
    get_text,
    policies_to_accept,
    stream_acceptances,
)
from data.guides import GuideKind, guides_of
from data.models.rows import Hat
from rules.documents import DocumentKind, DocumentRow, current
from rules.errors import Conflict, Forbidden, Invalid, NotFound, Problems
from rules.files import LARGEST, Upload
from rules.principal import Principal
from tests.asgi import Answer, ask
from tests.cluster import Database
from web import documents
from web.errors import exception_handlers

PDF = b"%PDF-1.7 the contract <script>alert(1)</script>"
_names = count(1)
pytestmark = pytest.mark.usefixtures("configured")


@dataclass
class Shelf:
    """Ada's documents, and whoever reads them."""

    database: Database
    sign_in: Callable[[str], Principal]
    people: dict[str, Principal] = field(default_factory=dict)

    def person(self, name: str) -> Principal:
        return self.people.setdefault(name, self.sign_in(name))

    def does(self, who: str, command: Command) -> Any:
        return execute(self.database.app, self.person(who), command, key=uuid4() if command.creates else None)

    def add(self, who: str = "ada", *, file: Upload | None = None, account: str | None = None, **more: Any) -> UUID:
        said = {"kind": DocumentKind.CONTRACT if account else DocumentKind.POLICY, "language": "en", "edition": "1"}
        said |= {"title": f"Document {next(_names)}", "account": account and self.account(account), **more}
        return UUID(self.does(who, AddDocument(file=file or Upload("text.md", b"## A\nwords"), **said))["uuid"])

    def publish(self, document: UUID, who: str = "ada") -> UUID:
        self.does(who, PublishDocument(document, self.version(document)))
        return document

    def policy(self, **more: Any) -> UUID:
        return self.publish(self.add(must_accept=True, **more))

    def asked(self, who: str) -> set[UUID]:
        return {row.uuid for row in policies_to_accept(self.database.app, self.person(who), language="en")}

    def account(self, code: str) -> UUID:
        return UUID(str(self.one("select uuid from portal.account where code = :code", code=code)))

    def version(self, document: UUID) -> int:
        return int(self.one("select version from portal.document where uuid = :uuid", uuid=document))

    def series(self, document: UUID) -> UUID:
        return UUID(str(self.one("select series from portal.document where uuid = :uuid", uuid=document)))

    def one(self, query: str, **values: Any) -> Any:
        with self.database.as_owner() as connection:
            return connection.scalar(text(query), values)

    def fetch(self, who: str | None, document: object, **headers: str) -> Answer:
        app = Starlette(routes=documents.routes, exception_handlers=exception_handlers)
        cookie = {"cookie": f"portal_session={self.person(who).token}"} if who else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(app, f"/documents/{document}", headers={**cookie, **named})


@pytest.fixture(scope="module")
def shelf(database: Database, sign_in: Callable[[str], Principal]) -> Shelf:
    return Shelf(database, sign_in)


@pytest.fixture
def policy(shelf: Shelf) -> Iterator[UUID]:
    """One that must be accepted, and is gone afterwards."""
    document = shelf.policy()
    yield document
    series = shelf.series(document)
    with shelf.database.as_owner() as connection:
        connection.execute(text("update portal.document set published_at = null where series = :s"), {"s": series})


# --- drafts and editions


def test_a_draft_is_seen_by_administrators_alone(shelf: Shelf) -> None:
    guide, contract = shelf.add(), shelf.add(account="ACME-SEOUL")
    for who in ("ana", "vic", "bea"):
        seen = {row.uuid for row in general_documents(shelf.database.app, shelf.person(who))}
        seen |= {row.uuid for row in account_documents(shelf.database.app, shelf.person(who))}
        assert not seen & {guide, contract}, who
        for document in (guide, contract):
            with pytest.raises(NotFound):
                get_text(shelf.database.app, shelf.person(who), document)
            assert shelf.fetch(who, document).status == 404
    assert shelf.fetch("ada", contract).status == 200
    shelf.publish(guide)
    assert guide in {row.uuid for row in general_documents(shelf.database.app, shelf.person("bea"))}


def test_a_contract_is_for_its_account_and_for_who_may_see_documents_there(shelf: Shelf) -> None:
    contract = shelf.publish(shelf.add(account="ACME-SEOUL", file=Upload("계약 contract.pdf", PDF)))
    for who, sees in (("ana", True), ("vic", True), ("mia", True), ("ada", True)):
        rows = account_documents(shelf.database.app, shelf.person(who))
        assert (contract in {row.uuid for row in rows}) == sees, who
    answer = shelf.fetch("vic", contract)
    assert (answer.status, answer.body) == (200, PDF)
    assert str(answer.header("content-disposition")).startswith("attachment; filename*=UTF-8''%EA%B3%84")
    assert "sandbox" in str(answer.header("content-security-policy"))
    assert answer.header("x-content-type-options") == "nosniff"
    for who in ("bea", "abel", "fin", "dee"):
        assert contract not in {row.uuid for row in account_documents(shelf.database.app, shelf.person(who))}, who
        stranger, nothing = shelf.fetch(who, contract), shelf.fetch(who, uuid4())
        assert (stranger.status, stranger.body) == (nothing.status, nothing.body) == (404, nothing.body), who
    signed_out = shelf.fetch(None, contract)
    assert (signed_out.status, signed_out.header("location")) == (303, "/help?part=documents")
    assert shelf.fetch("ana", contract, sec_fetch_site="cross-site").status == 403
    read = "select string_agg(actor_name, ',') from portal.audit_entry where object_id = :d and action = :a"
    assert shelf.one(read, d=str(contract), a="document.download") == "Vic Acme"


def test_only_an_administrator_uploads_publishes_and_removes(shelf: Shelf) -> None:
    draft = shelf.add()
    for who in ("ana", "mia", "dee", "fin"):
        for command in (PublishDocument(draft, 1), WithdrawDocument(draft, 1), RemoveDocument(draft, 1)):
            with pytest.raises(Forbidden):
                shelf.does(who, command)
        with pytest.raises(Forbidden):
            shelf.add(who)
    assert shelf.one("select published_at from portal.document where uuid = :d", d=draft) is None
    shelf.does("ada", RemoveDocument(draft, 1))
    with pytest.raises(NotFound):
        shelf.does("ada", PublishDocument(draft, 1))


def test_what_is_no_pdf_and_no_text_is_refused(shelf: Shelf) -> None:
    for name, content in (
        ("page.html", b"<p>hello"),
        ("contract.pdf", b"<html>no pdf"),
        ("contract.pdf", b""),
        ("big.pdf", b"%PDF-" + b"x" * LARGEST),
        ("text.md", b"\xff\xfe no utf-8"),
        ("text.md", b"a" * 500_001),
        ("text.md", b"  \n "),
        ("picture.png", b"\x89PNG\r\n\x1a\n"),
    ):
        with pytest.raises(Invalid) as refused:
            shelf.add(file=Upload(name, content))
        assert refused.value.field == "files", name


def test_a_contract_needs_its_account_and_a_policy_has_none(shelf: Shelf) -> None:
    for wrong in ({"kind": DocumentKind.CONTRACT}, {"kind": DocumentKind.POLICY, "account": "BOLT"}, {"title": " "}):
        with pytest.raises(Problems):
            shelf.add(**wrong)
    assert not shelf.one("select must_accept from portal.document where uuid = :d",
                         d=shelf.add(kind=DocumentKind.FAQ, must_accept=True))  # fmt: skip


def test_an_edition_follows_only_one_of_its_own_account(shelf: Shelf) -> None:
    acme = shelf.add(account="ACME-SEOUL")
    series = shelf.series(acme)
    with pytest.raises(NotFound):
        shelf.add(account="BOLT", follows=series, edition="2")
    with pytest.raises(NotFound):
        shelf.add(account="ACME-SEOUL", kind=DocumentKind.ORDER_FORM, follows=series, edition="2")
    with pytest.raises(Invalid) as twice:
        shelf.add(account="ACME-SEOUL", follows=series)
    assert twice.value.field == "edition"
    assert shelf.series(shelf.add(account="ACME-SEOUL", follows=series, edition="2")) == series


def test_a_change_that_was_not_seen_is_not_overwritten(shelf: Shelf) -> None:
    document = shelf.publish(shelf.add())
    with pytest.raises(Conflict):
        shelf.does("ada", WithdrawDocument(document, 1))
    with pytest.raises(Conflict):
        shelf.does("ada", RemoveDocument(document, 2))
    shelf.does("ada", WithdrawDocument(document, 2))
    assert document not in {row.uuid for row in general_documents(shelf.database.app, shelf.person("ana"))}


def test_the_policies_of_the_portal_are_taken_over_once_as_drafts(shelf: Shelf) -> None:
    assert shelf.does("ada", TakeOverPolicies())["documents"] == len(guides_of(GuideKind.POLICIES)) >= 1
    assert shelf.does("ada", TakeOverPolicies())["documents"] == 0
    assert shelf.one("select count(*) from portal.document where title = 'Customer policies' and "
                     "published_at is not null") == 0  # fmt: skip


# --- which edition holds


def _row(edition: str, language: str = "en", *, from_day: date | None = None, **more: Any) -> DocumentRow:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=next(_names))
    said = {"must_accept": False, "is_file": False, **more}
    return DocumentRow(uuid4(), UUID(int=1), DocumentKind.POLICY, "t", language, edition, from_day, at, **said)


def test_the_newest_edition_holds_from_its_day_on() -> None:
    old, new = _row("1", from_day=date(2026, 1, 1)), _row("2", from_day=date(2026, 6, 1))
    assert current([new, old], language="en", today=date(2026, 5, 31)) == (old,)
    assert current([new, old], language="en", today=date(2026, 6, 1)) == (new,)
    assert current([new], language="en", today=date(2026, 5, 31)) == ()


def test_an_old_edition_in_ones_language_does_not_win_over_the_new_one() -> None:
    old, new, indonesian = _row("1", "ko"), _row("2", "en"), _row("2", "id")
    assert current([old, indonesian, new], language="ko", today=date(2026, 6, 1)) == (new,)
    assert current([old, indonesian, new], language="id", today=date(2026, 6, 1)) == (indonesian,)
    assert current([old, indonesian], language="ja", today=date(2026, 6, 1)) == (indonesian,)


# --- accepting


def test_who_accepts_is_asked_no_more_and_nobody_accepts_for_another(shelf: Shelf, policy: UUID) -> None:
    assert policy in shelf.asked("vic")
    assert policy in shelf.asked("bea")
    shelf.does("vic", AcceptPolicy(policy))
    shelf.does("vic", AcceptPolicy(policy))
    assert policy not in shelf.asked("vic")
    assert {"ana", "abel", "bea"} == {who for who in ("ana", "abel", "bea") if policy in shelf.asked(who)}
    accepted = "select count(*) from portal.document_acceptance a join portal.document d on d.id = a.document_id "
    assert shelf.one(accepted + "where d.uuid = :d", d=policy) == 1


def test_staff_are_not_asked_and_cannot_accept(shelf: Shelf, policy: UUID) -> None:
    for who in ("ada", "mia", "dee", "fin"):
        assert shelf.asked(who) == set()
        with pytest.raises(Forbidden):
            shelf.does(who, AcceptPolicy(policy))


def test_a_new_edition_asks_again_and_another_language_of_it_does_not(shelf: Shelf, policy: UUID) -> None:
    shelf.does("ana", AcceptPolicy(policy))
    series = shelf.series(policy)
    shelf.publish(shelf.add(must_accept=True, follows=series, language="ko"))
    in_korean = policies_to_accept(shelf.database.app, shelf.person("ana"), language="ko")
    assert series not in {row.series for row in in_korean}
    newer = shelf.publish(shelf.add(must_accept=True, follows=series, edition="2"))
    assert newer in shelf.asked("ana")
    with pytest.raises(NotFound):
        shelf.does("bea", AcceptPolicy(policy))  # the edition before holds no more


def test_what_is_no_policy_to_accept_cannot_be_accepted(shelf: Shelf) -> None:
    draft = shelf.add(must_accept=True)
    not_asked = shelf.publish(shelf.add())
    upcoming = shelf.policy(effective_on=datetime.now(UTC).date() + timedelta(days=9))
    contract = shelf.publish(shelf.add(account="ACME-SEOUL"))
    for document in (draft, not_asked, upcoming, contract, uuid4()):
        with pytest.raises(NotFound):
            shelf.does("ana", AcceptPolicy(document))
    assert upcoming not in shelf.asked("ana")


def test_what_was_accepted_is_never_removed(shelf: Shelf, policy: UUID) -> None:
    shelf.does("ana", AcceptPolicy(policy))
    shelf.does("ada", WithdrawDocument(policy, 2))
    with pytest.raises(Conflict):
        shelf.does("ada", RemoveDocument(policy, 3))


def test_sql_of_ones_own_neither_accepts_for_another_nor_yesterday_nor_changes_what_was_read(
    shelf: Shelf, policy: UUID
) -> None:
    key = shelf.one("select id from portal.document where uuid = :d", d=policy)
    vic = shelf.one("select id from portal.person where email = 'viewer@acme.example'")
    add = "insert into portal.document_acceptance (document_id, person_id) values (:key, :vic)"
    for statement in (
        add,
        (
            "insert into portal.document_acceptance (document_id, person_id, accepted_at) "
            "values (:key, (select authz.me()), now() - interval '1 year')"
        ),
        "update portal.document_acceptance set accepted_at = now()",
        "delete from portal.document_acceptance",
        "update portal.document set markdown = 'other words' where id = :key",
    ):
        for who, hat in (("ana", Hat.CUSTOMER), ("ada", Hat.STAFF)):
            with pytest.raises(DBAPIError):
                _say(shelf, who, hat, statement, key=key, vic=vic)
    _say(shelf, "vic", Hat.CUSTOMER, add, key=key, vic=vic)


def _say(shelf: Shelf, who: str, hat: Hat, statement: str, **values: Any) -> None:
    principal = shelf.person(who)
    principal = principal if principal.is_staff else principal.looking_at((principal.accounts[-1].id,))
    names = {"role": "hat", "portal.session": "token", "portal.account": "account", "portal.accounts": "accounts"}
    wear = ", ".join(f"set_config('{name}', :{value}, true)" for name, value in names.items())
    with shelf.database.app.begin() as connection:
        connection.execute(text(f"select {wear}"), {**context_of(principal, hat), "hat": hat})
        connection.execute(text(statement), values)


# --- who accepted


def _accepted(shelf: Shelf, who: str, policy: UUID) -> dict[tuple[str, str], str]:
    """(Account, e-mail) → how it stands, of this policy."""
    title = shelf.one("select title from portal.document where uuid = :d", d=policy)
    rows = stream_acceptances(shelf.database.app, shelf.person(who), language="en", time_zone="UTC")
    return {(row[0], row[2]): row[5] for batch in rows for row in batch if row[3] == title}


def test_who_runs_an_account_sees_who_accepted_there_and_nowhere_else(shelf: Shelf, policy: UUID) -> None:
    shelf.does("vic", AcceptPolicy(policy))
    shelf.does("bea", AcceptPolicy(policy))
    seen = _accepted(shelf, "ana", policy)
    assert seen["Acme Seoul", "viewer@acme.example"] == "accepted"
    assert seen["Acme Seoul", "hands@acme.example"] == "missing"
    assert not any("bolt" in email for _account, email in seen)
    assert _accepted(shelf, "bea", policy)["Bolt", "paa@bolt.example"] == "accepted"
    of_mia, of_ada = _accepted(shelf, "mia", policy), _accepted(shelf, "ada", policy)
    assert of_mia["Acme Seoul", "viewer@acme.example"] == of_ada["Acme Seoul", "viewer@acme.example"] == "accepted"
    assert not any("bolt" in email for _account, email in of_mia)
    assert of_ada["Bolt", "paa@bolt.example"] == "accepted"
    for who in ("vic", "abel", "fin", "dee"):
        with pytest.raises(Forbidden):
            _accepted(shelf, who, policy)
