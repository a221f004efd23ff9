"""The rule language: facts, rule sets, decisions and the proofs about them. It needs no bus, no database and no service."""

from fingerpost_rules.combining import Decision, Limits
from fingerpost_rules.errors import FileError, InvalidFacts, Unreadable
from fingerpost_rules.explaining import Explanation, explain, explain_fired
from fingerpost_rules.facts import UNKNOWN, Facts, FactValue
from fingerpost_rules.names import Names, read_names
from fingerpost_rules.proofs.checking import check
from fingerpost_rules.proofs.findings import Finding
from fingerpost_rules.reading_facts import read_facts
from fingerpost_rules.reading_rules import read_rule_set
from fingerpost_rules.rule_set import RuleSet

__all__ = [
    "UNKNOWN",
    "Decision",
    "Explanation",
    "FactValue",
    "Facts",
    "FileError",
    "Finding",
    "InvalidFacts",
    "Limits",
    "Names",
    "RuleSet",
    "Unreadable",
    "check",
    "explain",
    "explain_fired",
    "read_facts",
    "read_names",
    "read_rule_set",
]
