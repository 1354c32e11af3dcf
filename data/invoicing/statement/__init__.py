"""The statement of account: what is open in each currency at the end of a day, how old it is, and unused credits."""

from data.invoicing.statement.asked import StatementAsked, read_statement
from data.invoicing.statement.reading import (
    MOST_ITEMS,
    PERMISSION,
    TITLE,
    Item,
    Section,
    Statement,
    report_columns,
    statement_of,
    stream_statement,
)

__all__ = [
    "MOST_ITEMS", "PERMISSION", "TITLE", "Item", "Section", "Statement", "StatementAsked", "read_statement",
    "report_columns", "statement_of", "stream_statement",
]  # fmt: skip
