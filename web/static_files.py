"""Streamlit's own files, packed; and everything else, never packed.

Streamlit sends its megabytes of scripts as they are and compresses our answers instead, workbooks included. The length
of a compressed answer tells of what stands in it, so what is a person's own travels uncompressed.
"""

from __future__ import annotations

from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from web.packed import ASK_AGAIN, FOR_EVER, Shelf
from web.request import header, path_of, refuse

HASHED = "static/"  # names below it carry a hash of their content
OURS = "assets/"  # web/assets.py packs them itself


class StreamlitFiles:
    """Answers the files of Streamlit's folder from memory, and asks the rest of the app for plain bodies."""

    def __init__(self, app: ASGIApp, *, folder: Path) -> None:
        self.app = app
        self.shelf = Shelf(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = path_of(scope).removeprefix("/")
        wanted = scope["method"] in {"GET", "HEAD"} and header(scope, b"range") is None
        if wanted and name in self.shelf and not name.endswith(".html"):
            await self._send_file(name, scope, receive, send)
        elif wanted and name.startswith(HASHED):
            # Streamlit would answer with its page: a tab opened before an upgrade would run HTML as a script.
            await refuse(scope, receive, send, 404, "Not found")
        else:
            await self.app(scope if name.startswith(OURS) else _uncompressed(scope), receive, send)

    async def _send_file(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        packed = await self.shelf.get(name)
        response = packed.answer(
            accepts=header(scope, b"accept-encoding") or "",
            known=header(scope, b"if-none-match") or "",
            cache=FOR_EVER if name.startswith(HASHED) else ASK_AGAIN,
        )
        await response(scope, receive, send)


def _uncompressed(scope: Scope) -> Scope:
    """Nothing further in compresses for somebody who does not say that they could read it."""
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]}
