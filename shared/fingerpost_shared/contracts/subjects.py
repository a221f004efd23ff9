"""Which subjects each service publishes, answers and asks: the server's permission lists are made from this table."""

from dataclasses import dataclass

from fingerpost_shared.contracts.events import (
    ActionSubmitted,
    AlertFailed,
    AlertSent,
    LegAcknowledged,
    LegRouted,
    ReferralQuarantined,
    ReferralReceived,
    ReferralUpdated,
    RulesetSubmitted,
)
from fingerpost_shared.contracts.queries.digests import DigestQuery
from fingerpost_shared.contracts.queries.rule_sets import RuleSetsQuery, RuleSetTextQuery
from fingerpost_shared.contracts.streams import SUBMISSION_STEM


@dataclass(frozen=True)
class Permissions:
    """What a service may publish and subscribe to, besides its inbox and its own consumers."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def _buried(service: str) -> str:
    return f"letter.buried.v1.{service}"


SERVICES: dict[str, Permissions] = {
    "intake": Permissions(
        publish=(
            f"{SUBMISSION_STEM}.*.*",
            ReferralReceived.filter(),
            ReferralUpdated.filter(),
            ReferralQuarantined.filter(),
            DigestQuery.subject_of("router"),
            RuleSetsQuery.subject,
            RuleSetTextQuery.subject,
        ),
        subscribe=("query.intake.*.v1",),
    ),
    "router": Permissions(
        publish=(
            LegRouted.filter(),
            LegAcknowledged.filter(),
            "action.answered.v1.*.*",
            _buried("router"),
            DigestQuery.subject_of("notifier"),
        ),
        subscribe=("query.router.*.v1",),
    ),
    "notifier": Permissions(
        publish=(AlertSent.filter(), AlertFailed.filter(), _buried("notifier")),
        subscribe=("query.notifier.*.v1",),
    ),
    "console": Permissions(
        publish=(ActionSubmitted.filter(service="router", actor="console"), RulesetSubmitted.filter(actor="console"), "query.*.*.v1"),
        subscribe=("action.answered.v1.console.*",),
    ),
}
