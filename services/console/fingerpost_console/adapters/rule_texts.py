"""Reads the texts of rule sets, away from the event loop and each once."""

import asyncio
from functools import lru_cache

from fingerpost_rules import RuleSet, Unreadable
from fingerpost_rules.live import read_rule_set_text
from fingerpost_shared.contracts.queries.rule_sets import RuleSetText


async def read_rules(text: RuleSetText) -> RuleSet | None:
    """The rule set, or None where its text is not there or no longer reads."""
    if not text.found:
        return None
    try:
        return await asyncio.to_thread(rule_set_of, text.rules, text.facts)
    except Unreadable:
        return None


@lru_cache(maxsize=16)
def rule_set_of(rules: str, facts: str) -> RuleSet:
    """The rule set with this text, names taken as written. Raises `Unreadable`."""
    return read_rule_set_text(rules, facts, None)
