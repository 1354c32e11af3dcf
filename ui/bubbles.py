"""What people wrote to each other, letter by letter: one bubble for each contribution, with its files."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from data.ticketing.reading import FileRef
from ui.text import _, number_text, plain

_MB = 1024 * 1024


@dataclass(frozen=True)
class Bubble:
    """One entry as it is drawn: its look (ui/look.css), who wrote it, when, the words and the files."""

    look: str
    key: str
    head: str
    body: str
    files: tuple[FileRef, ...] = ()
    #: Under which address its files are read.
    where: str = "/attachments"


def show_bubble(bubble: Bubble) -> None:
    with st.container(key=f"bubble-{bubble.look}-{bubble.key}", gap="xxsmall"):
        st.markdown(bubble.head)
        if bubble.body:
            st.text(bubble.body)
        if bubble.files:
            st.markdown("  \n".join(_link(file, bubble.where) for file in bubble.files))


def _link(file: FileRef, where: str) -> str:
    size = _("{n} MB", n=number_text(file.size / _MB, 1)) if file.size > _MB else _("{n} KB", n=-(-file.size // 1024))
    return f":material/attach_file: [{plain(file.name)}]({where}/{file.uuid}) :small[:gray[{size}]]"
