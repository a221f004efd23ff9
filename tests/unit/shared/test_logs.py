"""No log line holds what nobody may read, whoever writes it and however."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from fingerpost_shared.runtime.logs import ALLOWED_KEYS, Lines, keep_allowed_keys, where

CANARY = "Jemima Canaryworth, 01632 960123"


@given(st.dictionaries(st.text() | st.sampled_from(sorted(ALLOWED_KEYS)), st.integers()))
def test_a_line_keeps_what_is_on_the_list_and_names_what_it_dropped(line: dict[str, Any]) -> None:
    kept = keep_allowed_keys(None, "info", dict(line))

    assert {key for key in kept if key != "dropped"} == {key for key in line if key in ALLOWED_KEYS and key != "dropped"}
    strangers = sorted(key for key in line if key not in ALLOWED_KEYS)
    assert not strangers or kept["dropped"] == strangers


@given(st.text().filter(lambda key: key not in ALLOWED_KEYS))
def test_the_value_of_an_unknown_key_never_gets_through(key: str) -> None:
    kept = keep_allowed_keys(None, "info", {"event": "leg_routed", key: CANARY, "message": CANARY, "body": {"name": CANARY}})
    assert CANARY not in json.dumps(kept)


def test_where_an_error_arose_is_told_without_its_text() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        place = where(error)
    assert place.startswith("test_logs.py:")
    assert place.endswith("test_where_an_error_arose_is_told_without_its_text")


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert where(ValueError(CANARY)) == ""


PROGRAM = f"""
import asyncio, logging, sys, warnings
import structlog
from fingerpost_shared.runtime import logs

CANARY = {CANARY!r}
logs.configure("intake", "info")
log = structlog.get_logger()
log.debug("too_quiet_to_hear")
log.info("referral_saved", referral_id="1", name=CANARY, details={{"phone": CANARY}})
log.error("saving_failed", exc_info=ValueError(CANARY))
logging.getLogger("some.library").error("could not insert %s", CANARY)
logging.getLogger("some.library").info("chatter about %s", CANARY)
try:
    raise RuntimeError(CANARY)
except RuntimeError:
    logging.getLogger("some.library").exception(CANARY)
    logging.getLogger("some.library").warning(CANARY, extra={{"row": CANARY}}, stack_info=True)

async def forget():
    async def fail():
        raise ValueError(CANARY)
    asyncio.get_running_loop().create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

asyncio.run(forget())
"""


def test_a_process_writes_json_lines_of_events_and_nothing_of_what_it_was_given() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)

    assert CANARY not in ran.stdout + ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["event"] for line in lines] == ["referral_saved", "saving_failed", *["library_logged"] * 4]
    assert lines[0]["referral_id"] == "1"
    assert lines[0]["dropped"] == ["details", "name"]
    assert all(line["service"] == "intake" and line["timestamp"].endswith("Z") for line in lines)
    assert [line.get("error") for line in lines[2:]] == [None, "RuntimeError", None, "ValueError"]
    assert {line["logger"] for line in lines[2:]} == {"some.library", "asyncio"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full, to which every write fails as on a full disk")
def test_a_full_disk_costs_a_log_line_and_not_the_work() -> None:
    before = REGISTRY.get_sample_value("fingerpost_log_lines_late_total") or 0.0
    with pytest.raises(OSError, match="No space left"), Path("/dev/full").open("w") as file:  # it is tried once more when it is closed
        Lines(file).warning("delivery_postponed")
    assert REGISTRY.get_sample_value("fingerpost_log_lines_late_total") == before + 1
