"""What every answer and every template is held to."""

import base64
import hashlib
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

import fingerpost_console
from tests.unit.console.conftest import Browser, SignIn

PACKAGE = Path(fingerpost_console.__file__).parent
TEMPLATES = sorted((PACKAGE / "templates").glob("*.html"))
SCRIPTS = [PACKAGE / "static" / "console.js"]


async def test_pages_are_not_stored_not_referred_and_run_nothing_inline(sign_in: SignIn) -> None:
    answer = await (await sign_in("olive")).client.get("/")

    policy = answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("address", ["/", "/no/such/page", "/static/none.css", "/freshness"])
async def test_refusals_and_faults_carry_the_same_headers(stranger: Browser, address: str) -> None:
    answer = await stranger.client.get(address)

    assert answer.headers["cache-control"] == "no-store"
    assert "content-security-policy" in answer.headers


async def test_the_one_inline_script_is_allowed_by_its_hash(stranger: Browser) -> None:
    answer = await stranger.client.get("/sign-in")

    inline = re.findall(r"<script>([^<]+)</script>", answer.text)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in inline]
    assert len(inline) == 1
    assert all(digest in answer.headers["content-security-policy"] for digest in hashes)


async def test_every_file_a_page_loads_is_ours_kept_for_ever_and_checked_by_its_hash(stranger: Browser) -> None:
    text = (await stranger.client.get("/sign-in")).text
    loaded = re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]+)"[^>]*integrity="sha384-([^"]+)"', text)

    assert len(loaded) == 5
    for address, integrity in loaded:
        answer = await stranger.client.get(address)
        assert base64.b64encode(hashlib.sha384(answer.content).digest()).decode() == integrity
        assert "immutable" in answer.headers["cache-control"]
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)


@pytest.mark.parametrize("address", ["/static/..%2Fapp.py", "/static/vendor.json", "/static/console.css"])
async def test_no_other_file_is_served(stranger: Browser, address: str) -> None:
    assert (await stranger.client.get(address)).status_code == 404


async def test_a_method_that_is_not_offered_is_answered_with_a_page(stranger: Browser) -> None:
    answer = await stranger.client.delete("/sign-in")

    assert answer.status_code == 405
    assert "This cannot be done" in answer.text


@pytest.mark.parametrize(
    "sent",
    [
        {"files": {"csrf": ("a.txt", b"x")}},
        {"content": b"{}", "headers": {"Content-Type": "application/json"}},
        {"data": {"csrf": "x" * 20_000}},
    ],
    ids=["a file", "JSON", "too large"],
)
async def test_what_is_no_form_of_ours_is_not_even_read(stranger: Browser, sent: dict[str, Any]) -> None:
    answer = await stranger.client.post("/sign-in", **sent)

    assert answer.status_code == 413
    assert "application/x-www-form-urlencoded" in answer.text


async def test_a_form_of_no_known_length_is_not_read(stranger: Browser) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        yield b"csrf=x"

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for length in ({}, {"Content-Length": "0"}):
        pieces = {**form, **length, "Transfer-Encoding": "chunked"}
        assert (await stranger.client.post("/sign-in", content=in_pieces(), headers=pieces)).status_code == 413


def test_no_address_of_the_console_is_documented_to_strangers(application: FastAPI) -> None:
    assert application.openapi()["paths"] == {}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_trusts_no_value_and_runs_no_code(template: Path) -> None:
    text = template.read_text(encoding="utf-8")

    forbidden = re.findall(r"\|\s*safe|autoescape|hx-on|hx-vals|\bjs:|style=|javascript:|\son[a-z]+=|[\"']\w*[hH]tml[\"']\s*:", text)
    assert forbidden == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_our_script_makes_no_markup_and_no_code_of_text(script: Path) -> None:
    assert not re.search(r"innerHTML|eval\(|Function\(|document\.write", script.read_text(encoding="utf-8"))


def test_vendored_files_are_as_recorded_and_hold_no_font_and_no_crown() -> None:
    checked = subprocess.run([sys.executable, PACKAGE.parent / "vendor.py", "--check"], capture_output=True, text=True, check=False)
    style = (PACKAGE / "static" / "vendor" / "govuk-frontend.css").read_text(encoding="utf-8")

    assert checked.returncode == 0, checked.stderr
    assert not re.search(r"@font-face|GDS Transport|url\(", style)
