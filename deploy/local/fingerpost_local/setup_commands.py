"""`fingerpost setup`: what has to be there before servers and services start in containers. Run once, or at each start."""

import asyncio
import shlex
from pathlib import Path
from typing import Annotated

import typer

from fingerpost_local.databases import SUPERUSER
from fingerpost_local.keys import make_keys, write_private
from fingerpost_local.nats import write_configuration
from fingerpost_local.parties import read_parties
from fingerpost_local.postgres import set_up_databases
from fingerpost_local.preparing import prepare
from fingerpost_local.programs import SERVICES
from fingerpost_local.settings import read_settings
from fingerpost_local.stores import RemoteStores, database_settings

app = typer.Typer()
setup = typer.Typer(help="Make keys, configuration, databases and streams for servers in containers.", no_args_is_help=True)
app.add_typer(setup, name="setup")

# What each service's folder holds; nobody else's key can be read from it.
SECRETS_OF = {
    "intake": ("key-encryption", "token", "id", "api-keys.json"),
    "router": ("console-assertion",),
    "notifier": (),
    "console": ("console-assertion", "console-session"),
}

DataOption = Annotated[Path, typer.Option("--data", metavar="DIR", help="Where keys and configuration are kept.")]
NatsOption = Annotated[str, typer.Option("--nats", metavar="URL", help="Where services find NATS.")]
PostgresOption = Annotated[str, typer.Option("--postgres", metavar="HOST:PORT", help="Where services find PostgreSQL.")]


@setup.command()
def keys(
    data: DataOption = Path("/data"),
    nats: NatsOption = "nats://nats:4222",
    postgres: PostgresOption = "postgres:5432",
    store: Annotated[Path, typer.Option(help="Where the NATS server keeps its streams, as it sees it.")] = Path("/store"),
) -> None:
    """Make what is missing of DIR/keys, and write anew what is derived from it: before NATS and PostgreSQL start.

    DIR/nats is for the NATS server, DIR/postgres for PostgreSQL, DIR/services/NAME for each service and no other.
    Example: fingerpost setup keys --data /data
    """
    parties = read_parties(read_settings().partnership_dir)
    made = make_keys(data / "keys", parties)
    for folder in ("nats", "postgres", *(f"services/{name}" for name in SERVICES)):
        (data / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    write_configuration(data / "nats", store, {"listen": "0.0.0.0:4222", "http": "0.0.0.0:8222"}, made, parties)
    write_private(data / "postgres" / "password", made.passwords[SUPERUSER])
    stores = RemoteStores(nats, postgres, made)
    for name in SERVICES:
        _hand_over(data / "services" / name, name, stores)
    print(f"keys and configuration are in {data}")


@setup.command()
def stores(
    data: DataOption = Path("/data"),
    nats: NatsOption = "nats://nats:4222",
    postgres: PostgresOption = "postgres:5432",
) -> None:
    """Make databases, tables, streams and consumers: once NATS and PostgreSQL run, before the services start.

    Example: fingerpost setup stores --data /data
    """
    partnership_dir = read_settings().partnership_dir
    made = make_keys(data / "keys", read_parties(partnership_dir))
    host, _, port = postgres.partition(":")
    set_up_databases(host, int(port or 5432), made.passwords)
    asyncio.run(prepare(RemoteStores(nats, postgres, made), partnership_dir))
    print("databases, tables, streams and consumers are in place")


def _hand_over(folder: Path, name: str, stores: RemoteStores) -> None:
    """Copy a service's secrets into its folder, with its settings as a file that a shell can read."""
    for secret in SECRETS_OF[name]:
        write_private(folder / secret, (stores.keys_dir / secret).read_text(encoding="utf-8"))
    write_private(folder / "nats.seed", stores.seeds[name].read_text(encoding="utf-8"))
    settings = {"FINGERPOST_NATS_URL": stores.nats_url, **database_settings(stores, name)}
    lines = [f"{key}={shlex.quote(value)}\n" for key, value in settings.items()]
    write_private(folder / "environment", "".join(lines))
