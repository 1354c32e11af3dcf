"""Lists: one declaration each, and from it the page of rows, the count, the charts and the report."""

from data.listing.asked import Asked, read_asked
from data.listing.opened import Opened, opened
from data.listing.query import CAP, Count, Page, get_row, page_in, page_of, stream_of
from data.listing.spec import Choice, Column, Kind, ListSpec, Period, Place, Sort, TallySource
from data.listing.summary import Chart, Counted, Summary, TooMany, Totals, summary_in, summary_of

__all__ = [
    "CAP", "Asked", "Chart", "Choice", "Column", "Count", "Counted", "Kind", "ListSpec", "Opened", "Page",
    "Period", "Place", "Sort", "Summary", "TallySource", "TooMany", "Totals", "get_row", "opened", "page_in",
    "page_of", "read_asked", "stream_of", "summary_in", "summary_of",
]  # fmt: skip
