"""`fingerpost demo` as a newcomer runs it: every sample has somebody who must own it, and what was faulty says why."""

import os
import re
import signal
import subprocess
import sysconfig
from pathlib import Path

import httpx
import pytest

from fingerpost_local.settings import default_partnership_dir

pytestmark = pytest.mark.timeout(400)


def test_the_demo_shows_an_owner_for_each_referral_and_a_reason_for_each_fault(tmp_path: Path):
    environment = {
        **os.environ,
        "FINGERPOST_PARTNERSHIP_DIR": str(default_partnership_dir()),
        "TMPDIR": str(tmp_path),
        "COLUMNS": "160",
    }
    command = [str(Path(sysconfig.get_path("scripts")) / "fingerpost"), "demo"]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    assert demo.stdout is not None
    shown: list[str] = []
    for line in demo.stdout:
        shown.append(line)
        if "Ctrl-C stops everything" in line:
            break
    text = "".join(shown)
    referrals = [line.split() for line in shown if re.match(r"\s*HC-", line)]
    assert len(referrals) >= 36, text
    assert "(none yet)" not in text
    assert all(re.search(r"\bP[1-4]\b", " ".join(words)) for words in referrals)
    quarantined = [line for line in shown if re.match(r"\s*Q-", line)]
    assert len(quarantined) >= 8, text
    assert all(re.search(r": \w+", line) for line in quarantined)
    assert "Not all was done" not in text
    console = re.search(r"Console: (http://\S+)", text)
    assert console is not None
    assert httpx.get(f"{console[1]}/readyz").is_success
    data = re.search(r"export FINGERPOST_DATA=(\S+)", text)
    assert data is not None
    status = [command[0], "status", referrals[0][0]]
    asked = subprocess.run(status, capture_output=True, text=True, check=False, timeout=60, env={**environment, "FINGERPOST_DATA": data[1]})
    assert (asked.returncode, referrals[0][0] in asked.stdout) == (0, True), asked.stderr
    demo.send_signal(signal.SIGINT)
    rest = demo.communicate(timeout=120)[0]
    assert (demo.returncode, rest.strip()) == (0, "")
    assert list(tmp_path.glob("fingerpost-*")) == []
