"""`fingerpost streams`: makes the streams and consumers on a NATS server."""

import asyncio
from typing import Annotated

import typer

from fingerpost_shared.contracts.directory import UnreadableDirectory, read_directory
from fingerpost_shared.contracts.streams import CONSUMERS, STREAMS, party_consumers
from fingerpost_shared.runtime import streams
from fingerpost_shared.runtime.cli import CommandFailed
from fingerpost_shared.runtime.found_system import operator_of
from fingerpost_shared.runtime.settings import ServiceSettings

app = typer.Typer()
group = typer.Typer(help="Make the streams and consumers on a NATS server.", no_args_is_help=True)
app.add_typer(group, name="streams")


@group.command()
def apply(replicas: Annotated[int, typer.Option(help="Copies of each stream; 3 on a cluster.")] = 1) -> None:
    """Create what is missing and update what differs, as the operator. Safe to repeat.

    Example: FINGERPOST_NATS_URL=nats://127.0.0.1:4222 FINGERPOST_NATS_SEED_FILE=operator.seed fingerpost streams apply
    """
    created = asyncio.run(apply_streams(ServiceSettings(), replicas))
    print(f"streams created: {', '.join(created) or 'none, all were there'}")


@group.callback()
def streams_group() -> None:
    """Make the streams and consumers on a NATS server."""


async def apply_streams(settings: ServiceSettings, replicas: int = 1) -> list[str]:
    """Make the streams and the consumers of the services and of every party in the directory; returns the streams it created.

    `settings` names the server and the seed of a user who may use the JetStream API (the operator). Raises `CommandFailed`.
    """
    try:
        directory = read_directory(settings.partnership_dir / "directory.yaml")
    except UnreadableDirectory as error:
        raise CommandFailed(str(error)) from None
    seed = str(settings.nats_seed_file) if settings.nats_seed_file else None
    async with operator_of(settings.nats_url, seed) as client:
        consumers = (*CONSUMERS, *party_consumers(directory.destinations, directory.agencies))
        return await streams.apply(client, STREAMS, consumers, replicas)
