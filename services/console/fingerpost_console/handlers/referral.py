"""A referral: who has it, why it came to them, who was told; and taking a part of it."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Response

from fingerpost_console.domain.asking import Unanswered
from fingerpost_console.domain.facts import FactSheet, decisive_unknowns, fact_sheet
from fingerpost_console.domain.sessions import Notice
from fingerpost_console.domain.why import why
from fingerpost_console.site import NotFound, OwnForm, Page, SignedIn
from fingerpost_shared.contracts.actions import ActionAnswered
from fingerpost_shared.contracts.events import ActionSubmitted
from fingerpost_shared.contracts.ids import read_reference
from fingerpost_shared.contracts.queries.intake import ReferralQuery, ReferralView
from fingerpost_shared.contracts.queries.notifier import AlertsPage, AlertsQuery
from fingerpost_shared.contracts.queries.pages import PAGE_LIMIT
from fingerpost_shared.contracts.queries.router import DecisionView, LegView, RoutingQuery, RoutingView
from fingerpost_shared.contracts.queries.rule_sets import RuleSetTextQuery

router = APIRouter()


@router.get("/referrals/{reference}")
async def referral(page: SignedIn, reference: str) -> Response:
    """Everything that may be known of a referral without opening the vault. Without the notifier it lacks the alerts, no more."""
    known, routing = await _find(page, reference)
    alerts = await _alerts(page, known.referral_id) if page.me.sees_facts else None
    return page.render(
        "referral.html",
        200 if alerts or not page.me.sees_facts else 503,
        referral=known,
        legs=page.me.seen_of(routing.legs),
        to_take=[leg for leg in routing.legs if leg.state == "open" and page.me.may_take(leg)],
        decision=routing.decision,
        why=why(routing.decision, page.site.names) if routing.decision else None,
        facts=await _facts(page, routing.decision) if routing.decision and page.me.sees_facts else None,
        alerts=alerts,
        # minted with the form: however often it is sent, it is one action
        mint=uuid4,
    )


@router.post("/referrals/{reference}/legs/{leg_id}/acknowledge")
async def acknowledge(
    page: OwnForm,
    reference: str,
    leg_id: UUID,
    action_id: Annotated[UUID, Form()],
    expected_version: Annotated[int, Form(ge=1)],
) -> Response:
    """Take a leg in one's own name. A refusal is no error: the next page says what stood in the way."""
    known, routing = await _find(page, reference)
    leg = next((leg for leg in routing.legs if leg.leg_id == leg_id and page.me.may_take(leg)), None)
    if leg is None:
        raise NotFound
    action = ActionSubmitted(action_id=action_id, leg_id=leg_id, action="acknowledge", expected_version=expected_version, by=page.me.name)
    answer = await page.site.acts.act(action, page.me)
    return page.redirect(f"/referrals/{known.reference}", _notice(answer, leg, page))


async def _find(page: Page, typed: str) -> tuple[ReferralView, RoutingView]:
    """What intake and the router know. Raises `NotFound` alike for what is not there and for what this person may not see."""
    reference = read_reference(typed)
    viewer = page.me
    if reference is None:
        raise NotFound
    known = await page.site.asks.ask(ReferralQuery(reference=reference))
    if not known.found or known.referral_id is None:
        raise NotFound
    routing = await page.site.asks.ask(RoutingQuery(referral_id=known.referral_id))
    if not viewer.sees_referral(routing.legs):
        raise NotFound
    return known, routing


async def _facts(page: Page, decision: DecisionView) -> FactSheet:
    rule_set = await page.site.read_rules(await page.site.asks.ask(RuleSetTextQuery(hash=decision.ruleset_hash)))
    decisive = decisive_unknowns(rule_set, decision) if rule_set else ()
    return fact_sheet(decision.facts, page.site.names, page.site.may_be_unknown, decisive)


async def _alerts(page: Page, referral_id: UUID | None) -> AlertsPage | None:
    try:
        return await page.site.asks.ask(AlertsQuery(referral_id=referral_id, limit=PAGE_LIMIT))
    except Unanswered:
        return None


def _notice(answer: ActionAnswered, leg: LegView, page: Page) -> Notice:
    owner = answer.leg.owner if answer.leg else None
    if answer.result == "refused":
        return Notice(False, "Not taken", f"{answer.help} {owner} owns it." if owner else answer.help)
    group = page.site.names.destination(leg.destination)
    return Notice(True, "Taken", f"{owner or page.me.name} now owns this for {group}. Its clock has stopped.")
