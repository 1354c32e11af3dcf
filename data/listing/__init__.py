"""Lists: one declaration each, and from it the page of rows, the count, the charts and the report."""

from data.listing.asked import Asked, everything, read_asked
from data.listing.opened import Opened, opened
from data.listing.query import CAP, Count, Page, countries_of, get_row, page_in, page_of, stream_of
from data.listing.spec import (
    Amount,
    Choice,
    Column,
    Country,
    Issuer,
    Kind,
    ListSpec,
    Period,
    Place,
    Sort,
    TallySource,
    Written,
)
from data.listing.summary import Chart, Counted, Summary, TooMany, Totals, summary_in, summary_of

__all__ = [
    "CAP", "Amount", "Asked", "Chart", "Choice", "Column", "Count", "Counted", "Country", "Issuer", "Kind", "ListSpec",
    "Opened", "Page", "Period", "Place", "Sort", "Summary", "TallySource", "TooMany", "Totals", "Written",
    "countries_of", "everything", "get_row", "opened", "page_in", "page_of", "read_asked", "stream_of", "summary_in",
    "summary_of",
]  # fmt: skip
