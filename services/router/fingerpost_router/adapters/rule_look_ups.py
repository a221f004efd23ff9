"""Reads the router's book of rule sets for those who ask: which there are, what was found and previewed of each, and its text."""

from typing import Any

from sqlalchemy import Executable, select
from sqlalchemy.ext.asyncio import AsyncEngine

from fingerpost_router.adapters.tables import publications, rule_sets
from fingerpost_shared.contracts.queries.rule_sets import (
    LiveRuleSet,
    PreviewView,
    RuleSetDetail,
    RuleSetQuery,
    RuleSetsPage,
    RuleSetsQuery,
    RuleSetText,
    RuleSetTextQuery,
    RuleSetView,
)

_MOST_RULE_SETS = 200
_MOST_FINDINGS, _LONGEST_FINDING = 50, 2000


class RuleLookUps:
    """Reads of the book of rule sets."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def rule_sets(self, _query: RuleSetsQuery) -> RuleSetsPage:
        """`query.router.rulesets.v1`."""
        rows = await self._all(select(rule_sets).order_by(rule_sets.c.drafted_at.desc()).limit(_MOST_RULE_SETS))
        live = await self._all(select(publications).order_by(publications.c.seq))
        published = [LiveRuleSet(seq=row.seq, hash=row.hash, live_from=row.live_from, by=row.by) for row in live]
        return RuleSetsPage(rule_sets=tuple(map(_view, rows)), publications=tuple(published))

    async def rule_set(self, query: RuleSetQuery) -> RuleSetDetail:
        """`query.router.ruleset.v1`."""
        rows = await self._all(select(rule_sets).where(rule_sets.c.hash == query.hash))
        if not rows:
            return RuleSetDetail(found=False)
        row = rows[0]
        return RuleSetDetail(
            found=True,
            rule_set=_view(row),
            effective_from=row.effective_from,
            drafted_at=row.drafted_at,
            findings=tuple(finding[:_LONGEST_FINDING] for finding in row.findings[:_MOST_FINDINGS]),
            preview=PreviewView.model_validate(row.preview) if row.preview else None,
        )

    async def text(self, query: RuleSetTextQuery) -> RuleSetText:
        """`query.router.rulesettext.v1`."""
        rows = await self._all(select(rule_sets.c.rules, rule_sets.c.facts).where(rule_sets.c.hash == query.hash))
        return RuleSetText(found=True, rules=rows[0].rules, facts=rows[0].facts) if rows else RuleSetText(found=False)

    async def _all(self, query: Executable) -> list[Any]:
        async with self._engine.connect() as connection:
            return list((await connection.execute(query)).all())


def _view(row: Any) -> RuleSetView:
    names = ("hash", "ruleset", "title", "state", "author", "approved_by")
    return RuleSetView(findings=len(row.findings), **{name: getattr(row, name) for name in names})
