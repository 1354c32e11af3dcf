"""The link that stops a scheduled report, in its mail: signed with the report's id, so that no mail keeps a secret."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode

from sqlalchemy import Engine, text

from data.instance import portal_secret
from data.settings import settings

#: The address of the link.
STOP = "/reports/stop"


def stop_link(report: int) -> str:
    return f"{settings().base_url}{STOP}?r={report}.{_signature(report)}"


def report_in(token: str) -> int | None:
    """Which report a link is about, if it is one of ours."""
    report, _dot, signature = token.partition(".")
    if not (report.isascii() and report.isdigit() and len(report) < 19):
        return None
    known = hmac.compare_digest(signature.encode(), _signature(int(report)).encode())
    return int(report) if known else None


def stop_report(engine: Engine, report: int) -> bool:
    """Doing it again changes nothing; False where there is no such report any more."""
    with engine.begin() as connection:
        return bool(connection.scalar(text("select signin.stop_report(:report)"), {"report": report}))


def _signature(report: int) -> str:
    made = hmac.digest(portal_secret(settings()).encode(), f"stop report:{report}".encode(), "sha256")
    return urlsafe_b64encode(made[:24]).decode()
