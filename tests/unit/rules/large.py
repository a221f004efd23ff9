"""Large rule sets over Herefordshire's own facts, as a coordinator's might grow: for speed, and for proofs against z3."""

from pathlib import Path
from random import Random

import yaml

from fingerpost_rules import read_facts, read_names, read_rule_set
from fingerpost_rules.facts import SetFact

FOLDER = Path(__file__).parents[3] / "config" / "herefordshire"
BANDS = {"P1": "24h", "P2": "72h", "P3": "5d", "P4": "10d"}


def a_large_rule_set(count, folder, seed=1, *, with_base=True, with_order=True):
    """A rule set of so many rules: one for each kind, and others that narrow them by one to four facts."""
    random = Random(seed)
    facts, names = read_facts(FOLDER / "facts.yaml"), read_names(FOLDER / "directory.yaml")
    owners = sorted(name for name, level in names.destinations.items() if level != "strategic")
    kinds = facts.fact("kinds").members
    base = [
        {
            "id": f"BA-{number}",
            "title": "Base",
            "when": {"kinds": f"has {kind}"},
            "then": {"lead": random.choice(owners), "band": "P4"},
            "because": "x",
        }
        for number, kind in enumerate(kinds)
    ]
    rules = base if with_base else []
    while len(rules) < count:
        rules.append(a_rule(random, len(rules), facts, kinds, owners, sorted(names.agencies), with_base=with_base))
    content = {
        "ruleset": 1,
        "title": "Large",
        "facts_version": facts.version,
        "effective_from": "2026-01-01",
        "bands": BANDS,
        "lead_order": owners if with_order else [],
        "unrouted": {"lead": "csp_duty_desk", "band": "P2"},
        "rules": rules,
    }
    (folder / "rules.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return read_rule_set(folder / "rules.yaml", facts, names)


def as_typed(path):
    """A file of YAML with every word as it was typed, so that `no` stays a word and 3 a text."""
    return yaml.load(path.read_text(), Loader=yaml.BaseLoader)


def a_rule(random, number, facts, kinds, owners, agencies, *, with_base):
    kind = random.choice(kinds)
    scalars = [fact for fact in facts.facts if not isinstance(fact, SetFact)]
    when = {"kinds": f"has {kind}"} | {fact.name: a_cell(random, fact) for fact in random.sample(scalars, random.randint(1, 3))}
    if random.random() < 0.3:
        chosen = random.choice([fact for fact in facts.facts if isinstance(fact, SetFact) and fact.name != "kinds"])
        when[chosen.name] = f"has {random.choice([' or ', ' and ']).join(random.sample(chosen.members, 2))}"
    then = {"lead": random.choice(owners)} if random.random() < 0.5 else {}
    then |= {"band": random.choice(list(BANDS))} if then or random.random() < 0.6 else {}
    then |= {"also": [random.choice(owners)]} if random.random() < 0.5 else {}
    then |= {"alert": [random.choice(agencies)]} if random.random() < 0.4 or not then else {}
    then |= {"within": random.choice(["12h", "24h", "1d", "3d"])} if random.random() < 0.2 else {}
    rule = {"id": f"RU-{number}", "title": "Narrow", "when": when, "then": then, "because": "x"}
    if with_base and "lead" in then and random.random() < 0.3:
        rule["overrides"] = [f"BA-{kinds.index(kind)}"]
    return rule


def a_cell(random, fact):
    """Mostly from some value upwards, so that more risk rarely means less urgency."""
    if fact.kind == "number":
        threshold = random.randint(1, fact.values[-1])
        cell = f"at least {threshold}" if fact.risk_up or random.random() < 0.5 else f"under {threshold}"
    else:
        cell = " or ".join(fact.values[random.randint(1, len(fact.values) - 1) :])
    return f"{cell} or unknown" if fact.has_unknown and random.random() < 0.3 else cell


def random_referrals(facts, count, seed=1):
    """Referrals of which nothing is said but that they are values: most facts quiet, some not."""
    random = Random(seed)
    referrals = []
    for _ in range(count):
        referral = facts.quiet() | {"kinds": some_members(random, facts.fact("kinds"), 1)}
        for fact in random.sample(facts.facts, 12):
            if not isinstance(fact, SetFact):
                referral[fact.name] = random.choice(fact.domain)
            elif fact.name != "kinds":
                referral[fact.name] = "unknown" if fact.has_unknown and random.random() < 0.2 else some_members(random, fact, 0)
        referrals.append(referral)
    return referrals


def some_members(random, fact, least):
    return frozenset(random.sample(fact.members, random.randint(least, 3)))
