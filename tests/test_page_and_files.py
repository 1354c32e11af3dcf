"""The page and its files: in the reader's language, under our name, packed where that is safe, and fenced in."""

from __future__ import annotations

import base64
import gzip
import re
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
import streamlit
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from rules.looks import Theme
from rules.principal import PersonKind, Principal
from tests.asgi import HOST, Answer, Headers, Inside, ask
from ui import look
from web import assets
from web.index_page import IndexPage, as_data_uri, pages_from, script_hashes
from web.middleware import middleware
from web.origin import PublicAddress
from web.packed import Shelf, accepts_gzip
from web.pre_login import PreLoginCookie
from web.security_headers import SecurityHeaders
from web.session_gate import nobody
from web.static_files import StreamlitFiles

STREAMLIT_FOLDER = Path(streamlit.__file__).parent / "static"
INDEX = STREAMLIT_FOLDER / "index.html"
ICON = "data:image/svg+xml;base64,PHN2Zy8+"
A_SCRIPT = next(path for path in sorted(STREAMLIT_FOLDER.rglob("index.*.js")))
A_FONT = next(path for path in sorted(STREAMLIT_FOLDER.rglob("*.woff2")))
PACKED = {"accept-encoding": "gzip, deflate, br"}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


#: By the token of each: what they have chosen.
CHOSEN: dict[str, Theme | None] = {"ana": Theme.DARK, "bea": None}


async def who_is_in(token: str) -> Principal | None:
    if token == "nobody can be asked":
        raise OperationalError("select", {}, Exception("down"))
    person = Principal(1, UUID(int=1), "ana@acme.example", "Ana", PersonKind.CUSTOMER, token, theme=CHOSEN.get(token))
    return person if token in CHOSEN else None


def portal(base_url: str = f"http://{HOST}") -> Starlette:
    """Everything in front, and behind it what Streamlit is to us: files, its page for all else, and gzip."""

    async def report(_request: Request) -> Response:
        return Response(b"PK" + b"a secret, again and again; " * 500, media_type=WORKBOOK)

    async def own_page(_request: Request) -> HTMLResponse:
        return HTMLResponse("<html>ours" + "!" * 2000)

    async def fallback(request: Request, _error: Exception) -> Response:
        return await StaticFiles(directory=STREAMLIT_FOLDER, html=True).get_response("index.html", request.scope)

    in_front = middleware(
        address=PublicAddress.of(base_url),
        trusted_proxies=(),
        session_cookie="portal_session",
        pre_login_cookie="__Host-portal_pre" if base_url.startswith("https") else "portal_pre",
        is_signed_in=nobody,
        may_send_large=nobody,
        who_is_in=who_is_in,
        streamlit_folder=STREAMLIT_FOLDER,
        title="Example <Data> Centers",
        icon=ICON,
        addresses=frozenset({"", "tickets", "password"}),
    )
    return Starlette(
        routes=[
            Route("/reports/tickets.xlsx", report),
            Route("/own", own_page),
            *assets.routes,
            Mount("/", StaticFiles(directory=STREAMLIT_FOLDER, html=True)),
        ],
        middleware=[*in_front, Middleware(GZipMiddleware)],
        exception_handlers={404: fallback},
    )


PORTAL = portal()


def page(path: str = "/", headers: Headers = ()) -> Answer:
    answer = ask(PORTAL, path, headers=headers)
    assert answer.status == 200
    return answer


# --- the page


def test_the_page_is_in_the_readers_language() -> None:
    assert '<html lang="en">' in page().body.decode()
    assert '<html lang="ko">' in page("/tickets", {"accept-language": "ko-KR,ko;q=0.9,en;q=0.8"}).body.decode()
    assert '<html lang="ko">' in page(headers={"cookie": "portal_language=ko", "accept-language": "en"}).body.decode()


@pytest.mark.parametrize("language", ["xx", '"><script>', "../ko", ""])
def test_a_language_we_do_not_speak_changes_nothing(language: str) -> None:
    said = page(headers={"cookie": f"portal_language={language}", "accept-language": language})
    assert said.body == page().body


def test_the_page_bears_our_name_and_nobody_elses_address() -> None:
    body = page().body.decode()
    assert "<title>Example &lt;Data&gt; Centers</title>" in body
    assert ICON in body
    without_licence = body[body.index("<!DOCTYPE") :]
    for foreign in ("//", "agent", "AI ", "favicon.png", ">Streamlit<"):
        assert foreign not in without_licence.replace(ICON, "")


def test_the_page_finds_its_files_below_any_path() -> None:
    body = page("/tickets/").body.decode()
    files = re.findall(r'(?:src|href)="([^"]+)"', body)
    assert len([name for name in files if name.startswith("/static/")]) > 10
    assert not [name for name in files if not name.startswith(("/static/", "/assets/", "data:", "#"))]


NOWHERE = ("/nothing", "/tickets/abc", "/no/such/page", "/tickets//", "//tickets", "/index.html", "/Tickets", "/<b>")


@pytest.mark.parametrize("path", NOWHERE)
def test_an_address_that_leads_nowhere_says_so_in_our_words(path: str) -> None:
    for language, said in (("en", "Page not found"), ("ko", "페이지를 찾을 수 없습니다")):
        answer = ask(PORTAL, path, headers={"accept-language": language})
        body = answer.body.decode()
        assert answer.status == 404
        assert f'<html lang="{language}">' in body
        assert f"<h1>{said}</h1>" in body
        assert '<a href="/">' in body
        assert answer.header("cache-control") == "no-store"
        assert "script-src 'self'" in (answer.header("content-security-policy") or "")
        assert "BACKEND_BASE_URL" not in body, "Streamlit does not start there"
        assert not answer.all("set-cookie")
        assert path.strip("/") not in body.replace("/assets/", ""), "what was asked is not repeated"


def test_the_page_of_no_address_looks_like_the_portal() -> None:
    body = ask(PORTAL, "/nothing").body.decode()
    assert f'<div class="brand"><img src="{ICON}"' in body
    assert "<strong>Example &lt;Data&gt; Centers</strong>" in body
    assert look.colors() in body, "the theme's own colours, light and dark"
    (font,) = re.findall(r'src: url\("([^"]+)"\)', body)
    assert ask(PORTAL, font).status == 200, "its font is there"
    assert not re.search(r"https?://(?!www\.w3\.org)", body), "nothing of another host"


@pytest.mark.parametrize(("worn", "scheme"), [("dark", "dark"), ("light", "light"), ("pink", "light dark")])
def test_the_page_of_no_address_wears_what_was_chosen_in_this_browser(worn: str, scheme: str) -> None:
    body = ask(PORTAL, "/nothing", headers={"cookie": f"portal_theme={worn}"}).body.decode()
    assert f":root {{ color-scheme: {scheme}; }}" in body


@pytest.mark.parametrize(
    ("token", "worn", "wears"),
    [
        ("ana", "", "portal_theme=dark; Max-Age=31536000"),
        ("ana", "light", "portal_theme=dark; Max-Age=31536000"),
        ("ana", "dark", None),
        ("bea", "dark", 'portal_theme=""; '),
        ("bea", "", None),
        ("stranger", "dark", None),
        ("", "dark", None),
        ("nobody can be asked", "dark", None),
    ],
)
def test_a_page_brings_along_what_its_person_chose_in_another_browser(token: str, worn: str, wears: str | None) -> None:
    cookie = {"cookie": f"portal_session={token}; portal_pre={'x' * 43}; portal_theme={worn}"}
    said = page(headers=cookie)
    assert [line.startswith(wears or "") for line in said.all("set-cookie")] == ([True] if wears else [])
    known = {**cookie, "if-none-match": said.header("etag") or ""}
    again = ask(PORTAL, "/", headers=known)
    assert (again.status, len(again.all("set-cookie"))) == (304, 1 if wears else 0), "also to who has the page already"
    for elsewhere in ("/own", "/nothing", f"/{A_SCRIPT.relative_to(STREAMLIT_FOLDER).as_posix()}"):
        assert not ask(PORTAL, elsewhere, headers=cookie).all("set-cookie")


def test_nobody_is_told_by_an_address_whether_they_are_known() -> None:
    """The very same bytes, whoever asks."""
    stranger = ask(PORTAL, "/nothing")
    assert ask(PORTAL, "/nothing", headers={"cookie": "portal_session=x"}).body == stranger.body
    assert ask(PORTAL, "/other").body == stranger.body
    assert ask(PORTAL, "/nothing", headers={"if-none-match": stranger.header("etag") or ""}).status == 404


def test_files_and_routes_are_answered_as_before() -> None:
    assert ask(PORTAL, "/own").status == 200
    assert ask(PORTAL, "/reports/tickets.xlsx").status == 200
    assert ask(PORTAL, f"/{A_SCRIPT.relative_to(STREAMLIT_FOLDER).as_posix()}").status == 200


def test_only_streamlits_page_is_replaced() -> None:
    assert ask(PORTAL, "/own").body.startswith(b"<html>ours")
    assert b"BACKEND_BASE_URL" not in ask(PORTAL, "/own").body


def test_a_page_that_is_known_is_not_sent_again() -> None:
    known = page(headers=PACKED).header("etag")
    again = ask(PORTAL, headers={**PACKED, "if-none-match": f'"other", {known}'})
    assert (again.status, again.body) == (304, b"")
    assert ask(PORTAL, headers={**PACKED, "if-none-match": f"{known}", "accept-language": "ko"}).status == 200
    assert "Cookie" in str(page().header("vary"))
    assert page().header("cache-control") == "private, no-cache"


def test_a_changed_index_is_noticed_at_start_and_not_by_a_reader() -> None:
    source = INDEX.read_text("utf-8")
    assert pages_from(source, title="Portal", icon=ICON)
    for gone in ("<title>Streamlit</title>", '<html lang="en">', "window.prerenderReady = false", "service-desc"):
        with pytest.raises(RuntimeError, match=r"web/index_page\.py"):
            pages_from(source.replace(gone, ""), title="Portal", icon=ICON)


def test_an_icon_of_the_operators_travels_inside_the_page(tmp_path: Path) -> None:
    (tmp_path / "icon.svg").write_text("<svg/>")
    assert as_data_uri(tmp_path / "icon.svg") == ICON


# --- what the browser may do with it


def test_the_policy_names_the_scripts_that_are_really_in_the_page() -> None:
    answer = page()
    policy = str(answer.header("content-security-policy"))
    scripts = re.search(r"script-src ([^;]*);", policy)
    inline = re.findall(r"<script>(.*?)</script>", answer.body.decode(), re.DOTALL)
    hashes = [base64.b64encode(sha256(script.encode()).digest()).decode() for script in inline]
    assert scripts
    assert inline
    assert scripts[1].split() == ["'self'", *(f"'sha256-{value}'" for value in sorted(hashes))]
    assert "unsafe-eval" not in policy
    assert script_hashes(["<script src='/x.js'></script>"]) == []


def test_the_policy_lets_no_other_host_in_and_nobody_frame_us() -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in str(page().header("content-security-policy")).split(";"))
    assert policy["connect-src"] == f"'self' ws://{HOST}"
    assert (policy["frame-ancestors"], policy["frame-src"], policy["object-src"]) == ("'none'", "'none'", "'none'")
    assert page().header("x-frame-options") == "DENY"
    named = {word for words in policy.values() for word in words.split()} - {f"ws://{HOST}"}
    assert {word for word in named if not word.startswith("'sha256-")} <= {
        "'self'", "'none'", "'unsafe-inline'", "data:", "blob:",
    }  # fmt: skip


def test_a_refusal_carries_the_headers_too() -> None:
    refused = ask(PORTAL, host="evil.example")
    assert refused.status == 400
    assert refused.header("x-content-type-options") == "nosniff"
    assert refused.header("cache-control") == "no-store"


def test_https_is_insisted_on_only_where_there_is_https() -> None:
    assert page().header("strict-transport-security") is None
    secure = ask(portal("https://portal.example.com"), host="portal.example.com")
    assert "max-age=31536000" in str(secure.header("strict-transport-security"))
    assert "wss://portal.example.com" in str(secure.header("content-security-policy"))


def test_every_cookie_is_marked_secure_behind_https() -> None:
    inside = Inside(extra=[("set-cookie", "_streamlit_xsrf=1; Path=/"), ("set-cookie", "a=1; Secure")])
    cookies = ask(SecurityHeaders(inside, https=True)).all("set-cookie")
    assert cookies == ["_streamlit_xsrf=1; Path=/; Secure", "a=1; Secure"]
    assert ask(SecurityHeaders(inside, https=False)).all("set-cookie")[0] == "_streamlit_xsrf=1; Path=/"


def test_a_picture_opened_by_itself_runs_no_script() -> None:
    picture = ask(SecurityHeaders(Inside(kind="image/svg+xml"), https=False), "/media/x.svg")
    assert "default-src 'none'" in str(picture.header("content-security-policy"))
    assert "script-src" not in str(picture.header("content-security-policy"))


def test_what_a_route_says_itself_stays() -> None:
    own = [("content-security-policy", "sandbox"), ("cache-control", "max-age=60")]
    answer = ask(SecurityHeaders(Inside(kind="text/html", extra=own), https=False))
    assert answer.all("content-security-policy") == ["sandbox"]
    assert answer.all("cache-control") == ["max-age=60"]


# --- the cookie of somebody who is not signed in yet


def test_the_page_brings_a_cookie_of_its_own_once() -> None:
    first = page().all("set-cookie")
    assert re.fullmatch(r"portal_pre=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax", first[0])
    assert page().all("set-cookie") != first
    assert not page(headers={"cookie": first[0].partition(";")[0]}).all("set-cookie")
    assert page(headers={"cookie": "portal_pre=guessable"}).all("set-cookie")


@pytest.mark.parametrize("path", [f"/{A_SCRIPT.relative_to(STREAMLIT_FOLDER)}", "/own", "/reports/tickets.xlsx"])
def test_nothing_but_the_page_brings_the_cookie(path: str) -> None:
    answer = ask(PORTAL, path)
    assert answer.status == 200
    assert not answer.all("set-cookie")


def test_behind_https_the_cookie_is_bound_to_the_host() -> None:
    secure = ask(portal("https://portal.example.com"), host="portal.example.com").all("set-cookie")[0]
    assert secure.startswith("__Host-portal_pre=")
    assert secure.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert "Domain" not in secure


def test_a_page_that_is_not_streamlits_brings_no_cookie() -> None:
    app = PreLoginCookie(
        IndexPage(Inside(kind="text/html"), index=INDEX, pages={"en": "x"}, missing={}, addresses=frozenset({""})),
        name="portal_pre",
        secure=False,
    )
    assert not ask(app).all("set-cookie")


# --- files


def script(headers: Headers = ()) -> Answer:
    return ask(PORTAL, f"/{A_SCRIPT.relative_to(STREAMLIT_FOLDER).as_posix()}", headers=headers)


def test_a_script_travels_packed_and_is_kept_for_ever() -> None:
    packed, plain = script(PACKED), script()
    assert gzip.decompress(packed.body) == plain.body == A_SCRIPT.read_bytes()
    assert len(packed.body) * 2 < len(plain.body)
    assert packed.header("content-encoding") == "gzip"
    assert plain.header("content-encoding") is None
    assert packed.header("etag") != plain.header("etag")
    for answer in (packed, plain):
        assert answer.header("vary") == "Accept-Encoding"
        assert answer.header("cache-control") == "public, max-age=31536000, immutable"
        assert answer.header("content-type") == "text/javascript; charset=utf-8"


def test_a_script_is_packed_once() -> None:
    shelf = Shelf(STREAMLIT_FOLDER)
    app = StreamlitFiles(Inside(), folder=STREAMLIT_FOLDER)
    app.shelf = shelf
    path = f"/{A_SCRIPT.relative_to(STREAMLIT_FOLDER).as_posix()}"
    first = ask(app, path, headers=PACKED)
    shelf.folder = Path("/nowhere")  # a second reading would fail
    assert ask(app, path, headers=PACKED).body == first.body


def test_a_script_that_is_known_is_not_sent_again() -> None:
    known = str(script(PACKED).header("etag"))
    assert script({**PACKED, "if-none-match": known}).status == 304
    assert script({"if-none-match": known}).status == 200  # the plain form is another one


def test_a_range_is_left_to_streamlit() -> None:
    part = script({**PACKED, "range": "bytes=0-99"})
    assert (part.status, part.body) == (206, A_SCRIPT.read_bytes()[:100])
    assert part.header("content-encoding") is None


def test_what_is_packed_already_is_not_packed_again() -> None:
    font = ask(PORTAL, f"/{A_FONT.relative_to(STREAMLIT_FOLDER).as_posix()}", headers=PACKED)
    assert font.body == A_FONT.read_bytes()
    assert font.header("content-encoding") is None


@pytest.mark.parametrize("path", ["/static/js/gone.js", "/static/../index.html", "/static/", "/static//etc/passwd"])
def test_a_script_that_is_gone_is_not_answered_with_a_page(path: str) -> None:
    assert ask(PORTAL, path).status == 404


def test_a_report_is_never_compressed_however_the_browser_asks() -> None:
    report = ask(PORTAL, "/reports/tickets.xlsx", headers=PACKED)
    assert report.status == 200
    assert report.header("content-encoding") is None
    assert report.body.startswith(b"PK")
    assert report.header("cache-control") == "no-store"


def test_a_page_of_our_own_with_somebodys_data_is_not_compressed() -> None:
    assert ask(PORTAL, "/own", headers=PACKED).header("content-encoding") is None


def test_gzip_goes_only_to_who_reads_it() -> None:
    assert [
        said for said in ("gzip", "br, GZIP;q=0.5", "gzip;q=0", "gzip; q=0.0", "gzipped", "") if accepts_gzip(said)
    ] == [
        "gzip",
        "br, GZIP;q=0.5",
    ]


# --- our own files


@pytest.fixture
def our_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "world.json").write_text('{"a": 1}' * 500)
    (tmp_path.parent / "secret.txt").write_text("secret")
    monkeypatch.setattr(assets, "SHELF", Shelf(tmp_path))
    monkeypatch.setattr(assets, "VERSION", assets.version_of(tmp_path))
    return tmp_path


def test_our_files_change_their_address_with_their_content(our_files: Path) -> None:
    before = assets.asset_url("maps/world.json")
    answer = ask(PORTAL, before, headers=PACKED)
    assert answer.header("cache-control") == "public, max-age=31536000, immutable"
    assert gzip.decompress(answer.body) == (our_files / "maps" / "world.json").read_bytes()
    (our_files / "maps" / "world.json").write_text("{}")
    assert assets.version_of(our_files) not in before


def test_an_old_address_still_answers_but_not_for_ever(our_files: Path) -> None:
    answer = ask(PORTAL, "/assets/current/maps/world.json")
    assert answer.body == (our_files / "maps" / "world.json").read_bytes()
    assert "immutable" not in str(answer.header("cache-control"))


@pytest.mark.usefixtures("our_files")
@pytest.mark.parametrize("name", ["../secret.txt", "maps/../../secret.txt", "maps", "", "none.json"])
def test_only_files_of_the_folder_are_given_out(name: str) -> None:
    answer = ask(PORTAL, f"/assets/current/{name}")
    assert answer.status == 404
    assert b"secret" not in answer.body
