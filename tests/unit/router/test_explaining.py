"""Why a referral went where it went, in words."""

from pathlib import Path

import pytest

from fingerpost_router.adapters.rule_book import read_folder
from fingerpost_router.domain.explaining import fired_rules
from fingerpost_rules import RuleSet
from tests.unit.router.building import a_rule_set


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    return a_rule_set(tmp_path_factory.mktemp("rules")).rules


def test_each_rule_says_why_it_exists_and_everything_that_it_gave(rules: RuleSet) -> None:
    (rule,) = fired_rules(["DA-01"], rules)

    assert (rule.id, rule.title, rule.because) == ("DA-01", "Domestic abuse goes to MARAC", "Domestic Abuse Act 2021 s.1")
    assert rule.gave == ("lead: marac", "band: P2", "within: 2d", "copy: csp_board", "alert: police", "tag: prevention")


def test_what_a_rule_leaves_alone_is_not_said(rules: RuleSet) -> None:
    (rule,) = fired_rules(["WP-01"], rules)

    assert rule.gave == ("band: P1", "also: csp_duty_desk", "alert: police")


def test_rules_come_in_the_order_in_which_they_fired(rules: RuleSet) -> None:
    assert [rule.id for rule in fired_rules(("WP-01", "AS-01"), rules)] == ["WP-01", "AS-01"]


def test_every_rule_of_herefordshire_can_be_explained() -> None:
    rules = read_folder(Path("config/herefordshire")).rules

    explained = fired_rules((rule.id for rule in rules.rules), rules)

    assert len(explained) == len(rules.rules)
    assert all(rule.title and rule.because and rule.gave for rule in explained)
