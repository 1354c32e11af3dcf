"""A forgotten password: everybody is answered alike, the mail comes to its person, a link opens one thing once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from auth import visitor
from auth.change_password import change_password
from auth.directory import Directory
from auth.forgotten import ask_for_link
from auth.keys import asking_keys, email_key
from auth.password_links import token_of
from auth.passwords import hash_password
from auth.sessions import hashed, who
from auth.set_password import link_owner, use_link
from data.engines import auth_engine, jobs_engine
from data.people import Role, add_person
from jobs.deliver import deliver_one, elected
from jobs.post import Folder
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import AN_ADDRESS, ANOTHER_ADDRESS, BROWSER, PASSWORD, Door, recorded, tries
from ui.text import Reader

ANA, ABEL, BEA, STRANGER = CAST["ana"], CAST["abel"], CAST["bea"], "nobody@acme.example"
NEW, OTHER = "seven herons over the river", "a boat that nobody rows home"
STANDS = """
select (select count(*) from auth.link), (select count(*) from portal.mail), (select count(*) from auth.throttle),
       (select count(*) from portal.audit_entry)
"""


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    """Ana, Abel and Bea have a password; nothing was asked for yet. Whatever happened to them is undone."""
    door = Door(database)
    stored = hash_password(PASSWORD)
    for name in ("ana", "abel", "bea"):
        door.give_password(name, stored=stored)
    for table in ("auth.throttle", "auth.link", "portal.mail"):
        door.owner(f"delete from {table}")
    yield door
    door.owner("update portal.person set disabled_at = null, language = null")


@pytest.fixture
def post(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def ask(email: str, address: str = AN_ADDRESS) -> None:
    ask_for_link(auth_engine(), email, address)


def arrived(post: Folder) -> list[EmailMessage]:
    """What came since the last look."""
    for old in post.folder.glob("*.eml"):
        old.unlink()
    with elected(jobs_engine()) as connection:
        assert connection is not None
        while deliver_one(connection, post):
            pass
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in sorted(post.folder.glob("*.eml"))]


def to_whom(mails: list[EmailMessage]) -> list[str]:
    return [mail["To"].addresses[0].addr_spec for mail in mails]


def words_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return body.get_content()


def token_in(mail: EmailMessage) -> str:
    found = re.search(r"/password\?link=([\w-]+)", words_of(mail))
    assert found
    return found[1]


def link_of(email: str, post: Folder) -> str:
    """The token in the mail that comes when its person asks."""
    ask(email)
    (mail,) = arrived(post)
    assert to_whom([mail]) == [email]
    return token_in(mail)


# --- everybody is answered alike


def test_known_unknown_and_disabled_cost_the_same_statement_and_leave_the_same_rows(door):
    door.owner("update portal.person set disabled_at = now() where email = :bea", bea=BEA)
    left = {}
    for email in (ANA, STRANGER, BEA, CAST["vic"]):
        before = _stands(door)
        with recorded(auth_engine()) as work:
            ask(email, f"198.51.100.{len(left)}")
        assert work.statements == ["select signin.ask_for_password"]
        assert work.hashes == []
        left[email] = [after - earlier for earlier, after in zip(before, _stands(door), strict=True)]
    assert left[ANA] == [1, 1, 2, 1]
    assert all(rows == left[ANA] for rows in left.values())


def _stands(door: Door) -> list[int]:
    with door.database.as_owner() as connection:
        return list(connection.execute(text(STANDS)).one())


def test_strangers_read_the_same_sentence_as_everyone(door, monkeypatch):
    door.owner("update portal.person set disabled_at = now() where email = :bea", bea=BEA)
    for _time in range(6):
        ask(ABEL, ANOTHER_ADDRESS)  # too often by now
    said = []
    for email in (ANA, STRANGER, BEA, ABEL):
        app = asked(monkeypatch, email)
        said.append(([box.value for box in app.success], [words.value for words in app.caption], len(app.text_input)))
        assert not app.error and not app.warning
    assert all(one == said[0] for one in said)
    assert "If somebody signs in here with this address" in said[0][0][0]


@pytest.mark.parametrize("typed", ["", "   ", "ana", "@", "ana@"])
def test_what_can_be_no_address_is_said_beside_the_field_and_asks_nothing(door, monkeypatch, typed):
    with recorded(auth_engine()) as work:
        app = asked(monkeypatch, typed)
    assert any(":red[" in words.value and "Enter an e-mail address" in words.value for words in app.markdown)
    assert not app.success
    assert "select signin.ask_for_password" not in work.statements
    assert _stands(door)[:3] == [0, 0, 0]


def test_the_page_speaks_the_readers_language_and_names_whom_to_call(door, monkeypatch):
    app = asked(monkeypatch, STRANGER, language="ko")
    assert re.search("[가-힣]", app.success[0].value)
    assert re.search("[가-힣]", app.subheader[0].value)
    assert "tel:+8225550100" in " ".join(words.value for words in app.expander[0].markdown)


def asked(monkeypatch, email: str, language: str = "en") -> AppTest:
    monkeypatch.setattr(visitor, "reader", lambda: Reader(language))
    monkeypatch.setattr(visitor, "browser", lambda: BROWSER)
    monkeypatch.setattr(visitor, "address", lambda: AN_ADDRESS)

    def script() -> None:
        from auth.forgotten import forgotten_page

        forgotten_page()

    app = AppTest.from_function(script, default_timeout=20).run()
    app.text_input[0].input(email)
    app.button[0].click().run()
    assert not app.exception
    return app


# --- asking too often


def test_one_address_gets_five_mails_and_then_waits_while_others_go_on(door, post):
    for number in range(12):
        ask(f"  {ANA.title()} " if number % 2 else ANA, f"203.0.113.{number}")
    assert door.owner("select count(*) from portal.mail") == 5
    ask(ABEL)
    assert to_whom(arrived(post)) == [ANA, ABEL], "of Ana's links only the last one counts"


def test_who_asks_for_many_is_stopped_by_where_they_are(door):
    for number in range(60):
        ask(f"guess-{number}@acme.example")
    assert door.owner("select count(*) from portal.mail") == 50
    ask(ANA)
    assert door.owner("select count(*) from portal.mail where address = :ana", ana=ANA) == 0
    ask(ANA, ANOTHER_ADDRESS)
    assert door.owner("select count(*) from portal.mail where address = :ana", ana=ANA) == 1


def test_asking_locks_nobody_out_of_signing_in(door):
    for _time in range(8):
        ask(ANA)
    blocked = "select count(*) from auth.throttle where key = :key and blocked_until is not null"
    assert door.owner(blocked, key=asking_keys(ANA, None)[0]) == 1
    assert door.owner(blocked, key=email_key(ANA)) == 0
    assert tries(ANA, PASSWORD)


# --- the mail


def test_only_who_signs_in_here_gets_a_mail(door, post):
    for email in (ANA, STRANGER, BEA, f"x{ANA}"):
        ask(email)
    door.owner("update portal.person set disabled_at = now() where email = :bea", bea=BEA)
    assert to_whom(arrived(post)) == [ANA]
    states = "select string_agg(address || ' ' || state, ', ' order by id) from portal.mail"
    assert door.owner(states) == f"{ANA} sent, {STRANGER} withheld, {BEA} withheld, x{ANA} withheld"


def test_who_was_disabled_when_asking_gets_none_even_if_let_in_again(door, post):
    door.owner("update portal.person set disabled_at = now() where email = :bea", bea=BEA)
    ask(BEA)
    door.owner("update portal.person set disabled_at = null where email = :bea", bea=BEA)
    assert arrived(post) == []


def test_the_mail_speaks_its_persons_language_and_else_that_of_the_page(door, post):
    door.owner("update portal.person set language = 'ko' where email = :ana", ana=ANA)
    ask(ANA)
    ask(CAST["fin"])
    korean, english = arrived(post)
    assert (korean["Content-Language"], english["Content-Language"]) == ("ko", "en")
    assert re.search("[가-힣]", korean["Subject"])
    assert english["Subject"] == "Set a new password"
    for mail in (korean, english):
        html = mail.get_body(("html",))
        assert html is not None
        assert token_in(mail) in html.get_content()
        assert "/password?link=" in words_of(mail)


def test_what_waits_in_the_database_opens_nothing(door, post):
    """Whoever reads every table, backups included, still has no link."""
    ask(ANA)
    kept = door.owner("select context ->> 'nonce' from portal.mail")
    stored = door.owner("select token_hash from auth.link")
    for guess in (kept, stored.hex(), hashed(kept).hex()):
        assert link_owner(guess) is None
    assert link_owner(token_of(kept)) == ANA, "but with the secret of this instance"


# --- the link


def test_a_link_sets_the_password_once_and_tells_by_mail(door, post):
    door.owner("update portal.person set language = 'en' where email = :ana", ana=ANA)
    open_tab = door.signed_in("ana")
    link = link_of(ANA, post)
    assert link_owner(link) == ANA
    assert door.is_alive(open_tab), "looking at it changes nothing"
    assert use_link(link, ANA, NEW, NEW, device="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", address=AN_ADDRESS)
    assert tries(ANA, NEW)
    assert not door.is_alive(open_tab)
    assert link_owner(link) is None
    assert not use_link(link, ANA, OTHER, OTHER)
    assert not tries(ANA, OTHER)
    (told,) = arrived(post)
    assert to_whom([told]) == [ANA]
    assert told["Subject"] == "Your password was changed"
    assert "Firefox on Windows" in words_of(told)
    assert AN_ADDRESS in words_of(told)
    assert "link=" not in words_of(told)


def test_a_link_is_over_after_another_was_asked_for(door, post):
    first, second = link_of(ANA, post), link_of(ANA, post)
    assert link_owner(first) is None
    assert not use_link(first, ANA, OTHER, OTHER)
    assert use_link(second, ANA, NEW, NEW)
    assert tries(ANA, NEW)


def test_a_link_is_over_once_the_password_changed(door, post):
    link = link_of(ANA, post)
    ana = who(auth_engine(), door.signed_in("ana"))
    assert ana
    change_password(auth_engine(), ana.principal, PASSWORD, NEW, NEW, device="", address=AN_ADDRESS)
    assert link_owner(link) is None
    assert not use_link(link, ANA, OTHER, OTHER)
    assert tries(ANA, NEW)


def test_a_link_is_over_after_thirty_minutes_and_so_is_its_mail(door, post):
    link = link_of(ANA, post)
    lasting = "select extract(epoch from expires_at - created_at) from auth.link"
    assert door.owner(lasting) == timedelta(minutes=30).total_seconds()
    ask(ABEL)
    door.owner("update auth.link set expires_at = now()")
    assert link_owner(link) is None
    assert not use_link(link, ANA, OTHER, OTHER)
    assert arrived(post) == [], "a mail that was held up brings no dead link"


def test_a_link_for_another_purpose_sets_no_password(door, post):
    link = link_of(ANA, post)
    door.owner("""
        with invited as (
            insert into portal.invitation (account_id, email, name, language, role, rights, invited_by, invited_by_name,
                expires_at) select a.id, p.email, p.name, 'en', 'paa', '{}', p.id, p.name, now() + interval '1 day'
            from portal.account a, portal.person p where a.code = 'ACME' and p.email = :ana returning account_id, id)
        update auth.link set purpose = 'invitation', account_id = i.account_id, invitation_id = i.id from invited i
        """, ana=ANA)  # fmt: skip
    assert link_owner(link) is None
    assert not use_link(link, ANA, OTHER, OTHER)
    assert not tries(ANA, OTHER)


def test_a_link_opens_nothing_for_who_was_disabled_meanwhile(door, post):
    link = link_of(BEA, post)
    door.owner("update portal.person set disabled_at = now() where email = :bea", bea=BEA)
    assert link_owner(link) is None
    assert not use_link(link, BEA, OTHER, OTHER)


def test_nobody_voids_the_first_link_of_a_newcomer_by_asking(door, post):
    with door.database.as_owner() as connection:
        first = add_person(connection, "new@acme.example", Role.PAA, account_code="ACME")
    assert first is not None
    mailed = link_of("new@acme.example", post)
    assert link_owner(first.token) == link_owner(mailed) == "new@acme.example"
    assert use_link(mailed, "new@acme.example", NEW, NEW)
    assert link_owner(first.token) is None, "there is a password now that it was not made for"


def test_one_persons_link_leaves_everybody_elses_password_alone(door, post):
    link = link_of(ANA, post)
    assert use_link(link, ABEL, NEW, NEW)  # whatever the page says: the link knows whose it is
    assert tries(ANA, NEW)
    assert tries(ABEL, PASSWORD)
    assert not tries(ABEL, NEW, ANOTHER_ADDRESS)


def test_who_asked_and_from_where_stands_in_the_audit_log(door):
    for email, known in ((ANA, True), (STRANGER, False)):
        ask(email)
        entry = "select address || ' ' || audience || ' ' || (object_id is not null) || ' ' || (actor_id is null) "
        entry += "from portal.audit_entry where action = 'password.ask' order by id desc limit 1"
        assert door.owner(entry) == f"{AN_ADDRESS} staff {str(known).lower()} true"


def test_the_count_of_signing_in_is_not_the_count_of_asking(door):
    directory = Directory(auth_engine(), AN_ADDRESS)
    for _time in range(6):
        directory._count(ANA, succeeded=False)
    ask(ANA)
    assert door.owner("select count(*) from portal.mail") == 1, "who is locked out may still ask"
