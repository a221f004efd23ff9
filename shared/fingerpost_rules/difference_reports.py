"""What `rules diff` says to people: ways in which outcomes differ, each once, with a referral that shows it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from fingerpost_rules.combining import Decision
from fingerpost_rules.difference import Difference, Kind
from fingerpost_rules.proofs.findings import facts_in_words, telling
from fingerpost_rules.proofs.space import FactsOfPoint

Parts = tuple[str, ...]
_WORDS: Mapping[Kind, str] = {"less_urgent": "less urgent", "elsewhere": "sent elsewhere", "more_urgent": "more urgent"}
_ORDER: list[Kind] = list(_WORDS)
_PARTS = ("lead", "band", "within_hours", "also", "copy", "alert", "tag", "feedback")


def in_words(differences: Iterable[Difference], quiet: FactsOfPoint, *, with_where: bool = False) -> Iterator[str]:
    """The page: what comes to the same is put together; what becomes less urgent comes first. `with_where` adds the whole conditions."""
    groups = _grouped(differences)
    if not groups:
        yield "They decide every possible referral alike."
    for (changes, parts), found in sorted(groups.items(), key=lambda group: [_ORDER.index(change) for change in group[0][0]]):
        values = dict.fromkeys(one.value for one in found)
        yield f"{' and '.join(map(_WORDS.__getitem__, changes))}: {', '.join(values)}"
        yield from (f"  {part}" for part in parts)
        yield f"  Example: {facts_in_words(telling(found[0].example, quiet))}"
        if with_where:
            yield from (f"  Where, for {one.value}: {one.where}" for one in found)
    if groups and not with_where:
        yield "With --where: the whole condition of each."


def _grouped(differences: Iterable[Difference]) -> dict[tuple[tuple[Kind, ...], Parts], list[Difference]]:
    """By what changes, and how: for one value, two kinds of change that come to the same are one."""
    of_value: dict[tuple[str, Parts], list[Difference]] = {}
    for one in differences:
        of_value.setdefault((one.value, tuple(_changed(one.old, one.new))), []).append(one)
    groups: dict[tuple[tuple[Kind, ...], Parts], list[Difference]] = {}
    for (_, parts), found in of_value.items():
        kinds = {one.change for one in found}
        changes: tuple[Kind, ...] = tuple(change for change in _ORDER if change in kinds)
        groups.setdefault((changes, parts), []).extend(found)
    return groups


def _changed(old: Decision, new: Decision) -> Iterator[str]:
    """Each part of the outcome that changes; of a list who goes and who comes, for the rest of it hangs on the referral."""
    before, after = old.as_json(), new.as_json()
    # of two limits with the same hours, one may be of working days
    for part in [part for part in _PARTS if before[part] != after[part]] or ["limits"]:
        if isinstance(before[part], tuple):
            gone, come = (sorted({*one[part]} - {*other[part]}) for one, other in ((before, after), (after, before)))
            words = [f"{said} {', '.join(names)}" for said, names in (("no longer", gone), ("now", come)) if names]
            yield f"{part}: {'; '.join(words)}"
        else:
            yield f"{part.replace('_', ' ')}: {_written(before[part])} -> {_written(after[part])}"


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        limits = cast("Mapping[str, int | None]", value)
        return ", ".join(f"{amount} {name.replace('_', ' ')}" for name, amount in limits.items() if amount is not None)
    return str(value)
