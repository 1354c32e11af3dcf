"""What somebody types into a search field, and the rows it finds: one piece of code for every list that searches."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, and_, any_, false, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from data.countries import countries_called
from data.listing.spec import ListSpec

MAX_WORDS = 100
#: Words that find more rows than this are common: the list is read in its order and filtered (docs/decisions/0004).
MOST_FOUND = 10_000


def tidy(typed: str) -> str:
    """Without what no keyboard types: signs that are not shown, among them those the database refuses; one space
    between words."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())


def can_be_found(words: str) -> bool:
    """Signs alone are in every row or in none: there has to be a letter or a digit."""
    return any(sign.isalnum() for sign in words)


def found(connection: Connection, spec: ListSpec, words: str) -> ColumnElement[bool]:
    """The rows of this list that the words find."""
    if not can_be_found(words):
        return false()
    if callable(spec.finder):
        return spec.finder(connection, words)
    return _by_index(connection, spec, spec.finder, words)


def in_texts(words: str, *texts: ColumnElement[str], country: ColumnElement[str] | None = None) -> ColumnElement[bool]:
    """Where rows are so few that none needs an index: each word is a part of one of these texts, or of the name of the
    country whose code stands there."""
    if not can_be_found(words):
        return false()
    return and_(*(or_(*_saying(part, texts, country)) for part in _parts(words)))


def _saying(
    part: str, texts: Sequence[ColumnElement[str]], country: ColumnElement[str] | None
) -> Iterator[ColumnElement[bool]]:
    yield from (text.icontains(part, autoescape=True) for text in texts)
    if country is not None:
        yield country.in_(countries_called(part))


def parts_of(words: str) -> list[str]:
    """The same as patterns of ILIKE, for a function of the database."""
    signs = str.maketrans({sign: f"\\{sign}" for sign in "\\%_"})
    return [f"%{part.translate(signs)}%" for part in _parts(words)]


def _parts(words: str) -> list[str]:
    return unicodedata.normalize("NFKC", words).split()


def _by_index(connection: Connection, spec: ListSpec, finder: str, words: str) -> ColumnElement[bool]:
    """Rare words come as ids from the index; for common ones the list is read in its order and filtered."""
    ids = connection.execute(select(getattr(func.authz, finder)(words, MOST_FOUND + 1))).scalar()
    if ids is not None and len(ids) <= MOST_FOUND:
        # one value: as many values as ids take longer to write down than to find
        return spec.table.c.id == any_(literal(ids, ARRAY(BigInteger))) if ids else false()
    number = func.starts_with(spec.number, func.upper(words))
    return or_(number, spec.table.c.search.op("@@")(func.authz.words(words)))
