"""Attacks on the separation of companies, by somebody who can already run any SQL as the application: no row comes out.

The scenes stand in tests/attacks; tests/test_other_servers.py plays them again on other servers."""

from __future__ import annotations

import pytest

from tests.attacks.bending import Bending
from tests.attacks.context import Context
from tests.attacks.logins import Logins
from tests.attacks.mails import Mails
from tests.attacks.oracles import Oracles
from tests.attacks.seeing import Seeing
from tests.attacks.sessions import Sessions
from tests.attacks.stage import Stage, stage_on
from tests.attacks.tickets import Tickets
from tests.attacks.writing import Writing
from tests.cluster import Database


@pytest.fixture(scope="module")
def stage(database: Database) -> Stage:
    return stage_on(database)


class TestSeeing(Seeing):
    pass


class TestContext(Context):
    pass


class TestSessions(Sessions):
    pass


class TestWriting(Writing):
    pass


class TestTickets(Tickets):
    pass


class TestBending(Bending):
    pass


class TestMails(Mails):
    pass


class TestOracles(Oracles):
    pass


class TestLogins(Logins):
    pass
