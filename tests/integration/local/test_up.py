"""`fingerpost up` as a person or a script runs it, with every service."""

import json
import os
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from fingerpost_local.settings import default_partnership_dir

from .conftest import eventually, is_at_work

# a whole system starts five Python programs; on a busy machine that takes its time
pytestmark = pytest.mark.timeout(400)

FINGERPOST = str(Path(sysconfig.get_path("scripts")) / "fingerpost")


class Up:
    """A running `fingerpost up --json`, ready."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.start()

    def start(self) -> None:
        environment = {**os.environ, "FINGERPOST_PARTNERSHIP_DIR": str(default_partnership_dir())}
        command = [FINGERPOST, "up", "--json", "--data", str(self.data)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.line = self.process.stdout.readline()
        assert self.line, self.process.stderr.read()

    def stop(self) -> str:
        """What it still had to say."""
        self.process.terminate()
        return self.process.communicate(timeout=120)[1]

    @property
    def ready(self) -> dict[str, Any]:
        return json.loads(self.line)

    @property
    def run_file(self) -> dict[str, Any]:
        return json.loads((self.data / "run.json").read_text())

    def submit(self, referral: dict[str, Any]) -> httpx.Response:
        key = json.loads(Path(self.ready["credentials"]).read_text())["agencies"]["police"]["api_key"]
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.post(f"{self.ready['intake']}/v1/referrals", json=referral, headers=headers)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    running = Up(tmp_path_factory.mktemp("up") / "data")
    yield running
    running.stop()


def test_the_line_names_what_scripts_need(up: Up):
    assert list(up.ready) == ["console", "intake", "nats", "postgres", "credentials", "pid"]
    assert up.ready["pid"] == up.process.pid
    assert up.run_file["timezone"] == "Europe/London"
    for service in ("console", "intake"):
        assert httpx.get(f"{up.ready[service]}/readyz").json()["status"] == "ready"
    credentials = Path(up.ready["credentials"])
    assert credentials.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(credentials.read_text())) == {"agencies", "destinations", "operator"}


def test_the_run_file_is_private_and_says_where_everything_is(up: Up):
    assert (up.data / "run.json").stat().st_mode & 0o777 == 0o600
    assert {name: up.run_file[name] for name in up.ready} == up.ready
    assert set(up.run_file["services"]) == {"mail", "intake", "router", "notifier", "console"}


def test_a_second_up_in_the_same_folder_is_refused_in_one_sentence(up: Up):
    second = subprocess.run([FINGERPOST, "up", "--data", str(up.data)], capture_output=True, text=True, check=False, timeout=120)
    assert second.returncode == 2
    assert "already running in" in second.stderr
    assert "Traceback" not in second.stderr


async def test_a_service_that_is_killed_comes_back(up: Up):
    before = up.run_file["services"]["notifier"]
    os.kill(before["pid"], signal.SIGKILL)
    assert await eventually(lambda: up.run_file["services"]["notifier"]["pid"] != before["pid"], 30)
    assert await eventually(lambda: answers(f"{before['url']}/readyz"), 90)


@pytest.mark.parametrize("server", ["nats", "postgres"])
async def test_a_server_that_is_killed_comes_back_and_the_services_find_it(up: Up, server: str):
    before = up.run_file["servers"][server]
    os.kill(before, signal.SIGKILL)
    assert await eventually(lambda: up.run_file["servers"][server] != before, 60)
    for service in ("intake", "router", "notifier", "console"):
        url = up.run_file["services"][service]["url"]
        assert await eventually(lambda url=url: answers(f"{url}/readyz"), 90), service


async def test_kill_9_leaves_no_orphan_the_next_up_finds_its_state_and_sigterm_ends_it_cleanly(up: Up):
    referral = {"agency_reference": "KILL-9", "kinds": ["asb"]}
    first = up.submit(referral)
    assert first.status_code == 202, first.text
    addresses = {name: up.ready[name] for name in ("console", "intake", "nats", "postgres")}
    family = up.family()
    assert len(family) > 10
    up.process.kill()
    up.process.wait()
    assert await eventually(lambda: not any(map(is_at_work, family)), 15)

    up.start()
    assert {name: up.ready[name] for name in addresses} == addresses
    again = up.submit(referral)
    assert again.status_code in (200, 202)
    assert again.json()["id"] == first.json()["id"]

    family = up.family()
    assert up.stop() == ""
    assert up.process.returncode == 0
    assert not any(map(is_at_work, family))
    assert not (up.data / "run.json").exists()
    assert (up.data / "logs" / "postgres.log").read_text().endswith("database system is shut down\n")


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False
