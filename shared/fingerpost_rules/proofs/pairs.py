"""The space of pairs of referrals that differ in one fact only.

A region is that of the first referral; the second follows from it. Boxes at the second have the bits `size` and up. A third
row of bits, from `2 * size`, tells which boxes would hold if the fact that differs met any cell.
"""

from collections.abc import Callable

from fingerpost_rules.memory import Memory
from fingerpost_rules.proofs.axes import SetAxis, SetRange, State, View
from fingerpost_rules.proofs.space import FactsOfPoint, Region, Space, Views, divide, in_rows

Step = Callable[[State], State]
"""What a state of the differing fact becomes at the second referral."""


class PairSpace(Space):
    """Pairs that differ at `place`: `first` holds the values there of the first referral, `step` makes those of the second."""

    def __init__(self, single: Space, place: int, first: State, step: Step) -> None:
        self.axes = single.axes
        self.boxes = single.boxes
        self.size = single.size
        self.place = place
        self.step = step
        self.start = (*single.start[:place], first, *single.start[place + 1 :])
        self.forbidden = single.forbidden | single.forbidden << self.size
        self.memories = (*single.tripled[:place], Memory(self._stepping(single.memories[place])), *single.tripled[place + 1 :])

    def divide(self, place: int, box: int, state: State) -> tuple[State, State] | None:
        row, box = divmod(box, self.size)
        if place != self.place or row == 0:
            return divide(self.axes[place], box, state)
        if row == 2:
            return None
        divided = divide(self.axes[place], box, self.step(state))
        return None if divided is None else (self._unstepped(divided[0], state), self._unstepped(divided[1], state))

    def met(self, place: int, box: int, state: State) -> State | None:
        row, box = divmod(box, self.size)
        return super().met(place, box, state) if row == 0 or place != self.place else state

    def pair(self, point: Region) -> tuple[FactsOfPoint, FactsOfPoint]:
        """The facts of both referrals of a point."""
        second = (*point[: self.place], self.step(point[self.place]), *point[self.place + 1 :])
        return self.referral(point), self.referral(second)

    def _stepping(self, memory: Views) -> Callable[[State], View]:
        size, everything = self.size, (1 << self.size) - 1

        def look(state: State) -> View:
            may, sure, plain, at_plain = memory[state]
            second = memory[self.step(state)]
            return View(
                in_rows(size, may, second.may, everything),
                in_rows(size, sure, second.sure, everything),
                plain,
                in_rows(size, at_plain, memory[self.step(plain)].may, everything),
            )

        return look

    def _unstepped(self, stepped: State, state: State) -> State:
        """The state of the first referral, of which a part of the second is the step. Only a set's step leaves a choice."""
        axis = self.axes[self.place]
        if not isinstance(axis, SetAxis) or not isinstance(stepped, SetRange) or not isinstance(state, SetRange):
            raise TypeError("only the step of a set leaves a choice")
        gained = stepped.low & ~state.high
        # A loose member can be left out and the set is still large enough, for ranges are kept in their one form.
        return axis.range(stepped.low & ~gained, stepped.high & ~gained, known=True, unknown=False) or state
