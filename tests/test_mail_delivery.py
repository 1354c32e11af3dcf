"""The outbox is emptied: nothing is lost, nothing is told twice under two names, and no mail harms another."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from data.settings import settings
from jobs import deliver as delivering
from jobs.deliver import deliver_one, elected
from jobs.post import Away, Post, post_of
from tests.cluster import Database
from tests.mail_room import MailServer, Outbox, Worker, free_port, mail_server, until

DEE, ADA, FIN, MIA = "desk@portal.example", "admin@portal.example", "finance@portal.example", "manager@portal.example"


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("PORTAL_HOME", str(tmp_path / "instance"))
    monkeypatch.setenv("PORTAL_SECRET", "s" * 40)
    monkeypatch.setenv("PORTAL_MAIL_FROM", "portal@example.com")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def outbox(database: Database) -> Outbox:
    outbox = Outbox(database)
    outbox.empty()
    return outbox


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def posting(url: str, monkeypatch: pytest.MonkeyPatch) -> Post:
    monkeypatch.setenv("PORTAL_SMTP_URL", url)
    settings.cache_clear()
    return post_of(settings())


def run(database: Database, post: Post) -> None:
    """All that is due now."""
    with elected(database.jobs) as connection:
        assert connection is not None
        while deliver_one(connection, post):
            pass
    post.rest()


def test_a_mail_is_sent_once_and_noted(
    database: Database, outbox: Outbox, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.fill(3)
    post = posting(server.url, monkeypatch)
    run(database, post)
    run(database, post)
    assert outbox.states() == {"sent": 3}
    assert sorted(server.copies.values()) == [1, 1, 1]
    assert {message["To"] for message in server.received} == {"Dee Desk <desk@portal.example>"} or all(
        DEE in message["To"] for message in server.received
    )


def test_who_is_refused_for_good_is_given_up_and_holds_nobody_up(
    database: Database, outbox: Outbox, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers[ADA] = "550 nobody here"
    for who in (ADA, DEE, ADA, FIN):
        outbox.to_person(who, context={"status": "closed"})
    run(database, posting(server.url, monkeypatch))
    assert outbox.states() == {"sent": 2, "dead": 2}
    state, attempts, error = outbox.of(ADA)
    assert (state, attempts) == ("dead", 1)
    assert error is not None
    assert error.startswith("550")
    outbox.hurry()
    run(database, posting(server.url, monkeypatch))
    assert outbox.states() == {"sent": 2, "dead": 2}, "dead stays dead"


def test_who_is_refused_for_now_waits_longer_each_time_and_is_given_up_in_the_end(
    database: Database, outbox: Outbox, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers[ADA] = "451 come back later"
    outbox.to_person(ADA, context={"status": "closed"})
    outbox.to_person(DEE, context={"status": "closed"})
    post, waits = posting(server.url, monkeypatch), []
    for _round in range(delivering.MOST_ATTEMPTS):
        run(database, post)
        with database.as_owner() as connection:
            waits.append(connection.scalar(text("select max(extract(epoch from next_at - now())) from portal.mail")))
        outbox.hurry()
    assert outbox.of(ADA)[:2] == ("dead", delivering.MOST_ATTEMPTS)
    assert outbox.of(DEE)[0] == "sent"
    assert len(server.received) == 1
    assert waits[0] <= 60 < waits[3] < waits[-1] <= delivering.LONGEST_WAIT
    assert waits[0] > 20


def test_a_server_that_is_away_costs_no_mail_an_attempt(
    database: Database, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.fill(3)
    away = MailServer(port=free_port())
    post = posting(away.url, monkeypatch)
    with elected(database.jobs) as connection:
        assert connection is not None
        for _try in range(20):
            with pytest.raises(Away):
                deliver_one(connection, post)
            outbox.hurry()
    with database.as_owner() as connection:
        assert connection.scalar(text("select max(attempts) from portal.mail")) == 0
    away.start()
    run(database, post)
    away.stop()
    assert outbox.states() == {"sent": 3}
    assert set(away.copies.values()) == {1}


def test_a_server_that_takes_nothing_from_us_costs_no_mail_an_attempt(
    database: Database, outbox: Outbox, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers["portal@example.com"] = "550 not from you"
    outbox.fill(2)
    post = posting(server.url, monkeypatch)
    with elected(database.jobs) as connection:
        assert connection is not None
        for _mail in range(2):  # the second comes although the first was tried before it
            with pytest.raises(Away, match="550 not from you"):
                deliver_one(connection, post)
        assert not deliver_one(connection, post)
    assert outbox.states() == {"ready": 2}
    assert server.received == []
    server.answers.clear()
    outbox.hurry()
    run(database, post)
    assert outbox.states() == {"sent": 2}


@pytest.mark.parametrize("answer", ["hang up", "421 not now, not this one"])
def test_a_connection_that_breaks_is_not_the_mails_fault_and_the_others_go_on(
    database: Database, outbox: Outbox, server: MailServer, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    server.answers[ADA] = answer
    for who in (ADA, DEE, FIN):
        outbox.to_person(who, context={"status": "closed"})
    post = posting(server.url, monkeypatch)
    for _round in range(delivering.MOST_ATTEMPTS + 2):
        run(database, post)
        outbox.hurry()
    state, attempts, _error = outbox.of(ADA)
    assert (state, attempts) == ("ready", 0)
    assert outbox.states() == {"sent": 2, "ready": 1}
    server.answers.clear()
    run(database, post)
    assert outbox.states() == {"sent": 3}


def test_a_mail_that_cannot_be_written_takes_nobody_along(
    database: Database, outbox: Outbox, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.to_person(ADA, context={"status": "no such status"})
    for who in (DEE, FIN, MIA):
        outbox.to_person(who, context={"status": "closed"})
    run(database, posting(server.url, monkeypatch))
    assert outbox.states() == {"sent": 3, "ready": 1}
    assert outbox.of(ADA)[1] == 1


def test_a_mail_that_ends_the_worker_each_time_is_given_up_and_takes_nobody_along(
    database: Database, outbox: Outbox, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim is on record before anything else happens: that is what a killed worker leaves behind."""
    outbox.to_person(ADA, context={"status": "closed"})
    for _death in range(delivering.MOST_ATTEMPTS):
        with elected(database.jobs) as connection:
            assert connection is not None
            with delivering._turn(connection):
                connection.execute(delivering._FREE_LEASES)
            outbox.hurry()
            assert delivering._claim(connection) is not None
            assert delivering._claim(connection) is None, "it is leased"
    outbox.to_person(DEE, context={"status": "closed"})
    with elected(database.jobs) as connection:
        assert connection is not None
        with delivering._turn(connection):
            connection.execute(delivering._FREE_LEASES)
            connection.execute(delivering._BURY, delivering._LIMIT)
    run(database, posting(server.url, monkeypatch))
    assert outbox.of(ADA)[0] == "dead"
    assert outbox.of(DEE)[0] == "sent"


def test_only_one_delivers_at_a_time(database: Database) -> None:
    with elected(database.jobs) as first:
        assert first is not None
        with elected(database.jobs) as second:
            assert second is None
    with elected(database.jobs) as again:
        assert again is not None


def test_without_a_server_mail_is_kept_as_private_files(database: Database, outbox: Outbox, tmp_path: Path) -> None:
    outbox.fill(2)
    post = post_of(settings())
    run(database, post)
    with database.as_owner() as connection:
        connection.execute(text("update portal.mail set state = 'ready'"))  # a worker that was killed sends again
    run(database, post)
    folder = tmp_path / "instance" / "mail"
    files = sorted(folder.iterdir())
    assert len(files) == 2, "the same mail twice is one file"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert b"Message-ID: <" in files[0].read_bytes()


def test_a_password_is_never_sent_in_the_clear(
    database: Database, outbox: Outbox, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This server offers no encryption: then nobody signs in and no mail is lost."""
    outbox.fill(1)
    url = f"smtp://user:secret@localhost.localdomain:{server.port}"
    monkeypatch.setattr("socket.getaddrinfo", _everything_is_here(monkeypatch))
    post = posting(url, monkeypatch)
    with elected(database.jobs) as connection:
        assert connection is not None
        with pytest.raises(Away, match="STARTTLS"):
            deliver_one(connection, post)
    assert server.received == []
    assert outbox.states() == {"ready": 1}


def _everything_is_here(_monkeypatch: pytest.MonkeyPatch):
    import socket

    found = socket.getaddrinfo

    def here(host, port, *more, **named):
        return found("127.0.0.1" if host == "localhost.localdomain" else host, port, *more, **named)

    return here


def _kill_while_sending(database: Database, outbox: Outbox, home: Path, mails: int, kills: int) -> None:
    outbox.fill(mails)
    with mail_server(slowly=0.005) as server:
        worker = Worker(database, home, server.url)
        for _kill in range(kills):
            goal = len(server.received) + max(1, mails // (kills + 2))
            worker.start()
            until(lambda goal=goal: len(server.received) >= goal)
            worker.kill()
        worker.start()
        until(lambda: outbox.states() == {"sent": mails})
        worker.stop()
        assert len(server.copies) == mails, "nothing is lost, and a copy carries the same Message-ID"
        assert len(server.received) - mails <= kills, "at most one copy per kill"


def test_a_worker_that_is_killed_loses_nothing(database: Database, outbox: Outbox, tmp_path: Path) -> None:
    _kill_while_sending(database, outbox, tmp_path / "instance", mails=30, kills=2)


@pytest.mark.slow
def test_five_hundred_mails_and_twenty_kills(database: Database, outbox: Outbox, tmp_path: Path) -> None:
    _kill_while_sending(database, outbox, tmp_path / "instance", mails=500, kills=20)


# --- encryption


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of a server called localhost, signed by nobody else."""
    folder = tmp_path_factory.mktemp("tls")
    key, file = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", file],
        check=True, capture_output=True,
    )  # fmt: skip
    return file, key


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # of the server, which has TLS at once
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_name_and_password_are_proven_over_an_encrypted_connection(
    database: Database, outbox: Outbox, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    file, _key = certificate
    outbox.fill(2)
    with mail_server(certificate=certificate, at_once=scheme == "smtps", people={"portal": "pass word/1"}) as server:
        address = f"localhost:{server.port}?starttls=require"
        post = posting(f"{scheme}://portal:pass%20word%2F1@{address}", monkeypatch)
        with elected(database.jobs) as connection:
            assert connection is not None
            with pytest.raises(Away, match="CERTIFICATE_VERIFY_FAILED"):
                deliver_one(connection, post)
        assert server.received == [], "whoever cannot show a certificate gets neither password nor mail"
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        wrong = posting(f"{scheme}://portal:wrong@{address}", monkeypatch)
        with elected(database.jobs) as connection:
            assert connection is not None
            with pytest.raises(Away, match="535"):
                deliver_one(connection, wrong)
        assert outbox.states() == {"ready": 2}
        assert server.received == []
        outbox.hurry()
        run(database, posting(f"{scheme}://portal:pass%20word%2F1@{address}", monkeypatch))
        assert len(server.received) == 2
        assert server.signed_in == {"portal"}
