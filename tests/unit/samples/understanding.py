"""Reads samples as intake does, by Herefordshire's own facts and rules."""

from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fingerpost_intake.domain.normalising import Understanding, normalise, read_referral
from fingerpost_intake.domain.tokens import TokenKeys
from fingerpost_intake.samples.referrals import TOLD_ON
from fingerpost_rules import Decision, read_facts, read_names, read_rule_set

HEREFORDSHIRE = Path("config/herefordshire")
FACTS = read_facts(HEREFORDSHIRE / "facts.yaml")
RULES = read_rule_set(HEREFORDSHIRE / "rules.yaml", FACTS, read_names(HEREFORDSHIRE / "directory.yaml"))
_LONDON = ZoneInfo("Europe/London")
_BY = Understanding(FACTS, RULES, id_key=b"id" * 16, token_keys=TokenKeys(b"token" * 8), reference_prefix="HC", timezone=_LONDON)


def facts_from(sent: dict[str, Any]) -> dict[str, Any]:
    """All facts that intake gathers from a referral in native JSON. Raises `Faulty` for what it does not understand."""
    return FACTS.check(normalise(read_referral(sent), "council", datetime.combine(TOLD_ON, time(12), _LONDON), _BY).facts)


def decision_on(sent: dict[str, Any]) -> Decision:
    """What the rules say of it when nothing like it came before."""
    return RULES.decide(facts_from(sent))
