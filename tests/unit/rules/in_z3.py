"""A rule set as formulas for z3, written from the text of the format: a second opinion on what the proofs find at real sizes."""

import z3

from tests.unit.rules import reference


class World:
    """One referral as variables, and what the rules make of it. Two worlds of one rule set differ by their name."""

    def __init__(self, schema, rules, name="a"):
        self.schema, self.rules, self.name = schema, rules, name
        self.values = {fact: self._variables(fact, told) for fact, told in schema["facts"].items()}
        self.fires = {rule["id"]: self.condition(rule["when"]) for rule in rules["rules"]}
        self.leads = {rule["id"]: rule["then"]["lead"] for rule in rules["rules"] if "lead" in rule["then"]}

    def _variables(self, fact, told):
        if told["type"] == "set":
            return {member: z3.Bool(f"{self.name}.{fact}.{member}") for member in (*told["values"], "unknown")}
        return z3.Int(f"{self.name}.{fact}")

    def possible(self):
        for fact, told in self.schema["facts"].items():
            yield self._is_value(self.values[fact], told)
        for cells in self.schema.get("impossible", []):
            yield z3.Not(self.all_met(cells))
        for lesser, greater in self.schema.get("never_more_than", []):
            known = [self.values[fact] < self._known(self.schema["facts"][fact]) for fact in (lesser, greater)]
            yield z3.Implies(z3.And(known), self._number(lesser) <= self._number(greater))

    def _is_value(self, variables, told):
        if told["type"] != "set":
            return z3.And(variables >= 0, variables < len(reference.values_of(told)))
        members = [variables[member] for member in told["values"]]
        unknown = variables["unknown"] if told.get("unknown") else z3.BoolVal(False)
        known = z3.And(z3.Not(variables["unknown"]), z3.AtLeast(*members, told.get("at_least", 0)) if told.get("at_least") else True)
        return z3.Or(z3.And(unknown, *map(z3.Not, members)), known)

    def _known(self, told):
        return len(reference.values_of(told)) - bool(told.get("unknown"))

    def _number(self, fact):
        return self.values[fact] + self.schema["facts"][fact]["min"]

    def condition(self, when):
        rest = {fact: cell for fact, cell in when.items() if fact != "any_of"}
        alternatives = [self.all_met(one) for one in when.get("any_of", [{}])]
        return z3.And(self.all_met(rest), z3.Or(alternatives))

    def all_met(self, cells):
        return z3.And([self.met(fact, cell) for fact, cell in cells.items()])

    def met(self, fact, cell):
        told = self.schema["facts"][fact]
        if told["type"] == "set":
            return self._set_met(self.values[fact], told, str(cell))
        accepted = [place for place, value in enumerate(reference.values_of(told)) if reference.meets(told, cell, value)]
        return z3.Or([self.values[fact] == place for place in accepted])

    def _set_met(self, variables, told, cell):
        words, unknown = cell.split(), variables["unknown"]
        some = z3.Or([variables[member] for member in told["values"]])
        whole = {"none": z3.And(z3.Not(unknown), z3.Not(some)), "some": some, "known": z3.Not(unknown), "unknown": unknown}
        if cell in whole:
            return whole[cell]
        if words[1] == "no":
            return z3.Not(variables[words[2]])
        if words[1] == "neither":
            return z3.Not(z3.Or([variables[word] for word in words[2::2]]))
        wanted, _, unwanted = cell.removeprefix("has ").partition(" but ")
        join, joint = (z3.And, " and ") if " and " in wanted else (z3.Or, " or ")
        banned = [variables[word] for word in unwanted.split()[1::2]]
        return z3.And(join([variables[word] for word in wanted.split(joint)]), z3.Not(z3.Or(banned)))

    # What the rules make of it

    def stands(self, rule_id, without=None):
        overriders = [rule["id"] for rule in self.rules["rules"] if rule_id in rule.get("overrides", []) and rule["id"] != without]
        return z3.And(self.fires[rule_id], z3.Not(z3.Or([self.fires[one] for one in overriders])))

    def unrouted(self, without=None):
        return z3.Not(z3.Or([self.stands(rule, without) for rule in self.leads if rule != without]))

    def gives(self, part, name, without=None):
        return z3.Or(
            [self.fires[rule["id"]] for rule in self.rules["rules"] if name in rule["then"].get(part, []) and rule["id"] != without]
        )

    def owned(self, name, without=None):
        leading = [self.stands(rule, without) for rule, lead in self.leads.items() if lead == name and rule != without]
        as_safety_net = z3.And(self.unrouted(without), name == self.rules["unrouted"]["lead"])
        return z3.Or(self.gives("also", name, without), as_safety_net, *leading)

    def led(self, name, without=None):
        """Whether this one leads: it stands, and nothing that stands comes before it."""
        standing = [rule for rule in self.leads if rule != without]
        keys = {rule: self._key(rule) for rule in standing}
        first = [
            z3.And(self.stands(rule, without), *(z3.Not(self.stands(other, without)) for other in standing if keys[other] < keys[rule]))
            for rule in standing
            if self.leads[rule] == name
        ]
        return z3.Or(z3.And(self.unrouted(without), name == self.rules["unrouted"]["lead"]), *first)

    def _key(self, rule_id):
        order, place = self.rules.get("lead_order", []), list(self.leads).index(rule_id)
        lead = self.leads[rule_id]
        return (0, order.index(lead), place) if lead in order else (1, place, 0)

    def as_urgent_as(self, urgency, without=None):
        """Whether the band is this urgent or more."""
        bands = list(self.rules["bands"])[: urgency + 1]
        given = [self.fires[rule["id"]] for rule in self.rules["rules"] if rule["then"].get("band") in bands and rule["id"] != without]
        return z3.Or(z3.And(self.unrouted(without), self.rules["unrouted"]["band"] in bands), *given)

    def within(self, unit, amount, without=None):
        """Whether the limit in this unit is so short or shorter."""
        given = [
            self.fires[rule["id"]]
            for rule in self.rules["rules"]
            if (limit := rule["then"].get("within", "0x")).endswith(unit) and int(limit[:-1]) <= amount and rule["id"] != without
        ]
        own = [
            z3.And(self.as_urgent_as(urgency, without), z3.Not(self.as_urgent_as(urgency - 1, without)))
            for urgency, limit in enumerate(self.rules["bands"].values())
            if limit.endswith(unit) and int(limit[:-1]) <= amount
        ]
        return z3.Or(*given, *own)

    def outcome(self, without=None):
        """Formulas that are all the same for two outcomes exactly if the outcomes are."""
        rules = self.rules["rules"]
        names = {name for rule in rules for part in ("also", "copy") for name in rule["then"].get(part, [])}
        names |= {*self.leads.values(), self.rules["unrouted"]["lead"]}
        yield self.unrouted(without)
        yield z3.Or([self.fires[rule["id"]] for rule in rules if rule["then"].get("feedback") == "received" and rule["id"] != without])
        for name in sorted(names):
            yield self.led(name, without)
            yield self.owned(name, without)
            yield z3.And(self.gives("copy", name, without), z3.Not(self.owned(name, without)))
        for part in ("alert", "tag"):
            yield from (self.gives(part, name, without) for name in sorted({name for rule in rules for name in rule["then"].get(part, [])}))
        yield from (self.as_urgent_as(urgency, without) for urgency in range(len(self.rules["bands"])))
        limits = {limit for rule in rules if (limit := rule["then"].get("within"))} | {*self.rules["bands"].values()}
        yield from (self.within(limit[-1], int(limit[:-1]), without) for limit in sorted(limits))


class Solver:
    """Asks z3 again and again about the same world, whose impossible referrals it is told of once."""

    def __init__(self, *given):
        self._solver = z3.Solver()
        self._solver.add(*given)

    def is_possible(self, *formulas):
        answer = self._solver.check(*formulas)
        assert answer != z3.unknown
        return answer == z3.sat
