"""What a check must find, by trying every possible referral: slow, obvious, and independent of how the proofs work."""

from dataclasses import dataclass
from functools import cached_property

from tests.unit.rules import reference

OUTCOME = ("lead", "band", "limits", "also", "copy", "alert", "tag", "feedback", "unrouted")


@dataclass
class BruteForce:
    """A small world whose every possible referral is tried."""

    schema: dict
    rules: dict
    levels: dict

    @cached_property
    def referrals(self):
        return list(reference.all_referrals(self.schema))

    def decide(self, referral):
        return reference.decide(self.schema, self.rules, referral)

    @cached_property
    def decided(self):
        return [(referral, self.decide(referral)) for referral in self.referrals]

    def findings(self):
        """Every finding as (kind, rules, alternative); gap, unowned and not_monotone once where there are any."""
        return {
            *self.conflicts(),
            *self.unreachable(),
            *self.masked(),
            *self.broken(),
            *((kind, (), None) for kind, shows in self.existential().items() if shows),
        }

    def existential(self):
        return {
            "gap": any(self.is_gap(decision) for _, decision in self.decided),
            "unowned": any(self.is_unowned(decision) for _, decision in self.decided),
            "not_monotone": any(self.loses(*pair) for pair in self.riskier_pairs()),
        }

    def is_gap(self, decision):
        return decision["unrouted"]

    def is_unowned(self, decision):
        owners = [decision["lead"], *decision["also"]]
        return decision["band"] == next(iter(self.rules["bands"])) and all(self.levels[owner] != "casework" for owner in owners)

    def conflicts(self):
        for referral in self.referrals:
            for pair in self.conflicts_at(referral):
                yield ("conflict", pair, None)

    def conflicts_at(self, referral):
        keeping = reference.standing(reference.fired(self.schema, self.rules, referral))
        order = self.rules.get("lead_order", [])
        for place, one in enumerate(keeping):
            for other in keeping[place + 1 :]:
                leads = {one["then"]["lead"], other["then"]["lead"]}
                if len(leads) == 2 and not leads <= set(order):
                    yield (one["id"], other["id"])

    def unreachable(self):
        for rule in self.rules["rules"]:
            rest = {name: cell for name, cell in rule["when"].items() if name != "any_of"}
            alternatives = rule["when"].get("any_of", [{}])
            empty = [number for number, cells in enumerate(alternatives, start=1) if not self.meets_all(rest, cells)]
            if len(empty) == len(alternatives):
                yield ("unreachable", (rule["id"],), None)
            else:
                yield from (("unreachable", (rule["id"],), number) for number in empty)

    def meets_all(self, *conditions):
        return any(all(reference.all_met(self.schema, cells, referral) for cells in conditions) for referral in self.referrals)

    def masked(self):
        for rule in self.rules["rules"]:
            without = self.rules | {"rules": [other for other in self.rules["rules"] if other is not rule]}
            firing = [(referral, decision) for referral, decision in self.decided if rule["id"] in decision["fired"]]
            same = (outcome(decision) == outcome(reference.decide(self.schema, without, referral)) for referral, decision in firing)
            if firing and all(same):
                yield ("masked", (rule["id"],), None)

    def broken(self):
        for sentence in self.rules.get("must_hold", []):
            if any(self.breaks(sentence, *decided) for decided in self.decided):
                yield ("must_hold", (sentence["id"],), None)

    def breaks(self, sentence, referral, decision):
        if not reference.condition_met(self.schema, sentence["when"], referral):
            return False
        return not all(self.holds(claim, name, decision) for claim, name in sentence.items() if claim not in ("id", "when"))

    def holds(self, claim, name, decision):
        owners = [decision["lead"], *decision["also"]]
        bands = list(self.rules["bands"])
        return {
            "band_at_least": name in bands and bands.index(decision["band"]) <= bands.index(name) if name in bands else None,
            "lead_is": decision["lead"] == name,
            "owned_by": name in owners,
            "copied_to": name in decision["copy"],
            "alerts": name in decision["alert"],
            "never_led_by": decision["lead"] != name,
            "never_sent_to": name not in [*owners, *decision["copy"], *decision["alert"]],
        }[claim]

    def riskier_pairs(self):
        possible = {key_of(referral) for referral in self.referrals}
        for referral in self.referrals:
            for name, fact in self.schema["facts"].items():
                if fact.get("risk") == "up":
                    for value in self.riskier(fact, name, referral, possible):
                        if key_of(referral | {name: value}) in possible:
                            yield referral, referral | {name: value}

    def riskier(self, fact, name, referral, possible):
        value = referral[name]
        if value == reference.UNKNOWN:
            return
        known = [other for other in reference.values_of(fact) if other != reference.UNKNOWN]
        if fact["type"] == "set":
            yield from (value | {member} for member in fact["values"] if member not in value)
            lower = [other for other in known if other < value]
        else:
            yield from known[known.index(value) + 1 :]
            lower = known[: known.index(value)]
        if fact.get("unknown") and not any(key_of(referral | {name: other}) in possible for other in lower):
            yield reference.UNKNOWN

    def is_riskier(self, before, after):
        """Whether two referrals are such a pair."""
        return any(pair == (before, after) for pair in self.riskier_pairs())

    def loses(self, before, after):
        """Whether the second is less urgent."""
        old, new = self.decide(before), self.decide(after)
        bands = list(self.rules["bands"])
        if bands.index(new["band"]) > bands.index(old["band"]):
            return True
        hours, days = new["limits"]["hours"], new["limits"]["working_days"]
        old_hours, old_days = old["limits"]["hours"], old["limits"]["working_days"]
        if old_hours is not None and (hours is None or hours > old_hours):
            return True
        in_days = days is not None and old_days is not None and days <= old_days
        in_hours = hours is not None and old_days is not None and hours <= 24 * old_days
        return old_days is not None and not in_days and not in_hours


def outcome(decision):
    return {name: decision[name] for name in OUTCOME}


def key_of(referral):
    return tuple(referral.values())
