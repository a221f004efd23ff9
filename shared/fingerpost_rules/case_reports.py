"""What `rules test` says: for people a page, for build servers JUnit's XML."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from fingerpost_rules.cases import Case, Expected, Miss, misses
from fingerpost_rules.explaining import applied, explain, sentences
from fingerpost_rules.rule_set import RuleSet


@dataclass(frozen=True)
class CaseResult:
    """One case, and where the rules decide otherwise than it expects."""

    case: Case
    misses: tuple[Miss, ...]
    applied: tuple[str, ...]
    explanation: tuple[str, ...]

    @property
    def failure(self) -> str:
        """Each miss, and then the explanation of the decision."""
        return "\n".join((*map(str, self.misses), *self.explanation))


def run_cases(rule_set: RuleSet, cases: Sequence[Case]) -> tuple[CaseResult, ...]:
    """What becomes of each case; a miss comes with the explanation of the decision."""
    return tuple(_run(rule_set, case) for case in cases)


def in_words(results: Sequence[CaseResult], *, explained: bool = False) -> Iterator[str]:
    """The page: a line for each case, and where it misses what was expected and the rules that applied, or the whole explanation."""
    for result in results:
        yield f"{'MISS' if result.misses else 'ok  '} {result.case.name}"
        if result.misses:
            yield from (f"     {line}" for line in (*map(str, result.misses), *(result.explanation if explained else result.applied)))
    missed = sum(bool(result.misses) for result in results)
    yield f"{len(results)} cases, {missed} missed."
    if missed and not explained:
        yield "With --explain: what nearly applied too, and what would have changed each outcome."


def as_json_lines(results: Sequence[CaseResult]) -> Iterator[str]:
    """A line for each case: `{name, line, misses: [{part, expected, got}], explanation}`; the last two empty where it is met."""
    for result in results:
        missed = [{"part": miss.part, "expected": _listed(miss.expected), "got": _listed(miss.got)} for miss in result.misses]
        yield json.dumps({"name": result.case.name, "line": result.case.line, "misses": missed, "explanation": result.explanation})


def as_junit(name: str, results: Sequence[CaseResult]) -> str:
    """The results as one JUnit test suite."""
    missed = sum(bool(result.misses) for result in results)
    suite = Xml.Element("testsuite", name=_printable(name), tests=str(len(results)), failures=str(missed), errors="0", skipped="0")
    for result in results:
        case = Xml.SubElement(suite, "testcase", classname=_printable(name), name=_printable(result.case.name))
        if result.misses:
            message = _printable("; ".join(map(str, result.misses)))
            Xml.SubElement(case, "failure", message=message).text = _printable(result.failure)
    Xml.indent(suite)
    return Xml.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _run(rule_set: RuleSet, case: Case) -> CaseResult:
    found = misses(case, rule_set.decide(case.facts))
    if not found:
        return CaseResult(case, (), (), ())
    explanation = explain(rule_set, case.facts)
    return CaseResult(case, found, tuple(applied(explanation)), tuple(sentences(rule_set, explanation)))


def _listed(value: Expected) -> str | int | list[str]:
    return sorted(value) if isinstance(value, frozenset) else value


def _printable(text: str) -> str:
    """Without signs that XML cannot hold."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "?" for sign in text)
