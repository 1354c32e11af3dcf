"""Values that rows hold as codes, and readers see by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from data.listing.spec import Kind
from ui.formats import country_text, language_text

#: Kind of column → the name of a code in the reader's language.
NAMED: Mapping[Kind, Callable[[str], str]] = {Kind.LANGUAGE: language_text, Kind.COUNTRY: country_text}
