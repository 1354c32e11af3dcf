"""What the log says, and to whom."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator

import pytest
import structlog

from data.log import write_log_plainly


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def _said(monkeypatch: pytest.MonkeyPatch, to: io.StringIO) -> str:
    monkeypatch.setattr(sys, "stderr", to)
    write_log_plainly()
    log = structlog.get_logger("portal.test")
    log.info("mail.sent", mail=7)
    log.warning("mail.late", mail=8)
    return to.getvalue()


def test_whoever_collects_the_log_has_every_event_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [json.loads(line) for line in _said(monkeypatch, io.StringIO()).splitlines()]
    assert [(event["event"], event["mail"]) for event in events] == [("mail.sent", 7), ("mail.late", 8)]


def test_on_a_screen_only_what_needs_somebody_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said = _said(monkeypatch, Screen())
    assert "mail.late" in said
    assert "mail.sent" not in said
