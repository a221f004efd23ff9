"""What the bench compares is the same: zen-engine and Fingerpost decide alike, and a difference would be seen."""

from fingerpost_rules.loading import load_rule_set
from tests.bench.rules.agreement import disagreements
from tests.bench.rules.in_zen import ZenTable
from tests.unit.rules.large import FOLDER, a_large_rule_set, as_typed, random_referrals


def test_herefordshires_rules_decide_alike_in_both():
    rule_set = load_rule_set(FOLDER / "rules.yaml")
    referrals = random_referrals(rule_set.facts, 200, seed=7)
    assert disagreements(rule_set, as_typed(FOLDER / "rules.yaml"), ZenTable(rule_set), referrals) == []


def test_invented_rules_decide_alike_in_both(tmp_path):
    rule_set = a_large_rule_set(60, tmp_path)
    referrals = random_referrals(rule_set.facts, 200, seed=7)
    assert disagreements(rule_set, as_typed(tmp_path / "rules.yaml"), ZenTable(rule_set), referrals) == []


def test_another_table_is_found_out(tmp_path):
    one, other = a_large_rule_set(60, tmp_path, seed=1), a_large_rule_set(60, tmp_path, seed=2)
    referrals = random_referrals(one.facts, 200, seed=7)
    assert disagreements(one, as_typed(tmp_path / "rules.yaml"), ZenTable(other), referrals)
