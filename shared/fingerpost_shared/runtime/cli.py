"""The `fingerpost` command: a frame that every installed part adds its commands to by entry point."""

import sys
from importlib.metadata import EntryPoint, entry_points

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
    for part in _parts(sys.argv[1] if len(sys.argv) > 1 else ""):
        app.add_typer(part.load())
    try:
        app()
    except CommandFailed as failure:
        print(f"fingerpost: {failure}", file=sys.stderr)
        sys.exit(failure.exit_code)


def _parts(command: str) -> list[EntryPoint]:
    """The part that has this command, or every part: loading all takes seconds that a starting service has no use for."""
    parts = sorted(entry_points(group="fingerpost.commands"), key=lambda part: part.name)
    wanted = [part for part in parts if part.name == command] or parts
    return list({part.value: part for part in wanted}.values())
