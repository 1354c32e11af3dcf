"""`/attachments/<uuid>` over HTTP: saved and never shown, for whoever may see the message; else not found."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from starlette.applications import Starlette

from rules.files import Upload
from rules.principal import Principal
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.ticket_scene import Desk, desk_in
from web import attachments
from web.errors import exception_handlers
from web.routes import routes

HTML = b"%PDF-1.7 <script>alert(1)</script>"


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture(scope="module")
def desk(database: Database, sign_in: Callable[[str], Principal]) -> Desk:
    return desk_in(database, sign_in)


def fetch(desk: Desk, who: str | None, uuid: object, **headers: str) -> Answer:
    app = Starlette(routes=attachments.routes, exception_handlers=exception_handlers)
    cookie = {"cookie": f"portal_session={desk.person(who).token}"} if who else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(app, f"/attachments/{uuid}", headers={**cookie, **named})


def test_a_file_is_saved_never_shown(desk: Desk) -> None:
    number = desk.opens("ana", files=(Upload("계획 plan.pdf", HTML),))
    (file,) = desk.sees("ana", number).conversation[0].files
    answer = fetch(desk, "ana", file.uuid)
    assert (answer.status, answer.body) == (200, HTML)
    assert str(answer.header("content-disposition")).startswith("attachment; filename*=UTF-8''%EA%B3%84")
    assert answer.header("x-content-type-options") == "nosniff"
    assert "no-store" in str(answer.header("cache-control"))
    for who in ("bea", "abel", "fin", "ada"):
        stranger, nothing = fetch(desk, who, file.uuid), fetch(desk, who, uuid4())
        assert (stranger.status, stranger.body) == (nothing.status, nothing.body) == (404, nothing.body), who
    read = "select actor_name from portal.audit_entry where object_label = :n and action = 'attachment.read'"
    assert desk.rows(read, n=number) == [("Ana Acme",)]


def test_nobody_gets_one_without_signing_in_or_from_another_site(desk: Desk) -> None:
    number = desk.opens("ana", files=(Upload("plan.pdf", HTML),))
    (file,) = desk.sees("ana", number).conversation[0].files
    assert fetch(desk, None, file.uuid).status == 303
    assert fetch(desk, "ana", file.uuid, sec_fetch_site="cross-site").status == 403
    assert fetch(desk, "ana", "not-a-uuid").status == 404
    assert attachments.routes[0] in routes
