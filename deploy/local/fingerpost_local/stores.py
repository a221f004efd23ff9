"""Where NATS and PostgreSQL are, whoever runs them: all that services need to be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fingerpost_local.databases import service_urls
from fingerpost_local.keys import Keys


class Stores(Protocol):
    """What services connect to, and with what."""

    @property
    def nats_url(self) -> str:
        """Where NATS clients connect."""
        ...

    @property
    def keys_dir(self) -> Path:
        """The folder of keys that services get as FINGERPOST_KEYS_DIR."""
        ...

    @property
    def seeds(self) -> Mapping[str, Path]:
        """Seed files by NATS user."""
        ...

    @property
    def database_urls(self) -> Mapping[str, str]:
        """Database URLs by the names in `DATABASES`."""
        ...


@dataclass(frozen=True)
class RemoteStores:
    """Servers that somebody else runs: containers, a cluster."""

    nats_url: str
    postgres: str
    keys: Keys

    @property
    def keys_dir(self) -> Path:
        """The folder of keys."""
        return self.keys.directory

    @property
    def seeds(self) -> Mapping[str, Path]:
        """Seed files by NATS user."""
        return self.keys.seeds

    @property
    def database_urls(self) -> Mapping[str, str]:
        """Database URLs by the names in `DATABASES`; `postgres` is `host:port`."""
        return service_urls(self.postgres, self.keys.passwords)


def database_settings(stores: Stores, service: str) -> dict[str, str]:
    """The settings by which a service opens its own databases: none for a service that keeps no book."""
    urls = stores.database_urls
    own = {"FINGERPOST_DATABASE_URL": urls[service]} if service in urls else {}
    keys = {"FINGERPOST_KEYS_DATABASE_URL": urls["intake_keys"]} if service == "intake" else {}
    return {**own, **keys}
