"""Compares two rule sets over every possible referral, away from the event loop and each pair once."""

import asyncio
from functools import lru_cache

from fingerpost_console.adapters.rule_texts import rule_set_of
from fingerpost_console.domain.rule_changes import Comparison
from fingerpost_rules import Unreadable
from fingerpost_rules.difference import differences
from fingerpost_rules.proofs.search import NotProved
from fingerpost_shared.contracts.queries.rule_sets import RuleSetText


async def compare(old: RuleSetText, new: RuleSetText) -> Comparison:
    """How the new set differs from the old one."""
    return await asyncio.to_thread(_compared, (old.rules, old.facts), (new.rules, new.facts))


@lru_cache(maxsize=16)
def _compared(old: tuple[str, str], new: tuple[str, str]) -> Comparison:
    try:
        before, after = rule_set_of(*old), rule_set_of(*new)
    except Unreadable:
        return Comparison(lacking="The text of one of them can no longer be read, so only the preview can tell.")
    if before.facts != after.facts:
        return Comparison(lacking="They are written for different versions of the facts file, so only the preview can tell.")
    try:
        return Comparison(tuple(differences(before, after)))
    except NotProved:
        return Comparison(lacking="The search stopped at its limit before all differences were found, so only the preview can tell.")
