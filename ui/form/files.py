"""The place in a form where files are put."""

from __future__ import annotations

import streamlit as st

from rules.files import LARGEST, MEDIA_TYPES, Upload

_MB = 1024 * 1024


def file_input(label: str, *, key: str) -> tuple[Upload, ...]:
    """What lies in it now; a heading above says the label to those who see it."""
    uploaded = st.file_uploader(
        label,
        type=[*MEDIA_TYPES, "jpeg"],
        accept_multiple_files=True,
        max_upload_size=LARGEST // _MB,
        key=key,
        label_visibility="collapsed",
    )
    return tuple(Upload(file.name, file.getvalue()) for file in uploaded)
