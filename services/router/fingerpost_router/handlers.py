"""The router's use cases: decide a referral, and let a person act on a leg."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from nats.aio.msg import Msg

from fingerpost_router.domain.acting import Actor, Done, Refused, act
from fingerpost_router.domain.calendar import Calendar
from fingerpost_router.domain.legs import Leg, Routed, merged
from fingerpost_router.domain.repeats import counted_facts, window_of
from fingerpost_router.domain.snapshots import Decided, Snapshot, arrived_at, newest
from fingerpost_rules import Decision, RuleSet
from fingerpost_shared.contracts import ids
from fingerpost_shared.contracts.actions import ActionAnswered, LegState, answer_subject
from fingerpost_shared.contracts.envelope import Envelope, Malformed, Received
from fingerpost_shared.contracts.events import ActionSubmitted, FactValue, LegAcknowledged, LegRouted
from fingerpost_shared.runtime.fairness import in_turns
from fingerpost_shared.runtime.faults import TryLater
from fingerpost_shared.runtime.publishing import Answer, Outgoing

if TYPE_CHECKING:
    from fingerpost_router.adapters.action_book import ActionBook, Turn
    from fingerpost_router.adapters.assertions import Assertions
    from fingerpost_router.adapters.book import Book, Transaction
    from fingerpost_router.adapters.rule_book import RuleBook

Tell = Callable[[Iterable[tuple[Decision, Sequence[str]]]], None]
UNKNOWN_LEG_PATIENCE = timedelta(seconds=10)


async def route(batch: Sequence[Received[Snapshot]], book: "Book", rule_book: "RuleBook", calendar: Calendar, tell: Tell) -> list[Envelope]:
    """Decide each referral once. Given the same batch again (a redelivery), returns the same events: the first saved decision wins.

    `tell` is told the decisions that this call saved, each with the names of the facts that its rule set could not read.
    """
    snapshots = newest([received.event for received in batch])
    async with book.transaction() as transaction:
        undecided = sorted(await transaction.undecided(snapshots), key=lambda s: (s.received_at, s.referral_id))
        made, legs = await _decide(undecided, transaction, rule_book, calendar) if undecided else ([], [])
    tell((decided.decision, decided.strange) for decided in made)  # once saved: what is rolled back is decided again
    fresh = {s.referral_id for s in undecided}
    if decided_before := {s.referral_id: s.version for s in snapshots if s.referral_id not in fresh}:
        legs += await book.legs_decided(decided_before)
    return [routed_event(leg) async for some in in_turns(legs) for leg in some]


async def _decide(
    batch: Sequence[Snapshot], transaction: "Transaction", rule_book: "RuleBook", calendar: Calendar
) -> tuple[list[Decided], list[Leg]]:
    windows = [window_of(snapshot.tokens, snapshot.referral_id, snapshot.received_at) for snapshot in batch]
    updated = [s.referral_id for s in batch if s.version > 1]
    seen = await transaction.see(windows, updated)
    held = await transaction.held_legs(updated)
    now = datetime.now(UTC)
    made: list[Decided] = []
    added: list[Leg] = []
    changed: list[Leg] = []
    async for some in in_turns([*zip(batch, windows, strict=True)]):
        ruling = [rule_book.at(arrived_at(snapshot)) for snapshot, _ in some]
        counted: list[dict[str, FactValue]] = []
        for (snapshot, window), rules in zip(some, ruling, strict=True):
            counted.append(counted_facts(window, seen, rules.facts))
            for token in snapshot.tokens:
                seen.add(token, snapshot.received_at, snapshot.referral_id)
        decided = [decide(one, facts, rules, now) for (one, _), facts, rules in zip(some, counted, ruling, strict=True)]
        for each, rules in zip(decided, ruling, strict=True):
            new, stronger = merged(held.get(each.snapshot.referral_id, []), _routed(each), rules, calendar)
            added += new
            changed += stronger
        made += decided
    await transaction.save(made, added, changed)
    return made, [*added, *changed]


def decide(snapshot: Snapshot, counted: Mapping[str, FactValue], rules: RuleSet, now: datetime) -> Decided:
    """The decision on a referral whose repeats were counted among all that came before.

    It is decided whatever its facts, for intake may have a newer facts file than the rule set that is in force.
    """
    facts = {**snapshot.facts, **counted}
    decision, strange = rules.decide_anyway(facts)
    return Decided(
        id=ids.decision_id(snapshot.referral_id, snapshot.version),
        snapshot=snapshot,
        facts=facts,
        decision=decision,
        ruleset_hash=rules.hash,
        decided_at=now,
        strange=strange,
    )


def _routed(decided: Decided) -> Routed:
    snapshot = decided.snapshot
    return Routed(snapshot.referral_id, snapshot.reference, decided.id, decided.decision, snapshot.received_at, decided.decided_at)


def routed_event(leg: Leg) -> Envelope:
    """The event that a leg was routed, the same whenever it is asked for again."""
    event = LegRouted(
        leg_id=leg.id,
        version=leg.routed_version,
        referral_id=leg.referral_id,
        reference=leg.reference,
        destination=leg.destination,
        lane=leg.lane,
        role=leg.role,
        band=leg.band,
        received_at=leg.received_at,
        routed_at=leg.routed_at,
        due_at=leg.due_at,
        alert=leg.alert,
        decision_id=leg.decision_id,
    )
    return Envelope(event, ids.event_id(leg.decision_id, LegRouted.filter(destination=leg.destination), str(leg.id)), leg.routed_at)


async def act_on_leg(batch: Sequence[Received[ActionSubmitted]], book: "ActionBook", assertions: "Assertions") -> list[Outgoing]:
    """Let people act on legs, each action once: a resend gets the answer that the first one got."""
    outgoing: list[Outgoing] = []
    for received in batch:
        outgoing += await _act_once(received, book, assertions)
    return outgoing


async def _act_once(received: Received[ActionSubmitted], book: "ActionBook", assertions: "Assertions") -> list[Outgoing]:
    action, name = received.event, actor_name(received.subject)
    async with book.turn(name, action) as turn:
        answer = turn.answered
        if answer is None:
            answer = _perform(action, assertions.actor_of(name, action, received.stored_at), turn, received.stored_at)
            await turn.save(answer)
    events: list[Outgoing] = []
    if turn.leg is not None and answer.leg is not None and answer.result == "done" and answer.leg.id == turn.leg.id:
        events.append(_acknowledged_event(turn.leg, answer.leg))
    return [*events, Answer(answer_subject(name, action.action_id), answer.model_dump_json().encode())]


def _perform(action: ActionSubmitted, actor: Actor | Refused, turn: "Turn", submitted_at: datetime) -> ActionAnswered:
    result: Done | Refused
    if isinstance(actor, Refused):
        result = actor
    elif turn.leg is None:
        if datetime.now(UTC) - submitted_at < UNKNOWN_LEG_PATIENCE:
            raise TryLater
        result = Refused("unknown_leg", "There is no such leg: take its id from the event or the page that showed it.")
    else:
        result = act(turn.leg, action, actor, datetime.now(UTC))
    if isinstance(result, Refused):
        state = (
            leg_state(turn.leg) if turn.leg is not None and isinstance(actor, Actor) and actor.works_for == turn.leg.destination else None
        )
        return ActionAnswered(action_id=action.action_id, result="refused", code=result.code, help=result.help, leg=state)
    turn.leg = result.leg
    code, help_text = ("acknowledged", "It is yours.") if result.is_new else ("already_yours", "It was yours already.")
    return ActionAnswered(action_id=action.action_id, result="done", code=code, help=help_text, leg=leg_state(result.leg))


def leg_state(leg: Leg) -> LegState:
    """A leg as an answer shows it."""
    return LegState(id=leg.id, state=leg.state, version=leg.version, owner=leg.owner, due_at=leg.due_at)


def _acknowledged_event(leg: Leg, taken: LegState) -> Envelope:
    """The event that somebody took the leg, as the answer says: a resend brings the same one, whatever the leg has become since."""
    assert taken.owner is not None
    assert leg.acknowledged_at is not None
    event = LegAcknowledged(
        leg_id=leg.id,
        version=taken.version,
        referral_id=leg.referral_id,
        reference=leg.reference,
        destination=leg.destination,
        lane=leg.lane,
        by=taken.owner,
        acknowledged_at=leg.acknowledged_at,
    )
    subject = LegAcknowledged.filter(destination=leg.destination)
    return Envelope(event, ids.event_id(leg.id, subject, f"acknowledged/{taken.version}"), leg.acknowledged_at)


def actor_name(subject: str) -> str:
    """Who submitted an action: NATS itself pins it in the subject."""
    return subject.split(".")[4]


def refuse_malformed(message: Msg, fault: Malformed) -> Outgoing | None:
    """The answer to an action that cannot be read, where it at least has an id."""
    try:
        action_id = UUID(json.loads(message.data)["data"]["action_id"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    help_text = f"The action cannot be read ({str(fault)[:500]}): mend it and send it under a new action_id."
    answer = ActionAnswered(action_id=action_id, result="refused", code="malformed", help=help_text)
    return Answer(answer_subject(actor_name(message.subject), action_id), answer.model_dump_json().encode())
