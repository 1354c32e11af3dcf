"""The link in a watcher's mail: signed with the watcher's id, so that no mail and no table has to keep a secret."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from enum import StrEnum

from sqlalchemy import Engine, text

from data.instance import portal_secret
from data.settings import settings


class WatchStep(StrEnum):
    CONFIRM = "confirm"
    LEAVE = "leave"


def watch_link(step: WatchStep, watcher: int) -> str:
    return f"{settings().base_url}/watch/{step}?w={watcher}.{_signature(step, watcher)}"


def watcher_in(step: WatchStep, token: str) -> int | None:
    """Whom a link is about, if it is one of ours and for this step."""
    watcher, _dot, signature = token.partition(".")
    if not (watcher.isascii() and watcher.isdigit() and len(watcher) < 19):
        return None
    known = hmac.compare_digest(signature.encode(), _signature(step, int(watcher)).encode())
    return int(watcher) if known else None


def take_step(engine: Engine, step: WatchStep, watcher: int) -> bool:
    """Confirm or leave. Doing it again changes nothing; False if there is nothing to confirm any more."""
    with engine.begin() as connection:
        done = connection.scalar(text(f"select signin.{step}_watch(:watcher)"), {"watcher": watcher})
    return bool(done) or step is WatchStep.LEAVE


def _signature(step: WatchStep, watcher: int) -> str:
    made = hmac.digest(portal_secret(settings()).encode(), f"watch {step}:{watcher}".encode(), "sha256")
    return urlsafe_b64encode(made[:24]).decode()
