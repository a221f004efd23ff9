"""A key that cannot be used is named with what is expected, and its content is never shown."""

import base64
from pathlib import Path

import pytest
from pydantic import ValidationError

from fingerpost_shared.runtime.settings import DatabaseSettings, ServiceSettings, UnusableKey

KEY = bytes(range(32))
CANARY = b"canary-canary"


def write(folder: Path, content: bytes) -> ServiceSettings:
    (folder / "token").write_bytes(content)
    return ServiceSettings(keys_dir=folder)


def test_a_key_is_read_from_its_file_whatever_ends_the_line(tmp_path: Path) -> None:
    for ending in (b"", b"\n", b"\r\n", b" \n"):
        assert write(tmp_path, base64.urlsafe_b64encode(KEY) + ending).key("token") == KEY


@pytest.mark.parametrize(
    "content",
    [b"", b"short", b"\xff\xfe", base64.urlsafe_b64encode(KEY)[:-4], base64.urlsafe_b64encode(CANARY), base64.urlsafe_b64encode(KEY * 2)],
)
def test_what_is_no_key_is_refused_with_its_file_and_what_is_expected(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnusableKey, match="expected 32 bytes in url-safe base64") as refused:
        write(tmp_path, content).key("token")
    assert str(tmp_path / "token") in str(refused.value)
    assert "canary" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_key_that_is_not_there_is_refused_alike(tmp_path: Path) -> None:
    with pytest.raises(UnusableKey, match="FileNotFoundError"):
        ServiceSettings(keys_dir=tmp_path).key("nowhere")


def test_without_a_word_about_it_a_service_takes_itself_for_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FINGERPOST_ENVIRONMENT", raising=False)
    assert ServiceSettings().environment == "production"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINGERPOST_DATABASE_URL", "postgresql://somebody@db.example/book")
    assert DatabaseSettings().database_url == "postgresql://somebody@db.example/book"  # pyright: ignore[reportCallIssue]


def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINGERPOST_HTTP_PORT", "canary")
    with pytest.raises(ValidationError, match="http_port") as refused:
        ServiceSettings()
    assert "canary" not in str(refused.value)
