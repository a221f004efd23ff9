"""The rule sets: which decides, which are on their way, what each would change; approving and publishing one in one's own name."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, Path, Response

from fingerpost_console.domain import rule_sets as life
from fingerpost_console.domain.publishing_time import NotATime, Typed, read_time
from fingerpost_console.domain.rule_changes import Change, changes
from fingerpost_console.domain.rules_in_words import rules_in_words
from fingerpost_console.domain.sessions import Notice
from fingerpost_console.site import NotFound, OwnForm, Page, SignedIn
from fingerpost_rules.live import in_force
from fingerpost_shared.contracts.events import RulesetSubmitted
from fingerpost_shared.contracts.queries.rule_sets import RuleSetQuery, RuleSetsPage, RuleSetsQuery, RuleSetText, RuleSetTextQuery

router = APIRouter()
# refusals that another time would mend
OF_THE_TIME = frozenset({"too_soon", "too_far", "before_effective"})
DIGITS = 64
Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
HashOrItsBeginning = Annotated[str, Path(pattern=r"^[0-9a-f]{8,64}$")]


def coordinating_page(page: SignedIn) -> Page:
    """The page of a coordinator. Raises `NotFound` for anybody else."""
    if not page.me.is_coordinator:
        raise NotFound
    return page


def coordinating_form(page: OwnForm) -> Page:
    """The page that a coordinator's form was sent from. Raises `NotFound` for anybody else."""
    return coordinating_page(page)


Coordinating = Annotated[Page, Depends(coordinating_page)]
CoordinatorsForm = Annotated[Page, Depends(coordinating_form)]


@router.get("/rules")
async def rule_sets(page: Coordinating) -> Response:
    """Every rule set with where it is in its life, and what was or will be in force when."""
    known = await page.site.asks.ask(RuleSetsQuery())
    now = page.local.now
    return page.render(
        "rule-sets.html",
        rule_sets=[(rule_set, life.standing(rule_set, known.publications, now)) for rule_set in known.rule_sets],
        timetable=life.timetable(known.publications, now),
        titles={rule_set.hash: rule_set for rule_set in known.rule_sets},
    )


@router.get("/rules/{ruleset_hash}")
async def rule_set(page: Coordinating, ruleset_hash: HashOrItsBeginning) -> Response:
    """One rule set: its findings, its difference from the one in force, its preview, its rules, and the next step."""
    if len(ruleset_hash) < DIGITS:
        return page.redirect(f"/rules/{await _whole_hash(page, ruleset_hash)}")
    return await _show(page, ruleset_hash)


@router.post("/rules/{ruleset_hash}/approve")
async def approve(page: CoordinatorsForm, ruleset_hash: Hash, action_id: Annotated[UUID, Form()]) -> Response:
    """Approve it in one's own name. A refusal is no error: the next page says what stood in the way."""
    step = RulesetSubmitted(action_id=action_id, action="approve", by=page.me.id, ruleset_hash=ruleset_hash)
    answer = await page.site.acts.act(step, page.me)
    is_done = answer.result == "done"
    notice = Notice(True, "Approved", "It can now be published.") if is_done else Notice(False, "Not approved", answer.help)
    return page.redirect(f"/rules/{ruleset_hash}", notice)


@router.post("/rules/{ruleset_hash}/publish")
async def publish(
    page: CoordinatorsForm,
    ruleset_hash: Hash,
    action_id: Annotated[UUID, Form()],
    day: Annotated[str, Form(max_length=10)] = "",
    month: Annotated[str, Form(max_length=10)] = "",
    year: Annotated[str, Form(max_length=10)] = "",
    clock: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Let it go live at a time. A time that cannot be is asked for again, with what was typed."""
    typed = Typed(day, month, year, clock)
    live_from = read_time(typed, page.local.zone, page.local.now)
    if isinstance(live_from, NotATime):
        return await _show(page, ruleset_hash, typed, live_from)
    step = RulesetSubmitted(action_id=action_id, action="publish", by=page.me.id, ruleset_hash=ruleset_hash, live_from=live_from)
    answer = await page.site.acts.act(step, page.me)
    if answer.code in OF_THE_TIME:
        # a past day is not sent, so what is too soon is so by the hour
        error = NotATime(of_the_hour=answer.help) if answer.code == "too_soon" else NotATime(of_the_day=answer.help)
        return await _show(page, ruleset_hash, typed, error)
    if answer.rule_set is None or answer.rule_set.live_from is None:
        return page.redirect(f"/rules/{ruleset_hash}", Notice(False, "Not published", answer.help))
    # the answer's time and not the form's: sent a second time with another one, it is still the first step
    what = life.published_in_words(answer.rule_set, answer.rule_set.live_from, page.local)
    title = "Already announced" if answer.rule_set.was_announced else "Published"
    return page.redirect(f"/rules/{ruleset_hash}", Notice(True, title, what))


async def _whole_hash(page: Page, beginning: str) -> str:
    """The hash that begins so. Raises `NotFound` unless there is just one."""
    known = await page.site.asks.ask(RuleSetsQuery())
    fitting = {one.hash for one in (*known.rule_sets, *known.publications) if one.hash.startswith(beginning)}
    if len(fitting) != 1:
        raise NotFound
    return fitting.pop()


async def _show(page: Page, ruleset_hash: str, typed: Typed | None = None, error: NotATime | None = None) -> Response:
    detail = await page.site.asks.ask(RuleSetQuery(hash=ruleset_hash))
    known = await page.site.asks.ask(RuleSetsQuery())
    if detail.rule_set is None or not known.publications:
        raise NotFound
    now = page.local.now
    live = in_force(known.publications, now)
    preview = detail.preview
    text = await page.site.asks.ask(RuleSetTextQuery(hash=ruleset_hash))
    read = await page.site.read_rules(text)
    return page.render(
        "rule-set.html",
        422 if error else 200,
        detail=detail,
        rule_set=detail.rule_set,
        standing=life.standing(detail.rule_set, known.publications, now),
        next_step=life.next_step(detail.rule_set, page.me.id),
        preview=preview,
        workload=sorted(preview.effect.workload, key=lambda load: -abs(load.after - load.before)) if preview and preview.effect else (),
        is_stale=preview is not None and preview.at is not None and preview.at < live.live_from and live.hash != ruleset_hash,
        **await _difference(page, known, live.hash, ruleset_hash, text),
        words=rules_in_words(read, page.site.names) if read else None,
        typed=typed or Typed(),
        error=error,
        # minted with the form: however often it is sent, it is one step
        mint=uuid4,
    )


async def _difference(page: Page, known: RuleSetsPage, live_hash: str, ruleset_hash: str, text: RuleSetText) -> dict[str, Any]:
    """The set in force, and where the other one decides otherwise."""
    live = next((one for one in known.rule_sets if one.hash == live_hash), None)
    if live_hash == ruleset_hash:
        return {"live": live, "changes": None, "lacking": None}
    comparison = await page.site.compare(await page.site.asks.ask(RuleSetTextQuery(hash=live_hash)), text)
    found: list[Change] = changes(comparison.differences, page.site.names)
    return {"live": live, "changes": found, "lacking": comparison.lacking}
