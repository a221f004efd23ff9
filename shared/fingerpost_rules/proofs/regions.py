"""From a point that shows a fault to what a person is shown: the plainest such referral, and the region around it in words."""

from collections.abc import Iterator

from fingerpost_rules.compiled import bits_of
from fingerpost_rules.proofs.axes import Axis, ScalarAxis, SetAxis, SetRange, State
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.space import Region, Space, view
from fingerpost_rules.wording import members_in_words, values_in_words

EVERYWHERE = "every referral"


def plainest(space: Space, question: Question, point: Region, fixed: frozenset[int] = frozenset()) -> Region:
    """A point that still answers the question, with as many facts at their quiet value, or near it, as one by one can be.

    Facts in `fixed` stay as they are.
    """
    asked = question & Question(forbid=space.forbidden)
    states = list(point)
    for place, others, _ in _one_by_one(space, states):
        for state in () if place in fixed else _plainer(space.axes[place], states[place]):
            holding = others & space.memories[place][state].may
            if asked.is_answered(holding, holding):
                states[place] = state
                break
    return tuple(states)


def grown(space: Space, question: Question, point: Region, fixed: frozenset[int] = frozenset()) -> Region:
    """A region around the point, as large as one fact after the other can make it, all possible points of which answer."""
    states = list(point)
    for place, may, sure in _one_by_one(space, states):
        axis = space.axes[place]
        for state in () if place in fixed else _wider(axis, states[place]):
            seen = space.memories[place][_joined(axis, states[place], state)]
            if question.is_answered(may & seen.may, sure & seen.sure):
                states[place] = _joined(axis, states[place], state)
            if states[place] == axis.full:
                break
    return tuple(states)


def in_words(space: Space, region: Region) -> str:
    """The facts that make a region, as a person would say them."""
    said = [_fact_in_words(axis, state) for axis, state in zip(space.axes, region, strict=True) if state != axis.full]
    return "; ".join(said) or EVERYWHERE


def _one_by_one(space: Space, states: list[State]) -> Iterator[tuple[int, int, int]]:
    """Each place, with the boxes that may hold and surely hold as far as the other facts tell.

    The state at a place may be changed before the next is asked for.
    """
    later = [(-1, -1)]
    for memory, state in zip(reversed(space.memories), reversed(states), strict=True):
        seen = memory[state]
        later.append((later[-1][0] & seen.may, later[-1][1] & seen.sure))
    earlier = (-1, -1)
    for place, memory in enumerate(space.memories):
        after = later[len(states) - 1 - place]
        yield place, earlier[0] & after[0], earlier[1] & after[1]
        seen = memory[states[place]]
        earlier = (earlier[0] & seen.may, earlier[1] & seen.sure)


def _plainer(axis: Axis, state: State) -> Iterator[State]:
    """Single values that are plainer than that of the state, plainest first."""
    quietest = view(axis, axis.full).plain
    if state == quietest:
        return
    yield quietest
    if isinstance(axis, ScalarAxis) and isinstance(state, int):
        lowest_of_alike = [mask & -mask for mask, _ in axis.alike]
        yield from sorted(lowest for lowest in lowest_of_alike if lowest < state)
    elif isinstance(axis, SetAxis) and isinstance(state, SetRange):
        yield from _smaller(axis, state)


def _smaller(axis: SetAxis, state: SetRange) -> Iterator[State]:
    members = [1 << member for member in bits_of(state.low)]
    small = [one for one in (0, *members, *members[::-1]) if one.bit_count() >= axis.fact.at_least]
    for held in (*small, *(state.low & ~member for member in members)):
        found = axis.range(held, held, known=True, unknown=False)
        if found is not None and found.low == held:
            yield found


def _wider(axis: Axis, state: State) -> Iterator[State]:
    """States to join to a state: everything first, then piece by piece."""
    yield axis.full
    if isinstance(axis, ScalarAxis):
        yield from (mask for mask, _ in axis.alike)
        return
    if isinstance(state, SetRange) and state.known:
        everything = axis.fact.all_members
        for member in bits_of(everything):
            bit = 1 << member
            yield SetRange(state.low & ~bit, state.high | bit, True, False)
        yield SetRange(0, 0, False, axis.fact.has_unknown)


def _joined(axis: Axis, one: State, other: State) -> State:
    """The smallest state that holds both; the first, where there is none."""
    if isinstance(axis, ScalarAxis):
        return one | other if isinstance(one, int) and isinstance(other, int) else one
    if not isinstance(one, SetRange) or not isinstance(other, SetRange):
        return one
    unknown = one.unknown or other.unknown
    if one.known and other.known:
        low, high = one.low & other.low, one.high | other.high
    else:
        low, high = (one.low, one.high) if one.known else (other.low, other.high)
    if unknown and low:
        return one
    return axis.range(low, high, known=one.known or other.known, unknown=unknown) or one


def _fact_in_words(axis: Axis, state: State) -> str:
    if isinstance(axis, ScalarAxis):
        return f"{axis.fact.label}: {values_in_words(axis.fact, state if isinstance(state, int) else 0)}"
    assert isinstance(state, SetRange)
    if not state.known:
        return f"{axis.fact.label}: unknown"
    return f"{axis.fact.label}: {members_in_words(axis.fact, state.low, state.high, unknown=state.unknown)}"
