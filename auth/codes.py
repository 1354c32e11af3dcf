"""The codes of a second factor: an app's six digits from a secret both know, and recovery codes to be kept on paper."""

from __future__ import annotations

import hmac
import re
import secrets
import time
import unicodedata
from dataclasses import dataclass

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from auth.keys import recovery_hash, sealing_key
from data.instance import UNMISTAKABLE
from data.settings import settings

STEP = 30  # seconds that a code is shown; the one before and the one after count as well, for clocks that differ
RECOVERY_CODES = 10
_NONCE = 12  # bytes
_SIX_DIGITS = re.compile(r"[0-9]{6}")
#: Ten signs, of which nobody can try 31 ** 10.
_RECOVERY = re.compile(f"[{UNMISTAKABLE}]{{10}}")


@dataclass(frozen=True)
class Typed:
    """A code that somebody typed, as the database takes it: its step, or a recovery code's hash, or neither."""

    step: int | None = None
    recovery_hash: str | None = None


def new_secret() -> str:
    """160 random bits, as apps take them: in letters and digits."""
    return pyotp.random_base32()


def sealed(secret: str, person_id: int) -> bytes:
    """As it is kept: a copy of the database makes no codes, and one person's is none of another's."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(sealing_key()).encrypt(nonce, secret.encode(), _whose(person_id))


def opened(kept: bytes, person_id: int) -> str | None:
    """None where it was sealed for somebody else, or before PORTAL_SECRET became another one."""
    try:
        return AESGCM(sealing_key()).decrypt(kept[:_NONCE], kept[_NONCE:], _whose(person_id)).decode()
    except (InvalidTag, ValueError):
        return None


def read(typed: str, kept: bytes, person_id: int) -> Typed:
    """What this code is of, if anything: whether it was used already, the database knows."""
    code = "".join(sign for sign in unicodedata.normalize("NFKC", typed[:100]).lower() if sign.isalnum())
    if _SIX_DIGITS.fullmatch(code):
        return Typed(step=step_of(code, opened(kept, person_id)))
    return Typed(recovery_hash=recovery_hash(person_id, code)) if _RECOVERY.fullmatch(code) else Typed()


def step_of(code: str, secret: str | None) -> int | None:
    """The step whose code it is; every one that counts is tried, so that the time does not tell which."""
    now = int(time.time()) // STEP
    if secret is None:
        return None
    app = pyotp.TOTP(secret, interval=STEP)
    fitting = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(app.generate_otp(step), code)]
    return max(fitting, default=None)


def new_recovery_codes() -> tuple[str, ...]:
    """`abcde-fghjk`, ten times."""
    whole = ("".join(secrets.choice(UNMISTAKABLE) for _ in range(10)) for _ in range(RECOVERY_CODES))
    return tuple(f"{code[:5]}-{code[5:]}" for code in whole)


def recovery_hashes(person_id: int, codes: tuple[str, ...]) -> list[str]:
    return [recovery_hash(person_id, code.replace("-", "")) for code in codes]


def picture(secret: str, email: str) -> str:
    """A QR code within the page itself, dark on white on any background: no other host draws it."""
    address = pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=email, issuer_name=settings().brand_name)
    return segno.make(address, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff")


def in_groups(secret: str) -> str:
    """For whoever types it: four by four."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _whose(person_id: int) -> bytes:
    return f"second factor of {person_id}".encode()
