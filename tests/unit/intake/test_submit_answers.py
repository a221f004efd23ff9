"""`fingerpost submit` says what intake said, and no more than is true, when intake cannot take a file or cannot show its report."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from fingerpost_intake.submitting import _send
from fingerpost_shared.runtime.cli import CommandFailed

TAKEN: dict[str, Any] = {"rows": [], "links": {"report": "/v1/batches/1"}}


def an_intake(post: httpx.Response, get: httpx.Response) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(lambda request: post if request.method == "POST" else get), base_url="http://intake")


@pytest.mark.parametrize(
    ("post", "told"),
    [
        (
            httpx.Response(503, json={"detail": "Some rows of it may have been taken already."}),
            "Some rows of it may have been taken already.",
        ),
        (httpx.Response(202, json=TAKEN), "it was taken, but its report cannot be read just now"),
    ],
)
def test_a_file_that_was_not_taken_whole_or_has_no_report_just_now_fails_with_what_is_true(tmp_path: Path, post: httpx.Response, told: str):
    file = tmp_path / "rows.csv"
    file.write_text("agency_reference,kinds\n")
    with pytest.raises(CommandFailed, match=told) as failed:
        list(_send(an_intake(post, httpx.Response(503, json={"detail": "It cannot be looked up just now."})), file, "csv"))
    assert "nothing was sent" not in str(failed.value)


def test_a_large_files_rows_are_those_of_its_report(tmp_path: Path):
    file = tmp_path / "rows.csv"
    file.write_text("agency_reference,kinds\n")
    row = {"row": 2, "status": "quarantined", "quarantine": "Q-1", "errors": []}
    [result] = _send(an_intake(httpx.Response(202, json=TAKEN), httpx.Response(200, json={"rows": [row]})), file, "csv")
    assert (result.row, result.status, result.reference) == (2, "quarantined", "Q-1")
