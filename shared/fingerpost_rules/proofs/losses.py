"""What *less urgent* means: a later band, or a limit in hours or in working days that nothing at the second meets."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.questions import Asking


@dataclass(frozen=True)
class Losses:
    """The ways in which the second of two decisions is less urgent than the first.

    They are of two referrals by one rule set, or of one referral by two. `losing` are the boxes of the first that may hold
    without the like of them holding at the second.
    """

    first: Asking
    second: Asking
    losing: int
    may_be_unrouted: bool

    @cached_property
    def _losing_rules(self) -> int:
        """The rules that may fire at the first and not at the second."""
        of_rule = self.first.boxes.of_rule
        return sum(1 << rule for rule, boxes in enumerate(of_rule) if boxes & self.losing)

    def questions(self) -> Iterator[Question]:
        yield from self._of_bands()
        for hours, rules in self.first.outputs.hours:
            if rules & self._losing_rules:
                yield from self._of_limits(rules, *self.second.hours_met(hours))
        for days, rules in self.first.outputs.working_days:
            if rules & self._losing_rules:
                yield from self._of_limits(rules, *self.second.days_met(days))
        yield from self._of_own_limits()

    def _of_bands(self) -> Iterator[Question]:
        bands = list(self.first.rule_set.bands.values())
        for urgency, (_, rules) in enumerate(self.first.outputs.bands):
            for lost in self._lost(rules):
                yield lost & self.second.band_after(self.second.urgency_within(bands[urgency]))
        if self.may_be_unrouted:
            limit = bands[self.first.unrouted_urgency]
            yield self.first.unrouted() & self.second.band_after(self.second.urgency_within(limit))

    def _of_limits(self, rules: int, meeting: int, meeting_bands: set[int]) -> Iterator[Question]:
        for lost in self._lost(rules):
            for decided in self.second.band_not_of(meeting_bands):
                yield lost & self.second.none_fires(meeting) & decided

    def _of_own_limits(self) -> Iterator[Question]:
        """A band's own limit, where a band that is as urgent may leave it unmet: of hours, if it has its limit in working days;
        of any, if the two have different bands."""
        bands = list(self.first.rule_set.bands.values())
        same_bands = bands == list(self.second.rule_set.bands.values())
        for urgency, limit in enumerate(bands):
            if same_bands and (limit.unit == "d" or all(earlier.unit == "h" for earlier in bands[:urgency])):
                continue
            met = self.second.hours_met if limit.unit == "h" else self.second.days_met
            meeting, meeting_bands = met(limit.amount)
            for before in self.first.band_is(urgency):
                for decided in self.second.band_not_of(meeting_bands):
                    yield before & self.second.none_fires(meeting) & decided

    def _lost(self, rules: int) -> Iterator[Question]:
        """One of the rules fires at the first by a box that does not hold at the second, if there is any such box."""
        losing = self.first.boxes.of_rules(rules & self._losing_rules) & self.losing
        if losing:
            yield Question(require=(losing,))
