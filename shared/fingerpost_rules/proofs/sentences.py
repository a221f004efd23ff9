"""The coordinator's own sentences: is there a possible referral that meets one's `when` and breaks its claim?"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from fingerpost_rules.compiled import bits_of
from fingerpost_rules.proofs.findings import Finding
from fingerpost_rules.proofs.prover import Prover
from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.questions import Asking
from fingerpost_rules.proofs.search import Effort, NotProved, find
from fingerpost_rules.proofs.space import space_of
from fingerpost_rules.rows import Sentence
from fingerpost_rules.rule_set import RuleSet


def broken_sentences(prover: Prover) -> Iterator[Finding]:
    """Every sentence that does not hold, once."""
    for place, sentence in enumerate(prover.rule_set.must_hold):
        for claim, name in sentence.claims:
            where = Question(require=(prover.space.boxes.of_sentence[place],))
            questions = (where & broken for broken in _BROKEN[claim](prover.ask, name))
            message = f"{sentence.id} does not hold: {_CLAIM_IN_WORDS[claim].format(name)} here. {_PROMISE}"
            found = prover.shown(questions, "must_hold", (sentence.id,), message)
            if found is not None:
                yield _with_its_rules(found, prover.rule_set, claim, name)
                break


def _with_its_rules(found: Finding, rule_set: RuleSet, claim: str, name: str) -> Finding:
    """The finding, with the rules that break the promise in its example where they do so by what they give."""
    if claim not in ("never_led_by", "never_sent_to") or found.example is None or isinstance(found.example, tuple):
        return found
    decision = rule_set.decide(found.example)
    breaking: list[str] = []
    for rule in map(rule_set.rule, decision.fired):
        led = () if rule.id in decision.overridden else rule.then.leads
        others = (*rule.then.also, *rule.then.copy, *rule.then.alert) if claim == "never_sent_to" else ()
        if name in (*led, *others):
            breaking.append(rule.id)
    return replace(found, message=f"{found.message} {' and '.join(breaking)} would break it.") if breaking else found


def unmet_sentences(rule_set: RuleSet) -> Iterator[Sentence]:
    """The sentences whose `when` no possible referral meets. One of which that cannot be told is left to the check."""
    space = space_of(replace(rule_set, rules=()))
    for sentence, boxes in zip(rule_set.must_hold, space.boxes.of_sentence, strict=True):
        with suppress(NotProved):
            if find(space, Question(require=(boxes,)), Effort()) is None:
                yield sentence


def _less_urgent(ask: Asking, band: str) -> Iterator[Question]:
    yield ask.band_after(ask.rule_set.urgency_of[band])


def another_leads(ask: Asking, name: str) -> Iterator[Question]:
    if ask.rule_set.unrouted_lead != name:
        yield ask.unrouted()
    for rule in bits_of(ask.outputs.leads & ~ask.leading(name)):
        yield ask.stands(rule) & ask.none_stands(ask.leading(name) & ask.preceding(rule))


def leads(ask: Asking, name: str) -> Iterator[Question]:
    if ask.rule_set.unrouted_lead == name:
        yield ask.unrouted()
    for rule in bits_of(ask.leading(name)):
        yield ask.stands(rule) & ask.none_stands(ask.preceding(rule) & ~ask.leading(name))


def does_not_own(ask: Asking, name: str) -> Iterator[Question]:
    question = ask.none_fires(ask.outputs.also_of.get(name, 0)) & ask.none_stands(ask.leading(name))
    yield question & ask.routed() if ask.rule_set.unrouted_lead == name else question


def owns(ask: Asking, name: str) -> Iterator[Question]:
    yield ask.one_fires(ask.outputs.also_of.get(name, 0))
    for rule in bits_of(ask.leading(name)):
        yield ask.stands(rule)
    if ask.rule_set.unrouted_lead == name:
        yield ask.unrouted()


def gets_no_copy(ask: Asking, name: str) -> Iterator[Question]:
    yield ask.none_fires(ask.outputs.copy_of.get(name, 0))
    yield from owns(ask, name)


def is_not_alerted(ask: Asking, name: str) -> Iterator[Question]:
    yield ask.none_fires(ask.outputs.alert_of.get(name, 0))


def _is_sent_to(ask: Asking, name: str) -> Iterator[Question]:
    yield from owns(ask, name)
    yield ask.one_fires(ask.outputs.copy_of.get(name, 0))
    yield ask.one_fires(ask.outputs.alert_of.get(name, 0))


_BROKEN: Mapping[str, Callable[[Asking, str], Iterable[Question]]] = {
    "band_at_least": _less_urgent,
    "lead_is": another_leads,
    "owned_by": does_not_own,
    "copied_to": gets_no_copy,
    "alerts": is_not_alerted,
    "never_led_by": leads,
    "never_sent_to": _is_sent_to,
}

_PROMISE = "It is a promise under 'must_hold': mend the rules, or the promise."

_CLAIM_IN_WORDS: Mapping[str, str] = {
    "band_at_least": "the band is less urgent than {}",
    "lead_is": "{} does not lead",
    "owned_by": "{} owns nothing",
    "copied_to": "{} gets no copy",
    "alerts": "{} is not alerted",
    "never_led_by": "{} leads",
    "never_sent_to": "something is sent to {}",
}
