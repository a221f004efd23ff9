"""How a cell is written: the words a coordinator types, and what each form accepts. `offers` knows what to say of any other text."""

from collections.abc import Iterable, Sequence

from fingerpost_rules.cells import Cell, Members, Values
from fingerpost_rules.facts import Fact, ScalarFact, SetFact

RESERVED_WORDS = frozenset({"known", "unknown", "or", "nor", "not", "neither", "true", "false", "on", "off"})
RESERVED_IN_SETS = RESERVED_WORDS | {"has", "no", "and", "but", "none", "some"}


class Meaningless(ValueError):
    """A text that is not of the language; says why where more can be said than that."""


class OutOfPlace(ValueError):
    """A text of the language that makes no condition here: out of range, or matching nothing or everything."""


def cell_of(fact: Fact, texts: Sequence[str]) -> Cell:
    """What a cell accepts; `texts` is its one text, or the entries of its list, which are joined by *or*.

    Raises `Meaningless` or `OutOfPlace`.
    """
    text = " or ".join(" ".join(text.split()) for text in texts)
    if isinstance(fact, ScalarFact):
        mask = _values(fact, [text.split() for text in texts])
        _refuse_extremes(text, some=mask != 0, all_of_them=mask == fact.everything)
        return Values(mask, text)
    if len(texts) != 1:
        raise Meaningless("a set takes one condition, not a list")
    cell = _members(fact, text.split(), text)
    _refuse_extremes(text, some=can_hold(fact, cell), all_of_them=not _can_fail(fact, cell))
    return cell


def _refuse_extremes(text: str, *, some: bool, all_of_them: bool) -> None:
    if not some:
        raise OutOfPlace(f"'{text}' matches nothing, so the rule could never fire")
    if all_of_them:
        raise OutOfPlace(f"'{text}' matches everything; leave it out")


# Numbers, choices and flags


def _values(fact: ScalarFact, texts: Sequence[list[str]]) -> int:
    parts = [part for words in texts for part in _parts(words)]
    if len(parts) > 1 and any(part[:1] == ["not"] for part in parts):
        raise Meaningless("'not' beside 'or' can be read in two ways")
    return _union(_part(fact, part) for part in parts)


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union


def _parts(words: list[str]) -> list[list[str]]:
    """The parts between `or`, save that the one in `3 or more` joins nothing."""
    parts: list[list[str]] = [[]]
    for place, word in enumerate(words):
        if word == "or" and words[place + 1 : place + 2] != ["more"]:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _part(fact: ScalarFact, words: list[str]) -> int:
    known = fact.everything & ~fact.unknown_bit
    match words:
        case ["known"]:
            return known
        case ["unknown"]:
            return fact.unknown_bit
        case ["not", value]:
            return fact.everything & ~_value(fact, value)
        case ["neither", *rest]:
            return fact.everything & ~_union(_value(fact, value) for value in chain(rest, "nor", least=2))
        case [value] if fact.kind != "number":
            return _value(fact, value)
        case _ if fact.kind == "number":
            return _range(fact, words)
        case _:
            raise Meaningless


def _value(fact: ScalarFact, word: str) -> int:
    if fact.kind == "number":
        return _range(fact, [word])
    if word not in fact.values:
        raise Meaningless(f"'{word}' is not one of its values")
    return 1 << fact.place_of[word]


def _range(fact: ScalarFact, words: list[str]) -> int:
    least, most = int(fact.values[0]), int(fact.values[-1])
    match words:
        case ["at", "least", number] | [number, "or", "more"]:
            return _between(fact, _number(fact, number), most)
        case ["over", number]:
            return _between(fact, _number(fact, number) + 1, most)
        case ["at", "most", number]:
            return _between(fact, least, _number(fact, number))
        case ["under", number]:
            return _between(fact, least, _number(fact, number) - 1)
        case [first, "to", last]:
            return _between(fact, _number(fact, first), _number(fact, last))
        case [number]:
            return _between(fact, _number(fact, number), _number(fact, number))
        case _:
            raise Meaningless


def _number(fact: ScalarFact, word: str) -> int:
    if not word.removeprefix("-").isdecimal() or not word.isascii() or len(word) > 9:
        raise Meaningless(f"'{word}' is not a whole number")
    if int(word) not in fact.place_of:
        raise OutOfPlace(f"{word} is outside the range of {fact.label}, {fact.values[0]} to {fact.values[-1]}")
    return int(word)


def _between(fact: ScalarFact, first: int, last: int) -> int:
    """The mask of `first` to `last`. A number's bit is its distance from the least."""
    offset = int(fact.values[0])
    return (1 << (last - offset + 1)) - (1 << (first - offset)) if first <= last else 0


# Sets


def _members(fact: SetFact, words: list[str], text: str) -> Members:
    match words:
        case ["none"]:
            return Members(none_of=fact.all_members, text=text)
        case ["some"]:
            return Members(some_of=(fact.all_members,), text=text)
        case ["known"]:
            return Members(text=text)
        case ["unknown"]:
            return Members(known=False, unknown=fact.has_unknown, text=text)
        case ["has", "no", member]:
            return Members(none_of=_mask(fact, [member]), unknown=fact.has_unknown, text=text)
        case ["has", "neither", *rest]:
            return Members(none_of=_mask(fact, chain(rest, "nor", least=2)), unknown=fact.has_unknown, text=text)
        case ["has", *rest]:
            return _having(fact, rest, text)
        case _:
            raise Meaningless


def _having(fact: SetFact, words: list[str], text: str) -> Members:
    wanted, unwanted = (words[: words.index("but")], words[words.index("but") + 1 :]) if "but" in words else (words, None)
    none_of = 0 if unwanted is None else _mask(fact, _exceptions(unwanted))
    if "or" in wanted and "and" in wanted:
        raise Meaningless("'and' and 'or' together can be read in two ways; make two rules or use any_of")
    if "or" in wanted:
        return Members(some_of=(_mask(fact, chain(wanted, "or", least=2)),), none_of=none_of, text=text)
    return Members(every=_mask(fact, chain(wanted, "and", least=1)), none_of=none_of, text=text)


def _exceptions(words: list[str]) -> list[str]:
    match words:
        case ["not", member]:
            return [member]
        case ["neither", *rest]:
            return chain(rest, "nor", least=2)
        case _:
            raise Meaningless("after 'but' comes 'not c' or 'neither c nor d'")


def _mask(fact: SetFact, members: list[str]) -> int:
    for member in members:
        if member not in fact.bit_of:
            raise Meaningless(f"'{member}' is not one of its values")
    return fact.mask(frozenset(members))


def chain(words: list[str], joint: str, least: int) -> list[str]:
    """The words of `a joint b joint c`, at `least` so many. Raises `Meaningless`."""
    joints_are_right = all(word == joint for word in words[1::2])
    if len(words) % 2 == 0 or not joints_are_right or len(words[::2]) < least:
        raise Meaningless
    return words[::2]


def can_hold(fact: SetFact, cell: Members) -> bool:
    """Whether any value of the fact is one that the cell accepts."""
    allowed = fact.all_members & ~cell.none_of
    fits = cell.every & ~allowed == 0 and all(allowed & several for several in cell.some_of)
    return (cell.unknown and fact.has_unknown) or (cell.known and fits and allowed.bit_count() >= fact.at_least)


def _can_fail(fact: SetFact, cell: Members) -> bool:
    if (fact.has_unknown and not cell.unknown) or not cell.known:
        return True
    if cell.none_of:
        return True
    without = [*(1 << place for place in range(len(fact.members)) if cell.every >> place & 1), *cell.some_of]
    return any(len(fact.members) - mask.bit_count() >= fact.at_least for mask in without)
