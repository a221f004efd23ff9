"""Legs and alerts for the tests of the notifier's domain."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from fingerpost_notifier.domain.alerts import Alert
from fingerpost_shared.contracts.events import LegRouted

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
LEG = UUID(int=7)


def a_leg(**parts: Any) -> LegRouted:
    """A routed lead leg that alerts two agencies."""
    told: dict[str, Any] = {
        "leg_id": LEG,
        "version": 1,
        "referral_id": UUID(int=8),
        "reference": "HC-7K3MQ-2XD9F-W",
        "destination": "matac",
        "lane": "urgent",
        "role": "lead",
        "band": "P1",
        "received_at": NOW,
        "routed_at": NOW,
        "due_at": NOW,
        "alert": ("police", "council"),
        "decision_id": UUID(int=9),
    }
    return LegRouted(**(told | parts))


def an_alert(number: int = 0, agency: str = "police", attempts: int = 1) -> Alert:
    """An alert that a sender has claimed for its first attempt."""
    return Alert(uuid5(LEG, str(number)), LEG, UUID(int=8), "HC-7K3MQ-2XD9F-W", agency, "email", "urgent", "P1", attempts)


def alone() -> None:
    """What a sender calls for help when nobody else sends."""


def never() -> bool:
    """What a sender hears of a service that goes on."""
    return False
