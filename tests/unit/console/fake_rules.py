"""Rule sets in memory: they live by the router's own rules for a life, and answer as it would."""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from fingerpost_router.domain import rule_lifecycle
from fingerpost_router.domain.acting import Refused
from fingerpost_router.domain.rule_lifecycle import Publication, RuleSetRecord
from fingerpost_shared.contracts.actions import ActionAnswered, RuleSetState
from fingerpost_shared.contracts.effects import Move, RuleSetEffect, Shift, Workload
from fingerpost_shared.contracts.events import RulesetSubmitted
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
from tests.unit.router.building import FACTS, RULES, a_rule_set

EFFECT = RuleSetEffect(
    workload=(
        Workload(destination="domestic_abuse_subgroup", before=120, after=120),
        Workload(destination="matac", before=88, after=84),
        Workload(destination="csp_duty_desk", before=9, after=13),
    ),
    leads=(Shift(old="matac", new="csp_duty_desk", count=4),),
    bands=(Shift(old="P3", new="P4", count=1), Shift(old="P3", new="P2", count=3)),
    shown=(
        Move(reference="MV-7K3MQ-2XD9F-W", old_lead="matac", old_band="P3", new_lead="csp_duty_desk", new_band="P4", is_less_urgent=True),
        Move(reference="MV-2VHXD-ZHSH7-C", old_lead="matac", old_band="P3", new_lead="csp_duty_desk", new_band="P2", is_less_urgent=False),
    ),
)


@dataclass
class Kept:
    """A rule set, its text and what was found in it."""

    record: RuleSetRecord
    text: RuleSetText
    findings: tuple[str, ...]
    drafted_at: datetime
    preview: PreviewView | None = None


@dataclass
class FakeRules:
    """Fill it with `draft`, `look`, and the steps that people submit."""

    now: datetime
    sets: dict[str, Kept] = field(default_factory=dict[str, Kept])
    publications: list[Publication] = field(default_factory=list[Publication])
    answered: dict[UUID, ActionAnswered] = field(default_factory=dict[UUID, ActionAnswered])

    def __post_init__(self) -> None:
        first = self.draft(RULES, author="partnership_folder", drafted_hours_ago=900)
        kept = self.sets[first]
        kept.record = replace(kept.record, state="approved", approved_by="partnership_folder")
        self.publications.append(Publication(1, first, datetime.fromisoformat("2000-01-01T00:00Z"), "partnership_folder"))

    def draft(
        self, rules: str, author: str = "cora", findings: tuple[str, ...] = (), title: str | None = None, drafted_hours_ago: float = 50
    ) -> str:
        """The hash of a set that was handed in."""
        with TemporaryDirectory() as folder:
            read = a_rule_set(Path(folder), rules).rules
        state: rule_lifecycle.State = "draft" if findings else "checked"
        effective_from = datetime.fromisoformat("2026-01-01T00:00Z")
        record = RuleSetRecord(read.hash, read.version, title or read.title, effective_from, state, author, len(findings), None, None)
        drafted_at = self.now - timedelta(hours=drafted_hours_ago)
        self.sets[read.hash] = Kept(record, RuleSetText(found=True, rules=rules, facts=FACTS), findings, drafted_at)
        return read.hash

    def look(self, hash: str, effect: RuleSetEffect | None = EFFECT, hours_ago: float = 2) -> None:
        """Somebody previews the set."""
        kept = self.sets[hash]
        record = rule_lifecycle.previewed(kept.record, {})
        assert isinstance(record, RuleSetRecord)
        kept.record = record
        at = self.now - timedelta(hours=hours_ago)
        kept.preview = PreviewView(decided=217, moves=4, less_urgent=1, by="cora", at=at, effect=effect)

    def publish(self, hash: str, live_from: datetime) -> None:
        """The set is published, whatever its state."""
        self.publications.append(Publication(len(self.publications) + 1, hash, live_from, "cora"))

    def step(self, step: RulesetSubmitted) -> ActionAnswered:
        """Approve or publish as the router would: each step once."""
        if step.action_id not in self.answered:
            self.answered[step.action_id] = self._step(step)
        return self.answered[step.action_id]

    def _step(self, step: RulesetSubmitted) -> ActionAnswered:
        assert step.ruleset_hash is not None
        kept = self.sets[step.ruleset_hash]
        result: RuleSetRecord | Publication | Refused
        if step.action == "approve":
            result = rule_lifecycle.approved(kept.record, step.by)
        else:
            assert step.live_from is not None
            result = rule_lifecycle.published(kept.record, step.by, step.live_from, self.now, self.publications)
        if isinstance(result, Refused):
            return ActionAnswered(action_id=step.action_id, result="refused", code=result.code, help=result.help)
        if isinstance(result, Publication):
            state = self._published(kept.record, result)
        else:
            kept.record = result
            state = _state(result)
        return ActionAnswered(action_id=step.action_id, result="done", code=step.action, help="It is done.", rule_set=state)

    def _published(self, record: RuleSetRecord, publication: Publication) -> RuleSetState:
        made = [*self.publications]
        if publication not in made:
            self.publications.append(publication)
        return _state(
            record,
            live_from=publication.live_from,
            was_announced=publication in made,
            withdrawn=[asdict(one) for one in rule_lifecycle.withdrawn_by(publication, made)] if publication not in made else [],
            also_from=[one.live_from for one in rule_lifecycle.announced_beside(publication, made, self.now)],
        )

    def page(self, _query: RuleSetsQuery) -> RuleSetsPage:
        """`query.router.rulesets.v1`."""
        newest = sorted(self.sets.values(), key=lambda kept: kept.drafted_at, reverse=True)
        published = [LiveRuleSet(seq=one.seq, hash=one.hash, live_from=one.live_from, by=one.by) for one in self.publications]
        return RuleSetsPage(rule_sets=tuple(_view(kept.record) for kept in newest), publications=tuple(published))

    def detail(self, query: RuleSetQuery) -> RuleSetDetail:
        """`query.router.ruleset.v1`."""
        kept = self.sets.get(query.hash)
        if kept is None:
            return RuleSetDetail(found=False)
        return RuleSetDetail(
            found=True,
            rule_set=_view(kept.record),
            effective_from=kept.record.effective_from,
            drafted_at=kept.drafted_at,
            findings=kept.findings,
            preview=kept.preview,
        )

    def text(self, query: RuleSetTextQuery) -> RuleSetText:
        """`query.router.rulesettext.v1`."""
        kept = self.sets.get(query.hash)
        return kept.text if kept else RuleSetText(found=False)


def _state(record: RuleSetRecord, **more: object) -> RuleSetState:
    names = ("hash", "ruleset", "state", "author", "approved_by")
    return RuleSetState.model_validate({**{name: getattr(record, name) for name in names}, **more})


def _view(record: RuleSetRecord) -> RuleSetView:
    names = ("hash", "ruleset", "title", "state", "author", "findings", "approved_by")
    return RuleSetView(**{name: getattr(record, name) for name in names})
