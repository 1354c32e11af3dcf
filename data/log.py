"""How the portal writes its log: one line an event, tracebacks without the values of variables; on a screen
only what needs somebody, because a line for each mail would push the address away."""

from __future__ import annotations

import logging
import sys

import structlog


def write_log_plainly() -> None:
    """Rich tracebacks show every local variable: tokens and rows of customers would end up in the log."""
    # what Streamlit says of every function that runs outside a page, as ours do while they are warmed up
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)
    on_screen = sys.stderr.isatty()
    last = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if on_screen
        else (structlog.processors.JSONRenderer(ensure_ascii=False))
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(() if on_screen else (structlog.processors.format_exc_info,)),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if on_screen else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
