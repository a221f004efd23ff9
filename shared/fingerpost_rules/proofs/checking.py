"""All proofs of one rule set, in the order in which their findings help most."""

from collections.abc import Iterator

from fingerpost_rules.proofs.coverage import Reach, conflicts, gap, unowned
from fingerpost_rules.proofs.findings import Finding
from fingerpost_rules.proofs.masking import masked_rules
from fingerpost_rules.proofs.monotony import not_monotone
from fingerpost_rules.proofs.prover import Prover
from fingerpost_rules.proofs.search import Effort
from fingerpost_rules.proofs.sentences import broken_sentences
from fingerpost_rules.rule_set import RuleSet


def check(rule_set: RuleSet, effort: Effort | None = None) -> tuple[Finding, ...]:
    """What is wrong with a rule set over every possible referral; nothing, if it may be published.

    A proof that would take more than its share of effort is itself a finding: `not_proved`.
    """
    return tuple(_findings(Prover.of(rule_set, effort)))


def _findings(prover: Prover) -> Iterator[Finding]:
    found_gap = gap(prover)
    if found_gap is not None:
        yield found_gap
    yield from conflicts(prover)
    reach = Reach(prover)
    yield from reach.findings
    yield from masked_rules(prover, reach)
    yield from not_monotone(prover, may_be_unrouted=found_gap is not None)
    yield from broken_sentences(prover)
    found_unowned = unowned(prover)
    if found_unowned is not None:
        yield found_unowned
