"""The supervisor with real child processes: what dies comes back, what fails to start says why, what stops is gone."""

import asyncio
import errno
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import structlog

from fingerpost_local.children import bound_log, start_child, watch
from fingerpost_local.failure import CannotStart
from fingerpost_local.ports import free_port
from fingerpost_local.programs import Program
from fingerpost_local.supervisor import RunningProgram, Watched
from fingerpost_local.supervisor import watch as keep_watch
from fingerpost_shared.runtime.logs import Lines

from .conftest import eventually, is_at_work

SERVER = """
import http.server, os, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
print("serving", os.environ["GREETING"], flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
"""


def a_program(tmp_path: Path, source: str = SERVER) -> RunningProgram:
    port = free_port()
    argv = (sys.executable, "-c", source, str(port))
    program = Program("sample", argv, f"http://127.0.0.1:{port}", {"GREETING": "hello"})
    return RunningProgram(program, tmp_path / "logs" / "sample.log")


async def test_a_program_gets_its_settings_and_is_waited_for(tmp_path: Path):
    sample = a_program(tmp_path)
    sample.start()
    await sample.ready()
    assert sample.log.read_text().startswith("serving hello\n")
    sample.stop()
    assert sample.process is not None
    assert sample.process.returncode == -signal.SIGTERM


async def test_a_program_that_ends_at_once_is_reported_with_the_end_of_its_log(tmp_path: Path):
    sample = a_program(tmp_path, "raise SystemExit('FINGERPOST_DATABASE_URL is missing')")
    sample.start()
    with pytest.raises(CannotStart, match=r"sample ended at once(.|\n)*FINGERPOST_DATABASE_URL is missing"):
        await sample.ready()


async def test_a_program_that_dies_is_started_again_each_time_a_little_later(tmp_path: Path):
    sample = a_program(tmp_path)
    sample.start()
    await sample.ready()
    written = io.StringIO()
    changes: list[int] = []
    log = structlog.wrap_logger(structlog.WriteLogger(written))

    def changed() -> None:
        assert sample.process is not None
        changes.append(sample.process.pid)

    watching = asyncio.create_task(keep_watch([Watched("sample", sample)], log, changed))
    waits: list[float] = []
    for round_number in (1, 2):
        assert sample.process is not None
        sample.process.kill()
        began = time.monotonic()
        assert await eventually(lambda round_number=round_number: len(changes) == round_number, 10)
        waits.append(time.monotonic() - began)
        await sample.ready()
    watching.cancel()
    assert waits[1] > waits[0] > 0.4
    assert written.getvalue().count("child_ended") == written.getvalue().count("child_started_again") == 2
    sample.stop()


async def test_a_full_disk_stops_no_looking_after(tmp_path: Path):
    sample = a_program(tmp_path)
    sample.start()
    await sample.ready()
    told: list[bool] = []

    def changed() -> None:
        told.append(len(told) > 1)
        if not told[-1]:
            raise OSError(errno.ENOSPC, "No space left on device")

    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    log = structlog.wrap_logger(Lines(Full()))
    watching = asyncio.create_task(keep_watch([Watched("sample", sample)], log, changed))
    assert sample.process is not None
    sample.process.kill()
    assert await eventually(lambda: told == [False, False, True], 10)
    await sample.ready()
    assert not watching.done()
    watching.cancel()
    sample.stop()


async def test_a_program_that_ignores_the_request_to_stop_is_made_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fingerpost_local.supervisor.STOP_SECONDS", 0.5)
    sample = a_program(tmp_path, f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{SERVER}")
    sample.start()
    await sample.ready()
    sample.stop()
    assert sample.process is not None
    assert sample.process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("tether", ["kernel", "watchdog"])
async def test_a_child_does_not_outlive_a_killed_parent(tmp_path: Path, tether: str):
    if tether == "kernel" and sys.platform != "linux":
        pytest.skip("only Linux tells a child of its parent's death")
    parent = f"""
import signal, sys, time
from pathlib import Path
from fingerpost_local import children
children._IS_LINUX = {tether == "kernel"}
child = children.start_child(["sleep", "60"], log=Path(sys.argv[1]))
print(child.pid, flush=True)
time.sleep(60)
"""
    process = subprocess.Popen(  # noqa: ASYNC220 - nothing else waits meanwhile
        [sys.executable, "-c", parent, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    child = psutil.Process(int(process.stdout.readline()))
    assert is_at_work(child)
    process.kill()
    process.wait()
    assert await eventually(lambda: not is_at_work(child))


def test_a_watchdog_leaves_a_child_alone_while_its_parent_lives(tmp_path: Path):
    child = start_child(["sleep", "60"], log=tmp_path / "log")
    dog = watch(child.pid, signal.SIGKILL)
    time.sleep(0.5)
    assert child.poll() is None
    assert dog.stdin is not None
    dog.stdin.close()  # as the kernel does when the parent ends
    assert child.wait(5) == -signal.SIGKILL
    dog.wait(5)


def test_a_log_stays_bounded_while_its_writer_goes_on(tmp_path: Path):
    log = tmp_path / "chatty.log"
    program = "while True: print('x' * 1000, flush=True)"
    child = start_child([sys.executable, "-c", program], log=log)
    limit = 1024 * 1024
    while log.stat().st_size < limit:
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGSTOP)
    bound_log(log, limit)
    assert log.stat().st_size < limit
    assert log.with_name("chatty.log.1").stat().st_size >= limit
    os.kill(child.pid, signal.SIGCONT)
    while log.stat().st_size == 0:
        time.sleep(0.01)
    child.kill()
    child.wait()
    assert log.read_bytes().lstrip(b"x").startswith(b"\n")
