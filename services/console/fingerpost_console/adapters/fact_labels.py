"""What the partnership calls its facts: the labels of `facts.yaml`."""

from pathlib import Path
from typing import Any

import yaml


def read_fact_labels(path: Path) -> dict[str, str]:
    """Label by fact. A facts file that is absent or damaged is the router's to report: facts then go by their ids."""
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {str(id): str(fact["label"]) for id, fact in content["facts"].items() if "label" in fact}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        return {}
