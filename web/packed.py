"""Files that are the same for everyone, compressed once and answered from memory."""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
BEST = 9  # 160 ms for the largest of Streamlit's files, once per process
TEXTS = ("text/", "application/json", "application/javascript", "application/manifest+json", "image/svg+xml")
WORTH_PACKING = 512
# A machine's own list of types may lack these, or know them by other names.
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


@dataclass(frozen=True)
class Packed:
    """One body, kept in the form almost every reader takes; the two forms it travels in have names of their own."""

    kept: bytes
    is_gzipped: bool
    media_type: str
    digest: str

    @classmethod
    def of(cls, body: bytes, media_type: str) -> Packed:
        digest = sha256(body).hexdigest()[:20]
        if len(body) < WORTH_PACKING or not media_type.startswith(TEXTS):
            return cls(body, False, media_type, digest)
        return cls(gzip.compress(body, BEST, mtime=0), True, media_type, digest)

    def answer(
        self, *, accepts: str, known: str, cache: str, vary: str = "Accept-Encoding", status: int = 200
    ) -> Response:
        """304 when the reader already has this very form (`known` is its If-None-Match)."""
        as_kept = not self.is_gzipped or accepts_gzip(accepts)
        zipped = self.is_gzipped and as_kept
        headers = {"etag": f'"{self.digest}{"-gzip" if zipped else ""}"', "cache-control": cache, "vary": vary}
        if headers["etag"] in (tag.strip().removeprefix("W/") for tag in known.split(",")):
            return Response(status_code=304, headers=headers)
        if zipped:
            headers["content-encoding"] = "gzip"
        body = self.kept if as_kept else gzip.decompress(self.kept)
        return Response(body, status, headers=headers, media_type=self.media_type)


def accepts_gzip(accepts: str) -> bool:
    for part in accepts.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


class Shelf:
    """The files of one folder as they were at start: what is not on the list cannot be asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        self._packed: dict[str, asyncio.Future[Packed]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.names

    async def get(self, name: str) -> Packed:
        """Everyone who asks while a file is being packed waits for that one packing."""
        packing = self._packed.get(name)
        if packing is None or (packing.done() and (packing.cancelled() or packing.exception())):
            packing = asyncio.ensure_future(run_in_threadpool(_pack, self.folder / name))
            self._packed[name] = packing
        return await asyncio.shield(packing)


def _pack(path: Path) -> Packed:
    kind = KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Packed.of(path.read_bytes(), kind)
