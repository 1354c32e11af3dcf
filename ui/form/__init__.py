"""The one shape of every form: declared fields (rules/fields.py) as inputs, kept as they are filled in, sent once."""

from ui.form.checking import checked, checked_by
from ui.form.files import attached, file_input
from ui.form.filled import Filled, begins
from ui.form.inputs import show_input
from ui.form.layout import Section, show_sections
from ui.form.problems import beside, summary
from ui.form.sending import Sending, send, send_button

__all__ = [
    "Filled", "Section", "Sending", "attached", "begins", "beside", "checked", "checked_by", "file_input", "send",
    "send_button", "show_input", "show_sections", "summary",
]  # fmt: skip
