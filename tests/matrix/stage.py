"""A database with the world of the matrix in it, planted once for all tests of a process."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import make_url

from auth.sessions import who
from rules.principal import Principal
from tests.cluster import Cluster, Database
from tests.door import settings_for
from tests.matrix.people import Identity, identities
from tests.matrix.world import World, set_up

#: Who comes, or tries to come, by the web.
PEOPLE = [name for name, identity in identities().items() if identity.login == "portal_app"]
#: Cluster → a database in which the world was planted, and the world; tests get copies of it.
_planted: dict[str, tuple[str, World]] = {}


@dataclass(frozen=True)
class Matrix:
    """A copy of the world."""

    database: Database
    world: World

    def token(self, identity: Identity) -> str:
        return self.world.tokens.get(identity.name, "")

    def principal(self, identity: Identity) -> Principal | None:
        """As a page gets it; None for who is not in."""
        signed = who(self.database.auth, self.token(identity))
        assert (signed is not None) == identity.comes_in
        return signed.principal if signed else None


@contextmanager
def matrix_on(cluster: Cluster) -> Generator[Matrix]:
    if cluster.url not in _planted:
        first = Database(cluster.new_database("empty"))
        with first.as_owner() as connection:
            world = set_up(connection)
        _planted[cluster.url] = str(make_url(first.owner_url).database), world
    name, world = _planted[cluster.url]
    database = Database(cluster.new_database(name))
    yield Matrix(database, world)
    database.dispose()


@contextmanager
def portal_on(cluster: Cluster, folders: pytest.TempPathFactory) -> Generator[Matrix]:
    """The same, with the settings of this process leading to it."""
    with matrix_on(cluster) as planted, settings_for(planted.database, folders.mktemp("home") / "instance"):
        yield planted
