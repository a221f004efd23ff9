"""The commands that people give to a running system, as programs of their own."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from fingerpost_shared.contracts.ids import reference_of
from tests.support.live import Live, eventually

PROGRAM = str(Path(sys.executable).parent / "fingerpost")


async def fingerpost(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command's exit code and all that it wrote."""
    return await asyncio.to_thread(subprocess.run, [PROGRAM, *arguments], capture_output=True, text=True, timeout=60, check=False)


async def submitted(live: Live, tmp_path: Path, kind: str) -> dict[str, Any]:
    """An example of this kind, sent by its command: the line that tells of it."""
    example = await fingerpost("example", kind)
    assert example.returncode == 0
    referral = {**json.loads(example.stdout), "agency_reference": f"command-{tmp_path.name}-{kind}"}
    file = tmp_path / f"{kind}.json"
    file.write_text(json.dumps(referral), encoding="utf-8")
    sent = await fingerpost("submit", str(file), "--agency", "police", "--data", str(live.servers.directory), "--json")
    assert sent.returncode == 0, sent.stderr
    return json.loads(sent.stdout.splitlines()[0])


async def test_an_example_that_is_submitted_has_a_status_and_is_in_the_sum(live: Live, tmp_path: Path) -> None:
    reference = (await submitted(live, tmp_path, "hate_crime"))["reference"]

    async def routed() -> dict[str, Any] | None:
        status = await fingerpost("status", reference.lower(), "--data", str(live.servers.directory), "--json")
        found = json.loads(status.stdout) if status.returncode == 0 else {}
        return found if found.get("legs") else None

    found = await eventually(routed)
    assert found is not None
    assert (found["reference"], found["status"]) == (reference, "routed")

    books = await fingerpost("reconcile", "--data", str(live.servers.directory), "--json")
    sums = json.loads(books.stdout)
    assert (books.returncode, sums["balanced"], sums["unaccounted"]) == (0, True, [])
    assert sums["received"] == sums["owned"] + sums["waiting"] + sums["quarantined"] + sums["withdrawn"]


async def test_a_lost_referral_is_named_and_the_exit_code_says_so(live: Live, tmp_path: Path) -> None:
    reference = (await submitted(live, tmp_path, "asb"))["reference"]

    async def routed() -> Any:
        return await live.rows("router", "SELECT id FROM referrals WHERE reference = $1", reference)

    ((identity,),) = await eventually(routed)
    await live.rows("intake", "UPDATE referrals SET saved_at = now() - interval '5 minutes' WHERE id = $1 RETURNING id", identity)
    forget = "UPDATE referrals SET version = $2 WHERE id = $1 RETURNING id"
    await live.rows("router", forget, identity, 0)
    try:
        books = await fingerpost("reconcile", "--data", str(live.servers.directory), "--json")
    finally:
        await live.rows("router", forget, identity, 1)

    assert (books.returncode, json.loads(books.stdout)["unaccounted"]) == (1, [str(identity)])


async def test_a_quarantine_reference_is_told_as_such(live: Live) -> None:
    reference = reference_of(UUID(int=3), "Q")

    status = await fingerpost("status", reference, "--data", str(live.servers.directory))

    assert status.returncode == 1
    assert f"{reference} is in quarantine" in status.stderr


async def test_a_systems_keys_are_not_sent(live: Live) -> None:
    sent = await fingerpost("submit", str(live.servers.keys.credentials), "--data", str(live.servers.directory))

    assert (sent.returncode, sent.stdout) == (2, "")
    assert "which are never sent" in sent.stderr


async def test_a_reference_that_nobody_has_is_an_error(live: Live) -> None:
    status = await fingerpost("status", "HC-00000-00000-0", "--data", str(live.servers.directory))

    assert status.returncode == 1
    assert "HC-00000-00000-0" in status.stderr
