"""What the partnership's `facts.yaml` says of its facts: what they are called, and which of them may be unknown."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


def read_fact_labels(path: Path) -> dict[str, str]:
    """Label by fact. A facts file that is absent or damaged is the router's to report: facts then go by their ids."""
    return {id: str(fact["label"]) for id, fact in _facts(path).items() if "label" in fact}


def read_may_be_unknown(path: Path) -> tuple[str, ...]:
    """The facts that a referral may leave open, in the file's order; none where the file is absent or damaged."""
    return tuple(id for id, fact in _facts(path).items() if fact.get("unknown") is True and fact.get("counted") is not True)


def _facts(path: Path) -> Mapping[str, Mapping[str, Any]]:
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {str(id): {**fact} for id, fact in content["facts"].items()}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        return {}
