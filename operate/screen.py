"""How the operator's commands speak: a line at a time, at once, apart from what they print as their result."""

from __future__ import annotations

import click


def say(line: str) -> None:
    """Progress and remarks; on stderr, so that a command's output can be piped on."""
    click.echo(f"portal: {line}", err=True)
