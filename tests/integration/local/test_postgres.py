"""The PostgreSQL cluster of the local system: what it survives, and who may open what."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from fingerpost_local import identity
from fingerpost_local.databases import ROLES, database_url, service_urls
from fingerpost_local.failure import CannotStart
from fingerpost_local.keys import make_keys
from fingerpost_local.parties import Parties
from fingerpost_local.ports import free_port
from fingerpost_local.postgres import Postgres
from fingerpost_local.servers import Servers

from .conftest import is_at_work

PARTIES = Parties(agencies=("police",), destinations=("marac",))
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else for PostgreSQL")


def a_cluster(directory: Path) -> Postgres:
    keys = make_keys(directory / "keys", PARTIES)
    return Postgres(directory, free_port(), keys.passwords, directory / "logs" / "postgres.log")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user may enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="fingerpost-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "data"


async def rows(postgres: Postgres) -> list[int]:
    connection = await asyncpg.connect(service_urls(postgres.address, postgres.passwords)["router"])
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        return [row["n"] for row in await connection.fetch("SELECT n FROM kept ORDER BY n")]
    finally:
        await connection.close()


async def commit(postgres: Postgres, n: int) -> None:
    connection = await asyncpg.connect(service_urls(postgres.address, postgres.passwords)["router"])
    await connection.execute("INSERT INTO kept VALUES ($1)", n)
    await connection.close()


async def test_a_committed_row_survives_two_kills_of_the_whole_tree(tmp_path: Path):
    postgres = a_cluster(tmp_path)
    postgres.start()
    postgres.set_up_databases()
    assert await rows(postgres) == []
    for n in (1, 2):
        await commit(postgres, n)
        postgres.kill()
        postgres.start()
        assert await rows(postgres) == list(range(1, n + 1))
    postgres.stop()


async def test_a_start_clears_away_what_a_killed_server_left_running(tmp_path: Path):
    postgres = a_cluster(tmp_path)
    postgres.start()
    postgres.set_up_databases()
    assert postgres.process is not None
    left = [
        process
        for process in psutil.process_iter(["ppid", "cmdline"])
        if process.info["ppid"] == postgres.process.pid and "checkpointer" in " ".join(process.info["cmdline"] or ())
    ]
    left[0].suspend()  # so that it can't notice the death of its server
    os.kill(postgres.process.pid, signal.SIGKILL)
    postgres.process.wait()
    assert (postgres.data / "postmaster.pid").exists()
    assert is_at_work(left[0])
    postgres.start()
    assert not is_at_work(left[0])
    assert await rows(postgres) == []
    postgres.stop()


def test_a_cluster_of_another_version_is_refused_in_one_sentence(tmp_path: Path):
    postgres = a_cluster(tmp_path)
    postgres.data.mkdir()
    (postgres.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(CannotStart, match="made by PostgreSQL 16, this is 18"):
        postgres.start()


async def test_a_role_opens_its_own_database_and_no_other(servers: Servers):
    address = f"127.0.0.1:{servers.postgres.port}"
    opened: dict[str, list[str]] = {}
    for role in ROLES:
        opened[role] = []
        for database in (*ROLES, "postgres", "template1"):
            try:
                url = database_url(address, role, servers.keys.passwords[role], database)
                await (await asyncpg.connect(url)).close()
            except asyncpg.InsufficientPrivilegeError:
                continue
            opened[role].append(database)
    assert opened == {role: [role] for role in ROLES}


@pytest.mark.parametrize("password", ["", "wrong"])
async def test_nobody_gets_in_without_the_right_password(servers: Servers, password: str):
    address = f"127.0.0.1:{servers.postgres.port}"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(database_url(address, "fingerpost", password, "postgres"))


async def test_the_settings_that_durability_rests_on_are_in_force(servers: Servers):
    connection = await asyncpg.connect(servers.postgres.superuser_url)
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "max_locks_per_transaction": "256",
        "listen_addresses": "127.0.0.1",
        "password_encryption": "scram-sha-256",
    }
    assert {name: await connection.fetchval("SELECT current_setting($1)", name) for name in wanted} == wanted
    await connection.close()


async def test_a_failed_statement_leaves_no_content_in_the_log(servers: Servers):
    connection = await asyncpg.connect(servers.database_urls["router"])
    await connection.execute("CREATE TABLE once (name text PRIMARY KEY)")
    await connection.execute("INSERT INTO once VALUES ('Canary Robin')")
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("INSERT INTO once VALUES ('Canary Robin')")
    await connection.close()
    log = servers.postgres.log.read_text()
    assert "duplicate key" in log
    assert "Canary" not in log


@only_root
async def test_root_without_user_namespaces_runs_it_as_nobody(open_folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(identity, "namespaces_work", lambda: False)
    postgres = a_cluster(open_folder)
    postgres.start()
    postgres.set_up_databases()
    assert postgres.process is not None
    assert psutil.Process(postgres.process.pid).uids().real == 65534
    assert await rows(postgres) == []
    postgres.stop()


@only_root
def test_root_without_user_namespaces_in_a_closed_folder_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(identity, "namespaces_work", lambda: False)
    tmp_path.parent.chmod(0o700)
    with pytest.raises(CannotStart, match="closed to other users"):
        a_cluster(tmp_path).start()


@only_root
def test_an_ordinary_user_runs_it_too(open_folder: Path, partnership_dir: Path):
    open_folder.mkdir()
    os.chown(open_folder, 65534, 65534)
    program = (  # becomes that user only once everything is loaded: it may not be able to read the interpreter's folder
        "import os, sys, encodings.ascii, encodings.idna; from pathlib import Path; from fingerpost_local.servers import start_servers\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "with start_servers(Path(sys.argv[1]), Path(sys.argv[2])) as servers: print(servers.postgres.process.pid)"
    )
    partnership = open_folder.parent / "partnership"
    partnership.mkdir(mode=0o755)
    (partnership / "directory.yaml").write_text((partnership_dir / "directory.yaml").read_text())
    ran = subprocess.run(
        [sys.executable, "-c", program, str(open_folder), str(partnership)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (open_folder / "postgres").stat().st_uid == 65534
