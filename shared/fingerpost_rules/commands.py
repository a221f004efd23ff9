"""The `fingerpost rules` commands: arguments in, files read, answers out. What they answer is worked out elsewhere."""

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from fingerpost_rules import difference_reports, explaining
from fingerpost_rules.case_reports import as_json_lines, as_junit, in_words, run_cases
from fingerpost_rules.cases import read_cases
from fingerpost_rules.check_reports import FAULTY, UNREADABLE, report_on
from fingerpost_rules.difference import differences
from fingerpost_rules.drafting import as_file, drafted_cases
from fingerpost_rules.errors import Unreadable
from fingerpost_rules.json_lines import BadLine, answers, facts_of_line
from fingerpost_rules.loading import load_rule_set
from fingerpost_rules.proofs.search import NotProved
from fingerpost_rules.rule_set import RuleSet
from fingerpost_rules.writing import as_yaml

app = typer.Typer()
rules = typer.Typer(no_args_is_help=True, help="Check, try and explain rule sets.")
app.add_typer(rules, name="rules")

RulesFile = Annotated[Path, typer.Argument(metavar="RULES", help="The rule-set file.")]
RulesFiles = Annotated[list[Path], typer.Argument(metavar="RULES…", help="One rule-set file or more.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON lines on standard output, and nothing else there.")]
CasesFile = Annotated[Path, typer.Argument(metavar="CASES", help="The file of expectations.")]
JunitFile = Annotated[Path | None, typer.Option("--junit", help="Write the results as JUnit XML to this file.")]
OldFile = Annotated[Path, typer.Argument(metavar="OLD", help="The rule set as it was.")]
NewFile = Annotated[Path, typer.Argument(metavar="NEW", help="The rule set as it would be.")]
SourceFile = Annotated[Path, typer.Argument(metavar="RULES", help="The rule set, or a workbook (.xlsx).")]
TargetFile = Annotated[Path, typer.Argument(metavar="OUT", help="Where to write the workbook, or the rule set.")]
Explains = Annotated[bool, typer.Option("--explain", help="Explain each miss in full: what nearly applied, what would change it.")]
Where = Annotated[bool, typer.Option("--where", help="Write the whole condition of each difference too.")]
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
def decide(rules_file: RulesFile, facts: FactsFile = None, directory: DirectoryFile = None, json_lines: Json = False) -> None:
    """Decide referrals: JSON lines of facts on standard input, a JSON line out for each, with --json or without.

    The facts are those of the facts file, as 'fingerpost rules explain --help' says.
    Example: fingerpost rules decide config/herefordshire/rules.yaml < referrals.jsonl
    """
    rule_set = _loaded(rules_file, facts, directory)
    for answer in answers(sys.stdin.buffer, rule_set.facts, lambda given: rule_set.decide(given).as_json()):
        print(answer, flush=True)


@rules.command()
def explain(rules_file: RulesFile, facts: FactsFile = None, directory: DirectoryFile = None, json_lines: Json = False) -> None:
    """Explain where one referral goes: its facts as JSON on standard input.

    Their names and values are those of the facts file. Each has to be there, but for those with 'unknown: true', which are unknown when
    left out. The facts of a referral that was decided are on its page in the console.

    Example: echo '{"kinds": ["asb"], "themes": [], "child_at_risk": "no", "anonymous": "no", "professional_judgement": "no",
    "hate_incident": "no", "escalate_to_board": "no", "repeats_6m": 0, "repeats_12m": 0, "pair_repeats_12m": 0}'
    | fingerpost rules explain config/herefordshire/rules.yaml
    """
    rule_set = _loaded(rules_file, facts, directory)
    try:
        given = facts_of_line(sys.stdin.buffer.read(), rule_set.facts)
    except BadLine as error:
        facts_file = facts or rules_file.with_name("facts.yaml")
        advice = f"Facts and their values are named in {facts_file}; 'fingerpost rules explain --help' shows a whole example."
        _stop("\n".join((*error.problems, advice)))
    explanation = explaining.explain(rule_set, given)
    for line in [json.dumps(explanation.as_json())] if json_lines else explaining.sentences(rule_set, explanation):
        typer.echo(line)


@rules.command("test")
def hold_against_cases(
    rules_file: RulesFile,
    cases_file: CasesFile,
    facts: FactsFile = None,
    directory: DirectoryFile = None,
    junit: JunitFile = None,
    explain_misses: Explains = False,
    json_lines: Json = False,
) -> None:
    """Hold a rule set against a file of expectations. Exit code 0: all met; 1: a miss; 2: cannot be read.

    Example: fingerpost rules test config/herefordshire/rules.yaml config/herefordshire/cases.yaml
    """
    rule_set = _loaded(rules_file, facts, directory)
    with _told_if_unreadable():
        results = run_cases(rule_set, read_cases(cases_file, rule_set))
    for line in as_json_lines(results) if json_lines else in_words(results, explained=explain_misses):
        typer.echo(line)
    if junit is not None:
        _write(junit, as_junit(str(cases_file), results))
    raise typer.Exit(FAULTY if any(result.misses for result in results) else 0)


@rules.command()
def cases(rules_file: RulesFile, facts: FactsFile = None, directory: DirectoryFile = None, json_lines: Json = False) -> None:
    """Draft a file of expectations, each threshold on both sides, for a coordinator to confirm.

    Example: fingerpost rules cases config/herefordshire/rules.yaml > cases.yaml
    """
    drafted = drafted_cases(_loaded(rules_file, facts, directory))
    typer.echo("\n".join(map(json.dumps, drafted)) if json_lines else as_file(drafted).rstrip("\n"))


@rules.command()
def diff(
    old: OldFile, new: NewFile, facts: FactsFile = None, directory: DirectoryFile = None, where: Where = False, json_lines: Json = False
) -> None:
    """Tell where NEW decides otherwise than OLD, over all possible referrals; what comes to the same is told once.

    Example: fingerpost rules diff rules-7.yaml rules-8.yaml
    """
    before, after = _loaded(old, facts, directory), _loaded(new, facts, directory)
    if before.facts != after.facts:
        _stop("OLD and NEW are written for different facts files. Give both the same with --facts, or try NEW with `rules preview`.")
    try:
        found, quiet = differences(before, after), before.facts.quiet()
        as_json = (json.dumps(one.as_json()) for one in found)
        for line in as_json if json_lines else difference_reports.in_words(found, quiet, with_where=where):
            typer.echo(line)
    except NotProved:
        _stop("The search stopped at its limit before all differences were found. Make the rules simpler and try again.")


@rules.command()
def sheet(
    source: SourceFile, target: TargetFile, facts: FactsFile = None, directory: DirectoryFile = None, json_lines: Json = False
) -> None:
    """Write a rule set as an Excel workbook, or a workbook as a rule set: the ending .xlsx tells which.

    Example: fingerpost rules sheet rules.yaml rules.xlsx; then fingerpost rules sheet rules.xlsx rules.yaml
    """
    # Excel's library takes a quarter of a second to load, which no other command should wait for.
    from fingerpost_rules.sheet import read_sheet, write_sheet

    with _told_if_unreadable():
        if source.suffix.lower() == ".xlsx":
            _write(target, as_yaml(read_sheet(source)))
            load_rule_set(target, facts, directory)
        else:
            write_sheet(load_rule_set(source, facts, directory), target)
    typer.echo(json.dumps({"written": str(target)}) if json_lines else f"Written to {target}.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        _stop(f"{path} cannot be written: {(error.strerror or str(error)).lower()}.")


@contextmanager
def _told_if_unreadable() -> Generator[None]:
    """Ends the command with what is wrong with a file, if it cannot be used."""
    try:
        yield
    except Unreadable as error:
        _stop(str(error))


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(UNREADABLE)


def _loaded(rules_file: Path, facts: Path | None, directory: str | None) -> RuleSet:
    with _told_if_unreadable():
        return load_rule_set(rules_file, facts, directory)
