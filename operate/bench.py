"""`./portal bench`: what the portal costs, as ratios of one run, and whether it keeps the limits."""

from __future__ import annotations

import sys

import click

from bench.limits import MEASUREMENTS
from operate.screen import say


@click.command()
@click.option("--only", multiple=True, type=click.Choice(MEASUREMENTS), help="Only this measurement; may be repeated.")
@click.option("--quick", is_flag=True, help="A tenth of the rows and fewer rounds: a look, not a verdict.")
@click.option("--keep", is_flag=True, help="Keep the databases for the next run; making a million rows takes minutes.")
def bench(only: tuple[str, ...], *, quick: bool, keep: bool) -> None:
    """Measure the portal against its limits, beside any instance, and print a table. Takes minutes; Linux only."""
    if sys.platform != "linux":
        raise click.ClickException("the benchmark reads CPU time and memory as Linux tells them")
    from bench.measured import table  # noqa: PLC0415 - so that --help answers at once
    from bench.plan import QUICK, Plan  # noqa: PLC0415
    from bench.running import run  # noqa: PLC0415

    found = run(QUICK if quick else Plan(), only=only, keep=keep, say=say)
    click.echo(table(found))
    if not all(verdict.is_kept for verdict in found):
        sys.exit(1)
