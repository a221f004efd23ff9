"""Says in words which rules fired and what each gave."""

from collections.abc import Iterable

from fingerpost_rules import RuleSet
from fingerpost_rules.rows import Then
from fingerpost_shared.contracts.queries.router import FiredRule


def fired_rules(ids: Iterable[str], rules: RuleSet) -> tuple[FiredRule, ...]:
    """The rules with these ids, why they exist, and what they gave."""
    by_id = {rule.id: rule for rule in rules.rules}
    return tuple(
        FiredRule(id=rule.id, title=rule.title, because=rule.because, gave=_gave(rule.then)) for rule in (by_id[name] for name in ids)
    )


def _gave(then: Then) -> tuple[str, ...]:
    single = {"lead": then.lead, "band": then.band, "within": then.within and str(then.within), "feedback": then.feedback}
    lists = {"also": then.also, "copy": then.copy, "alert": then.alert, "tag": then.tag}
    said = [f"{name}: {value}" for name, value in single.items() if value]
    return (*said, *(f"{name}: {', '.join(values)}" for name, values in lists.items() if values))
