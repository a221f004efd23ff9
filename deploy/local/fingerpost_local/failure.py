"""The one error of this package: what stops a start, in a sentence that says what to do."""

from fingerpost_shared.runtime.cli import CommandFailed


class CannotStart(CommandFailed):
    """Something a person can mend keeps the system from starting. The message is for that person; it needs no stack trace."""
