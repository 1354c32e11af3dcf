"""Mail about disputes: finance hears at its own address, whoever took part is answered, and nobody else hears."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

from data.invoicing import AcceptDispute, CloseDispute, RejectDispute, SayInDispute
from jobs.letters import Unwanted, written
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.dispute_scene import Ledger, ledger_in
from tests.ticket_scene import grant
from ui.reader import languages

pytestmark = pytest.mark.usefixtures("configured")
HOSTILE = 'It <b>is</b>\r\nBcc: evil@example.com\u202e <script>alert("x")</script>'


@pytest.fixture(scope="module")
def ledger(database: Database, sign_in: Callable[[str], Principal]) -> Ledger:
    return ledger_in(database, sign_in)


@pytest.fixture(scope="module")
def abel_may(database: Database, ledger: Ledger) -> None:
    """See invoices of Seoul, and dispute them: what a general user holds can be taken away."""
    with database.as_owner() as connection:
        for function in ("invoice.view", "invoice.dispute"):
            grant(connection, ledger.sign_in("abel").person_id, ledger.accounts["seoul"], function)


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    """What else happened meanwhile is undone."""
    with database.as_owner() as connection:
        yield connection
        connection.rollback()


def letters(owner: Connection, dispute: UUID, kind: str) -> dict[str, dict[str, str]]:
    """Address → the letter as its mail program shows it, or why there is none; written by the worker, now."""
    rows = owner.execute(
        text("select m.id, m.kind, m.context, m.message_id, coalesce(m.address, p.email) from portal.mail m "
             "left join portal.person p on p.id = m.person_id where m.kind = :kind and "
             "(m.context ->> 'dispute')::bigint = (select id from portal.dispute where uuid = :d) order by m.id"),
        {"kind": kind, "d": dispute},
    ).all()  # fmt: skip
    found: dict[str, dict[str, str]] = {}
    for *row, to in rows:
        owner.execute(text("set local role portal_worker"))
        try:
            letter = written(owner, *row)
        except Unwanted as why:
            found[to] = {"unwanted": str(why)}
            continue
        finally:
            owner.execute(text("set local role portal_owner"))
        assert letter.to == to
        parsed = message_from_bytes(letter.message.as_bytes(), policy=policy.default)
        assert parsed["Bcc"] is None
        parts = {p.get_content_subtype(): p.get_content() for p in parsed.walk() if not p.is_multipart()}
        found[to] = {"subject": parsed["Subject"], "thread": parsed["References"], **parts}
    return found


def test_the_team_of_the_issuers_country_reads_it_in_its_language(ledger: Ledger, owner: Connection) -> None:
    seouls, osakas = ledger.opens("ana", ledger.invoice()), ledger.opens("ana", ledger.invoice("osaka"))
    teams = dict(owner.execute(text("select code, finance_email from portal.legal_entity")).all())  # type: ignore[arg-type]
    assert [*letters(owner, seouls, "dispute_opened")] == [teams["EX-KR"]]
    (korean,) = letters(owner, seouls, "dispute_opened").values()
    (japanese,) = letters(owner, osakas, "dispute_opened").values()
    assert [*letters(owner, osakas, "dispute_opened")] == [teams["EX-JP"]] != [teams["EX-KR"]]
    assert "Acme Seoul" in korean["subject"]
    assert "인보이스" in korean["plain"]
    assert "인보이스" not in japanese["plain"]
    for words in ("Not what was agreed", "Ana Acme", f"/disputes?dispute={seouls}"):
        assert words in korean["plain"]
        assert words.replace('"', "") in korean["html"]


def test_whoever_took_part_is_answered_and_nobody_else(ledger: Ledger, owner: Connection) -> None:
    dispute = ledger.opens("ana", ledger.invoice())
    ledger.does("fin", SayInDispute(dispute, "We look into it"))
    assert [to for kind, to in ledger.mails(dispute) if kind == "dispute_answered"] == [CAST["ana"]]
    (answer,) = letters(owner, dispute, "dispute_answered").values()
    assert "We look into it" in answer["plain"]
    assert "Not what was agreed" not in answer["plain"]
    ledger.does("ana", SayInDispute(dispute, "Please hurry"))
    ledger.does("fin", RejectDispute(dispute, "It stands"))
    ledger.does("ana", CloseDispute(dispute, "Well then"))
    kinds = [kind for kind, _to in ledger.mails(dispute)]
    assert kinds == ["dispute_opened", "dispute_answered", "dispute_note", "dispute_decided", "dispute_note"]
    threads = {letter["thread"] for kind in set(kinds) for letter in letters(owner, dispute, kind).values()}
    assert len(threads) == 1


def test_a_decision_says_what_is_credited(ledger: Ledger, owner: Connection) -> None:
    dispute = ledger.opens("ana", ledger.invoice(), 400)
    ledger.does("fin", AcceptDispute(dispute, Decimal(150), "A part of it"))
    owner.execute(text("update portal.person set language = 'en'"))
    (letter,) = letters(owner, dispute, "dispute_decided").values()
    for words in ("accepted", "₩150", "₩400", "A part of it"):
        assert words in letter["subject"] + letter["plain"]


@pytest.mark.parametrize("what", ["rights", "membership", "person", "draft"])
def test_who_may_not_see_the_invoice_any_more_learns_nothing(
    ledger: Ledger, owner: Connection, what: str, abel_may: None
) -> None:
    invoice = ledger.invoice()
    dispute = ledger.opens("abel", invoice)
    ledger.does("fin", SayInDispute(dispute, "Secret words"))
    (before,) = letters(owner, dispute, "dispute_answered").values()
    assert "Secret words" in before["plain"]
    mine = {"e": CAST["abel"], "i": invoice}
    person = "(select id from portal.person where email = :e)"
    owner.execute(text({
        "rights": f"delete from portal.access_grant where function = 'invoice.view' and person_id = {person}",
        "membership": f"update portal.membership set ended_at = now() where person_id = {person}",
        "person": "update portal.person set disabled_at = now() where email = :e",
        "draft": "update portal.invoice set state = 'draft' where uuid = :i",
    }[what]), mine)  # fmt: skip
    (after,) = letters(owner, dispute, "dispute_answered").values()
    assert after.keys() == {"unwanted"}


def test_an_address_that_is_not_the_teams_any_more_gets_nothing(ledger: Ledger, owner: Connection) -> None:
    dispute = ledger.opens("ana", ledger.invoice())
    owner.execute(text("update portal.legal_entity set finance_email = 'new@portal.example' where code = 'EX-KR'"))
    (letter,) = letters(owner, dispute, "dispute_opened").values()
    assert letter.keys() == {"unwanted"}


@pytest.mark.parametrize("language", sorted(languages()))
def test_it_says_the_same_in_text_and_html_and_nobodys_words_become_more_than_words(
    ledger: Ledger, owner: Connection, language: str
) -> None:
    dispute = ledger.opens("ana", ledger.invoice(), body=HOSTILE)
    ledger.does("fin", SayInDispute(dispute, HOSTILE))
    owner.execute(text("update portal.person set language = :l"), {"l": language})
    for kind in ("dispute_opened", "dispute_answered"):
        (letter,) = letters(owner, dispute, kind).values()
        assert "\n" not in letter["subject"]
        assert "{" not in letter["plain"], "a placeholder was left"
        assert "<script" not in letter["html"]
        assert "<b>is" not in letter["html"]
        assert "\u202e" not in letter["plain"]


@pytest.mark.parametrize("hat", ["portal_customer", "portal_customer_own", "portal_staff", "portal_worker"])
def test_no_hat_writes_such_a_mail_itself(ledger: Ledger, owner: Connection, hat: str) -> None:
    ledger.opens("ana", ledger.invoice())
    owner.execute(text("select set_config('portal.session', :t, true), set_config('portal.account', :a, true)"),
                  {"t": ledger.person("fin" if hat == "portal_staff" else "ana").token,
                   "a": str(ledger.accounts["seoul"])})  # fmt: skip
    owner.execute(text(f"set local role {hat}"))
    with pytest.raises(Exception, match=r"policy|permission denied"):
        owner.execute(
            text("insert into portal.mail (account_id, dedupe_key, kind, address, context, message_id) "
                 "values (:a, 'x', 'dispute_opened', 'evil@example.com', '{}', 'x')"),
            {"a": ledger.accounts["seoul"]},
        )  # fmt: skip
