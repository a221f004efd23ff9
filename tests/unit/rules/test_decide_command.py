"""`fingerpost rules decide`: one line out for each line in, whatever the line."""

import json

import pytest
from typer.testing import CliRunner

from fingerpost_rules.commands import app
from tests.unit.rules.examples import a_referral, write


@pytest.fixture
def decide(tmp_path):
    rules = write(tmp_path)

    def run(*lines, options=()):
        sent = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
        return CliRunner().invoke(app, ["rules", "decide", str(rules), *options], input=sent)

    return run


def test_a_referral_is_answered_with_its_whole_decision(decide):
    answer = decide(a_referral(kinds=["domestic_abuse"], dash_ticks=14))
    assert answer.exit_code == 0
    assert json.loads(answer.stdout) == {
        "lead": "childrens_mash",
        "band": "P1",
        "within_hours": 12,
        "limits": {"hours": 12, "working_days": None},
        "also": [],
        "copy": ["csp_board"],
        "alert": ["police"],
        "tag": ["prevention"],
        "feedback": "full",
        "fired": ["DA-01", "AS-01"],
        "overridden": ["AS-01"],
        "unrouted": False,
        "impossible": False,
    }


BAD_LINES = [
    b"",
    b"nonsense",
    b"[1]",
    b"null",
    b"3",
    b'{"kinds": ["asb"], "kinds": ["asb"]}',
    b'{"victim_age": NaN}',
    b'{"victim_age": 1e999}',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b'{"victim_age": ' + b"9" * 5_000 + b"}",
    json.dumps(a_referral(victim_age=True)).encode(),
    json.dumps(a_referral(victim_age=None)).encode(),
    json.dumps(a_referral(kinds=["\ud800"])).encode(),
]


@pytest.mark.parametrize("line", BAD_LINES, ids=lambda line: repr(line[:40]))
def test_a_bad_line_is_answered_with_its_error_and_the_run_goes_on(decide, line):
    answer = decide(line, a_referral())
    answers = [json.loads(line) for line in answer.stdout.splitlines()]
    assert answer.exit_code == 0
    assert [set(answers[0]), answers[1]["lead"]] == [{"error"}, "matac"]
    assert 0 < len(answers[0]["error"]) < 1_000


def test_json_lines_may_be_asked_for_as_of_every_command(tmp_path):
    answer = CliRunner().invoke(app, ["rules", "decide", str(write(tmp_path)), "--json"], input=json.dumps(a_referral()))
    assert json.loads(answer.stdout)["lead"] == "matac"


def test_rules_that_cannot_be_read_are_told_on_standard_error(decide, tmp_path):
    (tmp_path / "facts.yaml").write_text("version: x\n")
    answer = decide(a_referral())
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "facts.yaml:1:" in answer.stderr


def test_other_files_may_be_named_and_the_directory_left_out(decide, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "facts.yaml").rename(tmp_path / "elsewhere" / "schema.yaml")
    (tmp_path / "directory.yaml").unlink()
    assert "directory.yaml" in decide(a_referral()).stderr
    answer = decide(a_referral(), options=["--facts", str(tmp_path / "elsewhere" / "schema.yaml"), "--directory", "none"])
    assert json.loads(answer.stdout)["lead"] == "matac"
