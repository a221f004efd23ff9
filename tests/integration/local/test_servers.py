"""Both servers together: one system a folder, state kept, and nothing left behind whatever ends them."""

import asyncio
import errno
import socket
import subprocess
import sys
import threading
from pathlib import Path

import nats
import psutil
import pytest
from nats.aio.client import Client

from fingerpost_local.failure import CannotStart
from fingerpost_local.nats import RUN
from fingerpost_local.nats_store import check_recovered, prepare_store
from fingerpost_local.ports import free_port
from fingerpost_local.servers import Servers, start_servers
from fingerpost_shared.contracts.streams import STREAMS
from fingerpost_shared.runtime.streams import apply

from .conftest import Connect, eventually, is_at_work

HOLDER = """
import sys, time
from pathlib import Path
from fingerpost_local.ports import free_port
from fingerpost_local.servers import start_servers
with start_servers(Path(sys.argv[1]), Path(sys.argv[2])) as servers:
    print(servers.nats.process.pid, servers.postgres.process.pid, flush=True)
    time.sleep(60)
"""


def test_a_second_start_in_one_folder_is_refused(servers: Servers, partnership_dir: Path):
    with (
        pytest.raises(CannotStart, match=r"already running in .* or give another folder with --data"),
        start_servers(servers.directory, partnership_dir),
    ):
        pass


async def test_killing_the_holder_leaves_no_orphan_and_no_lock(tmp_path: Path, partnership_dir: Path):
    for _ in range(2):
        holder = subprocess.Popen(  # noqa: ASYNC220 - nothing else waits meanwhile
            [sys.executable, "-c", HOLDER, str(tmp_path / "data"), str(partnership_dir)], stdout=subprocess.PIPE, text=True
        )
        assert holder.stdout is not None
        pids = [int(pid) for pid in holder.stdout.readline().split()]
        tree = [psutil.Process(pid) for pid in pids]
        tree += [child for process in tree for child in process.children(recursive=True)]
        assert len(tree) > 4
        holder.kill()
        holder.wait()
        assert await eventually(lambda tree=tree: not any(map(is_at_work, tree)))


async def test_a_killed_nats_server_keeps_what_it_acknowledged(servers: Servers, connect: Connect):
    operator = await connect("operator")
    await apply(operator, STREAMS, ())
    before = (await operator.jetstream().stream_info("SUBMISSIONS")).state.messages
    for n in range(50):
        await operator.jetstream().publish("submission.received.v1.urgent.police", str(n).encode())
    servers.nats.kill()
    servers.nats.start()
    operator = await connect("operator")
    assert (await operator.jetstream().stream_info("SUBMISSIONS")).state.messages == before + 50


async def test_the_store_is_encrypted_at_rest(servers: Servers, connect: Connect):
    operator = await connect("operator")
    await apply(operator, STREAMS, ())
    await operator.jetstream().publish("submission.received.v1.urgent.police", b"Canary Robin")
    stored = [path.read_bytes() for path in (servers.directory / "nats" / "jetstream").rglob("*.blk")]
    assert stored
    assert not any(b"Canary" in block or b"submission.received" in block for block in stored)


async def test_a_block_that_a_full_disk_kept_from_its_beginning_costs_no_message(servers: Servers, connect: Connect):
    before = await sent_to_submissions(await connect("operator"), 5)
    servers.nats.kill()
    (messages_of("SUBMISSIONS", servers) / "9999999.blk").touch()
    servers.nats.start()
    operator = await connect("operator")
    assert (await operator.jetstream().stream_info("SUBMISSIONS")).state.messages == before + 5
    assert await sent_to_submissions(operator, 1) == before + 5


async def test_a_stream_that_cannot_be_read_back_is_kept_and_tried_again(
    servers: Servers, connect: Connect, monkeypatch: pytest.MonkeyPatch
):
    before = await sent_to_submissions(await connect("operator"), 5)
    servers.nats.kill()
    messages = messages_of("SUBMISSIONS", servers)
    monkeypatch.setattr("fingerpost_local.nats.prepare_store", prepared_and_then_spoilt)
    for _ in range(2):
        with pytest.raises(CannotStart, match=r"could not read back SUBMISSIONS, .* The files are kept in"):
            servers.nats.start()
        assert not messages.exists()
    monkeypatch.undo()
    servers.nats.start()
    assert not (servers.nats.home / "kept").exists()
    operator = await connect("operator")
    assert (await operator.jetstream().stream_info("SUBMISSIONS")).state.messages == before + 5


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full, to which every write fails as on a full disk")
def test_a_log_that_cannot_be_written_does_not_end_the_server(tmp_path: Path):
    chatty = "import time\nfor _ in range(50): print('x' * 100, flush=True); time.sleep(0.01)\nprint(open('/dev/null').read())"
    with open("/dev/full", "wb") as full:
        command = ["sh", str(RUN), str(tmp_path), sys.executable, "-c", chatty]
        assert subprocess.run(command, stdout=full, stderr=full, timeout=30, check=False).returncode == 0


def test_what_a_connection_says_of_itself_is_not_logged_either(tmp_path: Path):
    lines = [
        '[1] 2026 [ERR] 10.0.0.1:5 - cid:7 - "v1:Roe:Canary Robin" - Client parser ERROR, state=0',
        '[1] 2026 [ERR] 10.0.0.1:5 - cid:8 - "Canary" - "$G/user:a" - processPub Parse Error: "x Canary 5"',
        '[1] 2026 [ERR] 10.0.0.1:5 - cid:9 - processHeaderPub Bad or Missing Header Size: "x Canary 5"',
        '[1] 2026 [INF] 10.0.0.1:5 - cid:10 - "Canary" left',
        "[1] 2026 [INF] Server is ready",
    ]
    command = ["sh", str(RUN), str(tmp_path), sys.executable, "-c", f"print({chr(10).join(lines)!r})"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.splitlines()
    assert [line.rpartition(" - ")[2] for line in said] == ["parser ERROR", "Parse Error", "Header Size", "not shown", lines[-1]]
    assert "cid:9" in said[2]


def test_links_that_were_cut_off_are_completed_and_what_is_kept_is_never_less(tmp_path: Path):
    stream = tmp_path / "jetstream" / "FINGERPOST" / "streams" / "SUBMISSIONS"
    (stream / "msgs").mkdir(parents=True)
    for number in range(5):
        (stream / "msgs" / f"{number}.blk").write_text(str(number))
    prepare_store(tmp_path)
    for number in (1, 3):  # a server that was ended while it deleted the stream
        (stream / "msgs" / f"{number}.blk").unlink()
    (stream / "msgs" / "4.blk").unlink()
    (stream / "msgs" / "4.blk").write_text("written anew")
    (stream.parent / ".DS_Store").touch()
    (stream / "msgs" / ".0.blk.new").write_text("half a copy")

    prepare_store(tmp_path)

    for home in (tmp_path, tmp_path / "kept"):
        folder = home / "jetstream" / "FINGERPOST" / "streams" / "SUBMISSIONS" / "msgs"
        assert [path.read_text() for path in sorted(folder.glob("[!.]*"))] == ["0", "1", "2", "3", "written anew"]
    assert not (tmp_path / "kept" / stream.relative_to(tmp_path) / "msgs" / ".0.blk.new").exists()


def test_a_server_that_ends_while_it_tells_its_streams_has_not_started(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as half:
        threading.Thread(target=answer_by_halves, args=(half,), daemon=True).start()
        with pytest.raises(CannotStart, match=r"did not tell which streams it has \(IncompleteRead\)"):
            check_recovered(tmp_path, f"http://127.0.0.1:{half.getsockname()[1]}")


def answer_by_halves(server: socket.socket) -> None:
    """One answer that breaks off."""
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def test_where_links_are_refused_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    block = tmp_path / "jetstream" / "A" / "streams" / "S" / "msgs" / "1.blk"
    block.parent.mkdir(parents=True)
    block.write_text("one")

    def refuse(_file: object, _to: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    for _ in range(2):
        prepare_store(tmp_path)
    assert (tmp_path / "kept" / block.relative_to(tmp_path)).read_text() == "one"


def test_a_nats_server_is_not_started_on_a_full_disk(servers: Servers, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fingerpost_local.nats_store.ROOM_MEGABYTES", 10**9)
    with pytest.raises(CannotStart, match=r"MB are free where .* Make room"):
        prepare_store(servers.nats.home)


@pytest.mark.parametrize(
    "frame",
    [
        b"PUB submission.received.v1.urgent.police 4\r\nCanary Robin, 77 Hiddenrefuge Crescent\r\n",  # signs counted instead of bytes
        b"PUB submission.received.v1.urgent.police Canary Robin\r\n",
        b"Canary Robin\r\n",
        b'CONNECT {"user": "Canary Robin", "pass": "Hiddenrefuge", "name": "Canary", "lang": "Robin", "version": "1"}\r\nPING\r\n',
        b"HPUB submission.received.v1.urgent.police Canary 5\r\n",
    ],
)
async def test_what_a_broken_client_sends_is_not_in_the_log(servers: Servers, frame: bytes):
    before = servers.nats.log.read_text().count("[ERR]")
    reader, writer = await asyncio.open_connection("127.0.0.1", servers.nats.port)
    writer.write(frame)
    await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert await eventually(lambda: servers.nats.log.read_text().count("[ERR]") > before)
    assert not any(word in servers.nats.log.read_text() for word in ("Canary", "Robin", "Hidden", "Crescent"))


def prepared_and_then_spoilt(store: Path) -> None:
    """Leaves in SUBMISSIONS what makes the server give the stream up and delete its files."""
    prepare_store(store)
    next(store.glob("jetstream/*/streams/SUBMISSIONS/msgs")).joinpath("9999999.blk").write_bytes(b"?")


async def sent_to_submissions(operator: Client, count: int) -> int:
    """Send so many; returns how many there were before."""
    await apply(operator, STREAMS, ())
    before = (await operator.jetstream().stream_info("SUBMISSIONS")).state.messages
    for _ in range(count):
        await operator.jetstream().publish("submission.received.v1.urgent.police", b"{}")
    return before


def messages_of(stream: str, servers: Servers) -> Path:
    """Where the server keeps the messages of a stream."""
    return next((servers.directory / "nats" / "jetstream").glob(f"*/streams/{stream}/msgs"))


async def test_a_store_is_not_given_up_silently_when_its_key_is_gone(tmp_path: Path, partnership_dir: Path):
    with start_servers(tmp_path, partnership_dir) as running:
        operator = await nats.connect(running.nats_url, nkeys_seed=str(running.seeds["operator"]))
        await apply(operator, STREAMS, ())
        await operator.close()
    (tmp_path / "keys" / "jetstream").unlink()
    with pytest.raises(CannotStart, match="is not the key that it was written with"), start_servers(tmp_path, partnership_dir):
        pass


def test_a_fixed_port_that_is_taken_is_named_with_the_setting_that_fixes_it(tmp_path: Path, partnership_dir: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with (
            pytest.raises(CannotStart, match=f"Port {port} .* is taken: .* set FINGERPOST_NATS_PORT to another"),
            start_servers(tmp_path, partnership_dir, nats_port=port),
        ):
            pass


def test_a_fixed_port_is_kept(tmp_path: Path, partnership_dir: Path):
    port = free_port()
    with start_servers(tmp_path, partnership_dir, postgres_port=port) as running:
        assert f"127.0.0.1:{port}/" in running.database_urls["router"]


def test_a_missing_directory_is_named_with_what_to_set(tmp_path: Path):
    with (
        pytest.raises(CannotStart, match=r"directory\.yaml does not exist\. Set FINGERPOST_PARTNERSHIP_DIR"),
        start_servers(tmp_path / "data", tmp_path / "nowhere"),
    ):
        pass


def test_a_faulty_directory_is_named_with_its_faults(tmp_path: Path):
    (tmp_path / "directory.yaml").write_text("agencies: {Police Force: {name: Police}}")
    with pytest.raises(CannotStart, match=r"agencies\.Police Force"), start_servers(tmp_path / "data", tmp_path):
        pass
