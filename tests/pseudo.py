"""A language nobody speaks: every message in brackets and longer by two fifths, so that what no catalog holds shows."""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from google.protobuf.message import Message
from streamlit.testing.v1.element_tree import Block, Element, Node

BEGIN, END = "⟦", "⟧"
LONGER = 0.4
_MARKUP = re.compile(r":material/\w+:|%\{\w+[^}]*\}|:[a-z]+(?:-[a-z]+)*(?=\[)|\]\([^)\s]*\)|https?://\S+|&\w+;")
_INNERMOST = re.compile(f"{BEGIN}[^{BEGIN}{END}]*{END}")
_WORD = re.compile(r"[^\W\d_]{2,}")
#: Of what an element says of itself, these fields are never read by anybody.
_UNREAD = frozenset({
    "id", "key", "element_id", "form_id", "fragment_id", "group_id", "script_hash", "page_script_hash", "url", "src",
    "href", "url_path", "page", "query_string", "query_param_key", "icon", "format", "name", "type", "theme", "color",
    "autocomplete", "accept", "mode", "position", "variant", "shortcut", "topojsonURL", "selection_default",
    "button_click_widgets",
})  # fmt: skip
#: Of a chart: where words for its reader may stand.
_READ_IN_CHARTS = frozenset({
    "text", "title", "label", "labels", "ticktext", "hovertext", "hovertemplate", "texttemplate", "x", "y",
})  # fmt: skip
_READ_IN_COLUMNS = frozenset({"label", "help"})


def pseudo(message: str) -> str:
    """ "Save" as "⟦Save ẍẍ⟧"."""
    written = message.strip()
    more = max(1, round(len(re.sub(r"\{.*?\}", "", written)) * LONGER))
    filling = " ".join("ẍ" * min(6, more - at) for at in range(0, more, 7))
    return message.replace(written, f"{BEGIN}{written} {filling}{END}") if written else message


class Pseudo(gettext.NullTranslations):
    """A catalog that has everything."""

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return pseudo(message)


def outside(said: str) -> list[str]:
    """The parts of a text that no catalog gave; what rows hold is among them."""
    said = _MARKUP.sub("", said.replace("\\", "").replace("\u2060", ""))
    while _INNERMOST.search(said):
        said = _INNERMOST.sub("\n", said)
    return [part for part in (piece.strip(" *:[]()") for piece in re.split(r"\n| · |: ", said)) if part]


def words(said: str) -> set[str]:
    """Those in Latin letters."""
    return {word for word in _WORD.findall(said) if word.isascii()}


def said_on(node: Node) -> Iterator[str]:
    """Every text that a page shows or reads out, from what it sends to the browser."""
    proto = getattr(node, "proto", None)
    if proto is not None:
        yield from _texts(proto)
    if isinstance(node, Element) and node.type in {"dataframe", "table"}:
        yield from _cells(node)
    if isinstance(node, Block):
        for child in node.children.values():
            yield from said_on(child)


def _cells(table: Element) -> Iterator[str]:
    """A column says its label, and without one its name; a cell of a column with options says the option's word."""
    told = {name: how or {} for name, how in json.loads(getattr(table.proto, "columns", "") or "{}").items()}
    frame = table.value
    yield from (row for row in frame.index if isinstance(row, str))
    for column in frame.columns:
        how = told.get(str(column), {})
        is_shown = not how.get("hidden") and not getattr(table.proto, "hide_header", False)
        if is_shown and "label" not in how:
            yield str(column)
        if not (how.get("type_config") or {}).get("options"):
            yield from (cell for cell in frame[column] if isinstance(cell, str))


def _texts(proto: Message) -> Iterator[str]:
    for field, value in proto.ListFields():
        if field.name in _UNREAD:
            continue
        for each in [value] if isinstance(value, _ONE) else value.values() if hasattr(value, "values") else value:
            if isinstance(each, Message):
                yield from _texts(each)
            elif isinstance(each, str):
                yield from _read(field.name, each)


_ONE = (str, bytes, int, float, Message)


def _read(name: str, said: str) -> Iterator[str]:
    if said[:1] in "{[" and name in {"spec", "columns", "config"}:
        told = json.loads(said)
        read = _READ_IN_CHARTS - {"x", "y"} if '"ticktext"' in said else _READ_IN_CHARTS
        yield from _in_json(told, read if name != "columns" else _READ_IN_COLUMNS)
    elif "<" in said:
        yield from _of_html(said)
    else:
        yield said


def _in_json(value: Any, read: frozenset[str], name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _UNREAD:
                yield from _in_json(inner, read, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _in_json(inner, read, name)
    elif isinstance(value, str) and name in read:
        yield from _of_html(value)


class _Html(HTMLParser):
    """What of it is read: texts and the names of things, not how it looks."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.is_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_style = tag in {"style", "script"}
        self.said += [value or "" for name, value in attrs if name in {"aria-label", "title", "alt", "placeholder"}]

    def handle_endtag(self, tag: str) -> None:
        self.is_style = False

    def handle_data(self, data: str) -> None:
        if not self.is_style:
            self.said.append(data)


def _of_html(said: str) -> list[str]:
    reader = _Html()
    reader.feed(said.replace("<br>", " "))  # a line may end within a message
    reader.close()
    return reader.said
