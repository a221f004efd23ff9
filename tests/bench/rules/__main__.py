"""`python -m tests.bench.rules`: deciding beside zen-engine on the same tables, then proofs, explanations and previews, in one run.

That both decide alike is counted first; where they do not, the run fails. `--small` is a quick look whose figures mean little.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from fingerpost_router.domain.past import Effect, PastDecision, effect_of
from fingerpost_rules import RuleSet, check, explain
from fingerpost_rules.live import read_rule_set_text
from fingerpost_rules.loading import load_rule_set
from tests.bench.rules.agreement import disagreements
from tests.bench.rules.in_zen import ZenTable, context_of
from tests.bench.rules.timing import microseconds_each, seconds
from tests.unit.rules.large import FOLDER, a_large_rule_set, as_typed, random_referrals

HEREFORDSHIRE = "Herefordshire's"
DECIDING_GOALS = {25: 10, 200: 20, 1_000: 20}  # microseconds, by the number of rules
CHECKING_GOALS = {25: 0.05, 200: 1, 1_000: 10}  # seconds
RUNS = 3


@dataclass(frozen=True)
class Table:
    """A rule set to be measured; `written` is its file with every word as it was typed."""

    name: str
    rule_set: RuleSet
    written: Mapping[str, Any]
    deciding_goal: float
    checking_goal: float


def main(is_small: bool) -> int:
    """Print every figure with its goal beside it; 1 where the two engines disagree."""
    count, past = (200, 2_000) if is_small else (2_000, 100_000)
    tables = [*invented_tables(), herefordshire()]
    differing = [table.name for table in tables if not agree(table, count)]
    if differing:
        return 1
    print("a referral decided: Fingerpost's whole decision; zen-engine's table alone, which finds the rules that fire")
    figures = {table.name: measure_deciding(table, count) for table in tables}
    for table in tables:
        figures[table.name] |= measure_checking(table)
    figures[HEREFORDSHIRE] |= measure_explaining(tables[-1], count // 2) | measure_previewing(past)
    print(json.dumps(figures))
    return 0


def invented_tables() -> Iterator[Table]:
    """Rule sets as they might grow, over Herefordshire's facts."""
    for rules, goal in DECIDING_GOALS.items():
        with tempfile.TemporaryDirectory() as folder:
            rule_set = a_large_rule_set(rules, Path(folder))
            yield Table(f"{rules} invented", rule_set, as_typed(Path(folder, "rules.yaml")), goal, CHECKING_GOALS[rules])


def herefordshire() -> Table:
    """The rule set that ships."""
    file = FOLDER / "rules.yaml"
    return Table(HEREFORDSHIRE, load_rule_set(file), as_typed(file), DECIDING_GOALS[200], CHECKING_GOALS[200])


def agree(table: Table, count: int) -> bool:
    """Whether both engines decide random referrals alike; says where not."""
    referrals = random_referrals(table.rule_set.facts, count, seed=2)
    found = disagreements(table.rule_set, table.written, ZenTable(table.rule_set), referrals)
    print(f"{table.name:>15} rules: {count - len(found)} of {count} referrals decided alike by Fingerpost and zen-engine", flush=True)
    for disagreement in found[:3]:
        print(disagreement)
    return not found


def measure_deciding(table: Table, count: int) -> dict[str, float]:
    """Microseconds a referral that is met for the first time, and again; zen-engine only finds the rules that fire."""
    referrals = random_referrals(table.rule_set.facts, count)
    first, again = (min(times) for times in zip(*(deciding_twice(table.rule_set, referrals) for _ in range(RUNS)), strict=True))
    lane = min(microseconds_each(table.rule_set.lane, referrals) for _ in range(RUNS))
    zen, contexts = ZenTable(table.rule_set), [context_of(referral) for referral in referrals]
    zen_first, zen_again = (microseconds_each(zen.fired, contexts) for _ in range(2))
    goal = f"goal {table.deciding_goal} µs"
    print(f"{table.name:>15} rules, deciding first: {first:6.1f} µs ({goal}); zen-engine {zen_first:6.0f} µs = {zen_first / first:4.0f} x")
    print(f"{table.name:>15} rules, deciding again: {again:6.1f} µs ({goal}); zen-engine {zen_again:6.0f} µs = {zen_again / again:4.0f} x")
    print(f"{table.name:>15} rules, choosing the lane: {lane:3.1f} µs", flush=True)
    return {"first_us": round(first, 1), "again_us": round(again, 1), "zen_first_us": round(zen_first), "zen_again_us": round(zen_again)}


def deciding_twice(rule_set: RuleSet, referrals: list[Any]) -> tuple[float, float]:
    """A copy that remembers nothing decides each referral, and then each again."""
    fresh = replace(rule_set)
    fresh.decide(rule_set.facts.quiet() | {"kinds": ["other"]})
    return microseconds_each(fresh.decide, referrals), microseconds_each(fresh.decide, referrals)


def measure_checking(table: Table) -> dict[str, float]:
    """Seconds that every proof takes."""
    took = min(seconds(lambda: check(replace(table.rule_set))) for _ in range(RUNS))
    print(f"{table.name:>15} rules, all proofs: {took * 1e3:7.0f} ms (goal {table.checking_goal * 1e3:.0f} ms)", flush=True)
    return {"check_ms": round(took * 1e3)}


def measure_explaining(table: Table, count: int) -> dict[str, float]:
    """Milliseconds of a whole explanation, of referrals not met before."""
    facts = table.rule_set.facts
    possible = [one for one in random_referrals(facts, 2 * count, seed=3) if not facts.is_impossible(facts.check(one))]
    explain(table.rule_set, possible[0])
    took = microseconds_each(lambda referral: explain(table.rule_set, referral), possible[1:]) / 1e3
    print(f"{table.name:>15} rules, a whole explanation: {took:4.2f} ms (goal 1 ms)", flush=True)
    return {"explain_ms": round(took, 2)}


def measure_previewing(count: int) -> dict[str, float]:
    """Seconds that a preview of past decisions takes, no two of them alike, from the text that the router's book keeps."""
    rules, facts = ((FOLDER / name).read_text(encoding="utf-8") for name in ("rules.yaml", "facts.yaml"))
    old, new = (read_rule_set_text(text, facts, None) for text in (rules, rules.replace("at least 14", "at least 12")))
    referrals = (as_kept(one) for one in random_referrals(old.facts, count, seed=4))
    kept = [(f"R-{number}", to_json(one), to_json(old.decide(one))) for number, one in enumerate(referrals)]
    found: list[Effect] = []
    past = (PastDecision(name, from_json(facts), from_json(outcome), old.hash) for name, facts, outcome in kept)
    took = seconds(lambda: found.append(effect_of(new, past)))
    print(f"{HEREFORDSHIRE:>15} rules, a preview of {count} decisions, of which {len(found[0].moves)} move: {took:3.1f} s (goal 5 s)")
    return {"preview_seconds": round(took, 1)}


def as_kept(referral: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a past decision, as JSON has them."""
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in referral.items() if value != "unknown"}


if __name__ == "__main__":
    sys.exit(main("--small" in sys.argv[1:]))
