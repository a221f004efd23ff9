"""Values of a fact in the words a coordinator would type, as near to the language of cells as the values allow."""

from fingerpost_rules.facts import UNKNOWN, ScalarFact, SetFact


def values_in_words(fact: ScalarFact, mask: int) -> str:
    """The values of a mask, such as `at least 14`, `unknown or under 16` or `neither none nor other`."""
    known = mask & ~fact.unknown_bit
    every_known = fact.everything & ~fact.unknown_bit
    has_unknown = bool(mask & fact.unknown_bit)
    if not known:
        return UNKNOWN
    if known == every_known:
        return "any value" if has_unknown or not fact.has_unknown else "known"
    words = _numbers(fact, known) if fact.kind == "number" else _choices(fact, known, has_unknown)
    return f"{UNKNOWN} or {words}" if has_unknown and not words.startswith(("not ", "neither ")) else words


def _numbers(fact: ScalarFact, known: int) -> str:
    runs: list[tuple[int, int]] = []
    for place, value in enumerate(fact.values):
        if known >> place & 1:
            number = int(value)
            if runs and runs[-1][1] == number - 1:
                runs[-1] = (runs[-1][0], number)
            else:
                runs.append((number, number))
    return " or ".join(_run(fact, first, last) for first, last in runs)


def _run(fact: ScalarFact, first: int, last: int) -> str:
    if first == last:
        return str(first)
    if last == fact.values[-1]:
        return f"at least {first}"
    if first == fact.values[0]:
        return f"under {last + 1}"
    return f"{first} to {last}"


def _choices(fact: ScalarFact, known: int, has_unknown: bool) -> str:
    chosen = [str(value) for place, value in enumerate(fact.values) if known >> place & 1]
    left = [str(value) for place, value in enumerate(fact.values) if not known >> place & 1]
    if has_unknown and len(left) < len(chosen):
        return f"not {left[0]}" if len(left) == 1 else f"neither {' nor '.join(left)}"
    return " or ".join(chosen)


def members_in_words(fact: SetFact, low: int, high: int, *, unknown: bool) -> str:
    """All sets from `low` to `high`, such as `has asb but not fraud`; with `unknown` as well where that may be."""
    held = [member for member, bit in fact.bit_of.items() if low & bit]
    left = [member for member, bit in fact.bit_of.items() if not high & bit]
    if not high:
        return f"none or {UNKNOWN}" if unknown else "none"
    if not held and not left:
        return "known"
    if low == high:
        return f"{' and '.join(held)} alone"
    if not held:
        without = f"has no {left[0]}" if len(left) == 1 else f"has neither {' nor '.join(left)}"
        return without if unknown or not fact.has_unknown else f"known, and {without}"
    exception = "" if not left else f" but not {left[0]}" if len(left) == 1 else f" but neither {' nor '.join(left)}"
    return f"has {' and '.join(held)}{exception}"


def value_in_words(value: str | int | frozenset[str]) -> str:
    """One value, sets as their members in the order of the alphabet."""
    if isinstance(value, frozenset):
        return " and ".join(sorted(value)) or "none"
    return str(value)
