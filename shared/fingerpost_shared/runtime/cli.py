"""The `fingerpost` command: a frame that every installed part adds its commands to by entry point."""

import sys
from importlib.metadata import entry_points

import typer

app = typer.Typer(
    name="fingerpost",
    help="Routes referrals about people at risk to those who must own them. Start with `fingerpost demo`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


class CommandFailed(Exception):
    """A command cannot do what was asked. The text is one sentence that says what to do."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def main() -> None:
    """Run the command line; a failure is one sentence on standard error, never a stack trace."""
    for part in sorted(entry_points(group="fingerpost.commands"), key=lambda part: part.name):
        app.add_typer(part.load())
    try:
        app()
    except CommandFailed as failure:
        print(f"fingerpost: {failure}", file=sys.stderr)
        sys.exit(failure.exit_code)
