"""Random small facts files and rule sets, always readable: every cell of them matches something and not everything."""

from dataclasses import dataclass
from random import Random

import yaml

from fingerpost_rules import Names, RuleSet, read_facts, read_rule_set
from tests.unit.rules import reference

LEVELS = {"duty": "casework", "mash": "casework", "group": "tactical", "matac": "tactical", "board": "strategic"}
OWNERS = ["duty", "mash", "group", "matac"]
AGENCIES = ["police", "council", "mash"]
TAGS = ["prevention", "violence"]
NAMES = Names(LEVELS, frozenset(AGENCIES))
MEMBERS = "pqrstu"


@dataclass
class Invented:
    """A facts file and a rule set as dicts, and as they were read back from YAML."""

    schema: dict
    rules: dict
    rule_set: RuleSet


def invent(seed, folder, **sizes):
    """A facts file and rule set of this seed, written into `folder` and read back.

    `sizes` may be `most_facts`, `widest`, `most_rules`, `most_impossible`; and how often a rule gives `outputs` of each kind, or
    overrides another (`overriding`), and a fact is `risky` and may be unknown.
    """
    random = Random(seed)
    schema = invent_schema(random, **sizes)
    rules = invent_rules(random, schema, **sizes)
    return read_back(schema, rules, folder)


def read_back(schema, rules, folder):
    (folder / "facts.yaml").write_text(yaml.safe_dump(schema, sort_keys=False))
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules, sort_keys=False))
    facts = read_facts(folder / "facts.yaml")
    return Invented(schema, rules, read_rule_set(folder / "rules.yaml", facts, NAMES))


def invent_schema(random, most_facts=4, widest=3, risky=0.5, most_impossible=2, **_):
    facts = {f"fact_{number}": invent_fact(random, widest, risky) for number in range(random.randint(1, most_facts))}
    schema = {"version": 1, "facts": facts}
    boxes = [invent_cells(random, schema, random.randint(1, 2)) for _ in range(random.randint(0, most_impossible))]
    schema["impossible"] = [box for box in boxes if box]
    numbers = [name for name, fact in facts.items() if fact["type"] == "number"]
    schema["never_more_than"] = [random.sample(numbers, 2)] if len(numbers) > 1 and random.random() < 0.5 else []
    return schema


def invent_fact(random, widest, risky):
    kind = random.choice(["number", "choice", "flag", "set"])
    fact = {"type": kind}
    if kind == "number":
        fact |= {"min": 0, "max": random.randint(1, widest)}
    if kind == "choice":
        fact["values"] = ["low", "mid", "high", "top"][: random.randint(2, min(widest, 4))]
    if kind == "set":
        fact["values"] = list(MEMBERS[: random.randint(1, widest)])
        fact["at_least"] = random.choice([0, 0, 1, min(2, len(fact["values"]))])
    if kind != "flag" and random.random() < risky:
        fact["unknown"] = True
    if random.random() < risky:
        fact["risk"] = "up"
        if not fact.get("unknown") and random.random() < 0.3:
            fact["counted"] = True
    return fact


def invent_cells(random, schema, count, within=None):
    names = random.sample(list(schema["facts"]), min(count, len(schema["facts"])))
    cells = {name: invent_cell(random, schema["facts"][name]) for name in names}
    return {name: cell for name, cell in cells.items() if cell is not None}


def invent_cell(random, fact):
    """The text of a cell that matches something and not everything, if twenty tries find one."""
    values = reference.values_of(fact)
    for _ in range(20):
        cell = invent_text(random, fact)
        matched = sum(reference.meets(fact, cell, value) for value in values)
        if 0 < matched < len(values):
            return cell
    return None


def invent_text(random, fact):
    if fact["type"] == "set":
        return invent_set_text(random, fact)
    forms = ["known", "unknown", "{a}", "not {a}", "neither {a} nor {b}", "{a} or {b}", "{a} or unknown"]
    if fact["type"] == "number":
        forms += ["at least {a}", "{a} or more", "over {a}", "at most {a}", "under {a}", "{a} to {b}", "unknown or under {a}"]
        forms += ["{a} or {b} or more"]
    known = [value for value in reference.values_of(fact) if value != reference.UNKNOWN]
    first, second = sorted(random.choices(range(len(known)), k=2))
    if random.random() < 0.1:
        return [known[first], known[second]]
    return random.choice(forms).format(a=known[first], b=known[second])


def invent_set_text(random, fact):
    a, b, c, d = random.choices(fact["values"], k=4)
    forms = ["none", "some", "known", "unknown", "has {a}", "has {a}", "has {a} or {b}", "has {a} and {b}", "has no {a}"]
    forms += ["has neither {a} nor {b}", "has {a} but not {c}", "has {a} or {b} but neither {c} nor {d}"]
    return random.choice(forms).format(a=a, b=b, c=c, d=d)


def invent_rules(random, schema, most_rules=6, outputs=0.25, overriding=0.25, **_):
    bands = random.choice(
        [{"P1": "24h", "P2": "72h", "P3": "5d"}, {"P1": "1d", "P2": "30h", "P3": "3d", "P4": "80h"}, {"P1": "4h", "P2": "2d"}]
    )
    rules = [invent_rule(random, schema, number, bands, outputs) for number in range(1, random.randint(1, most_rules) + 1)]
    add_overrides(random, rules, overriding)
    rule_set = {
        "ruleset": 1,
        "title": "Invented",
        "facts_version": 1,
        "effective_from": "2026-01-01",
        "bands": bands,
        "lead_order": random.sample(OWNERS, random.randint(0, len(OWNERS))),
        "unrouted": {"lead": random.choice(OWNERS), "band": random.choice(list(bands))},
        "tags": TAGS,
        "rules": rules,
    }
    rule_set["must_hold"] = [invent_sentence(random, schema, number, bands) for number in range(random.choice([0, 0, 1, 2]))]
    rule_set["must_hold"] = [sentence for sentence in rule_set["must_hold"] if is_met(schema, sentence)]
    return rule_set


def is_met(schema, sentence):
    """A sentence that no possible referral meets would be refused."""
    return any(reference.condition_met(schema, sentence["when"], referral) for referral in reference.all_referrals(schema))


def invent_when(random, schema):
    when = invent_cells(random, schema, random.choice([0, 1, 1, 2, 3]))
    if random.random() < 0.3:
        alternatives = [invent_cells(random, schema, random.randint(1, 2)) for _ in range(random.randint(1, 3))]
        alternatives = [alternative for alternative in alternatives if alternative]
        if alternatives:
            when["any_of"] = alternatives
    return when


def invent_rule(random, schema, number, bands, outputs):
    then = {}
    if random.random() < 0.7:
        then["lead"] = random.choice(OWNERS)
    if "lead" in then or random.random() < 0.3:
        then["band"] = random.choice(list(bands))
    parts = {"also": OWNERS, "copy": list(LEVELS), "alert": AGENCIES, "tag": TAGS}
    for part, names in parts.items():
        if random.random() < outputs:
            then[part] = random.sample(names, random.randint(1, 2))
    if random.random() < 0.25:
        then["within"] = random.choice(["4h", "24h", "40h", "72h", "1d", "2d", "3d"])
    if random.random() < outputs / 2 or not then:
        then["feedback"] = random.choice(["received", "received", "full"])
    return {"id": f"RU-{number:02}", "title": "A rule", "when": invent_when(random, schema), "then": then, "because": "It is so"}


def add_overrides(random, rules, overriding):
    """Some rules override earlier ones in a shuffled order, so there is no circle."""
    leading = [rule for rule in rules if "lead" in rule["then"]]
    random.shuffle(leading)
    for place, rule in enumerate(leading):
        overridden = [other["id"] for other in leading[:place] if random.random() < overriding]
        if overridden:
            rule["overrides"] = overridden


def invent_sentence(random, schema, number, bands):
    claims = {
        "band_at_least": list(bands),
        "lead_is": list(LEVELS),
        "owned_by": list(LEVELS),
        "copied_to": list(LEVELS),
        "alerts": AGENCIES,
        "never_led_by": list(LEVELS),
        "never_sent_to": [*LEVELS, *AGENCIES],
    }
    chosen = random.sample(list(claims), random.choice([1, 1, 2]))
    return {"id": f"M{number}", "when": invent_when(random, schema), **{claim: random.choice(claims[claim]) for claim in chosen}}
