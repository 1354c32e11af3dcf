"""Who is turned away before a page or a route is asked, and what a request may claim about itself."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from rules.errors import Conflict, Forbidden, Invalid, NotFound, PortalError, SignedOut
from tests.asgi import HOST, ORIGIN, Inside, ask, connect
from web import observed
from web.body_limit import MEGABYTE, BodyLimit
from web.errors import exception_handlers
from web.large_uploads import LargeUploads
from web.metrics import REGISTRY
from web.metrics import routes as metrics_routes
from web.observed import Observed
from web.origin import OurAddressOnly, PublicAddress
from web.proxies import BehindProxies
from web.session_gate import LONGEST_TOKEN, SessionGate, nobody

PORTAL = PublicAddress.of("https://portal.example.com")
LOOPBACK = PublicAddress.of("http://127.0.0.1:8501")
ANAS_TOKEN = "t" * 43
PROXY = ("10.0.0.5", 40000)


# --- our address and nobody else's


@pytest.mark.parametrize("host", ["portal.example.com", "PORTAL.example.com", "portal.example.com:443"])
def test_the_portal_answers_to_its_own_name(host: str) -> None:
    assert ask(OurAddressOnly(Inside(), address=PORTAL), host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "portal.example.com.evil.example",
        "evil.example/portal.example.com",
        "portal.example.com@evil.example",
        "localhost:8501",
        "203.0.113.9",
        "portal.example.com:https",
        "portal.example.com evil.example",
        "",
        None,
    ],
)
def test_a_request_under_a_foreign_host_reaches_nothing(host: str | None) -> None:
    inside = Inside()
    assert ask(OurAddressOnly(inside, address=PORTAL), host=host).status == 400
    assert connect(OurAddressOnly(inside, address=PORTAL), host=host, headers={"origin": PORTAL.origin}).status == 403
    assert not inside.was_reached


def test_a_second_host_header_is_refused_even_if_one_is_ours() -> None:
    inside = Inside()
    gate = OurAddressOnly(inside, address=PORTAL)
    assert ask(gate, host="portal.example.com", headers={"host": "evil.example"}).status == 400
    assert not inside.was_reached


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:9000", "[::1]:8501"])
def test_on_loopback_every_loopback_name_and_port_is_ours(host: str) -> None:
    assert ask(OurAddressOnly(Inside(), address=LOOPBACK), host=host).status == 200


@pytest.mark.parametrize("host", ["rebound.evil.example:8501", "192.168.1.20:8501", "localhost.evil.example"])
def test_on_loopback_a_name_pointed_at_us_is_not_ours(host: str) -> None:
    assert ask(OurAddressOnly(Inside(), address=LOOPBACK), host=host).status == 400


def test_a_probe_may_call_us_by_number_but_never_by_a_foreign_name() -> None:
    gate = OurAddressOnly(Inside(), address=PORTAL)
    assert ask(gate, "/healthz", host="10.1.2.3:8501").status == 200
    assert ask(gate, "/readyz", host="127.0.0.1:8501").status == 200
    assert ask(gate, "/metrics", host="rebound.evil.example").status == 400
    assert ask(gate, "/reports/invoices.xlsx", host="10.1.2.3:8501").status == 400


# --- pages that talk to us

FOREIGN_ORIGINS = [
    "https://evil.example",
    "http://portal.example.com",
    "https://portal.example.com:8443",
    "https://portal.example.com.evil.example",
    "https://localhost",
    "null",
    "",
]


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_foreign_page_opens_no_websocket_and_changes_nothing(origin: str) -> None:
    inside = Inside()
    gate = OurAddressOnly(inside, address=PORTAL)
    assert connect(gate, host="portal.example.com", headers={"origin": origin}).status == 403
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert ask(gate, method=method, host="portal.example.com", headers={"origin": origin}).status == 403
    assert not inside.was_reached


def test_a_websocket_without_origin_is_refused() -> None:
    inside = Inside()
    assert connect(OurAddressOnly(inside, address=LOOPBACK)).status == 403
    assert not inside.was_reached


def test_our_own_page_opens_a_websocket_and_changes_things() -> None:
    gate = OurAddressOnly(Inside(), address=PORTAL)
    own = {"origin": "https://portal.example.com"}
    assert connect(gate, host="portal.example.com", headers=own).status == 101
    assert ask(gate, method="PUT", host="portal.example.com", headers=own).status == 200


def test_on_loopback_another_local_server_is_a_foreign_page() -> None:
    gate = OurAddressOnly(Inside(), address=LOOPBACK)
    assert connect(gate, headers={"origin": "http://127.0.0.1:3000"}).status == 403
    assert connect(gate, headers={"origin": "http://localhost:8501"}).status == 403
    assert connect(gate, headers={"origin": ORIGIN}).status == 101


def test_a_change_without_origin_needs_to_come_without_a_cookie() -> None:
    gate = OurAddressOnly(Inside(), address=LOOPBACK)
    assert ask(gate, method="POST", headers={"cookie": "portal_session=x"}).status == 403
    assert ask(gate, method="POST").status == 200
    assert ask(gate, headers={"origin": "https://evil.example"}).status == 200  # a link from elsewhere may be followed


# --- the client's address


def client_of(forwarded: str | None, *, peer: tuple[str, int] = PROXY, trusted: str = "10.0.0.0/24") -> str | None:
    inside = Inside()
    networks = tuple(ip_network(network) for network in trusted.split())
    headers = [("x-forwarded-for", value) for value in (forwarded or "").split(";") if forwarded is not None]
    ask(BehindProxies(inside, trusted=networks, scheme="https"), headers=headers, client=peer)
    return inside.seen[0]["client"][0]


def test_nobody_who_is_not_our_proxy_names_an_address() -> None:
    assert client_of("198.51.100.7", peer=("203.0.113.9", 1)) == "203.0.113.9"
    assert client_of("198.51.100.7", trusted="") == "10.0.0.5"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.7, 203.0.113.9", "203.0.113.9"),  # the first was written by the client itself
        ("198.51.100.7;203.0.113.9", "203.0.113.9"),  # the same in two headers
        ("203.0.113.9, 10.0.0.8", "203.0.113.9"),  # two of our proxies
        ("127.0.0.1, 203.0.113.9:5555", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unknown", "10.0.0.5"),
        ("203.0.113.9, <script>", "10.0.0.5"),
        ("", "10.0.0.5"),
        (None, "10.0.0.5"),
    ],
)
def test_only_what_our_proxies_wrote_counts(forwarded: str | None, client: str) -> None:
    assert client_of(forwarded) == client


def test_a_dual_stack_socket_is_known_by_its_old_address() -> None:
    assert client_of("203.0.113.9", peer=("::ffff:10.0.0.5", 1)) == "203.0.113.9"
    assert client_of("203.0.113.9", peer=("::ffff:10.9.9.9", 1)) == "10.9.9.9"


def test_the_scheme_is_the_one_people_see_whatever_a_header_says() -> None:
    inside = Inside()
    ask(BehindProxies(inside, scheme="https"), headers={"x-forwarded-proto": "http"})
    connect(BehindProxies(inside, scheme="https"))
    assert [scope["scheme"] for scope in inside.seen] == ["https", "wss"]


# --- files in and out


async def only_ana(token: str) -> bool:
    return token == ANAS_TOKEN


def gate_before(inside: Inside) -> SessionGate:
    return SessionGate(inside, cookie_name="portal_session", is_signed_in=only_ana)


FILES = [("PUT", "/_stcore/upload_file/tab/file"), ("DELETE", "/_stcore/upload_file/tab/file"), ("GET", "/media/x.pdf")]


@pytest.mark.parametrize(("method", "path"), FILES)
def test_a_file_moves_for_ana_and_for_nobody_else(method: str, path: str) -> None:
    inside = Inside()
    assert ask(gate_before(inside), path, method=method).status == 403
    assert ask(gate_before(inside), path, method=method, headers={"cookie": "portal_session=stolen"}).status == 403
    assert ask(gate_before(inside), path, method=method, headers={"cookie": f"other={ANAS_TOKEN}"}).status == 403
    assert not inside.was_reached
    anas = {"cookie": f"a=b; portal_session={ANAS_TOKEN}"}
    assert ask(gate_before(inside), path, method=method, headers=anas).status == 200


def test_a_token_nobody_could_have_been_given_is_not_looked_up() -> None:
    asked: list[str] = []

    async def remember(token: str) -> bool:
        asked.append(token)
        return True

    gate = SessionGate(Inside(), cookie_name="portal_session", is_signed_in=remember)
    oversized = {"cookie": f"portal_session={'x' * (LONGEST_TOKEN + 1)}"}
    assert ask(gate, "/media/x.pdf", headers=oversized).status == 403
    assert not asked


def test_without_sign_in_connected_nobody_is_in() -> None:
    gate = SessionGate(Inside(), cookie_name="portal_session", is_signed_in=nobody)
    assert ask(gate, "/media/x.pdf", headers={"cookie": f"portal_session={ANAS_TOKEN}"}).status == 403


@pytest.mark.parametrize(
    "path",
    ["/_stcore/agent/interact", "/_stcore/agent/openapi.json", "/_stcore/metrics", "/_stcore/script-health-check",
     "/_stcore/anything", "/component/x/index.html", "/app/static/x.html"],
)  # fmt: skip
def test_doors_nobody_uses_are_shut_for_ana_too(path: str) -> None:
    inside = Inside()
    assert ask(gate_before(inside), path, headers={"cookie": f"portal_session={ANAS_TOKEN}"}).status == 404
    assert not inside.was_reached


@pytest.mark.parametrize("path", ["/", "/tickets", "/_stcore/health", "/_stcore/host-config", "/static/js/a.js"])
def test_the_sign_in_page_needs_no_session(path: str) -> None:
    assert ask(gate_before(Inside()), path).status == 200


def test_a_path_below_a_mount_is_still_gated() -> None:
    inside = Inside()

    async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
        await gate_before(inside)({**scope, "root_path": "/portal"}, receive, send)

    assert ask(mounted, "/portal/_stcore/upload_file/tab/file", method="PUT").status == 403
    assert not inside.was_reached


# --- how much may be sent


def limited(inside: Inside) -> Starlette:
    async def read(request: Request) -> PlainTextResponse:
        inside.received = await request.body()
        return PlainTextResponse("read")

    app = Starlette(routes=[Route("/{path:path}", read, methods=["POST", "PUT"])])
    app.add_middleware(BodyLimit)
    return app


def test_a_body_announced_too_large_is_not_read() -> None:
    inside = Inside()
    answer = ask(limited(inside), method="POST", headers={"content-length": str(MEGABYTE)}, body=[b"x" * MEGABYTE])
    assert answer.status == 413
    assert inside.received == b""


@pytest.mark.parametrize("announced", ["-1", "1e3", "ten", "²"])
def test_a_length_that_is_no_number_is_refused(announced: str) -> None:
    headers = {"content-length": announced.encode().decode("latin-1")}
    assert ask(limited(Inside()), method="POST", headers=headers, body=[b"x"]).status == 413


def test_a_body_that_only_grows_is_cut_off() -> None:
    inside = Inside()
    endless = [b"x" * 20_000] * 10
    assert ask(limited(inside), method="POST", body=endless).status == 413
    assert ask(limited(inside), method="POST", headers={"content-length": "5"}, body=endless).status == 413
    assert inside.received == b""


UPLOAD = "/_stcore/upload_file/tab/file"


def test_a_ten_megabyte_attachment_fits_and_an_eleven_and_a_half_does_not() -> None:
    inside = Inside()
    gate = LargeUploads(limited(inside), cookie_name="portal_session", may_send_large=only_ana)
    assert ask(gate, UPLOAD, method="PUT", body=[b"x" * MEGABYTE] * 10).status == 200
    assert len(inside.received) == 10 * MEGABYTE
    assert ask(gate, UPLOAD, method="PUT", body=[b"x" * MEGABYTE] * 12).status == 413


def test_a_billing_run_is_let_in_for_finance_and_read_for_nobody_else() -> None:
    inside = Inside()
    gate = LargeUploads(limited(inside), cookie_name="portal_session", may_send_large=only_ana)
    run = [b"x" * MEGABYTE] * 50
    announced = {"content-length": str(50 * MEGABYTE)}
    for cookie in ({}, {"cookie": "portal_session=stolen"}, {"cookie": f"portal_session={'x' * (LONGEST_TOKEN + 1)}"}):
        assert ask(gate, UPLOAD, method="PUT", headers=announced | cookie, body=run).status == 413
    assert inside.received == b""
    finances = {"cookie": f"portal_session={ANAS_TOKEN}"}
    assert ask(gate, UPLOAD, method="PUT", headers=announced | finances, body=run).status == 200
    assert len(inside.received) == 50 * MEGABYTE
    too_much = {"content-length": str(52 * MEGABYTE)}
    assert ask(gate, UPLOAD, method="PUT", headers=too_much | finances, body=[b"x"] * 2).status == 413
    assert ask(gate, UPLOAD, method="PUT", headers=finances, body=[b"x" * MEGABYTE] * 12).status == 413
    assert ask(gate, "/auth/signout", method="POST", headers=announced | finances, body=run).status == 413


# --- what is written down


def breaking(at: str) -> Observed:
    async def inside(_scope: Scope, _receive: Receive, send: Send) -> None:
        if at == "in the middle":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("bea@bolt.example is not a number")

    return Observed(inside)


def test_the_log_holds_no_query_no_address_and_no_cookie() -> None:
    with capture_logs() as lines:
        ask(
            Observed(Inside()),
            "/auth/session",
            query="code=secret-code&next=/tickets",
            headers={"cookie": "portal_session=secret-token"},
            client=("203.0.113.9", 1),
        )
        ask(Observed(Inside()), "/_stcore/upload_file/secret-tab/file", method="PUT")
    assert [(line["path"], line["status"]) for line in lines] == [
        ("/auth/session", 200),
        ("/_stcore/upload_file/", 200),
    ]
    for secret in ("secret", "203.0.113.9", "next="):
        assert secret not in str(lines)


def test_a_bug_is_answered_with_the_reference_that_stands_in_the_log() -> None:
    with capture_logs() as lines:
        answer = ask(breaking("at once"))
    assert answer.status == 500
    assert lines[0]["reference"] in answer.body.decode()
    assert answer.header("x-request-id") == lines[0]["reference"]
    assert "bolt" not in answer.body.decode()


def test_a_body_that_breaks_off_is_not_ended_as_if_it_were_whole() -> None:
    with capture_logs(), pytest.raises(ValueError, match="not a number"):
        ask(breaking("in the middle"))


def test_a_refused_websocket_is_counted_as_refused() -> None:
    with capture_logs() as lines:
        connect(Observed(OurAddressOnly(Inside(), address=LOOPBACK)), headers={"origin": "https://evil.example"})
    assert lines[0]["status"] == 403


def test_waiting_for_news_is_no_time_that_an_answer_took(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(observed, "perf_counter", lambda: now)

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal now
        now += 2
        for _time in range(2):
            with observed.waiting(scope):
                now += 30
        now += 1
        await Inside()(scope, receive, send)

    def took() -> float:
        return REGISTRY.get_sample_value("portal_request_seconds_sum", {"family": "live"}) or 0.0

    before = took()
    with capture_logs():
        ask(Observed(inside), "/live")
    assert took() - before == 3


def test_metrics_are_for_a_scraper_nearby_and_not_for_the_public() -> None:
    app = Starlette(routes=metrics_routes)
    ask(Observed(Inside()), "/reports/invoices.xlsx")
    near = ask(app, "/metrics", client=("10.0.0.7", 1))
    assert 'portal_requests_total{family="reports",status="200"}' in near.body.decode()
    assert ask(app, "/metrics", client=("203.0.113.9", 1)).status == 404
    for header in ("x-forwarded-for", "x-real-ip", "forwarded", "via"):
        assert ask(app, "/metrics", client=("127.0.0.1", 1), headers={header: "203.0.113.9"}).status == 404


# --- what the rules refuse


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (SignedOut("RH-2026-000001"), 401, "Your session has ended."),
        (Forbidden("bea may not see RH-2026-000001"), 403, "You may not do this."),
        (NotFound("RH-2026-000001 of Acme"), 404, "This does not exist."),
        (Conflict("version 3, not 2"), 409, "Somebody else changed this meanwhile."),
        (Invalid("Write a date like 2026-11-22."), 400, "Write a date like 2026-11-22."),
    ],
)
def test_a_refusal_says_no_more_than_its_reader_may_know(error: PortalError, status: int, said: str) -> None:
    async def refuse(_request: Request) -> PlainTextResponse:
        raise error

    app = Starlette(routes=[Route("/", refuse)], exception_handlers=exception_handlers)
    answer = ask(app, headers={"host": HOST})
    assert answer.status == status
    assert answer.body.decode().startswith(said)
    assert "RH-2026" not in answer.body.decode()
