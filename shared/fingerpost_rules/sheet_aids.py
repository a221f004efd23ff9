"""What helps whoever edits a rule set in Excel: choices for its cells, the facts that there are, and what the proofs find.

Nothing of it is read back. Choices are offered, never forced: a cell may say more than a choice, such as `unknown or under 16`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from fingerpost_rules.facts import UNKNOWN, Fact, ScalarFact, SetFact
from fingerpost_rules.grammar import Meaningless, OutOfPlace, cell_of
from fingerpost_rules.proofs.checking import check
from fingerpost_rules.proofs.findings import Finding
from fingerpost_rules.rule_set import RuleSet

WHEN = "when "
"""What the heading of a fact's column begins with: a fact may be called like an output."""


CHOICES = "Choices"

_LAST_OFFERED = 2_000
"""How far down a column offers its choices, so that rows added later have them too."""


def offer_choices(book: Workbook, rule_set: RuleSet, titles: Iterable[str]) -> None:
    """Drop-downs in these sheets, under each heading that has choices.

    The choices stand on a hidden sheet of their own: Excel keeps no long list in a drop-down itself.
    """
    lists = book.create_sheet(CHOICES)
    lists.sheet_state = "hidden"
    choices = _choices_of(rule_set)
    for column, (heading, offered) in enumerate(choices.items(), start=1):
        for row, text in enumerate((heading, *offered), start=1):
            lists.cell(row, column).value = text
    for sheet in map(book.__getitem__, titles):
        for column, cell in enumerate(sheet[1], start=1):
            if cell.value in choices:
                sheet.add_data_validation(_drop_down(choices, str(cell.value), get_column_letter(column)))


def _drop_down(choices: Mapping[str, Sequence[str]], heading: str, column: str) -> DataValidation:
    listed = get_column_letter([*choices].index(heading) + 1)
    source = f"'{CHOICES}'!${listed}$2:${listed}${len(choices[heading]) + 1}"
    return DataValidation("list", source, showErrorMessage=False, allow_blank=True, sqref=f"{column}2:{column}{_LAST_OFFERED}")


def _choices_of(rule_set: RuleSet) -> dict[str, list[str]]:
    """By the heading of a column, what its cells may say; headings under which anything may stand are left out."""
    owners, boards, agencies = _names_in(rule_set)
    bands, tags = list(rule_set.bands), list(rule_set.tags)
    outputs = {
        "lead": owners,
        "band": bands,
        "also": owners,
        "copy": [*owners, *boards],
        "alert": agencies,
        "within": list(dict.fromkeys(map(str, rule_set.bands.values()))),
        "tag": tags,
        "feedback": ["received", "full"],
    }
    claims = {
        "band_at_least": bands,
        "lead_is": owners,
        "owned_by": owners,
        "copied_to": [*owners, *boards],
        "alerts": agencies,
        "never_led_by": owners,
        "never_sent_to": [*owners, *boards],
    }
    conditions = {WHEN + fact.name: [*_cells_for(fact)] for fact in rule_set.facts.facts}
    return {heading: choices for heading, choices in {**conditions, **outputs, **claims}.items() if choices}


def fact_rows(rule_set: RuleSet) -> Iterator[Sequence[str]]:
    """Every fact, with the heading that a column about it has in the sheet of rules."""
    yield ["heading in the sheet of rules", "what it is", "type", "values", "may be unknown", "later values are riskier", "counted"]
    for fact in rule_set.facts.facts:
        claims = [_yes(claim) for claim in (fact.has_unknown, fact.risk_up, fact.counted)]
        yield [WHEN + fact.name, fact.label, "set" if isinstance(fact, SetFact) else fact.kind, _values(fact), *claims]


def finding_rows(rule_set: RuleSet) -> Iterator[Sequence[str]]:
    """What the proofs find of the set as it was written to the workbook."""
    yield ["finding", "rules", "alternative", "what is wrong", "where", "example"]
    findings = check(rule_set)
    if not findings:
        yield ["none", "", "", "Every proof holds: the set is publishable."]
    for one in findings:
        yield [one.kind, ", ".join(one.rules), str(one.alternative or ""), one.message, one.where, _example(one)]


def _names_in(rule_set: RuleSet) -> tuple[list[str], list[str], list[str]]:
    """Destinations that can own a case, those that cannot, and agencies: the directory's, else those that the rules name."""
    if rule_set.names is not None:
        levels = rule_set.names.destinations
        owners = [name for name, level in levels.items() if level != "strategic"]
        return owners, [name for name in levels if name not in owners], sorted(rule_set.names.agencies)
    thens = [rule.then for rule in rule_set.rules]
    owners = _once(name for then in thens for name in (*then.leads, *then.also))
    copied = _once(name for then in thens for name in then.copy)
    return owners, [name for name in copied if name not in owners], _once(name for then in thens for name in then.alert)


def _once(names: Iterable[str]) -> list[str]:
    return [*dict.fromkeys(names)]


def _cells_for(fact: Fact) -> Iterator[str]:
    if isinstance(fact, ScalarFact) and fact.kind == "number":
        return
    values = [f"has {member}" for member in fact.members] if isinstance(fact, SetFact) else [str(value) for value in fact.values]
    negations = ["none", "some"] if isinstance(fact, SetFact) else [f"not {value}" for value in values]
    for text in (*values, *negations, UNKNOWN, "known"):
        if _means_something(fact, text):
            yield text


def _means_something(fact: Fact, text: str) -> bool:
    try:
        cell_of(fact, [text])
    except (Meaningless, OutOfPlace):
        return False
    return True


def _values(fact: Fact) -> str:
    if isinstance(fact, SetFact):
        least = f", at least {fact.at_least} of them" if fact.at_least else ""
        return f"{', '.join(fact.members)}{least}"
    values = [str(value) for value in fact.values]
    return f"{values[0]} to {values[-1]}" if fact.kind == "number" else ", ".join(values)


def _yes(claim: bool) -> str:
    return "yes" if claim else ""


def _example(finding: Finding) -> str:
    example = finding.as_json()["example"]
    return json.dumps(example, ensure_ascii=False) if example is not None else ""
