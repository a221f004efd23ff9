"""The `fingerpost rules` commands: arguments in, files read, answers out. What they answer is worked out elsewhere."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from fingerpost_rules.check_reports import UNREADABLE, report_on
from fingerpost_rules.errors import Unreadable
from fingerpost_rules.json_lines import answers
from fingerpost_rules.loading import load_rule_set
from fingerpost_rules.rule_set import RuleSet

app = typer.Typer()
rules = typer.Typer(no_args_is_help=True, help="Check, try and explain rule sets.")
app.add_typer(rules, name="rules")

RulesFile = Annotated[Path, typer.Argument(metavar="RULES", help="The rule-set file.")]
RulesFiles = Annotated[list[Path], typer.Argument(metavar="RULES…", help="One rule-set file or more.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON lines on standard output, and nothing else there.")]
FactsFile = Annotated[Path | None, typer.Option("--facts", help="The facts file; else facts.yaml beside the rules.")]
DirectoryFile = Annotated[str | None, typer.Option("--directory", help="The directory, or 'none'; else directory.yaml beside the rules.")]


@rules.callback()
def rules_group() -> None:
    """Check, try and explain rule sets."""


@rules.command()
def check(rules_files: RulesFiles, facts: FactsFile = None, directory: DirectoryFile = None, json_lines: Json = False) -> None:
    """Prove rule sets over every possible referral. Exit code 0: publishable; 1: findings; 2: cannot be read.

    Example: fingerpost rules check config/herefordshire/rules.yaml
    """
    worst = 0
    for rules_file in rules_files:
        report = report_on(rules_file, facts, directory)
        worst = max(worst, report.exit_code)
        for line in [json.dumps(report.as_json())] if json_lines else report.in_words():
            typer.echo(line)
        for error in () if json_lines else report.errors:
            typer.echo(str(error), err=True)
    raise typer.Exit(worst)


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
