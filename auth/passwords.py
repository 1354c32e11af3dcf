"""Passwords: which ones are accepted, how they are kept, and how one is proven."""

from __future__ import annotations

import re
import secrets
import unicodedata
from functools import cache
from pathlib import Path

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from data.settings import settings
from rules.errors import Invalid
from rules.words import N_

SHORTEST, LONGEST = 12, 128
BCRYPT, BCRYPT_READS = "$2", 72
#: What the portal calls itself beside the operator's name, and how many signs must be somebody's own.
PRODUCT, OWN_PART = "customer portal", 6
COMMON = Path(__file__).with_name("common_passwords.txt")
# Twice what OWASP asks of argon2id; one lane, because the sign-ins of others want the other cores.
_HASHER = PasswordHasher(memory_cost=47104, time_cost=2, parallelism=1)
_REPEATED = re.compile(r"(.{1,6}?)\1+.{0,2}", re.DOTALL)


def hash_password(password: str) -> str:
    return _HASHER.hash(_prepared(password))


def check_password(password: str, stored_hash: str) -> bool:
    try:
        if stored_hash.startswith(BCRYPT):
            # It never read further, and those who set a long password then must still come in.
            return bcrypt.checkpw(password.strip().encode()[:BCRYPT_READS], stored_hash.encode())
        return _HASHER.verify(stored_hash, _prepared(password))
    except (VerificationError, InvalidHashError, ValueError):
        return False


def needs_upgrade(stored_hash: str) -> bool:
    """Made by bcrypt, or cheaper than we make them now."""
    return stored_hash.startswith(BCRYPT) or _HASHER.check_needs_rehash(stored_hash)


@cache
def dummy_hash(older: str | None = None) -> str:
    """Of a password nobody has; trying one against it costs what trying it against a real one costs.

    `older`: how a hash begins that bcrypt made; then one of that kind and cost."""
    if older is not None:
        return bcrypt.hashpw(secrets.token_bytes(32), bcrypt.gensalt(int(older[4:6]))).decode()
    return _HASHER.hash(secrets.token_bytes(32))


def proves(password: str, stored_hash: str | None, older: str | None = None) -> bool:
    """Is it the password of this hash, or of nobody (None)?

    While hashes of two kinds are kept, everybody's password is tried against one of each, the real one in the place of
    the dummy of its kind: so the time tells neither who is known nor whose hash is the older one."""
    against = [dummy_hash(), *([dummy_hash(older)] if older else [])]
    if stored_hash is not None:
        same_kind = [each.startswith(BCRYPT) == stored_hash.startswith(BCRYPT) for each in against]
        against = [stored_hash if same else each for each, same in zip(against, same_kind, strict=True)]
    fitting = [each for each in against if check_password(password, each)]
    return stored_hash in fitting


def same(one: str, other: str) -> bool:
    """Would either be accepted in the place of the other?"""
    return _prepared(one) == _prepared(other)


def check_rules(password: str, email: str, name: str = "") -> None:
    """Invalid, with the reason, unless this may become the person's password. Any script, any characters."""
    prepared = _prepared(password)
    if len(prepared) < SHORTEST:
        raise Invalid(N_("The password is too short: use at least 12 characters."), "password")
    if len(prepared) > LONGEST:
        raise Invalid(N_("The password is too long: use at most 128 characters."), "password")
    if _is_made_of(prepared, email, name, settings().brand_name, PRODUCT):
        said = N_("The password must not be made of your name, your e-mail address or the name of the portal.")
        raise Invalid(said, "password")
    if _is_guessed_first(prepared.casefold()):
        raise Invalid(N_("This password is too easy to guess: choose another one."), "password")


def _is_made_of(password: str, *names: str) -> bool:
    """Of what everybody knows about its person, with hardly anything of their own beside it."""
    words = {word for name in names for word in (_bare(name), *map(_bare, re.split(r"[\W_]+", name)))}
    rest = bare = _bare(password)
    for word in sorted((word for word in words if len(word) > 1), key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != bare and len(rest) < OWN_PART


def _bare(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFC", text).casefold() if letter.isalnum())


def _is_guessed_first(password: str) -> bool:
    return bool(_REPEATED.fullmatch(password)) or password in _common() or _bare(password) in _common()


@cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line.casefold() for line in lines if line and not line.startswith("#"))


def _prepared(password: str) -> str:
    """The same bytes from every keyboard: Hangul comes composed from one and in parts from another.

    The sign-in form drops blanks at both ends, so setting a password has to drop them too."""
    return unicodedata.normalize("NFC", password.strip())[: LONGEST + 1]
