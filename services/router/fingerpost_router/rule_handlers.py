"""The router's use cases about its rules: each step of a rule set's life, and deciding open referrals again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fingerpost_router.domain import rule_lifecycle
from fingerpost_router.domain.acting import Refused
from fingerpost_router.domain.past import FIGURES
from fingerpost_router.domain.rule_lifecycle import Publication, RuleSetRecord
from fingerpost_router.handlers import routed_event
from fingerpost_rules import Unreadable, check
from fingerpost_rules.live import in_force, read_rule_set_text
from fingerpost_shared.contracts.actions import ActionAnswered, RuleSetState, answer_subject
from fingerpost_shared.contracts.envelope import Envelope, Received
from fingerpost_shared.contracts.events import RulesetSubmitted
from fingerpost_shared.runtime.publishing import Answer, Outgoing

if TYPE_CHECKING:
    from fingerpost_router.adapters.assertions import Assertions
    from fingerpost_router.adapters.redeciding import Redeciding
    from fingerpost_router.adapters.rule_action_book import RuleActionBook, RuleTurn
    from fingerpost_router.adapters.rule_book import RuleBook

Roles = Callable[[str], frozenset[str]]
MOST_FINDINGS_SHOWN = 20
_NOT_WHAT_WAS_PREVIEWED = Refused("not_what_was_previewed", "What would move is not what was previewed: preview it again.")


async def step_rule_set(
    batch: Sequence[Received[RulesetSubmitted]],
    book: "RuleActionBook",
    rule_book: "RuleBook",
    redeciding: "Redeciding",
    assertions: "Assertions",
    roles: Roles,
) -> list[Outgoing]:
    """Take each step once: a resend gets the answer that the first one got."""
    outgoing: list[Outgoing] = []
    for received in batch:
        step, actor = received.event, received.subject.split(".")[3]
        refused = assertions.refuse_step(actor, step, received.stored_at) or rule_lifecycle.may_act(step.by, roles(step.by))
        outgoing += await _step_once(step, actor, refused, book, rule_book, redeciding)
    return outgoing


async def _step_once(
    step: RulesetSubmitted,
    actor: str,
    refused: Refused | None,
    book: "RuleActionBook",
    rule_book: "RuleBook",
    redeciding: "Redeciding",
) -> list[Outgoing]:
    events: list[Envelope] = []
    if step.action == "redecide" and refused is None:
        answer, events = await _redecide(step, actor, book, rule_book, redeciding)
    else:
        async with book.turn(actor, step) as turn:
            answer = turn.answered
            if answer is None:
                answer = _answer(step, refused or await _STEPS[step.action](step, turn, rule_book))
                await turn.save(answer)
        await rule_book.hear()
    return [*events, Answer(answer_subject(actor, step.action_id), answer.model_dump_json().encode())]


async def _draft(step: RulesetSubmitted, turn: "RuleTurn", rule_book: "RuleBook") -> RuleSetState | Refused:
    """Keep a rule set with what the proofs find; one that cannot be read is refused with every error."""
    if not step.rules or not step.facts:
        return Refused("incomplete", "A draft brings the text of the rules and of the facts file.")
    try:
        rules = read_rule_set_text(step.rules, step.facts, rule_book.names)
    except Unreadable as error:
        return Refused("unreadable", str(error)[:2000])
    if unfit := rule_lifecycle.refuse_bands(rules.bands):
        return unfit
    # in a thread, so that referrals are decided meanwhile
    findings = [finding.message for finding in await asyncio.to_thread(check, rules)]
    await turn.add(rule_book.row(rules, step.rules, step.facts, step.by, findings))
    record = await turn.record(rules.hash)
    assert record is not None
    return _state(record, findings=tuple(findings[:MOST_FINDINGS_SHOWN]))


async def _preview(step: RulesetSubmitted, turn: "RuleTurn", _rule_book: "RuleBook") -> RuleSetState | Refused:
    record = await _record(step, turn)
    if isinstance(record, Refused):
        return record
    if step.summary is None or step.summary.keys() != FIGURES:
        return Refused("incomplete", f"A preview brings its figures: {', '.join(sorted(FIGURES))}.")
    effect = step.effect.model_dump(mode="json") if step.effect else None
    seen = {**step.summary, "by": step.by, "at": turn.begun_at.isoformat(), "effect": effect}
    return await _changed(rule_lifecycle.previewed(record, seen), turn)


async def _approve(step: RulesetSubmitted, turn: "RuleTurn", _rule_book: "RuleBook") -> RuleSetState | Refused:
    record = await _record(step, turn)
    return record if isinstance(record, Refused) else await _changed(rule_lifecycle.approved(record, step.by), turn)


async def _publish(step: RulesetSubmitted, turn: "RuleTurn", _rule_book: "RuleBook") -> RuleSetState | Refused:
    record = await _record(step, turn)
    if isinstance(record, Refused):
        return record
    if step.live_from is None:
        return Refused("incomplete", "A publication says from when on it is live.")
    now, made = datetime.now(UTC), await turn.publications()
    result = rule_lifecycle.published(record, step.by, step.live_from, now, made)
    if isinstance(result, Refused):
        return result
    if result in made:
        return _state(record, live_from=result.live_from, was_announced=True, also_from=_also_from(result, made, now))
    await turn.publish(result)
    gone = [asdict(one) for one in rule_lifecycle.withdrawn_by(result, made)]
    return _state(record, live_from=result.live_from, withdrawn=gone, also_from=_also_from(result, made, now))


def _also_from(publication: Publication, made: Sequence[Publication], now: datetime) -> list[datetime]:
    return [one.live_from for one in rule_lifecycle.announced_beside(publication, made, now)]


async def _redecide(
    step: RulesetSubmitted, actor: str, book: "RuleActionBook", rule_book: "RuleBook", redeciding: "Redeciding"
) -> tuple[ActionAnswered, list[Envelope]]:
    """Decide open referrals again, once somebody has seen which: what they confirm must still be what it is.

    It is done by the set that was in force when the step began, however often a crash interrupts it and whatever goes live meanwhile.
    """
    async with book.turn(actor, step) as turn:
        live = in_force(await turn.publications(), turn.begun_at)
        rules = await rule_book.rules(live.hash)
        if not turn.has_begun:
            is_as_confirmed = (await redeciding.plan(rules)).fingerprint == step.confirms
            await turn.save(None if is_as_confirmed else _answer(step, _NOT_WHAT_WAS_PREVIEWED))
        answered = turn.answered
    if answered is None:
        await redeciding.run(rules, live.seq, turn.begun_at)
        async with book.turn(actor, step) as turn:
            record = await turn.record(live.hash)
            assert record is not None
            answered = _answer(step, _state(record, redecided=await redeciding.count(live.seq, turn.begun_at)))
            await turn.save(answered)
    events = [routed_event(leg) for leg in await redeciding.legs(live.seq)] if answered.result == "done" else []
    return answered, events


async def _record(step: RulesetSubmitted, turn: "RuleTurn") -> RuleSetRecord | Refused:
    record = await turn.record(step.ruleset_hash or "")
    return record or Refused("unknown_rule_set", "No rule set has this hash: draft it first.")


async def _changed(result: RuleSetRecord | Refused, turn: "RuleTurn") -> RuleSetState | Refused:
    if isinstance(result, Refused):
        return result
    await turn.change(result)
    return _state(result)


def _state(record: RuleSetRecord, **more: object) -> RuleSetState:
    known = {name: getattr(record, name) for name in ("hash", "ruleset", "state", "author", "approved_by")}
    return RuleSetState.model_validate({**known, **more})


def _answer(step: RulesetSubmitted, result: RuleSetState | Refused) -> ActionAnswered:
    if isinstance(result, Refused):
        return ActionAnswered(action_id=step.action_id, result="refused", code=result.code, help=result.help)
    return ActionAnswered(action_id=step.action_id, result="done", code=step.action, help="It is done.", rule_set=result)


_Step = Callable[[RulesetSubmitted, "RuleTurn", "RuleBook"], Awaitable[RuleSetState | Refused]]
_STEPS: Mapping[str, _Step] = {"draft": _draft, "preview": _preview, "approve": _approve, "publish": _publish}
