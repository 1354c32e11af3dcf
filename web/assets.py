"""`/assets/…`: our own logo, icon and maps, under an address that changes with their content."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from web.packed import FOR_EVER, Shelf

FOLDER = Path(__file__).resolve().parent.parent / "static"
A_DAY = "public, max-age=86400"


def version_of(folder: Path) -> str:
    """One version for the whole folder, so that a file may name its neighbours relatively."""
    digest = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


SHELF = Shelf(FOLDER)
VERSION = version_of(FOLDER)


def asset_url(name: str) -> str:
    return f"/assets/{VERSION}/{name}"


async def asset(request: Request) -> Response:
    """Any version is answered, the current one for ever: pages opened before an upgrade keep their pictures."""
    name = request.path_params["name"]
    if name not in SHELF:
        return PlainTextResponse("Not found\n", 404)
    packed = await SHELF.get(name)
    return packed.answer(
        accepts=request.headers.get("accept-encoding", ""),
        known=request.headers.get("if-none-match", ""),
        cache=FOR_EVER if request.path_params["version"] == VERSION else A_DAY,
    )


routes = [Route("/assets/{version}/{name:path}", asset)]
