"""Sends the demo's referrals through the front doors, as agencies do: HTTP, a CSV file, NATS with the agency's own key."""

import json
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import nats
from nats.js.client import JetStreamContext

from fingerpost_intake.samples import as_csv, demo_referrals, messy_samples
from fingerpost_local.keys import agency_user
from fingerpost_local.nats_accounts import PARTY_PREFIX
from fingerpost_local.running import System
from fingerpost_shared.contracts.streams import submission_subject

CSV = "text/csv"
JSON = "application/json"
MESSY_AGENCY = "council"


@dataclass(frozen=True)
class Sent:
    """What went in: how many submissions by each door, and what the edge refused on the spot."""

    http: int
    csv: int
    nats: int
    messy: int
    refused: tuple[str, ...]


async def send_samples(system: System, seed: int) -> Sent:
    """Send everything once, in its order. Each submission has its receipt when this returns."""
    submissions = demo_referrals(seed)
    refused: list[str] = []
    async with httpx.AsyncClient(base_url=system.url("intake"), timeout=30) as client:
        for agency, channel, referral in submissions:
            if channel == "http":
                answer = await client.post("/v1/referrals", json=referral, headers=_key(system, agency))
                refused += _refusal(answer, f"{agency} {referral['agency_reference']}")
        for agency, referrals in _by_agency(submissions, "csv").items():
            refused += await _post_csv(client, system, agency, as_csv(referrals).encode())
        for agency, referrals in _by_agency(submissions, "nats").items():
            await _publish(system, agency, ((JSON, json.dumps(referral).encode()) for referral in referrals))
        messy = messy_samples()
        for _, content_type, content in messy:
            if content_type.startswith(CSV):
                refused += await _post_csv(client, system, MESSY_AGENCY, content, content_type)
        await _publish(system, MESSY_AGENCY, ((kind, content) for _, kind, content in messy if kind == JSON))
    counts = {door: sum(channel == door for _, channel, _ in submissions) for door in ("http", "csv", "nats")}
    return Sent(**counts, messy=len(messy), refused=tuple(refused))


def _by_agency(submissions: Iterable[tuple[str, str, dict[str, Any]]], door: str) -> dict[str, list[dict[str, Any]]]:
    by_agency: dict[str, list[dict[str, Any]]] = {}
    for agency, channel, referral in submissions:
        if channel == door:
            by_agency.setdefault(agency, []).append(referral)
    return by_agency


async def _post_csv(client: httpx.AsyncClient, system: System, agency: str, content: bytes, content_type: str = CSV) -> list[str]:
    headers = {**_key(system, agency), "Content-Type": content_type}
    return _refusal(await client.post("/v1/batches", content=content, headers=headers), f"{agency} CSV file")


async def _publish(system: System, agency: str, messages: Iterable[tuple[str, bytes]]) -> None:
    """The receipt of each is JetStream's own. The lane is only the sender's claim; intake decides."""
    async with _jetstream(system, agency) as jetstream:
        for content_type, content in messages:
            await jetstream.publish(submission_subject("routine", agency), content, headers={"Content-Type": content_type}, timeout=10)


@asynccontextmanager
async def _jetstream(system: System, agency: str) -> AsyncGenerator[JetStreamContext]:
    seed = system.servers.seeds[agency_user(agency)]
    client = await nats.connect(system.servers.nats_url, nkeys_seed=str(seed), name=f"{agency} (demo)")
    try:
        yield client.jetstream(prefix=PARTY_PREFIX)
    finally:
        await client.close()


def _key(system: System, agency: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {system.servers.keys.api_key(agency)}"}


def _refusal(answer: httpx.Response, what: str) -> list[str]:
    if answer.is_success:
        return []
    title = answer.json().get("title", "") if "json" in answer.headers.get("Content-Type", "") else answer.text[:80]
    return [f"{what}: {answer.status_code} {title}"]
