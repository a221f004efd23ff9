"""What the router adds to `fingerpost rules`: previews over past decisions, the life of a rule set, and replay."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import typer
from nats.aio.client import Client
from rich.console import Console

from fingerpost_router.adapters.past import PastBook
from fingerpost_router.domain.past import Effect, effect_of, misreplayed, shown_effect
from fingerpost_router.shown_rules import (
    MOST_SHOWN,
    answer_in_words,
    effect_as_json,
    show_effect,
    show_plan,
    table_of_publications,
    table_of_sets,
)
from fingerpost_router.shown_times import partnership_zone
from fingerpost_rules import RuleSet, Unreadable
from fingerpost_rules.commands import app, rules
from fingerpost_rules.loading import load_rule_set
from fingerpost_rules.source import read_text
from fingerpost_shared.contracts.actions import ActionAnswered, answer_subject
from fingerpost_shared.contracts.envelope import Envelope
from fingerpost_shared.contracts.events import MOST_TEXT, RulesetSubmitted
from fingerpost_shared.contracts.queries.rule_sets import RedecisionPlanQuery, RuleSetsQuery
from fingerpost_shared.runtime.asking import Refused, Unanswered, ask
from fingerpost_shared.runtime.cli import CommandFailed
from fingerpost_shared.runtime.found_system import DataOption, find_system
from fingerpost_shared.runtime.publishing import Publisher

__all__ = ["app"]

OPERATOR = "operator"
ANSWER_SECONDS = 60.0
T = TypeVar("T")

RulesFile = Annotated[Path, typer.Argument(metavar="RULES", help="The rule set file; facts and directory are read beside it.")]
Hash = Annotated[str, typer.Argument(help="The rule set's hash, or its first characters.")]
By = Annotated[str, typer.Option(help="The coordinator who acts: an id of the directory's people.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON and nothing else.")]


@rules.command()
def preview(new: RulesFile, data: DataOption = None, by: By = "", as_json: AsJson = False) -> None:
    """Show what a rule set would have done with past referrals; what becomes less urgent comes first.

    With --by, the look is kept with the drafted set, so that it can be approved. Example: fingerpost rules preview rules.yaml
    """
    read = _read(new)
    effect = asyncio.run(_over_past(data, read))
    print(json.dumps(effect_as_json(effect))) if as_json else show_effect(effect)
    if by:
        answer = _step(data, "preview", by, ruleset_hash=read.hash, summary=effect.summary, effect=shown_effect(effect))
        _raise_if_refused(answer) if as_json else _tell(answer, as_json, _zone(data))


@rules.command()
def draft(new: RulesFile, by: By, data: DataOption = None, as_json: AsJson = False) -> None:
    """Hand a rule set in; the router keeps it with what the proofs find. Example: fingerpost rules draft rules.yaml --by cora_rulesmith"""
    _read(new)
    texts = {"rules": _text(new), "facts": _text(new.with_name("facts.yaml"))}
    _tell(_step(data, "draft", by, **texts), as_json, _zone(data))


@rules.command()
def approve(ruleset: Hash, by: By, data: DataOption = None, as_json: AsJson = False) -> None:
    """Approve a previewed rule set as its second person. Example: fingerpost rules approve 3f9c --by caspar_secondsign"""
    _tell(_step(data, "approve", by, ruleset_hash=_whole(data, ruleset)), as_json, _zone(data))


@rules.command()
def publish(
    ruleset: Hash,
    by: By,
    live_from: Annotated[
        str, typer.Option("--from", help="When it goes live, ISO 8601 with Z or an offset; what is received from then on is decided by it.")
    ],
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Let an approved rule set go live; publishing an earlier one again rolls back. What is announced for that time or later is withdrawn.

    Example: fingerpost rules publish 3f9c --by cora_rulesmith --from 2027-07-01T09:00+01:00
    """
    moment = _moment(live_from)
    _tell(_step(data, "publish", by, ruleset_hash=_whole(data, ruleset), live_from=moment), as_json, _zone(data))


@rules.command("list")
def list_sets(data: DataOption = None, as_json: AsJson = False) -> None:
    """List the rule sets that were handed in, and which is live from when. Example: fingerpost rules list"""
    page = _asking(data, lambda client: ask(client, RuleSetsQuery()))
    if as_json:
        print(page.model_dump_json())
        return
    now = datetime.now(UTC)
    Console(markup=False, highlight=False).print(table_of_sets(page, now), table_of_publications(page, now, _zone(data)))


@rules.command()
def replay(data: DataOption = None, as_json: AsJson = False) -> None:
    """Decide every stored decision again by its own rule set; exit 1 where one comes out otherwise. Example: fingerpost rules replay"""
    total, faults = asyncio.run(_replayed(data))
    if as_json:
        print(json.dumps({"decisions": total, "equal": total - len(faults), "faults": [{"reference": r, "differs": d} for r, d in faults]}))
    else:
        print(f"{total - len(faults)} of {total} decisions replay to themselves.")
        for reference, fields in faults[:MOST_SHOWN]:
            print(f"{reference}: {', '.join(fields)} would differ")
    if faults:
        raise typer.Exit(1)


@rules.command()
def redecide(
    by: By = "", apply: Annotated[bool, typer.Option(help="Do it.")] = False, data: DataOption = None, as_json: AsJson = False
) -> None:
    """Show which open referrals the live set would decide otherwise; with --apply, decide them again. Legs are only added or strengthened.

    Example: fingerpost rules redecide, then fingerpost rules redecide --apply --by cora_rulesmith
    """
    plan = _asking(data, lambda client: ask(client, RedecisionPlanQuery(), timeout_seconds=ANSWER_SECONDS))
    if as_json:
        print(plan.model_dump_json())
    else:
        show_plan(plan)
    if apply and plan.moves:
        if not by:
            raise CommandFailed("Say with --by which coordinator decides this.")
        _tell(_step(data, "redecide", by, ruleset_hash=plan.ruleset_hash, confirms=plan.fingerprint), as_json, _zone(data))


def _moment(written: str) -> datetime:
    """The time that somebody wrote. One without a zone is refused: this machine's zone need not be the partnership's."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise CommandFailed(f"{written!r} is no time; write it as 2027-07-01T09:00+01:00.") from None
    if moment.tzinfo is None:
        raise CommandFailed(f"{written!r} does not say in which zone; write an offset, such as 2027-07-01T09:00+01:00, or Z for UTC.")
    return moment


def _read(file: Path) -> RuleSet:
    try:
        return load_rule_set(file)
    except Unreadable as error:
        raise CommandFailed(str(error)) from None


def _text(file: Path) -> str:
    text = read_text(file)
    if len(text) > MOST_TEXT:
        raise CommandFailed(f"{file} has {len(text):,} signs, and a draft may have {MOST_TEXT:,} at most. Take out what no rule needs.")
    return text


async def _over_past(data: Path | None, rules: RuleSet) -> Effect:
    book = PastBook(_database_url(data))
    try:
        return effect_of(rules, await book.newest())
    finally:
        await book.close()


async def _replayed(data: Path | None) -> tuple[int, list[tuple[str, tuple[str, ...]]]]:
    book = PastBook(_database_url(data))
    try:
        past = await book.all()
        sets = {one.ruleset_hash: await book.rules(one.ruleset_hash) for one in {p.ruleset_hash: p for p in past}.values()}
        return len(past), misreplayed(past, sets.__getitem__)
    finally:
        await book.close()


def _database_url(data: Path | None) -> str:
    """The router's database: FINGERPOST_DATABASE_URL, or the running system's."""
    url = os.environ.get("FINGERPOST_DATABASE_URL")
    if url:
        return url
    described = find_system(data).postgres
    if described is None:
        raise CommandFailed("The running system does not say where its database is; set FINGERPOST_DATABASE_URL to the router's.")
    return urlunsplit(urlsplit(described)._replace(path="/fingerpost_router"))


def _whole(data: Path | None, start: str) -> str:
    page = _asking(data, lambda client: ask(client, RuleSetsQuery()))
    found = [one.hash for one in page.rule_sets if one.hash.startswith(start)]
    if len(found) != 1:
        raise CommandFailed(f"{len(found)} rule sets have a hash that begins with {start!r}; 'fingerpost rules list' shows them.")
    return found[0]


def _step(data: Path | None, action: str, by: str, **more: Any) -> ActionAnswered:
    """Submit a step and wait for its answer."""
    event = RulesetSubmitted.model_validate({"action_id": uuid4(), "action": action, "by": by, **more})

    async def submit(client: Client) -> ActionAnswered:
        answers = await client.subscribe(answer_subject(OPERATOR, event.action_id))
        await client.flush()
        publisher = Publisher(client, OPERATOR)
        subject = RulesetSubmitted.filter(actor=OPERATOR)
        await publisher.publish_raw(subject, Envelope(event, uuid4(), datetime.now(UTC)).encode(OPERATOR), {})
        return ActionAnswered.model_validate_json((await answers.next_msg(timeout=ANSWER_SECONDS)).data)

    return _asking(data, submit)


def _asking(data: Path | None, look: Callable[[Client], Awaitable[T]]) -> T:
    system = find_system(data)

    async def run() -> T:
        async with system.operator() as client:
            return await look(client)

    try:
        return asyncio.run(run())
    except (Unanswered, Refused, TimeoutError) as error:
        raise CommandFailed(f"The router did not answer ({error or type(error).__name__}). Look at its /readyz.") from None


def _zone(data: Path | None) -> ZoneInfo | None:
    return partnership_zone(find_system(data).timezone)


def _tell(answer: ActionAnswered, as_json: bool, zone: ZoneInfo | None = None) -> None:
    if as_json:
        print(answer.model_dump_json())
    elif answer.result == "done" and answer.rule_set is not None:
        print("\n".join(answer_in_words(answer.rule_set, zone)))
    _raise_if_refused(answer)


def _raise_if_refused(answer: ActionAnswered) -> None:
    if answer.result == "refused":
        raise CommandFailed(f"{answer.code}: {answer.help}", 1)
