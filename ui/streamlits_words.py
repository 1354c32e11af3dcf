"""What Streamlit itself says on our pages: it knows English alone; static/words.js says it in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from ui.text import Reader, reading_as
from ui.words import Word


@dataclass(frozen=True)
class Place:
    """Elements of Streamlit's own, by the names it gives them for tests, and what they may say: what people wrote is
    never among them. `inside`: only these parts of them, as a CSS selector."""

    at: tuple[str, ...]
    words: tuple[Word, ...]
    inside: str = ""


FILE_PROBLEMS = (
    Word("Error:", "Streamlit"),
    Word("File must be {size} or smaller.", "Streamlit"),
    Word("{kind} files are not allowed.", "Streamlit"),
    Word("Only one file is allowed.", "Streamlit"),
    Word("File size is too small.", "Streamlit"),
    Word("Unexpected error. Please try again.", "Streamlit"),
    Word("Upload failed", "Streamlit"),
    Word("Connection lost. Please wait for the app to reconnect, then try again.", "Streamlit"),
)
#: What cannot be chosen, beside a field; the word "Error" before it stands in bold, as a text of its own.
OUT_OF_RANGE = (
    Word("Error", "Streamlit"),
    Word(": Date set outside allowed range. Please select a date between {first} and {last}.", "Streamlit"),
    Word(": Date set outside allowed range. Please select a date on or after {first}.", "Streamlit"),
    Word(": Date set outside allowed range. Please select a date on or before {last}.", "Streamlit"),
    Word(
        ": Date and time set outside allowed range. Please select a date and time between {first} and {last}.",
        "Streamlit",
    ),
    Word(": Date and time set outside allowed range. Please select a date and time on or after {first}.", "Streamlit"),
    Word(": Date and time set outside allowed range. Please select a date and time on or before {last}.", "Streamlit"),
    Word(": Number is outside the allowed range. Please enter a value between {least} and {most}.", "Streamlit"),
)
#: Streamlit's own dialog, as opposed to ours, has no block of elements in it.
NOT_OURS = ':scope:not(:has([data-testid="stVerticalBlock"])) > *'
#: `{…}` stands for what Streamlit fills in; tests/test_streamlits_words.py looks each of them up in what is installed.
PLACES: tuple[Place, ...] = (
    Place(
        ("stTopNav", "stSidebarNav"),
        (Word("App pages", "Streamlit"),),
    ),
    Place(("stTopNav",), (Word("{n} more", "Streamlit"),), inside=".rc-overflow-item-rest"),
    Place(("stSidebar",), (Word("Sidebar", "Streamlit"),)),
    Place(("stExpandSidebarButton",), (Word("Expand sidebar", "Streamlit"),)),
    Place(("stSidebarCollapseButton",), (Word("Collapse sidebar", "Streamlit"),), inside="button"),
    Place(("stHeaderActionElements",), (Word("Link to heading", "Streamlit"),), inside="a"),
    Place(("stConnectionStatus",), (Word("Connecting", "Streamlit"), Word("Error", "Streamlit"))),
    Place(("stStatusWidgetRunningIcon",), (Word("Running...", "Streamlit"),)),
    Place(("stDialog",), (Word("Close", "Streamlit"),), inside="button"),
    Place(
        ("stDialog",),
        (
            Word("Connection error", "Streamlit"),
            Word("Streamlit server is not responding. Are you connected to the internet?", "Streamlit"),
            Word(
                "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:",
                "Streamlit",
            ),
            Word("Connection timed out.", "Streamlit"),
            Word("Connection failed with status {status}", "Streamlit"),
        ),
        inside=NOT_OURS,
    ),
    Place(
        ("stTextInput", "stNumberInput", "stTimeInput"),
        (
            Word("Show password", "Streamlit"),
            Word("Hide password", "Streamlit"),
            Word("Clear entry", "Streamlit"),
            Word("Clear value", "Streamlit"),
            Word("Increment", "Streamlit"),
            Word("Decrement", "Streamlit"),
            Word("Clear time", "Streamlit"),
        ),
        inside="button",
    ),
    Place(
        ("InputInstructions",),
        (
            Word("Press Enter to apply", "Streamlit"),
            Word("Press Enter to submit form", "Streamlit"),
            Word("Press {key}+Enter to apply", "Streamlit"),
            Word("Press {key}+Enter to submit form", "Streamlit"),
        ),
    ),
    Place(
        ("stMultiSelect", "stSelectbox"),
        (
            Word("Open", "Streamlit"),
            Word("Clear all", "Streamlit"),
            Word("Clear value", "Streamlit"),
            Word("Remove {option}", "Streamlit"),
            Word("Selected values", "Streamlit"),
            Word("Choose an option", "Streamlit"),
            Word("Choose options", "Streamlit"),
            Word("No options to select", "Streamlit"),
        ),
        inside=":is(button, input, [role=group])",
    ),
    Place(
        ("stMultiSelectDropdown", "stSelectboxVirtualDropdown"),
        (Word("Select all", "Streamlit"), Word("Select {n} matches", "Streamlit"), Word("No results", "Streamlit")),
    ),
    Place(
        ("stMultiSelectDropdown", "stSelectboxVirtualDropdown"),
        (
            Word("Dismiss", "Streamlit"),
            Word("Multiselect options", "Streamlit"),
            Word("Selectbox options", "Streamlit"),
        ),
        inside=":is(button, [role=listbox])",
    ),
    Place(("stDateInput",), (Word("Choose date", "Streamlit"), Word("Clear date", "Streamlit")), inside="button"),
    Place(
        ("stDateInputCalendar",),
        (
            Word("Choose date", "Streamlit"),
            Word("Use arrow keys to navigate dates. Enter to select. Escape to close.", "Streamlit"),
        ),
    ),
    Place(
        ("stDateInputCalendar",),
        (Word("Previous month", "Streamlit"), Word("Next month", "Streamlit")),
        inside="button",
    ),
    Place(
        ("stDateTimeInput",),
        (Word("Choose date and time", "Streamlit"), Word("Clear date and time", "Streamlit")),
        inside="button",
    ),
    Place(
        ("stDateTimeInputCalendar",),
        (
            Word("Choose date and time", "Streamlit"),
            Word(
                "Use arrow keys to navigate. Enter to select. Tab to switch between calendar and time. "
                "Escape to close.",
                "Streamlit",
            ),
        ),
    ),
    Place(
        ("stDateTimeInputCalendar",),
        (Word("Previous month", "Streamlit"), Word("Next month", "Streamlit")),
        inside="button",
    ),
    Place(("stDateTimeInputPopoverTime",), (Word("Time", "Streamlit"),)),
    Place(("stPagination",), (Word("Pagination", "Streamlit"),), inside="[role=navigation]"),
    Place(
        ("stPagination",),
        (Word("Previous page", "Streamlit"), Word("Next page", "Streamlit"), Word("Page {n}", "Streamlit")),
        inside="button",
    ),
    Place(("stFeedback",), (Word("Feedback rating", "Streamlit"),), inside="[role=radiogroup]"),
    Place(("stFeedbackButton",), (Word("{n} out of {most} stars", "Streamlit"),)),
    Place(("stFileUploaderDropzone",), (Word("file upload", "Streamlit"),), inside="input"),
    Place(("stButton",), (Word("Shortcut {keys}", "Streamlit"),), inside="[aria-label]"),
    Place(("stFileUploaderDropzoneInstructions",), (Word("{size} per file", "Streamlit"),)),
    Place(
        ("stFileUploader",),
        (
            Word("Upload", "Streamlit"),
            Word("Add files", "Streamlit"),
            Word("Remove {name}", "Streamlit"),
            Word("Cancel upload of {name}", "Streamlit"),
        ),
        inside="button",
    ),
    Place(
        ("stFileUploaderDropzone",),
        (Word("Drag and drop a file here", "Streamlit"), Word("Drag and drop files here", "Streamlit")),
        inside=":scope > *",
    ),
    Place(("stFileChip",), (Word("Click to retry upload", "Streamlit"),)),
    Place(("stFileChip",), FILE_PROBLEMS, inside="[role=alert]"),
    Place(("stTooltipErrorContent",), (*FILE_PROBLEMS, *OUT_OF_RANGE)),
    Place(
        ("stElementToolbarButton", "stTooltipContent"),
        (
            Word("Show/hide columns", "Streamlit"),
            Word("Search", "Streamlit"),
            Word("Fullscreen", "Streamlit"),
            Word("Close fullscreen", "Streamlit"),
            Word("Download as CSV", "Streamlit"),
            Word("Clear selection", "Streamlit"),
        ),
    ),
    Place(
        ("stDataFrameColumnMenu",),
        (
            Word("Sort ascending", "Streamlit"),
            Word("Sort descending", "Streamlit"),
            Word("Format", "Streamlit"),
            Word("Autosize", "Streamlit"),
            Word("Pin column", "Streamlit"),
            Word("Unpin column", "Streamlit"),
            Word("Hide column", "Streamlit"),
            Word("Copy column name", "Streamlit"),
        ),
    ),
    Place(("stDataFrameColumnVisibilityMenu",), (Word("Select all", "Streamlit"),)),
)


def said_in(language: str) -> list[tuple[tuple[str, ...], str, dict[str, str]]]:
    """For each place, and part of it: what Streamlit says there → the same in this language. Nothing in English."""
    with reading_as(Reader(language)):
        said = [(place.at, place.inside, {word.message: str(word) for word in place.words}) for place in PLACES]
    return [each for each in said if any(theirs != ours for ours, theirs in each[2].items())]
