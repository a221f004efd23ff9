"""Whether everything that was accepted is where it must be: the invariants over the books of all services and the caught mail."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from fingerpost_shared.contracts.queries.digests import DigestAnswer, DigestQuery
from fingerpost_shared.runtime.asking import ask
from fingerpost_shared.runtime.digests import BookName, lacking
from tests.bench.flow import AGENCY
from tests.chaos.agency import Agency
from tests.chaos.process_tree import ProcessTree

_MESSAGE_ID = re.compile(r"^Message-ID: <([^@>]+)@", re.MULTILINE)
_PENDING: tuple[tuple[str, BookName], ...] = (("intake", "referrals"), ("router", "legs"), ("notifier", "legs"))
_NEXT_BOOKS = (
    (("intake", "SELECT id, version FROM referrals"), ("router", "SELECT id, version FROM referrals")),
    (("router", "SELECT id, routed_version FROM legs"), ("notifier", "SELECT id, version FROM legs")),
)


@dataclass(frozen=True)
class Mail:
    """E-mails over all alerts: how many came more than once, and how many may have, by the notifier's own account."""

    alerts: int
    surplus: int
    unseen_attempts: int


async def queues_are_drained(tree: ProcessTree) -> bool:
    """No service has a message left to take or to acknowledge, and no alert waits to be sent or told of (I16)."""
    now = datetime.now(UTC)
    for service, book in _PENDING:
        if (await _ask(tree, service, DigestQuery(book=book, start=now, end=now, step="day"))).pending:
            return False
    waiting = "SELECT (SELECT count(*) FROM alerts WHERE ended_at IS NULL) + (SELECT count(*) FROM unannounced)"
    return await tree.count("notifier", waiting) == 0


async def is_at_rest(tree: ProcessTree) -> bool:
    """The queues are drained, and each book has what the book before it has: nothing that NATS lost is missing any more."""
    for (one, its_query), (other, other_query) in _NEXT_BOOKS:
        if await _pairs(tree, one, its_query) != await _pairs(tree, other, other_query):
            return False
    return await queues_are_drained(tree)


async def violations(tree: ProcessTree, agency: Agency) -> dict[str, object]:
    """Every invariant that does not hold, with what breaks it; empty when all is well."""
    found: dict[str, object] = {
        "I1 accepted, and not in intake's book": await _lost(tree, agency),
        "I1 submissions in the stream, and what intake's book counts": await _uncounted(tree),
        "I1 unreadable pages in quarantine, and as sent": await _unlike(tree, agency.unreadable),
        "I1 updated, and the newest version is not what was sent last": await _outdated(tree, agency),
        "I1 referrals without a decision on their version": await _undecided(tree),
        "I2 decisions on one version twice": await tree.rows(
            "router", "SELECT referral_id, version FROM decisions GROUP BY 1, 2 HAVING count(*) > 1"
        ),
        "I2 referrals without exactly one leg a destination": await tree.rows(
            "router", "SELECT referral_id, destination FROM legs GROUP BY 1, 2 HAVING count(*) > 1"
        ),
        "I2 referrals without a lead": await tree.rows(
            "router", "SELECT id FROM referrals r WHERE NOT EXISTS (SELECT FROM legs WHERE referral_id = r.id AND role = 'lead')"
        ),
        "alerts that are not what the lead legs ask for": await _alerts_amiss(tree),
        "alerts that failed": await tree.rows("notifier", "SELECT id, failure FROM alerts WHERE state <> 'sent'"),
        "intake's referrals that the router lacks": await _lacking(tree, "referrals", "intake", "router"),
        "the router's referrals that intake lacks": await _lacking(tree, "referrals", "router", "intake"),
        "the router's legs that the notifier lacks": await _lacking(tree, "legs", "router", "notifier"),
        "the notifier's legs that the router lacks": await _lacking(tree, "legs", "notifier", "router"),
        "dead letters": (await _stream(tree, "DEAD_LETTERS"))["messages"],
        "I15 alerts mailed oftener than attempts unseen allow": await _mailed_too_often(tree),
    }
    return {name: offenders for name, offenders in found.items() if offenders}


async def mail(tree: ProcessTree) -> Mail:
    """How the caught e-mails compare with the alerts."""
    copies = _copies(tree)
    unseen = await tree.count("notifier", "SELECT coalesce(sum(unseen_attempts), 0)::int FROM alerts")
    return Mail(len(copies), sum(copies.values()) - len(copies), unseen)


async def put_back(tree: ProcessTree) -> tuple[int, int]:
    """How many events intake and the router have published again since they started, because the next book lacked them."""
    intake, router = [await tree.metric(service, "fingerpost_republished_events_total") for service in ("intake", "router")]
    return int(intake), int(router)


async def _pairs(tree: ProcessTree, service: str, query: str) -> set[tuple[object, int]]:
    return {(row[0], row[1]) for row in await tree.rows(service, query)}


async def _lost(tree: ProcessTree, agency: Agency) -> list[str]:
    """Agency references with a receipt that no referral has. The vault is sealed, so ids are computed as intake does."""
    there = {row["id"] for row in await tree.rows("intake", "SELECT id FROM referrals")}
    return [reference for reference in agency.references if tree.referral_id(AGENCY, reference) not in there]


async def _outdated(tree: ProcessTree, agency: Agency) -> list[str]:
    rows = await tree.rows("intake", "SELECT id, facts->'kinds' AS kinds FROM referrals")
    kinds = {row["id"]: json.loads(row["kinds"]) for row in rows}
    identities = {reference: tree.referral_id(AGENCY, reference) for reference in agency.updated}
    return [reference for reference, identity in identities.items() if "serious_violence" not in kinds.get(identity, ())]


async def _undecided(tree: ProcessTree) -> set[tuple[object, int]]:
    referrals = await _pairs(tree, "intake", "SELECT id, version FROM referrals")
    return referrals - await _pairs(tree, "router", "SELECT referral_id, version FROM decisions")


async def _alerts_amiss(tree: ProcessTree) -> set[tuple[object, str]]:
    wanted = await tree.rows("router", "SELECT id, jsonb_array_elements_text(alert) FROM legs WHERE role = 'lead'")
    alerts = await tree.rows("notifier", "SELECT leg_id, agency FROM alerts")
    assert len({tuple(row) for row in alerts}) == len(alerts)
    return {tuple(row) for row in wanted} ^ {tuple(row) for row in alerts}


async def _lacking(tree: ProcessTree, book: BookName, one: str, other: str) -> list[str]:
    end = datetime.now(UTC) + timedelta(minutes=1)
    return await lacking(partial(_ask, tree, one), partial(_ask, tree, other), book, end - timedelta(days=1), end)


async def _ask(tree: ProcessTree, service: str, query: DigestQuery) -> DigestAnswer:
    return await ask(await tree.nats_as("operator"), query, service)


async def _uncounted(tree: ProcessTree) -> tuple[int, int] | None:
    stored = (await _stream(tree, "SUBMISSIONS"))["last_seq"]
    counted = await tree.count("intake", "SELECT count(DISTINCT cause) FROM submissions")
    return None if stored == counted else (stored, counted)


async def _unlike(tree: ProcessTree, unreadable: int) -> tuple[int, int] | None:
    kept = await tree.count("intake", "SELECT count(*) FROM quarantine")
    return None if kept == unreadable else (kept, unreadable)


async def _stream(tree: ProcessTree, name: str) -> dict[str, int]:
    client = await tree.nats_as("operator")
    reply = await client.request(f"$JS.API.STREAM.INFO.{name}", b"", timeout=10)
    return json.loads(reply.data)["state"]


def _copies(tree: ProcessTree) -> Counter[str]:
    lines = (tree.data / "mail" / "mail.jsonl").read_text(encoding="ascii").splitlines()
    return Counter(_MESSAGE_ID.findall("\n".join(json.loads(line)["content"].replace("\r\n", "\n") for line in lines)))


async def _mailed_too_often(tree: ProcessTree) -> list[tuple[str, int, int]]:
    copies = _copies(tree)
    alerts = await tree.rows("notifier", "SELECT id::text, unseen_attempts FROM alerts WHERE state = 'sent'")
    return [(i, copies[i], unseen) for i, unseen in alerts if not 1 <= copies[i] <= 1 + unseen]
