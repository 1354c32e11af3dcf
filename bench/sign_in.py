"""Does the time a refused sign-in takes tell whether somebody has an account here?"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from statistics import median

from sqlalchemy import text

from bench.measured import Result, Spread
from bench.plan import Bench
from bench.stage import Data

WRONG = "not the right password"
ROUNDS = 4


def measure(bench: Bench) -> Iterator[Result]:
    """Each try with an e-mail of its own, in turns: an unknown one, a known one, one locked by earlier failures.

    Then again with people among them whose hash is still bcrypt's, which costs more than ours."""
    os.environ.setdefault("PORTAL_SECRET", "only-for-the-benchmark-" * 2)
    data = bench.stage.fresh("sign_in")
    emails = _people(data, bench.plan.tries)
    _lock(data, emails["locked"])
    _seconds(_try_of(data, "first@example.com", 0))  # imports, connections
    yield _measured(data, emails, bench.plan.tries, "")
    tries = max(2 * ROUNDS, bench.plan.tries // 5)  # each takes several times as long
    emails["older"] = _older_people(data, tries)
    yield _measured(data, emails, tries, " while older hashes are kept")
    bench.stage.remove(data)


def _measured(data: Data, emails: dict[str, list[str]], tries: int, when: str) -> Result:
    taken: dict[str, list[float]] = {kind: [] for kind in emails}
    _seconds(_try_of(data, "first-again@example.com", 0))  # dummies of each kind are made
    for turn in range(tries):
        for kind, known_as in emails.items():
            taken[kind].append(_seconds(_try_of(data, known_as[turn], turn)))
    note = ", ".join(f"{kind} {median(seconds) * 1e3:.0f} ms" for kind, seconds in taken.items())
    return Result("sign_in.same", compared(taken), f"{tries} tries of each kind{when}", note)


def compared(taken: dict[str, list[float]]) -> Spread:
    """The slowest kind against the quickest by their medians: over all tries, and over each part of them."""
    size = len(next(iter(taken.values())))
    step = max(1, size // ROUNDS)
    parts = [slice(start, start + step) for start in range(0, size - step + 1, step)]

    def ratio(part: slice) -> float:
        medians = [median(seconds[part]) for seconds in taken.values()]
        return max(medians) / min(medians)

    return Spread.around(ratio(slice(None)), [ratio(part) for part in parts])


def _people(data: Data, count: int) -> dict[str, list[str]]:
    from auth.passwords import hash_password  # noqa: PLC0415 - slow to import

    known = [f"known{number}@example.com" for number in range(count)]
    locked = [f"locked{number}@example.com" for number in range(count)]
    _add_people(data, [*known, *locked], hash_password("the right password"))
    return {"unknown": [f"nobody{number}@example.com" for number in range(count)], "known": known, "locked": locked}


def _add_people(data: Data, emails: list[str], password_hash: str) -> None:
    with data.as_owner() as connection:
        connection.execute(
            text(
                "with p as (insert into portal.person (kind, email, name) "
                "select 'customer', e, e from unnest(cast(:emails as text[])) e returning id) "
                "insert into auth.credential (person_id, password_hash) select id, :hash from p"
            ),
            {"emails": emails, "hash": password_hash},
        )


def _older_people(data: Data, count: int) -> list[str]:
    """As streamlit-authenticator made their hashes."""
    import bcrypt  # noqa: PLC0415

    emails = [f"older{number}@example.com" for number in range(count)]
    _add_people(data, emails, bcrypt.hashpw(b"the right password", bcrypt.gensalt()).decode())
    return emails


def _lock(data: Data, emails: list[str]) -> None:
    """As many failures as it takes, counted by the portal's own function."""
    from auth.keys import address_key, email_key  # noqa: PLC0415

    statement = text("select signin.count_try(:email_key, :address_key, false)")
    with data.auth.begin() as connection:
        for number, email in enumerate(emails):
            for _ in range(12):
                keys = {"email_key": email_key(email), "address_key": address_key(f"10.0.{number % 250}.1")}
                connection.execute(statement, keys)


def _try_of(data: Data, email: str, turn: int) -> Callable[[], None]:
    from auth.directory import Directory  # noqa: PLC0415

    directory = Directory(data.auth, f"10.1.0.{turn}")  # or the limit for one address would lock all of them

    def attempt() -> None:
        assert not directory.proves(email, WRONG)

    return attempt


def _seconds(do: Callable[[], None]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started
