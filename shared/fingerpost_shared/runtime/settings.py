"""The settings that every service has, read once from `FINGERPOST_…` variables in `main`."""

import base64
import binascii
from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict


class UnusableKey(ValueError):
    """A key file is missing or is no key. The text says which, and what is expected."""


class ServiceSettings(BaseSettings):
    """Where the service finds NATS, its keys and its partnership, and where it listens."""

    model_config = SettingsConfigDict(env_prefix="FINGERPOST_", frozen=True, extra="ignore", hide_input_in_errors=True)

    environment: Literal["demo", "production"] = "production"
    nats_url: str = "nats://127.0.0.1:4222"
    nats_seed_file: Path | None = None
    keys_dir: Path = Path("keys")
    partnership_dir: Path = Path("config/herefordshire")
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    def key(self, name: str) -> bytes:
        """The 32 bytes in the file `name` of the keys folder, which holds them as url-safe base64. Raises `UnusableKey`."""
        path = self.keys_dir / name
        try:
            key = base64.urlsafe_b64decode(path.read_text().strip())
        except (OSError, ValueError, binascii.Error) as error:
            raise UnusableKey(f"{path}: {type(error).__name__}; expected 32 bytes in url-safe base64") from None
        if len(key) != 32:
            raise UnusableKey(f"{path}: {len(key)} bytes; expected 32 bytes in url-safe base64")
        return key


class DatabaseSettings(ServiceSettings):
    """The settings of a service that keeps a book in PostgreSQL."""

    database_url: str
    database_pool: int = 8
