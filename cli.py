"""The operator's commands, as `./portal` calls them. A new command is one line in COMMANDS and a module in operate/."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from rules.errors import PortalError

# Command → (where it is, what it does). The words stand here so that `./portal --help` loads nothing.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("operate.run:run", "Start the portal: database, worker and web server, until Ctrl-C."),
    "test": ("operate.test:test", "Check the code: lints, then every test; --slow adds the long ones."),
    "worker": ("operate.worker:worker", "Work in the background: mail, clocks, reports. `run` starts one itself."),
    "migrate": ("operate.migrate:migrate", "Prepare the database for this version, without starting the portal."),
    "user": ("operate.user:user", "Let somebody in, shut somebody out, start a password over."),
    "import": ("operate.import_rows:import_rows", "Bring in your rows from CSV or Excel files."),
    "bench": ("operate.bench:bench", "Measure what the portal costs, and whether it keeps its limits."),
    "doctor": ("operate.doctor:doctor", "Look for what would keep the portal from running, and say the cure."),
}


class Commands(click.Group):
    """Imports a command's module when it is called, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        return getattr(import_module(module), name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli() -> None:
    """The customer portal. Everything it needs to know stands in environment variables: see README.md."""


def main() -> None:
    os.umask(0o077)  # whatever the portal writes is for its own eyes
    try:
        cli(prog_name="./portal")
    except PortalError as error:
        click.echo(f"portal: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
