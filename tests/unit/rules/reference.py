"""The rule language said slowly: an interpreter written from the text of the format, to hold the fast one against.

It works on plain dicts as YAML holds them. A referral is a dict of facts: words, integers, frozensets, "unknown".
"""

from itertools import combinations, product

UNKNOWN = "unknown"
HOURS = {"h": 1, "d": 24}


def values_of(fact):
    """Every value of a fact, from least to most risk, unknown last."""
    match fact["type"]:
        case "flag":
            values = ["no", "yes"]
        case "number":
            values = list(range(fact["min"], fact["max"] + 1))
        case "choice":
            values = list(fact["values"])
        case "set":
            sizes = range(fact.get("at_least", 0), len(fact["values"]) + 1)
            values = [frozenset(some) for size in sizes for some in combinations(fact["values"], size)]
    return [*values, UNKNOWN] if fact.get("unknown") else values


def meets(fact, cell, value):
    """Whether a value meets a cell as it is written."""
    if fact["type"] == "set":
        return set_meets(fact, cell, value)
    texts = cell if isinstance(cell, list) else [cell]
    return any(part_met(fact, part, value) for text in texts for part in parts_of(str(text)))


def parts_of(text):
    return [part.replace(" OR MORE", " or more") for part in text.replace(" or more", " OR MORE").split(" or ")]


def part_met(fact, part, value):
    words = part.split()
    if words == ["unknown"]:
        return value == UNKNOWN
    if words == ["known"]:
        return value != UNKNOWN
    if words[0] == "not":
        return not is_value(fact, words[1], value)
    if words[0] == "neither":
        return not any(is_value(fact, word, value) for word in words[1::2])
    if value == UNKNOWN:
        return False
    match words:
        case ["at", "least", number] | [number, "or", "more"]:
            return value >= int(number)
        case ["over", number]:
            return value > int(number)
        case ["at", "most", number]:
            return value <= int(number)
        case ["under", number]:
            return value < int(number)
        case [first, "to", last]:
            return int(first) <= value <= int(last)
        case [word]:
            return is_value(fact, word, value)
    raise AssertionError(part)


def is_value(fact, word, value):
    return value == (int(word) if fact["type"] == "number" else word)


def set_meets(fact, cell, value):
    words = cell.split()
    known = value != UNKNOWN
    match words:
        case ["none"]:
            return known and not value
        case ["some"]:
            return known and bool(value)
        case ["known"]:
            return known
        case ["unknown"]:
            return not known
        case ["has", "no", member]:
            return not known or member not in value
        case ["has", "neither", *rest]:
            return not known or not set(rest[::2]) & value
    if not known:
        return False
    wanted, _, unwanted = cell.removeprefix("has ").partition(" but ")
    banned = set(unwanted.split()[1::2]) if unwanted else set()
    if banned & value:
        return False
    if " and " in wanted:
        return set(wanted.split(" and ")) <= value
    return bool(set(wanted.split(" or ")) & value)


def condition_met(schema, when, referral):
    cells = {name: cell for name, cell in when.items() if name != "any_of"}
    alternatives = when.get("any_of", [{}])
    return all_met(schema, cells, referral) and any(all_met(schema, one, referral) for one in alternatives)


def all_met(schema, cells, referral):
    return all(meets(schema["facts"][name], cell, referral[name]) for name, cell in cells.items())


def is_impossible(schema, referral):
    for lesser, greater in schema.get("never_more_than", []):
        if UNKNOWN not in (referral[lesser], referral[greater]) and referral[lesser] > referral[greater]:
            return True
    return any(all_met(schema, cells, referral) for cells in schema.get("impossible", []))


def all_referrals(schema):
    """Every combination of facts that is possible."""
    names = list(schema["facts"])
    for values in product(*(values_of(fact) for fact in schema["facts"].values())):
        referral = dict(zip(names, values, strict=True))
        if not is_impossible(schema, referral):
            yield referral


def fired(schema, rules, referral):
    return [rule for rule in rules["rules"] if condition_met(schema, rule["when"], referral)]


def standing(firing):
    lost = {overridden for rule in firing for overridden in rule.get("overrides", [])}
    return [rule for rule in firing if "lead" in rule["then"] and rule["id"] not in lost]


def decide(schema, rules, referral):
    """The decision, as `rules decide` writes it."""
    return combined(rules, fired(schema, rules, referral), is_impossible(schema, referral))


def combined(rules, firing, impossible):
    """What the rules that fire, in file order, decide together."""
    keeping = standing(firing)
    leads = [rule["then"]["lead"] for rule in keeping]
    ordered = [lead for lead in rules.get("lead_order", []) if lead in leads]
    unrouted = not leads
    lead = rules["unrouted"]["lead"] if unrouted else [*ordered, *leads][0]
    given = [rule["then"]["band"] for rule in firing if "band" in rule["then"]]
    given += [rules["unrouted"]["band"]] if unrouted else []
    band = min(given, key=list(rules["bands"]).index)
    also = (union(firing, "also") | set(leads)) - {lead}
    limits = shortest([rule["then"]["within"] for rule in firing if "within" in rule["then"]] + [rules["bands"][band]])
    return {
        "lead": lead,
        "band": band,
        "within_hours": min(limit * hours for limit, hours in zip(limits.values(), (1, 24), strict=True) if limit is not None),
        "limits": limits,
        "also": sorted(also),
        "copy": sorted(union(firing, "copy") - also - {lead}),
        "alert": sorted(union(firing, "alert")),
        "tag": sorted(union(firing, "tag")),
        "feedback": "received" if any(rule["then"].get("feedback") == "received" for rule in firing) else "full",
        "fired": [rule["id"] for rule in firing],
        "overridden": [rule["id"] for rule in firing if "lead" in rule["then"] and rule not in keeping],
        "unrouted": unrouted,
        "impossible": impossible,
    }


def union(firing, part):
    return {name for rule in firing for name in rule["then"].get(part, [])}


def shortest(limits):
    amounts = {unit: [int(limit[:-1]) for limit in limits if limit.endswith(unit)] for unit in "hd"}
    return {"hours": min(amounts["h"], default=None), "working_days": min(amounts["d"], default=None)}
