"""The matrix against the functions of sign-in: everybody shows what is theirs, as it can be, and is told what the rules say."""

# ruff: noqa: E501 - a statement stands on one line

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import make_url, text

from tests.cluster import Cluster
from tests.matrix.answers import answers, is_told, shown, written
from tests.matrix.doors import doors
from tests.matrix.people import Identity, identities
from tests.matrix.phrases import CONDITIONS, Row, parts
from tests.matrix.shown import ISSUER, PENDING, Shelf, lay_out, secret, token_of
from tests.matrix.stage import PEOPLE, Matrix, matrix_on

_WHO = "signin.who(%(token)s, false, false)"
_MAIL = "'{}', %(message)s"
#: How each is asked, by somebody who knows what they do.
ASKED = {
    "signin.who": _WHO,
    "signin.who, the accounts it names": _WHO,
    "signin.who, the roles it names": _WHO,
    "signin.sessions_of": "signin.sessions_of(%(token)s)",
    "signin.end_others": "signin.end_others(%(token)s, %(session)s)",
    "signin.end_session": "signin.end_session(%(token)s, '')",
    "signin.end_all_sessions": "signin.end_all_sessions(%(token)s, '')",
    "signin.work_as": "signin.work_as(%(token)s, %(role)s, %(new)s, '')",
    "signin.renew_session": "signin.renew_session(%(token)s, %(new)s)",
    "signin.change_password": f"signin.change_password(%(token)s, %(person)s, 'another', {_MAIL})",
    "signin.factor_of": "signin.factor_of(%(token)s, false)",
    "signin.is_proved": "signin.is_proved(%(token)s)",
    "signin.begin_factor": "signin.begin_factor(%(token)s, 'proposed')",
    "signin.set_up_factor": f"signin.set_up_factor(%(token)s, %(pending)s, 1, '{{}}', {_MAIL})",
    "signin.new_recovery_codes": f"signin.new_recovery_codes(%(token)s, '{{}}', {_MAIL})",
    "signin.switch_factor_off": f"signin.switch_factor_off(%(token)s, false, %(step)s, 'none', %(new)s, %(key)s, {_MAIL})",
    "signin.step_up": f"signin.step_up(%(token)s, %(is_right)s, %(step)s, 'none', %(new)s, %(key)s, {_MAIL})",
    "signin.look_at_own_invitation": "signin.look_at_own_invitation(%(token)s, %(invitation)s)",
    "signin.accept_own_invitation": "signin.accept_own_invitation(%(token)s, %(invitation)s, %(new)s, '')",
    "signin.look_up": "signin.look_up(%(email)s, %(new)s, %(key)s)",
    "signin.count_try": "signin.count_try(%(new)s, %(key)s, false, %(email)s, '')",
    "signin.ask_for_password": f"signin.ask_for_password(%(email)s, %(new)s, %(key)s, %(new)s, {_MAIL}, '')",
    "signin.upgrade_hash": "signin.upgrade_hash(%(me)s, 'none', 'another')",
    "signin.issue_code": "signin.issue_code(%(me)s, %(new)s, 'browser', %(role)s, '/', %(way)s)",
    "signin.password_proven": "signin.password_proven(%(me)s, %(new)s, %(key)s, %(role)s, '/', %(staff_must)s)",
    "signin.redeem_code": "signin.redeem_code(%(secret)s, %(browser)s, %(new)s, %(key)s, '', '')",
    "signin.half": "signin.half(%(secret)s)",
    "signin.leave_half": "signin.leave_half(%(secret)s)",
    "signin.pass_half": "signin.pass_half(%(secret)s, %(person)s, 1, 'none', %(new)s, '/', %(new)s, %(key)s, "
    + _MAIL
    + ")",
    "signin.begin_factor_in_half": "signin.begin_factor_in_half(%(secret)s, %(person)s, 'proposed')",
    "signin.set_up_in_half": f"signin.set_up_in_half(%(secret)s, %(pending)s, 1, '{{}}', %(new)s, '/', {_MAIL})",
    "signin.sign_on": "signin.sign_on(%(issuer)s, %(subject)s, %(proven)s, %(roles)s, %(new)s, %(key)s, '/', '')",
    "signin.link_person": "signin.link_person(%(secret)s)",
    "signin.set_password": f"signin.set_password(%(secret)s, 'another', %(key)s, {_MAIL})",
    "signin.look_at_invitation": "signin.look_at_invitation(%(secret)s)",
    "signin.accept_invitation": "signin.accept_invitation(%(secret)s, 'a hash', 'x', 'en', %(key)s, '')",
    "signin.open_feed": "signin.open_feed(%(secret)s, %(new)s, %(key)s, '')",
    "signin.close_feed": "signin.close_feed(%(secret)s)",
    "signin.stop_mail": "signin.stop_mail(%(uuid)s, '{}', '{}', '{}', '')",
    "signin.stop_report": "signin.stop_report(%(report)s)",
    "signin.confirm_watch": "signin.confirm_watch(%(watcher)s)",
    "signin.leave_watch": "signin.leave_watch(%(watcher)s)",
    "signin.service_desk": "signin.service_desk()",
    "signin.health": "signin.health()",
}
#: What is said by a word: these of them let somebody on.
WORDS = {
    "signin.step_up": {"proved"},
    "signin.switch_factor_off": {"off"},
    "signin.pass_half": {"in"},
    "signin.sign_on": {"in"},
    "signin.look_at_invitation": {"new", "known"},
    "signin.look_at_own_invitation": {"new", "known"},
    "signin.accept_invitation": {"joined"},
    "signin.accept_own_invitation": {"joined"},
}
Rows = list[tuple[Any, ...]]
#: Of whom it is told that the cell asks about, where the answer names several.
NAMED: dict[str, Callable[[Rows, dict[str, Any]], bool]] = {
    "signin.who, the accounts it names": lambda said, asked: any(
        account["id"] == asked["account"] for account in (said[0][0] or {}).get("accounts", ())
    ),
    "signin.who, the roles it names": lambda said, asked: asked["role"] in (said[0][0] or {}).get("roles", ()),
    "signin.sessions_of": lambda said, asked: bool({row[0] for row in said} & set(asked["sessions"])),
    "signin.issue_code": lambda said, asked: said == [("",)],
    "signin.service_desk": lambda said, asked: True,
    "signin.health": lambda said, asked: len(said) == 1,
}


@dataclass(frozen=True)
class Desk:
    """Where sign-in asks: its own login, and what there is to show."""

    matrix: Matrix
    shelf: Shelf
    connection: psycopg.Connection[Any]

    def asks(self, identity: Identity, answer: str, row: Row) -> bool:
        """Was anything said that lets them on? Whatever it did is undone."""
        asked = self._values(identity, row)
        statement = f"select * from {ASKED[answer]}"
        try:
            said = self.connection.execute(statement, asked).fetchall()
        except InsufficientPrivilege:
            return False
        finally:
            self.connection.rollback()
        self._names_nobody_else(identity, answer, said)
        if answer in NAMED:
            return NAMED[answer](said, asked)
        return bool(said and (said[0][0] in WORDS[answer] if answer in WORDS else said[0][0]))

    def _values(self, identity: Identity, row: Row) -> dict[str, Any]:
        of, world, shelf = row.of or "", self.matrix.world, self.shelf
        word = f"A{world.number()}"
        opens = secret(row)
        whom = of if row.table != "half of" or "theirs" in row.flags else "stranger"
        is_known = row.label != "a stranger's"
        return {
            "token": token_of(world, identity), "new": word.encode(), "key": f"key {word}".encode(), "message": f"<{word}>",
            "me": world.person(identity.name), "person": world.person(whom), "uuid": shelf.uuids.get(of),
            "session": shelf.others.get(of), "sessions": shelf.sessions.get(of, []),
            "account": world.accounts.get(row.account or ""), "role": row.kind or identity.works_as,
            "is_right": "password" in row.flags, "step": 1 if "new code" in row.flags else 0, "pending": PENDING,
            "email": shelf.emails.get(of, "nobody@nowhere.example"), "staff_must": "staff must" in row.flags,
            "way": "password" if "password" in row.flags else "oidc" if "sign-on" in row.flags else "code",
            "secret": opens, "browser": b"another" if "another browser" in row.label else b"browser",
            "invitation": shelf.invitations.get(opens), "watcher": shelf.watchers.get(row.label),
            "report": shelf.reports.get(of), "issuer": ISSUER if row.label.startswith("theirs") else "https://elsewhere.example",
            "subject": of if row.label.startswith("theirs") else word, "roles": [] if "no role" in row.flags else None,
            "proven": shelf.emails.get(of) if is_known and not row.label.startswith("theirs") else None,
        }  # fmt: skip

    def _names_nobody_else(self, identity: Identity, answer: str, said: Rows) -> None:
        words = json.dumps(said, default=str)
        for name, email in self.shelf.emails.items():
            if name != identity.name and (f'"{email}"' in words or str(self.shelf.uuids[name]) in words):
                raise AssertionError(f"{identity.name} is told of {name} by {answer}: {words}")


@contextmanager
def _desk(cluster: Cluster) -> Generator[Desk]:
    with matrix_on(cluster) as planted:
        with planted.database.as_owner() as connection:
            shelf = lay_out(connection, planted.world)
        url = make_url(planted.database.login("portal_auth")).set(drivername="postgresql")
        with psycopg.connect(
            url.render_as_string(hide_password=False), cursor_factory=psycopg.ClientCursor
        ) as connection:
            yield Desk(planted, shelf, connection)


@pytest.fixture(scope="module")
def desk(cluster: Cluster) -> Iterator[Desk]:
    with _desk(cluster) as opened:
        yield opened


def _function(answer: str) -> str:
    return answer.partition(",")[0]


def test_every_function_of_sign_in_has_its_answer_in_the_matrix() -> None:
    callable_by_sign_in = {name.partition("(")[0] for name in doors()["functions"]["sign-in"]}
    answered = {_function(answer) for answer in answers()}
    missing = callable_by_sign_in - answered
    assert not missing, f"{missing}: say in tests/matrix/answers.yaml what is shown to it, and who is told"
    assert answered == callable_by_sign_in
    assert set(ASKED) == set(answers()), "say in tests/test_matrix_answers.py how it is asked"


def test_a_condition_that_nothing_meets_is_a_slip_of_the_pen() -> None:
    for answer, about in answers().items():
        known = CONDITIONS | {flag for row in shown(answer) for flag in row.flags}
        for rule in about["who"]:
            assert {condition.removeprefix("not ") for condition in parts(rule)[2]} <= known, f"{answer}: {rule}"
    assert {about["shown"] for about in answers().values()} == set(written()["shown"])


def _wrong(desk: Desk, name: str, only: str = "") -> list[str]:
    identity, wrong = identities()[name], []
    for answer in [only] if only else ASKED:
        for row in shown(answer):
            theirs = row.of_identity(identity)
            if theirs is None:
                continue
            told = desk.asks(identity, answer, theirs)
            if told != is_told(identity, answer, theirs):
                wrong.append(f"{name}: {answer}, shown {theirs.label}: {'told' if told else 'not told'}")
    return wrong


@pytest.mark.parametrize("name", PEOPLE)
def test_sign_in_is_told_what_the_rules_say_and_of_nobody_else(name: str, desk: Desk) -> None:
    wrong = _wrong(desk, name)
    assert not wrong, "\n".join(wrong)


def test_who_cannot_sign_in_is_told_whom_to_call_and_nothing_else(desk: Desk) -> None:
    columns = desk.connection.execute("select * from signin.service_desk()").description
    desk.connection.rollback()
    assert [column.name for column in columns] == ["site", "city", "country", "phone", "email", "hours"]


@pytest.mark.parametrize(
    ("function", "by", "who", "wrong"),
    [
        (
            "signin.person_behind(given_token_hash bytea) returns bigint",
            "select s.person_id from auth.session s where s.token_hash = given_token_hash",
            "disabled PAA",
            "signin.change_password, shown theirs: told",
        ),
        (
            "signin.link_person(given_token_hash bytea) returns table (email text, name text)",
            "select p.email, p.name from auth.link l join portal.person p on p.id = l.person_id where l.token_hash = given_token_hash",
            "no function",
            "signin.link_person, shown theirs, used: told",
        ),
    ],
)
def test_a_function_that_says_too_much_is_found(function: str, by: str, who: str, wrong: str, cluster: Cluster) -> None:
    with _desk(cluster) as mine:
        with mine.matrix.database.as_owner() as connection:
            connection.execute(text("reset role"))
            connection.execute(
                text(
                    f"create or replace function {function} language sql stable security definer set search_path = '' as $${by}$$"
                )
            )
        found = _wrong(mine, who)
    assert f"{who}: {wrong}" in found


def test_an_answer_that_names_somebody_else_is_found(cluster: Cluster) -> None:
    with _desk(cluster) as mine:
        with mine.matrix.database.as_owner() as connection:
            connection.execute(text("reset role"))
            connection.execute(text(
                "create or replace function signin.link_person(given_token_hash bytea) returns table (email text, name text) "
                "language sql stable security definer set search_path = '' as $$select p.email, p.name from portal.person p$$"
            ))  # fmt: skip
        with pytest.raises(AssertionError, match=r"viewer is told of .* by signin.link_person"):
            _wrong(mine, "viewer", only="signin.link_person")
