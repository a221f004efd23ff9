"""Acts on a running system's rules as coordinators do: by their commands, or by the messages that these send."""

import json
import os
import subprocess
import sysconfig
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from fingerpost_shared.contracts.actions import ActionAnswered, answer_subject
from fingerpost_shared.contracts.envelope import Envelope
from fingerpost_shared.contracts.events import RulesetSubmitted
from fingerpost_shared.runtime.publishing import Publisher
from tests.support.live import Live

HEREFORDSHIRE = Path("config/herefordshire")
NOTICE_SECONDS = 34  # a little more than a publication needs
AUTHOR, SECOND = "cora_rulesmith", "caspar_secondsign"
VANDALISM = {"kinds": ["asb"], "facts": {"asb": ["vandalism"]}}  # of nobody and nowhere: no repeat of another


def rules(live: Live, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`fingerpost rules …` on the running system."""
    command = [str(Path(sysconfig.get_path("scripts")) / "fingerpost"), "rules", *arguments, "--data", str(live.servers.directory)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ)


def done(result: subprocess.CompletedProcess[str]) -> Any:
    """The rule set as a command's answer has it."""
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["rule_set"]


async def step(live: Live, action: str, by: str, **fields: Any) -> ActionAnswered:
    """The router's answer to a step that its operator submits."""
    client = await live.nats_as("operator")
    event = RulesetSubmitted.model_validate({"action_id": uuid4(), "action": action, "by": by, **fields})
    answers = await client.subscribe(answer_subject("operator", event.action_id))
    await client.flush()
    envelope = Envelope(event, event.action_id, datetime.now(UTC))
    await Publisher(client, "operator").publish_raw(RulesetSubmitted.filter(actor="operator"), envelope.encode("operator"), {})
    return ActionAnswered.model_validate_json((await answers.next_msg(timeout=30)).data)


def with_urgent_vandalism(folder: Path, ruleset: int) -> Path:
    """Herefordshire's rules under another number, with vandalism more urgent; facts and directory beside them."""
    for name in ("facts.yaml", "directory.yaml"):
        (folder / name).write_text((HEREFORDSHIRE / name).read_text())
    text = (HEREFORDSHIRE / "rules.yaml").read_text().replace("ruleset: 1\n", f"ruleset: {ruleset}\n")
    rule = """rules:
- id: ZZ-01
  title: Vandalism is more urgent for as long as the campaign runs
  when: {asb: has vandalism}
  then: {band: P2}
  because: "A trial of the tests"
"""
    (folder / "rules.yaml").write_text(text.replace("rules:\n", rule, 1))
    return folder / "rules.yaml"
