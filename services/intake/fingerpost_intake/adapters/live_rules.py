"""Hears from the router which rule set is live, so that the lane is chosen by the set that will decide."""

from datetime import UTC, datetime

import structlog

from fingerpost_intake.domain.normalising import Understanding
from fingerpost_rules.live import in_force, read_rule_set_text
from fingerpost_shared.contracts.queries.rule_sets import RuleSetsQuery, RuleSetTextQuery
from fingerpost_shared.runtime.service import Service

HEAR_SECONDS = 15.0

log = structlog.get_logger()


class LiveRules:
    """Replaces the rules of an understanding when another set has gone live; until it hears so, the last one goes on."""

    def __init__(self, service: Service, by: Understanding) -> None:
        self._service, self._by = service, by

    async def hear(self) -> None:
        """Ask once. A set for another version of the facts waits until this service has that version too."""
        publications = (await self._service.ask(RuleSetsQuery())).publications
        if not publications:  # the router has never begun yet
            return
        live = in_force(publications, datetime.now(UTC))
        if live.hash == self._by.rules.hash:
            return
        text = await self._service.ask(RuleSetTextQuery(hash=live.hash))
        rules = read_rule_set_text(text.rules, text.facts, None)
        if rules.facts.version != self._by.facts.version:
            log.warning("rule_set_waits_for_facts", ruleset=rules.version, version=rules.facts.version)
            return
        self._by.rules = rules
        log.info("rule_set_live", ruleset=rules.version)
