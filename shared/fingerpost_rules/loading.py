"""Finds and reads the files that belong together: a rule set, its facts and its directory, by default from one folder."""

from pathlib import Path

from fingerpost_rules.errors import FileError, Unreadable
from fingerpost_rules.facts import Facts
from fingerpost_rules.names import Names, read_names
from fingerpost_rules.reading_facts import read_facts
from fingerpost_rules.reading_rules import read_rule_set
from fingerpost_rules.rule_set import RuleSet
from fingerpost_rules.source import read_tree

NO_DIRECTORY = "none"


def load_rule_set(rules: Path, facts: Path | None = None, directory: str | None = None) -> RuleSet:
    """The rule set at `rules`, with the facts and directory beside it where no others are named.

    With the directory `none`, names are taken as written. Raises `Unreadable` with what is wrong in any of the files.
    """
    errors: list[FileError] = []
    known_facts = _facts(facts, rules, errors)
    names = _names(rules, directory, errors)
    if known_facts is None or errors:
        raise Unreadable((*_errors_in(rules), *errors))
    return read_rule_set(rules, known_facts, names)


def _errors_in(rules: Path) -> tuple[FileError, ...]:
    """What can be said of the rule set without its facts: most of all that it is not there."""
    try:
        read_tree(rules)
    except Unreadable as error:
        return error.errors
    return ()


def _facts(named: Path | None, rules: Path, errors: list[FileError]) -> Facts | None:
    beside = rules.parent / "facts.yaml"
    if named is None and not beside.exists():
        errors.append(_absent(beside, "--facts"))
        return None
    try:
        return read_facts(named or beside)
    except Unreadable as error:
        errors.extend(error.errors)
        return None


def _names(rules: Path, directory: str | None, errors: list[FileError]) -> Names | None:
    if directory == NO_DIRECTORY:
        return None
    beside = rules.parent / "directory.yaml"
    if directory is None and not beside.exists():
        errors.append(_absent(beside, "--directory"))
        return None
    try:
        return read_names(directory or beside)
    except Unreadable as error:
        errors.extend(error.errors)
        return None


def _absent(file: Path, option: str) -> FileError:
    advice = f"It is read beside the rules: copy it there, or name it with {option} where the command takes that."
    return FileError(str(file), 1, f"Cannot be opened: no such file or directory. {advice}")
