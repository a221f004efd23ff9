"""At real sizes, where trying every referral would take ages, the proofs find what z3 finds."""

import pytest
import z3

from fingerpost_rules.proofs.checking import check
from tests.unit.rules.in_z3 import Solver, World
from tests.unit.rules.large import FOLDER, a_large_rule_set, as_typed


@pytest.fixture(scope="module")
def schema():
    schema = as_typed(FOLDER / "facts.yaml")
    for told in schema["facts"].values():
        told |= {key: int(told[key]) for key in ("min", "max", "at_least") if key in told}
        told["unknown"] = told.get("unknown") == "true"
    return schema


def findings_of_z3(world, levels):
    ask = Solver(*world.possible())
    rules, order = world.rules["rules"], world.rules["lead_order"]
    if ask.is_possible(world.unrouted()):
        yield "gap", ()
    for place, one in enumerate(rules):
        for other in rules[place + 1 :]:
            leads = {one["then"].get("lead"), other["then"].get("lead")}
            may_conflict = None not in leads and len(leads) == 2 and not leads <= {*order}
            if may_conflict and ask.is_possible(world.stands(one["id"]), world.stands(other["id"])):
                yield "conflict", (one["id"], other["id"])
    outcome = list(world.outcome())
    for rule in rules:
        if not ask.is_possible(world.fires[rule["id"]]):
            yield "unreachable", (rule["id"],)
        else:
            differs = z3.Or([z3.Xor(one, other) for one, other in zip(outcome, world.outcome(without=rule["id"]), strict=True)])
            if not ask.is_possible(world.fires[rule["id"]], differs):
                yield "masked", (rule["id"],)
    owned = [world.owned(name) for name, level in levels.items() if level == "casework"]
    if ask.is_possible(world.as_urgent_as(0), z3.Not(z3.Or(owned))):
        yield "unowned", ()


@pytest.mark.parametrize(("seed", "options"), [(2, {"with_order": False}), (3, {"with_base": False})])
def test_the_proofs_find_what_z3_finds(seed, options, schema, tmp_path):
    rule_set = a_large_rule_set(20, tmp_path, seed, **options)
    world = World(schema, as_typed(tmp_path / "rules.yaml"))
    found = {(finding.kind, finding.rules) for finding in check(rule_set)}
    assert "not_proved" not in {kind for kind, _ in found}
    compared = {(kind, rules) for kind, rules in found if kind != "not_monotone"}
    assert compared == set(findings_of_z3(world, rule_set.names.destinations))


@pytest.mark.parametrize("seed", [5])
def test_where_no_loss_of_urgency_is_found_z3_finds_none(seed, schema, tmp_path):
    rule_set = a_large_rule_set(40, tmp_path, seed)
    found = [finding for finding in check(rule_set) if finding.kind == "not_monotone"]
    changed = {name for before, after in (finding.example for finding in found) for name in before if before[name] != after[name]}
    rules = as_typed(tmp_path / "rules.yaml")
    one, other = World(schema, rules, "a"), World(schema, rules, "b")
    sound = [name for name, told in schema["facts"].items() if told.get("risk") == "up" and name not in changed]
    assert len(sound) > 20
    steps = z3.Or([riskier(schema, one, other, name) for name in sound])
    assert not Solver(*one.possible(), *other.possible()).is_possible(steps, loses(one, other))


def riskier(schema, one, other, name):
    """The second is like the first but for a later value, or a member more, of one fact."""
    same = [equal(one.values[fact], other.values[fact]) for fact in schema["facts"] if fact != name]
    before, after, told = one.values[name], other.values[name], schema["facts"][name]
    if told["type"] != "set":
        known = one._known(told)
        return z3.And(before < after, after < known, *same)
    more = [
        z3.And(z3.Not(before[member]), after[member], *(before[kept] == after[kept] for kept in before if kept != member))
        for member in told["values"]
    ]
    return z3.And(z3.Not(before["unknown"]), z3.Or(more), *same)


def equal(one, other):
    return z3.And([one[member] == other[member] for member in one]) if isinstance(one, dict) else one == other


def loses(one, other):
    bands = one.rules["bands"]
    later = [z3.And(one.as_urgent_as(urgency), z3.Not(other.as_urgent_as(urgency))) for urgency in range(len(bands))]
    limits = {limit for rule in one.rules["rules"] if (limit := rule["then"].get("within"))} | {*bands.values()}
    for limit in sorted(limits):
        amount = int(limit[:-1])
        met = [other.within(limit[-1], amount)] + ([other.within("h", amount * 24)] if limit[-1] == "d" else [])
        later.append(z3.And(one.within(limit[-1], amount), z3.Not(z3.Or(met))))
    return z3.Or(later)
