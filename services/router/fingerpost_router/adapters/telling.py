"""Tells whoever watches the router what its decisions came to."""

from collections.abc import Iterable, Sequence

import structlog

from fingerpost_rules import Decision
from fingerpost_shared.runtime import metrics

_MOST_NAMED = 50

log = structlog.get_logger()


class Telling:
    """The router's figures and log lines about decisions that are saved."""

    def __init__(self, service: str) -> None:
        self._unrouted, self._strange = metrics.UNROUTED.labels(service), metrics.STRANGE.labels(service)

    def decided(self, ruled: Iterable[tuple[Decision, Sequence[str]]]) -> None:
        """Count decisions, each with the names of the facts that its rule set could not read; those are logged, never their values."""
        ruled = [*ruled]
        self._unrouted.inc(sum(decision.unrouted for decision, _ in ruled))
        strange = [names for _, names in ruled if names]
        if strange:
            self._strange.inc(len(strange))
            codes = sorted({name for names in strange for name in names})
            log.error("facts_not_read", codes=codes[:_MOST_NAMED], count=len(strange))
