"""The AsyncAPI document of the whole system, built from the services as they are wired; `docs/asyncapi.yaml` is its frozen copy."""

import tempfile
from pathlib import Path
from typing import Any

import yaml

from fingerpost_shared.runtime.asyncapi import document
from fingerpost_shared.runtime.service import Service
from tests.contract.wired import wired

PATH = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"
HEAD = "# What services take, answer and publish over NATS. Built from the code: `python -m tests.contract.freeze`\n"
DOCUMENTED = ("intake", "router", "notifier")  # the console only asks and acts, as any other party may


def generated() -> dict[str, Any]:
    """The document as the code has it now."""
    with tempfile.TemporaryDirectory() as folder:
        return document_of(wired(Path(folder)))


def document_of(services: dict[str, Service]) -> dict[str, Any]:
    """The document of services that are wired."""
    return document("Fingerpost", *(services[name].broker for name in DOCUMENTED))


def written(content: dict[str, Any]) -> str:
    """The document as it stands in its file."""
    return HEAD + yaml.dump(content, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


class _Plain(yaml.SafeDumper):
    """Writes texts of several lines as they read, and everything in full where it stands."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Plain.add_representer(str, _text)
