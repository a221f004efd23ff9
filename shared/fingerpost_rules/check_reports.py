"""What `rules check` says of one file: for scripts as a line of JSON, for people as a page."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from fingerpost_rules.errors import FileError, Unreadable
from fingerpost_rules.loading import load_rule_set
from fingerpost_rules.proofs.checking import check
from fingerpost_rules.proofs.findings import Finding, facts_in_words, telling
from fingerpost_rules.proofs.space import FactsOfPoint

PUBLISHABLE, FAULTY, UNREADABLE = 0, 1, 2


@dataclass(frozen=True)
class CheckReport:
    """The result for one file: errors if it could not be read, else what the proofs found."""

    file: str
    findings: tuple[Finding, ...]
    errors: tuple[FileError, ...]
    seconds: float
    quiet: FactsOfPoint

    @property
    def exit_code(self) -> int:
        if self.errors:
            return UNREADABLE
        return FAULTY if self.findings else PUBLISHABLE

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "publishable": self.exit_code == PUBLISHABLE,
            "findings": [finding.as_json() for finding in self.findings],
            "errors": [asdict(error) for error in self.errors],
            "seconds": round(self.seconds, 6),
        }

    def in_words(self) -> Iterator[str]:
        """The lines of the page, but for the errors."""
        if self.errors:
            yield f"{self.file}: cannot be read."
            return
        counted = "1 finding" if len(self.findings) == 1 else f"{len(self.findings)} findings"
        verdict = f"{counted}, not publishable" if self.findings else "publishable"
        yield f"{self.file}: {verdict} ({self.seconds:.2f} s)."
        for finding in self.findings:
            yield f"\n{finding.kind} {' '.join(finding.rules)}".rstrip()
            yield f"  {finding.message}"
            yield f"  Where: {finding.where}."
            yield from self._example_in_words(finding)

    def _example_in_words(self, finding: Finding) -> Iterator[str]:
        if isinstance(finding.example, tuple):
            before, after = finding.example
            changed = {name: value for name, value in after.items() if value != before[name]}
            yield f"  Example: {facts_in_words(telling(before, self.quiet))}; then {facts_in_words(changed)}."
        elif finding.example is not None:
            yield f"  Example: {facts_in_words(telling(finding.example, self.quiet))}."


def report_on(rules: Path, facts: Path | None, directory: str | None) -> CheckReport:
    """Reads and checks one rule set; a file that cannot be read is a report too."""
    started = perf_counter()
    try:
        rule_set = load_rule_set(rules, facts, directory)
    except Unreadable as error:
        return CheckReport(str(rules), (), error.errors, perf_counter() - started, {})
    findings = check(rule_set)
    return CheckReport(str(rules), findings, (), perf_counter() - started, rule_set.facts.quiet())
