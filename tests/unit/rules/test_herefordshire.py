"""Herefordshire's own files, as they ship."""

from pathlib import Path

import pytest

from fingerpost_rules.case_reports import run_cases
from fingerpost_rules.cases import read_cases
from fingerpost_rules.loading import load_rule_set
from fingerpost_rules.proofs.checking import check

FOLDER = Path(__file__).parents[3] / "config" / "herefordshire"


@pytest.fixture(scope="module")
def rule_set():
    return load_rule_set(FOLDER / "rules.yaml")


def test_its_rules_are_publishable(rule_set):
    assert [f"{finding.kind} {finding.rules}: {finding.message}" for finding in check(rule_set)] == []


def test_its_expectations_are_met(rule_set):
    results = run_cases(rule_set, read_cases(FOLDER / "cases.yaml", rule_set))
    assert [f"{result.case.name}: {result.failure}" for result in results if result.misses] == []
    assert len(results) > 50
