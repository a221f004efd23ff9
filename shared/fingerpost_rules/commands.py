"""The `fingerpost rules` commands: arguments in, files read, answers out. What they answer is worked out elsewhere."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from fingerpost_rules.errors import Unreadable
from fingerpost_rules.json_lines import answers
from fingerpost_rules.loading import load_rule_set
from fingerpost_rules.rule_set import RuleSet

app = typer.Typer()
rules = typer.Typer(no_args_is_help=True, help="Check, try and explain rule sets.")
app.add_typer(rules, name="rules")

RulesFile = Annotated[Path, typer.Argument(metavar="RULES", help="The rule-set file.")]
FactsFile = Annotated[Path | None, typer.Option("--facts", help="The facts file; else facts.yaml beside the rules.")]
DirectoryFile = Annotated[str | None, typer.Option("--directory", help="The directory, or 'none'; else directory.yaml beside the rules.")]

UNREADABLE = 2


@rules.callback()
def rules_group() -> None:
    """Check, try and explain rule sets."""


@rules.command()
def decide(rules_file: RulesFile, facts: FactsFile = None, directory: DirectoryFile = None) -> None:
    """Decide referrals: JSON lines of facts on standard input, a JSON line out for each.

    Example: echo '{"kinds": ["asb"], …}' | fingerpost rules decide config/herefordshire/rules.yaml
    """
    rule_set = _loaded(rules_file, facts, directory)
    for answer in answers(sys.stdin.buffer, rule_set.facts, lambda given: rule_set.decide(given).as_json()):
        print(answer, flush=True)


def _loaded(rules_file: Path, facts: Path | None, directory: str | None) -> RuleSet:
    try:
        return load_rule_set(rules_file, facts, directory)
    except Unreadable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(UNREADABLE) from error
