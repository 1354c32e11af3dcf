"""The place in a form where files are put."""

from __future__ import annotations

import streamlit as st

from rules.errors import Invalid
from rules.files import LARGEST, MEDIA_TYPES, MOST_FILES, Upload
from ui.drafts import Draft
from ui.form.problems import beside
from ui.text import _

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


def attached(draft: Draft, problem: Invalid | None) -> tuple[Upload, ...]:
    """What is sent along with a form that is not about files: behind a line, which is open where one is refused."""
    with st.container(gap="xxsmall"):
        with st.expander(_("Attach files"), icon=":material/attach_file:", expanded=problem is not None):
            files = file_input(_("Attach files"), key=f"files.{draft.key_of_deed()}")
            st.caption(
                _("At most {n} files of 10 MB. Files are not kept with what you typed: attach them last.", n=MOST_FILES)
            )
        beside(problem)
    return files
