"""A browser tab without the browser: it speaks Streamlit's websocket protocol, clicks, and counts what comes back."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

#: Element → the field of a widget's state that carries its value. What we never click is not in it.
VALUE_FIELDS = {
    "button": "trigger_value",
    "menu_button": "string_trigger_value",
    "multiselect": "string_array_value",
    "selectbox": "string_value",
    "text_input": "string_value",
}
TRIGGERS = ("trigger_value", "string_trigger_value")  # gone after one run; every other value stays
MESSAGES_KEPT = 2  # runs a browser keeps a large message for: global.maxCachedMessageAge
PATIENCE = 120.0


@dataclass
class Rerun:
    """One run of the script as a browser sees it: from the click until the script has finished."""

    seconds: float = 0.0
    #: Until the last table came; charts may follow.
    table_seconds: float | None = None
    bytes: int = 0
    messages: int = 0


class PageFailed(RuntimeError):
    """The page showed an error in the place of what is measured."""


@dataclass(frozen=True)
class _Widget:
    id: str
    kind: str
    fragment: str


class Tab:
    """`with Tab(url, cookie=…) as tab: tab.load(); tab.click("key")`. Large elements that did not change come as a
    reference, as to every browser, so that the bytes counted are those that travel."""

    def __init__(self, url: str, *, cookie: str = "") -> None:
        self._url = urlsplit(url)
        _require_loopback(self._url.hostname or "")
        self._cookie = cookie
        self._page_hash, self._query = "", self._url.query
        self._kept: dict[str, int] = {}  # hash → runs since it was last used
        self._tables: set[str] = set()
        self._widgets: dict[str, _Widget] = {}
        self._values: dict[str, tuple[str, Any]] = {}
        self._socket: ClientConnection | None = None

    def __enter__(self) -> Self:
        origin = f"{self._url.scheme}://{self._url.netloc}"
        self._socket = connect(
            f"ws://{self._url.netloc}/_stcore/stream",
            origin=Origin(origin),
            subprotocols=[Subprotocol("streamlit"), Subprotocol("no-token")],
            additional_headers={"Cookie": self._cookie} if self._cookie else {},
            compression=None,
            max_size=None,
            proxy=None,
            ping_interval=None,
            open_timeout=PATIENCE,
            close_timeout=2,
        )
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()

    def key(self, beginning: str) -> str:
        """The newest widget whose key begins so; a list counts up its keys when its address changed."""
        found = [key for key in self._widgets if key.startswith(beginning)]
        if not found:
            raise PageFailed(f"no widget {beginning}…, only {', '.join(sorted(self._widgets))}")
        return found[-1]

    def load(self) -> Rerun:
        """Run the whole script: the first time as the page is opened, later as for any click outside a fragment."""
        return self._run({}, "")

    def click(self, key: str, value: Any = True) -> Rerun:
        """Press a button, or set a widget to a value. A widget in a fragment runs the fragment alone."""
        widget = self._widgets[key]
        field = VALUE_FIELDS[widget.kind]
        pressed = {widget.id: (field, value)}
        if field not in TRIGGERS:
            self._values |= pressed
        return self._run(pressed, widget.fragment)

    def _run(self, pressed: Mapping[str, tuple[str, Any]], fragment: str) -> Rerun:
        message = BackMsg()
        asked = message.rerun_script
        for widget_id, (field, value) in {**self._values, **pressed}.items():
            _set(asked.widget_states.widgets.add(id=widget_id), field, value)
        asked.query_string = self._query
        asked.page_script_hash = self._page_hash
        asked.page_name = "" if self._page_hash else self._url.path.strip("/")
        asked.fragment_id = fragment
        asked.context_info.timezone, asked.context_info.locale = "UTC", "en-US"
        asked.context_info.url = self._url.geturl()
        asked.cached_message_hashes.extend(self._kept)
        assert self._socket is not None
        started = time.perf_counter()
        self._socket.send(message.SerializeToString())
        self._acknowledge_at_once()
        return self._follow(started)

    def _acknowledge_at_once(self) -> None:
        """As between clicks of a person. Clicks without a pause would wait 40 ms for each other's acknowledgement."""
        if self._socket is not None and hasattr(socket, "TCP_QUICKACK"):
            self._socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _follow(self, started: float) -> Rerun:
        assert self._socket is not None
        rerun = Rerun()
        while True:
            raw = self._socket.recv(PATIENCE)
            assert isinstance(raw, bytes)
            rerun.bytes += len(raw)
            rerun.messages += 1
            message = ForwardMsg.FromString(raw)
            kind = message.WhichOneof("type")
            if kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue  # st.rerun(): another run follows
                rerun.seconds = time.perf_counter() - started
                self._kept = {key: age + 1 for key, age in self._kept.items() if age < MESSAGES_KEPT}
                return rerun
            self._note(message, kind)
            if message.ref_hash in self._tables or (message.hash and message.hash in self._tables):
                rerun.table_seconds = time.perf_counter() - started

    def _note(self, message: ForwardMsg, kind: str | None) -> None:
        if kind == "ref_hash":
            self._kept[message.ref_hash] = 0
        elif message.metadata.cacheable and message.hash:
            self._kept[message.hash] = 0
        if kind == "new_session" and not message.metadata.run.fragment_ids:
            self._page_hash = message.new_session.page_script_hash or self._page_hash
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash or self._page_hash
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string  # what the address bar says from now on
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._note_element(message)

    def _note_element(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind is None:
            return
        drawn = getattr(element, kind)
        if kind == "exception":
            raise PageFailed(f"{drawn.type}: {drawn.message}"[:500])
        if kind == "dataframe":
            self._tables.add(message.hash)
        widget_id = getattr(drawn, "id", "")
        if isinstance(widget_id, str) and widget_id.startswith("$$ID-"):
            key = widget_id.split("-", 2)[-1]  # "$$ID-<hash>-<key or None>"
            self._widgets.pop(key, None)  # the newest is the last
            self._widgets[key] = _Widget(widget_id, kind, message.delta.fragment_id)


def _set(state: Any, field: str, value: Any) -> None:
    if field == "string_array_value":
        state.string_array_value.data.extend(value)
    elif field == "string_trigger_value":
        state.string_trigger_value.data = value
    else:
        setattr(state, field, value)


def _require_loopback(host: str) -> None:
    """It is for our own server, and never a load on anybody else's."""
    for *_kind, address in socket.getaddrinfo(host, None):
        if not ipaddress.ip_address(address[0]).is_loopback:
            raise ValueError(f"{host} is not this machine")
