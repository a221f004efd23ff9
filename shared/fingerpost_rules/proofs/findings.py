"""What a check finds: the kind of fault, whose it is, where, and a referral that shows it."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

from fingerpost_rules.proofs.space import FactsOfPoint

Kind = Literal["gap", "conflict", "unreachable", "masked", "not_monotone", "must_hold", "unowned", "not_proved"]

Example = FactsOfPoint | tuple[FactsOfPoint, FactsOfPoint] | None


@dataclass(frozen=True)
class Finding:
    """One fault of a rule set. `example` is one referral, or the one before and the one after for `not_monotone`."""

    kind: Kind
    rules: tuple[str, ...]
    where: str
    message: str
    example: Example = None
    alternative: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The finding as `rules check --json` writes it."""
        example: Any = self.example
        if isinstance(example, tuple):
            example = [facts_as_json(facts) for facts in self.example or () if isinstance(facts, dict)]
        elif example is not None:
            example = facts_as_json(example)
        return {**asdict(self), "example": example, "rules": list(self.rules)}


def facts_as_json(facts: FactsOfPoint) -> dict[str, Any]:
    """A referral's facts as JSON holds them: sets as sorted lists."""
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in facts.items()}


def facts_in_words(facts: FactsOfPoint) -> str:
    """A referral's facts, or some of them, as a coordinator would write them."""
    return ", ".join(f"{name}: {_written(value)}" for name, value in facts_as_json(facts).items()) or "nothing in particular"


def telling(facts: FactsOfPoint, quiet: FactsOfPoint) -> FactsOfPoint:
    """The facts that are not quiet."""
    return {name: value for name, value in facts.items() if value != quiet[name]}


def _written(value: Any) -> str:
    return f"[{', '.join(cast('list[str]', value))}]" if isinstance(value, list) else str(value)
