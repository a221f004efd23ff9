"""Rule sets, their publications and their effects as the router's commands show them."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from fingerpost_router.domain.past import Effect
from fingerpost_router.shown_times import in_words
from fingerpost_rules.live import in_force, withdrawn
from fingerpost_shared.contracts.actions import RuleSetState
from fingerpost_shared.contracts.queries.rule_sets import RedecisionPlan, RuleSetsPage

DIGITS_SHOWN = 12
MOST_SHOWN = 50
_NEXT_STEP = {
    "draft": "Mend what was found and draft it again; 'fingerpost rules check RULES' shows an example of each finding.",
    "checked": "Next: see what it would have changed, with 'fingerpost rules preview RULES --by COORDINATOR'.",
    "previewed": "Next: a second coordinator approves it, with 'fingerpost rules approve {hash} --by COORDINATOR' or in the console.",
    "approved": "Next: publish it, with 'fingerpost rules publish {hash} --by COORDINATOR --from TIME' or in the console.",
}


def answer_in_words(state: RuleSetState, zone: ZoneInfo | None) -> Iterator[str]:
    """What became of a rule set by a step of its life, and what comes next."""
    hash = state.hash[:DIGITS_SHOWN]
    if state.live_from:
        yield f"{hash}: {'; '.join(_publication_in_words(state, state.live_from, zone))}"
    elif state.redecided is not None:
        yield f"{hash}: {state.redecided} referrals were decided again."
    else:
        yield f"{hash}: {state.state}"
        yield from (f"    {finding}" for finding in state.findings)
        yield _NEXT_STEP[state.state].format(hash=hash)


def _publication_in_words(state: RuleSetState, live_from: datetime, zone: ZoneInfo | None) -> Iterator[str]:
    yield f"{'already ' if state.was_announced else ''}announced from {in_words(live_from, zone)}"
    if state.withdrawn:
        yield f"withdrawn: {', '.join(f'{one.hash[:DIGITS_SHOWN]} of {in_words(one.live_from, zone)}' for one in state.withdrawn)}"
    if state.also_from:
        yield f"also announced from {', '.join(in_words(at, zone) for at in state.also_from)}, which stands"


def table_of_sets(page: RuleSetsPage, now: datetime) -> Table:
    """The rule sets. The hash whole, for it is what a reader copies; people stand below the title, so that there is room for both."""
    live = in_force(page.publications, now).hash if page.publications else None
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("hash", "set", "state", "findings"):
        table.add_column(heading, no_wrap=True)
    table.add_column("title, and whose it is")
    for one in page.rule_sets:
        state = "in force" if one.hash == live else one.state
        people = f"by {one.author}, approved by {one.approved_by}" if one.approved_by else f"by {one.author}"
        table.add_row(one.hash[:DIGITS_SHOWN], str(one.ruleset), state, str(one.findings), f"{one.title}\n{people}")
    return table


def table_of_publications(page: RuleSetsPage, now: datetime, zone: ZoneInfo | None = None) -> Table:
    """What is or was in force when."""
    live = in_force(page.publications, now) if page.publications else None
    never = withdrawn(page.publications)
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("live from", "hash", "published by", "standing"):
        table.add_column(heading, no_wrap=heading != "published by")
    for one in page.publications:
        past = "in force" if one == live else "replaced"
        standing = "withdrawn" if one in never else "announced" if one.live_from > now else past
        table.add_row(in_words(one.live_from, zone), one.hash[:DIGITS_SHOWN], one.by, standing)
    return table


def effect_as_json(effect: Effect) -> dict[str, Any]:
    """What a rule set would have changed, as `preview --json` writes it."""
    pairs = {"leads": effect.leads, "bands": effect.bands}
    moves = {name: [{"from": a, "to": b, "count": n} for (a, b), n in counter.most_common() if n] for name, counter in pairs.items()}
    workload = {
        name: {"before": effect.workload_before[name], "after": effect.workload_after[name]}
        for name in sorted({*effect.workload_before, *effect.workload_after})
    }
    return {**effect.summary, **moves, "workload": workload, "not_read": dict(effect.strange), "moved": [*map(asdict, effect.moves)]}


def show_plan(plan: RedecisionPlan) -> None:
    """What deciding open referrals again would do."""
    print(f"{plan.moves} of {plan.decided} open referrals that another rule set decided would be decided otherwise.")
    for move in plan.shown[:MOST_SHOWN]:
        print(f"{move.reference}: {move.old_lead} {move.old_band} -> {move.new_lead} {move.new_band}")


def show_effect(effect: Effect) -> None:
    """What a rule set would have changed of past referrals."""
    figures = effect.summary
    print(f"{figures['moves']} of {figures['decided']} past referrals would move; {figures['less_urgent']} would become less urgent.")
    for fact, count in effect.strange.most_common():
        print(f"{fact} cannot be read in {count} past referrals: it would count as unknown, and the duty desk would have a part.")
    for move in effect.moves[:MOST_SHOWN]:
        mark = "  LESS URGENT" if move.is_less_urgent else ""
        print(f"{move.reference}: {move.old_lead} {move.old_band} -> {move.new_lead} {move.new_band}{mark}")
    for what, counted in (("band", effect.bands), ("lead", effect.leads)):
        for (old, new), count in counted.most_common():
            if count:
                print(f"{what} {old} -> {new}: {count}")
    table = Table("destination", "before", "after")
    for name in sorted({*effect.workload_before, *effect.workload_after}):
        table.add_row(name, str(effect.workload_before[name]), str(effect.workload_after[name]))
    Console().print(table)
