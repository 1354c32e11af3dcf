"""A database with the world of the matrix in it, planted once for all tests of a process."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import make_url

from tests.cluster import Cluster, Database
from tests.matrix.people import Identity
from tests.matrix.world import World, set_up

#: Cluster → a database in which the world was planted, and the world; tests get copies of it.
_planted: dict[str, tuple[str, World]] = {}


@dataclass(frozen=True)
class Matrix:
    """A copy of the world."""

    database: Database
    world: World

    def token(self, identity: Identity) -> str:
        return self.world.tokens.get(identity.name, "")


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
