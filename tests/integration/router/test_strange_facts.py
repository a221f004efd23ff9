"""Referrals whose facts are of another facts file than the deciding rule set's: they are routed all the same, and somebody is told."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from fingerpost_local.servers import Servers
from fingerpost_router.adapters.book import Book
from fingerpost_router.adapters.look_ups import LookUps
from fingerpost_router.adapters.past import PastBook
from fingerpost_router.adapters.rule_book import RuleBook
from fingerpost_router.adapters.tables import decisions
from fingerpost_router.domain.past import effect_of, misreplayed
from fingerpost_shared.contracts.queries.router import RoutingQuery
from tests.integration.router.redeciding import Rules, ago
from tests.integration.router.routing import encoded, legs_in, routing, strange
from tests.unit.router.building import FACTS, RULES, a_referral, an_id

SWORDS = FACTS.replace("[none, bladed]", "[none, bladed, sword]")
A_SWORD_IS_URGENT = RULES.replace("weapon: bladed", "weapon: bladed or sword")
NO_BLADES = FACTS.replace("[none, bladed]", "[none, other]")
OTHERS_ARE_URGENT = RULES.replace("weapon: bladed", "weapon: other")


async def kept(engine: AsyncEngine) -> list[tuple[dict[str, Any], bool]]:
    """The facts of each decision, and whether it is marked as one on an impossible combination."""
    async with engine.connect() as connection:
        rows = await connection.execute(select(decisions.c.facts, decisions.c.outcome).order_by(decisions.c.decided_at))
        return [(row.facts, row.outcome["impossible"]) for row in rows]


async def test_a_value_that_the_rule_set_does_not_know_counts_as_unknown_and_the_duty_desk_has_a_part(
    book: Book, rule_book: RuleBook, engine: AsyncEngine
) -> None:
    told = await routing(book, rule_book, a_referral(weapon="sword"))

    held = await legs_in(engine)
    assert {name: (leg.role, leg.band) for name, leg in held.items()} == {"matac": ("lead", "P4"), "csp_duty_desk": ("also", "P4")}
    assert len(told) == 2
    ((facts, is_marked),) = await kept(engine)
    assert (facts["weapon"], is_marked) == ("sword", True)


async def test_what_is_known_of_a_set_counts_and_a_set_of_which_nothing_is_known_is_unknown(
    book: Book, rule_book: RuleBook, engine: AsyncEngine
) -> None:
    await routing(book, rule_book, a_referral("some", kinds=("asb", "stalking")), a_referral("none", kinds=("stalking",)))

    async with engine.connect() as connection:
        outcomes = {row.facts["kinds"][0]: row.outcome for row in await connection.execute(select(decisions))}
    assert (outcomes["asb"]["lead"], outcomes["asb"]["impossible"]) == ("matac", True)
    assert (outcomes["stalking"]["lead"], outcomes["stalking"]["unrouted"]) == ("csp_duty_desk", True)


async def test_a_referral_without_a_fact_that_the_rule_set_needs_is_routed_by_the_others(
    book: Book, rule_book: RuleBook, engine: AsyncEngine
) -> None:
    await routing(book, rule_book, a_referral().model_copy(update={"facts": {"weapon": "bladed"}}))

    (desk,) = (await legs_in(engine)).values()
    assert (desk.destination, desk.role, desk.band) == ("csp_duty_desk", "lead", "P1")


async def test_a_redelivery_of_such_a_referral_brings_the_same_messages(book: Book, rule_book: RuleBook) -> None:
    first = await routing(book, rule_book, a_referral(weapon="sword"))

    assert encoded(await routing(book, rule_book, a_referral(weapon="sword"))) == encoded(first)


async def test_what_could_not_be_read_is_counted_once_and_logged_by_name_never_by_value(book: Book, rule_book: RuleBook) -> None:
    before = strange()
    batch = [a_referral("one", weapon="canary"), a_referral("two", kinds=("asb", "canary")), a_referral("three")]

    with capture_logs() as lines:
        await routing(book, rule_book, *batch)
        await routing(book, rule_book, *batch)

    assert strange() - before == 2
    assert lines == [{"event": "facts_not_read", "log_level": "error", "codes": ["kinds", "weapon"], "count": 2}]


async def test_decisions_on_such_facts_replay_to_themselves_and_are_shown(
    rules: Rules, book: Book, rule_book: RuleBook, engine: AsyncEngine, databases: Servers
) -> None:
    await routing(book, rule_book, a_referral("one", weapon="sword", new_fact="yes"), a_referral("two", kinds=("stalking",)))
    await rules.publish(2, "P3", ago(hours=1), OTHERS_ARE_URGENT, NO_BLADES)
    await rules.redecide_now()
    past = PastBook(databases.database_urls["router"])
    made = await past.all()
    sets = {one.ruleset_hash: await past.rules(one.ruleset_hash) for one in made}
    await past.close()

    assert misreplayed(made, sets.__getitem__) == []
    view = await LookUps(engine, rule_book).routing(RoutingQuery(referral_id=an_id("one")))
    assert view.decision is not None
    assert view.decision.facts["weapon"] == "sword"


async def test_once_a_set_knows_the_value_a_redecision_goes_by_it(
    rules: Rules, book: Book, rule_book: RuleBook, engine: AsyncEngine
) -> None:
    await routing(book, rule_book, a_referral(weapon="sword"))
    knows = await rules.publish(2, "P4", ago(hours=1), A_SWORD_IS_URGENT, SWORDS)

    assert (await rules.redecide_now()).result == "done"

    assert {name: leg.band for name, leg in (await legs_in(engine)).items()} == {"matac": "P1", "csp_duty_desk": "P1"}
    assert [is_marked for _, is_marked in await kept(engine)] == [True, False]
    assert (await rules.redeciding.plan(knows)).decided == 0


async def test_a_redecision_by_a_set_that_lacks_a_value_gives_the_duty_desk_a_part(
    rules: Rules, book: Book, rule_book: RuleBook, engine: AsyncEngine
) -> None:
    before = strange()
    await routing(book, rule_book, a_referral(weapon="none"), a_referral("two", weapon="bladed"))
    await rules.publish(2, "P4", ago(hours=1), OTHERS_ARE_URGENT, NO_BLADES)

    answer = await rules.redecide_now()

    assert answer.rule_set is not None
    assert answer.rule_set.redecided == 1
    assert strange() - before == 1


async def test_a_preview_counts_what_the_new_set_could_not_read(rules: Rules, book: Book, rule_book: RuleBook, databases: Servers) -> None:
    await routing(book, rule_book, a_referral("one", weapon="bladed"), a_referral("two", weapon="none"))
    lacks = await rules.publish(2, "P4", ago(hours=1), OTHERS_ARE_URGENT, NO_BLADES)
    past = PastBook(databases.database_urls["router"])

    effect = effect_of(lacks, await past.newest())
    await past.close()

    assert effect.strange == {"weapon": 1}
    assert effect.summary == {"decided": 2, "moves": 1, "less_urgent": 1}
