"""The mails about a second factor: what happened, from where, what to do; and nothing that opens anything."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from auth import sessions
from auth.half_way import Asker
from auth.second_factor import begin, replace_recovery_codes, set_up
from data.engines import auth_engine, jobs_engine
from data.people import reset_second_factor
from jobs.deliver import deliver_one, elected
from jobs.post import Folder
from rules.principal import Principal
from rules.sign_in import FactorNews
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import AN_ADDRESS, Door, code_of
from ui.terms import TERMS

ANA = CAST["ana"]
FIREFOX = Asker("Mozilla/5.0 (Windows NT 10.0) Firefox/140", AN_ADDRESS)


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    door = Door(database)
    door.owner("delete from portal.mail")
    yield door
    door.owner("delete from auth.second_factor")
    door.owner("update portal.person set language = null, disabled_at = null")


@pytest.fixture
def ana(door: Door) -> Principal:
    signed = sessions.who(auth_engine(), door.signed_in("ana"))
    assert signed is not None
    return signed.principal


def arrived(folder: Path) -> list[EmailMessage]:
    post = Folder(folder)
    with elected(jobs_engine()) as connection:
        assert connection is not None
        while deliver_one(connection, post):
            pass
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in sorted(post.folder.glob("*.eml"))]


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return body.get_content()


def test_each_deed_is_told_to_its_person_without_what_opens_anything(door, ana, tmp_path, database):
    door.owner("update portal.person set language = 'en' where email = :ana", ana=ANA)
    secret = begin(auth_engine(), ana)
    used = code_of(secret)
    paper = set_up(auth_engine(), ana, used, asker=FIREFOX)
    newer = replace_recovery_codes(auth_engine(), ana, asker=FIREFOX)
    with database.as_owner() as connection:
        assert reset_second_factor(connection, ANA)
    mails = arrived(tmp_path)
    assert {mail["To"].addresses[0].addr_spec for mail in mails} == {ANA}
    assert {mail["Subject"] for mail in mails} == {
        "Your second factor is set up", "You have new recovery codes", "Your second factor was reset",
    }  # fmt: skip
    by_subject = {mail["Subject"]: words(mail) for mail in mails}
    for subject, said in by_subject.items():
        by_operator = "reset" in subject
        assert ("Firefox on Windows" in said) is not by_operator
        assert (AN_ADDRESS in said) is not by_operator
        assert "service desk" in said
        assert "/settings" in said
    everything = " ".join(str(mail) + words(mail) for mail in mails)
    assert not any(leak in everything for leak in (secret, used, *paper, *newer))


def test_they_speak_the_language_of_their_person(door, ana, tmp_path):
    door.owner("update portal.person set language = 'ko' where email = :ana", ana=ANA)
    set_up(auth_engine(), ana, code_of(begin(auth_engine(), ana)), asker=FIREFOX)
    (mail,) = arrived(tmp_path)
    assert mail["Subject"] == "2단계 인증이 설정되었습니다"
    assert "second factor" not in words(mail)


def test_somebody_who_was_disabled_is_told_nothing(door, ana, tmp_path):
    set_up(auth_engine(), ana, code_of(begin(auth_engine(), ana)), asker=FIREFOX)
    door.owner("update portal.person set disabled_at = now() where email = :ana", ana=ANA)
    assert arrived(tmp_path) == []


def test_everything_that_can_happen_to_it_has_its_words():
    for vocabulary in ("factor.news", "factor.means"):
        assert set(TERMS[vocabulary]) == set(FactorNews)
    assert {f"factor.{news}" for news in FactorNews} <= set(TERMS["audit.action"])
