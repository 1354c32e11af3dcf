"""Everything a page needs to speak to its reader, in one import: `from ui.text import _, date_text, money_text`."""

from __future__ import annotations

from ui.formats import (
    ago_text,
    compact_money_text,
    compact_text,
    country_text,
    date_pattern,
    date_text,
    duration_text,
    exact_text,
    hour_text,
    language_text,
    long_zone_name,
    money_text,
    month_text,
    number_text,
    percent_text,
    span_text,
    time_text,
    weekday_text,
    zone_name,
    zone_text,
)
from ui.reader import Reader, language_for, language_of_page, languages, read_as, reader, reading_as, tag_of
from ui.terms import term, terms
from ui.words import NOTHING, Word, _, mail_link, n_, p_, plain, shortened, translated

__all__ = [
    "NOTHING", "Reader", "Word", "_", "ago_text", "compact_money_text", "compact_text", "country_text", "date_pattern",
    "date_text", "duration_text", "exact_text", "hour_text", "language_for", "language_of_page", "language_text",
    "languages", "long_zone_name", "mail_link", "money_text", "month_text", "n_", "number_text", "p_", "percent_text",
    "plain", "read_as", "reader", "reading_as", "shortened", "span_text", "tag_of", "term", "terms", "time_text",
    "translated", "weekday_text", "zone_name", "zone_text",
]  # fmt: skip
