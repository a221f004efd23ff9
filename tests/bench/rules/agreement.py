"""Do Fingerpost and zen-engine decide alike: the same rules fire, and together they give what the format says."""

from collections.abc import Iterable, Mapping
from typing import Any

from fingerpost_rules import RuleSet
from tests.bench.rules.in_zen import Referral, ZenTable, context_of
from tests.unit.rules import reference


def disagreements(rule_set: RuleSet, written: Mapping[str, Any], table: ZenTable, referrals: Iterable[Referral]) -> list[str]:
    """Each referral that is decided otherwise, with both decisions. `written` is the rule set as its file has it."""
    rules = {rule["id"]: rule for rule in written["rules"]}
    found: list[str] = []
    for referral in referrals:
        firing = [rules[rule_id] for rule_id in dict.fromkeys(table.fired(context_of(referral)))]
        zens = reference.combined(written, firing, rule_set.facts.is_impossible(referral))
        ours = {part: list(value) if isinstance(value, tuple) else value for part, value in rule_set.decide(referral).as_json().items()}
        if ours != zens:
            found.append(f"{referral}\n  Fingerpost: {ours}\n  zen-engine: {zens}")
    return found
