"""NATS and PostgreSQL alone, ready for services: what `up` builds on, and what tests call.

with start_servers(tmp_path, partnership_dir) as servers:
    servers.nats_url, servers.seeds["router"], servers.database_urls["router"]
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fingerpost_local.databases import service_urls
from fingerpost_local.keys import Keys, make_keys
from fingerpost_local.locking import locked
from fingerpost_local.nats import Nats
from fingerpost_local.parties import Parties, read_parties
from fingerpost_local.ports import KeptPorts
from fingerpost_local.postgres import Postgres


@dataclass(frozen=True)
class Servers:
    """Both servers, running. `nats` and `postgres` can be stopped, killed and started again on the same ports.

    `seeds` are the nkey seed files by NATS user: `intake`, `router`, `notifier`, `console`, `operator`, `agency-<id>`,
    `destination-<id>`. `database_urls` are by `intake`, `intake_keys`, `router`, `notifier`. A service's user has the inbox
    prefix `_INBOX.<service>`; an outside party's reaches JetStream as `jetstream(prefix="fp")`. No stream exists yet.
    """

    directory: Path
    parties: Parties
    keys: Keys
    nats: Nats
    postgres: Postgres

    @property
    def nats_url(self) -> str:
        """Where NATS clients connect."""
        return self.nats.url

    @property
    def keys_dir(self) -> Path:
        """The folder of keys that services get as FINGERPOST_KEYS_DIR."""
        return self.keys.directory

    @property
    def seeds(self) -> Mapping[str, Path]:
        """Seed files by NATS user."""
        return self.keys.seeds

    @property
    def database_urls(self) -> Mapping[str, str]:
        """Database URLs by service."""
        return service_urls(self.postgres.address, self.keys.passwords)


@contextmanager
def start_servers(
    directory: Path, partnership_dir: Path, *, nats_port: int | None = None, postgres_port: int | None = None
) -> Generator[Servers, None, None]:
    """Run both servers with their state in `directory` while the block runs; state found there is taken up again.

    Call it from the main thread: the servers die with the thread that started them. Raises `CannotStart`.
    """
    directory = directory.resolve()
    parties = read_parties(partnership_dir)
    with locked(directory):
        keys = make_keys(directory / "keys", parties)
        logs, ports = directory / "logs", KeptPorts(directory)
        postgres = Postgres(directory, ports.choose("postgres", postgres_port), keys.passwords, logs / "postgres.log")
        nats = Nats(directory, ports.choose("nats", nats_port), ports.choose("nats_monitoring"), keys, parties, logs / "nats.log")
        try:
            nats.start()
            postgres.start()
            postgres.set_up_databases()
            yield Servers(directory, parties, keys, nats, postgres)
        finally:
            nats.stop()
            postgres.stop()
